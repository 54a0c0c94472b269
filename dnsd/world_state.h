/* world_state.h - the inside of a world, for the files that make it up: world.c (put, commit, publish),
 * world_number.c (which version gets which serial). Control thread only. */
#ifndef DNSD_WORLD_STATE_H
#define DNSD_WORLD_STATE_H

#include "dnsd/snapshot.h"
#include "dnsd/world.h"

/* What a commit has replaced, until the version it made is published. */
struct waste {
	size_t zone;
	struct garbage *garbage;
};

/* A version that becomes an edition as soon as it is published. */
struct numbered {
	size_t zone;
	struct changes *step;                  /* NULL: there is no step from the edition before */
	const struct edition *older;           /* see editions_put() */
};

struct world {
	const struct conf *conf;
	const struct conf_service *services;   /* conf's, or world_services()' */
	struct snapshot_terms terms;
	struct zone **zones;                   /* current versions, nzones of them */
	size_t nzones;
	struct zone_names *names;
	struct world_start *starts;            /* until the first publication */
	const struct world *old;               /* likewise */
	struct zone_edit **edits;              /* under way; NULL where nothing was put */
	size_t *edited;                        /* which they are, nedited of them */
	size_t nedited;
	struct zone_set *set;                  /* of the published snapshot; owned by it */
	_Atomic uint32_t *rotors;              /* one per service; live as long as any version of ours */
	struct rrbuf *rrs;
	struct digest *digests;                /* of the current editions */
	struct digest *loaded;                 /* of the zones as they were loaded */
	uint64_t *due_us;                      /* when a zone's window closes; 0: it is not open */
	size_t *waiting;                       /* zones whose window is open, nwaiting of them */
	size_t nwaiting;
	bool *changed;                         /* has a version that is not published */
	struct waste *wastes;                  /* for the next publication */
	size_t nwastes;
	struct numbered *numbered;             /* likewise */
	size_t nnumbered;
	uint64_t publications;
	void (*done)(void *arg);               /* behind world_retire() */
	void *done_arg;
};

/* world.c */
struct zone_edit *world_edit(struct world *w, size_t zone);
void world_commit(struct world *w);            /* all edits */
void world_swap(struct world *w);              /* publishes what was committed; what is in numbered becomes an edition */

/* world_number.c: the first edition of each zone, of what is committed. */
void world_begin(struct world *w);

#endif
