/* pool.c - the probes of a scheduler, from a free list. */
#include "checker/pool.h"

#include <stdlib.h>

#include "base/mem.h"

enum { SLAB = 256 };

struct slab {
	struct slab *next;
	struct probe probes[SLAB];
};

static void
pool_grow(struct pool *pool)
{
	struct slab *slab = mem_alloc(sizeof(*slab));

	slab->next = pool->slabs;
	pool->slabs = slab;
	for (size_t i = 0; i < SLAB; i++)
		pool_give(pool, &slab->probes[i]);
}

struct probe *
pool_take(struct pool *pool)
{
	struct probe *p;

	if (pool->free == NULL)
		pool_grow(pool);
	p = pool->free;
	pool->free = p->next;
	*p = (struct probe){ .fd = -1 };
	return p;
}

void
pool_give(struct pool *pool, struct probe *p)
{
	p->target = NULL;
	p->next = pool->free;
	pool->free = p;
}

void
pool_clear(struct pool *pool)
{
	while (pool->slabs != NULL) {
		struct slab *slab = pool->slabs;

		pool->slabs = slab->next;
		free(slab);
	}
	pool->free = NULL;
}
