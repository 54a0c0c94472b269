/* term.c - what the terminal can show. */
#include "cli/term.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned
terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	long n = columns != NULL ? strtol(columns, NULL, 10) : 0;

	if (n >= 20 && n <= 10000)
		return (unsigned)n;
	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20 ? size.ws_col : 80;
}

struct term
term_open(void)
{
	const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");
	bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;

	setlocale(LC_CTYPE, "");
	return (struct term){
		.colour = isatty(STDOUT_FILENO) && !dumb && (no_colour == NULL || *no_colour == '\0'),
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.width = terminal_width(),
	};
}

const char *
tint_begin(const struct term *t, enum tint tint)
{
	static const char *const codes[] = {
		[TINT_NONE] = "", [TINT_GOOD] = "\033[32m", [TINT_BAD] = "\033[31m", [TINT_WARN] = "\033[33m",
		[TINT_DIM] = "\033[2m", [TINT_BOLD] = "\033[1m",
	};

	return t->colour ? codes[tint] : "";
}

const char *
tint_end(const struct term *t, enum tint tint)
{
	return t->colour && tint != TINT_NONE ? "\033[0m" : "";
}

enum tint
tint_of_state(const char *state)
{
	static const struct {
		const char *state;
		enum tint tint;
	} tints[] = {
		{ "up", TINT_GOOD }, { "down", TINT_BAD }, { "unknown", TINT_WARN }, { "drained", TINT_WARN }, { "forced", TINT_WARN },
	};

	for (size_t i = 0; i < sizeof(tints) / sizeof(*tints); i++)
		if (strcmp(tints[i].state, state) == 0)
			return tints[i].tint;
	return TINT_NONE;
}

char *
history_bar(const struct term *t, const char *results, char buf[HISTORY_BAR])
{
	const char *good = t->utf8 ? "▇" : "#", *bad = t->utf8 ? "·" : ".";
	size_t n = strlen(results);
	char *out = buf;

	for (const char *p = n > 64 ? results + n - 64 : results; *p != '\0'; p++)
		out = stpcpy(out, *p == '1' ? good : bad);
	*out = '\0';
	return buf;
}
