/* body.c - request bodies: a table of fields per body, one reader for all.
 *
 * jansson does the bounded reading (it refuses invalid UTF-8, NUL bytes and deep nesting). */
#include "api/body.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Reads one value to where it belongs; false with what was expected in error->message. */
typedef bool (*field_fn)(const json_t *value, void *out, size_t size, struct body_error *error);

struct field {
	const char *key;
	field_fn read;
	size_t offset, size;
	bool required;
};

__attribute__((format(printf, 3, 4)))
static bool
wrong(struct body_error *e, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	for (char *p = e->message; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';              /* what is quoted may not break the line */
	e->key = key;
	return false;
}

bool
body_is_text(const char *text, size_t max)
{
	json_t *checked;

	if (strlen(text) > max)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	checked = json_string(text);           /* NULL: not UTF-8 */
	json_decref(checked);
	return checked != NULL;
}

static bool
field_text(const json_t *value, void *out, size_t size, struct body_error *e)
{
	const char *text = json_string_value(value);

	if (text == NULL || !body_is_text(text, size - 1))
		return wrong(e, NULL, "expected a text of at most %zu bytes without control characters", size - 1);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static bool
field_name(const json_t *value, void *out, size_t size, struct body_error *e)
{
	return field_text(value, out, size, e) && (*(char *)out != '\0' || wrong(e, NULL, "expected a name, not an empty text"));
}

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
	return wrong(e, NULL, "expected \"drained\", \"up\" or \"down\"");
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
		return wrong(e, NULL, "expected a duration above 0: \"90s\", \"2h\", \"3d\" or a number of seconds");
	*(uint64_t *)out = us;
	return true;
}

/* The field of that name; NULL: none. */
static const struct field *
field_find(const struct field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

static bool
body_fields(json_t *root, const struct field *fields, size_t n, void *out, struct body_error *e)
{
	const struct field *f;
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return wrong(e, NULL, "the body is no JSON object");
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && json_object_get(root, fields[i].key) == NULL)
			return wrong(e, fields[i].key, "\"%s\" is missing", fields[i].key);
	json_object_foreach(root, key, value) {
		f = field_find(fields, n, key);
		if (f == NULL)
			return wrong(e, NULL, "unknown key \"%.64s\"", key);
		e->key = f->key;
		if (json_is_null(value) && !f->required)
			continue;
		if (!f->read(value, (char *)out + f->offset, f->size, e)) {
			e->key = f->key;
			return false;
		}
	}
	e->key = NULL;
	return true;
}

static bool
body_read(const char *bytes, size_t length, const struct field *fields, size_t n, void *out, struct body_error *e)
{
	json_error_t at;
	json_t *root;
	bool ok;

	*e = (struct body_error){ .key = NULL };
	if (length > BODY_MAX)
		return wrong(e, NULL, "the body is larger than %d bytes", BODY_MAX);
	root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &at);
	if (root == NULL)
		return wrong(e, NULL, "the body is no JSON: line %d, column %d: %.160s", at.line, at.column, at.text);
	ok = body_fields(root, fields, n, out, e);
	json_decref(root);
	return ok;
}

#define FIELD(type, member, key, read, required) { key, read, offsetof(struct type, member), sizeof(((struct type *)0)->member), required }
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

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
	return body_read(bytes, length, fields, COUNT(fields), out, error);
}

bool
body_target(const char *bytes, size_t length, struct target_body *out, struct body_error *error)
{
	static const struct field fields[] = { FIELD(target_body, target, "target", field_name, true) };

	*out = (struct target_body){ .target = "" };
	return body_read(bytes, length, fields, COUNT(fields), out, error);
}

bool
body_owner(const char *bytes, size_t length, char owner[OWNER_MAX + 1], struct body_error *error)
{
	static const struct field fields[] = { { "owner", field_text, 0, OWNER_MAX + 1, false } };

	owner[0] = '\0';
	return length == 0 || body_read(bytes, length, fields, COUNT(fields), owner, error);
}
