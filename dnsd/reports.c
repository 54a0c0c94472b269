/* reports.c - a ring under a mutex, and an eventfd that is readable while the ring is not empty.
 *
 * A sender holds the mutex for one copy. The control thread takes one report at a time, so that it holds it no
 * longer than a sender does, and only so many in a turn of its loop: probes wait for no flood of
 * reports. What does not fit is counted and forgotten. */
#include "dnsd/reports.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

enum {
	REPORTS_MAX = 1024,            /* waiting at once; a power of two */
	PER_TURN = 128
};

struct reports {
	pthread_mutex_t lock;
	struct report ring[REPORTS_MAX];
	unsigned head, count;          /* the oldest one's place, and how many there are */
	_Atomic uint64_t dropped;
	int fd;
	struct event *some;
	void (*fn)(void *arg, const struct report *r);
	void *arg;
};

/* The oldest one. False: there is none, and the eventfd says so again. */
static bool
reports_take(struct reports *r, struct report *one)
{
	uint64_t readable;
	bool any;

	pthread_mutex_lock(&r->lock);
	any = r->count > 0;
	if (any) {
		*one = r->ring[r->head];
		r->head = (r->head + 1) % REPORTS_MAX;
		r->count--;
	} else if (read(r->fd, &readable, sizeof(readable)) < 0) {
		assert(errno == EAGAIN);       /* the sender of the last one has yet to tell us of it: we wake once more */
	}
	pthread_mutex_unlock(&r->lock);
	return any;
}

static void
reports_on_some(evutil_socket_t fd, short what, void *arg)
{
	struct reports *r = arg;
	struct report one;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < PER_TURN && reports_take(r, &one); i++)
		r->fn(r->arg, &one);
}

struct reports *
reports_new(struct event_base *base, void (*fn)(void *arg, const struct report *r), void *arg)
{
	struct reports *r = mem_alloc(sizeof(*r));

	pthread_mutex_init(&r->lock, NULL);
	r->fn = fn;
	r->arg = arg;
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->some = r->fd >= 0 ? event_new(base, r->fd, EV_READ | EV_PERSIST, reports_on_some, r) : NULL;
	if (r->some == NULL || event_add(r->some, NULL) != 0) {
		log_error("cannot hear of transfers and refusals: no eventfd");
		abort();
	}
	return r;
}

void
reports_free(struct reports *r)
{
	if (r == NULL)
		return;
	event_free(r->some);
	close(r->fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* False: the ring is full. */
static bool
reports_put(struct reports *r, const struct report *one, bool *first)
{
	bool room;

	pthread_mutex_lock(&r->lock);
	room = r->count < REPORTS_MAX;
	*first = r->count == 0;
	if (room)
		r->ring[(r->head + r->count++) % REPORTS_MAX] = *one;
	pthread_mutex_unlock(&r->lock);
	return room;
}

void
reports_send(struct reports *r, const struct report *one)
{
	uint64_t readable = 1;
	bool first;

	if (r == NULL)
		return;
	if (!reports_put(r, one, &first)) {
		atomic_fetch_add_explicit(&r->dropped, 1, memory_order_relaxed);
		return;
	}
	while (first && write(r->fd, &readable, sizeof(readable)) < 0)
		continue;                      /* an eventfd that is read only fails this when interrupted */
}

uint64_t
reports_dropped(const struct reports *r)
{
	return atomic_load_explicit(&r->dropped, memory_order_relaxed);
}
