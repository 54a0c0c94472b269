/* control.c - the daemon itself: reload, stop, version. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/ask.h"
#include "cli/show.h"

enum { STOP_DEFAULT_S = 30, LOOK_AGAIN_MS = 20 };

static void
tell_in_force(const json_t *reply)
{
	long long services = int_of(reply, "services"), servers = int_of(reply, "servers"), zones = int_of(reply, "zones");

	printf("%s is in force: %lld service%s, %lld server%s, %lld zone%s\n", text_of(reply, "file"), services, plural(services),
	    servers, plural(servers), zones, plural(zones));
}

enum outcome
verb_reload(struct cli *c, int nwords, char **words)
{
	json_t *reply;
	enum outcome outcome = ask(c, "POST", "/v1/reload", NULL, &reply);

	(void)nwords;
	(void)words;
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		tell_in_force(reply);
	if (outcome == NOT_SO)
		complain("the configuration before serves on");
	json_decref(reply);
	return outcome;
}

/* ---- stop ---- */

/* The daemon's end: its stream ends, then its process (where the kernel shows that), then nobody answers. */
struct end {
	struct stream *stream;
	int process;                   /* pidfd; -1: not visible */
};

/* As much of it as there is: the daemon may be gone already, or have no room for one more stream. */
static void
end_attend(struct cli *c, struct end *e)
{
	json_t *event;
	pid_t pid;

	e->process = -1;
	e->stream = stream_open(c->http);
	if (stream_next(e->stream, 0, &event) != STREAM_OPEN)
		return;
	pid = stream_peer(e->stream);
	if (pid > 0)
		e->process = (int)syscall(SYS_pidfd_open, pid, 0);
}

static void
end_forget(struct end *e)
{
	stream_close(e->stream);
	if (e->process >= 0)
		close(e->process);
}

static bool
answers_still(struct cli *c)
{
	json_t *reply;
	int status = http_call(c->http, "GET", "/v1/version", NULL, 0, &reply);

	json_decref(reply);
	return status != HTTP_NO_DAEMON;
}

static bool
end_await(struct cli *c, struct end *e, uint64_t deadline_us)
{
	struct pollfd process = { .fd = e->process, .events = POLLIN };
	enum stream_news news;
	json_t *event;

	while ((news = stream_next(e->stream, deadline_us, &event)) == STREAM_EVENT)
		json_decref(event);
	while (news == STREAM_END && clock_mono_us() < deadline_us) {
		/* Without a process to watch, poll() is a short sleep. */
		bool ended = poll(&process, 1, LOOK_AGAIN_MS) == 1 || e->process < 0;

		if (ended && !answers_still(c))
			return true;
	}
	return false;
}

enum outcome
verb_stop(struct cli *c, int nwords, char **words)
{
	uint64_t timeout_us = c->args.timeout_us != 0 ? c->args.timeout_us : STOP_DEFAULT_S * US_PER_S;
	uint64_t deadline_us = clock_mono_us() + timeout_us;
	struct end e;
	json_t *reply;
	enum outcome outcome;

	(void)nwords;
	(void)words;
	end_attend(c, &e);
	outcome = ask(c, "POST", "/v1/stop", NULL, &reply);
	json_decref(reply);
	if (outcome == DONE && !end_await(c, &e, deadline_us)) {
		complain("homingd was told to stop, but is still there after %.1f s", (double)timeout_us / US_PER_S);
		outcome = NOT_SO;
	}
	end_forget(&e);
	return outcome;
}

/* ---- version ---- */

enum outcome
verb_version(struct cli *c, int nwords, char **words)
{
	json_t *reply;
	bool json = (c->args.given & OPTION_JSON) != 0;
	bool there = http_call(c->http, "GET", "/v1/version", NULL, 0, &reply) == 200;

	(void)nwords;
	(void)words;
	if (json) {
		json_t *both = json_pack("{s:s, s:o}", "client", HOMING_VERSION, "daemon",
		    there ? json_string(text_of(reply, "version")) : json_null());

		print_json(c, both);
		json_decref(both);
	} else {
		puts("homing " HOMING_VERSION);
		if (there)
			printf("homingd %s\n", text_of(reply, "version"));
	}
	json_decref(reply);
	return there ? DONE : complain_no_daemon(c);
}
