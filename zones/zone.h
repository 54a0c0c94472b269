/* zone.h - one zone as the workers see it: immutable, found in by look-up alone.
 *
 * A zone version is a trie (trie.h) from names, in canonical order, to nodes. A
 * node is one block of memory: the name and its RRsets, each RRset already the
 * wire bytes of an answer. A change never touches a published version: zone_edit()
 * begins a copy that shares everything, zone_put() and zone_remove() copy the path
 * to what changes, zone_commit() gives the new version and the garbage of the old
 * one, which the caller frees when no reader can hold it any more.
 *
 * Threads: zone_find(), zone_at() and the inline readers: any, inside an RCU read
 * section or with the version held; they allocate nothing and call no library.
 * Editing and freeing: one thread at a time per zone. */
#ifndef ZONES_ZONE_H
#define ZONES_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>

#include "base/diag.h"
#include "base/dname.h"

enum {                                 /* IANA, DNS parameters */
	TYPE_A = 1, TYPE_NS = 2, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_MX = 15, TYPE_TXT = 16,
	TYPE_AAAA = 28, TYPE_SRV = 33, TYPE_DNAME = 39, TYPE_OPT = 41, TYPE_DS = 43, TYPE_RRSIG = 46, TYPE_NSEC = 47,
	TYPE_SVCB = 64, TYPE_HTTPS = 65, TYPE_TSIG = 250, TYPE_IXFR = 251, TYPE_AXFR = 252, TYPE_ANY = 255,
	CLASS_IN = 1, CLASS_CH = 3, CLASS_NONE = 254, CLASS_ANY = 255
};

/* An RRset as the bytes of an answer section: count times
 *   C0 0C | type | class | ttl | rdlength | rdata (names uncompressed).
 * The owner is a pointer to offset 12, so that the bytes answer an exact or a
 * wildcard match by being copied behind the question.
 *
 * With rotor set, all RRs have one size and the bytes hold them twice over
 * (2 * count RRs): an answer is the window of `window` RRs that starts at
 * (*rotor)++ % count. Without, the answer is all of them. */
struct rrset {
	_Atomic uint32_t *rotor;       /* NULL, or a counter that outlives every version that names it */
	uint32_t size;                 /* of bytes, the doubled part not counted; <= 65535 */
	uint16_t type;
	uint16_t count;
	uint16_t window;               /* RRs in an answer; = count without rotor */
	uint8_t bytes[];
};

/* A ready answer whose names are compressed against a base name: a negative
 * answer (base: the apex) or a referral (base: the cut). It is built as if the
 * question's name were the base name itself. Every compression pointer in it is
 * listed; to send it, pointers below 12 + base_length move with the base name,
 * the others with the bytes themselves (see dnsd/answer.c). */
struct packed {
	uint16_t size;                 /* bytes in all */
	uint16_t need;                 /* bytes of answer and authority section: without them, TC */
	uint16_t ancount, nscount;     /* RRs in need */
	uint16_t arcount;              /* RRs behind need: glue, dropped where it does not fit (RFC 9471: in-domain glue then sets TC) */
	uint16_t arneed;               /* how many of arcount are in-domain; they come first */
	uint16_t base_length;          /* bytes of the base name */
	uint16_t ds_at, ds_size;       /* the DS RRset of a referral, inside need: only for who asks for DNSSEC (RFC 4035, 3.1.4) */
	uint16_t dscount;              /* its RRs, counted in nscount */
	uint16_t npointers;
	const uint16_t *pointers;      /* offsets into bytes, ascending */
	const uint8_t *bytes;
};

enum node_flags {
	NODE_CUT       = 1,            /* NS below the apex: answers here are referrals */
	NODE_BELOW_CUT = 2,            /* glue or occluded: never answered from */
	NODE_CNAME     = 4,
	NODE_DNAME     = 8,
	NODE_SERVICE   = 16,           /* has RRsets that follow health */
	NODE_ALL_DOWN4 = 32,           /* what its A, */
	NODE_ALL_DOWN6 = 64            /* its AAAA answers is what all_down says: no member is up (EDE, RFC 8914) */
};

/* May the type be beside a CNAME? DNSSEC's own may (RFC 4034, 2.5), and what they replaced: SIG, KEY and NXT. */
static inline bool
type_joins_cname(uint16_t type)
{
	return type == TYPE_RRSIG || type == TYPE_NSEC || type == 24 || type == 25 || type == 30;
}

struct node;                           /* a name and its RRsets */
struct zone;                           /* one version of a zone */

/* ---- readers: any thread ---- */

enum find {
	FIND_NODE,                     /* node: the name exists and is answered from it */
	FIND_WILDCARD,                 /* node: the wildcard that covers it (RFC 4592) */
	FIND_EMPTY,                    /* an empty non-terminal, real or under a wildcard: NODATA */
	FIND_NONE,                     /* NXDOMAIN */
	FIND_CUT,                      /* node: the delegation at or above the name; not for DS at the cut itself */
	FIND_DNAME                     /* node: the DNAME above the name (RFC 6672) */
};

