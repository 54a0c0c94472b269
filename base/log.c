/* log.c - lines to stderr or the journal. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	int fd;
	enum log_level level;
	bool journal;
} sink = { STDERR_FILENO, LOG_LEVEL_INFO, false };

/* syslog(3) priorities of the levels, as the journal reads them. */
static const struct {
	const char *journal;
	const char *word;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "<3>", "error: " },
	[LOG_LEVEL_WARN]  = { "<4>", "warning: " },
	[LOG_LEVEL_INFO]  = { "<6>", "" },
	[LOG_LEVEL_DEBUG] = { "<7>", "debug: " },
};

void
log_open(int fd, enum log_level level)
{
	sink.fd = fd;
	sink.level = level;
	sink.journal = getenv("JOURNAL_STREAM") != NULL;
}

static size_t
log_prefix(char *line, size_t size, enum log_level level)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	if (sink.journal)
		return (size_t)snprintf(line, size, "%s", levels[level].journal);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	n = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &tm);
	return n + (size_t)snprintf(line + n, size - n, ".%03ld %s", now.tv_nsec / 1000000, levels[level].word);
}

__attribute__((format(printf, 3, 0)))
static void
log_line(enum log_level level, int err, const char *fmt, va_list ap)
{
	char line[2048];
	size_t n, room = sizeof(line) - 1;     /* a byte for the newline */
	int k;

	if (sink.fd < 0 || level > sink.level)
		return;
	n = log_prefix(line, room, level);
	k = vsnprintf(line + n, room - n, fmt, ap);
	n = k < 0 ? n : n + (size_t)k < room ? n + (size_t)k : room - 1;
	if (err != 0 && n < room) {
		k = snprintf(line + n, room - n, ": %s", strerror(err));
		n = n + (size_t)k < room ? n + (size_t)k : room - 1;
	}
	/* What came from outside may hold control characters; a log line may not. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = ' ';
	line[n++] = '\n';
	if (write(sink.fd, line, n) < 0)
		return;                        /* nowhere left to say so */
}

#define LOG_FUNCTION(name, level, err)                 \
	void name(const char *fmt, ...)                \
	{                                              \
		int saved = errno;                     \
		va_list ap;                            \
		va_start(ap, fmt);                     \
		log_line(level, err, fmt, ap);         \
		va_end(ap);                            \
		errno = saved;                         \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, saved)
LOG_FUNCTION(log_errorx, LOG_LEVEL_ERROR, 0)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN, saved)
LOG_FUNCTION(log_warnx, LOG_LEVEL_WARN, 0)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, 0)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, 0)
