/* pace.h - when the next probe of a target starts. Pure functions of the target's state. */
#ifndef CHECKER_PACE_H
#define CHECKER_PACE_H

#include <stdint.h>

#include "checker/target.h"

/* When a probe may start (UINT64_MAX: something has to end first), and the grid point that it then belongs to. */
struct slot {
	uint64_t due_us, grid_us;
};

struct slot pace_next(const struct target *t);
uint64_t pace_of(const struct target *t);      /* from one start to the next, as things are */

/* A start's distance from its grid point, in 1/65536 of the pace: half of `percent` to either side. */
int32_t pace_jitter(uint64_t random, unsigned percent);

#endif
