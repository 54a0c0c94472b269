/* status.c - what an operator wants first: all that is not as it should be, then totals. */
#include <stdio.h>
#include <stdlib.h>

#include "api/call.h"
#include "api/model.h"
#include "api/show.h"
#include "base/mem.h"
#include "dnsd/daemon.h"
#include "dnsd/objects.h"

/* A secondary that is not in step after so long is worth a line. */
enum { BEHIND_MS = 5000 };

static void
problem_add(json_t *list, const char *kind, const char *name, enum state state, json_t *reason, json_t *since)
{
	json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:o, s:o}", "kind", kind, "name", text_json(name),
	    "state", state_text(state), "reason", reason, "since", since));
}

/* What an operator forced up is listed with the overrides. */
static bool
is_calm(enum state state)
{
	return state == STATE_UP || state == STATE_FORCED_UP;
}

/* An interface that nothing checks is unknown for good, and meant so. */
static void
interfaces_add(json_t *list, const struct host *h, struct moment now)
{
	for (size_t i = 0; i < h->nifaces; i++) {
		const struct iface *f = &h->ifaces[i];

		if (!is_calm(f->state) && (f->nwatches > 0 || f->state != STATE_UNKNOWN))
			problem_add(list, "interface", f->label, f->state, model_iface_reason(f), mono_json(f->changed_us, now));
	}
}

static void
server_add(json_t *list, const struct host *h)
{
	if (h->state == STATE_DOWN)
		problem_add(list, "server", h->conf->name, h->state, json_string("no interface is usable"), json_null());
}

static json_t *
service_reason(const struct service *s)
{
	char text[128];

	if (s->state != STATE_DOWN)
		return json_string("no member has been found up yet");
	snprintf(text, sizeof(text), "no member is usable: all_down = \"%s\" decides", all_down_text(s->conf->all_down));
	return json_string(text);
}

/* A member shows where the interface does not say the same already: "www.example.com:db1/a". */
static void
members_add(json_t *list, const struct service *s, struct moment now)
{
	char name[DNAME_TEXT + 2 * LABEL_MAX + 3];

	for (size_t i = 0; i < s->nseats; i++) {
		const struct seat *seat = &s->seats[i];

		if (is_calm(seat->state) || seat->state == seat->iface->state ||
		    (seat->nwatches == 0 && seat->state == STATE_UNKNOWN))
			continue;
		snprintf(name, sizeof(name), "%s:%s", s->conf->text, seat->iface->label);
		problem_add(list, "member", name, seat->state, model_seat_reason(seat), mono_json(seat->changed_us, now));
	}
}

static bool
has_checks(const struct service *s)
{
	for (size_t i = 0; i < s->nseats; i++)
		if (s->seats[i].nwatches > 0)
			return true;
	return false;
}

/* ---- secondaries: one line for each, however many zones it is told of ---- */

struct laggard {
	struct addr address;
	bool failing;
	size_t zones;
	const char *zone;              /* the one that has been so for longest: */
	uint64_t ms;
	char reason[160];
};

struct laggards {
	struct laggard *list;
	size_t count;
};

static struct laggard *
laggard_of(struct laggards *l, const struct addr *address)
{
	for (size_t i = 0; i < l->count; i++)
		if (addr_equal(&l->list[i].address, address))
			return &l->list[i];
	l->list = mem_grow(l->list, l->count, sizeof(*l->list));
	l->list[l->count] = (struct laggard){ .address = *address };
	return &l->list[l->count++];
}

static void
laggard_note(struct laggards *l, const struct conf_zone *z, const struct daemon_secondary *s, struct moment now)
{
	uint64_t ms = s->failing ? now.wall_ms - s->notified_ms : s->lag_ms;
	struct laggard *g;

	if (!s->configured || (!s->failing && (s->behind == 0 || s->lag_ms < BEHIND_MS)))
		return;
	g = laggard_of(l, &s->address);
	g->zones++;
	if (g->zones > 1 && (g->failing != s->failing ? g->failing : g->ms >= ms))
		return;                        /* a worse one is noted */
	g->failing = s->failing;
	g->zone = z->text;
	g->ms = ms;
	if (s->failing)
		snprintf(g->reason, sizeof(g->reason), "NOTIFY of %u: %s", s->notified_serial, s->error != NULL ? s->error : "sent again");
	else
		snprintf(g->reason, sizeof(g->reason), "has %u: %u behind", s->serial, s->behind);
}

