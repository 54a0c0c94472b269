/* call.h - one request under way, from its route to its reply.
 *
 * A route's function gets a call and ends it exactly once, with call_reply() or one of the
 * refusals: at once, or in a later turn after call_wait(). A client may go away meanwhile; the call
 * stays valid until it is ended, and its reply then goes nowhere. Control thread only. */
#ifndef API_CALL_H
#define API_CALL_H

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "api/body.h"
#include "api/path.h"
#include "dnsd/daemon.h"

/* How long a client may take to send a request, to read a reply, and to send the next one. */
enum { IDLE_S = 30 };

struct streams;
struct works;
TAILQ_HEAD(calls, call);

struct call {
	TAILQ_ENTRY(call) link;
	struct calls *calls;
	struct daemon *daemon;
	struct streams *streams;       /* events.h */
	struct works *works;           /* works.h */
	struct evhttp_request *request;        /* NULL: the client has gone */
	char names[PATH_NAMES][PATH_NAME_MAX]; /* what each * stands for in the route's pattern, decoded */
	const char *name;              /* the first */
	struct evkeyvalq query;        /* decoded */
	json_t *rows;                  /* what a waiting call has gathered; may be NULL; owned */
};

struct call *call_new(struct calls *calls, struct daemon *daemon, struct streams *streams, struct works *works, struct evhttp_request *request);
void calls_clear(struct calls *calls); /* drops those that never ended; their connections are gone */

/* NULL: not given. */
const char *call_query(const struct call *c, const char *key);
/* The body's bytes, good until the reply. */
const char *call_body(const struct call *c, size_t *length);

/* The body itself, taken out of the request: the caller's. */
struct evbuffer *call_take_body(struct call *c);

/* Who asks, where only that can be said: ?owner= or {"owner": TEXT}; "" where it is not. False: the call is refused. */
bool call_owner(struct call *c, char owner[OWNER_MAX + 1]);

/* The reply comes in a later turn: from here on the client's silence is patience, not idleness. */
void call_wait(struct call *c);

/* Each ends the call. body is taken. */
void call_reply(struct call *c, int status, json_t *body);
void call_refuse(struct call *c, int status, const char *code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same, and what else the error object says: more, which is taken. */
void call_refuse_more(struct call *c, int status, const char *code, json_t *more, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void call_refuse_body(struct call *c, const struct body_error *error); /* 400 */
void call_refuse_list(struct call *c, int status, const char *code, const struct diag *mistakes);
/* Takes the request away from the call and ends it without a reply: the caller replies. */
struct evhttp_request *call_take(struct call *c);

#endif
