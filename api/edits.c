/* edits.c - from JSON to updates. */
#include "api/edits.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/fields.h"
#include "base/mem.h"
#include "dnsd/update.h"
#include "zones/rdata.h"
#include "zones/zone.h"

enum { TTL_NONE = -1, TTL_MOST = 0x7fffffff };         /* RFC 2181, 8 */

/* One reading under way. */
struct reading {
	const uint8_t *apex;
	struct edits *out;
	struct rdata_reader *rdata;
	struct body_error *error;
};

/* ---- names and types ---- */

static bool
ends_in_dot(const char *text)
{
	size_t n = strlen(text), escapes = 0;

	if (n == 0 || text[n - 1] != '.')
		return false;
	while (escapes + 1 < n && text[n - 2 - escapes] == '\\')
		escapes++;
	return escapes % 2 == 0;
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0')
		if ((unsigned char)*text++ >= 0x80)
			return false;
	return true;
}

/* name, which has no place yet, below the apex. */
static bool
name_below(uint8_t *name, const uint8_t *apex)
{
	size_t n = dname_length(name) - 1, size = dname_length(apex);

	if (n + size > DNAME_MAX)
		return false;
	memcpy(name + n, apex, size);
	return true;
}

bool
edits_name(const char *text, const uint8_t *apex, uint8_t out[DNAME_MAX], struct body_error *error)
{
	if (strcmp(text, "@") == 0) {
		memcpy(out, apex, dname_length(apex));
		return true;
	}
	if (!is_ascii(text))
		return fields_wrong(error, "name", "\"%.100s\" has letters beyond ASCII (expected the form that DNS has of it: xn--...)", text);
	if (dname_parse(text, out) == 0)
		return fields_wrong(error, "name", "\"%.100s\" is no domain name", text);
	if (dname_is_under(out, apex))
		return true;
	if (ends_in_dot(text))
		return fields_wrong(error, "name", "\"%.100s\" is not in the zone", text);
	return name_below(out, apex) || fields_wrong(error, "name", "\"%.100s\" is too long a name in this zone", text);
}

bool
edits_type(const char *text, uint16_t *out, struct body_error *error)
{
	*out = type_parse(text);
	if (*out == 0)
		return fields_wrong(error, "type", "\"%.40s\" is no type of record (expected A, TXT, ... or TYPE65280)", text);
	if (type_is_meta(*out))
		return fields_wrong(error, "type", "no zone has records of the type %.40s", text);
	return true;
}

/* ---- fields ---- */

static bool
field_ttl(const json_t *value, void *out, size_t size, struct body_error *e)
{
	json_int_t ttl = json_integer_value(value);

	(void)size;
	if (!json_is_integer(value) || ttl < 0 || ttl > TTL_MOST)
		return fields_wrong(e, NULL, "expected a number of seconds from 0 to %d", TTL_MOST);
	*(int64_t *)out = ttl;
	return true;
}

static bool
field_serial(const json_t *value, void *out, size_t size, struct body_error *e)
{
	json_int_t serial = json_integer_value(value);

	(void)size;
	if (!json_is_integer(value) || serial < 0 || serial > UINT32_MAX)
		return fields_wrong(e, NULL, "expected a serial, from 0 to %u", UINT32_MAX);
	*(int64_t *)out = serial;
	return true;
}

static bool
field_bool(const json_t *value, void *out, size_t size, struct body_error *e)
{
	(void)size;
	if (!json_is_boolean(value))
		return fields_wrong(e, NULL, "expected true or false");
	*(bool *)out = json_is_true(value);
	return true;
}

/* Lent by the body. */
static bool
field_list(const json_t *value, void *out, size_t size, struct body_error *e)
{
	(void)size;
	if (!json_is_array(value))
		return fields_wrong(e, NULL, "expected a list");
	*(const json_t **)out = value;
	return true;
}

static bool
field_word(const json_t *value, void *out, size_t size, struct body_error *e)
{
	(void)size;
	if (!json_is_string(value) || !body_is_text(json_string_value(value), DNAME_TEXT))
		return fields_wrong(e, NULL, "expected a text");
	*(const char **)out = json_string_value(value);
	return true;
}

/* ---- rdata ---- */

/* Puts a place before what is wrong there: "rdata[0]: ...", "changes[3].ttl: ...", "changes[3].rdata[0]: ...". Always false. */
static bool
wrong_at(struct body_error *e, const char *list, size_t i)
{
	struct body_error inner = *e;
	const char *key = inner.key != NULL ? inner.key : "";
	bool placed = *key != '\0' && strncmp(inner.message, key, strlen(key)) == 0 && inner.message[strlen(key)] == '[';

	if (placed || *key == '\0')
		return fields_wrong(e, list, "%s[%zu]%s%.200s", list, i, placed ? "." : ": ", inner.message);
	return fields_wrong(e, list, "%s[%zu].%s: %.200s", list, i, key, inner.message);
}

