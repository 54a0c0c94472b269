/* stage.h - a configuration on its way to be served: read, checked, its zones loaded.
 *
 * What homingd -t checks, what a start needs and what a reload prepares is one
 * thing. A stage that is complete can be served; until then nothing of it is.
 *
 * Threads: stage_conf() and stage_zones() may each run on any one thread. */
#ifndef DNSD_STAGE_H
#define DNSD_STAGE_H

#include <stdbool.h>

#include "base/diag.h"
#include "conf/conf.h"

struct world;
struct world_start;
struct zone;

struct stage {
	struct conf *conf;             /* owned until taken */
	struct zone **zones;           /* one per conf->zones; owned until taken */
	struct world_start *starts;    /* likewise: where their numbering begins (serials.h) */
	struct diag diag;              /* every mistake, in order */
};

struct stage *stage_new(void);
void stage_free(struct stage *s);      /* and what was not taken; NULL is fine */

/* Reads the configuration and prepares a probe of each check. False with the mistakes in diag. */
bool stage_conf(struct stage *s, const char *file);

/* Loads or makes each zone, compares it with the edition of its name in old (NULL: there is none; with one, the thread
 * is an RCU reader, and old stays until this returns), and sees that each service fits into its zone. False with the
 * mistakes in diag. */
bool stage_zones(struct stage *s, const struct world *old);

#endif
