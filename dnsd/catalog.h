/* catalog.h - a zone that lists the others, so that secondaries configure themselves (RFC 9432). */
#ifndef DNSD_CATALOG_H
#define DNSD_CATALOG_H

#include "conf/conf.h"

struct zone;

/* The catalog `zone` of conf: SOA, NS invalid., version TXT "2", and a PTR for each zone that somebody may transfer and that is
 * no catalog; each under a label that depends on the member's name alone. Private. Never NULL. Any thread. */
struct zone *catalog_zone(const struct conf *conf, const struct conf_zone *zone, uint32_t serial);

#endif
