/* test_sched.c - the scheduler, in a world without sockets or clock. */
#include <stdio.h>

#include "tests/unit/checker/world.h"
#include "tests/unit/suite.h"

/* ---- pace ---- */

START_TEST(an_hour_has_3600_probes_each_within_its_jitter)
{
	struct world *w = world_new((uint64_t)_i);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = 3 * MS };
	uint64_t first;

	check.jitter = 10;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	first = h.nstarts;
	world_run(w, w->now_us + 3600 * S);
	/* Jitter does not add up: an hour later the grid is where it was. */
	ck_assert_uint_ge(h.nstarts - first, 3599);
	ck_assert_uint_le(h.nstarts - first, 3601);
	for (unsigned i = 6; i < h.nstarts && i < STARTS_MAX; i++) {
		uint64_t gap = h.starts[i] - h.starts[i - 1];

		ck_assert_msg(gap >= 899 * MS && gap <= 1101 * MS, "probe %u came %llu us after the one before", i, (unsigned long long)gap);
	}
	ck_assert_uint_eq(h.most, 1);
	world_free(w);
}
END_TEST

START_TEST(jitter_is_really_there)
{
	struct world *w = world_new(7);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	uint64_t least = UINT64_MAX, most = 0;

	check.jitter = 50;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 1000 * S);
	for (unsigned i = 6; i < h.nstarts; i++) {
		uint64_t gap = h.starts[i] - h.starts[i - 1];

		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	ck_assert_uint_lt(least, 650 * MS);
	ck_assert_uint_gt(most, 1350 * MS);
	world_free(w);
}
END_TEST

START_TEST(same_seed_same_times)
{
	struct conf_check check = check_plain();
	struct host h[2] = { { .rtt_us = MS }, { .rtt_us = MS } };

	check.jitter = 20;
	for (int i = 0; i < 2; i++) {
		struct world *w = world_new(42);

		world_add(w, &h[i], &check, S);
		world_run(w, w->now_us + 100 * S);
		world_free(w);
	}
	ck_assert_uint_eq(h[0].nstarts, h[1].nstarts);
	ck_assert_mem_eq(h[0].starts, h[1].starts, sizeof(h[0].starts));
}
END_TEST

START_TEST(first_probes_are_spread)
{
	enum { N = 1000 };
	static struct host hosts[N];
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	unsigned tenth[10] = { 0 };
	uint64_t begin = w->now_us;

	memset(hosts, 0, sizeof(hosts));
	for (int i = 0; i < N; i++) {
		hosts[i].rtt_us = MS;
		world_add(w, &hosts[i], &check, S);
	}
	world_run(w, begin + S);
	for (int i = 0; i < N; i++) {
		uint64_t slot = (hosts[i].starts[0] - begin) * 10 / S;

		ck_assert_uint_lt(slot, 10);
		tenth[slot]++;
	}
	for (int i = 0; i < 10; i++)
		ck_assert_msg(tenth[i] > 60 && tenth[i] < 140, "%u of 1000 in tenth %d", tenth[i], i);
	world_free(w);
}
END_TEST

START_TEST(pace_is_fast_until_settled_and_in_doubt_and_slow_while_down)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	uint64_t begin = w->now_us;

	check.slow_interval_us = 5 * S;
	world_add(w, &h, &check, 0);
	world_run(w, begin + 3 * S);
	/* rise = 3: settled with the third; then every second. */
	ck_assert_uint_eq(h.starts[1] - h.starts[0], 200 * MS);
	ck_assert_uint_eq(h.starts[2] - h.starts[1], 200 * MS);
	ck_assert_uint_eq(h.starts[3] - h.starts[2], S);
	ck_assert_uint_eq(h.starts[4] - h.starts[3], S);
	ck_assert(!target_view(h.target)->doubt && target_settled(h.target));

	h.reason = PROBE_BAD_STATUS;
	h.nstarts = 0;
	world_run(w, w->now_us + 20 * S);
	ck_assert_uint_eq(h.starts[1] - h.starts[0], 200 * MS);        /* doubt */
	ck_assert_int_eq(host_verdict(&h), VERDICT_DOWN);
	ck_assert_uint_eq(h.starts[2] - h.starts[1], 5 * S);           /* down and undisputed */

	h.reason = PROBE_OK;
	h.nstarts = 0;
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(h.starts[1] - h.starts[0], 200 * MS);        /* recovering */
	ck_assert_uint_eq(h.starts[2] - h.starts[1], 200 * MS);
	ck_assert_int_eq(host_verdict(&h), VERDICT_UP);
	ck_assert_uint_eq(h.starts[3] - h.starts[2], S);
	world_free(w);
}
END_TEST

