/* lane.c - pings that leave alike, and come back together.
 *
 *   start: a sequence number, a place in the batch
 *      │
 *      ▼            flush: sendmmsg
 *   BATCHED ────────────────────────► SENT ──echo reply──► ok
 *      │                               │
 *      └─► local failure               └──ICMP error, quoted request──► unreachable
 *
 * Probes that leave alike (family, source, device, mark, fragmenting) share a lane: one socket,
 * opened with its first probe, and a table from sequence number to probe. What starts in one turn leaves
 * in one system call and what has come back is read in one. A reply is believed when
 * its identifier, sequence number, cookie and source address all fit. */
#include "checker/lane.h"

#include <assert.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/icmp.h"

enum {
	BATCH = 64,                    /* past the knee: a system call's entry is then 1 % of its work */
	SEQUENCES = 65536,
	COOKIES = 32,                  /* getrandom() gives up to 256 bytes at once, never fewer */
	/* An IP header with options, ours, the cookie: what lies behind is zeros that we know. */
	RECEIVE = 60 + ICMP_HEAD + ICMP_COOKIE,
	WORDS = sizeof(((struct target_view *)0)->detail)
};

/* What a lane's probes have in common: its key. Without holes, for keys are compared as bytes. */
struct lane_key {
	struct addr source;
	char device[IFNAMSIZ];
	uint32_t mark;
	uint8_t family, dont_fragment;
	uint8_t zero[2];
};
_Static_assert(sizeof(struct lane_key) == sizeof(struct addr) + IFNAMSIZ + 8, "struct lane_key has a hole");

struct lane {
	struct watch watch;
	struct lane *next;
	struct lanes *lanes;
	struct lane_key key;
	unsigned users;                /* aims */
	struct icmp_socket socket;
	uint16_t id;
	bool stale;                    /* the socket is to be opened anew */
	uint32_t counter;              /* the last probe's number; its low half is the sequence number */
	struct probe **table;          /* by sequence number modulo room */
	size_t room, used;             /* room: a power of two, never less than 2 x used below SEQUENCES */
	struct probe **batch;          /* to be sent with the next flush; NULL: was given up meanwhile */
	size_t batched;
};

struct lanes {
	struct poller *poller;
	struct lane *first;
	uint64_t cookies[COOKIES];
	size_t cookies_left;
};

static void lane_ready(struct watch *w, uint32_t events, uint64_t now_us);

/* ---- lanes ---- */

/* Random numbers by the pageful; nobody who has not seen a packet can guess its cookie. */
static uint64_t
lanes_cookie(struct lanes *lanes)
{
	if (lanes->cookies_left == 0) {
		if (getrandom(lanes->cookies, sizeof(lanes->cookies), 0) != sizeof(lanes->cookies))
			log_warn("getrandom");         /* the old ones again: still right, only less secret */
		lanes->cookies_left = COOKIES;
	}
	return lanes->cookies[--lanes->cookies_left];
}

static struct lane_key
lane_key(const struct aim *aim)
{
	struct lane_key key = { .source = aim->conf->source, .mark = aim->conf->mark, .family = aim->to.family,
		.dont_fragment = aim->conf->check->dont_fragment };

	if (aim->conf->device != NULL)
		snprintf(key.device, sizeof(key.device), "%s", aim->conf->device);
	return key;
}

struct lane *
lane_get(struct lanes *lanes, const struct aim *aim)
{
	struct lane_key key = lane_key(aim);
	struct lane *lane;

	for (lane = lanes->first; lane != NULL; lane = lane->next)
		if (memcmp(&lane->key, &key, sizeof(key)) == 0)
			break;
	if (lane == NULL) {
		lane = mem_alloc(sizeof(*lane));
		lane->key = key;
		lane->lanes = lanes;
		lane->socket.fd = -1;
		lane->id = (uint16_t)lanes_cookie(lanes);
		lane->watch.ready = lane_ready;
		lane->next = lanes->first;
		lanes->first = lane;
	}
	lane->users++;
	return lane;
}

static void
lane_close(struct lane *lane)
{
	if (lane->socket.fd < 0)
		return;
	poller_drop(lane->lanes->poller, lane->socket.fd, &lane->watch);
	close(lane->socket.fd);
	lane->socket.fd = -1;
}

void
lane_put(struct lane *lane)
{
	struct lane **link = &lane->lanes->first;

	if (--lane->users > 0)
		return;
	assert(lane->used == 0);               /* the batch may hold probes that were given up */
	while (*link != lane)
		link = &(*link)->next;
	*link = lane->next;
	lane_close(lane);
	free(lane->table);
	free(lane->batch);
	free(lane);
}

static bool
lane_open(struct lane *lane, const struct aim *aim, char *words)
{
	if (lane->stale)
		lane_close(lane);
	if (lane->socket.fd >= 0)
		return true;
	lane->stale = false;
	lane->socket = icmp_open(aim, lane->id, words, WORDS);
	if (lane->socket.fd < 0)
		return false;
	if (!poller_add(lane->lanes->poller, lane->socket.fd, EPOLLIN, &lane->watch)) {
		snprintf(words, WORDS, "epoll: %s", strerror(errno));
		close(lane->socket.fd);
		lane->socket.fd = -1;
		return false;
	}
	return true;
}

