/* edition.h - what secondaries get of a zone: numbered versions and the changes between them.
 *
 * The answer zone changes in the turn that finds a change. Its serial follows when
 * notify_delay has gathered what belongs together: the version that then gets the
 * next serial is an edition. An edition is what AXFR sends, whole; its history is what IXFR
 * sends. Between two editions the answers may already be ahead of the serial.
 *
 *     version   v1 ── v2 ── v3 ── v4 ── v5          each published at once
 *     edition   E1 (serial 7) ──── E2 (serial 8)    v4 is v3 with the serial 8
 *
 * A transfer reads an edition for as long as its client takes. What later commits
 * replace must live until then: an edition is held, and the garbage of commits
 * behind it waits, in order, until it and all before it are let go.
 *
 * Threads: edition_find() and edition_hold() inside an RCU read section, any thread; a held
 * edition may be read and let go by any thread. All else: the control thread. */
#ifndef DNSD_EDITION_H
#define DNSD_EDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct garbage;
struct zone;
struct changes;

/* ---- history: what IXFR sends ---- */

/* The step from one serial to the next. Immutable, shared by editions, counted. Its records are in wire form, uncompressed:
 * owner | type | class | ttl | rdlength | rdata, all that has gone, then all that has come; the SOA is in neither. */
struct changes {
	uint32_t from, to;             /* serials */
	uint64_t at_ms;                /* wall clock */
	size_t gone_size, come_size;   /* of the two parts of bytes */
	unsigned gone, come;           /* records in them */
	const uint8_t *soa_from, *soa_to;      /* whole records like the others, inside bytes, behind the two parts */
	size_t soa_from_size, soa_to_size;
	uint8_t *bytes;
	const struct changes *configured;      /* the same step in the configured plane (zone.h), counted; NULL: it is this one */
};

static inline const struct changes *
changes_of_plane(const struct changes *c, bool configured)
{
	return configured && c->configured != NULL ? c->configured : c;
}

/* ---- editions ---- */

struct edition {                       /* immutable but for what edition.c keeps behind it */
	const struct zone *zone;
	uint32_t serial;               /* the zone's */
	uint64_t at_ms;                /* wall clock: when it got its serial */
	size_t nhistory;               /* contiguous, oldest first; the last one ends at serial */
	const struct changes *const *history;
};

/* The current editions of all zones of a world, by zone_index(). */
struct editions;

/* The current edition; NULL: the zone has none yet. Valid inside the read section, longer if held there. */
const struct edition *edition_find(const struct editions *all, unsigned index);
void edition_hold(const struct edition *e);
void edition_let_go(const struct edition *e);          /* NULL is fine; the last one frees what waited */

/* Where in e's history the client that has serial goes on: 0..nhistory-1; nhistory: it has e already (or is
 * ahead of it, RFC 1995, 2); -1: unknown, it needs the whole zone. */
long edition_since(const struct edition *e, uint32_t serial);

/* ---- the control thread ---- */

enum {
	HISTORY_BYTES = 8 << 20,       /* per zone; at least one step is kept if it is smaller than this */
	HISTORY_STEPS = 4096,
	HISTORY_HOURS = 24
};

/* for n zones; their ends are told when everything of a world is let go. */
struct editions *editions_new(size_t n);
/* The garbage of a commit of zone index, after the version it made was published. NULL is fine. */
void editions_retire(struct editions *all, unsigned index, struct garbage *garbage);
/* z, which is published, becomes the zone's current edition. step: from the one before (taken over). The zone's first one here may go on
 * from `older`, an edition of the world before this one. Without a step, older is NULL and history begins anew, or
 * z has the serial and the records of older (that may be the current one) and takes its place. History is shared. */
void editions_put(struct editions *all, unsigned index, const struct zone *z, struct changes *step, const struct edition *older);
/* After the last snapshot that has them is replaced: done(arg) is called, on any thread, when the last edition is let
 * go and no reader is left; the zones may be freed then. Frees all. */
void editions_retire_all(struct editions *all, void (*done)(void *arg), void *arg);

/* A step under construction: what zone_diff() says, and what cancels in it. A record that goes and comes is neither. */
struct changes_draft;
struct changes_draft *changes_draft_new(void);
/* True while it is smaller than HISTORY_BYTES; beyond, it forgets all and stays false: the history is broken. */
bool changes_draft_add(struct changes_draft *d, bool come, const uint8_t *name, const uint8_t *rr);
bool changes_draft_add_all(struct changes_draft *d, const struct changes *c, bool backwards);
bool changes_draft_empty(struct changes_draft *d);     /* after cancelling: nothing visible differs, SOAs aside */
/* The step between the two SOAs (an RR each as in struct rrset) of the apex; frees the draft. NULL if it was too large. */
struct changes *changes_draft_end(struct changes_draft *d, const uint8_t *apex, const uint8_t *soa_from, const uint8_t *soa_to, uint64_t at_ms);
void changes_draft_free(struct changes_draft *d);      /* NULL is fine */
struct changes_draft *changes_draft_copy(const struct changes_draft *d);
/* One step of both planes, of the answer zone's and the configured one's, both of which it takes over. NULL, as a step that was too large, if
 * either is, or both are together. */
struct changes *changes_join(struct changes *answer, struct changes *configured);

#endif
