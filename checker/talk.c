/* talk.c - what a tcp check says on its connection: TLS, send, expect.
 *
 *   connected ─► HANDSHAKE ─► SENDING ─► AWAITING ─► ok
 *                    │           │          │
 *                    │           │          ├─► bad reply: 64 KiB, or the end, without a match
 *                    │           └──────────┴─► reset, closed early
 *                    └─► tls, certificate
 *
 * Stages without work are passed through: no `tls`, no `send`, no `expect`. */
#include "checker/talk.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "checker/pattern.h"
#include "checker/sock.h"

enum { WORDS = sizeof(((struct target_view *)0)->detail) };

struct talk_plan {
	SSL_CTX *tls;                  /* NULL: in clear */
	char *name;                    /* for SNI; NULL: none */
	char *send;                    /* NULL: nothing */
	size_t send_length;
	struct pattern *expect;        /* NULL: nothing */
};

enum stage { HANDSHAKE, SENDING, AWAITING, DONE };

struct talk {
	struct probe *probe;
	const struct talk_plan *plan;
	struct poller *poller;
	enum stage stage;
	SSL *ssl;                      /* NULL: in clear */
	size_t sent;
	char *reply;
	size_t length;
	uint32_t budget;
	uint32_t waiting;              /* what the poller waits for */
};

/* How a step went: ON to the next, WAIT for the events, or the probe has ENDED. */
enum step { ON, WAIT, ENDED };

/* ---- plan ---- */

void
talk_release(struct talk_plan *plan)
{
	if (plan == NULL)
		return;
	SSL_CTX_free(plan->tls);
	pattern_free(plan->expect);
	free(plan->name);
	free(plan->send);
	free(plan);
}

static bool
is_address(const char *host)
{
	struct addr a;

	return addr_parse(host, &a);
}

/* The certificate has to be for the host of the check, or else for the address. */
static bool
plan_verify(struct talk_plan *plan, const struct aim *aim, struct tls_roots *roots, char *error, size_t error_size)
{
	const struct conf_check *check = aim->conf->check;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(plan->tls);
	char address[ADDR_TEXT];
	const char *name = check->host != NULL ? check->host : addr_format(&aim->to, address);
	X509_STORE *store;

	if (!check->verify)
		return true;
	store = tls_roots_get(roots, check->ca, error, error_size);
	if (store == NULL)
		return false;
	SSL_CTX_set_cert_store(plan->tls, store);
	SSL_CTX_set_verify(plan->tls, SSL_VERIFY_PEER, NULL);
	if ((is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name) : X509_VERIFY_PARAM_set1_host(param, name, 0)) == 1)
		return true;
	snprintf(error, error_size, "check %s: %s is no name for a certificate", check->name, name);
	return false;
}

static bool
plan_tls(struct talk_plan *plan, const struct aim *aim, struct tls_roots *roots, char *error, size_t error_size)
{
	const struct conf_check *check = aim->conf->check;

	plan->tls = SSL_CTX_new(TLS_client_method());
	if (plan->tls == NULL) {
		snprintf(error, error_size, "out of memory");
		return false;
	}
	SSL_CTX_set_session_cache_mode(plan->tls, SSL_SESS_CACHE_OFF);
	if (check->host != NULL && !is_address(check->host))
		plan->name = mem_text(check->host);
	return plan_verify(plan, aim, roots, error, error_size);
}

bool
talk_prepare(const struct aim *aim, struct tls_roots *roots, struct talk_plan **out, char *error, size_t error_size)
{
	const struct conf_check *check = aim->conf->check;
	struct talk_plan *plan;

	if (!check->tls && check->send == NULL && check->expect == NULL)
		return true;
	plan = mem_alloc(sizeof(*plan));
	plan->send = mem_text(check->send);
	plan->send_length = check->send != NULL ? strlen(check->send) : 0;
	if ((check->tls && !plan_tls(plan, aim, roots, error, error_size)) ||
	    (check->expect != NULL && (plan->expect = pattern_new(check->expect, error, error_size)) == NULL)) {
		talk_release(plan);
		return false;
	}
	*out = plan;
	return true;
}

/* ---- ends ---- */

static void
talk_free(struct talk *t)
{
	t->probe->run = NULL;
	SSL_free(t->ssl);
	free(t->reply);
	free(t);
}

static enum step
talk_end(struct talk *t, uint64_t now_us, enum probe_reason reason, const char *words)
{
	struct probe *p = t->probe;

	talk_free(t);
	sock_reset(p->fd);
	p->fd = -1;
	probe_end(p, now_us, reason, "%s", words);
	return ENDED;
}

void
talk_cancel(struct probe *p)
{
	if (p->run != NULL)
		talk_free(p->run);
}

/* The peer has ended the connection. */
static enum step
talk_closed(struct talk *t, uint64_t now_us)
{
	char words[WORDS];

	if (t->length == 0)
		return talk_end(t, now_us, PROBE_CLOSED, "");
	snprintf(words, sizeof(words), "%zu bytes and the end, and no match", t->length);
	return talk_end(t, now_us, PROBE_BAD_REPLY, words);
}

static enum step
talk_errno(struct talk *t, uint64_t now_us, int error)
{
	return error == 0 ? talk_closed(t, now_us) : talk_end(t, now_us, probe_reason_network(error), strerror(error));
}

static enum step
talk_wait(struct talk *t, uint64_t now_us, uint32_t events)
{
	if (t->waiting == events)
		return WAIT;
	t->waiting = events;
	if (poller_change(t->poller, t->probe->fd, events, &t->probe->watch))
		return WAIT;
	return talk_end(t, now_us, PROBE_LOCAL, strerror(errno));
}

