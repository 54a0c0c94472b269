/* ask.h - asking the daemon on a verb's behalf, and reading what it says. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdint.h>

#include "cli/verbs.h"

/* One line on stderr, as every message: "homing: ...". */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* That nobody answers, and what to do about it. Returns NO_DAEMON. */
enum outcome complain_no_daemon(const struct cli *c);

/* One request. DONE with the reply (the caller's); else the reason is on stderr, and *reply is NULL. With
 * --json the reply, an error's too, is printed. */
enum outcome ask(struct cli *c, const char *method, const char *path, const json_t *body, json_t **reply);
/* What a call's status and reply come to, as ask() has it. */
enum outcome answered(struct cli *c, int status, json_t **reply);
enum outcome get(struct cli *c, const char *path, json_t **reply);

/* Who does it: the person behind sudo, where there is one. */
const char *owner(void);

/* What a reply other than 2xx says, to stderr. */
void complain_error(const json_t *reply, int status);

void print_json(const struct cli *c, const json_t *json);

/* Members of objects; what is missing or of another type is "" or 0. */
const char *text_of(const json_t *object, const char *key);
long long int_of(const json_t *object, const char *key);
double real_of(const json_t *object, const char *key);

/* Seconds as people say them: "12s", "5m", "3h 20m", "2d 4h". */
enum { AGE_TEXT = 64 };
char *age_format(double seconds, char buf[AGE_TEXT]);
/* How long ago an RFC 3339 time was, negative for one to come; 0 if it is none. */
double seconds_since(const char *rfc3339);
/* Its age as words: "5m"; "-" when there is no time. */
char *age_of(const json_t *object, const char *key, char buf[AGE_TEXT]);
/* The local time of day: "14:03:05". */
char *local_time(const char *rfc3339, char buf[AGE_TEXT]);
char *local_date(const char *rfc3339, char buf[AGE_TEXT]);     /* "2026-11-21" */

#endif
