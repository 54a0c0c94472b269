/* records.c - a zone's records as JSON: its configured plane, as the zone is in this turn.
 *
 * A page is as many whole names as it takes to reach its limit; the next one begins behind the last name, which need not be
 * there any more. Pages are of different moments: "serial" tells whether the zone has changed between them. */
#include "api/records.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/edits.h"
#include "api/text.h"
#include "api/zones.h"
#include "dnsd/daemon.h"
#include "zones/rdata.h"
#include "zones/rrs.h"
#include "zones/zone.h"

enum { PAGE_USUAL = 500, PAGE_MAX = 1000 };            /* records: a page takes some milliseconds */

/* What a call asks about. */
struct asked {
	size_t index;                  /* conf zone number */
	const struct zone *zone;
	bool ahead;                    /* daemon_zone_version() */
	struct daemon_zone row;
};

static bool
asked_zone(struct call *c, struct asked *a)
{
	if (!zone_named(c, &a->index))
		return false;
	a->zone = daemon_zone_version(c->daemon, a->index, &a->ahead);
	daemon_zone(c->daemon, a->index, &a->row);
	return true;
}

/* ---- as JSON ---- */

static json_t *
rdata_json(const struct rrset *s, size_t *count)
{
	struct rrs *rrs = rrs_of(s);
	json_t *list = json_array();
	const uint8_t *rdata = NULL;
	size_t size;

	while ((rdata = rrs_next(rrs, rdata, &size)) != NULL) {
		char *text = rdata_print(s->type, rdata, size);

		json_array_append_new(list, text_json(text));
		free(text);
		++*count;
	}
	free(rrs);
	return list;
}

static json_t *
rrset_json(const struct node *n, const struct rrset *s, size_t *count)
{
	const uint8_t *ttl = s->bytes + 6;     /* behind owner, type and class */
	char name[DNAME_TEXT], type[TYPE_TEXT];
	bool governed = (node_flags(n) & NODE_SERVICE) != 0 && type_is_governed(s->type);

	return json_pack("{s:s, s:s, s:I, s:o, s:b}", "name", dname_format(node_name(n), name), "type", type_format(s->type, type),
	    "ttl", (json_int_t)((uint32_t)ttl[0] << 24 | (uint32_t)ttl[1] << 16 | (uint32_t)ttl[2] << 8 | ttl[3]),
	    "rdata", rdata_json(s, count), "governed", governed);
}

/* Adds the RRsets of a name, or the one of a type, to the list; how many records that were. */
static size_t
node_json(const struct zone *z, const struct node *n, uint16_t type, json_t *list)
{
	const struct node *plane = node_configured(z, n);
	size_t count = 0;

	for (const struct rrset *s = NULL; (s = node_next(plane, s)) != NULL;)
		if (type == TYPE_ANY || s->type == type)
			json_array_append_new(list, rrset_json(plane, s, &count));
	return count;
}

static json_t *
reply_json(const struct asked *a, json_t *records)
{
	return json_pack("{s:o, s:I, s:b, s:o}", "zone", text_json(a->row.conf->text),
	    "serial", (json_int_t)a->row.serial, "numbered", !a->ahead, "records", records);
}

/* ---- pages ---- */

static bool
page_limit(struct call *c, size_t *limit)
{
	const char *text = call_query(c, "limit");
	unsigned long n;
	char *end;

	*limit = PAGE_USUAL;
	if (text == NULL)
		return true;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > PAGE_MAX) {
		call_refuse(c, 400, "bad_request", "limit: expected a number of records from 1 to %d", PAGE_MAX);
		return false;
	}
	*limit = n;
	return true;
}

/* The node that the page begins with, NULL behind the last. */
static bool
page_begin(struct call *c, const struct asked *a, const struct node **first)
{
	const char *after = call_query(c, "after");
	struct body_error error;
	uint8_t name[DNAME_MAX];

	if (after == NULL) {
		*first = zone_next(a->zone, NULL);
	} else if (edits_name(after, zone_apex(a->zone), name, &error)) {
		*first = zone_after(a->zone, name);
	} else {
		call_refuse(c, 400, "bad_request", "after: %s", error.message);
		return false;
	}
	return true;
}

void
records_get(struct call *c)
{
	const struct node *n, *last = NULL;
	json_t *list, *reply;
	char name[DNAME_TEXT];
	size_t limit, count = 0;
	struct asked a;

	if (!asked_zone(c, &a) || !page_limit(c, &limit) || !page_begin(c, &a, &n))
		return;
	list = json_array();
	for (; n != NULL && count < limit; n = zone_next(a.zone, n)) {
		count += node_json(a.zone, n, TYPE_ANY, list);
		last = n;
	}
	reply = reply_json(&a, list);
	json_object_set_new(reply, "next", n != NULL ? text_json(dname_format(node_name(last), name)) : json_null());
	call_reply(c, 200, reply);
}

/* ---- a name ---- */

static void
record_reply(struct call *c, const struct asked *a, const uint8_t *name, uint16_t type)
{
	const struct node *n = zone_at(a->zone, name);
	json_t *list = json_array();
	char words[TYPE_TEXT], text[DNAME_TEXT];

	if (n != NULL)
		node_json(a->zone, n, type, list);
	if (json_array_size(list) > 0) {
		call_reply(c, 200, reply_json(a, list));
		return;
	}
	json_decref(list);
	dname_format(name, text);
	if (type == TYPE_ANY)
		call_refuse(c, 404, "no_such_record", "nothing is at %s", text);
	else
		call_refuse(c, 404, "no_such_record", "there is no %s at %s", type_format(type, words), text);
}

void
record_name_get(struct call *c)
{
	struct body_error error;
	uint8_t name[DNAME_MAX];
	struct asked a;

	if (!asked_zone(c, &a))
		return;
	if (edits_name(c->names[1], zone_apex(a.zone), name, &error))
		record_reply(c, &a, name, TYPE_ANY);
	else
		call_refuse(c, 400, "bad_request", "%s", error.message);
}

void
record_get(struct call *c)
{
	struct body_error error;
	uint8_t name[DNAME_MAX];
	uint16_t type;
	struct asked a;

	if (!asked_zone(c, &a))
		return;
	if (edits_name(c->names[1], zone_apex(a.zone), name, &error) && edits_type(c->names[2], &type, &error))
		record_reply(c, &a, name, type);
	else
		call_refuse(c, 400, "bad_request", "%s", error.message);
}
