/* pace.c - when the next probe of a target starts.
 *
 * Pace. A start follows the one before by `interval` while the verdict is UP and
 * settled, by `slow_interval` while it is DOWN and undisputed, by `fast_interval` while in
 * doubt. Starts belong on a grid: each grid point is the one before plus the pace, and
 * jitter moves a start by at most half of `jitter` % of the pace off its point. So neither
 * jitter nor our own lateness adds up, and two starts are never further from the pace than `jitter` %.
 *
 * Overlap. While nothing is wrong there is one probe under way. A probe that has had no answer
 * for fast_interval, and for 4 times the target's smoothed RTT, makes a further one start, and so
 * on every fast_interval, at most min(fall, 4) together. Each keeps its whole timeout; evidence is
 * taken in the order in which probes end. With interval = timeout = 100 ms, fast_interval 20 ms, fall 2:
 *
 *      ms   0        20                           100       120
 *           ├─ probe 1 ────────────────────────────┤ timed out: doubt
 *           │        ├─ probe 2 ─────────────────────────────┤ timed out: DOWN
 *           │        no answer to 1 for 20 ms      ├─ probe 3 ...
 *           the link was pulled just before
 *
 * so that DOWN needs timeout + (fall - 1) x fast_interval instead of fall x timeout. A slow but healthy
 * target is not probed doubly, for its RTT says what to expect of it. */
#include "checker/pace.h"

#define NEVER UINT64_MAX

enum {
	OVERLAP_MAX = 4,
	RTT_FACTOR = 4
};

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Half of `percent` to either side, in 1/65536. */
int32_t
pace_jitter(uint64_t random, unsigned percent)
{
	int32_t width = (int32_t)(65536u * percent / 100);

	return width == 0 ? 0 : (int32_t)(random % ((unsigned)width + 1)) - width / 2;
}

uint64_t
pace_of(const struct target *t)
{
	const struct conf_check *check = t->conf.check;

	/* Only our own failures so far, and many: there is no hurry to see another one. */
	if (t->view.verdict.value == VERDICT_UNKNOWN && t->settled)
		return check->interval_us;
	if (t->view.doubt)
		return check->fast_interval_us;
	return t->view.verdict.value == VERDICT_DOWN ? check->slow_interval_us : check->interval_us;
}

static unsigned
pace_overlap(const struct target *t)
{
	unsigned fall = t->conf.check->fall;

	return fall < OVERLAP_MAX ? fall : OVERLAP_MAX;
}

/* The oldest probe of the schedule that we still hope to hear of. Those from before the newest
 * answer are lost already: they only wait for their time to run out. */
static const struct probe *
pace_oldest(const struct target *t)
{
	for (const struct probe *p = t->flying; p != NULL; p = p->next)
		if (p->asks == NULL && p->started_us >= t->heard_us)
			return p;
	return NULL;
}

/* A probe is out. An inverted check hopes for silence, so silence is no alarm; and a
 * target that is DOWN has nothing to be hurried to. */
static struct slot
slot_overlapping(const struct target *t, const struct probe *oldest)
{
	const struct conf_check *check = t->conf.check;
	uint64_t due;

	if (check->invert || t->view.verdict.value == VERDICT_DOWN)
		return (struct slot){ NEVER, NEVER };
	due = oldest->started_us + later(check->fast_interval_us, RTT_FACTOR * t->srtt_us);
	due = later(due, t->last_us + check->fast_interval_us);
	return (struct slot){ due, due };
}

static struct slot
slot_regular(const struct target *t)
{
	uint64_t pace = pace_of(t), grid = t->grid_us + pace;
	uint64_t due = grid + (uint64_t)((int64_t)pace * t->jitter / 65536);

	/* In doubt the pace has just become shorter, or a probe took longer than it: due since its end. */
	if (t->view.doubt && due < t->view.ended_us)
		due = grid = t->view.ended_us;
	return (struct slot){ due, grid };
}

struct slot
pace_next(const struct target *t)
{
	const struct probe *oldest;

	if (!t->begun)
		return (struct slot){ t->grid_us, t->grid_us };
	if (t->nflying >= pace_overlap(t))
		return (struct slot){ NEVER, NEVER };
	if (t->follow)
		return (struct slot){ t->view.ended_us, t->view.ended_us };
	oldest = pace_oldest(t);
	return oldest != NULL ? slot_overlapping(t, oldest) : slot_regular(t);
}
