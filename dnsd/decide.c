/* decide.c - from evidence to answers.
 *
 *   decide_evidence  ─┐
 *   decide_overrides ─┼─► seat_refresh ─► service dirty ─► decide_flush: choice_make ─► world_put ... world_publish
 *   decide_tick      ─┘
 *
 * The events of a turn wait for the flush, so that each can say what is answered
 * now. A change of TTL alone (a doubt) is published like any other, but is no event. */
#include "dnsd/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/seat.h"
#include "dnsd/world.h"

/* More services than this are counted, not named, in one line. */
enum { SERVICES_NAMED = 3 };

/* A verdict that changed, as it was found. */
struct change {
	const struct watch *watch;
	enum verdict_value from;
	char *why;
};

struct decide {
	struct decide_hooks hooks;
	void *arg;
	struct fleet *fleet;
	struct world *world;                   /* NULL until the zones are loaded */
	bool fresh;                            /* the world has none of the services yet */
	bool put;                              /* it was given more than what they answer */
	struct service **dirty;
	size_t ndirty;
	struct change *changes;
	size_t nchanges;
	struct seat **waiting;                 /* seats with returns_us, until it is over */
	size_t nwaiting;
};

struct decide *
decide_new(const struct decide_hooks *hooks, void *arg)
{
	struct decide *d = mem_alloc(sizeof(*d));

	d->hooks = *hooks;
	d->arg = arg;
	return d;
}

static void
changes_clear(struct decide *d)
{
	for (size_t i = 0; i < d->nchanges; i++)
		free(d->changes[i].why);
	d->nchanges = 0;
}

void
decide_free(struct decide *d)
{
	if (d == NULL)
		return;
	changes_clear(d);
	free(d->changes);
	free(d->dirty);
	free(d->waiting);
	free(d);
}

/* ---- words ---- */

/* A line under construction; what does not fit is cut. */
struct line {
	char text[1500];
	size_t n;
};

__attribute__((format(printf, 2, 3)))
static void
line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int k;

	va_start(ap, fmt);
	k = vsnprintf(l->text + l->n, sizeof(l->text) - l->n, fmt, ap);
	va_end(ap);
	if (k > 0)
		l->n = l->n + (size_t)k < sizeof(l->text) ? l->n + (size_t)k : sizeof(l->text) - 1;
}

static void
line_add_addrs(struct line *l, const struct addr *addrs, size_t n)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < n; i++)
		line_add(l, " %s", addr_format(&addrs[i], text));
}

/* " 10.1.0.11 10.2.0.11", or the rule that decides when nobody is usable. */
static void
line_add_answer(struct line *l, const struct service *s)
{
	if (s->choice.count4 + s->choice.count6 == 0)
		line_add(l, " nothing");
	line_add_addrs(l, s->answer4, s->choice.count4);
	line_add_addrs(l, s->answer6, s->choice.count6);
	if (s->choice.all_down4 || s->choice.all_down6)
		line_add(l, " (nobody is up: all_down = \"%s\")", all_down_text(s->conf->all_down));
}

static void
tell(struct decide *d, enum event_kind kind, const char *subject, const char *from, const char *to, const char *text, bool log)
{
	struct daemon_event e = { kind, clock_wall_ms(), subject, from, to, text };

	d->hooks.event(d->arg, &e, log);
}

/* ---- marking ---- */

static void
service_mark(struct decide *d, struct service *s)
{
	if (s->dirty)
		return;
	if (d->ndirty == 0 && d->nchanges == 0)
		d->hooks.wanted(d->arg);
	s->dirty = true;
	d->dirty = mem_grow(d->dirty, d->ndirty, sizeof(struct service *));
	d->dirty[d->ndirty++] = s;
}

static void
seat_wait(struct decide *d, struct seat *seat)
{
	for (size_t i = 0; i < d->nwaiting; i++)
		if (d->waiting[i] == seat)
			return;
	d->waiting = mem_grow(d->waiting, d->nwaiting, sizeof(struct seat *));
	d->waiting[d->nwaiting++] = seat;
}

