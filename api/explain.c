/* explain.c - why a client gets the answer that it gets. */
#include "api/call.h"
#include "api/model.h"
#include "api/show.h"
#include "dnsd/daemon.h"

/* Why the TTL is what it is; null where no service answers. */
static json_t *
ttl_json(const struct service *s)
{
	json_t *doubts = json_array();

	for (size_t i = 0; i < s->nseats; i++)
		if (s->candidates[i].doubt || s->candidates[i].returning)
			json_array_append_new(doubts, text_json(s->seats[i].iface->label));
	return json_pack("{s:I, s:s, s:o}", "ttl", (json_int_t)s->choice.ttl, "rule", s->choice.doubt ? "ttl_doubt" : "ttl",
	    "doubts", doubts);
}

static json_t *
lines_json(char *const *lines, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, text_json(lines[i]));
	return list;
}

static json_t *
explanation_json(const struct explanation *e, const struct addr *from)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "question", text_json(e->question), "from", addr_json(from),
	    "rcode", e->rcode, "found", text_json(e->found), "zone", text_json(e->zone),
	    "answers", lines_json(e->answers, e->nanswers),
	    "ttl_reason", e->service != NULL ? ttl_json(e->service) : json_null(),
	    "service", e->service != NULL ? model_service(e->service, true, moment_now()) : json_null());
}

void
explain_get(struct call *c)
{
	const char *name = call_query(c, "name"), *type = call_query(c, "type"), *from = call_query(c, "from");
	struct addr client = { .family = 0 };
	struct explanation e;
	char error[ERROR_TEXT];

	if (name == NULL || *name == '\0') {
		call_refuse(c, 400, "bad_request", "name is missing (expected /v1/explain?name=NAME&type=A&from=ADDRESS)");
	} else if (from != NULL && !addr_parse(from, &client)) {
		call_refuse(c, 400, "bad_request", "from: \"%.100s\" is no address (expected 192.0.2.1 or 2001:db8::1)", from);
	} else if (!daemon_explain(c->daemon, name, type != NULL ? type : "A", &client, &e, error)) {
		call_refuse(c, 400, "bad_request", "%s", error);
	} else {
		json_t *json = explanation_json(&e, &client);

		explanation_clear(&e);
		call_reply(c, 200, json);
	}
}
