/* aside.h - messages that need more than look-up and copy, answered beside the query path.
 *
 * answer() leaves aside what is signed, asks for a transfer or for a private zone, or is an UPDATE. Here the signature is verified,
 * who may is looked up, and the answer is made (by answer() again, or by transfer.h) and signed; an UPDATE by one who may
 * update the zone goes to the control thread (handover.h), which answers it. Every refusal
 * gets the RCODE of its RFC and one report (reports.h), but for those that the rate limit drops. To a key that may update a zone,
 * answers and transfers of it are those of its configured plane (zone.h); who may transfer it is another question.
 *
 *   FORMERR  a TSIG that does not parse, or whose MAC has a size that RFC 8945, 5.2.2.1 forbids; an IXFR without its SOA
 *            (RFC 1995, 3); an UPDATE whose zone section has another type than SOA (RFC 2136, 3.1.1)
 *   NOTAUTH  the signature is wrong (TSIG error BADKEY, BADSIG, BADTIME); a transfer of what is
 *            no zone's apex (RFC 5936, 2.2.1), an update of it (RFC 2136, 3.1.1)
 *   REFUSED  who asks may not; a private zone; a transfer of a class other than IN; AXFR over UDP (RFC 5936, 4.2: not
 *            defined, FORMERR by some); an update of a zone that is not dynamic
 *   SERVFAIL the zone has no edition yet; as many updates wait as may
 *
 * What answer() finds wrong with a well signed message gets its RCODE there, and no report.
 *
 * Any thread that is an RCU reader, inside a read section of s. May call libcrypto, allocate and take a lock. */
#ifndef DNSD_ASIDE_H
#define DNSD_ASIDE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dnsd/answer.h"

struct transfer;

/* Answers job, which answer_many() left aside: job->answered as there (0: silence, or job->handed). Over TCP and TLS *transfer may
 * be set, with answered 0: its messages are the answer, and the caller's to send and free. transfer NULL: UDP. */
void aside_answer(const struct snapshot *s, const struct answer_terms *t, struct answer_job *job, struct transfer **transfer);

#endif
