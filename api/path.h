/* path.h - request paths: from untrusted bytes to a place in the route table.
 * Pure functions over bounded buffers. */
#ifndef API_PATH_H
#define API_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The longest thing a path names is SERVICE:SERVER in presentation form; a path names three things at most. */
enum { PATH_NAME_MAX = 1200, PATH_NAMES = 3 };

/* Decodes %XX in length bytes to out of size bytes, NUL-terminated. False when a % is not followed by
 * two hex digits, a byte (decoded or not) is a control character, or it does not fit. */
bool path_decode(const char *bytes, size_t length, char *out, size_t size);

/* What became of a path held against a pattern. */
enum path_match { PATH_OTHER, PATH_MATCHES, PATH_MALFORMED };

/* A pattern is a path in which PATH_NAMES segments at most may be "*" (any one segment, not empty), or the last one "**" (all that
 * is left, slashes too, not empty). What each stands for is decoded to names, in their order, "" where the pattern has no more. A slash
 * inside a name may be sent as such where ** stands, and as %2F anywhere. */
enum path_match path_match(const char *pattern, const char *path, char names[PATH_NAMES][PATH_NAME_MAX]);

#endif
