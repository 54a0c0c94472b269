/* zones.c - zones, who follows them, and what is in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

/* ---- all ---- */

/* "3", "3, 1 behind, 1 failing" */
static void
cell_secondaries(struct table *t, const json_t *count)
{
	long long behind = int_of(count, "behind"), failing = int_of(count, "failing");
	char more[64] = "";
	size_t n = 0;

	if (behind > 0)
		n += (size_t)snprintf(more, sizeof(more), ", %lld behind", behind);
	if (failing > 0)
		snprintf(more + n, sizeof(more) - n, ", %lld failing", failing);
	table_cellf(t, failing > 0 ? TINT_BAD : behind > 0 ? TINT_WARN : TINT_NONE, "%lld%s", int_of(count, "total"), more);
}

static const char *
zone_origin(const json_t *z)
{
	if (*text_of(z, "file") != '\0')
		return text_of(z, "file");
	return strcmp(text_of(z, "type"), "catalog") == 0 ? "the other zones' names" : "made for its services";
}

static void
print_zones(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("ZONE >SERIAL NUMBERED >NAMES SECONDARIES FROM");
	char age[AGE_TEXT];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *z = json_array_get(list, i);

		table_cell(t, TINT_NONE, text_of(z, "name"));
		table_cellf(t, TINT_NONE, "%lld", int_of(z, "serial"));
		table_cell(t, TINT_NONE, age_of(z, "numbered", age));
		table_cellf(t, TINT_NONE, "%lld", int_of(z, "names"));
		cell_secondaries(t, json_object_get(z, "secondaries_count"));
		table_cell(t, TINT_NONE, zone_origin(z));
		table_row_end(t);
	}
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

/* ---- one ---- */

static enum tint
tint_of_secondary(const char *state)
{
	if (strcmp(state, "in step") == 0)
		return TINT_GOOD;
	return strcmp(state, "failing") == 0 ? TINT_BAD : strcmp(state, "behind") == 0 ? TINT_WARN : TINT_NONE;
}

/* "2026112103", "2026112102 (1 behind)" */
static void
cell_serial(struct table *t, const json_t *s)
{
	long long behind = int_of(s, "behind");

	if (json_is_null(json_object_get(s, "serial")))
		table_cell(t, TINT_NONE, NULL);
	else if (behind == 0)
		table_cellf(t, TINT_NONE, "%lld", int_of(s, "serial"));
	else
		table_cellf(t, TINT_WARN, "%lld (%lld behind)", int_of(s, "serial"), behind);
}

/* "0.21 s", "5m" */
static void
cell_lag(struct table *t, const json_t *s)
{
	double lag = real_of(s, "lag_s");
	char age[AGE_TEXT];

	if (json_is_null(json_object_get(s, "lag_s")))
		table_cell(t, TINT_NONE, NULL);
	else if (lag < 10)
		table_cellf(t, TINT_NONE, "%.2f s", lag);
	else
		table_cell(t, TINT_NONE, age_format(lag, age));
}

/* What it last did, and what is wrong. */
static void
cell_last(struct table *t, const json_t *s)
{
	const json_t *transfer = json_object_get(s, "transfer"), *notify = json_object_get(s, "notify");
	const char *error = text_of(notify, "error");
	char age[AGE_TEXT], last[160] = "";

	if (json_is_object(transfer))
		snprintf(last, sizeof(last), "%s %s ago (%lld bytes, %.1f ms)", text_of(transfer, "what"), age_of(s, "seen", age),
		    int_of(transfer, "bytes"), real_of(transfer, "took_ms"));
	if (*error != '\0')
		table_cellf(t, TINT_NONE, "%s%sNOTIFY: %s (%lld tr%s)", last, *last != '\0' ? "; " : "", error, int_of(notify, "tries"),
		    int_of(notify, "tries") == 1 ? "y" : "ies");
	else
		table_cell(t, TINT_NONE, *last != '\0' ? last : NULL);
}

