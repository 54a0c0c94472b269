/* path.c - request paths. */
#include "api/path.h"

#include <assert.h>
#include <string.h>

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
path_decode(const char *bytes, size_t length, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte == '%') {
			if (length - i < 3 || hex(bytes[i + 1]) < 0 || hex(bytes[i + 2]) < 0)
				return false;
			byte = (unsigned char)(hex(bytes[i + 1]) << 4 | hex(bytes[i + 2]));
			i += 2;
		}
		/* Names end in log lines: no byte may end or colour one. */
		if (byte < ' ' || byte == 0x7f || n + 1 >= size)
			return false;
		out[n++] = (char)byte;
	}
	if (n >= size)
		return false;
	out[n] = '\0';
	return true;
}

enum path_match
path_match(const char *pattern, const char *path, char names[PATH_NAMES][PATH_NAME_MAX])
{
	enum path_match match = PATH_MATCHES;
	size_t n = 0;

	for (size_t i = 0; i < PATH_NAMES; i++)
		names[i][0] = '\0';
	while (*pattern != '\0') {
		size_t taken;

		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return PATH_OTHER;
			continue;
		}
		assert(n < PATH_NAMES);
		taken = pattern[1] == '*' ? strlen(path) : strcspn(path, "/");
		if (taken == 0)
			return PATH_OTHER;
		if (!path_decode(path, taken, names[n++], PATH_NAME_MAX))
			match = PATH_MALFORMED;        /* if all the rest fits */
		path += taken;
		pattern += strspn(pattern, "*");
	}
	return *path == '\0' ? match : PATH_OTHER;
}