/* Reads item i of a list of rdata to out; its size, or -1 with what is wrong. */
static int
rdata_item(struct reading *r, uint16_t type, const json_t *rdata, size_t i, uint8_t out[RDATA_MAX])
{
	const char *text = json_string_value(json_array_get(rdata, i));
	char expected[RDATA_EXPECTED], name[TYPE_TEXT];
	int size = -1;

	if (text == NULL || !body_is_text(text, EDITS_MAX)) {
		fields_wrong(r->error, NULL, "expected a text without control characters");
	} else {
		size = rdata_read(r->rdata, type, text, out);
		if (size < 0)
			fields_wrong(r->error, NULL, "\"%.80s\" is no rdata of %s (expected %s)", text, type_format(type, name),
			    rdata_expected(type, expected));
	}
	if (size < 0)
		wrong_at(r->error, "rdata", i);
	return size;
}

static bool
add(struct reading *r, bool prerequisite, const uint8_t *name, uint16_t type, uint16_t rrclass, int64_t ttl, const void *rdata, size_t size)
{
	struct edits *e = r->out;

	if (!update_add(e->update, prerequisite, name, type, rrclass, ttl == TTL_NONE ? TTL_USUAL : (uint32_t)ttl, rdata, size))
		return fields_wrong(r->error, NULL, "more than %d records in one update", UPDATE_RRS_MAX);
	if (ttl == TTL_NONE) {
		e->without_ttl = mem_grow(e->without_ttl, e->nwithout_ttl, sizeof(*e->without_ttl));
		e->without_ttl[e->nwithout_ttl++] = e->update->nchanges - 1;
	}
	return true;
}

/* A record for each rdata of the list. */
static bool
add_each(struct reading *r, bool prerequisite, const uint8_t *name, uint16_t type, uint16_t rrclass, int64_t ttl, const json_t *rdata)
{
	uint8_t bytes[RDATA_MAX];

	for (size_t i = 0; i < json_array_size(rdata); i++) {
		int size = rdata_item(r, type, rdata, i, bytes);

		if (size < 0 || !add(r, prerequisite, name, type, rrclass, ttl, bytes, (size_t)size))
			return false;
	}
	return true;
}

/* ---- one change ---- */

struct change {
	const char *op, *name, *type;
	int64_t ttl;
	const json_t *rdata;           /* NULL: none is given */
};

static bool
needs_rdata(struct reading *r, const struct change *c, const char *what)
{
	if (json_array_size(c->rdata) > 0)
		return true;
	return fields_wrong(r->error, "rdata", "%s needs a list of one text at least", what);
}

/* The RRset becomes what is given. That of the apex's NS cannot be taken out before it is filled anew (RFC 2136, 3.4.2.4):
 * what goes there is found when the zone is. */
static bool
change_set(struct reading *r, const uint8_t *name, uint16_t type, int64_t ttl, const json_t *rdata)
{
	if (type == TYPE_NS && dname_equal(name, r->apex))
		r->out->sets_ns = true;
	else if (type != TYPE_SOA && !add(r, false, name, type, CLASS_ANY, 0, NULL, 0))
		return false;
	return add_each(r, false, name, type, CLASS_IN, ttl, rdata);
}

static bool
change_delete(struct reading *r, const struct change *c, const uint8_t *name, uint16_t type)
{
	if (c->rdata == NULL)
		return add(r, false, name, type, CLASS_ANY, 0, NULL, 0);
	if (type == TYPE_ANY)
		return fields_wrong(r->error, "rdata", "rdata is of a type, and none is given");
	return needs_rdata(r, c, "delete with rdata") && add_each(r, false, name, type, CLASS_NONE, 0, c->rdata);
}

static bool
change_type(struct reading *r, const struct change *c, uint16_t *type)
{
	if (c->type != NULL)
		return edits_type(c->type, type, r->error);
	*type = TYPE_ANY;
	return strcmp(c->op, "delete") == 0 || fields_wrong(r->error, "type", "\"type\" is missing (only delete can do without)");
}

static bool
change_add(struct reading *r, const struct change *c)
{
	uint8_t name[DNAME_MAX];
	uint16_t type;

	if (!edits_name(c->name, r->apex, name, r->error) || !change_type(r, c, &type))
		return false;
	if (strcmp(c->op, "add") == 0)
		return needs_rdata(r, c, "add") && add_each(r, false, name, type, CLASS_IN, c->ttl, c->rdata);
	if (strcmp(c->op, "set") == 0)
		return needs_rdata(r, c, "set") && change_set(r, name, type, c->ttl, c->rdata);
	if (strcmp(c->op, "delete") == 0)
		return change_delete(r, c, name, type);
	return fields_wrong(r->error, "op", "\"%.40s\" is nothing to do with a record (expected add, delete or set)", c->op);
}

