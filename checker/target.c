/* target.c - what a target's results add up to, and what others may see of it.
 *
 *                 one success
 *      UNKNOWN ───────────────► UP, in doubt ──rise successes──► UP, settled
 *         │                        ▲      │                     │        ▲
 *         │              rise in a │      │ fall        failure │        │ rise
 *         │ fall failures      row │      │ in a row            ▼        │
 *         └───────────────► DOWN ◄─┴──────┴──────────────── UP, in doubt ┘
 *
 * A local failure moves nothing here. A target that has known nothing else is
 * settled as UNKNOWN after `fall` of them: waiting longer would teach nothing. */
#include "checker/target.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *
probe_reason_text(enum probe_reason reason)
{
	static const char *const words[] = {
#define X(value, words) words,
		PROBE_REASONS(X)
#undef X
	};

	assert((unsigned)reason < PROBE_REASON_COUNT);
	return words[reason];
}

struct verdict_rule
target_rule(const struct conf_check *check)
{
	return (struct verdict_rule){ .rise = check->rise, .fall = check->fall, .max_loss = check->max_loss };
}

void
result_invert(struct result *r)
{
	if (r->reason == PROBE_LOCAL)
		return;
	if (r->reason == PROBE_OK) {
		r->reason = PROBE_BAD_REPLY;
		snprintf(r->detail, sizeof(r->detail), "it succeeded, and the check is inverted");
		return;
	}
	snprintf(r->detail, sizeof(r->detail), "%s, and the check is inverted", probe_reason_text(r->reason));
	r->reason = PROBE_OK;
}

static bool
target_is_settled(const struct target *t, const struct verdict_rule *rule)
{
	const struct verdict *v = &t->view.verdict;

	switch (v->value) {
	case VERDICT_UP:
		/* Once settled, a passing doubt does not unsettle. */
		return t->settled || (v->seen >= rule->rise && !verdict_doubt(v, rule));
	case VERDICT_DOWN:
		return true;
	default:
		return v->seen == 0 && t->locals >= rule->fall;
	}
}

static void
view_note(struct target_view *v, const struct result *r)
{
	v->probes++;
	v->reason = r->reason;
	memcpy(v->detail, r->detail, sizeof(v->detail));
	v->ended_us = r->at_us;
	if (r->reason == PROBE_LOCAL)
		v->locals++;
	else if (r->reason != PROBE_OK)
		v->failures++;
	else if (r->rtt_us > 0)
		v->rtt_us = r->rtt_us;
}

bool
target_take(struct target *t, const struct result *r, enum verdict_value *from)
{
	struct target_view *v = &t->view;
	struct verdict_rule rule = target_rule(t->conf.check);
	bool doubt = v->doubt, changed = false;

	*from = v->verdict.value;
	view_note(v, r);
	if (r->reason == PROBE_LOCAL) {
		t->locals++;
	} else {
		t->locals = 0;
		changed = verdict_feed(&v->verdict, &rule, r->reason == PROBE_OK);
	}
	t->settled = target_is_settled(t, &rule);
	v->doubt = verdict_doubt(&v->verdict, &rule) || !t->settled;
	if (changed)
		v->changed_us = r->at_us;
	return changed || v->doubt != doubt;
}

const struct target_view *
target_view(const struct target *t)
{
	return &t->view;
}

const struct target_conf *
target_conf(const struct target *t)
{
	return &t->conf;
}

void *
target_user(const struct target *t)
{
	return t->user;
}

bool
target_settled(const struct target *t)
{
	return t->settled;
}
