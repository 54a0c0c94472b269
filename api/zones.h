/* zones.h - which zone a call is about. Control thread only. */
#ifndef API_ZONES_H
#define API_ZONES_H

#include <stdbool.h>
#include <stddef.h>

struct call;

/* The conf zone that the call names. False: refused already, there is none. */
bool zone_named(struct call *c, size_t *i);

#endif
