/* uses.c - the index from name servers to the referrals that have their addresses. */
#include "zones/uses.h"

#include <string.h>

#include "base/mem.h"
#include "zones/rrbuf.h"

static void
use_key(struct key *k, const void *leaf, unsigned skip)
{
	const struct use *u = leaf;
	const uint8_t *cut = u->names + u->target_length;

	key_add(k, u->names, u->target_length - skip);
	key_add(k, cut, dname_length(cut) - skip);
}

void
uses_init(struct trie *uses, unsigned apex_length)
{
	*uses = (struct trie){ .key = use_key, .skip = apex_length };
}

static struct use *
use_new(const uint8_t *target, const uint8_t *cut)
{
	size_t target_length = dname_length(target), cut_length = dname_length(cut);
	struct use *u = mem_alloc(sizeof(*u) + target_length + cut_length);

	u->target_length = (uint8_t)target_length;
	memcpy(u->names, target, target_length);
	memcpy(u->names + target_length, cut, cut_length);
	return u;
}

/* Calls for each name server of the set that is in the zone but not at or below the cut. */
static void
uses_of(const struct zone *z, const uint8_t *cut, const struct rrset *ns,
    void (*each)(struct trie_edit *uses, const struct key *k, const uint8_t *target, const uint8_t *cut), struct trie_edit *uses)
{
	const uint8_t *rr = ns->bytes;

	for (unsigned i = 0; i < ns->count; i++) {
		struct rr parts;
		struct key k;

		rr = rr_read(rr, &parts);
		if (!dname_is_under(parts.rdata, z->apex) || dname_is_under(parts.rdata, cut))
			continue;
		zone_key(z, &k, parts.rdata);
		key_add(&k, cut, dname_length(cut) - z->apex_length);
		each(uses, &k, parts.rdata, cut);
	}
}

static void
use_put(struct trie_edit *uses, const struct key *k, const uint8_t *target, const uint8_t *cut)
{
	trie_put(uses, k, use_new(target, cut), 0);
}

static void
use_delete(struct trie_edit *uses, const struct key *k, const uint8_t *target, const uint8_t *cut)
{
	(void)target;
	(void)cut;
	trie_delete(uses, k);
}

void
uses_add(struct trie_edit *uses, const struct zone *z, const uint8_t *cut, const struct rrset *ns)
{
	uses_of(z, cut, ns, use_put, uses);
}

void
uses_remove(struct trie_edit *uses, const struct zone *z, const uint8_t *cut, const struct rrset *ns)
{
	uses_of(z, cut, ns, use_delete, uses);
}

void
uses_each(const struct trie *uses, const uint8_t *target, void (*each)(void *arg, const uint8_t *cut), void *arg)
{
	struct key k;
	const struct twig *t;

	k.length = 0;
	key_add(&k, target, dname_length(target) - uses->skip);
	while ((t = trie_next(uses, &k)) != NULL) {
		const struct use *u = t->to.leaf;

		if (!dname_equal(u->names, target))
			break;
		each(arg, u->names + u->target_length);
		k.length = 0;
		use_key(&k, u, uses->skip);
	}
}
