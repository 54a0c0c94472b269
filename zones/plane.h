/* plane.h - the configured plane: what a zone is to those who may update it.
 *
 * It is the answer zone but for a few names, those of services, each of which has a twin: a node of
 * its own, in a trie of its own, with the addresses that were configured and everything else as the answer zone has it. A
 * change there is made twice, to both nodes; a change of health to one alone. A twin's name is always in the answer
 * zone too, for a service is a name even when it answers nothing (NODE_SERVICE): only addresses differ between planes. */
#ifndef ZONES_PLANE_H
#define ZONES_PLANE_H

#include "zones/version.h"

/* n's twin: NULL if it has none, and is the same in both planes. No allocation, any thread. */
const struct node *plane_twin(const struct zone *z, const struct node *n);

/* Puts the governed RRset of a type (NULL: none) in n's twin, which is made if missing. n is the answer zone's node, k its key. */
void plane_put(struct trie_edit *plane, const struct key *k, const struct node *n, uint16_t type, const struct rrset *set);
/* Brings n's twin, if it has one, in line with n, where the RRset of a type was put or removed; 0: where flags changed. */
void plane_follow(struct trie_edit *plane, const struct key *k, const struct node *n, uint16_t type);

#endif
