/* checker.c - probes interfaces on schedule: the scheduler, the probers and the event loop put together.
 *
 *    libevent ── timer: earliest due time ──┐
 *             └─ the poller is readable ────┤
 *                                           ▼
 *    turn:  read replies ─► do what is due ─► send what was batched ─► read what is there already
 *                ▲                                                            │
 *                └────────────── while more is due, TURN_ROUNDS times ────────┘  then arm the timer
 *
 * Everything that a probe's end causes (a follow-up, a verdict, the daemon's
 * new answer through the hooks) happens in the turn that read it. */
#include "checker/checker.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/aim.h"
#include "checker/http.h"
#include "checker/path.h"
#include "checker/ping.h"
#include "checker/sched.h"
#include "checker/tcp.h"

/* A turn goes on for some 64 x 16 starts, then the rest of the daemon has its chance. */
enum { TURN_ROUNDS = 16 };

enum { PROBER_PING, PROBER_TCP, PROBER_HTTP, PROBERS };

struct checker {
	struct sched *sched;
	struct poller *poller;
	struct path *path;
	struct prober *probers[PROBERS];
	struct event *timer, *readable;
	uint64_t armed_us;             /* what the timer is set to; UINT64_MAX: it is not */
	struct checker_hooks hooks;
	void *hook_arg;
	uint64_t locals, locals_said_us;       /* local failures since they were last mentioned */
};

/* ---- the turn ---- */

static void
checker_drain(void *arg, uint64_t now_us)
{
	struct checker *c = arg;

	poller_run(c->poller, now_us);
	for (size_t i = 0; i < PROBERS; i++)
		if (c->probers[i]->kind->drain != NULL)
			c->probers[i]->kind->drain(c->probers[i], now_us);
}

static void
checker_flush(struct checker *c, uint64_t now_us)
{
	for (size_t i = 0; i < PROBERS; i++)
		if (c->probers[i]->kind->flush != NULL)
			c->probers[i]->kind->flush(c->probers[i], now_us);
}

static bool
checker_excuse(void *arg, struct aim *aim, uint64_t since_us, uint64_t now_us, char *detail, size_t size)
{
	struct checker *c = arg;

	return path_failed(c->path, aim, since_us, now_us, detail, size);
}

static void
checker_arm(struct checker *c)
{
	uint64_t due_us = sched_due(c->sched), now_us, wait_us;
	struct timeval tv;

	if (due_us == c->armed_us)
		return;
	c->armed_us = due_us;
	if (due_us == UINT64_MAX) {
		event_del(c->timer);
		return;
	}
	now_us = clock_mono_us();
	wait_us = due_us > now_us ? due_us - now_us : 0;
	tv = (struct timeval){ .tv_sec = (time_t)(wait_us / US_PER_S), .tv_usec = (suseconds_t)(wait_us % US_PER_S) };
	event_add(c->timer, &tv);
}

/* What is due already when a turn ends is left for the next one, with a look at everybody else in between. */
static void
checker_turn(struct checker *c)
{
	uint64_t now_us = clock_mono_us();

	for (int round = 0; round < TURN_ROUNDS && sched_due(c->sched) <= now_us; round++) {
		sched_run(c->sched, now_us);
		checker_flush(c, now_us);
		now_us = clock_mono_us();
		checker_drain(c, now_us);
	}
	checker_arm(c);
}

static void
on_timer(evutil_socket_t fd, short events, void *arg)
{
	struct checker *c = arg;

	(void)fd;
	(void)events;
	c->armed_us = UINT64_MAX;
	checker_turn(c);
}

static void
on_readable(evutil_socket_t fd, short events, void *arg)
{
	struct checker *c = arg;

	(void)fd;
	(void)events;
	checker_drain(c, clock_mono_us());
	checker_turn(c);
}

/* ---- hooks ---- */

/* Our own failures are no target's news, but somebody has to hear of them: one line a minute. */
static void
locals_note(struct checker *c, const struct target *t)
{
	const struct target_view *v = target_view(t);

	c->locals++;
	if (c->locals_said_us != 0 && v->ended_us < c->locals_said_us + 60 * US_PER_S)
		return;
	log_warnx("%llu probe%s failed for reasons of our own, the last for %s: %s", (unsigned long long)c->locals,
	    c->locals == 1 ? "" : "s", target_conf(t)->label, v->detail);
	c->locals = 0;
	c->locals_said_us = v->ended_us;
}

static void
on_changed(void *arg, struct target *t, enum verdict_value from)
{
	struct checker *c = arg;

	if (c->hooks.changed != NULL)
		c->hooks.changed(c->hook_arg, t, from);
}

