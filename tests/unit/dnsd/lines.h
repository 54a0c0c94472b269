/* lines.h - what is logged, for tests that read it. */
#ifndef TESTS_LINES_H
#define TESTS_LINES_H

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { LINES_MAX = 256 * 1024 };

static int lines_fd = -1;
static char lines_text[LINES_MAX];

/* From here on, lines of that level and above. */
static inline void
lines_begin(enum log_level level)
{
	lines_fd = memfd_create("log", MFD_CLOEXEC);
	ck_assert_int_ge(lines_fd, 0);
	log_open(lines_fd, level);
}

static inline void
lines_end(void)
{
	log_open(STDERR_FILENO, LOG_LEVEL_INFO);
	close(lines_fd);
}

/* All that was logged. */
static inline const char *
lines(void)
{
	ssize_t n = pread(lines_fd, lines_text, sizeof(lines_text) - 1, 0);

	ck_assert_int_ge(n, 0);
	lines_text[n] = '\0';
	return lines_text;
}

static inline unsigned
lines_count(const char *with)
{
	unsigned n = 0;

	for (const char *p = lines(); (p = strstr(p, with)) != NULL; p += strlen(with))
		n++;
	return n;
}

#endif
