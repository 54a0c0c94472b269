/* aside.c - messages that need more than look-up and copy.
 *
 *     signature ─► transfer? ── yes ─► which zone? ─► who may? ─► its edition ─► the messages (transfer.c)
 *                  update?   ── yes ─► which zone? ─► who may? ─► the control thread (handover.c, updates.c)
 *                       └─ no ──────► a private zone? who may? ───────────────► answer() ─► signature
 *
 * What is refused on the way is written by answer() too, which knows what an answer owes to its
 * question: so that a refusal has the same header, OPT and rate limit as any answer.
 *
 * A good signature alone opens nothing: it frees from the rate limit, and its key counts where
 * the configuration names it. */
#include "dnsd/aside.h"

#include <string.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/edition.h"
#include "dnsd/handover.h"
#include "dnsd/question.h"
#include "dnsd/reports.h"
#include "dnsd/transfer.h"
#include "dnsd/tsig.h"
#include "dnsd/update.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

struct aside {
	const struct snapshot *snapshot;
	const struct answer_terms *terms;
	struct answer_job *job;
	struct question q;
	struct tsig tsig;
	bool is_signed;                        /* tsig was read, and signs the answer, or says why not */
	bool datagram;                         /* one message is all that a transfer may be */
};

static bool
aside_is_udp(const struct aside *a)
{
	return a->terms->transport == TRANSPORT_UDP;
}

/* ---- reports ---- */

static struct report
aside_report(const struct aside *a)
{
	struct report r = {
		.client = *a->job->client, .udp = aside_is_udp(a), .tls = a->terms->transport == TRANSPORT_TLS
	};

	memcpy(r.zone, a->q.name, a->q.name_size);
	dname_lower(r.zone);
	if (a->is_signed) {
		memcpy(r.key, a->tsig.name, dname_length(a->tsig.name));
		dname_lower(r.key);
	}
	return r;
}

static void
aside_complain(const struct aside *a, enum rcode rcode, const char *why)
{
	struct report r = aside_report(a);

	r.kind = REPORT_REFUSED;
	r.rcode = rcode;
	r.tsig_error = a->is_signed ? a->tsig.error : TSIG_NOERROR;
	r.why = why;
	reports_send(a->snapshot->terms.reports, &r);
}

/* ---- answers ---- */

/* By answer(), with room for the signature that follows. */
static void
aside_reply(struct aside *a)
{
	struct answer_job *job = a->job;

	job->reserve = a->is_signed ? tsig_room(&a->tsig) : 0;
	answer_one(a->snapshot, a->terms, job);
	if (job->answered > 0 && a->is_signed)
		job->answered = tsig_sign(&a->tsig, job->out, job->answered, aside_is_udp(a) ? ANSWER_UDP_MAX : ANSWER_TCP_MAX, a->terms->now_s);
}

static void
aside_refuse(struct aside *a, enum rcode rcode, const char *why)
{
	a->job->refuse = rcode;
	aside_reply(a);
	if (a->job->answered > 0)              /* else the rate limit has counted it: a flood makes no reports */
		aside_complain(a, rcode, why);
}

/* ---- the signature ---- */

/* False: it was refused. */
static bool
aside_verify(struct aside *a)
{
	if (a->q.tsig_at == 0)
		return true;
	if (!tsig_verify_request(&a->tsig, a->snapshot->terms.keys, a->job->query, a->job->size, a->q.tsig_at, a->terms->now_s)) {
		aside_refuse(a, RCODE_FORMERR, a->tsig.why);
		return false;
	}
	a->is_signed = true;
	if (a->tsig.error == TSIG_NOERROR)
		return true;
	aside_refuse(a, RCODE_NOTAUTH, a->tsig.why);
	return false;
}

/* ---- who may ---- */

/* The key counts, for its signature was good: aside_verify() let nothing else pass. NULL: the client is one of those; else why not. */
static const char *
aside_stranger(const struct aside *a, const struct conf_whos *whos)
{
	bool from_there = false;

	for (size_t i = 0; i < whos->count; i++) {
		const struct conf_who *who = &whos->who[i];

		if (!who->anywhere && !prefix_contains(&who->prefix, a->job->client))
			continue;
		if (who->key == NULL || (a->is_signed && who->key == a->tsig.key))
			return NULL;
		from_there = true;
	}
	if (whos->count == 0)
		return "nobody may transfer this zone";
	if (!from_there)
		return "not from this address";
	return a->is_signed ? "not with this key" : "not without a key";
}

