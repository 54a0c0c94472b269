/* test_secondaries.c - who follows a zone, how far they are, and what is logged of it. */
#include "dnsd/secondaries.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/brake.h"
#include "dnsd/edition.h"
#include "dnsd/question.h"
#include "dnsd/tsig.h"
#include "tests/unit/dnsd/lines.h"
#include "tests/unit/suite.h"

enum { ROOM = SECONDARIES_OTHERS + 8 };

static struct event_base *base;
static struct conf_key keys[2] = { { .name = (char *)(uintptr_t)"xfer" }, { .name = (char *)(uintptr_t)"other" } };
static struct conf_notify targets[3];
static struct conf_zone zones[2];
static struct conf conf = { .zones = zones, .nzones = 2 };
static struct secondaries *s;
static struct daemon_secondary rows[ROOM];

/* Serials 100 -> 101 -> 103, numbered 9 s, 5 s and 2 s ago. */
static struct changes steps[2];
static const struct changes *const history[] = { &steps[0], &steps[1] };
static struct edition edition;

static struct addr
addr_of(const char *text, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	a.port = port;
	return a;
}

static void
setup(void)
{
	uint64_t now_ms = clock_wall_ms();

	base = event_base_new();
	targets[0] = (struct conf_notify){ .address = addr_of("192.0.2.1", 53), .key = &keys[0] };
	targets[1] = (struct conf_notify){ .address = addr_of("192.0.2.1", 5353), .key = &keys[1] };
	targets[2] = (struct conf_notify){ .address = addr_of("2001:db8::1", 53) };
	memset(zones, 0, sizeof(zones));
	zones[0].text = (char *)(uintptr_t)"example.org";
	zones[1].text = (char *)(uintptr_t)"example.com";
	for (int i = 0; i < 2; i++)
		dname_parse(zones[i].text, zones[i].name);
	zones[1].notify = targets;
	zones[1].nnotify = 3;
	steps[0] = (struct changes){ .from = 100, .to = 101, .at_ms = now_ms - 5000 };
	steps[1] = (struct changes){ .from = 101, .to = 103, .at_ms = now_ms - 2000 };
	edition = (struct edition){ .serial = 103, .at_ms = now_ms - 2000, .nhistory = 2, .history = history };
	s = secondaries_new(base, &conf);
	lines_begin(LOG_LEVEL_DEBUG);
}

static void
teardown(void)
{
	secondaries_free(s);
	lines_end();
	event_base_free(base);
}

static struct report
report_of(enum report_kind kind, const char *client, const char *zone, const char *key)
{
	struct report r = { .kind = kind, .client = addr_of(client, 40000), .whole = true, .records = 3, .bytes = 214, .took_us = 400, .messages = 1 };

	ck_assert_uint_gt(dname_parse(zone, r.zone), 0);
	if (key != NULL)
		ck_assert_uint_gt(dname_parse(key, r.key), 0);
	return r;
}

static void
transfer(const char *client, const char *key, bool incremental, uint32_t from, uint32_t to)
{
	struct report r = report_of(REPORT_TRANSFER, client, "Example.COM", key);

	memcpy(r.zone, "\7Example\3COM", 13);
	r.incremental = incremental;
	r.from = from;
	r.to = to;
	secondaries_report(s, &r);
}

static size_t
list(void)
{
	memset(rows, 0xEE, sizeof(rows));
	return secondaries_list(s, NULL, &edition, 1, rows, ROOM);
}

START_TEST(test_never_heard)
{
	ck_assert_uint_eq(secondaries_list(s, NULL, &edition, 0, rows, ROOM), 0);
	ck_assert_uint_eq(list(), 3);
	ck_assert(rows[0].configured && addr_equal(&rows[0].address, &targets[0].address));
	ck_assert_str_eq(rows[0].key, "xfer");
	ck_assert_ptr_null(rows[2].key);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(rows[i].serial_ms, 0);
		ck_assert_uint_eq(rows[i].behind, 0);
		ck_assert_uint_eq(rows[i].lag_ms, 0);
		ck_assert_ptr_null(rows[i].transfer);
		ck_assert_ptr_null(rows[i].error);
	}
	rows[1].behind = 77;
	ck_assert_uint_eq(secondaries_list(s, NULL, &edition, 1, rows, 1), 3);
	ck_assert_uint_eq(rows[1].behind, 77);         /* no more than there is room for */
}
END_TEST

