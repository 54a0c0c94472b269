/* mailbox.c - a queue under a mutex, and an eventfd that is readable when something was put into it.
 *
 * A sender holds the mutex for a few instructions, and writes to the eventfd only if it found the queue empty: mail
 * that comes while other mail waits costs no system call. */
#include "dnsd/mailbox.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct mailbox {
	pthread_mutex_t lock;
	STAILQ_HEAD(, mail) queue;
	size_t count, size;
	bool closed;
	size_t most, most_size;
	int fd;
	struct event *some;
	void (*fn)(void *arg);
	void *arg;
};

static void
mailbox_on_some(evutil_socket_t fd, short what, void *arg)
{
	struct mailbox *m = arg;
	uint64_t times;

	(void)what;
	if (read(fd, &times, sizeof(times)) == sizeof(times))
		m->fn(m->arg);
}

struct mailbox *
mailbox_new(struct event_base *base, size_t most, size_t most_size, void (*fn)(void *arg), void *arg)
{
	struct mailbox *m = mem_alloc(sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	STAILQ_INIT(&m->queue);
	m->most = most;
	m->most_size = most_size;
	m->fn = fn;
	m->arg = arg;
	m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->some = m->fd >= 0 ? event_new(base, m->fd, EV_READ | EV_PERSIST, mailbox_on_some, m) : NULL;
	if (m->some == NULL || event_add(m->some, NULL) != 0) {
		log_error("threads cannot hand over what they have: no eventfd");
		abort();
	}
	return m;
}

void
mailbox_free(struct mailbox *m)
{
	if (m == NULL)
		return;
	assert(STAILQ_EMPTY(&m->queue));
	event_free(m->some);
	close(m->fd);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

bool
mailbox_put(struct mailbox *m, struct mail *one)
{
	uint64_t readable = 1;
	bool room, first;

	pthread_mutex_lock(&m->lock);
	first = STAILQ_EMPTY(&m->queue);
	room = !m->closed && m->count < m->most && one->size <= m->most_size - m->size;
	if (room) {
		STAILQ_INSERT_TAIL(&m->queue, one, next);
		m->count++;
		m->size += one->size;
	}
	pthread_mutex_unlock(&m->lock);
	while (room && first && write(m->fd, &readable, sizeof(readable)) < 0)
		continue;                      /* an eventfd that is read to zero only fails this when interrupted */
	return room;
}

void
mailbox_close(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->closed = true;
	pthread_mutex_unlock(&m->lock);
}

struct mail *
mailbox_take(struct mailbox *m)
{
	struct mail *one;

	pthread_mutex_lock(&m->lock);
	one = STAILQ_FIRST(&m->queue);
	if (one != NULL) {
		STAILQ_REMOVE_HEAD(&m->queue, next);
		m->count--;
		m->size -= one->size;
	}
	pthread_mutex_unlock(&m->lock);
	return one;
}
