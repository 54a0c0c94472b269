/* updating.h - a dynamic zone and updates of it in words. For the tests and the fuzzer of the engine.
 *
 * An update is lines as nsupdate has them, names absolute:
 *     yxdomain NAME | nxdomain NAME | yxrrset NAME TYPE [RDATA] | nxrrset NAME TYPE
 *     add NAME TTL TYPE RDATA | del NAME [TYPE [RDATA]]
 *     strict
 * and "rr SECTION NAME TTL CLASS TYPE HEX" for what those cannot say: SECTION is p or u, CLASS a number, HEX is rdata. */
#ifndef TESTS_DNSD_UPDATING_H
#define TESTS_DNSD_UPDATING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rrtype.h"
#include "conf/conf.h"
#include "dnsd/update.h"
#include "zones/rdata.h"
#include "zones/rrbuf.h"

static const uint8_t updating_apex[] = "\7example";

/* ---- updates from words ---- */

static inline uint8_t *
updating_name(const char *text, uint8_t out[DNAME_MAX])
{
	ck_assert_msg(dname_parse(text, out) > 0, "%s is no name", text);
	return out;
}

static inline uint16_t
updating_type(const char *text)
{
	uint16_t type = type_parse(text);

	ck_assert_msg(type != 0, "%s is no type", text);
	return type;
}

static inline void
updating_rdata(struct update *u, bool prerequisite, const char *name, uint16_t type, uint16_t rrclass, uint32_t ttl, const char *text)
{
	static uint8_t rdata[RDATA_MAX];
	struct rdata_reader *r = rdata_reader_new();
	uint8_t wire[DNAME_MAX];
	int size;

	rdata_reader_origin(r, (const uint8_t *)"");
	size = rdata_read(r, type, text, rdata);
	ck_assert_msg(size >= 0, "%s is no rdata of type %u", text, type);
	ck_assert(update_add(u, prerequisite, updating_name(name, wire), type, rrclass, ttl, rdata, (size_t)size));
	rdata_reader_free(r);
}

static inline void
updating_bare(struct update *u, bool prerequisite, const char *name, uint16_t type, uint16_t rrclass)
{
	uint8_t wire[DNAME_MAX];

	ck_assert(update_add(u, prerequisite, updating_name(name, wire), type, rrclass, 0, NULL, 0));
}

static inline void
updating_raw(struct update *u, const char *words)
{
	char section[8], name[256], type[32], hex[1025] = "";
	unsigned ttl, rrclass;
	uint8_t wire[DNAME_MAX], rdata[512];
	size_t n = 0;
	int type_number;

	ck_assert_int_ge(sscanf(words, "%7s %255s %u %u %31s %1024s", section, name, &ttl, &rrclass, type, hex), 5);
	for (const char *p = hex; *p != '\0'; p += 2)
		ck_assert_int_eq(sscanf(p, "%2hhx", &rdata[n++]), 1);
	if (sscanf(type, "%d", &type_number) != 1)
		type_number = updating_type(type);
	ck_assert(update_add(u, *section == 'p', updating_name(name, wire), (uint16_t)type_number, (uint16_t)rrclass, ttl, rdata, n));
}

static inline void
updating_line(struct update *u, const char *line)
{
	char verb[16] = "", name[256] = "", a[64] = "", b[64] = "";
	int at_type = 0, at_rdata = 0, at_add = 0;
	const char *rest;

	sscanf(line, "%15s %255s %n%63s %n%63s %n", verb, name, &at_type, a, &at_rdata, b, &at_add);
	rest = at_rdata > 0 ? line + at_rdata : "";
	if (strcmp(verb, "yxdomain") == 0)
		updating_bare(u, true, name, TYPE_ANY, CLASS_ANY);
	else if (strcmp(verb, "nxdomain") == 0)
		updating_bare(u, true, name, TYPE_ANY, CLASS_NONE);
	else if (strcmp(verb, "nxrrset") == 0)
		updating_bare(u, true, name, updating_type(a), CLASS_NONE);
	else if (strcmp(verb, "yxrrset") == 0 && *rest == '\0')
		updating_bare(u, true, name, updating_type(a), CLASS_ANY);
	else if (strcmp(verb, "yxrrset") == 0)
		updating_rdata(u, true, name, updating_type(a), CLASS_IN, 0, rest);
	else if (strcmp(verb, "add") == 0)
		updating_rdata(u, false, name, updating_type(b), CLASS_IN, (uint32_t)strtoul(a, NULL, 10), line + at_add);
	else if (strcmp(verb, "del") == 0 && *a == '\0')
		updating_bare(u, false, name, TYPE_ANY, CLASS_ANY);
	else if (strcmp(verb, "del") == 0 && *rest == '\0')
		updating_bare(u, false, name, updating_type(a), CLASS_ANY);
	else if (strcmp(verb, "del") == 0)
		updating_rdata(u, false, name, updating_type(a), CLASS_NONE, 0, rest);
	else if (strcmp(verb, "strict") == 0)
		u->strict = true;
	else if (strcmp(verb, "rr") == 0)
		updating_raw(u, line + 3);
	else
		ck_abort_msg("%s", line);
}

