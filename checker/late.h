/* late.h - how late the last 65,536 starts were.
 *
 * Counts in buckets whose width is 1/32 of their value, so that a percentile is
 * right to 3 % and neither adding nor asking looks at 65,536 numbers. */
#ifndef CHECKER_LATE_H
#define CHECKER_LATE_H

#include <stdint.h>

enum { LATE_WINDOW = 65536, LATE_BUCKETS = 896 };

struct late {                          /* zeroed: empty */
	uint32_t count[LATE_BUCKETS];
	uint16_t ring[LATE_WINDOW];    /* the bucket of each start, oldest overwritten */
	uint32_t next, filled;
};

void late_add(struct late *l, uint64_t us);
/* The value that `permille` of the starts do not exceed; 1000: the latest. 0 when empty. */
uint64_t late_quantile(const struct late *l, unsigned permille);

#endif
