/* crowd.h - how many connections are open, and an end to it.
 *
 * libevent's HTTP server accepts without limit, and says nothing when a connection
 * ends. It asks us for each one's bufferevent, though: from that the crowd learns the socket, and a
 * socket of that number and inode is open or it is not. While CROWD_MAX are, nobody is
 * accepted: who comes waits in the backlog.
 *
 * It counts what they send, too: a body may be large, but not everybody's at once. Who goes beyond what all together
 * may have under way is cut off. Control thread only. */
#ifndef API_CROWD_H
#define API_CROWD_H

#include <event2/http.h>
#include <event2/listener.h>

enum {
	CROWD_MAX = 128,
	CROWD_BYTES = 160 << 20,       /* of requests that are not whole yet: two of the largest, and everybody's small ones */
	CROWD_SHARE = 1 << 20          /* what everybody may have of that, however much the others have */
};

struct crowd;

struct crowd *crowd_new(struct event_base *base, struct evhttp *http);
/* The listener that is told to pause; replaces the one before. */
void crowd_attend(struct crowd *c, struct evconnlistener *listener);
/* A request of that connection is whole: what it sent so far is not the crowd's to count any more. */
struct bufferevent;
void crowd_served(struct crowd *c, struct bufferevent *b);
void crowd_free(struct crowd *c);      /* after evhttp_free(); NULL is fine */

#endif
