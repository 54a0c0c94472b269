/* committer.h - the thread that waits for the disk, so that nobody else does.
 *
 * One commit at a time: the control thread begins it, the thread makes it durable, and the control thread hears how that ended, in
 * a turn of its loop or by waiting for it. Control thread only. */
#ifndef DNSD_COMMITTER_H
#define DNSD_COMMITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "dnsd/daemon.h"
#include "dnsd/store.h"

struct committer;

/* What store_update() is given, and what it says. Left alone by all from committer_begin() until done is called. */
struct commit {
	const struct store_rrset *rrsets;
	size_t nrrsets;
	const struct store_lease *leases;
	size_t nleases;
	bool ok;
	char error[ERROR_TEXT];
};

/* done(arg) for each commit, once. NULL: no thread. */
struct committer *committer_new(struct store *store, struct event_base *base, void (*done)(void *arg), void *arg);
void committer_free(struct committer *c);      /* none is under way; NULL is fine */

void committer_begin(struct committer *c, struct commit *commit);
bool committer_busy(const struct committer *c);
/* Until the commit under way has ended; done is called from here. */
void committer_wait(struct committer *c);

#endif
