/* test_rdata.c - what a shell leaves of rdata, and what becomes of it. */
#include "cli/rdata.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <string.h>

static const struct {
	const char *type;
	char *words[6];
	const char *records[4];
} rows[] = {
	{ "A", { "192.0.2.1", "192.0.2.2" }, { "192.0.2.1", "192.0.2.2" } },
	{ "aaaa", { "2001:db8::1" }, { "2001:db8::1" } },
	{ "NS", { "a.test", "b.test" }, { "a.test", "b.test" } },
	{ "MX", { "10", "mail.test" }, { "10 mail.test" } },
	{ "MX", { "10 mail.test" }, { "10 mail.test" } },
	{ "TXT", { "v=spf1 -all" }, { "\"v=spf1 -all\"" } },
	{ "txt", { "one", "two words" }, { "\"one\" \"two words\"" } },
	{ "TXT", { "\"quoted\" \"by hand\"" }, { "\"quoted\" \"by hand\"" } },
	{ "TXT", { "say \"no\"" }, { "\"say \\\"no\\\"\"" } },
	{ "TXT", { "a\\\"b\\\\" }, { "\"a\\\"b\\\\\"" } },
	{ "TXT", { "\\" }, { "\"\\\"" } },
	{ "TXT", { "" }, { "\"\"" } },
	{ "CAA", { "0", "issue", "ca.test; policy=ev" }, { "0 issue \"ca.test; policy=ev\"" } },
	{ "CAA", { "0", "issue", ";" }, { "0 issue \";\"" } },
	{ "NAPTR", { "1", "2", "u", "", "!^.*$!x!", "." }, { "1 2 u \"\" !^.*$!x! ." } },
};

START_TEST(words)
{
	json_t *list;
	int n = 0;

	while (n < 6 && rows[_i].words[n] != NULL)
		n++;
	list = rdata_of(rows[_i].type, n, (char **)(uintptr_t)rows[_i].words);
	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < 4; i++)
		ck_assert_pstr_eq(json_string_value(json_array_get(list, i)), rows[_i].records[i]);
	json_decref(list);
}
END_TEST

START_TEST(not_utf8)
{
	char *bad[] = { "\xff" };

	ck_assert_ptr_null(rdata_of("TXT", 1, bad));
	ck_assert_ptr_null(rdata_of("A", 1, bad));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rdata");
	TCase *t = tcase_create("rdata");

	tcase_add_loop_test(t, words, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(t, not_utf8);
	suite_add_tcase(s, t);
	return suite_run(s);
}
