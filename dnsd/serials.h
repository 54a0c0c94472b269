/* serials.h - the serial numbers of zones: which comes next, and that none ever comes again.
 *
 * A secondary takes what has a greater serial (RFC 1982) and ignores everything else: a serial that goes
 * back would leave it with an old zone until somebody notices. So a serial is promised on disk before it is published,
 * a thousand ahead; after a crash the next one is beyond what was promised. A clean stop keeps the serial itself and the
 * fingerprint of what it numbered; a start that finds the same goes on with it, and no secondary transfers anything.
 *
 * Threads: the control thread, but for the pure functions. */
#ifndef DNSD_SERIALS_H
#define DNSD_SERIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "zones/zone.h"

struct changes_draft;
struct edition;
struct event_base;
struct store;
struct world;

/* Where a zone's numbering begins in a new world. */
struct world_start {
	bool stored;                   /* the store knows the zone: */
	bool clean;                    /* serial and was are exact; else serial is the last one promised */
	uint32_t serial;
	struct digest was;
	struct digest digest;          /* of the zone as loaded, without services */
	const struct edition *older;   /* reload: held; what draft begins at; NULL: none */
	struct changes_draft *draft;   /* what differs from older to the zone as loaded; NULL: not compared */
	bool copied;                   /* the zone as loaded is older's own records (dynamic.h) */
	struct edition *kept;          /* start: serial and history as a clean stop has left them; no zone. NULL: none */
};
/* Lets go and frees what n starts hold, and the array. NULL is fine. */
void world_starts_free(struct world_start *starts, size_t n);

/* ---- pure: any thread ---- */

uint32_t serial_next(uint32_t serial);                 /* 0 is skipped: to some it means none */
bool serial_after(uint32_t a, uint32_t b);             /* RFC 1982, 3.2; two that are 2^31 apart: false */
bool soa_same(const struct rrset *a, const struct rrset *b);   /* but for their serials */

/* Did a master file's author, or an update of a dynamic zone, give it this serial? Where there is neither, it says 0, or a serial in use is not before it, nobody did. */
bool serial_given(const struct conf_zone *zone, uint32_t loaded, uint32_t used);

/* The first serial of a zone that now holds digest; loaded: its master file's (of a made one: the time). Logs when a file's is not used. */
uint32_t serials_first(const struct world_start *start, const struct digest *digest, uint32_t loaded, const struct conf_zone *zone);
/* The serial of a zone that differs from the edition with serial `current`. reloaded: its master file does, whose author
 * is told when the file's serial is no greater. */
uint32_t serials_after(uint32_t current, uint32_t loaded, const struct conf_zone *zone, bool reloaded);

/* ---- promises ---- */

struct serials;
/* Reads what the store has. NULL with a message. */
struct serials *serials_new(struct store *store, struct event_base *base, char *error, size_t size);
void serials_free(struct serials *s);                  /* waits for a write under way; NULL is fine */

/* Fills stored, clean, serial and was. They count for zones that have no edition yet. */
void serials_fill(const struct serials *s, const struct conf *conf, struct world_start *starts);

/* Before a world is first published: promises what its zones may begin with, in one transaction; writes nothing where
 * enough is promised. Of each zone of conf: its serial as loaded, and its current edition's (0: it has none). What the disk refuses
 * is logged, and tried again: answers do not wait for a disk. */
void serials_promise(struct serials *s, const struct conf *conf, const uint32_t *loaded, const uint32_t *current);

/* A zone got this serial: where few promised ones are left, more are promised, on a thread. */
void serials_used(struct serials *s, const char *zone, uint32_t serial);

/* The daemon stops: keeps the exact serials of all editions, and their history. False: logged; the promises hold. */
bool serials_keep(struct serials *s, const struct conf *conf, const struct world *w);

#endif
