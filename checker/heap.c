/* heap.c - due times, the earliest first. */
#include "checker/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { CHILDREN = 4 };

static void
put(struct heap *h, size_t i, struct heap_node node)
{
	h->nodes[i] = node;
	node.item->place = i + 1;
}

static void
rise(struct heap *h, size_t i, struct heap_node node)
{
	while (i > 0 && h->nodes[(i - 1) / CHILDREN].due_us > node.due_us) {
		put(h, i, h->nodes[(i - 1) / CHILDREN]);
		i = (i - 1) / CHILDREN;
	}
	put(h, i, node);
}

static size_t
earliest_child(const struct heap *h, size_t i)
{
	size_t first = CHILDREN * i + 1, best = first;

	for (size_t child = first + 1; child < first + CHILDREN && child < h->count; child++)
		if (h->nodes[child].due_us < h->nodes[best].due_us)
			best = child;
	return best;
}

static void
sink(struct heap *h, size_t i, struct heap_node node)
{
	size_t child;

	while ((child = earliest_child(h, i)) < h->count && h->nodes[child].due_us < node.due_us) {
		put(h, i, h->nodes[child]);
		i = child;
	}
	put(h, i, node);
}

/* Puts node where i was and from there to where it belongs. */
static void
settle(struct heap *h, size_t i, struct heap_node node)
{
	if (i > 0 && h->nodes[(i - 1) / CHILDREN].due_us > node.due_us)
		rise(h, i, node);
	else
		sink(h, i, node);
}

void
heap_set(struct heap *h, struct heap_item *item, uint64_t due_us)
{
	struct heap_node node = { .due_us = due_us, .item = item };

	if (item->place > 0) {
		assert(h->nodes[item->place - 1].item == item);
		settle(h, item->place - 1, node);
		return;
	}
	h->nodes = mem_grow(h->nodes, h->count, sizeof(*h->nodes));
	h->count++;
	rise(h, h->count - 1, node);
}

void
heap_remove(struct heap *h, struct heap_item *item)
{
	size_t i = item->place;

	if (i == 0)
		return;
	assert(i <= h->count && h->nodes[i - 1].item == item);
	item->place = 0;
	h->count--;
	if (i - 1 < h->count)
		settle(h, i - 1, h->nodes[h->count]);
}

void
heap_clear(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->nodes[i].item->place = 0;
	free(h->nodes);
	*h = (struct heap){ 0 };
}