/* Who may transfer a zone. */
static const struct conf_whos *
aside_whos(const struct aside *a, const struct zone *zone)
{
	static const struct conf_whos nobody = { .count = 0 };
	const struct conf *conf = a->snapshot->terms.conf;

	return conf != NULL ? &conf->zones[zone_index(zone)].transfer : &nobody;
}

/* Whether the zone is to the client what was configured, whatever health says (design.md, "Zones and services"): a key that the
 * configuration names for updates of it. An address alone does not do: a secondary beside us may have an updater's, and its own key. */
static bool
aside_is_updater(const struct aside *a, const struct zone *zone)
{
	const struct conf_zone *conf = a->snapshot->terms.conf != NULL ? &a->snapshot->terms.conf->zones[zone_index(zone)] : NULL;

	if (conf == NULL || conf->type != ZONE_DYNAMIC || !a->is_signed)
		return false;
	for (size_t i = 0; i < conf->update.count; i++) {
		const struct conf_who *who = &conf->update.who[i];

		if (who->key == a->tsig.key && (who->anywhere || prefix_contains(&who->prefix, a->job->client)))
			return true;
	}
	for (size_t i = 0; i < conf->nupdate_rules; i++)
		if (conf->update_rules[i].key == a->tsig.key)
			return true;
	return false;
}

/* ---- questions ---- */

/* A private zone is answered to those who may transfer it. */
static void
aside_question(struct aside *a)
{
	const struct zone *zone = a->q.class == CLASS_IN ? zone_set_find(a->snapshot->zones, a->q.name, a->q.type) : NULL;
	const char *why = zone != NULL && zone_is_private(zone) ? aside_stranger(a, aside_whos(a, zone)) : NULL;

	if (why != NULL) {
		aside_refuse(a, RCODE_REFUSED, why);
		return;
	}
	a->job->trusted = true;
	a->job->configured = zone != NULL && aside_is_updater(a, zone);
	aside_reply(a);
}

/* ---- transfers ---- */

/* The serial of the SOA that an IXFR brings (RFC 1995, 3), whose names may be compressed. */
static bool
aside_serial(const struct question *q, uint32_t *serial)
{
	struct rd r;

	if (q->authority == NULL)
		return false;
	r = rd_begin(q->authority, q->authority_size);
	rd_skip_name(&r);
	if (rd_u16(&r) != TYPE_SOA || rd_u16(&r) != CLASS_IN)
		return false;
	rd_bytes(&r, 4 + 2);                   /* TTL and size: the record is all there is */
	rd_skip_name(&r);
	rd_skip_name(&r);

	uint32_t high = rd_u16(&r), low = rd_u16(&r);

	rd_bytes(&r, 16);
	*serial = high << 16 | low;
	return !r.bad && rd_left(&r) == 0;
}

/* The zone whose apex the name is; NULL: none. */
static const struct zone *
aside_zone(const struct aside *a)
{
	const struct zone *zone = zone_set_find(a->snapshot->zones, a->q.name, TYPE_SOA);

	return zone != NULL && dname_equal(zone_apex(zone), a->q.name) ? zone : NULL;
}

/* What keeps the client from a transfer of the zone (NULL: no such); *rcode NOERROR: nothing does. */
static const char *
aside_obstacle(const struct aside *a, const struct zone *zone, uint32_t *serial, enum rcode *rcode)
{
	const char *why;

	*rcode = RCODE_REFUSED;
	if (a->q.class != CLASS_IN)
		return "a transfer of another class than IN";
	/* The request is well formed, and IXFR over UDP exists: what we will not do is REFUSED, not FORMERR. */
	if (a->q.type == TYPE_AXFR && a->datagram)
		return "AXFR over UDP";
	if (zone == NULL) {
		*rcode = RCODE_NOTAUTH;
		return "not the apex of a zone of ours";
	}
	why = aside_stranger(a, aside_whos(a, zone));
	if (why != NULL)
		return why;
	if (a->q.type == TYPE_IXFR && !aside_serial(&a->q, serial)) {
		*rcode = RCODE_FORMERR;
		return "IXFR without a SOA";
	}
	*rcode = RCODE_NOERROR;
	return NULL;
}

/* The one message that IXFR over UDP may be (RFC 1995, 2). */
static void
aside_datagram(const struct aside *a, struct transfer *transfer)
{
	a->job->answered = transfer_next(transfer, a->job->out, answer_size_max(&a->q, TRANSPORT_UDP));
	transfer_free(transfer);
}

/* ---- to the control thread ---- */

