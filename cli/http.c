/* http.c - the daemon's API over its Unix socket, by libcurl.
 *
 * A call is one easy handle. The event stream is an easy handle inside a multi handle, so that
 * its user reads it line by line, with a deadline, and makes calls in between. */
#include "cli/http.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

/* The connection itself is local: it is there at once or not at all. */
enum { CONNECT_MS = 3000 };

struct http {
	char *socket_path;
	CURL *easy;                    /* kept for its connection */
};

/* Bytes that came in; always NUL-terminated once there are any. */
struct bytes {
	char *at;
	size_t count, room;
};

static size_t
bytes_add(char *from, size_t one, size_t n, void *arg)
{
	struct bytes *b = arg;

	n *= one;
	if (n > REPLY_MAX - b->count)
		return 0;
	if (b->count + n + 1 > b->room) {
		b->room = 2 * (b->count + n + 1);
		b->at = realloc(b->at, b->room);
		if (b->at == NULL)
			abort();
	}
	memcpy(b->at + b->count, from, n);
	b->count += n;
	b->at[b->count] = '\0';
	return n;
}

struct http *
http_new(const char *socket_path)
{
	struct http *h = mem_alloc(sizeof(*h));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	h->socket_path = mem_text(socket_path);
	h->easy = curl_easy_init();
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->easy);
	curl_global_cleanup();
	free(h->socket_path);
	free(h);
}

const char *
http_socket(const struct http *h)
{
	return h->socket_path;
}

static void
easy_prepare(const struct http *h, CURL *easy, const char *method, const char *path)
{
	char *url = mem_printf("http://homing%s", path);

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, h->socket_path);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	free(url);
}

int
http_call(struct http *h, const char *method, const char *path, const json_t *body, uint64_t timeout_us, json_t **reply)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
	char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	struct bytes in = { .at = NULL };
	long status = HTTP_NO_DAEMON;

	easy_prepare(h, h->easy, method, path);
	curl_easy_setopt(h->easy, CURLOPT_TIMEOUT_MS, (long)(timeout_us / US_PER_MS));
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, bytes_add);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, &in);
	if (text != NULL || strcmp(method, "GET") != 0) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, text != NULL ? text : "");
	}
	if (curl_easy_perform(h->easy) == CURLE_OK)
		curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	*reply = in.at != NULL ? json_loadb(in.at, in.count, 0, NULL) : NULL;
	free(in.at);
	free(text);
	curl_slist_free_all(headers);
	return (int)status;
}

/* An upload under way. */
struct upload {
	size_t size;
	void (*progress)(void *arg, size_t sent, size_t size);
	void *arg;
};

static int
upload_progress(void *arg, curl_off_t down, curl_off_t downloaded, curl_off_t up, curl_off_t uploaded)
{
	const struct upload *u = arg;

	(void)down;
	(void)downloaded;
	(void)up;
	u->progress(u->arg, (size_t)uploaded, u->size);
	return 0;
}

int
http_upload(struct http *h, const char *path, const char *type, const char *bytes, size_t size,
    void (*progress)(void *arg, size_t sent, size_t size), void *arg, json_t **reply)
{
	char *header = mem_printf("Content-Type: %s", type);
	struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, header), "Expect:");
	struct upload u = { size, progress, arg };
	struct bytes in = { .at = NULL };
	long status = HTTP_NO_DAEMON;

	easy_prepare(h, h->easy, "PUT", path);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, bytes_add);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, &in);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, bytes);
	curl_easy_setopt(h->easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(h->easy, CURLOPT_XFERINFOFUNCTION, upload_progress);
	curl_easy_setopt(h->easy, CURLOPT_XFERINFODATA, &u);
	if (curl_easy_perform(h->easy) == CURLE_OK)
		curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	*reply = in.at != NULL ? json_loadb(in.at, in.count, 0, NULL) : NULL;
	free(in.at);
	free(header);
	curl_slist_free_all(headers);
	return (int)status;
}

/* A body under way: to the file if it is what was asked for, else kept. */
struct download {
	CURL *easy;
	FILE *to;
	struct bytes error;
};

static size_t
download_add(char *from, size_t one, size_t n, void *arg)
{
	struct download *d = arg;
	long status = 0;

	curl_easy_getinfo(d->easy, CURLINFO_RESPONSE_CODE, &status);
	return status / 100 == 2 ? fwrite(from, one, n, d->to) * one : bytes_add(from, one, n, &d->error);
}

