/* ping.c - the ping check: ICMP and ICMPv6 echo. What a lane does (lane.c), as a kind of probe. */
#include "checker/ping.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "checker/icmp.h"
#include "checker/lane.h"

struct ping {
	struct prober prober;
	struct lanes *lanes;
};

static struct ping *
ping_of(struct prober *prober)
{
	return (struct ping *)prober;
}

static struct lane *
lane_of(const struct aim *aim)
{
	return ((const struct lane_plan *)aim->plan)->lane;
}

static bool
ping_prepare(struct prober *prober, struct aim *aim, char *error, size_t error_size)
{
	const struct conf_check *check = aim->conf->check;
	struct lane_plan *plan;

	if (check->size > ICMP_SIZE_MAX) {
		snprintf(error, error_size, "check %s: size %u is above %d", check->name, check->size, ICMP_SIZE_MAX);
		return false;
	}
	plan = mem_alloc(sizeof(*plan));
	plan->lane = lane_get(ping_of(prober)->lanes, aim);
	aim->to.port = 0;
	plan->length = addr_to_sockaddr(&aim->to, &plan->to);
	plan->size = check->size;
	aim->plan = plan;
	return true;
}

static void
ping_release(struct prober *prober, struct aim *aim)
{
	(void)prober;
	lane_put(lane_of(aim));
	free(aim->plan);
	aim->plan = NULL;
}

static void
ping_start(struct prober *prober, struct probe *p, uint64_t now_us)
{
	(void)prober;
	lane_start(lane_of(p->aim), p, now_us);
}

static void
ping_cancel(struct prober *prober, struct probe *p)
{
	(void)prober;
	lane_cancel(lane_of(p->aim), p);
}

static void
ping_flush(struct prober *prober, uint64_t now_us)
{
	(void)now_us;
	lanes_flush(ping_of(prober)->lanes);
}

static void
ping_free(struct prober *prober)
{
	lanes_free(ping_of(prober)->lanes);
	free(prober);
}

struct prober *
ping_new(struct poller *poller)
{
	static const struct probe_kind kind = {
		.name = "ping", .prepare = ping_prepare, .release = ping_release, .start = ping_start,
		.cancel = ping_cancel, .flush = ping_flush, .close = ping_free,
	};
	struct ping *ping = mem_alloc(sizeof(*ping));

	ping->prober.kind = &kind;
	ping->lanes = lanes_new(poller);
	return &ping->prober;
}
