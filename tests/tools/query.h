/* query.h - a question and its answer, for the test tools: as little of DNS as
 * it takes to ask for addresses and to judge what came back. */
#ifndef TOOLS_QUERY_H
#define TOOLS_QUERY_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/dname.h"

enum { QUERY_MAX = 512, ANSWER_MAX = 64, PACKET_MAX = 65535, ANSWER_TEXT = ANSWER_MAX * 46 };

struct answer {
	uint16_t id;
	uint8_t rcode;
	bool truncated;
	unsigned count;                /* of addresses */
	char text[ANSWER_MAX][46];     /* sorted as strings are */
};

static inline uint16_t
query_type(const char *text)
{
	return strcmp(text, "AAAA") == 0 ? 28 : strcmp(text, "A") == 0 ? 1 : (uint16_t)atoi(text);
}

/* A question of class IN, RD clear. Its length; 0 if name is no name. */
static inline size_t
query_make(uint8_t out[QUERY_MAX], uint16_t id, const char *name, uint16_t type)
{
	size_t length = dname_parse(name, out + 12);
	const uint8_t header[12] = { (uint8_t)(id >> 8), (uint8_t)id, 0, 0, 0, 1 };
	const uint8_t tail[4] = { (uint8_t)(type >> 8), (uint8_t)type, 0, 1 };

	if (length == 0)
		return 0;
	memcpy(out, header, sizeof(header));
	memcpy(out + 12 + length, tail, sizeof(tail));
	return 12 + length + sizeof(tail);
}

static inline uint16_t
query_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Steps over a name, compressed or not; 0 when it runs out of the packet. */
static inline size_t
query_skip(const uint8_t *packet, size_t size, size_t at)
{
	while (at < size && packet[at] != 0) {
		if (packet[at] >= 0xc0)
			return at + 2 <= size ? at + 2 : 0;
		at += packet[at] + 1u;
	}
	return at < size ? at + 1 : 0;
}

static inline int
answer_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Adds the address of the RR at `at` if it is one; where the next RR starts, 0 if it is not whole. */
static inline size_t
answer_rr(const uint8_t *packet, size_t size, size_t at, struct answer *out)
{
	uint16_t type, length;

	if ((at = query_skip(packet, size, at)) == 0 || size - at < 10)
		return 0;
	type = query_u16(packet + at);
	length = query_u16(packet + at + 8);
	at += 10;
	if (size - at < length)
		return 0;
	if (out->count < ANSWER_MAX && ((type == 1 && length == 4) || (type == 28 && length == 16)))
		inet_ntop(type == 1 ? AF_INET : AF_INET6, packet + at, out->text[out->count++], 46);
	return at + length;
}

/* False when the packet is no whole answer to one question. */
static inline bool
answer_read(const uint8_t *packet, size_t size, struct answer *out)
{
	size_t at;

	memset(out, 0, sizeof(*out));
	if (size < 12 || (packet[2] & 0x80) == 0 || query_u16(packet + 4) != 1)
		return false;
	out->id = query_u16(packet);
	out->rcode = packet[3] & 15;
	out->truncated = packet[2] & 2;
	if ((at = query_skip(packet, size, 12)) == 0 || size - at < 4)
		return false;
	at += 4;
	for (unsigned n = query_u16(packet + 6); n > 0; n--)
		if ((at = answer_rr(packet, size, at, out)) == 0)
			return false;
	qsort(out->text, out->count, sizeof(out->text[0]), answer_order);
	return true;
}

/* "10.1.0.11 10.2.0.11", "nothing" for an empty answer, or the RCODE's name. */
static inline char *
answer_format(const struct answer *a, char out[ANSWER_TEXT])
{
	static const char *const rcodes[16] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	size_t n = 0;

	if (a->rcode != 0 || a->count == 0) {
		snprintf(out, ANSWER_TEXT, "%s", a->rcode == 0 ? "nothing" : rcodes[a->rcode] ? rcodes[a->rcode] : "RCODE?");
		return out;
	}
	for (unsigned i = 0; i < a->count; i++)
		n += (size_t)snprintf(out + n, ANSWER_TEXT - n, "%s%s", i == 0 ? "" : " ", a->text[i]);
	return out;
}

/* A connected socket to "10.1.0.1" or "127.0.0.1:5300" (default port 53); ends the program when there is none. */
static inline int
query_socket(const char *server, int type)
{
	struct addr address;
	struct sockaddr_storage ss;
	socklen_t length;
	int fd;

	if (!addr_parse_port(server, 53, &address)) {
		fprintf(stderr, "%s is no address\n", server);
		exit(2);
	}
	length = addr_to_sockaddr(&address, &ss);
	fd = socket(ss.ss_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, length) != 0) {
		perror(server);
		if (fd >= 0)
			close(fd);
		if (type == SOCK_STREAM)
			return -1;
		exit(2);
	}
	return fd;
}

#endif
