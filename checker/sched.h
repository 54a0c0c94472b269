/* sched.h - when probes start and when their time is up. No sockets and no clock:
 * the time is an argument, the probing is a prober's (probe.h).
 *
 * Threads: the control thread only. */
#ifndef CHECKER_SCHED_H
#define CHECKER_SCHED_H

#include "checker/checker.h"
#include "checker/probe.h"

struct sched;

/* What the scheduler asks of the world. Members may be NULL. */
struct sched_ops {
	/* Reads every reply that has arrived: called before deadlines are judged, so that
	 * our being late is never a target's failure. Ends probes through probe_end(). */
	void (*drain)(void *arg, uint64_t now_us);
	/* A probe that started at since_us had no answer: is it our side of the path that failed? Then true, with
	 * words in detail. */
	bool (*excuse)(void *arg, struct aim *aim, uint64_t since_us, uint64_t now_us, char *detail, size_t size);
	void *arg;
};

/* Both structs are copied. The same seed gives the same jitter. */
struct sched *sched_new(const struct sched_ops *ops, const struct checker_hooks *hooks, void *hook_arg, uint64_t seed);
void sched_free(struct sched *s);      /* targets left too; their probes and questions end unreported */

/* See checker_add(), target_update(), checker_remove(), target_probe(). */
struct target *sched_add(struct sched *s, struct prober *prober, const struct target_conf *conf, uint64_t spread_us,
    void *user, uint64_t now_us, char *error, size_t error_size);
bool sched_update(struct target *t, struct prober *prober, const struct target_conf *conf, void *user,
    uint64_t now_us, char *error, size_t error_size);
void sched_remove(struct target *t);
void sched_ask(struct target *t, probe_done_fn done, void *arg);       /* started by the next sched_run() */

/* Does what is due at now_us, at most a batch of it, so that replies are read in between. */
void sched_run(struct sched *s, uint64_t now_us);
/* When sched_run() is wanted next; maybe long past, UINT64_MAX: never. */
uint64_t sched_due(const struct sched *s);

void sched_stats(const struct sched *s, struct checker_stats *out);

#endif
