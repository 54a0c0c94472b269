/* answer.h - the answer to one message: RFC 1034, 4.3.2 by look-up and copy.
 *
 * Every byte of an answer exists before it is asked for; answer_many() finds it and
 * copies it behind the question. It allocates nothing, takes no lock, makes no
 * system call and calls no library but memcpy and its kind (tests/querypath.sh
 * reads that off the objects). Whatever the bytes of the query are, the result is
 * a well-formed message or silence.
 *
 * What gets silence (0): fewer than 12 bytes, QR set (an answer is never answered),
 * or no snapshot yet. Everything else gets an RCODE:
 *   FORMERR  not exactly one question; anything in the answer or authority section (but IXFR's SOA);
 *            a question, record, OPT or TSIG that does not parse; two OPTs; an OPT whose owner
 *            is not the root; a cookie of a size that none has, a keepalive with a time; a TSIG that is not last;
 *            bytes behind the last record; a type that cannot be asked for (0, OPT, TSIG, 128..255 but for those named here)
 *   NOTIMP   an opcode other than QUERY, signed or not; MAILA, MAILB, TKEY
 *   BADVERS  an EDNS version above 0
 *   BADCOOKIE no question, and a server cookie that is not ours (RFC 7873, 5.4); above the rate limit, with a client cookie
 *   REFUSED  a name outside our zones, a class other than IN and CH
 *   YXDOMAIN a DNAME whose target would be too long
 *
 * What is signed (TSIG) and parses, asks for a transfer or for a private zone is left aside (aside.h): verifying calls a
 * library. A signature is verified before anything else is found wrong (RFC 8945, 5.2).
 *
 * Over UDP, answers above the rate limit (limit.h) are dropped, or slip: the question goes back with TC and NOERROR, and with an OPT
 * if there was one; to a client with a cookie, with BADCOOKIE and a cookie of ours instead, which exempts it from then on. */
#ifndef DNSD_ANSWER_H
#define DNSD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dnsd/snapshot.h"

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

enum {
	ANSWER_UDP_MIN = 512,          /* RFC 1035, 4.2.1: without EDNS */
	ANSWER_UDP_MAX = 1232,         /* fits any path of IPv6's minimum MTU: what we announce and never exceed */
	ANSWER_TCP_MAX = 65535,
	ANSWER_RESERVE_MAX = 700,      /* a TSIG of the longest names takes 606 */
	ANSWER_OPTION_MAX = 12         /* an Update Lease option (RFC 9664) */
};

/* What a group of messages has in common. */
struct answer_terms {
	enum transport transport;
	uint32_t now_s;                /* wall clock: cookies (RFC 9018, 4.3) */
	uint64_t now_ms;               /* monotonic: rate limiting */
};

struct edns_error;
/* The whole of what an answer tells, whatever was asked: how an update ended (updates.h). */
struct answer_said {
	unsigned rcode;
	const struct edns_error *error;        /* why; NULL: it speaks for itself */
	const uint8_t *option;                 /* one more for the OPT, if there is one: code, length, data; NULL if option_size is 0 */
	uint16_t option_size;                  /* at most ANSWER_OPTION_MAX */
};

struct road;
struct answer_job {
	const uint8_t *query;
	size_t size;
	const struct addr *client;     /* who asks, with port */
	uint8_t *out;                  /* ANSWER_UDP_MAX bytes (UDP) or ANSWER_TCP_MAX bytes, not overlapping query */
	/* Bytes of out to leave free behind the answer, for a signature (aside.c): at most ANSWER_RESERVE_MAX. They count as part of it, but
	 * where not even the question would fit beside them: a signature goes before the client's limit. */
	size_t reserve;
	const struct road *road;       /* in: where an answer goes that another thread makes (handover.h); NULL: there are none */
	const struct answer_said *said;        /* in: NULL: answer what was asked */
	unsigned refuse;               /* in: the RCODE to answer with, whatever was asked; 0: answer what was asked (aside.c) */
	bool trusted;                  /* in: verified, or may see private zones: what would be left aside is answered, and no rate limit holds */
	bool configured;               /* in: from the configured plane (zone.h): who asks may update the zone */
	bool caught_up;                /* in: the zone was numbered for this transfer's sake (aside.c) */
	bool handed;                   /* out, of aside_answer(): its answer comes by its road; answered is 0 */
	bool aside;                    /* out: left for aside_answer(); answered is 0 */
	size_t answered;               /* out: the answer's size; 0: none is due, or it is above the rate limit */
};

struct question;
/* How long the answer to q may be: 512..65535 bytes. */
size_t answer_size_max(const struct question *q, enum transport t);

/* Answers n messages. Their names are looked up side by side, which in large zones hides most of the
 * wait for memory. Any thread, inside a read section of s; s NULL is answered with silence. */
void answer_many(const struct snapshot *s, const struct answer_terms *t, struct answer_job *jobs, unsigned n);

static inline void
answer_one(const struct snapshot *s, const struct answer_terms *t, struct answer_job *job)
{
	answer_many(s, t, job, 1);
}

#endif