/* ---- failures ---- */

START_TEST(a_refusal_is_followed_up_at_once_until_down)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = _i == 0 ? 0 : 100 };       /* inside start(), and later */

	check.fall = 5;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 5 * S);
	h.reason = _i == 0 ? PROBE_REFUSED : PROBE_RESET;
	h.nstarts = h.nchanges = 0;
	world_run(w, w->now_us + 900 * MS);
	ck_assert_uint_le(h.nstarts, 5);
	world_run(w, w->now_us + 200 * MS);
	ck_assert_uint_ge(h.nstarts, 5);
	ck_assert_uint_eq(h.starts[4] - h.starts[0], 4 * h.rtt_us);
	ck_assert_uint_eq(h.changes[0] - h.starts[0], 5 * h.rtt_us);
	ck_assert_int_eq(host_verdict(&h), VERDICT_DOWN);
	/* Down: no more hurry. */
	h.nstarts = 0;
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_le(h.nstarts, 11);
	world_free(w);
}
END_TEST

/* The time line of sched.c's opening comment. */
START_TEST(a_pulled_link_is_seen_120_ms_after_the_first_lost_probe)
{
	struct world *w = world_new((uint64_t)_i);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = 300 };
	uint64_t pulled;

	check.interval_us = check.timeout_us = check.slow_interval_us = 100 * MS;
	check.fast_interval_us = 20 * MS;
	check.jitter = 10;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S + (uint64_t)_i * 7 * MS);
	h.silent = true;
	h.nstarts = h.nchanges = 0;
	pulled = w->now_us;
	world_run(w, w->now_us + S);
	ck_assert_uint_eq(h.nchanges, 1);
	ck_assert_int_eq(h.values[0], VERDICT_DOWN);
	ck_assert_uint_eq(h.changes[0] - h.starts[0], 120 * MS);
	ck_assert_uint_le(h.changes[0] - pulled, 120 * MS + 110 * MS);
	ck_assert_uint_eq(h.starts[1] - h.starts[0], 20 * MS);
	ck_assert_uint_eq(h.starts[2] - h.starts[0], 100 * MS);
	ck_assert_uint_eq(h.most, 2);
	world_free(w);
}
END_TEST

START_TEST(overlap_is_capped)
{
	static const unsigned falls[] = { 1, 2, 3, 4, 10, 64 };
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = 100 };

	check.interval_us = check.timeout_us = 1 * S;
	check.fast_interval_us = 10 * MS;
	check.fall = falls[_i];
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(h.most, 1);
	h.silent = true;
	world_run(w, w->now_us + 100 * S);
	ck_assert_uint_eq(h.most, falls[_i] < 4 ? falls[_i] : 4);
	ck_assert_int_eq(host_verdict(&h), VERDICT_DOWN);
	world_free(w);
}
END_TEST

START_TEST(a_slow_but_healthy_target_is_not_probed_doubly)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = 90 * MS };

	check.interval_us = check.timeout_us = 100 * MS;
	check.fast_interval_us = 20 * MS;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + S);                   /* its RTT is learned */
	h.most = 0;
	world_run(w, w->now_us + 100 * S);
	ck_assert_uint_eq(h.most, 1);
	ck_assert_uint_eq(h.nchanges, 1);
	world_free(w);
}
END_TEST

START_TEST(one_lost_packet_is_no_verdict)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	h.silent = true;
	h.nstarts = h.nchanges = 0;
	while (h.nstarts == 0)
		world_run(w, w->now_us + MS);
	h.silent = false;
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(h.nchanges, 0);
	ck_assert_uint_eq(target_view(h.target)->failures, 1);
	ck_assert_int_eq(target_view(h.target)->verdict.history & 1, 1);
	ck_assert(!target_view(h.target)->doubt);
	world_free(w);
}
END_TEST

