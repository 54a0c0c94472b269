/* test_path.c - whose fault a silent target is: links cut on either side, in namespaces. */
#include "tests/unit/checker/live.h"
#include "tests/unit/checker/netns.h"
#include "tests/unit/suite.h"

static char far[32];                   /* the other namespace's name */

/* Two links to the far side: va (10.79.0.1) - vb (10.79.0.2), and wa (10.80.0.1) - wb (10.80.0.2), the default route. */
static void
net_make(void)
{
	snprintf(far, sizeof(far), "homing-path-%d", (int)getpid());
	shell("ip netns add %s; ip -n %s link set lo up", far, far);
	shell("ip link add va type veth peer name vb netns %s; ip link add wa type veth peer name wb netns %s", far, far);
	shell("ip addr add 10.79.0.1/24 dev va; ip addr add 10.80.0.1/24 dev wa; ip link set va up; ip link set wa up");
	shell("ip -n %s addr add 10.79.0.2/24 dev vb; ip -n %s link set vb up", far, far);
	shell("ip -n %s addr add 10.80.0.2/24 dev wb; ip -n %s link set wb up", far, far);
	shell("ip route add default via 10.80.0.2");
	shell("ip netns exec %s sysctl -qw net.ipv4.conf.all.arp_ignore=1", far);
	shell("ping -q -c 1 -w 5 10.79.0.2 >/dev/null && ping -q -c 1 -w 5 10.80.0.2 >/dev/null");
}

/* What is done to the world, and what a probe of 10.79.0.2 then says. */
static const struct {
	const char *what;
	const char *cut, *cut_far;     /* commands here and there */
	const char *source, *device;
	enum probe_reason reason;      /* of a ping, and of a connect to a port that refuses */
	const char *detail;            /* NULL: any */
} cases[] = {
	{ "all is well", NULL, NULL, NULL, NULL, PROBE_OK, "" },
	{ "the far end is down", NULL, "link set vb down", NULL, NULL, PROBE_LOCAL, "no carrier on va" },
	{ "the far end is down, pinned to the device", NULL, "link set vb down", NULL, "va", PROBE_LOCAL, "no carrier on va" },
	{ "the far end is down, pinned to the source", NULL, "link set vb down", "10.79.0.1", NULL, PROBE_LOCAL, "no carrier on va" },
	{ "our end is down, and the default route leads astray", "link set va down", NULL, "10.79.0.1", NULL, PROBE_LOCAL, "va is down" },
	{ "our end is down, and no other way", "link set va down; ip link set wa down", NULL, NULL, NULL, PROBE_LOCAL, NULL },
	{ "our end is down, pinned to the device", "link set va down", NULL, NULL, "va", PROBE_LOCAL, NULL },
	{ "the target's address is gone", NULL, "addr del 10.79.0.2/24 dev vb", NULL, NULL, PROBE_TIMED_OUT, "after 300ms" },
	{ "our route is closed", "route add unreachable 10.79.0.2", NULL, NULL, NULL, PROBE_LOCAL, NULL },
	{ "our route swallows", "route add blackhole 10.79.0.2", NULL, NULL, NULL, PROBE_LOCAL, NULL },
	{ "the source was taken away", "addr del 10.79.0.1/24 dev va", NULL, "10.79.0.1", NULL, PROBE_LOCAL, NULL },
};

static void
case_probe(struct live *l, int i, enum check_type type)
{
	struct conf_check check = live_check(type, type == CHECK_TCP ? 9 : 0);
	struct target_conf conf = { .label = "path", .check = &check, .device = cases[i].device };
	enum probe_reason want = cases[i].reason == PROBE_OK && type == CHECK_TCP ? PROBE_REFUSED : cases[i].reason;

	addr_parse("10.79.0.2", &conf.address);
	if (cases[i].source != NULL)
		addr_parse(cases[i].source, &conf.source);
	live_probe_conf(l, &conf);
	ck_assert_msg(l->view.reason == want, "%s: %s: %s, \"%s\"", type == CHECK_TCP ? "tcp" : "ping", cases[i].what,
	    probe_reason_text(l->view.reason), l->view.detail);
	if (cases[i].detail != NULL)
		ck_assert_str_eq(l->view.detail, cases[i].detail);
	ck_assert(want != PROBE_LOCAL || l->view.verdict.seen == 0);
}

START_TEST(the_side_that_failed_is_found)
{
	int before = netns_enter("the_side_that_failed_is_found");
	struct live l;

	if (before < 0)
		return;
	net_make();
	live_open(&l);
	if (cases[_i].cut != NULL)
		shell("ip %s", cases[_i].cut);
	if (cases[_i].cut_far != NULL)
		shell("ip -n %s %s", far, cases[_i].cut_far);
	case_probe(&l, _i, CHECK_PING);
	case_probe(&l, _i, CHECK_TCP);
	live_close(&l);
	shell("ip netns del %s", far);
	netns_leave(before);
}
END_TEST

