/* explain.c - why a client gets that answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

static char *
explain_path(const struct cli *c, const char *name)
{
	const char *type = c->args.type != NULL ? c->args.type : "A";

	return c->args.from != NULL ? http_path("/v1/explain?name=%s&type=%s&from=%s", name, type, c->args.from) :
	    http_path("/v1/explain?name=%s&type=%s", name, type);
}

static void
print_ttl(const json_t *why)
{
	const json_t *doubts = json_object_get(why, "doubts");

	printf("ttl %lld: ", int_of(why, "ttl"));
	if (strcmp(text_of(why, "rule"), "ttl") == 0) {
		printf("all is calm\n");
		return;
	}
	printf("ttl_doubt, because of");
	for (size_t i = 0; i < json_array_size(doubts); i++)
		printf(" %s", json_string_value(json_array_get(doubts, i)));
	putchar('\n');
}

static void
print_explanation(const struct cli *c, const json_t *e)
{
	const json_t *answers = json_object_get(e, "answers"), *service = json_object_get(e, "service");

	printf("%s%s%s%s%s: %s, %s", tint_begin(&c->term, TINT_BOLD), text_of(e, "question"), tint_end(&c->term, TINT_BOLD),
	    c->args.from != NULL ? " from " : "", c->args.from != NULL ? c->args.from : "", text_of(e, "rcode"), text_of(e, "found"));
	if (*text_of(e, "zone") != '\0')
		printf(" in zone %s", text_of(e, "zone"));
	putchar('\n');
	for (size_t i = 0; i < json_array_size(answers); i++)
		printf("  %s\n", json_string_value(json_array_get(answers, i)));
	if (!json_is_object(service))
		return;
	print_ttl(json_object_get(e, "ttl_reason"));
	printf("service %s, tier %lld:\n", text_of(service, "name"), int_of(service, "tier"));
	show_members(c, json_object_get(service, "members"), 2);
}

enum outcome
verb_explain(struct cli *c, int nwords, char **words)
{
	char *path = explain_path(c, words[0]);
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);

	(void)nwords;
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		print_explanation(c, reply);
	json_decref(reply);
	free(path);
	return outcome;
}