static void
on_probed(void *arg, struct target *t)
{
	struct checker *c = arg;

	if (target_view(t)->reason == PROBE_LOCAL)
		locals_note(c, t);
	if (c->hooks.probed != NULL)
		c->hooks.probed(c->hook_arg, t);
}

/* ---- the checker ---- */

static bool
checker_probers(struct checker *c)
{
	c->probers[PROBER_PING] = ping_new(c->poller);
	c->probers[PROBER_TCP] = tcp_new(c->poller);
	c->probers[PROBER_HTTP] = http_new(c->poller);
	for (size_t i = 0; i < PROBERS; i++)
		if (c->probers[i] == NULL)
			return false;
	return true;
}

/* OpenSSL writes to sockets without MSG_NOSIGNAL: a peer that goes away must not end the process. Who
 * handles the signal already is left alone. */
static void
signal_ignore_pipe(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

static uint64_t
checker_seed(void)
{
	uint64_t seed;

	return getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed : clock_mono_us();
}

struct checker *
checker_new(struct event_base *base, const struct checker_hooks *hooks, void *arg)
{
	struct checker *c = mem_alloc(sizeof(*c));
	struct sched_ops ops = { .drain = checker_drain, .excuse = checker_excuse, .arg = c };
	struct checker_hooks inner = { .changed = on_changed, .probed = on_probed };

	signal_ignore_pipe();
	if (hooks != NULL)
		c->hooks = *hooks;
	c->hook_arg = arg;
	c->armed_us = UINT64_MAX;
	c->sched = sched_new(&ops, &inner, c, checker_seed());
	c->poller = poller_new();
	if (c->poller == NULL || !checker_probers(c)) {
		log_error("checker");
		checker_free(c);
		return NULL;
	}
	c->path = path_new(c->poller);
	if (c->path == NULL)
		log_warn("rtnetlink: a time-out on a link of ours that is down will be taken for the target's");
	c->timer = evtimer_new(base, on_timer, c);
	c->readable = event_new(base, poller_fd(c->poller), EV_READ | EV_PERSIST, on_readable, c);
	event_add(c->readable, NULL);
	return c;
}

void
checker_free(struct checker *c)
{
	if (c == NULL)
		return;
	if (c->timer != NULL)
		event_free(c->timer);
	if (c->readable != NULL)
		event_free(c->readable);
	sched_free(c->sched);
	for (size_t i = 0; i < PROBERS; i++)
		if (c->probers[i] != NULL)
			c->probers[i]->kind->close(c->probers[i]);
	path_free(c->path);
	poller_free(c->poller);
	free(c);
}

static struct prober *
checker_prober(const struct checker *c, const struct target_conf *conf)
{
	switch (conf->check->type) {
	case CHECK_PING:
		return c->probers[PROBER_PING];
	case CHECK_TCP:
		return c->probers[PROBER_TCP];
	case CHECK_HTTP:
	case CHECK_HTTPS:
		return c->probers[PROBER_HTTP];
	}
	abort();                               /* a check of no type */
}

struct target *
checker_add(struct checker *c, const struct target_conf *conf, uint64_t spread_us, void *user, char *error, size_t error_size)
{
	struct target *t = sched_add(c->sched, checker_prober(c, conf), conf, spread_us, user, clock_mono_us(), error, error_size);

	checker_arm(c);
	return t;
}

void
checker_remove(struct checker *c, struct target *t)
{
	(void)c;
	sched_remove(t);
}

bool
target_update(struct checker *c, struct target *t, const struct target_conf *conf, void *user, char *error, size_t error_size)
{
	bool done = sched_update(t, checker_prober(c, conf), conf, user, clock_mono_us(), error, error_size);

	checker_arm(c);
	return done;
}

bool
target_conf_check(const struct target_conf *conf, char *error, size_t error_size)
{
	struct prober *prober = conf->check->type == CHECK_PING ? ping_new(NULL) :
	    conf->check->type == CHECK_TCP ? tcp_new(NULL) : http_new(NULL);
	struct aim aim;
	bool good;

	if (prober == NULL) {
		snprintf(error, error_size, "libcurl cannot start");
		return false;
	}
	good = aim_prepare(&aim, prober, conf, error, error_size);
	if (good)
		aim_release(&aim);
	prober->kind->close(prober);
	return good;
}

void
target_probe(struct checker *c, struct target *t, probe_done_fn done, void *arg)
{
	sched_ask(t, done, arg);
	checker_arm(c);
}

void
checker_stats(const struct checker *c, struct checker_stats *out)
{
	sched_stats(c->sched, out);
}
