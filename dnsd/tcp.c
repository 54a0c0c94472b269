/* tcp.c - the thread of TCP, or of TLS: its loop, its listeners, and how the control thread changes them.
 *
 * The control thread opens sockets (so that what fails, fails there) and sends the
 * thread one struct change through a pipe; the thread owns everything else: the
 * event base, the listeners and the clients. Before it runs, the control thread acts in its place. */
#include "dnsd/tcp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/clients.h"
#include "dnsd/listener.h"
#include "dnsd/snapshot.h"
#include "dnsd/tls.h"

enum {
	PARTING_US = 1000, PARTING_MOST_US = 200000,   /* a look at whether answers that are there have left; and the last */
	BACKOFF_US = 100000,                   /* no descriptor to accept with: time for some to come free */
	DRAIN_MAX = 1024                       /* connections that a closing listener still takes: its backlog */
};

struct door {                                  /* one listen address */
	struct addr listen;
	int fd;
	struct evconnlistener *listener;       /* NULL until the thread has it; then the owner of fd */
	struct tcp *tcp;
};

struct change {
	struct addr *wanted;                   /* what shall be listened on */
	size_t nwanted;
	struct door **doors;                   /* what of it is new */
	size_t ndoors;
	struct tls *tls;                       /* for new connections from now on; NULL: as before, or it is TCP */
	struct tcp_limits limits;
	bool stop;
};

struct tcp {
	const char *name;                      /* "TCP" or "TLS", for messages */

	/* The control thread's. */
	pthread_t thread;
	bool started;
	int pipe[2];                           /* pointers to struct change */
	struct addr *served;
	size_t nserved;
	struct change *prepared;               /* NULL: nothing is */

	/* The TCP thread's, once it runs. */
	struct event_base *base;
	struct event *changed, *backoff, *parting;
	uint64_t parted_us;                    /* when it was told to end; 0: it was not */
	bool exhausted;                        /* said so already */
	struct door **doors;
	size_t ndoors;
	struct clients *clients;
};

/* ---- doors ---- */

static void
door_free(struct door *d)
{
	if (d->listener != NULL)
		evconnlistener_free(d->listener);
	else
		close(d->fd);
	free(d);
}

static void
tcp_accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int length, void *arg)
{
	struct door *d = arg;

	(void)listener, (void)length;
	d->tcp->exhausted = false;
	clients_add(d->tcp->clients, fd, sa);
}

/* accept() fails for want of descriptors or memory, and would at once again: the one that waits longest makes room, and all doors rest. */
static void
tcp_accept_failed(struct evconnlistener *listener, void *arg)
{
	struct door *d = arg;
	struct tcp *t = d->tcp;
	struct timeval tv = { .tv_usec = BACKOFF_US };

	(void)listener;
	if (!t->exhausted)
		log_warn("%s: cannot accept connections", t->name);
	t->exhausted = true;
	clients_make_room(t->clients);
	for (size_t i = 0; i < t->ndoors; i++)
		evconnlistener_disable(t->doors[i]->listener);
	evtimer_add(t->backoff, &tv);
}

static void
tcp_accept_again(evutil_socket_t fd, short what, void *arg)
{
	struct tcp *t = arg;

	(void)fd, (void)what;
	for (size_t i = 0; i < t->ndoors; i++)
		evconnlistener_enable(t->doors[i]->listener);
}

static void
tcp_open_door(struct tcp *t, struct door *d)
{
	d->tcp = t;
	/* Listening already (backlog 0); non-blocking and close-on-exec for what is accepted. */
	d->listener = evconnlistener_new(t->base, tcp_accepted, d, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, d->fd);
	assert(d->listener != NULL);
	evconnlistener_set_error_cb(d->listener, tcp_accept_failed);
	t->doors = mem_grow(t->doors, t->ndoors, sizeof(struct door *));
	t->doors[t->ndoors++] = d;
}

