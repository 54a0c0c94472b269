/* notify_channel.c - a socket between two addresses. */
#include "dnsd/notify_channel.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { PER_TURN = 100, ANSWER_MAX = 4096 };

const char *
channel_error(int error)
{
	switch (error) {
	case ECONNREFUSED: return "port unreachable";
	case EHOSTUNREACH: return "host unreachable";
	case ENETUNREACH:  return "network unreachable";
	case EAGAIN:       return "the socket's buffer is full";
	default:           return strerror(error);
	}
}

int
channel_compare(const void *a, const void *b)
{
	const struct channel *x = a, *y = b;
	int order = memcmp(&x->address, &y->address, sizeof(x->address));

	return order != 0 ? order : memcmp(&x->source, &y->source, sizeof(x->source));
}

static void
channel_denied(struct channel *c, int error, uint64_t now_us)
{
	c->denied = channel_error(error);
	c->denied_us = now_us;
}

static void
channel_on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;
	uint8_t bytes[ANSWER_MAX];
	uint64_t now_us = clock_mono_us();

	(void)what;
	for (unsigned i = 0; i < PER_TURN && c->fd >= 0; i++) {
		ssize_t size = recv(fd, bytes, sizeof(bytes), 0);

		if (size >= 0)
			c->fn(c, bytes, (size_t)size, now_us);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			channel_denied(c, errno, now_us);
	}
}

/* A socket, or -1 with errno. */
static int
channel_connect(const struct channel *c)
{
	struct sockaddr_storage to, from;
	socklen_t to_size = addr_to_sockaddr(&c->address, &to), from_size = addr_to_sockaddr(&c->source, &from);
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	if ((from_size == 0 || bind(fd, (struct sockaddr *)&from, from_size) == 0) && connect(fd, (struct sockaddr *)&to, to_size) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
channel_open(struct channel *c)
{
	if (c->fd >= 0)
		return true;
	c->fd = channel_connect(c);
	if (c->fd < 0)
		return false;
	c->readable = event_new(c->base, c->fd, EV_READ | EV_PERSIST, channel_on_readable, c);
	event_add(c->readable, NULL);
	return true;
}

void
channel_close(struct channel *c)
{
	if (c->fd < 0)
		return;
	event_free(c->readable);
	close(c->fd);
	c->fd = -1;
}

int
channel_send(struct channel *c, const void *bytes, size_t size, uint64_t now_us)
{
	int error = 0;

	if (!channel_open(c))
		return errno;
	/* The first attempt may report what became of the datagram before; it is then not sent. */
	for (int i = 0; i < 2; i++) {
		if (send(c->fd, bytes, size, 0) >= 0)
			return 0;
		error = errno;
		channel_denied(c, error, now_us);
	}
	if (error != EAGAIN && error != ENOBUFS && error != ECONNREFUSED)
		channel_close(c);
	return error;
}
