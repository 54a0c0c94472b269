/* changes.c - the step from one serial to the next.
 *
 * A draft takes records as they are said to go and come, in any order and from several
 * differences one behind the other, and sorts them when it is asked what is left: equal records
 * lie side by side then, and those that go as often as they come cancel. */
#include "dnsd/changes.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/wire.h"

struct counted {
	_Atomic unsigned owners;
	struct changes changes;        /* last, so that one leads to the other */
};

static struct counted *
counted_of(const struct changes *c)
{
	return (struct counted *)(void *)((char *)(uintptr_t)c - offsetof(struct counted, changes));
}

void
changes_hold(const struct changes *c)
{
	atomic_fetch_add_explicit(&counted_of(c)->owners, 1, memory_order_relaxed);
}

void
changes_let_go(const struct changes *c)
{
	struct counted *counted;

	if (c == NULL)
		return;
	counted = counted_of(c);
	if (atomic_fetch_sub_explicit(&counted->owners, 1, memory_order_acq_rel) > 1)
		return;
	changes_let_go(counted->changes.configured);
	free(counted->changes.bytes);
	free(counted);
}

size_t
changes_size(const struct changes *c)
{
	size_t size = sizeof(struct counted) + c->gone_size + c->come_size + c->soa_from_size + c->soa_to_size;

	return size + (c->configured != NULL ? changes_size(c->configured) : 0);
}

/* ---- drafts ---- */

struct entry {
	uint32_t at, size;             /* of the record in the draft's bytes */
	int32_t sum;                   /* how often it comes, less how often it goes */
};

struct changes_draft {
	uint8_t *bytes;
	size_t size, room;
	struct entry *entries;
	size_t count;
	bool broken;                   /* too large */
	bool settled;                  /* sorted, and nothing left that cancels */
};

struct changes_draft *
changes_draft_new(void)
{
	return mem_alloc(sizeof(struct changes_draft));
}

void
changes_draft_free(struct changes_draft *d)
{
	if (d == NULL)
		return;
	free(d->bytes);
	free(d->entries);
	free(d);
}

struct changes_draft *
changes_draft_copy(const struct changes_draft *d)
{
	struct changes_draft *copy = changes_draft_new();

	*copy = *d;
	copy->bytes = NULL;
	copy->entries = NULL;
	copy->room = d->size;
	if (d->size > 0)
		copy->bytes = memcpy(mem_alloc(d->size), d->bytes, d->size);
	for (copy->count = 0; copy->count < d->count; copy->count++) {
		copy->entries = mem_grow(copy->entries, copy->count, sizeof(*copy->entries));
		copy->entries[copy->count] = d->entries[copy->count];
	}
	return copy;
}

/* Room for a record, or NULL: it is one too many, and all are forgotten. */
static uint8_t *
draft_room(struct changes_draft *d, size_t size, bool come)
{
	uint8_t *at;

	if (d->broken || d->size + size > HISTORY_BYTES) {
		d->broken = true;
		free(d->bytes);
		free(d->entries);
		d->bytes = NULL;
		d->entries = NULL;
		d->size = d->room = d->count = 0;
		return NULL;
	}
	if (d->room - d->size < size) {
		d->room = 2 * d->room + size + 512;
		d->bytes = mem_resize(d->bytes, d->room);
	}
	at = d->bytes + d->size;
	d->entries = mem_grow(d->entries, d->count, sizeof(*d->entries));
	d->entries[d->count++] = (struct entry){ (uint32_t)d->size, (uint32_t)size, come ? 1 : -1 };
	d->size += size;
	d->settled = false;
	return at;
}

/* Type, class, TTL, length and data of an RR: all but the owner. */
static size_t
rr_rest(const uint8_t *rest)
{
	return 10u + be16_get(rest + 8);
}

bool
changes_draft_add(struct changes_draft *d, bool come, const uint8_t *name, const uint8_t *rr)
{
	size_t owner = dname_length(name), rest = rr_rest(rr + 2);
	uint8_t *at = draft_room(d, owner + rest, come);

	if (at == NULL)
		return false;
	memcpy(at, name, owner);
	dname_lower(at);
	memcpy(at + owner, rr + 2, rest);
	return true;
}

/* The records from p to end, each as it stands. */
static bool
draft_add_records(struct changes_draft *d, bool come, const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		size_t size = dname_length(p);
		uint8_t *at;

		size += rr_rest(p + size);
		at = draft_room(d, size, come);
		if (at == NULL)
			return false;
		memcpy(at, p, size);
		p += size;
	}
	return true;
}