/* The verdict over a whole outage of our own, and behind it. */
static void
run_for(struct live *l, unsigned ms)
{
	event_base_loopexit(l->base, &(struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 });
	event_base_dispatch(l->base);
}

/* Until the last probe ended so; as long as that may take on a busy machine. */
static void
run_until_reason(struct live *l, struct target *t, enum probe_reason reason)
{
	for (int i = 0; i < 1000 && target_view(t)->reason != reason; i++)
		run_for(l, 10);
	ck_assert_msg(target_view(t)->reason == reason, "%s", probe_reason_text(target_view(t)->reason));
}

static void
run_until_verdict(struct live *l, struct target *t, enum verdict_value value)
{
	for (int i = 0; i < 1000 && target_view(t)->verdict.value != value; i++)
		run_for(l, 10);
	ck_assert_int_eq(target_view(t)->verdict.value, value);
}

START_TEST(our_cable_out_and_in_again_changes_no_verdict)
{
	int before = netns_enter("our_cable_out_and_in_again_changes_no_verdict");
	struct conf_check check = live_check(CHECK_PING, 0);
	struct target_conf conf = { .label = "path", .check = &check };
	char error[128];
	uint64_t since;
	struct target *t;
	struct live l;

	if (before < 0)
		return;
	net_make();
	live_open(&l);
	check.interval_us = check.slow_interval_us = check.timeout_us = 100 * US_PER_MS;
	check.fast_interval_us = 20 * US_PER_MS;
	check.fall = 2;
	addr_parse("10.79.0.2", &conf.address);
	t = checker_add(l.checker, &conf, 0, NULL, error, sizeof(error));
	run_until_verdict(&l, t, VERDICT_UP);
	since = target_view(t)->changed_us;
	for (int i = 0; i < 3; i++) {
		shell("ip -n %s link set vb down", far);
		run_for(&l, 600);                      /* two failures would take 240 ms */
		ck_assert_int_eq(target_view(t)->verdict.value, VERDICT_UP);
		ck_assert_int_eq(target_view(t)->reason, PROBE_LOCAL);
		shell("ip -n %s link set vb up", far);
		run_until_reason(&l, t, PROBE_OK);
		run_for(&l, 400);
	}
	ck_assert_uint_eq(target_view(t)->changed_us, since);
	ck_assert_uint_gt(target_view(t)->locals, 10);
	/* Shorter than a probe: it is over when the probes that were under way time out. And in between, longer than the grace
	 * that follows, so that each stands for itself. */
	for (int i = 0; i < 3; i++) {
		shell("ip -n %s link set vb down; sleep 0.05; ip -n %s link set vb up", far, far);
		run_for(&l, 1700);
		run_until_reason(&l, t, PROBE_OK);
	}
	ck_assert_uint_eq(target_view(t)->changed_us, since);
	/* Theirs is another matter, once our link has been well for a while. */
	shell("ip netns exec %s sysctl -qw net.ipv4.icmp_echo_ignore_all=1", far);
	run_until_verdict(&l, t, VERDICT_DOWN);
	checker_remove(l.checker, t);
	live_close(&l);
	shell("ip netns del %s", far);
	netns_leave(before);
}
END_TEST

/* A device that goes away and comes back under its name is another device: the socket is opened anew. */
START_TEST(a_device_that_comes_back_is_used_again)
{
	int before = netns_enter("a_device_that_comes_back_is_used_again");
	struct conf_check check = live_check(CHECK_PING, 0);
	struct target_conf conf = { .label = "path", .check = &check, .device = "va" };
	char error[128];
	struct target *t;
	struct live l;

	if (before < 0)
		return;
	net_make();
	live_open(&l);
	check.interval_us = check.slow_interval_us = check.timeout_us = 100 * US_PER_MS;
	check.fast_interval_us = 20 * US_PER_MS;
	addr_parse("10.79.0.2", &conf.address);
	t = checker_add(l.checker, &conf, 0, NULL, error, sizeof(error));
	run_until_reason(&l, t, PROBE_OK);
	shell("ip link del va");
	run_until_reason(&l, t, PROBE_LOCAL);
	shell("ip link add va type veth peer name vb netns %s; ip addr add 10.79.0.1/24 dev va; ip link set va up", far);
	shell("ip -n %s addr add 10.79.0.2/24 dev vb; ip -n %s link set vb up", far, far);
	run_until_reason(&l, t, PROBE_OK);
	run_until_verdict(&l, t, VERDICT_UP);
	checker_remove(l.checker, t);
	live_close(&l);
	shell("ip netns del %s", far);
	netns_leave(before);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("path");
	TCase *tc = tcase_create("path");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_side_that_failed_is_found, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, our_cable_out_and_in_again_changes_no_verdict);
	tcase_add_test(tc, a_device_that_comes_back_is_used_again);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
