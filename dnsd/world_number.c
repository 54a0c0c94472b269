/* world_number.c - which version of a zone gets which serial.
 *
 * Within a world a step is the difference between the edition and the current version, found in
 * what the two do not share. Between two worlds nothing is shared, and a zone may be large: the loading thread
 * has compared the zone as loaded with the edition of that time, and only what came since is added here:
 *
 *     edition of the old world  ◄─ history backwards ─  the one compared with  ─ draft ─►  as loaded  ─ services ─►  now
 *
 * The digest follows in the same way, from the zone as loaded. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/world_state.h"
#include "dnsd/zone_names.h"
#include "zones/zone.h"

/* What a difference means to a zone's step and digest. */
struct reckoning {
	struct changes_draft *draft;           /* of the answer zone */
	struct changes_draft *configured;      /* of the configured plane; NULL: there is one plane */
	struct digest digest;                  /* twice the configured plane less the answer zone (zone.h) */
};

static void
reckon_digest(struct reckoning *r, bool come, const uint8_t *name, const uint8_t *rr)
{
	if (come)
		digest_add(&r->digest, name, rr);
	else
		digest_subtract(&r->digest, name, rr);
}

static void
reckon_step(struct changes_draft *draft, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	if (type != TYPE_SOA)
		changes_draft_add(draft, come, name, rr);
}

/* Of a zone with one plane. All go on when the step is too large: the digest does. */
static bool
reckon(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct reckoning *r = arg;

	reckon_digest(r, come, name, rr);
	reckon_step(r->draft, come, name, type, rr);
	return true;
}

static bool
reckon_answer(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct reckoning *r = arg;

	reckon_digest(r, !come, name, rr);
	reckon_step(r->draft, come, name, type, rr);
	return true;
}

static bool
reckon_configured(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct reckoning *r = arg;

	reckon_digest(r, come, name, rr);
	reckon_digest(r, come, name, rr);
	reckon_step(r->configured, come, name, type, rr);
	return true;
}

static void
reckoning_free(struct reckoning *r)
{
	changes_draft_free(r->draft);
	changes_draft_free(r->configured);
}

static const struct rrset *
zone_soa(const struct zone *z)
{
	const struct node *apex = zone_at(z, zone_apex(z));
	const struct rrset *soa = apex != NULL ? node_rrset(apex, TYPE_SOA) : NULL;

	assert(soa != NULL);
	return soa;
}

/* Gives the current version the serial: a further version, if it has another. */
static void
world_put_serial(struct world *w, size_t zone, uint32_t serial)
{
	assert(w->nedited == 0);
	if (zone_serial(w->zones[zone]) == serial)
		return;
	zone_put_serial(world_edit(w, zone), serial);
	world_commit(w);
}

/* The current version becomes an edition with the next publication. */
static void
world_await_edition(struct world *w, size_t zone, struct changes *step, const struct edition *older)
{
	w->numbered = mem_grow(w->numbered, w->nnumbered, sizeof(*w->numbered));
	w->numbered[w->nnumbered++] = (struct numbered){ zone, step, older };
}

/* The step from before to the current version, which has its serial; NULL if it is too large. Takes the drafts. */
static struct changes *
world_step(const struct world *w, size_t zone, struct reckoning *r, const struct edition *before)
{
	const struct zone *z = w->zones[zone];
	const uint8_t *apex = zone_apex(z), *from = zone_soa(before->zone)->bytes, *to = zone_soa(z)->bytes;
	uint64_t now_ms = clock_wall_ms();
	struct changes *step = changes_draft_end(r->draft, apex, from, to, now_ms);

	return r->configured == NULL ? step : changes_join(step, changes_draft_end(r->configured, apex, from, to, now_ms));
}

/* Is what the edition has what the zone has now? A greater serial, given by a master file's author or an update, is a change by
 * itself: somebody wants it seen. */
