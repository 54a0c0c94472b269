/* test_limit.c - how many answers go out, to whom, of which kind: minutes of them in a moment. */
#include "dnsd/limit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/dname.h"
#include "conf/conf.h"
#include "tests/unit/suite.h"

static struct limit *l;
static struct addr client;

static void
make(unsigned rate, unsigned slip)
{
	struct conf_daemon conf = { .rate_limit = rate, .rate_limit_slip = slip };

	l = limit_new(&conf);
	ck_assert_ptr_nonnull(l);
	client = (struct addr){ .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };
}

static void
teardown(void)
{
	limit_free(l);
	l = NULL;
}

static enum limit_verdict
judge_at(const char *text, enum limit_kind kind, uint64_t now_ms)
{
	uint8_t name[DNAME_MAX];

	if (dname_parse(text, name) == 0)
		ck_abort_msg("%s is no name", text);   /* ck_assert() writes to a file each time, also when all is well */
	return limit_judge(l, &client, kind, name, now_ms);
}

static enum limit_verdict
judge_from(const char *address)
{
	ck_assert(addr_parse(address, &client));
	return judge_at("www.example.com", LIMIT_DATA, 5000);
}

START_TEST(test_off)
{
	uint64_t dropped = 1, slipped = 1;

	ck_assert_ptr_null(limit_new(&(struct conf_daemon){ .rate_limit_slip = 2 }));
	limit_counters(NULL, &dropped, &slipped);
	ck_assert(dropped == 0 && slipped == 0);
	limit_free(NULL);
}
END_TEST

/* A minute of queries at a constant pace, above, at and below the rate: answered are as many as may be, within a tenth. */
START_TEST(test_steady_rate)
{
	static const struct { unsigned rate, offered; } paces[] = {
		{ 1, 20 }, { 5, 100 }, { 5, 5 }, { 5, 4 }, { 5, 6 }, { 100, 101 }, { 100, 5000 }, { 10000, 50000 }, { 10000, 9999 },
	};
	unsigned rate = paces[_i].rate, offered = paces[_i].offered, sent = 0;

	make(rate, 0);
	for (uint64_t i = 0; i < 60ull * offered; i++)
		sent += judge_at("www.example.com", LIMIT_DATA, 123456789 + i * 1000 / offered) == LIMIT_SEND;

	double due = 60.0 * (offered < rate ? offered : rate);

	ck_assert_msg(sent >= 0.9 * due && sent <= 1.1 * due, "%u of %u a second at a rate of %u: %u in a minute", rate, offered, rate, sent);
	if (offered <= rate * 9 / 10)
		ck_assert_uint_eq(sent, 60 * offered);
}
END_TEST

START_TEST(test_slip)
{
	static const struct { unsigned slip, slipped; } slips[] = { { 0, 0 }, { 1, 1000 }, { 2, 500 }, { 3, 333 }, { 10, 100 } };
	unsigned seen[3] = { 0 };
	uint64_t dropped, slipped;

	make(10, slips[_i].slip);
	for (unsigned i = 0; i < 1010; i++)
		seen[judge_at("www.example.com", LIMIT_DATA, 5000)]++;
	ck_assert_uint_eq(seen[LIMIT_SEND], 10);
	ck_assert_uint_eq(seen[LIMIT_SLIP], slips[_i].slipped);
	ck_assert_uint_eq(seen[LIMIT_DROP], 1000 - slips[_i].slipped);
	limit_counters(l, &dropped, &slipped);
	ck_assert_uint_eq(slipped, slips[_i].slipped);
	ck_assert_uint_eq(dropped, 1000 - slips[_i].slipped);
}
END_TEST

/* Each second begins anew, though its number comes again after some hours. */
START_TEST(test_seconds)
{
	unsigned first = 0, last = 0;

	make(1, 0);
	for (uint64_t second = 0; second < 200000; second++) {
		first += judge_at("www.example.com", LIMIT_DATA, second * 1000) == LIMIT_SEND;
		last += judge_at("www.example.com", LIMIT_DATA, second * 1000 + 999) == LIMIT_SEND;
	}
	ck_assert_uint_eq(first, 200000);
	ck_assert_uint_eq(last, 0);
}
END_TEST

START_TEST(test_what_is_identical)
{
	make(1, 0);
	ck_assert_int_eq(judge_at("www.example.com", LIMIT_DATA, 5000), LIMIT_SEND);
	ck_assert_int_eq(judge_at("www.example.com", LIMIT_DATA, 5000), LIMIT_DROP);
	ck_assert_int_eq(judge_at("www.example.com", LIMIT_NODATA, 5000), LIMIT_SEND);
	ck_assert_int_eq(judge_at("ww.example.com", LIMIT_DATA, 5000), LIMIT_SEND);
	ck_assert_int_eq(judge_at("example.com", LIMIT_DATA, 5000), LIMIT_SEND);
	ck_assert_int_eq(judge_at(".", LIMIT_DATA, 5000), LIMIT_SEND);
	ck_assert_int_eq(judge_at(".", LIMIT_DATA, 5000), LIMIT_DROP);
	/* any case: on the wire, for dname_parse() folds */
	ck_assert_int_eq(limit_judge(l, &client, LIMIT_DATA, (const uint8_t *)"\3wWw\7EXAMPLE\3com", 5000), LIMIT_DROP);
}
END_TEST

