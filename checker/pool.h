/* pool.h - the probes of a scheduler, from a free list: none is allocated in the steady state. */
#ifndef CHECKER_POOL_H
#define CHECKER_POOL_H

#include "checker/probe.h"

struct pool {                          /* zeroed: empty */
	struct slab *slabs;
	struct probe *free;
};

struct probe *pool_take(struct pool *pool);    /* zeroed, fd -1 */
void pool_give(struct pool *pool, struct probe *p);
void pool_clear(struct pool *pool);            /* frees all, those that were not given back too */

#endif
