/* objects.c - services and servers: the table of all, the page of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

static const char *const types[] = { "A", "AAAA" };

/* "10.1.0.11 10.2.0.11 2001:db8::11"; malloc'd */
static char *
addresses(const json_t *answers)
{
	char *text = mem_text("");

	for (size_t k = 0; k < 2; k++) {
		const json_t *list = json_object_get(answers, types[k]);

		for (size_t i = 0; i < json_array_size(list); i++) {
			char *longer = mem_printf("%s%s%s", text, *text != '\0' ? " " : "", json_string_value(json_array_get(list, i)));

			free(text);
			text = longer;
		}
	}
	return text;
}

/* Members, as of services and of explain. */
void
show_members(const struct cli *c, const json_t *members, unsigned indent)
{
	struct table *t = table_new("MEMBER ADDRESS FABRIC >TIER VERDICT STATE WHAT");

	for (size_t i = 0; i < json_array_size(members); i++) {
		const json_t *m = json_array_get(members, i);
		bool answered = json_is_true(json_object_get(m, "answered"));
		const char *reason = text_of(m, "reason");

		table_cellf(t, TINT_NONE, "%s/%s", text_of(m, "server"), text_of(m, "interface"));
		table_cell(t, TINT_NONE, text_of(m, "address"));
		table_cell(t, TINT_NONE, json_string_value(json_object_get(m, "fabric")));
		table_cellf(t, TINT_NONE, "%lld", int_of(m, "tier"));
		table_cell(t, tint_of_state(text_of(m, "verdict")), text_of(m, "verdict"));
		table_cellf(t, tint_of_state(text_of(m, "state")), "%s%s", text_of(m, "state"),
		    json_is_true(json_object_get(m, "doubt")) ? " ?" : "");
		table_cellf(t, answered ? TINT_GOOD : TINT_NONE, "%s%s%s%s", text_of(m, "fate"), *reason != '\0' ? " (" : "", reason,
		    *reason != '\0' ? ")" : "");
		table_row_end(t);
	}
	table_print(t, &c->term, indent, stdout);
	table_free(t);
}

/* "  db1/a pg  up for 5m  ok after ...  0.21 ms", and the bar of the last 64 under it. */
static void
print_check(const struct cli *c, const json_t *k)
{
	const char *verdict = text_of(k, "verdict"), *detail = text_of(k, "detail");
	char age[AGE_TEXT], bar[HISTORY_BAR];
	double rtt = real_of(k, "rtt_ms");

	printf("  %s: %s%s%s%s for %s, ", text_of(k, "target"), tint_begin(&c->term, tint_of_state(verdict)), verdict,
	    tint_end(&c->term, tint_of_state(verdict)), json_is_true(json_object_get(k, "doubt")) ? " (in doubt)" : "",
	    age_of(k, "since", age));
	if (json_is_null(json_object_get(k, "probed")))
		printf("not probed yet");
	else
		printf("%s%s%s", text_of(k, "reason"), *detail != '\0' ? " " : "", detail);
	if (rtt > 0 && strcmp(text_of(k, "reason"), "ok") == 0)
		printf(", rtt %.*f ms", rtt < 10 ? 2 : 0, rtt);
	printf("\n    %s\n", history_bar(&c->term, text_of(k, "history"), bar));
}

static void
print_checks(const struct cli *c, const json_t *owners)
{
	for (size_t i = 0; i < json_array_size(owners); i++) {
		const json_t *checks = json_object_get(json_array_get(owners, i), "checks");

		for (size_t k = 0; k < json_array_size(checks); k++)
			print_check(c, json_array_get(checks, k));
	}
}

static void
title(const struct cli *c, const json_t *o)
{
	const char *state = text_of(o, "state");
	char age[AGE_TEXT];

	printf("%s%s%s  %s%s%s", tint_begin(&c->term, TINT_BOLD), text_of(o, "name"), tint_end(&c->term, TINT_BOLD),
	    tint_begin(&c->term, tint_of_state(state)), state, tint_end(&c->term, tint_of_state(state)));
	if (*text_of(o, "since") != '\0')
		printf(", the same answer for %s", age_of(o, "since", age));
	if (strcmp(text_of(o, "origin"), "run time") == 0)
		printf(", added at run time%s%s", *text_of(o, "owner") != '\0' ? " by " : "", text_of(o, "owner"));
	putchar('\n');
}

