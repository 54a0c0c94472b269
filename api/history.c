/* history.c - what happened, as JSON, newest first:
 *
 *     {"events":[{"id":812,"kind":"target","at":"...","subject":"db1/a pg","from":"up","to":"down","text":"..."},...],"next":713}
 *
 * What is not on disk yet is taken in this turn, the rest is read on a thread. */
#include "api/history.h"

#include <stdlib.h>
#include <string.h>

#include "api/call.h"
#include "api/text.h"
#include "api/works.h"
#include "base/clock.h"
#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/chronicle.h"

enum { PAGE_USUAL = 100, PAGE_MAX = 1000 };

/* ---- what is asked for ---- */

static bool
number_read(const char *text, uint64_t *out)
{
	if (*text == '\0' || strlen(text) > 18 || strspn(text, "0123456789") != strlen(text))
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

/* A time, or how long ago. */
static bool
since_read(struct call *c, uint64_t *ms)
{
	const char *text = call_query(c, "since");
	uint64_t now_ms = clock_wall_ms(), us;

	if (text == NULL || number_read(text, ms))
		return true;
	if (!duration_parse(text, &us)) {
		call_refuse(c, 400, "bad_request", "since: expected a duration such as 1h, or milliseconds since 1970");
		return false;
	}
	*ms = us / US_PER_MS < now_ms ? now_ms - us / US_PER_MS : 0;
	return true;
}

static bool
page_read(struct call *c, struct store_wanted *w)
{
	const char *limit = call_query(c, "limit"), *before = call_query(c, "before");
	uint64_t n = PAGE_USUAL;

	if (limit != NULL && (!number_read(limit, &n) || n == 0 || n > PAGE_MAX)) {
		call_refuse(c, 400, "bad_request", "limit: expected a number of events from 1 to %d", PAGE_MAX);
		return false;
	}
	w->limit = n;
	if (before == NULL || (number_read(before, &w->before) && w->before > 0))
		return true;
	call_refuse(c, 400, "bad_request", "before: expected the id of an event");
	return false;
}

static bool
kind_read(struct call *c, const char **kind)
{
	static const char *const kinds[] = {
#define X(value, words) words,
		EVENT_KINDS(X)
#undef X
	};

	*kind = call_query(c, "kind");
	for (size_t i = 0; *kind != NULL && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(*kind, kinds[i]) == 0)
			return true;
	if (*kind != NULL)
		call_refuse(c, 400, "bad_request", "kind: there are no events of the kind \"%.64s\"", *kind);
	return *kind == NULL;
}

/* As events have it: names of services and zones in any spelling. malloc'd; NULL: not asked for. */
static char *
subject_read(const struct call *c)
{
	const char *text = call_query(c, "subject");
	const struct conf *conf = daemon_fleet(c->daemon)->conf;
	const struct service *s = text != NULL ? fleet_service(daemon_fleet(c->daemon), text) : NULL;
	uint8_t name[DNAME_MAX];

	if (text == NULL || *text == '\0')
		return NULL;
	if (s != NULL)
		return mem_text(s->conf->text);
	for (size_t i = 0; dname_parse(text, name) > 0 && i < conf->nzones; i++)
		if (dname_equal(conf->zones[i].name, name))
			return mem_text(conf->zones[i].text);
	return mem_text(text);
}

/* ---- a look back under way ---- */

struct look {
	struct call *call;
	struct past *past;
	bool ok;
	char error[ERROR_TEXT];
};

static void
look_free(struct look *l)
{
	past_free(l->past);
	free(l);
}

static json_t *
event_json(const struct store_event *e)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)e->id, "kind", text_json(e->kind), "at", wall_json(e->at_ms),
	    "subject", text_json(e->subject), "from", text_json(e->was), "to", text_json(e->became), "text", text_json(e->text));
}

static void
look_run(void *arg)
{
	struct look *l = arg;

	l->ok = past_read(l->past, l->error, sizeof(l->error));
}

static void
look_done(void *arg)
{
	struct look *l = arg;
	const struct past *p = l->past;
	json_t *list;

	if (!l->ok) {
		call_refuse(l->call, 503, "not_stored", "%s", l->error);
		look_free(l);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < p->count; i++)
		json_array_append_new(list, event_json(p->events[i]));
	call_reply(l->call, 200, json_pack("{s:o, s:o}", "events", list,
	    "next", p->more ? json_integer((json_int_t)p->events[p->count - 1]->id) : json_null()));
	look_free(l);
}

static void
look_drop(void *arg)
{
	look_free(arg);
}

void
history_get(struct call *c)
{
	struct store_wanted wanted = { 0 };
	struct look *l;
	char *subject;

	if (!since_read(c, &wanted.since_ms) || !page_read(c, &wanted) || !kind_read(c, &wanted.kind))
		return;
	wanted.subject = subject = subject_read(c);
	l = mem_alloc(sizeof(*l));
	l->call = c;
	l->past = chronicle_past(daemon_chronicle(c->daemon), &wanted);
	free(subject);
	if (works_start(c->works, look_run, look_done, look_drop, l)) {
		call_wait(c);
		return;
	}
	call_refuse(c, 503, "busy", "other requests are being read (try again in a second)");
	look_free(l);
}
