/* runtime.h - servers and members that come and go at run time: changes, one after the other.
 *
 *     READ (a thread: homing.conf as it was loaded, and what was added) ─► PROBE (new targets) ─►
 *     KEEP (a thread: homing.db, fsync) ─► SWITCH (one publication)
 *
 * Zones, sockets and keys stay what they are: a change costs what the fleet does, however large the zones. A change and a reload
 * never meet: either waits for the other. Control thread only. */
#ifndef DNSD_RUNTIME_H
#define DNSD_RUNTIME_H

#include "dnsd/daemon.h"
#include "dnsd/objects.h"

struct runtime;

/* With what homing.db has. */
struct runtime *runtime_new(struct daemon *d, char error[ERROR_TEXT]);
/* Before the fleet that serves goes. Who still waits is not told any more. NULL is fine. */
void runtime_free(struct runtime *r);

const struct objects *runtime_objects(const struct runtime *r);

/* The fleet is made of fits_conf(fits, d->conf) now: what was found holds, and fits->conf is the daemon's. */
void runtime_take(struct runtime *r, struct fits *fits);

/* Nothing else is under way any more: changes that wait begin. */
void runtime_next(struct runtime *r);

/* Is a change under way? Then the reload begins behind it. */
bool runtime_holds_reload(struct runtime *r, daemon_reload_fn done, void *arg);

#endif
