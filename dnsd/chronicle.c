/* chronicle.c - from what the daemon tells to rows in homing.db.
 *
 *     chronicle_add() ─► ring: [ being written │ waiting      ] ─► a second later, a thread: one transaction
 *                              └ dropped when it is on disk
 *
 * An event has its id when it comes. So whoever looks back takes what is in the ring, and from the disk what is older than
 * all of that: nothing twice and nothing missing, whether a transaction is under way or not.
 *
 * A transaction holds up the updates that wait for the store, and so it has at most BATCH events; behind a full one the
 * next begins at once. The same thread drops what is too old, a BITE at a time. */
#include "dnsd/chronicle.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/work.h"

enum {
	BATCH = 1000, BITE = 1000,
	DELAY_MS = 1000, BITE_MS = 20,
	TRIM_MS = 60 * 1000
};

struct chronicle {
	struct store *store;
	struct event_base *base;
	struct chronicle_terms terms;
	struct event *write, *trim;            /* timers: a round of each is due */
	struct work *work;                     /* a round is under way; NULL: none is */
	bool trim_due;

	struct store_event *ring[CHRONICLE_ROOM];
	size_t head, count;                    /* the oldest, and how many */
	uint64_t last;                         /* id given */
	uint64_t lost;                         /* that did not fit, since that was told */
	bool failed;                           /* the disk did, and that was said */

	struct {                               /* the thread's */
		const struct store_event *events[BATCH];
		size_t count;
		bool trim;                     /* is that due too? */
		uint64_t before_ms, bytes;
		bool kept, ok;                 /* the events are on disk; and all else went well */
		size_t gone;
		char error[512];
	} round;
};

/* ---- events ---- */

/* One block. */
static struct store_event *
event_copy(const struct store_event *e)
{
	const char *const texts[] = { e->kind, e->subject, e->was, e->became, e->text };
	const char *copies[5];
	size_t size = sizeof(*e);
	struct store_event *copy;
	char *p;

	for (size_t i = 0; i < 5; i++)
		size += strlen(texts[i]) + 1;
	copy = mem_alloc(size);
	p = (char *)(copy + 1);
	for (size_t i = 0; i < 5; i++) {
		copies[i] = p;
		p = stpcpy(p, texts[i]) + 1;
	}
	*copy = (struct store_event){ e->id, e->at_ms, copies[0], copies[1], copies[2], copies[3], copies[4] };
	return copy;
}

static struct store_event *
ring_at(const struct chronicle *c, size_t i)
{
	return c->ring[(c->head + i) % CHRONICLE_ROOM];
}

static void
ring_drop(struct chronicle *c, size_t n)
{
	assert(n <= c->count);
	for (size_t i = 0; i < n; i++)
		free(ring_at(c, i));
	c->head = (c->head + n) % CHRONICLE_ROOM;
	c->count -= n;
}

static void
timer_in(struct event *timer, unsigned ms)
{
	event_add(timer, &(struct timeval){ ms / 1000, ms % 1000 * 1000 });
}

static void
ring_put(struct chronicle *c, const struct daemon_event *e)
{
	struct store_event one = { c->last + 1, e->at_ms, event_kind_text(e->kind), e->subject, e->from, e->to, e->text };

	c->ring[(c->head + c->count++) % CHRONICLE_ROOM] = event_copy(&one);
	c->last++;
}

/* What did not fit is told as soon as there is room. */
static void
lost_tell(struct chronicle *c)
{
	char text[128], count[24];
	struct daemon_event e = { EVENT_HISTORY, clock_wall_ms(), "homingd", "", count, text };

	if (c->lost == 0 || c->count == CHRONICLE_ROOM)
		return;
	snprintf(count, sizeof(count), "%llu", (unsigned long long)c->lost);
	snprintf(text, sizeof(text), "the history lacks %s event%s before this one: the disk did not take them in time", count, c->lost == 1 ? "" : "s");
	log_warnx("%s", text);
	c->lost = 0;
	ring_put(c, &e);
}

static void round_begin(struct chronicle *c);

void
chronicle_add(struct chronicle *c, const struct daemon_event *e)
{
	if (c == NULL || c->terms.keep_us == 0)
		return;
	lost_tell(c);
	if (c->count == CHRONICLE_ROOM) {
		c->lost++;
		return;
	}
	ring_put(c, e);
	if (c->work != NULL)
		return;                        /* what follows it is seen to at its end */
	if (c->count >= BATCH && !c->failed)
		round_begin(c);
	else if (!evtimer_pending(c->write, NULL))
		timer_in(c->write, c->terms.delay_ms);
}

/* ---- rounds: writing and dropping ---- */

/* The disk's word, once when it changes. */
static void
round_tell(struct chronicle *c, bool ok)
{
	if (!ok && !c->failed)
		log_errorx("%s; the history waits in memory, %d events at most", c->round.error, CHRONICLE_ROOM);
	else if (ok && c->failed)
		log_info("the history is kept again");
	c->failed = !ok;
}

static void
round_take(struct chronicle *c)
{
	uint64_t now_ms = clock_wall_ms(), keep_ms = c->terms.keep_us / US_PER_MS;

	c->round.count = c->count < BATCH ? c->count : BATCH;
	for (size_t i = 0; i < c->round.count; i++)
		c->round.events[i] = ring_at(c, i);
	c->round.trim = c->trim_due;
	c->trim_due = false;
	c->round.before_ms = keep_ms == 0 ? UINT64_MAX : now_ms > keep_ms ? now_ms - keep_ms : 0;
	c->round.bytes = c->terms.bytes;
	c->round.gone = 0;
}

