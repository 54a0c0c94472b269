/* worker.h - one UDP socket and the thread that answers what comes to it.
 *
 * Control thread only, but for what the thread itself does. The socket is the
 * worker's: closed by worker_free(), and when the answers to updates that came to it have left. */
#ifndef DNSD_WORKER_H
#define DNSD_WORKER_H

#include <stdbool.h>
#include <stdint.h>

struct worker;

/* any: the socket is bound to 0.0.0.0 or [::], and answers leave from the address that was asked. index names the thread. */
struct worker *worker_new(int fd, bool any, unsigned index);
int worker_start(struct worker *w);    /* 0, or an errno: no thread */
/* Asks the thread to end: it answers what its socket holds already (but no flood) and does. Fine when none runs. */
void worker_stop(struct worker *w);
void worker_join(struct worker *w);    /* after worker_stop(); once it returns the counters stand */
void worker_free(struct worker *w);    /* stops and joins first; NULL is fine */

/* Adds what this worker has counted so far. */
void worker_counters(const struct worker *w, uint64_t *answered, uint64_t *dropped);

#endif
