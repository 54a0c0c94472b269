/* privileges.h - becoming server.user, and keeping what probing and rebinding need.
 *
 * Kept: CAP_NET_RAW (ping, SO_BINDTODEVICE), CAP_NET_ADMIN (SO_MARK) and
 * CAP_NET_BIND_SERVICE (a listen address that a reload adds). Main thread, before
 * any other thread is started: the kernel keeps credentials per thread. */
#ifndef DNSD_PRIVILEGES_H
#define DNSD_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

/* Gives path (a folder; made if missing) to user, so that the daemon may write there afterwards. */
bool privileges_give(const char *path, const char *user, char *error, size_t size);

/* Becomes user. Nothing to do, and true, when already that user. */
bool privileges_drop(const char *user, char *error, size_t size);

#endif
