/* works.h - requests that take long to read, on threads, a few at a time. Control thread but for run(). */
#ifndef API_WORKS_H
#define API_WORKS_H

#include <stdbool.h>

struct event_base;
struct works;

enum { WORKS_MAX = 4 };                /* more are told to come again: each may hold a large body and what is made of it */

struct works *works_new(struct event_base *base);
/* Waits for every run(), then calls drop() in place of done(). NULL is fine. */
void works_free(struct works *w);

/* run(arg) on a thread, then done(arg) on the control thread. False: too many are under way, or no thread is to be had. */
bool works_start(struct works *w, void (*run)(void *arg), void (*done)(void *arg), void (*drop)(void *arg), void *arg);

#endif
