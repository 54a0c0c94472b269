/* world.c - the zones as they stand now, their publication and their numbering.
 *
 *     world_put ──► edit ──► commit ──► publish                   at once
 *                                          └► window of notify_delay ──► number: serial + 1, publish, edition
 *
 * An edit of a zone begins with the first service put into it and ends when it is
 * published; a publication costs what was put, whatever the zones hold and however many they are. So
 * does numbering: the difference between two versions of a zone is found in what they do not share.
 * Versions that were replaced wait for readers (snapshot.h) and transfers (edition.h). */
#include "dnsd/world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/world_state.h"
#include "dnsd/zone_names.h"
#include "zones/zone.h"

struct world *
world_new(const struct conf *conf, struct zone **zones, struct world_start *starts, const struct snapshot_terms *terms,
    const struct world *old)
{
	struct world *w = mem_alloc(sizeof(*w));

	w->conf = conf;
	w->services = conf->services;
	w->terms = *terms;
	w->terms.editions = editions_new(conf->nzones);
	w->zones = zones;
	w->nzones = conf->nzones;
	w->starts = starts;
	w->old = old;
	w->edits = mem_array(w->nzones, sizeof(struct zone_edit *));
	w->edited = mem_array(w->nzones, sizeof(*w->edited));
	w->rotors = mem_array(conf->nservices, sizeof(*w->rotors));
	w->rrs = rrbuf_new();
	w->digests = mem_array(w->nzones, sizeof(*w->digests));
	w->loaded = mem_array(w->nzones, sizeof(*w->loaded));
	w->due_us = mem_array(w->nzones, sizeof(*w->due_us));
	w->waiting = mem_array(w->nzones, sizeof(*w->waiting));
	w->changed = mem_array(w->nzones, sizeof(*w->changed));
	w->names = zone_names_new(conf);
	for (size_t i = 0; i < w->nzones; i++)
		zone_set_index(zones[i], (unsigned)i);
	return w;
}

void
world_services(struct world *w, const struct conf *conf)
{
	assert(conf->nservices == w->conf->nservices && conf->zones == w->conf->zones);
	w->services = conf->services;
}

struct zone_edit *
world_edit(struct world *w, size_t zone)
{
	if (w->edits[zone] == NULL) {
		w->edits[zone] = zone_edit(w->zones[zone]);
		w->edited[w->nedited++] = zone;
	}
	return w->edits[zone];
}

static void
world_put_family(struct world *w, struct zone_edit *e, const struct conf_service *service, uint16_t type,
    const struct addr *addrs, size_t n, uint32_t ttl)
{
	size_t window = service->answers == 0 || service->answers > n ? n : service->answers;

	if (n == 0) {
		zone_remove(e, service->name, type);
		return;
	}
	rrbuf_begin(w->rrs, type, CLASS_IN, ttl);
	for (size_t i = 0; i < n; i++)
		rrbuf_add(w->rrs, addrs[i].bytes, type == TYPE_A ? 4 : 16);
	if (service->spread == SPREAD_ROTATE && n > 1)
		rrbuf_rotate(w->rrs, &w->rotors[service - w->services], (unsigned)window);
	zone_put(e, service->name, w->rrs);
}

void
world_put(struct world *w, const struct conf_service *service, const struct addr *addr4, size_t n4,
    const struct addr *addr6, size_t n6, uint32_t ttl, bool all_down4, bool all_down6)
{
	struct zone_edit *e = world_edit(w, (size_t)(service->zone - w->conf->zones));

	world_put_family(w, e, service, TYPE_A, addr4, n4, ttl);
	world_put_family(w, e, service, TYPE_AAAA, addr6, n6, ttl);
	zone_mark_service(e, service->name, (all_down4 ? NODE_ALL_DOWN4 : 0u) | (all_down6 ? NODE_ALL_DOWN6 : 0u));
}

static void
world_put_plane(struct world *w, struct zone_edit *e, const struct conf_service *service, uint16_t type, const struct addr *addrs, size_t n)
{
	rrbuf_begin(w->rrs, type, CLASS_IN, service->ttl);
	for (size_t i = 0; i < n; i++)
		rrbuf_add(w->rrs, addrs[i].bytes, type == TYPE_A ? 4 : 16);
	zone_put_configured(e, service->name, type, n > 0 ? w->rrs : NULL);
}

void
world_put_configured(struct world *w, const struct conf_service *service, const struct addr *addr4, size_t n4,
    const struct addr *addr6, size_t n6)
{
	struct zone_edit *e;

	if (service->zone->type != ZONE_DYNAMIC)
		return;
	e = world_edit(w, (size_t)(service->zone - w->conf->zones));
	world_put_plane(w, e, service, TYPE_A, addr4, n4);
	world_put_plane(w, e, service, TYPE_AAAA, addr6, n6);
}

void
world_put_records(struct world *w, size_t zone, const uint8_t *name, uint16_t type, const struct rrs *rrs)
{
	struct zone_edit *e = world_edit(w, zone);
	const struct node *n = zone_edit_at(e, name);

	/* An update that was accepted before a reload made its name a service's: what follows health goes before. */
	if (type_is_governed(type) && n != NULL && (node_flags(n) & NODE_SERVICE) != 0)
		return;
	zone_put_rrs(e, name, type, rrs);
}

