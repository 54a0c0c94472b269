/* listener.c - sockets bound to the addresses that are listened on. */
#include "dnsd/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BUFFER_BYTES = 1 << 20,        /* some 4,000 queries: what arrives while a worker is not scheduled for a few ms */
	BACKLOG = 1024                 /* connections not yet accepted; the kernel caps it by net.core.somaxconn */
};

bool
listener_overlaps(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port
	    && (addr_same_host(a, b) || addr_is_any(a) || addr_is_any(b));
}

bool
listener_listed(const struct addr *a, const struct addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (addr_equal(a, &list[i]))
			return true;
	return false;
}

static bool
listener_flag(int fd, int level, int option)
{
	int on = 1;
	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

static int
listener_bind(const struct addr *a, int type, bool reuse_port)
{
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(a, &ss);
	int fd = socket(ss.ss_family, type | SOCK_CLOEXEC | (type == SOCK_STREAM ? SOCK_NONBLOCK : 0), 0);

	if (fd < 0)
		return -1;
	if ((a->family == 6 && !listener_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY))
	    || (type == SOCK_STREAM && !listener_flag(fd, SOL_SOCKET, SO_REUSEADDR))     /* connections left by the daemon before */
	    || (reuse_port && !listener_flag(fd, SOL_SOCKET, SO_REUSEPORT))
	    || bind(fd, (struct sockaddr *)&ss, length) != 0) {
		int e = errno;

		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

/* Larger buffers than the administrator allows need a privilege; without it, as much as goes. */
static void
listener_buffer(int fd, int force, int plain)
{
	int bytes = BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

/* OMIT: no DF bit and no belief in path MTU news, so that forged ones fragment nothing; at 1232 bytes there is nothing to gain
 * from them (RFC 9715). On an any address, each datagram tells where it was sent to. */
static bool
listener_tune_udp(int fd, const struct addr *a)
{
	int omit = a->family == 6 ? IPV6_PMTUDISC_OMIT : IP_PMTUDISC_OMIT;

	listener_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	listener_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (a->family == 6)
		return setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &omit, sizeof(omit)) == 0
		    && (!addr_is_any(a) || listener_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO));
	return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &omit, sizeof(omit)) == 0
	    && (!addr_is_any(a) || listener_flag(fd, IPPROTO_IP, IP_PKTINFO));
}

static const char *
listener_reason(int e)
{
	switch (e) {
	case EADDRINUSE:
		return "address already in use by another program";
	case EADDRNOTAVAIL:
		return "no interface of this machine has this address";
	case EACCES:
		return "not permitted (ports below 1024 need root or CAP_NET_BIND_SERVICE)";
	default:
		return strerror(e);
	}
}

static int
listener_failed(const struct addr *a, int type, int e, char *error, size_t size)
{
	char text[ADDR_TEXT];

	if (a->family == 6 && addr_is_any(a) && (e == EAFNOSUPPORT || e == EADDRNOTAVAIL))
		return LISTENER_NO_FAMILY;
	snprintf(error, size, "%s (%s): %s", addr_format_port(a, text), type == SOCK_STREAM ? "TCP" : "UDP", listener_reason(e));
	return LISTENER_FAILED;
}

int
listener_open(const struct addr *a, int type, bool shared, char *error, size_t size)
{
	int fd;

	if (!shared) {
		fd = listener_bind(a, type, false);
		if (fd < 0)
			return listener_failed(a, type, errno, error, size);
		close(fd);
	}
	fd = listener_bind(a, type, true);
	if (fd < 0)
		return listener_failed(a, type, errno, error, size);
	if (type == SOCK_DGRAM ? !listener_tune_udp(fd, a) : listen(fd, BACKLOG) != 0) {
		int e = errno;

		close(fd);
		return listener_failed(a, type, e, error, size);
	}
	return fd;
}
