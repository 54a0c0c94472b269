/* world.h - the zones as they stand now, and their publication.
 *
 * A world belongs to one configuration: a version of each of its zones, to which
 * the services' addresses are put as they change. world_publish() makes all that
 * was put visible in one step. The fleet knows no DNS data and the zones know no
 * health: what passes between them is an address list and a TTL.
 *
 * Threads: the control thread only. What is published is read by the workers (snapshot.h). */
#ifndef DNSD_WORLD_H
#define DNSD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "conf/conf.h"

struct digest;
struct edition;
struct node;
struct rrs;
struct snapshot_terms;
struct world;
struct zone;

/* Where a zone's numbering begins, found while it was loaded (serials.h). */
struct world_start;

/* Takes zones: one per conf->zones, in their order (the array too), and starts with them. starts: likewise one each, until the first
 * publication; NULL: nothing is known, all are compared then (and digests say nothing). terms: all but editions,
 * which are the world's own, are lent and must outlive it. old: the world that this one replaces, alive until the
 * first publication; its editions' histories go on. Nothing is published yet. */
struct world *world_new(const struct conf *conf, struct zone **zones, struct world_start *starts, const struct snapshot_terms *terms,
    const struct world *old);

/* The services that are put from now on: conf was amended (conf_amend()), so that they are the same ones, in the same places, of the
 * same zones. conf need only live as long as they are put. */
void world_services(struct world *w, const struct conf *conf);

/* Replaces what the service answers: n4 A and n6 AAAA records (0: NODATA), visible with the next world_publish().
 * all_down: that is
 * what all_down says, no member of the family is up. */
void world_put(struct world *w, const struct conf_service *service, const struct addr *addr4, size_t n4,
    const struct addr *addr6, size_t n6, uint32_t ttl, bool all_down4, bool all_down6);

/* What an update key sees of a service in a dynamic zone: its configured addresses and ttl. Once for each service, before the first
 * publication, and again when its members change. In zones of other types it does nothing. */
void world_put_configured(struct world *w, const struct conf_service *service, const struct addr *addr4, size_t n4,
    const struct addr *addr6, size_t n6);

/* An RRset of a dynamic zone as an update left it (rrs NULL: gone); what a service governs is passed over. A SOA whose serial is after the
 * edition's has that serial when it is numbered; any other gets the next. Visible, and numbered, like services' addresses. */
void world_put_records(struct world *w, size_t zone, const uint8_t *name, uint16_t type, const struct rrs *rrs);

/* Publishes what was put since the last time. The first time every zone gets its first edition; later a zone
 * that changed gets one notify_delay after the first change that its edition does not have. now_us: monotonic, never 0. */
void world_publish(struct world *w, uint64_t now_us);

/* When the next edition is due (monotonic); 0: none is. Call world_number() then: it numbers what is due, publishes the new serials
 * in one step, and calls numbered(arg, zone, edition) for each. What changed and changed back meanwhile keeps its serial. */
uint64_t world_due_us(const struct world *w);
typedef void world_numbered_fn(void *arg, size_t zone, const struct edition *e);
void world_number(struct world *w, uint64_t now_us, world_numbered_fn *numbered, void *arg);
/* Numbers the zone now, if its window is open: for somebody who must find what was just changed. */
void world_catch_up(struct world *w, size_t zone, uint64_t now_us, world_numbered_fn *numbered, void *arg);
/* Has the zone's configured plane changed since its current edition, so that the edition's serial does not say what is in it? */
bool world_is_ahead(const struct world *w, size_t zone);
const struct edition *world_edition(const struct world *w, size_t zone);       /* the current one; NULL before the first publication */

/* The current edition of the zone of that name (wire form); NULL: none, or w is NULL. Also another thread's that is an RCU
 * reader, in a read section, while w is neither changed for another nor retired. */
const struct edition *world_edition_of(const struct world *w, const uint8_t *name);
/* Has the world a zone of that name, and of type dynamic? Any thread, while w is not retired. */
bool world_is_dynamic(const struct world *w, const uint8_t *name);
/* Of what the current edition holds. */
const struct digest *world_digest(const struct world *w, size_t zone);

/* Frees a world that another one's publication replaced (or that was never published) when nobody reads a version of it any
 * more: no worker, no transfer. done(arg), if not NULL, is called then, on any thread: what was lent to it may be freed.
 * NULL is fine, and calls nothing. */
void world_retire(struct world *w, void (*done)(void *arg), void *arg);

uint64_t world_publications(const struct world *w);    /* how many of its own */

const struct zone *world_zone(const struct world *w, size_t i);        /* the current version of conf->zones[i] */
const struct zone *world_zone_of(const struct world *w, const uint8_t *name, size_t *i);       /* the innermost at or above name; NULL */

#endif
