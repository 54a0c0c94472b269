/* main.c - homing, the admin CLI: finds the verb's row, checks the command line against it, runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/verbs.h"
#include "conf/conf.h"

#define DEFAULT_SOCKET "/run/homing/homing.sock"

static enum outcome verb_later(struct cli *c, int nwords, char **words);
static enum outcome verb_help(struct cli *c, int nwords, char **words);

enum { ANY = 64 };

const struct verb verbs[] = {
	{ "status",   "",               "what is not as it should be, then totals",          0, 0, 0, verb_status },
	{ "services", "[NAME]",         "the services, or all about one",                    0, 1, 0, verb_services },
	{ "servers",  "[NAME]",         "the servers, or all about one",                     0, 1, 0, verb_servers },
	{ "fabrics",  "",               "the fabrics",                                       0, 0, 0, verb_fabrics },
	{ "checks",   "",               "the checks, and what they say",                     0, 0, 0, verb_checks },
	{ "zones",    "[NAME]",         "the zones, or one and its secondaries",             0, 1, 0, verb_zones },
	{ "zone",     "serial|export|import ZONE [FILE]", "its serial; all of it as a master file", 2, 3,
	    OPTION_PLANE | OPTION_DRY_RUN | OPTION_WHY, verb_zone },
	{ "record",   "list|add|set|delete ZONE ...", "records of a dynamic zone",           2, ANY, OPTION_WHY, verb_record },
	{ "explain",  "NAME",           "why a client gets that answer",                     1, 1, OPTION_FROM | OPTION_TYPE, verb_explain },
	{ "drain",    "X",              "take X out of new answers",                         1, 1, OPTION_FOR | OPTION_WHY | OPTION_WAIT, verb_drain },
	{ "force",    "X up|down",      "let X count as up or down, whatever is measured",   2, 2, OPTION_FOR | OPTION_WHY, verb_force },
	{ "release",  "X",              "end a drain or force",                              1, 1, 0, verb_release },
	{ "check",    "X",              "probe X now, and say what came back",               1, 1, 0, verb_check },
	{ "wait",     "[ready] | NAME STATE", "return when that is so",                      0, 2, OPTION_TIMEOUT, verb_wait },
	{ "history",  "[X]",            "what happened, to X or to all",                     0, 1, OPTION_SINCE, verb_history },
	{ "watch",    "",               "what happens, as it happens, until Ctrl-C",         0, 0, OPTION_COUNT, verb_watch },
	{ "reload",   "",               "read the configuration again",                      0, 0, 0, verb_reload },
	{ "stop",     "",               "stop the daemon; return when it is gone",           0, 0, OPTION_TIMEOUT, verb_stop },
	{ "version",  "",               "of this program and of the daemon",                 0, 0, 0, verb_version },
	{ "help",     "",               "this text",                                         0, 0, 0, verb_help },
	{ "complete", "WHAT",           NULL,                                                1, 1, 0, verb_complete },
	{ "whatif",   "",               NULL,                                                0, ANY, 0, verb_later },
	{ "failback", "",               NULL,                                                0, ANY, 0, verb_later },
	{ .name = NULL },
};

/* "X [--for D] [--why TEXT]" */
static void
arguments_format(const struct verb *v, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "%s%s%s", v->name, *v->arguments != '\0' ? " " : "", v->arguments);

	for (unsigned bit = 1; bit <= OPTION_LAST; bit <<= 1)
		if ((v->options & bit) != 0 && n < size) {
			const char *value = option_value(bit);

			n += (size_t)snprintf(buf + n, size - n, " [%s%s%s]", option_name(bit), value != NULL ? " " : "", value != NULL ? value : "");
		}
}