/* By address, whatever the port; of two on one host the one with that key. */
START_TEST(test_who_is_who)
{
	transfer("192.0.2.1", "other", false, 0, 103);
	transfer("2001:db8::1", NULL, true, 101, 103);
	transfer("192.0.2.9", "xfer", false, 0, 100);
	ck_assert_uint_eq(list(), 4);
	ck_assert_uint_eq(rows[0].serial_ms, 0);
	ck_assert_str_eq(rows[1].transfer, "AXFR");
	ck_assert_uint_eq(rows[1].serial, 103);
	ck_assert_uint_eq(rows[1].transfer_bytes, 214);
	ck_assert_uint_eq(rows[1].transfer_us, 400);
	ck_assert(clock_wall_ms() - rows[1].serial_ms < 5000);
	ck_assert_str_eq(rows[2].transfer, "IXFR");
	ck_assert(!rows[3].configured);
	ck_assert_uint_eq(rows[3].address.port, 0);
	ck_assert_str_eq(rows[3].key, "xfer");
	transfer("192.0.2.1", "third", false, 0, 103); /* neither's key: the host's first */
	ck_assert_uint_eq(list(), 4);
	ck_assert_uint_eq(rows[0].serial, 103);
	ck_assert_str_eq(rows[0].key, "xfer");
}
END_TEST

static void
check_near(uint64_t ms, uint64_t expected)
{
	ck_assert_msg(ms >= expected && ms < expected + 1000, "%llu ms, expected %llu", (unsigned long long)ms, (unsigned long long)expected);
}

START_TEST(test_behind)
{
	struct report r = report_of(REPORT_CURRENT, "192.0.2.1", "example.com", "xfer");

	transfer("192.0.2.1", "xfer", false, 0, 103);
	list();
	ck_assert_uint_eq(rows[0].behind, 0);
	check_near(rows[0].lag_ms, 2000);              /* so long it took behind the numbering */
	edition.at_ms += 60000;                        /* what it got is a later edition than the clock's */
	list();
	ck_assert_uint_eq(rows[0].lag_ms, 0);
	edition.at_ms -= 60000;
	transfer("192.0.2.1", "other", true, 100, 101);
	transfer("2001:db8::1", NULL, false, 0, 100);
	list();
	ck_assert_uint_eq(rows[1].behind, 2);
	check_near(rows[1].lag_ms, 2000);              /* since 103 was numbered */
	ck_assert_uint_eq(rows[2].behind, 3);
	check_near(rows[2].lag_ms, 5000);              /* since 101 was */
	transfer("2001:db8::1", NULL, false, 0, 42);   /* beyond history: since its first step */
	list();
	ck_assert_uint_eq(rows[2].behind, 61);
	check_near(rows[2].lag_ms, 5000);
	transfer("2001:db8::1", NULL, false, 0, 104);  /* of a time before: ahead of us */
	list();
	ck_assert_uint_eq(rows[2].behind, 0);
	usleep(30000);
	r.to = 103;
	secondaries_report(s, &r);                     /* it asked again: that it has it is no news */
	list();
	ck_assert_str_eq(rows[0].transfer, "current");
	ck_assert_uint_lt(rows[0].lag_ms, clock_wall_ms() - edition.at_ms - 25);
}
END_TEST

START_TEST(test_broken_off)
{
	struct report r = report_of(REPORT_TRANSFER, "192.0.2.1", "example.com", "xfer");

	r.whole = false;
	r.to = 103;
	secondaries_report(s, &r);
	list();
	ck_assert_str_eq(rows[0].transfer, "AXFR broken off");
	ck_assert_uint_eq(rows[0].serial_ms, 0);       /* it has nothing of it */
	r.from = 101;
	r.incremental = true;
	secondaries_report(s, &r);
	list();
	ck_assert_str_eq(rows[0].transfer, "IXFR broken off");
	ck_assert_uint_eq(rows[0].serial, 101);        /* it said so */
	ck_assert_uint_eq(lines_count(" broken off: 3 records, 214 bytes, 0.4 ms\n"), 2);
}
END_TEST

