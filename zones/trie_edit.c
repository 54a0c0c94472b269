/* trie_edit.c - changing a trie by copying what changes. */
#include "zones/trie.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/garbage.h"

static size_t
twigs_size(unsigned count)             /* with the generation behind the last */
{
	return count * sizeof(struct twig) + sizeof(uint64_t);
}

static uint64_t
twigs_generation(const struct twig *branch)
{
	uint64_t generation;

	memcpy(&generation, &branch->to.twigs[twig_count(branch)], sizeof(generation));
	return generation;
}

static struct twig *
twigs_resize(struct twig *twigs, unsigned count, uint64_t generation)
{
	twigs = mem_resize(twigs, twigs_size(count));
	memcpy(&twigs[count], &generation, sizeof(generation));
	return twigs;
}

/* Frees what this edit made, leaves the rest to its readers. */
static void
trie_discard(struct trie_edit *e, void *block, bool own)
{
	if (own)
		free(block);
	else
		garbage_add(e->garbage, block);
}

static void
trie_discard_leaf(struct trie_edit *e, const struct twig *leaf)
{
	if (!e->trie.borrowed)
		trie_discard(e, leaf->to.leaf, trie_is_own(e, leaf));
}

/* Makes a branch's twigs this edit's own. */
static void
trie_own(struct trie_edit *e, struct twig *branch)
{
	unsigned count = twig_count(branch);
	struct twig *old = branch->to.twigs;

	if (twigs_generation(branch) == e->trie.generation)
		return;
	branch->to.twigs = twigs_resize(NULL, count, e->trie.generation);
	memcpy(branch->to.twigs, old, count * sizeof(*old));
	e->copied += twigs_size(count);
	garbage_add(e->garbage, old);
}

static struct twig
trie_leaf(const struct trie_edit *e, void *leaf, unsigned flags)
{
	assert(flags <= 0xff);
	return (struct twig){ .word = e->trie.generation << 8 | flags, .to.leaf = leaf };
}

static uint64_t
branch_word(unsigned offset, uint64_t bitmap)
{
	return UINT64_C(1) << 63 | (uint64_t)offset << KEY_SYMBOLS | bitmap;
}

static bool
processor_counts_bits(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("popcnt") != 0;
#else
	return false;
#endif
}

void
trie_edit_begin(struct trie_edit *e, const struct trie *old)
{
	*e = (struct trie_edit){ .trie = *old, .garbage = garbage_new() };
	e->trie.generation++;
	e->trie.popcnt = processor_counts_bits();
}

bool
trie_is_own(const struct trie_edit *e, const struct twig *leaf)
{
	return leaf->word >> 8 == e->trie.generation;
}

/* A further twig in a branch that is own already. */
static void
branch_insert(struct trie_edit *e, struct twig *branch, unsigned symbol, struct twig leaf)
{
	unsigned count = twig_count(branch), index = twig_index(branch, symbol);
	struct twig *twigs = twigs_resize(branch->to.twigs, count + 1, e->trie.generation);

	memmove(&twigs[index + 1], &twigs[index], (count - index) * sizeof(*twigs));
	twigs[index] = leaf;
	branch->to.twigs = twigs;
	branch->word |= UINT64_C(1) << symbol;
}

/* Puts a branch of two where twig is: twig itself, which has symbol there, and the new leaf. */
static void
branch_split(struct trie_edit *e, struct twig *twig, unsigned offset, unsigned symbol, unsigned leaf_symbol, struct twig leaf)
{
	struct twig *twigs = twigs_resize(NULL, 2, e->trie.generation);

	assert(symbol != leaf_symbol);
	twigs[symbol > leaf_symbol] = *twig;
	twigs[leaf_symbol > symbol] = leaf;
	twig->word = branch_word(offset, UINT64_C(1) << symbol | UINT64_C(1) << leaf_symbol);
	twig->to.twigs = twigs;
}

void
trie_put(struct trie_edit *e, const struct key *k, void *leaf, unsigned flags)
{
	const struct twig *near = trie_walk(&e->trie, k, 0, NULL);
	struct twig *twig = &e->trie.root, new = trie_leaf(e, leaf, flags);
	struct key other;
	unsigned difference;

	if (near == NULL) {
		*twig = new;
		e->trie.leaves = 1;
		return;
	}
	other.length = 0;
	e->trie.key(&other, near->to.leaf, e->trie.skip);
	difference = key_difference(k, &other);
	while (twig_is_branch(twig) && twig_offset(twig) < difference) {
		trie_own(e, twig);
		twig = &twig->to.twigs[twig_index(twig, k->symbols[twig_offset(twig)])];
	}
	if (difference == k->length) {
		if (twig->to.leaf != leaf)
			trie_discard_leaf(e, twig);
		*twig = new;
		return;
	}
	e->trie.leaves++;
	if (twig_is_branch(twig) && twig_offset(twig) == difference) {
		trie_own(e, twig);
		branch_insert(e, twig, k->symbols[difference], new);
	} else {
		branch_split(e, twig, difference, other.symbols[difference], k->symbols[difference], new);
	}
}

/* Takes a twig out of an own branch; a branch of one becomes that one. */
static void
branch_remove(struct trie_edit *e, struct twig *branch, unsigned symbol)
{
	unsigned count = twig_count(branch), index = twig_index(branch, symbol);
	struct twig *twigs = branch->to.twigs;

	if (count == 2) {
		*branch = twigs[1 - index];
		free(twigs);
		return;
	}
	memmove(&twigs[index], &twigs[index + 1], (count - index - 1) * sizeof(*twigs));
	branch->to.twigs = twigs_resize(twigs, count - 1, e->trie.generation);
	branch->word &= ~(UINT64_C(1) << symbol);
}

bool
trie_delete(struct trie_edit *e, const struct key *k)
{
	struct twig *twig = &e->trie.root, *parent = NULL;

	if (trie_get(&e->trie, k) == NULL)
		return false;
	while (twig_is_branch(twig)) {
		trie_own(e, twig);
		parent = twig;
		twig = &twig->to.twigs[twig_index(twig, k->symbols[twig_offset(twig)])];
	}
	trie_discard_leaf(e, twig);
	if (parent == NULL)
		*twig = (struct twig){ .word = 0 };
	else
		branch_remove(e, parent, k->symbols[twig_offset(parent)]);
	e->trie.leaves--;
	return true;
}

/* Frees the arrays and leaves that e made. What lies below an array of an older version is older too. */
static void
trie_free_own(struct trie_edit *e, const struct twig *twig)
{
	if (!twig_is_branch(twig)) {
		if (twig->to.leaf != NULL && trie_is_own(e, twig) && !e->trie.borrowed)
			free(twig->to.leaf);
		return;
	}
	if (twigs_generation(twig) != e->trie.generation)
		return;
	for (unsigned i = 0; i < twig_count(twig); i++)
		trie_free_own(e, &twig->to.twigs[i]);
	free(twig->to.twigs);
}

void
trie_edit_abort(struct trie_edit *e)
{
	trie_free_own(e, &e->trie.root);
	garbage_forget(e->garbage);
	e->garbage = NULL;
}

static void
trie_free_twig(const struct trie *t, const struct twig *twig)
{
	if (!twig_is_branch(twig)) {
		if (!t->borrowed)
			free(twig->to.leaf);
		return;
	}
	for (unsigned i = 0; i < twig_count(twig); i++)
		trie_free_twig(t, &twig->to.twigs[i]);
	free(twig->to.twigs);
}

void
trie_free(struct trie *t)
{
	trie_free_twig(t, &t->root);
	t->root = (struct twig){ .word = 0 };
}
