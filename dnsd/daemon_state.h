/* daemon_state.h - the inside of struct daemon, for the files that make it up:
 * daemon.c (readers, events, the checker's hooks), start.c (from nothing to
 * answering, and back), reload.c, runtime.c (servers and members at run time), operate.c (overrides, checks), explain.c.
 * Control thread only. */
#ifndef DNSD_DAEMON_STATE_H
#define DNSD_DAEMON_STATE_H

#include <event2/event.h>
#include <sys/queue.h>

#include "dnsd/chronicle.h"
#include "dnsd/daemon.h"
#include "dnsd/decide.h"
#include "dnsd/handover.h"
#include "dnsd/overrides.h"
#include "dnsd/reports.h"
#include "dnsd/runtime.h"
#include "dnsd/secondaries.h"
#include "dnsd/serials.h"
#include "dnsd/stage.h"
#include "dnsd/store.h"
#include "dnsd/tcp.h"
#include "dnsd/terms.h"
#include "dnsd/udp.h"
#include "dnsd/updates.h"
#include "dnsd/work.h"
#include "dnsd/world.h"

struct daemon_listener {
	TAILQ_ENTRY(daemon_listener) link;
	struct daemon *daemon;
	daemon_event_fn fn;                    /* NULL: unlistened inside its own call */
	void *arg;
};

/* A probe-now under way, see operate.c. */
struct check_run {
	TAILQ_ENTRY(check_run) link;
	struct daemon *daemon;
	struct daemon_check_hooks hooks;
	void *arg;
	size_t pending;
	struct event *deadline;                /* for targets that a reload takes away */
};

/* A configuration that is coming: at start, or beside the one that serves. */
struct coming {
	struct stage *stage;
	struct work *work;                     /* reading or loading; NULL when that is done */
	struct fleet *fleet;                   /* probing for its first round; NULL before */
	struct event *deadline;                /* the first round's longest time */
	bool overdue;
	daemon_reload_fn done;
	void *done_arg;
};

struct daemon {
	const char *file;                      /* homing.conf */
	struct event_base *base;
	struct conf *conf;                     /* what serves, as homing.conf has it */
	struct conf *amended;                  /* of it and what was added at run time: the fleet's; NULL: nothing was, conf is the fleet's */
	struct runtime *runtime;               /* what was added, and changes of it */
	struct terms *terms;                   /* conf's, lent to world's snapshots; NULL until ready. Then the owner of conf */
	struct store *store;
	struct serials *serials;
	struct chronicle *chronicle;
	struct reports *reports;
	struct handover *handover;             /* what workers and TCP threads may not decide */
	struct updates *updates;
	struct notify *notify;                 /* of conf; NULL until ready */
	struct secondaries *secondaries;       /* likewise */
	struct overrides *overrides;
	struct checker *checker;
	struct decide *decide;
	struct fleet *fleet;
	struct world *world;                   /* NULL until ready */
	struct udp *udp;
	struct tcp *tcp;
	struct tcp *tls;                       /* the same over TLS; there also while it listens nowhere */
	struct front *front;
	struct coming coming;
	bool ready;
	bool stopping;
	bool failed;                           /* the start failed behind the loop's begin: exit 1 */
	bool reload_again;                     /* SIGHUP came while a reload was under way */

	struct event *flush;                   /* decide_flush() at the end of this turn */
	struct event *due;                     /* the next failback or expiry */
	struct event *number;                  /* a zone's window closes: its next edition */
	struct event *round;                   /* coming's first round may be over */
	struct event *signals[4];
	struct event *alive;                   /* systemd's watchdog */
	TAILQ_HEAD(, daemon_listener) listeners;
	bool telling;                          /* inside the listeners' loop */
	TAILQ_HEAD(, check_run) checks;

	uint8_t cookie_secret[16];             /* where none is configured */
	uint64_t started_ms;
	uint64_t loaded_ms;                    /* the zones of conf */
	uint64_t terms_number;                 /* of terms: snapshot_terms.number */
	uint64_t publications;                 /* of worlds that are gone */
	uint64_t limited, slipped;             /* by rate limits that are gone */
};

/* daemon.c */
void daemon_tell(struct daemon *d, const struct daemon_event *e, bool log);
void daemon_rearm(struct daemon *d);           /* the timers, after failbacks or overrides changed, or a publication */
void daemon_numbered(void *arg, size_t zone, const struct edition *e); /* a world_numbered_fn */
void daemon_follow(struct daemon *d);          /* a new configuration: what is known of its secondaries goes on */
void daemon_announce(struct daemon *d, const struct world *old);       /* a new world: what its zones begin with; secondaries are told */
extern const struct checker_hooks daemon_checker_hooks;
extern const struct decide_hooks daemon_decide_hooks;
void daemon_on_flush(evutil_socket_t fd, short what, void *arg);
void daemon_on_due(evutil_socket_t fd, short what, void *arg);
void daemon_on_number(evutil_socket_t fd, short what, void *arg);
void daemon_on_report(void *arg, const struct report *r);
void daemon_on_handover(void *arg);

/* start.c: begins coming's first round with coming.fleet; on_ready is called once when it is over. */
void coming_wait(struct daemon *d);
bool coming_over(const struct daemon *d);      /* loaded, and settled or overdue */
void coming_clear(struct daemon *d);           /* drops what was not taken */

/* The world of coming's zones; conf is d's to be. Promises their serials. */
struct world *coming_world(struct daemon *d, struct conf *conf, struct terms *terms);

void starts_drop(struct stage *s, const struct conf *conf);    /* when that world has begun */

/* reload.c: coming is complete and takes over. */
void reload_switch(struct daemon *d);

/* operate.c */
void checks_mute(struct daemon *d);            /* before the targets go */
void checks_clear(struct daemon *d);           /* when they are gone */
void overrides_expire(struct daemon *d);
void overrides_forget(struct daemon *d);       /* those whose subject the new configuration does not have */

#endif