static void
seat_mark(struct decide *d, struct seat *seat, uint64_t now_us)
{
	if (seat_refresh(d->fleet, seat, now_us))
		service_mark(d, seat->service);
	if (seat->returns_us != 0)
		seat_wait(d, seat);
}

static void
iface_mark(struct decide *d, struct iface *iface, const char *why, uint64_t now_us)
{
	enum state was = iface->state;

	if (iface_refresh(d->fleet, iface, now_us))
		tell(d, EVENT_STATE, iface->label, state_text(was), state_text(iface->state), why, false);
}

/* Every interface and seat; the order is the configuration's. */
static void
mark_all(struct decide *d, const char *why, uint64_t now_us)
{
	struct fleet *f = d->fleet;

	for (size_t i = 0; i < f->nhosts; i++)
		for (size_t k = 0; k < f->hosts[i].nifaces; k++)
			iface_mark(d, &f->hosts[i].ifaces[k], why, now_us);
	for (size_t i = 0; i < f->nservices; i++)
		for (size_t k = 0; k < f->services[i].nseats; k++)
			seat_mark(d, &f->services[i].seats[k], now_us);
}

/* What the service's members are, whatever their health. */
static void
service_put_configured(struct decide *d, const struct service *s)
{
	struct addr *addr4 = mem_array(2 * s->nseats, sizeof(*addr4)), *addr6 = addr4 + s->nseats;
	size_t n4 = 0, n6 = 0;

	for (size_t i = 0; i < s->nseats; i++) {
		const struct addr *a = &s->candidates[i].address;

		if (a->family == 4)
			addr4[n4++] = *a;
		else
			addr6[n6++] = *a;
	}
	world_put_configured(d->world, s->conf, addr4, n4, addr6, n6);
	free(addr4);
}

static void
decide_take(struct decide *d, struct fleet *f, struct world *w, uint64_t now_us)
{
	if (f != d->fleet)
		changes_clear(d);              /* of a fleet that is gone; but what was found while zones were loaded is said */
	d->fleet = f;
	d->world = w;
	d->ndirty = d->nwaiting = 0;           /* maybe of a fleet that is gone; maybe this turn's evidence on f */
	for (size_t i = 0; i < f->nservices; i++)
		f->services[i].dirty = false;
	if (w != NULL)
		world_services(w, f->conf);
	mark_all(d, "", now_us);
}

void
decide_begin(struct decide *d, struct fleet *f, struct world *w, uint64_t now_us)
{
	decide_take(d, f, w, now_us);
	if (w == NULL)
		return;
	d->fresh = true;
	for (size_t i = 0; i < f->nservices; i++) {
		service_put_configured(d, &f->services[i]);
		service_mark(d, &f->services[i]);
	}
	decide_flush(d, now_us);
	d->fresh = false;
}

/* Has the service other addresses than it had, or in another order? */
static bool
members_differ(const struct service *s, const struct conf_service *before)
{
	size_t n = 0;

	for (size_t i = 0; i < before->nmembers; i++) {
		const struct conf_member *m = &before->members[i];

		for (size_t k = 0; k < m->server->ninterfaces; k++) {
			const struct conf_interface *iface = &m->server->interfaces[k];

			if (m->interface != NULL && m->interface != iface)
				continue;
			if (n == s->nseats || !addr_same_host(&s->candidates[n].address, &iface->address))
				return true;
			n++;
		}
	}
	return n != s->nseats;
}

void
decide_members(struct decide *d, struct fleet *f, const struct conf *before, uint64_t now_us)
{
	decide_take(d, f, d->world, now_us);
	for (size_t i = 0; i < f->nservices; i++) {
		service_mark(d, &f->services[i]);      /* its candidates are new, and have no fate yet */
		if (members_differ(&f->services[i], &before->services[i])) {
			service_put_configured(d, &f->services[i]);
			d->put = true;
		}
	}
	decide_flush(d, now_us);
}

