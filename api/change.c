/* change.c - changes of a zone's records: from a body to an update, and from what came of it to a status.
 *
 *     body ─► edits (edits.h; a long one on a thread) ─► daemon_update() ─► RCODE ─► status
 *
 *     NOERROR  200    FORMERR, NOTZONE  400    REFUSED  403    prerequisites, another serial, no dynamic zone  409    SERVFAIL  503 */
#include "api/change.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/edits.h"
#include "api/records.h"
#include "api/text.h"
#include "api/works.h"
#include "api/zones.h"
#include "base/mem.h"
#include "dnsd/daemon.h"
#include "dnsd/update.h"
#include "zones/rdata.h"
#include "zones/zone.h"

/* One change under way. */
struct change_call {
	struct call *call;
	char *zone;                    /* text, as configured */
	struct edits edits;
	struct body_error error;
	struct evbuffer *body;         /* being read on a thread; NULL: not */
	uint8_t apex[DNAME_MAX];
	bool ok;
};

/* ---- which zone ---- */

bool
dynamic_zone(struct call *c, const struct conf_zone **zone)
{
	size_t i;

	if (!zone_named(c, &i))
		return false;
	*zone = &daemon_fleet(c->daemon)->conf->zones[i];
	if ((*zone)->type == ZONE_DYNAMIC)
		return true;
	call_refuse(c, 409, "not_dynamic", "the records of %s come from the configuration (type = \"%s\"): change them there, or make the "
	    "zone dynamic (type = \"dynamic\")", (*zone)->text, zone_type_text((*zone)->type));
	return false;
}

static struct change_call *
change_new(struct call *c, const struct conf_zone *zone)
{
	struct change_call *x = mem_alloc(sizeof(*x));

	x->call = c;
	x->zone = mem_text(zone->text);
	memcpy(x->apex, zone->name, dname_length(zone->name));
	return x;
}

static void
change_free(struct change_call *x)
{
	edits_clear(&x->edits);
	if (x->body != NULL)
		evbuffer_free(x->body);
	free(x->zone);
	free(x);
}

/* ---- what came of it ---- */

static const struct outcome {
	enum rcode rcode;
	int status;
	const char *code;
} outcomes[] = {
	{ RCODE_FORMERR, 400, "bad_request" }, { RCODE_NOTZONE, 400, "not_in_zone" }, { RCODE_REFUSED, 403, "refused" },
	{ RCODE_YXDOMAIN, 409, "prerequisite" }, { RCODE_YXRRSET, 409, "prerequisite" }, { RCODE_NXDOMAIN, 409, "prerequisite" },
	{ RCODE_NXRRSET, 409, "prerequisite" }, { RCODE_NOTAUTH, 404, "no_such_zone" }, { RCODE_SERVFAIL, 503, "not_stored" },
};

static const struct outcome *
outcome_of(enum rcode rcode)
{
	size_t i = sizeof(outcomes) / sizeof(*outcomes) - 1;

	while (i > 0 && outcomes[i].rcode != rcode)
		i--;
	return &outcomes[i];
}

static json_t *
serial_json(uint32_t serial)
{
	return json_pack("{s:I}", "serial", (json_int_t)serial);
}

void
change_refuse(struct call *c, const char *zone, const struct update_result *result, uint32_t serial)
{
	const struct outcome *o = outcome_of(result->rcode);
	char name[DNAME_TEXT], type[TYPE_TEXT];

	if (result->why == daemon_other_serial)
		call_refuse_more(c, 409, "other_serial", serial_json(serial), "%s: the serial of %s is %u", result->why, zone, serial);
	else if (result->rr != NULL)
		call_refuse_more(c, o->status, o->code, serial_json(serial), "%s %s: %s", dname_format(result->rr->name, name),
		    type_format(result->rr->type, type), result->why);
	else
		call_refuse_more(c, o->status, o->code, serial_json(serial), "%s", result->why);
}

bool
zone_index_of(const struct call *c, const char *zone, size_t *i)
{
	size_t n = daemon_zones(c->daemon, NULL, 0);

	for (*i = 0; *i < n; ++*i)
		if (strcmp(daemon_fleet(c->daemon)->conf->zones[*i].text, zone) == 0)
			return true;
	return false;
}

