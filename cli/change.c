/* change.c - what an operator does: drain, force, release, check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"

static enum outcome
override_put(struct cli *c, const char *x, const char *state, json_t **reply)
{
	char *path = http_path("/v1/overrides/%s", x);
	json_t *body = json_pack("{s:s, s:s, s:s*, s:s*}", "state", state, "owner", owner(), "for", c->args.for_text, "why", c->args.why);
	enum outcome outcome = NOT_SO;

	*reply = NULL;
	if (body == NULL)
		complain("--why is not valid UTF-8");
	else
		outcome = ask(c, "PUT", path, body, reply);
	json_decref(body);
	free(path);
	return outcome;
}

static void
print_override(const json_t *reply)
{
	const json_t *o = json_object_get(reply, "override");
	const char *state = text_of(o, "state"), *until = text_of(o, "until");
	char at[AGE_TEXT];

	printf("%s is %s%s", text_of(o, "subject"), strcmp(state, "drained") == 0 ? "" : "forced ", state);
	if (*until != '\0')
		printf(" until %s\n", local_time(until, at));
	else
		printf(" until it is released\n");
}

static void
print_expiry(const json_t *reply)
{
	char at[AGE_TEXT];

	if (int_of(reply, "expires_s") == 0)
		printf("no service answered with it\n");
	else
		printf("the last cached answer with it expires in %lld s, at %s\n", int_of(reply, "expires_s"),
		    local_time(text_of(reply, "expires"), at));
}

static void
wait_seconds(long long seconds)
{
	struct timespec left = { seconds, 0 };

	fflush(stdout);
	while (nanosleep(&left, &left) != 0)
		;
}

enum outcome
verb_drain(struct cli *c, int nwords, char **words)
{
	bool json = (c->args.given & OPTION_JSON) != 0, waits = (c->args.given & OPTION_WAIT) != 0;
	json_t *reply;
	enum outcome outcome = override_put(c, words[0], "drained", &reply);

	(void)nwords;
	if (outcome == DONE && !json) {
		print_override(reply);
		print_expiry(reply);
	}
	if (outcome == DONE && waits) {
		wait_seconds(int_of(reply, "expires_s"));
		if (!json)
			printf("it has: no resolver that keeps to the TTL sends anybody there\n");
	}
	json_decref(reply);
	return outcome;
}

enum outcome
verb_force(struct cli *c, int nwords, char **words)
{
	json_t *reply;
	enum outcome outcome;

	(void)nwords;
	if (strcmp(words[1], "up") != 0 && strcmp(words[1], "down") != 0) {
		complain("force: \"%s\" is no state to force (expected up or down)", words[1]);
		return USAGE;
	}
	outcome = override_put(c, words[0], words[1], &reply);
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0) {
		print_override(reply);
		if (strcmp(words[1], "down") == 0)
			print_expiry(reply);
	}
	json_decref(reply);
	return outcome;
}

enum outcome
verb_release(struct cli *c, int nwords, char **words)
{
	char *path = http_path("/v1/overrides/%s?owner=%s", words[0], owner());
	json_t *reply;
	enum outcome outcome = ask(c, "DELETE", path, NULL, &reply);

	(void)nwords;
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		printf("%s is released: what is measured holds again\n", text_of(reply, "released"));
	json_decref(reply);
	free(path);
	return outcome;
}

static void
print_results(const struct cli *c, const json_t *rows)
{
	struct table *t = table_new("TARGET ADDRESS RESULT >RTT DETAIL");

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *r = json_array_get(rows, i);
		bool ok = json_is_true(json_object_get(r, "ok"));

		table_cell(t, TINT_NONE, text_of(r, "target"));
		table_cell(t, TINT_NONE, text_of(r, "address"));
		table_cell(t, ok ? TINT_GOOD : TINT_BAD, text_of(r, "reason"));
		if (json_is_number(json_object_get(r, "rtt_ms")))
			table_cellf(t, TINT_NONE, "%.2f ms", real_of(r, "rtt_ms"));
		else
			table_cell(t, TINT_NONE, NULL);
		table_cell(t, TINT_NONE, text_of(r, "detail"));
		table_row_end(t);
	}
	table_print(t, &c->term, 0, stdout);
	table_free(t);
}

enum outcome
verb_check(struct cli *c, int nwords, char **words)
{
	json_t *body = json_pack("{s:s}", "target", words[0]), *reply;
	enum outcome outcome = ask(c, "POST", "/v1/checks/run", body, &reply);

	(void)nwords;
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		print_results(c, json_object_get(reply, "results"));
	if (outcome == DONE && int_of(reply, "failed") > 0)
		outcome = NOT_SO;
	json_decref(reply);
	json_decref(body);
	return outcome;
}
