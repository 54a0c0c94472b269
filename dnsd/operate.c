/* operate.c - what operators do: overrides, and probes at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/daemon.h"
#include "dnsd/daemon_state.h"

/* ---- what X names ---- */

/* What an operator's X selects: all of whatever is not NULL. */
struct selection {
	struct host *host;                     /* SERVER, and of SERVICE:SERVER */
	struct iface *iface;                   /* SERVER/INTERFACE */
	struct service *service;               /* SERVICE:SERVER; SERVICE alone where that is allowed */
	const struct conf_fabric *fabric;
	char subject[DNAME_TEXT + LABEL_MAX + 2];      /* canonical spelling */
};

static bool
select_member(const struct fleet *f, const char *x, const char *colon, struct selection *s)
{
	char name[DNAME_TEXT];

	if ((size_t)(colon - x) >= sizeof(name))
		return false;
	memcpy(name, x, (size_t)(colon - x));
	name[colon - x] = '\0';
	s->service = fleet_service(f, name);
	s->host = fleet_host(f, colon + 1);
	if (s->service == NULL || s->host == NULL)
		return false;
	snprintf(s->subject, sizeof(s->subject), "%s:%s", s->service->conf->text, s->host->conf->name);
	for (size_t i = 0; i < s->service->nseats; i++)
		if (s->service->seats[i].iface->host == s->host)
			return true;
	return false;                          /* both exist, but the one is no member of the other */
}

static bool
select_fabric(const struct fleet *f, const char *x, struct selection *s)
{
	for (size_t i = 0; i < f->conf->nfabrics; i++)
		if (strcmp(f->conf->fabrics[i].name, x) == 0)
			s->fabric = &f->conf->fabrics[i];
	return s->fabric != NULL;
}

static bool
selection_make(const struct fleet *f, const char *x, bool services, struct selection *s, char error[ERROR_TEXT])
{
	const char *colon = strrchr(x, ':');

	*s = (struct selection){ .host = NULL };
	snprintf(s->subject, sizeof(s->subject), "%s", x);
	if (colon != NULL && select_member(f, x, colon, s))
		return true;
	if (colon == NULL) {
		s->iface = fleet_iface(f, x);
		s->host = s->iface == NULL ? fleet_host(f, x) : NULL;
		if (s->iface != NULL || s->host != NULL || select_fabric(f, x, s))
			return true;
		s->service = services ? fleet_service(f, x) : NULL;
		if (s->service != NULL)
			return true;
	}
	snprintf(error, ERROR_TEXT, "\"%.200s\" is nothing that is configured (expected SERVER, SERVER/INTERFACE, SERVICE:SERVER%s)",
	    x, services ? ", a service or a fabric" : " or a fabric");
	return false;
}

static bool
selects_seat(const struct selection *s, const struct seat *seat)
{
	return (s->service == NULL || seat->service == s->service) &&
	    (s->host == NULL || seat->iface->host == s->host) &&
	    (s->iface == NULL || seat->iface == s->iface) &&
	    (s->fabric == NULL || seat->iface->conf->fabric == s->fabric);
}

/* ---- overrides ---- */

/* The longest that a resolver may still hold an answer with anything selected. */
static uint32_t
selection_expires_s(const struct fleet *f, const struct selection *s)
{
	uint32_t longest = 0;

	for (size_t i = 0; i < f->nservices; i++) {
		const struct service *service = &f->services[i];

		for (size_t k = 0; k < service->nseats; k++) {
			const struct seat *seat = &service->seats[k];
			enum fate fate = seat->candidate->fate;

			if (selects_seat(s, seat) && (fate == FATE_ANSWERED || fate == FATE_LAST) && service->conf->ttl > longest)
				longest = service->conf->ttl;
		}
	}
	return longest;
}

/* "drained by ops for 2h: new kernel" */
static void
override_words(const struct override *o, uint64_t for_us, char *buf, size_t size)
{
	static const char *const words[] = {
		[OVERRIDE_DRAINED] = "drained", [OVERRIDE_UP] = "forced up", [OVERRIDE_DOWN] = "forced down",
	};
	char length[DURATION_TEXT];

	snprintf(buf, size, "%s%s%.100s%s%s%s%.200s", words[o->state], *o->owner != '\0' ? " by " : "", o->owner,
	    for_us != 0 ? " for " : "", for_us != 0 ? duration_format(for_us, length, sizeof(length)) : "",
	    *o->why != '\0' ? ": " : "", o->why);
}

bool
daemon_override(struct daemon *d, const char *x, enum override_state state, uint64_t for_us,
    const char *owner, const char *why, uint32_t *expires_s, char error[ERROR_TEXT])
{
	uint64_t now_ms = clock_wall_ms();
	struct selection s;
	struct override o = { .subject = s.subject, .state = state, .owner = (char *)owner, .why = (char *)why, .since_ms = now_ms };
	char words[ERROR_TEXT];

	if (!selection_make(d->fleet, x, false, &s, error))
		return false;
	if (for_us != 0)
		o.until_ms = now_ms + (for_us + US_PER_MS - 1) / US_PER_MS;
	*expires_s = state == OVERRIDE_UP ? 0 : selection_expires_s(d->fleet, &s);
	if (!overrides_put(d->overrides, &o, error, ERROR_TEXT))
		return false;
	override_words(&o, for_us, words, sizeof(words));
	decide_overrides(d->decide, s.subject, words, clock_mono_us());
	daemon_rearm(d);
	return true;
}

