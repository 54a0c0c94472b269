/* path.c - request paths. */
#include "api/path.h"

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

static enum path_match
path_name(const char *bytes, size_t length, char name[PATH_NAME_MAX])
{
	if (length == 0)
		return PATH_OTHER;
	return path_decode(bytes, length, name, PATH_NAME_MAX) ? PATH_MATCHES : PATH_MALFORMED;
}

enum path_match
path_match(const char *pattern, const char *path, char name[PATH_NAME_MAX])
{
	size_t literal = strcspn(pattern, "*"), taken;
	const char *rest = pattern + literal;

	name[0] = '\0';
	if (strncmp(pattern, path, literal) != 0)
		return PATH_OTHER;
	path += literal;
	if (*rest == '\0')
		return *path == '\0' ? PATH_MATCHES : PATH_OTHER;
	if (rest[1] == '*')
		return path_name(path, strlen(path), name);
	taken = strcspn(path, "/");
	return strcmp(path + taken, rest + 1) == 0 ? path_name(path, taken, name) : PATH_OTHER;
}
