/* made.h - a zone that no master file describes: SOA and NS from the configuration.
 *
 * The name server is ns.ZONE, with the addresses this daemon listens on; on a
 * wildcard address those of the machine's interfaces. Any thread. */
#ifndef DNSD_MADE_H
#define DNSD_MADE_H

#include "conf/conf.h"

struct zone;

/* serial: the SOA's, seconds since 1970 by custom. Never NULL. */
struct zone *made_zone(const struct conf *conf, const struct conf_zone *zone, uint32_t serial);

#endif
