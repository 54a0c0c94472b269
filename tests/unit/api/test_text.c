/* test_text.c - small values as JSON: foreign bytes, times, durations. */
#include "api/text.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

/* The value's JSON, which is then gone; good until the next call. */
static const char *
dump(json_t *value)
{
	static char text[256];
	size_t n = json_dumpb(value, text, sizeof(text) - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));

	ck_assert_uint_lt(n, sizeof(text));
	text[n] = '\0';
	json_decref(value);
	return text;
}

START_TEST(texts)
{
	ck_assert_str_eq(dump(text_json(NULL)), "null");
	ck_assert_str_eq(dump(text_json("")), "\"\"");
	ck_assert_str_eq(dump(text_json("a\"b\n")), "\"a\\\"b\\n\"");
	ck_assert_str_eq(dump(text_json("\xc3\xa9")), "\"\xc3\xa9\"");
	ck_assert_str_eq(dump(text_json("SSH-\xff\xfe 2")), "\"SSH-?? 2\"");
	ck_assert_str_eq(dump(text_json("cut \xc3")), "\"cut ?\"");
}
END_TEST

START_TEST(times)
{
	struct moment now = { 90000000, 1700000000123 };

	ck_assert_str_eq(dump(wall_json(0)), "null");
	ck_assert_str_eq(dump(wall_json(1)), "\"1970-01-01T00:00:00.001Z\"");
	ck_assert_str_eq(dump(wall_json(1709164800000)), "\"2024-02-29T00:00:00.000Z\"");
	ck_assert_str_eq(dump(mono_json(0, now)), "null");
	ck_assert_str_eq(dump(mono_json(90000000, now)), "\"2023-11-14T22:13:20.123Z\"");
	ck_assert_str_eq(dump(mono_json(88500000, now)), "\"2023-11-14T22:13:18.623Z\"");
}
END_TEST

START_TEST(durations)
{
	ck_assert_str_eq(dump(seconds_json(1500000)), "1.5");
	ck_assert_str_eq(dump(milliseconds_json(250)), "0.25");
	ck_assert_str_eq(dump(milliseconds_json(0)), "0.0");
}
END_TEST

START_TEST(addresses)
{
	struct addr a = { .family = 0 };

	ck_assert_str_eq(dump(addr_json(&a)), "null");
	ck_assert(addr_parse_port("[2001:db8::1]:53", 0, &a));
	ck_assert_str_eq(dump(addr_json(&a)), "\"2001:db8::1\"");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("text");

	tcase_add_test(t, texts);
	tcase_add_test(t, times);
	tcase_add_test(t, durations);
	tcase_add_test(t, addresses);
	suite_add_tcase(s, t);
	return suite_run(s);
}