START_TEST(an_inverted_check_is_up_while_nobody_answers)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .silent = true };

	check.invert = true;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	ck_assert_int_eq(host_verdict(&h), VERDICT_UP);
	ck_assert_int_eq(target_view(h.target)->reason, PROBE_OK);
	ck_assert_uint_eq(h.most, 1);
	h.silent = false;
	h.rtt_us = MS;
	world_run(w, w->now_us + 10 * S);
	ck_assert_int_eq(host_verdict(&h), VERDICT_DOWN);
	h.reason = PROBE_LOCAL;
	h.nchanges = 0;
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(h.nchanges, 0);
	ck_assert_int_eq(target_view(h.target)->reason, PROBE_LOCAL);
	world_free(w);
}
END_TEST

/* ---- ours or theirs ---- */

START_TEST(local_failures_are_no_evidence)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	struct verdict before;

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	before = target_view(h.target)->verdict;
	h.reason = PROBE_LOCAL;
	h.nstarts = 0;
	world_run(w, w->now_us + 100 * S);
	ck_assert_mem_eq(&before, &target_view(h.target)->verdict, sizeof(before));
	ck_assert_uint_ge(target_view(h.target)->locals, 99);
	ck_assert_uint_eq(target_view(h.target)->failures, 0);
	ck_assert_uint_le(h.nstarts, 101);
	world_free(w);
}
END_TEST

START_TEST(only_local_failures_settle_as_unknown)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .reason = PROBE_LOCAL };

	world_add(w, &h, &check, 0);
	ck_assert(!target_settled(h.target));
	world_run(w, w->now_us);
	ck_assert(!target_settled(h.target));
	world_run(w, w->now_us + S);
	ck_assert(target_settled(h.target));
	ck_assert_int_eq(host_verdict(&h), VERDICT_UNKNOWN);
	h.nstarts = 0;
	world_run(w, w->now_us + 100 * S);
	ck_assert_uint_le(h.nstarts, 101);             /* not at the fast pace for ever */
	h.reason = PROBE_OK;
	world_run(w, w->now_us + 10 * S);
	ck_assert_int_eq(host_verdict(&h), VERDICT_UP);
	ck_assert(target_settled(h.target));
	world_free(w);
}
END_TEST

START_TEST(a_dead_path_of_ours_is_no_evidence)
{
	struct world *w = world_new(1);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(w->excuses, 0);              /* asked about failures only */
	h.silent = true;
	w->excuse = "no carrier on eth1";
	world_run(w, w->now_us + 100 * S);
	ck_assert_int_eq(host_verdict(&h), VERDICT_UP);
	ck_assert_int_eq(target_view(h.target)->reason, PROBE_LOCAL);
	ck_assert_str_eq(target_view(h.target)->detail, "no carrier on eth1");
	w->excuse = NULL;
	world_run(w, w->now_us + 10 * S);
	ck_assert_int_eq(host_verdict(&h), VERDICT_DOWN);
	ck_assert_int_eq(target_view(h.target)->reason, PROBE_TIMED_OUT);
	ck_assert_str_eq(target_view(h.target)->detail, "after 500ms");
	world_free(w);
}
END_TEST

/* ---- being late ---- */

START_TEST(a_stall_blames_nobody_and_makes_no_burst)
{
	enum { N = 200 };
	static struct host hosts[N];
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct checker_stats stats;
	uint64_t woke, before[N];

	memset(hosts, 0, sizeof(hosts));
	for (int i = 0; i < N; i++) {
		hosts[i].rtt_us = 20 * MS;
		world_add(w, &hosts[i], &check, S);
	}
	world_run(w, w->now_us + 20 * S + 10 * MS);
	for (int i = 0; i < N; i++) {
		before[i] = hosts[i].starts[hosts[i].nstarts - 1];
		hosts[i].nstarts = hosts[i].nchanges = 0;
	}
	world_stall(w, 10 * S);
	woke = w->now_us;
	world_run(w, woke + 100 * MS);
	for (int i = 0, now = 0; i < N; i++) {
		now += hosts[i].nstarts > 0;
		ck_assert_int_le(now, N / 10 + N / 5);         /* 100 ms of a second, and those late by less than half */
	}
	world_run(w, woke + 10 * S);
	for (int i = 0; i < N; i++) {
		ck_assert_uint_eq(hosts[i].nchanges, 0);
		ck_assert_uint_eq(target_view(hosts[i].target)->failures, 0);
		ck_assert_uint_le(hosts[i].nstarts, 11);
		ck_assert_uint_ge(hosts[i].nstarts, 9);
		ck_assert_uint_le((hosts[i].starts[5] - before[i] + MS) % S, 2 * MS);  /* everybody keeps his place */
	}
	sched_stats(w->sched, &stats);
	ck_assert_uint_ge(stats.skipped, 9 * N);
	ck_assert_uint_le(stats.skipped, 11 * N);
	world_free(w);
}
END_TEST

