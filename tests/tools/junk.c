/* junk.c - packets that no client should send, at a running server.
 *
 *   junk COUNT SEED SERVER NAME ADDRESS    COUNT datagrams
 *   junk -t COUNT SEED SERVER NAME ADDRESS COUNT TCP connections, a stream of junk each
 *
 * Four in five packets are a good question damaged (bits flipped, cut short,
 * grown, counts and opcodes changed, names that point anywhere), the others are
 * noise. After each hundred a good question must be answered with ADDRESS: that proves
 * that the server took in the ones before, and that nothing rubbed off.
 * What comes back must be marked as an answer and be no longer than 1232 bytes
 * (what we ask for at most), and an answer to an answer would be a loop.
 * The same seed sends the same packets. Exit status 0 if all of this held. */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "tests/tools/query.h"

enum {
	BATCH = 100,                   /* well below any receive buffer */
	JUNK_MAX = 1400,
	UDP_LIMIT = 1232,
	PATIENCE_MS = 3000
};

struct chaos {
	uint64_t state;
};

/* splitmix64: a few lines, the same everywhere. */
static uint64_t
chaos_next(struct chaos *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static size_t
chaos_below(struct chaos *r, size_t n)
{
	return n == 0 ? 0 : (size_t)(chaos_next(r) % n);
}

static void
chaos_fill(struct chaos *r, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)chaos_next(r);
}

/* A good question of some type, half of the time with an OPT record (RFC 6891). */
static size_t
good(struct chaos *r, uint8_t *out, const char *name)
{
	static const uint8_t types[] = { 1, 28, 6, 2, 5, 15, 16, 33, 43, 255, 252, 251, 41, 250 };
	static const uint8_t opt[11] = { 0, 0, 41, 4, 208 };
	size_t n = query_make(out, (uint16_t)chaos_next(r), name, types[chaos_below(r, sizeof(types))]);

	if (chaos_next(r) & 1) {
		memcpy(out + n, opt, sizeof(opt));
		out[11] = 1;
		n += sizeof(opt);
	}
	return n;
}

static size_t
damage(struct chaos *r, uint8_t *p, size_t n)
{
	static const uint8_t pointers[][2] = { { 0xc0, 0x0c }, { 0xc0, 0x00 }, { 0xff, 0xff }, { 0xc0, 0x0d }, { 0x3f, 0x3f } };
	size_t grow;

	switch (chaos_below(r, 8)) {
	case 0:                                /* flipped bits */
		for (size_t k = 1 + chaos_below(r, 8); k > 0; k--)
			p[chaos_below(r, n)] ^= (uint8_t)(1u << chaos_below(r, 8));
		return n;
	case 1:                                /* cut short */
		return chaos_below(r, n);
	case 2:                                /* bytes behind the end */
		grow = chaos_below(r, JUNK_MAX - n);
		chaos_fill(r, p + n, grow);
		return n + grow;
	case 3:                                /* flags, opcode, RCODE */
		chaos_fill(r, p + 2, 2);
		return n;
	case 4:                                /* counts */
		p[4 + chaos_below(r, 8)] = (uint8_t)chaos_next(r);
		return n;
	case 5:                                /* a pointer or an odd label inside the name */
		memcpy(p + 12 + chaos_below(r, n - 14), pointers[chaos_below(r, 5)], 2);
		return n;
	case 6:                                /* type and class */
		chaos_fill(r, p + n - 4, 4);
		return n;
	default:                               /* any byte */
		p[chaos_below(r, n)] = (uint8_t)chaos_next(r);
		return n;
	}
}

static size_t
junk(struct chaos *r, uint8_t *out, const char *name)
{
	size_t n;

	if (chaos_below(r, 5) == 0) {
		n = chaos_below(r, chaos_next(r) & 1 ? 64 : JUNK_MAX);
		chaos_fill(r, out, n);
		return n;
	}
	n = damage(r, out, good(r, out, name));
	return n > 14 && (chaos_next(r) & 3) == 0 ? damage(r, out, n) : n;
}

struct target {
	const char *server, *name, *want;
	uint64_t answers, bad;         /* what came back to junk */
	uint16_t asked[BATCH];         /* ids since the last good question that may be answered */
	unsigned nasked;
};

/* Packets that are too short for a header or are marked as answers must get none (RFC 1035, 4.1.1). */
static void
note_asked(struct target *t, const uint8_t *packet, size_t size)
{
	if (size >= 12 && (packet[2] & 0x80) == 0)
		t->asked[t->nasked++] = query_u16(packet);
}

static bool
was_asked(const struct target *t, uint16_t id)
{
	for (unsigned i = 0; i < t->nasked; i++)
		if (t->asked[i] == id)
			return true;
	return false;
}