static bool
change_read(struct reading *r, json_t *value)
{
	static const struct field fields[] = {
		FIELD(change, op, "op", field_word, true),
		FIELD(change, name, "name", field_word, true),
		FIELD(change, type, "type", field_word, false),
		FIELD(change, ttl, "ttl", field_ttl, false),
		FIELD(change, rdata, "rdata", field_list, false),
	};
	struct change c = { .ttl = TTL_NONE };

	return fields_of(value, fields, FIELDS(fields), &c, r->error) && change_add(r, &c);
}

/* ---- one prerequisite ---- */

struct prerequisite {
	const char *name, *type;
	bool exists;
	const json_t *rdata;
};

/* RFC 2136, 2.4. */
static bool
prerequisite_add(struct reading *r, const struct prerequisite *p)
{
	uint16_t type = TYPE_ANY, rrclass = p->exists ? CLASS_ANY : CLASS_NONE;
	uint8_t name[DNAME_MAX];

	if (!edits_name(p->name, r->apex, name, r->error) || (p->type != NULL && !edits_type(p->type, &type, r->error)))
		return false;
	if (p->rdata == NULL)
		return add(r, true, name, type, rrclass, 0, NULL, 0);
	if (!p->exists || type == TYPE_ANY || json_array_size(p->rdata) == 0)
		return fields_wrong(r->error, "rdata", "expected where a type is given and \"exists\" is true: all that its RRset has");
	return add_each(r, true, name, type, CLASS_IN, 0, p->rdata);
}

static bool
prerequisite_read(struct reading *r, json_t *value)
{
	static const struct field fields[] = {
		FIELD(prerequisite, name, "name", field_word, true),
		FIELD(prerequisite, type, "type", field_word, false),
		FIELD(prerequisite, exists, "exists", field_bool, true),
		FIELD(prerequisite, rdata, "rdata", field_list, false),
	};
	struct prerequisite p = { .name = NULL };

	return fields_of(value, fields, FIELDS(fields), &p, r->error) && prerequisite_add(r, &p);
}

/* ---- bodies ---- */

struct body {
	const json_t *changes, *prerequisites, *rdata;
	int64_t ttl, if_serial;
	char owner[OWNER_MAX + 1], why[WHY_MAX + 1];
};

static bool
each(struct reading *r, const json_t *list, const char *key, bool (*read)(struct reading *r, json_t *value))
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		r->error->key = NULL;
		if (!read(r, json_array_get(list, i)))
			return wrong_at(r->error, key, i);
	}
	return true;
}

static bool
edits_begin(struct reading *r, const struct body *b)
{
	struct edits *e = r->out;

	if (b->if_serial >= 0) {
		e->update->has_serial = true;
		e->update->if_serial = (uint32_t)b->if_serial;
	}
	memcpy(e->owner, b->owner, sizeof(e->owner));
	memcpy(e->why, b->why, sizeof(e->why));
	r->rdata = rdata_reader_new();
	rdata_reader_origin(r->rdata, (const uint8_t *)"");
	return true;
}

static struct reading
reading_new(const uint8_t *apex, struct edits *out, struct body_error *error)
{
	*out = (struct edits){ .update = update_new(apex) };
	out->update->strict = true;
	return (struct reading){ .apex = apex, .out = out, .error = error };
}

/* Ends it either way; what is returned is ok. */
static bool
reading_end(struct reading *r, json_t *root, bool ok)
{
	rdata_reader_free(r->rdata);
	json_decref(root);
	if (!ok)
		edits_clear(r->out);
	return ok;
}

bool
edits_read(const char *bytes, size_t length, const uint8_t *apex, struct edits *out, struct body_error *error)
{
	static const struct field fields[] = {
		FIELD(body, changes, "changes", field_list, true),
		FIELD(body, prerequisites, "prerequisites", field_list, false),
		FIELD(body, if_serial, "if_serial", field_serial, false),
		FIELD(body, owner, "owner", field_text, false),
		FIELD(body, why, "why", field_text, false),
	};
	struct body b = { .if_serial = -1 };
	struct reading r = reading_new(apex, out, error);
	json_t *root = fields_load(bytes, length, EDITS_MAX, error);

	return reading_end(&r, root, root != NULL && fields_of(root, fields, FIELDS(fields), &b, error) && edits_begin(&r, &b) &&
	    each(&r, b.prerequisites, "prerequisites", prerequisite_read) && each(&r, b.changes, "changes", change_read));
}

