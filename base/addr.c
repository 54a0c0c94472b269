/* addr.c - IP addresses and prefixes as values. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned
addr_size(const struct addr *a)
{
	return a->family == 4 ? 4 : a->family == 6 ? 16 : 0;
}

bool
addr_parse(const char *text, struct addr *out)
{
	struct addr a = { .family = strchr(text, ':') != NULL ? 6 : 4 };

	if (inet_pton(a.family == 6 ? AF_INET6 : AF_INET, text, a.bytes) != 1)
		return false;
	*out = a;
	return true;
}

/* 1..65535 in plain decimal digits. */
static bool
port_parse(const char *text, uint16_t *port)
{
	unsigned long n;

	if (*text == '\0' || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
		return false;
	n = strtoul(text, NULL, 10);
	if (n < 1 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

bool
addr_parse_port(const char *text, uint16_t port, struct addr *out)
{
	char host[ADDR_TEXT];
	const char *end, *colon;
	bool brackets = *text == '[';
	size_t n;

	if (brackets) {
		end = strchr(++text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else {
		colon = strchr(text, ':');
		if (colon != NULL && strchr(colon + 1, ':') != NULL)
			colon = NULL;              /* a bare v6 address */
		end = colon != NULL ? colon : text + strlen(text);
	}
	n = (size_t)(end - text);
	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (brackets && strchr(host, ':') == NULL)
		return false;                      /* they are for IPv6 */
	if (colon != NULL && !port_parse(colon + 1, &port))
		return false;
	if (!addr_parse(host, out))
		return false;
	out->port = port;
	return true;
}

/* Zeroes the host bits of a; true if they were zero. */
static bool
addr_mask(struct addr *a, unsigned bits)
{
	bool clean = true;

	for (unsigned i = 0; i < addr_size(a); i++) {
		unsigned keep = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
		uint8_t mask = (uint8_t)(0xff00u >> keep);

		clean = clean && (a->bytes[i] & ~mask & 0xff) == 0;
		a->bytes[i] &= mask;
	}
	return clean;
}

bool
prefix_parse(const char *text, struct prefix *out)
{
	char host[ADDR_TEXT];
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct prefix p;
	unsigned long bits;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_parse(host, &p.base))
		return false;
	bits = 8 * addr_size(&p.base);
	if (slash != NULL) {
		unsigned long most = bits;

		if (slash[1] == '\0' || strspn(slash + 1, "0123456789") != strlen(slash + 1) || strlen(slash + 1) > 3)
			return false;
		bits = strtoul(slash + 1, NULL, 10);
		if (bits > most)
			return false;
	}
	p.bits = (uint8_t)bits;
	if (!addr_mask(&p.base, p.bits))
		return false;
	*out = p;
	return true;
}

char *
addr_format(const struct addr *a, char *buf)
{
	if (a->family == 0 || inet_ntop(a->family == 6 ? AF_INET6 : AF_INET, a->bytes, buf, ADDR_TEXT) == NULL)
		snprintf(buf, ADDR_TEXT, "-");
	return buf;
}

char *
addr_format_port(const struct addr *a, char *buf)
{
	char host[ADDR_TEXT];

	addr_format(a, host);
	snprintf(buf, ADDR_TEXT, a->family == 6 ? "[%.45s]:%u" : "%.45s:%u", host, a->port);
	return buf;
}

char *
prefix_format(const struct prefix *p, char *buf)
{
	char host[ADDR_TEXT];

	addr_format(&p->base, host);
	snprintf(buf, ADDR_TEXT, "%.45s/%u", host, p->bits);
	return buf;
}

bool
addr_same_host(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, addr_size(a)) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && a->port == b->port;
}

bool
addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return a->family != 0 && memcmp(a->bytes, zero, addr_size(a)) == 0;
}

socklen_t
addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	switch (a->family) {
	case 4:
		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	case 6:
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		memcpy(&in6->sin6_addr, a->bytes, 16);
		return sizeof(*in6);
	default:
		return 0;
	}
}

bool
addr_from_sockaddr(const struct sockaddr *sa, struct addr *out)
{
	struct addr a = { .family = 0 };

	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;

		a.family = 4;
		a.port = ntohs(in->sin_port);
		memcpy(a.bytes, &in->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;

		a.family = 6;
		a.port = ntohs(in6->sin6_port);
		memcpy(a.bytes, &in6->sin6_addr, 16);
	} else {
		return false;
	}
	*out = a;
	return true;
}
