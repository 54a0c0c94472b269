/* diag.h - every mistake of one run, each with its place.
 *
 * What reads the operator's files (configuration, master files) adds a message
 * per mistake and goes on; whoever asked for the reading prints them all. The
 * form is the contract's: FILE:LINE: PATH: what is wrong (what was expected). */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>

struct diag {
	char **messages;               /* in the order found; owned here */
	size_t count;
	size_t dropped;                /* beyond DIAG_MAX: a broken million-line file stays bounded */
};

enum { DIAG_MAX = 1000 };

/* path may be NULL or "": then "FILE:LINE: text". line 0: then "FILE: PATH: text". */
void diag_add(struct diag *d, const char *file, unsigned line, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void diag_clear(struct diag *d);       /* frees the messages; d may be used again */

#endif
