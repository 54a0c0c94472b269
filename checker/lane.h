/* lane.h - pings that leave alike, and come back together.
 *
 * A lane is a socket, the table of its sequence numbers and the batch that leaves with
 * the next flush. Probes of one family, source, device, mark and fragmenting share it. */
#ifndef CHECKER_LANE_H
#define CHECKER_LANE_H

#include <stddef.h>
#include <sys/socket.h>

#include "checker/poller.h"
#include "checker/probe.h"

struct lane;
struct lanes;

/* The plan of an aim, as ping.c makes it. */
struct lane_plan {
	struct lane *lane;
	struct sockaddr_storage to;
	socklen_t length;
	size_t size;                   /* of the payload */
};

struct lanes *lanes_new(struct poller *poller);        /* poller NULL: for confs that are only checked */
void lanes_free(struct lanes *lanes);                  /* every lane was given back */
void lanes_flush(struct lanes *lanes);                 /* sends what was started */

struct lane *lane_get(struct lanes *lanes, const struct aim *aim);     /* never NULL; the socket opens with the first probe */
void lane_put(struct lane *lane);
void lane_start(struct lane *lane, struct probe *p, uint64_t now_us);  /* may end p at once */
void lane_cancel(struct lane *lane, const struct probe *p);

#endif
