/* leases.h - records that go away by themselves (RFC 9664): which, and when.
 *
 * What the store has of them, in memory: found by record, and in the order in which they end. A lease is a struct
 * store_lease; of those given here everything is copied. Control thread only. */
#ifndef DNSD_LEASES_H
#define DNSD_LEASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnsd/store.h"

struct leases;

struct leases *leases_new(void);
void leases_free(struct leases *l);    /* NULL is fine */

/* The record's lease ends then, whatever it was before; until_ms 0: it has none any more. */
void leases_put(struct leases *l, const struct store_lease *one);
/* Does the record have one? until_ms is not looked at. Names in the data compare without case (rrs.h). */
bool leases_has(const struct leases *l, const struct store_lease *record);
/* Those of an RRset, or with type ANY of a name: fn(arg, lease), which must not change l. */
void leases_each(const struct leases *l, const char *zone, const uint8_t *name, uint16_t type,
    void (*fn)(void *arg, const struct store_lease *one), void *arg);

size_t leases_count(const struct leases *l);
uint64_t leases_next_ms(const struct leases *l);       /* when the first one ends; 0: there is none */
/* The first one, valid until the next change; NULL: there is none. */
const struct store_lease *leases_first(const struct leases *l);

/* A copy in one block of memory, for free(3). */
struct store_lease *lease_copy(const struct store_lease *one);

#endif
