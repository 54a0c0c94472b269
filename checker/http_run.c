/* http_run.c - one request: what is asked, and what the answer is worth. */
#include "checker/http_run.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/clock.h"
#include "checker/sock.h"

struct http_plan {
	char *url;
	struct curl_slist *connect_to; /* every name leads to the one address */
	struct curl_slist *headers;
	struct pattern *body;          /* NULL: any */
	X509_STORE *roots;             /* NULL: the certificate is not verified */
	bool secure;
};

/* ---- plan ---- */

void
http_plan_free(struct http_plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->url);
	curl_slist_free_all(plan->connect_to);
	curl_slist_free_all(plan->headers);
	pattern_free(plan->body);
	X509_STORE_free(plan->roots);
	free(plan);
}

/* The address as a URL has it. */
static char *
address_text(const struct addr *a, char *text)
{
	char bare[ADDR_TEXT];

	addr_format(a, bare);
	snprintf(text, ADDR_TEXT, a->family == 6 ? "[%.45s]" : "%.45s", bare);
	return text;
}

static void
plan_url(struct http_plan *plan, const struct aim *aim)
{
	const struct conf_check *check = aim->conf->check;
	char address[ADDR_TEXT], *to;
	const char *path = check->path != NULL ? check->path : "/";

	address_text(&aim->to, address);
	plan->url = mem_printf("%s://%s:%u%s%s", plan->secure ? "https" : "http", check->host != NULL ? check->host : address,
	    aim->to.port, path[0] == '/' ? "" : "/", path);
	to = mem_printf("::%s:%u", address, aim->to.port);
	plan->connect_to = curl_slist_append(NULL, to);
	free(to);
}

static bool
plan_headers(struct http_plan *plan, const struct conf_check *check)
{
	for (size_t i = 0; i < check->nheaders; i++) {
		struct curl_slist *more = curl_slist_append(plan->headers, check->headers[i]);

		if (more == NULL)
			return false;
		plan->headers = more;
	}
	return true;
}

struct http_plan *
http_plan_new(const struct aim *aim, struct tls_roots *roots, char *error, size_t error_size)
{
	const struct conf_check *check = aim->conf->check;
	struct http_plan *plan = mem_alloc(sizeof(*plan));

	plan->secure = check->type == CHECK_HTTPS;
	plan_url(plan, aim);
	if (plan->connect_to == NULL || !plan_headers(plan, check)) {
		snprintf(error, error_size, "out of memory");
		http_plan_free(plan);
		return NULL;
	}
	if ((check->body != NULL && (plan->body = pattern_new(check->body, error, error_size)) == NULL) ||
	    (plan->secure && check->verify && (plan->roots = tls_roots_get(roots, check->ca, error, error_size)) == NULL)) {
		http_plan_free(plan);
		return NULL;
	}
	return plan;
}

/* ---- judging ---- */

static bool
status_accepted(const struct conf_check *check, long status)
{
	if (check->nstatus == 0)
		return status >= 200 && status <= 299;
	for (size_t i = 0; i < check->nstatus; i++)
		if (status >= (long)check->status[i].from && status <= (long)check->status[i].to)
			return true;
	return false;
}

static void
status_words(const struct conf_check *check, long status, char *words)
{
	int n = snprintf(words, HTTP_WORDS, "%ld is not in %s", status, check->nstatus == 0 ? "200-299" : "");

	for (size_t i = 0; i < check->nstatus && n > 0 && n < HTTP_WORDS; i++) {
		const struct conf_status *s = &check->status[i];
		const char *comma = i > 0 ? ", " : "";

		if (s->from == s->to)
			n += snprintf(words + n, (size_t)(HTTP_WORDS - n), "%s%u", comma, s->from);
		else
			n += snprintf(words + n, (size_t)(HTTP_WORDS - n), "%s%u-%u", comma, s->from, s->to);
	}
}

