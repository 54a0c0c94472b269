/* test_dname.c - names in wire form: text, foreign bytes, comparing. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "tests/unit/suite.h"

#define LABEL_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
/* 3 labels of 63 and one of 61: 3 * 64 + 62 + 1 = 255 bytes. */
#define NAME_255 LABEL_63 "." LABEL_63 "." LABEL_63 ".aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg"

static const struct {
	const char *text;
	size_t length;                         /* 0: no name */
	const char *again;
} names[] = {
	{ ".", 1, "." },
	{ "a", 3, "a" },
	{ "a.", 3, "a" },
	{ "www.Example.COM", 17, "www.example.com" },
	{ "www.example.com.", 17, "www.example.com" },
	{ "_sip._tcp.x", 13, "_sip._tcp.x" },
	{ "*.x", 5, "*.x" },
	{ "a\\.b.c", 7, "a\\.b.c" },
	{ "a\\\\b", 5, "a\\\\b" },
	{ "\\097b", 4, "ab" },
	{ "\\065b", 4, "ab" },
	{ "\\000\\255", 4, "\\000\\255" },
	{ "a b", 5, "a\\032b" },
	{ "a\\;\\\"\\(\\)\\@\\$", 9, "a\\;\\\"\\(\\)\\@\\$" },
	{ LABEL_63, 65, LABEL_63 },
	{ NAME_255, 255, NAME_255 },
	{ NAME_255 ".", 255, NAME_255 },
	{ "", 0, NULL },
	{ "..", 0, NULL },
	{ ".a", 0, NULL },
	{ "a..b", 0, NULL },
	{ "a..", 0, NULL },
	{ "a\\", 0, NULL },
	{ "a\\2", 0, NULL },
	{ "a\\25", 0, NULL },
	{ "a\\256", 0, NULL },
	{ "a\\2x5", 0, NULL },
	{ LABEL_63 "h", 0, NULL },
	{ NAME_255 "h", 0, NULL },
	{ NAME_255 "h.", 0, NULL },
	{ NAME_255 ".a", 0, NULL },
	{ LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, 0, NULL },
	{ LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63, 0, NULL },
};

START_TEST(test_parse)
{
	uint8_t name[DNAME_MAX], again[DNAME_MAX];
	char buf[DNAME_TEXT];

	ck_assert_msg(dname_parse(names[_i].text, name) == names[_i].length, "%s", names[_i].text);
	if (names[_i].length == 0)
		return;
	ck_assert_uint_eq(dname_length(name), names[_i].length);
	ck_assert_uint_eq(dname_read(name, sizeof(name)), names[_i].length);
	ck_assert_str_eq(dname_format(name, buf), names[_i].again);
	ck_assert_uint_eq(dname_parse(buf, again), names[_i].length);
	ck_assert_mem_eq(name, again, names[_i].length);
}
END_TEST

START_TEST(test_wire)
{
	static const uint8_t expected[] = { 3, 'w', 'w', 'w', 1, 'x', 0 };
	uint8_t name[DNAME_MAX];

	ck_assert_uint_eq(dname_parse("WWW.x", name), sizeof(expected));
	ck_assert_mem_eq(name, expected, sizeof(expected));
	ck_assert_uint_eq(dname_labels(name), 2);
	ck_assert_uint_eq(dname_parse(".", name), 1);
	ck_assert_uint_eq(dname_labels(name), 0);
}
END_TEST

/* 127 labels of one byte: as many as a name can have. */
START_TEST(test_most_labels)
{
	char text[2 * LABELS_MAX + 3] = "", buf[DNAME_TEXT];
	uint8_t name[DNAME_MAX];

	for (int i = 0; i < LABELS_MAX; i++)
		memcpy(text + 2 * i, "x.", 3);
	ck_assert_uint_eq(dname_parse(text, name), DNAME_MAX);
	ck_assert_uint_eq(dname_labels(name), LABELS_MAX);
	ck_assert_uint_eq(strlen(dname_format(name, buf)), 2 * LABELS_MAX - 1);
	strcat(text, "x");
	ck_assert_uint_eq(dname_parse(text, name), 0);
}
END_TEST

