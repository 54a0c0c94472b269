/* zones.c - zones, their secondaries, and a zone as a master file. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/show.h"
#include "api/text.h"
#include "api/zones.h"
#include "base/mem.h"
#include "conf/names.h"
#include "dnsd/daemon.h"

/* ---- one zone as JSON ---- */

static const char *
zone_kind(const struct conf_zone *z)
{
	return z->type == ZONE_CATALOG || z->file != NULL ? zone_type_text(z->type) : "made";
}

static json_t *
serial_json(uint32_t serial, uint64_t at_ms)
{
	return at_ms != 0 ? json_integer((json_int_t)serial) : json_null();
}

static json_t *
notify_json(const struct daemon_secondary *s)
{
	if (!s->configured)
		return json_null();
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o}", "serial", serial_json(s->notified_serial, s->notified_ms),
	    "sent", wall_json(s->notified_ms), "tries", (json_int_t)s->notify_tries,
	    "acknowledged_serial", serial_json(s->acked_serial, s->acked_ms), "acknowledged", wall_json(s->acked_ms),
	    "error", text_json(s->error));
}

/* In one word, what an operator wants to know. */
static const char *
secondary_state(const struct daemon_secondary *s)
{
	if (s->failing)
		return "failing";
	if (s->serial_ms == 0)
		return "not seen";
	return s->behind > 0 ? "behind" : "in step";
}

static json_t *
transfer_json(const struct daemon_secondary *s)
{
	if (s->transfer == NULL)
		return json_null();
	return json_pack("{s:s, s:I, s:o}", "what", s->transfer, "bytes", (json_int_t)s->transfer_bytes,
	    "took_ms", milliseconds_json(s->transfer_us));
}

static json_t *
secondary_json(const struct daemon_secondary *s)
{
	char address[ADDR_TEXT];

	if (s->configured)
		addr_format_port(&s->address, address);
	else
		addr_format(&s->address, address);
	return json_pack("{s:s, s:b, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "address", address, "configured", s->configured,
	    "state", secondary_state(s), "key", text_json(s->key), "serial", serial_json(s->serial, s->serial_ms),
	    "seen", wall_json(s->serial_ms), "behind", (json_int_t)s->behind,
	    "lag_s", s->serial_ms != 0 ? json_real((double)s->lag_ms / 1000) : json_null(), "transfer", transfer_json(s),
	    "notify", notify_json(s));
}

/* How many there are, and of how many there is something to say. */
static json_t *
secondaries_count(const struct daemon_secondary *list, size_t n)
{
	json_int_t behind = 0, failing = 0;

	for (size_t i = 0; i < n; i++) {
		failing += list[i].failing;
		behind += !list[i].failing && list[i].behind > 0;
	}
	return json_pack("{s:I, s:I, s:I}", "total", (json_int_t)n, "behind", behind, "failing", failing);
}

static json_t *
zone_json(const struct call *c, size_t i, bool details)
{
	size_t n = daemon_secondaries(c->daemon, i, NULL, 0);
	struct daemon_secondary *list = mem_array(n, sizeof(*list));
	struct daemon_zone z;
	json_t *json, *rows;

	daemon_zone(c->daemon, i, &z);
	daemon_secondaries(c->daemon, i, list, n);
	json = json_pack("{s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:{s:I, s:I}, s:o}", "name", text_json(z.conf->text),
	    "type", zone_kind(z.conf), "serial", (json_int_t)z.serial, "names", (json_int_t)z.names, "file", text_json(z.conf->file),
	    "loaded", wall_json(z.loaded_ms), "numbered", wall_json(z.numbered_ms),
	    "notify_delay_ms", milliseconds_json(z.conf->notify_delay_us),
	    "history", "steps", (json_int_t)z.history_steps, "bytes", (json_int_t)z.history_bytes,
	    "secondaries_count", secondaries_count(list, n));
	if (details) {
		rows = json_array();
		for (size_t k = 0; k < n; k++)
			json_array_append_new(rows, secondary_json(&list[k]));
		json_object_set_new(json, "secondaries", rows);
	}
	free(list);
	return json;
}

void
zones_get(struct call *c)
{
	size_t n = daemon_zones(c->daemon, NULL, 0);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, zone_json(c, i, false));
	call_reply(c, 200, json_pack("{s:o}", "zones", list));
}

/* ---- which one ---- */

