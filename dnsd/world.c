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

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "zones/zone.h"

/* What a commit has replaced, until the version it made is published. */
struct waste {
	size_t zone;
	struct garbage *garbage;
};

/* A version that becomes an edition as soon as it is published. */
struct numbered {
	size_t zone;
	struct changes *step;                  /* NULL: there is no step from the edition before */
	const struct edition *older;           /* of the old world; NULL: none, or not the first */
};

struct world {
	const struct conf *conf;
	struct snapshot_terms terms;
	struct zone **zones;                   /* current versions, nzones of them */
	size_t nzones;
	struct world_start *starts;            /* until the first publication */
	const struct world *old;               /* likewise */
	size_t *by_name;                       /* the zones' numbers in the order of their names */
	struct zone_edit **edits;              /* under way; NULL where nothing was put */
	size_t *edited;                        /* which they are, nedited of them */
	size_t nedited;
	struct zone_set *set;                  /* of the published snapshot; owned by it */
	_Atomic uint32_t *rotors;              /* one per service; live as long as any version of ours */
	struct rrbuf *rrs;
	struct digest *digests;                /* of the current editions */
	uint64_t *due_us;                      /* when a zone's window closes; 0: it is not open */
	size_t *waiting;                       /* zones whose window is open, nwaiting of them */
	size_t nwaiting;
	bool *changed;                         /* has a version that is not published */
	struct waste *wastes;                  /* for the next publication */
	size_t nwastes;
	struct numbered *numbered;
	size_t nnumbered;
	uint64_t publications;
	void (*done)(void *arg);               /* behind world_retire() */
	void *done_arg;
};

static int
name_order(const void *a, const void *b, void *arg)
{
	const struct conf *conf = arg;

	return strcmp(conf->zones[*(const size_t *)a].text, conf->zones[*(const size_t *)b].text);
}

struct world *
world_new(const struct conf *conf, struct zone **zones, struct world_start *starts, const struct snapshot_terms *terms,
    const struct world *old)
{
	struct world *w = mem_alloc(sizeof(*w));

	w->conf = conf;
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
	w->due_us = mem_array(w->nzones, sizeof(*w->due_us));
	w->waiting = mem_array(w->nzones, sizeof(*w->waiting));
	w->changed = mem_array(w->nzones, sizeof(*w->changed));
	w->by_name = mem_array(w->nzones, sizeof(*w->by_name));
	for (size_t i = 0; i < w->nzones; i++) {
		zone_set_index(zones[i], (unsigned)i);
		w->by_name[i] = i;
	}
	if (w->nzones > 1)
		qsort_r(w->by_name, w->nzones, sizeof(*w->by_name), name_order, (void *)(uintptr_t)conf);
	return w;
}

static struct zone_edit *
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

/* ---- commit and publish ---- */