static long
run_status(const struct http_run *run)
{
	long status = 0;

	curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static enum probe_reason
judge_body(const struct http_run *run, char *words)
{
	uint32_t budget = PATTERN_BUDGET;

	if (run->plan->body == NULL)
		return PROBE_OK;
	switch (pattern_match(run->plan->body, run->body != NULL ? run->body : "", run->length, &budget)) {
	case PATTERN_YES:
		return PROBE_OK;
	case PATTERN_NO:
		snprintf(words, HTTP_WORDS, "%zu bytes%s do not match", run->length, run->enough ? " (the first)" : "");
		return PROBE_BAD_BODY;
	default:
		snprintf(words, HTTP_WORDS, "matching was given up after %d steps", PATTERN_BUDGET);
		return PROBE_BAD_BODY;
	}
}

static enum probe_reason
judge_answer(const struct http_run *run, char *words)
{
	const struct conf_check *check = run->probe->aim->conf->check;
	long status = run_status(run), version = 0;

	words[0] = '\0';
	curl_easy_getinfo(run->easy, CURLINFO_HTTP_VERSION, &version);
	if (check->http_version == HTTP_2 && version != CURL_HTTP_VERSION_2_0) {
		snprintf(words, HTTP_WORDS, "the server does not speak HTTP/2");
		return PROBE_BAD_REPLY;
	}
	if (!status_accepted(check, status)) {
		status_words(check, status, words);
		return PROBE_BAD_STATUS;
	}
	return judge_body(run, words);
}

static void
say(char *words, const char *text)
{
	snprintf(words, HTTP_WORDS, "%.*s", HTTP_WORDS - 1, text);
}

/* Why the connection broke: errno where libcurl has one, else what it was doing tells. */
static enum probe_reason
judge_errno(const struct http_run *run, enum probe_reason otherwise, char *words)
{
	long error = 0;

	curl_easy_getinfo(run->easy, CURLINFO_OS_ERRNO, &error);
	if (error == 0) {
		say(words, run->error);
		return otherwise;
	}
	say(words, error == ECONNREFUSED ? "" : strerror((int)error));
	return probe_reason_network((int)error);
}

static enum probe_reason
judge_failure(const struct http_run *run, CURLcode code, char *words)
{
	say(words, run->error[0] != '\0' ? run->error : curl_easy_strerror(code));
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		return judge_errno(run, PROBE_UNREACHABLE, words);
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return judge_errno(run, PROBE_CLOSED, words);
	case CURLE_SSL_CONNECT_ERROR:
		return judge_errno(run, PROBE_TLS, words);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_HTTP2_STREAM:
		return PROBE_CLOSED;
	case CURLE_OPERATION_TIMEDOUT:
		return PROBE_TIMED_OUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return PROBE_CERTIFICATE;
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_SHUTDOWN_FAILED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CERTPROBLEM:
		return PROBE_TLS;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
		return PROBE_LOCAL;
	default:
		return PROBE_BAD_REPLY;
	}
}

void
http_judge(const struct http_run *run, CURLcode code, struct http_verdict *out)
{
	out->words[0] = '\0';
	if (run->local[0] != '\0') {
		out->reason = PROBE_LOCAL;
		say(out->words, run->local);
	} else if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && run->enough)) {
		out->reason = judge_failure(run, code, out->words);
	} else if (run->certificate[0] != '\0') {
		out->reason = PROBE_CERTIFICATE;
		say(out->words, run->certificate);
	} else {
		out->reason = judge_answer(run, out->words);
	}
}

/* ---- what libcurl calls while a request is under way ---- */

static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_run *run = arg;
	int fd = sock_open(run->probe->aim, address->socktype, address->protocol, run->local, sizeof(run->local));

	(void)purpose;
	return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

/* By RST: thousands of probes must not leave thousands of TIME_WAITs. */
static int
on_close(void *arg, curl_socket_t fd)
{
	(void)arg;
	sock_reset(fd);
	return 0;
}

/* The first header is the first moment at which the handshake is known to be over. */
static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct http_run *run = arg;
	uint64_t within = run->probe->aim->conf->check->expires_within_us;
	struct curl_tlssessioninfo *tls = NULL;

	(void)data;
	if (within == 0 || !run->plan->secure || run->certificate_seen)
		return size * count;
	run->certificate_seen = true;
	if (curl_easy_getinfo(run->easy, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls != NULL && tls->internals != NULL)
		tls_expires(tls->internals, within, run->certificate, sizeof(run->certificate));
	return size * count;
}