START_TEST(an_answer_that_waited_for_us_counts)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = 50 * MS };

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	h.nstarts = 0;
	while (h.nstarts == 0)
		world_run(w, w->now_us + MS);
	world_stall(w, 5 * S);
	ck_assert_int_eq(target_view(h.target)->reason, PROBE_OK);
	ck_assert_uint_eq(target_view(h.target)->failures, 0);
	ck_assert_uint_le(target_view(h.target)->rtt_us, 500 * MS);
	world_free(w);
}
END_TEST

/* A probe of several steps may have been waiting for us: it gets the time back, once. */
START_TEST(a_probe_gets_the_time_of_a_stall_back_once)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	uint64_t woke;

	check.fall = 1;
	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	h.silent = true;
	h.nstarts = 0;
	while (h.nstarts == 0)
		world_run(w, w->now_us + MS);
	world_stall(w, 600 * MS);
	woke = w->now_us;
	ck_assert_uint_eq(target_view(h.target)->failures, 0);
	/* The deadline was 500 ms: that we were away for longer than the last 100 ms, nothing tells. */
	world_run(w, woke + 98 * MS);
	ck_assert_uint_eq(target_view(h.target)->failures, 0);
	world_run(w, woke + 101 * MS);
	ck_assert_uint_ge(target_view(h.target)->failures, 1);
	world_free(w);
}
END_TEST

START_TEST(lateness_is_measured)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	struct checker_stats stats;

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	sched_stats(w->sched, &stats);
	ck_assert_uint_eq(stats.late_max_us, 0);
	ck_assert_uint_eq(stats.started, stats.ended);
	w->now_us = sched_due(w->sched) + 40 * MS;
	sched_run(w->sched, w->now_us);
	sched_stats(w->sched, &stats);
	ck_assert_uint_ge(stats.late_max_us, 40 * MS);
	ck_assert_uint_le(stats.late_max_us, 42 * MS);
	ck_assert_uint_eq(stats.late_p50_us, 0);
	world_free(w);
}
END_TEST

/* ---- operators ---- */

struct asked {
	unsigned times;
	enum probe_reason reason;
};

static void
asked_done(void *arg, struct target *t, enum probe_reason reason, const char *detail, uint64_t rtt_us)
{
	struct asked *a = arg;

	(void)t;
	(void)detail;
	(void)rtt_us;
	a->times++;
	a->reason = reason;
}

START_TEST(a_probe_on_demand_answers_once_and_leaves_the_schedule)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = MS };
	struct asked a = { 0 }, b = { 0 };
	unsigned starts;

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S + 300 * MS);
	starts = h.nstarts;
	sched_ask(h.target, asked_done, &a);
	sched_ask(h.target, asked_done, &b);
	world_run(w, w->now_us + 10 * MS);
	ck_assert_uint_eq(a.times, 1);
	ck_assert_uint_eq(b.times, 1);
	ck_assert_int_eq(a.reason, PROBE_OK);
	ck_assert_uint_eq(h.nstarts, starts + 1);
	h.nstarts = 0;
	h.reason = PROBE_BAD_STATUS;
	sched_ask(h.target, asked_done, &a);
	world_run(w, w->now_us + 10 * MS);
	ck_assert_int_eq(a.reason, PROBE_BAD_STATUS);
	ck_assert_uint_ge(target_view(h.target)->failures, 1);         /* it is evidence */
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(a.times, 2);
	ck_assert_uint_eq(b.times, 1);
	world_free(w);
}
END_TEST

