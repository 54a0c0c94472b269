/* model.c - the fleet's objects as JSON. */
#include "api/model.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

json_t *
model_override(const struct override *o)
{
	if (o == NULL)
		return json_null();
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "subject", text_json(o->subject), "state", override_text(o->state),
	    "owner", text_json(o->owner), "why", text_json(o->why), "since", wall_json(o->since_ms), "until", wall_json(o->until_ms));
}

/* ---- checks ---- */

static json_t *
history_json(const struct verdict *v)
{
	char text[65];

	for (unsigned i = 0; i < v->seen; i++)
		text[i] = (v->history >> (v->seen - 1 - i) & 1) != 0 ? '1' : '0';
	text[v->seen] = '\0';
	return json_string(text);
}

json_t *
model_watch(const struct watch *w, struct moment now)
{
	static const struct target_view none = { .doubt = true };
	const struct target_view *v = w->target != NULL ? target_view(w->target) : &none;
	bool probed = v->ended_us != 0;

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I}",
	    "target", text_json(w->label), "check", text_json(w->check->name), "type", check_type_text(w->check->type),
	    "server", text_json(w->iface->host->conf->name), "interface", text_json(w->iface->conf->name),
	    "verdict", verdict_text(v->verdict.value), "doubt", v->doubt,
	    "reason", probed ? text_json(probe_reason_text(v->reason)) : json_null(), "detail", text_json(v->detail),
	    "rtt_ms", v->rtt_us != 0 ? milliseconds_json(v->rtt_us) : json_null(), "history", history_json(&v->verdict),
	    "since", mono_json(v->changed_us, now), "probed", mono_json(v->ended_us, now),
	    "probes", (json_int_t)v->probes, "failures", (json_int_t)v->failures, "local_failures", (json_int_t)v->locals);
}

static json_t *
watches_json(struct watch *const *watches, size_t n, struct moment now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, model_watch(watches[i], now));
	return list;
}

/* ---- reasons ---- */

static json_t *
override_reason(const struct override *o)
{
	static const char *const words[] = {
		[OVERRIDE_DRAINED] = "drained", [OVERRIDE_UP] = "forced up", [OVERRIDE_DOWN] = "forced down",
	};
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%.100s%s%.400s", words[o->state], *o->owner != '\0' ? " by " : "", o->owner,
	    *o->why != '\0' ? ": " : "", o->why);
	return text_json(text);
}

/* The first of the watches that says so: "pg: refused after 0 ms". */
static json_t *
watch_reason(struct watch *const *watches, size_t n, enum verdict_value verdict)
{
	char text[256];

	for (size_t i = 0; i < n; i++) {
		const struct target_view *v = watches[i]->target != NULL ? target_view(watches[i]->target) : NULL;

		if (v == NULL || v->verdict.value != verdict)
			continue;
		if (v->ended_us == 0)
			snprintf(text, sizeof(text), "%s: not probed yet", watches[i]->check->name);
		else
			snprintf(text, sizeof(text), "%s: %s%s%s", watches[i]->check->name, probe_reason_text(v->reason),
			    *v->detail != '\0' ? " " : "", v->detail);
		return text_json(text);
	}
	return json_string(n == 0 ? "no checks" : "not probed");
}

static json_t *
reason(const struct override *o, enum verdict_value verdict, struct watch *const *watches, size_t n)
{
	if (o != NULL)
		return override_reason(o);
	return verdict == VERDICT_UP ? json_null() : watch_reason(watches, n, verdict);
}

json_t *
model_iface_reason(const struct iface *i)
{
	return reason(i->override, i->verdict, i->watches, i->nwatches);
}

json_t *
model_seat_reason(const struct seat *s)
{
	return reason(s->override, s->verdict, s->watches, s->nwatches);
}

/* ---- servers ---- */

static json_t *
fabric_name(const struct conf_interface *conf)
{
	return text_json(conf->fabric != NULL ? conf->fabric->name : NULL);
}

static json_t *
iface_services(const struct iface *i)
{
	json_t *list = json_array();

	for (size_t k = 0; k < i->nseats; k++)
		json_array_append_new(list, text_json(i->seats[k]->service->conf->text));
	return list;
}

json_t *
model_interface(const struct iface *i, bool details, struct moment now)
{
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
	    "name", text_json(i->conf->name), "label", text_json(i->label), "address", addr_json(&i->conf->address),
	    "fabric", fabric_name(i->conf), "verdict", verdict_text(i->verdict), "state", state_text(i->state),
	    "usable", state_usable(i->state), "reason", model_iface_reason(i), "since", mono_json(i->changed_us, now),
	    "override", model_override(i->override), "services", iface_services(i), "source", addr_json(&i->conf->source),
	    "device", text_json(i->conf->device), "mark", (json_int_t)i->conf->mark);

	if (details)
		json_object_set_new(json, "checks", watches_json(i->watches, i->nwatches, now));
	return json;
}

