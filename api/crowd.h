/* crowd.h - how many connections are open, and an end to it.
 *
 * libevent's HTTP server accepts without limit. It asks us for each connection's
 * bufferevent, though: the crowd keeps a reference to every one that it hands out, sees by its
 * callbacks (which libevent clears) when the server is done with it, and stops accepting
 * while there are CROWD_MAX. Who comes then waits in the socket's backlog. Control thread only. */
#ifndef API_CROWD_H
#define API_CROWD_H

#include <event2/http.h>
#include <event2/listener.h>

enum { CROWD_MAX = 128 };

struct crowd;

struct crowd *crowd_new(struct event_base *base, struct evhttp *http);
/* The listener that is told to pause; replaces the one before. */
void crowd_attend(struct crowd *c, struct evconnlistener *listener);
void crowd_free(struct crowd *c);      /* after evhttp_free(); NULL is fine */

#endif