START_TEST(removing_a_target_ends_its_probes)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .silent = true }, other = { .rtt_us = MS };
	struct asked a = { 0 };
	struct checker_stats stats;

	world_add(w, &h, &check, 0);
	world_add(w, &other, &check, 0);
	world_run(w, w->now_us + 250 * MS);
	sched_ask(h.target, asked_done, &a);
	world_run(w, w->now_us);
	ck_assert_uint_eq(h.flying, 3);
	sched_remove(h.target);
	ck_assert_uint_eq(h.flying, 0);
	ck_assert_uint_eq(a.times, 1);
	ck_assert_int_eq(a.reason, PROBE_LOCAL);
	ck_assert_uint_eq(h.nchanges, 0);
	h.nstarts = 0;
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(h.nstarts, 0);
	sched_stats(w->sched, &stats);
	ck_assert_uint_eq(stats.targets, 1);
	ck_assert_int_eq(host_verdict(&other), VERDICT_UP);
	world_free(w);
}
END_TEST

static void
remove_it(struct world *w, struct target *t, enum verdict_value from)
{
	(void)w;
	(void)from;
	sched_remove(t);
}

static void
remove_after_probe(struct world *w, struct target *t)
{
	(void)w;
	sched_remove(t);
}

START_TEST(a_hook_may_remove_its_target)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .rtt_us = _i % 2 == 0 ? 0 : MS };
	struct asked a = { 0 };
	struct checker_stats stats;

	h.reason = _i < 4 ? PROBE_REFUSED : PROBE_OK;
	w->changed = _i % 4 < 2 ? remove_it : NULL;
	w->probed = _i % 4 < 2 ? NULL : remove_after_probe;
	world_add(w, &h, &check, 0);
	sched_ask(h.target, asked_done, &a);
	world_run(w, w->now_us + 10 * S);
	ck_assert_uint_eq(a.times, 1);
	sched_stats(w->sched, &stats);
	ck_assert_uint_eq(stats.targets, 0);
	world_free(w);
}
END_TEST

START_TEST(an_update_keeps_the_history)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain(), next = check_plain(), bad = check_plain();
	struct host h = { .rtt_us = MS };
	struct target_conf conf;
	struct verdict before;
	char error[128] = "";

	world_add(w, &h, &check, 0);
	world_run(w, w->now_us + 10 * S);
	before = target_view(h.target)->verdict;
	conf = *target_conf(h.target);
	conf.check = &bad;
	bad.size = 13;
	ck_assert(!sched_update(h.target, &w->prober, &conf, &h, w->now_us, error, sizeof(error)));
	ck_assert_str_eq(error, "13 brings bad luck");
	ck_assert_ptr_eq(target_conf(h.target)->check, &check);

	conf.check = &next;
	next.interval_us = 2 * S;
	ck_assert(sched_update(h.target, &w->prober, &conf, &h, w->now_us, error, sizeof(error)));
	ck_assert_mem_eq(&before, &target_view(h.target)->verdict, sizeof(before));
	h.nstarts = h.nchanges = 0;
	world_run(w, w->now_us + 100 * S);
	ck_assert_uint_ge(h.nstarts, 49);
	ck_assert_uint_le(h.nstarts, 51);
	ck_assert_uint_eq(h.nchanges, 0);
	world_free(w);
}
END_TEST

/* Servers come and go beside it, ever again: a dead one is found dead all the same. */
START_TEST(an_update_of_nothing_interrupts_nothing)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct host h = { .silent = true };
	struct target_conf conf;
	char error[128] = "";

	world_add(w, &h, &check, 0);
	for (int i = 0; i < 100; i++) {
		world_run(w, w->now_us + 50 * MS);
		conf = *target_conf(h.target);
		conf.label = i % 2 == 0 ? "elsewhere" : "here";
		ck_assert(sched_update(h.target, &w->prober, &conf, &h, w->now_us, error, sizeof(error)));
		ck_assert_str_eq(target_conf(h.target)->label, conf.label);
	}
	ck_assert_int_eq(target_view(h.target)->verdict.value, VERDICT_DOWN);
	world_free(w);
}
END_TEST

