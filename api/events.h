/* events.h - live events to whoever watches: Server-Sent Events. Control thread only. */
#ifndef API_EVENTS_H
#define API_EVENTS_H

struct call;
struct daemon;
struct streams;

enum {
	STREAMS_MAX = 64,              /* half of CROWD_MAX: watchers never keep an operator out */
	STREAM_BACKLOG_MAX = 1024 * 1024,      /* bytes that a client may be behind before it is cut off */
	STREAM_KEEPALIVE_S = 15
};

struct streams *streams_new(struct daemon *d);
void streams_free(struct streams *s);  /* after evhttp_free(), which ends them; NULL is fine */

/* GET /v1/events: turns the call into a stream, which begins with a comment as soon as it listens. */
void events_get(struct call *c);

#endif
