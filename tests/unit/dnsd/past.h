/* past.h - an edition with a history, for the tests of transfers. They call snapshot_open() before and snapshot_close() behind. */
#ifndef TESTS_DNSD_PAST_H
#define TESTS_DNSD_PAST_H

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/snapshot.h"
#include "zones/zone.h"

enum { PAST_MAX = 64 };

struct past {
	struct editions *all;
	const struct edition *edition; /* the current one */
	struct zone *zones[PAST_MAX];  /* of it and of all before it, each a serial from the next */
	struct garbage *garbage[PAST_MAX];
	size_t count;
	uint32_t first;                /* serial */
};

static inline struct past *
past_begin(struct zone *z)
{
	struct past *p = mem_alloc(sizeof(*p));

	p->zones[p->count++] = z;
	p->first = zone_serial(z);
	p->all = editions_new(1);
	editions_put(p->all, 0, z, NULL, NULL);
	p->edition = edition_find(p->all, 0);
	return p;
}

static bool
past_add(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	return type == TYPE_SOA || changes_draft_add(arg, come, name, rr);
}

static inline const uint8_t *
past_soa(const struct zone *z)
{
	return node_rrset(zone_at(z, zone_apex(z)), TYPE_SOA)->bytes;
}

/* The step of one plane. */
static inline struct changes *
past_changes(const struct zone *before, const struct zone *z, bool configured)
{
	struct changes_draft *d = changes_draft_new();

	(configured ? zone_diff_configured : zone_diff)(before, z, past_add, d);
	return changes_draft_end(d, zone_apex(z), past_soa(before), past_soa(z), clock_wall_ms());
}

/* The next edition: z, of which garbage is what it replaced. */
static inline void
past_step(struct past *p, struct zone *z, struct garbage *garbage)
{
	const struct zone *before = p->zones[p->count - 1];
	struct changes *step = past_changes(before, z, false);

	editions_put(p->all, 0, z, zone_has_planes(z) ? changes_join(step, past_changes(before, z, true)) : step, NULL);
	p->garbage[p->count] = garbage;
	p->zones[p->count++] = z;
	p->edition = edition_find(p->all, 0);
}

/* The next edition has another address at name, in both planes or as what is configured there. */
static inline void
past_put(struct past *p, const uint8_t *name, unsigned address, bool configured)
{
	struct zone_edit *e = zone_edit(p->edition->zone);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone *z;

	rrbuf_begin(b, TYPE_A, CLASS_IN, 60);
	rrbuf_add(b, (uint8_t[]){ 10, 0, (uint8_t)(address >> 8), (uint8_t)address }, 4);
	if (configured)
		zone_put_configured(e, name, TYPE_A, b);
	else
		zone_put(e, name, b);
	zone_put_serial(e, p->edition->serial + 1);
	rrbuf_free(b);
	z = zone_commit(e, &garbage);
	past_step(p, z, garbage);
}

static inline void
past_done(void *arg)
{
	struct past *p = arg;

	zone_free(p->zones[p->count - 1]);
	for (size_t i = 0; i < p->count; i++)
		garbage_free(p->garbage[i]);
	free(p);
}

/* When the last transfer is freed. */
static inline void
past_free(struct past *p)
{
	editions_retire_all(p->all, past_done, p);
}

#endif
