/* answer.c - the answer to one message.
 *
 *     read the question ─► who answers it? ─────────────────────► header, OPT
 *                            class IN: look up, the zones (chain.c)
 *                            class CH: ourselves (chaos.c)
 *
 * Messages go through this in groups: all are read, all names are looked up side by
 * side, all answers are written.
 *
 * The message is written once, from front to back: the question, the records,
 * the OPT, for which room is kept from the start. If the records do not fit, they
 * are dropped and the question goes back alone, with TC. */
#include "dnsd/answer.h"

#include <assert.h>

#include "dnsd/chain.h"
#include "dnsd/chaos.h"
#include "dnsd/question.h"
#include "dnsd/reply.h"
#include "dnsd/wire.h"

enum { TYPE_MAILB = 253, TYPE_MAILA = 254, TYPE_TKEY = 249, TYPE_META = 128 };         /* IANA: 128..255 are questions or worse */

enum { OPT_SIZE = 11 };

/* The OPT we owe: RFC 6891, 6.1.1 wants one in the answer to every query that had one. */
static size_t
answer_opt_size(const struct question *q, const struct snapshot *s)
{
	if (!q->edns)
		return 0;
	return OPT_SIZE + (q->nsid && s->nsid_size > 0 ? 4u + s->nsid_size : 0u);
}

static void
answer_opt(struct reply *r, const struct question *q, const struct snapshot *s)
{
	struct wr *w = &r->w;

	wr_u8(w, 0);
	wr_u16(w, TYPE_OPT);
	wr_u16(w, ANSWER_UDP_MAX);
	wr_u8(w, (unsigned)r->rcode >> 4);
	wr_u8(w, 0);                           /* the version we speak */
	wr_u16(w, q->edns_flags);
	uint8_t *rdlength = wr_open(w);
	if (q->nsid && s->nsid_size > 0) {
		wr_u16(w, OPTION_NSID);
		wr_u16(w, s->nsid_size);
		wr_bytes(w, s->nsid, s->nsid_size);
	}
	wr_close(w, rdlength);
	r->arcount++;
}

/* How long an answer may be. */
static size_t
answer_limit(const struct question *q, enum transport t)
{
	if (t != TRANSPORT_UDP)
		return ANSWER_TCP_MAX;
	if (!q->edns || q->udp_size < ANSWER_UDP_MIN)
		return ANSWER_UDP_MIN;
	return q->udp_size < ANSWER_UDP_MAX ? q->udp_size : ANSWER_UDP_MAX;
}

/* Types that ask for something else than RRsets; NOERROR: type is none of them. */
static enum rcode
answer_meta_type(uint16_t type)
{
	switch (type) {
	case TYPE_ANY:
		return RCODE_NOERROR;
	case TYPE_MAILA:
	case TYPE_MAILB:
	case TYPE_TKEY:
		return RCODE_NOTIMP;
	case 0:
	case TYPE_OPT:
		return RCODE_FORMERR;
	case TYPE_AXFR:
	case TYPE_IXFR:
		return RCODE_NOERROR;          /* left aside */
	default:
		return type >= TYPE_META && type < TYPE_ANY ? RCODE_FORMERR : RCODE_NOERROR;
	}
}

/* Back to the question alone. */
static void
answer_truncate(struct reply *r, const struct question *q)
{
	r->w.p = r->w.start + HEADER_SIZE + q->size;
	r->w.full = false;
	r->flags |= FLAG_TC;
	r->ancount = r->nscount = r->arcount = 0;
}

/* RD and CD are the asker's, as BIND and NSD have it; RA, AD and Z are never set here. */
static void
answer_header(struct reply *r, const struct question *q, const uint8_t *query)
{
	uint8_t *h = r->w.start;

	h[0] = query[0];
	h[1] = query[1];
	be16_put(h + 2, FLAG_QR | (q->flags & (FLAG_OPCODE | FLAG_RD | FLAG_CD)) | r->flags | ((unsigned)r->rcode & 15));
	be16_put(h + 4, q->size > 0);
	be16_put(h + 6, r->ancount);
	be16_put(h + 8, r->nscount);
	be16_put(h + 10, r->arcount);
}

