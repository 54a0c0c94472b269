/* stage.c - a configuration on its way to be served. stage_store.c has what it has to do with homing.db. */
#include "dnsd/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "checker/checker.h"
#include "dnsd/catalog.h"
#include "dnsd/dynamic.h"
#include "dnsd/edition.h"
#include "dnsd/made.h"
#include "dnsd/objects.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "dnsd/store.h"
#include "dnsd/world.h"
#include "zones/zone.h"

struct stage *
stage_new(void)
{
	return mem_alloc(sizeof(struct stage));
}

void
stage_free(struct stage *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; s->zones != NULL && i < s->conf->nzones; i++)
		zone_free(s->zones[i]);
	free(s->zones);
	free(s->seeds);
	if (s->starts != NULL)
		world_starts_free(s->starts, s->conf->nzones);
	fits_free(s->fits);
	conf_free(s->conf);
	diag_clear(&s->diag);
	free(s);
}

/* A pattern, a certificate authority: what only the checker can judge. Any address will do. */
static void
stage_checks(struct stage *s)
{
	char error[256], path[LABEL_MAX + sizeof("checks.")];

	for (size_t i = 0; i < s->conf->nchecks; i++) {
		const struct conf_check *check = &s->conf->checks[i];
		struct target_conf terms = { .label = check->name, .check = check, .address = { .family = 4, .bytes = { 127, 0, 0, 1 } } };

		snprintf(path, sizeof(path), "checks.%s", check->name);
		if (!target_conf_check(&terms, error, sizeof(error)))
			diag_add(&s->diag, s->conf->file, check->line, path, "%s", error);
	}
}

bool
stage_conf(struct stage *s, const char *file)
{
	s->conf = conf_load(file, &s->diag);
	if (s->conf != NULL)
		stage_checks(s);
	return s->diag.count == 0;
}

void
stage_objects(struct stage *s, const struct objects *all)
{
	s->fits = objects_fit(all, s->conf);
}

static void
stage_service(struct stage *s, const struct conf_service *service)
{
	const struct zone *z = s->zones[service->zone - s->conf->zones];
	char path[DNAME_TEXT + sizeof("services.")];
	const struct node *n = NULL;

	snprintf(path, sizeof(path), "services.%s", service->text);
	switch (zone_find(z, service->name, TYPE_A, &n)) {
	case FIND_CUT:
		diag_add(&s->diag, s->conf->file, service->line, path,
		    "zone %s delegates this name to other name servers (expected a name that the zone answers itself)", service->zone->text);
		break;
	case FIND_DNAME:
		diag_add(&s->diag, s->conf->file, service->line, path,
		    "zone %s has a DNAME above this name (expected none)", service->zone->text);
		break;
	case FIND_NODE:
		if (node_flags(n) & NODE_CNAME)
			diag_add(&s->diag, s->conf->file, service->line, path,
			    "zone %s has a CNAME at this name (expected none: RFC 2181, 10.1)", service->zone->text);
		if (node_rrset(n, TYPE_A) != NULL || node_rrset(n, TYPE_AAAA) != NULL)
			diag_add(&s->diag, s->conf->file, service->line, path,
			    "zone %s has addresses at this name (expected none: the service answers its members')", service->zone->text);
		break;
	case FIND_WILDCARD:
	case FIND_EMPTY:
	case FIND_NONE:
		break;
	}
}

/* Those in zones that are copied, or those in all others. */
static void
stage_services(struct stage *s, bool copied)
{
	for (size_t i = 0; i < s->conf->nservices; i++) {
		const struct conf_service *service = &s->conf->services[i];

		if (s->starts[service->zone - s->conf->zones].copied == copied)
			stage_service(s, service);
	}
}

/* ---- zones ---- */

/* What homing.db has of zone i; false: it has nothing, or it cannot be read, and diag says so. */
static bool
stage_stored(struct stage *s, size_t i, struct store_reader **reader)
{
	const struct conf_zone *zone = &s->conf->zones[i];
	char error[512], path[DNAME_TEXT + sizeof("zones.")];

	if ((*reader != NULL || store_reader_open(s->state != NULL ? s->state : s->conf->daemon.state, reader, error, sizeof(error))) &&
	    (*reader == NULL || store_load(*reader, zone->text, zone->name, &s->zones[i], error, sizeof(error))))
		return s->zones[i] != NULL;
	snprintf(path, sizeof(path), "zones.%s", zone->text);
	diag_add(&s->diag, s->conf->file, zone->line, path, "%s", error);
	return false;
}

