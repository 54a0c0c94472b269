/* zonefile.c - reading master files (RFC 1035, 5; $TTL: RFC 2308, 4; RFC 3597).
 *
 * lines.h makes lines of a file, this file takes off the front of a record (owner, TTL,
 * class, type) and obeys directives, rdata.h reads the rest, gather.h makes a
 * zone of it. Every mistake is reported with its place and reading goes on, so that one
 * run shows them all.
 *
 * $INCLUDE is relative to the folder of the file that has it; the origin and the last
 * owner are as before behind it. $GENERATE is no part of the standards and refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "zones/gather.h"
#include "zones/lines.h"
#include "zones/rdata.h"

enum {
	INCLUDE_DEPTH = 16,
	INCLUDE_FILES = 1000,          /* in all: files that include each other several times would never end */
	TTL_MAX = 0x7fffffff           /* RFC 2181, 8 */
};

struct source {                        /* an open file */
	const char *name;              /* NULL: text, which includes nothing */
	struct lines *lines;
	unsigned depth;                /* of $INCLUDE */
	uint8_t origin[DNAME_MAX];
};

struct load {
	const uint8_t *apex;
	struct diag *diag;
	struct gather *gather;
	struct rdata_reader *reader;
	struct place place;            /* of the line at hand */
	uint8_t owner[DNAME_MAX];
	enum owner { OWNER_NONE, OWNER_REFUSED, OWNER_GOOD } has_owner;
	bool has_default, has_last;    /* a $TTL, an explicit TTL before */
	uint32_t default_ttl, last_ttl;
	char **names;                  /* of files, which places refer to */
	size_t nnames;
	uint8_t rdata[RDATA_MAX];
};

/* A record's front. */
struct front {
	bool has_ttl;
	uint32_t ttl;
	uint16_t type;                 /* 0: not read yet */
};

#define load_wrong(l, path, ...) diag_add((l)->diag, (l)->place.file, (l)->place.line, path, __VA_ARGS__)

enum { PATH_TEXT = DNAME_TEXT + TYPE_TEXT };

/* "owner TYPE" of the record at hand, for messages. */
static char *
load_path(const struct load *l, const struct front *f, char path[PATH_TEXT])
{
	char type[TYPE_TEXT];

	dname_format(l->owner, path);
	if (f->type != 0) {
		strcat(path, " ");
		strcat(path, type_format(f->type, type));
	}
	return path;
}

/* ---- fields ---- */

