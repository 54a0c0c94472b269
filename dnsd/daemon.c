/* daemon.c - what is, what happens, and who is told. */
#include "dnsd/daemon.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/daemon_state.h"
#include "zones/zone.h"

/* ---- what is ---- */

struct event_base *
daemon_base(const struct daemon *d)
{
	return d->base;
}

const struct fleet *
daemon_fleet(const struct daemon *d)
{
	return d->fleet;
}

const struct checker *
daemon_checker(const struct daemon *d)
{
	return d->checker;
}

bool
daemon_ready(const struct daemon *d)
{
	return d->ready;
}

void
daemon_totals(const struct daemon *d, struct daemon_totals *out)
{
	*out = (struct daemon_totals){ .started_ms = d->started_ms };
	udp_counters(d->udp, &out->queries_udp, &out->dropped);
	tcp_counters(d->tcp, &out->queries_tcp, &out->tcp_open);
	out->publications = d->publications + (d->world != NULL ? world_publications(d->world) : 0);
}

size_t
daemon_zones(const struct daemon *d, struct daemon_zone *out, size_t room)
{
	if (d->world == NULL)
		return 0;
	for (size_t i = 0; i < d->conf->nzones && i < room; i++) {
		const struct zone *z = world_zone(d->world, i);

		out[i] = (struct daemon_zone){ &d->conf->zones[i], zone_serial(z), zone_names(z), d->loaded_ms };
	}
	return d->conf->nzones;
}

/* ---- events ---- */

const char *
event_kind_text(enum event_kind k)
{
	static const char *const words[] = {
#define X(value, words) [value] = words,
		EVENT_KINDS(X)
#undef X
	};

	return words[k];
}

struct daemon_listener *
daemon_listen(struct daemon *d, daemon_event_fn fn, void *arg)
{
	struct daemon_listener *l = mem_alloc(sizeof(*l));

	l->daemon = d;
	l->fn = fn;
	l->arg = arg;
	TAILQ_INSERT_TAIL(&d->listeners, l, link);
	return l;
}

static void
listener_drop(struct daemon_listener *l)
{
	TAILQ_REMOVE(&l->daemon->listeners, l, link);
	free(l);
}

void
daemon_unlisten(struct daemon_listener *l)
{
	if (l->daemon->telling)
		l->fn = NULL;                  /* dropped when the loop over all is done */
	else
		listener_drop(l);
}

void
daemon_tell(struct daemon *d, const struct daemon_event *e, bool log)
{
	struct daemon_listener *l, *next;
	bool outer = !d->telling;

	if (log)
		log_info("%s", e->text);
	d->telling = true;
	for (l = TAILQ_FIRST(&d->listeners); l != NULL; l = TAILQ_NEXT(l, link))
		if (l->fn != NULL)
			l->fn(l->arg, e);
	if (!outer)
		return;
	d->telling = false;
	for (l = TAILQ_FIRST(&d->listeners); l != NULL; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->fn == NULL)
			listener_drop(l);
	}
}

/* ---- the checker and the decisions ---- */

static void
on_evidence(void *arg, struct target *t, enum verdict_value from)
{
	struct daemon *d = arg;
	const struct watch *w = target_user(t);

	if (w->fleet == d->fleet)              /* the coming fleet's own targets count when it takes over */
		decide_evidence(d->decide, w, from, clock_mono_us());
}

static void
on_probed(void *arg, struct target *t)
{
	struct daemon *d = arg;

	(void)t;
	if (d->coming.fleet != NULL)
		event_active(d->round, 0, 0);  /* behind this turn's other probes, and only once */
}

const struct checker_hooks daemon_checker_hooks = { on_evidence, on_probed };

static void
on_wanted(void *arg)
{
	struct daemon *d = arg;

	event_active(d->flush, 0, 0);
}

static void
on_event(void *arg, const struct daemon_event *e, bool log)
{
	daemon_tell(arg, e, log);
}

const struct decide_hooks daemon_decide_hooks = { on_wanted, on_event };

void
daemon_on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	decide_flush(d->decide, clock_mono_us());
	daemon_rearm(d);
}

void
daemon_on_due(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	overrides_expire(d);
	decide_tick(d->decide, clock_mono_us());
	daemon_rearm(d);
}

void
daemon_rearm(struct daemon *d)
{
	uint64_t now_us = clock_mono_us(), now_ms = clock_wall_ms();
	uint64_t failback_us = decide_due_us(d->decide), expiry_ms = overrides_next_expiry_ms(d->overrides);
	uint64_t wait_us = UINT64_MAX;

	if (failback_us != 0)
		wait_us = failback_us > now_us ? failback_us - now_us : 0;
	if (expiry_ms != 0) {
		uint64_t us = expiry_ms > now_ms ? (expiry_ms - now_ms) * US_PER_MS : 0;

		/* A minute at most: the wall clock may be set meanwhile. */
		us = us < 60 * US_PER_S ? us : 60 * US_PER_S;
		wait_us = us < wait_us ? us : wait_us;
	}
	if (wait_us == UINT64_MAX) {
		event_del(d->due);
		return;
	}
	event_add(d->due, &(struct timeval){ (time_t)(wait_us / US_PER_S), (suseconds_t)(wait_us % US_PER_S) });
}