bool
changes_draft_add_all(struct changes_draft *d, const struct changes *c, bool backwards)
{
	const uint8_t *come = c->bytes + c->gone_size;

	return draft_add_records(d, backwards, c->bytes, come) && draft_add_records(d, !backwards, come, come + c->come_size);
}

static int
entry_order(const void *a, const void *b, void *bytes)
{
	const struct entry *x = a, *y = b;
	const uint8_t *all = bytes;
	int order = memcmp(all + x->at, all + y->at, x->size < y->size ? x->size : y->size);

	return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

static bool
entry_same(const struct changes_draft *d, const struct entry *a, const struct entry *b)
{
	return a->size == b->size && memcmp(d->bytes + a->at, d->bytes + b->at, a->size) == 0;
}

static void
draft_settle(struct changes_draft *d)
{
	size_t kept = 0;

	if (d->settled)
		return;
	if (d->count > 1)
		qsort_r(d->entries, d->count, sizeof(*d->entries), entry_order, d->bytes);
	for (size_t i = 0, next; i < d->count; i = next) {
		struct entry e = d->entries[i];

		for (next = i + 1; next < d->count && entry_same(d, &d->entries[next], &e); next++)
			e.sum += d->entries[next].sum;
		if (e.sum != 0)
			d->entries[kept++] = e;
	}
	d->count = kept;
	d->settled = true;
}

bool
changes_draft_empty(struct changes_draft *d)
{
	draft_settle(d);
	return !d->broken && d->count == 0;
}

/* Appends the records that go, or those that come; returns their bytes. */
static size_t
draft_write(const struct changes_draft *d, bool come, uint8_t *out, unsigned *count)
{
	size_t size = 0;

	for (size_t i = 0; i < d->count; i++) {
		const struct entry *e = &d->entries[i];

		if ((e->sum > 0) != come)
			continue;
		memcpy(out + size, d->bytes + e->at, e->size);
		size += e->size;
		++*count;
	}
	return size;
}

/* A whole record from an owner and an RR; returns its size. */
static size_t
record_write(const uint8_t *owner, const uint8_t *rr, uint8_t *out)
{
	size_t n = dname_length(owner), rest = rr_rest(rr + 2);

	memcpy(out, owner, n);
	memcpy(out + n, rr + 2, rest);
	return n + rest;
}

/* The serial of an SOA: five numbers end its data. */
static uint32_t
rr_serial(const uint8_t *rr)
{
	const uint8_t *p = rr + 2 + rr_rest(rr + 2) - 20;

	return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

struct changes *
changes_draft_end(struct changes_draft *d, const uint8_t *apex, const uint8_t *soa_from, const uint8_t *soa_to, uint64_t at_ms)
{
	struct counted *counted;
	struct changes *c;
	uint8_t *p;

	draft_settle(d);
	if (d->broken) {
		changes_draft_free(d);
		return NULL;
	}
	counted = mem_alloc(sizeof(*counted));
	atomic_init(&counted->owners, 1);
	c = &counted->changes;
	c->from = rr_serial(soa_from);
	c->to = rr_serial(soa_to);
	c->at_ms = at_ms;
	c->bytes = p = mem_alloc(d->size + 2 * (dname_length(apex) + 10) + be16_get(soa_from + 10) + be16_get(soa_to + 10));
	c->gone_size = draft_write(d, false, p, &c->gone);
	c->come_size = draft_write(d, true, p + c->gone_size, &c->come);
	p += c->gone_size + c->come_size;
	c->soa_from = p;
	c->soa_from_size = record_write(apex, soa_from, p);
	c->soa_to = p += c->soa_from_size;
	c->soa_to_size = record_write(apex, soa_to, p);
	changes_draft_free(d);
	return c;
}

/* ---- both planes ---- */

/* Do both steps do the same? Drafts have sorted their records. */
static bool
changes_same(const struct changes *a, const struct changes *b)
{
	return a->gone_size == b->gone_size && a->come_size == b->come_size &&
	    memcmp(a->bytes, b->bytes, a->gone_size + a->come_size) == 0;
}

struct changes *
changes_join(struct changes *answer, struct changes *configured)
{
	if (answer != NULL && configured != NULL && changes_same(answer, configured)) {
		changes_let_go(configured);
		return answer;
	}
	if (answer == NULL || configured == NULL || changes_size(answer) + changes_size(configured) > HISTORY_BYTES) {
		changes_let_go(answer);
		changes_let_go(configured);
		return NULL;
	}
	answer->configured = configured;
	return answer;
}
