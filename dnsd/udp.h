/* udp.h - the workers: receive a batch, answer it, send it.
 *
 * Each listen address has one socket (SO_REUSEPORT) and one thread per worker;
 * the kernel spreads clients over them. A thread blocks in recvmmsg(), answers
 * what came inside one RCU read section, and sends all with sendmmsg(): no other
 * system call. On a wildcard address the answer leaves from the address that was asked.
 *
 * Threads: all calls from the control thread. The workers share nothing but the snapshot.
 *
 * A change of the listen addresses has two steps, so that a reload that fails elsewhere changes nothing:
 *     udp_prepare() opens what is new, or fails and nothing has changed;
 *     then either udp_apply() or udp_abandon(). */
#ifndef DNSD_UDP_H
#define DNSD_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct udp;

/* Binds the sockets, to be called before privileges are dropped. Nothing is read yet: queries wait in the
 * kernel until udp_start(). workers: threads per address; 0: one per CPU this process may use.
 * NULL with one line in error: "127.0.0.1:53: address already in use by another program". */
struct udp *udp_open(const struct addr *listen, size_t n, unsigned workers, char *error, size_t size);

/* Starts the workers. False with one line in error when threads cannot be made; none then runs. Once. */
bool udp_start(struct udp *u, char *error, size_t size);

/* Opens sockets for the addresses of listen that are not served yet. What is served goes on untouched. */
bool udp_prepare(struct udp *u, const struct addr *listen, size_t n, char *error, size_t size);
/* Serves what was prepared and closes the addresses that are not in its list, after their queues are answered.
 * False with one line in error when threads cannot be made: what was prepared is then abandoned and nothing changed.
 * Before udp_start() it only exchanges the sockets and cannot fail. */
bool udp_apply(struct udp *u, char *error, size_t size);
void udp_abandon(struct udp *u);       /* closes what was prepared; fine when nothing was */

void udp_close(struct udp *u);         /* stops the workers at once, joins them, frees; NULL is fine */

/* Since udp_open(): datagrams answered, and datagrams that deserved no answer or whose answer could not be sent. */
void udp_counters(const struct udp *u, uint64_t *answered, uint64_t *dropped);

#endif