/* False: it is not taken, and nothing is left of it. */
static bool
aside_hand_over(const struct aside *a, bool transfer)
{
	const struct answer_job *job = a->job;
	struct handed one = {
		.size = job->size, .client = *job->client, .transport = a->terms->transport, .is_signed = a->is_signed, .tsig = a->tsig,
		.terms_number = a->snapshot->terms.number, .transfer = transfer
	};

	if (job->road == NULL)
		return false;
	one.message = mem_alloc(job->size);
	memcpy(one.message, job->query, job->size);
	one.back = job->road->open(job->road);
	if (handover_put(a->snapshot->terms.handover, &one))
		return true;
	handed_reply(&one, NULL, 0);
	return false;
}

static void
aside_begin_transfer(struct aside *a, const struct edition *e, uint32_t serial, struct transfer **transfer)
{
	const struct report report = aside_report(a);
	struct transfer *new = transfer_new(e, a->job->query, &a->q, serial, a->is_signed ? &a->tsig : NULL,
	    a->snapshot->terms.reports, &report, aside_is_updater(a, e->zone));

	if (a->datagram)
		aside_datagram(a, new);
	else
		*transfer = new;
}

/* Who writes to a zone reads back what he wrote: an update acknowledged is in the transfers that follow it, though what notify_delay
 * gathers has no serial yet. */
static bool
aside_is_behind(const struct aside *a, const struct edition *e, const struct zone *zone)
{
	return e->zone != zone && !a->datagram && !a->job->caught_up && aside_is_updater(a, zone);
}

static void
aside_transfer(struct aside *a, struct transfer **transfer)
{
	const struct zone *zone = aside_zone(a);
	const struct editions *editions = a->snapshot->terms.editions;
	const struct edition *e;
	uint32_t serial = 0;
	enum rcode rcode;
	const char *why = aside_obstacle(a, zone, &serial, &rcode);

	if (rcode != RCODE_NOERROR) {
		aside_refuse(a, rcode, why);
		return;
	}
	e = editions != NULL ? edition_find(editions, zone_index(zone)) : NULL;
	if (e == NULL)
		aside_refuse(a, RCODE_SERVFAIL, "the zone has no edition yet");
	else if (aside_is_behind(a, e, zone) && aside_hand_over(a, true))
		a->job->handed = true;
	else
		aside_begin_transfer(a, e, serial, transfer);
}

/* ---- updates ---- */

/* What keeps the client from updating the zone at all; *rcode NOERROR: nothing does. What the update asks for in particular is the
 * control thread's to judge. */
static const char *
aside_update_obstacle(const struct aside *a, const struct zone *zone, enum rcode *rcode)
{
	const struct updater who = { .key = a->is_signed ? a->tsig.key : NULL, .address = *a->job->client };
	const char *why;

	*rcode = RCODE_FORMERR;
	if (a->q.type != TYPE_SOA)
		return "an update whose zone section is no SOA";
	*rcode = RCODE_NOTAUTH;
	if (a->q.class != CLASS_IN || zone == NULL || a->snapshot->terms.conf == NULL)
		return "not the apex of a zone of ours";
	*rcode = RCODE_REFUSED;
	why = updater_stranger(&a->snapshot->terms.conf->zones[zone_index(zone)], &who);
	if (why != NULL)
		return why;
	*rcode = RCODE_NOERROR;
	return NULL;
}

static void
aside_update(struct aside *a)
{
	enum rcode rcode;
	const char *why = aside_update_obstacle(a, aside_zone(a), &rcode);

	if (rcode != RCODE_NOERROR)
		aside_refuse(a, rcode, why);
	else if (aside_hand_over(a, false))
		a->job->handed = true;
	else
		aside_refuse(a, RCODE_SERVFAIL, "too many updates wait");
}

void
aside_answer(const struct snapshot *s, const struct answer_terms *t, struct answer_job *job, struct transfer **transfer)
{
	struct aside a = { .snapshot = s, .terms = t, .job = job, .datagram = transfer == NULL };
	enum rcode rcode;

	job->answered = 0;
	job->handed = false;
	if (!question_read(&a.q, job->query, job->size, &rcode) || !aside_verify(&a))
		return;
	if (rcode == RCODE_NOERROR && a.q.update)
		aside_update(&a);
	else if (rcode == RCODE_NOERROR && (a.q.type == TYPE_AXFR || a.q.type == TYPE_IXFR))
		aside_transfer(&a, transfer);
	else
		aside_question(&a);
}
