/* live.h - a real checker, one probe at a time. */
#ifndef TESTS_CHECKER_LIVE_H
#define TESTS_CHECKER_LIVE_H

#include <check.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "checker/checker.h"

struct live {
	struct event_base *base;
	struct checker *checker;
	struct target_view view;       /* of the probe that ended last */
	unsigned left;                 /* probes to wait for */
};

static inline void
live_probed(void *arg, struct target *t)
{
	struct live *l = arg;

	l->view = *target_view(t);
	if (l->left > 0 && --l->left == 0)
		event_base_loopbreak(l->base);
}

static inline void
live_open(struct live *l)
{
	static const struct checker_hooks hooks = { .probed = live_probed };
	struct event_config *config = event_config_new();

	log_open(-1, LOG_LEVEL_ERROR);
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	*l = (struct live){ .base = event_base_new_with_config(config) };
	event_config_free(config);
	l->checker = checker_new(l->base, &hooks, l);
	ck_assert_ptr_nonnull(l->checker);
}

static inline void
live_close(struct live *l)
{
	checker_free(l->checker);
	event_base_free(l->base);
}

static inline struct conf_check
live_check(enum check_type type, uint16_t port)
{
	return (struct conf_check){ .name = "live", .type = type, .port = port, .interval_us = US_PER_S, .timeout_us = 300 * US_PER_MS,
		.fast_interval_us = 200 * US_PER_MS, .slow_interval_us = US_PER_S, .rise = 3, .fall = 1, .size = 56, .verify = true };
}

/* The outcome of one probe, in l->view. */
static inline void
live_probe_conf(struct live *l, const struct target_conf *conf)
{
	char error[256] = "";
	struct target *t = checker_add(l->checker, conf, 0, NULL, error, sizeof(error));

	ck_assert_msg(t != NULL, "%s", error);
	l->left = 1;
	event_base_loopexit(l->base, &(struct timeval){ .tv_sec = 10 });
	event_base_dispatch(l->base);
	ck_assert_msg(l->left == 0, "no probe ended in 10 s");
	checker_remove(l->checker, t);
}

static inline void
live_probe(struct live *l, const struct conf_check *check, const char *address)
{
	struct target_conf conf = { .label = "live", .check = check };

	ck_assert(addr_parse(address, &conf.address));
	live_probe_conf(l, &conf);
}

/* The message of a target that is refused. */
static inline void
live_refused(struct live *l, const struct conf_check *check, char *error, size_t size)
{
	struct target_conf conf = { .label = "live", .check = check };
	char again[256] = "";

	ck_assert(addr_parse("127.0.0.1", &conf.address));
	ck_assert_ptr_null(checker_add(l->checker, &conf, 0, NULL, error, size));
	ck_assert(!target_conf_check(&conf, again, sizeof(again)));
	ck_assert_str_eq(error, again);
}

#define ck_assert_reason(l, want) \
	ck_assert_msg((l)->view.reason == (want), "%s: \"%s\", expected %s", probe_reason_text((l)->view.reason), \
	    (l)->view.detail, probe_reason_text(want))

#endif
