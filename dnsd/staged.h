/* staged.h - inside what is staged: how the engine of updates writes there. update.h has the rest. */
#ifndef DNSD_STAGED_H
#define DNSD_STAGED_H

#include "base/siphash.h"
#include "dnsd/update.h"

/* The RRset as staged; NULL: the zone's stands. Valid until something is put or taken back. */
const struct staged_rrset *staged_find(const struct staged *s, size_t zone, const uint8_t *name, uint16_t type);
/* All of a name, one after the other: after NULL begins, NULL ends. */
const struct staged_rrset *staged_next(const struct staged *s, size_t zone, const uint8_t *name, const struct staged_rrset *after);

/* Takes rrs (NULL: none any more) over. */
void staged_put(struct staged *s, size_t zone, const uint8_t *name, uint16_t type, struct rrs *rrs);

/* For tables of names and rdata beside this one: what outsiders send is hashed with a key of this table's own. */
uint32_t staged_hash(const struct staged *s, const void *bytes, size_t size);

#endif
