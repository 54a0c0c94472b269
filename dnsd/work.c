/* work.c - a thread, and an eventfd that says it has finished. */
#include "dnsd/work.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct work {
	pthread_t thread;
	int fd;
	struct event *ended;
	void (*run)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

static void
work_free(struct work *w)
{
	if (w->ended != NULL)
		event_free(w->ended);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

static void *
work_thread(void *arg)
{
	struct work *w = arg;
	uint64_t one = 1;

	w->run(w->arg);
	while (write(w->fd, &one, sizeof(one)) < 0)    /* an eventfd only fails this when interrupted */
		continue;
	return NULL;
}

static void
work_ended(evutil_socket_t fd, short what, void *arg)
{
	struct work *w = arg;
	void (*done)(void *) = w->done;
	void *done_arg = w->arg;

	(void)fd;
	(void)what;
	pthread_join(w->thread, NULL);
	work_free(w);
	done(done_arg);
}

struct work *
work_start(struct event_base *base, void (*run)(void *arg), void (*done)(void *arg), void *arg)
{
	struct work *w = mem_alloc(sizeof(*w));
	sigset_t all, before;
	int rc = -1;

	*w = (struct work){ .fd = eventfd(0, EFD_CLOEXEC), .run = run, .done = done, .arg = arg };
	if (w->fd >= 0)
		w->ended = event_new(base, w->fd, EV_READ, work_ended, w);
	if (w->ended != NULL && event_add(w->ended, NULL) == 0) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		rc = pthread_create(&w->thread, NULL, work_thread, w);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	if (rc == 0)
		return w;
	work_free(w);
	return NULL;
}

void
work_cancel(struct work *w)
{
	if (w == NULL)
		return;
	pthread_join(w->thread, NULL);
	work_free(w);
}
