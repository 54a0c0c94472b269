/* test_verdict.c - the verdict: by table, and against a model that keeps the results in a list. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "checker/verdict.h"
#include "tests/unit/suite.h"

/* '+' and '-' are results; behind each the value then: u, U, D; a '?' behind the value: in doubt. */
static const struct {
	struct verdict_rule rule;
	const char *story;
} stories[] = {
	{ { .rise = 3, .fall = 2 }, "+U -U? -D -D +D? +D? +U +U" },
	{ { .rise = 3, .fall = 2 }, "-u? +U? +U? +U" },
	{ { .rise = 3, .fall = 2 }, "-u? -D +D? -D? -D" },
	{ { .rise = 1, .fall = 1 }, "+U -D +U -D" },
	{ { .rise = 1, .fall = 3 }, "+U -U? -U? +U -U? -U? -D +U" },
	{ { .rise = 2, .fall = 64 }, "-u? -u? -u? +U? +U" },
};

static bool
step_matches(const struct verdict *v, const struct verdict_rule *rule, const char *step)
{
	static const char letters[] = { [VERDICT_UNKNOWN] = 'u', [VERDICT_UP] = 'U', [VERDICT_DOWN] = 'D' };

	return letters[v->value] == step[1] && verdict_doubt(v, rule) == (step[2] == '?');
}

START_TEST(stories_come_true)
{
	const struct verdict_rule *rule = &stories[_i].rule;
	struct verdict v = { 0 };

	for (const char *step = stories[_i].story; step != NULL; step = strchr(step, ' ')) {
		enum verdict_value before = v.value;

		step += *step == ' ';
		ck_assert_msg(verdict_feed(&v, rule, *step == '+') == (v.value != before), "%s: change at %s", stories[_i].story, step);
		ck_assert_msg(step_matches(&v, rule, step), "%s: at %s is %s", stories[_i].story, step, verdict_text(v.value));
	}
}
END_TEST

/* ---- the model ---- */

struct model {
	bool results[10000];
	unsigned count;
	enum verdict_value value;
};

static bool
last_are(const struct model *m, unsigned n, bool ok)
{
	if (m->count < n)
		return false;
	for (unsigned i = m->count - n; i < m->count; i++)
		if (m->results[i] != ok)
			return false;
	return true;
}

static unsigned
lost_of_64(const struct model *m)
{
	unsigned lost = 0;

	for (unsigned i = m->count > 64 ? m->count - 64 : 0; i < m->count; i++)
		lost += !m->results[i];
	return lost;
}

static void
model_feed(struct model *m, const struct verdict_rule *rule, bool ok)
{
	double percent;

	m->results[m->count++] = ok;
	percent = lost_of_64(m) * 100.0 / 64;
	if (last_are(m, rule->fall, false) || (rule->max_loss > 0 && percent > rule->max_loss))
		m->value = VERDICT_DOWN;
	else if (m->value == VERDICT_UNKNOWN && ok)
		m->value = VERDICT_UP;
	else if (m->value == VERDICT_DOWN && last_are(m, rule->rise, true) &&
	    (rule->max_loss == 0 || percent <= rule->max_loss / 2.0))
		m->value = VERDICT_UP;
}

static bool
model_doubt(const struct model *m, const struct verdict_rule *rule)
{
	unsigned n = m->value == VERDICT_UP ? rule->rise : rule->fall;

	if (m->value == VERDICT_UNKNOWN)
		return true;
	for (unsigned i = m->count > n ? m->count - n : 0; i < m->count; i++)
		if (m->results[i] != (m->value == VERDICT_UP))
			return true;
	return false;
}

START_TEST(random_results_agree_with_the_model)
{
	static struct model m;
	struct verdict v = { 0 };
	struct verdict_rule rule;
	unsigned loss;

	srand((unsigned)_i);
	rule = (struct verdict_rule){ .rise = 1 + (unsigned)rand() % (_i % 2 ? 64 : 4), .fall = 1 + (unsigned)rand() % (_i % 2 ? 64 : 4),
		.max_loss = _i % 3 == 0 ? 1 + (unsigned)rand() % 100 : 0 };
	memset(&m, 0, sizeof(m));
	loss = (unsigned)rand() % 101;
	for (unsigned i = 0; i < 10000; i++) {
		bool ok = (unsigned)rand() % 100 >= loss;

		if (rand() % 200 == 0)
			loss = (unsigned)rand() % 101;
		verdict_feed(&v, &rule, ok);
		model_feed(&m, &rule, ok);
		if (v.value != m.value || verdict_doubt(&v, &rule) != model_doubt(&m, &rule) || v.seen != (m.count < 64 ? m.count : 64))
			ck_abort_msg("seed %d, result %u: %s, the model says %s", _i, i,
			    verdict_text(v.value), verdict_text(m.value));
	}
}
END_TEST

START_TEST(loss_takes_down_and_half_of_it_brings_back)
{
	struct verdict_rule rule = { .rise = 1, .fall = 3, .max_loss = 25 };
	struct verdict v = { 0 };
	unsigned failures = 0, successes = 0;

	while (v.value != VERDICT_DOWN) {              /* never two failures in a row */
		verdict_feed(&v, &rule, true);
		verdict_feed(&v, &rule, false);
		failures++;
	}
	ck_assert_uint_eq(failures, 17);               /* 16 of 64 are 25 %: not above it */
	while (v.value != VERDICT_UP) {
		verdict_feed(&v, &rule, true);
		successes++;
	}
	ck_assert_int_eq(__builtin_popcountll(~v.history), 8);
	ck_assert_uint_gt(successes, 40);
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(verdict_text(VERDICT_UNKNOWN), "unknown");
	ck_assert_str_eq(verdict_text(VERDICT_UP), "up");
	ck_assert_str_eq(verdict_text(VERDICT_DOWN), "down");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("verdict");
	TCase *tc = tcase_create("verdict");

	tcase_add_loop_test(tc, stories_come_true, 0, sizeof(stories) / sizeof(*stories));
	tcase_add_loop_test(tc, random_results_agree_with_the_model, 0, ROUNDS(60));
	tcase_add_test(tc, loss_takes_down_and_half_of_it_brings_back);
	tcase_add_test(tc, words);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
