/* listener.h - sockets bound to the addresses that are listened on, UDP and TCP.
 *
 * Our own sockets share an address by SO_REUSEPORT. The kernel would let another
 * program of the same user share it too, and spread the queries over both; so the
 * first socket of an address is preceded by a probe that must bind it alone. */
#ifndef DNSD_LISTENER_H
#define DNSD_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

/* The result of listener_open() besides a descriptor. */
enum { LISTENER_FAILED = -1, LISTENER_NO_FAMILY = -2 };

/* A bound socket of type SOCK_DGRAM (blocking) or SOCK_STREAM (listening, non-blocking), close-on-exec. shared: we hold
 * sockets that cover the address, so it cannot be bound alone. LISTENER_FAILED with one line in error;
 * LISTENER_NO_FAMILY when a is [::] and this machine has no IPv6, which the default must survive. */
int listener_open(const struct addr *a, int type, bool shared, char *error, size_t size);

/* Whether a socket on one of them is in the way of one on the other: same port, same host or one of them any. */
bool listener_overlaps(const struct addr *a, const struct addr *b);

bool listener_listed(const struct addr *a, const struct addr *list, size_t n);

#endif