/* Who has it: homing.conf, or whoever added it. */
static const char *
origin_text(bool added)
{
	return added ? "run time" : "configuration";
}

json_t *
model_server(const struct host *h, bool details, struct moment now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < h->nifaces; i++)
		json_array_append_new(list, model_interface(&h->ifaces[i], details, now));
	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "name", text_json(h->conf->name), "state", state_text(h->state),
	    "origin", origin_text(h->conf->added), "owner", text_json(h->conf->owner), "interfaces", list);
}

/* ---- services ---- */

static bool
seat_usable(const struct seat *s)
{
	return state_usable(s->state) && !s->candidate->unproven;
}

static bool
fate_is_answered(enum fate f)
{
	return f == FATE_ANSWERED || f == FATE_LAST;
}

static json_t *
member_json(const struct seat *s, struct moment now)
{
	const struct candidate *c = s->candidate;
	bool waits = s->returns_us > now.mono_us;

	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:s, s:s, s:b, s:b, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
	    "server", text_json(s->iface->host->conf->name), "interface", text_json(s->iface->conf->name),
	    "address", addr_json(&s->iface->conf->address), "fabric", fabric_name(s->iface->conf), "tier", (int)s->tier,
	    "verdict", verdict_text(s->verdict), "state", state_text(s->state), "usable", seat_usable(s),
	    "doubt", c->doubt, "answered", fate_is_answered(c->fate), "fate", fate_text(c->fate),
	    "reason", model_seat_reason(s), "since", mono_json(s->changed_us, now),
	    "returns_s", waits ? seconds_json(s->returns_us - now.mono_us) : json_null(),
	    "override", model_override(s->override), "checks", watches_json(s->watches, s->nwatches, now),
	    "origin", origin_text(s->member->added), "owner", text_json(s->member->owner));
}

json_t *
model_members(const struct service *s, const char *server, struct moment now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nseats; i++)
		if (strcmp(s->seats[i].iface->host->conf->name, server) == 0)
			json_array_append_new(list, member_json(&s->seats[i], now));
	return json_pack("{s:o, s:o}", "service", text_json(s->conf->text), "members", list);
}

static json_t *
addresses_json(const struct addr *list, size_t n)
{
	json_t *json = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json, addr_json(&list[i]));
	return json;
}

static size_t
usable_count(const struct service *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nseats; i++)
		n += seat_usable(&s->seats[i]);
	return n;
}

/* What the operator configured, and so may be compared with what holds. */
static json_t *
rule_json(const struct conf_service *conf)
{
	return json_pack("{s:I, s:I, s:s, s:i, s:s, s:o, s:o}", "ttl", (json_int_t)conf->ttl, "ttl_doubt", (json_int_t)conf->ttl_doubt,
	    "spread", spread_text(conf->spread), "answers", (int)conf->answers, "all_down", all_down_text(conf->all_down),
	    "fallback", addresses_json(conf->fallback, conf->nfallback), "failback_delay_s", seconds_json(conf->failback_delay_us));
}

json_t *
model_service(const struct service *s, bool details, struct moment now)
{
	const struct choice *c = &s->choice;
	json_t *json, *members;

	json = json_pack("{s:o, s:o, s:s, s:o, s:b, s:i, s:I, s:{s:o, s:o}, s:{s:b, s:b}, s:{s:I, s:I}, s:o}",
	    "name", text_json(s->conf->text), "zone", text_json(s->conf->zone->text), "state", state_text(s->state),
	    "since", mono_json(s->changed_us, now), "doubt", c->doubt, "tier", (int)c->tier, "ttl", (json_int_t)c->ttl,
	    "answers", "A", addresses_json(s->answer4, c->count4), "AAAA", addresses_json(s->answer6, c->count6),
	    "all_down", "A", c->all_down4, "AAAA", c->all_down6,
	    "members_count", "usable", (json_int_t)usable_count(s), "total", (json_int_t)s->nseats, "rule", rule_json(s->conf));
	if (!details)
		return json;
	members = json_array();
	for (size_t i = 0; i < s->nseats; i++)
		json_array_append_new(members, member_json(&s->seats[i], now));
	json_object_set_new(json, "members", members);
	return json;
}
