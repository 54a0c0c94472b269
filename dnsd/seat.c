/* seat.c - what holds for an interface.
 *
 *   verdicts of its watches          override that holds      state
 *   any down                         none                     down
 *   none down, any unknown (or none) none                     unknown
 *   all up                           none                     up
 *   whatever                         drained / up / down      drained / forced up / forced down
 *
 * Failback (RETURNING is returns_us != 0):
 *
 *   DOWN -verdict up, a worse tier is answered-> RETURNING -failback_delay without a doubt-> UP
 *                                                RETURNING -a doubt begins or ends-> waits from the start
 *                                                RETURNING -verdict down-> DOWN
 *                                                RETURNING -nobody else is usable, or an override-> UP
 *
 * Only a measured recovery waits: an operator who releases a member means now.
 *
 * A member that was added at run time is unproven until its first verdict: whoever adds one does so before it works as often as after. */
#include "dnsd/seat.h"

#include <stdio.h>

#include "dnsd/overrides.h"

/* Enough for SERVICE:SERVER; a longer subject cannot have been set. */
enum { SUBJECT_TEXT = DNAME_TEXT + LABEL_MAX + 2 };

static const struct override *
iface_override(const struct fleet *f, const struct iface *iface)
{
	const struct conf_fabric *fabric = iface->conf->fabric;
	const struct override *o = overrides_find(f->overrides, iface->label);

	if (o == NULL)
		o = overrides_find(f->overrides, iface->host->conf->name);
	if (o == NULL && fabric != NULL)
		o = overrides_find(f->overrides, fabric->name);
	return o;
}

static const struct override *
seat_override(const struct fleet *f, const struct seat *seat)
{
	char subject[SUBJECT_TEXT];
	const struct override *o;

	snprintf(subject, sizeof(subject), "%s:%s", seat->service->conf->text, seat->iface->host->conf->name);
	o = overrides_find(f->overrides, subject);
	return o != NULL ? o : iface_override(f, seat->iface);
}

static enum state
state_of(enum verdict_value verdict, const struct override *o)
{
	static const enum state overridden[] = {
		[OVERRIDE_DRAINED] = STATE_DRAINED, [OVERRIDE_UP] = STATE_FORCED_UP, [OVERRIDE_DOWN] = STATE_FORCED_DOWN,
	};
	static const enum state measured[] = {
		[VERDICT_UNKNOWN] = STATE_UNKNOWN, [VERDICT_UP] = STATE_UP, [VERDICT_DOWN] = STATE_DOWN,
	};

	return o != NULL ? overridden[o->state] : measured[verdict];
}

static enum verdict_value
watch_verdict(const struct watch *w)
{
	return w->target != NULL ? target_view(w->target)->verdict.value : VERDICT_UNKNOWN;
}

/* Down if any is, else unknown if any is; no watch at all has measured nothing. */
static enum verdict_value
worst_verdict(struct watch *const *watches, size_t n)
{
	enum verdict_value worst = n > 0 ? VERDICT_UP : VERDICT_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		enum verdict_value v = watch_verdict(watches[i]);

		if (v == VERDICT_DOWN)
			return v;
		if (v == VERDICT_UNKNOWN)
			worst = v;
	}
	return worst;
}

static bool
any_doubt(const struct seat *seat)
{
	for (size_t i = 0; i < seat->nwatches; i++)
		if (seat->watches[i]->target == NULL || target_view(seat->watches[i]->target)->doubt)
			return true;
	return false;
}

static bool
seat_must_wait(const struct seat *seat)
{
	const struct service *s = seat->service;

	return s->conf->failback_delay_us > 0 && s->choice.tier > seat->tier;
}

bool
seat_refresh(const struct fleet *f, struct seat *seat, uint64_t now_us)
{
	struct candidate before = *seat->candidate, *c = seat->candidate;
	enum state was = seat->state;
	const struct override *held = seat->override;

	seat->verdict = worst_verdict(seat->watches, seat->nwatches);
	seat->override = seat_override(f, seat);
	seat->state = state_of(seat->verdict, seat->override);
	c->state = seat->state;
	c->doubt = seat->override == NULL && any_doubt(seat);
	if (seat->state != was) {
		bool recovered = was == STATE_DOWN && seat->state == STATE_UP && held == NULL;

		seat->changed_us = now_us;
		seat->returns_us = recovered && seat_must_wait(seat) ? now_us + seat->service->conf->failback_delay_us : 0;
	} else if (seat->returns_us != 0 && c->doubt != before.doubt) {
		seat->returns_us = now_us + seat->service->conf->failback_delay_us;
	}
	c->returning = seat->returns_us != 0;
	seat->unproven = seat->unproven && seat->nwatches > 0 && seat->verdict == VERDICT_UNKNOWN;
	c->unproven = seat->unproven && seat->state == STATE_UNKNOWN;  /* an operator's word is proof enough */
	return c->state != before.state || c->doubt != before.doubt || c->returning != before.returning || c->unproven != before.unproven;
}

void
seat_end_wait(struct seat *seat)
{
	seat->returns_us = 0;
	seat->candidate->returning = false;
}

bool
seat_return(struct seat *seat, uint64_t now_us)
{
	if (seat->returns_us == 0 || seat->returns_us > now_us || seat->candidate->doubt)
		return false;
	seat_end_wait(seat);
	return true;
}

/* Its own checks judge it. Where it has none, the services' do: it is down when not one of them gets through. */
static enum verdict_value
iface_verdict(const struct iface *iface)
{
	size_t own = 0;
	enum verdict_value best = VERDICT_DOWN;

	while (own < iface->nwatches && iface->watches[own]->own)
		own++;
	if (own > 0 || iface->nwatches == 0)
		return worst_verdict(iface->watches, own);
	for (size_t i = 0; i < iface->nwatches; i++) {
		enum verdict_value v = watch_verdict(iface->watches[i]);

		if (v == VERDICT_UP)
			return v;
		if (v == VERDICT_UNKNOWN)
			best = v;
	}
	return best;
}

static enum state
host_state(const struct host *host)
{
	enum state best = host->ifaces[0].state;

	for (size_t i = 0; i < host->nifaces; i++) {
		enum state s = host->ifaces[i].state;

		if (s == STATE_UP || s == STATE_FORCED_UP)
			return s;
		if (state_usable(s) || (!state_usable(best) && s == STATE_DOWN))
			best = s;
	}
	return best;
}

bool
iface_refresh(const struct fleet *f, struct iface *iface, uint64_t now_us)
{
	enum state was = iface->state;

	iface->verdict = iface_verdict(iface);
	iface->override = iface_override(f, iface);
	iface->state = state_of(iface->verdict, iface->override);
	iface->host->state = host_state(iface->host);  /* also where the interface's was carried over: the host is another one */
	if (iface->state != was)
		iface->changed_us = now_us;
	return iface->state != was;
}

enum state
service_state(const struct service *s)
{
	enum state state = STATE_DOWN;

	for (size_t i = 0; i < s->nseats; i++) {
		enum state seat = s->seats[i].state;

		if (seat == STATE_UP || seat == STATE_FORCED_UP)
			return STATE_UP;
		if (seat == STATE_UNKNOWN && !s->candidates[i].unproven)
			state = STATE_UNKNOWN;
	}
	return state;
}
