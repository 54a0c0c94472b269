/* transfer.c - the messages of a transfer.
 *
 *     first   header | question | records ...           | OPT | TSIG
 *     later   header |            records ...                 | TSIG
 *
 * The question and the OPT are in the first message alone (RFC 5936, 2.2.1 and 2.2.5), as NSD, Knot DNS and BIND have it,
 * and an OPT only if the query had one. A message is as large as pointers reach (RFC 1035, 4.1.4): making larger
 * ones costs as much (tests/bench/transfer.c, 8 KiB to 63 KiB), they compress less, and their reader waits longer for
 * what it can begin with. Only a record that needs more gets more. */
#include "dnsd/transfer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/answer.h"
#include "dnsd/compress.h"
#include "dnsd/edition.h"
#include "dnsd/question.h"
#include "dnsd/records.h"
#include "dnsd/reports.h"
#include "dnsd/tsig.h"

enum { MESSAGE_SIZE = 16 << 10, OPT_SIZE = 11 };

struct transfer {
	const struct edition *edition;         /* held */
	enum transfer_kind kind;
	bool configured;                       /* which plane of it */
	struct records records;                /* at the first that is in no message yet */
	struct compress names;                 /* of the message at hand */
	bool udp;
	bool over;                             /* the last message was handed out, or none can be */

	/* the request's */
	uint8_t id[2];
	uint16_t flags;
	uint16_t edns_flags;
	bool edns, is_signed;
	uint16_t question_size;
	uint8_t question[DNAME_MAX + 4];
	struct tsig sign;

	struct reports *reports;               /* NULL: nobody wants to know */
	struct report report;                  /* counts meanwhile */
	uint64_t started_us;
};

/* ---- beginning ---- */

/* What a request gets, and where in the history an IXFR begins. */
static enum transfer_kind
transfer_choose(const struct transfer *t, uint16_t qtype, uint32_t client_serial, size_t *step)
{
	const struct edition *e = t->edition;
	long since;

	if (qtype == TYPE_AXFR)
		return TRANSFER_AXFR;
	since = edition_since(e, client_serial);
	if (since >= 0 && (size_t)since == e->nhistory)
		return TRANSFER_CURRENT;
	if (since >= 0 && !records_whole_is_smaller(e, t->configured, (size_t)since)) {
		*step = (size_t)since;
		return TRANSFER_IXFR;
	}
	return t->udp ? TRANSFER_CURRENT : TRANSFER_AXFR;         /* the SOA tells it to come by TCP */
}

static void
transfer_request(struct transfer *t, const uint8_t *query, const struct question *q, const struct tsig *sign)
{
	assert(q->size > 4 && q->size <= sizeof(t->question));
	memcpy(t->id, query, sizeof(t->id));
	t->flags = FLAG_QR | FLAG_AA | (q->flags & (FLAG_RD | FLAG_CD));
	t->edns = q->edns;
	t->edns_flags = q->edns_flags;
	t->question_size = q->size;
	memcpy(t->question, q->name, q->size);
	if (sign != NULL) {
		t->is_signed = true;
		t->sign = *sign;
	}
}

/* client_serial: 0 with an AXFR. */
static void
transfer_report(struct transfer *t, struct reports *reports, const struct report *template, uint32_t client_serial)
{
	struct report *r = &t->report;
	const uint8_t *apex = zone_apex(t->edition->zone);

	t->reports = reports;
	*r = *template;
	r->kind = REPORT_TRANSFER;
	memcpy(r->zone, apex, dname_length(apex));
	r->from = client_serial;
	r->to = t->edition->serial;
	r->bytes = r->messages = r->records = 0;
	r->whole = false;
}

struct transfer *
transfer_new(const struct edition *e, const uint8_t *query, const struct question *q, uint32_t client_serial,
    const struct tsig *sign, struct reports *reports, const struct report *report, bool configured)
{
	struct transfer *t = mem_alloc(sizeof(*t));
	size_t step = 0;

	assert(q->type == TYPE_AXFR || q->type == TYPE_IXFR);
	edition_hold(e);
	t->edition = e;
	t->configured = configured;
	t->started_us = clock_mono_us();
	transfer_request(t, query, q, sign);
	if (report != NULL)
		transfer_report(t, reports, report, q->type == TYPE_IXFR ? client_serial : 0);
	t->udp = t->report.udp;
	t->kind = transfer_choose(t, q->type, client_serial, &step);
	records_begin(&t->records, e, configured, t->kind, step);
	return t;
}

enum transfer_kind
transfer_kind(const struct transfer *t)
{
	return t->kind;
}

/* ---- a record in a message ---- */

/* The names in these may be compressed, and in no others (RFC 3597, 4). */
static void
message_rdata(struct transfer *t, struct wr *w, uint16_t type, const uint8_t *rdata, size_t size)
{
	const uint8_t *end = rdata + size;
	unsigned names = 0;

	switch (type) {
	case TYPE_MX:
		wr_bytes(w, rdata, 2);
		rdata += 2;
		names = 1;
		break;
	case TYPE_NS: case TYPE_CNAME: case TYPE_PTR:
		names = 1;
		break;
	case TYPE_SOA:
		names = 2;
		break;
	}
	for (; names > 0; names--) {
		compress_name(&t->names, w, rdata);
		rdata += dname_length(rdata);
	}
	wr_bytes(w, rdata, (size_t)(end - rdata));
}

