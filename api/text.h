/* text.h - small values as JSON: texts, times, durations. */
#ifndef API_TEXT_H
#define API_TEXT_H

#include <jansson.h>
#include <stdint.h>

#include "base/addr.h"

/* The two clocks, read once per reply, so that all its times agree. */
struct moment {
	uint64_t mono_us;
	uint64_t wall_ms;
};
struct moment moment_now(void);

/* NULL gives null. What is not UTF-8 (a server's reply in a probe's detail, say) gets ? for its foreign bytes. */
json_t *text_json(const char *text);

json_t *addr_json(const struct addr *a);               /* without the port; no address: null */
json_t *wall_json(uint64_t wall_ms);                   /* RFC 3339, UTC, milliseconds; 0: null */
json_t *mono_json(uint64_t mono_us, struct moment now);        /* the same, of a monotonic time; 0: null */
json_t *seconds_json(uint64_t us);                     /* for keys ending in _s */
json_t *milliseconds_json(uint64_t us);                /* for keys ending in _ms */

enum { RFC3339_TEXT = 32 };
char *rfc3339_format(uint64_t wall_ms, char buf[RFC3339_TEXT]);

#endif
