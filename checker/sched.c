/* sched.c - when probes start and when their time is up.
 *
 * One heap holds one due time for each target: the earliest of its next start and
 * the deadlines of its probes under way.
 *
 *                     due                       probe_end()
 *      ┌── WAITING ────────► PROBING (1 under way) ────────► WAITING
 *      │      ▲                 │          ▲
 *      │      │    no answer for│          │ all but one ended
 *      │      │    fast_interval▼          │
 *      │      └──────────── PROBING (2..4 under way)
 *      └ a hard failure (refused, reset): due at once, until the verdict is DOWN
 *
 * When the next probe of a target starts, pace.c says.
 *
 * Being late. Starts within SLACK of now are taken together, which saves a wake-up for each. After a stall
 * (the process was stopped, the loop was busy) a calm target that missed its start by more
 * than half its pace waits for its next grid point: what was missed is counted as skipped and not made up in a
 * burst. Replies that have arrived are read before any deadline is judged, and a probe that was under
 * way in a stall gets that time back once: it may have been waiting for us. */
#include "checker/sched.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "checker/aim.h"
#include "checker/late.h"
#include "checker/pace.h"
#include "checker/pool.h"
#include "checker/target.h"

#define NEVER UINT64_MAX

enum {
	SLACK_US = 1000,               /* a tenth of the shortest interval */
	STALL_US = 20000,              /* later than this is no scheduling noise */
	BATCH = 64                     /* targets of one run: about a millisecond of connects */
};

struct sched {
	struct sched_ops ops;
	struct checker_hooks hooks;
	void *hook_arg;
	struct heap heap;
	struct target *targets;
	struct pool pool;
	uint64_t random;
	uint64_t stall_us, stall_end_us;       /* the last stall's length and end */
	bool drained;                  /* in this run */
	bool freeing;                  /* sched_free(): nobody is told anything */
	struct checker_stats stats;
	struct late late;
};

/* ---- small things ---- */