/* What version.bind answers: NULL refuses the question. */
static const char *
version_text(const struct conf_daemon *daemon)
{
	if (daemon->version == NULL)
		return "homing " HOMING_VERSION;
	return strcmp(daemon->version, "none") != 0 ? daemon->version : NULL;
}

/* ---- commit and publish ---- */

void
world_commit(struct world *w)
{
	for (size_t i = 0; i < w->nedited; i++) {
		size_t zone = w->edited[i];
		struct waste *waste;

		w->wastes = mem_grow(w->wastes, w->nwastes, sizeof(*w->wastes));
		waste = &w->wastes[w->nwastes++];
		waste->zone = zone;
		w->zones[zone] = zone_commit(w->edits[zone], &waste->garbage);
		w->edits[zone] = NULL;
		w->changed[zone] = true;
	}
	w->nedited = 0;
}

/* The set that answers are found in, with what has changed. */
static struct zone_set *
world_set(struct world *w, struct garbage **garbage)
{
	const struct zone **changed;
	struct zone_set *set;
	size_t n = 0;

	*garbage = NULL;
	changed = mem_array(w->nwastes, sizeof(struct zone *));
	for (size_t i = 0; i < w->nwastes; i++) {
		size_t zone = w->wastes[i].zone;

		if (w->changed[zone])
			changed[n++] = w->zones[zone];
		w->changed[zone] = false;      /* a zone may have been committed twice */
	}
	set = w->set == NULL ? zone_set_new(w->zones, w->nzones) : zone_set_replace(w->set, changed, n, garbage);
	free(changed);
	return set;
}

/* One swap: all commits so far are answered from; what became an edition may be transferred. */
void
world_swap(struct world *w)
{
	const struct conf_daemon *daemon = &w->conf->daemon;
	bool first = w->set == NULL;
	struct garbage *of_set;
	struct snapshot *old;

	w->set = world_set(w, &of_set);
	old = snapshot_publish(snapshot_new(w->set, &w->terms, daemon->nsid, version_text(daemon)));
	if (!first)
		snapshot_disown(old);          /* its set is in of_set */
	snapshot_retire(old, &of_set, 1);
	/* What led to an edition's version stands before it in its queue. */
	for (size_t i = 0; i < w->nwastes; i++)
		editions_retire(w->terms.editions, (unsigned)w->wastes[i].zone, w->wastes[i].garbage);
	for (size_t i = 0; i < w->nnumbered; i++) {
		const struct numbered *n = &w->numbered[i];

		editions_put(w->terms.editions, (unsigned)n->zone, w->zones[n->zone], n->step, n->older);
	}
	w->nwastes = w->nnumbered = 0;
	w->publications++;
}

/* Opens the zone's window, if it is not open. */
static void
world_wait(struct world *w, size_t zone, uint64_t now_us)
{
	if (w->due_us[zone] != 0)
		return;
	w->due_us[zone] = now_us + w->conf->zones[zone].notify_delay_us;
	w->waiting[w->nwaiting++] = zone;
}

void
world_publish(struct world *w, uint64_t now_us)
{
	if (w->set == NULL) {
		world_begin(w);
		world_swap(w);
		w->starts = NULL;
		w->old = NULL;
		return;
	}
	for (size_t i = 0; i < w->nedited; i++)
		world_wait(w, w->edited[i], now_us);
	world_commit(w);
	world_swap(w);
}

/* ---- what is, and the end ---- */

const struct edition *
world_edition(const struct world *w, size_t zone)
{
	return edition_find(w->terms.editions, (unsigned)zone);
}

const struct edition *
world_edition_of(const struct world *w, const uint8_t *name)
{
	size_t zone;

	return w != NULL && zone_names_find(w->names, name, &zone) ? world_edition(w, zone) : NULL;
}

bool
world_is_dynamic(const struct world *w, const uint8_t *name)
{
	size_t zone;

	return w != NULL && zone_names_find(w->names, name, &zone) && w->conf->zones[zone].type == ZONE_DYNAMIC;
}

const struct digest *
world_digest(const struct world *w, size_t zone)
{
	return &w->digests[zone];
}

/* When no reader and no transfer can hold a version of ours any more; on liburcu's thread. */
static void
world_free(void *arg)
{
	struct world *w = arg;

	for (size_t i = 0; i < w->nzones; i++)
		zone_free(w->zones[i]);
	rrbuf_free(w->rrs);
	free(w->zones);
	free(w->edits);
	free(w->edited);
	zone_names_free(w->names);
	free(w->digests);
	free(w->loaded);
	free(w->due_us);
	free(w->waiting);
	free(w->changed);
	free(w->wastes);
	free(w->numbered);
	free((void *)w->rotors);
	if (w->done != NULL)
		w->done(w->done_arg);
	free(w);
}

void
world_retire(struct world *w, void (*done)(void *arg), void *arg)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->nzones; i++)
		if (w->edits[i] != NULL)
			zone_edit_abort(w->edits[i]);
	w->done = done;
	w->done_arg = arg;
	editions_retire_all(w->terms.editions, world_free, w);
}

uint64_t
world_publications(const struct world *w)
{
	return w->publications;
}

const struct zone *
world_zone(const struct world *w, size_t i)
{
	return w->zones[i];
}

const struct zone *
world_zone_of(const struct world *w, const uint8_t *name, size_t *i)
{
	const struct zone *z = w->set != NULL ? zone_set_find(w->set, name, 0) : NULL;

	if (z != NULL)
		*i = zone_index(z);
	return z;
}