START_TEST(test_others_are_bounded)
{
	char text[32];

	for (int i = 0; i < SECONDARIES_OTHERS; i++) {
		snprintf(text, sizeof(text), "198.51.100.%d", i + 1);
		transfer(text, "xfer", true, 100, 101);
		if (i == 0)
			usleep(3000);
	}
	usleep(3000);
	ck_assert_uint_eq(list(), 3 + SECONDARIES_OTHERS);
	transfer("198.51.100.1", NULL, true, 101, 103);        /* no longer the one that was silent longest */
	transfer("203.0.113.1", "xfer", true, 100, 101);
	ck_assert_uint_eq(list(), 3 + SECONDARIES_OTHERS);
	ck_assert_uint_eq(rows[3].serial, 103);
	ck_assert_ptr_null(rows[3].key);
	ck_assert_str_eq(addr_format(&rows[4].address, (char[ADDR_TEXT]){ 0 }), "203.0.113.1");
}
END_TEST

START_TEST(test_lines)
{
	struct report r = report_of(REPORT_REFUSED, "192.0.2.7", "example.net", "nosuch");

	transfer("192.0.2.1", "xfer", true, 101, 103);
	ck_assert_uint_eq(lines_count("zone example.com: IXFR 101 -> 103 to 192.0.2.1 (key xfer, tcp): 3 records, 214 bytes, 0.4 ms\n"), 1);
	transfer("192.0.2.9", NULL, false, 0, 103);
	ck_assert_uint_eq(lines_count("zone example.com: AXFR 103 to 192.0.2.9 (unsigned, tcp): 3 records"), 1);
	r.rcode = RCODE_NOTAUTH;
	r.tsig_error = TSIG_BADKEY;
	r.why = "no key of that name";
	r.tls = true;
	secondaries_report(s, &r);
	ck_assert_uint_eq(lines_count("192.0.2.7 (key nosuch, tls) gets NOTAUTH (BADKEY) for example.net: no key of that name\n"), 1);
	log_open(lines_fd, LOG_LEVEL_INFO);
	transfer("192.0.2.1", "xfer", true, 101, 103);
	ck_assert_uint_eq(lines_count("IXFR"), 1);     /* increments are for -d */
}
END_TEST

START_TEST(test_totals)
{
	static const struct { unsigned rcode, tsig_error; } refusals[] = {
		{ RCODE_NOTAUTH, TSIG_BADSIG }, { RCODE_NOTAUTH, TSIG_BADKEY }, { RCODE_NOTAUTH, TSIG_BADTIME }, { RCODE_NOTAUTH, TSIG_BADTRUNC },
		{ RCODE_FORMERR, 0 }, { RCODE_REFUSED, 0 }, { RCODE_NOTAUTH, 0 }
	};
	struct report r = report_of(REPORT_REFUSED, "192.0.2.7", "example.com", NULL);
	struct daemon_transfer_totals t;

	r.why = "because";
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		r.rcode = refusals[i].rcode;
		r.tsig_error = refusals[i].tsig_error;
		secondaries_report(s, &r);
	}
	transfer("192.0.2.1", "xfer", false, 0, 103);
	transfer("192.0.2.1", "xfer", true, 101, 103);
	r = report_of(REPORT_TRANSFER, "192.0.2.1", "example.com", NULL);
	r.incremental = r.udp = true;
	secondaries_report(s, &r);
	r.whole = false;
	secondaries_report(s, &r);
	r.kind = REPORT_CURRENT;
	secondaries_report(s, &r);
	memcpy(r.zone, "\4gone", 6);                   /* of a zone that a reload took away */
	secondaries_report(s, &r);
	secondaries_totals(s, &t);
	ck_assert_uint_eq(t.badsig, 1);
	ck_assert_uint_eq(t.badkey, 1);
	ck_assert_uint_eq(t.badtime, 1);
	ck_assert_uint_eq(t.badtrunc, 1);
	ck_assert_uint_eq(t.formerr, 1);
	ck_assert_uint_eq(t.refused, 2);
	ck_assert_uint_eq(t.axfr, 1);
	ck_assert_uint_eq(t.ixfr, 2);
	ck_assert_uint_eq(t.ixfr_udp, 1);
	ck_assert_uint_eq(t.broken, 1);
	ck_assert_uint_eq(t.current, 2);
	ck_assert_uint_eq(t.bytes, 4 * 214);
	ck_assert_uint_eq(list(), 3);                  /* who is refused is no secondary */
}
END_TEST

