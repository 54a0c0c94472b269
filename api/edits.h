/* edits.h - what a request wants of a zone's records: JSON becomes a struct update (dnsd/update.h).
 *
 * Names are absolute, with or without a final dot, or "@", the apex; a name that neither ends in a dot nor lies in the zone is one
 * below its apex. Rdata is in presentation form, its names absolute, with or without a final dot. Any thread. */
#ifndef API_EDITS_H
#define API_EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/body.h"
#include "base/dname.h"

struct update;
struct zone;

enum {
	EDITS_MAX = 8 << 20,           /* bytes of a list of changes: UPDATE_RRS_MAX records of some 400 bytes each */
	EDITS_SET_MAX = 512 << 10,     /* of one RRset: 65,000 bytes, each byte as \DDD at most */
	TTL_USUAL = 300                /* of a record that is given none, where the RRset has none */
};

struct edits {
	struct update *update;         /* strict; the caller's */
	char owner[OWNER_MAX + 1], why[WHY_MAX + 1];   /* "" where not given */
	size_t *without_ttl;           /* update->changes[] that take the TTL of their RRset */
	size_t nwithout_ttl;
	bool sets_ns;                  /* the apex's NS shall be those that are added, no others */
};

/* {"changes": [{"op": "add"|"delete"|"set", "name": NAME, "type": TYPE, "ttl": SECONDS, "rdata": [TEXT]}],
 *  "prerequisites": [{"name": NAME, "type": TYPE, "exists": true|false, "rdata": [TEXT]}],
 *  "if_serial": N, "owner": TEXT, "why": TEXT}. False with the first mistake; out->update is NULL then. */
bool edits_read(const char *bytes, size_t length, const uint8_t *apex, struct edits *out, struct body_error *error);
/* {"ttl": SECONDS, "rdata": [TEXT], "if_serial": N, "owner": TEXT, "why": TEXT}: the RRset of name and type becomes this. */
bool edits_read_set(const char *bytes, size_t length, const uint8_t *apex, const uint8_t *name, uint16_t type, struct edits *out,
    struct body_error *error);
/* That RRset goes. What is NULL was not given. */
bool edits_read_delete(const uint8_t *apex, const uint8_t *name, uint16_t type, const char *if_serial, const char *owner, const char *why,
    struct edits *out, struct body_error *error);
/* Fills in what only the zone, its current version, can say. False: it is too much for an update. */
bool edits_settle(struct edits *e, const struct zone *z);
void edits_clear(struct edits *e);     /* the update too, unless it was taken: then it is NULL */

/* Lower case. False with what is wrong. */
bool edits_name(const char *text, const uint8_t *apex, uint8_t out[DNAME_MAX], struct body_error *error);
/* A type that a zone can have. */
bool edits_type(const char *text, uint16_t *out, struct body_error *error);

#endif
