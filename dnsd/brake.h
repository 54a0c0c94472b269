/* brake.h - log lines of one kind, at most so many a second: who can cause them from outside, or a fault that concerns
 * thousands at once, shall not fill a disk. At the end of a second in which some were left out, one line says how many.
 * Control thread. */
#ifndef DNSD_BRAKE_H
#define DNSD_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

struct brake;
struct event_base;

/* what: for "... and 312 more refusals". A static text. */
struct brake *brake_new(struct event_base *base, unsigned per_second, const char *what);
/* Says what is still to be said. NULL is fine. */
void brake_free(struct brake *b);

/* May the line be logged? If not it is counted. now_us: monotonic. */
bool brake_permits(struct brake *b, uint64_t now_us);

#endif
