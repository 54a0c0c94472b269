/* subnets.c - which fabric an address lies in. */
#include "conf/subnets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int
addr_order(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* A prefix comes before those inside it. */
static int
subnet_order(const void *pa, const void *pb)
{
	const struct subnet *a = pa, *b = pb;
	int c = addr_order(&a->prefix.base, &b->prefix.base);

	if (c != 0)
		return c;
	if (a->prefix.bits != b->prefix.bits)
		return a->prefix.bits < b->prefix.bits ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void
subnets_make(struct subnets *s, const struct conf_fabric *fabrics, size_t nfabrics,
    void (*overlap)(void *ctx, const struct subnet *one, const struct subnet *other), void *ctx)
{
	const struct subnet *outer;

	for (size_t i = 0; i < nfabrics; i++) {
		for (size_t k = 0; k < fabrics[i].nsubnets; k++) {
			s->list = mem_grow(s->list, s->count, sizeof(*s->list));
			s->list[s->count] = (struct subnet){ fabrics[i].subnets[k], &fabrics[i], s->count };
			s->count++;
		}
	}
	if (s->count == 0)
		return;
	qsort(s->list, s->count, sizeof(*s->list), subnet_order);
	outer = s->list;
	for (struct subnet *one = s->list + 1; one < s->list + s->count; one++) {
		if (!prefix_overlaps(&outer->prefix, &one->prefix))
			outer = one;
		else if (one->order > outer->order)
			overlap(ctx, one, outer);
		else
			overlap(ctx, outer, one);
	}
}

const struct conf_fabric *
subnets_find(const struct subnets *s, const struct addr *a)
{
	size_t low = 0, high = s->count;

	while (low < high) {                   /* the first that begins behind a */
		size_t middle = low + (high - low) / 2;

		if (addr_order(&s->list[middle].prefix.base, a) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && prefix_contains(&s->list[low - 1].prefix, a) ? s->list[low - 1].fabric : NULL;
}

void
subnets_free(struct subnets *s)
{
	free(s->list);
	*s = (struct subnets){ 0 };
}
