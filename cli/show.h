/* show.h - what more than one verb shows. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/verbs.h"

void show_event_text(const json_t *event);        /* history.c; ends the line */
void show_members(const struct cli *c, const json_t *members, unsigned indent);        /* objects.c */

static inline const char *
plural(long long n)                    /* the s behind a noun */
{
	return n == 1 ? "" : "s";
}

#endif
