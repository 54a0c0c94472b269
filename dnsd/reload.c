/* reload.c - another configuration, without losing a query or a verdict.
 *
 *   READ (a thread: configuration, checks, master files) ─► PREPARE (new sockets, new targets) ─►
 *   FIRST ROUND of the new targets; SEED (a thread: zones that homing.db has not yet) ─► SWITCH (one publication)
 *
 * Until the switch the old configuration serves, wholly. Whatever fails before it
 * is said completely and leaves nothing behind. The switch itself cannot fail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dnsd/daemon.h"
#include "dnsd/daemon_state.h"
#include "dnsd/limit.h"
#include "dnsd/snapshot.h"
#include "dnsd/systemd.h"

static void
reload_tell(struct daemon *d, const char *to, const char *text)
{
	struct daemon_event e = { EVENT_RELOAD, clock_wall_ms(), d->file, "", to, text };

	daemon_tell(d, &e, true);
}

/* The end of a reload, either way. */
static void
reload_end(struct daemon *d, bool ok)
{
	struct coming c = d->coming;
	size_t n = c.stage->diag.count + c.stage->diag.dropped;
	char text[256];

	if (ok)
		snprintf(text, sizeof(text), "reloaded; services: %zu, zones: %zu, checks on interfaces: %zu",
		    d->conf->nservices, d->conf->nzones, d->fleet->nwatches);
	else
		snprintf(text, sizeof(text), "reload refused, nothing changed: %zu mistake%s", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < c.stage->diag.count; i++)
		log_warnx("%s", c.stage->diag.messages[i]);
	reload_tell(d, ok ? "done" : "refused", text);
	systemd_ready();
	d->coming.stage = NULL;                /* so that done() may ask for another */
	coming_clear(d);
	if (c.done != NULL)
		c.done(c.done_arg, ok, &c.stage->diag);
	stage_free(c.stage);
	if (d->reload_again && d->coming.stage == NULL) {
		d->reload_again = false;
		daemon_reload(d, NULL, NULL);  /* who asked for this one has been told */
	}
	runtime_next(d->runtime);
}

static void
reload_refuse(struct daemon *d)
{
	udp_abandon(d->udp);
	tcp_abandon(d->tcp);
	tcp_abandon(d->tls);
	stage_unseed(d->coming.stage, d->store);
	fleet_free(d->coming.fleet, d->fleet);
	d->coming.fleet = NULL;
	reload_end(d, false);
}

