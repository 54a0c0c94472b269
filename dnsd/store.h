/* store.h - what must survive: homing.db, SQLite in WAL mode, synchronous=FULL. homing.db(5) describes it.
 *
 * A function that returns true has the change on disk. The folder belongs to one daemon at a time: homing.lock in it
 * is held while the store is open. A file that is damaged, or somebody else's, is left as it is: nothing is written to it, and
 * the message has its path.
 *
 * Threads: any, one after the other, unless it says otherwise; what is asked for meanwhile waits for the disk. */
#ifndef DNSD_STORE_H
#define DNSD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/fleet.h"

struct changes;
struct rrs;
struct store;
struct zone;

/* Makes the folder (mode 0750) and the database where missing. NULL with a message: another daemon
 * holds the folder, it cannot be written, or the database is damaged or of a later version. Control thread, and close. */
struct store *store_open(const char *folder, char *error, size_t size);
void store_close(struct store *s);     /* NULL is fine */
const char *store_folder(const struct store *s);

/* ---- the operator's: store_objects.c ---- */

bool store_override_put(struct store *s, const struct override *o, char *error, size_t size);
bool store_override_delete(struct store *s, const char *subject, char *error, size_t size);
/* Every override kept, oldest first; each is the callee's to copy. */
typedef void (*store_override_fn)(void *arg, const struct override *o);
bool store_override_each(struct store *s, store_override_fn fn, void *arg, char *error, size_t size);

/* Servers and members that came at run time. kind: "server" or "member"; name: "SERVER", "SERVICE SERVER"; settings: its group, in
 * the words of homing.conf; owner: by whom. settings NULL: gone. */
bool store_object_put(struct store *s, const char *kind, const char *name, const char *settings, const char *owner, char *error, size_t size);
/* Servers first. */
typedef void (*store_object_fn)(void *arg, const char *kind, const char *name, const char *settings, const char *owner);
bool store_object_each(struct store *s, store_object_fn fn, void *arg, char *error, size_t size);

/* ---- serials and history: store_history.c ---- */

/* Serials. A zone's serials are promised ahead: `ceiling` is on disk before a serial up to it is published, so that a
 * crash costs a jump, never a step back. A clean stop keeps the exact serial and the fingerprint of what it numbered. */
struct store_serial {
	char *zone;                            /* text, no final dot */
	uint32_t serial, ceiling;
	bool clean;                            /* stopped cleanly: serial and digest are exact */
	uint64_t digest[2];
};
enum { SERIALS_PROMISED = 1000 };      /* how far ahead */
/* All in one transaction. */
bool store_serials_put(struct store *s, const struct store_serial *serials, size_t n, char *error, size_t size);
/* All that are kept: *out and the names in it malloc'd. */
bool store_serials_get(struct store *s, struct store_serial **out, size_t *n, char *error, size_t size);

/* IXFR history, as a clean stop leaves it: instead of all that is kept, in one transaction. */
struct store_history {
	const char *zone;                      /* text, no final dot */
	const struct changes *const *steps;    /* contiguous, oldest first, as in struct edition */
	size_t count;
};
bool store_history_put(struct store *s, const struct store_history *zones, size_t n, char *error, size_t size);

/* ---- what happened: store_events.c ---- */

struct store_event {
	uint64_t id;                           /* greater than every earlier one's; at most 2^63 - 1 */
	uint64_t at_ms;                        /* wall clock */
	const char *kind, *subject, *was, *became, *text;
};
/* All in one transaction, in the order of their ids. */
bool store_events_put(struct store *s, const struct store_event *const *events, size_t n, char *error, size_t size);
/* The id of the last one that is kept; 0: there is none. */
bool store_events_last(struct store *s, uint64_t *id, char *error, size_t size);

struct store_wanted {
	const char *subject;                   /* it and what belongs to it (store_event_fits()); NULL: all */
	const char *kind;                      /* NULL: all */
	uint64_t since_ms;
	uint64_t before;                       /* an id: older ones alone; 0: from the newest on */
	size_t limit;
};
/* By the same rules as the next. To "db1" belong "db1/a", "db1/a web", "server db1" and "member db1 of www.example.com"; to
 * "www.example.com" also "www.example.com:db1" and "member db1 of www.example.com". Pure: before and limit are not looked at. */
bool store_event_fits(const struct store_event *e, const struct store_wanted *wanted);
/* Newest first; each is the callee's to copy. Any thread, at any time: it reads beside whoever writes, on a connection of its own. */
typedef void (*store_event_fn)(void *arg, const struct store_event *e);
bool store_events_each(const struct store *s, const struct store_wanted *wanted, store_event_fn fn, void *arg, char *error, size_t size);

/* Of the `most` oldest, drops those from before that time and those beyond so many bytes of newer ones. */
bool store_events_trim(struct store *s, uint64_t before_ms, uint64_t bytes, size_t most, size_t *gone, char *error, size_t size);

/* ---- records of dynamic zones: store_records.c ---- */

/* One RRset as it shall be in a zone (text, no final dot, as in struct store_serial). */
struct store_rrset {
	const char *zone;
	const uint8_t *name;                   /* wire form, lower case */
	uint16_t type;
	const struct rrs *rrs;                 /* NULL: gone, and leases of its records too */
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
/* All in one transaction, synced; RRsets first. The store must have the zones. A SOA promises serials behind its own. */
bool store_update(struct store *s, const struct store_rrset *rrsets, size_t n, const struct store_lease *leases, size_t nleases,
    char *error, size_t size);
/* Keeps a zone whole: all RRsets of z but those that follow health. Seen all at once, however large; other writers wait for a part of it at
 * most. What the store has of it, records and leases, goes if replace is set (import); without, it stays as it is, and nothing is done. */
bool store_seed(struct store *s, const char *zone, const struct zone *z, bool replace, char *error, size_t size);
/* What a seed was for does not come about: the store does not have the zone any more. */
bool store_forget(struct store *s, const char *zone, char *error, size_t size);
/* The zones that the store has, by name. */
bool store_zones_each(struct store *s, void (*fn)(void *arg, const char *zone), void *arg, char *error, size_t size);
bool store_leases_each(struct store *s, void (*fn)(void *arg, const struct store_lease *l), void *arg, char *error, size_t size);

/* ---- reading whole zones, beside the daemon that writes: store_load.c ---- */

/* A connection that only reads: it holds up nobody's writes, and needs no lock. One thread at a time. */
struct store_reader;
/* *out NULL with true: there is no homing.db yet. */
bool store_reader_open(const char *folder, struct store_reader **out, char *error, size_t size);
void store_reader_close(struct store_reader *r);       /* NULL is fine */
bool store_reader_objects(struct store_reader *r, store_object_fn fn, void *arg, char *error, size_t size);

/* Reads all of a zone into a first version, as good as one that zone_load() accepts, except that name servers are not looked after: an
 * update may take a host away that an NS still names. *out NULL with true: the store does not have the zone. False with a
 * message that names the record: damaged, or the disk. */
bool store_load(struct store_reader *r, const char *zone, const uint8_t *apex, struct zone **out, char *error, size_t size);
/* *steps: malloc'd, of steps that are the caller's to let go (changes_let_go()). None is fine: *n is 0. */
bool store_history_get(struct store_reader *r, const char *zone, const uint8_t *apex, const struct changes ***steps, size_t *n,
    char *error, size_t size);

#endif
