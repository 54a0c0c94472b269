/* datagram.c - the way back of a datagram: its socket, its sender's address, and the address that it was sent to. */
#include "dnsd/datagram.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

struct socket_share {
	int fd;
	_Atomic unsigned count;
};

struct socket_share *
socket_share_new(int fd)
{
	struct socket_share *s = mem_alloc(sizeof(*s));

	s->fd = fd;
	atomic_store(&s->count, 1);
	return s;
}

void
socket_share_drop(struct socket_share *s)
{
	if (atomic_fetch_sub(&s->count, 1) > 1)
		return;
	close(s->fd);
	free(s);
}

struct datagram_way {
	struct way_back back;
	struct socket_share *share;
	socklen_t to_size;
	size_t control_size;
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to;
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

static void
datagram_drop(struct way_back *back)
{
	struct datagram_way *w = (struct datagram_way *)(void *)back;

	socket_share_drop(w->share);
	free(w);
}

/* As a worker sends: never waits, and an answer that cannot leave is one that was lost on the way: the client asks again. */
static void
datagram_send(struct way_back *back, const uint8_t *message, size_t size)
{
	struct datagram_way *w = (struct datagram_way *)(void *)back;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)message, .iov_len = size };
	const struct msghdr m = {
		.msg_name = &w->to, .msg_namelen = w->to_size, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = w->control_size > 0 ? w->control : NULL, .msg_controllen = w->control_size
	};

	while (sendmsg(w->share->fd, &m, MSG_DONTWAIT) < 0 && errno == EINTR)
		continue;
	datagram_drop(back);
}

struct way_back *
datagram_way(struct socket_share *s, const struct msghdr *m)
{
	struct datagram_way *w = mem_alloc(sizeof(*w));

	assert(m->msg_namelen <= sizeof(w->to) && m->msg_controllen <= sizeof(w->control));
	w->back = (struct way_back){ datagram_send, datagram_drop };
	w->share = s;
	atomic_fetch_add(&s->count, 1);
	w->to_size = m->msg_namelen;
	memcpy(&w->to, m->msg_name, m->msg_namelen);
	w->control_size = m->msg_controllen;
	if (m->msg_controllen > 0)
		memcpy(w->control, m->msg_control, m->msg_controllen);
	return &w->back;
}
