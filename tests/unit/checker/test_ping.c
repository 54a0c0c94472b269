/* test_ping.c - echo packets as bytes, and the ping check on loopback and over a pair of namespaces. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "tests/unit/checker/live.h"
#include "tests/unit/checker/netns.h"

#include "checker/icmp.h"
#include "checker/ping.h"
#include "checker/sched.h"
#include "tests/unit/suite.h"

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
	reply_make(buf, 1);                            /* and so short that a reply would lie inside the IP header */
	ck_assert(!icmp_reply(&s, buf, 4 + 16, &e));
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
	for (int i = 0; i < ROUNDS(200000); i++) {
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

enum { MANY = 5000 };

static unsigned many_ok, many_left;

static void
many_probed(void *arg, struct target *t)
{
	many_ok += target_view(t)->reason == PROBE_OK && target_view(t)->probes == 1;
	if (--many_left == 0)
		event_base_loopbreak(arg);
}

/* More than one batch and more than one size of the table of sequence numbers. */
START_TEST(thousands_share_a_socket)
{
	static const struct checker_hooks hooks = { .probed = many_probed };
	struct event_base *base = event_base_new();
	struct checker *c = checker_new(base, &hooks, base);
	struct conf_check check = live_check(CHECK_PING, 0);
	char error[128];

	check.interval_us = check.slow_interval_us = check.timeout_us = 10 * US_PER_S;
	many_ok = 0;
	many_left = MANY;
	for (unsigned i = 0; i < MANY; i++) {
		struct target_conf conf = { .label = "many", .check = &check,
			.address = { .family = 4, .bytes = { 127, 1, (uint8_t)(i >> 8), (uint8_t)i } } };

		ck_assert_ptr_nonnull(checker_add(c, &conf, 0, NULL, error, sizeof(error)));
	}
	event_base_loopexit(base, &(struct timeval){ .tv_sec = 15 });
	event_base_dispatch(base);
	ck_assert_uint_eq(many_ok, MANY);
	checker_free(c);
	event_base_free(base);
}
END_TEST

/* A probe that is given up between its start and its packet's: the lane goes without it. */
static void
gone_probed(void *arg, struct target *t)
{
	struct target **other = arg;

	(void)t;
	if (*other != NULL)
		sched_remove(*other);
	*other = NULL;
}

START_TEST(a_probe_may_be_given_up_before_it_leaves)
{
	struct poller *poller = poller_new();
	struct prober *ping = ping_new(poller);
	struct target *t;
	struct sched_ops ops = { .arg = NULL };
	struct checker_hooks hooks = { .probed = gone_probed };
	struct sched *s = sched_new(&ops, &hooks, &t, 1);
	struct conf_check check = live_check(CHECK_PING, 0);
	struct target_conf conf = { .label = "gone", .check = &check };
	char error[128];

	addr_parse("127.0.0.1", &conf.address);
	t = sched_add(s, ping, &conf, 0, NULL, 1000, error, sizeof(error));
	sched_run(s, 1000);
	sched_remove(t);
	t = NULL;
	sched_add(s, ping, &conf, 0, NULL, 2000, error, sizeof(error));
	t = sched_add(s, ping, &conf, 0, NULL, 2000, error, sizeof(error));
	sched_run(s, 2000);
	sched_run(s, 2000 + check.timeout_us);         /* one times out unsent, and its hook removes the other */
	ping->kind->flush(ping, 3000);
	sched_free(s);
	ping->kind->close(ping);
	poller_free(poller);
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

/* ---- forgers ---- */

/* Answers echo requests on lo in the kernel's place, not quite rightly. */
struct forger {
	pthread_t thread;
	int fd;
	const char *from;
	size_t byte;                   /* of the ICMP packet, to be flipped; 0: none */
	size_t length;                 /* to be cut to; 0: whole */
};

static void *
forger_main(void *arg)
{
	struct forger *f = arg;
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int out = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	uint8_t buf[256];
	ssize_t n;

	inet_pton(AF_INET, f->from, &from.sin_addr);
	bind(out, (struct sockaddr *)&from, sizeof(from));
	while ((n = recv(f->fd, buf, sizeof(buf), 0)) > 0) {
		uint8_t *icmp = buf + 20;
		uint32_t sum = 0;

		if (n < 20 + ICMP_HEAD || icmp[0] != 8)
			continue;
		n -= 20;
		icmp[0] = 0;
		if (f->byte > 0)
			icmp[f->byte] ^= 1;
		if (f->length > 0)
			n = (ssize_t)f->length;
		icmp[2] = icmp[3] = 0;
		for (ssize_t i = 0; i < n; i += 2)
			sum += (uint32_t)(icmp[i] << 8 | (i + 1 < n ? icmp[i + 1] : 0));
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~((sum & 0xffff) + (sum >> 16));
		icmp[2] = (uint8_t)(sum >> 8);
		icmp[3] = (uint8_t)sum;
		sendto(out, icmp, (size_t)n, 0, (struct sockaddr *)&to, sizeof(to));
	}
	close(out);
	return NULL;
}

static const struct {
	struct forger forger;
	enum probe_reason reason;
} forgers[] = {
	{ { .from = "127.0.0.5" }, PROBE_OK },                         /* what a host does */
	{ { .from = "127.0.0.6" }, PROBE_TIMED_OUT },                  /* another host's answer */
	{ { .from = "127.0.0.5", .byte = 5 }, PROBE_TIMED_OUT },       /* identifier */
	{ { .from = "127.0.0.5", .byte = 7 }, PROBE_TIMED_OUT },       /* sequence number */
	{ { .from = "127.0.0.5", .byte = 15 }, PROBE_TIMED_OUT },      /* cookie */
	{ { .from = "127.0.0.5", .length = 15 }, PROBE_TIMED_OUT },    /* part of the cookie */
	{ { .from = "127.0.0.5", .length = 8 }, PROBE_TIMED_OUT },     /* none of it */
};

START_TEST(a_forged_reply_is_not_believed)
{
	int before = netns_enter("a_forged_reply_is_not_believed");
	struct conf_check check = live_check(CHECK_PING, 0);
	struct forger f = forgers[_i].forger;
	struct live inside;

	if (before < 0)
		return;
	shell("echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all");
	f.fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	setsockopt(f.fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_usec = 500000 }, sizeof(struct timeval));
	pthread_create(&f.thread, NULL, forger_main, &f);
	live_open(&inside);
	live_probe(&inside, &check, "127.0.0.5");
	ck_assert_reason(&inside, forgers[_i].reason);
	live_close(&inside);
	pthread_join(f.thread, NULL);
	close(f.fd);
	netns_leave(before);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("ping");
	TCase *bytes = tcase_create("bytes"), *tc = tcase_create("ping");

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
	tcase_add_test(tc, a_probe_may_be_given_up_before_it_leaves);
	tcase_add_test(tc, a_router_says_unreachable);
	tcase_add_loop_test(tc, a_forged_reply_is_not_believed, 0, sizeof(forgers) / sizeof(*forgers));
	suite_add_tcase(s, tc);
	return suite_run(s);
}
