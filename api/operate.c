/* operate.c - probes at once, reload, stop. */
#include "api/operate.h"

#include "api/call.h"
#include "api/model.h"
#include "dnsd/daemon.h"

/* ---- probes at once ---- */

static void
run_row(void *arg, const struct watch *w, enum probe_reason reason, const char *detail, uint64_t rtt_us)
{
	struct call *c = arg;

	json_array_append_new(c->rows, json_pack("{s:o, s:o, s:s, s:o, s:b, s:s, s:o, s:o}", "target", text_json(w->label),
	    "check", text_json(w->check->name), "type", check_type_text(w->check->type),
	    "address", addr_json(&w->iface->conf->address), "ok", reason == PROBE_OK, "reason", probe_reason_text(reason),
	    "detail", text_json(detail), "rtt_ms", rtt_us != 0 ? milliseconds_json(rtt_us) : json_null()));
}

static json_int_t
failed_count(const json_t *rows)
{
	json_int_t failed = 0;

	for (size_t i = 0; i < json_array_size(rows); i++)
		failed += !json_is_true(json_object_get(json_array_get(rows, i), "ok"));
	return failed;
}

static void
run_end(void *arg)
{
	struct call *c = arg;
	json_t *rows = json_incref(c->rows);

	call_reply(c, 200, json_pack("{s:I, s:o}", "failed", failed_count(rows), "results", rows));
}

void
checks_run_post(struct call *c)
{
	static const struct daemon_check_hooks hooks = { run_row, run_end };
	struct target_body body;
	struct body_error wrong;
	char error[ERROR_TEXT];
	size_t length;
	const char *bytes = call_body(c, &length);

	if (!body_target(bytes, length, &body, &wrong)) {
		call_refuse_body(c, &wrong);
		return;
	}
	c->rows = json_array();
	call_wait(c);
	if (!daemon_check(c->daemon, body.target, &hooks, c, error))
		call_refuse(c, 409, "refused", "%s", error);
}

/* ---- reload and stop ---- */

static void
reload_done(void *arg, bool ok, const struct diag *mistakes)
{
	struct call *c = arg;
	const struct fleet *f = daemon_fleet(c->daemon);

	if (!ok)
		call_refuse_list(c, 422, "bad_configuration", mistakes);
	else
		call_reply(c, 200, json_pack("{s:b, s:o, s:I, s:I, s:I}", "reloaded", true, "file", text_json(f->conf->file),
		    "services", (json_int_t)f->nservices, "servers", (json_int_t)f->nhosts, "zones", (json_int_t)f->conf->nzones));
}

void
reload_post(struct call *c)
{
	call_wait(c);
	daemon_reload(c->daemon, reload_done, c);
}

void
stop_post(struct call *c)
{
	struct daemon *d = c->daemon;

	call_reply(c, 200, json_pack("{s:b}", "stopping", true));
	daemon_stop(d);
}
