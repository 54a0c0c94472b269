/* tcp.h - DNS over TCP (RFC 7766), on a thread and an event loop of its own.
 *
 * A TCP flood can delay neither probes nor UDP. Queries on one connection may
 * follow each other without waiting, and are answered in order. What one client can hold is bounded:
 *  - a connection without a complete message for `idle` is closed, also one that sends a message slowly, and
 *    one whose TLS handshake takes that long;
 *  - a client that reads its answers slowly is not read from while 32 KiB wait for it; the same clock closes it, unless
 *    it took 1 KiB a second of them meanwhile, as the receiver of a zone over a slow line may;
 *  - beyond `clients` connections the one that waits longest is closed for the newcomer, so that
 *    idle connections cannot lock out working ones;
 *  - what is waiting for one client is never more than 96 KiB (and what the kernel takes), also of a transfer of any size;
 *  - a connection that sent an UPDATE is not read from until that is answered;
 *  - an idle connection costs about 1 KiB, over TLS 16 KiB (see clients.c); a frame shorter than a header ends it.
 *
 * Threads: all calls from the control thread. tcp_prepare(), tcp_apply() and tcp_abandon() as in udp.h. */
#ifndef DNSD_TCP_H
#define DNSD_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct tcp;

struct tcp_limits {
	unsigned clients;              /* connections at once; at least 1 */
	uint64_t idle_us;              /* for a complete message; at least 1 */
};

/* What makes it DNS over TLS (RFC 7858). Read when it is opened and again at each tcp_prepare(): a certificate is renewed by a reload;
 * connections keep the one that they began with. Without listen addresses nothing is read, and the names may be NULL. */
struct tcp_tls {
	const char *certificate, *key; /* PEM files; the certificate with its chain */
};

/* Binds and listens: to be called before privileges are dropped. Connections wait in the kernel until tcp_start().
 * NULL with one line in error. tls NULL: plain TCP. DNS over TLS is a second struct tcp, with a thread of its own: handshakes delay nobody else. */
struct tcp *tcp_open(const struct addr *listen, size_t n, const struct tcp_tls *tls, const struct tcp_limits *limits, char *error, size_t size);
bool tcp_start(struct tcp *t, char *error, size_t size);       /* false: no thread could be made. Once */

/* tls as at tcp_open(): NULL there is NULL here; n may be 0. */
bool tcp_prepare(struct tcp *t, const struct addr *listen, size_t n, const struct tcp_tls *tls, char *error, size_t size);
/* Listens on what was prepared and no longer on what is not in its list; connections are kept, and the new limits hold for them
 * too. Cannot fail. */
void tcp_apply(struct tcp *t, const struct tcp_limits *limits);
void tcp_abandon(struct tcp *t);

/* Ends the connections, after the answers that are there have left, and the thread, frees. The handover is closed and all that went
 * through it answered by then. NULL is fine. */
void tcp_close(struct tcp *t);

void tcp_counters(const struct tcp *t, uint64_t *answered, unsigned *open);
unsigned tcp_transfers(const struct tcp *t);   /* zones being sent now */

#endif
