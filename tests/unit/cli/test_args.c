/* test_args.c - the command line: options anywhere, each mistake with its value; and how ages are said. */
#include "cli/args.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "tests/unit/suite.h"

static struct args a;
static char error[ARGS_ERROR];

/* Splits line at spaces; "~" stands for a space. The words live until the test ends. */
static bool
take(const char *line)
{
	static char text[512];
	static char *argv[32];
	int argc = 0;
	char *rest = text, *word;

	snprintf(text, sizeof(text), "homing %s", line);
	while ((word = strsep(&rest, " ")) != NULL) {
		for (char *p = word; *p != '\0'; p++)
			if (*p == '~')
				*p = ' ';
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return args_parse(argc, argv, &a, error);
}

START_TEST(before_and_behind_the_verb)
{
	static const char *const lines[] = {
		"-s /run/x --json drain --for 2h db1/a --why new~kernel --wait",
		"drain db1/a --why=new~kernel --wait --for=2h -s/run/x --json",
		"--json --wait --for 2h --why new~kernel -s /run/x -- drain db1/a",
	};

	for (size_t i = 0; i < 3; i++) {
		ck_assert_msg(take(lines[i]), "%s", error);
		ck_assert_uint_eq(a.given, OPTION_SOCKET | OPTION_JSON | OPTION_FOR | OPTION_WHY | OPTION_WAIT);
		ck_assert_int_eq(a.nwords, 2);
		ck_assert_str_eq(a.words[0], "drain");
		ck_assert_str_eq(a.words[1], "db1/a");
		ck_assert_str_eq(a.socket, "/run/x");
		ck_assert_str_eq(a.for_text, "2h");
		ck_assert_str_eq(a.why, "new kernel");
	}
}
END_TEST

START_TEST(values)
{
	ck_assert(take("wait --timeout 200ms ready"));
	ck_assert_uint_eq(a.timeout_us, 200000);
	ck_assert(take("history db1 --since 2h"));
	ck_assert_uint_eq(a.since_us, 7200000000);
	ck_assert_uint_eq(a.given, OPTION_SINCE);
	ck_assert(take("watch --count 3"));
	ck_assert_uint_eq(a.count, 3);
	ck_assert(take("explain www --from 2001:db8::1 --type AAAA -c f"));
	ck_assert_str_eq(a.from, "2001:db8::1");
	ck_assert_str_eq(a.type, "AAAA");
	ck_assert_str_eq(a.file, "f");
	ck_assert(take(""));
	ck_assert(take("status"));
	ck_assert_uint_eq(a.given, 0);
	ck_assert_int_eq(a.nwords, 1);
}
END_TEST

static const struct {
	const char *line, *says;
} mistakes[] = {
	{ "status --frobnicate", "unknown option --frobnicate" },
	{ "status -x", "unknown option -x" },
	{ "drain db1 --for", "--for needs a value" },
	{ "status -s", "-s needs a value" },
	{ "drain db1 --for soon", "--for: \"soon\" is no duration" },
	{ "drain db1 --for 0", "--for: \"0\" is no duration above 0" },
	{ "wait --timeout -1s", "--timeout: \"-1s\"" },
	{ "history --since yesterday", "--since: \"yesterday\"" },
	{ "watch --count 0", "--count: \"0\"" },
	{ "watch --count -1", "--count: \"-1\"" },
	{ "watch --count 3x", "--count: \"3x\"" },
	{ "watch --count 99999999999999999999", "--count: \"99999999999999999999\"" },
	{ "explain x --from nowhere", "--from: \"nowhere\" is no address" },
	{ "status --json=yes", "unknown option --json=yes" },
};
enum { NMISTAKES = sizeof(mistakes) / sizeof(*mistakes) };

START_TEST(mistake)
{
	ck_assert_msg(!take(mistakes[_i].line), "%s", mistakes[_i].line);
	ck_assert_msg(strstr(error, mistakes[_i].says) != NULL, "%s: %s", mistakes[_i].line, error);
}
END_TEST

START_TEST(ages)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = {
		{ -3, "0s" }, { 0, "0s" }, { 59.9, "59s" }, { 60, "1m" }, { 75, "1m 15s" }, { 600, "10m" }, { 3599, "59m" },
		{ 3600, "1h" }, { 7290, "2h 1m" }, { 86400, "1d" }, { 200000, "2d 7h" },
	};
	char buf[AGE_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_str_eq(age_format(rows[i].seconds, buf), rows[i].text);
	ck_assert(seconds_since("nonsense") == 0);
	ck_assert(seconds_since("2020-01-01T00:00:00.500Z") > 1e8);
	ck_assert(seconds_since("2999-01-01T00:00:00Z") < -1e9);
}
END_TEST

START_TEST(paths)
{
	char *path = http_path("/v1/overrides/%s?owner=%s", "www.example.com:db1/a b", "\xc3\xa9&?#%");

	ck_assert_str_eq(path, "/v1/overrides/www.example.com%3Adb1%2Fa%20b?owner=%C3%A9%26%3F%23%25");
	free(path);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("args");
	TCase *t = tcase_create("args");

	tcase_add_test(t, before_and_behind_the_verb);
	tcase_add_test(t, values);
	tcase_add_loop_test(t, mistake, 0, NMISTAKES);
	tcase_add_test(t, ages);
	tcase_add_test(t, paths);
	suite_add_tcase(s, t);
	return suite_run(s);
}
