/* test_ping.c - echo packets as bytes, and the ping check on loopback and over a pair of namespaces. */
#include "tests/unit/checker/live.h"
#include "tests/unit/checker/netns.h"

#include "checker/icmp.h"

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

/* ---- bytes ---- */

START_TEST(a_request_sums_to_nothing)
{
	struct icmp_socket s = { .raw = true, .family = 4, .id = 0x1234 };
	uint8_t buf[ICMP_HEAD + ICMP_COOKIE];
	size_t sizes[] = { 0, 1, 7, 8, 56, 1472 };
	uint32_t sum = 0;
	size_t n = icmp_request(&s, 0xbeef, 0x0102030405060708u, sizes[_i], buf);

	ck_assert_uint_eq(n, 8 + (sizes[_i] < 8 ? sizes[_i] : 8));
	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)(buf[i] << 8 | (i + 1 < n ? buf[i + 1] : 0));
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	ck_assert_uint_eq(sum, 0xffff);                /* RFC 1071 */
	ck_assert_mem_eq(buf, "\x08\x00", 2);
	ck_assert_mem_eq(buf + 4, "\x12\x34\xbe\xef", 4);
}
END_TEST

/* An IP header of 20 bytes (or 24, with options), and an echo reply of id 0x1234, sequence 7. */
static size_t
reply_make(uint8_t *buf, uint8_t words)
{
	static const uint8_t reply[] = { 0, 0, 0xaa, 0xbb, 0x12, 0x34, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8 };

	memset(buf, 0, 4u * words);
	buf[0] = (uint8_t)(0x40 | words);
	memcpy(buf + 4 * words, reply, sizeof(reply));
	return 4u * words + sizeof(reply);
}

START_TEST(replies_are_recognised)
{
	struct icmp_socket s = { .raw = true, .family = 4, .id = 0x1234 };
	uint8_t buf[128];
	struct icmp_echo e;
	size_t n;

	for (uint8_t words = 5; words <= 15; words++) {
		n = reply_make(buf, words);
		ck_assert(icmp_reply(&s, buf, n, &e));
		ck_assert_uint_eq(e.sequence, 7);
		ck_assert_uint_eq(e.length, 8);
		ck_assert(icmp_cookie_matches(&e, 0x0807060504030201u, 56));
		ck_assert(!icmp_cookie_matches(&e, 0x0807060504030202u, 56));
		for (size_t cut = 0; cut < 4u * words + ICMP_HEAD; cut++)
			ck_assert(!icmp_reply(&s, buf, cut, &e));
	}
	n = reply_make(buf, 5);
	buf[0] = 0x44;                                 /* a header length below 20 */
	ck_assert(!icmp_reply(&s, buf, n, &e));
	n = reply_make(buf, 5);
	buf[24] ^= 1;                                  /* another identifier */
	ck_assert(!icmp_reply(&s, buf, n, &e));
	n = reply_make(buf, 5);
	buf[20] = 8;                                   /* a request */
	ck_assert(!icmp_reply(&s, buf, n, &e));
}
END_TEST

START_TEST(random_packets_are_no_trouble)
{
	struct icmp_socket s = { .raw = true, .family = 4, .id = 0x1234 };
	struct icmp_echo e;

	srand(1);
	for (int i = 0; i < 200000; i++) {
		size_t n = (size_t)rand() % 80;
		uint8_t *exact = malloc(n > 0 ? n : 1);        /* so that a sanitizer sees every byte too far */

		for (size_t j = 0; j < n; j++)
			exact[j] = (uint8_t)rand();
		s.family = i % 2 == 0 ? 4 : 6;
		if (icmp_reply(&s, exact, n, &e))
			icmp_cookie_matches(&e, 1, 56);
		if (icmp_quoted(&s, exact, n, &e))
			icmp_cookie_matches(&e, 1, 56);
		free(exact);
	}
}
END_TEST

/* ---- loopback ---- */

START_TEST(loopback_answers_every_size)
{
	static const unsigned sizes[] = { 0, 1, 8, 56, 1472, 9000, 60000 };
	struct conf_check check = live_check(CHECK_PING, 0);

	check.size = sizes[_i];
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	ck_assert_uint_gt(live.view.rtt_us, 0);
	live_probe(&live, &check, "::1");
	ck_assert_reason(&live, PROBE_OK);
	check.dont_fragment = true;
	live_probe(&live, &check, "127.3.2.1");
	ck_assert_reason(&live, PROBE_OK);
}
END_TEST

START_TEST(sizes_out_of_range_are_refused)
{
	struct conf_check check = live_check(CHECK_PING, 0);
	char error[256] = "";

	check.size = 65508;
	live_refused(&live, &check, error, sizeof(error));
	ck_assert_str_eq(error, "check live: size 65508 is above 65507");
}
END_TEST

