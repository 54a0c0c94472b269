/* limit_table.h - what limit.c and limit_new.c share.
 *
 *     | who, 24 | second, 16 | count, 24 |      a word: how many answers somebody got in a second
 *
 * Somebody is a client prefix, a kind of answer and a name; their keyed hash chooses the line, so that nobody
 * outside can aim at a line or at a neighbour. */
#ifndef DNSD_LIMIT_TABLE_H
#define DNSD_LIMIT_TABLE_H

#include <stdatomic.h>

#include "base/siphash.h"
#include "dnsd/limit.h"

enum {
	/* 4 MiB, half a million of them: more than come within a second from all but the largest floods. */
	LIMIT_LINES = 1 << 16,
	LIMIT_WAYS = 8                 /* a cache line's */
};

struct limit {
	unsigned rate, slip;
	uint8_t key[SIPHASH_KEY];
	struct prefix *exempt;
	size_t nexempt;
	_Atomic uint64_t words[LIMIT_LINES][LIMIT_WAYS];
	/* Behind the table: on no cache line that is read for each query. */
	_Atomic uint64_t dropped, slipped;
};

#endif
