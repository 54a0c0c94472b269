/* ask.c - asking the daemon, and reading what it says. */
#include "cli/ask.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

void
complain(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("homing: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

enum outcome
complain_no_daemon(const struct cli *c)
{
	const char *path = http_socket(c->http);

	if (access(path, W_OK) != 0 && errno == EACCES)
		complain("no permission to use %s (try as root, or as a member of its group)", path);
	else
		complain("no daemon answers on %s: is homingd running? (-s or -c names another socket)", path);
	return NO_DAEMON;
}

void
print_json(const struct cli *c, const json_t *json)
{
	/* For people a tree, for programs a line. */
	json_dumpf(json, stdout, c->term.width > 0 ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
}

void
complain_error(const json_t *reply, int status)
{
	const json_t *error = json_object_get(reply, "error");
	const json_t *mistakes = json_object_get(error, "mistakes");

	for (size_t i = 0; i < json_array_size(mistakes); i++)
		fprintf(stderr, "%s\n", json_string_value(json_array_get(mistakes, i)));
	if (int_of(error, "mistakes_left_off") > 0)
		fprintf(stderr, "... and %lld more\n", int_of(error, "mistakes_left_off"));
	if (error != NULL)
		complain("%s", text_of(error, "message"));
	else
		complain("the daemon's answer is not understood (HTTP status %d)", status);
}

enum outcome
answered(struct cli *c, int status, json_t **reply)
{
	if (status == HTTP_NO_DAEMON)
		return complain_no_daemon(c);
	if ((c->args.given & OPTION_JSON) != 0 && *reply != NULL)
		print_json(c, *reply);
	if (status / 100 == 2 && *reply != NULL)
		return DONE;
	complain_error(*reply, status);
	json_decref(*reply);
	*reply = NULL;
	return NOT_SO;
}

enum outcome
ask(struct cli *c, const char *method, const char *path, const json_t *body, json_t **reply)
{
	return answered(c, http_call(c->http, method, path, body, 0, reply), reply);
}

const char *
owner(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *me = getpwuid(getuid());

	if (name != NULL && *name != '\0')
		return name;
	return me != NULL ? me->pw_name : "";
}

enum outcome
get(struct cli *c, const char *path, json_t **reply)
{
	return ask(c, "GET", path, NULL, reply);
}

/* ---- members ---- */

const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

long long
int_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

double
real_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

/* ---- times ---- */

char *
age_format(double seconds, char buf[AGE_TEXT])
{
	unsigned long s = seconds > 0 ? (unsigned long)seconds : 0;

	if (s < 60)
		snprintf(buf, AGE_TEXT, "%lus", s);
	else if (s < 3600)
		snprintf(buf, AGE_TEXT, s < 600 && s % 60 != 0 ? "%lum %lus" : "%lum", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, AGE_TEXT, s % 3600 >= 60 ? "%luh %lum" : "%luh", s / 3600, s % 3600 / 60);
	else
		snprintf(buf, AGE_TEXT, s % 86400 >= 3600 ? "%lud %luh" : "%lud", s / 86400, s % 86400 / 3600);
	return buf;
}

/* Seconds since 1970; 0: it is no such time. */
static double
rfc3339_parse(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest == NULL)
		return 0;
	return (double)timegm(&tm) + (*rest == '.' ? strtod(rest, NULL) : 0);
}

double
seconds_since(const char *rfc3339)
{
	double at = rfc3339_parse(rfc3339);

	return at > 0 ? (double)clock_wall_ms() / 1000 - at : 0;
}

char *
age_of(const json_t *object, const char *key, char buf[AGE_TEXT])
{
	const char *text = text_of(object, key);

	if (*text == '\0')
		return strcpy(buf, "-");
	return age_format(seconds_since(text), buf);
}

static struct tm
local_tm(const char *rfc3339)
{
	time_t at = (time_t)rfc3339_parse(rfc3339);
	struct tm tm;

	localtime_r(&at, &tm);
	return tm;
}

char *
local_time(const char *rfc3339, char buf[AGE_TEXT])
{
	struct tm tm = local_tm(rfc3339);

	strftime(buf, AGE_TEXT, "%H:%M:%S", &tm);
	return buf;
}

char *
local_date(const char *rfc3339, char buf[AGE_TEXT])
{
	struct tm tm = local_tm(rfc3339);

	strftime(buf, AGE_TEXT, "%Y-%m-%d", &tm);
	return buf;
}