START_TEST(our_own_source_and_device_are_ours)
{
	struct conf_check check = live_check(CHECK_PING, 0);
	struct target_conf conf = { .label = "live", .check = &check };

	addr_parse("127.0.0.1", &conf.address);
	addr_parse("127.9.9.9", &conf.source);
	conf.device = "lo";
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_OK);
	conf.device = "nosuch0";
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
	ck_assert_str_eq(live.view.detail, "bind to device nosuch0: No such device");
	conf.device = NULL;
	addr_parse("192.0.2.1", &conf.source);
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
}
END_TEST

static unsigned many_ok;

static void
many_probed(void *arg, struct target *t)
{
	(void)arg;
	many_ok += target_view(t)->reason == PROBE_OK;
}

/* More than one batch and more than one size of the table of sequence numbers. */
START_TEST(thousands_share_a_socket)
{
	static const struct checker_hooks hooks = { .probed = many_probed };
	struct event_base *base = event_base_new();
	struct checker *c = checker_new(base, &hooks, NULL);
	struct conf_check check = live_check(CHECK_PING, 0);
	char error[128];

	many_ok = 0;
	for (unsigned i = 0; i < 5000; i++) {
		struct target_conf conf = { .label = "many", .check = &check,
			.address = { .family = 4, .bytes = { 127, 1, (uint8_t)(i >> 8), (uint8_t)i } } };

		ck_assert_ptr_nonnull(checker_add(c, &conf, 0, NULL, error, sizeof(error)));
	}
	event_base_loopexit(base, &(struct timeval){ .tv_usec = 150000 });
	event_base_dispatch(base);
	ck_assert_uint_eq(many_ok, 5000);
	checker_free(c);
	event_base_free(base);
}
END_TEST

/* ---- other hosts: two namespaces and a router between ---- */

static char far[32];                   /* the other namespace's name */

static void
net_make(void)
{
	snprintf(far, sizeof(far), "homing-ping-%d", (int)getpid());
	shell("ip netns add %s", far);
	shell("ip link add va type veth peer name vb netns %s", far);
	shell("ip addr add 10.77.0.1/24 dev va; ip -6 addr add fd77::1/64 dev va nodad; ip link set va up");
	shell("ip -n %s addr add 10.77.0.2/24 dev vb; ip -n %s -6 addr add fd77::2/64 dev vb nodad", far, far);
	shell("ip -n %s link set vb up; ip -n %s link set lo up", far, far);
	shell("ip netns exec %s sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0", far);
	shell("ip route add 10.78.0.0/16 via 10.77.0.2; ip -6 route add fd78::/64 via fd77::2");
	shell("ip -n %s route add unreachable 10.78.0.0/16; ip -n %s -6 route add unreachable fd78::/64", far, far);
	shell("ping -q -c 1 -w 5 fd77::2 >/dev/null");         /* neighbour discovery takes its time after a start */
}

START_TEST(a_router_says_unreachable)
{
	int before = netns_enter("a_router_says_unreachable");
	struct conf_check check = live_check(CHECK_PING, 0);
	struct live inside;

	if (before < 0)
		return;
	net_make();
	live_open(&inside);
	live_probe(&inside, &check, "10.77.0.2");
	ck_assert_reason(&inside, PROBE_OK);
	live_probe(&inside, &check, "fd77::2");
	ck_assert_reason(&inside, PROBE_OK);
	live_probe(&inside, &check, "10.78.0.9");
	ck_assert_reason(&inside, PROBE_UNREACHABLE);
	ck_assert_str_eq(inside.view.detail, "10.77.0.2 says: No route to host");
	live_probe(&inside, &check, "fd78::9");
	ck_assert_reason(&inside, PROBE_UNREACHABLE);
	live_probe(&inside, &check, "203.0.113.1");
	ck_assert_reason(&inside, PROBE_LOCAL);
	ck_assert_str_eq(inside.view.detail, "send: Network is unreachable");
	check.size = 3000;
	live_probe(&inside, &check, "10.77.0.2");
	ck_assert_reason(&inside, PROBE_OK);
	check.dont_fragment = true;
	live_probe(&inside, &check, "10.77.0.2");
	ck_assert_reason(&inside, PROBE_UNREACHABLE);
	ck_assert_str_eq(inside.view.detail, "3000 bytes are too many for the path");
	shell("ip -n %s link set vb arp off; ip netns exec %s sysctl -qw net.ipv4.icmp_echo_ignore_all=1", far, far);
	check.size = 56;
	live_probe(&inside, &check, "10.77.0.2");
	ck_assert_reason(&inside, PROBE_TIMED_OUT);
	live_close(&inside);
	shell("ip netns del %s", far);
	netns_leave(before);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ping");
	TCase *bytes = tcase_create("bytes"), *tc = tcase_create("ping");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(bytes, a_request_sums_to_nothing, 0, 6);
	tcase_add_test(bytes, replies_are_recognised);
	tcase_add_test(bytes, random_packets_are_no_trouble);
	suite_add_tcase(s, bytes);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, loopback_answers_every_size, 0, 7);
	tcase_add_test(tc, sizes_out_of_range_are_refused);
	tcase_add_test(tc, our_own_source_and_device_are_ours);
	tcase_add_test(tc, thousands_share_a_socket);
	tcase_add_test(tc, a_router_says_unreachable);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
