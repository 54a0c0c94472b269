/* updates_state.h - the inside of struct updates, for the files that make it up: updates.c (batches),
 * updates_message.c (RFC 2136 from the handover and back), updates_lease.c (records that go away by themselves).
 * Control thread only. */
#ifndef DNSD_UPDATES_STATE_H
#define DNSD_UPDATES_STATE_H

#include <sys/queue.h>

#include "dnsd/answer.h"
#include "dnsd/brake.h"
#include "dnsd/committer.h"
#include "dnsd/daemon_state.h"
#include "dnsd/leases.h"
#include "dnsd/updates.h"

/* One update on its way. */
struct request {
	STAILQ_ENTRY(request) next;
	struct update *update;
	struct updater who;
	char *owner;
	updates_done_fn *done;
	void *arg;
	size_t zone;                           /* conf->zones[], once it is judged */
	struct update_result result;
};
STAILQ_HEAD(requests, request);

struct updates {
	struct daemon *d;
	struct event *turn;                    /* the end of this turn: what gathered in it is one batch */
	struct event *lease_due;
	struct committer *committer;
	struct requests gathered;
	size_t ngathered;
	bool settling;

	/* The batch on its way to the disk. */
	struct requests batch;
	struct staged *staged;                 /* what it makes */
	struct commit commit;
	struct store_rrset *rrsets;            /* commit's, of staged */
	struct store_lease **ends;             /* what it does to leases, in order; copies */
	size_t nends;

	struct leases *leases;                 /* as they are on disk */
	struct daemon_update_totals totals;
	struct brake *lines;
	uint8_t out[ANSWER_TCP_MAX];           /* the answer being made */
};

/* updates.c */
void updates_wake(struct updates *u);          /* a batch begins at the end of this turn, if none is under way */

/* updates_lease.c: before anything is judged, the leases that have ended are requests at the head of the batch. */
void leases_expire(struct updates *u, struct requests *batch);
/* What r, which was judged and makes its changes, does to leases: into ends. v has its changes. */
void leases_follow(struct updates *u, const struct request *r, const struct view *v);
void leases_keep(struct updates *u, bool ok);          /* the batch's end: ends are the leases, or never were */
bool leases_load(struct updates *u, char error[ERROR_TEXT]);
void leases_rearm(struct updates *u);

#endif