static bool
release(struct daemon *d, const char *subject, const char *words, char error[ERROR_TEXT])
{
	char kept[DNAME_TEXT + LABEL_MAX + 2];

	snprintf(kept, sizeof(kept), "%s", subject);   /* it may be the override's own */
	if (!overrides_remove(d->overrides, kept, error, ERROR_TEXT))
		return false;
	decide_overrides(d->decide, kept, words, clock_mono_us());
	daemon_rearm(d);
	return true;
}

bool
daemon_release(struct daemon *d, const char *x, const char *owner, char error[ERROR_TEXT])
{
	char words[256];
	struct selection s;

	if (!selection_make(d->fleet, x, false, &s, error))
		return false;
	if (overrides_find(d->overrides, s.subject) == NULL) {
		snprintf(error, ERROR_TEXT, "there is no override on %.300s", s.subject);
		return false;
	}
	snprintf(words, sizeof(words), "released%s%.200s", *owner != '\0' ? " by " : "", owner);
	return release(d, s.subject, words, error);
}

void
overrides_expire(struct daemon *d)
{
	uint64_t now_ms = clock_wall_ms();
	char error[ERROR_TEXT];
	size_t n, i = 0;

	for (;;) {
		const struct override *const *list = overrides_list(d->overrides, &n);

		while (i < n && (list[i]->until_ms == 0 || list[i]->until_ms > now_ms))
			i++;
		if (i == n)
			return;
		if (!release(d, list[i]->subject, "released: its time is over", error)) {
			log_errorx("%s", error);
			i++;                   /* the disk refused: tried again with the next timer */
		}
	}
}

void
overrides_forget(struct daemon *d)
{
	char error[ERROR_TEXT], ignored[ERROR_TEXT];
	struct selection s;
	size_t n, i = 0;

	for (;;) {
		const struct override *const *list = overrides_list(d->overrides, &n);

		while (i < n && selection_make(d->fleet, list[i]->subject, false, &s, ignored))
			i++;
		if (i == n)
			return;
		if (!release(d, list[i]->subject, "released: it is no longer configured", error)) {
			log_errorx("%s", error);
			i++;
		}
	}
}

/* ---- probes at once ---- */

/* Behind the longest time-out of any probe: what has not ended by then was taken away by a reload. */
enum { CHECK_GRACE_S = 1 };

static void
check_free(struct check_run *run)
{
	TAILQ_REMOVE(&run->daemon->checks, run, link);
	event_free(run->deadline);
	free(run);
}

static void
check_end(struct check_run *run)
{
	/* Kept in the list with nothing to report to: late probes still hold it. */
	run->hooks.end(run->arg);
	run->hooks = (struct daemon_check_hooks){ NULL, NULL };
	if (run->pending == 0)
		check_free(run);
}

static void
check_done(void *arg, struct target *t, enum probe_reason reason, const char *detail, uint64_t rtt_us)
{
	struct check_run *run = arg;

	run->pending--;
	if (run->hooks.row != NULL)
		run->hooks.row(run->arg, target_user(t), reason, detail, rtt_us);
	if (run->pending > 0)
		return;
	if (run->hooks.end != NULL)
		check_end(run);
	else
		check_free(run);
}

static void
check_overdue(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	check_end(arg);
}

static bool
selects_watch(const struct selection *s, const struct watch *w)
{
	if (s->service == NULL)
		return (s->host == NULL || w->iface->host == s->host) && (s->iface == NULL || w->iface == s->iface) &&
		    (s->fabric == NULL || w->iface->conf->fabric == s->fabric);
	for (size_t i = 0; i < w->nseats; i++)
		if (selects_seat(s, w->seats[i]))
			return true;
	return false;
}

bool
daemon_check(struct daemon *d, const char *x, const struct daemon_check_hooks *hooks, void *arg, char error[ERROR_TEXT])
{
	struct check_run *run;
	struct timeval longest = { 0, 0 };
	struct selection s;
	uint64_t longest_us = 0;

	if (!selection_make(d->fleet, x, true, &s, error))
		return false;
	run = mem_alloc(sizeof(*run));
	*run = (struct check_run){ .daemon = d, .hooks = *hooks, .arg = arg, .pending = 1 };
	run->deadline = evtimer_new(d->base, check_overdue, run);
	TAILQ_INSERT_TAIL(&d->checks, run, link);
	for (size_t i = 0; i < d->fleet->nwatches; i++) {
		const struct watch *w = d->fleet->watches[i];

		if (w->target == NULL || !selects_watch(&s, w))
			continue;
		run->pending++;
		longest_us = w->check->timeout_us > longest_us ? w->check->timeout_us : longest_us;
		target_probe(d->checker, w->target, check_done, run);
	}
	longest.tv_sec = (time_t)(longest_us / US_PER_S) + 1 + CHECK_GRACE_S;
	event_add(run->deadline, &longest);
	if (run->pending == 1) {
		snprintf(error, ERROR_TEXT, "%.300s has no checks", s.subject);
		check_free(run);
		return false;
	}
	/* The last: a probe that ended within target_probe() must not end the run before all have begun. */
	if (--run->pending == 0)
		check_end(run);
	return true;
}

/* From here on nobody is told: those who would be are gone. Removing a target still ends its probes. */
void
checks_mute(struct daemon *d)
{
	struct check_run *run;

	TAILQ_FOREACH(run, &d->checks, link)
		run->hooks = (struct daemon_check_hooks){ NULL, NULL };
}

void
checks_clear(struct daemon *d)
{
	struct check_run *run;

	while ((run = TAILQ_FIRST(&d->checks)) != NULL)
		check_free(run);
}
