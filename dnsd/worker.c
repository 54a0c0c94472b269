/* worker.c - receive a batch, answer it, send it.
 *
 *     recvmmsg (blocks) ─► [ RCU read section: answer_many(), aside_answer() what it left ] ─► sendmmsg ─► again
 *
 * Nothing else happens here: two system calls a batch, however large it is, and
 * none while answering. All buffers belong to the worker and are laid out once. A query lies in QUERY_ROOM bytes beside
 * its neighbours; what an UPDATE has beyond them, up to a whole datagram, goes to a place that only such messages touch.
 * The clocks are read once a batch, and at a few milliseconds' grain: their readers count in seconds.
 *
 * Stopping: shutdown(SHUT_RD) wakes a recvmmsg() that blocks, also on a UDP socket
 * that is not connected (where it reports ENOTCONN and works all the same), and makes later
 * ones return at once; so a flag and a shutdown() end the thread without a timer or a signal. */
#include "dnsd/worker.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/answer.h"
#include "dnsd/aside.h"
#include "dnsd/datagram.h"
#include "dnsd/question.h"
#include "dnsd/wire.h"

enum {
	/* Under load a system call is shared by so many queries; alone, a query waits for nobody (MSG_WAITFORONE). */
	BATCH = 32,
	/* A longer query is cut here and does not parse, which is FORMERR: nobody was told that we take more. A longer UPDATE is
	 * taken: clients send batches of them without asking first. */
	QUERY_ROOM = ANSWER_UDP_MAX,
	MESSAGE_ROOM = 65535,
	CONTROL_ROOM = 64,             /* one IP_PKTINFO or IPV6_PKTINFO */
	DRAIN_BATCHES = 64             /* what is still answered when told to stop: a full queue, not an endless flood */
};

_Static_assert(CONTROL_ROOM >= CMSG_SPACE(sizeof(struct in6_pktinfo)), "the larger of the two");

/* Where one query came from and went to. */
struct peer {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} from;
	struct addr client;            /* from, as jobs want it */
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_ROOM];
};

/* The road back to one of them. */
struct worker_road {
	struct road road;
	struct worker *worker;
	unsigned i;
};

struct worker {
	int fd;
	struct socket_share *share;            /* fd's, which updates on their way have too */
	bool any, running;
	unsigned index;
	pthread_t thread;
	_Atomic bool stop;
	struct mmsghdr received[BATCH], sent[BATCH];
	struct iovec in[BATCH][2], out[BATCH];
	struct peer peers[BATCH];
	struct worker_road roads[BATCH];
	/* Written by this thread alone; between its own buffers, so on nobody else's cache line. */
	_Atomic uint64_t answered, dropped;
	uint8_t queries[BATCH][QUERY_ROOM];
	uint8_t answers[BATCH][ANSWER_UDP_MAX];
	/* Large messages, each whole: never touched, so never there, until the first one comes. */
	uint8_t large[BATCH][MESSAGE_ROOM];
};

/* ---- one batch ---- */

/* The kernel shortened these to what came. */
static void
worker_rearm(struct worker *w, unsigned i)
{
	struct msghdr *m = &w->received[i].msg_hdr;

	m->msg_namelen = sizeof(w->peers[i].from);
	m->msg_controllen = w->any ? CONTROL_ROOM : 0;
}

/* Turns what the kernel said of the query's destination into what it shall do with the answer: the address
 * is kept, the interface is left to the routing table, but for link-local addresses, which mean nothing without it. */
static void
worker_answer_from(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			((struct in_pktinfo *)(void *)CMSG_DATA(c))->ipi_ifindex = 0;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (struct in6_pktinfo *)(void *)CMSG_DATA(c);

			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
		}
	}
}

static struct way_back *
worker_road_open(const struct road *road)
{
	const struct worker_road *r = (const struct worker_road *)(const void *)road;
	struct msghdr *m = &r->worker->received[r->i].msg_hdr;

	if (r->worker->any)
		worker_answer_from(m);
	return datagram_way(r->worker->share, m);
}

