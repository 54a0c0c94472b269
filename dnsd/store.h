/* store.h - what must survive: homing.db, SQLite in WAL mode, synchronous=FULL.
 *
 * The one file that knows SQLite. A function that returns true has the change on
 * disk. The folder belongs to one daemon at a time: homing.lock in it is held
 * while the store is open. Control thread only. */
#ifndef DNSD_STORE_H
#define DNSD_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "dnsd/fleet.h"

struct store;

/* Makes the folder (mode 0750) and the database where missing. NULL with a message: another daemon
 * holds the folder, it cannot be written, or the database is damaged or of a later version. */
struct store *store_open(const char *folder, char *error, size_t size);
void store_close(struct store *s);     /* NULL is fine */

bool store_override_put(struct store *s, const struct override *o, char *error, size_t size);
bool store_override_delete(struct store *s, const char *subject, char *error, size_t size);

/* Serials. A zone's serials are promised ahead: `ceiling` is on disk before a serial up to it is published, so that a
 * crash costs a jump, never a step back. A clean stop keeps the exact serial and the fingerprint of what it numbered. */
struct store_serial {
	char *zone;                            /* text, no final dot */
	uint32_t serial, ceiling;
	bool clean;                            /* stopped cleanly: serial and digest are exact */
	uint64_t digest[2];
};
/* All in one transaction. */
bool store_serials_put(struct store *s, const struct store_serial *serials, size_t n, char *error, size_t size);
/* All that are kept: *out and the names in it malloc'd. */
bool store_serials_get(struct store *s, struct store_serial **out, size_t *n, char *error, size_t size);

/* Every override kept, oldest first; each is the callee's to copy. */
typedef void (*store_override_fn)(void *arg, const struct override *o);
bool store_override_each(struct store *s, store_override_fn fn, void *arg, char *error, size_t size);

#endif
