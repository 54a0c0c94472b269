/* rrbuf.h - inside an RRset under construction. zone.h has the functions. */
#ifndef ZONES_RRBUF_H
#define ZONES_RRBUF_H

#include "zones/zone.h"

enum {
	RRSET_MAX = 65000,             /* with a header and a question it still fits a message */
	RR_FIXED = 12                  /* C00C, type, class, TTL, rdlength */
};

struct rrbuf {
	struct rrset *set;             /* as it will stand in a node; size counts one copy */
	size_t room;                   /* for its bytes */
	uint16_t rrclass;
	uint32_t ttl;
};

/* One RR in the form of struct rrset's bytes. */
struct rr {
	uint32_t ttl;
	uint16_t rdlength;
	const uint8_t *rdata;
};
/* The RR at p; returns what follows it. */
const uint8_t *rr_read(const uint8_t *p, struct rr *rr);

/* rrbuf_add() of what is known not to be there: in a set of thousands, looking takes longer than all else. */
bool rrbuf_append(struct rrbuf *b, const void *rdata, size_t size);
/* Adds all RRs of s, which is not rotated; the lower of the two TTLs becomes all RRs' (RFC 2181, 5.2), except
 * that signatures keep theirs: it is that of what they cover (RFC 4034, 3). false: too large. */
bool rrbuf_add_all(struct rrbuf *b, const struct rrset *s);
/* The TTL for what is added next; all RRs before get it if it is lower, and if it is higher it gets theirs. */
void rrbuf_ttl(struct rrbuf *b, uint32_t ttl);
/* Begins with the RRs of an existing RRset. */
void rrbuf_begin_from(struct rrbuf *b, const struct rrset *s);

#endif