/* The zone that a name is in, or one that is spelt almost so; NULL: neither. */
static const char *
zone_meant(const struct conf *conf, const char *text, const uint8_t *name)
{
	const struct conf_zone *around = NULL;
	unsigned best = name_tolerance(text) + 1;
	const char *close = NULL;

	for (size_t i = 0; i < conf->nzones; i++) {
		const struct conf_zone *z = &conf->zones[i];
		unsigned d = name_distance(text, z->text, best);

		if (name != NULL && dname_is_under(name, z->name) && (around == NULL || dname_is_under(z->name, around->name)))
			around = z;
		if (d < best) {
			best = d;
			close = z->text;
		}
	}
	return around != NULL ? around->text : close;
}

bool
zone_named(struct call *c, size_t *i)
{
	const struct conf *conf = daemon_fleet(c->daemon)->conf;
	size_t n = daemon_zones(c->daemon, NULL, 0);
	uint8_t name[DNAME_MAX];
	bool is_name = dname_parse(c->name, name) > 0;
	const char *meant;

	for (*i = 0; is_name && *i < n; ++*i)
		if (dname_equal(conf->zones[*i].name, name))
			return true;
	meant = zone_meant(conf, c->name, is_name ? name : NULL);
	if (n == 0)
		call_refuse(c, 503, "not_ready", "homingd is starting: no zone is served yet (wait until it is ready)");
	else if (meant != NULL)
		call_refuse(c, 404, "no_such_zone", "no zone is named \"%.300s\" (is it \"%s\"?)", c->name, meant);
	else
		call_refuse(c, 404, "no_such_zone", "no zone is named \"%.300s\"", c->name);
	return false;
}

void
zone_get(struct call *c)
{
	size_t i;

	if (zone_named(c, &i))
		call_reply(c, 200, zone_json(c, i, true));
}

/* ---- as a master file ---- */

/* One under way: the next piece is made when the last one has gone to the kernel. */
struct export {
	struct daemon_export *from;
	struct evhttp_request *request;
};

static void
export_free(struct export *x)
{
	daemon_export_free(x->from);
	free(x);
}

/* The client has gone, or reads nothing for too long. */
static void
export_on_close(struct evhttp_connection *connection, void *arg)
{
	struct export *x = arg;

	(void)connection;
	if (evhttp_request_get_connection(x->request) == NULL)
		evhttp_request_free(x->request);
	export_free(x);
}

static void
export_on_sent(struct evhttp_connection *connection, void *arg)
{
	struct export *x = arg;
	size_t size;
	char *piece = daemon_export_next(x->from, &size);
	struct evbuffer *chunk;

	if (piece == NULL) {
		evhttp_connection_set_closecb(connection, NULL, NULL);
		evhttp_send_reply_end(x->request);
		export_free(x);
		return;
	}
	chunk = evbuffer_new();
	evbuffer_add(chunk, piece, size);
	free(piece);
	evhttp_send_reply_chunk_with_cb(x->request, chunk, export_on_sent, x);
	evbuffer_free(chunk);
}

/* Which plane of a zone: of a dynamic one the configured plane unless asked otherwise, that which an import takes back. */
static bool
plane_asked(struct call *c, const struct conf_zone *zone, bool *configured)
{
	const char *plane = call_query(c, "plane");

	*configured = plane != NULL ? strcmp(plane, "configured") == 0 : zone->type == ZONE_DYNAMIC;
	if (plane == NULL || *configured || strcmp(plane, "answer") == 0)
		return true;
	call_refuse(c, 400, "bad_request", "plane: expected configured or answer");
	return false;
}

void
zone_file_get(struct call *c)
{
	const struct conf_zone *zone;
	bool configured;
	struct evhttp_connection *connection;
	struct evkeyvalq *headers;
	struct export *x;
	size_t i;

	if (!zone_named(c, &i))
		return;
	zone = &daemon_fleet(c->daemon)->conf->zones[i];
	if (!plane_asked(c, zone, &configured))
		return;
	x = mem_alloc(sizeof(*x));
	x->from = daemon_export_new(c->daemon, zone->text, configured);
	x->request = call_take(c);
	connection = evhttp_request_get_connection(x->request);
	headers = evhttp_request_get_output_headers(x->request);
	evhttp_connection_set_closecb(connection, export_on_close, x);
	bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), NULL, &(struct timeval){ IDLE_S, 0 });
	evhttp_add_header(headers, "Content-Type", "text/dns");
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "Connection", "close");
	evhttp_send_reply_start(x->request, 200, "OK");
	export_on_sent(connection, x);
}
