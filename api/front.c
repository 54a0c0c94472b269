/* front.c - the API's server: HTTP/1.1 over a Unix socket, on the control thread.
 *
 *   listen.c  the socket          crowd.c   how many at once
 *   routes.c  request -> handler  call.c    request -> reply
 *   show.c status.c zones.c explain.c     what is (model.c text.c: as JSON)
 *   overrides.c operate.c                 what is done (body.c fields.c path.c: what was asked)
 *   records.c change.c import.c           records (edits.c: what was asked; works.c: on a thread)
 *   events.c history.c                    what happens, what happened
 *
 * Nothing here waits: a handler replies in its turn or is called back later. Everything is bounded:
 * connections, headers, bodies, idle time, what a slow reader may be behind. */
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/call.h"
#include "api/crowd.h"
#include "api/events.h"
#include "api/import.h"
#include "api/listen.h"
#include "api/routes.h"
#include "api/works.h"
#include "base/mem.h"
#include "dnsd/daemon.h"

enum {
	HEADERS_MAX = 16 * 1024,
	/* libevent refuses bodies above this in its own words; up to it, the refusal of a body above its route's limit is ours. */
	BODY_READ_MAX = IMPORT_MAX + BODY_MAX
};

struct front {
	struct daemon *daemon;
	struct evhttp *http;
	struct crowd *crowd;
	struct streams *streams;
	struct works *works;
	struct calls calls;
	struct listen_file file;
	struct evhttp_bound_socket *bound;     /* NULL until the first front_move() */
};

static void
front_on_request(struct evhttp_request *request, void *arg)
{
	struct front *f = arg;

	crowd_served(f->crowd, evhttp_connection_get_bufferevent(evhttp_request_get_connection(request)));
	routes_run(call_new(&f->calls, f->daemon, f->streams, f->works, request));
}

bool
front_move(struct front *f, const char *socket_path, char error[ERROR_TEXT])
{
	struct listen_file file;
	struct evconnlistener *listener;
	struct evhttp_bound_socket *bound;
	int fd = listen_open(socket_path, &file, error, ERROR_TEXT);

	if (fd < 0)
		return false;
	/* Not by libevent's address printer: it would be given a Unix address. The backlog is listen_open()'s. */
	listener = evconnlistener_new(daemon_base(f->daemon), NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	bound = listener != NULL ? evhttp_bind_listener(f->http, listener) : NULL;
	if (bound == NULL) {
		snprintf(error, ERROR_TEXT, "cannot listen on %s: out of memory", socket_path);
		listen_remove(&file);
		if (listener != NULL)
			evconnlistener_free(listener);
		else
			close(fd);
		return false;
	}
	if (f->bound != NULL) {
		evhttp_del_accept_socket(f->http, f->bound);   /* connections under way go on */
		listen_remove(&f->file);
	}
	f->bound = bound;
	f->file = file;
	crowd_attend(f->crowd, listener);
	return true;
}

static void
http_bound(struct evhttp *http)
{
	evhttp_set_max_headers_size(http, HEADERS_MAX);
	evhttp_set_max_body_size(http, BODY_READ_MAX);
	evhttp_set_timeout(http, IDLE_S);
	/* Every method, so that 405 is said by routes.c, as JSON and with Allow. */
	evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
	    EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH);
	evhttp_set_default_content_type(http, NULL);
}

struct front *
front_start(struct daemon *d, const char *socket_path, char error[ERROR_TEXT])
{
	struct front *f = mem_alloc(sizeof(*f));

	/* A client that leaves early must not end the daemon. */
	signal(SIGPIPE, SIG_IGN);
	f->daemon = d;
	f->http = evhttp_new(daemon_base(d));
	f->streams = streams_new(d);
	f->works = works_new(daemon_base(d));
	f->crowd = crowd_new(daemon_base(d), f->http);
	TAILQ_INIT(&f->calls);
	http_bound(f->http);
	evhttp_set_gencb(f->http, front_on_request, f);
	if (front_move(f, socket_path, error))
		return f;
	front_stop(f);
	return NULL;
}

void
front_stop(struct front *f)
{
	if (f == NULL)
		return;
	if (f->bound != NULL)
		listen_remove(&f->file);
	evhttp_free(f->http);                  /* ends connections, and with them streams */
	works_free(f->works);
	calls_clear(&f->calls);
	streams_free(f->streams);
	crowd_free(f->crowd);
	free(f);
}