/* Takes the next field off *text; an empty one at the end. */
static char *
field_next(char **text)
{
	char *field = *text, *p;

	while (*field == ' ')
		field++;
	for (p = field; *p != '\0' && *p != ' '; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	*text = p;
	if (*p == ' ') {
		*p = '\0';
		*text = p + 1;
	}
	return field;
}

/* Digits with units (1h30m) or without; false: something else. */
static bool
ttl_parse(const char *text, uint64_t *ttl)
{
	static const char units[] = "smhdw";
	static const unsigned seconds[] = { 1, 60, 3600, 86400, 604800 };
	uint64_t sum = 0;

	if (*text < '0' || *text > '9')
		return false;
	while (*text != '\0') {
		uint64_t n = 0;
		const char *unit;

		if (*text < '0' || *text > '9')
			return false;
		for (; *text >= '0' && *text <= '9'; text++)
			n = n > TTL_MAX ? n : 10 * n + (unsigned)(*text - '0');
		unit = *text != '\0' ? strchr(units, *text | 0x20) : units;
		if (unit == NULL)
			return false;
		text += *text != '\0';
		sum += sum > TTL_MAX ? 0 : n * seconds[unit - units];
	}
	*ttl = sum;
	return true;
}

/* Does the text of a name end in a dot that is not escaped? */
static bool
name_is_absolute(const char *text)
{
	size_t n = strlen(text), k;

	if (n == 0 || text[n - 1] != '.')
		return false;
	for (k = n - 1; k > 0 && text[k - 1] == '\\'; k--)
		;
	return (n - 1 - k) % 2 == 0;
}

/* A name as text, relative to origin; false: it is none. */
static bool
name_parse(const char *text, const uint8_t *origin, uint8_t out[DNAME_MAX])
{
	size_t n, more = dname_length(origin);

	if (strcmp(text, "@") == 0) {
		memcpy(out, origin, more);
		return true;
	}
	n = dname_parse(text, out);
	if (n == 0 || name_is_absolute(text))
		return n != 0;
	if (n - 1 + more > DNAME_MAX)
		return false;
	memcpy(out + n - 1, origin, more);
	return true;
}

/* ---- records ---- */

/* A class, and whether text is one at all. */
static bool
class_parse(const char *text, unsigned *class)
{
	static const struct { const char *name; unsigned class; } classes[] = {
		{ "IN", CLASS_IN }, { "CH", CLASS_CH }, { "HS", 4 }, { "CS", 2 }, { "NONE", CLASS_NONE }, { "CLASS1", CLASS_IN },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcasecmp(text, classes[i].name) == 0) {
			*class = classes[i].class;
			return true;
		}
	*class = 0;
	return strncasecmp(text, "CLASS", 5) == 0 && text[5] >= '0' && text[5] <= '9';
}

/* Takes the owner off a line that has one. */
static enum owner
load_new_owner(struct load *l, const struct source *s, char **text)
{
	char name[DNAME_TEXT], apex[DNAME_TEXT];
	const char *field = field_next(text);

	if (!name_parse(field, s->origin, l->owner)) {
		load_wrong(l, NULL, "the owner \"%.300s\" is no domain name (expected labels of 1 to 63 bytes, 255 in all)", field);
		return OWNER_REFUSED;
	}
	if (!dname_is_under(l->owner, l->apex)) {
		load_wrong(l, dname_format(l->owner, name), "the owner is outside the zone (expected a name at or below %s)",
		    dname_format(l->apex, apex));
		return OWNER_REFUSED;
	}
	return OWNER_GOOD;
}

/* The owner of a line: the one before where the line begins with a blank. If that was refused, so is this, and
 * it has been said. */
static bool
load_owner(struct load *l, const struct source *s, char **text)
{
	if (**text != ' ')
		l->has_owner = load_new_owner(l, s, text);
	else if (l->has_owner == OWNER_NONE)
		load_wrong(l, NULL, "there is no owner (expected one: no record with an owner is before this one)");
	return l->has_owner == OWNER_GOOD;
}

static bool
front_ttl(struct load *l, struct front *f, const char *field, uint64_t ttl)
{
	char path[PATH_TEXT];

	if (ttl > TTL_MAX) {
		load_wrong(l, load_path(l, f, path), "the TTL %.40s is too large (expected at most 2147483647: RFC 2181, 8)", field);
		return false;
	}
	f->ttl = (uint32_t)ttl;
	f->has_ttl = true;
	return true;
}

static bool
front_type(struct load *l, struct front *f, const char *field)
{
	char path[PATH_TEXT], type[TYPE_TEXT];
	uint16_t t = type_parse(field);

	if (*field == '\0')
		load_wrong(l, load_path(l, f, path), "there is no type (expected one, and its data)");
	else if (t == 0)
		load_wrong(l, load_path(l, f, path), "\"%.100s\" is no type (expected a mnemonic, or TYPE and a number)", field);
	else if (type_is_meta(t))
		load_wrong(l, load_path(l, f, path), "%s is a type of questions and messages, and in no zone (expected one of records)",
		    type_format(t, type));
	else
		f->type = t;
	return f->type != 0;
}

/* TTL and class in either order, and the type. */
static bool
load_front(struct load *l, char **text, struct front *f)
{
	bool has_class = false;
	char path[PATH_TEXT];

	for (;;) {
		const char *field = field_next(text);
		uint64_t ttl;
		unsigned class;

		if (!f->has_ttl && ttl_parse(field, &ttl)) {
			if (!front_ttl(l, f, field, ttl))
				return false;
		} else if (!has_class && class_parse(field, &class)) {
			has_class = true;
			if (class != CLASS_IN) {
				load_wrong(l, load_path(l, f, path), "the class %.40s is not served (expected IN)", field);
				return false;
			}
		} else {
			return front_type(l, f, field);
		}
	}
}

/* A record's TTL: its own, else the $TTL, else the last one given (RFC 1035, 5.1), else for the SOA its minimum. */
static bool
load_ttl(struct load *l, struct front *f, const uint8_t *rdata, size_t size)
{
	if (f->has_ttl) {
		l->last_ttl = f->ttl;
		l->has_last = true;
	} else if (l->has_default) {
		f->ttl = l->default_ttl;
	} else if (l->has_last) {
		f->ttl = l->last_ttl;
	} else if (f->type == TYPE_SOA) {
		const uint8_t *p = rdata + size - 4;

		f->ttl = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
		f->ttl = f->ttl > TTL_MAX ? TTL_MAX : f->ttl;
		l->last_ttl = f->ttl;
		l->has_last = true;
	} else {
		char path[PATH_TEXT];

		load_wrong(l, load_path(l, f, path), "there is no TTL (expected one here, before, or $TTL)");
		return false;
	}
	return true;
}

static void
load_record(struct load *l, const struct source *s, char *text)
{
	char expected[RDATA_EXPECTED];
	char path[PATH_TEXT];
	struct front f = { .type = 0 };
	int size;

	if (!load_owner(l, s, &text))
		return;
	if (!load_front(l, &text, &f)) {
		gather_refuse(l->gather, l->owner);
		return;
	}
	size = rdata_read(l->reader, f.type, text, l->rdata);
	if (size < 0)
		load_wrong(l, load_path(l, &f, path), "\"%.300s\" is not understood (expected %s)", text, rdata_expected(f.type, expected));
	if (size < 0 || !load_ttl(l, &f, l->rdata, (size_t)size))
		gather_refuse(l->gather, l->owner);
	else
		gather_add(l->gather, l->place, l->owner, f.type, f.ttl, l->rdata, (size_t)size);
}

/* ---- directives ---- */

static void load_file(struct load *l, const char *name, const uint8_t *origin, unsigned depth);
static void load_lines(struct load *l, struct source *s);

static void
load_default_ttl(struct load *l, char *text)
{
	const char *field = field_next(&text);
	uint64_t ttl;

	if (!ttl_parse(field, &ttl) || ttl > TTL_MAX || *field_next(&text) != '\0') {
		load_wrong(l, "$TTL", "\"%.100s\" is no TTL (expected 0 to 2147483647, alone)", field);
		return;
	}
	l->default_ttl = (uint32_t)ttl;
	l->has_default = true;
}

static void
load_origin(struct load *l, struct source *s, char *text)
{
	const char *field = field_next(&text);
	uint8_t origin[DNAME_MAX];

	if (!name_parse(field, s->origin, origin) || *field_next(&text) != '\0') {
		load_wrong(l, "$ORIGIN", "\"%.300s\" is no domain name (expected one, alone)", field);
		return;
	}
	memcpy(s->origin, origin, sizeof(origin));
	rdata_reader_origin(l->reader, origin);
}

/* A file's name as given, without the quotes it may have and with escapes resolved. */
static void
path_unquote(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		if (*text == '"')
			continue;
		if (*text == '\\' && text[1] != '\0')
			text++;
		*out++ = *text;
	}
	*out = '\0';
}

