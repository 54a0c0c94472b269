/* walk.c - all names of a zone. */
#include "zones/walk.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "zones/version.h"

void
way_begin(struct way *w, const struct trie *t)
{
	w->depth = 0;
	if (t == NULL || t->root.to.leaf == NULL)
		return;
	w->level[0].at = &t->root;
	w->level[0].end = &t->root + 1;
	w->depth = 1;
}

void
way_past(struct way *w)
{
	assert(w->depth > 0);
	if (++w->level[w->depth - 1].at == w->level[w->depth - 1].end)
		w->depth--;
}

void
way_into(struct way *w)
{
	const struct twig *branch = way_at(w), *twigs = branch->to.twigs;
	unsigned count = twig_count(branch);

	assert(twig_is_branch(branch) && w->depth < WAY_MAX);
	/* All of them are about to be visited, and lie anywhere: their memory is waited for at once. */
	for (unsigned i = 0; i < count; i++)
		__builtin_prefetch(twigs[i].to.leaf);
	way_past(w);
	w->level[w->depth].at = twigs;
	w->level[w->depth++].end = twigs + count;
}

struct zone_walk {
	struct way way;
};

struct zone_walk *
zone_walk_new(const struct zone *z)
{
	struct zone_walk *w = mem_alloc(sizeof(*w));

	way_begin(&w->way, &z->names);
	return w;
}

const struct node *
zone_walk_next(struct zone_walk *w)
{
	const struct twig *t;

	while ((t = way_at(&w->way)) != NULL && twig_is_branch(t))
		way_into(&w->way);
	if (t == NULL)
		return NULL;
	way_past(&w->way);
	return t->to.leaf;
}

void
zone_walk_free(struct zone_walk *w)
{
	free(w);
}

const struct node *
zone_after(const struct zone *z, const uint8_t *name)
{
	const struct twig *twig;
	struct key key;

	key.length = 0;
	key_add(&key, name, dname_length(name) - z->apex_length);
	twig = trie_next(&z->names, &key);
	return twig != NULL ? twig->to.leaf : NULL;
}
