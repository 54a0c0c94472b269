/* fields.h - a JSON object as a table of fields: for the files that read bodies. Pure functions. */
#ifndef API_FIELDS_H
#define API_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/body.h"

/* Reads one value to where it belongs; false with what was expected in error->message. */
typedef bool (*field_fn)(const json_t *value, void *out, size_t size, struct body_error *error);

struct field {
	const char *key;
	field_fn read;
	size_t offset, size;           /* of the member */
	bool required;                 /* else it may be missing, or null */
};
#define FIELD(type, member, key, read, required) { key, read, offsetof(struct type, member), sizeof(((struct type *)0)->member), required }
#define FIELDS(table) (sizeof(table) / sizeof(*(table)))

/* The JSON of a body, the caller's; NULL with the mistake. */
json_t *fields_load(const char *bytes, size_t length, size_t max, struct body_error *e);
/* Fills the structure at out, whose members keep what they have where a key is missing. False with the first mistake and its key. */
bool fields_of(json_t *root, const struct field *fields, size_t n, void *out, struct body_error *e);
/* Both, of at most BODY_MAX bytes. */
bool fields_read(const char *bytes, size_t length, const struct field *fields, size_t n, void *out, struct body_error *e);

/* Readers: a text into a char array, "" allowed or not. */
bool field_text(const json_t *value, void *out, size_t size, struct body_error *e);
bool field_name(const json_t *value, void *out, size_t size, struct body_error *e);

/* Always false: the mistake. What it quotes is made harmless. */
bool fields_wrong(struct body_error *e, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
