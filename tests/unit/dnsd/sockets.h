/* sockets.h - a real server on loopback and real clients, for the tests of what answers there. */
#ifndef TESTS_SOCKETS_H
#define TESTS_SOCKETS_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/clock.h"
#include "dnsd/tcp.h"
#include "tests/unit/dnsd/rich.h"

static struct rich rich;

/* A port that is free for UDP and TCP on every loopback address. */
static uint16_t
free_port(void)
{
	for (;;) {
		struct sockaddr_in sin = { .sin_family = AF_INET };
		socklen_t length = sizeof(sin);
		int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
		bool both = bind(udp, (struct sockaddr *)&sin, sizeof(sin)) == 0
		    && getsockname(udp, (struct sockaddr *)&sin, &length) == 0
		    && bind(tcp, (struct sockaddr *)&sin, sizeof(sin)) == 0;

		close(udp);
		close(tcp);
		if (both)
			return ntohs(sin.sin_port);
	}
}

static struct addr
at(const char *text, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	a.port = port;
	return a;
}

/* A socket of a client, connected to the server, that waits at most 5 s for an answer. */
static int
client(const struct addr *server, int type)
{
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(server, &ss);
	struct timeval tv = { .tv_sec = 5 };
	int fd = socket(ss.ss_family, type, 0);

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&ss, length), 0);
	return fd;
}

static size_t
query_write(uint8_t *out, const char *name, uint16_t type, uint16_t id)
{
	struct ask a = { .name = name, .type = type };
	size_t n = ask_write(&a, out, 512);

	be16_put(out, id);
	return n;
}

static bool
is_answer(const uint8_t *bytes, ssize_t size, uint16_t id)
{
	return size > 12 && message_whole(bytes, (size_t)size) && be16_get(bytes) == id && (bytes[2] & 0x80) != 0
	    && (bytes[3] & 15) == RCODE_NOERROR && be16_get(bytes + 6) > 0;
}

/* What t has answered when it has stopped at more than `above`: no other answer for 300 ms. How long it takes to get there is the
 * machine's affair, up to 10 s. */
static inline uint64_t
answered_at_rest(const struct tcp *t, uint64_t above)
{
	enum { STEP_MS = 10, REST_MS = 300, LIMIT_MS = 10000 };
	uint64_t start_us = clock_mono_us(), rest_us = start_us, now_us, answered, last = above;
	unsigned open;

	do {
		usleep(STEP_MS * 1000);
		now_us = clock_mono_us();
		tcp_counters(t, &answered, &open);
		if (answered != last || answered <= above)
			rest_us = now_us;
		last = answered;
		ck_assert_msg(now_us - start_us < LIMIT_MS * US_PER_MS, "still at work after %d ms: %llu answered", LIMIT_MS,
		    (unsigned long long)answered);
	} while (now_us - rest_us < REST_MS * US_PER_MS);
	return answered;
}

static void
world_start(void)
{
	snapshot_open();
	rich_make(&rich);
	ck_assert_ptr_null(snapshot_publish(rich.snapshot));
}

static void
world_end(void)
{
	snapshot_close();                      /* frees the snapshot and its set */
	for (int i = 0; i < RICH_ZONES; i++)
		zone_free(rich.zones[i]);
}

#endif
