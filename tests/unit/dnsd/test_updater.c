/* test_updater.c - who may update what. */
#include "tests/unit/suite.h"
#include "updating.h"

static struct conf_key ddns = { .name = (char *)"ddns" }, acme = { .name = (char *)"acme" }, other = { .name = (char *)"other" };

/* The zone of configurations as people write them. */
static struct conf_who whos[] = {
	{ .anywhere = true, .key = &ddns },
	{ .prefix = { .base = { .family = 4, .bytes = { 10 } }, .bits = 8 } },
	{ .prefix = { .base = { .family = 4, .bytes = { 192, 0, 2 } }, .bits = 24 }, .key = &acme },
};

#define NAMES(...) .names = (char *[]){ __VA_ARGS__ }, .nnames = sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *)
#define TYPES(...) .types = (uint16_t[]){ __VA_ARGS__ }, .ntypes = sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t)

static struct conf_update_rule rules[] = {
	{ .key = &acme, NAMES((char *)"_acme-challenge.*"), TYPES(TYPE_TXT) },
	{ .key = &acme, NAMES((char *)"*.dyn.example", (char *)"dyn.example"), TYPES(TYPE_A, TYPE_AAAA) },
	{ .key = &acme, NAMES((char *)"fixed.dyn.example"), TYPES(TYPE_MX) },
	{ .key = &acme, NAMES((char *)"fixed.dyn.example"), TYPES(TYPE_SRV) },
	{ .key = &ddns, NAMES((char *)"locked.example"), TYPES(TYPE_TXT) },
	{ .key = &other, NAMES((char *)"a*b*c.example") },
	{ .key = &other, NAMES((char *)"****q.example"), TYPES(TYPE_A) },
	{ .key = &other, NAMES((char *)"*qq.example"), TYPES(TYPE_TXT) },
};

static struct conf_zone
zone(void)
{
	struct conf_zone z = { .type = ZONE_DYNAMIC, .update = { whos, 3 }, .update_rules = rules, .nupdate_rules = 8 };

	memcpy(z.name, updating_apex, sizeof(updating_apex));
	return z;
}

static const struct addr inside = { .family = 4, .bytes = { 10, 1, 2, 3 } }, near = { .family = 4, .bytes = { 192, 0, 2, 7 } },
    far = { .family = 4, .bytes = { 198, 51, 100, 1 } };

START_TEST(test_stranger)
{
	static const struct { struct updater who; bool may; } cases[] = {
		{ { &ddns, { .family = 4, .bytes = { 198, 51, 100, 1 } }, false }, true },
		{ { &other, { .family = 4, .bytes = { 198, 51, 100, 1 } }, false }, true },     /* has a rule */
		{ { &acme, { .family = 4, .bytes = { 198, 51, 100, 1 } }, false }, true },
		{ { NULL, { .family = 4, .bytes = { 10, 9, 9, 9 } }, false }, true },
		{ { NULL, { .family = 4, .bytes = { 192, 0, 2, 7 } }, false }, false },
		{ { NULL, { .family = 6, .bytes = { 10 } }, false }, false },
		{ { NULL, { .family = 0 }, true }, true },
	};
	struct conf_key unknown = { .name = (char *)"unknown" };
	struct updater who = { &unknown, far, false };
	struct conf_zone z = zone();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg((updater_stranger(&z, &cases[i].who) == NULL) == cases[i].may, "case %zu", i);
	ck_assert_ptr_nonnull(updater_stranger(&z, &who));
	who.address = inside;
	ck_assert_ptr_null(updater_stranger(&z, &who));        /* any key, or none, from there */
	z.type = ZONE_FILE;
	who.admin = true;
	ck_assert_ptr_nonnull(updater_stranger(&z, &who));
	z = zone();
	z.update.count = z.nupdate_rules = 0;
	who.admin = false;
	ck_assert_ptr_nonnull(updater_stranger(&z, &who));
}
END_TEST

static const struct may_case {
	struct conf_key *key;
	const struct addr *from;
	const char *name;
	uint16_t type;
	bool may;
} may_cases[] = {
	{ &ddns, &far, "www.example", TYPE_A, true },
	{ &ddns, &far, "www.example", TYPE_ANY, true },
	{ &ddns, &far, "locked.example", TYPE_TXT, true },             /* the more specific rule takes away */
	{ &ddns, &far, "locked.example", TYPE_A, false },
	{ &ddns, &far, "locked.example", TYPE_ANY, false },
	{ &ddns, &far, "x.locked.example", TYPE_A, true },
	{ &acme, &far, "_acme-challenge.www.example", TYPE_TXT, true },
	{ &acme, &far, "_acme-challenge.www.example", TYPE_A, false },
	{ &acme, &far, "_acme-challenge.example", TYPE_TXT, true },
	{ &acme, &far, "x._acme-challenge.example", TYPE_TXT, false },
	{ &acme, &far, "www.example", TYPE_TXT, false },
	{ &acme, &far, "host.dyn.example", TYPE_A, true },
	{ &acme, &far, "a.b.dyn.example", TYPE_AAAA, true },           /* a star stands for dots too */
	{ &acme, &far, "dyn.example", TYPE_A, true },
	{ &acme, &far, "xdyn.example", TYPE_A, false },
	{ &acme, &far, "host.dyn.example", TYPE_TXT, false },
	{ &acme, &far, "fixed.dyn.example", TYPE_A, false },           /* longer than *.dyn.example */
	{ &acme, &far, "fixed.dyn.example", TYPE_MX, true },
	{ &acme, &far, "fixed.dyn.example", TYPE_SRV, true },          /* of two as specific either does */
	{ &acme, &far, "fixed.dyn.example", TYPE_TXT, false },
	{ &acme, &far, "_acme-challenge.dyn.example", TYPE_TXT, true },        /* 17 bytes against 12 */
	{ &acme, &far, "_acme-challenge.dyn.example", TYPE_A, false },
	{ &acme, &near, "www.example", TYPE_TXT, true },               /* by update, from there */
	{ &acme, &near, "host.dyn.example", TYPE_TXT, false },
	{ &other, &far, "abc.example", TYPE_A, true },
	{ &other, &far, "axxbyyc.example", TYPE_ANY, true },
	{ &other, &far, "abbc.example", TYPE_A, true },
	{ &other, &far, "abcxc.example", TYPE_A, true },               /* which needs going back */
	{ &other, &far, "abc.examplex", TYPE_A, false },
	{ &other, &far, "acb.example", TYPE_A, false },
	{ &other, &far, "q.example", TYPE_A, true },
	{ &other, &far, "qq.example", TYPE_A, false },                 /* stars do not make a pattern longer */
	{ &other, &far, "qq.example", TYPE_TXT, true },
	{ NULL, &inside, "www.example", TYPE_A, true },
	{ NULL, &far, "www.example", TYPE_A, false },
};

START_TEST(test_may)
{
	const struct may_case *c = &may_cases[_i];
	struct updater who = { c->key, *c->from, false };
	struct conf_zone z = zone();
	uint8_t name[DNAME_MAX];
	const char *why;

	updating_name(c->name, name);
	why = updater_may(&z, &who, name, c->type);
	ck_assert_msg((why == NULL) == c->may, "%s %u: %s", c->name, c->type, why != NULL ? why : "may");
	who.admin = true;
	ck_assert_ptr_null(updater_may(&z, &who, name, c->type));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("updater");
	TCase *t = tcase_create("updater");

	tcase_add_test(t, test_stranger);
	tcase_add_loop_test(t, test_may, 0, sizeof(may_cases) / sizeof(*may_cases));
	suite_add_tcase(s, t);
	return suite_run(s);
}
