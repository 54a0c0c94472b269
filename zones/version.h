/* version.h - inside a version of a zone, for the files of this folder. */
#ifndef ZONES_VERSION_H
#define ZONES_VERSION_H

#include "zones/node.h"
#include "zones/trie.h"

struct zone {
	struct trie names;             /* of struct node, relative to the apex */
	struct trie uses;              /* of struct use: which referrals hold addresses of names elsewhere (uses.h) */
	struct trie configured;        /* of struct node: twins of some in names, in the configured plane (plane.h) */
	struct packed *negative;       /* a block of its own */
	size_t wildcards;              /* names with a label "*": at 0, no search for one */
	size_t occluding;              /* cuts and DNAMEs: at 0, nothing is below one, and no referral has glue */
	uint32_t serial;               /* 0 without an SOA */
	unsigned index;
	bool private;
	uint8_t apex_length;
	uint8_t apex[DNAME_MAX];
};

struct zone_set {
	struct trie zones;             /* of struct zone, borrowed */
};

enum { OCCLUDING = NODE_CUT | NODE_DNAME };    /* what is below such a name is not answered from */

/* name's key in the zone's trie. */
static inline void
zone_key(const struct zone *z, struct key *k, const uint8_t *name)
{
	k->length = 0;
	key_add(k, name, dname_length(name) - z->apex_length);
}

#endif