/* What an SSL_* call that did not succeed means. */
static enum step
talk_tls_result(struct talk *t, int rc, uint64_t now_us)
{
	int error = errno;
	unsigned long code;
	long verified;

	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return talk_wait(t, now_us, EPOLLIN);
	case SSL_ERROR_WANT_WRITE:
		return talk_wait(t, now_us, EPOLLOUT);
	case SSL_ERROR_ZERO_RETURN:
		return talk_closed(t, now_us);
	case SSL_ERROR_SYSCALL:
		return talk_errno(t, now_us, error);
	}
	verified = SSL_get_verify_result(t->ssl);
	if (verified != X509_V_OK)
		return talk_end(t, now_us, PROBE_CERTIFICATE, X509_verify_cert_error_string(verified));
	code = ERR_peek_error();
	if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return talk_closed(t, now_us);
	return talk_end(t, now_us, PROBE_TLS, code != 0 ? ERR_reason_error_string(code) : "");
}

/* ---- steps ---- */

static enum step
talk_handshake(struct talk *t, uint64_t now_us)
{
	const struct conf_check *check = t->probe->aim->conf->check;
	char words[WORDS];
	int rc;

	if (t->ssl == NULL)
		return ON;
	ERR_clear_error();
	errno = 0;
	rc = SSL_connect(t->ssl);
	if (rc != 1)
		return talk_tls_result(t, rc, now_us);
	if (tls_expires(t->ssl, check->expires_within_us, words, sizeof(words)))
		return talk_end(t, now_us, PROBE_CERTIFICATE, words);
	return ON;
}

static enum step
talk_send(struct talk *t, uint64_t now_us)
{
	while (t->sent < t->plan->send_length) {
		const char *rest = t->plan->send + t->sent;
		size_t left = t->plan->send_length - t->sent;
		ssize_t n;

		ERR_clear_error();
		errno = 0;
		if (t->ssl != NULL)
			n = SSL_write(t->ssl, rest, left > INT32_MAX ? INT32_MAX : (int)left);
		else
			n = send(t->probe->fd, rest, left, MSG_NOSIGNAL);
		if (n > 0)
			t->sent += (size_t)n;
		else if (t->ssl != NULL)
			return talk_tls_result(t, (int)n, now_us);
		else if (errno == EAGAIN)
			return talk_wait(t, now_us, EPOLLOUT);
		else if (errno != EINTR)
			return talk_errno(t, now_us, errno);
	}
	return ON;
}

static enum step
talk_match(struct talk *t, uint64_t now_us)
{
	char words[WORDS];

	switch (pattern_match(t->plan->expect, t->reply, t->length, &t->budget)) {
	case PATTERN_YES:
		return ON;
	case PATTERN_GAVE_UP:
		snprintf(words, sizeof(words), "matching was given up after %d steps", PATTERN_BUDGET);
		return talk_end(t, now_us, PROBE_BAD_REPLY, words);
	default:
		break;
	}
	if (t->length < PATTERN_ROOM)
		return WAIT;
	snprintf(words, sizeof(words), "the first %zu bytes do not match", t->length);
	return talk_end(t, now_us, PROBE_BAD_REPLY, words);
}

static enum step
talk_receive(struct talk *t, uint64_t now_us)
{
	enum step step;
	ssize_t n;

	if (t->plan->expect == NULL)
		return ON;
	if (t->reply == NULL)
		t->reply = mem_alloc(PATTERN_ROOM);
	do {
		ERR_clear_error();
		errno = 0;
		if (t->ssl != NULL)
			n = SSL_read(t->ssl, t->reply + t->length, (int)(PATTERN_ROOM - t->length));
		else
			n = recv(t->probe->fd, t->reply + t->length, PATTERN_ROOM - t->length, 0);
		if (n <= 0)
			break;
		t->length += (size_t)n;
		step = talk_match(t, now_us);
	} while (step == WAIT);
	if (n > 0)
		return step;
	if (t->ssl != NULL)
		return talk_tls_result(t, (int)n, now_us);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return talk_wait(t, now_us, EPOLLIN);
	return talk_errno(t, now_us, n < 0 ? errno : 0);
}

static void
talk_go(struct talk *t, uint64_t now_us)
{
	static enum step (*const steps[])(struct talk *, uint64_t) = {
		[HANDSHAKE] = talk_handshake, [SENDING] = talk_send, [AWAITING] = talk_receive,
	};
	enum step step = ON;

	while (t->stage < DONE && (step = steps[t->stage](t, now_us)) == ON)
		t->stage++;
	if (step == ON)
		talk_end(t, now_us, PROBE_OK, "");
}

static void
talk_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct probe *p = (struct probe *)((char *)w - offsetof(struct probe, watch));

	(void)events;                          /* errors are what the next call says */
	talk_go(p->run, now_us);
}

static bool
talk_tls_new(struct talk *t)
{
	t->ssl = SSL_new(t->plan->tls);
	return t->ssl != NULL && SSL_set_fd(t->ssl, t->probe->fd) == 1 &&
	    (t->plan->name == NULL || SSL_set_tlsext_host_name(t->ssl, t->plan->name) == 1);
}

void
talk_start(const struct talk_plan *plan, struct poller *poller, struct probe *p, uint64_t now_us)
{
	struct talk *t = mem_alloc(sizeof(*t));

	assert(p->run == NULL);
	*t = (struct talk){ .probe = p, .plan = plan, .poller = poller, .budget = PATTERN_BUDGET, .waiting = EPOLLOUT };
	p->run = t;
	p->watch.ready = talk_ready;
	if (plan->tls != NULL && !talk_tls_new(t))
		talk_end(t, now_us, PROBE_LOCAL, "out of memory for TLS");
	else
		talk_go(t, now_us);
}
