/* reader.c - groups along their rows, and how a mistake is told. */
#include "conf/reader.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/amend.h"

enum { PATH_TEXT = 512, PATH_DEEP = 32 };

/* ---- small readings of libconfig ---- */

const config_setting_t *
reader_item(const config_setting_t *list, size_t n)
{
	return config_setting_get_elem(list, (unsigned)n);
}

const config_setting_t *
reader_get(const config_setting_t *group, const char *name)
{
	return config_setting_is_group(group) ? config_setting_get_member(group, name) : NULL;
}

const char *
reader_text(const config_setting_t *group, const char *name)
{
	const config_setting_t *s = reader_get(group, name);

	return s != NULL ? config_setting_get_string(s) : NULL;
}

static size_t
length(const config_setting_t *s)
{
	return (size_t)config_setting_length(s);
}

/* ---- mistakes ---- */

/* A message is one line, whatever the file holds. */
static void
tidy(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			*text = '?';
}

/* A service's name may end with a dot; the path has its own. */
static int
step_length(const char *name)
{
	size_t n = strnlen(name, 253);

	return (int)(n > 1 && name[n - 1] == '.' ? n - 1 : n);
}

/* One step of the path: ".name", the name of a group in a list, or "[index]". */
static size_t
path_step(const config_setting_t *s, char *buf, size_t size)
{
	const char *name = config_setting_name(s);
	int n;

	if (name == NULL)
		name = reader_text(s, "name");
	if (name == NULL && added_of(s) != NULL)       /* a member: its place in a list would say nothing */
		name = reader_text(s, "server");
	if (name != NULL && *name != '\0')
		n = snprintf(buf, size, ".%.*s", step_length(name), name);
	else
		n = snprintf(buf, size, "[%d]", config_setting_index(s));
	return (size_t)n < size ? (size_t)n : size - 1;
}

static void
path_write(const config_setting_t *s, char buf[PATH_TEXT])
{
	const config_setting_t *steps[PATH_DEEP];
	size_t depth = 0, n = 0;

	for (; s != NULL && !config_setting_is_root(s) && depth < PATH_DEEP; s = config_setting_parent(s))
		steps[depth++] = s;
	buf[0] = '\0';
	while (depth > 0)
		n += path_step(steps[--depth], buf + n, PATH_TEXT - n);
	if (buf[0] == '.')
		memmove(buf, buf + 1, n);
	tidy(buf);
}

size_t
reader_mistakes(const struct reader *r)
{
	return r->diag->count + r->diag->dropped;
}

__attribute__((format(printf, 4, 0)))
static void
say(struct reader *r, const config_setting_t *s, const char *below, const char *fmt, va_list ap)
{
	const char *file = config_setting_source_file(s);
	struct conf_more *more = added_of(s);
	char path[PATH_TEXT], text[1024];
	size_t n;

	if (more != NULL)
		added_note(more, r->diag);
	if (r->diag->count == DIAG_MAX) {      /* a path costs a walk along its list: not for nothing */
		r->diag->dropped++;
		return;
	}
	path_write(s, path);
	n = strlen(path);
	if (below != NULL)
		snprintf(path + n, sizeof(path) - n, "%s%s", n > 0 ? "." : "", below);
	vsnprintf(text, sizeof(text), fmt, ap);
	if (more != NULL)                      /* its lines are not what an operator wrote */
		diag_add(r->diag, READER_ADDED, 0, path, "%s", text);
	else
		diag_add(r->diag, file != NULL ? file : r->file, config_setting_source_line(s), path, "%s", text);
}

void
reader_say(struct reader *r, const config_setting_t *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r, s, NULL, fmt, ap);
	va_end(ap);
}

void
reader_miss(struct reader *r, const config_setting_t *group, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(r, group, name, fmt, ap);
	va_end(ap);
}

const char *
reader_place(unsigned line, bool added, char buf[SHOWN])
{
	if (added)
		snprintf(buf, SHOWN, "added at run time");
	else
		snprintf(buf, SHOWN, "in line %u", line);
	return buf;
}

const char *
reader_show(const config_setting_t *s, char buf[SHOWN])
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING: {
		const char *text = config_setting_get_string(s);

		if (strlen(text) <= 80)
			snprintf(buf, SHOWN, "\"%s\"", text);
		else
			snprintf(buf, SHOWN, "\"%.77s...\"", text);
		break;
	}
	case CONFIG_TYPE_BOOL:
		snprintf(buf, SHOWN, "%s", config_setting_get_bool(s) ? "true" : "false");
		break;
	case CONFIG_TYPE_FLOAT:
		snprintf(buf, SHOWN, "%g", config_setting_get_float(s));
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		snprintf(buf, SHOWN, "%lld", config_setting_get_int64(s));
		break;
	case CONFIG_TYPE_GROUP:
		snprintf(buf, SHOWN, "a group");
		break;
	case CONFIG_TYPE_ARRAY:
		snprintf(buf, SHOWN, length(s) == 0 ? "an empty array" : "an array");
		break;
	default:
		snprintf(buf, SHOWN, length(s) == 0 ? "an empty list" : "a list");
	}
	tidy(buf);
	return buf;
}

const char *
reader_hint(const char *close, char buf[SHOWN])
{
	buf[0] = '\0';
	if (close != NULL)
		snprintf(buf, SHOWN, "; did you mean \"%.80s\"?", close);
	return buf;
}

/* ---- rows ---- */

static void *
place(void *out, size_t offset)
{
	return (char *)out + offset;
}

/* Numbers of any width; the kinds see to it that they fit. */
void
reader_put(void *out, size_t size, int64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)out = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)out = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)out = (uint32_t)value;
		break;
	default:
		assert(size == 8);
		*(uint64_t *)out = (uint64_t)value;
	}
}

