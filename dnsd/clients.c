/* clients.c - DNS over TCP and TLS: frames in, frames out (RFC 1035, 4.2.2; RFC 7766; RFC 7858).
 *
 * A client reads and answers frame after frame; a frame is two bytes of length and
 * a message. What it may cost is bounded by one clock and one list: clients stand in
 * the order of their last progress, so the one at the head is always the next to expire and
 * the first to go when there are too many, and one timer serves all.
 *
 *     OPEN ──more than OUTPUT_ENOUGH waits for it──► FULL ──less──► OPEN
 *     OPEN ──a transfer is its answer──► SENDING ──its last message is handed over──► OPEN
 *     OPEN ──an update was handed over──► AWAITING ──its answer is there──► OPEN
 *     any ──end of input──► as before, but nothing is read; then, instead of OPEN:
 *                           LAST ──all that it asked for is sent──► closed
 *
 * Only OPEN reads. A transfer makes its next message when the one before has nearly gone, and one per turn of
 * the loop: however many there are, each has one message in memory, and queries beside them wait for no more
 * than one of each. What the client asks meanwhile waits in the kernel, and is answered behind the transfer, or the update.
 *
 * The answer to an update is made by another thread and comes through a mailbox. Who awaits it and the answer's way back know each
 * other, on this thread alone: a client that goes takes leave of it, so that the answer finds nobody.
 *
 * Progress is a complete query, or having taken what waits for it: TAKEN_PER_S over the whole idle time, by what its
 * TCP has acknowledged. So a slow line may take hours for a zone, and one that stands still is closed.
 *
 * An idle client is a struct client, a bufferevent and its two empty evbuffers: see tests/unit/dnsd/test_tcp.c, which
 * holds it below 2 KiB (1.1 KiB measured). Over TLS OpenSSL's state comes on top: test_tls.c (16 KiB measured). */
#include "dnsd/clients.h"

#include <assert.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/aside.h"
#include "dnsd/handover.h"
#include "dnsd/mailbox.h"
#include "dnsd/question.h"
#include "dnsd/tls.h"
#include "dnsd/transfer.h"
#include "dnsd/wire.h"

enum {
	FRAME_MAX = 2 + ANSWER_TCP_MAX,
	/* Behind what the kernel holds: while more than this waits nothing is added, so that one client never has
	 * more than this and the largest answer. */
	OUTPUT_ENOUGH = 32 << 10,
	TAKEN_PER_S = 1 << 10          /* bytes: below it a zone of 1 MiB would take more than 17 minutes */
};

enum client_state { CLIENT_OPEN, CLIENT_FULL, CLIENT_SENDING, CLIENT_AWAITING, CLIENT_LAST };

/* The way of one answer, from the control thread to its client. */
struct client_way {
	struct mail mail;
	struct way_back back;
	struct mailbox *answers;               /* of the loop */
	struct client *client;                 /* NULL: it has gone. The loop's thread alone */
	uint8_t *message;                      /* what was sent; NULL: silence is. With again: what was asked */
	size_t size;
	bool again;
};

struct client_road {
	struct road road;
	struct client *client;
};

struct client {
	TAILQ_ENTRY(client) order;
	struct clients *clients;
	struct bufferevent *stream;
	struct transfer *transfer;     /* SENDING: the rest of it */
	struct client_way *awaited;    /* AWAITING */
	enum client_state state;
	bool ended;                    /* it will say no more */
	struct addr from;
	uint64_t since_us;             /* the last progress, or the connection */
	uint64_t taken;                /* bytes that it had acknowledged when that was last looked at */
};

TAILQ_HEAD(client_list, client);

struct clients {
	struct event_base *base;
	enum transport transport;
	struct tls *tls;               /* for new ones */
	struct event *expiry;
	struct mailbox *answers;       /* made elsewhere */
	struct tcp_limits limits;
	struct client_list order;      /* the longest waiting first */
	_Atomic unsigned open;         /* written by this loop alone, like the two below */
	_Atomic unsigned transfers;
	_Atomic uint64_t answered;
	uint8_t frame[FRAME_MAX];      /* the answer being made */
};

/* ---- the order, and the clock on it ---- */

static void
clients_arm(struct clients *c, uint64_t now_us)
{
	struct client *first = TAILQ_FIRST(&c->order);

	if (first == NULL) {
		evtimer_del(c->expiry);
		return;
	}

	uint64_t at = first->since_us + c->limits.idle_us, left = at > now_us ? at - now_us : 0;
	struct timeval tv = { .tv_sec = (time_t)(left / US_PER_S), .tv_usec = (suseconds_t)(left % US_PER_S) };

	evtimer_add(c->expiry, &tv);
}

