/* http.c - the http and https checks, by libcurl.
 *
 *   start ─► STARTING ──flush──► RUNNING ──curl is done──► judged: ok, bad status, bad body, tls, ...
 *                                   │
 *                                   └─ enough was read: 64 KiB, or a status that settles it
 *
 * libcurl's multi interface tells us which sockets to watch and when to call; its sockets
 * live in the checker's poller, and so does a timerfd for its timers: all that it does happens in a turn
 * of the checker. Every probe is a connection of its own and a full handshake. Nothing is ever resolved: names
 * in the URL are for the Host header, SNI and the certificate; the connection goes to
 * the interface's address. Deadlines are the scheduler's. */
#include "checker/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "checker/http_run.h"
#include "checker/sock.h"

enum { DUE_ROUNDS = 64 };

struct http {
	struct prober prober;
	struct poller *poller;
	CURLM *multi;
	struct tls_roots *roots;
	struct watch timer;
	int timer_fd;
	bool due;                      /* libcurl wants to be called now */
	struct http_run *idle;         /* runs with their handles, to be used again */
};

/* A socket of libcurl's in our poller. */
struct curl_socket {
	struct watch watch;
	struct http *http;
	curl_socket_t fd;
	bool added;
};

static struct http *
http_of(struct prober *prober)
{
	return (struct http *)prober;
}

/* ---- ends ---- */

static void
run_give(struct http *http, struct http_run *run)
{
	curl_multi_remove_handle(http->multi, run->easy);
	run->probe = NULL;
	run->next = http->idle;
	http->idle = run;
}

static void
http_finish(struct http *http, uint64_t now_us)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		struct http_verdict verdict;
		struct http_run *run = NULL;
		struct probe *p;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &run);
		p = run->probe;
		http_judge(run, message->data.result, &verdict);
		run_give(http, run);
		probe_end(p, now_us, verdict.reason, "%s", verdict.words);
	}
}

/* ---- libcurl and the poller ---- */

static int
timer_set(const struct http *http, struct timespec wait)
{
	struct itimerspec when = { .it_value = wait };

	return timerfd_settime(http->timer_fd, 0, &when, NULL);
}

static void
http_act(struct http *http, curl_socket_t fd, int what, uint64_t now_us)
{
	int running;

	http->due = false;
	curl_multi_socket_action(http->multi, fd, what, &running);
	/* Its timer of 0 ms means "go on": once or twice for each step of a connection. */
	for (int i = 0; http->due && i < DUE_ROUNDS; i++) {
		http->due = false;
		curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	if (http->due)
		timer_set(http, (struct timespec){ .tv_nsec = 1 });
	http_finish(http, now_us);
}

static void
socket_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct curl_socket *s = (struct curl_socket *)w;
	int what = 0;

	if ((events & (EPOLLIN | EPOLLHUP)) != 0)
		what |= CURL_CSELECT_IN;
	if ((events & EPOLLOUT) != 0)
		what |= CURL_CSELECT_OUT;
	if ((events & EPOLLERR) != 0)
		what |= CURL_CSELECT_ERR;
	http_act(s->http, s->fd, what, now_us);
}

static void
timer_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct http *http = (struct http *)((char *)w - offsetof(struct http, timer));
	uint64_t times;

	(void)events;
	if (read(http->timer_fd, &times, sizeof(times)) == sizeof(times))
		http_act(http, CURL_SOCKET_TIMEOUT, 0, now_us);
}

static void
socket_forget(struct http *http, struct curl_socket *s)
{
	if (s == NULL)
		return;
	poller_drop(http->poller, s->fd, &s->watch);
	curl_multi_assign(http->multi, s->fd, NULL);
	free(s);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct curl_socket *s = socket_arg;
	struct http *http = arg;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		socket_forget(http, s);
		return 0;
	}
	if ((what & CURL_POLL_IN) != 0)
		events |= EPOLLIN;
	if ((what & CURL_POLL_OUT) != 0)
		events |= EPOLLOUT;
	if (s != NULL)
		return poller_change(http->poller, fd, events, &s->watch) ? 0 : -1;
	s = mem_alloc(sizeof(*s));
	*s = (struct curl_socket){ .watch = { .ready = socket_ready }, .http = http, .fd = fd };
	if (!poller_add(http->poller, fd, events, &s->watch)) {
		free(s);
		return -1;
	}
	curl_multi_assign(http->multi, fd, s);
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	http->due = timeout_ms == 0;
	if (timeout_ms <= 0)
		return timer_set(http, (struct timespec){ 0 });
	return timer_set(http, (struct timespec){ .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000 });
}

/* ---- the kind ---- */

static bool
http_prepare(struct prober *prober, struct aim *aim, char *error, size_t error_size)
{
	aim->plan = http_plan_new(aim, http_of(prober)->roots, error, error_size);
	return aim->plan != NULL;
}

static void
http_release(struct prober *prober, struct aim *aim)
{
	(void)prober;
	http_plan_free(aim->plan);
	aim->plan = NULL;
}

static void
http_start(struct prober *prober, struct probe *p, uint64_t now_us)
{
	struct http *http = http_of(prober);
	struct http_run *run = http->idle;

	if (run != NULL)
		http->idle = run->next;
	else
		run = http_run_new();
	if (run == NULL || !http_run_begin(run, p) || curl_multi_add_handle(http->multi, run->easy) != CURLM_OK) {
		http_run_free(run);
		probe_end(p, now_us, PROBE_LOCAL, "libcurl: out of memory");
		return;
	}
	p->run = run;
	http->due = true;
}

static void
http_cancel(struct prober *prober, struct probe *p)
{
	run_give(http_of(prober), p->run);
}

static void
http_flush(struct prober *prober, uint64_t now_us)
{
	struct http *http = http_of(prober);

	if (http->due)
		http_act(http, CURL_SOCKET_TIMEOUT, 0, now_us);
}

static void
http_free(struct prober *prober)
{
	struct http *http = http_of(prober);

	while (http->idle != NULL) {
		struct http_run *run = http->idle;

		http->idle = run->next;
		http_run_free(run);
	}
	if (http->multi != NULL)
		curl_multi_cleanup(http->multi);
	if (http->timer_fd >= 0)
		close(http->timer_fd);
	tls_roots_free(http->roots);
	free(http);
	curl_global_cleanup();
}

static bool
http_connect_poller(struct http *http)
{
	http->timer.ready = timer_ready;
	http->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return http->timer_fd >= 0 && (http->poller == NULL || poller_add(http->poller, http->timer_fd, EPOLLIN, &http->timer));
}

struct prober *
http_new(struct poller *poller)
{
	static const struct probe_kind kind = {
		.name = "http", .prepare = http_prepare, .release = http_release, .start = http_start,
		.cancel = http_cancel, .flush = http_flush, .close = http_free,
	};
	struct http *http;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	http = mem_alloc(sizeof(*http));
	http->prober.kind = &kind;
	http->poller = poller;
	http->timer_fd = -1;
	http->roots = tls_roots_new();
	http->multi = curl_multi_init();
	if (http->multi == NULL || !http_connect_poller(http)) {
		http_free(&http->prober);
		return NULL;
	}
	return &http->prober;
}
