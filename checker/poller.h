/* poller.h - the checker's own epoll instance, one event in the daemon's loop.
 *
 * Ten thousand connections a second would cost libevent two epoll_ctl calls and
 * several lists each; here one registration is one epoll_ctl, closing a
 * descriptor is its removal, and one call reads everything that is ready, also
 * when a deadline is about to be judged and the loop has not come round yet.
 *
 * Threads: one at a time. */
#ifndef CHECKER_POLLER_H
#define CHECKER_POLLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct poller;

/* Embedded in what waits for a descriptor. ready is called with EPOLL* bits. */
struct watch {
	void (*ready)(struct watch *w, uint32_t events, uint64_t now_us);
};

struct poller *poller_new(void);       /* NULL with errno */
void poller_free(struct poller *p);    /* NULL is fine */
int poller_fd(const struct poller *p); /* readable while anything is ready */

bool poller_add(struct poller *p, int fd, uint32_t events, struct watch *w);   /* false with errno */
bool poller_change(struct poller *p, int fd, uint32_t events, struct watch *w);

/* w is going away while events for it may already be in hand. The descriptor
 * leaves by being closed, or by poller_drop(), which forgets too. */
void poller_forget(struct poller *p, const struct watch *w);
void poller_drop(struct poller *p, int fd, const struct watch *w);

/* Calls ready for all that is ready, and returns when nothing is left. Never blocks; inside itself does nothing. */
void poller_run(struct poller *p, uint64_t now_us);

#endif
