/* pattern.h - a regular expression on what a server sent: PCRE2 on bytes, with bounded effort.
 *
 * The data is a stranger's. PCRE2's own match limit counts anew at every starting point,
 * so that 64 KiB could still cost minutes; here every step of the machine is counted
 * (an automatic callout) against one budget for a whole probe. */
#ifndef CHECKER_PATTERN_H
#define CHECKER_PATTERN_H

#include <stddef.h>
#include <stdint.h>

struct pattern;

enum {
	PATTERN_ROOM = 65536,          /* bytes that are looked at, of a body or reply */
	PATTERN_BUDGET = 500000        /* steps; some 20 ms at worst */
};

enum pattern_match { PATTERN_YES, PATTERN_NO, PATTERN_GAVE_UP };

struct pattern *pattern_new(const char *text, char *error, size_t error_size);         /* NULL with a message */
void pattern_free(struct pattern *p);  /* NULL is fine */

/* Takes what it cost from *budget, which starts at PATTERN_BUDGET for each probe. */
enum pattern_match pattern_match(const struct pattern *p, const char *data, size_t size, uint32_t *budget);

#endif
