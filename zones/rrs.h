/* rrs.h - an RRset that is not part of a zone: on its way into one, or into the store.
 *
 * One malloc'd block, immutable once made; whoever has it frees it with free(). Class IN. Any thread. */
#ifndef ZONES_RRS_H
#define ZONES_RRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rrset;

struct rrs {
	uint16_t type;
	uint16_t count;                /* at least 1 */
	uint32_t ttl;                  /* of all RRs (RFC 2181, 5.2) */
	uint32_t size;                 /* of data; <= 65,000 with the fixed parts of RRs counted (RRSET_MAX) */
	uint8_t data[];                /* count times: rdlength (2 bytes, big-endian) | rdata, names uncompressed, in the case given */
};

/* NULL: too large, or size is not what count RRs take (bytes from a file may be anything). */
struct rrs *rrs_new(uint16_t type, uint16_t count, uint32_t ttl, const uint8_t *data, size_t size);
struct rrs *rrs_of(const struct rrset *s);             /* of a zone's; what rotates is not doubled */
struct rrs *rrs_copy(const struct rrs *r);             /* NULL gives NULL */
bool rrs_equal(const struct rrs *a, const struct rrs *b);      /* TTL and RRs, in their order; NULLs are equal */

/* One RR after the other: rdata and its size; after NULL begins, NULL ends. */
const uint8_t *rrs_next(const struct rrs *r, const uint8_t *after, size_t *size);
/* Is that RR in it? Names in the rdata compare without case (RFC 4034, 6.2, as RFC 2136, 1.1.1 wants "equal"). */
bool rrs_has(const struct rrs *r, const uint8_t *rdata, size_t size);

/* A further RRset: with one RR more (in place of an equal one; all get ttl), with one less (NULL: it was the last; *gone
 * says whether it was there at all). r may be NULL: none. rrs_with() is NULL only where the set would be too large. */
struct rrs *rrs_with(const struct rrs *r, uint16_t type, uint32_t ttl, const uint8_t *rdata, size_t size);
struct rrs *rrs_without(const struct rrs *r, const uint8_t *rdata, size_t size, bool *gone);

#endif
