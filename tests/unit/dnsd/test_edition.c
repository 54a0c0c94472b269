/* test_edition.c - editions that are held while versions come and go; the steps between them. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/edition.h"
#include "dnsd/snapshot.h"
#include "tests/unit/dnsd/grace.h"
#include "tests/unit/suite.h"
#include "tests/unit/zones/build.h"

enum { COMMITS = ROUNDS(1500), HOLDERS = 3, NAMES = 50 };

static const char apex[] = "example";

/* A zone of its own, whose every name has an address that says the serial: a reader sees whether it sees one version. */
static struct {
	struct editions *all;
	struct zone *zone;                     /* the last version */
	atomic_bool over;
	atomic_bool done;
} lab;

static const uint8_t *
soa_of(const struct zone *z)
{
	return node_rrset(zone_at(z, zone_apex(z)), TYPE_SOA)->bytes;
}

static void
put_serials(struct zone_edit *e, uint32_t serial)
{
	struct rrbuf *b = rrbuf_new();
	char name[32];

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		rrbuf_begin(b, TYPE_A, CLASS_IN, 60);
		rrbuf_add(b, (uint8_t[]){ (uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8), (uint8_t)serial }, 4);
		zone_put(e, name_of(name), b);
	}
	rrbuf_free(b);
}

static bool
draft_step(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	return type == TYPE_SOA || changes_draft_add(arg, come, name, rr);
}

/* The next version, with this serial; its garbage waits in the queue, and it becomes an edition. */
static void
number(uint32_t serial, uint64_t at_ms)
{
	struct zone_edit *e = zone_edit(lab.zone);
	const struct zone *before = lab.zone;
	struct changes_draft *d = changes_draft_new();
	struct changes *step;
	struct garbage *garbage;

	put_serials(e, serial);
	zone_put_serial(e, serial);
	lab.zone = zone_commit(e, &garbage);
	zone_diff(before, lab.zone, draft_step, d);
	step = changes_draft_end(d, name_of(apex), soa_of(before), soa_of(lab.zone), at_ms);
	editions_retire(lab.all, 0, garbage);
	editions_put(lab.all, 0, lab.zone, step, NULL);
}

static void
setup(void)
{
	struct zone_edit *e;
	struct garbage *garbage;
	struct zone *z;

	snapshot_open();
	z = zone_of(apex, "@ 60 SOA ns hostmaster 1 3600 600 604800 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n");
	e = zone_edit(z);
	put_serials(e, 1);
	lab.zone = zone_commit(e, &garbage);
	garbage_free(garbage);
	lab.all = editions_new(1);
	atomic_store(&lab.over, false);
	atomic_store(&lab.done, false);
	editions_put(lab.all, 0, lab.zone, NULL, NULL);
}

static void
all_done(void *arg)
{
	zone_free(arg);
	atomic_store(&lab.done, true);
}

static void
teardown(void)
{
	editions_retire_all(lab.all, all_done, lab.zone);
	snapshot_close();
	ck_assert(atomic_load(&lab.done));
}

/* Is the edition whole, and one? */
static void
edition_read(const struct edition *e)
{
	struct zone_walk *w = zone_walk_new(e->zone);
	const struct node *n;
	int hosts = 0;

	while ((n = zone_walk_next(w)) != NULL) {
		const struct rrset *a = node_rrset(n, TYPE_A);
		const uint8_t *p;

		if (a == NULL || node_name(n)[1] != 'h')
			continue;
		p = a->bytes + 12;
		ck_holds(((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]) == e->serial);
		hosts++;
	}
	zone_walk_free(w);
	ck_holds(hosts == NAMES);
	ck_holds(zone_serial(e->zone) == e->serial);
	for (size_t i = 0; i < e->nhistory; i++)
		ck_holds(e->history[i]->to == (i + 1 < e->nhistory ? e->history[i + 1]->from : e->serial));
}

