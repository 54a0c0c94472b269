/* update.h - dynamic updates (RFC 2136): what a message asks for, whether it may, and what it makes of a zone.
 *
 *     bytes ─► update_read() ─┐
 *     JSON  ─► (the API)     ─┴► struct update ─► update_check() on a view ─► struct staged: RRsets as they shall be
 *
 * Nothing here knows sockets, threads, disks or time. RFC 2136 over the wire and changes over HTTP are the same
 * struct update. Any thread; a struct update belongs to one at a time. */
#ifndef DNSD_UPDATE_H
#define DNSD_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/dname.h"
#include "dnsd/question.h"
#include "zones/rrs.h"
#include "zones/zone.h"

struct conf_key;
struct conf_zone;

/* ---- what is asked for ---- */

/* A record of the prerequisite or update section, as RFC 2136, 2.4 and 2.5 have it. */
struct update_rr {
	uint8_t name[DNAME_MAX];       /* wire form, lower case */
	uint16_t type, rrclass;        /* the zone's class, ANY or NONE */
	uint32_t ttl;
	uint16_t size;                 /* of rdata */
	const uint8_t *rdata;          /* names uncompressed; inside the update; NULL if size is 0 */
};

struct update {
	uint8_t zone[DNAME_MAX];       /* wire form, lower case */
	uint16_t zone_type, zone_class;        /* SOA and IN, else it is refused */
	struct update_rr *prerequisites, *changes;
	size_t nprerequisites, nchanges;
	size_t most;                   /* of both together: UPDATE_RRS_MAX unless its maker says otherwise */
	bool has_lease;                /* EDNS option 2 (RFC 9664): */
	uint32_t lease_s, key_lease_s; /* of records; of KEYs (the 4-byte form gives both one) */
	bool strict;                   /* a change that RFC 2136, 3.4.2 lets go without a word is REFUSED: for people, over HTTP */
	bool has_serial;               /* the zone's must be: */
	uint32_t if_serial;
	void *memory;                  /* what rdata points into, and all arrays: update_free() */
};

enum { UPDATE_RRS_MAX = 20000 };       /* records in one message; more is FORMERR (over HTTP: too large) */

/* Reads an UPDATE message of which question_read() found the frame well. NULL with *rcode FORMERR: anything that does not
 * parse, rdata that is not what its type has, names beyond 255 bytes, more than one record in the zone section. Which zone it is, and
 * whether ours, is not asked here; what classes and TTLs a section allows is update_check()'s to say, in RFC 2136's order. */
struct update *update_read(const uint8_t *bytes, size_t size, enum rcode *rcode);
void update_free(struct update *u);    /* NULL is fine */

/* For the API: an empty update of a zone; records are added, then it is as if it were read. rdata is copied; what its type
 * does not have, update_check() finds. */
struct update *update_new(const uint8_t *zone);
bool update_add(struct update *u, bool prerequisite, const uint8_t *name, uint16_t type, uint16_t rrclass, uint32_t ttl,
    const uint8_t *rdata, size_t size);        /* false: it has the most it may */
/* Is rdata what the type has? Uncompressed wire form; types we do not know have anything (RFC 3597). */
bool rdata_valid(uint16_t type, const uint8_t *rdata, size_t size);

/* ---- RRsets as they shall be ---- */

/* What updates that are not yet published have made of RRsets, of any zones: a table by zone, name and type. Updates
 * that wait together see each other's here. */
struct staged;
struct staged *staged_new(void);
void staged_free(struct staged *s);    /* NULL is fine */

struct staged_rrset {
	size_t zone;                   /* conf->zones[] */
	const uint8_t *name;           /* wire form, lower case */
	uint16_t type;
	const struct rrs *rrs;         /* NULL: there is none any more */
};
size_t staged_count(const struct staged *s);
const struct staged_rrset *staged_at(const struct staged *s, size_t i);        /* in the order first touched; valid until the next change */

/* A mark to which staged_back() returns: an update is whole or nothing. */
size_t staged_mark(struct staged *s);
void staged_back(struct staged *s, size_t mark);

/* ---- what it meets ---- */

/* A zone in its configured plane, with what is staged on top. zone is the published version (or what will be). */
struct view {
	size_t zone_index;
	const struct conf_zone *conf;
	const struct zone *zone;
	const struct staged *staged;   /* NULL: nothing is */
};
/* The RRset of a type at a name: *found, its RRs by count; the caller frees what is returned. NULL: none. */
struct rrs *view_rrset(const struct view *v, const uint8_t *name, uint16_t type);
bool view_in_use(const struct view *v, const uint8_t *name);   /* any RRset there? (RFC 2136, 2.4.4) */

/* ---- may it, and what does it make ---- */

/* Who asks. */
struct updater {
	const struct conf_key *key;    /* of a good signature; NULL: unsigned, or through the API */
	struct addr address;
	bool admin;                    /* through the API with the right to: only what a service governs is beyond it */
};

/* May it update the zone at all (and see its configured plane)? NULL, or a static text that says why not. */
const char *updater_stranger(const struct conf_zone *zone, const struct updater *who);
/* May it change this name and type? update_rules: of the rules of its key whose pattern matches the name the most specific decides
 * (the longest pattern without its stars; `update` itself stands for "*"); NULL, or why not. */
const char *updater_may(const struct conf_zone *zone, const struct updater *who, const uint8_t *name, uint16_t type);

struct update_result {
	enum rcode rcode;              /* RFC 2136, 3: checks in its order */
	const char *why;               /* a static text for the log; NULL with NOERROR */
	uint16_t error;                /* extended error (RFC 8914) for the answer's OPT; 0 is "other", valid if why is set */
	const struct update_rr *rr;    /* which record; NULL: none in particular */
	size_t changed;                /* RRsets that differ now: 0 is a success without a change */
};

/* Zone section, prerequisites (3.2), prescan (3.4.1), who may, changes (3.4.2). What it makes is in s (v->staged must be s): all of it with
 * NOERROR, else nothing. A change of what a service governs is REFUSED. The SOA: a serial that is not greater, and its removal, are
 * ignored; with a change that has no SOA the serial is left to the numbering (world.h). The last NS of the apex stays. */
struct update_result update_check(const struct update *u, const struct view *v, const struct updater *who, struct staged *s);

#endif