void
reader_defaults(const struct group *group, void *out)
{
	for (size_t i = 0; i < group->nrows; i++) {
		const struct row *row = &group->rows[i];

		if (row->text != NULL)
			*(char **)place(out, row->offset) = mem_text(row->text);
		else if (row->initial != 0 && !row->list && row->kind != &kind_peer)   /* a socket's is its port */
			reader_put(place(out, row->offset), row->size, row->initial);
	}
}

static void
row_release(const struct row *row, void *out)
{
	char **texts = *(void **)place(out, row->offset);
	size_t count = row->list ? *(size_t *)place(out, row->count) : 0;

	if (row->kind->owned && texts != NULL)
		for (size_t i = 0; i < count; i++)
			free(texts[i]);
	free(texts);
}

void
reader_release(const struct group *group, void *out)
{
	for (size_t i = 0; i < group->nrows; i++) {
		const struct row *row = &group->rows[i];

		if (row->size > 0 && (row->list || row->kind->owned))
			row_release(row, out);
	}
}

size_t
reader_values(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	bool many = config_setting_is_array(s) || config_setting_is_list(s);
	size_t n = many ? length(s) : 1, kept = 0;
	char *values, shown[SHOWN];

	if (n == 0 || (row->most > 0 && n > (size_t)row->most)) {
		if (n == 0)
			reader_say(r, s, "%s (expected at least one value, or leave it out)", reader_show(s, shown));
		else
			reader_say(r, s, "%zu values (expected at most %lld)", n, (long long)row->most);
		return 0;
	}
	values = mem_array(n, row->kind->size);
	for (size_t i = 0; i < n; i++)
		if (row->kind->read(r, row, many ? reader_item(s, i) : s, values + kept * row->kind->size))
			kept++;
	*(void **)out = values;
	return kept;
}

static void
row_read(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	if (row->list) {
		*(size_t *)place(out, row->count) = reader_values(r, row, s, place(out, row->offset));
		return;
	}
	if (row->text != NULL) {               /* the default gives way */
		free(*(char **)place(out, row->offset));
		*(char **)place(out, row->offset) = NULL;
	}
	row->kind->read(r, row, s, place(out, row->offset));
}

/* ---- groups ---- */

static const struct row *
row_find(const struct group *group, const char *name)
{
	for (size_t i = 0; i < group->nrows; i++)
		if (strcmp(group->rows[i].name, name) == 0)
			return &group->rows[i];
	return NULL;
}

static const char *
row_close(const struct group *group, const char *name)
{
	unsigned best = name_tolerance(name) + 1;
	const char *close = NULL;

	for (size_t i = 0; i < group->nrows; i++) {
		unsigned d = name_distance(name, group->rows[i].name, best);

		if (d < best) {
			best = d;
			close = group->rows[i].name;
		}
	}
	return close;
}

static void
unknown_say(struct reader *r, const struct group *group, const config_setting_t *s)
{
	const char *close = row_close(group, config_setting_name(s));

	if (close != NULL)
		reader_say(r, s, "unknown setting (did you mean \"%s\"?)", close);
	else
		reader_say(r, s, "unknown setting (expected one of %s, see homing.conf(5))", group->what);
}

void
reader_group(struct reader *r, const struct group *group, const config_setting_t *s, unsigned types, void *out)
{
	char shown[SHOWN], words[256];

	reader_defaults(group, out);
	if (!config_setting_is_group(s)) {
		reader_say(r, s, "%s is no group (expected %s in braces)", reader_show(s, shown), group->what);
		return;
	}
	for (size_t i = 0; i < length(s); i++) {
		const config_setting_t *member = reader_item(s, i);
		const struct row *row = row_find(group, config_setting_name(member));

		if (row == NULL)
			unknown_say(r, group, member);
		else if (row->types == 0 || types == 0 || (row->types & types) != 0)
			row_read(r, row, member, out);
	}
	for (size_t i = 0; i < group->nrows; i++) {
		const struct row *row = &group->rows[i];

		if (row->required && (row->types == 0 || (row->types & types) != 0) && reader_get(s, row->name) == NULL)
			reader_miss(r, s, row->name, "missing (expected %s)",
			    row->words != NULL ? words_list(row->words, words, sizeof(words)) : row->kind->expected);
	}
}

const config_setting_t *
reader_list(struct reader *r, const config_setting_t *in, const char *name, size_t *count)
{
	const config_setting_t *s = reader_get(in, name);
	char shown[SHOWN];

	*count = 0;
	if (s == NULL)
		return NULL;
	if (!config_setting_is_list(s)) {
		if (!config_setting_is_array(s) || length(s) > 0) {
			reader_say(r, s, "%s is no list of groups (expected ( { ... }, { ... } ))", reader_show(s, shown));
			return NULL;
		}
	}
	*count = length(s);
	return s;
}

/* ---- names of the DNS, and files ---- */

char *
reader_dname(struct reader *r, const config_setting_t *group, uint8_t name[DNAME_MAX])
{
	const config_setting_t *s = reader_get(group, "name");
	const char *text = s != NULL ? config_setting_get_string(s) : NULL;
	char shown[SHOWN], buf[DNAME_TEXT];

	if (s == NULL)
		return NULL;                   /* said: it is required */
	if (text == NULL || dname_parse(text, name) == 0) {
		reader_say(r, s, "%s is no domain name (expected labels of 1 to 63 bytes with dots between, 255 bytes in all)",
		    reader_show(s, shown));
		memset(name, 0, DNAME_MAX);
		return NULL;
	}
	return mem_text(dname_format(name, buf));
}

char *
reader_path(const struct reader *r, const char *path)
{
	return *path == '/' ? mem_text(path) : mem_printf("%s/%s", r->folder, path);
}