static bool
world_same(const struct world *w, size_t zone, const struct reckoning *r, const struct edition *before)
{
	const struct zone *z = w->zones[zone];

	return changes_draft_empty(r->draft) && (r->configured == NULL || changes_draft_empty(r->configured)) &&
	    soa_same(zone_soa(before->zone), zone_soa(z)) && !serial_given(&w->conf->zones[zone], zone_serial(z), before->serial);
}

/* ---- within a world ---- */

/* What differs between two versions, the older of which has that digest. */
static struct reckoning
reckon_versions(const struct zone *from, const struct zone *to, struct digest digest)
{
	struct reckoning r = { .draft = changes_draft_new(), .digest = digest };

	if (!zone_has_planes(from) && !zone_has_planes(to)) {
		zone_diff(from, to, reckon, &r);
		return r;
	}
	r.configured = changes_draft_new();
	zone_diff(from, to, reckon_answer, &r);
	zone_diff_configured(from, to, reckon_configured, &r);
	return r;
}

/* What the published version has and its edition has not becomes an edition. False: nothing differs. */
static bool
world_number_one(struct world *w, size_t zone)
{
	const struct edition *before = edition_find(w->terms.editions, (unsigned)zone);
	struct reckoning r = reckon_versions(before->zone, w->zones[zone], w->digests[zone]);
	uint32_t given = zone_serial(w->zones[zone]);

	if (given == before->serial && world_same(w, zone, &r, before)) {
		reckoning_free(&r);
		/* The published version takes the edition's place: what lies between them is not kept until the next serial. */
		editions_put(w->terms.editions, (unsigned)zone, w->zones[zone], NULL, before);
		return false;
	}
	w->digests[zone] = r.digest;
	world_put_serial(w, zone, serials_after(before->serial, given, &w->conf->zones[zone], false));
	world_await_edition(w, zone, world_step(w, zone, &r, before), NULL);
	return true;
}

uint64_t
world_due_us(const struct world *w)
{
	uint64_t due_us = 0;

	for (size_t i = 0; i < w->nwaiting; i++)
		if (due_us == 0 || w->due_us[w->waiting[i]] < due_us)
			due_us = w->due_us[w->waiting[i]];
	return due_us;
}

void
world_number(struct world *w, uint64_t now_us, world_numbered_fn *numbered, void *arg)
{
	size_t kept = 0, n = 0, *zones = mem_array(w->nwaiting, sizeof(*zones));

	for (size_t i = 0; i < w->nwaiting; i++) {
		size_t zone = w->waiting[i];

		if (w->due_us[zone] > now_us) {
			w->waiting[kept++] = zone;
			continue;
		}
		w->due_us[zone] = 0;
		if (world_number_one(w, zone))
			zones[n++] = zone;
	}
	w->nwaiting = kept;
	if (n > 0)
		world_swap(w);
	for (size_t i = 0; i < n; i++)
		numbered(arg, zones[i], world_edition(w, zones[i]));
	free(zones);
}

void
world_catch_up(struct world *w, size_t zone, uint64_t now_us, world_numbered_fn *numbered, void *arg)
{
	if (w->due_us[zone] == 0)
		return;
	w->due_us[zone] = now_us;
	world_number(w, now_us, numbered, arg);
}

static bool
differs(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	(void)arg;
	(void)come;
	(void)name;
	(void)type;
	(void)rr;
	return false;
}

bool
world_is_ahead(const struct world *w, size_t zone)
{
	return w->due_us[zone] != 0 &&
	    !zone_diff_configured(edition_find(w->terms.editions, (unsigned)zone)->zone, w->zones[zone], differs, NULL);
}

/* ---- from one world to the next ---- */

/* Completes what the loading thread found: start's draft then begins at before. False: it does not lead there. */
static bool
start_compose(struct world_start *start, const struct edition *before)
{
	long since;

	if (start->draft == NULL || start->older == NULL)
		return false;
	since = edition_since(before, start->older->serial);
	if (since < 0)
		return false;
	for (size_t i = (size_t)since; i < before->nhistory; i++)
		changes_draft_add_all(start->draft, before->history[i], true);
	return true;
}

