/* overrides.c - the operator's words: set, released, listed. */
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/model.h"
#include "api/operate.h"
#include "base/clock.h"
#include "dnsd/daemon.h"

void
overrides_get(struct call *c)
{
	size_t n;
	const struct override *const *overrides = fleet_overrides(daemon_fleet(c->daemon), &n);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, model_override(overrides[i]));
	call_reply(c, 200, json_pack("{s:o}", "overrides", list));
}

/* The youngest: what was just set is last. */
static const struct override *
override_newest(const struct fleet *f)
{
	size_t n;
	const struct override *const *list = fleet_overrides(f, &n);

	return n > 0 ? list[n - 1] : NULL;
}

void
override_put(struct call *c)
{
	struct override_body body;
	struct body_error wrong;
	char error[ERROR_TEXT];
	uint32_t expires_s = 0;
	size_t length;
	const char *bytes = call_body(c, &length);

	if (!body_override(bytes, length, &body, &wrong)) {
		call_refuse_body(c, &wrong);
		return;
	}
	if (!daemon_override(c->daemon, c->name, body.state, body.for_us, body.owner, body.why, &expires_s, error)) {
		call_refuse(c, 409, "refused", "%s", error);
		return;
	}
	call_reply(c, 200, json_pack("{s:o, s:I, s:o}", "override", model_override(override_newest(daemon_fleet(c->daemon))),
	    "expires_s", (json_int_t)expires_s, "expires", wall_json(clock_wall_ms() + expires_s * 1000ull)));
}

void
override_delete(struct call *c)
{
	char owner[OWNER_MAX + 1], error[ERROR_TEXT];

	if (!call_owner(c, owner))
		return;
	if (daemon_release(c->daemon, c->name, owner, error))
		call_reply(c, 200, json_pack("{s:o}", "released", text_json(c->name)));
	else
		call_refuse(c, 404, "no_such_override", "%s", error);
}
