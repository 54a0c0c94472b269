/* test_reports.c - reports from many threads, and more of them than fit. */
#include "dnsd/reports.h"

#include <event2/event.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "tests/unit/suite.h"

enum { SENDERS = 4, EACH = 5000, MANY = 1024 };

static struct event_base *base;
static struct reports *reports;

/* What came, by sender: a report's "from" is the sender, its "to" a number that grows. */
static struct seen {
	uint32_t last[SENDERS];
	unsigned count, disordered;
	bool again;                            /* send another from inside fn */
} seen;

static void
on_report(void *arg, const struct report *r)
{
	struct seen *s = arg;

	s->disordered += r->to <= s->last[r->from];
	s->last[r->from] = r->to;
	s->count++;
	if (s->again) {
		s->again = false;
		reports_send(reports, &(struct report){ .from = 0, .to = r->to + 1 });
	}
}

static void
setup(void)
{
	seen = (struct seen){ .count = 0 };
	base = event_base_new();
	reports = reports_new(base, on_report, &seen);
}

static void
teardown(void)
{
	reports_free(reports);
	event_base_free(base);
}

static void
tell(uint32_t from, uint32_t to)
{
	reports_send(reports, &(struct report){ .kind = REPORT_CURRENT, .from = from, .to = to });
}

/* Turns of the loop until so many have come, or 5 s. */
static void
await(unsigned count)
{
	uint64_t end_us = clock_mono_us() + 5 * US_PER_S;

	while (seen.count < count && clock_mono_us() < end_us)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(seen.count, count);
}

START_TEST(test_in_order)
{
	for (uint32_t i = 1; i <= 300; i++)
		tell(0, i);
	await(300);
	tell(0, 301);
	await(301);
	ck_assert_uint_eq(seen.disordered, 0);
	ck_assert_uint_eq(reports_dropped(reports), 0);
}
END_TEST

/* The loop sleeps when nothing is left: no turn without a report. */
START_TEST(test_quiet_when_empty)
{
	tell(0, 1);
	await(1);
	ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	uint64_t began_us = clock_mono_us();
	event_base_loopexit(base, &(struct timeval){ 0, 50000 });
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_ge(clock_mono_us() - began_us, 45000);
}
END_TEST

START_TEST(test_full)
{
	for (uint32_t i = 1; i <= MANY + 10; i++)
		tell(0, i);
	ck_assert_uint_eq(reports_dropped(reports), 10);
	await(MANY);
	ck_assert_uint_eq(seen.last[0], MANY);
	tell(0, MANY + 11);                    /* there is room again */
	await(MANY + 1);
	ck_assert_uint_eq(reports_dropped(reports), 10);
}
END_TEST

/* A flood takes several turns: what else the loop has to do comes in between. */
START_TEST(test_turns_are_short)
{
	for (uint32_t i = 1; i <= MANY; i++)
		tell(0, i);
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_gt(seen.count, 0);
	ck_assert_uint_le(seen.count, MANY / 4);
	await(MANY);
}
END_TEST

START_TEST(test_sent_from_inside)
{
	seen.again = true;
	tell(0, 1);
	await(2);
	ck_assert_uint_eq(seen.last[0], 2);
}
END_TEST

static void *
sender(void *arg)
{
	const uint32_t *from = arg;

	for (uint32_t i = 1; i <= EACH; i++)
		tell(*from, i);
	return NULL;
}

/* Every one is either told, in its sender's order, or counted as dropped. */
START_TEST(test_many_threads)
{
	pthread_t threads[SENDERS];
	uint32_t numbers[SENDERS];
	uint64_t end_us = clock_mono_us() + 10 * US_PER_S;

	for (uint32_t i = 0; i < SENDERS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, sender, &numbers[i]), 0);
	}
	while (seen.count + reports_dropped(reports) < SENDERS * EACH && clock_mono_us() < end_us)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	for (uint32_t i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(seen.count + reports_dropped(reports), SENDERS * EACH);
	ck_assert_uint_eq(seen.disordered, 0);
	ck_assert_uint_gt(seen.count, 0);
}
END_TEST

START_TEST(test_nobody)
{
	reports_send(NULL, &(struct report){ .kind = REPORT_REFUSED });
	reports_free(NULL);
	tell(0, 1);                            /* freed with one waiting */
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reports");
	TCase *t = tcase_create("reports");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_in_order);
	tcase_add_test(t, test_quiet_when_empty);
	tcase_add_test(t, test_full);
	tcase_add_test(t, test_turns_are_short);
	tcase_add_test(t, test_sent_from_inside);
	tcase_add_test(t, test_many_threads);
	tcase_add_test(t, test_nobody);
	suite_add_tcase(s, t);
	return suite_run(s);
}
