/* source.c - the text of a configuration, bounded before libconfig sees it. */
#include "conf/source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* ---- a file ---- */

/* All of fd, of which fstat() said size bytes; what a file grew by meanwhile is left out. */
static char *
slurp(int fd, size_t size, size_t *length)
{
	char *text = mem_alloc(size + 1);
	ssize_t n;

	*length = 0;
	while (*length < size) {
		n = read(fd, text + *length, size - *length);
		if (n == 0)
			break;
		if (n > 0) {
			*length += (size_t)n;
		} else if (errno != EINTR) {
			free(text);
			return NULL;
		}
	}
	text[*length] = '\0';
	return text;
}

/* Not blocking on a FIFO: only regular files are read. */
char *
source_bytes(const char *path, size_t *length, const char **wrong)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;

	if (fd < 0) {
		*wrong = strerror(errno);
		return NULL;
	}
	if (fstat(fd, &st) < 0)
		*wrong = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		*wrong = "not a regular file";
	else if (st.st_size > SOURCE_MOST)
		*wrong = "too large (expected at most 64 MiB)";
	else if ((text = slurp(fd, (size_t)st.st_size, length)) == NULL)
		*wrong = strerror(errno);
	close(fd);
	return text;
}

char *
source_read(const char *path, size_t *length, struct diag *diag)
{
	const char *wrong = NULL;
	char *text = source_bytes(path, length, &wrong);

	if (text == NULL)
		diag_add(diag, path, 0, NULL, "cannot be read: %s", wrong);
	return text;
}

/* ---- looking through a text ---- */

struct scan {
	const char *folder;
	struct diag *diag;
	size_t total;                  /* bytes, of all files so far */
	unsigned depth, includes;
	char open[SOURCE_DEEP];        /* the brackets and braces that are open */
	char last;                     /* the last token's first character; 0: none yet */
};

static bool scan_text(struct scan *scan, const char *file, const char *text, size_t length);

/* Behind the comment or string that begins at p; p itself if none does, NULL if it never ends. Counts lines. */
static const char *
skip(const char *p, const char *end, unsigned *line)
{
	bool block = end - p > 1 && p[0] == '/' && p[1] == '*', text = *p == '"';

	if (*p == '#' || (end - p > 1 && p[0] == '/' && p[1] == '/')) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		return newline != NULL ? newline : end;
	}
	if (!block && !text)
		return p;
	for (p += block ? 2 : 1; p < end; p++) {
		if (text && *p == '\\' && end - p > 1)
			p++;
		else if (text && *p == '"')
			return p + 1;
		if (*p == '\n')
			++*line;
		if (block && end - p > 1 && p[0] == '*' && p[1] == '/')
			return p + 2;
	}
	return NULL;
}

/* Behind the @include at p, with the file it names, as libconfig will look for it; p itself if there is none. */
static const char *
include_name(const struct scan *scan, const char *p, const char *end, char **path)
{
	static const char word[] = "@include";
	const char *name, *quote;

	if ((size_t)(end - p) < sizeof(word) || memcmp(p, word, sizeof(word) - 1) != 0)
		return p;
	name = p + sizeof(word) - 1;
	while (name < end && (*name == ' ' || *name == '\t'))
		name++;
	if (name == end || *name != '"')
		return p;
	name++;
	quote = memchr(name, '"', (size_t)(end - name));
	if (quote == NULL)
		return p;
	*path = mem_printf("%s/%.*s", scan->folder, (int)(quote - name), name);
	return quote + 1;
}

static bool
include_scan(struct scan *scan, const char *file, unsigned line, const char *path)
{
	const char *wrong = NULL;
	size_t length;
	char *text;
	bool fine;

	if (scan->includes == SOURCE_INCLUDES) {
		diag_add(scan->diag, file, line, NULL, "files that include each other more than %d deep", SOURCE_INCLUDES);
		return false;
	}
	text = source_bytes(path, &length, &wrong);
	if (text == NULL) {
		diag_add(scan->diag, file, line, NULL, "included file %s: %s (expected a file that can be read)", path, wrong);
		return false;
	}
	scan->includes++;
	fine = scan_text(scan, path, text, length);
	scan->includes--;
	free(text);
	return fine;
}

/* True if the character keeps the nesting in bounds. */
static bool
nest(struct scan *scan, char c)
{
	if (c == '{' || c == '(' || c == '[') {
		if (scan->depth == SOURCE_DEEP)
			return false;
		scan->open[scan->depth++] = c;
	} else if ((c == '}' || c == ')' || c == ']') && scan->depth > 0) {
		scan->depth--;
	}
	return true;
}