static void
round_run(void *arg)
{
	struct chronicle *c = arg;
	char *error = c->round.error;
	size_t size = sizeof(c->round.error);

	c->round.kept = c->round.count == 0 || store_events_put(c->store, c->round.events, c->round.count, error, size);
	c->round.ok = c->round.kept;
	if (c->round.ok && c->round.trim)
		c->round.ok = store_events_trim(c->store, c->round.before_ms, c->round.bytes, BITE, &c->round.gone, error, size);
}

static void
round_end(struct chronicle *c)
{
	c->work = NULL;
	round_tell(c, c->round.ok);
	if (c->round.kept) {
		ring_drop(c, c->round.count);
		lost_tell(c);
	}
}

static void
round_done(void *arg)
{
	struct chronicle *c = arg;

	round_end(c);
	if (c->round.trim)
		timer_in(c->trim, c->round.gone == BITE ? BITE_MS : TRIM_MS);
	if (!c->failed && (c->count >= BATCH || c->trim_due))
		round_begin(c);
	else if (c->count > 0)
		timer_in(c->write, c->terms.delay_ms);
}

static void
round_begin(struct chronicle *c)
{
	assert(c->work == NULL);
	event_del(c->write);
	round_take(c);
	c->work = work_start(c->base, round_run, round_done, c);
	if (c->work == NULL)
		timer_in(c->write, c->terms.delay_ms);  /* no thread is to be had: there is room for a while */
}

static void
on_write(evutil_socket_t fd, short what, void *arg)
{
	struct chronicle *c = arg;

	(void)fd;
	(void)what;
	if (c->work == NULL)
		round_begin(c);
}

static void
on_trim(evutil_socket_t fd, short what, void *arg)
{
	struct chronicle *c = arg;

	c->trim_due = true;
	on_write(fd, what, arg);
}

/* ---- the whole ---- */

struct chronicle_terms
chronicle_terms_of(const struct conf_daemon *conf)
{
	return (struct chronicle_terms){ conf->history_keep_us, (uint64_t)conf->history_mb << 20, DELAY_MS };
}

struct chronicle *
chronicle_new(struct store *store, struct event_base *base, const struct chronicle_terms *terms, char *error, size_t size)
{
	struct chronicle *c = mem_alloc(sizeof(*c));

	c->store = store;
	c->base = base;
	c->terms = *terms;
	c->write = evtimer_new(base, on_write, c);
	c->trim = evtimer_new(base, on_trim, c);
	if (store_events_last(store, &c->last, error, size)) {
		timer_in(c->trim, terms->delay_ms);
		return c;
	}
	chronicle_free(c);
	return NULL;
}

void
chronicle_free(struct chronicle *c)
{
	if (c == NULL)
		return;
	if (c->work != NULL) {
		work_cancel(c->work);
		round_end(c);
	}
	c->trim_due = false;
	for (bool kept = true; c->count > 0 && kept; kept = c->round.kept) {
		round_take(c);
		round_run(c);
		round_end(c);
	}
	if (c->count > 0 || c->lost > 0)
		log_errorx("the history lacks the last %llu events: %s", (unsigned long long)(c->count + c->lost), c->round.error);
	ring_drop(c, c->count);
	event_free(c->write);
	event_free(c->trim);
	free(c);
}

void
chronicle_follow(struct chronicle *c, const struct chronicle_terms *terms)
{
	c->terms = *terms;
	c->trim_due = true;
	if (c->work == NULL)
		round_begin(c);
}

/* ---- looking back ---- */

static void
past_add(void *arg, const struct store_event *e)
{
	struct past *p = arg;

	p->events = mem_grow(p->events, p->count, sizeof(struct store_event *));
	p->events[p->count++] = event_copy(e);
}

struct past *
chronicle_past(const struct chronicle *c, const struct store_wanted *wanted)
{
	struct past *p = mem_alloc(sizeof(*p));
	uint64_t oldest = c->count > 0 ? ring_at(c, 0)->id : UINT64_MAX;

	p->store = c->store;
	p->wanted = *wanted;
	p->wanted.subject = wanted->subject != NULL ? mem_text(wanted->subject) : NULL;
	p->wanted.kind = wanted->kind != NULL ? mem_text(wanted->kind) : NULL;
	for (size_t i = c->count; i-- > 0 && p->count < wanted->limit;) {
		const struct store_event *e = ring_at(c, i);

		if ((wanted->before == 0 || e->id < wanted->before) && store_event_fits(e, wanted))
			past_add(p, e);
	}
	if (oldest != UINT64_MAX && (wanted->before == 0 || oldest < wanted->before))
		p->wanted.before = oldest;
	return p;
}

bool
past_read(struct past *p, char *error, size_t size)
{
	size_t limit = p->wanted.limit;
	bool ok = true;

	p->wanted.limit = limit - p->count;
	if (p->wanted.limit > 0)
		ok = store_events_each(p->store, &p->wanted, past_add, p, error, size);
	p->wanted.limit = limit;
	p->more = p->count == limit;
	return ok;
}

void
past_free(struct past *p)
{
	if (p == NULL)
		return;
	while (p->count > 0)
		free(p->events[--p->count]);
	free(p->events);
	free((void *)(uintptr_t)p->wanted.subject);
	free((void *)(uintptr_t)p->wanted.kind);
	free(p);
}
