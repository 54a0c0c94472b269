/* events.c - live events, as text/event-stream (WHATWG HTML, 9.2):
 *
 *   event: target
 *   data: {"kind":"target","at":"...","subject":"db1/a pg","from":"up","to":"down","text":"..."}
 *
 * A watcher that does not read is cut off rather than waited for: it can
 * connect again and read the state, which holds all that it missed. */
#include "api/events.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "api/call.h"
#include "api/text.h"
#include "base/mem.h"

/* What a watcher may say besides: nothing. Reading goes on only to see it leave. */
enum { STREAM_READ_MAX = 4096 };

struct stream {
	TAILQ_ENTRY(stream) link;
	struct streams *streams;
	struct evhttp_request *request;
	struct daemon_listener *listener;
};

struct streams {
	struct daemon *daemon;
	struct event *keepalive;
	TAILQ_HEAD(, stream) list;
	unsigned count;
};

/* The connection has gone, whoever ended it. */
static void
stream_on_close(struct evhttp_connection *connection, void *arg)
{
	struct stream *s = arg;

	(void)connection;
	daemon_unlisten(s->listener);
	if (evhttp_request_get_connection(s->request) == NULL)
		evhttp_request_free(s->request);
	TAILQ_REMOVE(&s->streams->list, s, link);
	if (--s->streams->count == 0)
		event_del(s->streams->keepalive);
	free(s);
}

/* May end the stream. */
static void
stream_send(struct stream *s, const char *text, size_t length)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(s->request);
	struct evbuffer *behind = bufferevent_get_output(evhttp_connection_get_bufferevent(connection));
	struct evbuffer *chunk;

	if (evbuffer_get_length(behind) + length > STREAM_BACKLOG_MAX) {
		evhttp_connection_free(connection);
		return;
	}
	chunk = evbuffer_new();
	evbuffer_add(chunk, text, length);
	evhttp_send_reply_chunk(s->request, chunk);
	evbuffer_free(chunk);
}

static json_t *
event_json(const struct daemon_event *e)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", event_kind_text(e->kind), "at", wall_json(e->at_ms),
	    "subject", text_json(e->subject), "from", text_json(e->from), "to", text_json(e->to), "text", text_json(e->text));
}

static void
stream_on_event(void *arg, const struct daemon_event *e)
{
	json_t *json = event_json(e);
	char *data = json_dumps(json, JSON_COMPACT);
	char *text = mem_printf("event: %s\ndata: %s\n\n", event_kind_text(e->kind), data);

	stream_send(arg, text, strlen(text));
	free(text);
	free(data);
	json_decref(json);
}

static void
streams_on_keepalive(evutil_socket_t fd, short what, void *arg)
{
	static const char comment[] = ": alive\n\n";
	struct streams *set = arg;
	struct stream *s, *next;

	(void)fd;
	(void)what;
	for (s = TAILQ_FIRST(&set->list); s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		stream_send(s, comment, sizeof(comment) - 1);
	}
}

struct streams *
streams_new(struct daemon *d)
{
	struct streams *set = mem_alloc(sizeof(*set));

	set->daemon = d;
	set->keepalive = event_new(daemon_base(d), -1, EV_PERSIST, streams_on_keepalive, set);
	TAILQ_INIT(&set->list);
	return set;
}

void
streams_free(struct streams *set)
{
	if (set == NULL)
		return;
	assert(set->count == 0);
	event_free(set->keepalive);
	free(set);
}

/* A stream is silent for long in one direction and for ever in the other. */
static void
stream_begin(struct stream *s)
{
	static const char comment[] = ": homing events\n\n";
	struct evhttp_connection *connection = evhttp_request_get_connection(s->request);
	struct bufferevent *b = evhttp_connection_get_bufferevent(connection);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(s->request);

	evhttp_connection_set_closecb(connection, stream_on_close, s);
	bufferevent_set_timeouts(b, NULL, &(struct timeval){ 2 * STREAM_KEEPALIVE_S, 0 });
	bufferevent_setwatermark(b, EV_READ, 0, STREAM_READ_MAX);
	evhttp_add_header(headers, "Content-Type", "text/event-stream");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_send_reply_start(s->request, 200, "OK");
	stream_send(s, comment, sizeof(comment) - 1);
}

void
events_get(struct call *c)
{
	struct streams *set = c->streams;
	struct stream *s;

	if (set->count >= STREAMS_MAX) {
		call_refuse(c, 503, "too_many_watchers", "%d event streams are open already (end one of them)", STREAMS_MAX);
		return;
	}
	s = mem_alloc(sizeof(*s));
	s->streams = set;
	s->request = call_take(c);
	s->listener = daemon_listen(set->daemon, stream_on_event, s);
	TAILQ_INSERT_TAIL(&set->list, s, link);
	if (set->count++ == 0)
		event_add(set->keepalive, &(struct timeval){ STREAM_KEEPALIVE_S, 0 });
	stream_begin(s);
}
