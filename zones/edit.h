/* edit.h - what the reader of master files needs of an edit beyond zone.h. */
#ifndef ZONES_EDIT_H
#define ZONES_EDIT_H

#include "zones/zone.h"

/* Like zone_put(), but adds to an RRset of the type that is there already; the lowest TTL is
 * all RRs' (RFC 2181, 5.2). The node as it is then, valid until the next change at that name;
 * NULL, and no change, if the RRset would exceed its limit. */
const struct node *zone_merge(struct zone_edit *e, const uint8_t *name, const struct rrbuf *b);

#endif
