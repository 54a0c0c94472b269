/* probe.h - one run of a check, and what carries it out.
 *
 *                  start()                    probe_end(reason)
 *   free list ───────────────► under way ───────────────────────► free list
 *                                  │  ▲                               ▲
 *                                  └──┘ replies, steps of the kind    │
 *                                  │                                  │
 *                                  ├─ deadline: cancel(), "timed out" ┤
 *                                  └─ target removed: cancel() ───────┘ unreported
 *
 * A kind (tcp, ping, http; in tests one without sockets) knows how to begin and
 * how to give up; it reports each probe's end exactly once with probe_end(), and
 * may do so from inside start(). After probe_end() the probe, and maybe its target
 * with all that was prepared, is gone. Deadlines are the scheduler's: a kind has no clock.
 *
 * Threads: the control thread only. Probes are the scheduler's, from a free list. */
#ifndef CHECKER_PROBE_H
#define CHECKER_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checker/checker.h"
#include "checker/poller.h"

struct probe;
struct prober;

/* What the probes of a target are aimed at. All but well_us is constant while a probe is under way. */
struct aim {
	const struct target_conf *conf;
	struct addr to;                /* with the check's target and port applied */
	struct prober *prober;
	void *plan;                    /* what the kind prepared */
	uint64_t well_us;              /* when our side of the path was last found well (path.h); 0: never */
};

/* A kind of probe. Every function but prepare, release, start and cancel may be NULL. */
struct probe_kind {
	const char *name;
	/* Compiles what every probe of a target needs into aim->plan (which may stay NULL). False with a message. */
	bool (*prepare)(struct prober *, struct aim *, char *error, size_t error_size);
	void (*release)(struct prober *, struct aim *);
	/* Begins p; started_us is set to the moment that counts for the RTT if that is not now_us. */
	void (*start)(struct prober *, struct probe *p, uint64_t now_us);
	/* Gives p up: nothing of it is left, and probe_end() will not be called for it. */
	void (*cancel)(struct prober *, struct probe *p);
	/* Sends what start() put together: once after the starts of a turn. */
	void (*flush)(struct prober *, uint64_t now_us);
	/* Takes what time or the kernel has ready beyond what the poller reports. */
	void (*drain)(struct prober *, uint64_t now_us);
	void (*close)(struct prober *);
};

/* The first member of what a kind keeps for one checker. */
struct prober {
	const struct probe_kind *kind;
};

struct probe {
	struct probe *next;            /* of its target, oldest first; or in the free list */
	struct target *target;
	const struct aim *aim;
	uint64_t started_us, deadline_us;
	struct ask *asks;              /* target_probe(): who is told; NULL: a probe of the schedule */
	bool extended;                 /* got back the time that we were away */
	bool ask_path;                 /* set by the kind: a local failure that the state of our links may explain */

	/* The kind's own, meaningless to the scheduler; zero and -1 before start(). */
	struct watch watch;
	int fd;
	uint32_t number;
	uint64_t cookie;
	void *run;
};

/* p ended. The words (may be NULL) are its numbers, for people: "after 500 ms". */
void probe_end(struct probe *p, uint64_t now_us, enum probe_reason reason, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The reason for an errno. Of a call of ours (socket, bind, connect, send) most are our own failures,
 * "no route from here" among them; of what came back over the network they are not. */
enum probe_reason probe_reason_call(int error);
enum probe_reason probe_reason_network(int error);

#endif
