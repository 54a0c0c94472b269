/* garbage.c - blocks that an edit replaced. */
#include "zones/garbage.h"

#include <stdlib.h>

#include "base/mem.h"
#include "zones/zone.h"

struct garbage *
garbage_new(void)
{
	return mem_alloc(sizeof(struct garbage));
}

void
garbage_add(struct garbage *g, void *block)
{
	if (block == NULL)
		return;
	g->blocks = mem_grow(g->blocks, g->count, sizeof(*g->blocks));
	g->blocks[g->count++] = block;
}

void
garbage_move(struct garbage *to, struct garbage *from)
{
	for (size_t i = 0; i < from->count; i++)
		garbage_add(to, from->blocks[i]);
	garbage_forget(from);
}

void
garbage_forget(struct garbage *g)
{
	if (g == NULL)
		return;
	free(g->blocks);
	free(g);
}

void
garbage_free(struct garbage *g)
{
	for (size_t i = 0; g != NULL && i < g->count; i++)
		free(g->blocks[i]);
	garbage_forget(g);
}
