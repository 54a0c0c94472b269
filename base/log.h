/* log.h - one event, one line.
 *
 * The only mutable global of the project is the log's sink. Functions that find
 * a failure return it; whoever knows the context logs it once. The x variants
 * add no errno text. Any thread may log; a line is written by one write(2) and
 * so never interleaves. The query path never logs. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above the level are dropped. With systemd's journal on stderr
 * (JOURNAL_STREAM is set) lines carry <N> priorities and no time; otherwise
 * they start with the local time. fd -1 silences everything (fuzzers). */
void log_open(int fd, enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));   /* ": strerror(errno)" appended */
void log_errorx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));    /* ": strerror(errno)" appended */
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