/* An atomic that one thread writes needs no locked addition. */
static void
count_add(_Atomic unsigned *count, int n)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + (unsigned)n, memory_order_relaxed);
}

/* The transfer, if there is one, is over or given up. */
static void
client_transfer_end(struct client *cl)
{
	if (cl->transfer == NULL)
		return;
	transfer_free(cl->transfer);
	cl->transfer = NULL;
	count_add(&cl->clients->transfers, -1);
}

static void
client_close(struct client *cl)
{
	struct clients *c = cl->clients;

	TAILQ_REMOVE(&c->order, cl, order);
	count_add(&c->open, -1);
	client_transfer_end(cl);
	if (cl->awaited != NULL)
		cl->awaited->client = NULL;
	if (c->transport == TRANSPORT_TLS)
		tls_part(cl->stream);
	bufferevent_free(cl->stream);          /* closes the socket */
	free(cl);
}

/* The timer is left where it is: it fires for who was first then, and looks again. */
static void
client_touch(struct client *cl)
{
	cl->since_us = clock_mono_us();
	TAILQ_REMOVE(&cl->clients->order, cl, order);
	TAILQ_INSERT_TAIL(&cl->clients->order, cl, order);
}

static size_t
client_waiting(const struct client *cl)
{
	return evbuffer_get_length(bufferevent_get_output(cl->stream));
}