static bool
reckon_back(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	reckon_step(((struct reckoning *)arg)->configured, !come, name, type, rr);
	return true;
}

/* Completes a reckoning of the answer zone alone. The two planes of one version differ in little: their steps by the same as the
 * planes of the one version and those of the other. As loaded, a zone has one plane. */
static void
reckon_planes(struct reckoning *r, const struct zone *before, const struct zone *now)
{
	if (!zone_has_planes(now) && (before == NULL || !zone_has_planes(before)))
		return;
	r->configured = changes_draft_copy(r->draft);
	if (before != NULL)
		zone_diff_planes(before, reckon_back, r);
	zone_diff_planes(now, reckon_configured, r);
}

/* What differs from before (NULL: nothing to compare with) to the zone as it is now, and its digest. base is the zone as loaded. */
static struct reckoning
world_reckon(struct world *w, size_t zone, struct world_start *start, const struct zone *base, const struct edition *before)
{
	struct reckoning r = { .digest = start->digest };
	bool composed = before != NULL && start_compose(start, before);

	if (composed) {
		r.draft = start->draft;
		start->draft = NULL;
	} else {
		r.draft = changes_draft_new();
	}
	if (base != w->zones[zone])
		zone_diff(base, w->zones[zone], reckon, &r);
	if (before != NULL && !composed) {
		struct reckoning all = { .draft = changes_draft_new() };

		zone_diff(before->zone, w->zones[zone], reckon, &all);
		changes_draft_free(r.draft);
		r.draft = all.draft;
	}
	reckon_planes(&r, before != NULL ? before->zone : NULL, w->zones[zone]);
	return r;
}

/* Did the zone as loaded change since the old world loaded it? */
static bool
world_reloaded(const struct world *w, size_t zone, const struct digest *loaded)
{
	size_t i;

	return !zone_names_find(w->old->names, w->conf->zones[zone].name, &i) ||
	    memcmp(loaded, &w->old->loaded[i], sizeof(*loaded)) != 0;
}

/* The zone's first edition in this world. */
static void
world_begin_one(struct world *w, size_t zone, const struct zone *base)
{
	struct world_start none = { 0 }, *start = w->starts != NULL ? &w->starts[zone] : &none;
	const struct conf_zone *conf = &w->conf->zones[zone];
	const struct edition *before = world_edition_of(w->old, conf->name);
	struct reckoning r = world_reckon(w, zone, start, base, before);
	uint32_t loaded = zone_serial(w->zones[zone]);
	struct changes *step;

	w->loaded[zone] = start->digest;
	w->digests[zone] = r.digest;
	if (before == NULL) {
		reckoning_free(&r);
		world_put_serial(w, zone, serials_first(start, &r.digest, loaded, conf));
		/* The same serial says: it is the zone that the history leads to. */
		world_await_edition(w, zone, NULL,
		    start->kept != NULL && start->kept->serial == zone_serial(w->zones[zone]) ? start->kept : NULL);
	} else if (world_same(w, zone, &r, before)) {
		reckoning_free(&r);
		world_put_serial(w, zone, before->serial);
		world_await_edition(w, zone, NULL, before);
	} else {
		world_put_serial(w, zone, serials_after(before->serial, loaded, conf, world_reloaded(w, zone, &start->digest)));
		step = world_step(w, zone, &r, before);
		world_await_edition(w, zone, step, step != NULL ? before : NULL);
	}
}

void
world_begin(struct world *w)
{
	const struct zone **bases = mem_array(w->nzones, sizeof(struct zone *));

	memcpy(bases, w->zones, w->nzones * sizeof(struct zone *));
	world_commit(w);
	for (size_t i = 0; i < w->nzones; i++)
		world_begin_one(w, i, bases[i]);
	free(bases);
}
