/* limit.c - response rate limiting, on the query path.
 *
 * Time is cut into seconds: the first `rate` answers of each go out, the others do not. A second that begins
 * forgets what was before: no word is ever cleaned, those of past seconds are free. In a full line the one that
 * has the smallest count makes place, so that floods stay counted, whatever comes with them.
 *
 * Words change without a loop. Two workers that meet in one may lose a count or give it to another, which is less than
 * the hash may do. One whose batch began in the second before counts in the new one with the others. */
#include "dnsd/limit_table.h"

#include <string.h>

#include "base/dname.h"

enum { COUNT_BITS = 24, SECOND_BITS = 16, WHO_SHIFT = COUNT_BITS + SECOND_BITS, HASHED_HEAD = 9 };

#define COUNT_MASK  ((1u << COUNT_BITS) - 1)
#define COUNT_MOST  (COUNT_MASK - 1024)        /* so many workers may add at once, and none carries into the second */
#define SECOND_MASK ((1u << SECOND_BITS) - 1)

static uint64_t
limit_hash(const struct limit *l, const struct addr *client, enum limit_kind kind, const uint8_t *name)
{
	uint8_t in[HASHED_HEAD + DNAME_MAX];
	size_t size = HASHED_HEAD;

	memset(in, 0, HASHED_HEAD);
	in[0] = client->family;
	in[1] = (uint8_t)kind;
	memcpy(in + 2, client->bytes, client->family == 4 ? 3 : 7);   /* /24, /56 */
	while (*name != 0)
		for (unsigned left = *name + 1u; left > 0; left--)
			in[size++] = dname_fold(*name++);      /* a label's length is below any letter */
	return siphash(l->key, in, size);
}

/* Of a word: the second that now is, or for a slow worker the next. Else it is past. */
static bool
limit_is_now(uint64_t word, uint64_t second)
{
	uint64_t behind = (second - (word >> COUNT_BITS)) & SECOND_MASK;

	return behind == 0 || behind == SECOND_MASK;
}

static uint32_t
limit_add(_Atomic uint64_t *place, uint64_t word)
{
	if ((word & COUNT_MASK) >= COUNT_MOST)
		return COUNT_MOST;
	return (uint32_t)(atomic_fetch_add_explicit(place, 1, memory_order_relaxed) & COUNT_MASK) + 1;
}

/* Counts one more for who in its line; how many that makes in this second. */
static uint32_t
limit_count(_Atomic uint64_t *line, uint64_t who, uint64_t second)
{
	_Atomic uint64_t *place = line;
	uint64_t replaced = 0, least = UINT64_MAX;

	for (unsigned i = 0; i < LIMIT_WAYS; i++) {
		uint64_t word = atomic_load_explicit(&line[i], memory_order_relaxed);
		uint64_t count = limit_is_now(word, second) ? word & COUNT_MASK : 0;
		bool own = word >> WHO_SHIFT == who;

		if (own && count > 0)
			return limit_add(&line[i], word);
		if (own || count < least) {
			least = count;
			place = &line[i];
			replaced = word;
		}
		if (own)
			break;
	}
	atomic_compare_exchange_strong_explicit(place, &replaced, who << WHO_SHIFT | second << COUNT_BITS | 1,
	    memory_order_relaxed, memory_order_relaxed);
	return 1;
}

static bool
limit_exempts(const struct limit *l, const struct addr *client)
{
	for (size_t i = 0; i < l->nexempt; i++)
		if (prefix_contains(&l->exempt[i], client))
			return true;
	return false;
}

/* Who is exempt is asked last: few are above the limit, and of those it matters. */
enum limit_verdict
limit_judge(struct limit *l, const struct addr *client, enum limit_kind kind, const uint8_t *name, uint64_t now_ms)
{
	uint64_t hash = limit_hash(l, client, kind, name);
	uint32_t count = limit_count(l->words[hash % LIMIT_LINES], hash >> WHO_SHIFT, now_ms / 1000 & SECOND_MASK);

	if (count <= l->rate || limit_exempts(l, client))
		return LIMIT_SEND;
	if (l->slip > 0 && (count - l->rate) % l->slip == 0) {
		atomic_fetch_add_explicit(&l->slipped, 1, memory_order_relaxed);
		return LIMIT_SLIP;
	}
	atomic_fetch_add_explicit(&l->dropped, 1, memory_order_relaxed);
	return LIMIT_DROP;
}

void
limit_counters(const struct limit *l, uint64_t *dropped, uint64_t *slipped)
{
	*dropped = l != NULL ? atomic_load_explicit(&l->dropped, memory_order_relaxed) : 0;
	*slipped = l != NULL ? atomic_load_explicit(&l->slipped, memory_order_relaxed) : 0;
}