/* ---- sequence numbers ---- */

static struct probe **
lane_place(const struct lane *lane, uint32_t number)
{
	return &lane->table[(uint16_t)number & (lane->room - 1)];
}

static void
lane_grow(struct lane *lane)
{
	struct probe **old = lane->table;
	size_t room = lane->room;

	lane->room = room > 0 ? 2 * room : 64;
	lane->table = mem_array(lane->room, sizeof(*lane->table));
	for (size_t i = 0; i < room; i++)
		if (old[i] != NULL)            /* places stay apart: they only gain a bit */
			*lane_place(lane, old[i]->number) = old[i];
	free(old);
}

/* False when all 65,536 are out. */
static bool
lane_number(struct lane *lane, struct probe *p)
{
	if (2 * lane->used >= lane->room && lane->room < SEQUENCES)
		lane_grow(lane);
	if (lane->used == lane->room)
		return false;
	do
		lane->counter++;
	while (*lane_place(lane, lane->counter) != NULL);
	p->number = lane->counter;
	*lane_place(lane, p->number) = p;
	lane->used++;
	return true;
}

static void
lane_forget(struct lane *lane, const struct probe *p)
{
	assert(*lane_place(lane, p->number) == p);
	*lane_place(lane, p->number) = NULL;
	lane->used--;
}

/* ---- receiving ---- */

/* The probe that e belongs to; NULL: none, or not any more. */
static struct probe *
lane_find(const struct lane *lane, const struct icmp_echo *e, const struct sockaddr_storage *from)
{
	struct probe *p = lane->room > 0 ? *lane_place(lane, e->sequence) : NULL;
	const struct lane_plan *plan;
	struct addr a;

	if (p == NULL || (uint16_t)p->number != e->sequence)
		return NULL;
	plan = p->aim->plan;
	if (!icmp_cookie_matches(e, p->cookie, plan->size))
		return NULL;
	return addr_from_sockaddr((const struct sockaddr *)from, &a) && addr_same_host(&a, &p->aim->to) ? p : NULL;
}

static void
lane_take(struct lane *lane, const uint8_t *data, size_t length, const struct sockaddr_storage *from, uint64_t now_us)
{
	struct icmp_echo e;
	struct probe *p;
	size_t size;

	if (!icmp_reply(&lane->socket, data, length, &e) || (p = lane_find(lane, &e, from)) == NULL)
		return;
	size = ((const struct lane_plan *)p->aim->plan)->size;
	if (e.length < ICMP_COOKIE && e.length < size)         /* a reply quotes the whole cookie */
		return;
	lane_forget(lane, p);
	probe_end(p, now_us, PROBE_OK, NULL);
}

static int
lane_receive(struct lane *lane, uint64_t now_us)
{
	struct sockaddr_storage from[BATCH];
	uint8_t data[BATCH][RECEIVE];
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	int n;

	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ .iov_base = data[i], .iov_len = RECEIVE };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]),
			.msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	n = recvmmsg(lane->socket.fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		lane_take(lane, data[i], messages[i].msg_len, &from[i], now_us);
	return n;
}

/* An ICMP error, or one of our own stack's, about a request of ours. */
static void
lane_blame(struct lane *lane, const struct sock_extended_err *error, const uint8_t *data, size_t length,
    const struct sockaddr_storage *to, uint64_t now_us)
{
	struct addr offender;
	char text[ADDR_TEXT] = "the kernel";
	struct icmp_echo e;
	struct probe *p;

	if (!icmp_quoted(&lane->socket, data, length, &e) || (p = lane_find(lane, &e, to)) == NULL)
		return;
	if (addr_from_sockaddr(SO_EE_OFFENDER(error), &offender))
		addr_format(&offender, text);
	lane_forget(lane, p);
	probe_end(p, now_us, probe_reason_network((int)error->ee_errno), "%s says: %s", text, strerror((int)error->ee_errno));
}