bool
edits_read_set(const char *bytes, size_t length, const uint8_t *apex, const uint8_t *name, uint16_t type, struct edits *out,
    struct body_error *error)
{
	static const struct field fields[] = {
		FIELD(body, ttl, "ttl", field_ttl, false),
		FIELD(body, rdata, "rdata", field_list, true),
		FIELD(body, if_serial, "if_serial", field_serial, false),
		FIELD(body, owner, "owner", field_text, false),
		FIELD(body, why, "why", field_text, false),
	};
	struct body b = { .ttl = TTL_NONE, .if_serial = -1 };
	struct reading r = reading_new(apex, out, error);
	json_t *root = fields_load(bytes, length, EDITS_SET_MAX, error);
	bool ok = root != NULL && fields_of(root, fields, FIELDS(fields), &b, error) && edits_begin(&r, &b);

	if (ok && json_array_size(b.rdata) == 0)
		ok = fields_wrong(error, "rdata", "expected one text at least (DELETE removes the records)");
	return reading_end(&r, root, ok && change_set(&r, name, type, b.ttl, b.rdata));
}

static bool
text_given(const char *text, char *out, size_t size, const char *key, struct body_error *error)
{
	if (text == NULL)
		return true;
	if (!body_is_text(text, size - 1))
		return fields_wrong(error, key, "expected a text of at most %zu bytes without control characters", size - 1);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool
serial_given_as(const char *text, struct update *u, struct body_error *error)
{
	unsigned long long n;
	char *end;

	if (text == NULL)
		return true;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || n > UINT32_MAX)
		return fields_wrong(error, "if_serial", "expected a serial, from 0 to %u", UINT32_MAX);
	u->has_serial = true;
	u->if_serial = (uint32_t)n;
	return true;
}

bool
edits_read_delete(const uint8_t *apex, const uint8_t *name, uint16_t type, const char *if_serial, const char *owner, const char *why,
    struct edits *out, struct body_error *error)
{
	struct reading r = reading_new(apex, out, error);

	return reading_end(&r, NULL, serial_given_as(if_serial, out->update, error) &&
	    text_given(owner, out->owner, sizeof(out->owner), "owner", error) &&
	    text_given(why, out->why, sizeof(out->why), "why", error) && add(&r, false, name, type, CLASS_ANY, 0, NULL, 0));
}

/* ---- what the zone says ---- */

static const struct rrset *
zone_rrset(const struct zone *z, const uint8_t *name, uint16_t type)
{
	const struct node *n = zone_at(z, name);

	return n != NULL ? node_rrset(node_configured(z, n), type) : NULL;
}

static uint32_t
rrset_ttl(const struct rrset *s)
{
	const uint8_t *ttl = s->bytes + 6;     /* behind owner, type and class */

	return (uint32_t)ttl[0] << 24 | (uint32_t)ttl[1] << 16 | (uint32_t)ttl[2] << 8 | ttl[3];
}

/* Is that name server among those that come? */
static bool
update_brings(const struct update *u, const uint8_t *server)
{
	for (size_t i = 0; i < u->nchanges; i++) {
		const struct update_rr *c = &u->changes[i];

		if (c->rrclass == CLASS_IN && c->type == TYPE_NS && dname_equal(c->name, u->zone) && dname_equal(c->rdata, server))
			return true;
	}
	return false;
}

/* The name servers that are there go behind those that come; if others are there by then, it is not done. */
static bool
edits_settle_ns(struct update *u, const struct zone *z)
{
	struct rrs *old = rrs_of(zone_rrset(z, u->zone, TYPE_NS));
	const uint8_t *rdata = NULL;
	bool ok = true;
	size_t size;

	while (ok && (rdata = rrs_next(old, rdata, &size)) != NULL)
		ok = update_add(u, true, u->zone, TYPE_NS, CLASS_IN, 0, rdata, size) &&
		    (update_brings(u, rdata) || update_add(u, false, u->zone, TYPE_NS, CLASS_NONE, 0, rdata, size));
	free(old);
	return ok;
}

bool
edits_settle(struct edits *e, const struct zone *z)
{
	for (size_t i = 0; i < e->nwithout_ttl; i++) {
		struct update_rr *rr = &e->update->changes[e->without_ttl[i]];
		const struct rrset *there = zone_rrset(z, rr->name, rr->type);

		if (there != NULL)
			rr->ttl = rrset_ttl(there);
	}
	return !e->sets_ns || edits_settle_ns(e->update, z);
}

void
edits_clear(struct edits *e)
{
	update_free(e->update);
	free(e->without_ttl);
	*e = (struct edits){ .update = NULL };
}
