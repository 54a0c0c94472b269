/* icmp.h - echo requests and replies as bytes, and sockets that receive little else.
 *
 * A request is 8 bytes of ICMP header and `size` bytes of payload: a cookie, as far as there
 * is room, then zeros, which do not count in the checksum. */
#ifndef CHECKER_ICMP_H
#define CHECKER_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checker/probe.h"

enum { ICMP_HEAD = 8, ICMP_COOKIE = 8, ICMP_SIZE_MAX = 65507 };

/* What a lane of probes shares; see ping.c. */
struct icmp_socket {
	int fd;
	bool raw;                      /* SOCK_RAW: we see IP headers (v4) and set the identifier */
	uint8_t family;                /* 4 or 6 */
	uint16_t id;                   /* ours; unused where the kernel keeps it */
};

/* SOCK_DGRAM where the group may (net.ipv4.ping_group_range), else SOCK_RAW, filtered in the kernel down to
 * replies that carry our identifier. -1 in fd, and words, on failure. */
struct icmp_socket icmp_open(const struct aim *aim, uint16_t id, char *words, size_t size);

/* Header and cookie into buf of ICMP_HEAD + ICMP_COOKIE; how many bytes of it belong to the packet. */
size_t icmp_request(const struct icmp_socket *s, uint16_t sequence, uint64_t cookie, size_t size, uint8_t *buf);

/* What a received packet says. */
struct icmp_echo {
	uint16_t sequence;
	const uint8_t *payload;
	size_t length;
};
/* True for an echo reply to us. Only the first `length` bytes are looked at; any content is fine. */
bool icmp_reply(const struct icmp_socket *s, const uint8_t *data, size_t length, struct icmp_echo *out);
/* True for a request of ours, as quoted in an ICMP error. */
bool icmp_quoted(const struct icmp_socket *s, const uint8_t *data, size_t length, struct icmp_echo *out);

/* The payload, as far as it is there, carries cookie. */
bool icmp_cookie_matches(const struct icmp_echo *e, uint64_t cookie, size_t size);

#endif