static void
world_commit_one(struct world *w, size_t zone)
{
	struct waste *waste;

	w->wastes = mem_grow(w->wastes, w->nwastes, sizeof(*w->wastes));
	waste = &w->wastes[w->nwastes++];
	waste->zone = zone;
	w->zones[zone] = zone_commit(w->edits[zone], &waste->garbage);
	w->edits[zone] = NULL;
	w->changed[zone] = true;
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
static void
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

/* ---- numbering ---- */

/* What a difference means to a zone's step and digest. */
struct reckoning {
	struct changes_draft *draft;
	struct digest digest;
};

static bool
reckon(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct reckoning *r = arg;

	if (come)
		digest_add(&r->digest, name, rr);
	else
		digest_subtract(&r->digest, name, rr);
	if (type != TYPE_SOA)
		changes_draft_add(r->draft, come, name, rr);
	return true;                           /* also when the step is too large: the digest goes on */
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
	world_commit_one(w, zone);
	w->nedited = 0;
}

/* The current version becomes an edition with the next publication. */
static void
world_await_edition(struct world *w, size_t zone, struct changes *step, const struct edition *older)
{
	w->numbered = mem_grow(w->numbered, w->nnumbered, sizeof(*w->numbered));
	w->numbered[w->nnumbered++] = (struct numbered){ zone, step, older };
}

/* The step from before to the current version, which has its serial; NULL if it is too large. Takes the draft. */
static struct changes *
world_step(const struct world *w, size_t zone, struct changes_draft *draft, const struct edition *before)
{
	const struct zone *z = w->zones[zone];

	return changes_draft_end(draft, zone_apex(z), zone_soa(before->zone)->bytes, zone_soa(z)->bytes, clock_wall_ms());
}

/* What the published version has and its edition has not becomes an edition. False: nothing visible. */
static bool
world_number_one(struct world *w, size_t zone)
{
	const struct edition *before = edition_find(w->terms.editions, (unsigned)zone);
	struct reckoning r = { .draft = changes_draft_new(), .digest = w->digests[zone] };

	zone_diff(before->zone, w->zones[zone], reckon, &r);
	/* Within a world the SOA differs in its serial alone, and that only by numbering. */
	if (changes_draft_empty(r.draft)) {
		changes_draft_free(r.draft);
		return false;
	}
	w->digests[zone] = r.digest;
	world_put_serial(w, zone, serial_next(before->serial));
	world_await_edition(w, zone, world_step(w, zone, r.draft, before), NULL);
	return true;
}

/* ---- the first publication ---- */

const struct edition *
world_edition_of(const struct world *w, const char *zone)
{
	size_t low = 0, high = w != NULL ? w->nzones : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2, i = w->by_name[middle];
		int order = strcmp(zone, w->conf->zones[i].text);

		if (order == 0)
			return world_edition(w, i);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Composes what differs from before to the zone as it is now: what the loading thread found between then->older and
 * the zone as loaded, what the services put into it, and what was numbered since. */
static bool
start_compose(struct world_start *start, struct reckoning *r, const struct edition *before)
{
	long since;

	if (start->draft == NULL || start->older == NULL)
		return false;
	since = edition_since(before, start->older->serial);
	if (since < 0)
		return false;
	for (size_t i = (size_t)since; i < before->nhistory; i++)
		changes_draft_add_all(start->draft, before->history[i], true);
	changes_draft_free(r->draft);
	r->draft = start->draft;
	start->draft = NULL;
	return true;
}

/* What differs from before (NULL: nothing to compare with) to the zone as it is now, and its digest. base is the zone as loaded. */
static struct reckoning
world_reckon(struct world *w, size_t zone, struct world_start *start, const struct zone *base, const struct edition *before)
{
	struct reckoning r = { .draft = changes_draft_new(), .digest = start->digest };
	bool composed = before != NULL && start_compose(start, &r, before);

	if (base != w->zones[zone])
		zone_diff(base, w->zones[zone], reckon, &r);
	if (before != NULL && !composed) {
		struct reckoning all = { .draft = changes_draft_new() };

		zone_diff(before->zone, w->zones[zone], reckon, &all);
		changes_draft_free(r.draft);
		r.draft = all.draft;
	}
	return r;
}

/* The zone's first edition in this world. */
static void
world_begin_one(struct world *w, size_t zone, const struct zone *base)
{
	struct world_start none = { 0 }, *start = w->starts != NULL ? &w->starts[zone] : &none;
	const struct conf_zone *conf = &w->conf->zones[zone];
	const struct edition *before = world_edition_of(w->old, conf->text);
	struct reckoning r = world_reckon(w, zone, start, base, before);
	uint32_t loaded = zone_serial(w->zones[zone]);
	struct changes *step;

	w->digests[zone] = r.digest;
	if (before == NULL) {
		changes_draft_free(r.draft);
		world_put_serial(w, zone, serials_first(start, &r.digest, loaded, conf));
		world_await_edition(w, zone, NULL, NULL);
	} else if (changes_draft_empty(r.draft) && soa_same(zone_soa(before->zone), zone_soa(w->zones[zone]))) {
		changes_draft_free(r.draft);
		world_put_serial(w, zone, before->serial);
		world_await_edition(w, zone, NULL, before);
	} else {
		world_put_serial(w, zone, serials_after(before->serial, loaded, conf));
		step = world_step(w, zone, r.draft, before);
		world_await_edition(w, zone, step, step != NULL ? before : NULL);
	}
}

static void
world_begin(struct world *w)
{
	const struct zone **bases = mem_array(w->nzones, sizeof(struct zone *));

	memcpy(bases, w->zones, w->nzones * sizeof(struct zone *));
	for (size_t i = 0; i < w->nedited; i++)
		world_commit_one(w, w->edited[i]);
	w->nedited = 0;
	for (size_t i = 0; i < w->nzones; i++)
		world_begin_one(w, i, bases[i]);
	free(bases);
}

/* ---- what the header declares ---- */

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
	for (size_t i = 0; i < w->nedited; i++) {
		world_commit_one(w, w->edited[i]);
		world_wait(w, w->edited[i], now_us);
	}
	w->nedited = 0;
	world_swap(w);
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

const struct edition *
world_edition(const struct world *w, size_t zone)
{
	return edition_find(w->terms.editions, (unsigned)zone);
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
	free(w->by_name);
	free(w->digests);
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

	for (*i = 0; z != NULL && w->zones[*i] != z; (*i)++)
		continue;
	return z;
}
