/* sock.c - sockets pinned to a source address, a device and a mark. */
#include "checker/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What failed, with errno's words; errno survives. */
static void __attribute__((format(printf, 3, 4)))
failed(char *words, size_t size, const char *fmt, ...)
{
	int error = errno;
	char step[ADDR_TEXT + 32];
	va_list ap;

	if (words == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(step, sizeof(step), fmt, ap);
	va_end(ap);
	snprintf(words, size, "%s: %s", step, strerror(error));
	errno = error;
}

/* The port is chosen by connect(): bound sources would otherwise run out of ports together. */
static bool
pin_source(int fd, const struct addr *source, char *words, size_t size)
{
	struct addr from = *source;
	struct sockaddr_storage ss;
	char text[ADDR_TEXT];
	socklen_t length;

	from.port = 0;
	length = addr_to_sockaddr(&from, &ss);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int));
	if (bind(fd, (struct sockaddr *)&ss, length) == 0)
		return true;
	failed(words, size, "bind to %s", addr_format(source, text));
	return false;
}

static bool
sock_pin(int fd, const struct target_conf *conf, char *words, size_t size)
{
	const char *device = conf->device;

	if (device != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) != 0) {
		failed(words, size, "bind to device %s", device);
		return false;
	}
	if (conf->mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &conf->mark, sizeof(conf->mark)) != 0) {
		failed(words, size, "mark %u", conf->mark);
		return false;
	}
	return conf->source.family == 0 || pin_source(fd, &conf->source, words, size);
}

int
sock_open(const struct aim *aim, int type, int protocol, char *words, size_t size)
{
	int fd = socket(aim->to.family == 6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0) {
		failed(words, size, "socket");
		return -1;
	}
	if (!sock_pin(fd, aim->conf, words, size)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

void
sock_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

enum probe_reason
probe_reason_call(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return PROBE_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return PROBE_RESET;
	case ETIMEDOUT:
		return PROBE_TIMED_OUT;
	case EHOSTUNREACH:             /* ARP or ND found nobody there */
	case EHOSTDOWN:
		return PROBE_UNREACHABLE;
	default:                       /* no descriptor, no memory, no route, no such address here, a firewall of ours... */
		return PROBE_LOCAL;
	}
}

enum probe_reason
probe_reason_network(int error)
{
	switch (error) {
	case ENETUNREACH:              /* a router said so */
	case ENETDOWN:
	case ENONET:
	case ENOPROTOOPT:
	case EACCES:
	case EPROTO:
	case EMSGSIZE:
		return PROBE_UNREACHABLE;
	default:
		return probe_reason_call(error);
	}
}