static void
laggard_add(json_t *list, const struct laggard *g, struct moment now)
{
	char peer[ADDR_TEXT], more[64] = "", reason[DNAME_TEXT + 256];

	if (g->zones > 1)
		snprintf(more, sizeof(more), ", and %zu other zone%s", g->zones - 1, g->zones == 2 ? "" : "s");
	snprintf(reason, sizeof(reason), "%s: %s%s", g->zone, g->reason, more);
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o, s:o}", "kind", "secondary", "name", addr_format_port(&g->address, peer),
	    "state", g->failing ? "failing" : "behind", "reason", text_json(reason), "since", wall_json(now.wall_ms - g->ms)));
}

static void
secondaries_add(json_t *list, const struct daemon *d, struct moment now)
{
	const struct conf *conf = daemon_fleet(d)->conf;
	size_t nzones = daemon_zones(d, NULL, 0), room = 0;
	struct daemon_secondary *rows = NULL;
	struct laggards laggards = { .list = NULL };

	for (size_t i = 0; i < nzones; i++) {
		size_t n = daemon_secondaries(d, i, NULL, 0);

		if (n > room) {
			room = n;
			rows = mem_resize(rows, n * sizeof(*rows));
		}
		daemon_secondaries(d, i, rows, n);
		for (size_t k = 0; k < n; k++)
			laggard_note(&laggards, &conf->zones[i], &rows[k], now);
	}
	for (size_t i = 0; i < laggards.count; i++)
		laggard_add(list, &laggards.list[i], now);
	free(rows);
	free(laggards.list);
}

/* What was added at run time and does not fit the configuration any more. */
static void
left_out_add(json_t *list, const struct objects *objects)
{
	char name[DNAME_TEXT + LABEL_MAX + 2];

	for (size_t i = 0; i < objects->count; i++) {
		const struct object *o = objects->list[i];

		if (o->left_out == NULL)
			continue;
		snprintf(name, sizeof(name), "%s%s%s", o->service != NULL ? o->service : "", o->service != NULL ? ":" : "", o->name);
		json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:o, s:o}", "kind", o->service != NULL ? "member" : "server",
		    "name", text_json(name), "state", "left out", "reason", text_json(o->left_out), "since", json_null()));
	}
}

static json_t *
problems_json(const struct daemon *d, const struct fleet *f, struct moment now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->nservices; i++) {
		const struct service *s = &f->services[i];

		if (!is_calm(s->state) && (has_checks(s) || s->state != STATE_UNKNOWN))
			problem_add(list, "service", s->conf->text, s->state, service_reason(s), mono_json(s->changed_us, now));
	}
	for (size_t i = 0; i < f->nhosts; i++) {
		server_add(list, &f->hosts[i]);
		interfaces_add(list, &f->hosts[i], now);
	}
	for (size_t i = 0; i < f->nservices; i++)
		members_add(list, &f->services[i], now);
	secondaries_add(list, d, now);
	left_out_add(list, daemon_objects(d));
	return list;
}

/* Where evidence and verdict disagree; what has no verdict yet is listed with the problems. */
static json_t *
doubts_json(const struct fleet *f, struct moment now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->nwatches; i++) {
		const struct watch *w = f->watches[i];
		const struct target_view *v = w->target != NULL ? target_view(w->target) : NULL;

		if (v != NULL && v->doubt && v->verdict.value != VERDICT_UNKNOWN)
			json_array_append_new(list, model_watch(w, now));
	}
	return list;
}

/* The types of which a service has members, but none that is usable. */
static json_t *
types_json(const struct choice *c)
{
	json_t *list = json_array();

	if (c->all_down4)
		json_array_append_new(list, json_string("A"));
	if (c->all_down6)
		json_array_append_new(list, json_string("AAAA"));
	return list;
}