/* Does it wait for us? Or has it taken enough of what waits for it since this was last asked? The kernel's buffers move in lumps; acknowledged bytes do not. */
static bool
client_goes_on(struct client *cl)
{
	uint64_t enough = cl->clients->limits.idle_us * TAKEN_PER_S / US_PER_S, before = cl->taken;
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (cl->awaited != NULL)
		return true;
	if (client_waiting(cl) == 0 || getsockopt(bufferevent_getfd(cl->stream), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return false;
	cl->taken = info.tcpi_bytes_acked;
	return cl->taken - before > enough;
}

static void
clients_expire(evutil_socket_t fd, short what, void *arg)
{
	struct clients *c = arg;
	uint64_t now_us = clock_mono_us();
	struct client *cl;

	(void)fd, (void)what;
	while ((cl = TAILQ_FIRST(&c->order)) != NULL && cl->since_us + c->limits.idle_us <= now_us) {
		if (client_goes_on(cl))
			client_touch(cl);
		else
			client_close(cl);
	}
	clients_arm(c, now_us);
}

/* ---- one client ---- */

/* Sends what stands in the frame behind its length. */
static void
client_put(struct client *cl, size_t size)
{
	struct clients *c = cl->clients;

	be16_put(c->frame, (unsigned)size);
	bufferevent_write(cl->stream, c->frame, size + 2);
}

/* ---- answers that are made elsewhere ---- */

static struct client_way *
way_of(struct way_back *back)
{
	return (struct client_way *)(void *)((uint8_t *)back - offsetof(struct client_way, back));
}

/* On the control thread, like way_send(). The box is as large as there are messages on their way. */
static void
way_drop(struct way_back *back)
{
	struct client_way *way = way_of(back);
	bool taken = mailbox_put(way->answers, &way->mail);

	assert(taken);
}

static void
way_send(struct way_back *back, const uint8_t *message, size_t size)
{
	struct client_way *way = way_of(back);

	way->message = mem_alloc(size);
	way->size = size;
	memcpy(way->message, message, size);
	way_drop(back);
}

static void
way_again(struct way_back *back, uint8_t *message, size_t size)
{
	struct client_way *way = way_of(back);

	way->message = message;
	way->size = size;
	way->again = true;
	way_drop(back);
}

static struct way_back *
client_way_open(const struct road *road)
{
	struct client *cl = ((const struct client_road *)(const void *)road)->client;
	struct client_way *way = mem_alloc(sizeof(*way));

	way->back = (struct way_back){ way_send, way_drop, way_again };
	way->answers = cl->clients->answers;
	way->client = cl;
	assert(cl->awaited == NULL);
	cl->awaited = way;
	return &way->back;
}

static void
way_free(struct client_way *way)
{
	free(way->message);
	free(way);
}

static void
client_answer(struct client *cl, const uint8_t *query, size_t size, bool caught_up)
{
	struct clients *c = cl->clients;
	const struct answer_terms terms = {
		.transport = c->transport, .now_s = clock_coarse_wall_s(), .now_ms = clock_coarse_ms()
	};
	const struct client_road road = { { client_way_open }, cl };
	struct answer_job job = { .query = query, .size = size, .client = &cl->from, .out = c->frame + 2, .road = &road.road,
		.caught_up = caught_up };
	const struct snapshot *s;

	snapshot_enter();
	s = snapshot_current();
	answer_one(s, &terms, &job);
	if (job.aside)
		aside_answer(s, &terms, &job, &cl->transfer);
	snapshot_leave();
	if (cl->transfer != NULL)
		count_add(&c->transfers, 1);
	if (job.answered > 0)
		client_put(cl, job.answered);
	else if (cl->transfer == NULL && !job.handed)  /* silence is due */
		return;
	atomic_store_explicit(&c->answered, atomic_load_explicit(&c->answered, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* One message of the transfer, or its end. */
static void
client_transfer(struct client *cl)
{
	size_t size = transfer_next(cl->transfer, cl->clients->frame + 2, ANSWER_TCP_MAX);

	if (size > 0) {
		client_put(cl, size);
		client_touch(cl);
		return;
	}
	client_transfer_end(cl);
}

/* The next frame at the start of in, as a whole; NULL: not yet. *size: of the message; below a header's: no frame at all. */
static const uint8_t *
client_frame(struct evbuffer *in, size_t *size)
{
	uint8_t length[2];

	if (evbuffer_copyout(in, length, 2) < 2)
		return NULL;
	*size = be16_get(length);
	if (*size >= HEADER_SIZE && evbuffer_get_length(in) < *size + 2)
		return NULL;
	return evbuffer_pullup(in, *size >= HEADER_SIZE ? (ssize_t)*size + 2 : 2);
}

static enum client_state
client_next_state(const struct client *cl)
{
	if (cl->transfer != NULL)
		return CLIENT_SENDING;
	if (cl->awaited != NULL)
		return CLIENT_AWAITING;
	if (client_waiting(cl) > OUTPUT_ENOUGH)
		return CLIENT_FULL;
	return cl->ended ? CLIENT_LAST : CLIENT_OPEN;
}

/* Where the state moves. It may be the end. */
static void
client_settle(struct client *cl)
{
	enum client_state before = cl->state;

	cl->state = client_next_state(cl);
	if (cl->state == CLIENT_LAST && client_waiting(cl) == 0)
		client_close(cl);
	else if (cl->state != CLIENT_OPEN)
		bufferevent_disable(cl->stream, EV_READ);
	else if (before != CLIENT_OPEN)
		bufferevent_enable(cl->stream, EV_READ);
}

/* Answers what has come, up to what the client may leave unread, to the begin of a transfer or to an update. */
static void
client_work(struct client *cl)
{
	struct evbuffer *in = bufferevent_get_input(cl->stream);
	const uint8_t *frame;
	size_t size;
	bool worked = false;

	while (cl->transfer == NULL && cl->awaited == NULL && client_waiting(cl) <= OUTPUT_ENOUGH && (frame = client_frame(in, &size)) != NULL) {
		if (size < HEADER_SIZE) {      /* it is no DNS client */
			client_close(cl);
			return;
		}
		client_answer(cl, frame + 2, size, false);
		evbuffer_drain(in, size + 2);
		worked = true;
	}
	if (worked)
		client_touch(cl);
	if (worked && cl->transfer != NULL)
		client_transfer(cl);
	client_settle(cl);
}

static void
client_readable(struct bufferevent *stream, void *arg)
{
	(void)stream;
	client_work(arg);
}

/* OUTPUT_ENOUGH or less is left. */
static void
client_drained(struct bufferevent *stream, void *arg)
{
	struct client *cl = arg;

	(void)stream;
	if (cl->state == CLIENT_OPEN)
		return;
	if (cl->transfer != NULL)
		client_transfer(cl);
	client_work(cl);
}

/* Its handshake is done (the clock waits for a query), it failed, or it closed its half and waits for the rest (RFC 7766, 6.2.4). */
static void
client_event(struct bufferevent *stream, short what, void *arg)
{
	struct client *cl = arg;

	if ((what & BEV_EVENT_CONNECTED) != 0)
		return;
	if ((what & BEV_EVENT_ERROR) != 0) {
		client_close(cl);
		return;
	}
	cl->ended = true;
	bufferevent_enable(stream, EV_WRITE);          /* tls.h */
	client_settle(cl);
}

/* What the client waits for has come. */
static void
client_answered(struct client *cl, const struct client_way *way)
{
	cl->awaited = NULL;
	client_touch(cl);
	if (way->again) {
		client_answer(cl, way->message, way->size, true);
		if (cl->transfer != NULL)
			client_transfer(cl);
	} else if (way->size > 0) {
		memcpy(cl->clients->frame + 2, way->message, way->size);
		client_put(cl, way->size);
	}
	client_work(cl);                       /* behind it may be what the client asked meanwhile */
}

static void
clients_answered(void *arg)
{
	struct clients *c = arg;
	struct client_way *way;

	while ((way = (struct client_way *)(void *)mailbox_take(c->answers)) != NULL) {
		if (way->client != NULL)
			client_answered(way->client, way);
		way_free(way);
	}
}

/* ---- all of them ---- */

struct clients *
clients_new(struct event_base *base, enum transport transport, const struct tcp_limits *limits)
{
	struct clients *c = mem_alloc(sizeof(*c));

	c->base = base;
	c->transport = transport;
	c->limits = *limits;
	c->expiry = evtimer_new(base, clients_expire, c);
	c->answers = mailbox_new(base, SIZE_MAX, SIZE_MAX, clients_answered, c);
	TAILQ_INIT(&c->order);
	assert(c->expiry != NULL);
	return c;
}

void
clients_free(struct clients *c)
{
	struct client *cl;

	if (c == NULL)
		return;
	while ((cl = TAILQ_FIRST(&c->order)) != NULL)
		client_close(cl);
	clients_answered(c);                   /* to nobody */
	mailbox_free(c->answers);
	event_free(c->expiry);
	tls_free(c->tls);
	free(c);
}

bool
clients_part(struct clients *c)
{
	const struct client *cl;

	clients_answered(c);
	TAILQ_FOREACH(cl, &c->order, order)
		if (cl->transfer == NULL && client_waiting(cl) > 0)
			return false;
	return true;
}

void
clients_show(struct clients *c, struct tls *tls)
{
	tls_free(c->tls);
	c->tls = tls;
}

void
clients_make_room(struct clients *c)
{
	struct client *first = TAILQ_FIRST(&c->order);

	if (first != NULL)
		client_close(first);
}

static struct bufferevent *
clients_stream(struct clients *c, int fd)
{
	if (c->transport == TRANSPORT_TLS) {
		assert(c->tls != NULL);
		return tls_accept(c->tls, c->base, fd);
	}
	return bufferevent_socket_new(c->base, fd, BEV_OPT_CLOSE_ON_FREE);
}

void
clients_add(struct clients *c, int fd, const struct sockaddr *from)
{
	int on = 1;
	struct bufferevent *stream;

	while (atomic_load_explicit(&c->open, memory_order_relaxed) >= c->limits.clients)
		clients_make_room(c);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));     /* an answer must not wait for an ACK of the one before */
	stream = clients_stream(c, fd);
	if (stream == NULL) {                  /* out of memory: one client less */
		close(fd);
		return;
	}

	struct client *cl = mem_alloc(sizeof(*cl));

	cl->clients = c;
	cl->stream = stream;
	cl->since_us = clock_mono_us();
	addr_from_sockaddr(from, &cl->from);
	TAILQ_INSERT_TAIL(&c->order, cl, order);
	count_add(&c->open, 1);
	bufferevent_setcb(stream, client_readable, client_drained, client_event, cl);
	bufferevent_setwatermark(stream, EV_READ, 0, FRAME_MAX);
	bufferevent_setwatermark(stream, EV_WRITE, OUTPUT_ENOUGH, 0);
	bufferevent_enable(stream, EV_READ | EV_WRITE);
	if (TAILQ_FIRST(&c->order) == cl)
		clients_arm(c, cl->since_us);
}

void
clients_limit(struct clients *c, const struct tcp_limits *limits)
{
	c->limits = *limits;
	while (atomic_load_explicit(&c->open, memory_order_relaxed) > c->limits.clients)
		clients_make_room(c);
	clients_arm(c, clock_mono_us());
}

void
clients_counters(const struct clients *c, uint64_t *answered, unsigned *open)
{
	*answered = atomic_load_explicit(&c->answered, memory_order_relaxed);
	*open = atomic_load_explicit(&c->open, memory_order_relaxed);
}

unsigned
clients_transfers(const struct clients *c)
{
	return atomic_load_explicit(&c->transfers, memory_order_relaxed);
}
