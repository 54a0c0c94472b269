/* objects.c - servers and members that come and go at run time. A call ends when its change serves, or is refused. */
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/model.h"
#include "api/operate.h"
#include "api/settings.h"
#include "dnsd/daemon.h"

/* The server that the path names, alone or as a member. */
static const char *
call_server(const struct call *c, bool member)
{
	return c->names[member ? 1 : 0];
}

static json_t *
object_json(const struct call *c, bool member)
{
	const struct fleet *f = daemon_fleet(c->daemon);
	const char *name = call_server(c, member);

	if (member)
		return model_members(fleet_service(f, c->name), name, moment_now());
	return model_server(fleet_host(f, name), true, moment_now());
}

static void
object_done(struct call *c, bool member, enum change_end end, const char *error, const struct diag *mistakes)
{
	switch (end) {
	case CHANGE_ADDED:
	case CHANGE_REPLACED:
		call_reply(c, end == CHANGE_ADDED ? 201 : 200, object_json(c, member));
		break;
	case CHANGE_REMOVED:
		call_reply(c, 200, json_pack("{s:o}", "removed", text_json(call_server(c, member))));
		break;
	case CHANGE_UNKNOWN:
		call_refuse(c, 404, "not_found", "%s", error);
		break;
	case CHANGE_REFUSED:
		call_refuse(c, 409, "refused", "%s", error);
		break;
	case CHANGE_WRONG:
		call_refuse_list(c, 422, "bad_configuration", mistakes);
		break;
	case CHANGE_BUSY:
		call_refuse(c, 503, "busy", "%s", error);
		break;
	case CHANGE_FAILED:
		call_refuse(c, 500, "not_kept", "%s", error);
		break;
	}
}

static void
server_done(void *arg, enum change_end end, const char *error, const struct diag *mistakes)
{
	object_done(arg, false, end, error, mistakes);
}

static void
member_done(void *arg, enum change_end end, const char *error, const struct diag *mistakes)
{
	object_done(arg, true, end, error, mistakes);
}

static void
object_change(struct call *c, bool member, const char *text, const char *owner, bool only_new)
{
	const struct daemon_change change = {
		.service = member ? c->name : NULL, .name = call_server(c, member), .text = text, .owner = owner, .only_new = only_new
	};

	call_wait(c);
	daemon_change(c->daemon, &change, member ? member_done : server_done, c);
}

static void
object_put(struct call *c, bool member, bool only_new)
{
	char owner[OWNER_MAX + 1], *text;
	struct body_error wrong;
	size_t length;
	const char *bytes = call_body(c, &length);

	text = settings_text(bytes, length, member ? "server" : "name", call_server(c, member), owner, &wrong);
	if (text == NULL)
		call_refuse_body(c, &wrong);
	else
		object_change(c, member, text, owner, only_new);
	free(text);
}

static void
object_delete(struct call *c, bool member)
{
	char owner[OWNER_MAX + 1];

	if (call_owner(c, owner))
		object_change(c, member, NULL, owner, false);
}

void
server_put(struct call *c)
{
	object_put(c, false, false);
}

void
server_post(struct call *c)
{
	object_put(c, false, true);
}

void
server_delete(struct call *c)
{
	object_delete(c, false);
}

void
member_put(struct call *c)
{
	object_put(c, true, false);
}

void
member_post(struct call *c)
{
	object_put(c, true, true);
}

void
member_delete(struct call *c)
{
	object_delete(c, true);
}
