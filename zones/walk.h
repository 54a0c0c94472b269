/* walk.h - going through a trie in order, from twig to twig.
 *
 * A way knows what is still to come, the next twig on top. It goes into a branch or
 * past it, whole: two ways in step find what two versions have in common without
 * looking at it. Nothing is looked up, no key made. The trie must stay meanwhile. */
#ifndef ZONES_WALK_H
#define ZONES_WALK_H

#include "zones/trie.h"

enum { WAY_MAX = 2 * DNAME_MAX };      /* branches above a name: fewer than its key has symbols */

struct way {
	unsigned depth;
	struct {
		const struct twig *at, *end;   /* never the same: what is done is dropped */
	} level[WAY_MAX];
};

void way_begin(struct way *w, const struct trie *t);   /* t NULL: a way that is at its end */

/* The twig that comes next, a leaf or a branch; NULL: the end. */
static inline const struct twig *
way_at(const struct way *w)
{
	return w->depth > 0 ? w->level[w->depth - 1].at : NULL;
}

void way_past(struct way *w);          /* what comes next is done */
void way_into(struct way *w);          /* what comes next, a branch, is replaced by its twigs */

#endif
