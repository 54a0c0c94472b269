/* snapshot.h - everything that answers need, published by one pointer swap.
 *
 * The control thread builds a snapshot and publishes it; the workers answer
 * from whichever is current, inside an RCU read section, and hold nothing while
 * they wait for queries. What a publication replaced is freed behind a grace
 * period, on liburcu's own thread: the control thread never waits for readers.
 *
 * Order for the control thread, each time something changed:
 *     zone_commit() ... -> garbage
 *     old = snapshot_publish(snapshot_new(zone_set_new(zones, n), &terms, nsid, version));
 *     snapshot_retire(old, garbage, ngarbage);
 *
 * Before the first publication there is no snapshot: answer() then answers nothing. */
#ifndef DNSD_SNAPSHOT_H
#define DNSD_SNAPSHOT_H

#if defined(__SANITIZE_THREAD__)
#define SNAPSHOT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SNAPSHOT_TSAN 1
#endif
#endif

#ifndef SNAPSHOT_TSAN                  /* which would find races in liburcu's own inline assembly */
#define _LGPL_SOURCE                   /* the read side inline: no call into liburcu per batch */
#endif
#include <urcu.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "zones/zone.h"

enum {
	NSID_MAX = 128,                /* RFC 5001 sets no limit; this is conf's */
	VERSION_MAX = 255              /* one character-string of a TXT record */
};

/* What outlives single snapshots and is lent to each: with conf, everything that a reload replaces. Freed by
 * its owner behind a grace period after the last snapshot that has it (snapshot_retire_call()). */
struct editions;
struct handover;
struct keyring;
struct limit;
struct reports;
struct snapshot_terms {
	const struct conf *conf;       /* keys, who may what, cookie secrets */
	struct editions *editions;     /* what may be transferred (edition.h); NULL: nothing */
	struct keyring *keys;          /* ready for signing (tsig.h); NULL: none */
	struct limit *limit;           /* response rate limiting (limit.h); NULL: off */
	struct reports *reports;       /* to the control thread (reports.h); NULL: none */
	const uint8_t (*cookie_secrets)[16];   /* at least one, the first makes cookies; NULL: no cookies */
	size_t ncookie_secrets;
	struct handover *handover;     /* to the control thread: updates (handover.h); NULL: they are answered with SERVFAIL */
	uint64_t number;               /* each configuration that serves has another */
	unsigned tcp_idle_100ms;       /* what EDNS TCP keepalive tells (RFC 7828) */
};

struct snapshot {                      /* immutable once published */
	struct zone_set *zones;        /* owned, unless disowned; the zones in it never are */
	struct snapshot_terms terms;
	bool disowned;                 /* the control thread's alone */
	uint8_t nsid_size;             /* 0: none; EDNS NSID, id.server., hostname.bind. */
	uint8_t version_size;          /* 0: version.bind. and version.server. are refused */
	uint8_t nsid[NSID_MAX];
	uint8_t version[VERSION_MAX];
};

/* ---- control thread ---- */

/* First and last of all calls here, both on the control thread. snapshot_close() withdraws and frees the
 * current snapshot (not its zones) and returns when everything retired is freed: workers must have ended. */
void snapshot_open(void);
void snapshot_close(void);

/* Takes zones over; terms are copied. nsid and version as configured: NULL or "" means none of it; longer text is cut. The
 * caller turns "version" of the configuration into text ("homing VERSION", or NULL for "none"). */
struct snapshot *snapshot_new(struct zone_set *zones, const struct snapshot_terms *terms, const char *nsid, const char *version);

/* Makes s what queries are answered from, and returns what it replaced: NULL the first time. */
struct snapshot *snapshot_publish(struct snapshot *s);

/* old's zone_set is in a garbage list already, where zone_set_replace() put it: snapshot_retire() leaves it to that. */
void snapshot_disown(struct snapshot *old);

/* Frees old with its zone_set, and the n garbage lists (the array stays the caller's), when no reader can hold
 * them any more. Returns at once. NULLs are fine. */
void snapshot_retire(struct snapshot *old, struct garbage *const *garbage, size_t n);
/* The same for anything else that readers may hold, such as zones and the memory of their rotors: done(arg) is called on liburcu's thread. */
void snapshot_retire_call(void (*done)(void *arg), void *arg);

/* ---- readers: threads that called rcu_register_thread(), and the control thread ---- */

/* The one published pointer. Written by snapshot_publish() alone. */
extern _Atomic(struct snapshot *) snapshot_published;

static inline const struct snapshot *
snapshot_current(void)                 /* inside a read section; NULL before the first publication */
{
	return atomic_load_explicit(&snapshot_published, memory_order_acquire);
}

/* A read section. Not to be held while blocked: reclamation waits for it. */
static inline void
snapshot_enter(void)
{
	rcu_read_lock();
}

#ifdef SNAPSHOT_TSAN                   /* liburcu is not instrumented: says what a grace period orders */
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define snapshot_ordered_before(address) __tsan_release(address)
#define snapshot_ordered_after(address) __tsan_acquire(address)
#else
#define snapshot_ordered_before(address) ((void)0)
#define snapshot_ordered_after(address) ((void)0)
#endif

static inline void
snapshot_leave(void)
{
	snapshot_ordered_before(&snapshot_published);
	rcu_read_unlock();
}

#endif
