/* test_compress.c - names in messages: each reads back as it was written, and is as short as it can be. */
#include <stdlib.h>

#include "base/mem.h"
#include "dnsd/compress.h"
#include "tests/unit/suite.h"

enum { ROOM = 65535 };

static struct compress table;
static uint8_t message[ROOM];

/* Reads the name at *at as RFC 1035, 4.1.4 has it; pointers lead backwards. *at goes behind it. */
static void
name_read(size_t *at, uint8_t out[DNAME_MAX])
{
	size_t p = *at, n = 0;
	bool jumped = false;

	for (;;) {
		if (message[p] >= 0xC0) {
			size_t to = be16_get(message + p) & 0x3FFFu;

			ck_assert(to >= 12 && to < p);
			if (!jumped)
				*at = p + 2;
			jumped = true;
			p = to;
			continue;
		}
		ck_assert(n + message[p] + 1u <= DNAME_MAX);
		memcpy(out + n, message + p, message[p] + 1u);
		n += message[p] + 1u;
		if (message[p] == 0)
			break;
		p += message[p] + 1u;
	}
	if (!jumped)
		*at = p + 1;
}

static unsigned
below(unsigned n)
{
	return (unsigned)rand() % n;
}

static void
random_name(uint8_t out[DNAME_MAX])
{
	unsigned size = 0;

	for (unsigned labels = below(7); labels > 0; labels--) {
		out[size++] = (uint8_t)(below(20) == 0 ? 20 : 1);
		memset(out + size, "abcdAB"[below(6)], out[size - 1]);
		size += out[size - 1];
	}
	out[size] = 0;
}

START_TEST(names_come_back)
{
	static uint8_t names[16000][DNAME_MAX];
	uint8_t again[DNAME_MAX];

	srand(31);
	for (unsigned round = 0; round < ROUNDS(10); round++) {
		struct wr w = wr_begin(message, ROOM);
		unsigned count = 0;
		size_t at = 12;

		compress_begin(&table);
		wr_room(&w, 12);
		for (; count < 16000; count++) {
			random_name(names[count]);
			compress_name(&table, &w, names[count]);
			if (w.full)
				break;
		}
		ck_holds(wr_size(&w) > 0x4000 * 2);
		for (unsigned i = 0; i < count; i++) {
			name_read(&at, again);
			ck_holds(memcmp(again, names[i], dname_length(names[i])) == 0);
		}
	}
}
END_TEST

static size_t
size_of(struct wr *w, const char *name)
{
	size_t before = wr_size(w);

	compress_name(&table, w, (const uint8_t *)name);
	return wr_size(w) - before;
}

START_TEST(endings_are_found)
{
	struct wr w = wr_begin(message, ROOM);

	compress_begin(&table);
	memcpy(message + 12, "\3www\7example\3com", 17);
	wr_room(&w, 12 + 17);
	compress_learn(&table, message + 12, 12);
	ck_assert_uint_eq(size_of(&w, "\3www\7example\3com"), 2);
	ck_assert_uint_eq(be16_get(w.p - 2), 0xC00C);
	ck_assert_uint_eq(size_of(&w, "\7example\3com"), 2);
	ck_assert_uint_eq(be16_get(w.p - 2), 0xC00C + 4);
	ck_assert_uint_eq(size_of(&w, "\2ns\3com"), 5);
	ck_assert_uint_eq(size_of(&w, "\1a\2ns\3com"), 4);     /* behind a name that ends in a pointer */
	ck_assert_uint_eq(size_of(&w, "\7eXample\3com"), 10);  /* the case is the name's own */
	ck_assert_uint_eq(size_of(&w, "\7eXample\3com"), 2);
	ck_assert_uint_eq(size_of(&w, ""), 1);                  /* the root is shorter than a pointer */
	ck_assert_uint_eq(size_of(&w, "\3org"), 5);
	compress_begin(&table);
	ck_assert_uint_eq(size_of(&w, "\3www\7example\3com"), 17);
}
END_TEST

/* What begins in the first 16 KiB can be pointed at, from anywhere; nothing else. */
START_TEST(as_far_as_pointers_reach)
{
	for (size_t offset = 0x3FFE; offset <= 0x4001; offset++) {
		struct wr w = wr_begin(message, ROOM);

		compress_begin(&table);
		wr_room(&w, offset);
		ck_assert_uint_eq(size_of(&w, "\1a\1b"), 5);
		ck_assert_uint_eq(size_of(&w, "\1a\1b"), offset < 0x4000 ? 2 : 5);
		ck_assert_uint_eq(size_of(&w, "\1b"), offset + 2 < 0x4000 ? 2 : 3);
	}
}
END_TEST

/* A name that did not fit does not stand there, whatever bytes do. */
START_TEST(at_the_end_of_the_room)
{
	struct wr w = wr_begin(message, 12 + 8);

	memcpy(message + 12, "\7example\3com", 13);
	compress_begin(&table);
	wr_room(&w, 12);
	compress_name(&table, &w, (const uint8_t *)"\7example\3com");
	ck_assert(w.full);
	w.full = false;
	ck_assert_uint_eq(size_of(&w, "\3com"), 5);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("compress");
	TCase *t = tcase_create("compress");

	tcase_add_test(t, names_come_back);
	tcase_add_test(t, endings_are_found);
	tcase_add_test(t, as_far_as_pointers_reach);
	tcase_add_test(t, at_the_end_of_the_room);
	suite_add_tcase(s, t);
	return suite_run(s);
}
