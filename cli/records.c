/* records.c - records of dynamic zones: record list, add, set, delete.
 *
 * A shell has taken the quotes away that rdata needs: a word with a blank, a semicolon or nothing in it gets them again,
 * and each word of a TXT is a string of its own. Of types that are one field each word is a record; of all others
 * the words together are one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/ask.h"
#include "cli/rdata.h"

/* ---- list ---- */

static void
print_records(struct table *t, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *r = json_array_get(list, i), *rdata = json_object_get(r, "rdata");
		bool governed = json_is_true(json_object_get(r, "governed"));

		for (size_t k = 0; k < json_array_size(rdata); k++) {
			table_cell(t, TINT_NONE, text_of(r, "name"));
			table_cellf(t, TINT_NONE, "%lld", int_of(r, "ttl"));
			table_cell(t, TINT_NONE, text_of(r, "type"));
			table_cellf(t, TINT_NONE, "%s%s", json_string_value(json_array_get(rdata, k)), governed ? "  (of its service)" : "");
			table_row_end(t);
		}
	}
}

static void
print_list(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("NAME >TTL TYPE RDATA");

	print_records(t, list);
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

/* The path of the next page, malloc'd; NULL: that was the last. */
static char *
page_after(const char *zone, const json_t *page)
{
	const char *next = json_string_value(json_object_get(page, "next"));

	return next != NULL ? http_path("/v1/zones/%s/records?limit=1000&after=%s", zone, next) : NULL;
}

/* Page by page; shown as one. */
static enum outcome
list_all(struct cli *c, const char *zone)
{
	bool json = (c->args.given & OPTION_JSON) != 0;
	char *path = http_path("/v1/zones/%s/records?limit=1000", zone);
	json_t *all = json_array(), *page = NULL;
	enum outcome outcome = DONE;

	c->args.given &= ~(unsigned)OPTION_JSON;       /* a page is not to be printed by itself */
	while (path != NULL) {
		json_decref(page);
		outcome = get(c, path, &page);
		json_array_extend(all, json_object_get(page, "records"));
		free(path);
		path = outcome == DONE ? page_after(zone, page) : NULL;
	}
	if (outcome == DONE && json) {
		json_object_set(page, "records", all);
		print_json(c, page);
	} else if (outcome == DONE) {
		print_list(c, all);
	}
	json_decref(page);
	json_decref(all);
	return outcome;
}

static enum outcome
record_list(struct cli *c, int nwords, char **words)
{
	char *path;
	json_t *reply;
	enum outcome outcome;

	if (nwords == 1)
		return list_all(c, words[0]);
	path = nwords == 2 ? http_path("/v1/zones/%s/records/%s", words[0], words[1]) :
	    http_path("/v1/zones/%s/records/%s/%s", words[0], words[1], words[2]);
	outcome = get(c, path, &reply);
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		print_list(c, json_object_get(reply, "records"));
	json_decref(reply);
	free(path);
	return outcome;
}

/* ---- changes ---- */

static enum outcome
print_changed(const struct cli *c, enum outcome outcome, const json_t *reply)
{
	if (outcome != DONE || (c->args.given & OPTION_JSON) != 0)
		return outcome;
	if (int_of(reply, "changed") == 0)
		printf("nothing changes: it is so already\n");
	else if (json_is_true(json_object_get(reply, "numbered")))
		printf("done: %s has the serial %lld\n", text_of(reply, "zone"), int_of(reply, "serial"));
	else
		printf("done: it is answered now, and %s gets its next serial behind %lld\n", text_of(reply, "zone"), int_of(reply, "serial"));
	return outcome;
}

/* One change, as a list of its own. Takes change. */
static enum outcome
submit(struct cli *c, const char *zone, json_t *change)
{
	char *path = http_path("/v1/zones/%s/changes", zone);
	json_t *body = json_pack("{s:[o], s:s, s:s*}", "changes", change, "owner", owner(), "why", c->args.why), *reply = NULL;
	enum outcome outcome = NOT_SO;

	if (body == NULL)
		complain("the records, or --why, are not valid UTF-8");
	else
		outcome = print_changed(c, ask(c, "POST", path, body, &reply), reply);
	json_decref(reply);
	json_decref(body);
	free(path);
	return outcome;
}

static enum outcome
bad_usage(const char *op)
{
	if (strcmp(op, "delete") == 0)
		complain("usage: homing record delete ZONE NAME [TYPE [RDATA...]] [--why TEXT]");
	else
		complain("usage: homing record %s ZONE NAME [TTL] TYPE RDATA... [--why TEXT]", op);
	return USAGE;
}

/* Seconds, or a duration in whole seconds. */
static bool
ttl_parse(const char *word, long long *ttl)
{
	uint64_t us;

	if (!duration_parse(word, &us) || us % US_PER_S != 0)
		return false;
	*ttl = (long long)(us / US_PER_S);
	return true;
}

/* words: NAME [TTL] TYPE [RDATA...] */
static enum outcome
record_change(struct cli *c, const char *op, const char *zone, int nwords, char **words)
{
	long long ttl = 0;
	bool delete = strcmp(op, "delete") == 0, has_ttl = nwords > 1 && ttl_parse(words[1], &ttl);
	const char *type = nwords > 1 + has_ttl ? words[1 + has_ttl] : NULL;
	int at = 2 + has_ttl;
	json_t *change, *rdata;

	if (nwords < 1 || (delete && has_ttl) || (!delete && nwords <= at))
		return bad_usage(op);
	rdata = type != NULL && nwords > at ? rdata_of(type, nwords - at, words + at) : NULL;
	change = json_pack("{s:s, s:s, s:s*, s:o*}", "op", op, "name", words[0], "type", type, "rdata", rdata);
	if (change != NULL && has_ttl)
		json_object_set_new(change, "ttl", json_integer(ttl));
	return submit(c, zone, change);
}

enum outcome
verb_record(struct cli *c, int nwords, char **words)
{
	const char *op = words[0];

	if (strcmp(op, "list") == 0)
		return nwords <= 4 ? record_list(c, nwords - 1, words + 1) : (complain("usage: homing record list ZONE [NAME [TYPE]]"), USAGE);
	if (strcmp(op, "add") == 0 || strcmp(op, "set") == 0 || strcmp(op, "delete") == 0)
		return record_change(c, op, words[1], nwords - 2, words + 2);
	complain("\"%s\" is nothing to be done with a record (expected list, add, set or delete)", op);
	return USAGE;
}
