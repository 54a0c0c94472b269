/* kinds.c - what values of each kind look like.
 *
 * One reader per kind. A value that is not of its kind is said with the value and
 * what was expected, and leaves out as it was. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/reader.h"

/* ---- texts ---- */

static bool
read_text(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];

	if (text == NULL || *text == '\0' || (row->kind->valid != NULL && !row->kind->valid(text))) {
		reader_say(r, s, "%s is wrong (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	if (!row->list && row->most > 0 && strlen(text) > (size_t)row->most) {
		reader_say(r, s, "%s has %zu bytes (expected at most %lld)", reader_show(s, shown), strlen(text),
		    (long long)row->most);
		return false;
	}
	*(char **)out = mem_text(text);
	return true;
}

static bool
all(const char *text, int (*class)(int), const char *more)
{
	for (; *text != '\0'; text++)
		if (!class((unsigned char)*text) && strchr(more, *text) == NULL)
			return false;
	return true;
}

static bool
name_valid(const char *text)
{
	return strlen(text) <= 63 && all(text, isalnum, "_.-");
}

/* What the kernel takes: dev_valid_name(). */
static bool
device_valid(const char *text)
{
	return strlen(text) <= 15 && all(text, isgraph, "") && strpbrk(text, "/:") == NULL &&
	       strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static const char token_marks[] = "!#$%&'*+-.^_`|~";           /* RFC 9110, 5.6.2 */

static bool
method_valid(const char *text)
{
	return all(text, isalnum, token_marks);
}

static bool
header_valid(const char *text)
{
	size_t n = strcspn(text, ":");

	if (n == 0 || text[n] != ':')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && strchr(token_marks, text[i]) == NULL)
			return false;
	for (text += n; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text) && *text != '\t')
			return false;
	return true;
}

static bool
host_valid(const char *text)
{
	return all(text, isalnum, "_.-:[]");
}

static bool
target_valid(const char *text)
{
	return *text == '/' && all(text, isgraph, "");
}

static bool
read_path(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char *given = NULL;

	if (!read_text(r, row, s, &given))
		return false;
	*(char **)out = reader_path(r, given);
	free(given);
	return true;
}

static bool
read_readable(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char *path, shown[SHOWN];
	struct stat st;

	if (!read_path(r, row, s, &path))
		return false;
	*(char **)out = path;
	if (stat(path, &st) < 0 || access(path, R_OK) < 0)
		reader_say(r, s, "%s: %s (expected a file that can be read)", reader_show(s, shown), strerror(errno));
	else if (!S_ISREG(st.st_mode))
		reader_say(r, s, "%s is no regular file (expected a file that can be read)", reader_show(s, shown));
	return true;
}

const struct kind kind_text = { "a text in quotes that is not empty", sizeof(char *), read_text, NULL, true };
const struct kind kind_name = { "a name: 1 to 63 letters, digits, _ . -", sizeof(char *), read_text, name_valid, true };
const struct kind kind_device = { "the name of a network device, at most 15 bytes", sizeof(char *), read_text, device_valid,
	true };
const struct kind kind_header = { "\"Name: value\" on one line", sizeof(char *), read_text, header_valid, true };
const struct kind kind_method = { "an HTTP method, such as \"GET\"", sizeof(char *), read_text, method_valid, true };
const struct kind kind_host = { "a host name, such as \"www.example.com\"", sizeof(char *), read_text, host_valid, true };
const struct kind kind_target = { "a path that starts with / and has no blanks", sizeof(char *), read_text, target_valid,
	true };
const struct kind kind_path = { "the path of a file", sizeof(char *), read_path, NULL, true };
const struct kind kind_readable = { "the path of a file", sizeof(char *), read_readable, NULL, true };

/* ---- truth and numbers ---- */

