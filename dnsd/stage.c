/* stage.c - a configuration on its way to be served. */
#include "dnsd/stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "checker/checker.h"
#include "dnsd/catalog.h"
#include "dnsd/edition.h"
#include "dnsd/made.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
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
	if (s->starts != NULL)
		world_starts_free(s->starts, s->conf->nzones);
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

static struct zone *
stage_zone(struct stage *s, const struct conf_zone *zone, uint32_t serial)
{
	if (zone->type == ZONE_CATALOG)
		return catalog_zone(s->conf, zone, serial);
	return zone->file != NULL ? zone_load(zone->name, zone->file, &s->diag) : made_zone(s->conf, zone, serial);
}

static bool
stage_differs(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	return type == TYPE_SOA || changes_draft_add(arg, come, name, rr);
}

/* What takes long where the zone is large: its digest, and what differs from the edition that is transferred now. Too many
 * differences are as good as none known. */
static void
stage_start(struct world_start *start, const struct zone *z, const struct world *old)
{
	zone_digest(z, &start->digest);
	if (old == NULL)
		return;
	snapshot_enter();
	start->older = world_edition_of(old, zone_apex(z));
	if (start->older != NULL)
		edition_hold(start->older);
	snapshot_leave();
	if (start->older == NULL)
		return;
	start->draft = changes_draft_new();
	(void)zone_diff(start->older->zone, z, stage_differs, start->draft);
}

bool
stage_zones(struct stage *s, const struct world *old)
{
	uint32_t serial = (uint32_t)(clock_wall_ms() / 1000);
	bool loaded = true;

	s->zones = mem_array(s->conf->nzones, sizeof(struct zone *));
	s->starts = mem_array(s->conf->nzones, sizeof(*s->starts));
	for (size_t i = 0; i < s->conf->nzones; i++) {
		const struct conf_zone *zone = &s->conf->zones[i];

		s->zones[i] = stage_zone(s, zone, serial);
		if (s->zones[i] != NULL)
			stage_start(&s->starts[i], s->zones[i], old);
		else
			loaded = false;
	}
	for (size_t i = 0; loaded && i < s->conf->nservices; i++)
		stage_service(s, &s->conf->services[i]);
	return s->diag.count == 0;
}
