/* args.c - the command line. getopt_long() does the reading; the values are checked here, before anything is asked. */
#include "cli/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"

static const struct {
	unsigned bit;
	const char *name, *value;
	char letter;
} rows[] = {
	{ OPTION_SOCKET,  "--socket",  "SOCKET",  's' },
	{ OPTION_FILE,    "--config",  "FILE",    'c' },
	{ OPTION_JSON,    "--json",    NULL,      0 },
	{ OPTION_HELP,    "--help",    NULL,      'h' },
	{ OPTION_VERSION, "--version", NULL,      'V' },
	{ OPTION_TIMEOUT, "--timeout", "D",       0 },
	{ OPTION_FOR,     "--for",     "D",       0 },
	{ OPTION_WHY,     "--why",     "TEXT",    0 },
	{ OPTION_WAIT,    "--wait",    NULL,      0 },
	{ OPTION_FROM,    "--from",    "ADDRESS", 0 },
	{ OPTION_TYPE,    "--type",    "TYPE",    0 },
	{ OPTION_COUNT,   "--count",   "N",       0 },
	{ OPTION_DRY_RUN, "--dry-run", NULL,      0 },
	{ OPTION_PLANE,   "--plane",   "PLANE",   0 },
	{ OPTION_SINCE,   "--since",   "D",       0 },
};
enum { NROWS = sizeof(rows) / sizeof(*rows), VAL_BASE = 256 };

const char *
option_name(unsigned bit)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].bit == bit)
			return rows[i].name;
	return "";
}

const char *
option_value(unsigned bit)
{
	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].bit == bit)
			return rows[i].value;
	return NULL;
}

static bool
wrong(char error[ARGS_ERROR], const char *option, const char *value, const char *expected)
{
	snprintf(error, ARGS_ERROR, "%s: \"%.60s\" is no %s", option, value, expected);
	return false;
}

static bool
take_duration(uint64_t *us, const char *option, const char *value, char error[ARGS_ERROR])
{
	if (duration_parse(value, us) && *us > 0)
		return true;
	return wrong(error, option, value, "duration above 0 (expected 200ms, 90s, 2m, 1h, 3d)");
}

static bool
take_count(unsigned long *n, const char *value, char error[ARGS_ERROR])
{
	char *end;

	errno = 0;
	*n = strtoul(value, &end, 10);
	if (errno == 0 && *value >= '0' && *value <= '9' && *end == '\0' && *n > 0)
		return true;
	return wrong(error, "--count", value, "number above 0");
}

static bool
args_take(struct args *a, unsigned bit, const char *value, char error[ARGS_ERROR])
{
	struct addr from;
	uint64_t us;

	a->given |= bit;
	switch (bit) {
	case OPTION_SOCKET:   a->socket = value; return true;
	case OPTION_FILE:     a->file = value;   return true;
	case OPTION_WHY:      a->why = value;    return true;
	case OPTION_TYPE:     a->type = value;   return true;
	case OPTION_FOR:      a->for_text = value; return take_duration(&us, "--for", value, error);
	case OPTION_TIMEOUT:  return take_duration(&a->timeout_us, "--timeout", value, error);
	case OPTION_SINCE:    return take_duration(&a->since_us, "--since", value, error);
	case OPTION_COUNT:    return take_count(&a->count, value, error);
	case OPTION_PLANE:
		a->plane = value;
		return strcmp(value, "configured") == 0 || strcmp(value, "answer") == 0 ||
		    wrong(error, "--plane", value, "plane (expected configured or answer)");
	case OPTION_FROM:
		a->from = value;
		return addr_parse(value, &from) || wrong(error, "--from", value, "address (expected 192.0.2.1 or 2001:db8::1)");
	default:              return true;
	}
}

/* getopt's two forms of the rows. */
static void
rows_for_getopt(struct option long_rows[NROWS + 1], char letters[2 * NROWS + 2])
{
	size_t n = 0;

	letters[n++] = ':';                    /* a missing value is told from an unknown option */
	for (size_t i = 0; i < NROWS; i++) {
		long_rows[i] = (struct option){ rows[i].name + 2, rows[i].value != NULL ? required_argument : no_argument, NULL,
		    VAL_BASE + (int)i };
		if (rows[i].letter == 0)
			continue;
		letters[n++] = rows[i].letter;
		if (rows[i].value != NULL)
			letters[n++] = ':';
	}
	letters[n] = '\0';
	long_rows[NROWS] = (struct option){ 0 };
}

static unsigned
bit_of(int found)
{
	for (size_t i = 0; i < NROWS; i++)
		if (found == VAL_BASE + (int)i || (rows[i].letter != 0 && found == rows[i].letter))
			return rows[i].bit;
	return 0;
}

bool
args_parse(int argc, char **argv, struct args *out, char error[ARGS_ERROR])
{
	struct option long_rows[NROWS + 1];
	char letters[2 * NROWS + 2];
	int found;

	*out = (struct args){ .given = 0 };
	rows_for_getopt(long_rows, letters);
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, long_rows, NULL)) != -1) {
		if (found == ':' || found == '?') {
			snprintf(error, ARGS_ERROR, found == ':' ? "%.60s needs a value" : "unknown option %.60s", argv[optind - 1]);
			return false;
		}
		if (!args_take(out, bit_of(found), optarg, error))
			return false;
	}
	out->words = argv + optind;
	out->nwords = argc - optind;
	return true;
}
