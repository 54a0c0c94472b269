/* test_tcp.c - the tcp check against listeners of every manner. */
#include "tests/unit/checker/live.h"
#include "tests/unit/checker/netns.h"
#include "tests/unit/checker/server.h"
#include "tests/unit/suite.h"

#include <sys/resource.h>

static struct live live;

static void
setup(void)
{
	live_open(&live);
}

static void
teardown(void)
{
	live_close(&live);
}

/* ---- a table of manners ---- */

static const struct {
	const char *what;
	enum manner manner;
	const char *says, *send, *expect;
	enum probe_reason reason;
	const char *detail;            /* how it begins; NULL: anything */
} cases[] = {
	{ "connects", MANNER_SILENT, NULL, NULL, NULL, PROBE_OK, "" },
	{ "sends and asks no more", MANNER_SILENT, NULL, "hello\n", NULL, PROBE_OK, "" },
	{ "expects a banner", MANNER_SAY, "220 mail ready\r\n", NULL, "^220 ", PROBE_OK, "" },
	{ "expects an answer", MANNER_ECHO, NULL, "ping\r\n", "you said ping", PROBE_OK, "" },
	{ "meets silence", MANNER_SILENT, NULL, NULL, "x", PROBE_TIMED_OUT, "after 300ms" },
	{ "meets another banner", MANNER_SAY_CLOSE, "554 no\r\n", NULL, "^220 ", PROBE_BAD_REPLY, "8 bytes and the end" },
	{ "waits for the rest of a wrong banner", MANNER_SAY, "554 no\r\n", NULL, "^220 ", PROBE_TIMED_OUT, NULL },
	{ "is hung up on", MANNER_CLOSE, NULL, NULL, "x", PROBE_CLOSED, "" },
	{ "is reset", MANNER_RESET, NULL, NULL, "x", PROBE_RESET, NULL },
	{ "reads a dribble", MANNER_DRIBBLE, "one byte at a time, OK", NULL, "time, OK$", PROBE_OK, "" },
	{ "reads 64 KiB and no more", MANNER_FLOOD, "", NULL, "y", PROBE_BAD_REPLY, "the first 65536 bytes do not match" },
	{ "finds it in a flood", MANNER_FLOOD, "needle", NULL, "needle", PROBE_OK, "" },
	{ "meets a full backlog", MANNER_FULL, NULL, NULL, NULL, PROBE_TIMED_OUT, NULL },
	{ "gives up an evil pattern", MANNER_FLOOD, "", NULL, "(x+x+)+[yz]", PROBE_BAD_REPLY, "matching was given up after" },
};

START_TEST(manners)
{
	struct server server = { .manner = cases[_i].manner, .text = cases[_i].says };
	struct conf_check check;

	server_start(&server);
	check = live_check(CHECK_TCP, server.port);
	check.send = (char *)cases[_i].send;
	check.expect = (char *)cases[_i].expect;
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_msg(live.view.reason == cases[_i].reason, "%s: %s, \"%s\"", cases[_i].what, probe_reason_text(live.view.reason), live.view.detail);
	if (cases[_i].detail != NULL)
		ck_assert_msg(strncmp(live.view.detail, cases[_i].detail, strlen(cases[_i].detail)) == 0 &&
		    (cases[_i].detail[0] != '\0' || live.view.detail[0] == '\0'), "%s: \"%s\"", cases[_i].what, live.view.detail);
	server_stop(&server);
}
END_TEST

START_TEST(a_port_without_listener_refuses)
{
	struct conf_check check = live_check(CHECK_TCP, 1);

	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_REFUSED);
	live_probe(&live, &check, "::1");
	ck_assert_reason(&live, PROBE_REFUSED);
	ck_assert_str_eq(live.view.detail, "");
}
END_TEST

/* Where the kernel has few ports to choose from, our side is soon given the very port that is probed.
 * (connect() prefers ports of the parity of the first.) */
START_TEST(a_connection_to_itself_is_a_refusal)
{
	int before = netns_enter("a_connection_to_itself_is_a_refusal");
	struct conf_check check = live_check(CHECK_TCP, 40000);
	struct live inside;

	if (before < 0)
		return;
	shell("echo 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range");
	live_open(&inside);
	for (int i = 0; i < 100; i++) {
		live_probe(&inside, &check, "127.0.0.1");
		ck_assert_reason(&inside, PROBE_REFUSED);
	}
	live_close(&inside);
	netns_leave(before);
}
END_TEST

