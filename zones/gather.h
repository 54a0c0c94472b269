/* gather.h - from single RRs, as a master file has them, to a zone that holds together.
 *
 * RRs are gathered while they are of one owner and then put as RRsets: a file
 * that keeps names together, as files do, makes each node once. Rules about
 * one name are checked then, those about several when the zone is whole.
 *
 * What is refused, beyond what cannot be read:
 *   several SOA, CNAME or DNAME RRs at a name (RFC 1034, 3.6.2; RFC 2181, 6.1, 10.1; RFC 6672, 2.4)
 *   a CNAME beside anything but DNSSEC's own types (RFC 2181, 10.1; RFC 4034)
 *   a DNAME beside the NS of a cut (RFC 6672, 2.3)
 *   no SOA or no NS at the apex; an SOA elsewhere
 *   an NS, at the apex or a cut, whose target in the zone is an alias (RFC 2181, 10.3) or does not exist
 *   a name server at or below its own cut without an address (RFC 1034, 4.2.1)
 * A name server in the zone that exists but has no address passes: a service may live there, whose addresses are
 * no part of the file. What lies hidden below a cut or DNAME is kept, and never answered. MX and SRV targets
 * that are aliases pass too: wrong (RFC 2181, 10.3), common, and harmless to us. */
#ifndef ZONES_GATHER_H
#define ZONES_GATHER_H

#include "zones/zone.h"

struct place {                         /* in a master file */
	const char *file;              /* outlives the gathering */
	unsigned line;                 /* 0: none in particular */
};

struct gather;
struct gather *gather_new(const uint8_t *apex, struct diag *diag);     /* borrows both */
/* One RR. owner is at or below the apex, rdata sound. */
void gather_add(struct gather *g, struct place place, const uint8_t *owner, uint16_t type, uint32_t ttl,
    const uint8_t *rdata, size_t size);
/* A record at owner could not be read, and diag says so: what may be missing for that alone is not reported too. */
void gather_refuse(struct gather *g, const uint8_t *owner);
/* Checks the whole, and frees g. The zone; NULL if diag has got a message since gather_new(). file is for
 * what is missing altogether. */
struct zone *gather_end(struct gather *g, const char *file);

#endif
