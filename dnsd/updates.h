/* updates.h - updates become durable, then visible, then acknowledged: in this order, together with those that wait beside them.
 *
 *     handover (RFC 2136) ─┐                       ┌ disk: one transaction, one fsync (thread)
 *     API (HTTP)          ─┴► check, stage ─► batch ┴─► publish ─► reply ─► number, NOTIFY
 *
 * While a batch is on its way to the disk the next one gathers. A batch that the disk refuses is answered with SERVFAIL
 * and leaves no trace; queries and failovers never wait for any of it. Control thread only. */
#ifndef DNSD_UPDATES_H
#define DNSD_UPDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/update.h"

struct daemon;
struct updates;

struct updates *updates_new(struct daemon *d);
void updates_free(struct updates *u);  /* settles first; NULL is fine */

/* done once, in a later turn: durable and visible if NOERROR; serial: the zone's at that moment. */
typedef void updates_done_fn(void *arg, const struct update_result *result, uint32_t serial);
/* Takes update over. owner: who, for the log and the history ("key ddns from 192.0.2.1", "api root"), copied. */
void updates_submit(struct updates *u, struct update *update, const struct updater *who, const char *owner, updates_done_fn *done, void *arg);

/* Takes from the handover what is there (its fn). */
void updates_take(struct updates *u);
/* Everything submitted is done when this returns: before the world changes (reload), and at the end. */
void updates_settle(struct updates *u);

struct updates_totals {
	uint64_t updates, refused, failed;     /* NOERROR; by us; by the disk */
	uint64_t batches, records;             /* transactions; RRsets written */
	bool disk_ok;                          /* the last batch was kept */
	uint64_t leases;                       /* records that go away by themselves */
};
void updates_totals(const struct updates *u, struct updates_totals *out);

#endif
