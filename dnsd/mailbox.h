/* mailbox.h - things handed from any thread to the one that has an event loop.
 *
 * A bounded queue under a mutex and an eventfd: off the query path. Mail is malloc'd by who puts it and belongs to
 * the box until it is taken. */
#ifndef DNSD_MAILBOX_H
#define DNSD_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct event_base;
struct mailbox;

struct mail {                          /* the first member of what is handed */
	STAILQ_ENTRY(mail) next;
	size_t size;                   /* what it counts for */
};

/* At most so many at once, which count for so much together. fn(arg) in a turn of base's loop, when mail has come into the empty
 * box: it takes until nothing is left, or whoever left some comes back for it. */
struct mailbox *mailbox_new(struct event_base *base, size_t most, size_t most_size, void (*fn)(void *arg), void *arg);
/* When no other thread puts or closes; it is empty. NULL is fine. */
void mailbox_free(struct mailbox *m);

/* Any thread. False: it is full, or closed, and one stays the caller's. */
bool mailbox_put(struct mailbox *m, struct mail *one);
void mailbox_close(struct mailbox *m); /* any thread: when it returns nothing comes any more */
struct mail *mailbox_take(struct mailbox *m);  /* the loop's thread: the oldest; NULL: none */

#endif
