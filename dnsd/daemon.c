/* daemon.c - what is, what happens, and who is told. */
#include "dnsd/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/daemon_state.h"
#include "dnsd/edition.h"
#include "dnsd/limit.h"
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
	tcp_counters(d->tls, &out->queries_tls, &out->tls_open);
	out->publications = d->publications + (d->world != NULL ? world_publications(d->world) : 0);
	limit_counters(d->terms != NULL ? d->terms->limit : NULL, &out->limited, &out->slipped);
	out->limited += d->limited;
	out->slipped += d->slipped;
	if (d->secondaries != NULL)
		secondaries_totals(d->secondaries, &out->transfers);
	updates_totals(d->updates, &out->updates);
	if (d->reports != NULL)
		out->transfers.reports_dropped = reports_dropped(d->reports);
	out->transfers.under_way = tcp_transfers(d->tcp) + tcp_transfers(d->tls);
}

void
daemon_zone(const struct daemon *d, size_t i, struct daemon_zone *out)
{
	const struct edition *e = world_edition(d->world, i);

	*out = (struct daemon_zone){
		.conf = &d->conf->zones[i], .serial = e->serial, .names = zone_names(world_zone(d->world, i)), .loaded_ms = d->loaded_ms,
		.numbered_ms = e->at_ms, .history_steps = e->nhistory, .nsecondaries = daemon_secondaries(d, i, NULL, 0),
	};
	for (size_t k = 0; k < e->nhistory; k++)
		out->history_bytes += e->history[k]->gone_size + e->history[k]->come_size;
}

size_t
daemon_zones(const struct daemon *d, struct daemon_zone *out, size_t room)
{
	if (d->world == NULL)
		return 0;
	for (size_t i = 0; i < d->conf->nzones && i < room; i++)
		daemon_zone(d, i, &out[i]);
	return d->conf->nzones;
}

