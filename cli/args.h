/* args.h - the command line: options before or behind the verb, then words. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each option's bit, in args.given and in what a verb takes. */
enum option_bit {
	OPTION_SOCKET = 1 << 0,
	OPTION_FILE = 1 << 1,
	OPTION_JSON = 1 << 2,
	OPTION_HELP = 1 << 3,
	OPTION_VERSION = 1 << 4,
	OPTION_TIMEOUT = 1 << 5,
	OPTION_FOR = 1 << 6,
	OPTION_WHY = 1 << 7,
	OPTION_WAIT = 1 << 8,
	OPTION_FROM = 1 << 9,
	OPTION_TYPE = 1 << 10,
	OPTION_COUNT = 1 << 11,
	OPTION_DRY_RUN = 1 << 12,
	OPTION_PLANE = 1 << 13,
	OPTION_SINCE = 1 << 14,
	OPTION_LAST = OPTION_SINCE,
	OPTIONS_GENERAL = OPTION_SOCKET | OPTION_FILE | OPTION_JSON | OPTION_HELP | OPTION_VERSION
};

struct args {
	unsigned given;                /* OPTION_ bits */
	const char *socket, *file;     /* as given; borrowed from argv, like all texts here */
	const char *why, *from, *type;
	const char *plane;             /* "configured" or "answer" */
	const char *for_text;          /* a duration that parses, above 0 */
	uint64_t timeout_us, since_us;
	unsigned long count;           /* at least 1 */
	char **words;                  /* the verb and its arguments */
	int nwords;
};

enum { ARGS_ERROR = 256 };

/* Reorders argv. False with one line in error: unknown option, missing or bad value. Main thread (getopt's state). */
bool args_parse(int argc, char **argv, struct args *out, char error[ARGS_ERROR]);

/* The name of one option bit: "--for". */
const char *option_name(unsigned bit);
/* Its value's placeholder, "D"; NULL: it takes none. */
const char *option_value(unsigned bit);

#endif