/* Ten lines a second, then a number. */
START_TEST(test_flood)
{
	struct report r = report_of(REPORT_REFUSED, "192.0.2.7", "example.com", NULL);

	r.why = "signature";
	for (int i = 0; i < 500; i++)
		secondaries_report(s, &r);
	ck_assert_uint_eq(lines_count(": signature\n"), 10);
	ck_assert_uint_eq(lines_count("more"), 0);
	event_base_dispatch(base);                     /* until its second is over */
	ck_assert_uint_eq(lines_count("... and 490 more refusals\n"), 1);
	usleep(1100000);
	secondaries_report(s, &r);
	ck_assert_uint_eq(lines_count(": signature\n"), 11);
	for (int i = 0; i < 20; i++)
		secondaries_report(s, &r);
	secondaries_free(s);                           /* says it at the latest */
	s = NULL;
	ck_assert_uint_eq(lines_count("... and 11 more refusals\n"), 1);
}
END_TEST

/* A target may become another one, and the other way round. */
START_TEST(test_take)
{
	struct conf_notify next_target = { .address = addr_of("192.0.2.9", 53) };
	struct conf_zone next_zones[] = { zones[1] };
	struct conf next = { .zones = next_zones, .nzones = 1 };
	struct secondaries *old = s;
	struct daemon_transfer_totals t;

	transfer("192.0.2.1", "xfer", false, 0, 103);
	transfer("192.0.2.9", "xfer", true, 100, 101);
	next_zones[0].notify = &next_target;
	next_zones[0].nnotify = 1;
	s = secondaries_new(base, &next);
	secondaries_take(s, NULL);
	secondaries_take(s, old);
	secondaries_free(old);
	ck_assert_uint_eq(secondaries_list(s, NULL, &edition, 0, rows, ROOM), 2);
	ck_assert(rows[0].configured && rows[0].serial == 101 && rows[0].address.port == 53);
	ck_assert(!rows[1].configured && rows[1].serial == 103 && rows[1].address.port == 0);
	ck_assert_str_eq(rows[1].key, "xfer");
	secondaries_totals(s, &t);
	ck_assert_uint_eq(t.axfr, 1);
	secondaries_free(s);
	s = NULL;
}
END_TEST

START_TEST(test_with_notify)
{
	static const uint8_t soa[] = { 0xC0, 0x0C, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct notify *n;

	targets[0] = (struct conf_notify){ .address = addr_of("127.0.0.1", 9), .source = addr_of("192.0.2.77", 0) };
	n = notify_new(base, &conf, NULL, NULL, NULL);
	notify_zone(n, 1, 7, soa);
	event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(secondaries_list(s, n, &edition, 1, rows, ROOM), 3);
	ck_assert_uint_eq(rows[0].notified_serial, 7);
	ck_assert_uint_ne(rows[0].notified_ms, 0);
	ck_assert_uint_eq(rows[0].notify_tries, 1);
	ck_assert_uint_eq(rows[0].acked_ms, 0);
	ck_assert_str_eq(rows[0].error, "cannot send: Cannot assign requested address");
	notify_free(n);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("secondaries");
	TCase *t = tcase_create("secondaries");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_never_heard);
	tcase_add_test(t, test_who_is_who);
	tcase_add_test(t, test_behind);
	tcase_add_test(t, test_broken_off);
	tcase_add_test(t, test_others_are_bounded);
	tcase_add_test(t, test_lines);
	tcase_add_test(t, test_totals);
	tcase_add_test(t, test_flood);
	tcase_add_test(t, test_take);
	tcase_add_test(t, test_with_notify);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