/* Who connected before the door closes is served. */
static void
tcp_close_door(struct tcp *t, struct door *d)
{
	for (int i = 0; i < DRAIN_MAX; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t length = sizeof(from);
		int fd = accept4(d->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			break;
		clients_add(t->clients, fd, (struct sockaddr *)&from);
	}
	door_free(d);
}

/* ---- changes, on the thread ---- */

static void
change_free(struct change *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->ndoors; i++)
		door_free(c->doors[i]);
	free(c->doors);
	free(c->wanted);
	tls_free(c->tls);
	free(c);
}

static void
tcp_change(struct tcp *t, struct change *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->ndoors; i++) {
		if (listener_listed(&t->doors[i]->listen, c->wanted, c->nwanted))
			t->doors[kept++] = t->doors[i];
		else
			tcp_close_door(t, t->doors[i]);
	}
	t->ndoors = kept;
	if (c->tls != NULL)
		clients_show(t->clients, c->tls);
	c->tls = NULL;                         /* the clients' now, like the doors below */
	for (size_t i = 0; i < c->ndoors; i++)
		tcp_open_door(t, c->doors[i]);
	c->ndoors = 0;
	clients_limit(t->clients, &c->limits);
	change_free(c);
}

/* The loop ends when what is answered has left, or who should take it does not. */
static void
tcp_part(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_usec = PARTING_US };
	struct tcp *t = arg;

	(void)fd, (void)what;
	if (t->parted_us == 0)
		t->parted_us = clock_mono_us();
	if (clients_part(t->clients) || clock_mono_us() - t->parted_us > PARTING_MOST_US)
		event_base_loopbreak(t->base);
	else
		evtimer_add(t->parting, &tv);
}

static void
tcp_changed(evutil_socket_t fd, short what, void *arg)
{
	struct tcp *t = arg;
	struct change *c;

	(void)what;
	while (read(fd, &c, sizeof(c)) == sizeof(c)) {
		if (c->stop) {
			change_free(c);
			event_active(t->parting, 0, 0);
			return;
		}
		tcp_change(t, c);
	}
}

static void *
tcp_run(void *arg)
{
	struct tcp *t = arg;

	pthread_setname_np(pthread_self(), strcmp(t->name, "TLS") == 0 ? "tls" : "tcp");
	rcu_register_thread();
	event_base_dispatch(t->base);
	rcu_unregister_thread();
	return NULL;
}

/* ---- the control thread ---- */

static void
tcp_send_change(struct tcp *t, struct change *c)
{
	ssize_t n;

	if (!t->started) {
		tcp_change(t, c);
		return;
	}
	do
		n = write(t->pipe[1], &c, sizeof(c));  /* pointers are written whole: below PIPE_BUF */
	while (n < 0 && errno == EINTR);
	assert(n == sizeof(c));
}

static bool
tcp_overlaps(const struct tcp *t, const struct change *c, const struct addr *listen)
{
	for (size_t i = 0; i < t->nserved; i++)
		if (listener_overlaps(&t->served[i], listen))
			return true;
	for (size_t i = 0; i < c->ndoors; i++)
		if (listener_overlaps(&c->doors[i]->listen, listen))
			return true;
	return false;
}

static bool
tcp_prepare_one(struct tcp *t, struct change *c, const struct addr *listen, char *error, size_t size)
{
	char text[ADDR_TEXT];

	if (listener_listed(listen, t->served, t->nserved) || listener_listed(listen, c->wanted, c->nwanted))
		return true;

	int fd = listener_open(listen, SOCK_STREAM, tcp_overlaps(t, c, listen), error, size);

	if (fd == LISTENER_FAILED)
		return false;
	if (fd == LISTENER_NO_FAMILY) {
		log_warnx("%s (TCP): this machine has no IPv6; not listened on", addr_format_port(listen, text));
		return true;
	}

	struct door *d = mem_alloc(sizeof(*d));

	d->listen = *listen;
	d->fd = fd;
	c->doors = mem_grow(c->doors, c->ndoors, sizeof(struct door *));
	c->doors[c->ndoors++] = d;
	return true;
}

void
tcp_abandon(struct tcp *t)
{
	change_free(t->prepared);
	t->prepared = NULL;
}

