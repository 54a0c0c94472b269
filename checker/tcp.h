/* tcp.h - the tcp check: connect, and optionally TLS, send and expect. */
#ifndef CHECKER_TCP_H
#define CHECKER_TCP_H

#include "checker/poller.h"
#include "checker/probe.h"

struct prober *tcp_new(struct poller *poller);

#endif
