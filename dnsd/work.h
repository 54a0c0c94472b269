/* work.h - one long piece of work on a thread of its own, its end told on the control thread. */
#ifndef DNSD_WORK_H
#define DNSD_WORK_H

#include <stdbool.h>

struct event_base;
struct work;

/* Runs run(arg) on a new thread with all signals blocked, then done(arg) in a turn of base's loop;
 * the work is freed by then. NULL if no thread can be had: neither is called. */
struct work *work_start(struct event_base *base, void (*run)(void *arg), void (*done)(void *arg), void *arg);

/* Waits for run() to return, and forgets done(). For shutting down; NULL is fine. */
void work_cancel(struct work *w);

#endif
