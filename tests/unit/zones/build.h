/* build.h - zones from text, for the tests of this folder. */
#ifndef TESTS_ZONES_BUILD_H
#define TESTS_ZONES_BUILD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zones/zone.h"

/* The wire form of a name; a handful can be in use at a time. */
static inline const uint8_t *
name_of(const char *text)
{
	static uint8_t names[16][DNAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 16];

	ck_assert_msg(dname_parse(text, name) > 0, "%s is no name", text);
	return name;
}

/* The zone that text is; it must be without a mistake. */
static inline struct zone *
zone_of(const char *apex, const char *text)
{
	struct diag d = { 0 };
	struct zone *z = zone_parse(name_of(apex), text, strlen(text), "test.zone", &d);

	for (size_t i = 0; i < d.count; i++)
		fprintf(stderr, "%s\n", d.messages[i]);
	ck_assert_ptr_nonnull(z);
	ck_assert_uint_eq(d.count, 0);
	diag_clear(&d);
	return z;
}

/* "NODE www.example", "NONE": what zone_find() says. */
static inline const char *
find_text(const struct zone *z, const char *name, uint16_t qtype)
{
	static const char *const words[] = {
		[FIND_NODE] = "NODE", [FIND_WILDCARD] = "WILDCARD", [FIND_EMPTY] = "EMPTY", [FIND_NONE] = "NONE",
		[FIND_CUT] = "CUT", [FIND_DNAME] = "DNAME",
	};
	static char text[DNAME_TEXT + 16];
	char owner[DNAME_TEXT];
	const struct node *n = NULL;
	enum find found = zone_find(z, name_of(name), qtype, &n);

	if (found == FIND_EMPTY || found == FIND_NONE)
		snprintf(text, sizeof(text), "%s", words[found]);
	else
		snprintf(text, sizeof(text), "%s %s", words[found], dname_format(node_name(n), owner));
	return text;
}

#endif
