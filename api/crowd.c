/* crowd.c - how many connections are open. */
#include "api/crowd.h"

#include <assert.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* While full: soon enough that nobody who waits notices. */
static const struct timeval look_again = { 0, 50 * 1000 };

struct crowd {
	struct evconnlistener *listener;
	struct event *again;
	struct bufferevent *open[CROWD_MAX];
	size_t count;
};

/* bufferevent_free() clears the callbacks first; our reference keeps the rest. */
static bool
is_over(struct bufferevent *b)
{
	bufferevent_event_cb event = NULL;

	bufferevent_getcb(b, NULL, NULL, &event, NULL);
	return event == NULL;
}

static void
crowd_thin(struct crowd *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++)
		if (is_over(c->open[i]))
			bufferevent_decref(c->open[i]);
		else
			c->open[kept++] = c->open[i];
	c->count = kept;
}

static void
crowd_pause_if_full(struct crowd *c)
{
	if (c->count < CROWD_MAX) {
		evconnlistener_enable(c->listener);
		return;
	}
	evconnlistener_disable(c->listener);
	event_add(c->again, &look_again);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct crowd *c = arg;

	(void)fd;
	(void)what;
	crowd_thin(c);
	crowd_pause_if_full(c);
}

/* The server accepted a connection and wants a bufferevent for it. A listener that is paused in its own callback stops there. */
static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct crowd *c = arg;
	struct bufferevent *b = bufferevent_socket_new(base, -1, 0);

	crowd_thin(c);
	assert(c->count < CROWD_MAX);
	if (b == NULL)
		return NULL;
	bufferevent_incref(b);
	c->open[c->count++] = b;
	crowd_pause_if_full(c);
	return b;
}

struct crowd *
crowd_new(struct event_base *base, struct evhttp *http)
{
	struct crowd *c = mem_alloc(sizeof(*c));

	c->again = evtimer_new(base, on_again, c);
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
	for (size_t i = 0; i < c->count; i++)
		bufferevent_decref(c->open[i]);
	event_free(c->again);
	free(c);
}
