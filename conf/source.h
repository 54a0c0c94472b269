/* source.h - the text of a configuration, bounded before libconfig sees it.
 *
 * libconfig reads what it is given, however large, and frees groups within
 * groups by recursion. So a text is looked through first: its size, how deep it
 * nests and how far its @includes go are bounded, strings and comments aside. It
 * also takes 4294967297 for 1: whole numbers that need more than 32 bits must say L. */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

enum {
	SOURCE_MOST = 64 << 20,        /* bytes, included files too */
	SOURCE_DEEP = 16,              /* braces and brackets within each other; the contract needs 7 */
	SOURCE_INCLUDES = 10           /* files within each other, libconfig's own bound */
};

/* All of a regular file, with a NUL behind it; malloc'd. NULL: cannot be read or is larger than SOURCE_MOST, as *wrong
 * says, which is good until the next strerror(3). */
char *source_bytes(const char *path, size_t *length, const char **wrong);

/* The whole file, with a NUL behind it; malloc'd. NULL: cannot be read, which is said. */
char *source_read(const char *path, size_t *length, struct diag *diag);

/* Parses text, which ends with a NUL behind its length, into config, which is
 * initialised in any case. False: a mistake, which is said. folder: of @includes,
 * without a final slash; it must outlive config's use. */
bool source_parse(config_t *config, const char *text, size_t length, const char *file, const char *folder,
    struct diag *diag);

#endif
