/* history.c - what happened. The daemon tells it newest first and in pages; people read it oldest first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

enum { PAGE = 1000 };

/* A state's text is only its reason: it has no log line of its own. */
void
show_event_text(const json_t *event)
{
	if (strcmp(text_of(event, "kind"), "state") == 0)
		printf("%s %s -> %s: ", text_of(event, "subject"), text_of(event, "from"), text_of(event, "to"));
	puts(text_of(event, "text"));
}

static void
print_past(const struct cli *c, const json_t *event)
{
	const char *time = text_of(event, "at"), *fraction = strchr(time, '.');
	char at[AGE_TEXT], date[AGE_TEXT];

	printf("%s%s %s%.4s%s  %-9s  ", tint_begin(&c->term, TINT_DIM), local_date(time, date), local_time(time, at),
	    fraction != NULL ? fraction : "", tint_end(&c->term, TINT_DIM), text_of(event, "kind"));
	show_event_text(event);
}

/* before 0: the newest. */
static char *
page_path(const char *x, uint64_t since_ms, long long before)
{
	char *subject = x != NULL ? http_path("&subject=%s", x) : mem_text("");
	char *since = since_ms > 0 ? mem_printf("&since=%llu", (unsigned long long)since_ms) : mem_text("");
	char *from = before > 0 ? mem_printf("&before=%lld", before) : mem_text("");
	char *path = mem_printf("/v1/history?limit=%d%s%s%s", PAGE, subject, since, from);

	free(subject);
	free(since);
	free(from);
	return path;
}

/* All since then; without that, the last PAGE. */
enum outcome
verb_history(struct cli *c, int nwords, char **words)
{
	const char *x = nwords > 0 ? words[0] : NULL;
	uint64_t since_ms = (c->args.given & OPTION_SINCE) != 0 ? clock_wall_ms() - c->args.since_us / US_PER_MS : 0;
	json_t *all = json_array(), *reply;
	enum outcome outcome;
	long long next = 0;

	do {
		char *path = page_path(x, since_ms, next);

		outcome = get(c, path, &reply);
		next = int_of(reply, "next");
		json_array_extend(all, json_object_get(reply, "events"));
		json_decref(reply);
		free(path);
	} while (outcome == DONE && next > 0 && since_ms > 0);
	for (size_t i = json_array_size(all); i-- > 0 && (c->args.given & OPTION_JSON) == 0;)
		print_past(c, json_array_get(all, i));
	json_decref(all);
	return outcome;
}
