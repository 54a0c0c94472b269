/* overrides.h - the operator's words in force, in memory as in homing.db.
 *
 * A change is on disk before it is in memory, so what is shown and acted upon is
 * always what a restart would find. Control thread only. */
#ifndef DNSD_OVERRIDES_H
#define DNSD_OVERRIDES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/fleet.h"
#include "dnsd/store.h"

struct overrides;

/* Reads what the store kept; borrows the store. NULL with a message. */
struct overrides *overrides_new(struct store *store, char *error, size_t size);
void overrides_free(struct overrides *o);      /* NULL is fine */

const struct override *overrides_find(const struct overrides *o, const char *subject);
const struct override *const *overrides_list(const struct overrides *o, size_t *count);        /* oldest first */

/* Sets or replaces; false with a message: nothing changed. */
bool overrides_put(struct overrides *o, const struct override *new, char *error, size_t size);
bool overrides_remove(struct overrides *o, const char *subject, char *error, size_t size);

/* When the next one expires, wall clock; 0: none does. */
uint64_t overrides_next_expiry_ms(const struct overrides *o);

#endif
