/* decide.h - from evidence to answers: verdict -> state -> choice -> world.
 *
 * What changes in one turn of the event loop (verdicts, overrides, a failback
 * that has waited long enough) marks seats and their services; decide_flush(),
 * at the end of the same turn, makes the choices of the marked services and
 * publishes all that differ in one step. One change is one log line and event:
 * who, what changed, why, and what is answered now.
 *
 * Threads: the control thread only. Time is monotonic microseconds. */
#ifndef DNSD_DECIDE_H
#define DNSD_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/daemon.h"
#include "dnsd/fleet.h"

struct decide;
struct world;

struct decide_hooks {
	void (*wanted)(void *arg);             /* something is marked: call decide_flush() before this turn ends */
	/* For listeners, and for the log unless another event's line already says it. */
	void (*event)(void *arg, const struct daemon_event *e, bool log);
};

struct decide *decide_new(const struct decide_hooks *hooks, void *arg);
void decide_free(struct decide *d);    /* NULL is fine */

/* f is what counts from now on (after fleet_take(), if there was one before). Its states follow verdicts and
 * overrides at once; with a world, every service is put into it, in both planes, and published. Without one (start-up), the
 * first call with a world does that. */
void decide_begin(struct decide *d, struct fleet *f, struct world *w, uint64_t now_us);

/* f, which differs from the fleet before it in members alone (before: that one's configuration), is what counts from now on, in the same
 * world. What differs is put and published. */
void decide_members(struct decide *d, struct fleet *f, const struct conf *before, uint64_t now_us);

/* The checker's hook: the target's verdict or doubt changed. */
void decide_evidence(struct decide *d, const struct watch *watch, enum verdict_value from, uint64_t now_us);

/* Overrides changed: every state is read anew. why is for the log: "drained by ops: new kernel". */
void decide_overrides(struct decide *d, const char *subject, const char *why, uint64_t now_us);

/* When a failback falls due; 0: none waits. Call decide_tick() then. */
uint64_t decide_due_us(const struct decide *d);
void decide_tick(struct decide *d, uint64_t now_us);

void decide_flush(struct decide *d, uint64_t now_us);

#endif
