/* stage.h - a configuration on its way to be served: read, checked, its zones loaded.
 *
 * What homingd -t checks, what a start needs and what a reload prepares is one
 * thing. A stage that is complete can be served; until then nothing of it is.
 *
 * A dynamic zone's records come from the world that serves it, if one does; else from homing.db, if that has the zone; else
 * from its seed: its master file, or what is made where there is none. A seed gets into homing.db when the
 * configuration is on its way to serve, not when it is only checked.
 *
 * Threads: stage_conf(), stage_objects(), stage_zones(), stage_history() and stage_seed() may each run on any one thread; all else on the
 * control thread. */
#ifndef DNSD_STAGE_H
#define DNSD_STAGE_H

#include <stdbool.h>

#include "base/diag.h"
#include "conf/conf.h"

struct fits;
struct objects;
struct store;
struct world;
struct world_start;
struct zone;

struct stage {
	const char *state;             /* the folder of homing.db, lent; NULL: what the configuration says */
	struct conf *conf;             /* owned until taken */
	struct fits *fits;             /* likewise: with what was added at run time; NULL: nobody asked */
	struct zone **zones;           /* one per conf->zones; owned until taken */
	struct world_start *starts;    /* likewise: where their numbering begins (serials.h) */
	bool *seeds;                   /* likewise: those whose records are a seed; NULL before stage_zones() */
	bool seeded;                   /* and homing.db has them */
	struct diag diag;              /* every mistake, in order */
};

struct stage *stage_new(void);
void stage_free(struct stage *s);      /* and what was not taken; NULL is fine */

/* Reads the configuration and prepares a probe of each check. False with the mistakes in diag. */
bool stage_conf(struct stage *s, const char *file);

/* What becomes of what was added at run time beside that configuration. all must not change meanwhile. */
void stage_objects(struct stage *s, const struct objects *all);

/* Loads, copies or makes each zone, compares it with the edition of its name in old (NULL: there is none; with one, the thread
 * is an RCU reader, and old stays until this returns), and sees that each service fits into its zone, except those in zones that are
 * copied from old. False with the mistakes in diag. Changes nothing: neither homing.db nor old. */
bool stage_zones(struct stage *s, const struct world *old);

/* For a start: the history that a clean stop has left of each zone. What cannot be read is logged: there is none then. */
void stage_history(struct stage *s);

/* Are there seeds that homing.db shall get? Then stage_seed() writes them: false with the mistake in diag, and homing.db has
 * none of them. stage_unseed(): the configuration is refused after all. */
bool stage_wants_seed(const struct stage *s);
bool stage_seed(struct stage *s, struct store *store);
void stage_unseed(struct stage *s, struct store *store);

/* Right before a stage takes over from old (NULL at a start), whose updates are all published: what they have changed since it was loaded.
 * False with the mistakes in diag: there is something where a service would be. Costs what changed. */
bool stage_catch_up(struct stage *s, const struct world *old);

/* Logs what becomes of homing.db: seeds, and zones that it has and that are read from files now. Before zones are taken. */
void stage_tell(const struct stage *s, struct store *store);

#endif
