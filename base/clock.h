/* clock.h - the two clocks, and durations as people write them.
 *
 * Everything that is scheduled or measured uses monotonic microseconds, named
 * _us, and gets the time as an argument; only the outermost callers read the
 * clock. Wall time is for people and for what outlives the process. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define US_PER_MS 1000ull
#define US_PER_S  1000000ull

uint64_t clock_mono_us(void);          /* CLOCK_MONOTONIC; any thread */
uint64_t clock_wall_ms(void);          /* since 1970, UTC; any thread */

/* The same as of the kernel's last tick, at most 10 ms ago: for what is read thousands of times a second. */
uint64_t clock_coarse_ms(void);        /* monotonic */
uint32_t clock_coarse_wall_s(void);    /* since 1970, UTC; until 2106 */

/* "200ms", "5s", "2m", "1h", "3d", "1.5s" or a bare number of seconds.
 * False if text is no duration or exceeds 100 years; out is then untouched. */
bool duration_parse(const char *text, uint64_t *us);

/* Shortest exact form: "200ms", "1.5s", "2m", "0s". Returns buf. */
char *duration_format(uint64_t us, char *buf, size_t size);

enum { DURATION_TEXT = 32 };

#endif
