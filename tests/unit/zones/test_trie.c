/* test_trie.c - the trie against a sorted array, and its versions against each other. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/garbage.h"
#include "zones/trie.h"
#include "zones/zone.h"
#include "tests/unit/suite.h"

enum { NAMES = 3000, VERSIONS = 12 };

struct leaf {
	unsigned number;               /* what this version has put */
	uint8_t name[DNAME_MAX];
};

static void
leaf_key(struct key *k, const void *leaf, unsigned skip)
{
	const struct leaf *l = leaf;

	key_add(k, l->name, dname_length(l->name) - skip);
}

static const struct trie empty = { .key = leaf_key, .skip = 1 };

static struct key
key_of(const uint8_t *name)
{
	struct key k = { .length = 0 };

	key_add(&k, name, dname_length(name) - 1);
	return k;
}

/* ---- the model: names in canonical order, and what each version has there (0: nothing) ---- */

static uint8_t names[NAMES][DNAME_MAX];
static unsigned model[VERSIONS][NAMES];

static int
name_order(const void *a, const void *b)
{
	struct key ka = key_of(a), kb = key_of(b);
	unsigned at = key_difference(&ka, &kb);

	return at == ka.length ? 0 : ka.symbols[at] < kb.symbols[at] ? -1 : 1;
}

static void
names_make(void)
{
	for (unsigned i = 0; i < NAMES; i++) {
		unsigned labels = 1 + (unsigned)rand() % 4;
		uint8_t *p = names[i];

		while (labels-- > 0) {
			unsigned length = 1 + (unsigned)rand() % 2;

			*p++ = (uint8_t)length;
			while (length-- > 0)
				*p++ = (uint8_t)(rand() % 8 != 0 ? 'a' + rand() % 5 : rand());
		}
		*p = 0;
		dname_lower(names[i]);
	}
	qsort(names, NAMES, sizeof(*names), name_order);
}

static struct leaf *
leaf_new(unsigned i, unsigned number)
{
	struct leaf *l = mem_alloc(sizeof(*l));

	l->number = number;
	memcpy(l->name, names[i], DNAME_MAX);
	return l;
}

/* Every name is found or not, in order, as the model says. */
static void
version_check(const struct trie *t, const unsigned *expected)
{
	const struct twig *next = trie_first(t);
	size_t count = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		struct key k = key_of(names[i]);
		const struct twig *twig = trie_get(t, &k);

		if (i > 0 && name_order(names[i - 1], names[i]) == 0)
			continue;              /* the model has the first of equals */
		if (expected[i] == 0) {
			ck_assert_ptr_null(twig);
			continue;
		}
		ck_assert_ptr_nonnull(twig);
		ck_assert_uint_eq(((struct leaf *)twig->to.leaf)->number, expected[i]);
		ck_assert_uint_eq(twig_flags(twig), expected[i] & 0x7f);
		ck_assert_ptr_eq(twig, next);
		next = trie_next(t, &k);
		count++;
	}
	ck_assert_ptr_null(next);
	ck_assert_uint_eq(count, t->leaves);
}

static unsigned
first_of_equals(unsigned i)
{
	while (i > 0 && name_order(names[i - 1], names[i]) == 0)
		i--;
	return i;
}

static void
version_change(struct trie_edit *e, unsigned *m, unsigned changes, unsigned *number)
{
	while (changes-- > 0) {
		unsigned i = first_of_equals((unsigned)rand() % NAMES);
		struct key k = key_of(names[i]);

		if (rand() % 3 == 0) {
			ck_assert_int_eq(trie_delete(e, &k), m[i] != 0);
			m[i] = 0;
		} else {
			m[i] = ++*number;
			trie_put(e, &k, leaf_new(i, m[i]), m[i] & 0x7f);
		}
	}
}

START_TEST(versions_stay_as_they_were)
{
	struct garbage *garbage[VERSIONS];
	struct trie versions[VERSIONS];
	unsigned number = 0;

	srand(7);
	names_make();
	memset(model, 0, sizeof(model));
	for (unsigned v = 0; v < VERSIONS; v++) {
		struct trie_edit e;

		if (v > 0)
			memcpy(model[v], model[v - 1], sizeof(model[v]));
		trie_edit_begin(&e, v > 0 ? &versions[v - 1] : &empty);
		version_change(&e, model[v], v == 0 ? 2 * NAMES : 300, &number);
		versions[v] = e.trie;
		garbage[v] = e.garbage;
	}
	for (unsigned v = 0; v < VERSIONS; v++) {
		for (unsigned i = v; i < VERSIONS; i++) {
			struct trie plain = versions[i];

			version_check(&versions[i], model[i]);
			plain.popcnt = false;  /* as on a processor without */
			version_check(&plain, model[i]);
		}
		if (v + 1 < VERSIONS)
			garbage_free(garbage[v + 1]);  /* and with it what v alone had */
	}
	garbage_free(garbage[0]);
	trie_free(&versions[VERSIONS - 1]);
}
END_TEST

