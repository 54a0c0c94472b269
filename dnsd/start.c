/* start.c - from nothing to answering, and back.
 *
 *   bind sockets ─► become server.user ─► open the store, the control socket ─► begin probing
 *                                              └► load zones on a thread ─┐
 *   first round settled, or server.first_round is over ───────────────────┴► publish ─► read queries ─► READY
 *
 * Sockets are bound first, so that a second daemon is told at once and queries
 * wait in the kernel instead of being refused while the first round runs. */
#include "dnsd/start.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/daemon_state.h"
#include "dnsd/edition.h"
#include "dnsd/systemd.h"
#include "dnsd/privileges.h"
#include "dnsd/snapshot.h"
#include "zones/zone.h"

/* ---- the first round ---- */

static struct timeval
timeval_us(uint64_t us)
{
	return (struct timeval){ (time_t)(us / US_PER_S), (suseconds_t)(us % US_PER_S) };
}

static void
on_overdue(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	d->coming.overdue = true;
	event_active(d->round, 0, 0);
}

void
coming_wait(struct daemon *d)
{
	struct timeval longest = timeval_us(d->coming.stage->conf->daemon.first_round_us);

	d->coming.deadline = evtimer_new(d->base, on_overdue, d);
	evtimer_add(d->coming.deadline, &longest);
	event_active(d->round, 0, 0);          /* there may be nothing to wait for */
}

bool
coming_over(const struct daemon *d)
{
	const struct coming *c = &d->coming;

	return c->fleet != NULL && c->work == NULL && (c->overdue || fleet_settled(c->fleet));
}

void
coming_clear(struct daemon *d)
{
	if (d->coming.deadline != NULL)
		event_free(d->coming.deadline);
	work_cancel(d->coming.work);
	stage_free(d->coming.stage);
	d->coming = (struct coming){ NULL };
}

static void
tell_ready(struct daemon *d)
{
	char text[200];
	struct daemon_event e = { EVENT_READY, clock_wall_ms(), "homingd", "", "ready", text };

	snprintf(text, sizeof(text), "ready after %llu ms; services: %zu, zones: %zu, checks on interfaces: %zu%s",
	    (unsigned long long)(e.at_ms - d->started_ms), d->conf->nservices, d->conf->nzones, d->fleet->nwatches,
	    d->coming.overdue ? " (the first round is not complete: what was not probed counts as up)" : "");
	daemon_tell(d, &e, true);
}

/* The world has begun: what its beginning needed goes. */
void
starts_drop(struct stage *s, const struct conf *conf)
{
	world_starts_free(s->starts, conf->nzones);
	s->starts = NULL;
}

struct world *
coming_world(struct daemon *d, struct conf *conf, struct terms *terms)
{
	struct stage *s = d->coming.stage;
	uint32_t *loaded = mem_array(conf->nzones, sizeof(*loaded)), *current = mem_array(conf->nzones, sizeof(*current));
	struct world *w;

	for (size_t i = 0; i < conf->nzones; i++) {
		const struct edition *e = world_edition_of(d->world, conf->zones[i].name);

		loaded[i] = zone_serial(s->zones[i]);
		current[i] = e != NULL ? e->serial : 0;
	}
	serials_fill(d->serials, conf, s->starts);
	serials_promise(d->serials, conf, loaded, current);
	w = world_new(conf, s->zones, s->starts, &terms->snapshot, d->world);
	s->zones = NULL;
	free(loaded);
	free(current);
	return w;
}

static void
start_ready(struct daemon *d)
{
	char error[ERROR_TEXT];

	stage_tell(d->coming.stage, d->store);
	d->terms = terms_new(d->conf, d->reports, d->handover, ++d->terms_number, d->cookie_secret);
	d->world = coming_world(d, d->conf, d->terms);
	d->loaded_ms = clock_wall_ms();
	daemon_follow(d);
	decide_begin(d->decide, d->fleet, d->world, clock_mono_us());
	starts_drop(d->coming.stage, d->conf);
	d->coming.stage->conf = NULL;
	daemon_announce(d, NULL);
	overrides_forget(d);
	if (!udp_start(d->udp, error, sizeof(error)) || !tcp_start(d->tcp, error, sizeof(error)) ||
	    !tcp_start(d->tls, error, sizeof(error))) {
		log_errorx("%s", error);
		d->failed = true;
		event_base_loopbreak(d->base);
		return;
	}
	d->ready = true;
	tell_ready(d);
	systemd_ready();
	coming_clear(d);
	daemon_rearm(d);
	runtime_next(d->runtime);
}

static void
on_round(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (!coming_over(d))
		return;
	if (d->ready)
		reload_switch(d);
	else
		start_ready(d);
}