/* path as seen from the folder of the file that names it. */
static char *
path_from(const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (*path == '/' || slash == NULL)
		return mem_text(path);
	return mem_printf("%.*s%s", (int)(slash - file) + 1, file, path);
}

static void
load_include(struct load *l, struct source *s, char *text)
{
	char *name = field_next(&text), *path;
	const char *origin_text = field_next(&text);
	uint8_t origin[DNAME_MAX], owner[DNAME_MAX];
	struct place place = l->place;
	enum owner has_owner = l->has_owner;

	path_unquote(name);
	memcpy(origin, s->origin, sizeof(origin));
	memcpy(owner, l->owner, sizeof(owner));
	if (s->name == NULL || *name == '\0' || *field_next(&text) != '\0') {
		load_wrong(l, "$INCLUDE", s->name == NULL ? "no file can be included here (expected records)" :
		    "this is not understood (expected a file's name, and perhaps an origin)");
		return;
	}
	if (*origin_text != '\0' && !name_parse(origin_text, s->origin, origin)) {
		load_wrong(l, "$INCLUDE", "\"%.300s\" is no domain name (expected the origin for the file)", origin_text);
		return;
	}
	if (s->depth == INCLUDE_DEPTH || l->nnames > INCLUDE_FILES) {
		load_wrong(l, "$INCLUDE", "too many files (expected at most %d inside each other, and %d in all)", INCLUDE_DEPTH,
		    INCLUDE_FILES);
		return;
	}
	path = path_from(s->name, name);
	load_file(l, path, origin, s->depth + 1);
	free(path);
	l->place = place;
	memcpy(l->owner, owner, sizeof(owner));
	l->has_owner = has_owner;
	rdata_reader_origin(l->reader, s->origin);
}