START_TEST(an_update_makes_good_the_probes_it_interrupts)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain(), next = check_plain();
	struct host h = { .silent = true };
	struct asked a = { 0 };
	struct target_conf conf;
	char error[128] = "";

	world_add(w, &h, &check, 0);
	sched_ask(h.target, asked_done, &a);
	world_run(w, w->now_us + 100 * MS);
	ck_assert_uint_eq(h.flying, 2);
	conf = *target_conf(h.target);
	conf.check = &next;
	h.silent = false;
	h.rtt_us = MS;
	ck_assert(sched_update(h.target, &w->prober, &conf, &h, w->now_us, error, sizeof(error)));
	ck_assert_uint_eq(h.flying, 0);
	world_run(w, w->now_us + 2 * MS);
	ck_assert_uint_eq(a.times, 1);
	ck_assert_int_eq(a.reason, PROBE_OK);
	ck_assert_int_eq(host_verdict(&h), VERDICT_UP);
	world_free(w);
}
END_TEST

START_TEST(what_cannot_be_probed_is_refused)
{
	struct world *w = world_new(3);
	struct conf_check check = check_plain();
	struct target_conf conf = { .label = "host", .check = &check };
	char error[128] = "";

	ck_assert_ptr_null(sched_add(w->sched, &w->prober, &conf, 0, NULL, w->now_us, error, sizeof(error)));
	ck_assert_str_eq(error, "there is no address to probe");
	addr_parse("10.0.0.1", &conf.address);
	addr_parse("2001:db8::1", &conf.source);
	ck_assert_ptr_null(sched_add(w->sched, &w->prober, &conf, 0, NULL, w->now_us, error, sizeof(error)));
	ck_assert_str_eq(error, "the source 2001:db8::1 and the target 10.0.0.1 are of different families");
	conf.source.family = 0;
	check.port = 0;
	ck_assert_ptr_null(sched_add(w->sched, &w->prober, &conf, 0, NULL, w->now_us, error, sizeof(error)));
	ck_assert_str_eq(error, "check plain has no port");
	world_free(w);
}
END_TEST

START_TEST(the_check_may_name_another_target)
{
	struct conf_check check = check_plain();
	struct target_conf conf = { .label = "host", .check = &check };
	struct world *w = world_new(3);
	struct aim aim;
	char error[128] = "", text[ADDR_TEXT];

	addr_parse("10.0.0.1", &conf.address);
	ck_assert(aim_prepare(&aim, &w->prober, &conf, error, sizeof(error)));
	ck_assert_str_eq(addr_format_port(&aim.to, text), "10.0.0.1:80");
	aim_release(&aim);
	addr_parse("192.0.2.7", &check.target);
	check.port = 81;
	ck_assert(aim_prepare(&aim, &w->prober, &conf, error, sizeof(error)));
	ck_assert_str_eq(addr_format_port(&aim.to, text), "192.0.2.7:81");
	aim_release(&aim);
	world_free(w);
}
END_TEST

/* ---- everything at once ---- */

/* A change needs `fall` failures or `rise` successes right before it. */
static void
no_flap(struct world *w, struct target *t, enum verdict_value from)
{
	const struct conf_check *check = target_conf(t)->check;
	const struct verdict *v = &target_view(t)->verdict;

	(void)w;
	if (v->value == from)
		return;
	if (v->value == VERDICT_DOWN)
		ck_assert_uint_eq(v->history & ((1u << check->fall) - 1), 0);
	else if (from == VERDICT_DOWN)
		ck_assert_uint_eq(v->history & ((1u << check->rise) - 1), (1u << check->rise) - 1);
}

static void
host_shuffle(struct host *h)
{
	static const enum probe_reason reasons[] = { PROBE_OK, PROBE_OK, PROBE_OK, PROBE_REFUSED, PROBE_RESET, PROBE_BAD_STATUS, PROBE_LOCAL };

	h->silent = rand() % 4 == 0;
	h->reason = reasons[(unsigned)rand() % (sizeof(reasons) / sizeof(*reasons))];
	h->rtt_us = rand() % 3 == 0 ? 0 : (uint64_t)(rand() % 300) * MS;
}