/* ---- services ---- */

static void
print_services(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("SERVICE STATE >TTL USABLE ANSWER");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i), *n = json_object_get(s, "members_count");
		char *answer = addresses(json_object_get(s, "answers"));

		table_cell(t, TINT_NONE, text_of(s, "name"));
		table_cell(t, tint_of_state(text_of(s, "state")), text_of(s, "state"));
		table_cellf(t, TINT_NONE, "%lld", int_of(s, "ttl"));
		table_cellf(t, int_of(n, "usable") < int_of(n, "total") ? TINT_WARN : TINT_NONE, "%lld/%lld", int_of(n, "usable"), int_of(n, "total"));
		table_cell(t, TINT_NONE, *answer != '\0' ? answer : "nothing");
		table_row_end(t);
		free(answer);
	}
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

static void
print_service(const struct cli *c, const json_t *s)
{
	char *answer = addresses(json_object_get(s, "answers"));
	const json_t *rule = json_object_get(s, "rule"), *all_down = json_object_get(s, "all_down");

	title(c, s);
	printf("answers %s (spread %s, ttl %lld%s)\n", *answer != '\0' ? answer : "nothing", text_of(rule, "spread"), int_of(s, "ttl"),
	    json_is_true(json_object_get(s, "doubt")) ? " while in doubt" : "");
	for (size_t i = 0; i < 2; i++)
		if (json_is_true(json_object_get(all_down, types[i])))
			printf("%s: nobody is up, all_down = \"%s\" decides\n", types[i], text_of(rule, "all_down"));
	putchar('\n');
	show_members(c, json_object_get(s, "members"), 0);
	putchar('\n');
	print_checks(c, json_object_get(s, "members"));
	free(answer);
}

enum outcome
verb_services(struct cli *c, int nwords, char **words)
{
	char *path = nwords > 0 ? http_path("/v1/services/%s", words[0]) : mem_text("/v1/services");
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);

	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0) {
		if (nwords > 0)
			print_service(c, reply);
		else
			print_services(c, json_object_get(reply, "services"));
	}
	json_decref(reply);
	free(path);
	return outcome;
}

/* ---- servers ---- */

static void
add_interfaces(struct table *t, const json_t *server)
{
	const json_t *list = json_object_get(server, "interfaces");
	char age[AGE_TEXT];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *reason = text_of(f, "reason");

		table_cell(t, TINT_NONE, text_of(f, "label"));
		table_cell(t, TINT_NONE, text_of(f, "address"));
		table_cell(t, TINT_NONE, json_string_value(json_object_get(f, "fabric")));
		table_cell(t, tint_of_state(text_of(f, "verdict")), text_of(f, "verdict"));
		table_cell(t, tint_of_state(text_of(f, "state")), text_of(f, "state"));
		table_cell(t, TINT_NONE, age_of(f, "since", age));
		table_cell(t, TINT_NONE, reason);
		table_row_end(t);
	}
}

static void
print_interfaces(const struct cli *c, const json_t *servers)
{
	struct table *t = table_new("INTERFACE ADDRESS FABRIC VERDICT STATE SINCE REASON");

	for (size_t i = 0; i < json_array_size(servers); i++)
		add_interfaces(t, json_array_get(servers, i));
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

static void
print_server(const struct cli *c, json_t *s)
{
	json_t *one = json_pack("[O]", s);

	title(c, s);
	putchar('\n');
	print_interfaces(c, one);
	putchar('\n');
	print_checks(c, json_object_get(s, "interfaces"));
	json_decref(one);
}

enum outcome
verb_servers(struct cli *c, int nwords, char **words)
{
	char *path = nwords > 0 ? http_path("/v1/servers/%s", words[0]) : mem_text("/v1/servers");
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);

	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0) {
		if (nwords > 0)
			print_server(c, reply);
		else
			print_interfaces(c, json_object_get(reply, "servers"));
	}
	json_decref(reply);
	free(path);
	return outcome;
}