static void
load_directive(struct load *l, struct source *s, char *text)
{
	const char *name = field_next(&text);

	if (strcasecmp(name, "$TTL") == 0)
		load_default_ttl(l, text);
	else if (strcasecmp(name, "$ORIGIN") == 0)
		load_origin(l, s, text);
	else if (strcasecmp(name, "$INCLUDE") == 0)
		load_include(l, s, text);
	else if (strcasecmp(name, "$GENERATE") == 0)
		load_wrong(l, "$GENERATE", "this is an extension of other servers (expected the records themselves: RFC 1035, 5.1)");
	else
		load_wrong(l, NULL, "\"%.100s\" is no directive (expected $ORIGIN, $TTL or $INCLUDE)", name);
}

/* ---- files ---- */

static void
load_lines(struct load *l, struct source *s)
{
	const char *mistake;
	char *text;

	rdata_reader_origin(l->reader, s->origin);
	while ((text = lines_next(s->lines, &l->place.line, &mistake)) != NULL) {
		if (mistake != NULL) {
			load_wrong(l, NULL, "%s", mistake);
			gather_refuse(l->gather, l->apex);
		} else if (*text == '$')
			load_directive(l, s, text);
		else
			load_record(l, s, text);
	}
	lines_free(s->lines);
}

/* A copy of a file's name that lives as long as the loading. */
static const char *
load_name(struct load *l, const char *name)
{
	l->names = mem_grow(l->names, l->nnames, sizeof(*l->names));
	return l->names[l->nnames++] = mem_text(name);
}

static void
load_file(struct load *l, const char *name, const uint8_t *origin, unsigned depth)
{
	struct source s = { .name = load_name(l, name), .depth = depth };
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	memcpy(s.origin, origin, dname_length(origin));
	if (fd < 0) {
		if (depth > 0)
			load_wrong(l, "$INCLUDE", "%.300s: %s (expected a master file)", name, strerror(errno));
		else
			diag_add(l->diag, name, 0, NULL, "%s (expected a master file)", strerror(errno));
		gather_refuse(l->gather, l->apex);     /* SOA and NS may be in it */
		return;
	}
	s.lines = lines_open(fd);
	l->place.file = s.name;
	load_lines(l, &s);
}

static struct load *
load_new(const uint8_t *apex, struct diag *diag)
{
	struct load *l = mem_alloc(sizeof(*l));

	l->apex = apex;
	l->diag = diag;
	l->gather = gather_new(apex, diag);
	l->reader = rdata_reader_new();
	return l;
}

static struct zone *
load_end(struct load *l, const char *file)
{
	struct zone *z = gather_end(l->gather, file);

	rdata_reader_free(l->reader);
	while (l->nnames > 0)
		free(l->names[--l->nnames]);
	free(l->names);
	free(l);
	return z;
}

struct zone *
zone_load(const uint8_t *apex, const char *file, struct diag *diag)
{
	struct load *l = load_new(apex, diag);

	load_file(l, file, apex, 0);
	return load_end(l, file);
}

struct zone *
zone_parse(const uint8_t *apex, const char *text, size_t size, const char *file, struct diag *diag)
{
	struct load *l = load_new(apex, diag);
	struct source s = { .lines = lines_text(text, size) };

	l->place.file = load_name(l, file);
	memcpy(s.origin, apex, dname_length(apex));
	load_lines(l, &s);
	return load_end(l, file);
}