/* What came back to junk. */
static void
judge(struct target *t, const uint8_t *packet, size_t size)
{
	t->answers++;
	if (size < 12 || (packet[2] & 0x80) == 0 || size > UDP_LIMIT)
		fprintf(stderr, "junk: %zu bytes came back that are no answer of at most %d bytes\n", size, UDP_LIMIT);
	else if (!was_asked(t, query_u16(packet)))
		fprintf(stderr, "junk: an answer to what was no question, id %u\n", query_u16(packet));
	else
		return;
	t->bad++;
}

/* The good question between the bad ones; reads and judges all that comes before its answer. */
static bool
still_well(struct target *t, int fd, uint16_t id)
{
	uint8_t packet[PACKET_MAX];
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	uint64_t end_us = clock_mono_us() + PATIENCE_MS * US_PER_MS;
	size_t size = query_make(packet, id, t->name, 1);
	struct answer a;
	ssize_t n;

	if (send(fd, packet, size, 0) < 0)
		return false;
	while (clock_mono_us() < end_us) {
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		if ((n = recv(fd, packet, sizeof(packet), 0)) < 0)
			return false;  /* ECONNREFUSED: it is gone */
		if (answer_read(packet, (size_t)n, &a) && a.id == id && a.count == 1 && strcmp(a.text[0], t->want) == 0)
			return true;
		judge(t, packet, (size_t)n);
	}
	return false;
}

static bool
datagrams(struct target *t, struct chaos *r, uint64_t count)
{
	uint8_t packet[QUERY_MAX + JUNK_MAX];
	int fd = query_socket(t->server, SOCK_DGRAM);
	uint64_t i = 0;
	bool well = true;

	while (well && i < count) {
		size_t n = junk(r, packet, t->name);
		uint16_t id = (uint16_t)(i / BATCH);   /* of the good question that ends this batch: no junk may pass for it */

		if (n >= 2 && query_u16(packet) == id)
			packet[0] ^= 0x80;
		well = send(fd, packet, n, 0) >= 0;    /* refused: nobody listens any more */
		note_asked(t, packet, n);
		if (++i % BATCH != 0 && i != count)
			continue;
		well = well && still_well(t, fd, id);
		t->nasked = 0;
	}
	if (!well)
		fprintf(stderr, "junk: no good answer to %s after %llu packets\n", t->name, (unsigned long long)i);
	close(fd);
	return well && t->bad == 0;
}

/* One connection: some messages, lengths mostly right, and then gone, often without reading a byte. */
static void
stream(struct target *t, struct chaos *r)
{
	uint8_t packet[2 + QUERY_MAX + JUNK_MAX], sink[4096];
	struct pollfd pfd = { .fd = query_socket(t->server, SOCK_STREAM), .events = POLLIN };
	size_t messages = 1 + chaos_below(r, 20);

	if (pfd.fd < 0)
		return;
	for (; messages > 0; messages--) {
		size_t n = junk(r, packet + 2, t->name), claim = chaos_below(r, 5) == 0 ? chaos_below(r, 65536) : n;

		packet[0] = (uint8_t)(claim >> 8);
		packet[1] = (uint8_t)claim;
		if (send(pfd.fd, packet, n + 2, MSG_NOSIGNAL) < 0)
			break;
	}
	if (chaos_next(r) & 1)
		while (poll(&pfd, 1, 1) > 0 && recv(pfd.fd, sink, sizeof(sink), 0) > 0)
			t->answers++;
	close(pfd.fd);
}

static bool
streams(struct target *t, struct chaos *r, uint64_t count)
{
	int fd = query_socket(t->server, SOCK_DGRAM);
	bool well = true;

	for (uint64_t i = 1; i <= count && well; i++) {
		stream(t, r);
		if (i % BATCH == 0 || i == count)
			well = still_well(t, fd, (uint16_t)(i / BATCH));
	}
	close(fd);
	return well;
}

int
main(int argc, char **argv)
{
	bool tcp = argc > 1 && strcmp(argv[1], "-t") == 0;
	struct chaos r;
	struct target t = { 0 };
	uint64_t count;
	bool well;

	argv += tcp;
	if (argc - tcp != 6) {
		fprintf(stderr, "usage: junk [-t] COUNT SEED SERVER NAME ADDRESS\n");
		return 2;
	}
	count = strtoull(argv[1], NULL, 10);
	r.state = strtoull(argv[2], NULL, 10);
	t.server = argv[3];
	t.name = argv[4];
	t.want = argv[5];
	well = (tcp ? streams : datagrams)(&t, &r, count);
	printf("%llu %s sent, %llu answers to them, %llu of those bad\n", (unsigned long long)count,
	    tcp ? "streams" : "packets", (unsigned long long)t.answers, (unsigned long long)t.bad);
	return !well;
}
