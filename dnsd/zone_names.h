/* zone_names.h - which zone of a configuration has a name. Any thread. */
#ifndef DNSD_ZONE_NAMES_H
#define DNSD_ZONE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct zone_names;

struct zone_names *zone_names_new(const struct conf *conf);    /* borrows conf */
void zone_names_free(struct zone_names *z);                    /* NULL is fine */

/* name: wire form, any case. True: it is conf->zones[*i]'s. */
bool zone_names_find(const struct zone_names *z, const uint8_t *name, size_t *i);

#endif
