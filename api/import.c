/* import.c - a zone's whole contents, as a master file: what differs from what the zone has becomes one update.
 *
 *     body ─► parsed, compared with an edition (thread) ─► update that goes by the edition's serial ─► reply
 *                        ▲                                                      │ another was faster
 *                        └────────────── the next edition ◄─────────────────────┘
 *
 * So an import is whole or nothing, and undoes nobody's change without having seen it. What a service governs is not the
 * file's to say: it may be missing there. The SOA's serial goes on if the file's does not. */
#include "api/import.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/change.h"
#include "api/text.h"
#include "api/works.h"
#include "base/mem.h"
#include "dnsd/daemon.h"
#include "dnsd/edition.h"
#include "dnsd/replace.h"
#include "dnsd/update.h"
#include "zones/rdata.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

enum {
	TRIES = 10,                    /* editions that were gone when the update came */
	PREVIEW_MAX = 1000             /* changes that a dry run lists */
};

struct import {
	struct call *call;
	char *zone;                    /* text, as configured */
	uint8_t apex[DNAME_MAX];
	char *file, *owner;            /* what the body is called in messages; who imports it */
	bool dry_run;
	unsigned tries;
	struct evbuffer *body;         /* NULL: it has been parsed */
	struct zone *wanted;           /* what it says */
	const struct edition *from;    /* held: what the zone has */
	struct replacement replacement;
	json_t *preview;               /* of a dry run: the changes, PREVIEW_MAX at most */
	struct diag diag;
};

static void
import_free(struct import *x)
{
	if (x->body != NULL)
		evbuffer_free(x->body);
	if (x->from != NULL)
		edition_let_go(x->from);
	zone_free(x->wanted);
	update_free(x->replacement.update);
	json_decref(x->preview);
	diag_clear(&x->diag);
	free(x->zone);
	free(x->file);
	free(x->owner);
	free(x);
}

static void
import_drop(void *arg)
{
	import_free(arg);
}

/* ---- on a thread ---- */

/* A replace_fn. */
static void
import_preview(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *bytes)
{
	struct import *x = arg;
	char owner[DNAME_TEXT], words[TYPE_TEXT], *rdata;
	struct rr rr;

	if (json_array_size(x->preview) == PREVIEW_MAX)
		return;
	rr_read(bytes, &rr);
	rdata = rdata_print(type, rr.rdata, rr.rdlength);
	json_array_append_new(x->preview, json_pack("{s:s, s:s, s:s, s:I, s:o}", "op", come ? "add" : "delete",
	    "name", dname_format(name, owner), "type", type_format(type, words), "ttl", (json_int_t)rr.ttl, "rdata", text_json(rdata)));
	free(rdata);
}

static void
import_run(void *arg)
{
	struct import *x = arg;

	if (x->body != NULL) {
		size_t size = evbuffer_get_length(x->body);

		x->wanted = zone_parse(x->apex, size > 0 ? (const char *)evbuffer_pullup(x->body, -1) : "", size, x->file, &x->diag);
		evbuffer_free(x->body);
		x->body = NULL;
	}
	if (x->wanted != NULL)
		replace_zone(x->from, x->wanted, x->file, REPLACE_RRS_MAX, &x->replacement, x->dry_run ? import_preview : NULL, x, &x->diag);
}

/* ---- the reply ---- */

/* Takes more. */
static void
import_reply(struct import *x, uint32_t serial, size_t changed, json_t *more)
{
	json_t *reply = json_pack("{s:o, s:I, s:I, s:I, s:I}", "zone", text_json(x->zone), "serial", (json_int_t)serial,
	    "added", (json_int_t)x->replacement.come, "deleted", (json_int_t)x->replacement.gone, "changed", (json_int_t)changed);

	if (more != NULL)
		json_object_update(reply, more);
	json_decref(more);
	call_reply(x->call, 200, reply);
	import_free(x);
}

static void
import_reply_dry(struct import *x)
{
	size_t left_off = x->replacement.come + x->replacement.gone - json_array_size(x->preview);

	import_reply(x, x->from->serial, 0, json_pack("{s:b, s:b, s:O, s:I}", "dry_run", true, "possible", x->replacement.update != NULL,
	    "changes", x->preview, "changes_left_off", (json_int_t)left_off));
}

/* ---- the update ---- */

static void import_begin(struct import *x);

/* A daemon_update_fn. */
static void
import_done(void *arg, const struct update_result *result, uint32_t serial)
{
	struct import *x = arg;

	if (result->rcode == RCODE_NOERROR) {
		import_reply(x, serial, result->changed, NULL);
		return;
	}
	if (result->why == daemon_other_serial && ++x->tries < TRIES) {
		import_begin(x);
		return;
	}
	change_refuse(x->call, x->zone, result, serial);
	import_free(x);
}

static void
import_was_compared(void *arg)
{
	struct import *x = arg;
	struct update *update = x->replacement.update;

	if (x->diag.count > 0) {
		call_refuse_list(x->call, 422, "mistakes", &x->diag);
		import_free(x);
	} else if (x->dry_run) {
		import_reply_dry(x);
	} else if (update == NULL) {
		call_refuse(x->call, 413, "too_large", "%zu records differ, at most %d changes are made at once", x->replacement.come +
		    x->replacement.gone, REPLACE_RRS_MAX);
		import_free(x);
	} else if (update->nchanges == 0) {
		import_reply(x, x->from->serial, 0, NULL);
	} else {
		x->replacement.update = NULL;
		daemon_update(x->call->daemon, update, x->owner, import_done, x);
	}
}

/* Compares it with what the zone has now. */
static void
import_begin(struct import *x)
{
	size_t i;

	if (x->from != NULL)
		edition_let_go(x->from);
	x->from = zone_index_of(x->call, x->zone, &i) ? daemon_edition(x->call->daemon, i) : NULL;
	if (x->from == NULL)
		call_refuse(x->call, 404, "no_such_zone", "no zone is named \"%.300s\" any more", x->zone);
	else if (works_start(x->call->works, import_run, import_was_compared, import_drop, x))
		return;
	else
		call_refuse(x->call, 503, "busy", "%d large requests are being read: try again", WORKS_MAX);
	import_free(x);
}

/* "api root (why)" */
static char *
import_owner(const struct call *c)
{
	const char *owner = call_query(c, "owner"), *why = call_query(c, "why");

	owner = owner != NULL ? owner : "";
	why = why != NULL ? why : "";
	return mem_printf("api%s%.*s%s%.*s%s", *owner != '\0' ? " " : "", OWNER_MAX, owner, *why != '\0' ? " (" : "", WHY_MAX, why,
	    *why != '\0' ? ")" : "");
}

void
zone_file_put(struct call *c)
{
	const struct conf_zone *zone;
	const char *file = call_query(c, "file");
	struct import *x;

	if (!dynamic_zone(c, &zone))
		return;
	x = mem_alloc(sizeof(*x));
	x->call = c;
	x->zone = mem_text(zone->text);
	memcpy(x->apex, zone->name, dname_length(zone->name));
	x->file = mem_text(file != NULL ? file : "the body");
	x->owner = import_owner(c);
	x->dry_run = call_query(c, "dry_run") != NULL;
	x->preview = json_array();
	x->body = call_take_body(c);
	call_wait(c);
	import_begin(x);
}
