/* uses.h - which referrals hold the addresses of a name elsewhere in the zone.
 *
 * A referral's additional section has addresses of name servers. Those at or
 * below the cut are found from the address by going up; the others (sibling
 * name servers, RFC 9471, 2.2) by this index: pairs of name server and cut,
 * in a trie ordered by the name server. Only editing reads it. */
#ifndef ZONES_USES_H
#define ZONES_USES_H

#include "zones/version.h"

struct use {
	uint8_t target_length;
	uint8_t names[];               /* the name server's, then the cut's */
};

void uses_init(struct trie *uses, unsigned apex_length);
/* Notes, or forgets, the name servers in ns, the NS set of the cut. */
void uses_add(struct trie_edit *uses, const struct zone *z, const uint8_t *cut, const struct rrset *ns);
void uses_remove(struct trie_edit *uses, const struct zone *z, const uint8_t *cut, const struct rrset *ns);
/* Calls each(arg, cut) for each cut whose referral has addresses of target. */
void uses_each(const struct trie *uses, const uint8_t *target, void (*each)(void *arg, const uint8_t *cut), void *arg);

#endif