/* The longest text: 4 labels of bytes that each need \DDD. */
START_TEST(test_longest_text)
{
	uint8_t name[DNAME_MAX] = { 0 }, again[DNAME_MAX];
	static const uint8_t lengths[] = { 63, 63, 63, 61 };
	char buf[DNAME_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < 4; i++) {
		name[n] = lengths[i];
		memset(name + n + 1, 0xff, lengths[i]);
		n += lengths[i] + 1u;
	}
	ck_assert_uint_eq(dname_read(name, sizeof(name)), 255);
	ck_assert_uint_eq(strlen(dname_format(name, buf)), 250 * 4 + 3);
	ck_assert_uint_eq(dname_parse(buf, again), 255);
	ck_assert_mem_eq(name, again, 255);
}
END_TEST

START_TEST(test_read)
{
	static const uint8_t good[] = { 1, 'a', 2, 'b', 'c', 0, 9, 9 };
	static const uint8_t pointer[] = { 1, 'a', 0xc0, 12 };
	static const uint8_t strange[] = { 0x40, 'a', 0 };
	uint8_t label_64[66] = { 64 };
	uint8_t ends[300] = { 0 };
	static const uint8_t steps[] = { 63, 63, 63, 62 };     /* 256 bytes with the root label */
	size_t n = 0;

	ck_assert_uint_eq(dname_read(good, sizeof(good)), 6);
	for (size_t size = 0; size < 6; size++)
		ck_assert_uint_eq(dname_read(good, size), 0);
	ck_assert_uint_eq(dname_read(good, 6), 6);
	ck_assert_uint_eq(dname_read(pointer, sizeof(pointer)), 0);
	ck_assert_uint_eq(dname_read(strange, sizeof(strange)), 0);
	ck_assert_uint_eq(dname_read(label_64, sizeof(label_64)), 0);
	for (size_t i = 0; i < 4; i++) {
		ends[n] = steps[i];
		n += steps[i] + 1u;
	}
	ck_assert_uint_eq(dname_read(ends, sizeof(ends)), 0);
	ends[192] = 61;
	ck_assert_uint_eq(dname_read(ends, sizeof(ends)), 255);
	ck_assert_uint_eq(dname_read(ends, 254), 0);
}
END_TEST

static const struct {
	const char *name, *ancestor;
	bool under, equal;
} relations[] = {
	{ "a.b.c", "b.c", true, false },
	{ "a.b.c", "a.b.c", true, true },
	{ "a.b.c", ".", true, false },
	{ ".", ".", true, true },
	{ "b.c", "a.b.c", false, false },
	{ "ab.c", "b.c", false, false },
	{ "xa.b", "a.b", false, false },
	{ "a.bc", "a.b", false, false },
	{ ".", "a", false, false },
	{ "a\\.b.c", "b.c", false, false },
	{ "a\\001c", "c", false, false },      /* bytes that look like a label */
	{ "aa", "bb", false, false },
};

START_TEST(test_relation)
{
	uint8_t name[DNAME_MAX], ancestor[DNAME_MAX];

	ck_assert(dname_parse(relations[_i].name, name) > 0 && dname_parse(relations[_i].ancestor, ancestor) > 0);
	ck_assert_int_eq(dname_is_under(name, ancestor), relations[_i].under);
	ck_assert_int_eq(dname_equal(name, ancestor), relations[_i].equal);
	for (size_t i = 1; i < dname_length(name); i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (uint8_t)(name[i] - 32);
	ck_assert_int_eq(dname_is_under(name, ancestor), relations[_i].under);
	ck_assert_int_eq(dname_equal(name, ancestor), relations[_i].equal);
	dname_lower(name);
	ck_assert_int_eq(dname_equal(name, ancestor), relations[_i].equal);
}
END_TEST

/* Only letters fold, and only ASCII's. */
START_TEST(test_fold)
{
	for (unsigned c = 0; c < 256; c++)
		ck_assert_uint_eq(dname_fold((uint8_t)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dname");
	TCase *tests = tcase_create("dname");

	tcase_add_loop_test(tests, test_parse, 0, (int)(sizeof(names) / sizeof(*names)));
	tcase_add_test(tests, test_wire);
	tcase_add_test(tests, test_most_labels);
	tcase_add_test(tests, test_longest_text);
	tcase_add_test(tests, test_read);
	tcase_add_loop_test(tests, test_relation, 0, (int)(sizeof(relations) / sizeof(*relations)));
	tcase_add_test(tests, test_fold);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
