/* updates.h - updates become durable, then visible, then acknowledged: in this order, together with those that wait beside them.
 *
 *     handover (RFC 2136) ─┐                       ┌ disk: one transaction, one fsync (thread)
 *     API (HTTP)          ─┴► check, stage ─► batch ┴─► publish ─► reply ─► number, NOTIFY
 *
 * An update that says what holds already changes nothing and succeeds, and one that comes twice does the second time: clients
 * that saw no answer ask again (nsupdate, after 3 s, with the same bytes), and may. A retry whose prerequisites no longer
 * hold, because its first copy made it so, is told that (RFC 2136, 5: the client finds out by asking).
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
struct daemon_update_totals;
struct updates;

/* Of d it needs base, store and handover; its world when there is something to do. NULL with a message: the store's leases
 * cannot be read, or there is no thread. */
struct updates *updates_new(struct daemon *d, char *error, size_t size);
void updates_free(struct updates *u);  /* nothing is under way: updates_end() came before, or nothing was ever taken. NULL is fine */

/* done once, in a later turn: durable and visible if NOERROR; serial: the zone's at that moment (0: no such zone). result is lent. */
typedef void updates_done_fn(void *arg, const struct update_result *result, uint32_t serial);
/* Takes update over. owner: who, for the log and the history ("key ddns from 192.0.2.1", "api root"), copied. */
void updates_submit(struct updates *u, struct update *update, const struct updater *who, const char *owner, updates_done_fn *done, void *arg);

/* Takes from the handover what is there (its fn), as long as not too much has gathered. */
void updates_take(struct updates *u);
/* Everything submitted is done when this returns, and the caller's thread has waited for the disk: before the world changes (reload). */
void updates_settle(struct updates *u);
/* Closes the handover; everything that went into it is answered when this returns. */
void updates_end(struct updates *u);

void updates_totals(const struct updates *u, struct daemon_update_totals *out);        /* u NULL: zeros */

#endif
