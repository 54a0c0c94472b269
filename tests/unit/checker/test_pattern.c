/* test_pattern.c - patterns on a stranger's bytes: what matches, and what it may cost. */
#include <check.h>
#include <string.h>

#include "base/clock.h"
#include "checker/pattern.h"
#include "tests/unit/suite.h"

static enum pattern_match
match(const char *text, const char *data, size_t size)
{
	uint32_t budget = PATTERN_BUDGET;
	char error[256] = "";
	struct pattern *p = pattern_new(text, error, sizeof(error));
	enum pattern_match m;

	ck_assert_msg(p != NULL, "%s", error);
	m = pattern_match(p, data, size, &budget);
	pattern_free(p);
	return m;
}

START_TEST(bytes_are_matched)
{
	ck_assert_int_eq(match("^OK\\b", "OK then", 7), PATTERN_YES);
	ck_assert_int_eq(match("^OK\\b", "not OK", 6), PATTERN_NO);
	ck_assert_int_eq(match("", "", 0), PATTERN_YES);
	ck_assert_int_eq(match("a\\x00b", "xa\0by", 5), PATTERN_YES);          /* NULs */
	ck_assert_int_eq(match("\\xff.$", "\x80\xff\xc0", 3), PATTERN_YES);     /* no UTF-8 */
	ck_assert_int_eq(match("(?i)ready", "READY", 5), PATTERN_YES);
}
END_TEST

START_TEST(mistakes_are_explained)
{
	char error[256] = "";

	ck_assert_ptr_null(pattern_new("a(b", error, sizeof(error)));
	ck_assert_str_eq(error, "the pattern \"a(b\" is wrong at character 4: missing closing parenthesis");
	ck_assert_ptr_null(pattern_new("(*UTF)a", error, sizeof(error)));      /* hostile bytes are no UTF-8 */
}
END_TEST

/* Each start of the second stays below PCRE2's own limit; there are 65,536 starts. */
START_TEST(evil_is_given_up)
{
	static const char *const evil[] = { "(x+x+)+[yz]", "x[^q]*[yz]", "(x|xx)*[yz]", "x*x*x*x*[yz]", "(.*)*[yz]" };
	static char data[PATTERN_ROOM];
	uint64_t before = clock_mono_us();

	memset(data, 'x', sizeof(data));
	ck_assert_int_eq(match(evil[_i], data, sizeof(data)), PATTERN_GAVE_UP);
	ck_assert_uint_lt(clock_mono_us() - before, 500 * US_PER_MS);
}
END_TEST

START_TEST(a_dribble_spends_one_budget)
{
	static char data[PATTERN_ROOM];
	uint32_t budget = PATTERN_BUDGET;
	char error[256] = "";
	struct pattern *p = pattern_new("needle", error, sizeof(error));
	enum pattern_match m = PATTERN_NO;
	size_t size = 0;

	memset(data, 'x', sizeof(data));
	while (size < sizeof(data) && (m = pattern_match(p, data, size, &budget)) == PATTERN_NO)
		size++;
	ck_assert_int_eq(m, PATTERN_GAVE_UP);          /* 65,536 looks at up to 64 KiB are too many */
	ck_assert_int_eq(pattern_match(p, data, size, &budget), PATTERN_GAVE_UP);
	pattern_free(p);
}
END_TEST

START_TEST(a_plain_page_costs_little)
{
	static char data[PATTERN_ROOM];
	uint32_t budget = PATTERN_BUDGET;
	char error[256] = "";
	struct pattern *p = pattern_new("status: +(ok|fine)", error, sizeof(error));

	memset(data, 's', sizeof(data));
	memcpy(data + sizeof(data) - 11, "status:  ok", 11);
	ck_assert_int_eq(pattern_match(p, data, sizeof(data), &budget), PATTERN_YES);
	ck_assert_uint_gt(budget, PATTERN_BUDGET / 2);
	pattern_free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pattern");
	TCase *tc = tcase_create("pattern");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, bytes_are_matched);
	tcase_add_test(tc, mistakes_are_explained);
	tcase_add_loop_test(tc, evil_is_given_up, 0, 5);
	tcase_add_test(tc, a_dribble_spends_one_budget);
	tcase_add_test(tc, a_plain_page_costs_little);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
