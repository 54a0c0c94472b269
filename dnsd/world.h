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

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "conf/conf.h"

struct world;
struct zone;
struct node;

/* Takes zones: one per conf->zones, in their order (the array too). Nothing is published yet. */
struct world *world_new(const struct conf *conf, struct zone **zones);

/* Replaces what the service answers: n4 A and n6 AAAA records (0: NODATA), visible with the next world_publish(). */
void world_put(struct world *w, const struct conf_service *service, const struct addr *addr4, size_t n4,
    const struct addr *addr6, size_t n6, uint32_t ttl);

/* Publishes what was put since the last time. */
void world_publish(struct world *w);

/* Frees a world that another one's publication replaced (or that was never published), behind a grace period. NULL is fine. */
void world_retire(struct world *w);

uint64_t world_publications(const struct world *w);    /* how many of its own */

const struct zone *world_zone(const struct world *w, size_t i);        /* the current version of conf->zones[i] */
const struct zone *world_zone_of(const struct world *w, const uint8_t *name, size_t *i);       /* the innermost at or above name; NULL */

#endif
