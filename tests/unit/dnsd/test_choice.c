/* test_choice.c - who is answered, by table, and what holds for every possible input. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnsd/choice.h"
#include "tests/unit/suite.h"

enum { MOST = 12 };

/* A member is "tier state[?][~][+] address": ? in doubt, ~ waiting for failback, + not proven yet. */
struct row {
	const char *name;
	enum all_down all_down;
	unsigned answers;
	enum spread spread;
	const char *members[6];
	const char *fallback[2];
	const char *want4, *want6;             /* addresses in order; "" for none */
	unsigned want_tier;
	bool want_doubt;
};

#define ALL ALL_DOWN_ALL, 0, SPREAD_ALL

static const struct row rows[] = {
	{ "all up, as configured", ALL, { "1 up 10.0.0.2", "1 up 10.0.0.1" }, { 0 }, "10.0.0.2 10.0.0.1", "", 1, false },
	{ "a dead one is left out", ALL, { "1 down 10.0.0.1", "1 up 10.0.0.2" }, { 0 }, "10.0.0.2", "", 1, false },
	{ "never probed counts as up", ALL, { "1 unknown? 10.0.0.1", "1 down 10.0.0.2" }, { 0 }, "10.0.0.1", "", 1, true },
	{ "drained is out", ALL, { "1 drained 10.0.0.1", "1 up 10.0.0.2" }, { 0 }, "10.0.0.2", "", 1, false },
	{ "forced up is in, forced down out", ALL, { "1 forced-up 10.0.0.1", "1 forced-down 10.0.0.2", "1 up 10.0.0.3" }, { 0 },
	    "10.0.0.1 10.0.0.3", "", 1, false },
	{ "a better tier alone", ALL, { "2 up 10.0.0.2", "1 up 10.0.0.1" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "the next tier when it is dead", ALL, { "1 down 10.0.0.1", "2 up 10.0.0.2", "3 up 10.0.0.3" }, { 0 }, "10.0.0.2", "", 2, false },
	{ "returning waits while another serves", ALL, { "1 up~ 10.0.0.1", "2 up 10.0.0.2" }, { 0 }, "10.0.0.2", "", 2, true },
	{ "returning beats the dead", ALL, { "1 up~ 10.0.0.1", "2 down 10.0.0.2" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "all down answers the best tier", ALL, { "1 down 10.0.0.1", "1 down 10.0.0.2", "2 down 10.0.0.3" }, { 0 },
	    "10.0.0.1 10.0.0.2", "", 0, false },
	{ "all down spares the operator's drains", ALL, { "1 down 10.0.0.1", "1 drained 10.0.0.2" }, { 0 }, "10.0.0.1", "", 0, false },
	{ "nothing but drains is still not empty", ALL, { "1 drained 10.0.0.1" }, { 0 }, "10.0.0.1", "", 0, false },
	{ "all down, empty", ALL_DOWN_EMPTY, 0, SPREAD_ALL, { "1 down 10.0.0.1", "2 down 10.0.0.2" }, { 0 }, "", "", 0, false },
	{ "all down, fallback", ALL_DOWN_FALLBACK, 0, SPREAD_ALL, { "1 down 10.0.0.1", "1 down fd00::1" },
	    { "10.9.9.9", "fd00::9" }, "10.9.9.9", "fd00::9", 0, false },
	{ "a fallback may have a family that no member has", ALL_DOWN_FALLBACK, 0, SPREAD_ALL, { "1 down 10.0.0.1" },
	    { "10.9.9.9", "fd00::9" }, "10.9.9.9", "fd00::9", 0, false },
	{ "but only while nobody is usable", ALL_DOWN_FALLBACK, 0, SPREAD_ALL, { "1 up 10.0.0.1" },
	    { "10.9.9.9", "fd00::9" }, "10.0.0.1", "", 1, false },
	{ "at most answers", ALL_DOWN_ALL, 2, SPREAD_ALL, { "1 up 10.0.0.1", "1 down 10.0.0.2", "1 up 10.0.0.3", "1 up 10.0.0.4" },
	    { 0 }, "10.0.0.1 10.0.0.3", "", 1, false },
	{ "answers counts each family", ALL_DOWN_ALL, 1, SPREAD_ALL, { "1 up 10.0.0.1", "1 up fd00::1", "1 up fd00::2" }, { 0 },
	    "10.0.0.1", "fd00::1", 1, false },
	{ "rotate offers all to its window", ALL_DOWN_ALL, 1, SPREAD_ROTATE, { "1 up 10.0.0.1", "1 up 10.0.0.2" }, { 0 },
	    "10.0.0.1 10.0.0.2", "", 1, false },
	{ "a standby is not mixed in for one family", ALL, { "1 up 10.0.0.1", "1 down fd00::1", "2 up fd00::2" }, { 0 },
	    "10.0.0.1", "fd00::1", 1, false },
	{ "nor where the tier lacks the family", ALL, { "1 up 10.0.0.1", "2 up fd00::2" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "a family alone can be all down", ALL_DOWN_EMPTY, 0, SPREAD_ALL, { "1 up 10.0.0.1", "1 down fd00::1" }, { 0 },
	    "10.0.0.1", "", 1, false },
	{ "a new one is left out until it is proven", ALL, { "1 up 10.0.0.1", "1 unknown?+ 10.0.0.2" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "nor is its tier better while it is alone there", ALL, { "1 unknown?+ 10.0.0.1", "2 up 10.0.0.2" }, { 0 }, "10.0.0.2", "", 2, false },
	{ "nor does it bring a family", ALL, { "1 up 10.0.0.1", "1 unknown?+ fd00::1" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "nor is it the last resort", ALL, { "1 down 10.0.0.1", "1 unknown?+ 10.0.0.2" }, { 0 }, "10.0.0.1", "", 0, false },
	{ "nor for drains alone", ALL, { "1 drained 10.0.0.1", "1 unknown?+ 10.0.0.2" }, { 0 }, "10.0.0.1", "", 0, false },
	{ "a doubt in a worse tier changes no TTL", ALL, { "1 up 10.0.0.1", "2 up? 10.0.0.2" }, { 0 }, "10.0.0.1", "", 1, false },
	{ "a doubt in a better tier does", ALL, { "1 down? 10.0.0.1", "2 up 10.0.0.2" }, { 0 }, "10.0.0.2", "", 2, true },
};

static enum state
state_of(const char *word)
{
	static const char *const words[] = { "unknown", "up", "down", "drained", "forced-up", "forced-down" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum state)i;
	ck_abort_msg("no state %s", word);
	return STATE_UNKNOWN;
}

static struct candidate
candidate_of(const char *text)
{
	struct candidate c = { .tier = 0 };
	char word[32], address[64];

	ck_assert_int_eq(sscanf(text, "%u %31s %63s", &c.tier, word, address), 3);
	ck_assert(addr_parse(address, &c.address));
	c.returning = strchr(word, '~') != NULL;
	c.doubt = strchr(word, '?') != NULL;
	c.unproven = strchr(word, '+') != NULL;
	word[strcspn(word, "?~+")] = '\0';
	c.state = state_of(word);
	return c;
}

static const char *
addrs_text(const struct addr *addrs, size_t n, char *out)
{
	char text[ADDR_TEXT];

	*out = '\0';
	for (size_t i = 0; i < n; i++)
		sprintf(out + strlen(out), "%s%s", i > 0 ? " " : "", addr_format(&addrs[i], text));
	return out;
}

START_TEST(table)
{
	const struct row *row = &rows[_i];
	struct addr fallback[2], out4[MOST], out6[MOST];
	struct candidate candidates[6];
	struct conf_service rule = { .ttl = 5, .ttl_doubt = 1, .spread = row->spread, .answers = row->answers,
		.all_down = row->all_down, .fallback = fallback };
	struct choice choice;
	size_t n = 0;
	char text[1024];

	for (; n < 6 && row->members[n] != NULL; n++)
		candidates[n] = candidate_of(row->members[n]);
	for (; rule.nfallback < 2 && row->fallback[rule.nfallback] != NULL; rule.nfallback++)
		ck_assert(addr_parse(row->fallback[rule.nfallback], &fallback[rule.nfallback]));
	choice_make(&rule, candidates, n, &choice, out4, out6);
	ck_assert_msg(strcmp(addrs_text(out4, choice.count4, text), row->want4) == 0, "%s: A %s, expected %s", row->name, text, row->want4);
	ck_assert_msg(strcmp(addrs_text(out6, choice.count6, text), row->want6) == 0, "%s: AAAA %s, expected %s", row->name, text, row->want6);
	ck_assert_msg(choice.tier == row->want_tier, "%s: tier %u, expected %u", row->name, choice.tier, row->want_tier);
	ck_assert_msg(choice.doubt == row->want_doubt, "%s: doubt %d", row->name, choice.doubt);
	ck_assert_uint_eq(choice.ttl, row->want_doubt ? 1 : 5);
}
END_TEST

static void
check_invariants(const struct conf_service *rule, const struct candidate *c, size_t n, const struct choice *choice)
{
	size_t answered = 0, usable = 0, v4 = 0;

	for (size_t i = 0; i < n; i++) {
		answered += c[i].fate == FATE_ANSWERED || c[i].fate == FATE_LAST;
		v4 += c[i].address.family == 4;
		usable += state_usable(c[i].state);
		/* Nobody is answered as healthy who is not, and the tiers are never mixed. */
		ck_holds(c[i].fate != FATE_ANSWERED || (state_usable(c[i].state) && c[i].tier == choice->tier));
		ck_holds(c[i].fate != FATE_LAST || rule->all_down == ALL_DOWN_ALL);
	}
	if (rule->all_down == ALL_DOWN_ALL)
		ck_holds(answered > 0);                /* never empty by accident */
	if (usable > 0)
		ck_holds(choice->count4 + choice->count6 > 0);
	if (rule->answers > 0 && rule->spread == SPREAD_ALL)
		ck_holds(choice->count4 <= rule->answers && choice->count6 <= rule->answers);
	ck_holds(rule->all_down == ALL_DOWN_FALLBACK || answered == choice->count4 + choice->count6);
	ck_holds(v4 > 0 || choice->count4 == 0 || (rule->all_down == ALL_DOWN_FALLBACK && choice->tier == 0));
}

START_TEST(every_input)
{
	struct addr fallback = { .family = 4, .bytes = { 10, 9, 9, 9 } }, out4[MOST], out6[MOST];
	struct candidate candidates[MOST];
	struct choice choice;

	srand(1);
	for (unsigned round = 0; round < ROUNDS(200000); round++) {
		struct conf_service rule = { .ttl = 5, .ttl_doubt = 1, .fallback = &fallback, .nfallback = 1,
			.spread = rand() % 4 == 0 ? SPREAD_ROTATE : SPREAD_ALL, .answers = (unsigned)rand() % 4,
			.all_down = (enum all_down)(rand() % 3) };
		size_t n = 1 + (size_t)rand() % (MOST - 1);

		for (size_t i = 0; i < n; i++) {
			candidates[i] = (struct candidate){ .tier = 1 + (unsigned)rand() % 3, .state = (enum state)(rand() % 6),
				.doubt = rand() % 4 == 0, .address = { .family = rand() % 3 ? 4 : 6, .bytes = { 10, 0, 0, (uint8_t)i } } };
			candidates[i].returning = candidates[i].state == STATE_UP && rand() % 4 == 0;
		}
		choice_make(&rule, candidates, n, &choice, out4, out6);
		check_invariants(&rule, candidates, n, &choice);
	}
}
END_TEST

/* Whoever is unproven is answered as if he were not there, whatever the others are. */
START_TEST(unproven_is_not_there)
{
	struct addr fallback = { .family = 4, .bytes = { 10, 9, 9, 9 } }, out[2][2][MOST];
	struct candidate with[MOST], without[MOST];
	struct choice choice[2];

	srand(2);
	for (unsigned round = 0; round < ROUNDS(200000); round++) {
		struct conf_service rule = { .ttl = 5, .ttl_doubt = 1, .fallback = &fallback, .nfallback = 1,
			.answers = (unsigned)rand() % 4, .all_down = (enum all_down)(rand() % 3) };
		size_t n = 2 + (size_t)rand() % (MOST - 2), m = 0;

		for (size_t i = 0; i < n; i++) {
			with[i] = (struct candidate){ .tier = 1 + (unsigned)rand() % 3, .state = (enum state)(rand() % 6),
				.doubt = rand() % 4 == 0, .address = { .family = rand() % 3 ? 4 : 6, .bytes = { 10, 0, 0, (uint8_t)i } } };
			with[i].unproven = i > 0 && rand() % 3 == 0;
			if (with[i].unproven)
				with[i].state = STATE_UNKNOWN;
			else
				without[m++] = with[i];
		}
		choice_make(&rule, with, n, &choice[0], out[0][0], out[0][1]);
		choice_make(&rule, without, m, &choice[1], out[1][0], out[1][1]);
		ck_holds(choice[0].tier == choice[1].tier && choice[0].ttl == choice[1].ttl);
		ck_holds(choice[0].all_down4 == choice[1].all_down4 && choice[0].all_down6 == choice[1].all_down6);
		ck_holds(choice[0].count4 == choice[1].count4 && choice[0].count6 == choice[1].count6);
		ck_holds(memcmp(out[0][0], out[1][0], choice[0].count4 * sizeof(struct addr)) == 0);
		ck_holds(memcmp(out[0][1], out[1][1], choice[0].count6 * sizeof(struct addr)) == 0);
		for (size_t i = 0; i < n; i++)
			ck_holds(!with[i].unproven || with[i].fate == FATE_UNPROVEN);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("choice");
	TCase *tests = tcase_create("choice");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, table, 0, (int)(sizeof(rows) / sizeof(*rows)));
	tcase_add_test(tests, every_input);
	tcase_add_test(tests, unproven_is_not_there);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
