/* question.h - what a query asks, or an update is about, read from untrusted bytes.
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
	RCODE_YXDOMAIN = 6, RCODE_YXRRSET = 7, RCODE_NXRRSET = 8, RCODE_NOTAUTH = 9, RCODE_NOTZONE = 10, RCODE_BADVERS = 16,
	RCODE_BADCOOKIE = 23
};

enum { FLAG_QR = 0x8000, FLAG_OPCODE = 0x7800, FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_CD = 0x0010 };

enum { OPCODE_QUERY = 0, OPCODE_UPDATE = 5 << 11 };    /* in the place they have in the header (IANA) */

enum { EDNS_DO = 0x8000 };

enum option { OPTION_LEASE = 2, OPTION_NSID = 3, OPTION_COOKIE = 10, OPTION_KEEPALIVE = 11, OPTION_PADDING = 12, OPTION_ERROR = 15 };   /* IANA, EDNS0 */

/* TCP keepalive (RFC 7828): a query asks with no data; with some it is malformed, which matters on a connection alone. */
enum keepalive { KEEPALIVE_NONE, KEEPALIVE_ASKED, KEEPALIVE_MALFORMED };

struct question {                      /* 64 bytes: clearing more takes as long as reading a query */
	uint16_t flags;                /* the header's second word */
	uint16_t type, class;
	uint16_t size;                 /* of the question section, to be echoed; 0: there is none, or it could not be read */
	const uint8_t *name;           /* wire form, the asker's case; NULL if size is 0 */
	uint8_t name_size;

	bool edns : 1;                 /* one OPT, whose options may yet be malformed */
	bool nsid : 1;                 /* asks for our NSID (RFC 5001). This and the other options: of an OPT of version 0 */
	bool padding : 1;              /* asks for padding (RFC 7830) */
	enum keepalive keepalive : 2;
	bool update : 1;               /* an UPDATE (RFC 2136): name, type and class are its zone section's */
	uint8_t edns_version;
	uint8_t cookie_size;           /* 8, or 16..40 with a server cookie (RFC 7873, 4) */
	uint16_t edns_flags;           /* EDNS_DO */
	uint16_t udp_size;             /* as announced */
	const uint8_t *cookie;         /* NULL: none */

	const uint8_t *authority;      /* the one record of an IXFR's authority section, from its owner on; NULL: none */
	uint16_t authority_size;

	uint16_t tsig_at;              /* offset of the TSIG, which is the last record; 0: none, or what is around it is malformed */
	uint16_t tsig_size;
	uint8_t tsig_key_size;
	const uint8_t *tsig;           /* rdata of the TSIG; NULL: none */
	const uint8_t *tsig_key;       /* its owner, wire form; NULL: compressed or worse */
};

/* Up to 65,535 bytes. False: they deserve silence (no header, or QR set). Else *rcode is NOERROR, FORMERR, NOTIMP (the
 * opcode) or BADVERS, and q holds what could be read up to there. NOERROR without a question (size 0) is an
 * unsigned message with a cookie, which wants to know ours (RFC 7873, 5.4). Of an UPDATE the frame alone is read: one record in the zone
 * section, and as many others as are counted; update_read() reads what they say. */
bool question_read(struct question *q, const uint8_t *bytes, size_t size, enum rcode *rcode);

#endif