/* splitmix64: good enough to spread probes, and the same everywhere. */
static uint64_t
sched_random(struct sched *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- when ---- */

static uint64_t
target_due(const struct target *t)
{
	uint64_t due = t->asks != NULL ? 0 : pace_next(t).due_us;

	for (const struct probe *p = t->flying; p != NULL; p = p->next)
		due = earlier(due, p->deadline_us);
	return due;
}

static void
target_requeue(struct target *t)
{
	if (!t->removed)
		heap_set(&t->sched->heap, &t->heap, target_due(t));
}

/* ---- life of a target ---- */

static void
asks_answer(struct sched *s, struct target *t, struct ask *asks, enum probe_reason reason, const char *detail, uint64_t rtt_us)
{
	while (asks != NULL) {
		struct ask *ask = asks;

		asks = ask->next;
		if (!s->freeing)
			ask->done(ask->arg, t, reason, detail, rtt_us);
		free(ask);
	}
}

static void
target_hold(struct target *t)
{
	t->holds++;
}

/* False when the target went away meanwhile: it is then freed. */
static bool
target_unhold(struct target *t)
{
	assert(t->holds > 0);
	t->holds--;
	if (!t->removed)
		return true;
	if (t->holds == 0)
		free(t);
	return false;
}

/* Takes p out of the target's list. */
static void
target_land(struct target *t, struct probe *p)
{
	struct probe **link = &t->flying;

	while (*link != p) {
		assert(*link != NULL);
		link = &(*link)->next;
	}
	*link = p->next;
	if (p->asks == NULL)
		t->nflying--;
}

/* Gives up every probe under way; those who asked for one ask again. */
static void
target_recall(struct target *t)
{
	while (t->flying != NULL) {
		struct probe *p = t->flying;
		struct ask **tail = &p->asks;

		t->aim.prober->kind->cancel(t->aim.prober, p);
		target_land(t, p);
		while (*tail != NULL)
			tail = &(*tail)->next;
		*tail = t->asks;
		t->asks = p->asks;
		pool_give(&t->sched->pool, p);
	}
}

struct target *
sched_add(struct sched *s, struct prober *prober, const struct target_conf *conf, uint64_t spread_us, void *user,
    uint64_t now_us, char *error, size_t error_size)
{
	struct aim aim;
	struct target *t;

	if (!aim_prepare(&aim, prober, conf, error, error_size))
		return NULL;
	t = mem_alloc(sizeof(*t));
	t->sched = s;
	t->user = user;
	t->conf = *conf;
	t->aim = aim;
	t->aim.conf = &t->conf;
	t->view.doubt = true;
	t->grid_us = now_us + (spread_us > 0 ? sched_random(s) % spread_us : 0);
	t->next = s->targets;
	if (t->next != NULL)
		t->next->prev = t;
	s->targets = t;
	s->stats.targets++;
	target_requeue(t);
	return t;
}

void
sched_remove(struct target *t)
{
	struct sched *s = t->sched;

	assert(!t->removed);
	target_recall(t);
	t->removed = true;
	heap_remove(&s->heap, &t->heap);
	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		s->targets = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	s->stats.targets--;
	target_hold(t);
	asks_answer(s, t, t->asks, PROBE_LOCAL, "the target was removed", 0);
	t->asks = NULL;
	aim_release(&t->aim);
	target_unhold(t);
}

/* Do they ask for the same probes? The same check is one that stands at the same place: it does not change. */
static bool
terms_same(const struct target_conf *a, const struct target_conf *b)
{
	return a->check == b->check && addr_equal(&a->address, &b->address) && addr_equal(&a->source, &b->source) && a->mark == b->mark &&
	    (a->device == NULL || b->device == NULL ? a->device == b->device : strcmp(a->device, b->device) == 0);
}

bool
sched_update(struct target *t, struct prober *prober, const struct target_conf *conf, void *user, uint64_t now_us,
    char *error, size_t error_size)
{
	bool flying = t->nflying > 0;
	struct aim aim;

	if (terms_same(&t->conf, conf)) {      /* only the words stand elsewhere now */
		t->user = user;
		t->conf = *conf;
		return true;
	}
	if (!aim_prepare(&aim, prober, conf, error, error_size))
		return false;
	target_recall(t);
	aim_release(&t->aim);
	t->user = user;
	t->conf = *conf;
	t->aim = aim;
	t->aim.conf = &t->conf;
	t->follow = false;
	t->srtt_us = 0;                        /* it may be another address now */
	if (flying) {                          /* the probes that were recalled are made good at once */
		t->begun = false;
		t->grid_us = now_us;
	}
	target_requeue(t);
	return true;
}

void
sched_ask(struct target *t, probe_done_fn done, void *arg)
{
	struct ask *ask = mem_alloc(sizeof(*ask));

	*ask = (struct ask){ .next = t->asks, .done = done, .arg = arg };
	t->asks = ask;
	target_requeue(t);
}

/* ---- a probe's end ---- */

/* No answer, or a router's word that there is no way: before the target is blamed, our side is asked. */
static void
result_excuse(struct target *t, struct result *r, uint64_t since_us, bool ask)
{
	const struct sched_ops *ops = &t->sched->ops;

	if ((r->reason == PROBE_TIMED_OUT || r->reason == PROBE_UNREACHABLE || ask) && ops->excuse != NULL &&
	    ops->excuse(ops->arg, &t->aim, since_us, r->at_us, r->detail, sizeof(r->detail)))
		r->reason = PROBE_LOCAL;
}

/* What an answer's time teaches the schedule. */
static void
target_hear(struct target *t, const struct probe *p, const struct result *r)
{
	t->heard_us = later(t->heard_us, p->started_us + 1);
	t->srtt_us = t->srtt_us == 0 ? r->rtt_us : t->srtt_us - t->srtt_us / 8 + r->rtt_us / 8;
}

static void
target_conclude(struct target *t, const struct result *r, struct ask *asks)
{
	const struct checker_hooks *hooks = &t->sched->hooks;
	enum verdict_value from;
	bool changed;

	changed = target_take(t, r, &from);
	t->follow = (r->reason == PROBE_REFUSED || r->reason == PROBE_RESET) && t->view.verdict.value != VERDICT_DOWN;
	if (changed && hooks->changed != NULL)
		hooks->changed(t->sched->hook_arg, t, from);
	if (hooks->probed != NULL && !t->removed)
		hooks->probed(t->sched->hook_arg, t);
	asks_answer(t->sched, t, asks, r->reason, r->detail, r->rtt_us);
}

static void
probe_conclude(struct probe *p, struct result *r)
{
	struct target *t = p->target;
	struct ask *asks = p->asks;
	uint64_t since_us = p->started_us;
	bool ask_path = p->ask_path;

	t->sched->stats.ended++;
	if (r->reason == PROBE_OK)
		target_hear(t, p, r);
	target_land(t, p);
	pool_give(&t->sched->pool, p);
	result_excuse(t, r, since_us, ask_path);
	if (t->conf.check->invert)
		result_invert(r);
	target_hold(t);
	target_conclude(t, r, asks);
	if (target_unhold(t))
		target_requeue(t);
}

void
probe_end(struct probe *p, uint64_t now_us, enum probe_reason reason, const char *fmt, ...)
{
	struct result r = { .reason = reason, .at_us = now_us };
	va_list ap;

	assert(p->target != NULL);
	if (reason == PROBE_OK) {
		/* Never 0, which says "none"; what was measured beyond the timeout is our own lateness. */
		uint64_t rtt = later(1, now_us - earlier(now_us, p->started_us));

		r.rtt_us = earlier(rtt, p->aim->conf->check->timeout_us);
	}
	if (fmt != NULL) {
		va_start(ap, fmt);
		vsnprintf(r.detail, sizeof(r.detail), fmt, ap);
		va_end(ap);
	}
	probe_conclude(p, &r);
}

/* ---- a turn ---- */

static void
probe_start(struct target *t, struct ask *asks, uint64_t now_us)
{
	struct probe *p = pool_take(&t->sched->pool), **link = &t->flying;

	p->target = t;
	p->aim = &t->aim;
	p->asks = asks;
	p->started_us = now_us;
	p->deadline_us = now_us + t->conf.check->timeout_us;
	while (*link != NULL)
		link = &(*link)->next;
	*link = p;
	if (asks == NULL)
		t->nflying++;
	t->sched->stats.started++;
	t->aim.prober->kind->start(t->aim.prober, p, now_us);
}

/* A start that was due long ago: true when it is left out, and what was missed with it. Only the calm
 * wait for their grid: who is in doubt, new, or being followed up, starts now. */
static bool
target_skip(struct target *t, const struct slot *slot, uint64_t now_us)
{
	uint64_t pace = pace_of(t), late = now_us - slot->due_us, missed;

	if (late < pace / 2 || !t->begun || t->follow || t->flying != NULL)
		return false;
	if (t->view.doubt) {
		t->sched->stats.skipped += late / pace;
		return false;
	}
	missed = late / pace + 1;
	t->grid_us = slot->grid_us + (missed - 1) * pace;
	t->sched->stats.skipped += missed;
	return true;
}

static void
target_start(struct target *t, const struct slot *slot, uint64_t now_us)
{
	/* While the probe before was under way, nobody was late. */
	uint64_t due = later(slot->due_us, t->view.ended_us), late = now_us > due ? now_us - due : 0;

	/* Late by more than a pace: the grid goes on from here. */
	t->grid_us = now_us < slot->due_us + pace_of(t) ? slot->grid_us : now_us;
	t->jitter = pace_jitter(sched_random(t->sched), t->conf.check->jitter);
	t->last_us = now_us;
	t->begun = true;
	t->follow = false;
	late_add(&t->sched->late, late);
	probe_start(t, NULL, now_us);
}

static struct probe *
target_overdue(const struct target *t, uint64_t now_us)
{
	for (struct probe *p = t->flying; p != NULL; p = p->next)
		if (p->deadline_us <= now_us)
			return p;
	return NULL;
}

/* True when p gets the time back that we were away. */
static bool
probe_extend(struct probe *p)
{
	const struct sched *s = p->target->sched;

	if (p->extended || p->started_us >= s->stall_end_us)
		return false;
	p->extended = true;
	p->deadline_us = later(p->deadline_us, s->stall_end_us) + earlier(s->stall_us, p->aim->conf->check->timeout_us);
	return true;
}

static void
target_expire(struct target *t, uint64_t now_us)
{
	char text[DURATION_TEXT];
	struct probe *p;

	while (!t->removed && (p = target_overdue(t, now_us)) != NULL) {
		if (probe_extend(p))
			continue;
		t->aim.prober->kind->cancel(t->aim.prober, p);
		probe_end(p, now_us, PROBE_TIMED_OUT, "after %s",
		    duration_format(t->conf.check->timeout_us, text, sizeof(text)));
	}
}

static void
target_visit(struct target *t, uint64_t now_us)
{
	struct sched *s = t->sched;
	struct slot slot;

	target_hold(t);
	if (!s->drained && target_overdue(t, now_us) != NULL) {
		s->drained = true;
		if (s->ops.drain != NULL)
			s->ops.drain(s->ops.arg, now_us);
	}
	target_expire(t, now_us);
	if (!t->removed && t->asks != NULL) {
		struct ask *asks = t->asks;

		t->asks = NULL;
		probe_start(t, asks, now_us);
	}
	/* More than once when a probe fails hard at once. */
	while (!t->removed && (slot = pace_next(t)).due_us <= now_us + SLACK_US)
		if (slot.due_us > now_us || !target_skip(t, &slot, now_us))
			target_start(t, &slot, now_us);
	if (target_unhold(t))
		target_requeue(t);
}

void
sched_run(struct sched *s, uint64_t now_us)
{
	uint64_t due;
	struct target *t;

	s->drained = false;
	if (heap_first(&s->heap, &due) != NULL && due > 0 && due + STALL_US < now_us) {
		s->stall_us = now_us - due;
		s->stall_end_us = now_us;
	}
	for (unsigned n = 0; n < BATCH; n++) {
		t = (struct target *)heap_first(&s->heap, &due);
		if (t == NULL || due > now_us + SLACK_US)
			return;
		/* Starts may be a little early, deadlines not. */
		if (due > now_us && pace_next(t).due_us != due)
			return;
		target_visit(t, now_us);
	}
}

uint64_t
sched_due(const struct sched *s)
{
	uint64_t due;

	return heap_first(&s->heap, &due) != NULL ? due : NEVER;
}

/* ---- the scheduler ---- */

struct sched *
sched_new(const struct sched_ops *ops, const struct checker_hooks *hooks, void *hook_arg, uint64_t seed)
{
	struct sched *s = mem_alloc(sizeof(*s));

	s->ops = *ops;
	s->hooks = *hooks;
	s->hook_arg = hook_arg;
	s->random = seed;
	return s;
}

void
sched_free(struct sched *s)
{
	if (s == NULL)
		return;
	s->freeing = true;
	while (s->targets != NULL)
		sched_remove(s->targets);
	pool_clear(&s->pool);
	heap_clear(&s->heap);
	free(s);
}

void
sched_stats(const struct sched *s, struct checker_stats *out)
{
	*out = s->stats;
	out->late_p50_us = late_quantile(&s->late, 500);
	out->late_p99_us = late_quantile(&s->late, 990);
	out->late_max_us = late_quantile(&s->late, 1000);
}
