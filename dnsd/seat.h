/* seat.h - what holds for one interface, alone and in a service: verdicts below,
 * overrides above. Reads the fleet and the overrides; the caller acts on what changed.
 * Control thread only. */
#ifndef DNSD_SEAT_H
#define DNSD_SEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "dnsd/fleet.h"

/* Reads verdict, doubt and state anew. True when what a choice is made from changed. */
bool seat_refresh(const struct fleet *f, struct seat *seat, uint64_t now_us);
bool iface_refresh(const struct fleet *f, struct iface *iface, uint64_t now_us);       /* and its host's state */

/* A failback that has waited out failback_delay ends; true if this one did. */
bool seat_return(struct seat *seat, uint64_t now_us);
void seat_end_wait(struct seat *seat);         /* ends it now, if there is one */

/* The service's own state, from its seats'. */
enum state service_state(const struct service *s);

#endif
