/* tcp.c - the tcp check: connect, and optionally TLS, send and expect.
 *
 *   start ─► CONNECTING ──writable──► connected ─► ok          (a bare connect check)
 *                │                        │
 *                │                        └─► talking (talk.h) ─► ok, bad reply, closed, tls, ...
 *                └─► refused, reset, unreachable
 *
 * The bare check is what thousands of targets use, so its system calls are counted: socket,
 * connect, one epoll_ctl, its share of one epoll_wait, and a close by RST (one option
 * more) so that no TIME_WAIT is left behind, here or there. SO_ERROR is asked only
 * when epoll says that there is one. Nothing is allocated. */
#include "checker/tcp.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "checker/sock.h"
#include "checker/talk.h"

struct tcp {
	struct prober prober;
	struct poller *poller;
	struct tls_roots *roots;
	unsigned port_from, port_to;   /* whence the kernel takes the ports of our side */
};

struct tcp_plan {
	struct sockaddr_storage to;
	socklen_t length;
	bool selfish;                  /* the port is one that the kernel may pick for our side too */
	struct talk_plan *talk;        /* NULL: connecting is all */
};

static struct tcp *
tcp_of(struct prober *prober)
{
	return (struct tcp *)prober;
}

static void
tcp_close(struct probe *p)
{
	sock_reset(p->fd);
	p->fd = -1;
}

static bool
tcp_prepare(struct prober *prober, struct aim *aim, char *error, size_t error_size)
{
	struct tcp *tcp = tcp_of(prober);
	struct talk_plan *talk = NULL;
	struct tcp_plan *plan;

	if (!talk_prepare(aim, tcp->roots, &talk, error, error_size))
		return false;
	plan = mem_alloc(sizeof(*plan));
	plan->talk = talk;
	plan->length = addr_to_sockaddr(&aim->to, &plan->to);
	plan->selfish = aim->to.port >= tcp->port_from && aim->to.port <= tcp->port_to;
	aim->plan = plan;
	return true;
}

static void
tcp_release(struct prober *prober, struct aim *aim)
{
	struct tcp_plan *plan = aim->plan;

	(void)prober;
	talk_release(plan->talk);
	free(plan);
	aim->plan = NULL;
}

/* A connection to a local port that nobody listens on can, once in some ten thousand times, be
 * given that very port for our side, and then connects to itself. */
static bool
tcp_connected_to_itself(const struct probe *p)
{
	struct sockaddr_storage ss;
	socklen_t length = sizeof(ss);
	struct addr self;

	return getsockname(p->fd, (struct sockaddr *)&ss, &length) == 0 &&
	    addr_from_sockaddr((struct sockaddr *)&ss, &self) && addr_equal(&self, &p->aim->to);
}

static void
tcp_connected(struct tcp *tcp, struct probe *p, uint64_t now_us)
{
	const struct tcp_plan *plan = p->aim->plan;

	if (plan->selfish && tcp_connected_to_itself(p)) {
		tcp_close(p);
		probe_end(p, now_us, PROBE_REFUSED, NULL);
		return;
	}
	if (plan->talk != NULL) {
		talk_start(plan->talk, tcp->poller, p, now_us);
		return;
	}
	tcp_close(p);
	probe_end(p, now_us, PROBE_OK, NULL);
}

static void
tcp_ready(struct watch *w, uint32_t events, uint64_t now_us)
{
	struct probe *p = (struct probe *)((char *)w - offsetof(struct probe, watch));
	struct tcp *tcp = tcp_of(p->aim->prober);
	socklen_t length = sizeof(int);
	int error = 0;

	assert(p->fd >= 0);
	if ((events & (EPOLLERR | EPOLLHUP)) != 0)
		getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	if (error == 0) {
		tcp_connected(tcp, p, now_us);
		return;
	}
	tcp_close(p);
	probe_end(p, now_us, probe_reason_network(error), "%s", error == ECONNREFUSED ? "" : strerror(error));
}

static void
tcp_start(struct prober *prober, struct probe *p, uint64_t now_us)
{
	struct tcp *tcp = tcp_of(prober);
	const struct tcp_plan *plan = p->aim->plan;
	char words[sizeof(((struct target_view *)0)->detail)];
	int error;

	p->fd = sock_open(p->aim, SOCK_STREAM, 0, words, sizeof(words));
	if (p->fd < 0) {
		probe_end(p, now_us, PROBE_LOCAL, "%s", words);
		return;
	}
	p->watch.ready = tcp_ready;
	if (connect(p->fd, (const struct sockaddr *)&plan->to, plan->length) != 0 && errno != EINPROGRESS) {
		error = errno;
		tcp_close(p);
		probe_end(p, now_us, probe_reason_call(error), "connect: %s", strerror(error));
		return;
	}
	if (!poller_add(tcp->poller, p->fd, EPOLLOUT, &p->watch)) {
		error = errno;
		tcp_close(p);
		probe_end(p, now_us, PROBE_LOCAL, "epoll: %s", strerror(error));
	}
}

static void
tcp_cancel(struct prober *prober, struct probe *p)
{
	talk_cancel(p);
	tcp_close(p);
	poller_forget(tcp_of(prober)->poller, &p->watch);
}

static void
tcp_free(struct prober *prober)
{
	tls_roots_free(tcp_of(prober)->roots);
	free(prober);
}

struct prober *
tcp_new(struct poller *poller)
{
	static const struct probe_kind kind = {
		.name = "tcp", .prepare = tcp_prepare, .release = tcp_release,
		.start = tcp_start, .cancel = tcp_cancel, .close = tcp_free,
	};
	struct tcp *tcp = mem_alloc(sizeof(*tcp));
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");

	tcp->prober.kind = &kind;
	tcp->poller = poller;
	tcp->roots = tls_roots_new();
	/* Unreadable: then any port may be one of ours, and every connection is looked at. */
	if (f == NULL || fscanf(f, "%u %u", &tcp->port_from, &tcp->port_to) != 2) {
		tcp->port_from = 0;
		tcp->port_to = 65535;
	}
	if (f != NULL)
		fclose(f);
	return &tcp->prober;
}
