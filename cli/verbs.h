/* verbs.h - what every verb is given, and the verbs, by file. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/args.h"
#include "cli/http.h"
#include "cli/table.h"
#include "cli/term.h"

/* The exit status. */
enum outcome { DONE = 0, NOT_SO = 1, USAGE = 2, NO_DAEMON = 3 };

struct cli {
	struct http *http;
	struct term term;
	struct args args;
};

/* words: the verb's arguments, as many as its row allows. */
typedef enum outcome (*verb_fn)(struct cli *c, int nwords, char **words);

struct verb {
	const char *name;
	const char *arguments;         /* for the usage */
	const char *summary;           /* NULL: not in the usage */
	int min, max;                  /* words behind the verb */
	unsigned options;              /* that it takes, the general ones aside */
	verb_fn run;
};
extern const struct verb verbs[];      /* main.c; ends with a row without name */

/* status.c  */ enum outcome verb_status(struct cli *c, int nwords, char **words);
/* objects.c */ enum outcome verb_services(struct cli *c, int nwords, char **words);
                enum outcome verb_servers(struct cli *c, int nwords, char **words);
/* lists.c   */ enum outcome verb_fabrics(struct cli *c, int nwords, char **words);
                enum outcome verb_checks(struct cli *c, int nwords, char **words);
                enum outcome verb_complete(struct cli *c, int nwords, char **words);
/* zones.c   */ enum outcome verb_zones(struct cli *c, int nwords, char **words);
                enum outcome verb_zone(struct cli *c, int nwords, char **words);
/* import.c  */ enum outcome zone_import(struct cli *c, const char *zone, const char *file);
/* records.c */ enum outcome verb_record(struct cli *c, int nwords, char **words);
/* explain.c */ enum outcome verb_explain(struct cli *c, int nwords, char **words);
/* change.c  */ enum outcome verb_drain(struct cli *c, int nwords, char **words);
                enum outcome verb_force(struct cli *c, int nwords, char **words);
                enum outcome verb_release(struct cli *c, int nwords, char **words);
                enum outcome verb_check(struct cli *c, int nwords, char **words);
/* wait.c    */ enum outcome verb_wait(struct cli *c, int nwords, char **words);
                enum outcome verb_watch(struct cli *c, int nwords, char **words);
/* history.c */ enum outcome verb_history(struct cli *c, int nwords, char **words);
/* control.c */ enum outcome verb_reload(struct cli *c, int nwords, char **words);
                enum outcome verb_stop(struct cli *c, int nwords, char **words);
                enum outcome verb_version(struct cli *c, int nwords, char **words);

#endif