static size_t
on_body(char *data, size_t size, size_t count, void *arg)
{
	struct http_run *run = arg;
	size_t take = size * count, left = PATTERN_ROOM - run->length;

	if (take > left)
		take = left;
	if (run->body == NULL)
		run->body = mem_alloc(PATTERN_ROOM);
	memcpy(run->body + run->length, data, take);
	run->length += take;
	run->enough = run->length == PATTERN_ROOM || !status_accepted(run->probe->aim->conf->check, run_status(run));
	return run->enough ? 0 : size * count;
}

static CURLcode
on_tls(CURL *easy, void *context, void *arg)
{
	const struct http_run *run = arg;

	(void)easy;
	if (run->plan->roots != NULL)
		SSL_CTX_set1_cert_store(context, run->plan->roots);
	return CURLE_OK;
}

/* ---- a request ---- */

struct http_run *
http_run_new(void)
{
	struct http_run *run = mem_alloc(sizeof(*run));

	run->easy = curl_easy_init();
	if (run->easy != NULL)
		return run;
	free(run);
	return NULL;
}

void
http_run_free(struct http_run *run)
{
	if (run == NULL)
		return;
	curl_easy_cleanup(run->easy);
	free(run->body);
	free(run);
}

static long
version_option(const struct conf_check *check)
{
	switch (check->http_version) {
	case HTTP_1_0:
		return CURL_HTTP_VERSION_1_0;
	case HTTP_1_1:
		return CURL_HTTP_VERSION_1_1;
	case HTTP_2:
		return check->type == CHECK_HTTPS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	default:
		return CURL_HTTP_VERSION_NONE;
	}
}

static void
set_method(CURL *easy, const char *method)
{
	if (method == NULL || strcmp(method, "GET") == 0)
		return;
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

/* Only this address, this protocol, this once: nothing from the environment or from probes before. */
static void
set_isolation(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "homing/" HOMING_VERSION);
}

static void
set_callbacks(struct http_run *run)
{
	curl_easy_setopt(run->easy, CURLOPT_PRIVATE, run);
	curl_easy_setopt(run->easy, CURLOPT_ERRORBUFFER, run->error);
	curl_easy_setopt(run->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(run->easy, CURLOPT_OPENSOCKETDATA, run);
	curl_easy_setopt(run->easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	curl_easy_setopt(run->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(run->easy, CURLOPT_HEADERDATA, run);
	curl_easy_setopt(run->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(run->easy, CURLOPT_WRITEDATA, run);
}

static void
set_tls(struct http_run *run)
{
	if (!run->plan->secure)
		return;
	curl_easy_setopt(run->easy, CURLOPT_SSL_VERIFYPEER, run->plan->roots != NULL ? 1L : 0L);
	curl_easy_setopt(run->easy, CURLOPT_SSL_VERIFYHOST, run->plan->roots != NULL ? 2L : 0L);
	/* libcurl would read the system's certificates for every handshake: ours are loaded once. Its own
	 * cache has to be off: it would put the first probe's roots in the place of everybody's. */
	curl_easy_setopt(run->easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(run->easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(run->easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(run->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(run->easy, CURLOPT_SSL_CTX_DATA, run);
}

bool
http_run_begin(struct http_run *run, struct probe *p)
{
	const struct conf_check *check = p->aim->conf->check;
	const struct http_plan *plan = p->aim->plan;

	run->probe = p;
	run->plan = plan;
	run->length = 0;
	run->enough = run->certificate_seen = false;
	run->certificate[0] = run->local[0] = run->error[0] = '\0';
	curl_easy_reset(run->easy);
	set_isolation(run->easy);
	set_callbacks(run);
	set_method(run->easy, check->method);
	set_tls(run);
	curl_easy_setopt(run->easy, CURLOPT_HTTP_VERSION, version_option(check));
	/* The deadline is the scheduler's; this only keeps libcurl's own 300 s out of it. */
	curl_easy_setopt(run->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(2 * (check->timeout_us / US_PER_MS) + 1000));
	return curl_easy_setopt(run->easy, CURLOPT_CONNECT_TO, plan->connect_to) == CURLE_OK &&
	    curl_easy_setopt(run->easy, CURLOPT_HTTPHEADER, plan->headers) == CURLE_OK &&
	    curl_easy_setopt(run->easy, CURLOPT_URL, plan->url) == CURLE_OK;
}