/* A message between being read and being answered. */
struct pending {
	struct answer_job *job;
	struct question q;
	struct reply r;
	size_t opt_size;
	bool looks_up;                         /* has a look_up of the group's */
};

/* Reads the job's question and echoes it. False: no answer is due. */
static bool
answer_begin(struct pending *p, const struct snapshot *s, enum transport t, struct answer_job *job)
{
	job->answered = 0;
	job->aside = false;
	p->job = job;
	p->r = (struct reply){ .rcode = RCODE_NOERROR };
	if (!question_read(&p->q, job->query, job->size, &p->r.rcode))
		return false;
	if (p->r.rcode == RCODE_NOERROR && !job->trusted &&
	    (p->q.tsig != NULL || p->q.type == TYPE_AXFR || p->q.type == TYPE_IXFR)) {
		job->aside = true;
		return false;
	}
	p->opt_size = answer_opt_size(&p->q, s);
	p->r.w = wr_begin(job->out, answer_limit(&p->q, t) - job->reserve - p->opt_size);
	wr_room(&p->r.w, HEADER_SIZE);
	wr_bytes(&p->r.w, job->query + HEADER_SIZE, p->q.size);
	assert(!p->r.w.full);                  /* 12 + 259 + 143 bytes at most, of 512 at least */
	if (p->r.rcode == RCODE_NOERROR)
		p->r.rcode = answer_meta_type(p->q.type);
	p->looks_up = p->r.rcode == RCODE_NOERROR && p->q.class == CLASS_IN;
	return true;
}

static void
answer_records(struct pending *p, const struct snapshot *s, const struct look_up *l)
{
	if (p->r.rcode != RCODE_NOERROR)
		return;
	switch (p->q.class) {
	case CLASS_IN:
		chain_answer(&p->r, s, &p->q, l);
		break;
	case CLASS_CH:
		chaos_answer(&p->r, s, &p->q);
		break;
	default:
		p->r.rcode = RCODE_REFUSED;
	}
}

static void
answer_end(struct pending *p, const struct snapshot *s, const struct look_up *l)
{
	answer_records(p, s, l);
	if (p->r.w.full)
		answer_truncate(&p->r, &p->q);
	p->r.w.end += p->opt_size;
	if (p->q.edns)
		answer_opt(&p->r, &p->q, s);
	answer_header(&p->r, &p->q, p->job->query);
	p->job->answered = wr_size(&p->r.w);
}

/* At most LOOK_UPS_MAX jobs. */
static void
answer_group(const struct snapshot *s, enum transport t, struct answer_job *jobs, unsigned n)
{
	struct pending pending[LOOK_UPS_MAX];
	struct look_up looks[LOOK_UPS_MAX];
	const struct look_up *l = looks;
	unsigned due = 0, names = 0;

	for (unsigned i = 0; i < n; i++) {
		struct pending *p = &pending[due];

		if (!answer_begin(p, s, t, &jobs[i]))
			continue;
		due++;
		if (p->looks_up)
			looks[names++] = (struct look_up){ .name = p->q.name, .qtype = p->q.type };
	}
	zone_set_look_up(s->zones, looks, names);
	for (unsigned i = 0; i < due; i++)
		answer_end(&pending[i], s, pending[i].looks_up ? l++ : NULL);
}

void
answer_many(const struct snapshot *s, const struct answer_terms *t, struct answer_job *jobs, unsigned n)
{
	for (unsigned i = 0; s == NULL && i < n; i++) {
		jobs[i].answered = 0;
		jobs[i].aside = false;
	}
	for (unsigned i = 0; s != NULL && i < n; i += LOOK_UPS_MAX)
		answer_group(s, t->transport, &jobs[i], n - i < LOOK_UPS_MAX ? n - i : LOOK_UPS_MAX);
}
