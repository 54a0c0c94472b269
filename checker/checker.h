/* checker.h - probes interfaces on schedule and says what they add up to.
 *
 * A target is one check against one interface. The scheduler starts its probes;
 * each probe ends in exactly one reason; the verdict (verdict.h) judges the
 * last 64 of them. The checker knows no DNS and no services: it reports verdicts
 * through hooks, in the turn of the event loop that found them.
 *
 * Threads: the control thread only. Time is monotonic microseconds.
 *
 * Process: SIGPIPE is ignored from checker_new() on, unless somebody handles it (OpenSSL writes
 * without MSG_NOSIGNAL). The checker logs nothing but local failures, one line a minute for all. */
#ifndef CHECKER_CHECKER_H
#define CHECKER_CHECKER_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "checker/verdict.h"
#include "conf/conf.h"

struct event_base;
struct checker;
struct target;

/* How a probe ended: value and words. */
#define PROBE_REASONS(X)                                        \
	X(PROBE_OK,          "ok")                              \
	X(PROBE_REFUSED,     "refused")                         \
	X(PROBE_TIMED_OUT,   "timed out")                       \
	X(PROBE_UNREACHABLE, "unreachable")                     \
	X(PROBE_RESET,       "reset")                           \
	X(PROBE_CLOSED,      "closed early")                    \
	X(PROBE_BAD_REPLY,   "bad reply")                       \
	X(PROBE_BAD_STATUS,  "bad status")                      \
	X(PROBE_BAD_BODY,    "bad body")                        \
	X(PROBE_TLS,         "tls")                             \
	X(PROBE_CERTIFICATE, "certificate")                     \
	X(PROBE_LOCAL,       "local failure")

enum probe_reason {
#define X(value, words) value,
	PROBE_REASONS(X)
#undef X
	PROBE_REASON_COUNT
};
const char *probe_reason_text(enum probe_reason reason);

/* What is probed and how. The checker copies the struct; check and label must
 * stay valid until target_update() replaces them or the target is removed. */
struct target_conf {
	const char *label;             /* for log lines: "db1/a pg" */
	const struct conf_check *check;
	struct addr address;           /* the interface's; check->target and check->port are applied by the checker */
	struct addr source;            /* family 0: the kernel's choice */
	const char *device;            /* NULL: any; borrowed like label */
	uint32_t mark;                 /* 0: none */
};

/* What is known of a target; borrowed from it, changes under way between calls. */
struct target_view {
	struct verdict verdict;        /* verdict, history, seen: see verdict.h */
	bool doubt;                    /* evidence and verdict disagree, or not settled yet */
	enum probe_reason reason;      /* of the last probe that ended; PROBE_OK is success, with `invert` too */
	char detail[96];               /* its numbers: "after 500 ms", "503 is not in 200-299" */
	uint64_t rtt_us;               /* of the last probe that succeeded; 0: none did */
	uint64_t ended_us;             /* when the last probe ended; 0: none did */
	uint64_t changed_us;           /* when the verdict last changed; 0: never */
	uint64_t probes, failures, locals;     /* since start */
};

struct checker_hooks {
	/* The verdict or the doubt changed. from is the verdict before. Not called for a target's first UP
	 * from UNKNOWN being confirmed by nothing: UNKNOWN -> UP and UNKNOWN -> DOWN are changes like others. */
	void (*changed)(void *arg, struct target *t, enum verdict_value from);
	/* A probe ended (after changed, if both). May be NULL. */
	void (*probed)(void *arg, struct target *t);
};

struct checker *checker_new(struct event_base *base, const struct checker_hooks *hooks, void *arg);
void checker_free(struct checker *c);  /* frees targets left; NULL is fine; no hook and no probe_done_fn is called */

/* Adds a target; its first probe starts at once, spread over spread_us (0: now) so that thousands do not
 * start in one instant. NULL with message in error when it cannot be prepared (a bad pattern, no such CA file).
 * user is handed back by target_user(). */
struct target *checker_add(struct checker *c, const struct target_conf *conf, uint64_t spread_us, void *user,
    char *error, size_t error_size);
void checker_remove(struct checker *c, struct target *t);      /* a probe under way ends unreported */

/* Replaces a target's conf, keeping verdict, history and counters: for reload. Where nothing differs, with the very same check, probes
 * under way go on; else they are made good at once. False with message: nothing changed. */
bool target_update(struct checker *c, struct target *t, const struct target_conf *conf, void *user,
    char *error, size_t error_size);

/* True for a conf that checker_add() would take: for homingd -t. */
bool target_conf_check(const struct target_conf *conf, char *error, size_t error_size);

/* Probes now, beside the schedule; done is called once with the outcome, which also counts as evidence; with
 * PROBE_LOCAL if the target is removed first. Never called from inside target_probe(). */
typedef void (*probe_done_fn)(void *arg, struct target *t, enum probe_reason reason, const char *detail, uint64_t rtt_us);
void target_probe(struct checker *c, struct target *t, probe_done_fn done, void *arg);

const struct target_view *target_view(const struct target *t);
const struct target_conf *target_conf(const struct target *t);
void *target_user(const struct target *t);
/* True once enough probes ended for a verdict that holds: rise successes, fall failures, or only local failures. */
bool target_settled(const struct target *t);

/* How the scheduler keeps up, for status and bench. */
struct checker_stats {
	uint64_t targets, started, ended, skipped;     /* skipped: a start that came due while the one before had not begun */
	uint64_t late_p50_us, late_p99_us, late_max_us;        /* of the last 65,536 starts */
};
void checker_stats(const struct checker *c, struct checker_stats *out);

#endif
