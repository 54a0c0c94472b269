/* set.c - sets of zones by apex. The search is in find.c. */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "zones/garbage.h"
#include "zones/version.h"

static void
set_key(struct key *k, const void *leaf, unsigned skip)
{
	const struct zone *z = leaf;

	key_add(k, z->apex, (size_t)z->apex_length - skip);
}

/* Ends an edit that puts the zones. */
static struct zone_set *
set_make(struct trie_edit *e, const struct zone *const *zones, size_t count)
{
	struct zone_set *s = mem_alloc(sizeof(*s));

	for (size_t i = 0; i < count; i++) {
		struct key k;

		k.length = 0;
		set_key(&k, zones[i], e->trie.skip);
		trie_put(e, &k, (void *)(uintptr_t)zones[i], 0);
	}
	s->zones = e->trie;
	return s;
}

struct zone_set *
zone_set_new(struct zone *const *zones, size_t count)
{
	const struct trie empty = { .key = set_key, .skip = 1, .borrowed = true };     /* the root label is in no key */
	struct trie_edit e;
	struct zone_set *s;

	trie_edit_begin(&e, &empty);
	s = set_make(&e, (const struct zone *const *)zones, count);
	garbage_free(e.garbage);
	return s;
}

struct zone_set *
zone_set_replace(const struct zone_set *s, const struct zone *const *changed, size_t count, struct garbage **garbage)
{
	struct trie_edit e;
	struct zone_set *next;

	trie_edit_begin(&e, &s->zones);
	next = set_make(&e, changed, count);
	*garbage = e.garbage;
	garbage_add(*garbage, (void *)(uintptr_t)s);
	return next;
}

void
zone_set_free(struct zone_set *s)
{
	if (s == NULL)
		return;
	trie_free(&s->zones);
	free(s);
}
