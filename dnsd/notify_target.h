/* notify_target.h - one who is told of one zone: what was sent to him, what he said, and what is told of him.
 * Knows no queues (notify.c does). Control thread. */
#ifndef DNSD_NOTIFY_TARGET_H
#define DNSD_NOTIFY_TARGET_H

#include <sys/queue.h>

#include "dnsd/notify.h"

struct brake;
struct channel;
struct notify_answer;
struct request;
struct topic;

/* What targets share. */
struct notify_terms {
	const struct keyring *keys;
	notify_event_fn *event;        /* NULL: nobody is told */
	void *arg;
	struct brake *brake;
};

enum mood { MOOD_WELL, MOOD_SILENT, MOOD_REFUSING };   /* what was told of it last */

struct target {
	TAILQ_ENTRY(target) link;      /* notify.c's, and: */
	unsigned queue;                /* while state->waiting */
	uint64_t due_us;
	struct topic *topic;
	uint32_t serial;               /* what it is, or was last, told of; void before the first time: */
	bool begun;

	const struct notify_terms *terms;
	const struct conf_zone *zone;
	struct notify_state *state;
	struct channel *channel;
	struct request *request;       /* NULL: to be made */
	bool explained;                /* state->error says what became of the last try */
	uint64_t sent_us;              /* the last try */
	uint64_t silent_us;            /* the first of the tries, */
	unsigned silent_tries;         /* of whatever serial, since it last answered */
	enum mood mood;
	uint64_t mood_us;              /* since when it is not well */
};

/* One try: sends what is under way, or begins with soa. What went wrong here is in its state's error. */
void target_send(struct target *t, const uint8_t *soa, uint64_t now_us);
/* The last try has come to nothing, or will not be waited for. */
void target_missed(struct target *t, uint64_t now_us);
bool target_is_silent(const struct target *t, uint64_t now_us);        /* long enough to be told */
void target_forget(struct target *t);  /* what is under way */

/* Does the answer to a NOTIFY of its zone, from its address, belong to what is under way? */
bool target_expects(const struct target *t, const struct notify_answer *a);
/* It does. True: it ends the wait, one way or the other. */
bool target_answered(struct target *t, const struct notify_answer *a, const uint8_t *bytes, size_t size, uint64_t now_us);

/* Goes on as old, of another configuration, but for what is under way: its answer goes to a socket that will be closed. */
void target_inherit(struct target *t, const struct target *old);

#endif
