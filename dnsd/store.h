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

struct rrs;
struct store;
struct zone;

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

/* ---- records of dynamic zones: store_records.c ---- */

/* One RRset as it shall be in a zone (text, no final dot, as in struct store_serial). */
struct store_rrset {
	const char *zone;
	const uint8_t *name;                   /* wire form, lower case */
	uint16_t type;
	const struct rrs *rrs;                 /* NULL: gone */
};
/* A record that goes away by itself (RFC 9664). until_ms: wall clock; 0: it stays after all. */
struct store_lease {
	const char *zone;
	const uint8_t *name;
	uint16_t type;
	const uint8_t *rdata;
	size_t size;
	uint64_t until_ms;
};
/* All in one transaction, synced. Any thread, one at a time. */
bool store_update(struct store *s, const struct store_rrset *rrsets, size_t n, const struct store_lease *leases, size_t nleases,
    char *error, size_t size);
/* Seeds a zone that the store has not yet: all RRsets of z. replace: instead of what it has (import). One transaction. */
bool store_seed(struct store *s, const char *zone, const struct zone *z, bool replace, char *error, size_t size);
/* Reads all of a zone into a first version. *out NULL: the store does not have it. False with a message: damaged, or the disk.
 * Any thread, on a connection of its own: a load of a million names holds up nobody's updates. */
bool store_load(struct store *s, const char *zone, const uint8_t *apex, struct zone **out, char *error, size_t size);
bool store_leases_each(struct store *s, void (*fn)(void *arg, const struct store_lease *l), void *arg, char *error, size_t size);

/* IXFR history: the newest steps of a zone, whole or not at all (in the same manner bounded as edition.h says). Written at a clean stop. */
struct changes;
bool store_history_put(struct store *s, const char *zone, const struct changes *const *steps, size_t n, char *error, size_t size);
bool store_history_get(struct store *s, const char *zone, struct changes ***steps, size_t *n, char *error, size_t size);

/* ---- servers and members that came at run time: store_objects.c ---- */

/* kind: "server" or "member"; name: "SERVER", "SERVICE SERVER"; json: as the API was given it; owner: by whom. json NULL: gone. */
bool store_object_put(struct store *s, const char *kind, const char *name, const char *json, const char *owner, char *error, size_t size);
bool store_object_each(struct store *s, void (*fn)(void *arg, const char *kind, const char *name, const char *json, const char *owner),
    void *arg, char *error, size_t size);

/* Every override kept, oldest first; each is the callee's to copy. */
typedef void (*store_override_fn)(void *arg, const struct override *o);
bool store_override_each(struct store *s, store_override_fn fn, void *arg, char *error, size_t size);

#endif