START_TEST(the_source_is_used)
{
	struct server server = { .manner = MANNER_SILENT };
	struct conf_check check;
	struct target_conf conf = { .label = "live", .check = &check };

	server_start(&server);
	check = live_check(CHECK_TCP, server.port);
	addr_parse("127.0.0.1", &conf.address);
	addr_parse("127.0.7.7", &conf.source);
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_OK);
	addr_parse("192.0.2.77", &conf.source);
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
	ck_assert_str_eq(live.view.detail, "bind to 192.0.2.77: Cannot assign requested address");
	ck_assert_uint_eq(live.view.failures, 0);
	conf.source.family = 0;
	conf.device = "nosuch0";
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
	ck_assert_str_eq(live.view.detail, "bind to device nosuch0: No such device");
	server_stop(&server);
}
END_TEST

START_TEST(no_descriptor_is_a_local_failure)
{
	struct server server = { .manner = MANNER_SILENT };
	struct rlimit few = { .rlim_cur = 0 }, before;
	struct conf_check check;

	server_start(&server);
	check = live_check(CHECK_TCP, server.port);
	getrlimit(RLIMIT_NOFILE, &before);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	live_probe(&live, &check, "127.0.0.1");
	setrlimit(RLIMIT_NOFILE, &before);
	ck_assert_reason(&live, PROBE_LOCAL);
	ck_assert_str_eq(live.view.detail, "socket: Too many open files");
	server_stop(&server);
}
END_TEST

/* A thousand targets without descriptors are one line a minute, not a thousand. */
START_TEST(local_failures_are_said_once_a_minute)
{
	struct conf_check check = live_check(CHECK_TCP, 1);
	struct target_conf conf = { .label = "db1/a pg", .check = &check, .device = "nosuch0" };
	char said[1024];
	int pipes[2];
	ssize_t n;

	ck_assert_int_eq(pipe(pipes), 0);
	log_open(pipes[1], LOG_LEVEL_INFO);
	addr_parse("127.0.0.1", &conf.address);
	for (int i = 0; i < 10; i++)
		live_probe_conf(&live, &conf);
	log_open(-1, LOG_LEVEL_ERROR);
	close(pipes[1]);
	n = read(pipes[0], said, sizeof(said) - 1);
	ck_assert_int_gt(n, 0);
	said[n] = '\0';
	ck_assert_ptr_nonnull(strstr(said, "1 probe failed for reasons of our own, the last for db1/a pg: bind to device nosuch0: No such device\n"));
	ck_assert_ptr_eq(strchr(said, '\n'), said + n - 1);
	close(pipes[0]);
}
END_TEST

START_TEST(a_wrong_pattern_is_refused)
{
	struct conf_check check = live_check(CHECK_TCP, 1);
	char error[256] = "";

	check.expect = "a(b";
	live_refused(&live, &check, error, sizeof(error));
	ck_assert_str_eq(error, "the pattern \"a(b\" is wrong at character 4: missing closing parenthesis");
	check.expect = NULL;
	check.tls = true;
	check.ca = "/nonexistent/ca.pem";
	live_refused(&live, &check, error, sizeof(error));
	ck_assert_str_eq(error, "/nonexistent/ca.pem: No such file or directory");
}
END_TEST

/* An evil pattern on evil data holds nobody up: other targets are probed on time. */
START_TEST(evil_data_costs_little)
{
	struct server evil = { .manner = MANNER_FLOOD, .text = "" };
	struct conf_check check;
	uint64_t before;

	server_start(&evil);
	check = live_check(CHECK_TCP, evil.port);
	check.expect = "(x+x+)+[yz]";
	before = clock_mono_us();
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_BAD_REPLY);
	ck_assert_uint_lt(clock_mono_us() - before, 250 * US_PER_MS);
	server_stop(&evil);
}
END_TEST

/* Nothing is left open, whatever happened. */
START_TEST(descriptors_do_not_leak)
{
	struct server server = { .manner = MANNER_SILENT };
	struct conf_check check;
	int first, last;

	server_start(&server);
	first = dup(0);
	close(first);
	for (int i = 0; i < 20; i++) {
		check = live_check(CHECK_TCP, i % 2 == 0 ? server.port : 1);
		check.timeout_us = 10 * US_PER_MS;
		check.expect = i % 4 == 0 ? "x" : NULL;
		live_probe(&live, &check, "127.0.0.1");
	}
	server_stop(&server);
	last = dup(0);
	close(last);
	ck_assert_int_le(last, first);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tcp");
	TCase *tc = tcase_create("tcp");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, manners, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, a_port_without_listener_refuses);
	tcase_add_test(tc, a_connection_to_itself_is_a_refusal);
	tcase_add_test(tc, the_source_is_used);
	tcase_add_test(tc, no_descriptor_is_a_local_failure);
	tcase_add_test(tc, local_failures_are_said_once_a_minute);
	tcase_add_test(tc, a_wrong_pattern_is_refused);
	tcase_add_test(tc, evil_data_costs_little);
	tcase_add_test(tc, descriptors_do_not_leak);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
