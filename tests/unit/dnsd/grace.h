/* grace.h - waits until what was retired is freed. rcu_barrier() is not seen by TSan, which then finds races in liburcu. */
#ifndef TESTS_GRACE_H
#define TESTS_GRACE_H

#include <semaphore.h>

#include "dnsd/snapshot.h"

static void
grace_over(void *arg)
{
	sem_post(arg);
}

/* Long enough for what is retired now, and for what that retires. */
static void
grace(void)
{
	sem_t over;

	sem_init(&over, 0, 0);
	for (int i = 0; i < 2; i++) {
		snapshot_retire_call(grace_over, &over);
		while (sem_wait(&over) != 0)
			continue;
	}
	sem_destroy(&over);
}

#endif
