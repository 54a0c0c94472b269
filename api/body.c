/* body.c - request bodies: a table of fields for each. */
#include "api/body.h"

#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "base/clock.h"

static bool
field_state(const json_t *value, void *out, size_t size, struct body_error *e)
{
	const char *text = json_string_value(value);

	(void)size;
	for (int s = OVERRIDE_DRAINED; text != NULL && s <= OVERRIDE_DOWN; s++)
		if (strcmp(text, override_text((enum override_state)s)) == 0) {
			*(enum override_state *)out = (enum override_state)s;
			return true;
		}
	return fields_wrong(e, NULL, "expected \"drained\", \"up\" or \"down\"");
}

/* A text with a unit, or a number of seconds; the limit is duration_parse()'s hundred years. */
static bool
field_duration(const json_t *value, void *out, size_t size, struct body_error *e)
{
	char number[64];
	const char *text = json_string_value(value);
	uint64_t us;

	(void)size;
	if (json_is_number(value) && json_number_value(value) >= 0 && json_number_value(value) < 1e10) {
		snprintf(number, sizeof(number), "%.6f", json_number_value(value));
		text = number;
	}
	if (text == NULL || !duration_parse(text, &us) || us == 0)
		return fields_wrong(e, NULL, "expected a duration above 0: \"90s\", \"2h\", \"3d\" or a number of seconds");
	*(uint64_t *)out = us;
	return true;
}

bool
body_override(const char *bytes, size_t length, struct override_body *out, struct body_error *error)
{
	static const struct field fields[] = {
		FIELD(override_body, state, "state", field_state, true),
		FIELD(override_body, for_us, "for", field_duration, false),
		FIELD(override_body, why, "why", field_text, false),
		FIELD(override_body, owner, "owner", field_text, false),
	};

	*out = (struct override_body){ .for_us = 0 };
	return fields_read(bytes, length, fields, FIELDS(fields), out, error);
}

bool
body_target(const char *bytes, size_t length, struct target_body *out, struct body_error *error)
{
	static const struct field fields[] = { FIELD(target_body, target, "target", field_name, true) };

	*out = (struct target_body){ .target = "" };
	return fields_read(bytes, length, fields, FIELDS(fields), out, error);
}

bool
body_owner(const char *bytes, size_t length, char owner[OWNER_MAX + 1], struct body_error *error)
{
	static const struct field fields[] = { { "owner", field_text, 0, OWNER_MAX + 1, false } };

	owner[0] = '\0';
	return length == 0 || fields_read(bytes, length, fields, FIELDS(fields), owner, error);
}
