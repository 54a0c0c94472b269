/* trie_find.c - walking a trie. Part of the query path: no allocation, no library. */
#include "zones/trie.h"

/* The twig that symbol leads to, or any other: all of a branch share what lies before its offset. */
static const struct twig *
trie_step(const struct twig *branch, unsigned symbol)
{
	const struct twig *twigs = branch->to.twigs;

	return twig_has(branch, symbol) ? &twigs[twig_index(branch, symbol)] : twigs;
}

/* The leaf of the name that ends where branch's offset is, if k could have a name end there. */
static const struct twig *
trie_end(const struct twig *branch, const struct key *k)
{
	const struct twig *end = branch->to.twigs;

	if (!twig_has(branch, KEY_END) || !key_at_label(k, twig_offset(branch)) || twig_is_branch(end))
		return NULL;
	return end;
}

/* One branch further; false: w has arrived at a leaf. Asks for the next twig's memory, and does not wait for it. */
static inline __attribute__((always_inline)) bool
walker_step(struct trie_walker *w, unsigned (*bits)(uint64_t word))
{
	const struct twig *twig = w->twig;
	unsigned symbol;

	if (!twig_is_branch(twig))
		return false;
	if (w->above == NULL) {
		const struct twig *end = trie_end(twig, w->key);

		if (end != NULL && (twig_flags(end) & w->flags) != 0)
			w->above = end;
	}
	symbol = key_symbol(w->key, twig_offset(twig));
	w->twig = twig->to.twigs + (twig_has(twig, symbol) ? bits(twig->word & ((UINT64_C(1) << symbol) - 1)) : 0);
	__builtin_prefetch(w->twig);
	return true;
}

static void
walker_arrive(struct trie_walker *w)
{
	if (w->twig->to.leaf == NULL)
		w->twig = NULL;
	else if (w->above == NULL && (twig_flags(w->twig) & w->flags) != 0)
		w->above = w->twig;
}

/* trie_walk_many(), which is inlined twice, for two ways to count bits. */
static inline __attribute__((always_inline)) void
walkers_run(struct trie_walker *walkers, unsigned n, unsigned (*bits)(uint64_t word))
{
	bool under_way = true;

	while (under_way) {
		under_way = false;
		for (unsigned i = 0; i < n; i++)
			under_way |= walker_step(&walkers[i], bits);
	}
}

#ifdef __x86_64__
/* All processors of the last fifteen years have the instruction, but the compiler may not assume it. A walk spends
 * half its time counting without. */
__attribute__((target("popcnt"))) static inline unsigned
popcnt_bits(uint64_t w)
{
	return (unsigned)__builtin_popcountll(w);
}

__attribute__((target("popcnt"))) static void
walkers_run_popcnt(struct trie_walker *walkers, unsigned n)
{
	walkers_run(walkers, n, popcnt_bits);
}
#else
#define walkers_run_popcnt(walkers, n) walkers_run(walkers, n, twig_bits)
#endif

void
trie_walk_many(struct trie_walker *walkers, unsigned n)
{
	bool popcnt = true;

	for (unsigned i = 0; i < n; i++) {
		walkers[i].twig = &walkers[i].trie->root;
		walkers[i].above = NULL;
		popcnt = popcnt && walkers[i].trie->popcnt;
	}
	if (popcnt)
		walkers_run_popcnt(walkers, n);
	else
		walkers_run(walkers, n, twig_bits);
	for (unsigned i = 0; i < n; i++)
		walker_arrive(&walkers[i]);
}

const struct twig *
trie_walk(const struct trie *t, const struct key *k, unsigned flags, const struct twig **above)
{
	struct trie_walker w = { .trie = t, .key = k, .flags = flags };

	trie_walk_many(&w, 1);
	if (above != NULL)
		*above = w.above;
	return w.twig;
}

unsigned
trie_ancestors(const struct trie *t, const struct key *k, const struct twig *leaves[LABELS_MAX + 1])
{
	const struct twig *twig = &t->root;
	unsigned n = 0;

	while (twig_is_branch(twig)) {
		const struct twig *end = trie_end(twig, k);

		twig = trie_step(twig, key_symbol(k, twig_offset(twig)));
		if (end != NULL && end != twig)
			leaves[n++] = end;
	}
	if (twig->to.leaf != NULL)
		leaves[n++] = twig;
	return n;
}

/* The lowest leaf at or below twig. */
static const struct twig *
trie_lowest(const struct twig *twig)
{
	while (twig_is_branch(twig))
		twig = twig->to.twigs;
	return twig->to.leaf != NULL ? twig : NULL;
}

const struct twig *
trie_first(const struct trie *t)
{
	return trie_lowest(&t->root);
}

const struct twig *
trie_next(const struct trie *t, const struct key *k)
{
	const struct twig *near = trie_walk(t, k, 0, NULL), *twig = &t->root, *next = NULL;
	struct key other;
	unsigned difference;

	if (near == NULL)
		return NULL;
	other.length = 0;
	t->key(&other, near->to.leaf, t->skip);
	difference = key_difference(k, &other);

	/* Down to where the keys part, and remember what lies to the right of the way. */
	while (twig_is_branch(twig) && twig_offset(twig) < difference) {
		unsigned index = twig_index(twig, key_symbol(k, twig_offset(twig)));

		if (index + 1 < twig_count(twig))
			next = &twig->to.twigs[index + 1];
		twig = &twig->to.twigs[index];
	}
	if (difference == k->length && difference == other.length)     /* k itself, which is a leaf */
		return next != NULL ? trie_lowest(next) : NULL;
	if (twig_is_branch(twig) && twig_offset(twig) == difference) {
		unsigned index = twig_index(twig, key_symbol(k, difference));

		if (index < twig_count(twig))  /* k has no twig here: the one at its place is above it */
			return trie_lowest(&twig->to.twigs[index]);
	} else if (key_symbol(k, difference) < key_symbol(&other, difference)) {
		return trie_lowest(twig);
	}
	return next != NULL ? trie_lowest(next) : NULL;
}

const struct twig *
trie_get(const struct trie *t, const struct key *k)
{
	const struct twig *near = trie_walk(t, k, 0, NULL);
	struct key other;

	if (near == NULL)
		return NULL;
	other.length = 0;
	t->key(&other, near->to.leaf, t->skip);
	return key_difference(k, &other) == k->length ? near : NULL;
}