/* Looks for name (wire form, any case), which must be at or under the zone's apex. qtype
 * only tells DS at a cut (answered here, RFC 4035 3.1.4.1) from everything else. *node is NULL where none is named above. */
enum find zone_find(const struct zone *z, const uint8_t *name, uint16_t qtype, const struct node **node);

/* Where a name leads, of all zones. */
struct look_up {
	const uint8_t *name;           /* in: wire form, any case */
	uint16_t qtype;                /* in */
	const struct zone *zone;       /* the innermost at or above name (zone_set_find()); NULL: none, the rest is void */
	enum find found;               /* in that zone (zone_find()) */
	const struct node *node;
};
enum { LOOK_UPS_MAX = 8 };             /* more hide no more of the wait for memory (see trie_walk_many()) */
/* n of them, 0..LOOK_UPS_MAX, side by side. */
struct zone_set;
void zone_set_look_up(const struct zone_set *s, struct look_up *l, unsigned n);

const struct rrset *node_rrset(const struct node *n, uint16_t type);   /* NULL: no such type */
const struct rrset *node_next(const struct node *n, const struct rrset *after);        /* NULL begins; NULL ends */
const uint8_t *node_name(const struct node *n);        /* wire form, lower case */
unsigned node_flags(const struct node *n);
const struct packed *node_referral(const struct node *n);      /* of a NODE_CUT node */

const uint8_t *zone_apex(const struct zone *z);        /* wire form, lower case */
const struct packed *zone_negative(const struct zone *z);      /* the SOA as authority, TTL per RFC 2308 */
const struct node *zone_at(const struct zone *z, const uint8_t *name); /* exact, cuts ignored; NULL */
const struct node *zone_next(const struct zone *z, const struct node *after);  /* canonical order; NULL begins; NULL ends */
const struct node *zone_after(const struct zone *z, const uint8_t *name);      /* the next one behind a name, of the zone or not, under the apex */
uint32_t zone_serial(const struct zone *z);
size_t zone_names(const struct zone *z);               /* nodes */
unsigned zone_index(const struct zone *z);             /* what zone_set_index() gave its first version; 0 before */
bool zone_is_private(const struct zone *z);            /* answered only to those who may transfer it: a catalog (RFC 9432, 7) */

/* ---- the configured plane ----
 *
 * Health decides what A and AAAA a service's name has. Who may update a zone sees what was configured instead
 * (design.md: two planes): a second node beside the one of the answer zone, for such names alone. All else is shared, the
 * SOA too. Zones without zone_put_configured() have one plane. */

/* Does health decide over this type at a NODE_SERVICE name? */
static inline bool
type_is_governed(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA;
}
/* Is there a service's name, one that zone_put_configured() was called for, below name? name need not be in the zone. */
bool zone_has_service_below(const struct zone *z, const uint8_t *name);
/* The node as the configured plane has it: n itself where the planes do not differ. Any thread, as zone_find(). Never NULL: a service
 * that has nothing there is a node without RRsets. Of its flags NODE_CUT and all_down's are the answer zone's alone. */
const struct node *node_configured(const struct zone *z, const struct node *n);

/* ---- whole versions: any thread that holds them ---- */

/* All nodes in canonical order, from one to the next in constant time. The version must outlive the walk. */
struct zone_walk;
struct zone_walk *zone_walk_new(const struct zone *z);
const struct node *zone_walk_next(struct zone_walk *w);        /* NULL: that was the last */
void zone_walk_free(struct zone_walk *w);                      /* NULL is fine */

/* What differs between two versions, RR by RR: first and for each name in canonical order, what has gone before what has come.
 * An RR of the same data and another TTL goes and comes. rr is as in struct rrset (its first two bytes are no owner). The
 * SOA is an RR like the others. from NULL: everything has come. Versions of one zone share what they have in common, and
 * cost what differs; others cost their size. fn returns false to end it; zone_diff() then returns false too. */
typedef bool zone_diff_fn(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr);
bool zone_diff(const struct zone *from, const struct zone *to, zone_diff_fn *fn, void *arg);
bool zone_diff_configured(const struct zone *from, const struct zone *to, zone_diff_fn *fn, void *arg);        /* of the configured plane */
/* Of one version, from the answer zone to the configured plane: costs as much as there are services. */
bool zone_diff_planes(const struct zone *z, zone_diff_fn *fn, void *arg);
bool zone_has_planes(const struct zone *z);            /* has it names that zone_put_configured() was called for? */

/* A fingerprint of what a zone holds: the sum of its records' (owner and RR; of the SOA all but the serial). Being a sum, it
 * follows a zone_diff() by adding what came and subtracting what went. Of a zone with planes it is twice the configured plane's sum
 * less the answer zone's: it follows zone_diff_configured() taken twice, and zone_diff() the other way round. */
