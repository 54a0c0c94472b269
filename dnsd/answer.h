/* answer.h - the answer to one message: RFC 1034, 4.3.2 by look-up and copy.
 *
 * Every byte of an answer exists before it is asked for; answer() finds it and
 * copies it behind the question. It allocates nothing, takes no lock, makes no
 * system call and calls no library but memcpy and its kind (tests/querypath.sh
 * reads that off the objects). Whatever the bytes of the query are, the result is
 * a well-formed message or silence.
 *
 * What gets silence (0): fewer than 12 bytes, QR set (an answer is never answered),
 * or no snapshot yet. Everything else gets an RCODE:
 *   FORMERR  not exactly one question; anything in the answer or authority section (but IXFR's SOA);
 *            a question, record, OPT or TSIG that does not parse; two OPTs; an OPT whose owner
 *            is not the root; a TSIG that is not last; bytes behind the last record;
 *            a type that cannot be asked for (0, OPT, TSIG, 128..255 but for those named here)
 *   NOTIMP   an opcode other than QUERY; MAILA, MAILB, TKEY
 *   BADVERS  an EDNS version above 0
 *   NOTAUTH  a TSIG: no keys are known (RFC 8945, 5.2.1: BADKEY, unsigned)
 *   REFUSED  a name outside our zones, AXFR and IXFR, a class other than IN and CH
 *   YXDOMAIN a DNAME whose target would be too long */
#ifndef DNSD_ANSWER_H
#define DNSD_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "dnsd/snapshot.h"

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

enum {
	ANSWER_UDP_MIN = 512,          /* RFC 1035, 4.2.1: without EDNS */
	ANSWER_UDP_MAX = 1232,         /* fits any path of IPv6's minimum MTU: what we announce and never exceed */
	ANSWER_TCP_MAX = 65535
};

/* Writes the answer to the size bytes of query to out and returns its size; 0: none is due. out must not
 * overlap query and holds ANSWER_UDP_MAX bytes (UDP) or ANSWER_TCP_MAX bytes (TCP). Any thread, inside
 * a read section of s; s NULL is answered with silence. */
size_t answer(const struct snapshot *s, enum transport t, const uint8_t *query, size_t size, uint8_t *out);

/* One of many. */
struct answer_job {
	const uint8_t *query;
	size_t size;
	uint8_t *out;
	size_t answered;               /* what answer() returns */
};
/* answer() for n messages. Their names are looked up side by side, which in large zones hides most of the
 * wait for memory. */
void answer_many(const struct snapshot *s, enum transport t, struct answer_job *jobs, unsigned n);

#endif