/* "timed out after 500 ms (2 of 2)": the evidence and the threshold it met. */
static char *
watch_why(const struct watch *w, const struct target_view *view, enum verdict_value from)
{
	bool up = view->verdict.value == VERDICT_UP;
	unsigned need = !up ? w->check->fall : from == VERDICT_UNKNOWN ? 1 : w->check->rise;
	unsigned run = 0;

	while (run < view->verdict.seen && run < 64 && (view->verdict.history >> run & 1) == up)
		run++;
	return mem_printf("%s%s%s (%u of %u)", probe_reason_text(view->reason), *view->detail != '\0' ? " " : "",
	    view->detail, run < need ? run : need, need);
}

void
decide_evidence(struct decide *d, const struct watch *watch, enum verdict_value from, uint64_t now_us)
{
	const struct target_view *view = target_view(watch->target);
	char *why = watch_why(watch, view, from);

	if (view->verdict.value != from) {
		if (d->ndirty == 0 && d->nchanges == 0)
			d->hooks.wanted(d->arg);
		d->changes = mem_grow(d->changes, d->nchanges, sizeof(*d->changes));
		d->changes[d->nchanges++] = (struct change){ watch, from, mem_text(why) };
	}
	iface_mark(d, watch->iface, why, now_us);
	for (size_t i = 0; i < watch->nseats; i++)
		seat_mark(d, watch->seats[i], now_us);
	free(why);
}

uint64_t
decide_due_us(const struct decide *d)
{
	uint64_t due = 0;

	for (size_t i = 0; i < d->nwaiting; i++) {
		const struct seat *seat = d->waiting[i];

		if (!seat->candidate->doubt && (due == 0 || seat->returns_us < due))
			due = seat->returns_us;
	}
	return due;
}

void
decide_tick(struct decide *d, uint64_t now_us)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->nwaiting; i++) {
		struct seat *seat = d->waiting[i];

		if (seat_return(seat, now_us))
			service_mark(d, seat->service);
		if (seat->returns_us != 0)
			d->waiting[kept++] = seat;
	}
	d->nwaiting = kept;
}

/* ---- deciding ---- */

static bool
addrs_differ(const struct addr *a, const struct addr *b, size_t n)
{
	return memcmp(a, b, n * sizeof(*a)) != 0;
}

/* Makes the choice anew and puts what differs. True if anything did. */
static bool
service_decide(struct decide *d, struct service *s, uint64_t now_us)
{
	struct choice was = s->choice;
	size_t room = was.count4 > was.count6 ? was.count4 : was.count6;
	struct addr *before = mem_array(2 * room, sizeof(*before));
	bool changed;

	memcpy(before, s->answer4, was.count4 * sizeof(*before));
	memcpy(before + room, s->answer6, was.count6 * sizeof(*before));
	choice_make(s->conf, s->candidates, s->nseats, &s->choice, s->answer4, s->answer6);
	for (size_t i = 0; i < s->nseats; i++)
		if (s->candidates[i].fate == FATE_ANSWERED)
			seat_end_wait(&s->seats[i]);   /* nobody else was left */
	s->state = service_state(s);
	s->moved = !s->decided || was.count4 != s->choice.count4 || was.count6 != s->choice.count6 ||
	    addrs_differ(before, s->answer4, was.count4) || addrs_differ(before + room, s->answer6, was.count6);
	free(before);
	/* The same addresses may be a last resort now, which answers tell (zone.h, NODE_ALL_DOWN4). */
	changed = d->fresh || s->moved || was.ttl != s->choice.ttl || was.all_down4 != s->choice.all_down4 || was.all_down6 != s->choice.all_down6;
	if (!s->decided || d->world == NULL)
		s->moved = false;              /* what nobody was told before is no change to tell of */
	if (s->moved)
		s->changed_us = now_us;
	else if (s->decided && was.ttl != s->choice.ttl)
		log_debug("%s: ttl %u, was %u", s->conf->text, s->choice.ttl, was.ttl);
	s->decided = true;
	if (changed && d->world != NULL)
		world_put(d->world, s->conf, s->answer4, s->choice.count4, s->answer6, s->choice.count6, s->choice.ttl,
		    s->choice.all_down4, s->choice.all_down6);
	return changed;
}

