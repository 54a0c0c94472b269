/* pack.h - ready-made sections: negative answers and referrals (struct packed).
 *
 * Names are compressed against the base name and against each other as if the
 * question were the base name:
 *
 *     0        12           12 + base_length   + 4
 *     | header | base name  | type, class      | bytes ...
 *
 * A pointer below 12 + base_length means a suffix of the base name; any other
 * means the bytes. Both move when the answer is written: the base name to where
 * it stands in that message (at the end of the question's name, or in an RR of a
 * CNAME chain), the bytes to behind what was written so far. A pointer has 14
 * bits, so nothing beyond the first PACK_REACH of the bytes is pointed at: they
 * may be put anywhere below 16384 - PACK_REACH. */
#ifndef ZONES_PACK_H
#define ZONES_PACK_H

#include "zones/zone.h"

enum {
	PACK_REACH = 4096,
	PACK_MAX = 65000,              /* bytes: with header and question it still fits a message */
	PACK_POINTERS = PACK_MAX / 7,  /* an RR has 14 bytes or more with two pointers, 12 with one */
	PACK_NAMES = 512               /* suffixes remembered: bounds the work that a huge NS set makes */
};

struct pack {                          /* one under construction; lent to the next when done */
	struct packed packed;          /* pointers and bytes point into here */
	uint16_t names;
	struct {
		const uint8_t *name;
		uint16_t offset;       /* in the message */
	} name[PACK_NAMES];
	uint16_t pointers[PACK_POINTERS];
	uint8_t bytes[PACK_MAX];
};

/* The SOA as authority section, its TTL the smaller of its own and its minimum (RFC 2308, 5).
 * soa may be NULL: then the section is empty. The result lives in p until its next use. */
const struct packed *pack_negative(struct pack *p, const uint8_t *apex, const struct rrset *soa);

/* The node at a name of the zone, or NULL. */
typedef const struct node *pack_lookup(void *arg, const uint8_t *name);

/* The referral to a cut: its NS as authority, with its DS if there is one; the addresses of those of its
 * name servers that the zone knows as additional section, those at or below the cut first (RFC 9471). */
const struct packed *pack_referral(struct pack *p, const struct node *cut, pack_lookup *lookup, void *arg);

#endif
