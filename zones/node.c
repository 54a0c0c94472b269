/* node.c - making nodes. */
#include "zones/node.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "zones/rrbuf.h"

size_t
packed_room(const struct packed *p)
{
	return node_align(sizeof(*p) + p->npointers * sizeof(*p->pointers) + p->size);
}

void
packed_copy(void *room, const struct packed *p)
{
	struct packed *copy = room;
	uint16_t *pointers = (uint16_t *)(copy + 1);
	uint8_t *bytes = (uint8_t *)(pointers + p->npointers);

	if (p->npointers > 0)
		memcpy(pointers, p->pointers, p->npointers * sizeof(*pointers));
	if (p->size > 0)
		memcpy(bytes, p->bytes, p->size);
	*copy = *p;
	copy->pointers = pointers;
	copy->bytes = bytes;
}

/* The RRset behind after in the node to be: old's, with set in the place of type. */
static const struct rrset *
node_merge(const struct node *old, uint16_t type, const struct rrset *set, const struct rrset *after)
{
	const struct rrset *s = NULL;

	if (old != NULL) {
		s = node_next(old, after != set ? after : NULL);
		while (s != NULL && (s->type == type || (after != NULL && s->type <= after->type)))
			s = node_next(old, s);
	}
	if (set != NULL && (after == NULL || after->type < type) && (s == NULL || s->type > type))
		return set;
	return s;
}

/* Where the serial is: five numbers end the rdata, and it is the first. */
static size_t
soa_serial_at(const struct rrset *soa)
{
	struct rr rr;

	return (size_t)(rr_read(soa->bytes, &rr) - soa->bytes) - 20;
}

uint32_t
soa_serial(const struct rrset *soa)
{
	const uint8_t *p = soa->bytes + soa_serial_at(soa);

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void
soa_put_serial(struct rrset *soa, uint32_t serial)
{
	uint8_t *p = soa->bytes + soa_serial_at(soa);

	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(serial >> (24 - 8 * i));
}

struct node *
node_make(const uint8_t *name, unsigned flags, const struct packed *referral, const struct node *old, uint16_t type,
    const struct rrset *set)
{
	static const struct packed empty;
	size_t length = dname_length(name), start = node_align(offsetof(struct node, name) + length), at, size;
	struct node *n;

	assert(set == NULL || set->type == type);
	if (referral == NULL && (flags & NODE_CUT) != 0)
		referral = &empty;
	at = size = start + (referral != NULL ? packed_room(referral) : 0);
	for (const struct rrset *s = NULL; (s = node_merge(old, type, set, s)) != NULL;)
		size = node_align(size) + rrset_room(s);
	assert(at / 8 <= UINT16_MAX && size <= UINT32_MAX && flags <= 0xff);

	n = mem_alloc(size);
	n->size = (uint32_t)size;
	n->rrsets = (uint16_t)(at / 8);
	n->flags = (uint8_t)flags;
	n->name_length = (uint8_t)length;
	memcpy(n->name, name, length);
	dname_lower(n->name);
	if (referral != NULL)
		packed_copy((char *)n + start, referral);
	for (const struct rrset *s = NULL; (s = node_merge(old, type, set, s)) != NULL; at += rrset_room(s)) {
		at = node_align(at);
		memcpy((char *)n + at, s, rrset_room(s));
	}
	return n;
}
