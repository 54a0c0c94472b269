/* draft.c - an RRset while an update works on it. */
#include "dnsd/draft.h"

#include <string.h>

#include "base/mem.h"
#include "dnsd/wire.h"
#include "zones/rdata_form.h"
#include "zones/rrbuf.h"

enum {
	FEW = 16,                      /* so many RRs are looked through in less time than an index takes, */
	LOOKS = 4,                     /* and a whole RRset so many times */
	CANONICAL_MAX = 2048,          /* longer rdata hashes by its size: an RRset has no more than 31 of those */
	WKS_KEY = 5                    /* bytes: address and protocol */
};

/* ---- the RRs of a set, wherever it stands ---- */

struct walk {
	struct view_set set;
	const uint8_t *rdata;
	size_t size;
	unsigned left;
	const uint8_t *rr;             /* of an RRset: the next one */
};

static uint32_t
set_ttl(struct view_set set)
{
	struct rr rr;

	if (set.rrset == NULL)
		return set.rrs->ttl;
	rr_read(set.rrset->bytes, &rr);
	return rr.ttl;
}

static struct walk
walk_begin(struct view_set set)
{
	struct walk w = { .set = set };

	if (set.rrset != NULL) {
		w.left = set.rrset->count;
		w.rr = set.rrset->bytes;
	} else if (set.rrs != NULL) {
		w.left = set.rrs->count;
	}
	return w;
}

static bool
walk_next(struct walk *w)
{
	struct rr rr;

	if (w->left == 0)
		return false;
	w->left--;
	if (w->set.rrs != NULL) {
		w->rdata = rrs_next(w->set.rrs, w->rdata, &w->size);
		return true;
	}
	w->rr = rr_read(w->rr, &rr);
	w->rdata = rr.rdata;
	w->size = rr.rdlength;
	return true;
}

/* ---- finding ---- */

static uint32_t
rdata_hash(const struct draft *d, const struct staged *s, const uint8_t *rdata, size_t size)
{
	uint8_t canonical[CANONICAL_MAX];

	if (!rdata_folds(d->type))
		return staged_hash(s, rdata, size);
	if (size > sizeof(canonical))
		return (uint32_t)size;
	rdata_canonical(d->type, rdata, size, canonical);
	return staged_hash(s, canonical, size);
}

static void
index_add(struct draft *d, const struct staged *s, uint32_t i)
{
	places_add(&d->index, rdata_hash(d, s, d->rrs[i].rdata, d->rrs[i].size), i);
}

static void
index_make(struct draft *d, const struct staged *s)
{
	for (uint32_t i = 0; i < d->nrrs; i++)
		if (!d->rrs[i].gone)
			index_add(d, s, i);
}

static bool
rr_equals(const struct draft *d, uint32_t i, const uint8_t *rdata, uint16_t size)
{
	return !d->rrs[i].gone && rdata_equal(d->type, d->rrs[i].rdata, d->rrs[i].size, rdata, size);
}

/* NULL: there is none. */
static struct draft_rr *
draft_find(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size)
{
	uint32_t hash, slot, i;

	if (d->index.room == 0 && d->nrrs > FEW && d->looks++ == LOOKS)
		index_make(d, s);
	if (d->index.room == 0) {
		for (i = 0; i < d->nrrs; i++)
			if (rr_equals(d, i, rdata, size))
				return &d->rrs[i];
		return NULL;
	}
	hash = slot = rdata_hash(d, s, rdata, size);
	while (places_next(&d->index, hash, &slot, &i))
		if (rr_equals(d, i, rdata, size))
			return &d->rrs[i];
	return NULL;
}

bool
draft_has(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size)
{
	return draft_find(d, s, rdata, size) != NULL;
}

/* ---- changing ---- */

void
draft_begin(struct draft *d, uint16_t type)
{
	*d = (struct draft){ .type = type };
}

void
draft_free(struct draft *d)
{
	free(d->rrs);
	places_free(&d->index);
}

/* At the end, whatever there is. */
static void
draft_append(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size)
{
	d->rrs = mem_grow(d->rrs, d->nrrs, sizeof(*d->rrs));
	d->rrs[d->nrrs++] = (struct draft_rr){ .rdata = rdata, .size = size };
	d->count++;
	d->size += RR_FIXED + size;
	if (d->index.room > 0)
		index_add(d, s, d->nrrs - 1);
}

