/* crowd.c - how many connections are open. */
#include "api/crowd.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"

/* While full: soon enough that nobody who waits notices. */
static const struct timeval look_again = { 0, 50 * 1000 };

struct visitor {
	int fd;
	uint64_t inode;                /* a socket's own: tells it from the next one of that number */
	const struct evbuffer *input;  /* where what it sends comes in; a name only, it may be gone */
	size_t sent;                   /* bytes since its last whole request */
};

struct crowd {
	struct evconnlistener *listener;
	struct event *again, *settle;
	struct bufferevent *newest;    /* accepted in this turn, its socket not read yet; referenced */
	struct visitor open[CROWD_MAX];
	size_t count;
};

/* The inode of the socket that has this number now; 0: none has. The number may be another thread's by now: only
 * the kernel is asked, about a name, and nothing of the other's is touched. */
static uint64_t
socket_inode(int fd)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_TYPE, &stx) != 0 || !S_ISSOCK(stx.stx_mode))
		return 0;
	return stx.stx_ino;
}

/* The server gives a bufferevent its socket right behind on_accept(). Nothing can happen to the
 * connection before the loop polls again, and crowd_settle() comes before that. */
static void
crowd_settle(struct crowd *c)
{
	int fd;

	if (c->newest == NULL)
		return;
	assert(c->count < CROWD_MAX);
	fd = bufferevent_getfd(c->newest);
	if (socket_inode(fd) != 0)
		c->open[c->count++] = (struct visitor){ fd, socket_inode(fd), bufferevent_get_input(c->newest), 0 };
	bufferevent_decref(c->newest);
	c->newest = NULL;
}

static bool
is_open(const struct visitor *v)
{
	return socket_inode(v->fd) == v->inode;
}

static void
crowd_thin(struct crowd *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++)
		if (is_open(&c->open[i]))
			c->open[kept++] = c->open[i];
	c->count = kept;
}

static void
crowd_pause_if_full(struct crowd *c)
{
	if (c->count + (c->newest != NULL) < CROWD_MAX) {
		evconnlistener_enable(c->listener);
		return;
	}
	evconnlistener_disable(c->listener);
	event_add(c->again, &look_again);
}

static void
on_settle(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	crowd_settle(arg);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct crowd *c = arg;

	(void)fd;
	(void)what;
	crowd_settle(c);
	crowd_thin(c);
	crowd_pause_if_full(c);
}

/* The newest of that name: it is the one that is there. NULL: not known. */
static struct visitor *
crowd_find(struct crowd *c, const struct evbuffer *input)
{
	for (size_t i = c->count; i-- > 0;)
		if (c->open[i].input == input)
			return &c->open[i];
	return NULL;
}

static bool
crowd_has_room(struct crowd *c)
{
	size_t all = 0;

	crowd_thin(c);                         /* who has gone has nothing under way */
	for (size_t i = 0; i < c->count; i++)
		all += c->open[i].sent;
	return all <= CROWD_BYTES;
}

/* An evbuffer callback. The server finds a socket that ends, and closes the connection as if its client had. */
static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct crowd *c = arg;
	struct visitor *v;

	crowd_settle(c);
	v = crowd_find(c, input);
	if (v == NULL || info->n_added == 0)
		return;
	v->sent += info->n_added;
	if (v->sent <= CROWD_SHARE || crowd_has_room(c))
		return;
	v = crowd_find(c, input);              /* the crowd has thinned */
	if (v != NULL) {
		log_warnx("a request is cut off: all together have more than %d MiB under way", CROWD_BYTES >> 20);
		shutdown(v->fd, SHUT_RDWR);
	}
}

void
crowd_served(struct crowd *c, struct bufferevent *b)
{
	struct visitor *v = crowd_find(c, bufferevent_get_input(b));

	if (v != NULL)
		v->sent = 0;
}

/* The server accepted a connection and wants a bufferevent for it. A listener that is paused in its own callback stops there. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct crowd *c = arg;

	crowd_settle(c);
	crowd_thin(c);
	c->newest = bufferevent_socket_new(base, -1, 0);
	if (c->newest == NULL)
		return NULL;                   /* the server tries the same, and gives up on the connection */
	bufferevent_incref(c->newest);
	evbuffer_add_cb(bufferevent_get_input(c->newest), on_input, c);
	event_active(c->settle, 0, 0);
	crowd_pause_if_full(c);
	return c->newest;
}

struct crowd *
crowd_new(struct event_base *base, struct evhttp *http)
{
	struct crowd *c = mem_alloc(sizeof(*c));

	c->again = evtimer_new(base, on_again, c);
	c->settle = event_new(base, -1, 0, on_settle, c);
	evhttp_set_bevcb(http, on_accept, c);
	return c;
}

void
crowd_attend(struct crowd *c, struct evconnlistener *listener)
{
	c->listener = listener;
	crowd_pause_if_full(c);
}

void
crowd_free(struct crowd *c)
{
	if (c == NULL)
		return;
	crowd_settle(c);
	event_free(c->again);
	event_free(c->settle);
	free(c);
}
