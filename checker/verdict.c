/* verdict.c - what the probes of one target add up to. */
#include "checker/verdict.h"

#include <assert.h>

enum { HISTORY = 64 };

const char *
verdict_text(enum verdict_value v)
{
	static const char *const words[] = { "unknown", "up", "down" };

	assert((unsigned)v < sizeof(words) / sizeof(*words));
	return words[v];
}

static uint64_t
newest(unsigned n)
{
	return n >= HISTORY ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* The last n results exist and are all `ok`. */
static bool
unbroken(const struct verdict *v, unsigned n, bool ok)
{
	return v->seen >= n && (v->history & newest(n)) == (ok ? newest(n) : 0);
}

/* Among the last n results, as far as there are so many, is one that is `ok`. */
static bool
any(const struct verdict *v, unsigned n, bool ok)
{
	uint64_t mask = newest(n < v->seen ? n : v->seen);

	return ((ok ? v->history : ~v->history) & mask) != 0;
}

/* Failures of the last 64, in percent times 64. What was not seen was not lost: a
 * target's first failure is not a loss of 100 %. */
static unsigned
loss(const struct verdict *v)
{
	return 100u * (unsigned)__builtin_popcountll(~v->history & newest(v->seen));
}

static enum verdict_value
judge(const struct verdict *v, const struct verdict_rule *rule)
{
	unsigned limit = rule->max_loss > 0 ? rule->max_loss * HISTORY : UINT32_MAX;

	if (unbroken(v, rule->fall, false) || loss(v) > limit)
		return VERDICT_DOWN;
	if (v->value == VERDICT_UNKNOWN)
		return unbroken(v, 1, true) ? VERDICT_UP : VERDICT_UNKNOWN;
	if (v->value == VERDICT_DOWN && unbroken(v, rule->rise, true) && loss(v) <= limit / 2)
		return VERDICT_UP;
	return v->value;
}

bool
verdict_feed(struct verdict *v, const struct verdict_rule *rule, bool ok)
{
	enum verdict_value before = v->value;

	assert(rule->rise >= 1 && rule->rise <= HISTORY && rule->fall >= 1 && rule->fall <= HISTORY);
	v->history = v->history << 1 | ok;
	if (v->seen < HISTORY)
		v->seen++;
	v->value = judge(v, rule);
	return v->value != before;
}

bool
verdict_doubt(const struct verdict *v, const struct verdict_rule *rule)
{
	switch (v->value) {
	case VERDICT_UP:
		return any(v, rule->rise, false);
	case VERDICT_DOWN:
		return any(v, rule->fall, true);
	default:
		return true;
	}
}