START_TEST(test_longest_name)
{
	uint8_t name[DNAME_MAX] = { 63, [64] = 63, [128] = 63, [192] = 61 };

	make(1, 0);
	ck_assert_uint_eq(dname_length(name), DNAME_MAX);
	ck_assert_int_eq(limit_judge(l, &client, LIMIT_DATA, name, 5000), LIMIT_SEND);
	ck_assert_int_eq(limit_judge(l, &client, LIMIT_DATA, name, 5000), LIMIT_DROP);
	name[253] = 1;                         /* its last byte matters */
	ck_assert_int_eq(limit_judge(l, &client, LIMIT_DATA, name, 5000), LIMIT_SEND);
}
END_TEST

START_TEST(test_client_prefixes)
{
	make(1, 0);
	ck_assert_int_eq(judge_from("192.0.2.1"), LIMIT_SEND);
	ck_assert_int_eq(judge_from("192.0.2.255"), LIMIT_DROP);
	ck_assert_int_eq(judge_from("192.0.3.1"), LIMIT_SEND);
	ck_assert_int_eq(judge_from("2001:db8:1:2100::1"), LIMIT_SEND);
	ck_assert_int_eq(judge_from("2001:db8:1:21ff:ffff::"), LIMIT_DROP);
	ck_assert_int_eq(judge_from("2001:db8:1:2200::1"), LIMIT_SEND);
	ck_assert_int_eq(judge_from("c000:200::"), LIMIT_SEND);        /* the same bytes as 192.0.2.0 */
}
END_TEST

START_TEST(test_exempt)
{
	struct prefix exempt[3];
	struct conf_daemon conf = { .rate_limit = 1, .rate_limit_slip = 1, .rate_limit_exempt = exempt, .nrate_limit_exempt = 3 };

	ck_assert(prefix_parse("192.0.2.8/29", &exempt[0]) && prefix_parse("2001:db8:1::/48", &exempt[1]) && prefix_parse("198.51.100.7", &exempt[2]));
	l = limit_new(&conf);
	memset(exempt, 0, sizeof(exempt));     /* it has its own */
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(judge_from("192.0.2.8"), LIMIT_SEND);
		ck_assert_int_eq(judge_from("192.0.2.15"), LIMIT_SEND);
		ck_assert_int_eq(judge_from("2001:db8:1:ffff::1"), LIMIT_SEND);
		ck_assert_int_eq(judge_from("198.51.100.7"), LIMIT_SEND);
		ck_assert_int_eq(judge_from("192.0.2.16"), LIMIT_SLIP);        /* a neighbour whose prefix they have used up */
		ck_assert_int_eq(judge_from("198.51.100.8"), LIMIT_SLIP);
		ck_assert_int_eq(judge_from("2001:db8:2::1"), i == 0 ? LIMIT_SEND : LIMIT_SLIP);
	}
}
END_TEST

/* Three million others within the second, six times what the table holds, do not make it forget who floods. */
START_TEST(test_a_full_table)
{
	unsigned sent = 0, others = 0;

	make(20, 0);
	for (uint32_t i = 0; i < ROUNDS(3000000); i++) {
		uint8_t name[] = { 4, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, 0 };

		others += limit_judge(l, &client, LIMIT_DATA, name, 5000) == LIMIT_SEND;
		if (i % 100 == 0)
			sent += judge_at("www.example.com", LIMIT_DATA, 5000) == LIMIT_SEND;
	}
	ck_assert_uint_ge(others, ROUNDS(2990000)); /* each asks once, but upper and lower case are one */
	ck_assert_uint_le(sent, 22);
}
END_TEST

/* ---- threads ---- */

/* Two workers whose seconds begin at different times do not undo each other's counts. */
START_TEST(test_a_worker_behind)
{
	unsigned sent = 0;

	make(10, 0);
	for (unsigned i = 0; i < 10000; i++)
		sent += judge_at("www.example.com", LIMIT_DATA, i % 2 == 0 ? 5999 : 6000) == LIMIT_SEND;
	ck_assert_uint_le(sent, 2 * 10);
}
END_TEST

enum { THREADS = 4, EACH = 200000, SECONDS = 10 };

static pthread_barrier_t barrier;

static void *
hammer(void *arg)
{
	_Atomic unsigned *sent = arg;
	unsigned n = 0;

	for (uint64_t second = 0; second < SECONDS; second++) {
		pthread_barrier_wait(&barrier);
		for (unsigned i = 0; i < EACH / SECONDS; i++)
			n += limit_judge(l, &client, LIMIT_DATA, (const uint8_t *)"\3www", 1000 * second) == LIMIT_SEND;
	}
	atomic_fetch_add(sent, n);
	return NULL;
}

/* One name from four threads, second by second. */
START_TEST(test_threads)
{
	pthread_t threads[THREADS];
	_Atomic unsigned sent = 0;
	uint64_t dropped, slipped;

	make(1000, 2);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, &sent), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
	limit_counters(l, &dropped, &slipped);
	ck_assert_uint_eq(sent + dropped + slipped, THREADS * EACH);
	ck_assert_uint_ge(sent, 9900);
	ck_assert_uint_le(sent, 10100);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("limit");
	TCase *t = tcase_create("limit");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_off);
	tcase_add_loop_test(t, test_steady_rate, 0, SANITIZED ? 7 : 9); /* the last two are three million calls each */
	tcase_add_loop_test(t, test_slip, 0, 5);
	tcase_add_test(t, test_seconds);
	tcase_add_test(t, test_what_is_identical);
	tcase_add_test(t, test_longest_name);
	tcase_add_test(t, test_client_prefixes);
	tcase_add_test(t, test_exempt);
	tcase_add_test(t, test_a_full_table);
	tcase_add_test(t, test_a_worker_behind);
	tcase_add_test(t, test_threads);
	suite_add_tcase(s, t);
	return suite_run(s);
}