static void
worker_lay_out(struct worker *w)
{
	for (unsigned i = 0; i < BATCH; i++) {
		w->roads[i] = (struct worker_road){ { worker_road_open }, w, i };
		w->in[i][0] = (struct iovec){ .iov_base = w->queries[i], .iov_len = QUERY_ROOM };
		w->in[i][1] = (struct iovec){ .iov_base = w->large[i] + QUERY_ROOM, .iov_len = MESSAGE_ROOM - QUERY_ROOM };
		w->received[i].msg_hdr = (struct msghdr){
			.msg_iov = w->in[i], .msg_iovlen = 2, .msg_name = &w->peers[i].from,
			.msg_control = w->any ? w->peers[i].control : NULL
		};
		worker_rearm(w, i);
	}
}

/* Nobody can be at port 0. The end of input after shutdown() looks like a query from nowhere. */
static bool
worker_deserves(const struct peer *p, const struct msghdr *m)
{
	if (m->msg_namelen == 0)
		return false;
	_Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port), "one test for both");
	return p->from.v4.sin_port != 0;
}

/* addr_from_sockaddr() where it is done once a query, and the family is one of two. */
static void
worker_read_client(struct peer *p)
{
	p->client = (struct addr){ .port = ntohs(p->from.v4.sin_port) };
	if (p->from.any.sa_family == AF_INET) {
		p->client.family = 4;
		memcpy(p->client.bytes, &p->from.v4.sin_addr, 4);
	} else {
		p->client.family = 6;
		memcpy(p->client.bytes, &p->from.v6.sin6_addr, 16);
	}
}

/* What has been answered for received[i] goes out as the n-th. */
static void
worker_address(struct worker *w, unsigned n, unsigned i, uint8_t *bytes, size_t size)
{
	struct msghdr *m = &w->received[i].msg_hdr;

	if (w->any)
		worker_answer_from(m);
	w->out[n] = (struct iovec){ .iov_base = bytes, .iov_len = size };
	w->sent[n].msg_hdr = (struct msghdr){
		.msg_iov = &w->out[n], .msg_iovlen = 1, .msg_name = m->msg_name, .msg_namelen = m->msg_namelen,
		.msg_control = m->msg_controllen > 0 ? m->msg_control : NULL, .msg_controllen = m->msg_controllen
	};
}

/* All jobs from one snapshot; those that the query path leaves aside beside it. */
static void
worker_answer_jobs(struct answer_job *jobs, unsigned count)
{
	const struct answer_terms terms = {
		.transport = TRANSPORT_UDP, .now_s = clock_coarse_wall_s(), .now_ms = clock_coarse_ms()
	};
	const struct snapshot *s;

	snapshot_enter();
	s = snapshot_current();
	answer_many(s, &terms, jobs, count);
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].aside)
			aside_answer(s, &terms, &jobs[i], NULL);
	snapshot_leave();
}

/* The i-th message, as much of it as we take. */
static const uint8_t *
worker_message(struct worker *w, unsigned i, size_t *size)
{
	const uint8_t *query = w->queries[i];

	*size = w->received[i].msg_len;
	if (*size <= QUERY_ROOM)
		return query;
	if ((be16_get(query + 2) & (FLAG_QR | FLAG_OPCODE)) != OPCODE_UPDATE) {
		*size = QUERY_ROOM;
		return query;
	}
	memcpy(w->large[i], query, QUERY_ROOM);
	return w->large[i];
}

