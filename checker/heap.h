/* heap.h - due times, the earliest first.
 *
 * Four children to a node: half the levels of a binary heap, and the children
 * of a node share a cache line. An item knows its place, so that it can be moved
 * or taken out from anywhere in O(log n). Items are embedded in what they belong to. */
#ifndef CHECKER_HEAP_H
#define CHECKER_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	size_t place;                  /* 1-based; 0: in no heap */
};

struct heap_node {
	uint64_t due_us;
	struct heap_item *item;
};

struct heap {                          /* zeroed: empty */
	struct heap_node *nodes;
	size_t count;
};

void heap_set(struct heap *h, struct heap_item *item, uint64_t due_us);        /* adds or moves */
void heap_remove(struct heap *h, struct heap_item *item);      /* one in no heap: nothing */
void heap_clear(struct heap *h);       /* frees the nodes, not the items */

/* The earliest item, NULL when empty; its time in *due_us. */
static inline struct heap_item *
heap_first(const struct heap *h, uint64_t *due_us)
{
	if (h->count == 0)
		return NULL;
	*due_us = h->nodes[0].due_us;
	return h->nodes[0].item;
}

#endif
