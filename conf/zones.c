/* zones.c - the list "zones", and the zones that services bring along. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/reader.h"

/* A catalog's records have names below its own: a label for each zone, and "zones" (RFC 9432, 4.1). */
enum { WHOS_MOST = 1024, CATALOG_MOST = DNAME_MAX - (1 + LABEL_MAX) - (1 + 5) };

static const struct word types[] = {
	{ "file", ZONE_FILE, false }, { "dynamic", ZONE_DYNAMIC, false }, { "catalog", ZONE_CATALOG, false }, { NULL, 0, false },
};

static const struct row rows[] = {
	{ "name", &kind_dname, .required = true },
	{ "type", &kind_word, AT(struct conf_zone, type), .words = types },
	{ "file", &kind_path, AT(struct conf_zone, file) },
	{ "update", &kind_who, LIST(struct conf_zone, update.who, update.count), .most = WHOS_MOST },
	{ "update_rules", &kind_groups },
	{ "transfer", &kind_who, LIST(struct conf_zone, transfer.who, transfer.count), .most = WHOS_MOST },
	{ "notify", &kind_groups },
	{ "notify_delay", &kind_duration, AT(struct conf_zone, notify_delay_us), .least = 0, .most = 60 * US_PER_S,
	  .initial = 200 * US_PER_MS },
};

static const struct group group = GROUP("the settings of a zone", rows);

const char *
zone_type_text(enum zone_type type)
{
	return types[type].word;
}

/* ---- the list ---- */

static void
zone_twice(void *ctx, const void *item, const void *first)
{
	struct reader *r = ctx;
	const struct conf_zone *z = item, *other = first;
	const config_setting_t *s = reader_item(reader_get(r->root, "zones"), (size_t)(z - r->conf->zones));

	reader_say(r, reader_get(s, "name"), "\"%s\" is the name of the zone in line %u too (expected another name)", z->text,
	    other->line);
}

static void
catalog_check(struct reader *r, const config_setting_t *s, const struct conf_zone *z)
{
	if (reader_get(s, "file") != NULL)
		reader_say(r, reader_get(s, "file"), "has no use in a catalog, which lists the other zones (expected it left out)");
	if (reader_get(s, "transfer") == NULL)
		reader_miss(r, s, "transfer", "missing (expected who may transfer the catalog: nobody else can use it)");
	if (dname_length(z->name) > CATALOG_MOST)
		reader_say(r, reader_get(s, "name"), "%zu bytes long in a message (expected at most %d: a catalog's records have longer names)",
		    dname_length(z->name), CATALOG_MOST);
}

static void
zone_read(struct reader *r, const config_setting_t *s, struct conf_zone *z)
{
	size_t before = reader_mistakes(r);

	z->line = config_setting_source_line(s);
	reader_group(r, &group, s, 0, z);
	z->text = reader_dname(r, s, z->name);
	if (z->text != NULL)
		names_add(&r->zones, NULL, z->text, z);
	if (z->type == ZONE_CATALOG)
		catalog_check(r, s, z);
	updating_read(r, s, z);
	notify_read(r, s, z);
	if (reader_mistakes(r) == before)
		notify_check(r, s, z);
}

void
zones_read(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_list(r, r->root, "zones", &c->nzones);

	size_t before = reader_mistakes(r);

	c->zones = mem_array(c->nzones, sizeof(*c->zones));
	for (size_t i = 0; i < c->nzones; i++)
		zone_read(r, reader_item(list, i), &c->zones[i]);
	names_sort(&r->zones, zone_twice, r);
	r->zones_doubtful = reader_mistakes(r) != before;
}

/* ---- services in zones ---- */

/* What is known at the nearest name: this one (unless above) or one of those above it. */
static const void *
enclosing(const struct names *names, const uint8_t *name, bool above)
{
	char text[DNAME_TEXT];

	if (above) {
		if (*name == 0)
			return NULL;
		name += *name + 1;
	}
	for (;; name += *name + 1) {
		const void *item = names_find(names, NULL, dname_format(name, text));

		if (item != NULL || *name == 0)
			return item;
	}
}

/* A zone for each service that no other service's zone encloses. */
static void
zones_make(struct reader *r)
{
	struct conf *c = r->conf;

	free(c->zones);
	c->zones = mem_array(c->nservices, sizeof(*c->zones));
	for (size_t i = 0; i < c->nservices; i++) {
		const struct conf_service *service = &c->services[i];
		struct conf_zone *z = &c->zones[c->nzones];

		if (service->text == NULL || enclosing(&r->services, service->name, true) != NULL)
			continue;
		reader_defaults(&group, z);
		memcpy(z->name, service->name, DNAME_MAX);
		z->text = mem_text(service->text);
		z->line = service->line;
		c->nzones++;
		names_add(&r->zones, NULL, z->text, z);
	}
	names_sort(&r->zones, NULL, NULL);     /* twice the same: two services of one name, which is said */
}

/* A zone without a file is made of its services. */
static void
empty_check(struct reader *r, const bool *used)
{
	const config_setting_t *list = reader_get(r->root, "zones");
	const struct conf_zone *zones = r->conf->zones;

	for (size_t i = 0; i < r->conf->nzones; i++)
		if (!used[i] && zones[i].type == ZONE_FILE && zones[i].file == NULL && zones[i].text != NULL)
			reader_miss(r, reader_item(list, i), "file", "missing, and no service is in this zone (expected one or the other)");
}

/* s: the name of a service, which lies in that zone, if any. */
static void
place_check(struct reader *r, const config_setting_t *s, const struct conf_service *service)
{
	if (service->zone == NULL && !r->zones_doubtful)
		reader_say(r, s, "\"%s\" is in none of the zones (expected a name inside a zone that is listed)", service->text);
	if (service->zone != NULL && service->zone->type == ZONE_CATALOG)
		reader_say(r, s, "\"%s\" is in the catalog \"%s\" (expected a name inside a zone of another type)", service->text,
		    service->zone->text);
}

void
zones_settle(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_get(r->root, "services"), *zones = reader_get(r->root, "zones");
	bool *used, listed = c->nzones > 0;

	if (zones == NULL || (c->nzones == 0 && config_setting_length(zones) == 0))
		zones_make(r);
	used = mem_array(c->nzones, sizeof(*used));
	for (size_t i = 0; i < c->nservices; i++) {
		struct conf_service *service = &c->services[i];

		if (service->text == NULL)
			continue;
		service->zone = enclosing(&r->zones, service->name, false);
		if (service->zone != NULL)
			used[service->zone - c->zones] = true;
		if (listed)
			place_check(r, reader_get(reader_item(list, i), "name"), service);
	}
	if (listed)
		empty_check(r, used);
	free(used);
}

void
zones_place(struct reader *r)
{
	for (size_t i = 0; i < r->conf->nservices; i++)
		r->conf->services[i].zone = enclosing(&r->zones, r->conf->services[i].name, false);
}

void
zones_free(struct conf *c)
{
	for (size_t i = 0; i < c->nzones; i++) {
		reader_release(&group, &c->zones[i]);
		updating_free(&c->zones[i]);
		free(c->zones[i].notify);
		free(c->zones[i].text);
	}
	free(c->zones);
}