static bool
read_bool(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char shown[SHOWN];

	if (config_setting_type(s) != CONFIG_TYPE_BOOL) {
		reader_say(r, s, "%s is wrong (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	*(bool *)out = config_setting_get_bool(s);
	return true;
}

static bool
is_whole(const config_setting_t *s)
{
	return config_setting_type(s) == CONFIG_TYPE_INT || config_setting_type(s) == CONFIG_TYPE_INT64;
}

/* Puts a value where it belongs if it is in the row's range. */
static bool
number_keep(struct reader *r, const struct row *row, const config_setting_t *s, long long value, const char *unit, void *out)
{
	char shown[SHOWN];

	if (value < row->least || value > row->most) {
		reader_say(r, s, "%s is out of range (expected %lld..%lld%s)", reader_show(s, shown), (long long)row->least,
		    (long long)row->most, unit);
		return false;
	}
	reader_put(out, row->size, value);
	return true;
}

static bool
read_number(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char shown[SHOWN];

	if (is_whole(s))
		return number_keep(r, row, s, config_setting_get_int64(s), "", out);
	reader_say(r, s, "%s is no whole number (expected %lld..%lld)", reader_show(s, shown), (long long)row->least,
	    (long long)row->most);
	return false;
}

/* 25 or "25%". */
static bool
read_percent(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];
	unsigned value;
	int end = 0;

	if (is_whole(s))
		return number_keep(r, row, s, config_setting_get_int64(s), " percent", out);
	if (text != NULL && isdigit((unsigned char)*text) && sscanf(text, "%6u%%%n", &value, &end) == 1 && end > 0 &&
	    text[end] == '\0')
		return number_keep(r, row, s, value, " percent", out);
	reader_say(r, s, "%s is no percentage (expected %lld..%lld, such as \"25%%\")", reader_show(s, shown),
	    (long long)row->least, (long long)row->most);
	return false;
}

/* ---- durations ---- */

/* Microseconds of a number of seconds or a text with a unit. */
static bool
duration_of(const config_setting_t *s, uint64_t *us)
{
	const char *text = config_setting_get_string(s);
	double n;

	if (text != NULL)
		return duration_parse(text, us);
	if (!config_setting_is_number(s))
		return false;
	n = is_whole(s) ? (double)config_setting_get_int64(s) : config_setting_get_float(s);
	if (isnan(n))
		return false;
	/* 3e9 s is about what duration_parse() takes; no range goes so far. */
	*us = n < 0 || n > 3e9 ? UINT64_MAX : (uint64_t)llround(n * (double)US_PER_S);
	return true;
}

static bool
read_duration(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char shown[SHOWN], least[DURATION_TEXT], most[DURATION_TEXT];
	uint64_t us = 0;
	bool is_one = duration_of(s, &us);

	if (is_one && us >= (uint64_t)row->least && us <= (uint64_t)row->most) {
		*(uint64_t *)out = us;
		return true;
	}
	duration_format((uint64_t)row->least, least, sizeof(least));
	duration_format((uint64_t)row->most, most, sizeof(most));
	reader_say(r, s, is_one ? "%s is out of range (expected %s..%s)" :
	    "%s is no duration (expected %s..%s: a number of seconds, or a text such as \"200ms\", \"5s\", \"2m\", \"1h\", \"3d\")",
	    reader_show(s, shown), least, most);
	return false;
}

/* TTLs: DNS counts in whole seconds. */
static bool
read_seconds(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char shown[SHOWN];
	uint64_t us;

	if (is_whole(s))
		return number_keep(r, row, s, config_setting_get_int64(s), " seconds", out);
	if (duration_of(s, &us) && us % US_PER_S == 0)
		return number_keep(r, row, s, (long long)(us / US_PER_S), " seconds", out);
	reader_say(r, s, "%s is no number of whole seconds (expected %lld..%lld)", reader_show(s, shown), (long long)row->least,
	    (long long)row->most);
	return false;
}

const struct kind kind_bool = { "true or false", sizeof(bool), read_bool, NULL, false };
const struct kind kind_number = { "a whole number", sizeof(unsigned), read_number, NULL, false };
const struct kind kind_percent = { "a percentage", sizeof(unsigned), read_percent, NULL, false };
const struct kind kind_duration = { "a duration", sizeof(uint64_t), read_duration, NULL, false };
const struct kind kind_seconds = { "a number of seconds", sizeof(uint32_t), read_seconds, NULL, false };

/* ---- words ---- */

const char *
words_list(const struct word *words, char *buf, size_t size)
{
	const struct word *next;
	size_t n = 0;

	buf[0] = '\0';
	for (; words->word != NULL; words = next) {
		for (next = words + 1; next->word != NULL && next->later; next++)
			;
		if (words->later || n >= size)
			continue;
		n += (size_t)snprintf(buf + n, size - n, "%s\"%s\"", n == 0 ? "" : next->word == NULL ? " or " : ", ",
		    words->word);
	}
	return buf;
}

static const char *
word_close(const struct word *words, const char *text)
{
	unsigned best = name_tolerance(text) + 1;
	const char *close = NULL;

	for (; words->word != NULL; words++) {
		unsigned d = name_distance(text, words->word, best);

		if (d < best && !words->later) {
			best = d;
			close = words->word;
		}
	}
	return close;
}

static bool
read_word(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s), *close;
	char shown[SHOWN], list[256], hint[SHOWN];
	const struct word *w = row->words;

	words_list(row->words, list, sizeof(list));
	while (w->word != NULL && (text == NULL || strcmp(w->word, text) != 0))
		w++;
	if (w->word != NULL && !w->later) {
		if (row->size > 0)
			reader_put(out, row->size, w->value);
		return true;
	}
	reader_show(s, shown);
	close = text != NULL && w->word == NULL ? word_close(row->words, text) : NULL;
	if (w->word != NULL)
		reader_say(r, s, "%s is not supported by this version (expected %s)", shown, list);
	else
		reader_say(r, s, "%s is not known (expected %s%s)", shown, list, reader_hint(close, hint));
	return false;
}

