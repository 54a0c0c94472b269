/* notify_message.c - a NOTIFY and its answer on the wire. */
#include "dnsd/notify_message.h"

#include <assert.h>

#include "dnsd/question.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

enum { OPCODE_NOTIFY = 4 << 11, RR_FIXED = 12 };       /* an RR's owner (a pointer), type, class, TTL and rdlength */

size_t
notify_soa_size(const uint8_t *soa)
{
	return RR_FIXED + (size_t)be16_get(soa + RR_FIXED - 2);
}

size_t
notify_request_write(uint8_t *out, size_t room, uint16_t id, const uint8_t *zone, const uint8_t *soa)
{
	struct wr w = wr_begin(out, room);

	wr_u16(&w, id);
	wr_u16(&w, OPCODE_NOTIFY | FLAG_AA);
	wr_u16(&w, 1);
	wr_u16(&w, 1);
	wr_u32(&w, 0);
	wr_bytes(&w, zone, dname_length(zone));
	wr_u16(&w, TYPE_SOA);
	wr_u16(&w, CLASS_IN);
	/* Its owner points at offset 12, which is where the zone's name has just gone. */
	wr_bytes(&w, soa, notify_soa_size(soa));
	assert(!w.full);
	return wr_size(&w);
}

bool
notify_answer_read(struct notify_answer *a, const uint8_t *bytes, size_t size)
{
	struct rd r = rd_begin(bytes, size);
	const uint8_t *name;
	uint16_t flags, questions;
	uint8_t length;

	a->id = rd_u16(&r);
	flags = rd_u16(&r);
	a->rcode = flags & 15;
	questions = rd_u16(&r);
	rd_bytes(&r, 6);
	a->question = questions == 1;
	/* Of any opcode, and without a question where it refuses: NSD's errors are so. */
	if (r.bad || (flags & FLAG_QR) == 0 || questions > 1 || (questions == 0 && a->rcode == RCODE_NOERROR))
		return false;
	if (!a->question)
		return true;
	name = rd_name(&r, &length);
	if (rd_u16(&r) != TYPE_SOA || rd_u16(&r) != CLASS_IN || r.bad)
		return false;
	memcpy(a->zone, name, length);
	return true;
}

const char *
notify_rcode_text(unsigned rcode)
{
	static const char *const words[16] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
		"NOTZONE", "DSOTYPENI", "RCODE 12", "RCODE 13", "RCODE 14", "RCODE 15"
	};

	return words[rcode & 15];
}
