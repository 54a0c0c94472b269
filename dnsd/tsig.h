/* tsig.h - the answer to a signature by a key that is not known. */
#ifndef DNSD_TSIG_H
#define DNSD_TSIG_H

#include <stdbool.h>

#include "dnsd/question.h"
#include "dnsd/wire.h"

/* Appends the unsigned TSIG that says BADKEY (RFC 8945, 5.2.1 and 5.3.2) to the answer of the query with this ID. False,
 * with w as it was: the query's TSIG does not parse. What does not fit sets w->full. */
bool tsig_refuse(struct wr *w, const struct question *q, const uint8_t id[2]);

#endif