struct digest {
	uint64_t sum[2];
};
void digest_add(struct digest *d, const uint8_t *name, const uint8_t *rr);
void digest_subtract(struct digest *d, const uint8_t *name, const uint8_t *rr);
void zone_digest(const struct zone *z, struct digest *d);

/* The node as master file lines (RFC 1035, 5.1), each with its absolute owner, TTL, class and type: malloc'd text and its size. zone_load()
 * reads the same zone from them, as long as no RR takes more than the 65,535 characters of a line. */
char *node_print(const struct node *n, size_t *size);

/* ---- making and changing versions: one thread at a time ---- */

/* What a commit replaced. Free it when no reader can see the old version. */
struct garbage;
void garbage_free(struct garbage *g);                  /* NULL is fine */

struct zone_edit;
struct zone_edit *zone_edit_new(const uint8_t *apex);  /* an empty zone to fill */
struct zone_edit *zone_edit(const struct zone *z);     /* a copy that shares all of z */

/* The RRset of a type at a name, whole: replaces what is there. rrs is count times
 * { ttl, rdlength, rdata } as rr_put() makes them (see rrbuf below). */
struct rrbuf;
/* An RRset under construction; begin, add each rdata (uncompressed wire form), put. */
struct rrbuf *rrbuf_new(void);
void rrbuf_free(struct rrbuf *b);
void rrbuf_begin(struct rrbuf *b, uint16_t type, uint16_t rrclass, uint32_t ttl);
bool rrbuf_add(struct rrbuf *b, const void *rdata, size_t size);       /* false: the set would exceed 65,000 bytes; duplicates are dropped */
void rrbuf_rotate(struct rrbuf *b, _Atomic uint32_t *rotor, unsigned window);  /* optional, last; all RRs of one size */

void zone_put(struct zone_edit *e, const uint8_t *name, const struct rrbuf *b);
void zone_remove(struct zone_edit *e, const uint8_t *name, uint16_t type);     /* the node goes with its last RRset */
/* Marks the node at name as following health (NODE_SERVICE). It is made if missing, and stays when its last RRset
 * goes: a service without an address has no data, but is a name. */
void zone_mark_service(struct zone_edit *e, const uint8_t *name, unsigned all_down);   /* of NODE_ALL_DOWN4 and 6; the rest is cleared */
/* The governed RRset of a service's name in the configured plane; b NULL: none. All other types at that name are those that zone_put() gives
 * it, in both planes. */
void zone_put_configured(struct zone_edit *e, const uint8_t *name, uint16_t type, const struct rrbuf *b);
/* zone_put() of an RRset from outside (rrs.h); NULL: zone_remove(). */
struct rrs;
void zone_put_rrs(struct zone_edit *e, const uint8_t *name, uint16_t type, const struct rrs *rrs);
/* Gives the SOA another serial. The zone has one. */
void zone_put_serial(struct zone_edit *e, uint32_t serial);

/* The node at name as edited so far, valid until the next change; NULL: none. Its NODE_CUT may lack a referral yet. */
const struct node *zone_edit_at(const struct zone_edit *e, const uint8_t *name);

/* The new version, its flags, referrals and negative answer up to date; ends e.
 * old is what e was begun from (NULL for zone_edit_new); *garbage is what old alone
 * held, old itself included. Costs what was changed, not what the zone holds. */
struct zone *zone_commit(struct zone_edit *e, struct garbage **garbage);
void zone_edit_abort(struct zone_edit *e);
/* Before a zone is first published: later versions inherit both. */
void zone_set_index(struct zone *z, unsigned index);
void zone_set_private(struct zone *z);
void zone_free(struct zone *z);        /* a version and all it holds: only the last version of a zone */

/* ---- master files ---- */

/* Reads file (RFC 1035 5: $ORIGIN, $TTL, $INCLUDE, RFC 3597 types) through ldns and checks
 * the zone: one SOA and an NS at the apex, CNAME alone, data inside the zone, glue for in-domain
 * name servers below cuts. NULL when there was a mistake; diag holds each with file and line. Any thread. */
struct zone *zone_load(const uint8_t *apex, const char *file, struct diag *diag);
/* The same from text, for tests and fuzzers; file is for messages. */
struct zone *zone_parse(const uint8_t *apex, const char *text, size_t size, const char *file, struct diag *diag);

/* ---- which zone? ---- */

/* An immutable set of zone versions by apex. */
struct zone_set;
struct zone_set *zone_set_new(struct zone *const *zones, size_t count);        /* borrows the zones */
void zone_set_free(struct zone_set *s);
/* A set with the changed zones in place of those of the same apex (or added); shares all else with s: costs what
 * changed. s itself is in *garbage (not to be freed by zone_set_free() any more), the zones are not. */
struct zone_set *zone_set_replace(const struct zone_set *s, const struct zone *const *changed, size_t count,
    struct garbage **garbage);
/* The innermost zone at or above name; for DS at an apex whose parent is here too, the parent's (RFC 4035). NULL: none. */
const struct zone *zone_set_find(const struct zone_set *s, const uint8_t *name, uint16_t qtype);

#endif