static enum outcome
usage(FILE *to)
{
	char line[128];

	fputs("usage: homing [-s SOCKET | -c FILE] [--json] VERB ...\n\n", to);
	for (const struct verb *v = verbs; v->name != NULL; v++) {
		if (v->summary == NULL)
			continue;
		arguments_format(v, line, sizeof(line));
		if (strlen(line) > 24)
			fprintf(to, "  %s\n  %-24s  %s\n", line, "", v->summary);
		else
			fprintf(to, "  %-24s  %s\n", line, v->summary);
	}
	fputs("\n  X: SERVER, SERVER/INTERFACE, SERVICE:SERVER or a fabric's name\n"
	    "  D: a duration: 200ms, 90s, 2m, 1h, 3d\n"
	    "  STATE: up, down, unknown, drained or forced\n"
	    "  -s SOCKET  the daemon's control socket (default: of -c FILE, or of HOMING_SOCKET in\n"
	    "             the environment, or " DEFAULT_SOCKET ")\n"
	    "  --json     print the daemon's answer as JSON\n\n"
	    "Exit status: 0 done, 1 refused or not so, 2 usage, 3 no daemon. See homing(1).\n", to);
	return to == stdout ? DONE : USAGE;
}

static enum outcome
verb_help(struct cli *c, int nwords, char **words)
{
	(void)c;
	(void)nwords;
	(void)words;
	return usage(stdout);
}

static enum outcome
verb_later(struct cli *c, int nwords, char **words)
{
	(void)nwords;
	(void)words;
	complain("%s: not supported by this version", c->args.words[0]);
	return NOT_SO;
}

static const struct verb *
verb_find(const char *name)
{
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

/* The command line against the verb's row: as many words, only its options. */
static bool
verb_fits(const struct verb *v, const struct args *a)
{
	unsigned foreign = a->given & ~(v->options | OPTIONS_GENERAL);
	char line[128];

	if (v->run == verb_later)
		return true;
	arguments_format(v, line, sizeof(line));
	if (a->nwords - 1 < v->min || a->nwords - 1 > v->max) {
		complain("usage: homing %s", line);
		return false;
	}
	for (unsigned bit = 1; bit <= OPTION_LAST; bit <<= 1)
		if ((foreign & bit) != 0) {
			complain("%s does not take %s (usage: homing %s)", v->name, option_name(bit), line);
			return false;
		}
	return true;
}

/* -s, else the configuration's, else the environment's, else the default. malloc'd; NULL: complained. */
static char *
socket_path(const struct args *a)
{
	struct diag diag = { 0 };
	const char *set = getenv("HOMING_SOCKET");
	char *path;

	if (a->socket != NULL)
		return mem_text(a->socket);
	if (a->file == NULL)
		return mem_text(set != NULL && *set != '\0' ? set : DEFAULT_SOCKET);
	path = conf_control_socket(a->file, &diag);
	for (size_t i = 0; path == NULL && i < diag.count; i++)
		complain("%s", diag.messages[i]);
	diag_clear(&diag);
	return path;
}

static enum outcome
run(struct cli *c, const struct verb *v)
{
	char *path = socket_path(&c->args);
	enum outcome outcome;

	if (path == NULL)
		return USAGE;
	c->http = http_new(path);
	c->term = term_open();
	outcome = v->run(c, c->args.nwords - 1, c->args.words + 1);
	http_free(c->http);
	free(path);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("cannot write: %m");
		return NOT_SO;
	}
	return outcome;
}

int
main(int argc, char **argv)
{
	struct cli c = { .http = NULL };
	char error[ARGS_ERROR];
	const struct verb *v;

	if (!args_parse(argc, argv, &c.args, error)) {
		complain("%s (homing help lists all)", error);
		return USAGE;
	}
	if ((c.args.given & OPTION_HELP) != 0)
		return usage(stdout);
	if ((c.args.given & OPTION_VERSION) != 0)
		return puts("homing " HOMING_VERSION) < 0 ? NOT_SO : DONE;
	if (c.args.nwords == 0)
		return usage(stderr);
	if (c.args.socket != NULL && c.args.file != NULL) {
		complain("-s and -c each name a socket (give one of them)");
		return USAGE;
	}
	v = verb_find(c.args.words[0]);
	if (v == NULL) {
		complain("there is no verb \"%s\" (homing help lists all)", c.args.words[0]);
		return USAGE;
	}
	return verb_fits(v, &c.args) ? run(&c, v) : USAGE;
}