/* Answers the first count queries; how many of them got an answer now. *handed: how many will get theirs by their roads. */
static unsigned
worker_answer(struct worker *w, unsigned count, unsigned *handed)
{
	struct answer_job jobs[BATCH];
	unsigned from[BATCH], asked = 0, n = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t size;
		const uint8_t *query = worker_message(w, i, &size);

		if (!worker_deserves(&w->peers[i], &w->received[i].msg_hdr))
			continue;
		worker_read_client(&w->peers[i]);
		from[asked] = i;
		jobs[asked++] = (struct answer_job){
			.query = query, .size = size, .client = &w->peers[i].client, .out = w->answers[i], .road = &w->roads[i].road
		};
	}
	worker_answer_jobs(jobs, asked);
	*handed = 0;
	for (unsigned i = 0; i < asked; i++) {
		if (jobs[i].answered > 0)
			worker_address(w, n++, from[i], jobs[i].out, jobs[i].answered);
		else
			*handed += jobs[i].handed;
	}
	return n;
}

/* Sends count answers; how many went. A failure concerns the first that is not sent: it is skipped. Never waits: a
 * socket buffer that fills up because some neighbours do not resolve must not hold up everybody else's answers. */
static unsigned
worker_send(struct worker *w, unsigned count)
{
	unsigned done = 0, lost = 0;

	while (done < count) {
		int n = sendmmsg(w->fd, w->sent + done, count - done, MSG_DONTWAIT);

		if (n > 0) {
			done += (unsigned)n;
		} else if (errno != EINTR) {
			done++;
			lost++;
		}
	}
	return count - lost;
}

static void
worker_count(_Atomic uint64_t *counter, unsigned n)
{
	/* No other writer: a plain addition that readers see whole. */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

/* One batch from receive to send. False: nothing was there. */
static bool
worker_turn(struct worker *w, int flags)
{
	int n = recvmmsg(w->fd, w->received, BATCH, flags, NULL);

	if (n <= 0)
		return false;

	unsigned handed, due = worker_answer(w, (unsigned)n, &handed), answered = worker_send(w, due) + handed;
	bool end = w->received[0].msg_hdr.msg_namelen == 0;

	worker_count(&w->answered, answered);
	if (!end)
		worker_count(&w->dropped, (unsigned)n - answered);
	for (unsigned i = 0; i < (unsigned)n; i++)
		worker_rearm(w, i);
	return !end;
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	char name[16];

	snprintf(name, sizeof(name), "udp-%u", w->index);
	pthread_setname_np(pthread_self(), name);
	rcu_register_thread();
	while (!atomic_load_explicit(&w->stop, memory_order_acquire))
		worker_turn(w, MSG_WAITFORONE);
	for (unsigned i = 0; i < DRAIN_BATCHES && worker_turn(w, MSG_DONTWAIT); i++)
		continue;
	rcu_unregister_thread();
	return NULL;
}

/* ---- the control thread's side ---- */

struct worker *
worker_new(int fd, bool any, unsigned index)
{
	struct worker *w = mem_alloc(sizeof(*w));

	w->fd = fd;
	w->share = socket_share_new(fd);
	w->any = any;
	w->index = index;
	worker_lay_out(w);
	return w;
}

/* Signals are the control thread's: all are blocked before the thread begins, so that there is no gap. */
int
worker_start(struct worker *w)
{
	sigset_t all, before;

	assert(!w->running);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&w->thread, NULL, worker_run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->running = failed == 0;
	return failed;
}

void
worker_stop(struct worker *w)
{
	if (!w->running)
		return;
	atomic_store_explicit(&w->stop, true, memory_order_release);
	shutdown(w->fd, SHUT_RD);
}

void
worker_join(struct worker *w)
{
	if (!w->running)
		return;
	pthread_join(w->thread, NULL);
	w->running = false;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	worker_stop(w);
	worker_join(w);
	socket_share_drop(w->share);
	free(w);
}

void
worker_counters(const struct worker *w, uint64_t *answered, uint64_t *dropped)
{
	*answered += atomic_load_explicit(&w->answered, memory_order_relaxed);
	*dropped += atomic_load_explicit(&w->dropped, memory_order_relaxed);
}
