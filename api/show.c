/* show.c - the tables, and what is in one row of them. */
#include "api/show.h"

#include <string.h>

#include "api/call.h"
#include "api/model.h"
#include "dnsd/daemon.h"

void
services_get(struct call *c)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	struct moment now = moment_now();
	json_t *list = json_array();

	for (size_t i = 0; i < f->nservices; i++)
		json_array_append_new(list, model_service(&f->services[i], false, now));
	call_reply(c, 200, json_pack("{s:o}", "services", list));
}

void
service_get(struct call *c)
{
	const struct service *s = fleet_service(daemon_fleet(c->daemon), c->name);

	if (s == NULL)
		call_refuse(c, 404, "no_such_service", "no service is named \"%.300s\"", c->name);
	else
		call_reply(c, 200, model_service(s, true, moment_now()));
}

void
servers_get(struct call *c)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	struct moment now = moment_now();
	json_t *list = json_array();

	for (size_t i = 0; i < f->nhosts; i++)
		json_array_append_new(list, model_server(&f->hosts[i], false, now));
	call_reply(c, 200, json_pack("{s:o}", "servers", list));
}

void
server_get(struct call *c)
{
	const struct host *h = fleet_host(daemon_fleet(c->daemon), c->name);

	if (h == NULL)
		call_refuse(c, 404, "no_such_server", "no server is named \"%.300s\"", c->name);
	else
		call_reply(c, 200, model_server(h, true, moment_now()));
}

/* ---- fabrics ---- */

static json_t *
subnets_json(const struct conf_fabric *fabric)
{
	json_t *list = json_array();
	char text[ADDR_TEXT];

	for (size_t i = 0; i < fabric->nsubnets; i++)
		json_array_append_new(list, json_string(prefix_format(&fabric->subnets[i], text)));
	return list;
}

/* Its interfaces: how many, and how many of them are usable. */
static json_t *
fabric_count(const struct fleet *f, const struct conf_fabric *fabric)
{
	json_int_t total = 0, usable = 0;

	for (size_t i = 0; i < f->nhosts; i++)
		for (size_t k = 0; k < f->hosts[i].nifaces; k++) {
			const struct iface *iface = &f->hosts[i].ifaces[k];

			if (iface->conf->fabric != fabric)
				continue;
			total++;
			usable += state_usable(iface->state);
		}
	return json_pack("{s:I, s:I}", "usable", usable, "total", total);
}

static const struct override *
fabric_override(const struct fleet *f, const struct conf_fabric *fabric)
{
	size_t n;
	const struct override *const *list = fleet_overrides(f, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i]->subject, fabric->name) == 0)
			return list[i];
	return NULL;
}

void
fabrics_get(struct call *c)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	json_t *list = json_array();

	for (size_t i = 0; i < f->conf->nfabrics; i++) {
		const struct conf_fabric *fabric = &f->conf->fabrics[i];

		json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}", "name", text_json(fabric->name),
		    "subnets", subnets_json(fabric), "source4", addr_json(&fabric->source4), "source6", addr_json(&fabric->source6),
		    "device", text_json(fabric->device), "mark", (json_int_t)fabric->mark, "interfaces", fabric_count(f, fabric),
		    "override", model_override(fabric_override(f, fabric))));
	}
	call_reply(c, 200, json_pack("{s:o}", "fabrics", list));
}

/* ---- checks ---- */

/* What the check's targets say, counted by verdict. */
static json_t *
check_count(const struct fleet *f, const struct conf_check *check)
{
	json_int_t count[] = { [VERDICT_UNKNOWN] = 0, [VERDICT_UP] = 0, [VERDICT_DOWN] = 0 };

	for (size_t i = 0; i < f->nwatches; i++)
		if (f->watches[i]->check == check)
			count[f->watches[i]->target != NULL ? target_view(f->watches[i]->target)->verdict.value : VERDICT_UNKNOWN]++;
	return json_pack("{s:I, s:I, s:I}", "up", count[VERDICT_UP], "down", count[VERDICT_DOWN], "unknown", count[VERDICT_UNKNOWN]);
}

void
checks_get(struct call *c)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	struct moment now = moment_now();
	json_t *list = json_array(), *targets = json_array();

	for (size_t i = 0; i < f->conf->nchecks; i++) {
		const struct conf_check *k = &f->conf->checks[i];

		json_array_append_new(list, json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:b, s:o}",
		    "name", text_json(k->name), "type", check_type_text(k->type), "interval_ms", milliseconds_json(k->interval_us),
		    "timeout_ms", milliseconds_json(k->timeout_us), "fast_interval_ms", milliseconds_json(k->fast_interval_us),
		    "slow_interval_ms", milliseconds_json(k->slow_interval_us), "rise", (int)k->rise, "fall", (int)k->fall,
		    "port", (int)k->port, "invert", k->invert, "targets", check_count(f, k)));
	}
	for (size_t i = 0; i < f->nwatches; i++)
		json_array_append_new(targets, model_watch(f->watches[i], now));
	call_reply(c, 200, json_pack("{s:o, s:o}", "checks", list, "targets", targets));
}

/* ---- the daemon itself ---- */

void
version_get(struct call *c)
{
	call_reply(c, 200, json_pack("{s:s, s:s}", "version", HOMING_VERSION, "api", "v1"));
}

void
healthz_get(struct call *c)
{
	bool ready = daemon_ready(c->daemon);

	call_reply(c, ready ? 200 : 503, json_pack("{s:b}", "ready", ready));
}
