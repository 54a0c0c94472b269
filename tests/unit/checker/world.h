/* world.h - a world without sockets or clock, for tests of the scheduler.
 *
 * Hosts answer, stay silent or refuse as they are told; time jumps from one thing that
 * happens to the next, so that an hour takes a millisecond. */
#ifndef TESTS_CHECKER_WORLD_H
#define TESTS_CHECKER_WORLD_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "checker/aim.h"
#include "checker/sched.h"

#define MS US_PER_MS
#define S  US_PER_S

enum { STARTS_MAX = 4096, FLIGHTS_MAX = 8192, CHANGES_MAX = 256 };

/* One target's other end. */
struct host {
	bool silent;
	enum probe_reason reason;      /* what it answers, if it does */
	uint64_t rtt_us;               /* 0: from inside start() */
	uint64_t starts[STARTS_MAX];   /* when probes came, the first so many */
	unsigned nstarts, flying, most;        /* most: probes under way together */
	uint64_t changes[CHANGES_MAX]; /* when the verdict changed */
	enum verdict_value values[CHANGES_MAX];
	unsigned nchanges;
	struct target *target;
};

struct flight {
	struct probe *probe;
	uint64_t end_us;
};

struct world {
	struct prober prober;
	struct sched *sched;
	uint64_t now_us;
	struct flight flights[FLIGHTS_MAX];
	size_t nflights;
	const char *excuse;            /* not NULL: our side of the path is dead */
	unsigned excuses;              /* how often it was asked */
	unsigned prepared;
	void (*changed)(struct world *w, struct target *t, enum verdict_value from);
	void (*probed)(struct world *w, struct target *t);
};

static inline void
world_land(struct world *w, size_t i)
{
	struct host *h = target_user(w->flights[i].probe->target);

	w->flights[i] = w->flights[--w->nflights];
	h->flying--;
}

/* Delivers every answer that has arrived by now, in order. */
static inline void
world_deliver(void *arg, uint64_t now_us)
{
	struct world *w = arg;

	for (;;) {
		size_t best = w->nflights;
		struct probe *p;

		for (size_t i = 0; i < w->nflights; i++)
			if (w->flights[i].end_us <= now_us && (best == w->nflights || w->flights[i].end_us < w->flights[best].end_us))
				best = i;
		if (best == w->nflights)
			return;
		p = w->flights[best].probe;
		world_land(w, best);
		probe_end(p, now_us, ((struct host *)target_user(p->target))->reason, NULL);
	}
}

static inline void
world_start(struct prober *prober, struct probe *p, uint64_t now_us)
{
	struct world *w = (struct world *)prober;
	struct host *h = target_user(p->target);

	if (h->nstarts < STARTS_MAX)
		h->starts[h->nstarts] = now_us;
	h->nstarts++;
	if (!h->silent && h->rtt_us == 0) {
		probe_end(p, now_us, h->reason, NULL);
		return;
	}
	ck_assert_uint_lt(w->nflights, FLIGHTS_MAX);
	w->flights[w->nflights++] = (struct flight){ p, h->silent ? UINT64_MAX : now_us + h->rtt_us };
	if (++h->flying > h->most)
		h->most = h->flying;
}

static inline void
world_cancel(struct prober *prober, struct probe *p)
{
	struct world *w = (struct world *)prober;

	for (size_t i = 0; i < w->nflights; i++) {
		if (w->flights[i].probe == p) {
			world_land(w, i);
			return;
		}
	}
	ck_abort_msg("a probe was cancelled that is not under way");
}

static inline bool
world_prepare(struct prober *prober, struct aim *aim, char *error, size_t size)
{
	if (aim->conf->check->size == 13) {
		snprintf(error, size, "13 brings bad luck");
		return false;
	}
	((struct world *)prober)->prepared++;
	return true;
}

static inline void
world_release(struct prober *prober, struct aim *aim)
{
	(void)aim;
	((struct world *)prober)->prepared--;
}

static inline void
world_changed(void *arg, struct target *t, enum verdict_value from)
{
	struct world *w = arg;
	struct host *h = target_user(t);
	enum verdict_value value = target_view(t)->verdict.value;

	if (value != from && h->nchanges < CHANGES_MAX) {
		h->changes[h->nchanges] = w->now_us;
		h->values[h->nchanges++] = value;
	}
	if (w->changed != NULL)
		w->changed(w, t, from);
}

static inline void
world_probed(void *arg, struct target *t)
{
	struct world *w = arg;

	if (w->probed != NULL)
		w->probed(w, t);
}

static inline bool
world_excuse(void *arg, struct aim *aim, uint64_t since_us, uint64_t now_us, char *detail, size_t size)
{
	struct world *w = arg;

	(void)aim;
	ck_assert_uint_le(since_us, now_us);
	w->excuses++;
	if (w->excuse != NULL)
		snprintf(detail, size, "%s", w->excuse);
	return w->excuse != NULL;
}

static inline struct world *
world_new(uint64_t seed)
{
	static const struct probe_kind kind = { .name = "fake", .prepare = world_prepare, .release = world_release,
		.start = world_start, .cancel = world_cancel };
	struct checker_hooks hooks = { .changed = world_changed, .probed = world_probed };
	struct world *w = calloc(1, sizeof(*w));
	struct sched_ops ops = { .drain = world_deliver, .excuse = world_excuse, .arg = w };

	w->prober.kind = &kind;
	w->now_us = 1000 * S;
	w->sched = sched_new(&ops, &hooks, w, seed);
	return w;
}

static inline void
world_free(struct world *w)
{
	sched_free(w->sched);
	ck_assert_uint_eq(w->nflights, 0);
	ck_assert_uint_eq(w->prepared, 0);
	free(w);
}

static inline uint64_t
world_next(const struct world *w)
{
	uint64_t next = sched_due(w->sched);

	for (size_t i = 0; i < w->nflights; i++)
		if (w->flights[i].end_us < next)
			next = w->flights[i].end_us;
	return next > w->now_us ? next : w->now_us;
}

/* Lets time pass until then, from event to event. */
static inline void
world_run(struct world *w, uint64_t until_us)
{
	uint64_t next;

	while ((next = world_next(w)) <= until_us) {
		w->now_us = next;
		world_deliver(w, next);
		sched_run(w->sched, next);
	}
	w->now_us = until_us;
}

/* The process is stopped for so long: when it wakes, the timer is what it sees first. */
static inline void
world_stall(struct world *w, uint64_t us)
{
	w->now_us += us;
	sched_run(w->sched, w->now_us);
}

/* interval 1 s, timeout 500 ms, fast 200 ms, slow 1 s, rise 3, fall 2, no jitter */
static inline struct conf_check
check_plain(void)
{
	return (struct conf_check){ .name = "plain", .type = CHECK_TCP, .port = 80, .interval_us = S, .timeout_us = 500 * MS,
		.fast_interval_us = 200 * MS, .slow_interval_us = S, .rise = 3, .fall = 2 };
}

static inline struct target *
world_add(struct world *w, struct host *h, const struct conf_check *check, uint64_t spread_us)
{
	struct target_conf conf = { .label = "host", .check = check, .address = { .family = 4, .bytes = { 10, 0, 0, 1 } } };
	char error[128] = "";

	h->target = sched_add(w->sched, &w->prober, &conf, spread_us, h, w->now_us, error, sizeof(error));
	ck_assert_msg(h->target != NULL, "%s", error);
	return h->target;
}

static inline enum verdict_value
host_verdict(const struct host *h)
{
	return target_view(h->target)->verdict.value;
}

#endif
