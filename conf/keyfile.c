/* keyfile.c - a key's secret in a file of its own. */
#include "conf/keyfile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dname.h"
#include "base/mem.h"
#include "conf/source.h"

/* ---- words ---- */

/* Behind blanks and comments of all three kinds. */
static const char *
gap(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n\f\v");
		if (*p == '#' || strncmp(p, "//", 2) == 0) {
			p += strcspn(p, "\n");
		} else if (strncmp(p, "/*", 2) == 0) {
			const char *end = strstr(p + 2, "*/");

			p = end != NULL ? end + 2 : p + strlen(p);
		} else {
			return p;
		}
	}
}

/* The next word at *p, in quotes or without, or a mark; *p goes behind it. False: there is none, or it is too long. */
static bool
word(const char **p, char out[KEYFILE_WORD])
{
	const char *from = gap(*p);
	bool quoted = *from == '"';
	size_t n;

	if (quoted)
		n = strcspn(++from, "\"\n");
	else
		n = strchr("{};", *from) != NULL ? 1 : strcspn(from, " \t\r\n\f\v{};\"");
	if (*from == '\0' || n >= KEYFILE_WORD || (quoted && from[n] != '"'))
		return false;
	memcpy(out, from, n);
	out[n] = '\0';
	*p = from + n + quoted;
	return true;
}

static bool
expect(const char **p, const char *what)
{
	char out[KEYFILE_WORD];

	return word(p, out) && strcmp(out, what) == 0;
}

/* ---- statements ---- */

/* What stands between the braces, which end at *p. */
static bool
body_read(const char **p, struct keyfile *out)
{
	char name[KEYFILE_WORD], value[KEYFILE_WORD];

	while (word(p, name) && strcmp(name, "}") != 0) {
		if (!word(p, value) || !expect(p, ";"))
			return false;
		if (strcasecmp(name, "algorithm") == 0) {
			strcpy(out->algorithm, value);
		} else if (strcasecmp(name, "secret") == 0) {
			free(out->secret);
			out->secret = mem_text(value);
		} else {
			return false;
		}
	}
	return strcmp(name, "}") == 0 && out->secret != NULL;
}

/* The statement for name, behind those for other keys. */
static const char *
statements_read(const char *p, const uint8_t *name, struct keyfile *out)
{
	uint8_t found[DNAME_MAX];
	char text[KEYFILE_WORD];

	while (*gap(p) != '\0') {
		if (!expect(&p, "key") || !word(&p, text) || dname_parse(text, found) == 0 || !expect(&p, "{") ||
		    !body_read(&p, out) || !expect(&p, ";"))
			return "no key file";
		if (dname_equal(found, name))
			return NULL;
		free(out->secret);
		*out = (struct keyfile){ .secret = NULL };
	}
	return "holds no key of this name";
}

const char *
keyfile_parse(const char *text, const uint8_t *name, struct keyfile *out)
{
	const char *wrong = NULL;

	*out = (struct keyfile){ .secret = NULL };
	if (strchr(text, '{') != NULL)
		wrong = statements_read(text, name, out);
	else
		out->secret = mem_text(text);
	if (wrong != NULL) {
		free(out->secret);
		out->secret = NULL;
	}
	return wrong;
}

const char *
keyfile_read(const char *path, const uint8_t *name, struct keyfile *out)
{
	const char *wrong = NULL;
	size_t length;
	char *text = source_bytes(path, &length, &wrong);

	if (text == NULL)
		return wrong;
	wrong = strlen(text) == length ? keyfile_parse(text, name, out) : "holds a NUL byte";
	free(text);
	return wrong;
}