/* False: it does not fit, and nothing of it is there. */
static bool
message_record(struct transfer *t, struct wr *w, const struct record *r)
{
	uint8_t *start = w->p, *length;

	compress_name(&t->names, w, r->owner);
	wr_bytes(w, r->rr, 8);
	length = wr_open(w);
	message_rdata(t, w, be16_get(r->rr), r->rr + 10, be16_get(r->rr + 8));
	wr_close(w, length);
	if (!w->full)
		return true;
	w->p = start;
	return false;
}

/* ---- messages ---- */

static size_t
message_opt_size(const struct transfer *t)
{
	return t->edns && t->report.messages == 0 ? OPT_SIZE : 0;
}

static void
message_opt(const struct transfer *t, struct wr *w)
{
	wr_u8(w, 0);
	wr_u16(w, TYPE_OPT);
	wr_u16(w, ANSWER_UDP_MAX);
	wr_u16(w, 0);                          /* RCODE's upper bits, version */
	wr_u16(w, t->edns_flags);
	wr_u16(w, 0);
}

/* How much of a message is left for records; 0: none at all. */
static size_t
message_room(const struct transfer *t, size_t room)
{
	size_t taken = HEADER_SIZE + message_opt_size(t);

	if (t->report.messages == 0)
		taken += t->question_size;
	if (t->is_signed)
		taken += tsig_room(&t->sign);
	return taken < room ? room - taken : 0;
}

/* A message with the records that fit, *count of them; its size without a signature. */
static size_t
message_make(struct transfer *t, uint8_t *out, size_t room, unsigned *count)
{
	bool first = t->report.messages == 0;
	struct wr w = wr_begin(out, HEADER_SIZE + (first ? t->question_size : 0u) + message_room(t, room));
	size_t opt_size = message_opt_size(t);

	compress_begin(&t->names);
	wr_room(&w, HEADER_SIZE);
	if (first) {
		wr_bytes(&w, t->question, t->question_size);
		compress_learn(&t->names, t->question, HEADER_SIZE);
	}
	*count = 0;
	while (t->records.part != PART_END && message_record(t, &w, &t->records.record)) {
		++*count;
		records_next(&t->records);
	}
	w.full = false;
	w.end += opt_size;
	if (opt_size > 0)
		message_opt(t, &w);
	memcpy(out, t->id, sizeof(t->id));
	be16_put(out + 2, t->flags);
	be16_put(out + 4, first);
	be16_put(out + 6, *count);
	be16_put(out + 8, 0);
	be16_put(out + 10, opt_size > 0);
	assert(!w.full);
	return wr_size(&w);
}

/* Over UDP: all of it, or the SOA alone, so that the client comes by TCP (RFC 1995, 2). */
static size_t
message_whole(struct transfer *t, uint8_t *out, size_t room, unsigned *count)
{
	size_t size = message_make(t, out, room, count);

	if (t->records.part == PART_END)
		return size;
	t->kind = TRANSFER_CURRENT;
	records_end(&t->records);
	records_begin(&t->records, t->edition, t->configured, t->kind, 0);
	size = message_make(t, out, room, count);
	if (*count == 0)
		be16_put(out + 2, t->flags | FLAG_TC);
	records_end(&t->records);
	return size;
}

/* The next part, larger than others if a record is. */
static size_t
message_part(struct transfer *t, uint8_t *out, size_t room, unsigned *count)
{
	size_t size = message_make(t, out, room < MESSAGE_SIZE ? room : MESSAGE_SIZE, count);

	if (*count == 0)
		size = message_make(t, out, room, count);
	if (*count > 0)
		return size;
	/* Nearly 65,000 bytes of data, an owner and a key of nearly 255 each: it can only be said. */
	be16_put(out + 2, t->flags | RCODE_SERVFAIL);
	t->report.kind = REPORT_REFUSED;
	t->report.rcode = RCODE_SERVFAIL;
	t->report.why = "a record and a signature are together larger than a message";
	t->over = true;
	return size;
}

size_t
transfer_next(struct transfer *t, uint8_t *out, size_t room)
{
	unsigned count;
	size_t size;

	if (t->over)
		return 0;
	if (message_room(t, room) == 0) {      /* names of nearly 255 bytes, over UDP without EDNS: silence */
		t->over = true;
		return 0;
	}
	size = t->udp ? message_whole(t, out, room, &count) : message_part(t, out, room, &count);
	if (t->is_signed) {
		size = tsig_sign(&t->sign, out, size, room, clock_wall_ms() / 1000);
		assert(size > 0);
	}
	t->report.bytes += size;
	t->report.messages++;
	t->report.records += count;
	if (t->records.part == PART_END) {
		t->over = true;
		t->report.whole = true;
	}
	return size;
}

/* ---- the end ---- */

/* A client that was told to come by TCP is reported when it does. */
static bool
transfer_is_news(const struct transfer *t)
{
	return t->kind != TRANSFER_CURRENT || edition_since(t->edition, t->report.from) == (long)t->edition->nhistory;
}

void
transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	t->report.incremental = t->kind == TRANSFER_IXFR;
	t->report.took_us = clock_mono_us() - t->started_us;
	if (t->kind == TRANSFER_CURRENT && t->report.kind == REPORT_TRANSFER)
		t->report.kind = REPORT_CURRENT;
	if (t->reports != NULL && transfer_is_news(t))
		reports_send(t->reports, &t->report);
	records_end(&t->records);
	edition_let_go(t->edition);
	free(t);
}
