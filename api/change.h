/* change.h - what the ways to change a zone's records share. Control thread only. */
#ifndef API_CHANGE_H
#define API_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct conf_zone;
struct update_result;

/* The zone that the call names, if its records can be changed. False: refused already. */
bool dynamic_zone(struct call *c, const struct conf_zone **zone);
/* The conf zone number of a zone (text, as configured) in a later turn; false: it has gone. */
bool zone_index_of(const struct call *c, const char *zone, size_t *i);
/* Ends the call with what an update that was not made says. */
void change_refuse(struct call *c, const char *zone, const struct update_result *result, uint32_t serial);

#endif