/* "; www -> ...": what an event meant for a service that moved with it. Says it once a turn. */
static void
line_add_service(struct line *l, struct service *s, size_t *moved)
{
	if (!s->moved || s->told)
		return;
	s->told = true;
	if (++*moved > SERVICES_NAMED)
		return;
	line_add(l, "; %s ->", s->conf->text);
	line_add_answer(l, s);
}

static void
line_add_rest(struct line *l, size_t moved, uint64_t took_us)
{
	if (moved > SERVICES_NAMED)
		line_add(l, "; %zu services in all, published in %.3f ms", moved, (double)took_us / 1000);
}

static void
tell_changes(struct decide *d, uint64_t took_us)
{
	for (size_t i = 0; i < d->nchanges; i++) {
		const struct change *c = &d->changes[i];
		const char *from = verdict_text(c->from);
		const char *to = verdict_text(target_view(c->watch->target)->verdict.value);
		struct line l = { .n = 0 };
		size_t moved = 0;

		line_add(&l, "%s %s -> %s: %s", c->watch->label, from, to, c->why);
		for (size_t k = 0; k < c->watch->nseats; k++)
			line_add_service(&l, c->watch->seats[k]->service, &moved);
		line_add_rest(&l, moved, took_us);
		tell(d, EVENT_TARGET, c->watch->label, from, to, l.text, true);
	}
	changes_clear(d);
}

static void
tell_services(struct decide *d)
{
	for (size_t i = 0; i < d->ndirty; i++) {
		struct service *s = d->dirty[i];
		struct line l = { .n = 0 };

		if (s->moved) {
			line_add(&l, "%s ->", s->conf->text);
			line_add_answer(&l, s);
			tell(d, EVENT_SERVICE, s->conf->text, "", state_text(s->state), l.text, !s->told);
		}
		s->dirty = s->moved = s->told = false;
	}
	d->ndirty = 0;
}

/* Decides what is marked, and publishes what differs in one step. Returns how long it took. */
static uint64_t
decide_publish(struct decide *d, uint64_t now_us)
{
	uint64_t began_us = clock_mono_us();
	bool changed = d->fresh || d->put;     /* zones alone are published too */

	for (size_t i = 0; i < d->ndirty; i++)
		changed = service_decide(d, d->dirty[i], now_us) || changed;
	if (changed && d->world != NULL) {
		world_publish(d->world, now_us);
		log_debug("published in %.3f ms", (double)(clock_mono_us() - began_us) / 1000);
	}
	d->put = false;
	return clock_mono_us() - began_us;
}

void
decide_flush(struct decide *d, uint64_t now_us)
{
	tell_changes(d, decide_publish(d, now_us));
	tell_services(d);
}

void
decide_overrides(struct decide *d, const char *subject, const char *why, uint64_t now_us)
{
	struct line l = { .n = 0 };
	size_t moved = 0;
	uint64_t took_us;

	decide_flush(d, now_us);               /* what this turn has found so far has other causes */
	mark_all(d, why, now_us);
	took_us = decide_publish(d, now_us);
	line_add(&l, "%s %s", subject, why);
	for (size_t i = 0; i < d->ndirty; i++)
		line_add_service(&l, d->dirty[i], &moved);
	line_add_rest(&l, moved, took_us);
	tell(d, EVENT_OVERRIDE, subject, "", why, l.text, true);
	tell_services(d);
}
