/* leases.c - a hash table by owner name for finding, a heap by time for what comes next.
 *
 * The hash takes zone and name alone: whatever is asked for, of a record, an RRset or a whole name, is in one chain. Few
 * names have many leased records. */
#include "dnsd/leases.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/dname.h"
#include "base/mem.h"
#include "base/siphash.h"
#include "zones/rrs.h"
#include "zones/zone.h"

enum { BUCKETS_MIN = 64 };

struct lease {
	struct lease *next;                    /* in its bucket */
	size_t at;                             /* in the heap */
	struct store_lease *one;
};

struct leases {
	uint8_t key[SIPHASH_KEY];
	struct lease **buckets;
	size_t nbuckets;                       /* a power of two */
	struct lease **heap;
	size_t count;
};

struct store_lease *
lease_copy(const struct store_lease *one)
{
	size_t zone = strlen(one->zone) + 1, name = dname_length(one->name);
	struct store_lease *copy = mem_alloc(sizeof(*copy) + zone + name + one->size);
	uint8_t *p = (uint8_t *)(copy + 1);

	*copy = *one;
	copy->name = memcpy(p, one->name, name);
	if (one->size > 0)
		memcpy(p + name, one->rdata, one->size);
	copy->rdata = p + name;
	copy->zone = memcpy(p + name + one->size, one->zone, zone);
	return copy;
}

/* ---- the table ---- */

static struct lease **
leases_bucket(const struct leases *l, const char *zone, const uint8_t *name)
{
	uint64_t hash = siphash(l->key, name, dname_length(name)) ^ siphash(l->key, zone, strlen(zone));

	return &l->buckets[hash & (l->nbuckets - 1)];
}

static bool
lease_is_of(const struct store_lease *one, const char *zone, const uint8_t *name, uint16_t type)
{
	return (type == TYPE_ANY || one->type == type) && dname_equal(one->name, name) && strcmp(one->zone, zone) == 0;
}

static bool
lease_same_data(const struct store_lease *a, const struct store_lease *b)
{
	uint8_t head[2] = { (uint8_t)(a->size >> 8), (uint8_t)a->size };
	uint8_t *data;
	struct rrs *r;
	bool same;

	if (a->size != b->size)
		return false;
	data = mem_alloc(sizeof(head) + a->size);
	memcpy(data, head, sizeof(head));
	if (a->size > 0)
		memcpy(data + sizeof(head), a->rdata, a->size);
	r = rrs_new(a->type, 1, 0, data, sizeof(head) + a->size);
	same = r != NULL && rrs_has(r, b->rdata, b->size);
	free(r);
	free(data);
	return same;
}

/* Where the record's lease hangs, or would. */
static struct lease **
leases_place(const struct leases *l, const struct store_lease *record)
{
	struct lease **place = leases_bucket(l, record->zone, record->name);

	while (*place != NULL && !(lease_is_of((*place)->one, record->zone, record->name, record->type) && lease_same_data((*place)->one, record)))
		place = &(*place)->next;
	return place;
}

static void
leases_spread(struct leases *l)
{
	free(l->buckets);
	l->nbuckets *= 2;
	l->buckets = mem_array(l->nbuckets, sizeof(*l->buckets));
	for (size_t i = 0; i < l->count; i++) {
		struct lease **bucket = leases_bucket(l, l->heap[i]->one->zone, l->heap[i]->one->name);

		l->heap[i]->next = *bucket;
		*bucket = l->heap[i];
	}
}

/* ---- the heap ---- */

static void
heap_set(struct leases *l, size_t at, struct lease *one)
{
	l->heap[at] = one;
	one->at = at;
}

static bool
heap_before(const struct leases *l, size_t a, size_t b)
{
	return l->heap[a]->one->until_ms < l->heap[b]->one->until_ms;
}

static void
heap_swap(struct leases *l, size_t a, size_t b)
{
	struct lease *one = l->heap[a];

	heap_set(l, a, l->heap[b]);
	heap_set(l, b, one);
}

static void
heap_settle(struct leases *l, size_t at)
{
	while (at > 0 && heap_before(l, at, (at - 1) / 2)) {
		heap_swap(l, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
	for (;;) {
		size_t first = at;

		for (size_t child = 2 * at + 1; child < l->count && child <= 2 * at + 2; child++)
			if (heap_before(l, child, first))
				first = child;
		if (first == at)
			return;
		heap_swap(l, at, first);
		at = first;
	}
}

/* ---- leases ---- */

static void
lease_free(struct lease *one)
{
	free(one->one);
	free(one);
}

static void
leases_add(struct leases *l, struct store_lease *one)
{
	struct lease *new = mem_alloc(sizeof(*new)), **bucket;

	l->heap = mem_grow(l->heap, l->count, sizeof(*l->heap));
	new->one = one;
	heap_set(l, l->count++, new);
	heap_settle(l, new->at);
	if (l->count > l->nbuckets) {
		leases_spread(l);              /* with it */
		return;
	}
	bucket = leases_bucket(l, one->zone, one->name);
	new->next = *bucket;
	*bucket = new;
}

static void
leases_remove(struct leases *l, struct lease **place)
{
	struct lease *gone = *place, *last = l->heap[--l->count];

	*place = gone->next;
	if (last != gone) {
		heap_set(l, gone->at, last);
		heap_settle(l, last->at);
	}
	lease_free(gone);
}

void
leases_put(struct leases *l, const struct store_lease *one)
{
	struct store_lease *copy = lease_copy(one);    /* one may be the very lease that goes */
	struct lease **place = leases_place(l, copy);

	if (*place != NULL)
		leases_remove(l, place);
	if (copy->until_ms > 0)
		leases_add(l, copy);
	else
		free(copy);
}

bool
leases_has(const struct leases *l, const struct store_lease *record)
{
	return *leases_place(l, record) != NULL;
}

void
leases_each(const struct leases *l, const char *zone, const uint8_t *name, uint16_t type,
    void (*fn)(void *arg, const struct store_lease *one), void *arg)
{
	for (const struct lease *one = *leases_bucket(l, zone, name); one != NULL; one = one->next)
		if (lease_is_of(one->one, zone, name, type))
			fn(arg, one->one);
}

size_t
leases_count(const struct leases *l)
{
	return l->count;
}

const struct store_lease *
leases_first(const struct leases *l)
{
	return l->count > 0 ? l->heap[0]->one : NULL;
}

uint64_t
leases_next_ms(const struct leases *l)
{
	return l->count > 0 ? l->heap[0]->one->until_ms : 0;
}

struct leases *
leases_new(void)
{
	struct leases *l = mem_alloc(sizeof(*l));

	/* Who may update may choose names, but shall not choose their places. Without random bytes it is a table all the same. */
	(void)!getrandom(l->key, sizeof(l->key), 0);
	l->nbuckets = BUCKETS_MIN;
	l->buckets = mem_array(l->nbuckets, sizeof(*l->buckets));
	return l;
}

void
leases_free(struct leases *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		lease_free(l->heap[i]);
	free(l->heap);
	free(l->buckets);
	free(l);
}
