/* notify_message.h - a NOTIFY and its answer on the wire (RFC 1996, 3). Pure functions over bounded buffers. */
#ifndef DNSD_NOTIFY_MESSAGE_H
#define DNSD_NOTIFY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dname.h"

enum { NOTIFY_REQUEST_MAX = 1400 };    /* the longest names and a signature with them: below one packet's worth */

/* Bytes of an RR as in struct rrset. */
size_t notify_soa_size(const uint8_t *soa);

/* "zone has this SOA now", unsigned. soa: its RR as in struct rrset. Returns the size; room is NOTIFY_REQUEST_MAX at least. */
size_t notify_request_write(uint8_t *out, size_t room, uint16_t id, const uint8_t *zone, const uint8_t *soa);

struct notify_answer {
	uint16_t id;
	unsigned rcode;                /* 0..15 */
	bool question;                 /* it has one, of a zone's SOA: */
	uint8_t zone[DNAME_MAX];       /* wire form, its case */
};

/* From untrusted bytes. False: no answer to a NOTIFY. Only an error may lack the question. What follows it is not looked at. */
bool notify_answer_read(struct notify_answer *a, const uint8_t *bytes, size_t size);

/* "REFUSED", "SERVFAIL", ... */
const char *notify_rcode_text(unsigned rcode);

#endif
