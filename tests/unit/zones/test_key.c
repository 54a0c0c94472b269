/* test_key.c - keys: their order is the canonical order of names. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "zones/key.h"
#include "tests/unit/suite.h"

static struct key
key_of(const uint8_t *name)
{
	struct key k = { .length = 0 };

	key_add(&k, name, dname_length(name) - 1);
	return k;
}

static struct key
key_text(const char *text)
{
	uint8_t name[DNAME_MAX];

	ck_assert_uint_gt(dname_parse(text, name), 0);
	return key_of(name);
}

static int
key_compare(const struct key *a, const struct key *b)
{
	unsigned at = key_difference(a, b);

	if (at == a->length && at == b->length)
		return 0;
	ck_assert_uint_lt(at, a->length);      /* no key is the beginning of another */
	ck_assert_uint_lt(at, b->length);
	return a->symbols[at] < b->symbols[at] ? -1 : 1;
}

/* RFC 4034, 6.1, to the letter: labels from the right, each as a string of lower-case octets. */
static int
canonical_compare(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *la[LABELS_MAX], *lb[LABELS_MAX];
	unsigned na = 0, nb = 0;

	for (; *a != 0; a += *a + 1)
		la[na++] = a;
	for (; *b != 0; b += *b + 1)
		lb[nb++] = b;
	while (na > 0 && nb > 0) {
		const uint8_t *x = la[--na], *y = lb[--nb];

		for (unsigned i = 1; i <= *x && i <= *y; i++)
			if (dname_fold(x[i]) != dname_fold(y[i]))
				return dname_fold(x[i]) < dname_fold(y[i]) ? -1 : 1;
		if (*x != *y)
			return *x < *y ? -1 : 1;
	}
	return na == nb ? 0 : na < nb ? -1 : 1;
}

/* Names of few labels and few kinds of bytes, so that they often begin alike. */
static void
random_name(uint8_t *out)
{
	static const uint8_t bytes[] = { 0, 1, '*', ',', '-', '.', '/', '0', '9', ':', '@', 'A', 'Z', '[', '^', '_', '`', 'a', 'b',
		'z', '{', 169, 170, 216, 217, 255 };
	unsigned labels = (unsigned)rand() % 5;

	while (labels-- > 0) {
		unsigned length = 1 + (unsigned)rand() % 3;

		*out++ = (uint8_t)length;
		while (length-- > 0)
			*out++ = (uint8_t)(rand() % 4 != 0 ? bytes[(unsigned)rand() % sizeof(bytes)] : rand());
	}
	*out = 0;
}

START_TEST(order_is_canonical)
{
	srand(1);
	for (int i = 0; i < ROUNDS(200000); i++) {
		uint8_t a[DNAME_MAX], b[DNAME_MAX];
		struct key ka, kb;

		random_name(a);
		random_name(b);
		ka = key_of(a);
		kb = key_of(b);
		ck_holds(key_compare(&ka, &kb) == canonical_compare(a, b));
	}
}
END_TEST

/* The example of RFC 4034, 6.1. */
START_TEST(order_of_the_rfc)
{
	static const char *const names[] = { "example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE",
		"z.example", "\\001.z.example", "*.z.example", "\\200.z.example" };

	for (size_t i = 0; i + 1 < sizeof(names) / sizeof(*names); i++) {
		struct key a = key_text(names[i]), b = key_text(names[i + 1]);

		ck_assert_msg(key_compare(&a, &b) < 0, "%s is not before %s", names[i], names[i + 1]);
	}
}
END_TEST

/* Every byte has a key of its own, in its place; upper case has that of lower case. */
START_TEST(every_byte)
{
	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y++) {
			uint8_t a[] = { 1, (uint8_t)x, 0 }, b[] = { 1, (uint8_t)y, 0 };
			struct key ka = key_of(a), kb = key_of(b);
			int expected = (dname_fold((uint8_t)x) > dname_fold((uint8_t)y)) -
			    (dname_fold((uint8_t)x) < dname_fold((uint8_t)y));

			ck_assert_int_eq(key_compare(&ka, &kb), expected);
		}
}
END_TEST

START_TEST(symbols_fit_the_bitmap)
{
	for (unsigned x = 0; x < 256; x++) {
		uint8_t name[] = { 1, (uint8_t)x, 0 };
		struct key k = key_of(name);

		ck_assert(k.length == 3 || k.length == 4);
		for (unsigned i = 0; i + 2 < k.length; i++) {
			ck_assert_uint_gt(k.symbols[i], KEY_END);
			ck_assert_uint_lt(k.symbols[i], KEY_SYMBOLS);
		}
	}
}
END_TEST

START_TEST(longest_names_fit)
{
	uint8_t name[DNAME_MAX];
	struct key k;

	for (unsigned i = 0; i < 4; i++) {
		name[64 * i] = i < 3 ? 63 : 61;
		memset(name + 64 * i + 1, 0xff, name[64 * i]);
	}
	name[254] = 0;
	k = key_of(name);
	ck_assert_uint_eq(k.length, 2 * 250 + 4 + 1);
	key_add(&k, name, 254);
	ck_assert_uint_eq(k.length, 2 * 505);
	ck_assert_uint_le(k.length, KEY_MAX);

	for (unsigned i = 0; i < 127; i++) {
		name[2 * i] = 1;
		name[2 * i + 1] = 0;
	}
	k = key_of(name);
	ck_assert_uint_eq(k.length, 127 * 3 + 1);
}
END_TEST

START_TEST(labels_are_seen)
{
	struct key k = key_text("ab.c");       /* c END a b END END */

	ck_assert_uint_eq(k.length, 6);
	ck_assert(key_at_label(&k, 0));
	ck_assert(!key_at_label(&k, 1));
	ck_assert(key_at_label(&k, 2));
	ck_assert(!key_at_label(&k, 3));
	ck_assert(!key_at_label(&k, 4));
	ck_assert(key_at_label(&k, 5));
	ck_assert(!key_at_label(&k, 6));
	ck_assert_uint_eq(key_symbol(&k, 6), KEY_END);
}
END_TEST

START_TEST(keys_relative_to_an_apex)
{
	struct key whole = key_text("www.shop"), k = { .length = 0 };
	uint8_t name[DNAME_MAX];

	dname_parse("WWW.Shop.example.test", name);
	key_add(&k, name, 9);
	ck_assert_uint_eq(k.length, whole.length);
	ck_assert_mem_eq(k.symbols, whole.symbols, k.length);
	k.length = 0;
	key_add(&k, name, 0);                  /* the apex itself */
	ck_assert_uint_eq(k.length, 1);
	ck_assert_uint_eq(k.symbols[0], KEY_END);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("key");
	TCase *t = tcase_create("key");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, order_is_canonical);
	tcase_add_test(t, order_of_the_rfc);
	tcase_add_test(t, every_byte);
	tcase_add_test(t, symbols_fit_the_bitmap);
	tcase_add_test(t, longest_names_fit);
	tcase_add_test(t, labels_are_seen);
	tcase_add_test(t, keys_relative_to_an_apex);
	suite_add_tcase(s, t);
	return suite_run(s);
}
