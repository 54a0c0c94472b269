/* dname.c - domain names in uncompressed wire form. */
#include "base/dname.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* One character of master file text, escapes resolved. Returns what follows it, NULL if malformed. */
static const char *
dname_char(const char *text, uint8_t *out)
{
	if (*text != '\\') {
		*out = (uint8_t)*text;
		return text + 1;
	}
	text++;
	if (!isdigit((unsigned char)*text)) {
		*out = (uint8_t)*text;
		return *text != '\0' ? text + 1 : NULL;
	}
	if (!isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
		return NULL;
	int n = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
	*out = (uint8_t)n;
	return n <= 255 ? text + 3 : NULL;
}

size_t
dname_parse(const char *text, uint8_t out[DNAME_MAX])
{
	size_t label = 0, n = 1;               /* where the open label's length byte is; bytes so far */

	out[0] = 0;
	if (strcmp(text, ".") == 0)
		return 1;
	while (*text != '\0') {
		if (*text == '.') {
			if (n - label == 1 || n >= DNAME_MAX)
				return 0;
			label = n++;
			out[label] = 0;
			text++;
			continue;
		}
		uint8_t byte;

		text = dname_char(text, &byte);
		if (text == NULL || n >= DNAME_MAX || n - label > LABEL_MAX)
			return 0;
		out[n++] = dname_fold(byte);
		out[label]++;
	}
	if (n == 1)
		return 0;                      /* empty text */
	if (out[label] != 0) {                 /* no final dot */
		if (n >= DNAME_MAX)
			return 0;
		out[n++] = 0;
	}
	return n;
}

char *
dname_format(const uint8_t *name, char *buf)
{
	char *p = buf;

	if (*name == 0)
		*p++ = '.';
	for (; *name != 0; name += *name + 1) {
		if (p != buf)
			*p++ = '.';
		for (unsigned i = 1; i <= *name; i++) {
			uint8_t c = name[i];

			if (c <= 0x20 || c >= 0x7f) {
				p += snprintf(p, 5, "\\%03u", c);
				continue;
			}
			if (strchr(".\\\";()@$", c) != NULL)
				*p++ = '\\';
			*p++ = (char)c;
		}
	}
	*p = '\0';
	return buf;
}

size_t
dname_read(const uint8_t *bytes, size_t size)
{
	size_t n = 0;

	while (n < size && n < DNAME_MAX) {
		uint8_t length = bytes[n++];

		if (length == 0)
			return n;
		if (length > LABEL_MAX)
			return 0;
		n += length;
	}
	return 0;
}

size_t
dname_length(const uint8_t *name)
{
	const uint8_t *p = name;

	while (*p != 0)
		p += *p + 1;
	return (size_t)(p - name) + 1;
}

unsigned
dname_labels(const uint8_t *name)
{
	unsigned n = 0;

	for (; *name != 0; name += *name + 1)
		n++;
	return n;
}

/* Folding length bytes is harmless: they are below 'A'. */
static bool
dname_same(const uint8_t *a, const uint8_t *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (dname_fold(a[i]) != dname_fold(b[i]))
			return false;
	return true;
}

bool
dname_equal(const uint8_t *a, const uint8_t *b)
{
	size_t n = dname_length(a);

	return n == dname_length(b) && dname_same(a, b, n);
}

bool
dname_is_under(const uint8_t *name, const uint8_t *ancestor)
{
	size_t most = dname_length(ancestor), n = dname_length(name);

	while (n > most) {
		n -= *name + 1u;
		name += *name + 1;
	}
	return n == most && dname_same(name, ancestor, n);
}

void
dname_lower(uint8_t *name)
{
	for (; *name != 0; name += *name + 1)
		for (unsigned i = 1; i <= *name; i++)
			name[i] = dname_fold(name[i]);
}
