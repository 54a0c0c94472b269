/* node.h - a name and its RRsets in one block of memory.
 *
 *     struct node | name | [ struct packed | pointers | bytes ] | RRset | RRset | ...
 *
 * The packed referral is there in a node with NODE_CUT. Parts begin at multiples
 * of 8 bytes; RRsets lie by ascending type. A node is never changed once its
 * version is published, its flags neither. The readers are zone.h's. */
#ifndef ZONES_NODE_H
#define ZONES_NODE_H

#include <stdint.h>

#include "zones/zone.h"

struct node {
	uint32_t size;                 /* of the block */
	uint16_t rrsets;               /* where they begin, in units of 8 bytes */
	uint8_t flags;                 /* enum node_flags */
	uint8_t name_length;
	uint8_t name[];                /* wire form, lower case */
};

static inline size_t
node_align(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Bytes of an RRset, doubled part included. */
static inline size_t
rrset_room(const struct rrset *s)
{
	return offsetof(struct rrset, bytes) + (size_t)s->size * (s->rotor != NULL ? 2 : 1);
}

/* A new node: the RRsets of old (NULL: none) but the one of type (0: all), and set (NULL: none) of that type, all
 * copied. referral: NULL unless flags have NODE_CUT, and then NULL stands for an empty one. One free(3) ends it. */
struct node *node_make(const uint8_t *name, unsigned flags, const struct packed *referral, const struct node *old,
    uint16_t type, const struct rrset *set);

/* The serial number in an SOA. */
uint32_t soa_serial(const struct rrset *soa);
void soa_put_serial(struct rrset *soa, uint32_t serial);

/* A struct packed, its pointers and bytes as one block: copies p to room, which has packed_room() bytes and is aligned to 8. */
size_t packed_room(const struct packed *p);
void packed_copy(void *room, const struct packed *p);

#endif
