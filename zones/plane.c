/* plane.c - keeping the configured plane in step with the answer zone. */
#include "zones/plane.h"

#include <assert.h>
#include <stdlib.h>

/* A twin has its node's flags, but for those that speak of health, and of a referral, which is the node's alone. */
static unsigned
twin_flags(const struct node *n)
{
	return n->flags & ~(unsigned)(NODE_ALL_DOWN4 | NODE_ALL_DOWN6 | NODE_CUT);
}

static const struct node *
twin_at(const struct trie_edit *plane, const struct key *k)
{
	const struct twig *t = plane->trie.leaves > 0 ? trie_get(&plane->trie, k) : NULL;

	return t != NULL ? t->to.leaf : NULL;
}

static void
twin_put(struct trie_edit *plane, const struct key *k, const struct node *n, const struct node *from, uint16_t type,
    const struct rrset *set)
{
	unsigned flags = twin_flags(n);

	trie_put(plane, k, node_make(n->name, flags, NULL, from, type, set), flags);
}

void
plane_put(struct trie_edit *plane, const struct key *k, const struct node *n, uint16_t type, const struct rrset *set)
{
	const struct node *old = twin_at(plane, k);
	struct node *other;

	assert(type_is_governed(type) && (n->flags & NODE_SERVICE) != 0 && (set == NULL || set->rotor == NULL));
	if (old != NULL) {
		twin_put(plane, k, n, old, type, set);
		return;
	}
	/* Everything of the node but what health decides about. */
	other = node_make(n->name, twin_flags(n), NULL, n, type == TYPE_A ? TYPE_AAAA : TYPE_A, NULL);
	twin_put(plane, k, n, other, type, set);
	free(other);
}

void
plane_follow(struct trie_edit *plane, const struct key *k, const struct node *n, uint16_t type)
{
	const struct node *old;

	if ((n->flags & NODE_SERVICE) == 0 || type_is_governed(type))
		return;                        /* nearly every change: it has no twin, or is one of health */
	old = twin_at(plane, k);
	if (old != NULL && (type != 0 || old->flags != twin_flags(n)))
		twin_put(plane, k, n, old, type, type != 0 ? node_rrset(n, type) : NULL);
}

bool
zone_has_service_below(const struct zone *z, const uint8_t *name)
{
	const struct twig *t;
	struct key k;

	if (z->configured.leaves == 0)
		return false;
	zone_key(z, &k, name);
	t = trie_next(&z->configured, &k);     /* names below follow at once in canonical order */
	return t != NULL && dname_is_under(((const struct node *)t->to.leaf)->name, name);
}