size_t
daemon_secondaries(const struct daemon *d, size_t i, struct daemon_secondary *out, size_t room)
{
	return d->world != NULL ? secondaries_list(d->secondaries, d->notify, world_edition(d->world, i), i, out, room) : 0;
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

const struct chronicle *
daemon_chronicle(const struct daemon *d)
{
	return d->chronicle;
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
	chronicle_add(d->chronicle, e);
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

static void
timer_set(struct event *timer, uint64_t due_us, uint64_t now_us)       /* 0: nothing is due */
{
	uint64_t left = due_us > now_us ? due_us - now_us : 0;

	if (due_us == 0)
		event_del(timer);
	else
		event_add(timer, &(struct timeval){ (time_t)(left / US_PER_S), (suseconds_t)(left % US_PER_S) });
}

/* When the next override expires, on the other clock; 0: none does. */
static uint64_t
expiry_due_us(const struct daemon *d, uint64_t now_us)
{
	uint64_t now_ms = clock_wall_ms(), expiry_ms = overrides_next_expiry_ms(d->overrides), left_us;

	if (expiry_ms == 0)
		return 0;
	left_us = expiry_ms > now_ms ? (expiry_ms - now_ms) * US_PER_MS : 0;
	/* A minute at most: the wall clock may be set meanwhile. */
	return now_us + (left_us < 60 * US_PER_S ? left_us : 60 * US_PER_S);
}

void
daemon_rearm(struct daemon *d)
{
	uint64_t now_us = clock_mono_us(), due_us = decide_due_us(d->decide), expiry_us = expiry_due_us(d, now_us);

	if (due_us == 0 || (expiry_us != 0 && expiry_us < due_us))
		due_us = expiry_us;
	timer_set(d->due, due_us, now_us);
	timer_set(d->number, d->world != NULL ? world_due_us(d->world) : 0, now_us);
}

/* ---- numbering ---- */

void
daemon_on_number(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	uint64_t now_us = clock_mono_us();

	(void)fd;
	(void)what;
	world_number(d->world, now_us, daemon_numbered, d);
	log_debug("numbered in %.3f ms", (double)(clock_mono_us() - now_us) / 1000);
	daemon_rearm(d);
}

static void
daemon_notify(struct daemon *d, size_t zone, const struct edition *e)
{
	notify_zone(d->notify, zone, e->serial, node_rrset(zone_at(e->zone, zone_apex(e->zone)), TYPE_SOA)->bytes);
}

/* A flapping member numbers its zone several times a second: a line each is for -d. */
void
daemon_numbered(void *arg, size_t zone, const struct edition *e)
{
	struct daemon *d = arg;
	const struct conf_zone *conf = &d->conf->zones[zone];
	const struct changes *step = e->nhistory > 0 ? e->history[e->nhistory - 1] : NULL;
	char serial[16], text[DNAME_TEXT + 100];
	struct daemon_event event = { EVENT_ZONE, clock_wall_ms(), conf->text, "", serial, text };

	snprintf(serial, sizeof(serial), "%u", e->serial);
	if (step != NULL)
		snprintf(text, sizeof(text), "%s serial %s: %u records gone, %u come", conf->text, serial, step->gone, step->come);
	else
		snprintf(text, sizeof(text), "%s serial %s", conf->text, serial);
	log_debug("%s", text);
	daemon_tell(d, &event, false);
	serials_used(d->serials, conf->text, e->serial);
	daemon_notify(d, zone, e);
}

void
daemon_follow(struct daemon *d)
{
	struct notify *notify = notify_new(d->base, d->conf, d->terms->keys, on_event, d);
	struct secondaries *secondaries = secondaries_new(d->base, d->conf);

	notify_take(notify, d->notify);
	secondaries_take(secondaries, d->secondaries);
	notify_free(d->notify);
	secondaries_free(d->secondaries);
	d->notify = notify;
	d->secondaries = secondaries;
}

void
daemon_announce(struct daemon *d, const struct world *old)
{
	for (size_t i = 0; i < d->conf->nzones; i++) {
		const struct edition *e = world_edition(d->world, i), *before = world_edition_of(old, d->conf->zones[i].name);

		if (before == NULL || before->serial != e->serial)
			daemon_numbered(d, i, e);
		else
			daemon_notify(d, i, e);        /* a target may be new */
	}
	daemon_rearm(d);
}

void
daemon_on_report(void *arg, const struct report *r)
{
	struct daemon *d = arg;

	if (d->secondaries != NULL)            /* whatever came before a world was there to be transferred */
		secondaries_report(d->secondaries, r);
}

void
daemon_on_handover(void *arg)
{
	struct daemon *d = arg;

	updates_take(d->updates);
}

/* ---- records ---- */

const struct zone *
daemon_zone_version(const struct daemon *d, size_t i, bool *ahead)
{
	*ahead = d->world != NULL && world_is_ahead(d->world, i);
	return d->world != NULL ? world_zone(d->world, i) : NULL;
}

void
daemon_update(struct daemon *d, struct update *update, const char *owner, daemon_update_fn *done, void *arg)
{
	const struct updater admin = { .admin = true };

	updates_submit(d->updates, update, &admin, owner, done, arg);
}

const struct edition *
daemon_edition(struct daemon *d, size_t i)
{
	const struct edition *e;

	if (d->world == NULL)
		return NULL;
	if (world_is_ahead(d->world, i)) {
		world_catch_up(d->world, i, clock_mono_us(), daemon_numbered, d);
		daemon_rearm(d);
	}
	e = world_edition(d->world, i);
	edition_hold(e);
	return e;
}

/* ---- export ---- */

struct daemon_export {
	bool configured;
	const struct edition *edition;         /* held */
	struct zone_walk *walk;
};

enum { EXPORT_PIECE = 64 << 10 };

struct daemon_export *
daemon_export_new(struct daemon *d, const char *zone, bool configured)
{
	uint8_t name[DNAME_MAX];
	const struct edition *e = NULL;
	struct daemon_export *x;
	size_t i;

	if (d->world == NULL || dname_parse(zone, name) == 0)
		return NULL;
	if (world_zone_of(d->world, name, &i) != NULL && dname_equal(d->conf->zones[i].name, name))
		e = daemon_edition(d, i);      /* its world is ours: it holds it too */
	if (e == NULL)
		return NULL;
	x = mem_alloc(sizeof(*x));
	x->configured = configured;
	x->edition = e;
	x->walk = zone_walk_new(e->zone);
	return x;
}

/* Is the line, of a service's name, one that is governed? It is owner, TTL, class, type. */
static bool
line_is_governed(const char *line)
{
	for (unsigned field = 0; field < 3; field++) {
		line += strcspn(line, "\t\n");
		line += *line == '\t';
	}
	return strncmp(line, "A\t", 2) == 0 || strncmp(line, "AAAA\t", 5) == 0;
}

/* Takes lines, malloc'd; what is governed is behind a semicolon then. */
static char *
lines_comment(char *lines, size_t *size)
{
	char *out, *p;
	size_t n = 1;

	for (const char *c = lines; *c != '\0'; c++)
		n += *c == '\n';
	p = out = mem_alloc(*size + 2 * n);
	for (const char *line = lines, *end; *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		end += *end == '\n';
		if (line_is_governed(line))
			p = stpcpy(p, "; ");
		p = mempcpy(p, line, (size_t)(end - line));
	}
	*size = (size_t)(p - out);
	free(lines);
	return out;
}

static char *
export_node(const struct daemon_export *x, const struct node *n, size_t *size)
{
	char *lines;

	if (!x->configured)
		return node_print(n, size);
	lines = node_print(node_configured(x->edition->zone, n), size);
	return (node_flags(n) & NODE_SERVICE) != 0 ? lines_comment(lines, size) : lines;
}

char *
daemon_export_next(struct daemon_export *x, size_t *size)
{
	const struct node *n;
	char *piece = NULL;

	*size = 0;
	while (*size < EXPORT_PIECE && (n = zone_walk_next(x->walk)) != NULL) {
		size_t length;
		char *lines = export_node(x, n, &length);

		piece = mem_resize(piece, *size + length + 1);
		memcpy(piece + *size, lines, length);
		*size += length;
		piece[*size] = '\0';
		free(lines);
	}
	return piece;
}

void
daemon_export_free(struct daemon_export *x)
{
	if (x == NULL)
		return;
	zone_walk_free(x->walk);
	edition_let_go(x->edition);
	free(x);
}
