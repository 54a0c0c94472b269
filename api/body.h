/* body.h - what requests carry, from untrusted bytes to checked values.
 *
 * A body is one JSON object. An unknown or doubled key, a wrong type and a value out of range
 * are mistakes; the message names the key, and says what was expected. Pure functions. */
#ifndef API_BODY_H
#define API_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/fleet.h"

enum {
	BODY_MAX = 64 * 1024,
	OWNER_MAX = 64,
	WHY_MAX = 400,                 /* what a log line can hold beside the rest */
	TARGET_MAX = 1200
};

struct body_error {
	char message[256];
	const char *key;               /* the key at fault; NULL: the body as a whole */
};

struct override_body {
	enum override_state state;
	uint64_t for_us;               /* 0: until released */
	char owner[OWNER_MAX + 1], why[WHY_MAX + 1];   /* "" where not given; UTF-8 without control characters */
};

struct target_body {
	char target[TARGET_MAX + 1];
};

/* {"state": "drained"|"up"|"down", "for": DURATION, "why": TEXT, "owner": TEXT}: only the state is required. */
bool body_override(const char *bytes, size_t length, struct override_body *out, struct body_error *error);
/* {"target": NAME} */
bool body_target(const char *bytes, size_t length, struct target_body *out, struct body_error *error);
/* {"owner": TEXT}, or nothing at all. */
bool body_owner(const char *bytes, size_t length, char owner[OWNER_MAX + 1], struct body_error *error);
/* An owner from elsewhere than a body (a query): valid UTF-8, short, no control characters. */
bool body_is_text(const char *text, size_t max);

#endif
