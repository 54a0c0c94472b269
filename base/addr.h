/* addr.h - IP addresses and prefixes as values.
 *
 * A struct addr is 20 bytes, holds no pointer, and compares with addr_equal().
 * Bytes behind a v4 address are zero, so that memcmp on whole structs works too. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct addr {
	uint8_t bytes[16];             /* network order; the first 4 for v4 */
	uint16_t port;                 /* host order; 0: none given */
	uint8_t family;                /* 0: no address, 4 or 6 */
	uint8_t pad;                   /* zero */
};

struct prefix {
	struct addr base;              /* host bits are zero */
	uint8_t bits;                  /* 0..32 or 0..128 */
};

enum { ADDR_TEXT = 64 };               /* fits "[v6]:port" and "v6/128" */

/* "192.0.2.1", "2001:db8::1": an address alone. No zone index. */
bool addr_parse(const char *text, struct addr *out);
/* "192.0.2.1:53", "[2001:db8::1]:53", or an address alone, which gets the default port. */
bool addr_parse_port(const char *text, uint16_t port, struct addr *out);
/* "10.1.0.0/16"; an address alone is a prefix of full length. False when host bits are set. */
bool prefix_parse(const char *text, struct prefix *out);

/* Without and with the port (v6 then in brackets). Return buf of ADDR_TEXT bytes. */
char *addr_format(const struct addr *a, char *buf);
char *addr_format_port(const struct addr *a, char *buf);
char *prefix_format(const struct prefix *p, char *buf);

bool addr_equal(const struct addr *a, const struct addr *b);        /* ports too */
bool addr_same_host(const struct addr *a, const struct addr *b);    /* ports aside */
bool addr_is_any(const struct addr *a);                             /* 0.0.0.0 or :: */
bool prefix_contains(const struct prefix *p, const struct addr *a);
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/* To and from the kernel's form; the length is returned, 0 for no address. */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out);

#endif
