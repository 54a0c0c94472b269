/* replace.h - what makes of a dynamic zone the zone that a master file has: one update. Any thread. */
#ifndef DNSD_REPLACE_H
#define DNSD_REPLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

struct edition;
struct update;
struct zone;

/* A difference, as zone_diff() tells it: what the update does. */
typedef void replace_fn(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr);

struct replacement {
	struct update *update;         /* strict, and goes by from's serial; the caller's. NULL: it would be too large */
	size_t come, gone;             /* records, an SOA that differs in more than its serial among them */
};

enum { REPLACE_RRS_MAX = 2000000 };    /* of some 300 bytes each until it is done: a million records in place of a million others */

/* From what from has in its configured plane to `to`. What a service governs may be missing in `to`, but not differ there: each that does
 * is a mistake in diag (file: what `to` came from), and the update is NULL. The SOA's serial goes on, by one if not by itself. each (NULL:
 * none) is told of every change, the too many included. most: changes in the update. */
void replace_zone(const struct edition *from, const struct zone *to, const char *file, size_t most, struct replacement *out,
    replace_fn *each, void *arg, struct diag *diag);

#endif
