/* draft.h - an RRset while an update works on it.
 *
 * Its RRs stay where they are, in the zone, in what is staged or in the update, all of which outlive it: a draft is a list of them. Where
 * there are many and they are looked for more than a few times, it has an index of their rdata too, so that thousands of changes of
 * thousands of RRs cost no more each than one does, and one change of many RRs is not the price of an index. */
#ifndef DNSD_DRAFT_H
#define DNSD_DRAFT_H

#include "dnsd/places.h"
#include "dnsd/view.h"

struct draft {
	uint16_t type;
	uint32_t ttl;                  /* of all; void without any */
	uint32_t count;                /* RRs there are */
	uint32_t size;                 /* that they take in an RRset (zones/rrbuf.h) */
	struct draft_rr {
		const uint8_t *rdata;
		uint16_t size;
		bool gone;
	} *rrs;
	uint32_t nrrs;                 /* those that are gone included */
	uint32_t looks;                /* through all of them */
	struct places index;           /* of those that are there; empty without */
	bool touched;                  /* since draft_begin() or draft_fill() */
};

void draft_begin(struct draft *d, uint16_t type);      /* empty */
void draft_fill(struct draft *d, const struct staged *s, struct view_set set);
void draft_free(struct draft *d);

/* s gives hashes. False: there would be more in it than an RRset can have. An equal one (RFC 2136, 1.1.1) is replaced where it is. */
bool draft_add(struct draft *d, const struct staged *s, uint32_t ttl, const uint8_t *rdata, uint16_t size);
bool draft_has(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size);
void draft_remove(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size);
void draft_clear(struct draft *d);
/* Of WKS there is one for each address and protocol (RFC 2136, 1.1.5): those that a further one, valid, takes the place of. */
void draft_remove_wks(struct draft *d, const struct staged *s, const uint8_t *rdata);

/* Has it what set has: the same TTL, and the same RRs to the byte, in whatever order? */
bool draft_is(struct draft *d, const struct staged *s, struct view_set set);
/* Has it RRs equal to set's, and no others (RFC 2136, 3.2.3)? TTLs do not matter. */
bool draft_matches(struct draft *d, const struct staged *s, struct view_set set);
struct rrs *draft_rrs(const struct draft *d);          /* NULL: there is none */

#endif
