/* test_path.c - request paths against patterns. */
#include "api/path.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *pattern, *path;
	enum path_match match;
	const char *name, *second, *third;
} rows[] = {
	{ "/v1/status", "/v1/status", PATH_MATCHES, "" },
	{ "/v1/status", "/v1/statusx", PATH_OTHER, "" },
	{ "/v1/status", "/v1/statu", PATH_OTHER, "" },
	{ "/v1/status", "/v1/status/", PATH_OTHER, "" },
	{ "/v1/status", "", PATH_OTHER, "" },
	{ "/v1/servers/*", "/v1/servers/db1", PATH_MATCHES, "db1" },
	{ "/v1/servers/*", "/v1/servers/", PATH_OTHER, "" },
	{ "/v1/servers/*", "/v1/servers", PATH_OTHER, "" },
	{ "/v1/servers/*", "/v1/servers/db1/a", PATH_OTHER, "" },
	{ "/v1/servers/*", "/v1/servers/db1%2Fa", PATH_MATCHES, "db1/a" },
	{ "/v1/servers/*", "/v1/servers/db1%2fa", PATH_MATCHES, "db1/a" },
	{ "/v1/services/*/failback", "/v1/services/www.example.com/failback", PATH_MATCHES, "www.example.com" },
	{ "/v1/services/*/failback", "/v1/services//failback", PATH_OTHER, "" },
	{ "/v1/services/*/failback", "/v1/services/www/failbac", PATH_OTHER, "" },
	{ "/v1/overrides/**", "/v1/overrides/db1/a", PATH_MATCHES, "db1/a" },
	{ "/v1/overrides/**", "/v1/overrides/www.example.com:db1", PATH_MATCHES, "www.example.com:db1" },
	{ "/v1/overrides/**", "/v1/overrides/www.example.com%3adb1", PATH_MATCHES, "www.example.com:db1" },
	{ "/v1/overrides/**", "/v1/overrides/", PATH_OTHER, "" },
	{ "/v1/overrides/**", "/v1/overrides/a%20b", PATH_MATCHES, "a b" },
	{ "/v1/overrides/**", "/v1/overrides/a+b", PATH_MATCHES, "a+b" },
	{ "/v1/overrides/**", "/v1/overrides/%c3%a9", PATH_MATCHES, "\xc3\xa9" },
	{ "/v1/overrides/**", "/v1/overrides/a%", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%2", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%2g", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%00b", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%0ab", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%1b[31m", PATH_MALFORMED, NULL },
	{ "/v1/overrides/**", "/v1/overrides/a%7f", PATH_MALFORMED, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/records/0%2F25/A", PATH_MATCHES, "z", "0/25", "A" },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/records/0/25/A", PATH_OTHER, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/records/a%00/A", PATH_MALFORMED, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/recordz/a%00/A", PATH_OTHER, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z%00/recordz/a/A", PATH_OTHER, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/records/a/", PATH_OTHER, NULL },
	{ "/v1/zones/*/records/*/*", "/v1/zones/z/records/a", PATH_OTHER, NULL },
	{ "/v1/zones/*/records/*", "/v1/zones/z/records/*", PATH_MATCHES, "z", "*" },
	{ "/v1/zones/*/records/*", "/v1/zones/z/records/@", PATH_MATCHES, "z", "@" },
};
enum { NROWS = sizeof(rows) / sizeof(*rows) };

START_TEST(matches)
{
	char names[PATH_NAMES][PATH_NAME_MAX];

	ck_assert_msg(path_match(rows[_i].pattern, rows[_i].path, names) == rows[_i].match, "%s %s", rows[_i].pattern, rows[_i].path);
	if (rows[_i].match != PATH_MATCHES)
		return;
	ck_assert_str_eq(names[0], rows[_i].name);
	ck_assert_str_eq(names[1], rows[_i].second != NULL ? rows[_i].second : "");
	ck_assert_str_eq(names[2], rows[_i].third != NULL ? rows[_i].third : "");
}
END_TEST

/* One byte that fits, one that does not. */
START_TEST(length_is_bounded)
{
	char path[PATH_NAME_MAX + 32] = "/v1/overrides/", names[PATH_NAMES][PATH_NAME_MAX];
	size_t head = strlen(path);

	memset(path + head, 'x', PATH_NAME_MAX - 1);
	ck_assert_int_eq(path_match("/v1/overrides/**", path, names), PATH_MATCHES);
	ck_assert_uint_eq(strlen(names[0]), PATH_NAME_MAX - 1);
	path[head + PATH_NAME_MAX - 1] = 'x';
	ck_assert_int_eq(path_match("/v1/overrides/**", path, names), PATH_MALFORMED);
}
END_TEST

/* Whatever comes in, what is decoded ends, is no longer than what came, and holds no control character. */
START_TEST(random_bytes)
{
	static const char alphabet[] = "%%%/0123456789abcdefABCDEFxyz:._\n\x7f\xff";
	char in[64], out[48];

	srandom(1);
	for (unsigned round = 0; round < ROUNDS(200000); round++) {
		size_t n = (size_t)random() % sizeof(in);

		for (size_t i = 0; i < n; i++)
			in[i] = random() % 8 == 0 ? (char)random() : alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
		memset(out, 'Z', sizeof(out));
		if (!path_decode(in, n, out, sizeof(out)))
			continue;
		ck_holds(memchr(out, '\0', sizeof(out)) != NULL);
		ck_holds(strlen(out) <= n);
		for (const char *p = out; *p != '\0'; p++)
			ck_holds((unsigned char)*p >= ' ' && *p != 0x7f);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("path");
	TCase *t = tcase_create("path");

	tcase_add_loop_test(t, matches, 0, NROWS);
	tcase_add_test(t, length_is_bounded);
	tcase_add_test(t, random_bytes);
	suite_add_tcase(s, t);
	return suite_run(s);
}
