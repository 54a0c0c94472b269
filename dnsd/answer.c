/* answer.c - the answer to one message.
 *
 *     read the question ─► who answers it? ─────────────────────► too often? ─► OPT, header
 *                            class IN: look up, the zones (chain.c)  (limit.c)   (edns.c)
 *                            class CH: ourselves (chaos.c)
 *                            signed, updates, transfers, private zones: not here (aside.c)
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
#include "dnsd/edns.h"
#include "dnsd/limit.h"
#include "dnsd/question.h"
#include "dnsd/reply.h"
#include "dnsd/wire.h"

enum { TYPE_MAILB = 253, TYPE_MAILA = 254, TYPE_TKEY = 249, TYPE_META = 128 };         /* IANA: 128..255 are questions or worse */

_Static_assert(HEADER_SIZE + DNAME_MAX + 4 + EDNS_UDP_ROOM_MAX + ANSWER_OPTION_MAX + ANSWER_RESERVE_MAX <= ANSWER_UDP_MAX, "always room for a question");

size_t
answer_size_max(const struct question *q, enum transport t)
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
		return RCODE_REFUSED;          /* left aside long before, or allowed and not for here */
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
	struct edns edns;
	bool looks_up;                         /* has a look_up of the group's */
};

static bool
answer_is_aside(const struct question *q, enum rcode rcode)
{
	return q->tsig_at > 0 || (rcode == RCODE_NOERROR && (q->update || q->type == TYPE_AXFR || q->type == TYPE_IXFR));
}

/* RFC 7873, 5.4: no question is asked but what our cookie is, or whether the one at hand is still good. */
static enum rcode
answer_cookie_query(const struct question *q, const struct edns *e)
{
	if (!e->cookie)
		return RCODE_FORMERR;
	return q->cookie_size == COOKIE_CLIENT || e->cookie_good ? RCODE_NOERROR : RCODE_BADCOOKIE;
}

/* What is wrong with what was asked, before any zone is asked. */
static enum rcode
answer_judge(const struct pending *p, enum transport t)
{
	if (p->q.keepalive == KEEPALIVE_MALFORMED && t != TRANSPORT_UDP)
		return RCODE_FORMERR;          /* RFC 7828, 3.2.1; 3.2.2 has it ignored over UDP */
	return p->q.size > 0 ? answer_meta_type(p->q.type) : answer_cookie_query(&p->q, &p->edns);
}

/* How much of out is for the question and the records. */
static size_t
answer_room(const struct pending *p, enum transport t)
{
	size_t least = HEADER_SIZE + p->q.size, size = answer_size_max(&p->q, t), after = p->job->reserve + p->edns.room;

	assert(p->job->reserve <= ANSWER_RESERVE_MAX);
	return size > least + after ? size - after : least;
}

/* Reads the job's question and echoes it. False: no answer is due. */
static bool
answer_begin(struct pending *p, const struct snapshot *s, const struct answer_terms *t, struct answer_job *job)
{
	enum rcode rcode;

	job->answered = 0;
	job->aside = false;
	p->job = job;
	if (!question_read(&p->q, job->query, job->size, &rcode))
		return false;
	if (!job->trusted && job->refuse == 0 && job->said == NULL && answer_is_aside(&p->q, rcode)) {
		job->aside = true;
		return false;
	}
	edns_begin(&p->edns, &p->q, s, t, job->client);
	if (job->said != NULL)
		edns_add(&p->edns, job->said->option, job->said->option_size);
	p->r = (struct reply){                 /* each member, so that none is cleared first */
		.w = wr_begin(job->out, answer_room(p, t->transport)), .rcode = rcode, .flags = 0,
		.ancount = 0, .nscount = 0, .arcount = 0, .configured = NULL, .node_flags = 0, .kind = LIMIT_ERROR, .about = (const uint8_t *)""
	};
	wr_room(&p->r.w, HEADER_SIZE);
	wr_bytes(&p->r.w, job->query + HEADER_SIZE, p->q.size);
	if (job->said != NULL)
		p->r.rcode = job->said->rcode;
	else if (job->refuse > 0)
		p->r.rcode = job->refuse;
	else if (p->r.rcode == RCODE_NOERROR)
		p->r.rcode = answer_judge(p, t->transport);
	p->looks_up = p->r.rcode == RCODE_NOERROR && p->q.class == CLASS_IN && job->said == NULL;
	return true;
}