const struct kind kind_word = { "a word", sizeof(unsigned), read_word, NULL, false };

/* ---- HTTP status ---- */

/* 304, "304" or "200-299". */
static bool
read_status(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	struct conf_status *status = out;
	long long from = 0, to = 0;
	char shown[SHOWN];

	if (is_whole(s))
		from = to = config_setting_get_int64(s);
	else if (text != NULL && all(text, isdigit, "-") && isdigit((unsigned char)*text)) {
		char *end;

		from = to = strtol(text, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			to = strtol(end + 1, &end, 10);
		if (*end != '\0')
			from = 0;
	}
	if (from < 100 || to > 599 || from > to) {
		reader_say(r, s, "%s is no HTTP status (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	*status = (struct conf_status){ (unsigned)from, (unsigned)to };
	return true;
}

const struct kind kind_status = { "100..599, such as \"304\", or a range such as \"200-299\"", sizeof(struct conf_status),
	read_status, NULL, false };

/* ---- references ---- */

static bool
refer(struct reader *r, const struct names *names, const char *what, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	const void *item = text != NULL ? names_find(names, NULL, text) : NULL;
	char shown[SHOWN], hint[SHOWN];

	if (item == NULL) {
		reader_say(r, s, "%s is no %s (expected the name of a %s%s)", reader_show(s, shown), what, what,
		    reader_hint(text != NULL ? names_close(names, NULL, text) : NULL, hint));
		return false;
	}
	*(const void **)out = item;
	return true;
}

static bool
read_check(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	(void)row;
	return refer(r, &r->checks, "check", s, out);
}

static bool
read_fabric(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	(void)row;
	return refer(r, &r->fabrics, "fabric", s, out);
}

static bool
read_server(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	(void)row;
	return refer(r, &r->servers, "server", s, out);
}

const struct kind kind_check = { "the name of a check", sizeof(void *), read_check, NULL, false };
const struct kind kind_fabric = { "the name of a fabric", sizeof(void *), read_fabric, NULL, false };
const struct kind kind_server = { "the name of a server", sizeof(void *), read_server, NULL, false };

/* ---- what is not read here ---- */

static bool
read_later(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	(void)row, (void)out;
	reader_say(r, s, "not supported by this version (expected it left out)");
	return false;
}

/* The row's default changes nothing, so it may be said: its only word, false, or a number. */
static bool
is_idle(const struct row *row, const config_setting_t *s)
{
	const char *text = config_setting_get_string(s);

	if (row->words != NULL)
		return text != NULL && strcmp(text, row->words->word) == 0;
	if (row->kind == &kind_idle_bool)
		return config_setting_type(s) == CONFIG_TYPE_BOOL && !config_setting_get_bool(s);
	return is_whole(s) && config_setting_get_int64(s) == row->least;
}

static bool
read_idle(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	char shown[SHOWN], idle[32] = "false";

	(void)out;
	if (is_idle(row, s))
		return true;
	if (row->words != NULL)
		snprintf(idle, sizeof(idle), "\"%s\"", row->words->word);
	else if (row->kind != &kind_idle_bool)
		snprintf(idle, sizeof(idle), "%lld", (long long)row->least);
	reader_say(r, s, "%s is not supported by this version (expected %s)", reader_show(s, shown), idle);
	return false;
}

static bool
read_beside(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	(void)r, (void)row, (void)s, (void)out;
	return true;
}

const struct kind kind_later = { "nothing", 0, read_later, NULL, false };
const struct kind kind_idle = { "the default", 0, read_idle, NULL, false };
const struct kind kind_idle_bool = { "false", 0, read_idle, NULL, false };
const struct kind kind_beside = { "a value, see homing.conf(5)", 0, read_beside, NULL, false };
const struct kind kind_dname = { "a domain name, such as \"www.example.com\"", 0, read_beside, NULL, false };
const struct kind kind_groups = { "a list of groups: ( { ... }, { ... } )", 0, read_beside, NULL, false };
