/* question.c - what a query asks.
 *
 * A query is a header, one question, and additional records of which two kinds
 * matter: OPT (RFC 6891) and TSIG (RFC 8945). An UPDATE is framed alike (RFC 2136, 2.2), with records between the
 * two that are stepped over here. Strict where leniency would be
 * guessing: a message that says one thing in its counts and another in its bytes
 * is answered with FORMERR, as NSD does. */
#include "dnsd/question.h"

#include "dnsd/cookie.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

_Static_assert(sizeof(struct question) <= 64, "cleared for every query");

static bool
question_name(struct question *q, struct rd *r)
{
	const uint8_t *start = r->p;

	q->name = rd_name(r, &q->name_size);
	q->type = rd_u16(r);
	q->class = rd_u16(r);
	if (r->bad)
		return false;
	q->size = (uint16_t)(r->p - start);
	return true;
}

/* RFC 7873, 5.2: of several cookies only the first counts. */
static bool
question_cookie(struct question *q, const uint8_t *bytes, uint16_t size)
{
	if (q->cookie != NULL)
		return true;
	if (size != COOKIE_CLIENT && (size < COOKIE_CLIENT + COOKIE_SERVER_MIN || size > COOKIE_MAX))
		return false;
	q->cookie = bytes;
	q->cookie_size = (uint8_t)size;
	return true;
}

/* Options we do not know are none of our business (RFC 6891, 6.1.2). */
static bool
question_option(struct question *q, uint16_t code, const uint8_t *bytes, uint16_t size)
{
	switch (code) {
	case OPTION_NSID:
		q->nsid = true;
		break;
	case OPTION_COOKIE:
		return question_cookie(q, bytes, size);
	case OPTION_KEEPALIVE:
		if (q->keepalive != KEEPALIVE_MALFORMED)
			q->keepalive = size == 0 ? KEEPALIVE_ASKED : KEEPALIVE_MALFORMED;
		break;
	case OPTION_PADDING:
		q->padding = true;
		break;
	}
	return true;
}

static bool
question_options(struct question *q, const uint8_t *bytes, size_t size)
{
	struct rd r = rd_begin(bytes, size);

	while (rd_left(&r) > 0) {
		uint16_t code = rd_u16(&r), length = rd_u16(&r);
		const uint8_t *data = rd_bytes(&r, length);

		if (r.bad || !question_option(q, code, data, length))
			return false;
	}
	return true;
}

/* The OPT behind its owner and type. */
static bool
question_opt(struct question *q, struct rd *r)
{
	if (q->edns) {                         /* RFC 6891, 6.1.1: more than one is FORMERR */
		q->edns = false;
		return false;
	}
	q->udp_size = rd_u16(r);
	rd_u8(r);                              /* the extended RCODE of a query means nothing */
	q->edns_version = rd_u8(r);
	q->edns_flags = rd_u16(r) & EDNS_DO;

	uint16_t size = rd_u16(r);
	const uint8_t *options = rd_bytes(r, size);

	q->edns = !r->bad;
	/* What another version has there is not ours to judge. */
	return q->edns && (q->edns_version > 0 || question_options(q, options, size));
}

/* The TSIG behind its owner and type: uncompressed, class ANY, TTL 0 (RFC 8945, 4.2). */
static bool
question_tsig(struct question *q, struct rd *r, const uint8_t *owner)
{
	struct rd name = rd_begin(owner, (size_t)(r->p - owner));
	uint16_t class = rd_u16(r), ttl_high = rd_u16(r), ttl_low = rd_u16(r);

	q->tsig_key = rd_name(&name, &q->tsig_key_size);
	q->tsig_size = rd_u16(r);
	q->tsig = rd_bytes(r, q->tsig_size);
	return !r->bad && !name.bad && class == CLASS_ANY && ttl_high == 0 && ttl_low == 0;
}

/* One record of the additional section. */
static bool
question_extra(struct question *q, struct rd *r)
{
	const uint8_t *owner = r->p;

	if (q->tsig != NULL)
		return false;                  /* RFC 8945, 5.1: it must be the last */
	rd_skip_name(r);

	bool root = r->p == owner + 1;
	uint16_t type = rd_u16(r);

	if (type == TYPE_OPT)
		return root && question_opt(q, r);
	if (type == TYPE_TSIG)
		return question_tsig(q, r, owner);
	rd_bytes(r, 6);                        /* class and TTL of what we do not use */
	rd_bytes(r, rd_u16(r));
	return !r->bad;
}

/* IXFR alone brings a record of its own: the SOA it has (RFC 1995, 3). */
static bool
question_authority(struct question *q, struct rd *r)
{
	q->authority = r->p;
	rd_skip_name(r);
	rd_bytes(r, 8);
	rd_bytes(r, rd_u16(r));
	q->authority_size = (uint16_t)(r->p - q->authority);
	return !r->bad && q->type == TYPE_IXFR;
}

/* What comes before the additional section. */
static bool
question_sections(struct question *q, struct rd *r, unsigned answers, unsigned authorities)
{
	if (answers > 0 || authorities > 1)
		return false;
	return authorities == 0 || question_authority(q, r);
}

/* Prerequisites and changes, each a record as any. */
static bool
question_update(struct rd *r, unsigned records)
{
	while (records-- > 0 && !r->bad) {
		rd_skip_name(r);
		rd_bytes(r, 8);
		rd_bytes(r, rd_u16(r));
	}
	return !r->bad;
}

/* All behind the question. */
static bool
question_rest(struct question *q, struct rd *r, unsigned answers, unsigned authorities, unsigned extras)
{
	if (q->update ? !question_update(r, answers + authorities) : !question_sections(q, r, answers, authorities))
		return false;
	while (extras-- > 0)
		if (r->bad || !question_extra(q, r))
			return false;
	return !r->bad && rd_left(r) == 0;
}

/* Without a question, a query may still want to know our cookie (RFC 7873, 5.4). */
static bool
question_excused(const struct question *q, bool named)
{
	return named || (q->cookie != NULL && q->tsig == NULL && !q->update);
}

bool
question_read(struct question *q, const uint8_t *bytes, size_t size, enum rcode *rcode)
{
	struct rd r = rd_begin(bytes, size);

	*q = (struct question){ 0 };
	rd_u16(&r);                            /* the ID is echoed from the bytes */
	q->flags = rd_u16(&r);

	unsigned questions = rd_u16(&r), answers = rd_u16(&r), authorities = rd_u16(&r), extras = rd_u16(&r);

	if (r.bad || (q->flags & FLAG_QR) != 0)
		return false;

	unsigned opcode = q->flags & FLAG_OPCODE;
	bool named = questions == 1 && question_name(q, &r);

	q->update = opcode == OPCODE_UPDATE;
	if (opcode != OPCODE_QUERY && opcode != OPCODE_UPDATE)
		*rcode = RCODE_NOTIMP;         /* the other opcodes shape their sections in their own way */
	else if ((questions > 0 && !named) || !question_rest(q, &r, answers, authorities, extras) || !question_excused(q, named))
		*rcode = RCODE_FORMERR;
	else if (q->edns && q->edns_version > 0)
		*rcode = RCODE_BADVERS;
	else
		*rcode = RCODE_NOERROR;
	if (q->tsig != NULL && *rcode != RCODE_FORMERR)
		q->tsig_at = (uint16_t)(q->tsig_key - bytes);
	return true;
}
