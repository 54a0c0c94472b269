/* committer.c - a thread that lives as long as the daemon, a condition to wake it and an eventfd to hear of it.
 *
 *     IDLE ──begin──► GIVEN ──the thread takes it──► KEEPING ──durable, or not──► KEPT ──heard──► IDLE
 */
#include "dnsd/committer.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"

enum { NICE = 10 };

enum committer_state { COMMITTER_IDLE, COMMITTER_GIVEN, COMMITTER_KEEPING, COMMITTER_KEPT };

struct committer {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given, kept;
	enum committer_state state;            /* under lock, like stop */
	bool stop;
	struct commit *commit;                 /* whose it is, state says */
	bool busy;                             /* the control thread's own: not IDLE */
	int fd;
	struct event *heard;
	void (*done)(void *arg);
	void *arg;
};

/* The next commit; NULL: there will be none. */
static struct commit *
committer_next(struct committer *c)
{
	struct commit *next = NULL;

	pthread_mutex_lock(&c->lock);
	while (c->state != COMMITTER_GIVEN && !c->stop)
		pthread_cond_wait(&c->given, &c->lock);
	if (c->state == COMMITTER_GIVEN) {
		c->state = COMMITTER_KEEPING;
		next = c->commit;
	}
	pthread_mutex_unlock(&c->lock);
	return next;
}

static void *
committer_run(void *arg)
{
	struct committer *c = arg;
	struct commit *one;
	uint64_t readable = 1;

	pthread_setname_np(pthread_self(), "commit");
	/* Of this thread alone. Where CPUs are short, questions and probes go first, and batches are larger instead. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while ((one = committer_next(c)) != NULL) {
		one->ok = store_update(c->store, one->rrsets, one->nrrsets, one->leases, one->nleases, one->error, sizeof(one->error));
		pthread_mutex_lock(&c->lock);
		c->state = COMMITTER_KEPT;
		pthread_cond_signal(&c->kept);
		pthread_mutex_unlock(&c->lock);
		while (write(c->fd, &readable, sizeof(readable)) < 0)  /* an eventfd that is read to zero only fails this when interrupted */
			continue;
	}
	return NULL;
}

static void
committer_end(struct committer *c)
{
	c->busy = false;
	c->done(c->arg);
}

static void
committer_heard(evutil_socket_t fd, short what, void *arg)
{
	struct committer *c = arg;
	uint64_t times;
	bool kept;

	(void)what;
	if (read(fd, &times, sizeof(times)) != sizeof(times))
		return;
	pthread_mutex_lock(&c->lock);
	kept = c->state == COMMITTER_KEPT;     /* else committer_wait() heard it first */
	if (kept)
		c->state = COMMITTER_IDLE;
	pthread_mutex_unlock(&c->lock);
	if (kept)
		committer_end(c);
}

/* Signals are the control thread's: all are blocked before the thread begins. */
static bool
committer_start(struct committer *c)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&c->thread, NULL, committer_run, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed == 0;
}

static void
committer_clear(struct committer *c)
{
	if (c->heard != NULL)
		event_free(c->heard);
	if (c->fd >= 0)
		close(c->fd);
	pthread_cond_destroy(&c->given);
	pthread_cond_destroy(&c->kept);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct committer *
committer_new(struct store *store, struct event_base *base, void (*done)(void *arg), void *arg)
{
	struct committer *c = mem_alloc(sizeof(*c));

	*c = (struct committer){ .store = store, .done = done, .arg = arg, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->given, NULL);
	pthread_cond_init(&c->kept, NULL);
	c->heard = c->fd >= 0 ? event_new(base, c->fd, EV_READ | EV_PERSIST, committer_heard, c) : NULL;
	if (c->heard != NULL && event_add(c->heard, NULL) == 0 && committer_start(c))
		return c;
	committer_clear(c);
	return NULL;
}

void
committer_free(struct committer *c)
{
	if (c == NULL)
		return;
	assert(!c->busy);
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->given);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	committer_clear(c);
}

void
committer_begin(struct committer *c, struct commit *commit)
{
	assert(!c->busy);
	c->busy = true;
	pthread_mutex_lock(&c->lock);
	c->commit = commit;
	c->state = COMMITTER_GIVEN;
	pthread_cond_signal(&c->given);
	pthread_mutex_unlock(&c->lock);
}

bool
committer_busy(const struct committer *c)
{
	return c->busy;
}

void
committer_wait(struct committer *c)
{
	assert(c->busy);
	pthread_mutex_lock(&c->lock);
	while (c->state != COMMITTER_KEPT)
		pthread_cond_wait(&c->kept, &c->lock);
	c->state = COMMITTER_IDLE;
	pthread_mutex_unlock(&c->lock);
	committer_end(c);
}
