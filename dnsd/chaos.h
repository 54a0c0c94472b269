/* chaos.h - what the server says of itself in class CH (RFC 4892). */
#ifndef DNSD_CHAOS_H
#define DNSD_CHAOS_H

#include "dnsd/reply.h"
#include "dnsd/snapshot.h"

/* version.bind. and version.server. give the version, id.server. and hostname.bind. the NSID, each as
 * TXT and where configured; all else is REFUSED. r holds the question. */
void chaos_answer(struct reply *r, const struct snapshot *s, const struct question *q);

#endif
