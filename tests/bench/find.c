/* find.c - what finding a name costs: nanoseconds per zone_find() in zones of 1,000 and 1,000,000 names.
 *
 * Names are asked for in random order, 2^16 of them prepared before the clock
 * runs, so that the large zone is read from memory and not from the cache. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "zones/zone.h"

enum { ASKED = 1 << 16, NAME = 48, APEX = 10000000 };

static uint8_t names[ASKED][NAME];

static uint32_t
random_next(void)
{
	static uint64_t x = 88172645463325252u;        /* xorshift64: the same names each run */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 16);
}

static void
name_make(uint8_t out[NAME], const char *prefix, unsigned n)
{
	char text[128];
	uint8_t name[DNAME_MAX];
	size_t size;

	if (n == APEX)
		snprintf(text, sizeof(text), "%sbig.test", prefix);
	else
		snprintf(text, sizeof(text), "%s%07u.big.test", prefix, n);
	size = dname_parse(text, name);
	if (size == 0 || size > NAME)
		abort();
	memcpy(out, name, size);
}

static struct zone *
zone_make(unsigned count, bool wildcard)
{
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone_edit *e;
	struct zone *z;
	uint8_t name[NAME];

	name_make(name, "", APEX);
	e = zone_edit_new(name);
	for (unsigned i = 0; i < count; i++) {
		name_make(name, "host", i);
		rrbuf_begin(b, TYPE_A, CLASS_IN, 300);
		rrbuf_add(b, &i, 4);
		zone_put(e, name, b);
	}
	if (wildcard) {
		name_make(name, "*.", APEX);
		zone_put(e, name, b);
	}
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	rrbuf_free(b);
	return z;
}

/* Nanoseconds a look-up takes; each must give what is expected. */
static double
measure(const struct zone *z, const char *prefix, unsigned count, enum find expected)
{
	const unsigned rounds = 64;
	const struct node *node;
	uint64_t start, spent;

	for (unsigned i = 0; i < ASKED; i++)
		name_make(names[i], prefix, random_next() % count);
	start = clock_mono_us();
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < ASKED; i++)
			if (zone_find(z, names[i], TYPE_A, &node) != expected)
				abort();
	spent = clock_mono_us() - start;
	return 1000.0 * (double)spent / ((double)rounds * ASKED);
}

int
main(void)
{
	static const unsigned counts[] = { 1000, 1000000 };

	printf("names     exact  nxdomain  wildcard   ns per look-up\n");
	for (unsigned i = 0; i < 2; i++) {
		struct zone *plain = zone_make(counts[i], false), *wild = zone_make(counts[i], true);

		printf("%-8u  %5.0f  %8.0f  %8.0f\n", counts[i], measure(plain, "host", counts[i], FIND_NODE),
		    measure(plain, "none", counts[i], FIND_NONE),
		    measure(wild, "none", counts[i], FIND_WILDCARD));
		zone_free(plain);
		zone_free(wild);
	}
	return 0;
}