static void
print_secondaries(const struct cli *c, const json_t *list)
{
	struct table *t = table_new("SECONDARY KEY STATE SERIAL LAG ACKNOWLEDGED LAST");
	char age[AGE_TEXT];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *s = json_array_get(list, i), *notify = json_object_get(s, "notify");

		table_cell(t, TINT_NONE, text_of(s, "address"));
		table_cell(t, TINT_NONE, json_string_value(json_object_get(s, "key")));
		table_cell(t, tint_of_secondary(text_of(s, "state")), text_of(s, "state"));
		cell_serial(t, s);
		cell_lag(t, s);
		if (*text_of(notify, "acknowledged") != '\0')
			table_cellf(t, TINT_NONE, "%lld, %s ago", int_of(notify, "acknowledged_serial"), age_of(notify, "acknowledged", age));
		else
			table_cell(t, TINT_NONE, NULL);
		cell_last(t, s);
		table_row_end(t);
	}
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

static void
print_zone(const struct cli *c, const json_t *z)
{
	const json_t *history = json_object_get(z, "history"), *list = json_object_get(z, "secondaries");
	long long steps = int_of(history, "steps");
	char age[AGE_TEXT];

	printf("%s%s%s  serial %lld, for %s\n", tint_begin(&c->term, TINT_BOLD), text_of(z, "name"), tint_end(&c->term, TINT_BOLD),
	    int_of(z, "serial"), age_of(z, "numbered", age));
	printf("%lld name%s, from %s, loaded %s ago\n", int_of(z, "names"), plural(int_of(z, "names")), zone_origin(z), age_of(z, "loaded", age));
	printf("IXFR goes back %lld serial%s (%lld bytes); changes within %g ms share one\n", steps, plural(steps), int_of(history, "bytes"),
	    real_of(z, "notify_delay_ms"));
	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	print_secondaries(c, list);
}

enum outcome
verb_zones(struct cli *c, int nwords, char **words)
{
	char *path = nwords > 0 ? http_path("/v1/zones/%s", words[0]) : mem_text("/v1/zones");
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);

	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0) {
		if (nwords > 0)
			print_zone(c, reply);
		else
			print_zones(c, json_object_get(reply, "zones"));
	}
	json_decref(reply);
	free(path);
	return outcome;
}

/* ---- zone serial, zone export ---- */

static enum outcome
zone_serial(struct cli *c, const char *name)
{
	char *path = http_path("/v1/zones/%s", name);
	json_t *reply;
	enum outcome outcome = get(c, path, &reply);

	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		printf("%lld\n", int_of(reply, "serial"));
	json_decref(reply);
	free(path);
	return outcome;
}

static enum outcome
zone_export(struct cli *c, const char *name)
{
	char *path = c->args.plane != NULL ? http_path("/v1/zones/%s/file?plane=%s", name, c->args.plane) : http_path("/v1/zones/%s/file", name);
	json_t *error;
	int status = http_download(c->http, path, stdout, &error);
	enum outcome outcome = NOT_SO;

	if (status == HTTP_NO_DAEMON) {
		outcome = complain_no_daemon(c);
	} else if (status == HTTP_CUT_OFF) {
		if (!ferror(stdout))
			complain("the export ended early: it is not the whole zone");
	} else if (status / 100 == 2) {
		outcome = DONE;
	} else {
		if ((c->args.given & OPTION_JSON) != 0 && error != NULL)
			print_json(c, error);
		complain_error(error, status);
	}
	json_decref(error);
	free(path);
	return outcome;
}

enum outcome
verb_zone(struct cli *c, int nwords, char **words)
{
	bool import = strcmp(words[0], "import") == 0, export = strcmp(words[0], "export") == 0;

	if (!import && !export && strcmp(words[0], "serial") != 0) {
		complain("\"%s\" is nothing to be done with a zone (expected serial, export or import)", words[0]);
		return USAGE;
	}
	if ((!import && (nwords > 2 || (c->args.given & (OPTION_DRY_RUN | OPTION_WHY)) != 0)) ||
	    (!export && (c->args.given & OPTION_PLANE) != 0)) {
		complain("usage: homing zone serial ZONE | export ZONE [--plane configured|answer] | import ZONE [FILE] [--dry-run] [--why TEXT]");
		return USAGE;
	}
	if (import)
		return zone_import(c, words[1], nwords > 2 ? words[2] : "-");
	return export ? zone_export(c, words[1]) : zone_serial(c, words[1]);
}