bool
tcp_prepare(struct tcp *t, const struct addr *listen, size_t n, const struct tcp_tls *tls, char *error, size_t size)
{
	struct change *c = mem_alloc(sizeof(*c));

	tcp_abandon(t);
	t->prepared = c;
	if (tls != NULL && n > 0 && (c->tls = tls_load(tls->certificate, tls->key, error, size)) == NULL) {
		tcp_abandon(t);
		return false;
	}
	c->wanted = mem_array(n, sizeof(*listen));
	for (size_t i = 0; i < n; i++) {
		if (!tcp_prepare_one(t, c, &listen[i], error, size)) {
			tcp_abandon(t);
			return false;
		}
		c->wanted[c->nwanted++] = listen[i];
	}
	return true;
}

void
tcp_apply(struct tcp *t, const struct tcp_limits *limits)
{
	struct change *c = t->prepared;

	assert(c != NULL);
	t->prepared = NULL;
	c->limits = *limits;
	free(t->served);
	t->served = mem_array(c->nwanted, sizeof(struct addr));
	memcpy(t->served, c->wanted, c->nwanted * sizeof(struct addr));
	t->nserved = c->nwanted;
	tcp_send_change(t, c);
}

struct tcp *
tcp_open(const struct addr *listen, size_t n, const struct tcp_tls *tls, const struct tcp_limits *limits, char *error, size_t size)
{
	struct tcp *t = mem_alloc(sizeof(*t));
	struct event_config *config = event_config_new();

	t->name = tls != NULL ? "TLS" : "TCP";

	/* One thread at a time has this base: no locks, whatever the rest of the process uses. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	t->base = event_base_new_with_config(config);
	event_config_free(config);
	if (t->base == NULL || pipe2(t->pipe, O_CLOEXEC) != 0) {
		snprintf(error, size, "no event loop for %s: %s", t->name, strerror(errno));
		if (t->base != NULL)
			event_base_free(t->base);
		free(t);
		return NULL;
	}
	fcntl(t->pipe[0], F_SETFL, O_NONBLOCK);
	t->changed = event_new(t->base, t->pipe[0], EV_READ | EV_PERSIST, tcp_changed, t);
	t->backoff = evtimer_new(t->base, tcp_accept_again, t);
	t->parting = evtimer_new(t->base, tcp_part, t);
	assert(t->changed != NULL && t->backoff != NULL && t->parting != NULL);
	event_add(t->changed, NULL);
	t->clients = clients_new(t->base, tls != NULL ? TRANSPORT_TLS : TRANSPORT_TCP, limits);
	if (!tcp_prepare(t, listen, n, tls, error, size)) {
		tcp_close(t);
		return NULL;
	}
	tcp_apply(t, limits);
	return t;
}

bool
tcp_start(struct tcp *t, char *error, size_t size)
{
	sigset_t all, before;

	assert(!t->started);
	sigfillset(&all);                      /* signals are the control thread's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&t->thread, NULL, tcp_run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0) {
		snprintf(error, size, "no thread for %s: %s", t->name, strerror(failed));
		return false;
	}
	t->started = true;
	return true;
}

static void
tcp_join(struct tcp *t)
{
	struct change *c = mem_alloc(sizeof(*c));

	c->stop = true;
	tcp_send_change(t, c);
	pthread_join(t->thread, NULL);
	t->started = false;
}

void
tcp_close(struct tcp *t)
{
	if (t == NULL)
		return;
	if (t->started)
		tcp_join(t);
	tcp_abandon(t);
	clients_free(t->clients);
	for (size_t i = 0; i < t->ndoors; i++)
		door_free(t->doors[i]);
	free(t->doors);
	event_free(t->changed);
	event_free(t->backoff);
	event_free(t->parting);
	event_base_loop(t->base, EVLOOP_NONBLOCK);     /* what is still to be called for streams that are gone holds them */
	event_base_free(t->base);
	close(t->pipe[0]);
	close(t->pipe[1]);
	free(t->served);
	free(t);
}

void
tcp_counters(const struct tcp *t, uint64_t *answered, unsigned *open)
{
	clients_counters(t->clients, answered, open);
}

unsigned
tcp_transfers(const struct tcp *t)
{
	return clients_transfers(t->clients);
}
