/* received.h - requests for transfers, and what came of them, read by ldns. For the tests of transfers. */
#ifndef TESTS_DNSD_RECEIVED_H
#define TESTS_DNSD_RECEIVED_H

#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/question.h"
#include "dnsd/transfer.h"
#include "dnsd/wire.h"
#include "zones/zone.h"
#include "tests/unit/suite.h"

/* ---- requests ---- */

struct request {
	uint8_t bytes[512];
	struct question q;
};

static inline void
request_make(struct request *r, const uint8_t *name, uint16_t type, bool edns)
{
	struct wr w = wr_begin(r->bytes, sizeof(r->bytes));
	enum rcode rcode;

	wr_u16(&w, 0x1234);
	wr_u16(&w, FLAG_RD);
	wr_u16(&w, 1);
	wr_u16(&w, 0);
	wr_u16(&w, 0);
	wr_u16(&w, edns);
	wr_bytes(&w, name, dname_length(name));
	wr_u16(&w, type);
	wr_u16(&w, CLASS_IN);
	if (edns)
		wr_bytes(&w, "\0\0\51\4\320\0\0\200\0\0\0", 11);
	ck_assert(!w.full && question_read(&r->q, r->bytes, wr_size(&w), &rcode) && rcode == RCODE_NOERROR);
}

/* ---- what was received ---- */

struct got {
	uint8_t owner[DNAME_MAX];
	uint8_t *rr;                   /* as in struct rrset */
	uint16_t type;
};

struct received {
	struct got *all;
	size_t count, messages, bytes;
	size_t largest;
};

static void
received_rr(struct received *to, const ldns_rr *rr)
{
	struct got g = { .type = (uint16_t)ldns_rr_get_type(rr) };
	uint8_t *rdata = NULL;
	size_t size = 0;
	struct wr w;

	ck_holds(ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);

		rdata = mem_resize(rdata, size + ldns_rdf_size(field) + 1);
		memcpy(rdata + size, ldns_rdf_data(field), ldns_rdf_size(field));
		size += ldns_rdf_size(field);
	}
	memcpy(g.owner, ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr)));
	g.rr = mem_alloc(12 + size);
	w = wr_begin(g.rr, 12 + size);
	wr_u16(&w, 0xC00C);
	wr_u16(&w, g.type);
	wr_u16(&w, CLASS_IN);
	wr_u32(&w, ldns_rr_ttl(rr));
	wr_u16(&w, (unsigned)size);
	if (size > 0)
		wr_bytes(&w, rdata, size);
	free(rdata);
	to->all = mem_grow(to->all, to->count, sizeof(*to->all));
	to->all[to->count++] = g;
}

/* One message: well formed, the answer to the request, and its records in the answer section. */
static void
received_message(struct received *to, const struct request *r, const uint8_t *m, size_t size)
{
	bool first = to->messages == 0;
	ldns_rr_list *answer;
	ldns_pkt *pkt;

	ck_assert_int_eq(ldns_wire2pkt(&pkt, m, size), LDNS_STATUS_OK);
	ck_assert_uint_eq(ldns_pkt_id(pkt), 0x1234);
	ck_assert(ldns_pkt_qr(pkt) && ldns_pkt_aa(pkt) && ldns_pkt_rd(pkt) && !ldns_pkt_tc(pkt) && !ldns_pkt_ra(pkt));
	ck_assert_int_eq(ldns_pkt_get_rcode(pkt), LDNS_RCODE_NOERROR);
	ck_assert_uint_eq(ldns_pkt_qdcount(pkt), first);
	ck_assert_uint_eq(ldns_pkt_nscount(pkt), 0);
	ck_assert_uint_eq(ldns_pkt_edns(pkt), first && r->q.edns);
	ck_assert_uint_eq(ldns_pkt_edns_do(pkt), first && r->q.edns);
	if (first)
		ck_assert_int_eq(memcmp(m + HEADER_SIZE, r->q.name, r->q.size), 0);
	answer = ldns_pkt_answer(pkt);
	ck_assert_uint_gt(ldns_rr_list_rr_count(answer), 0);
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++)
		received_rr(to, ldns_rr_list_rr(answer, i));
	ldns_pkt_free(pkt);
	to->messages++;
	to->bytes += size;
	if (size > to->largest)
		to->largest = size;
}

static inline void
received_free(struct received *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->all[i].rr);
	free(r->all);
}

static inline struct received
receive(struct transfer *t, const struct request *r, size_t room)
{
	static uint8_t out[65535 + 16];
	struct received got = { 0 };

	for (size_t n; memset(out + room, 0xA5, 16), (n = transfer_next(t, out, room)) > 0;) {
		ck_assert_uint_le(n, room);
		ck_assert_uint_eq(out[room], 0xA5);
		received_message(&got, r, out, n);
	}
	ck_assert_uint_eq(transfer_next(t, out, room), 0);
	return got;
}

static inline uint32_t
got_serial(const struct got *g)
{
	const uint8_t *p = g->rr + 12 + be16_get(g->rr + 10) - 20;

	ck_assert_uint_eq(g->type, TYPE_SOA);
	return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

#endif
