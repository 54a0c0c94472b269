/* chronicle.h - what happened, kept in homing.db: every event that the daemon tells.
 *
 * An event is in memory at once and on disk a second later; a crash costs that second. While the disk fails, events stay in
 * memory as long as there is room. What does not fit is counted, and that is an event of its own.
 *
 * Threads: the control thread, unless it says otherwise. */
#ifndef DNSD_CHRONICLE_H
#define DNSD_CHRONICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/daemon.h"
#include "dnsd/store.h"

struct chronicle;
struct event_base;

enum { CHRONICLE_ROOM = 10000 };       /* events in memory */

/* How much is kept: newer than keep_us, and about so many bytes. keep_us 0: nothing, what was kept before goes too. */
struct chronicle_terms {
	uint64_t keep_us, bytes;
	unsigned delay_ms;                     /* an event is on disk so long after it came: a second */
};

struct conf_daemon;
struct chronicle_terms chronicle_terms_of(const struct conf_daemon *conf);

/* NULL with a message: the store cannot be read. */
struct chronicle *chronicle_new(struct store *store, struct event_base *base, const struct chronicle_terms *terms,
    char *error, size_t size);
/* Writes what is not written yet; what the disk refuses is lost, and logged. NULL is fine. */
void chronicle_free(struct chronicle *c);
void chronicle_follow(struct chronicle *c, const struct chronicle_terms *terms);       /* a reload */
void chronicle_add(struct chronicle *c, const struct daemon_event *e);  /* NULL is fine */

/* ---- looking back ---- */

struct past {
	struct store_event **events;           /* newest first */
	size_t count;
	bool more;                             /* there may be older ones: wanted.before = the last one's id */
	struct store_wanted wanted;            /* its own copies */
	const struct store *store;
};

/* Takes what is in memory of that. */
struct past *chronicle_past(const struct chronicle *c, const struct store_wanted *wanted);
/* Adds what is on disk, to the limit. Any one thread, while the store is open. */
bool past_read(struct past *p, char *error, size_t size);
void past_free(struct past *p);        /* NULL is fine */

#endif
