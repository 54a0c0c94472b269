/* clients.h - the TCP or TLS connections of one event loop.
 *
 * All calls on the loop's thread, which is an RCU reader; only clients_counters() and clients_transfers() may come from any. */
#ifndef DNSD_CLIENTS_H
#define DNSD_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "dnsd/answer.h"
#include "dnsd/tcp.h"

struct clients;
struct event_base;
struct sockaddr;
struct tls;

/* transport: TCP or TLS; the latter wants clients_show() before the first clients_add(). */
struct clients *clients_new(struct event_base *base, enum transport transport, const struct tcp_limits *limits);
/* Closes them all. What was handed over (handover.h) has got its answers by then. NULL is fine. */
void clients_free(struct clients *c);
void clients_show(struct clients *c, struct tls *tls);         /* what new connections are shown; taken over */
void clients_add(struct clients *c, int fd, const struct sockaddr *from);      /* takes a connected, non-blocking socket */
void clients_limit(struct clients *c, const struct tcp_limits *limits);        /* closes what is too many now */
void clients_make_room(struct clients *c);     /* closes the one that waits longest, if there is any */
/* The end is near: what has been answered elsewhere goes out. True: nothing waits to be sent any more, transfers aside; else again in a later turn. */
bool clients_part(struct clients *c);
void clients_counters(const struct clients *c, uint64_t *answered, unsigned *open);
unsigned clients_transfers(const struct clients *c);   /* under way */

#endif
