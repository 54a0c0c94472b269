/* ping.h - the ping check: ICMP and ICMPv6 echo. */
#ifndef CHECKER_PING_H
#define CHECKER_PING_H

#include "checker/poller.h"
#include "checker/probe.h"

struct prober *ping_new(struct poller *poller);

#endif
