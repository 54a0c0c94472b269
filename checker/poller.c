/* poller.c - the checker's own epoll instance. */
#include "checker/poller.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

/* A run reads all that is ready, since deadlines are judged by what it leaves unread.
 * Connections end after one or a few events each; the rounds are bounded all the
 * same, so that no flood can keep the loop here. */
enum { BATCH = 256, ROUNDS = 256 };

struct poller {
	int fd;
	bool running;
	int next, count;               /* what of batch is still to be called */
	struct epoll_event batch[BATCH];
};

struct poller *
poller_new(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct poller *p;

	if (fd < 0)
		return NULL;
	p = mem_alloc(sizeof(*p));
	p->fd = fd;
	return p;
}

void
poller_free(struct poller *p)
{
	if (p == NULL)
		return;
	close(p->fd);
	free(p);
}

int
poller_fd(const struct poller *p)
{
	return p->fd;
}

bool
poller_add(struct poller *p, int fd, uint32_t events, struct watch *w)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(p->fd, EPOLL_CTL_ADD, fd, &e) == 0;
}

bool
poller_change(struct poller *p, int fd, uint32_t events, struct watch *w)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(p->fd, EPOLL_CTL_MOD, fd, &e) == 0;
}

void
poller_forget(struct poller *p, const struct watch *w)
{
	for (int i = p->next; i < p->count; i++)
		if (p->batch[i].data.ptr == w)
			p->batch[i].data.ptr = NULL;
}

void
poller_drop(struct poller *p, int fd, const struct watch *w)
{
	epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, NULL);
	poller_forget(p, w);
}

static void
batch_call(struct poller *p, uint64_t now_us)
{
	while (p->next < p->count) {
		struct epoll_event *e = &p->batch[p->next++];
		struct watch *w = e->data.ptr;

		if (w != NULL)
			w->ready(w, e->events, now_us);
	}
}

void
poller_run(struct poller *p, uint64_t now_us)
{
	if (p->running)
		return;
	p->running = true;
	for (int round = 0; round < ROUNDS; round++) {
		p->next = 0;
		p->count = epoll_wait(p->fd, p->batch, BATCH, 0);
		if (p->count <= 0)
			break;
		batch_call(p, now_us);
		if (p->count < BATCH)
			break;
	}
	p->next = p->count = 0;
	p->running = false;
}
