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
static char *
file_read(const char *path, size_t *length, const char **wrong)
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
	char *text = file_read(path, length, &wrong);

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
};

static bool scan_text(struct scan *scan, const char *file, const char *text, size_t length);

/* Behind the comment or string that begins at p; p itself if none does. Counts lines. */
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
	return end;
}

/* The file named by the @include at p, as libconfig will look for it. NULL: there is none. */
static char *
include_name(const struct scan *scan, const char *p, const char *end)
{
	static const char word[] = "@include";
	const char *quote;

	if ((size_t)(end - p) < sizeof(word) || memcmp(p, word, sizeof(word) - 1) != 0)
		return NULL;
	p += sizeof(word) - 1;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p != '"')
		return NULL;
	p++;
	quote = memchr(p, '"', (size_t)(end - p));
	return quote != NULL ? mem_printf("%s/%.*s", strcmp(scan->folder, "/") == 0 ? "" : scan->folder, (int)(quote - p), p) : NULL;
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
	text = file_read(path, &length, &wrong);
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
	if (c == '{' || c == '(' || c == '[')
		return ++scan->depth <= SOURCE_DEEP;
	if ((c == '}' || c == ')' || c == ']') && scan->depth > 0)
		scan->depth--;
	return true;
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

/* What begins at p is one character, and no word, string or comment. */
static bool
scan_mark(struct scan *scan, const char *file, unsigned line, const char *p, const char *end)
{
	char *path;
	bool fine;

	if (*p == '\0') {
		diag_add(scan->diag, file, line, NULL, "a NUL byte (expected text)");
		return false;
	}
	if (!nest(scan, *p)) {
		diag_add(scan->diag, file, line, NULL, "nested too deep (expected at most %d levels)", SOURCE_DEEP);
		return false;
	}
	if (*p != '@' || (path = include_name(scan, p, end)) == NULL)
		return true;
	fine = include_scan(scan, file, line, path);
	free(path);
	return fine;
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
		next = skip(p, end, &line);
		if (next != p)
			continue;
		next = skip_word(p, end);
		if (next != p && !number_fits(p)) {
			diag_add(scan->diag, file, line, NULL, "%.*s is too large a number (expected less, or an L behind it)",
			    (int)(next - p < 40 ? next - p : 40), p);
			return false;
		}
		if (next != p)
			continue;
		if (!scan_mark(scan, file, line, p, end))
			return false;
		line += *p == '\n';
		next = p + 1;
	}
	return true;
}

/* ---- and handing it on ---- */

bool
source_parse(config_t *config, const char *text, size_t length, const char *file, const char *folder, struct diag *diag)
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
