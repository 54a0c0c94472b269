/* edns.c - the OPT of an answer. */
#include "dnsd/edns.h"

#include <assert.h>

static void
edns_cookie(struct edns *e, const struct question *q, const struct snapshot *s, const struct answer_terms *t, const struct addr *client)
{
	const struct cookie_terms terms = {
		.secrets = s->terms.cookie_secrets, .nsecrets = s->terms.ncookie_secrets, .client = client, .now_s = t->now_s
	};

	if (terms.secrets == NULL || terms.nsecrets == 0)
		return;
	e->cookie = true;
	e->cookie_good = cookie_judge(&terms, q->cookie, q->cookie_size, e->cookie_bytes);
	e->room += 4 + COOKIE_SIZE;
}

/* An idle time of 0 would tell the client to go away: what is not configured is not told. */
static void
edns_keepalive(struct edns *e, unsigned idle_100ms)
{
	if (idle_100ms == 0)
		return;
	e->idle_100ms = idle_100ms < UINT16_MAX ? (uint16_t)idle_100ms : UINT16_MAX;
	e->room += 4 + 2;
}

void
edns_strip(struct edns *e)
{
	e->padding = false;
	e->nsid_size = 0;
	e->idle_100ms = 0;
	e->more_size = 0;
}

void
edns_add(struct edns *e, const uint8_t *option, uint16_t size)
{
	if (e->room == 0 || size == 0)
		return;
	e->more = option;
	e->more_size = size;
	e->room = (uint16_t)(e->room + size);
}

void
edns_begin_opt(struct edns *e, const struct question *q, const struct snapshot *s, const struct answer_terms *t, const struct addr *client)
{
	e->room = EDNS_PLAIN;
	edns_strip(e);
	if (q->nsid && s->nsid_size > 0) {
		e->nsid = s->nsid;
		e->nsid_size = s->nsid_size;
		e->room = (uint16_t)(e->room + 4u + s->nsid_size);
	}
	if (q->cookie != NULL)
		edns_cookie(e, q, s, t, client);
	if (q->keepalive == KEEPALIVE_ASKED && t->transport != TRANSPORT_UDP)
		edns_keepalive(e, s->terms.tcp_idle_100ms);
	if (q->padding && t->transport == TRANSPORT_TLS) {
		e->padding = true;
		e->room += 4;
	}
}

/* ---- options ---- */

static void
edns_option(struct wr *w, enum option code, const void *bytes, size_t size)
{
	wr_u16(w, code);
	wr_u16(w, (unsigned)size);
	wr_bytes(w, bytes, size);
}

/* What explains the answer must not cost it anything: behind what was promised room, if there is any. */
static void
edns_error(struct wr *w, const struct edns_error *error, size_t keep)
{
	if ((size_t)(w->end - w->p) < 4u + 2u + error->text_size + keep)
		return;
	wr_u16(w, OPTION_ERROR);
	wr_u16(w, 2u + error->text_size);
	wr_u16(w, error->code);
	if (error->text_size > 0)
		wr_bytes(w, error->text, error->text_size);
}

/* To the next multiple, or as far as there is room (RFC 8467, 4.1). */
static void
edns_pad(struct wr *w, size_t behind)
{
	size_t size = wr_size(w) + 4 + behind, room = (size_t)(w->end - w->p) - 4;
	size_t padding = (EDNS_PAD_TO - size % EDNS_PAD_TO) % EDNS_PAD_TO;

	if (padding > room)
		padding = room;
	wr_u16(w, OPTION_PADDING);
	wr_u16(w, (unsigned)padding);

	uint8_t *zeros = wr_room(w, padding);

	if (zeros != NULL)
		memset(zeros, 0, padding);
}

static void
edns_options(struct wr *w, const struct edns *e, const struct edns_error *error, size_t behind)
{
	uint8_t idle[2];

	if (e->nsid_size > 0)
		edns_option(w, OPTION_NSID, e->nsid, e->nsid_size);
	if (e->cookie)
		edns_option(w, OPTION_COOKIE, e->cookie_bytes, COOKIE_SIZE);
	if (e->idle_100ms > 0) {
		be16_put(idle, e->idle_100ms);
		edns_option(w, OPTION_KEEPALIVE, idle, sizeof(idle));
	}
	if (e->more_size > 0)
		wr_bytes(w, e->more, e->more_size);
	if (error != NULL)
		edns_error(w, error, e->padding ? 4 : 0);
	if (e->padding)
		edns_pad(w, behind);
}

void
edns_write(struct reply *r, const struct question *q, const struct edns *e, const struct edns_error *error, size_t behind)
{
	static const uint8_t plain[EDNS_PLAIN] = { 0, 0, TYPE_OPT, ANSWER_UDP_MAX >> 8, ANSWER_UDP_MAX & 0xFF };
	struct wr *w = &r->w;
	uint8_t *opt;

	if (e->room == 0)
		return;
	opt = wr_bytes(w, plain, sizeof(plain));
	assert(opt != NULL);                   /* the room was kept */
	opt[5] = (uint8_t)(r->rcode >> 4);     /* behind it: 0, the version we speak */
	be16_put(opt + 7, q->edns_flags);
	if (e->room > EDNS_PLAIN || error != NULL) {
		edns_options(w, e, error, behind);
		assert(!w->full);
		be16_put(opt + 9, (unsigned)(w->p - opt - EDNS_PLAIN));
	}
	r->arcount++;
}
