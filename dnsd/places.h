/* places.h - where in an array things are, by a hash of them.
 *
 * A table of open addressing that holds hashes and indices alone: the things stay in the caller's array, who says which of
 * those with the same hash is meant. Empty, it takes no memory. One thread at a time; all inline, for a table's cost is
 * its look-ups. */
#ifndef DNSD_PLACES_H
#define DNSD_PLACES_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

enum { PLACES_NONE = 0, PLACES_GONE = UINT32_MAX };    /* in place of an index + 1 */

struct places {
	struct slot {
		uint32_t hash, index;  /* index + 1, or one of the above */
	} *slots;
	uint32_t room;                 /* a power of two; 0: no slots */
	uint32_t used;                 /* slots that are not PLACES_NONE */
};

/* From one thing with that hash to the next: *slot begins as hash, and is the caller's to keep. False: there are no more. */
static inline bool
places_next(const struct places *p, uint32_t hash, uint32_t *slot, uint32_t *index)
{
	while (p->room > 0) {
		const struct slot *at = &p->slots[(*slot)++ & (p->room - 1)];

		if (at->index == PLACES_NONE)
			return false;
		if (at->hash == hash && at->index != PLACES_GONE) {
			*index = at->index - 1;
			return true;
		}
	}
	return false;
}

/* Puts it without asking for room. */
static inline void
places_put(struct places *p, uint32_t hash, uint32_t index)
{
	uint32_t slot = hash;

	while (p->slots[slot & (p->room - 1)].index != PLACES_NONE)
		slot++;
	p->slots[slot & (p->room - 1)] = (struct slot){ hash, index };
	p->used++;
}

/* Twice as many slots, or as many as before without those that are gone. */
static inline void
places_grow(struct places *p)
{
	struct places old = *p;
	uint32_t live = 0;

	for (uint32_t i = 0; i < old.room; i++)
		live += old.slots[i].index != PLACES_NONE && old.slots[i].index != PLACES_GONE;
	p->room = old.room == 0 ? 8 : live >= old.room / 2 ? 2 * old.room : old.room;
	p->slots = mem_array(p->room, sizeof(*p->slots));
	p->used = 0;
	for (uint32_t i = 0; i < old.room; i++)
		if (old.slots[i].index != PLACES_NONE && old.slots[i].index != PLACES_GONE)
			places_put(p, old.slots[i].hash, old.slots[i].index);
	free(old.slots);
}

static inline void
places_add(struct places *p, uint32_t hash, uint32_t index)
{
	if (4 * (uint64_t)(p->used + 1) > 3 * (uint64_t)p->room)       /* so that a search soon ends */
		places_grow(p);
	places_put(p, hash, index + 1);
}

/* It is there. */
static inline void
places_remove(struct places *p, uint32_t hash, uint32_t index)
{
	uint32_t slot = hash;

	while (p->slots[slot & (p->room - 1)].index != index + 1) {
		assert(p->slots[slot & (p->room - 1)].index != PLACES_NONE);
		slot++;
	}
	p->slots[slot & (p->room - 1)].index = PLACES_GONE;
}

static inline void
places_free(struct places *p)
{
	free(p->slots);
	*p = (struct places){ .slots = NULL };
}

#endif
