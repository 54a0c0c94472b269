/* call.c - requests under way, and replies. */
#include "api/call.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/text.h"
#include "base/mem.h"

struct call *
call_new(struct calls *calls, struct daemon *daemon, struct streams *streams, struct works *works, struct evhttp_request *request)
{
	struct call *c = mem_alloc(sizeof(*c));

	c->calls = calls;
	c->daemon = daemon;
	c->streams = streams;
	c->works = works;
	c->request = request;
	c->name = c->names[0];
	TAILQ_INIT(&c->query);
	TAILQ_INSERT_TAIL(calls, c, link);
	return c;
}

static void
call_free(struct call *c)
{
	TAILQ_REMOVE(c->calls, c, link);
	evhttp_clear_headers(&c->query);
	json_decref(c->rows);
	free(c);
}

void
calls_clear(struct calls *calls)
{
	struct call *c;

	while ((c = TAILQ_FIRST(calls)) != NULL)
		call_free(c);
}

const char *
call_query(const struct call *c, const char *key)
{
	return evhttp_find_header(&c->query, key);
}

const char *
call_body(const struct call *c, size_t *length)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(c->request);

	*length = evbuffer_get_length(in);
	return *length > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
}

struct evbuffer *
call_take_body(struct call *c)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add_buffer(body, evhttp_request_get_input_buffer(c->request));
	return body;
}

bool
call_owner(struct call *c, char owner[OWNER_MAX + 1])
{
	const char *given = call_query(c, "owner");
	struct body_error wrong;
	size_t length;
	const char *bytes = call_body(c, &length);

	if (!body_owner(bytes, length, owner, &wrong)) {
		call_refuse_body(c, &wrong);
		return false;
	}
	if (given != NULL && !body_is_text(given, OWNER_MAX)) {
		call_refuse(c, 400, "bad_request", "owner: expected at most %d bytes", OWNER_MAX);
		return false;
	}
	if (given != NULL)
		memcpy(owner, given, strlen(given) + 1);
	return true;
}

/* The client went away while its call waits. A request that libevent has let go of is ours to free. */
static void
call_on_close(struct evhttp_connection *connection, void *arg)
{
	struct call *c = arg;

	(void)connection;
	if (evhttp_request_get_connection(c->request) == NULL)
		evhttp_request_free(c->request);
	c->request = NULL;
}

void
call_wait(struct call *c)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(c->request);

	evhttp_connection_set_closecb(connection, call_on_close, c);
	bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), NULL, NULL);
}

struct evhttp_request *
call_take(struct call *c)
{
	struct evhttp_request *request = c->request;
	struct evhttp_connection *connection = request != NULL ? evhttp_request_get_connection(request) : NULL;

	if (connection != NULL) {
		evhttp_connection_set_closecb(connection, NULL, NULL);
		bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), &(struct timeval){ IDLE_S, 0 },
		    &(struct timeval){ IDLE_S, 0 });
	}
	call_free(c);
	return request;
}

static const char *
status_words(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 200, "OK" }, { 201, "Created" }, { 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 409, "Conflict" }, { 413, "Content Too Large" }, { 422, "Unprocessable Content" },
		{ 500, "Internal Server Error" }, { 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Error";
}

static int
add_to_buffer(const char *bytes, size_t size, void *arg)
{
	return evbuffer_add(arg, bytes, size);
}

void
call_reply(struct call *c, int status, json_t *body)
{
	struct evhttp_request *request = call_take(c);
	struct evbuffer *out;

	if (request == NULL) {
		json_decref(body);
		return;
	}
	out = evbuffer_new();
	json_dump_callback(body, add_to_buffer, out, JSON_COMPACT | JSON_REAL_PRECISION(12));
	evbuffer_add(out, "\n", 1);
	json_decref(body);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "application/json");
	evhttp_add_header(evhttp_request_get_output_headers(request), "Cache-Control", "no-store");
	evhttp_send_reply(request, status, status_words(status), out);
	evbuffer_free(out);
}

/* {"error": {"code", "message", "path"}}, to which more may be added. */
static json_t *
error_object(const struct call *c, const char *code, const char *message)
{
	const char *uri = c->request != NULL ? evhttp_request_get_uri(c->request) : "";

	return json_pack("{s:s, s:o, s:o}", "code", code, "message", text_json(message), "path", text_json(uri));
}

void
call_refuse(struct call *c, int status, const char *code, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	call_reply(c, status, json_pack("{s:o}", "error", error_object(c, code, message)));
}

void
call_refuse_more(struct call *c, int status, const char *code, json_t *more, const char *fmt, ...)
{
	char message[1024];
	json_t *object;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	object = error_object(c, code, message);
	json_object_update(object, more);
	json_decref(more);
	call_reply(c, status, json_pack("{s:o}", "error", object));
}

void
call_refuse_body(struct call *c, const struct body_error *error)
{
	json_t *object = error_object(c, "bad_request", error->message);

	if (error->key != NULL)
		json_object_set_new(object, "key", text_json(error->key));
	call_reply(c, 400, json_pack("{s:o}", "error", object));
}

void
call_refuse_list(struct call *c, int status, const char *code, const struct diag *mistakes)
{
	size_t total = mistakes->count + mistakes->dropped;
	json_t *list = json_array(), *object;
	char message[64];

	for (size_t i = 0; i < mistakes->count; i++)
		json_array_append_new(list, text_json(mistakes->messages[i]));
	snprintf(message, sizeof(message), "%zu mistake%s", total, total == 1 ? "" : "s");
	object = error_object(c, code, message);
	json_object_set_new(object, "mistakes", list);
	json_object_set_new(object, "mistakes_left_off", json_integer((json_int_t)mistakes->dropped));
	call_reply(c, status, json_pack("{s:o}", "error", object));
}
