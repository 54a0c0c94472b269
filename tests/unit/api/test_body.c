/* test_body.c - request bodies: good ones, each mistake with its key, and mutations of both. */
#include "api/body.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct override_body body;
static struct body_error error;

static bool
take(const char *text)
{
	return body_override(text, strlen(text), &body, &error);
}

START_TEST(whole)
{
	ck_assert(take("{\"state\":\"drained\",\"for\":\"2h\",\"why\":\"neuer Kern, \\u00fc\",\"owner\":\"ops\"}"));
	ck_assert_int_eq(body.state, OVERRIDE_DRAINED);
	ck_assert_uint_eq(body.for_us, 7200000000u);
	ck_assert_str_eq(body.why, "neuer Kern, \xc3\xbc");
	ck_assert_str_eq(body.owner, "ops");
}
END_TEST

START_TEST(only_the_state)
{
	ck_assert(take("{\"state\":\"up\"}"));
	ck_assert_int_eq(body.state, OVERRIDE_UP);
	ck_assert_uint_eq(body.for_us, 0);
	ck_assert_str_eq(body.why, "");
	ck_assert_str_eq(body.owner, "");
	ck_assert(take("{\"state\":\"down\",\"for\":null,\"why\":null}"));
	ck_assert_int_eq(body.state, OVERRIDE_DOWN);
	ck_assert_uint_eq(body.for_us, 0);
}
END_TEST

static const struct {
	const char *value;
	uint64_t us;                   /* 0: refused */
} durations[] = {
	{ "\"200ms\"", 200000 }, { "\"1.5s\"", 1500000 }, { "\"3d\"", 259200000000 }, { "5", 5000000 }, { "0.25", 250000 },
	{ "0", 0 }, { "\"0s\"", 0 }, { "-1", 0 }, { "1e300", 0 }, { "\"\"", 0 }, { "\"2 hours\"", 0 }, { "true", 0 },
	{ "[]", 0 }, { "\"101y\"", 0 }, { "9999999999", 0 },
};
enum { NDURATIONS = sizeof(durations) / sizeof(*durations) };

START_TEST(duration)
{
	char text[128];

	snprintf(text, sizeof(text), "{\"state\":\"up\",\"for\":%s}", durations[_i].value);
	ck_assert_msg(take(text) == (durations[_i].us != 0), "%s", text);
	if (durations[_i].us != 0)
		ck_assert_uint_eq(body.for_us, durations[_i].us);
	else
		ck_assert_str_eq(error.key, "for");
}
END_TEST

static const struct {
	const char *text, *key, *says;
} mistakes[] = {
	{ "", NULL, "no JSON" },
	{ "{", NULL, "no JSON" },
	{ "[]", NULL, "no JSON object" },
	{ "{}", "state", "missing" },
	{ "{\"state\":null}", "state", "drained" },
	{ "{\"state\":1}", "state", "drained" },
	{ "{\"state\":\"sideways\"}", "state", "drained" },
	{ "{\"state\":\"up\",\"state\":\"down\"}", NULL, "duplicate" },
	{ "{\"state\":\"up\",\"how\":1}", NULL, "unknown key \"how\"" },
	{ "{\"state\":\"up\",\"why\":5}", "why", "text" },
	{ "{\"state\":\"up\",\"why\":\"a\\nb\"}", "why", "control" },
	{ "{\"state\":\"up\",\"why\":\"\\u001b[31m\"}", "why", "control" },
	{ "{\"state\":\"up\",\"why\":\"\\u0000\"}", NULL, "no JSON" },
	{ "{\"state\":\"up\",\"why\":\"\xff\"}", NULL, "no JSON" },
	{ "{\"state\":\"up\"} {}", NULL, "no JSON" },
	{ "{\"state\":\"up\",\"owner\":\"0123456789012345678901234567890123456789012345678901234567890123X\"}", "owner", "64 bytes" },
};
enum { NMISTAKES = sizeof(mistakes) / sizeof(*mistakes) };

START_TEST(mistake)
{
	ck_assert_msg(!take(mistakes[_i].text), "%s", mistakes[_i].text);
	ck_assert_msg(strstr(error.message, mistakes[_i].says) != NULL, "%s: %s", mistakes[_i].text, error.message);
	if (mistakes[_i].key == NULL)
		ck_assert_ptr_null(error.key);
	else
		ck_assert_str_eq(error.key, mistakes[_i].key);
}
END_TEST

START_TEST(size_is_bounded)
{
	static char text[BODY_MAX + 2];
	struct target_body t;

	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"target\":\"db1\"}", 16);
	ck_assert(body_target(text, BODY_MAX, &t, &error));
	ck_assert_str_eq(t.target, "db1");
	ck_assert(!body_target(text, BODY_MAX + 1, &t, &error));
	ck_assert_ptr_nonnull(strstr(error.message, "larger"));
	/* Deeper than any reader's stack may go. */
	memset(text, '[', sizeof(text));
	ck_assert(!body_target(text, BODY_MAX, &t, &error));
	ck_assert(!body_target("{\"target\":\"\"}", 13, &t, &error));
	ck_assert_str_eq(error.key, "target");
}
END_TEST

START_TEST(owner)
{
	char name[OWNER_MAX + 1];

	ck_assert(body_owner("", 0, name, &error));
	ck_assert_str_eq(name, "");
	ck_assert(body_owner("{\"owner\":\"ops\"}", 15, name, &error));
	ck_assert_str_eq(name, "ops");
	ck_assert(!body_owner("{\"owner\":7}", 11, name, &error));
	ck_assert(body_is_text("ops", 3));
	ck_assert(!body_is_text("opsx", 3));
	ck_assert(!body_is_text("o\ns", 3));
	ck_assert(!body_is_text("\xc3", 3));
}
END_TEST

/* Bytes changed, dropped and doubled: every outcome is a value in range or one message. */
START_TEST(mutations)
{
	static const char good[] = "{\"state\":\"drained\",\"for\":\"90m\",\"why\":\"a \\u00e9\",\"owner\":\"ops\"}";
	char text[2 * sizeof(good)];
	unsigned accepted = 0;

	srandom(2);
	for (unsigned round = 0; round < ROUNDS(200000); round++) {
		size_t n = sizeof(good) - 1, at;

		memcpy(text, good, n);
		for (long k = random() % 4; k > 0; k--) {
			at = (size_t)random() % n;
			switch (random() % 3) {
			case 0:
				text[at] = (char)random();
				break;
			case 1:
				memmove(text + at, text + at + 1, n - at - 1);
				n--;
				break;
			default:
				memmove(text + at + 1, text + at, n - at);
				n++;
			}
		}
		if (body_override(text, n, &body, &error)) {
			ck_holds(body.state <= OVERRIDE_DOWN);
			ck_holds(body_is_text(body.why, WHY_MAX) && body_is_text(body.owner, OWNER_MAX));
			accepted++;
		} else {
			ck_holds(strlen(error.message) > 0);
			ck_assert_ptr_null(strchr(error.message, '\n'));
		}
	}
	ck_assert_uint_gt(accepted, ROUNDS(20000)); /* the unchanged quarter at least: the good one is good */
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("body");
	TCase *t = tcase_create("body");

	tcase_add_test(t, whole);
	tcase_add_test(t, only_the_state);
	tcase_add_loop_test(t, duration, 0, NDURATIONS);
	tcase_add_loop_test(t, mistake, 0, NMISTAKES);
	tcase_add_test(t, size_is_bounded);
	tcase_add_test(t, owner);
	tcase_add_test(t, mutations);
	suite_add_tcase(s, t);
	return suite_run(s);
}
