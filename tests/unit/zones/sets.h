/* sets.h - the records of a zone as a set, and differences applied to it. For the tests of whole versions. */
#ifndef TESTS_ZONES_SETS_H
#define TESTS_ZONES_SETS_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/key.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"
#include "tests/unit/suite.h"

/* ---- records as a set ---- */

struct record {
	size_t size;
	uint8_t *bytes;                /* owner, then the RR from its type on */
};

struct records {
	struct record *all;
	size_t count;
};

static struct record
record_of(const uint8_t *name, const uint8_t *rr)
{
	struct rr parts;
	size_t length = dname_length(name), size = (size_t)(rr_read(rr, &parts) - rr) - 2;
	struct record r = { .size = length + size, .bytes = mem_alloc(length + size) };

	memcpy(r.bytes, name, length);
	memcpy(r.bytes + length, rr + 2, size);
	return r;
}

static void
records_add(struct records *set, struct record r)
{
	set->all = mem_grow(set->all, set->count, sizeof(*set->all));
	set->all[set->count++] = r;
}

static bool
records_take(struct records *set, struct record r)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->all[i].size != r.size || memcmp(set->all[i].bytes, r.bytes, r.size) != 0)
			continue;
		free(set->all[i].bytes);
		set->all[i] = set->all[--set->count];
		return true;
	}
	return false;
}

static struct records
records_of_plane(const struct zone *z, bool configured)
{
	struct zone_walk *w = zone_walk_new(z);
	struct records set = { 0 };
	const struct node *n;

	while ((n = zone_walk_next(w)) != NULL)
		for (const struct rrset *s = NULL; (s = node_next(configured ? node_configured(z, n) : n, s)) != NULL;) {
			const uint8_t *rr = s->bytes;
			struct rr parts;

			for (unsigned i = 0; i < s->count; i++) {
				records_add(&set, record_of(node_name(n), rr));
				rr = rr_read(rr, &parts);
			}
		}
	zone_walk_free(w);
	return set;
}

static inline struct records
records_of(const struct zone *z)
{
	return records_of_plane(z, false);
}

static inline void
records_free(struct records *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->all[i].bytes);
	free(set->all);
}

/* ---- a difference, applied ---- */

struct applied {
	struct records set;
	struct digest digest;
	uint8_t last[DNAME_MAX];       /* the name before; empty: none yet */
	bool come;                     /* something has come at it */
	size_t gone, came;
};

static inline bool
apply(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct applied *a = arg;
	struct record r = record_of(name, rr);
	struct key last = { .length = 0 }, this = { .length = 0 };

	ck_holds(type == (rr[2] << 8 | rr[3]));
	key_add(&last, a->last, dname_length(a->last) - 1);
	key_add(&this, name, dname_length(name) - 1);
	if (dname_equal(name, a->last)) {
		ck_holds(come || !a->come);
	} else {
		unsigned at = key_difference(&last, &this);

		ck_holds(a->last[0] == 0 || last.symbols[at] < this.symbols[at]);
	}
	memcpy(a->last, name, dname_length(name));
	a->come = come;
	if (come) {
		a->came++;
		digest_add(&a->digest, name, rr);
		ck_holds(!records_take(&a->set, r));
		records_add(&a->set, r);
		return true;
	}
	a->gone++;
	digest_subtract(&a->digest, name, rr);
	ck_holds(records_take(&a->set, r));
	free(r.bytes);
	return true;
}

static inline bool
digest_equal(struct digest a, struct digest b)
{
	return a.sum[0] == b.sum[0] && a.sum[1] == b.sum[1];
}

#endif
