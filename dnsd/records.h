/* records.h - the records of a transfer, one after the other.
 *
 *     AXFR   SOA, the zone's other records in canonical order, SOA            RFC 5936, 2.2
 *     IXFR   SOA, for each step: its old SOA, what has gone, its new SOA,
 *            what has come; SOA                                                RFC 1995, 4
 *     one    SOA
 *
 * A place in that row, which goes forward only: nothing is collected, so that a
 * transfer of any size costs what one message does. One thread at a time. */
#ifndef DNSD_RECORDS_H
#define DNSD_RECORDS_H

#include <stdbool.h>

#include "dnsd/edition.h"
#include "dnsd/transfer.h"
#include "zones/zone.h"

struct record {
	const uint8_t *owner;          /* wire form, lower case */
	const uint8_t *rr;             /* type | class | ttl | rdlength | rdata, names uncompressed */
};

enum record_part {                     /* where in the row */
	PART_FIRST,                    /* the current SOA */
	PART_ZONE,
	PART_SOA_FROM, PART_GONE, PART_SOA_TO, PART_COME,      /* of a step, then of the next one */
	PART_LAST,
	PART_END
};

struct records {
	const struct edition *edition; /* must outlive it */
	enum transfer_kind kind;
	bool configured;               /* the plane (zone.h) */
	enum record_part part;
	struct record record;          /* the one at this place; void at PART_END */
	const uint8_t *soa;            /* as in struct rrset */
	/* AXFR */
	struct zone_walk *walk;
	const struct node *node;
	const struct rrset *set;
	unsigned left;                 /* of set, behind this one */
	/* IXFR */
	size_t step;                   /* in the edition's history */
	const uint8_t *end;            /* of the part of that step */
};

/* To the first record. step: where in the history an IXFR begins. */
void records_begin(struct records *r, const struct edition *e, bool configured, enum transfer_kind kind, size_t step);
void records_end(struct records *r);

/* False: that was the last. */
bool records_next(struct records *r);

/* Is the zone, sent whole, smaller than an IXFR from step on? Looks at no more of the zone than that takes. */
bool records_whole_is_smaller(const struct edition *e, bool configured, size_t step);

#endif
