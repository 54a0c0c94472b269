/* status.c - what an operator wants first. Nothing to say is said in two lines. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/show.h"

static void
heading(const struct cli *c, const char *text)
{
	printf("%s%s%s\n", tint_begin(&c->term, TINT_BOLD), text, tint_end(&c->term, TINT_BOLD));
}

static void
table_end(const struct cli *c, struct table *t)
{
	if (table_rows(t) > 0)
		table_print(t, &c->term, 2, stdout);
	table_free(t);
}

static void
print_problems(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("WHAT NAME STATE SINCE REASON");
	char age[AGE_TEXT];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);

		table_cell(t, TINT_NONE, text_of(p, "kind"));
		table_cell(t, TINT_NONE, text_of(p, "name"));
		table_cell(t, tint_of_state(text_of(p, "state")), text_of(p, "state"));
		table_cell(t, TINT_NONE, age_of(p, "since", age));
		table_cell(t, TINT_NONE, text_of(p, "reason"));
		table_row_end(t);
	}
	if (table_rows(t) > 0)
		heading(c, "Not up:");
	table_end(c, t);
}

static void
print_doubts(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("   ");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *w = json_array_get(list, i);

		table_cell(t, TINT_NONE, text_of(w, "target"));
		table_cell(t, tint_of_state(text_of(w, "verdict")), text_of(w, "verdict"));
		table_cell(t, TINT_WARN, "?");
		table_cellf(t, TINT_NONE, "%s %s", text_of(w, "reason"), text_of(w, "detail"));
		table_row_end(t);
	}
	if (table_rows(t) > 0)
		heading(c, "In doubt (their services answer with ttl_doubt):");
	table_end(c, t);
}

static void
print_overrides(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("SUBJECT STATE BY ENDS WHY");
	char left[AGE_TEXT];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		const char *until = text_of(o, "until");

		table_cell(t, TINT_NONE, text_of(o, "subject"));
		table_cellf(t, TINT_WARN, strcmp(text_of(o, "state"), "drained") == 0 ? "%s" : "forced %s", text_of(o, "state"));
		table_cell(t, TINT_NONE, text_of(o, "owner"));
		if (*until != '\0')
			table_cellf(t, TINT_NONE, "in %s", age_format(-seconds_since(until), left));
		else
			table_cell(t, TINT_NONE, "at release");
		table_cell(t, TINT_NONE, text_of(o, "why"));
		table_row_end(t);
	}
	if (table_rows(t) > 0)
		heading(c, "Overrides:");
	table_end(c, t);
}

static void
print_all_down(const struct cli *c, const json_t *list)
{
	if (json_array_size(list) > 0)
		heading(c, "Answered by the all_down rule:");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i), *types = json_object_get(s, "types");

		printf("  %s  all_down = \"%s\" for", text_of(s, "service"), text_of(s, "rule"));
		for (size_t k = 0; k < json_array_size(types); k++)
			printf(" %s", json_string_value(json_array_get(types, k)));
		putchar('\n');
	}
}

/* "NAME: 3 that, 1 this", of what is not 0; nothing where all is. */
struct count {
	long long n;
	const char *what;
};

static void
print_counts(const char *name, const struct count *counts, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (counts[i].n == 0)
			continue;
		printf("%s%s%lld %s", any ? "" : name, any ? ", " : ": ", counts[i].n, counts[i].what);
		any = true;
	}
	if (any)
		putchar('\n');
}

static void
print_transfers(const json_t *t)
{
	const json_t *done = json_object_get(t, "transfers"), *not = json_object_get(t, "refusals");
	const struct count transfers[] = {
		{ int_of(done, "under_way"), "under way" }, { int_of(done, "axfr"), "AXFR" }, { int_of(done, "ixfr"), "IXFR" },
		{ int_of(done, "current"), "with nothing new" }, { int_of(done, "broken_off"), "broken off" }
	}, refusals[] = {
		{ int_of(not, "denied"), "denied" }, { int_of(not, "badsig"), "BADSIG" }, { int_of(not, "badkey"), "BADKEY" },
		{ int_of(not, "badtime"), "BADTIME" }, { int_of(not, "badtrunc"), "BADTRUNC" }, { int_of(not, "formerr"), "FORMERR" }
	}, limits[] = {
		{ int_of(t, "limited"), "dropped" }, { int_of(t, "slipped"), "told to come by TCP" }
	};

	print_counts("transfers", transfers, sizeof(transfers) / sizeof(*transfers));
	print_counts("refused", refusals, sizeof(refusals) / sizeof(*refusals));
	print_counts("rate limited", limits, sizeof(limits) / sizeof(*limits));
}

static void
print_updates(const json_t *t)
{
	const json_t *u = json_object_get(t, "updates");
	const struct count updates[] = {
		{ int_of(u, "applied"), "applied" }, { int_of(u, "refused"), "refused" }, { int_of(u, "failed"), "failed" },
		{ int_of(u, "transactions"), "transactions" }, { int_of(u, "leases"), "records with a lease" }
	};

	print_counts("updates", updates, sizeof(updates) / sizeof(*updates));
	if (json_is_false(json_object_get(u, "stored")))
		printf("updates are refused: homing.db cannot be written (the log says why)\n");
}

static void
print_totals(const json_t *s)
{
	const json_t *t = json_object_get(s, "totals"), *k = json_object_get(s, "checker");
	long long services = int_of(t, "services"), servers = int_of(t, "servers"), interfaces = int_of(t, "interfaces");
	long long zones = int_of(t, "zones"), udp = int_of(t, "queries_udp"), tcp = int_of(t, "queries_tcp"), tls = int_of(t, "queries_tls");
	long long answered = udp + tcp + tls, targets = int_of(k, "targets");
	char age[AGE_TEXT];

	printf("%lld service%s, %lld server%s with %lld interface%s, %lld zone%s; %lld target%s probed\n",
	    services, plural(services), servers, plural(servers), interfaces, plural(interfaces), zones, plural(zones),
	    targets, plural(targets));
	printf("homingd %s, up for %s; %lld quer%s answered (UDP %lld, TCP %lld, TLS %lld); probes p99 %.1f ms late\n", text_of(s, "version"),
	    age_format(real_of(s, "uptime_s"), age), answered, answered == 1 ? "y" : "ies", udp, tcp, tls,
	    real_of(k, "late_p99_ms"));
	print_transfers(t);
	print_updates(t);
}

enum outcome
verb_status(struct cli *c, int nwords, char **words)
{
	static const char *const lists[] = { "problems", "doubts", "overrides", "all_down" };
	bool ready, calm = true;
	json_t *s;
	enum outcome outcome = get(c, "/v1/status", &s);

	(void)nwords;
	(void)words;
	if (outcome != DONE || (c->args.given & OPTION_JSON) != 0) {
		json_decref(s);
		return outcome;
	}
	ready = json_is_true(json_object_get(s, "ready"));
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		calm = calm && json_array_size(json_object_get(s, lists[i])) == 0;
	if (!ready)
		printf("%sNot ready: the first round of probes is under way.%s\n", tint_begin(&c->term, TINT_WARN), tint_end(&c->term, TINT_WARN));
	else if (calm)
		printf("%sAll is well.%s\n", tint_begin(&c->term, TINT_GOOD), tint_end(&c->term, TINT_GOOD));
	print_problems(c, json_object_get(s, "problems"));
	print_all_down(c, json_object_get(s, "all_down"));
	print_doubts(c, json_object_get(s, "doubts"));
	print_overrides(c, json_object_get(s, "overrides"));
	if (!calm)
		putchar('\n');
	print_totals(s);
	json_decref(s);
	return DONE;
}
