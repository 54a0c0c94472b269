/* sock.h - sockets pinned to a source address, a device and a mark. */
#ifndef CHECKER_SOCK_H
#define CHECKER_SOCK_H

#include <stddef.h>

#include "checker/probe.h"

/* A non-blocking socket for aim's family, pinned as aim says. -1 with errno, and in
 * words (if not NULL) what failed, "bind to 10.1.0.1: Cannot assign requested address". */
int sock_open(const struct aim *aim, int type, int protocol, char *words, size_t size);

/* Closes a connection by RST: no TIME_WAIT is left behind, here or there. */
void sock_reset(int fd);

#endif
