/* model.h - the fleet's objects as JSON.
 *
 * Keys are stable: they are only ever added to. Both the measured "verdict" and the effective
 * "state" are shown. Units are in the names (rtt_ms), but for "ttl", which is in seconds as in DNS; "since" and
 * other times are RFC 3339 in UTC, null where there is none. Control thread only. */
#ifndef API_MODEL_H
#define API_MODEL_H

#include <jansson.h>
#include <stdbool.h>

#include "api/text.h"
#include "dnsd/fleet.h"

json_t *model_override(const struct override *o);      /* NULL: null */

/* One check on one interface. "history" has a character per result, '1' success and '0' failure, newest last. */
json_t *model_watch(const struct watch *w, struct moment now);

/* Details: the checks of each interface or member. */
json_t *model_server(const struct host *h, bool details, struct moment now);
json_t *model_interface(const struct iface *i, bool details, struct moment now);
/* Details: the members too. */
json_t *model_service(const struct service *s, bool details, struct moment now);

/* Those members of a service that are the server's. */
json_t *model_members(const struct service *s, const char *server, struct moment now);

/* Why the state is not up, in words; null when it is up. */
json_t *model_iface_reason(const struct iface *i);
json_t *model_seat_reason(const struct seat *s);

#endif
