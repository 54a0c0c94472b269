/* trie.h - an ordered map from keys to leaves, every version of which stays readable.
 *
 * A qp-trie: a branch names the offset in the key at which the keys below it
 * first differ, and has a bitmap of the symbols that occur there; its twigs lie
 * in one array in that order. A twig is 16 bytes:
 *
 *     branch   1 | offset:15 | bitmap:48     pointer to popcount(bitmap) twigs
 *     leaf     0 | generation:55 | flags:8   pointer to the leaf
 *
 * A walk inspects only the offsets that tell keys apart, so what it arrives at
 * is the one leaf that can be the key's: whoever asked compares it. When the key
 * is not there, that leaf shares with it as long a beginning as any leaf does.
 *
 * Where a branch's offset is the start of a label, its first twig (KEY_END) is
 * the name that ends there: all that lies on the way down to a name and above it
 * is passed in that one walk. The flags in a leaf's twig say whether it matters
 * (a zone cut, say), so that the leaf itself is not touched.
 *
 * Versions: every twig array and every leaf belongs to the edit that made it,
 * named by its generation (behind an array's last twig, in a leaf's word). An
 * edit copies an array the first time it changes it and afterwards changes its
 * copy in place; what it replaced goes to its garbage.
 *
 * Threads: searching, any. Editing: one thread, one edit at a time per trie,
 * beginning from the latest version. */
#ifndef ZONES_TRIE_H
#define ZONES_TRIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zones/key.h"

struct garbage;

struct twig {
	uint64_t word;
	union {
		struct twig *twigs;
		void *leaf;
	} to;
};

struct trie {
	struct twig root;              /* to.leaf NULL: empty */
	size_t leaves;
	uint64_t generation;           /* of the edit that made this version */
	void (*key)(struct key *k, const void *leaf, unsigned skip);   /* k comes with length 0 */
	unsigned skip;                 /* passed to key(): bytes at the names' end that are in no key */
	bool borrowed;                 /* leaves are not the trie's to free */
	bool popcnt;                   /* the processor counts bits: set by trie_edit_begin() */
};

static inline bool
twig_is_branch(const struct twig *t)
{
	return t->word >> 63 != 0;
}

static inline unsigned
twig_offset(const struct twig *t)
{
	return (unsigned)(t->word >> KEY_SYMBOLS) & 0x7fff;
}

static inline unsigned
twig_flags(const struct twig *leaf)
{
	return (unsigned)leaf->word & 0xff;
}

static inline bool
twig_has(const struct twig *branch, unsigned symbol)
{
	return (branch->word >> symbol & 1) != 0;
}

/* Bits set; in arithmetic, since portable code has no instruction for it. */
static inline unsigned
twig_bits(uint64_t w)
{
	w -= w >> 1 & 0x5555555555555555;
	w = (w & 0x3333333333333333) + (w >> 2 & 0x3333333333333333);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned)(w * 0x0101010101010101 >> 56);
}

/* Where symbol's twig is among a branch's, or would be. */
static inline unsigned
twig_index(const struct twig *branch, unsigned symbol)
{
	return twig_bits(branch->word & ((UINT64_C(1) << symbol) - 1));
}

static inline unsigned
twig_count(const struct twig *branch)
{
	return twig_bits(branch->word & ((UINT64_C(1) << KEY_SYMBOLS) - 1));
}

/* ---- searching (trie_find.c): any thread, no allocation ---- */

/* The twig of the leaf that k leads to; NULL: the trie is empty. Where above is not NULL, *above is the
 * first leaf on the way at which a name could end and that has one of the flags: NULL if none. It is the
 * highest that can be k's ancestor, or k itself, provided that its name is; if it is not, none is. */
const struct twig *trie_walk(const struct trie *t, const struct key *k, unsigned flags, const struct twig **above);

/* A walk for each of many keys, side by side: while one waits for memory, the others go on. In a trie that
 * no cache holds, eight walks together take little longer than one. */
struct trie_walker {
	const struct trie *trie;
	const struct key *key;
	unsigned flags;
	const struct twig *twig, *above;       /* as trie_walk() has them */
};
void trie_walk_many(struct trie_walker *walkers, unsigned n);

/* All leaves on the way at which a name could end, from the root; returns how many. Those
 * that are ancestors of k (or k itself) come before those that are not. */
unsigned trie_ancestors(const struct trie *t, const struct key *k, const struct twig *leaves[LABELS_MAX + 1]);

const struct twig *trie_first(const struct trie *t);   /* NULL: empty */
/* The first leaf whose key is above k, which need not be in the trie, and may be the beginning of keys: those are
 * above it. NULL: none. */
const struct twig *trie_next(const struct trie *t, const struct key *k);
/* The leaf of exactly k, or NULL. */
const struct twig *trie_get(const struct trie *t, const struct key *k);

/* ---- editing (trie_edit.c) ---- */

struct trie_edit {
	struct trie trie;              /* the version being made: may be searched meanwhile */
	struct garbage *garbage;       /* what it replaced */
	size_t copied;                 /* bytes of twig arrays that were copied for it */
};

/* Begins from old; generations start at 1. */
void trie_edit_begin(struct trie_edit *e, const struct trie *old);
/* Puts leaf at k, in place of what is there: that is freed or garbage, unless leaves are borrowed or it is leaf itself. */
void trie_put(struct trie_edit *e, const struct key *k, void *leaf, unsigned flags);
/* Takes k's leaf out; false: there was none. */
bool trie_delete(struct trie_edit *e, const struct key *k);
/* Was the leaf put by this edit (and so may be changed in place)? */
bool trie_is_own(const struct trie_edit *e, const struct twig *leaf);
/* Frees what the edit made; what it began from is as before. The garbage list is dropped. */
void trie_edit_abort(struct trie_edit *e);
/* Frees all twigs, and the leaves unless they are borrowed. */
void trie_free(struct trie *t);

#endif
