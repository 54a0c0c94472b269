/* test_settings.c - JSON in the words of homing.conf: what comes of it, and what is refused. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "api/settings.h"
#include "tests/unit/suite.h"

static char owner[OWNER_MAX + 1];
static struct body_error error;

static char *
take(const char *body)
{
	return settings_text(body, strlen(body), "name", "db9", owner, &error);
}

static const struct {
	const char *body, *text;
} good[] = {
	{ "{}", "{ name = \"db9\"; }" },
	{ "{\"owner\": \"ops\", \"name\": \"db9\"}", "{ name = \"db9\"; }" },
	{ "{\"owner\": null, \"name\": null, \"checks\": null}", "{ name = \"db9\"; }" },
	{ "{\"checks\": [\"a\", \"b\"], \"interfaces\": [{\"name\": \"a\", \"address\": \"10.1.0.9\"}]}",
	  "{ name = \"db9\"; checks = ( \"a\", \"b\" ); interfaces = ( { name = \"a\"; address = \"10.1.0.9\"; } ); }" },
	{ "{\"tier\": 2, \"low\": -7, \"more\": 2147483648, \"less\": -2147483648, \"x\": true, \"y\": false, \"z\": []}",
	  "{ name = \"db9\"; tier = 2; low = -7; more = 2147483648L; less = -2147483648L; x = true; y = false; z = (  ); }" },
	{ "{\"d\": 0.5}", "{ name = \"db9\"; d = 5.00000000000000000e-01; }" },
	{ "{\"d\": \"a\\\"b\\\\c ) ; # \\u00fc\"}", "{ name = \"db9\"; d = \"a\\\"b\\\\c ) ; # \xc3\xbc\"; }" },
};

START_TEST(taken)
{
	char *text = take(good[_i].body);

	ck_assert_msg(text != NULL, "%s: %s", good[_i].body, error.message);
	ck_assert_str_eq(text, good[_i].text);
	ck_assert_str_eq(owner, _i == 1 ? "ops" : "");
	free(text);
}
END_TEST

static const struct {
	const char *body, *message, *key;
} bad[] = {
	{ "", "the body is no JSON", NULL },
	{ "{", "the body is no JSON", NULL },
	{ "[]", "the body is no JSON object", NULL },
	{ "{\"a\": 1, \"a\": 2}", "the body is no JSON", NULL },
	{ "{\"a\": \"\\u0000\"}", "the body is no JSON", NULL },
	{ "{\"name\": \"db8\"}", "\"name\" is not what the path says (expected \"db9\", or nothing)", NULL },
	{ "{\"name\": 9}", "\"name\" is not what the path says", NULL },
	{ "{\"owner\": 1}", "expected a text of at most 64 bytes", "owner" },
	{ "{\"owner\": \"a\\nb\"}", "expected a text of at most 64 bytes", "owner" },
	{ "{\"a\": \"b\\tc\"}", "\"a\": expected a text without control characters", NULL },
	{ "{\"a\": [null]}", "\"a\": null in a list", NULL },
	{ "{\"\": 1}", "unknown key \"\"", NULL },
	{ "{\"a b\": 1}", "unknown key \"a b\"", NULL },
	{ "{\"1a\": 1}", "unknown key \"1a\"", NULL },
	{ "{\"a = 1; b\": 1}", "unknown key \"a = 1; b\"", NULL },
	{ "{\"@include\": \"/etc/passwd\"}", "unknown key \"@include\"", NULL },
	{ "{\"x\": {\"True\": 1}}", "unknown key \"True\"", NULL },
	{ "{\"a\": [[[[[[[1]]]]]]]}", "\"a\": nested too deep", NULL },
};

START_TEST(refused)
{
	char *text = take(bad[_i].body);

	ck_assert_msg(text == NULL, "%s gives %s", bad[_i].body, text);
	ck_assert_msg(strncmp(error.message, bad[_i].message, strlen(bad[_i].message)) == 0, "%s: %s", bad[_i].body, error.message);
	ck_assert_int_eq(error.key != NULL, bad[_i].key != NULL);
	if (bad[_i].key != NULL)
		ck_assert_str_eq(error.key, bad[_i].key);
}
END_TEST

START_TEST(too_large)
{
	char *body = malloc(BODY_MAX + 2);

	memset(body, ' ', BODY_MAX + 1);
	body[BODY_MAX + 1] = '\0';
	ck_assert_ptr_null(take(body));
	ck_assert_str_eq(error.message, "the body is larger than 65536 bytes");
	free(body);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_loop_test(tc, taken, 0, (int)(sizeof(good) / sizeof(*good)));
	tcase_add_loop_test(tc, refused, 0, (int)(sizeof(bad) / sizeof(*bad)));
	tcase_add_test(tc, too_large);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