START_TEST(an_hour_of_anything_keeps_the_rules)
{
	enum { N = 50 };
	static struct host hosts[N];
	struct world *w = world_new((uint64_t)_i);
	struct conf_check checks[3] = { check_plain(), check_plain(), check_plain() };
	struct checker_stats stats;
	uint64_t flying = 0;

	srand((unsigned)_i);
	checks[1].interval_us = checks[1].timeout_us = 100 * MS;
	checks[1].fast_interval_us = 20 * MS;
	checks[1].jitter = 50;
	checks[2].rise = 1;
	checks[2].fall = 7;
	checks[2].slow_interval_us = 3 * S;
	memset(hosts, 0, sizeof(hosts));
	w->changed = no_flap;
	for (int i = 0; i < N; i++) {
		host_shuffle(&hosts[i]);
		world_add(w, &hosts[i], &checks[i % 3], S);
	}
	for (int second = 0; second < 600; second++) {
		for (int i = 0; i < N; i++)
			if (rand() % 10 == 0)
				host_shuffle(&hosts[i]);
		if (rand() % 50 == 0)
			world_stall(w, (uint64_t)(rand() % 3000) * MS);
		world_run(w, w->now_us + S);
	}
	for (int i = 0; i < N; i++) {
		const struct target_view *v = target_view(hosts[i].target);

		flying += hosts[i].flying;
		ck_assert_uint_le(hosts[i].most, checks[i % 3].fall < 4 ? checks[i % 3].fall : 4);
		ck_assert_uint_eq(v->probes + hosts[i].flying, hosts[i].nstarts);
		ck_assert_uint_gt(v->ended_us + 5 * S, w->now_us);     /* nobody is forgotten */
	}
	sched_stats(w->sched, &stats);
	ck_assert_uint_eq(stats.started, stats.ended + flying);
	world_free(w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sched");
	TCase *tc = tcase_create("sched");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, an_hour_has_3600_probes_each_within_its_jitter, 0, 5);
	tcase_add_test(tc, jitter_is_really_there);
	tcase_add_test(tc, same_seed_same_times);
	tcase_add_test(tc, first_probes_are_spread);
	tcase_add_test(tc, pace_is_fast_until_settled_and_in_doubt_and_slow_while_down);
	tcase_add_loop_test(tc, a_refusal_is_followed_up_at_once_until_down, 0, 2);
	tcase_add_loop_test(tc, a_pulled_link_is_seen_120_ms_after_the_first_lost_probe, 0, 20);
	tcase_add_loop_test(tc, overlap_is_capped, 0, 6);
	tcase_add_test(tc, a_slow_but_healthy_target_is_not_probed_doubly);
	tcase_add_test(tc, one_lost_packet_is_no_verdict);
	tcase_add_test(tc, an_inverted_check_is_up_while_nobody_answers);
	tcase_add_test(tc, local_failures_are_no_evidence);
	tcase_add_test(tc, only_local_failures_settle_as_unknown);
	tcase_add_test(tc, a_dead_path_of_ours_is_no_evidence);
	tcase_add_test(tc, a_stall_blames_nobody_and_makes_no_burst);
	tcase_add_test(tc, an_answer_that_waited_for_us_counts);
	tcase_add_test(tc, a_probe_gets_the_time_of_a_stall_back_once);
	tcase_add_test(tc, lateness_is_measured);
	tcase_add_test(tc, a_probe_on_demand_answers_once_and_leaves_the_schedule);
	tcase_add_test(tc, removing_a_target_ends_its_probes);
	tcase_add_loop_test(tc, a_hook_may_remove_its_target, 0, 8);
	tcase_add_test(tc, an_update_keeps_the_history);
	tcase_add_test(tc, an_update_of_nothing_interrupts_nothing);
	tcase_add_test(tc, an_update_makes_good_the_probes_it_interrupts);
	tcase_add_test(tc, what_cannot_be_probed_is_refused);
	tcase_add_test(tc, the_check_may_name_another_target);
	tcase_add_loop_test(tc, an_hour_of_anything_keeps_the_rules, 0, 10);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