static json_t *
all_down_json(const struct fleet *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->nservices; i++) {
		const struct service *s = &f->services[i];

		if (s->choice.all_down4 || s->choice.all_down6)
			json_array_append_new(list, json_pack("{s:o, s:s, s:o}", "service", text_json(s->conf->text),
			    "rule", all_down_text(s->conf->all_down), "types", types_json(&s->choice)));
	}
	return list;
}

static json_t *
overrides_json(const struct fleet *f)
{
	size_t n;
	const struct override *const *overrides = fleet_overrides(f, &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, model_override(overrides[i]));
	return list;
}

static json_t *
transfers_json(const struct daemon_transfer_totals *t)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "axfr", (json_int_t)t->axfr, "ixfr", (json_int_t)t->ixfr,
	    "ixfr_udp", (json_int_t)t->ixfr_udp, "current", (json_int_t)t->current, "broken_off", (json_int_t)t->broken,
	    "bytes", (json_int_t)t->bytes, "reports_dropped", (json_int_t)t->reports_dropped,
	    "under_way", (json_int_t)t->under_way);
}

/* By cause. */
static json_t *
refusals_json(const struct daemon_transfer_totals *t)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "denied", (json_int_t)t->refused, "formerr", (json_int_t)t->formerr,
	    "badsig", (json_int_t)t->badsig, "badkey", (json_int_t)t->badkey, "badtime", (json_int_t)t->badtime,
	    "badtrunc", (json_int_t)t->badtrunc);
}

static json_t *
updates_json(const struct daemon_update_totals *t)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "applied", (json_int_t)t->updates, "refused", (json_int_t)t->refused,
	    "failed", (json_int_t)t->failed, "transactions", (json_int_t)t->batches, "rrsets", (json_int_t)t->records,
	    "leases", (json_int_t)t->leases, "stored", t->disk_ok);
}

static json_t *
totals_json(const struct fleet *f, const struct daemon *d, const struct daemon_totals *t)
{
	json_int_t interfaces = 0;

	for (size_t i = 0; i < f->nhosts; i++)
		interfaces += (json_int_t)f->hosts[i].nifaces;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "services", (json_int_t)f->nservices,
	    "servers", (json_int_t)f->nhosts, "interfaces", interfaces, "zones", (json_int_t)daemon_zones(d, NULL, 0),
	    "queries_udp", (json_int_t)t->queries_udp, "queries_tcp", (json_int_t)t->queries_tcp,
	    "dropped", (json_int_t)t->dropped, "tcp_open", (json_int_t)t->tcp_open, "publications", (json_int_t)t->publications,
	    "queries_tls", (json_int_t)t->queries_tls, "tls_open", (json_int_t)t->tls_open, "limited", (json_int_t)t->limited,
	    "slipped", (json_int_t)t->slipped, "transfers", transfers_json(&t->transfers), "refusals", refusals_json(&t->transfers),
	    "updates", updates_json(&t->updates));
}

static json_t *
checker_json(const struct checker *checker)
{
	struct checker_stats s;

	checker_stats(checker, &s);
	return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "targets", (json_int_t)s.targets, "started", (json_int_t)s.started,
	    "ended", (json_int_t)s.ended, "skipped", (json_int_t)s.skipped, "late_p50_ms", milliseconds_json(s.late_p50_us),
	    "late_p99_ms", milliseconds_json(s.late_p99_us), "late_max_ms", milliseconds_json(s.late_max_us));
}

void
status_get(struct call *c)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	struct moment now = moment_now();
	struct daemon_totals totals;

	daemon_totals(c->daemon, &totals);
	call_reply(c, 200, json_pack("{s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ready", daemon_ready(c->daemon),
	    "version", HOMING_VERSION, "started", wall_json(totals.started_ms),
	    "uptime_s", seconds_json((now.wall_ms - totals.started_ms) * 1000), "problems", problems_json(c->daemon, f, now),
	    "doubts", doubts_json(f, now), "all_down", all_down_json(f), "overrides", overrides_json(f),
	    "totals", totals_json(f, c->daemon, &totals), "checker", checker_json(daemon_checker(c->daemon))));
}
