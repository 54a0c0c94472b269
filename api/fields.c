/* fields.c - JSON objects, field by field.
 *
 * jansson does the bounded reading (it refuses invalid UTF-8, NUL bytes and deep nesting). */
#include "api/fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
fields_wrong(struct body_error *e, const char *key, const char *fmt, ...)
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

bool
field_text(const json_t *value, void *out, size_t size, struct body_error *e)
{
	const char *text = json_string_value(value);

	if (text == NULL || !body_is_text(text, size - 1))
		return fields_wrong(e, NULL, "expected a text of at most %zu bytes without control characters", size - 1);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool
field_name(const json_t *value, void *out, size_t size, struct body_error *e)
{
	return field_text(value, out, size, e) && (*(char *)out != '\0' || fields_wrong(e, NULL, "expected a name, not an empty text"));
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

bool
fields_of(json_t *root, const struct field *fields, size_t n, void *out, struct body_error *e)
{
	const struct field *f;
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return fields_wrong(e, NULL, "the body is no JSON object");
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && json_object_get(root, fields[i].key) == NULL)
			return fields_wrong(e, fields[i].key, "\"%s\" is missing", fields[i].key);
	json_object_foreach(root, key, value) {
		f = field_find(fields, n, key);
		if (f == NULL)
			return fields_wrong(e, NULL, "unknown key \"%.64s\"", key);
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

json_t *
fields_load(const char *bytes, size_t length, size_t max, struct body_error *e)
{
	json_error_t at;
	json_t *root;

	*e = (struct body_error){ .key = NULL };
	if (length > max) {
		fields_wrong(e, NULL, "the body is larger than %zu bytes", max);
		return NULL;
	}
	root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &at);
	if (root == NULL)
		fields_wrong(e, NULL, "the body is no JSON: line %d, column %d: %.160s", at.line, at.column, at.text);
	return root;
}

bool
fields_read(const char *bytes, size_t length, const struct field *fields, size_t n, void *out, struct body_error *e)
{
	json_t *root = fields_load(bytes, length, BODY_MAX, e);
	bool ok = root != NULL && fields_of(root, fields, n, out, e);

	json_decref(root);
	return ok;
}
