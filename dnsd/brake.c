/* brake.c - log lines of one kind, at most so many a second. */
#include "dnsd/brake.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct brake {
	struct event *second_over;
	const char *what;
	unsigned per_second, passed, left_out;
	uint64_t began_us;             /* of this second */
};

static void
brake_say(struct brake *b)
{
	if (b->left_out > 0)
		log_info("... and %u more %s", b->left_out, b->what);
	b->left_out = 0;
}

static void
brake_on_second(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	brake_say(arg);
}

struct brake *
brake_new(struct event_base *base, unsigned per_second, const char *what)
{
	struct brake *b = mem_alloc(sizeof(*b));

	b->second_over = evtimer_new(base, brake_on_second, b);
	b->what = what;
	b->per_second = per_second;
	return b;
}

void
brake_free(struct brake *b)
{
	if (b == NULL)
		return;
	brake_say(b);
	event_free(b->second_over);
	free(b);
}

bool
brake_permits(struct brake *b, uint64_t now_us)
{
	if (now_us - b->began_us >= US_PER_S) {
		b->began_us = now_us;
		b->passed = 0;
	}
	if (b->passed < b->per_second) {
		b->passed++;
		return true;
	}
	if (b->left_out++ == 0) {
		uint64_t left_us = b->began_us + US_PER_S - now_us;

		event_add(b->second_over, &(struct timeval){ (time_t)(left_us / US_PER_S), (suseconds_t)(left_us % US_PER_S) });
	}
	return false;
}