static struct zone *
stage_load(struct stage *s, const struct conf_zone *zone, uint32_t serial)
{
	if (zone->type == ZONE_CATALOG)
		return catalog_zone(s->conf, zone, serial);
	return zone->file != NULL ? zone_load(zone->name, zone->file, &s->diag) : made_zone(s->conf, zone, serial);
}

/* Fills zones[i]; it stays NULL where there was a mistake. */
static void
stage_zone(struct stage *s, size_t i, uint32_t serial, const struct world *old, struct store_reader **reader)
{
	const struct conf_zone *zone = &s->conf->zones[i];
	size_t mistakes = s->diag.count + s->diag.dropped;

	if (zone->type == ZONE_DYNAMIC && s->starts[i].older != NULL && world_is_dynamic(old, zone->name)) {
		s->zones[i] = dynamic_copy(s->starts[i].older->zone);
		s->starts[i].copied = true;
		return;
	}
	if (zone->type == ZONE_DYNAMIC && (stage_stored(s, i, reader) || s->diag.count + s->diag.dropped > mistakes))
		return;
	s->zones[i] = stage_load(s, zone, serial);
	s->seeds[i] = zone->type == ZONE_DYNAMIC;
}

/* ---- their numbering ---- */

static void
stage_hold(struct world_start *start, const struct conf_zone *zone, const struct world *old)
{
	if (old == NULL)
		return;
	snapshot_enter();
	start->older = world_edition_of(old, zone->name);
	if (start->older != NULL)
		edition_hold(start->older);
	snapshot_leave();
}

static bool
stage_differs(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	return type == TYPE_SOA || changes_draft_add(arg, come, name, rr);
}

/* What takes long where the zone is large: its digest, and what differs from the edition that is transferred now. Too many
 * differences are as good as none known. */
static void
stage_start(struct world_start *start, const struct zone *z)
{
	zone_digest(z, &start->digest);
	if (start->older == NULL)
		return;
	start->draft = changes_draft_new();
	(void)zone_diff(start->older->zone, z, stage_differs, start->draft);
}

bool
stage_zones(struct stage *s, const struct world *old)
{
	uint32_t serial = (uint32_t)(clock_wall_ms() / 1000);
	struct store_reader *reader = NULL;
	bool loaded = true;

	s->zones = mem_array(s->conf->nzones, sizeof(struct zone *));
	s->starts = mem_array(s->conf->nzones, sizeof(*s->starts));
	s->seeds = mem_array(s->conf->nzones, sizeof(*s->seeds));
	for (size_t i = 0; i < s->conf->nzones; i++) {
		stage_hold(&s->starts[i], &s->conf->zones[i], old);
		stage_zone(s, i, serial, old, &reader);
		if (s->zones[i] != NULL)
			stage_start(&s->starts[i], s->zones[i]);
		else
			loaded = false;
	}
	store_reader_close(reader);
	if (loaded)
		stage_services(s, false);      /* a copy is not what it will be yet: stage_catch_up() */
	return s->diag.count == 0;
}

/* ---- what came meanwhile ---- */

/* What zone i has become since it was copied counts as if it had been loaded so. */
static bool
stage_follows(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct world_start *start = arg;

	if (come)
		digest_add(&start->digest, name, rr);
	else
		digest_subtract(&start->digest, name, rr);
	if (type != TYPE_SOA && start->draft != NULL)
		changes_draft_add(start->draft, come, name, rr);
	return true;
}

static void
stage_follow(struct stage *s, size_t i, const struct zone *now)
{
	struct world_start *start = &s->starts[i];
	struct garbage *garbage;
	struct zone *next = dynamic_follow(s->zones[i], start->older->zone, now, &garbage);

	if (next == NULL)
		return;
	zone_diff(s->zones[i], next, stage_follows, start);
	s->zones[i] = next;
	garbage_free(garbage);
}

bool
stage_catch_up(struct stage *s, const struct world *old)
{
	for (size_t i = 0; i < s->conf->nzones; i++) {
		size_t index;
		const struct zone *now = s->starts[i].copied ? world_zone_of(old, s->conf->zones[i].name, &index) : NULL;

		if (now != NULL)
			stage_follow(s, i, now);
	}
	stage_services(s, true);
	return s->diag.count == 0;
}
