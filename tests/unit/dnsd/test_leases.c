/* test_leases.c - the table of leases against a naive one. */
#include "dnsd/leases.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "tests/unit/suite.h"
#include "zones/zone.h"

enum { NAMES = 40, DATA = 4, ZONES = 2, RECORDS = NAMES * DATA * ZONES, STEPS = 20000 };

static const char *const zones[ZONES] = { "example.com", "example.net" };

/* Record i of the model; until_ms 0: no lease. */
static struct {
	uint8_t name[DNAME_MAX];
	uint8_t data[4];
	uint64_t until_ms;
} model[RECORDS];

static struct leases *leases;

static void
setup(void)
{
	leases = leases_new();
	for (unsigned i = 0; i < RECORDS; i++) {
		char text[40];

		snprintf(text, sizeof(text), "h%u.example", i / DATA % NAMES);
		ck_assert_uint_gt(dname_parse(text, model[i].name), 0);
		memcpy(model[i].data, (uint8_t[]){ 10, 0, 0, (uint8_t)(i % DATA) }, 4);
		model[i].until_ms = 0;
	}
}

static void
teardown(void)
{
	leases_free(leases);
}

static struct store_lease
record(unsigned i, uint64_t until_ms)
{
	return (struct store_lease){
		.zone = zones[i / (NAMES * DATA)], .name = model[i].name, .type = i % DATA < 2 ? TYPE_A : TYPE_TXT, .rdata = model[i].data, .size = 4,
		.until_ms = until_ms
	};
}

static void
put(unsigned i, uint64_t until_ms)
{
	struct store_lease one = record(i, until_ms);

	leases_put(leases, &one);
	model[i].until_ms = until_ms;
}

/* What is in the table is what is in the model, and the first is the least. */
static void
check_all(void)
{
	uint64_t first = 0;
	size_t count = 0;

	for (unsigned i = 0; i < RECORDS; i++) {
		struct store_lease one = record(i, 0);

		ck_holds(leases_has(leases, &one) == (model[i].until_ms > 0));
		if (model[i].until_ms == 0)
			continue;
		count++;
		if (first == 0 || model[i].until_ms < first)
			first = model[i].until_ms;
	}
	ck_assert_uint_eq(leases_count(leases), count);
	ck_assert_uint_eq(leases_next_ms(leases), first);
	ck_assert((leases_first(leases) == NULL) == (count == 0));
}

START_TEST(test_random)
{
	uint32_t state = 7;

	for (unsigned step = 0; step < STEPS; step++) {
		state = state * 1664525 + 1013904223;
		put((state >> 8) % RECORDS, (state >> 28) < 6 ? 0 : 1 + (state >> 4) % 1000);
		if (step % 100 == 0)
			check_all();
	}
	check_all();
}
END_TEST

/* In the order in which they end; putting a lease that the table lends is fine. */
START_TEST(test_taken_in_order)
{
	uint64_t before = 0;
	const struct store_lease *first;

	for (unsigned i = 0; i < RECORDS; i++)
		put(i, 1 + i * 7919 % 1000);
	for (unsigned n = RECORDS; (first = leases_first(leases)) != NULL; n--) {
		struct store_lease gone = *first;

		ck_assert_uint_eq(leases_count(leases), n);
		ck_assert_uint_ge(first->until_ms, before);
		before = first->until_ms;
		gone.until_ms = 0;
		leases_put(leases, &gone);
	}
	ck_assert_uint_eq(leases_count(leases), 0);
}
END_TEST

static void
count_one(void *arg, const struct store_lease *one)
{
	ck_assert_str_eq(one->zone, zones[0]);
	++*(unsigned *)arg;
}

START_TEST(test_each)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RECORDS; i++)
		put(i, 5);
	leases_each(leases, zones[0], model[0].name, TYPE_A, count_one, &n);
	ck_assert_uint_eq(n, 2);
	leases_each(leases, zones[0], model[0].name, TYPE_ANY, count_one, &n);
	ck_assert_uint_eq(n, 2 + DATA);
	leases_each(leases, "example.org", model[0].name, TYPE_ANY, count_one, &n);
	ck_assert_uint_eq(n, 2 + DATA);
}
END_TEST

/* What are names in the data is equal without case, what are bytes is not. */
START_TEST(test_equal)
{
	static const uint8_t lower[] = "\3www\7example", upper[] = "\3WWW\7EXAMPLE";
	struct store_lease one = {
		.zone = zones[0], .name = model[0].name, .type = TYPE_PTR, .rdata = lower, .size = sizeof(lower), .until_ms = 1
	};

	leases_put(leases, &one);
	one.rdata = upper;
	ck_assert(leases_has(leases, &one));
	one.type = TYPE_TXT;
	leases_put(leases, &one);
	one.rdata = lower;
	ck_assert(!leases_has(leases, &one));
	one.size = 0;
	one.rdata = NULL;
	ck_assert(!leases_has(leases, &one));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("leases");
	TCase *t = tcase_create("table");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_random);
	tcase_add_test(t, test_taken_in_order);
	tcase_add_test(t, test_each);
	tcase_add_test(t, test_equal);
	suite_add_tcase(s, t);
	return suite_run(s);
}
