/* node_read.c - the readers of nodes. Part of the query path: no allocation, no library. */
#include "zones/node.h"

static const struct rrset *
node_rrset_at(const struct node *n, size_t offset)
{
	return offset < n->size ? (const void *)((const char *)n + offset) : NULL;
}

const struct rrset *
node_next(const struct node *n, const struct rrset *after)
{
	if (after == NULL)
		return node_rrset_at(n, (size_t)n->rrsets * 8);
	return node_rrset_at(n, node_align((size_t)((const char *)after - (const char *)n) + rrset_room(after)));
}

const struct rrset *
node_rrset(const struct node *n, uint16_t type)
{
	const struct rrset *s = node_next(n, NULL);

	while (s != NULL && s->type < type)
		s = node_next(n, s);
	return s != NULL && s->type == type ? s : NULL;
}

const uint8_t *
node_name(const struct node *n)
{
	return n->name;
}

unsigned
node_flags(const struct node *n)
{
	return n->flags;
}

const struct packed *
node_referral(const struct node *n)
{
	if ((n->flags & NODE_CUT) == 0)
		return NULL;
	return (const void *)((const char *)n + node_align(offsetof(struct node, name) + n->name_length));
}
