/* late.c - how late the last 65,536 starts were. */
#include "checker/late.h"

/* Values below 32 have a bucket each; above, every power of two has 32. */
enum { STEPS_LOG2 = 5, STEPS = 1 << STEPS_LOG2 };

static unsigned
bucket(uint64_t us)
{
	uint32_t v = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
	unsigned shift;

	if (v < STEPS)
		return v;
	shift = 31u - STEPS_LOG2 - (unsigned)__builtin_clz(v);
	return (shift + 1) * STEPS + ((v >> shift) & (STEPS - 1));
}

/* The largest value that falls into bucket b. */
static uint64_t
bucket_top(unsigned b)
{
	unsigned shift;

	if (b < STEPS)
		return b;
	shift = b / STEPS - 1;
	return ((uint64_t)(STEPS + b % STEPS + 1) << shift) - 1;
}

void
late_add(struct late *l, uint64_t us)
{
	uint16_t b = (uint16_t)bucket(us);

	if (l->filled == LATE_WINDOW)
		l->count[l->ring[l->next]]--;
	else
		l->filled++;
	l->ring[l->next] = b;
	l->count[b]++;
	l->next = (l->next + 1) % LATE_WINDOW;
}

uint64_t
late_quantile(const struct late *l, unsigned permille)
{
	uint64_t want = ((uint64_t)l->filled * permille + 999) / 1000, seen = 0;

	if (want == 0)
		return 0;
	for (unsigned b = 0; b < LATE_BUCKETS; b++) {
		seen += l->count[b];
		if (seen >= want)
			return bucket_top(b);
	}
	return bucket_top(LATE_BUCKETS - 1);
}