static void *
holder(void *arg)
{
	unsigned *held = arg;

	rcu_register_thread();
	do {
		const struct edition *e;

		snapshot_enter();
		e = edition_find(lab.all, 0);
		edition_hold(e);
		snapshot_leave();
		edition_read(e);
		edition_let_go(e);
		++*held;
	} while (!atomic_load(&lab.over));
	rcu_unregister_thread();
	return NULL;
}

START_TEST(test_held_in_threads)
{
	pthread_t threads[HOLDERS];
	unsigned held[HOLDERS] = { 0 };

	for (int i = 0; i < HOLDERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, holder, &held[i]), 0);
	for (uint32_t serial = 2; serial < 2 + COMMITS; serial++)
		number(serial, clock_wall_ms());
	atomic_store(&lab.over, true);
	for (int i = 0; i < HOLDERS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_uint_gt(held[i], 0);
	}
	edition_read(edition_find(lab.all, 0));
}
END_TEST

START_TEST(test_held_over_many_commits)
{
	const struct edition *e = edition_find(lab.all, 0), *middle = NULL;

	edition_hold(e);
	for (uint32_t serial = 2; serial < 1000; serial++) {
		number(serial, clock_wall_ms());
		if (serial == 500) {
			middle = edition_find(lab.all, 0);
			edition_hold(middle);
		}
	}
	edition_read(e);
	edition_let_go(e);
	edition_read(middle);
	edition_let_go(middle);
	ck_assert_uint_eq(edition_find(lab.all, 0)->serial, 999);
}
END_TEST

/* The world ends while somebody still transfers: its end comes with the transfer's. */
START_TEST(test_held_over_the_end)
{
	const struct edition *e = edition_find(lab.all, 0);

	edition_hold(e);
	number(2, clock_wall_ms());
	editions_retire_all(lab.all, all_done, lab.zone);
	grace();
	ck_assert(!atomic_load(&lab.done));
	edition_read(e);
	edition_let_go(e);
	snapshot_close();
	ck_assert(atomic_load(&lab.done));
}
END_TEST

START_TEST(test_since)
{
	const struct edition *e;

	number(2, clock_wall_ms());
	number(5, clock_wall_ms());
	e = edition_find(lab.all, 0);
	ck_assert_uint_eq(e->nhistory, 2);
	ck_assert_int_eq(edition_since(e, 1), 0);
	ck_assert_int_eq(edition_since(e, 2), 1);
	ck_assert_int_eq(edition_since(e, 5), 2);
	ck_assert_int_eq(edition_since(e, 6), 2);      /* ahead of us */
	ck_assert_int_eq(edition_since(e, 3), -1);
	ck_assert_int_eq(edition_since(e, 0), -1);
	number(0xfffffff0, clock_wall_ms());           /* greater in no sense, but serials come from the world, not from here */
	number(3, clock_wall_ms());
	e = edition_find(lab.all, 0);
	ck_assert_int_eq(edition_since(e, 0xfffffff0), 3);     /* before 3, beyond the wrap */
	ck_assert_int_eq(edition_since(e, 100), 4);
}
END_TEST

START_TEST(test_history_ends_with_a_day)
{
	uint64_t now_ms = clock_wall_ms(), day_ms = (uint64_t)HISTORY_HOURS * 3600 * 1000;
	const struct edition *e;

	number(2, now_ms - day_ms - 2);
	number(3, now_ms - day_ms + 60000);
	number(4, now_ms);
	e = edition_find(lab.all, 0);
	ck_assert_uint_eq(e->nhistory, 2);             /* the first is more than a day older than the last */
	ck_assert_int_eq(edition_since(e, 1), -1);
	ck_assert_int_eq(edition_since(e, 2), 0);
}
END_TEST

START_TEST(test_history_has_bounds)
{
	const struct edition *e;
	size_t bytes = 0;

	for (uint32_t serial = 2; serial < 2 + HISTORY_STEPS + 10; serial++)
		number(serial, clock_wall_ms());
	e = edition_find(lab.all, 0);
	ck_assert_uint_le(e->nhistory, HISTORY_STEPS);
	ck_assert_int_eq(edition_since(e, 3), -1);
	for (size_t i = 0; i < e->nhistory; i++)
		bytes += changes_size(e->history[i]);
	ck_assert_uint_le(bytes, HISTORY_BYTES);
	ck_assert_uint_gt(bytes, HISTORY_BYTES / 2);   /* it is used, too */
}
END_TEST