/* A master file may have an RR twice, in upper and lower case: a change makes it one. */
void
draft_fill(struct draft *d, const struct staged *s, struct view_set set)
{
	struct walk w = walk_begin(set);
	bool folds = rdata_folds(d->type);

	while (walk_next(&w))
		if (!folds || !draft_has(d, s, w.rdata, (uint16_t)w.size))
			draft_append(d, s, w.rdata, (uint16_t)w.size);
	d->ttl = view_set_is_there(set) ? set_ttl(set) : 0;
}

static void
draft_drop(struct draft *d, const struct staged *s, struct draft_rr *rr)
{
	if (d->index.room > 0)
		places_remove(&d->index, rdata_hash(d, s, rr->rdata, rr->size), (uint32_t)(rr - d->rrs));
	rr->gone = true;
	d->count--;
	d->size -= RR_FIXED + rr->size;
}

void
draft_remove(struct draft *d, const struct staged *s, const uint8_t *rdata, uint16_t size)
{
	struct draft_rr *rr = draft_find(d, s, rdata, size);

	if (rr == NULL)
		return;
	draft_drop(d, s, rr);
	d->touched = true;
}

void
draft_clear(struct draft *d)
{
	d->nrrs = d->count = d->size = d->looks = 0;
	places_free(&d->index);
	d->touched = true;
}

void
draft_remove_wks(struct draft *d, const struct staged *s, const uint8_t *rdata)
{
	for (uint32_t i = 0; i < d->nrrs; i++)
		if (!d->rrs[i].gone && memcmp(d->rrs[i].rdata, rdata, WKS_KEY) == 0)
			draft_drop(d, s, &d->rrs[i]);
}

bool
draft_add(struct draft *d, const struct staged *s, uint32_t ttl, const uint8_t *rdata, uint16_t size)
{
	struct draft_rr *equal = draft_find(d, s, rdata, size);

	d->touched = true;
	d->ttl = ttl;
	if (equal != NULL) {                   /* its place in the index too: they hash alike */
		equal->rdata = rdata;
		return true;
	}
	if (d->size + RR_FIXED + size > RRSET_MAX)
		return false;
	draft_append(d, s, rdata, size);
	return true;
}

/* ---- what has become of it ---- */

/* Is there nothing in set that is not in the draft? exact: to the byte. */
static bool
draft_holds(struct draft *d, const struct staged *s, struct walk *w, bool exact)
{
	while (walk_next(w)) {
		const struct draft_rr *rr = draft_find(d, s, w->rdata, (uint16_t)w->size);

		if (rr == NULL || (exact && w->size > 0 && memcmp(rr->rdata, w->rdata, w->size) != 0))
			return false;
	}
	return true;
}

bool
draft_is(struct draft *d, const struct staged *s, struct view_set set)
{
	struct walk w = walk_begin(set);

	return w.left == d->count && (d->count == 0 || set_ttl(set) == d->ttl) && draft_holds(d, s, &w, true);
}

bool
draft_matches(struct draft *d, const struct staged *s, struct view_set set)
{
	struct walk w = walk_begin(set);

	return w.left == d->count && draft_holds(d, s, &w, false);
}

struct rrs *
draft_rrs(const struct draft *d)
{
	size_t size = d->size - d->count * (size_t)(RR_FIXED - 2);
	struct rrs *r;
	uint8_t *p;

	if (d->count == 0)
		return NULL;
	r = mem_resize(NULL, sizeof(*r) + size);
	*r = (struct rrs){ .type = d->type, .count = (uint16_t)d->count, .ttl = d->ttl, .size = (uint32_t)size };
	p = r->data;
	for (uint32_t i = 0; i < d->nrrs; i++) {
		if (d->rrs[i].gone)
			continue;
		be16_put(p, d->rrs[i].size);
		if (d->rrs[i].size > 0)
			memcpy(p + 2, d->rrs[i].rdata, d->rrs[i].size);
		p += 2 + d->rrs[i].size;
	}
	return r;
}
