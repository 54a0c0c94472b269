/* lists.c - fabrics, checks; and the names that completion asks for. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"

/* Gets path and prints the table that rows makes of its list; with --json the reply is all. */
static enum outcome
print_list(struct cli *c, const char *path, const char *key, const char *head, void (*row)(struct table *t, const json_t *o))
{
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);
	const json_t *list = json_object_get(reply, key);
	struct table *t = table_new(head);

	for (size_t i = 0; i < json_array_size(list); i++) {
		row(t, json_array_get(list, i));
		table_row_end(t);
	}
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		table_print(t, &c->term, 0, stdout);
	table_free(t);
	json_decref(reply);
	return outcome;
}

static void
row_fabric(struct table *t, const json_t *f)
{
	const json_t *n = json_object_get(f, "interfaces"), *subnets = json_object_get(f, "subnets"), *o = json_object_get(f, "override");
	const char *source4 = text_of(f, "source4"), *source6 = text_of(f, "source6");
	char text[512];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < json_array_size(subnets) && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? " " : "", json_string_value(json_array_get(subnets, i)));
	table_cell(t, TINT_NONE, text_of(f, "name"));
	table_cellf(t, int_of(n, "usable") < int_of(n, "total") ? TINT_WARN : TINT_NONE, "%lld/%lld", int_of(n, "usable"), int_of(n, "total"));
	table_cell(t, json_is_object(o) ? TINT_WARN : TINT_NONE, json_is_object(o) ? text_of(o, "state") : NULL);
	table_cell(t, TINT_NONE, json_string_value(json_object_get(f, "device")));
	table_cellf(t, TINT_NONE, "%s%s%s", *source4 != '\0' || *source6 != '\0' ? source4 : "-",
	    *source4 != '\0' && *source6 != '\0' ? " " : "", source6);
	table_cell(t, TINT_NONE, text);
}

enum outcome
verb_fabrics(struct cli *c, int nwords, char **words)
{
	(void)nwords;
	(void)words;
	return print_list(c, "/v1/fabrics", "fabrics", "FABRIC USABLE OVERRIDE DEVICE SOURCE SUBNETS", row_fabric);
}

static void
row_check(struct table *t, const json_t *k)
{
	const json_t *n = json_object_get(k, "targets");

	table_cell(t, TINT_NONE, text_of(k, "name"));
	table_cell(t, TINT_NONE, text_of(k, "type"));
	table_cellf(t, TINT_NONE, int_of(k, "port") != 0 ? "%lld" : "-", int_of(k, "port"));
	table_cellf(t, TINT_NONE, "%g ms", real_of(k, "interval_ms"));
	table_cellf(t, TINT_NONE, "%g ms", real_of(k, "timeout_ms"));
	table_cellf(t, TINT_NONE, "%lld/%lld", int_of(k, "rise"), int_of(k, "fall"));
	table_cellf(t, TINT_NONE, "%lld", int_of(n, "up"));
	table_cellf(t, int_of(n, "down") > 0 ? TINT_BAD : TINT_NONE, "%lld", int_of(n, "down"));
	table_cellf(t, int_of(n, "unknown") > 0 ? TINT_WARN : TINT_NONE, "%lld", int_of(n, "unknown"));
}

enum outcome
verb_checks(struct cli *c, int nwords, char **words)
{
	(void)nwords;
	(void)words;
	return print_list(c, "/v1/checks", "checks", "CHECK TYPE >PORT >INTERVAL >TIMEOUT RISE/FALL >UP >DOWN >UNKNOWN", row_check);
}

/* ---- completion ---- */

/* The "key" of every object in path's list; silence where there is no daemon. */
static json_t *
names_get(struct cli *c, const char *path, const char *key)
{
	json_t *reply, *list;

	http_call(c->http, "GET", path, NULL, 0, &reply);
	list = json_incref(json_object_get(reply, key));
	json_decref(reply);
	return list;
}

static void
print_names(struct cli *c, const char *path, const char *list_key, const char *key)
{
	json_t *list = names_get(c, path, list_key);

	for (size_t i = 0; i < json_array_size(list); i++)
		puts(text_of(json_array_get(list, i), key));
	json_decref(list);
}

/* SERVER and SERVER/INTERFACE. */
static void
print_server_names(struct cli *c)
{
	json_t *list = names_get(c, "/v1/servers", "servers");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *interfaces = json_object_get(json_array_get(list, i), "interfaces");

		puts(text_of(json_array_get(list, i), "name"));
		for (size_t k = 0; k < json_array_size(interfaces); k++)
			puts(text_of(json_array_get(interfaces, k), "label"));
	}
	json_decref(list);
}

static void
print_verbs(void)
{
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (v->summary != NULL)
			printf("%s\t%s\n", v->name, v->summary);
}

/* complete WHAT: a name a line, for the shells' completion. Always succeeds: completion has nobody to complain to. */
enum outcome
verb_complete(struct cli *c, int nwords, char **words)
{
	const char *what = words[0];
	bool any = strcmp(what, "history") == 0;       /* whatever an event can be about */

	(void)nwords;
	if (strcmp(what, "verbs") == 0)
		print_verbs();
	if (strcmp(what, "services") == 0 || strcmp(what, "all") == 0 || any)
		print_names(c, "/v1/services", "services", "name");
	if (strcmp(what, "servers") == 0)
		print_names(c, "/v1/servers", "servers", "name");
	if (strcmp(what, "subjects") == 0 || strcmp(what, "all") == 0 || any)
		print_server_names(c);
	if (strcmp(what, "subjects") == 0 || any)
		print_names(c, "/v1/fabrics", "fabrics", "name");
	if (strcmp(what, "zones") == 0 || any)
		print_names(c, "/v1/zones", "zones", "name");
	if (strcmp(what, "overrides") == 0)
		print_names(c, "/v1/overrides", "overrides", "subject");
	return DONE;
}