/* A string is a value, or follows another to be joined with it. */
static bool
string_belongs(const struct scan *scan)
{
	switch (scan->last) {
	case '=':
	case ':':
	case '"':
		return true;
	case '[':
	case '(':
	case ',':
		return scan->depth > 0 && scan->open[scan->depth - 1] != '{';
	default:
		return false;
	}
}

/* Behind the word or number at p; p itself if there is none. */
static const char *
skip_word(const char *p, const char *end)
{
	const char *more = isalpha((unsigned char)*p) ? "_-*" : "_.";

	while (p < end && *p != '\0' && (isalnum((unsigned char)*p) || strchr(more, *p) != NULL))
		p++;
	return p;
}

/* False for a whole number that needs an L and has none. */
static bool
number_fits(const char *p)
{
	bool hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	unsigned long long value;
	char *behind;

	if (!isdigit((unsigned char)*p))
		return true;
	value = strtoull(p, &behind, hex ? 16 : 10);
	return value <= INT32_MAX || *behind == 'L' || *behind == '.' || *behind == 'e' || *behind == 'E';
}

/* Behind the mark or @include at p, which is no word, string or comment; NULL: a mistake. */
static const char *
scan_mark(struct scan *scan, const char *file, unsigned line, const char *p, const char *end)
{
	char *path = NULL;
	const char *next;
	bool fine;

	if (*p == '\0') {
		diag_add(scan->diag, file, line, NULL, "a NUL byte (expected text)");
		return NULL;
	}
	if (!nest(scan, *p)) {
		diag_add(scan->diag, file, line, NULL, "nested too deep (expected at most %d levels)", SOURCE_DEEP);
		return NULL;
	}
	next = include_name(scan, p, end, &path);
	if (next == p) {
		if (!isspace((unsigned char)*p))
			scan->last = *p;
		return p + 1;
	}
	fine = include_scan(scan, file, line, path);
	free(path);
	return fine ? next : NULL;
}

/* The same for the word or number at p. */
static const char *
scan_word(struct scan *scan, const char *file, unsigned line, const char *p, const char *end)
{
	const char *next = skip_word(p, end);

	if (!number_fits(p)) {
		diag_add(scan->diag, file, line, NULL, "%.*s is too large a number (expected less, or an L behind it)",
		    (int)(next - p < 40 ? next - p : 40), p);
		return NULL;
	}
	scan->last = *p;
	return next;
}

/* The same for the string or comment at p, which skip() ended at next. libconfig would lose the
 * memory of strings that are not closed or stand where none may. */
static const char *
scan_string(struct scan *scan, const char *file, unsigned line, const char *p, const char *next)
{
	bool string = *p == '"';

	if (next == NULL) {
		diag_add(scan->diag, file, line, NULL, "a %s begins here that does not end (expected %s)",
		    string ? "text" : "comment", string ? "\"" : "*/");
		return NULL;
	}
	if (string && !string_belongs(scan)) {
		diag_add(scan->diag, file, line, NULL,
		    "a text where none belongs (expected the name of a setting and = before it, or a comma in a list)");
		return NULL;
	}
	if (string)
		scan->last = '"';
	return next;
}

static bool
scan_text(struct scan *scan, const char *file, const char *text, size_t length)
{
	const char *end = text + length, *next;
	unsigned line = 1;

	scan->total += length;
	if (scan->total > SOURCE_MOST) {
		diag_add(scan->diag, file, 0, NULL, "too large with its included files (expected at most 64 MiB)");
		return false;
	}
	for (const char *p = text; p < end; p = next) {
		unsigned begin = line;

		next = skip(p, end, &line);
		if (next != p) {
			next = scan_string(scan, file, begin, p, next);
		} else if (skip_word(p, end) != p) {
			next = scan_word(scan, file, line, p, end);
		} else {
			next = scan_mark(scan, file, line, p, end);
			line += *p == '\n';
		}
		if (next == NULL)
			return false;
	}
	return true;
}

/* ---- and handing it on ---- */

bool
source_parse(config_t *config, const char *text, size_t length, const char *file, const char *folder,
    struct diag *diag)
{
	struct scan scan = { .folder = folder, .diag = diag };
	const char *where;

	config_init(config);
	config_set_include_dir(config, folder);
	if (!scan_text(&scan, file, text, length))
		return false;
	if (config_read_string(config, text))
		return true;
	where = config_error_file(config);
	diag_add(diag, where != NULL ? where : file, (unsigned)config_error_line(config), NULL, "%s", config_error_text(config));
	return false;
}