static void
zones_run(void *arg)
{
	struct daemon *d = arg;
	struct stage *s = d->coming.stage;

	if (!stage_zones(s, NULL))
		return;
	stage_history(s);
	if (stage_wants_seed(s))
		stage_seed(s, d->store);
}

static void
zones_done(void *arg)
{
	struct daemon *d = arg;
	const struct diag *diag = &d->coming.stage->diag;

	d->coming.work = NULL;
	for (size_t i = 0; i < diag->count; i++)
		log_errorx("%s", diag->messages[i]);
	if (diag->count > 0) {
		d->failed = true;
		event_base_loopbreak(d->base);
	} else {
		event_active(d->round, 0, 0);
	}
}

/* ---- signals ---- */

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	if (number != SIGHUP)
		daemon_stop(d);
	else if (d->coming.stage != NULL)
		d->reload_again = true;
	else
		daemon_reload(d, NULL, NULL);
}

static void
on_alive(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	systemd_alive();
}

static void
signals_watch(struct daemon *d)
{
	static const int numbers[] = { SIGHUP, SIGTERM, SIGINT };
	uint64_t alive_us = systemd_alive_interval_us();

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		d->signals[i] = evsignal_new(d->base, numbers[i], on_signal, d);
		event_add(d->signals[i], NULL);
	}
	if (alive_us > 0) {
		struct timeval every = timeval_us(alive_us);

		d->alive = event_new(d->base, -1, EV_PERSIST, on_alive, d);
		event_add(d->alive, &every);
	}
}

/* ---- start and stop ---- */

/* Probes of thousands of targets want as many descriptors as the machine allows. */
static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		log_warn("cannot raise the number of open files to %llu", (unsigned long long)limit.rlim_max);
}

/* The folder of a path, malloc'd. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? mem_text(".") : mem_printf("%.*s", (int)(slash - path), path);
}

static bool
become_user(const struct conf_daemon *daemon, char error[ERROR_TEXT])
{
	char *folder;
	bool ok;

	if (daemon->user == NULL)
		return true;
	folder = folder_of(daemon->control);
	ok = privileges_give(daemon->state, daemon->user, error, ERROR_TEXT) &&
	    /* only a folder of our own is given away: /run itself is not */
	    (strcmp(folder, "/run/homing") != 0 || privileges_give(folder, daemon->user, error, ERROR_TEXT)) &&
	    privileges_drop(daemon->user, error, ERROR_TEXT);
	free(folder);
	return ok;
}

static void
loop_make(struct daemon *d)
{
	struct event_config *config = event_config_new();

	/* The default clock is the coarse one, 4 ms behind; probes are timed by the millisecond. */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	d->base = event_base_new_with_config(config);
	event_config_free(config);
	d->flush = event_new(d->base, -1, 0, daemon_on_flush, d);
	d->due = evtimer_new(d->base, daemon_on_due, d);
	d->number = evtimer_new(d->base, daemon_on_number, d);
	d->reports = reports_new(d->base, daemon_on_report, d);
	d->handover = handover_new(d->base, daemon_on_handover, d);
	d->round = event_new(d->base, -1, 0, on_round, d);
	d->decide = decide_new(&daemon_decide_hooks, d);
	d->checker = checker_new(d->base, &daemon_checker_hooks, d);
}

static bool
sockets_open(struct daemon *d, char error[ERROR_TEXT])
{
	const struct conf_daemon *daemon = &d->conf->daemon;
	const struct tcp_limits limits = { daemon->tcp_clients, daemon->tcp_idle_us };
	const struct tcp_tls tls = { daemon->tls_certificate, daemon->tls_key };

	d->udp = udp_open(daemon->listen, daemon->nlisten, daemon->workers, error, ERROR_TEXT);
	if (d->udp != NULL)
		d->tcp = tcp_open(daemon->listen, daemon->nlisten, NULL, &limits, error, ERROR_TEXT);
	if (d->tcp != NULL)
		d->tls = tcp_open(daemon->listen_tls, daemon->nlisten_tls, &tls, &limits, error, ERROR_TEXT);
	return d->tls != NULL;
}

static bool
store_begin(struct daemon *d, char error[ERROR_TEXT])
{
	d->store = store_open(d->conf->daemon.state, error, ERROR_TEXT);
	if (d->store != NULL)
		d->overrides = overrides_new(d->store, error, ERROR_TEXT);
	if (d->overrides != NULL)
		d->runtime = runtime_new(d, error);
	return d->runtime != NULL;
}

static bool
probes_begin(struct daemon *d)
{
	struct stage *s = d->coming.stage;
	struct diag *diag = &s->diag;

	stage_objects(s, runtime_objects(d->runtime));
	runtime_take(d->runtime, s->fits);
	d->fleet = fleet_new(d->amended != NULL ? d->amended : d->conf, d->checker, d->overrides, NULL, diag);
	for (size_t i = 0; i < diag->count; i++)
		log_errorx("%s", diag->messages[i]);
	if (d->fleet == NULL)
		return false;
	decide_begin(d->decide, d->fleet, NULL, clock_mono_us());
	d->coming.fleet = d->fleet;
	return true;
}

