/* wait.c - until something is so, and what happens meanwhile.
 *
 * wait reads the state once it listens to the events, and again at each of
 * them: nothing can slip between. A daemon that is not there yet, or leaves, is
 * looked for again until the time is over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

enum { LOOK_AGAIN_MS = 20, TIMEOUT_DEFAULT_S = 10 };

enum answer { YES, NOT_YET, NEVER };

struct wish {
	const char *name, *state;      /* name NULL: that the daemon is ready */
	uint64_t deadline_us;          /* monotonic */
	char seen[64];                 /* the last state; "": none */
};

/* What is left of its time, for one question: a daemon that hangs must not hang us. */
static uint64_t
time_left_us(const struct wish *w)
{
	uint64_t now_us = clock_mono_us();

	return w->deadline_us > now_us + US_PER_MS ? w->deadline_us - now_us : US_PER_MS;
}

/* The object of that name under path; the status, with *object NULL unless it is 200. */
static int
read_object(struct cli *c, const struct wish *w, const char *path, const char *name, json_t **object)
{
	char *encoded = http_path("%s", name), *url = mem_printf("%s%s", path, encoded);
	int status = http_call(c->http, "GET", url, NULL, time_left_us(w), object);

	free(encoded);
	free(url);
	if (status == 200)
		return status;
	json_decref(*object);
	*object = NULL;
	return status;
}

/* "db1/a": in the server's interfaces. */
static int
read_interface(struct cli *c, const struct wish *w, json_t **object)
{
	char *server = mem_text(w->name);
	json_t *reply;
	const json_t *list;
	int status;

	*object = NULL;
	*strchr(server, '/') = '\0';
	status = read_object(c, w, "/v1/servers/", server, &reply);
	list = json_object_get(reply, "interfaces");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(text_of(json_array_get(list, i), "label"), w->name) == 0)
			*object = json_incref(json_array_get(list, i));
	json_decref(reply);
	free(server);
	return status == 200 && *object == NULL ? 404 : status;
}

static int
read_named(struct cli *c, const struct wish *w, json_t **object)
{
	int status;

	if (strchr(w->name, '/') != NULL)
		return read_interface(c, w, object);
	status = read_object(c, w, "/v1/servers/", w->name, object);
	return status == 404 ? read_object(c, w, "/v1/services/", w->name, object) : status;
}

static enum answer
answer_state(struct cli *c, struct wish *w)
{
	json_t *object;
	int status = read_named(c, w, &object);
	enum answer so = status == 404 ? NEVER : NOT_YET;

	if (object != NULL) {
		snprintf(w->seen, sizeof(w->seen), "%s", text_of(object, "state"));
		so = strcmp(w->seen, w->state) == 0 ? YES : NOT_YET;
	}
	json_decref(object);
	return so;
}

static enum answer
answer_ready(struct cli *c, struct wish *w)
{
	json_t *reply;
	int status = http_call(c->http, "GET", "/healthz", NULL, time_left_us(w), &reply);

	json_decref(reply);
	if (status != HTTP_NO_DAEMON)
		snprintf(w->seen, sizeof(w->seen), "%s", status == 200 ? "ready" : "not ready");
	return status == 200 ? YES : NOT_YET;
}

static enum answer
answer(struct cli *c, struct wish *w)
{
	return w->name == NULL ? answer_ready(c, w) : answer_state(c, w);
}

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Listens and reads until it is so, the time is over (STREAM_TIMEOUT) or the daemon leaves (STREAM_END). */
static enum stream_news
follow(struct cli *c, struct wish *w, enum answer *so)
{
	struct stream *s = stream_open(c->http);
	enum stream_news news;
	json_t *event;

	*so = NOT_YET;
	while ((news = stream_next(s, w->deadline_us, &event)) == STREAM_OPEN || news == STREAM_EVENT) {
		json_decref(event);
		*so = answer(c, w);
		if (*so != NOT_YET)
			break;
	}
	stream_close(s);
	return news;
}

/* The time is over: what was seen last, if anything was. */
static enum outcome
complain_time(const struct cli *c, const struct wish *w, bool connected)
{
	if (*w->seen == '\0' && connected) {
		complain("homingd does not answer on %s", http_socket(c->http));
		return NO_DAEMON;
	}
	if (*w->seen == '\0')
		return complain_no_daemon(c);
	if (w->name == NULL)
		complain("the daemon is %s", w->seen);
	else
		complain("%s is %s, not %s", w->name, w->seen, w->state);
	return NOT_SO;
}

static enum outcome
wait_for(struct cli *c, struct wish *w)
{
	enum answer so;

	for (;;) {
		enum stream_news news = follow(c, w, &so);

		if (so == YES)
			return DONE;
		if (so == NEVER) {
			complain("nothing is named \"%s\" (expected a service, SERVER or SERVER/INTERFACE)", w->name);
			return NOT_SO;
		}
		if (news == STREAM_TIMEOUT || clock_mono_us() >= w->deadline_us)
			return complain_time(c, w, news == STREAM_TIMEOUT);
		sleep_ms(LOOK_AGAIN_MS);
	}
}

static bool
is_state(const char *word)
{
	static const char *const words[] = { "up", "down", "unknown", "drained", "forced" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

enum outcome
verb_wait(struct cli *c, int nwords, char **words)
{
	uint64_t timeout_us = c->args.timeout_us != 0 ? c->args.timeout_us : TIMEOUT_DEFAULT_S * US_PER_S;
	struct wish w = { .deadline_us = clock_mono_us() + timeout_us };

	if (nwords == 1 && strcmp(words[0], "ready") != 0) {
		complain("wait: a STATE is missing behind %s (expected: wait ready, or wait NAME STATE)", words[0]);
		return USAGE;
	}
	if (nwords == 2 && !is_state(words[1])) {
		complain("wait: \"%s\" is no state (expected up, down, unknown, drained or forced)", words[1]);
		return USAGE;
	}
	if (nwords == 2) {
		w.name = words[0];
		w.state = words[1];
	}
	return wait_for(c, &w);
}

/* ---- watch ---- */

static void
print_event(const struct cli *c, const json_t *event)
{
	char at[AGE_TEXT];
	const char *time = text_of(event, "at"), *fraction = strchr(time, '.'), *kind = text_of(event, "kind");

	if ((c->args.given & OPTION_JSON) != 0) {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		printf("%s%s%.4s%s  %-9s  ", tint_begin(&c->term, TINT_DIM), local_time(time, at), fraction != NULL ? fraction : "",
		    tint_end(&c->term, TINT_DIM), kind);
		show_event_text(event);
	}
	fflush(stdout);
}

enum outcome
verb_watch(struct cli *c, int nwords, char **words)
{
	struct stream *s = stream_open(c->http);
	unsigned long seen = 0;
	enum stream_news news;
	bool open = false;
	json_t *event;

	(void)nwords;
	(void)words;
	while ((news = stream_next(s, 0, &event)) == STREAM_OPEN || news == STREAM_EVENT) {
		open = true;
		if (news == STREAM_OPEN)
			continue;
		print_event(c, event);
		json_decref(event);
		if (++seen == c->args.count || ferror(stdout))
			break;
	}
	stream_close(s);
	if (news == STREAM_EVENT)
		return DONE;
	if (!open)
		return complain_no_daemon(c);
	complain("the daemon has ended the stream (it stopped, or this program read too slowly)");
	return NO_DAEMON;
}
