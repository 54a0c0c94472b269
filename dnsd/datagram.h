/* datagram.h - the way back of a datagram whose answer another thread makes.
 *
 * The socket that it came to is counted: it stays open until its worker and every answer that is to leave
 * from it are done with it, however they end. */
#ifndef DNSD_DATAGRAM_H
#define DNSD_DATAGRAM_H

#include <sys/socket.h>

#include "dnsd/handover.h"

struct socket_share;
struct socket_share *socket_share_new(int fd);         /* takes fd; the caller has the first share */
void socket_share_drop(struct socket_share *s);        /* any thread; the last one closes */

/* An answer to who sent m: to its msg_name, with its msg_control, which are copied. Takes a share. */
struct way_back *datagram_way(struct socket_share *s, const struct msghdr *m);

#endif