static bool
lane_receive_error(struct lane *lane, uint64_t now_us)
{
	union { char bytes[512]; struct cmsghdr align; } control;
	struct sockaddr_storage to;
	uint8_t data[RECEIVE];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(lane->socket.fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (n < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			lane_blame(lane, (struct sock_extended_err *)CMSG_DATA(c), data, (size_t)n, &to, now_us);
	return true;
}

/* Hooks may remove the last target of the lane while it reads: it stays until it has read. */
static void
lane_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct lane *lane = (struct lane *)w;
	int n;

	lane->users++;
	if ((events & EPOLLERR) != 0)
		while (lane_receive_error(lane, now_us))
			;
	do
		n = lane_receive(lane, now_us);
	while (n == BATCH || (n < 0 && errno == EINTR));
	lane_put(lane);
}

/* ---- sending ---- */

/* What sendmmsg says may be an ICMP error that came for another probe: the kernel reports it once, with
 * whatever call comes next. True when there was such a thing, and sending is worth another try. */
static bool
lane_clear_error(struct lane *lane, uint64_t now_us)
{
	bool any = false;
	int error = 0;
	socklen_t length = sizeof(error);

	while (lane_receive_error(lane, now_us))
		any = true;
	getsockopt(lane->socket.fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return any;
}

/* Sending p failed for good. A socket bound to a device that was taken away and came back stays bound to
 * the old one: the next probe opens a new socket. */
static void
lane_refused(struct lane *lane, struct probe *p, int error, uint64_t now_us)
{
	size_t size = ((const struct lane_plan *)p->aim->plan)->size;

	lane_forget(lane, p);
	if (error == EMSGSIZE) {
		probe_end(p, now_us, PROBE_UNREACHABLE, "%zu bytes are too many for the path", size);
		return;
	}
	p->ask_path = error == ENOBUFS;        /* a link without carrier has no queue */
	if (lane->key.device[0] != '\0' && error != ENOBUFS && probe_reason_call(error) == PROBE_LOCAL)
		lane->stale = true;
	probe_end(p, now_us, probe_reason_call(error), "send: %s", strerror(error));
}

struct outgoing {
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH][2];
	uint8_t head[BATCH][ICMP_HEAD + ICMP_COOKIE];
	unsigned count;
};

static void
outgoing_add(struct outgoing *out, const struct lane *lane, const struct probe *p)
{
	static const uint8_t zeros[ICMP_SIZE_MAX];
	const struct lane_plan *plan = p->aim->plan;
	unsigned i = out->count++;
	size_t part = icmp_request(&lane->socket, (uint16_t)p->number, p->cookie, plan->size, out->head[i]);

	out->iov[i][0] = (struct iovec){ .iov_base = out->head[i], .iov_len = part };
	out->iov[i][1] = (struct iovec){ .iov_base = (void *)zeros, .iov_len = ICMP_HEAD + plan->size - part };
	out->messages[i].msg_hdr = (struct msghdr){ .msg_name = (void *)&plan->to, .msg_namelen = plan->length,
		.msg_iov = out->iov[i], .msg_iovlen = 2 };
}

/* Takes the first n, and those given up among them, off the batch. */
static void
lane_shift(struct lane *lane, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < lane->batched; i++) {
		if (lane->batch[i] == NULL)
			continue;
		if (n > 0)
			n--;
		else
			lane->batch[kept++] = lane->batch[i];
	}
	lane->batched = kept;
}

/* Sends as much of the batch as one call takes; how many were sent, or -1 with errno for the first one. */
static int
lane_send(struct lane *lane, uint64_t now_us)
{
	struct outgoing out;
	int n;

	out.count = 0;
	lane_shift(lane, 0);
	if (lane->batched == 0)
		return 0;
	for (size_t i = 0; i < lane->batched && out.count < BATCH; i++) {
		lane->batch[i]->started_us = now_us;
		outgoing_add(&out, lane, lane->batch[i]);
	}
	do
		n = sendmmsg(lane->socket.fd, out.messages, out.count, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		lane_shift(lane, (size_t)n);
	return n;
}

/* Every failure ends a probe, whose hooks may end others: the batch is looked at afresh after each. */
static void
lane_flush(struct lane *lane)
{
	uint64_t now_us = clock_mono_us();
	bool retried = false;
	struct probe *first;
	int n, error;

	while ((n = lane_send(lane, now_us)) != 0) {
		error = errno;
		if (n > 0) {
			retried = false;
			now_us = clock_mono_us();
		} else if (!retried && lane_clear_error(lane, now_us)) {
			retried = true;
		} else {
			first = lane->batch[0];
			lane_shift(lane, 1);
			lane_refused(lane, first, error, now_us);
			retried = false;
		}
	}
}

/* ---- the contract ---- */

void
lane_start(struct lane *lane, struct probe *p, uint64_t now_us)
{
	char words[WORDS];

	if (!lane_open(lane, p->aim, words)) {
		probe_end(p, now_us, PROBE_LOCAL, "%s", words);
		return;
	}
	if (!lane_number(lane, p)) {
		probe_end(p, now_us, PROBE_LOCAL, "all %d sequence numbers are under way", SEQUENCES);
		return;
	}
	p->cookie = lanes_cookie(lane->lanes);
	lane->batch = mem_grow(lane->batch, lane->batched, sizeof(*lane->batch));
	lane->batch[lane->batched++] = p;
}

void
lane_cancel(struct lane *lane, const struct probe *p)
{
	lane_forget(lane, p);
	for (size_t i = 0; i < lane->batched; i++)
		if (lane->batch[i] == p)
			lane->batch[i] = NULL;
}

void
lanes_flush(struct lanes *lanes)
{
	struct lane *next;

	for (struct lane *lane = lanes->first; lane != NULL; lane = next) {
		lane->users++;
		if (lane->batched > 0)
			lane_flush(lane);
		next = lane->next;
		lane_put(lane);
	}
}

struct lanes *
lanes_new(struct poller *poller)
{
	struct lanes *lanes = mem_alloc(sizeof(*lanes));

	lanes->poller = poller;
	return lanes;
}

void
lanes_free(struct lanes *lanes)
{
	assert(lanes->first == NULL);
	free(lanes);
}
