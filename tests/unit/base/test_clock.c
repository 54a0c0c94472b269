/* test_clock.c - durations as people write them, and the two clocks. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tests/unit/suite.h"

static const struct {
	const char *text;
	bool valid;
	uint64_t us;
	const char *again;
} durations[] = {
	{ "200ms", true, 200000, "200ms" },
	{ "5s", true, 5000000, "5s" },
	{ "5", true, 5000000, "5s" },
	{ "2m", true, 120000000, "2m" },
	{ "1h", true, 3600000000, "1h" },
	{ "3d", true, 259200000000, "3d" },
	{ "90s", true, 90000000, "90s" },
	{ "1.5s", true, 1500000, "1.5s" },
	{ "0.2", true, 200000, "200ms" },
	{ ".5", true, 500000, "500ms" },
	{ "5.", true, 5000000, "5s" },
	{ "0.25ms", true, 250, "250us" },
	{ "1500us", true, 1500, "1.5ms" },
	{ "1.05s", true, 1050000, "1.05s" },
	{ "7us", true, 7, "7us" },
	{ "0", true, 0, "0s" },
	{ "0ms", true, 0, "0s" },
	{ "1.000001", true, 1000001, "1.000001s" },
	{ "36600d", true, 36600 * 86400000000ull, "36600d" },
	{ "36601d", false, 0, NULL },
	{ "", false, 0, NULL },
	{ ".", false, 0, NULL },
	{ "..5", false, 0, NULL },
	{ "1.2.3", false, 0, NULL },
	{ "s", false, 0, NULL },
	{ "ms", false, 0, NULL },
	{ "-1s", false, 0, NULL },
	{ "+1s", false, 0, NULL },
	{ " 1s", false, 0, NULL },
	{ "1 s", false, 0, NULL },
	{ "1s ", false, 0, NULL },
	{ "1S", false, 0, NULL },
	{ "000000000000000000000000000000001s", false, 0, NULL },
	{ "1e3", false, 0, NULL },
	{ "1e3s", false, 0, NULL },
	{ "0x10", false, 0, NULL },
	{ "0x10s", false, 0, NULL },
	{ "inf", false, 0, NULL },
	{ "nan", false, 0, NULL },
	{ "1w", false, 0, NULL },
	{ "1s2", false, 0, NULL },
	{ "99999999999999999999999999999999999999999999", false, 0, NULL },
};

START_TEST(test_duration)
{
	char buf[DURATION_TEXT];
	uint64_t us = 12345, back = 0;

	ck_assert_msg(duration_parse(durations[_i].text, &us) == durations[_i].valid, "%s", durations[_i].text);
	ck_assert_uint_eq(us, durations[_i].valid ? durations[_i].us : 12345);
	if (!durations[_i].valid)
		return;
	ck_assert_str_eq(duration_format(us, buf, sizeof(buf)), durations[_i].again);
	ck_assert(duration_parse(buf, &back));
	ck_assert_uint_eq(back, us);
}
END_TEST

/* What is written can be read, exactly. */
START_TEST(test_round_trip)
{
	for (uint64_t us = 1; us < 3000ull * 86400 * US_PER_S; us = us * 13 / 8 + 7) {
		char buf[DURATION_TEXT];
		uint64_t back = 0;

		ck_assert_msg(duration_parse(duration_format(us, buf, sizeof(buf)), &back) && back == us, "%llu us is written %s",
		    (unsigned long long)us, buf);
	}
}
END_TEST

START_TEST(test_clocks)
{
	uint64_t first = clock_mono_us(), wall = clock_wall_ms(), now = (uint64_t)time(NULL);
	struct timespec nap = { .tv_nsec = 2000000 };

	nanosleep(&nap, NULL);
	ck_assert_uint_ge(clock_mono_us(), first + 2000);
	ck_assert_uint_lt(clock_mono_us(), first + 60 * US_PER_S);
	ck_assert_uint_ge(wall / 1000 + 2, now);
	ck_assert_uint_le(wall / 1000, now + 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tests = tcase_create("clock");

	tcase_add_loop_test(tests, test_duration, 0, (int)(sizeof(durations) / sizeof(*durations)));
	tcase_add_test(tests, test_round_trip);
	tcase_add_test(tests, test_clocks);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