/* A daemon_update_fn. */
static void
change_done(void *arg, const struct update_result *result, uint32_t serial)
{
	struct change_call *x = arg;
	bool ahead = false;
	size_t i;

	if (result->rcode == RCODE_NOERROR) {
		if (zone_index_of(x->call, x->zone, &i))
			daemon_zone_version(x->call->daemon, i, &ahead);
		call_reply(x->call, 200, json_pack("{s:o, s:I, s:b, s:I}", "zone", text_json(x->zone), "serial", (json_int_t)serial,
		    "numbered", !ahead, "changed", (json_int_t)result->changed));
	} else {
		change_refuse(x->call, x->zone, result, serial);
	}
	change_free(x);
}

/* "api root (new host)" */
static char *
owner_text(const struct edits *e)
{
	return mem_printf("api%s%s%s%s%s", *e->owner != '\0' ? " " : "", e->owner, *e->why != '\0' ? " (" : "", e->why,
	    *e->why != '\0' ? ")" : "");
}

/* What was read is submitted; the call waits. */
static void
change_submit(struct change_call *x)
{
	struct update *update = x->edits.update;
	bool ahead;
	size_t i;
	char *owner;

	if (!zone_index_of(x->call, x->zone, &i)) {
		call_refuse(x->call, 404, "no_such_zone", "no zone is named \"%.300s\" any more", x->zone);
		change_free(x);
		return;
	}
	if (!edits_settle(&x->edits, daemon_zone_version(x->call->daemon, i, &ahead))) {
		call_refuse(x->call, 413, "too_large", "more than %d records in one update", UPDATE_RRS_MAX);
		change_free(x);
		return;
	}
	x->edits.update = NULL;
	owner = owner_text(&x->edits);
	daemon_update(x->call->daemon, update, owner, change_done, x);
	free(owner);
}

static void
change_was_read(struct change_call *x)
{
	if (x->ok) {
		change_submit(x);
		return;
	}
	call_refuse_body(x->call, &x->error);
	change_free(x);
}

/* ---- lists of changes ---- */

/* On a thread. */
static void
changes_read(void *arg)
{
	struct change_call *x = arg;
	size_t length = evbuffer_get_length(x->body);

	x->ok = edits_read((const char *)evbuffer_pullup(x->body, -1), length, x->apex, &x->edits, &x->error);
}

static void
changes_were_read(void *arg)
{
	struct change_call *x = arg;

	evbuffer_free(x->body);
	x->body = NULL;
	change_was_read(x);
}

static void
changes_drop(void *arg)
{
	change_free(arg);
}

static void
changes_read_aside(struct change_call *x)
{
	x->body = call_take_body(x->call);
	call_wait(x->call);
	if (works_start(x->call->works, changes_read, changes_were_read, changes_drop, x))
		return;
	call_refuse(x->call, 503, "busy", "%d large requests are being read: try again", WORKS_MAX);
	change_free(x);
}

void
changes_post(struct call *c)
{
	const struct conf_zone *zone;
	struct change_call *x;
	const char *body;
	size_t length;

	if (!dynamic_zone(c, &zone))
		return;
	x = change_new(c, zone);
	body = call_body(c, &length);
	if (length > BODY_MAX) {
		changes_read_aside(x);
		return;
	}
	x->ok = edits_read(body, length, x->apex, &x->edits, &x->error);
	if (x->ok)
		call_wait(c);
	change_was_read(x);
}

/* ---- one RRset ---- */

/* The zone, name and type of the path. False: refused already. */
static bool
record_named(struct call *c, const struct conf_zone **zone, uint8_t name[DNAME_MAX], uint16_t *type)
{
	struct body_error error = { .key = NULL };

	if (!dynamic_zone(c, zone))
		return false;
	if (edits_name(c->names[1], (*zone)->name, name, &error) && edits_type(c->names[2], type, &error))
		return true;
	call_refuse_body(c, &error);
	return false;
}

void
record_put(struct call *c)
{
	const struct conf_zone *zone;
	uint8_t name[DNAME_MAX];
	struct change_call *x;
	const char *body;
	size_t length;
	uint16_t type;

	if (!record_named(c, &zone, name, &type))
		return;
	x = change_new(c, zone);
	body = call_body(c, &length);
	x->ok = edits_read_set(body, length, x->apex, name, type, &x->edits, &x->error);
	if (x->ok)
		call_wait(c);
	change_was_read(x);
}

void
record_delete(struct call *c)
{
	const struct conf_zone *zone;
	uint8_t name[DNAME_MAX];
	struct change_call *x;
	uint16_t type;

	if (!record_named(c, &zone, name, &type))
		return;
	x = change_new(c, zone);
	x->ok = edits_read_delete(x->apex, name, type, call_query(c, "if_serial"), call_query(c, "owner"), call_query(c, "why"), &x->edits,
	    &x->error);
	if (x->ok)
		call_wait(c);
	change_was_read(x);
}
