/* question.h - what a query asks, read from untrusted bytes.
 *
 * Pointers go into the query's bytes. Allocates nothing, calls nothing. */
#ifndef DNSD_QUESTION_H
#define DNSD_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEADER_SIZE = 12 };             /* where the question starts */

enum rcode {                           /* IANA, DNS RCODEs; above 15 the upper bits go to the OPT */
	RCODE_NOERROR = 0, RCODE_FORMERR = 1, RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_NOTIMP = 4, RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6, RCODE_NOTAUTH = 9, RCODE_BADVERS = 16
};

enum { FLAG_QR = 0x8000, FLAG_OPCODE = 0x7800, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_CD = 0x0010 };

enum { EDNS_DO = 0x8000, OPTION_NSID = 3 };

struct question {
	uint16_t flags;                /* the header's second word */
	uint16_t type, class;
	uint16_t size;                 /* of the question section, to be echoed; 0: it could not be read, and has no name */
	uint8_t name_size;
	const uint8_t *name;           /* wire form, the asker's case */

	bool edns;                     /* one well-formed OPT */
	bool nsid;                     /* asks for our NSID (RFC 5001) */
	uint8_t edns_version;
	uint16_t edns_flags;           /* EDNS_DO */
	uint16_t udp_size;             /* as announced */

	const uint8_t *tsig;           /* rdata of the TSIG; NULL: none */
	const uint8_t *tsig_key;       /* its owner, wire form */
	uint8_t tsig_key_size;
	uint16_t tsig_size;
};

/* False: the bytes deserve silence (no header, or QR set). Else *rcode is NOERROR, FORMERR, NOTIMP (the
 * opcode) or BADVERS, and q holds what could be read up to there. */
bool question_read(struct question *q, const uint8_t *bytes, size_t size, enum rcode *rcode);

#endif
