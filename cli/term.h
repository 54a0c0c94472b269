/* term.h - what the terminal can show. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum tint { TINT_NONE, TINT_GOOD, TINT_BAD, TINT_WARN, TINT_DIM, TINT_BOLD };

struct term {
	bool colour;                   /* a terminal, and NO_COLOR is not set */
	bool utf8;                     /* the locale's */
	unsigned width;                /* columns; 0: no limit (not a terminal) */
};

/* Of stdout; sets the locale from the environment. */
struct term term_open(void);

const char *tint_begin(const struct term *t, enum tint tint);
const char *tint_end(const struct term *t, enum tint tint);

/* The colour of a word of state or verdict: up, down, unknown, drained, forced. */
enum tint tint_of_state(const char *state);

/* results: '1' and '0', newest last; as a bar, newest right. buf holds HISTORY_BAR bytes. */
enum { HISTORY_BAR = 64 * 3 + 1 };
char *history_bar(const struct term *t, const char *results, char buf[HISTORY_BAR]);

#endif