static void
answer_records(struct pending *p, const struct snapshot *s, const struct look_up *l)
{
	if (p->r.rcode != RCODE_NOERROR || p->q.size == 0 || p->job->said != NULL)
		return;
	switch (p->q.class) {
	case CLASS_IN:
		p->r.configured = p->job->configured ? l->zone : NULL;
		chain_answer(&p->r, s, &p->q, l);
		break;
	case CLASS_CH:
		chaos_answer(&p->r, s, &p->q);
		break;
	default:
		p->r.rcode = RCODE_REFUSED;
	}
}

/* Sends the asker elsewhere, at no more bytes than it asked with: a client with a cookie, which now gets ours, back to
 * us; others to TCP. NOERROR, so that all of them look at TC. */
static void
answer_slip(struct pending *p)
{
	answer_truncate(&p->r, &p->q);
	edns_strip(&p->edns);
	p->r.flags = p->edns.cookie ? 0 : FLAG_TC;
	p->r.rcode = p->edns.cookie ? RCODE_BADCOOKIE : RCODE_NOERROR;
	p->r.node_flags = 0;
}

/* False: above the rate limit, and nothing is sent. */
static bool
answer_rate(struct pending *p, const struct snapshot *s, const struct answer_terms *t)
{
	if (s->terms.limit == NULL || t->transport != TRANSPORT_UDP || p->job->trusted || p->edns.cookie_good)
		return true;
	switch (limit_judge(s->terms.limit, p->job->client, p->r.kind, p->r.about, t->now_ms)) {
	case LIMIT_SEND:
		return true;
	case LIMIT_SLIP:
		answer_slip(p);
		return true;
	case LIMIT_DROP:
		return false;
	}
	assert(false && "a limit said something else");
	return false;
}

#define TEXT(t) .text = t, .text_size = sizeof(t) - 1

/* What an extended error tells of the answer; NULL: it speaks for itself. */
static const struct edns_error *
answer_why(const struct pending *p)
{
	static const struct edns_error all_down = { .code = ERROR_OTHER, TEXT("no member is up: answered as all_down says") };
	static const struct edns_error not_ours = { .code = ERROR_NOT_AUTHORITATIVE };
	static const struct edns_error unknown = { .code = ERROR_NOT_SUPPORTED };
	static const struct edns_error may_not = { .code = ERROR_PROHIBITED };
	unsigned down = p->q.type == TYPE_A ? NODE_ALL_DOWN4 : p->q.type == TYPE_AAAA ? NODE_ALL_DOWN6 : 0;

	if (p->job->said != NULL)
		return p->job->said->error;
	if (p->job->refuse > 0)
		return p->job->refuse == RCODE_REFUSED ? &may_not : NULL;
	if ((p->r.node_flags & down) != 0)
		return &all_down;
	if (p->r.rcode == RCODE_REFUSED)
		return p->q.class == CLASS_IN ? &not_ours : &unknown;
	return p->r.rcode == RCODE_NOTIMP ? &unknown : NULL;
}

static void
answer_end(struct pending *p, const struct snapshot *s, const struct answer_terms *t, const struct look_up *l)
{
	answer_records(p, s, l);
	if (p->r.w.full)
		answer_truncate(&p->r, &p->q);
	if (!answer_rate(p, s, t))
		return;
	p->r.w.end += p->edns.room;
	if (p->edns.room > 0)
		edns_write(&p->r, &p->q, &p->edns, answer_why(p), p->job->reserve);
	answer_header(&p->r, &p->q, p->job->query);
	p->job->answered = wr_size(&p->r.w);
}

/* Whether somebody has to be found entitled first. */
static bool
answer_is_private(const struct look_up *l, const struct answer_job *job)
{
	return l != NULL && l->zone != NULL && zone_is_private(l->zone) && !job->trusted;
}

/* At most LOOK_UPS_MAX jobs. */
static void
answer_group(const struct snapshot *s, const struct answer_terms *t, struct answer_job *jobs, unsigned n)
{
	struct pending pending[LOOK_UPS_MAX];
	struct look_up looks[LOOK_UPS_MAX];
	const struct look_up *next = looks;
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
	for (unsigned i = 0; i < due; i++) {
		const struct look_up *l = pending[i].looks_up ? next++ : NULL;

		if (answer_is_private(l, pending[i].job))
			pending[i].job->aside = true;
		else
			answer_end(&pending[i], s, t, l);
	}
}

void
answer_many(const struct snapshot *s, const struct answer_terms *t, struct answer_job *jobs, unsigned n)
{
	for (unsigned i = 0; s == NULL && i < n; i++) {
		jobs[i].answered = 0;
		jobs[i].aside = false;
	}
	for (unsigned i = 0; s != NULL && i < n; i += LOOK_UPS_MAX)
		answer_group(s, t, &jobs[i], n - i < LOOK_UPS_MAX ? n - i : LOOK_UPS_MAX);
}
