/* verdict.h - what the probes of one target add up to. A pure function: no
 * clock, no socket, no allocation.
 *
 * UNKNOWN until the first threshold is reached. `fall` failures in a row: DOWN.
 * `rise` successes in a row: UP; from UNKNOWN one success is enough. A loss above
 * max_loss of the last 64 is DOWN too, until it has fallen to half of that. */
#ifndef CHECKER_VERDICT_H
#define CHECKER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict_value { VERDICT_UNKNOWN, VERDICT_UP, VERDICT_DOWN };
const char *verdict_text(enum verdict_value v);        /* "unknown", "up", "down" */

struct verdict_rule {
	unsigned rise, fall;           /* 1..64 */
	unsigned max_loss;             /* percent; 0: off */
};

struct verdict {
	uint64_t history;              /* newest in bit 0; 1: success */
	uint8_t seen;                  /* results in history, 0..64 */
	enum verdict_value value;
};

/* Takes one result; true when the value changed. Local failures are never fed. */
bool verdict_feed(struct verdict *v, const struct verdict_rule *rule, bool ok);

/* The evidence does not fully agree with the value: while UP any failure among the last `rise` results,
 * while DOWN any success among the last `fall`; UNKNOWN is always in doubt. */
bool verdict_doubt(const struct verdict *v, const struct verdict_rule *rule);

#endif