START_TEST(abort_leaves_no_trace)
{
	unsigned changed[NAMES], number = 0;
	struct garbage *garbage;
	struct trie_edit e;
	struct trie t;

	srand(8);
	names_make();
	memset(model, 0, sizeof(model));
	trie_edit_begin(&e, &empty);
	version_change(&e, model[0], NAMES, &number);
	t = e.trie;
	garbage = e.garbage;
	memcpy(changed, model[0], sizeof(changed));
	trie_edit_begin(&e, &t);
	version_change(&e, changed, NAMES, &number);
	version_check(&e.trie, changed);
	trie_edit_abort(&e);
	version_check(&t, model[0]);
	trie_edit_begin(&e, &empty);
	trie_edit_abort(&e);
	garbage_free(garbage);
	trie_free(&t);
}
END_TEST

START_TEST(emptied_again)
{
	struct key k = key_of((const uint8_t *)"\1a");
	struct trie_edit e;

	trie_edit_begin(&e, &empty);
	ck_assert_ptr_null(trie_walk(&e.trie, &k, 0, NULL));
	ck_assert_ptr_null(trie_first(&e.trie));
	ck_assert_ptr_null(trie_next(&e.trie, &k));
	ck_assert(!trie_delete(&e, &k));
	memcpy(names[0], "\1a", 3);
	trie_put(&e, &k, leaf_new(0, 1), 0);
	ck_assert_ptr_nonnull(trie_first(&e.trie));
	ck_assert(trie_delete(&e, &k));
	ck_assert_ptr_null(trie_first(&e.trie));
	ck_assert_uint_eq(e.trie.leaves, 0);
	trie_free(&e.trie);
	garbage_free(e.garbage);
}
END_TEST

/* The successor of names that are not there. */
START_TEST(next_of_any_name)
{
	unsigned number = 0;
	struct trie_edit e;

	srand(9);
	names_make();
	memset(model, 0, sizeof(model));
	trie_edit_begin(&e, &empty);
	version_change(&e, model[0], NAMES, &number);
	for (unsigned i = 0; i < NAMES; i++) {
		struct key k = key_of(names[i]);
		const struct twig *next = trie_next(&e.trie, &k);
		unsigned n = i + 1;

		while (n < NAMES && (model[0][n] == 0 || name_order(names[i], names[n]) == 0))
			n++;
		if (n == NAMES) {
			ck_assert_ptr_null(next);
			continue;
		}
		ck_assert_ptr_nonnull(next);
		ck_assert_uint_eq(((struct leaf *)next->to.leaf)->number, model[0][n]);
	}
	garbage_free(e.garbage);
	trie_free(&e.trie);
}
END_TEST

/* All ancestors of a name are passed on the way to it, and the topmost with a flag is told. */
START_TEST(ancestors_are_passed)
{
	unsigned number = 0;
	struct trie_edit e;

	srand(10);
	names_make();
	memset(model, 0, sizeof(model));
	trie_edit_begin(&e, &empty);
	version_change(&e, model[0], 2 * NAMES, &number);
	for (unsigned i = 0; i < NAMES; i++) {
		const struct twig *leaves[LABELS_MAX + 1], *above;
		const uint8_t *topmost = NULL;
		struct key k = key_of(names[i]);
		unsigned count = trie_ancestors(&e.trie, &k, leaves), at = 0;

		for (unsigned n = 0; n <= i; n++) {
			if (model[0][n] == 0 || !dname_is_under(names[i], names[n]))
				continue;
			ck_assert_uint_lt(at, count);
			ck_assert(dname_equal(((struct leaf *)leaves[at++]->to.leaf)->name, names[n]));
			if (topmost == NULL && (model[0][n] & 3) != 0)
				topmost = names[n];
		}
		trie_walk(&e.trie, &k, 3, &above);
		if (topmost != NULL) {
			ck_assert_ptr_nonnull(above);
			ck_assert(dname_equal(((struct leaf *)above->to.leaf)->name, topmost));
		} else if (above != NULL) {
			ck_assert(!dname_is_under(names[i], ((struct leaf *)above->to.leaf)->name));
		}
	}
	garbage_free(e.garbage);
	trie_free(&e.trie);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trie");
	TCase *t = tcase_create("trie");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, versions_stay_as_they_were);
	tcase_add_test(t, abort_leaves_no_trace);
	tcase_add_test(t, emptied_again);
	tcase_add_test(t, next_of_any_name);
	tcase_add_test(t, ancestors_are_passed);
	suite_add_tcase(s, t);
	return suite_run(s);
}