int
http_download(struct http *h, const char *path, FILE *to, json_t **error)
{
	struct download d = { .easy = h->easy, .to = to };
	long status = HTTP_NO_DAEMON;
	CURLcode code;

	easy_prepare(h, h->easy, "GET", path);
	curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, download_add);
	curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, &d);
	code = curl_easy_perform(h->easy);
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	*error = d.error.at != NULL ? json_loadb(d.error.at, d.error.count, 0, NULL) : NULL;
	free(d.error.at);
	if (code != CURLE_OK && status != HTTP_NO_DAEMON)
		return HTTP_CUT_OFF;
	return (int)status;
}

/* Appends text to out; every byte but RFC 3986's unreserved as %XX. */
static void
encode(struct bytes *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char coded[4];

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL) {
			bytes_add((char *)text, 1, 1, out);
		} else {
			snprintf(coded, sizeof(coded), "%%%02X", (unsigned)(unsigned char)*text);
			bytes_add(coded, 1, 3, out);
		}
}

char *
http_path(const char *fmt, ...)
{
	struct bytes out = { .at = NULL };
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++)
		if (fmt[0] == '%' && fmt[1] == 's') {
			encode(&out, va_arg(ap, const char *));
			fmt++;
		} else {
			bytes_add((char *)fmt, 1, 1, &out);
		}
	va_end(ap);
	return out.at;
}

/* ---- the event stream ---- */

struct stream {
	CURLM *multi;
	CURL *easy;
	struct bytes in;               /* what is not read yet */
	size_t read;                   /* of in */
	curl_socket_t fd;              /* CURL_SOCKET_BAD: none yet */
	bool open;
};

/* libcurl names a transfer's socket only when that is over. */
static curl_socket_t
stream_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct stream *s = arg;

	(void)purpose;
	s->fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	return s->fd;
}

struct stream *
stream_open(struct http *h)
{
	struct stream *s = mem_alloc(sizeof(*s));

	s->multi = curl_multi_init();
	s->easy = curl_easy_init();
	s->fd = CURL_SOCKET_BAD;
	easy_prepare(h, s->easy, "GET", "/v1/events");
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETFUNCTION, stream_socket);
	curl_easy_setopt(s->easy, CURLOPT_OPENSOCKETDATA, s);
	curl_easy_setopt(s->easy, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, bytes_add);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, &s->in);
	curl_multi_add_handle(s->multi, s->easy);
	return s;
}

void
stream_close(struct stream *s)
{
	if (s == NULL)
		return;
	curl_multi_remove_handle(s->multi, s->easy);
	curl_easy_cleanup(s->easy);
	curl_multi_cleanup(s->multi);
	free(s->in.at);
	free(s);
}

/* The next whole line, without its end; NULL: none has come yet. Good until more comes in. */
static char *
stream_line(struct stream *s)
{
	char *line, *end;

	if (s->read == s->in.count)
		s->read = s->in.count = 0;
	if (s->in.count == 0)
		return NULL;
	line = s->in.at + s->read;
	end = memchr(line, '\n', s->in.count - s->read);
	if (end == NULL)
		return NULL;
	*end = '\0';
	s->read = (size_t)(end - s->in.at) + 1;
	return line;
}

/* What the lines at hand bring. False: nothing yet. The daemon's first line, a comment, says that it listens. */
static bool
stream_read(struct stream *s, enum stream_news *news, json_t **event)
{
	char *line;

	while ((line = stream_line(s)) != NULL) {
		if (!s->open) {
			s->open = true;
			*news = STREAM_OPEN;
			return true;
		}
		if (strncmp(line, "data:", 5) == 0 && (*event = json_loads(line + 5, 0, NULL)) != NULL) {
			*news = STREAM_EVENT;
			return true;
		}
	}
	return false;
}

enum stream_news
stream_next(struct stream *s, uint64_t deadline_us, json_t **event)
{
	enum stream_news news;
	int running = 1;

	*event = NULL;
	for (;;) {
		uint64_t now_us = clock_mono_us();
		int wait_ms = 1000;

		if (curl_multi_perform(s->multi, &running) != CURLM_OK)
			return STREAM_END;
		if (stream_read(s, &news, event))
			return news;
		if (running == 0)
			return STREAM_END;
		if (deadline_us != 0 && now_us >= deadline_us)
			return STREAM_TIMEOUT;
		if (deadline_us != 0 && deadline_us - now_us < 1000 * US_PER_MS)
			wait_ms = (int)((deadline_us - now_us + US_PER_MS - 1) / US_PER_MS);
		curl_multi_poll(s->multi, NULL, 0, wait_ms, NULL);
	}
}

pid_t
stream_peer(struct stream *s)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (s->fd == CURL_SOCKET_BAD || getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return 0;
	return peer.pid;
}
