/* updated.h - a dynamic zone that is updated. For the tests and the fuzzer of the engine: without check, which has no place in a fuzzer. */
#ifndef TESTS_DNSD_UPDATED_H
#define TESTS_DNSD_UPDATED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/update.h"
#include "zones/rrbuf.h"

#define must(condition) do { if (!(condition)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); abort(); } } while (0)

static const uint8_t updating_apex[] = "\7example";

static inline uint8_t *
updating_name(const char *text, uint8_t out[DNAME_MAX])
{
	must(dname_parse(text, out) > 0);
	return out;
}

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
	must(t->zone != NULL);
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