START_TEST(test_history_goes_on_in_another_world)
{
	struct editions *next = editions_new(1);
	const struct edition *before, *e;

	number(2, clock_wall_ms());
	number(3, clock_wall_ms());
	before = edition_find(lab.all, 0);
	editions_put(next, 0, lab.zone, NULL, before);
	e = edition_find(next, 0);
	ck_assert_uint_eq(e->nhistory, 2);
	ck_assert_ptr_eq(e->history[0], before->history[0]);
	editions_retire_all(next, all_done, NULL);
	grace();
	ck_assert_uint_eq(before->history[1]->to, 3);  /* the older world's own count keeps it */
}
END_TEST

/* ---- drafts ---- */

static const uint8_t *
rr_a(unsigned address)
{
	static uint8_t rrs[4][16];
	static unsigned next;
	uint8_t *rr = rrs[next++ % 4];

	memcpy(rr, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0", 15);
	rr[15] = (uint8_t)address;
	return rr;
}

START_TEST(test_what_goes_and_comes_cancels)
{
	struct changes_draft *d = changes_draft_new();
	struct changes *c;

	changes_draft_add(d, false, name_of("a.example"), rr_a(1));
	changes_draft_add(d, true, name_of("a.example"), rr_a(2));
	changes_draft_add(d, true, name_of("A.example"), rr_a(1));
	ck_assert(!changes_draft_empty(d));
	changes_draft_add(d, false, name_of("a.example"), rr_a(2));
	ck_assert(changes_draft_empty(d));
	changes_draft_add(d, true, name_of("b.example"), rr_a(3));
	changes_draft_add(d, true, name_of("b.example"), rr_a(4));
	changes_draft_add(d, false, name_of("c.example"), rr_a(3));
	c = changes_draft_end(d, name_of(apex), soa_of(lab.zone), soa_of(lab.zone), 7);
	ck_assert_uint_eq(c->gone, 1);
	ck_assert_uint_eq(c->come, 2);
	ck_assert_uint_eq(c->gone_size, 11 + 14);
	ck_assert_uint_eq(c->come_size, 2 * (11 + 14));
	ck_assert_uint_eq(c->soa_from_size, c->soa_to_size);

	/* There and back is nowhere. */
	d = changes_draft_new();
	changes_draft_add_all(d, c, false);
	ck_assert(!changes_draft_empty(d));
	changes_draft_add_all(d, c, true);
	ck_assert(changes_draft_empty(d));
	changes_draft_free(d);
	changes_let_go(c);
}
END_TEST

START_TEST(test_too_large_is_none)
{
	struct changes_draft *d = changes_draft_new();
	unsigned n = 0;

	while (changes_draft_add(d, true, name_of("a.example"), rr_a(n)))
		n++;
	ck_assert_uint_eq(n, HISTORY_BYTES / 25);
	ck_assert(!changes_draft_add(d, true, name_of("a.example"), rr_a(1)));
	ck_assert(!changes_draft_empty(d));
	ck_assert_ptr_null(changes_draft_end(d, name_of(apex), soa_of(lab.zone), soa_of(lab.zone), 7));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("edition");
	TCase *t = tcase_create("editions"), *end = tcase_create("the end");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_held_in_threads);
	tcase_add_test(t, test_held_over_many_commits);
	tcase_add_test(t, test_since);
	tcase_add_test(t, test_history_ends_with_a_day);
	if (!SANITIZED)                        /* thousands of the same */
		tcase_add_test(t, test_history_has_bounds);
	tcase_add_test(t, test_history_goes_on_in_another_world);
	tcase_add_test(t, test_what_goes_and_comes_cancels);
	tcase_add_test(t, test_too_large_is_none);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(end, setup, NULL);
	tcase_add_test(end, test_held_over_the_end);
	suite_add_tcase(s, end);
	return suite_run(s);
}
