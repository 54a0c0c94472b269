/* additional.h - the addresses of the names that an answer leads to (RFC 1034, 4.3.2, step 6; RFC 2782; RFC 9460, 4.1), and
 * with them the SVCB or HTTPS records of those that such a record leads to, which saves a client of an alias another question.
 *
 * They are looked up when the answer is written: those of services follow health, and are then as
 * true as if they had been asked for. Whole RRsets, as many as fit; never a reason for TC. Part of the query path. */
#ifndef DNSD_ADDITIONAL_H
#define DNSD_ADDITIONAL_H

#include "dnsd/reply.h"
#include "dnsd/snapshot.h"

enum { ADDITIONAL_MAX = 16 };          /* targets that are looked up for one answer */

bool additional_is_due(uint16_t type); /* NS, MX, SRV, SVCB, HTTPS */

/* Writes set, of such a type, as the answer of the name at owner, and what it leads to.
 * Private zones are passed over. */
void additional_answer(struct reply *r, const struct snapshot *s, const struct rrset *set, struct place owner);

#endif
