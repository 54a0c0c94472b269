/* lines.h - the logical lines of a master file (RFC 1035, 5.1).
 *
 * Parentheses join lines, comments go, blanks outside quotes become one space
 * each; quotes and escapes stay for whoever reads the fields. Bounded: a longer
 * logical line than LINE_LENGTH is a mistake, not memory. */
#ifndef ZONES_LINES_H
#define ZONES_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { LINE_LENGTH = 65535 };          /* what ldns takes as the text of one RR */

struct lines;

/* file is an open file descriptor, taken over. */
struct lines *lines_open(int fd);
struct lines *lines_text(const char *text, size_t size);       /* borrows text */
void lines_free(struct lines *l);

/* The next logical line that is not blank; text is the caller's to change until the next call. It begins with a
 * space exactly if the line does. NULL: the end. line is where it began. *mistake, if not NULL, says what is wrong
 * with the line, whose text is then void; reading goes on behind it. */
char *lines_next(struct lines *l, unsigned *line, const char **mistake);

#endif
