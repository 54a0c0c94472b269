/* settings.c - settings that come as JSON, in the words of homing.conf. */
#include "api/settings.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "conf/conf.h"

enum { DEEP = 6 };                     /* values within each other; a server needs 5 */

/* A text under construction. */
struct text {
	char *bytes;
	size_t size, room;
};

static void
text_add(struct text *t, const char *more)
{
	size_t n = strlen(more);

	if (t->size + n + 1 > t->room) {
		t->room = 2 * (t->size + n + 1);
		t->bytes = mem_resize(t->bytes, t->room);
	}
	memcpy(t->bytes + t->size, more, n + 1);
	t->size += n;
}

__attribute__((format(printf, 2, 3)))
static bool
wrong(struct body_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	for (char *p = e->message; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';              /* what is quoted may not break the line */
	return false;
}

/* ---- values ---- */

/* What libconfig takes for the name of a setting. */
static bool
is_setting(const char *key)
{
	if (!isalpha((unsigned char)*key) || strcasecmp(key, "true") == 0 || strcasecmp(key, "false") == 0)
		return false;
	for (; *key != '\0'; key++)
		if (!isalnum((unsigned char)*key) && *key != '_')
			return false;
	return true;
}

static bool value_add(struct text *t, const char *key, const json_t *value, unsigned depth, struct body_error *e);

static bool
string_add(struct text *t, const char *key, const char *string, struct body_error *e)
{
	char *quoted;

	if (!body_is_text(string, BODY_MAX))
		return wrong(e, "\"%.64s\": expected a text without control characters", key);
	quoted = conf_quote(string);
	text_add(t, quoted);
	free(quoted);
	return true;
}

static void
number_add(struct text *t, const json_t *value)
{
	char number[64];

	if (json_is_integer(value)) {
		json_int_t n = json_integer_value(value);

		snprintf(number, sizeof(number), "%lld%s", (long long)n, n > INT32_MAX || n < -INT32_MAX ? "L" : "");
	} else {
		snprintf(number, sizeof(number), "%.17e", json_real_value(value));
	}
	text_add(t, number);
}

static bool
list_add(struct text *t, const char *key, const json_t *list, unsigned depth, struct body_error *e)
{
	text_add(t, "( ");
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			text_add(t, ", ");
		if (!value_add(t, key, json_array_get(list, i), depth, e))
			return false;
	}
	text_add(t, " )");
	return true;
}

/* All but the keys in `taken`; what is null is not given. */
static bool
settings_add(struct text *t, json_t *object, const char *const *taken, unsigned depth, struct body_error *e)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value) {
		if (json_is_null(value) || (taken != NULL && (strcmp(key, taken[0]) == 0 || strcmp(key, taken[1]) == 0)))
			continue;
		if (!is_setting(key))
			return wrong(e, "unknown key \"%.64s\"", key);
		text_add(t, key);
		text_add(t, " = ");
		if (!value_add(t, key, value, depth, e))
			return false;
		text_add(t, "; ");
	}
	return true;
}

static bool
value_add(struct text *t, const char *key, const json_t *value, unsigned depth, struct body_error *e)
{
	if (depth == DEEP)
		return wrong(e, "\"%.64s\": nested too deep", key);
	switch (json_typeof(value)) {
	case JSON_STRING:
		return string_add(t, key, json_string_value(value), e);
	case JSON_INTEGER:
	case JSON_REAL:
		number_add(t, value);
		return true;
	case JSON_TRUE:
		text_add(t, "true");
		return true;
	case JSON_FALSE:
		text_add(t, "false");
		return true;
	case JSON_ARRAY:
		return list_add(t, key, value, depth + 1, e);
	case JSON_OBJECT:
		text_add(t, "{ ");
		if (!settings_add(t, (json_t *)(uintptr_t)value, NULL, depth + 1, e))
			return false;
		text_add(t, "}");
		return true;
	default:
		return wrong(e, "\"%.64s\": null in a list (expected a value)", key);
	}
}

/* ---- the body ---- */

static bool
owner_take(json_t *root, char owner[OWNER_MAX + 1], struct body_error *e)
{
	const json_t *given = json_object_get(root, "owner");
	const char *text = json_string_value(given);

	owner[0] = '\0';
	if (given == NULL || json_is_null(given))
		return true;
	e->key = "owner";
	if (text == NULL || !body_is_text(text, OWNER_MAX))
		return wrong(e, "expected a text of at most %d bytes without control characters", OWNER_MAX);
	e->key = NULL;
	memcpy(owner, text, strlen(text) + 1);
	return true;
}

static bool
group_add(struct text *t, json_t *root, const char *key, const char *name, struct body_error *e)
{
	const char *const taken[] = { key, "owner" };
	const json_t *given = json_object_get(root, key);
	const char *text = json_string_value(given);

	if (given != NULL && !json_is_null(given) && (text == NULL || strcmp(text, name) != 0))
		return wrong(e, "\"%s\" is not what the path says (expected \"%.64s\", or nothing)", key, name);
	text_add(t, "{ ");
	text_add(t, key);
	text_add(t, " = ");
	if (!string_add(t, key, name, e))
		return false;
	text_add(t, "; ");
	if (!settings_add(t, root, taken, 1, e))
		return false;
	text_add(t, "}");
	return true;
}

char *
settings_text(const char *bytes, size_t length, const char *key, const char *name, char owner[OWNER_MAX + 1],
    struct body_error *error)
{
	struct text t = { .bytes = NULL };
	json_error_t at;
	json_t *root = NULL;
	bool ok = false;

	*error = (struct body_error){ .key = NULL };
	if (length > BODY_MAX)
		wrong(error, "the body is larger than %d bytes", BODY_MAX);
	else if ((root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &at)) == NULL)
		wrong(error, "the body is no JSON: line %d, column %d: %.160s", at.line, at.column, at.text);
	else if (!json_is_object(root))
		wrong(error, "the body is no JSON object");
	else
		ok = owner_take(root, owner, error) && group_add(&t, root, key, name, error);
	json_decref(root);
	if (ok)
		return t.bytes;
	free(t.bytes);
	return NULL;
}
