/* lines.c - the logical lines of a master file. */
#include "zones/lines.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum { BLOCK = 65536, END = -1 };

struct lines {
	int fd;                        /* -1: text alone */
	int error;                     /* errno of a read that failed */
	const char *at, *end;          /* what is read but not used */
	unsigned line;                 /* of at, from 1 */
	/* the logical line */
	size_t length;
	bool start;                    /* at the first character of the line */
	bool blank;                    /* the last character is a separator, not part of a field */
	unsigned depth;                /* open parentheses */
	const char *mistake;
	char trouble[128];             /* where the mistake is not a fixed text */
	char text[LINE_LENGTH + 1];
	char block[BLOCK];
};

struct lines *
lines_open(int fd)
{
	struct lines *l = mem_alloc(sizeof(*l));

	l->fd = fd;
	l->line = 1;
	return l;
}

struct lines *
lines_text(const char *text, size_t size)
{
	struct lines *l = lines_open(-1);

	l->at = text;
	l->end = text + size;
	return l;
}

void
lines_free(struct lines *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

/* Reads on; false at the end or where reading fails, which is noted. */
static bool
lines_fill(struct lines *l)
{
	ssize_t n = 0;

	if (l->fd >= 0 && l->error == 0) {
		do
			n = read(l->fd, l->block, sizeof(l->block));
		while (n < 0 && errno == EINTR);
		if (n < 0)
			l->error = errno;
	}
	l->at = l->block;
	l->end = l->block + (n > 0 ? n : 0);
	return n > 0;
}

static int
lines_char(struct lines *l)
{
	if (l->at == l->end && !lines_fill(l))
		return END;
	return (unsigned char)*l->at++;
}

static void
lines_wrong(struct lines *l, const char *mistake)
{
	if (l->mistake == NULL)
		l->mistake = mistake;
}

static void
lines_put(struct lines *l, int c)
{
	if (l->length == LINE_LENGTH) {
		lines_wrong(l, "the line is longer than 65535 characters");
		return;
	}
	l->text[l->length++] = (char)c;
	l->blank = false;
}

static void
lines_blank(struct lines *l)
{
	if (l->length == 0 && !l->start)
		return;                        /* behind a parenthesis or a newline it does not stand for "no owner" */
	if (!l->blank)
		lines_put(l, ' ');
	l->blank = true;
}

/* A backslash and what it escapes: \X, or the first digit of \DDD. */
static void
lines_escape(struct lines *l)
{
	int c = lines_char(l);

	if (c == END || c == '\n' || c == '\r') {
		lines_wrong(l, "a backslash ends the line (expected a character to escape)");
		if (c == '\n')
			l->at--;
		return;
	}
	lines_put(l, '\\');
	lines_put(l, c);
	if (c == '\0')
		lines_wrong(l, "a NUL byte (expected text)");
}

/* A quoted string, its quotes included; it ends on its line. */
static void
lines_quoted(struct lines *l)
{
	int c;

	lines_put(l, '"');
	while ((c = lines_char(l)) != '"') {
		if (c == END || c == '\n') {
			lines_wrong(l, "a quoted string is not closed (expected \" before the end of the line)");
			if (c == '\n')
				l->at--;
			return;
		}
		if (c == '\\') {
			lines_escape(l);
			continue;
		}
		if (c == '\0')
			lines_wrong(l, "a NUL byte (expected text)");
		lines_put(l, c);
	}
	lines_put(l, '"');
}

static void
lines_comment(struct lines *l)
{
	int c;

	do
		c = lines_char(l);
	while (c != END && c != '\n');
	if (c == '\n')
		l->at--;
}

/* Parentheses join lines; they may stand against a field and separate it from the next. */
static void
lines_parenthesis(struct lines *l, int c)
{
	if (c == '(') {
		l->depth++;
	} else if (l->depth > 0) {
		l->depth--;
	} else {
		lines_wrong(l, "a parenthesis is closed that was not opened");
	}
	if (l->length > 0)
		lines_blank(l);
}

/* What is neither a plain character nor the end of the logical line. */
static void
lines_special(struct lines *l, int c)
{
	switch (c) {
	case '\n':
		l->line++;
		lines_blank(l);
		break;
	case ' ': case '\t': case '\r':
		lines_blank(l);
		break;
	case '(': case ')':
		lines_parenthesis(l, c);
		break;
	case ';':
		lines_comment(l);
		break;
	case '"':
		lines_quoted(l);
		break;
	case '\\':
		lines_escape(l);
		break;
	default:
		lines_wrong(l, "a NUL byte (expected text)");
		break;
	}
}

/* Characters that mean something to lines_special(). */
static bool
is_special(int c)
{
	static const bool special[256] = {
		['\0'] = true, ['\n'] = true, [' '] = true, ['\t'] = true, ['\r'] = true,
		['('] = true, [')'] = true, [';'] = true, ['"'] = true, ['\\'] = true,
	};

	return special[c];
}

/* Reads one logical line, blank or not; false: there is none. */
static bool
lines_read(struct lines *l)
{
	int c = lines_char(l);

	l->length = 0;
	l->start = true;
	l->blank = false;
	l->depth = 0;
	l->mistake = NULL;
	if (c == END && l->error == 0)
		return false;
	for (; c != END && (c != '\n' || l->depth > 0); c = lines_char(l)) {
		if (is_special(c))
			lines_special(l, c);
		else
			lines_put(l, c);
		l->start = false;
	}
	if (c == '\n')
		l->line++;
	if (l->error != 0) {
		snprintf(l->trouble, sizeof(l->trouble), "%s (expected a master file)", strerror(l->error));
		l->mistake = l->trouble;
		l->error = 0;
		close(l->fd);
		l->fd = -1;
	} else if (c == END && l->depth > 0) {
		lines_wrong(l, "a parenthesis is not closed before the end of the file");
	}
	return true;
}

char *
lines_next(struct lines *l, unsigned *line, const char **mistake)
{
	do {
		*line = l->line;
		if (!lines_read(l))
			return NULL;
	} while (l->mistake == NULL && l->length == l->blank);
	if (l->blank)
		l->length--;
	l->text[l->length] = '\0';
	*mistake = l->mistake;
	return l->text;
}