static bool
daemon_start(struct daemon *d)
{
	struct chronicle_terms history = chronicle_terms_of(&d->conf->daemon);
	char error[ERROR_TEXT] = "";

	descriptors_raise();
	if (getrandom(d->cookie_secret, sizeof(d->cookie_secret), 0) != sizeof(d->cookie_secret)) {
		log_error("no random bytes for cookies");
		return false;
	}
	if (!sockets_open(d, error) || !become_user(&d->conf->daemon, error) || !store_begin(d, error)) {
		log_errorx("%s", error);
		return false;
	}
	loop_make(d);
	d->serials = serials_new(d->store, d->base, error, ERROR_TEXT);
	if (d->serials != NULL)
		d->chronicle = chronicle_new(d->store, d->base, &history, error, ERROR_TEXT);
	if (d->chronicle == NULL) {
		log_errorx("%s", error);
		return false;
	}
	d->updates = updates_new(d, error, ERROR_TEXT);
	if (d->updates == NULL) {
		log_errorx("%s", error);
		return false;
	}
	d->front = front_start(d, d->conf->daemon.control, error);
	if (d->front == NULL) {
		log_errorx("%s", error);
		return false;
	}
	if (!probes_begin(d))
		return false;
	signals_watch(d);
	d->coming.stage->state = store_folder(d->store);
	d->coming.work = work_start(d->base, zones_run, zones_done, d);
	if (d->coming.work == NULL) {
		log_error("cannot start a thread to load the zones");
		return false;
	}
	coming_wait(d);
	return true;
}

static void
daemon_free(struct daemon *d)
{
	if (d->updates != NULL)
		updates_settle(d->updates);    /* the API's calls end */
	front_stop(d->front);
	udp_close(d->udp);                     /* what came to it is handed over */
	if (d->updates != NULL)
		updates_end(d->updates);
	tcp_close(d->tcp);
	tcp_close(d->tls);
	checks_mute(d);
	runtime_free(d->runtime);
	if (d->coming.fleet != d->fleet)
		fleet_free(d->coming.fleet, d->fleet);
	fleet_free(d->fleet, NULL);
	if (d->coming.stage != NULL && d->coming.stage->conf == d->conf)
		d->conf = NULL;                /* the stage still owns it */
	coming_clear(d);
	updates_free(d->updates);
	decide_free(d->decide);
	checker_free(d->checker);
	checks_clear(d);
	conf_free(d->amended);
	if (d->world != NULL) {
		/* What nobody was told yet gets its serial too: what is kept is what was answered last. */
		world_number(d->world, UINT64_MAX, daemon_numbered, d);
		serials_keep(d->serials, d->conf, d->world);
		notify_free(d->notify);
		secondaries_free(d->secondaries);
		world_retire(d->world, terms_free, d->terms);
	} else {
		conf_free(d->conf);
	}
	snapshot_close();
	reports_free(d->reports);
	handover_free(d->handover);
	serials_free(d->serials);
	chronicle_free(d->chronicle);
	overrides_free(d->overrides);
	store_close(d->store);
	for (size_t i = 0; i < sizeof(d->signals) / sizeof(*d->signals); i++)
		if (d->signals[i] != NULL)
			event_free(d->signals[i]);
	if (d->alive != NULL)
		event_free(d->alive);
	if (d->base != NULL) {
		event_free(d->flush);
		event_free(d->due);
		event_free(d->number);
		event_free(d->round);
		event_base_free(d->base);
	}
}

int
daemon_run(const char *file, struct stage *stage)
{
	struct daemon d = { .file = file, .conf = stage->conf, .coming = { .stage = stage }, .started_ms = clock_wall_ms() };
	bool started;

	TAILQ_INIT(&d.listeners);
	TAILQ_INIT(&d.checks);
	snapshot_open();
	log_info("homingd " HOMING_VERSION " starts with %s", file);
	started = daemon_start(&d);
	if (started)
		event_base_dispatch(d.base);
	daemon_free(&d);
	if (!started || d.failed)
		return 1;
	log_info("stopped");
	return 0;
}

void
daemon_stop(struct daemon *d)
{
	struct daemon_event e = { EVENT_STOP, clock_wall_ms(), "homingd", "", "stopping", "stopping" };
	/* For the reply to whoever asked for it over the API. */
	struct timeval soon = { 0, 20000 };

	if (d->stopping)
		return;
	d->stopping = true;
	systemd_stopping();
	daemon_tell(d, &e, true);
	event_base_loopexit(d->base, &soon);
}
