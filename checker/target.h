/* target.h - a target from inside: its schedule's state and its evidence.
 *
 * sched.c moves the schedule, target.c takes the evidence; nobody else looks in. */
#ifndef CHECKER_TARGET_H
#define CHECKER_TARGET_H

#include "checker/heap.h"
#include "checker/probe.h"

/* Somebody who asked for a probe beside the schedule. */
struct ask {
	struct ask *next;
	probe_done_fn done;
	void *arg;
};

struct target {
	struct heap_item heap;         /* first: the heap hands it out */
	struct sched *sched;
	struct target *prev, *next;    /* of the scheduler's list */
	void *user;
	struct target_conf conf;
	struct aim aim;
	struct target_view view;

	/* The schedule; see sched.c. */
	struct probe *flying;          /* under way, oldest first */
	unsigned nflying;              /* of the schedule: those that were asked for do not count */
	struct ask *asks;              /* not started yet */
	uint64_t grid_us;              /* where the last start belongs, jitter aside; first start: its time */
	uint64_t last_us;              /* the last start of the schedule */
	uint64_t heard_us;             /* start of the newest probe that was answered */
	uint64_t srtt_us;              /* smoothed RTT, as TCP's: 1/8 of each new one; 0: never answered */
	int32_t jitter;                /* of the next start, in 1/65536 of the pace */
	bool begun;                    /* the first probe was started */
	bool follow;                   /* a hard failure: the next probe starts at once */

	/* The evidence; see target.c. */
	bool settled;
	unsigned locals;               /* local failures in a row */

	unsigned holds;                /* calls on the stack that still need the struct */
	bool removed;
};

/* A result to be judged. ok is true for PROBE_OK alone; invert is already applied. */
struct result {
	enum probe_reason reason;
	char detail[sizeof(((struct target_view *)0)->detail)];
	uint64_t rtt_us;
	uint64_t at_us;
};

/* The rule of a check. */
struct verdict_rule target_rule(const struct conf_check *check);

/* Turns a result round for a check with `invert`; a local failure stays one. */
void result_invert(struct result *r);

/* Takes a result as evidence. from: the verdict before; true when verdict or doubt changed. */
bool target_take(struct target *t, const struct result *r, enum verdict_value *from);

#endif