static inline struct update *
updating_of(const char *text)
{
	struct update *u = update_new(updating_apex);
	char *copy = mem_text(text), *line, *rest = copy;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0')
			updating_line(u, line);
	free(copy);
	return u;
}

/* ---- a zone that is updated ---- */

struct updated {
	struct zone *zone;
	struct conf_zone conf;
	struct updater who;
	struct conf_whos anyone;
	struct conf_who who_anyone;
};

static inline void
updated_begin(struct updated *t, const char *text)
{
	struct diag diag = { 0 };

	*t = (struct updated){ .who_anyone = { .anywhere = true } };
	t->zone = zone_parse(updating_apex, text, strlen(text), "test.zone", &diag);
	ck_assert_msg(t->zone != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	diag_clear(&diag);
	memcpy(t->conf.name, updating_apex, sizeof(updating_apex));
	t->conf.type = ZONE_DYNAMIC;
	t->conf.update = (struct conf_whos){ &t->who_anyone, 1 };
	t->who.address = (struct addr){ .family = 4, .bytes = { 192, 0, 2, 1 } };
}

static inline void
updated_end(struct updated *t)
{
	zone_free(t->zone);
}

/* A name becomes a service's: one address is answered, and that and another are configured; or none at all. */
static inline void
updated_serve(struct updated *t, const char *name, bool empty)
{
	struct zone_edit *e = zone_edit(t->zone);
	struct rrbuf *b = rrbuf_new();
	uint8_t wire[DNAME_MAX];
	struct garbage *garbage;

	updating_name(name, wire);
	zone_mark_service(e, wire, 0);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	rrbuf_add(b, "\300\0\2\1", 4);
	if (!empty)
		zone_put(e, wire, b);
	rrbuf_add(b, "\300\0\2\2", 4);
	zone_put_configured(e, wire, TYPE_A, empty ? NULL : b);
	rrbuf_free(b);
	t->zone = zone_commit(e, &garbage);
	garbage_free(garbage);
}

static inline struct view
updated_view(const struct updated *t, const struct staged *s)
{
	return (struct view){ .conf = &t->conf, .zone = t->zone, .staged = s };
}

/* What is staged becomes the zone's. */
static inline void
updated_publish(struct updated *t, const struct staged *s)
{
	struct zone_edit *e = zone_edit(t->zone);
	struct garbage *garbage;

	for (size_t i = 0; i < staged_count(s); i++) {
		const struct staged_rrset *r = staged_at(s, i);

		zone_put_rrs(e, r->name, r->type, r->rrs);
	}
	t->zone = zone_commit(e, &garbage);
	garbage_free(garbage);
}

/* An update, by itself: published if it was one. */
static inline struct update_result
updated_by(struct updated *t, const char *text)
{
	struct staged *s = staged_new();
	struct view v = updated_view(t, s);
	struct update *u = updating_of(text);
	struct update_result r = update_check(u, &v, &t->who, s);

	ck_assert(r.changed == staged_count(s));
	ck_assert((r.rcode == RCODE_NOERROR) == (r.why == NULL));
	ck_assert(r.rcode == RCODE_NOERROR || r.changed == 0);
	updated_publish(t, s);
	r.rr = NULL;                           /* it goes with u */
	update_free(u);
	staged_free(s);
	return r;
}

/* All records of the configured plane as master file lines, in canonical order. malloc'd. */
static inline char *
zone_text(const struct zone *z)
{
	struct zone_walk *w = zone_walk_new(z);
	char *text = mem_text("");
	const struct node *n;
	size_t used = 0;

	while ((n = zone_walk_next(w)) != NULL) {
		size_t size;
		char *lines = node_print(node_configured(z, n), &size);

		text = mem_resize(text, used + size + 1);
		memcpy(text + used, lines, size);
		used += size;
		text[used] = '\0';
		free(lines);
	}
	zone_walk_free(w);
	return text;
}

/* Would a master file with these records be taken? What it lacks of name servers' addresses does not count. */
static inline bool
zone_is_sound(const struct zone *z)
{
	char *text = zone_text(z);
	struct diag diag = { 0 };
	struct zone *again = zone_parse(zone_apex(z), text, strlen(text), "again", &diag);
	bool sound = true;

	for (size_t i = 0; i < diag.count; i++)
		if (strstr(diag.messages[i], "the name server") == NULL) {
			fprintf(stderr, "%s\n", diag.messages[i]);
			sound = false;
		}
	diag_clear(&diag);
	zone_free(again);
	free(text);
	return sound;
}

#endif
