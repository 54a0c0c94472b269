/* garbage.h - blocks that an edit replaced, to be freed when no reader is left.
 *
 * zone.h has what callers of this folder need of it: garbage_free(). */
#ifndef ZONES_GARBAGE_H
#define ZONES_GARBAGE_H

#include <stddef.h>

struct garbage {
	void **blocks;                 /* each free(3)d by garbage_free() */
	size_t count;
};

struct garbage *garbage_new(void);
void garbage_add(struct garbage *g, void *block);      /* NULL is fine */
void garbage_move(struct garbage *to, struct garbage *from);   /* all of from's, and frees from */
void garbage_forget(struct garbage *g);                /* frees the list alone: its blocks live on */

#endif
