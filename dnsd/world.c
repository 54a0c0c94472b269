/* world.c - the zones as they stand now, and their publication.
 *
 * An edit of a zone begins with the first service put into it and ends when it is
 * published; a publication costs what was put, whatever the zones hold and however many they are.
 * Versions that were replaced are freed behind RCU grace periods (snapshot.h). */
#include "dnsd/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/snapshot.h"
#include "zones/zone.h"

struct world {
	const struct conf *conf;
	struct snapshot_terms terms;
	struct zone **zones;                   /* current versions, nzones of them */
	size_t nzones;
	struct zone_edit **edits;              /* under way; NULL where nothing was put */
	struct zone_set *set;                  /* of the published snapshot; owned by it */
	_Atomic uint32_t *rotors;              /* one per service; live as long as any version of ours */
	struct rrbuf *rrs;
	uint64_t publications;
};

struct world *
world_new(const struct conf *conf, struct zone **zones, struct world_start *starts, const struct snapshot_terms *terms,
    const struct world *old)
{
	struct world *w = mem_alloc(sizeof(*w));

	(void)starts;
	(void)old;
	w->terms = *terms;
	w->conf = conf;
	w->zones = zones;
	w->nzones = conf->nzones;
	w->edits = mem_array(conf->nzones, sizeof(struct zone_edit *));
	w->rotors = mem_array(conf->nservices, sizeof(*w->rotors));
	w->rrs = rrbuf_new();
	return w;
}

static struct zone_edit *
world_edit(struct world *w, size_t zone)
{
	if (w->edits[zone] == NULL)
		w->edits[zone] = zone_edit(w->zones[zone]);
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
		rrbuf_rotate(w->rrs, &w->rotors[service - w->conf->services], (unsigned)window);
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

/* What version.bind answers: NULL refuses the question. */
static const char *
version_text(const struct conf_daemon *daemon)
{
	if (daemon->version == NULL)
		return "homing " HOMING_VERSION;
	return strcmp(daemon->version, "none") != 0 ? daemon->version : NULL;
}

/* Ends the edits under way. changed and garbage get one entry for each; how many there were. */
static size_t
world_commit(struct world *w, const struct zone **changed, struct garbage **garbage)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nzones; i++) {
		if (w->edits[i] == NULL)
			continue;
		w->zones[i] = zone_commit(w->edits[i], &garbage[n]);
		w->edits[i] = NULL;
		changed[n++] = w->zones[i];
	}
	return n;
}

void
world_publish(struct world *w, uint64_t now_us)
{
	const struct zone **changed = mem_array(w->nzones, sizeof(struct zone *));
	struct garbage **garbage = mem_array(w->nzones + 1, sizeof(struct garbage *));
	const struct conf_daemon *daemon = &w->conf->daemon;
	size_t n = world_commit(w, changed, garbage);
	bool first = w->set == NULL;
	struct snapshot *old;

	(void)now_us;
	w->set = first ? zone_set_new(w->zones, w->nzones) : zone_set_replace(w->set, changed, n, &garbage[n]);
	old = snapshot_publish(snapshot_new(w->set, &w->terms, daemon->nsid, version_text(daemon)));
	if (!first)
		snapshot_disown(old);          /* its set is in garbage[n] */
	snapshot_retire(old, garbage, n + 1);
	w->publications++;
	free(garbage);
	free(changed);
}

/* On liburcu's thread, when no reader can hold a version of ours any more. */
static void
world_free(void *arg)
{
	struct world *w = arg;

	for (size_t i = 0; i < w->nzones; i++)
		zone_free(w->zones[i]);
	rrbuf_free(w->rrs);
	free(w->zones);
	free(w->edits);
	free((void *)w->rotors);
	free(w);
}

void
world_retire(struct world *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->nzones; i++)
		if (w->edits[i] != NULL)
			zone_edit_abort(w->edits[i]);
	snapshot_retire_call(world_free, w);
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

	for (*i = 0; z != NULL && w->zones[*i] != z; (*i)++)
		continue;
	return z;
}
