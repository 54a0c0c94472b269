/* reply.h - an answer in the making: the parts that zones hold ready, pasted into a message.
 *
 * Zones pack their bytes as if they stood directly behind a question for their own
 * name. Pasting copies them and moves the compression pointers to where things
 * are in this message; for a plain answer nothing has to move at all.
 *
 * What does not fit sets w.full; answer() then sends the question with TC alone. */
#ifndef DNSD_REPLY_H
#define DNSD_REPLY_H

#include "dnsd/limit.h"
#include "dnsd/question.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

struct reply {
	struct wr w;                   /* the message; its end keeps room for the OPT */
	enum rcode rcode;
	uint16_t flags;                /* AA and TC */
	uint16_t ancount, nscount, arcount;
	const struct zone *configured; /* the zone that is answered from its configured plane (zone.h); NULL: none */
	/* What the answer came from: */
	unsigned node_flags;           /* of the node that answered (zone.h); 0: none did */
	enum limit_kind kind;
	const uint8_t *about;          /* wire form: the node's name, the cut's, the apex for NXDOMAIN; into the zone or the query */
};

/* A name that stands uncompressed in the message. */
struct place {
	uint16_t at;                   /* offset; below 0x4000, so that it can be pointed at */
	uint8_t size;
};

enum { POINTER_MAX = 0x3FFF };         /* RFC 1035, 4.1.4: 14 bits */

/* The RRset as answer of the name at owner: under rotation, the window that is next. */
void reply_rrset(struct reply *r, const struct rrset *set, struct place owner);

/* The same with the names in the data compressed: for the types of RFC 1035, and for sets that end an answer (what is
 * compressed cannot be followed). data[i] is where the i-th RR's data begin in the message, for up to room of them; not under rotation. */
void reply_rrset_compressed(struct reply *r, const struct rrset *set, struct place owner, uint16_t *data, unsigned room);

/* For the additional section, of the name at offset at: the whole set, or nothing where it does not fit. */
void reply_additional(struct reply *r, const struct rrset *set, uint16_t at);

/* A negative answer or a referral for the name, which is at or under the base. Glue is left out from the
 * first RRset that does not fit; TC is then set if some of it was in-domain (RFC 9471, 3.1). Without dnssec the DS is left out. */
void reply_packed(struct reply *r, const struct packed *p, struct place name, bool dnssec);

/* A node of a zone, in the plane that this is answered from. Only a service's name has two. */
static inline const struct node *
reply_node(const struct reply *r, const struct zone *z, const struct node *n)
{
	return z == r->configured ? node_configured(z, n) : n;
}

#endif
