/* updating.h - updates in words. For the tests of the engine.
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
#include "tests/unit/dnsd/updated.h"
#include "zones/rdata.h"

/* ---- updates from words ---- */

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

/* ---- by themselves ---- */

/* An update, which is taken, by itself: published if it was one. */
static inline struct update_result
updated_with(struct updated *t, struct update *u)
{
	struct staged *s = staged_new();
	struct view v = updated_view(t, s);
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

static inline struct update_result
updated_by(struct updated *t, const char *text)
{
	return updated_with(t, updating_of(text));
}

#endif
