/* edns.h - the OPT of an answer (RFC 6891, 6.1.1: one for every query that had one) and the options in it.
 *
 *   NSID       (RFC 5001) if asked for and configured
 *   COOKIE     (RFC 7873) if one was sent and there are secrets: the client's, and a good one of ours
 *   KEEPALIVE  (RFC 7828) if asked for, on a connection: how long it may be idle
 *   error      (RFC 8914) why the answer is what it is; only if it fits
 *   PADDING    (RFC 7830) if asked for, over TLS: to a multiple of 468 bytes (RFC 8467, 4.1)
 *
 * Room for all but the error is kept from the start, so that records never take it. Part of the query path. */
#ifndef DNSD_EDNS_H
#define DNSD_EDNS_H

#include "dnsd/answer.h"
#include "dnsd/cookie.h"
#include "dnsd/reply.h"

enum {
	EDNS_PLAIN = 11,               /* an OPT without options */
	EDNS_PAD_TO = 468,
	EDNS_UDP_ROOM_MAX = EDNS_PLAIN + 4 + NSID_MAX + 4 + COOKIE_SIZE
};

/* What the OPT of one answer will hold besides its fixed part. */
struct edns {
	uint16_t room;                 /* bytes to keep free for it; 0: no OPT is due */
	uint8_t nsid_size;             /* 0: no NSID */
	bool cookie, padding;
	bool cookie_good;              /* the client sent one of ours: it is where it says it is */
	uint16_t idle_100ms;           /* 0: no keepalive */
	uint16_t more_size;            /* of more: an option as it is; 0: none */
	const uint8_t *more;
	const uint8_t *nsid;
	uint8_t cookie_bytes[COOKIE_SIZE];
};

/* An extended error. */
struct edns_error {
	uint16_t code;                 /* IANA, Extended DNS Error Codes */
	uint16_t text_size;
	const char *text;              /* static; NULL if text_size is 0 */
};
enum { ERROR_OTHER = 0, ERROR_PROHIBITED = 18, ERROR_NOT_AUTHORITATIVE = 20, ERROR_NOT_SUPPORTED = 21 };

void edns_begin_opt(struct edns *e, const struct question *q, const struct snapshot *s, const struct answer_terms *t, const struct addr *client);

/* Decides what the answer to q carries; q as question_read() left it, whatever the RCODE. Inline: queries without EDNS do not pay for it. */
static inline void
edns_begin(struct edns *e, const struct question *q, const struct snapshot *s, const struct answer_terms *t, const struct addr *client)
{
	e->room = 0;
	e->cookie = e->cookie_good = false;
	if (q->edns)
		edns_begin_opt(e, q, s, t, client);
}

/* One more option, whole: code, length, data; lent until edns_write(). Nothing if no OPT is due, or size is 0. */
void edns_add(struct edns *e, const uint8_t *option, uint16_t size);

/* Leaves out all options but the cookie: for answers that must not be larger than what was asked. */
void edns_strip(struct edns *e);

/* Appends the OPT to r, which has e->room bytes left at least, and counts it; nothing if none is due. error may be NULL. Padding
 * counts what will follow: behind bytes (a signature), which r.w does not include. */
void edns_write(struct reply *r, const struct question *q, const struct edns *e, const struct edns_error *error, size_t behind);

#endif