static bool
texts_differ(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

/* Refuses what was prepared: the control socket is where it was, too. */
static void
reload_undo(struct daemon *d)
{
	char error[ERROR_TEXT];

	if (texts_differ(d->conf->daemon.control, d->coming.stage->conf->daemon.control) &&
	    !front_move(d->front, d->conf->daemon.control, error))
		log_errorx("%s", error);
	reload_refuse(d);
}

static void
warn_of_restart(const struct conf_daemon *now, const struct conf_daemon *next)
{
	static const char text[] = "server.%s changed: that takes effect when homingd is restarted";

	if (now->workers != next->workers)
		log_warnx(text, "workers");
	if (texts_differ(now->user, next->user))
		log_warnx(text, "user");
	if (texts_differ(now->state, next->state))
		log_warnx(text, "state");
}

static bool
reload_prepare(struct daemon *d)
{
	struct stage *s = d->coming.stage;
	const struct conf_daemon *next = &s->conf->daemon;
	const struct tcp_tls tls = { next->tls_certificate, next->tls_key };
	char error[ERROR_TEXT];

	if (!udp_prepare(d->udp, next->listen, next->nlisten, error, sizeof(error)))
		diag_add(&s->diag, d->file, 0, "server.listen", "%s", error);
	else if (!tcp_prepare(d->tcp, next->listen, next->nlisten, NULL, error, sizeof(error)))
		diag_add(&s->diag, d->file, 0, "server.listen", "%s", error);
	if (!tcp_prepare(d->tls, next->listen_tls, next->nlisten_tls, &tls, error, sizeof(error)))
		diag_add(&s->diag, d->file, 0, "server.listen_tls", "%s", error);
	d->coming.fleet = fleet_new(fits_conf(s->fits, s->conf), d->checker, d->overrides, d->fleet, &s->diag);
	if (s->diag.count == 0 && texts_differ(d->conf->daemon.control, next->control) &&
	    !front_move(d->front, next->control, error))
		diag_add(&s->diag, d->file, 0, "server.control", "%s", error);
	return s->diag.count == 0;
}

/* On a thread: long for a large zone. */
static void
reload_read(void *arg)
{
	struct daemon *d = arg;

	d->coming.stage->state = store_folder(d->store);
	if (!stage_conf(d->coming.stage, d->file))
		return;
	stage_objects(d->coming.stage, runtime_objects(d->runtime));
	rcu_register_thread();                 /* it looks at the editions that are transferred meanwhile */
	stage_zones(d->coming.stage, d->world);
	rcu_unregister_thread();
}

/* On a thread: homing.db gets the zones that it has not. */
static void
reload_seed(void *arg)
{
	struct daemon *d = arg;

	stage_seed(d->coming.stage, d->store);
}

static void
reload_was_seeded(void *arg)
{
	struct daemon *d = arg;

	d->coming.work = NULL;
	if (d->coming.stage->diag.count > 0)
		reload_undo(d);
	else
		event_active(d->round, 0, 0);
}

static void
reload_begin_seed(struct daemon *d)
{
	d->coming.work = work_start(d->base, reload_seed, reload_was_seeded, d);
	if (d->coming.work != NULL) {
		coming_wait(d);
		return;
	}
	diag_add(&d->coming.stage->diag, d->file, 0, NULL, "cannot start a thread to keep the zones");
	reload_undo(d);
}

static void
reload_was_read(void *arg)
{
	struct daemon *d = arg;

	d->coming.work = NULL;
	if (d->coming.stage->diag.count > 0 || !reload_prepare(d)) {
		reload_refuse(d);
		return;
	}
	warn_of_restart(&d->conf->daemon, &d->coming.stage->conf->daemon);
	if (stage_wants_seed(d->coming.stage))
		reload_begin_seed(d);
	else
		coming_wait(d);
}

/* What was counted by what goes. */
static void
totals_keep(struct daemon *d, const struct world *world, const struct terms *terms)
{
	uint64_t limited, slipped;

	limit_counters(terms->limit, &limited, &slipped);
	d->limited += limited;
	d->slipped += slipped;
	d->publications += world_publications(world);
}

void
reload_switch(struct daemon *d)
{
	struct stage *s = d->coming.stage;
	struct terms *old_terms = d->terms;
	struct world *old_world = d->world;
	const struct tcp_limits limits = { s->conf->daemon.tcp_clients, s->conf->daemon.tcp_idle_us };
	const struct chronicle_terms history = chronicle_terms_of(&s->conf->daemon);
	char error[ERROR_TEXT];

	updates_settle(d->updates);            /* the last ones of the old world, which the new one catches up with */
	if (stage_catch_up(s, old_world) && !udp_apply(d->udp, error, sizeof(error)))
		diag_add(&s->diag, d->file, 0, "server.listen", "%s", error);
	if (s->diag.count > 0) {
		reload_undo(d);
		return;
	}
	tcp_apply(d->tcp, &limits);
	tcp_apply(d->tls, &limits);
	fleet_take(d->coming.fleet, d->fleet);
	d->fleet = d->coming.fleet;
	d->coming.fleet = NULL;
	stage_tell(s, d->store);
	d->terms = terms_new(s->conf, d->reports, d->handover, ++d->terms_number, d->cookie_secret);
	d->world = coming_world(d, s->conf, d->terms);
	d->conf = s->conf;
	daemon_follow(d);
	chronicle_follow(d->chronicle, &history);
	d->loaded_ms = clock_wall_ms();
	decide_begin(d->decide, d->fleet, d->world, clock_mono_us());
	starts_drop(s, s->conf);
	s->conf = NULL;
	runtime_take(d->runtime, s->fits);
	daemon_announce(d, old_world);
	totals_keep(d, old_world, old_terms);
	world_retire(old_world, terms_free, old_terms);
	overrides_forget(d);
	daemon_rearm(d);
	reload_end(d, true);
}

void
daemon_reload(struct daemon *d, daemon_reload_fn done, void *arg)
{
	struct diag busy = { 0 };

	if (d->ready && !d->stopping && runtime_holds_reload(d->runtime, done, arg))
		return;
	if (d->coming.stage != NULL || d->stopping) {
		diag_add(&busy, d->file, 0, NULL, "%s", d->stopping ? "homingd is stopping" :
		    d->ready ? "a reload is under way (try again when it is done)" : "homingd is starting (wait until it is ready)");
		if (done != NULL)
			done(arg, false, &busy);
		diag_clear(&busy);
		return;
	}
	systemd_reloading();
	d->coming = (struct coming){ .stage = stage_new(), .done = done, .done_arg = arg };
	d->coming.work = work_start(d->base, reload_read, reload_was_read, d);
	if (d->coming.work == NULL) {
		diag_add(&d->coming.stage->diag, d->file, 0, NULL, "cannot start a thread to read it");
		reload_refuse(d);
	}
}
