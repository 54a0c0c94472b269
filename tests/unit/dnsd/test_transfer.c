/* test_transfer.c - transfers, read back by ldns: what a secondary gets is what the edition holds. */
#include <event2/event.h>
#include <ldns/ldns.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/answer.h"
#include "dnsd/question.h"
#include "dnsd/reports.h"
#include "dnsd/transfer.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "tests/unit/dnsd/past.h"
#include "tests/unit/dnsd/received.h"
#include "tests/unit/suite.h"
#include "tests/unit/zones/build.h"
#include "tests/unit/zones/random.h"

static bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return a->sum[0] == b->sum[0] && a->sum[1] == b->sum[1];
}

static size_t
zone_records(const struct zone *z)
{
	size_t count = 0;

	for (const struct node *n = NULL; (n = zone_next(z, n)) != NULL;)
		for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;)
			count += s->count;
	return count;
}

static int
got_order(const struct got *a, const struct got *b)
{
	struct key ka = { .length = 0 }, kb = { .length = 0 };
	unsigned at;

	key_add(&ka, a->owner, dname_length(a->owner) - 1);
	key_add(&kb, b->owner, dname_length(b->owner) - 1);
	at = key_difference(&ka, &kb);
	return at == ka.length ? (int)a->type - b->type : ka.symbols[at] - kb.symbols[at];
}

/* The zone between two SOAs, in canonical order. */
static void
expect_whole(const struct received *got, const struct zone *z)
{
	struct digest expected, digest = { { 0 } };

	ck_assert_uint_eq(got->count, zone_records(z) + 1);
	ck_assert_uint_eq(got_serial(&got->all[0]), zone_serial(z));
	ck_assert_uint_eq(got_serial(&got->all[got->count - 1]), zone_serial(z));
	for (size_t i = 0; i + 1 < got->count; i++) {
		digest_add(&digest, got->all[i].owner, got->all[i].rr);
		ck_holds(i < 2 || got_order(&got->all[i - 1], &got->all[i]) <= 0);
		ck_holds(i == 0 || got->all[i].type != TYPE_SOA);
	}
	zone_digest(z, &expected);
	ck_assert(digest_equal(&digest, &expected));
}

/* Steps from one serial to the next as RFC 1995, 4 has them: applied to the zone of the first they give each zone in turn. */
static void
expect_steps(const struct received *got, const struct past *p, uint32_t from)
{
	struct digest expected, digest;
	size_t i = 1, step = from - p->first;

	ck_assert_uint_eq(got_serial(&got->all[0]), p->edition->serial);
	ck_assert_uint_eq(got_serial(&got->all[got->count - 1]), p->edition->serial);
	zone_digest(p->zones[step], &digest);
	for (; step + 1 < p->count; step++) {
		ck_assert_uint_eq(got_serial(&got->all[i]), (uint32_t)(p->first + step));
		digest_subtract(&digest, got->all[i].owner, got->all[i].rr);
		for (i++; got->all[i].type != TYPE_SOA; i++)
			digest_subtract(&digest, got->all[i].owner, got->all[i].rr);
		ck_assert_uint_eq(got_serial(&got->all[i]), (uint32_t)(p->first + step + 1));
		digest_add(&digest, got->all[i].owner, got->all[i].rr);
		for (i++; got->all[i].type != TYPE_SOA; i++)
			digest_add(&digest, got->all[i].owner, got->all[i].rr);
		zone_digest(p->zones[step + 1], &expected);
		ck_assert(digest_equal(&digest, &expected));
	}
	ck_assert_uint_eq(i, got->count - 1);
}

/* ---- property tests ---- */

static void
check_axfr(const struct past *p, bool edns, size_t room)
{
	struct request r;
	struct received got;
	struct transfer *t;

	request_make(&r, random_apex, TYPE_AXFR, edns);
	t = transfer_new(p->edition, r.bytes, &r.q, 0, NULL, NULL, NULL, false);
	ck_assert_int_eq(transfer_kind(t), TRANSFER_AXFR);
	got = receive(t, &r, room);
	transfer_free(t);
	expect_whole(&got, p->edition->zone);
	received_free(&got);
}

static enum transfer_kind
check_ixfr(const struct past *p, uint32_t from, size_t room)
{
	enum transfer_kind kind;
	struct request r;
	struct received got;
	struct transfer *t;

	request_make(&r, random_apex, TYPE_IXFR, false);
	t = transfer_new(p->edition, r.bytes, &r.q, from, NULL, NULL, NULL, false);
	kind = transfer_kind(t);
	got = receive(t, &r, room);
	transfer_free(t);
	if (kind == TRANSFER_AXFR)
		expect_whole(&got, p->edition->zone);
	else if (kind == TRANSFER_IXFR)
		expect_steps(&got, p, from);
	else
		ck_assert(got.count == 1 && got_serial(&got.all[0]) == p->edition->serial);
	received_free(&got);
	return kind;
}

START_TEST(zones_arrive_whole)
{
	srand(11);
	for (unsigned round = 0; round < ROUNDS(300); round++) {
		struct past *p = past_begin(random_zone(below(round % 10 == 0 ? 2000 : 60), round + 1));

		check_axfr(p, round % 2 == 0, round % 3 == 0 ? 65535 : 2000 + below(20000));
		past_free(p);
	}
}
END_TEST

START_TEST(steps_lead_on)
{
	unsigned kinds[3] = { 0 };

	srand(12);
	for (unsigned round = 0; round < ROUNDS(100); round++) {
		struct past *p = past_begin(random_zone(below(400), 0xfffffff0u + round));
		unsigned steps = below(20);

		for (unsigned i = 0; i < steps; i++) {
			struct garbage *garbage;
			struct zone *next = random_next(p->edition->zone, below(4) == 0 ? below(50) : below(4),
			    p->edition->serial + 1, &garbage);

			past_step(p, next, garbage);
		}
		for (unsigned i = 0; i <= steps + 1; i++)
			kinds[check_ixfr(p, (uint32_t)(p->first + i), below(2) == 0 ? 65535 : 2000)]++;
		ck_assert_int_eq(check_ixfr(p, p->first - 1, 65535), TRANSFER_AXFR);
		past_free(p);
	}
	ck_assert(kinds[TRANSFER_AXFR] > ROUNDS(20) && kinds[TRANSFER_IXFR] > ROUNDS(200) && kinds[TRANSFER_CURRENT] > ROUNDS(100));
}
END_TEST

/* ---- zones made for a purpose ---- */

static const char head[] = "$TTL 60\n@ SOA ns hm 7 2 3 4 5\n@ NS ns\nns A 192.0.2.53\n";

static struct zone *
zone_with(const char *rest)
{
	char *text = mem_printf("%s%s", head, rest);
	struct zone *z = zone_of("example", text);

	free(text);
	return z;
}

static struct transfer *
begin(struct request *r, const struct past *p, uint16_t type, uint32_t from, const struct report *report)
{
	request_make(r, zone_apex(p->edition->zone), type, false);
	return transfer_new(p->edition, r->bytes, &r->q, from, NULL, NULL, report, false);
}

/* Byte by byte: what is compressed and what is not, what is echoed, in which order. */
START_TEST(the_bytes_of_a_transfer)
{
	static const uint8_t expected[] =
		"\x12\x34\x85\0\0\1\0\x0c\0\0\0\1"
		"\7eXample\0\0\374\0\1"                                         /* 12: the question as asked */
		"\7example\0\0\6\0\1\0\0\0\74\0\36\2ns\300\31\2hm\300\31"       /* 25: the apex; ns at 44, hm at 49 */
		"\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
		"\300\31\0\2\0\1\0\0\0\74\0\2\300\54"
		"\1c\300\31\0\5\0\1\0\0\0\74\0\4\1W\300\31"                     /* case is kept, and compressed with its like alone */
		"\1d\300\31\0\47\0\1\0\0\0\74\0\13\1w\7example\0"               /* DNAME, SRV: in full (RFC 6672, RFC 2782) */
		"\1m\300\31\0\17\0\1\0\0\0\74\0\4\0\12\300\203"
		"\300\54\0\1\0\1\0\0\0\74\0\4\300\0\2\65"
		"\1p\300\31\0\14\0\1\0\0\0\74\0\2\300\54"
		"\1s\300\31\0\41\0\1\0\0\0\74\0\21\0\1\0\2\0\3\1w\7example\0"
		"\3txt\300\31\0\20\0\1\0\0\0\74\0\2\1x"
		"\1u\300\31\377\0\0\1\0\0\0\74\0\3\1w\0"
		"\1w\300\31\0\1\0\1\0\0\0\74\0\4\300\0\2\1"
		"\300\31\0\6\0\1\0\0\0\74\0\30\300\54\300\61"
		"\0\0\0\7\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
		"\0\0\51\4\320\0\0\200\0\0\0";
	struct past *p = past_begin(zone_with("c CNAME W\nd DNAME w\nm MX 10 m\np PTR ns\ns SRV 1 2 3 w\ntxt TXT x\n"
	    "u TYPE65280 \\# 3 017700\nw A 192.0.2.1\n"));
	struct transfer *t;
	struct request r;
	uint8_t out[2048];
	size_t size;

	request_make(&r, (const uint8_t *)"\7eXample", TYPE_AXFR, true);
	t = transfer_new(p->edition, r.bytes, &r.q, 0, NULL, NULL, NULL, false);
	size = transfer_next(t, out, sizeof(out));
	for (size_t i = 0; i < size && i < sizeof(expected) - 1; i++)
		ck_assert_msg(out[i] == expected[i], "byte %zu: %02x, expected %02x", i, out[i], expected[i]);
	ck_assert_uint_eq(size, sizeof(expected) - 1);
	ck_assert_uint_eq(transfer_next(t, out, sizeof(out)), 0);
	transfer_free(t);
	past_free(p);
}
END_TEST

/* ---- which answer an IXFR gets ---- */

START_TEST(larger_than_the_zone)
{
	struct past *p = past_begin(zone_with("a A 10.0.0.0\nb A 10.0.0.0\nb A 10.0.0.1\nb A 10.0.0.2\nb A 10.0.0.3\n"
	    "b A 10.0.0.4\nb A 10.0.0.5\nb A 10.0.0.6\nb A 10.0.0.7\nb A 10.0.0.8\n"));

	for (unsigned i = 1; i <= 6; i++)
		past_put(p, name_of("a.example"), i, false);
	/* In full, a step is two SOAs of 55 bytes and two addresses of 25; the zone an SOA, an NS and eleven addresses. */
	ck_assert_int_eq(check_ixfr(p, 12, 65535), TRANSFER_IXFR);
	ck_assert_int_eq(check_ixfr(p, 11, 65535), TRANSFER_AXFR);
	ck_assert_int_eq(check_ixfr(p, 7, 65535), TRANSFER_AXFR);
	ck_assert_int_eq(check_ixfr(p, 13, 65535), TRANSFER_CURRENT);
	ck_assert_int_eq(check_ixfr(p, 14, 65535), TRANSFER_CURRENT);  /* ahead of us (RFC 1995, 2) */
	ck_assert_int_eq(check_ixfr(p, 6, 65535), TRANSFER_AXFR);
	past_free(p);
}
END_TEST

START_TEST(over_udp_all_or_the_soa)
{
	static char text[1024];
	struct past *p;
	const struct report udp = { .udp = true };
	static const struct { uint32_t from; size_t room; enum transfer_kind kind; size_t count; } asked[] = {
		{ 13, 512, TRANSFER_IXFR, 6 }, { 10, 512, TRANSFER_CURRENT, 1 }, { 10, 1232, TRANSFER_IXFR, 18 },
		{ 14, 512, TRANSFER_CURRENT, 1 }, { 6, 1232, TRANSFER_CURRENT, 1 },
	};

	snprintf(text, sizeof(text), "a A 10.0.0.0\nbulk TXT %0200d\nbulk TXT %0201d\nbulk TXT %0202d\n", 0, 0, 0);
	p = past_begin(zone_with(text));
	for (unsigned i = 1; i <= 7; i++)
		past_put(p, name_of("a.example"), i, false);
	for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct request r;
		struct transfer *t = begin(&r, p, TYPE_IXFR, asked[i].from, &udp);
		struct received got = receive(t, &r, asked[i].room);

		ck_assert_int_eq(transfer_kind(t), asked[i].kind);
		ck_assert_uint_eq(got.messages, 1);
		ck_assert_uint_eq(got.count, asked[i].count);
		ck_assert_uint_eq(got_serial(&got.all[0]), 14);
		received_free(&got);
		transfer_free(t);
	}
	past_free(p);
}
END_TEST

/* Names so long that not even the SOA fits 512 bytes: TC, so that the client comes by TCP. */
START_TEST(over_udp_not_even_the_soa)
{
	static char text[1024];
	const struct report udp = { .udp = true };
	struct transfer *t;
	struct request r;
	uint8_t out[512];
	struct past *p;

	snprintf(text, sizeof(text), "@ SOA %060d.%061d.%062d.%063d. %063d.%062d.%061d.%060d. 7 2 3 4 5\n@ NS ns.x.\n", 0, 0, 0, 0, 0, 0,
	    0, 0);
	p = past_begin(zone_of("example", text));
	t = begin(&r, p, TYPE_IXFR, 6, &udp);
	ck_assert_uint_eq(transfer_next(t, out, sizeof(out)), HEADER_SIZE + r.q.size);
	ck_assert_uint_eq(be16_get(out + 2), FLAG_QR | FLAG_AA | FLAG_TC | FLAG_RD);
	ck_assert_uint_eq(be16_get(out + 6), 0);
	ck_assert_uint_eq(transfer_next(t, out, sizeof(out)), 0);
	transfer_free(t);
	past_free(p);
}
END_TEST

/* ---- sizes ---- */

/* Messages reach as far as pointers; a large RRset is split; an RR that is larger than that gets a larger message. */
START_TEST(large_rrsets)
{
	struct zone *z = zone_with("");
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	uint8_t *rdata = mem_alloc(RRSET_MAX);
	struct garbage *garbage;
	struct received got;
	struct request r;
	struct transfer *t;
	struct past *p;

	rrbuf_begin(b, TYPE_A, CLASS_IN, 60);
	for (unsigned i = 0; i < 4000; i++)
		rrbuf_add(b, (uint8_t[]){ 10, 0, (uint8_t)(i >> 8), (uint8_t)i }, 4);
	zone_put(e, name_of("many.example"), b);
	rrbuf_begin(b, 65280, CLASS_IN, 60);
	ck_assert(rrbuf_add(b, rdata, RRSET_MAX - RR_FIXED));
	zone_put(e, name_of("one.example"), b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);

	p = past_begin(z);
	t = begin(&r, p, TYPE_AXFR, 0, NULL);
	got = receive(t, &r, 65535);
	expect_whole(&got, z);
	ck_assert_uint_ge(got.messages, 5);
	ck_assert(got.largest > RRSET_MAX && got.largest < RRSET_MAX + 200);
	transfer_free(t);
	received_free(&got);
	past_free(p);
	rrbuf_free(b);
	free(rdata);
}
END_TEST

/* ---- signatures ---- */

static struct conf_key keys[2];
static struct conf conf = { .keys = keys, .nkeys = 2 };

/* Two keys, one of the longest name there is. */
static struct keyring *
keys_make(void)
{
	static uint8_t secret[64] = "a secret";

	for (unsigned i = 0; i < 2; i++)
		keys[i] = (struct conf_key){ .name = (char *)(uintptr_t)(i == 0 ? "xfer" : "long"), .algorithm = TSIG_HMAC_SHA512,
		    .secret = secret, .secret_size = 64 };
	dname_parse("xfer", keys[0].dname);
	for (unsigned at = 0; at < 192; at += 64) {
		keys[1].dname[at] = 63;
		memset(keys[1].dname + at + 1, 'k', 63);
	}
	keys[1].dname[192] = 61;
	memset(keys[1].dname + 193, 'k', 61);
	ck_assert_uint_eq(dname_length(keys[1].dname), 255);
	return keyring_new(&conf);
}

/* A signed request, verified: what the server signs with. */
static void
request_sign(struct request *r, struct tsig *client, struct tsig *server, const struct keyring *ring, const struct conf_key *key)
{
	size_t plain = HEADER_SIZE + r->q.size, size;
	uint64_t now_s = clock_wall_ms() / 1000;

	tsig_begin(client, key);
	size = tsig_sign_request(client, ring, r->bytes, plain, sizeof(r->bytes), now_s);
	ck_assert(size > plain && tsig_verify_request(server, ring, r->bytes, size, plain, now_s));
	ck_assert_int_eq(server->error, TSIG_NOERROR);
}

/* Takes a verified TSIG off, so that the rest is as if it had not been signed. */
static size_t
message_unsign(uint8_t *m, size_t size, const struct tsig *by)
{
	be16_put(m + 10, be16_get(m + 10) - 1u);
	return size - tsig_room(by);
}

START_TEST(every_message_is_signed)
{
	struct keyring *ring = keys_make();

	srand(13);
	for (unsigned round = 0; round < ROUNDS(40); round++) {
		struct past *p = past_begin(random_zone(below(1500), 5));
		struct received got = { 0 };
		struct tsig client, server;
		struct transfer *t;
		struct request r;
		uint8_t out[65535];
		const char *why;

		request_make(&r, random_apex, TYPE_AXFR, false);
		request_sign(&r, &client, &server, ring, &keys[round % 2]);
		t = transfer_new(p->edition, r.bytes, &r.q, 0, &server, NULL, NULL, false);
		for (size_t n; (n = transfer_next(t, out, 4000)) > 0;) {
			ck_assert_uint_le(n, 4000);
			ck_assert_msg(tsig_verify_answer(&client, ring, out, n, clock_wall_ms() / 1000, &why), "%s", why);
			received_message(&got, &r, out, message_unsign(out, n, &server));
		}
		expect_whole(&got, p->edition->zone);
		received_free(&got);
		transfer_free(t);
		past_free(p);
	}
	keyring_free(ring);
}
END_TEST

/* The largest record with the longest owner and the longest key: it does not fit a message, and the client is told. */
START_TEST(too_large_to_be_signed)
{
	struct keyring *ring = keys_make();
	struct rrbuf *b = rrbuf_new();
	uint8_t *rdata = mem_alloc(RRSET_MAX), owner[DNAME_MAX], *out = mem_alloc(65535);

	memcpy(owner, keys[1].dname, DNAME_MAX);
	owner[192] = 53;
	memcpy(owner + 246, "\7example", 9);
	ck_assert_uint_eq(dname_length(owner), 255);
	rrbuf_begin(b, 65280, CLASS_IN, 60);
	ck_assert(rrbuf_add(b, rdata, RRSET_MAX - RR_FIXED));
	for (unsigned k = 0; k < 2; k++) {
		struct zone_edit *e = zone_edit(zone_with(""));
		struct tsig client, server;
		struct garbage *garbage;
		struct transfer *t;
		struct request r;
		const char *why;
		struct past *p;
		size_t n;

		zone_put(e, owner, b);
		p = past_begin(zone_commit(e, &garbage));
		garbage_free(garbage);
		request_make(&r, name_of("example"), TYPE_AXFR, false);
		request_sign(&r, &client, &server, ring, &keys[k]);
		t = transfer_new(p->edition, r.bytes, &r.q, 0, &server, NULL, NULL, false);
		for (unsigned i = 0; i < 2; i++) {
			n = transfer_next(t, out, 65535);
			ck_assert(n > 0 && tsig_verify_answer(&client, ring, out, n, clock_wall_ms() / 1000, &why));
		}
		ck_assert_uint_eq(be16_get(out + 2) & 15, k == 0 ? RCODE_NOERROR : RCODE_SERVFAIL);
		ck_assert_uint_eq(be16_get(out + 6), k == 0 ? 3 : 0);        /* with the two behind it */
		ck_assert_uint_eq(transfer_next(t, out, 65535), 0);
		transfer_free(t);
		past_free(p);
	}
	rrbuf_free(b);
	free(rdata);
	free(out);
	keyring_free(ring);
}
END_TEST

/* ---- reports ---- */

static struct report last;
static unsigned reported;

static void
on_report(void *arg, const struct report *r)
{
	(void)arg;
	last = *r;
	reported++;
}

/* Takes so many messages (0: all), and says what was reported. */
static const struct report *
report_of(const struct past *p, uint16_t type, uint32_t from, bool udp, unsigned messages)
{
	struct event_base *base = event_base_new();
	struct reports *reports = reports_new(base, on_report, NULL);
	struct report template = { .client = { .family = 4, .port = 53 }, .udp = udp, .tls = !udp };
	struct transfer *t;
	struct request r;
	uint8_t out[2000];

	last = (struct report){ .kind = 99 };
	reported = 0;
	template.key[0] = 1;
	request_make(&r, random_apex, type, false);
	t = transfer_new(p->edition, r.bytes, &r.q, from, NULL, reports, &template, false);
	for (unsigned i = 0; (messages == 0 || i < messages) && transfer_next(t, out, sizeof(out)) > 0; i++)
		;
	ck_assert_uint_eq(reported, 0);
	transfer_free(t);
	for (unsigned i = 0; i < 10; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	reports_free(reports);
	event_base_free(base);
	ck_assert_uint_le(reported, 1);
	return reported > 0 ? &last : NULL;
}

START_TEST(ends_are_reported)
{
	struct zone *z = random_zone(0, 5), *next;
	struct zone_edit *e = zone_edit(z);
	struct garbage *garbage;
	const struct report *r;
	struct past *p;

	srand(14);
	random_changes(e, 1000);
	next = zone_commit(e, &garbage);
	garbage_free(garbage);
	p = past_begin(next);
	past_put(p, name_of("a.example"), 1, false);

	r = report_of(p, TYPE_AXFR, 0, false, 0);
	ck_assert(r != NULL && r->kind == REPORT_TRANSFER && r->whole && !r->incremental && !r->udp && r->tls);
	ck_assert(r->client.port == 53 && r->key[0] == 1 && dname_equal(r->zone, random_apex));
	ck_assert(r->to == 6 && r->from == 0 && r->messages > 3 && r->records == zone_records(p->edition->zone) + 1);
	ck_assert(r->bytes > (r->messages - 1) * 1000 && r->bytes < r->messages * 2000);
	r = report_of(p, TYPE_AXFR, 0, false, 2);
	ck_assert(r != NULL && r->kind == REPORT_TRANSFER && !r->whole && r->messages == 2);
	r = report_of(p, TYPE_IXFR, 5, false, 0);
	ck_assert(r != NULL && r->kind == REPORT_TRANSFER && r->whole && r->incremental && r->from == 5 && r->to == 6);
	r = report_of(p, TYPE_IXFR, 4, false, 0);
	ck_assert(r != NULL && r->kind == REPORT_TRANSFER && r->whole && !r->incremental && r->from == 4);
	r = report_of(p, TYPE_IXFR, 6, false, 0);
	ck_assert(r != NULL && r->kind == REPORT_CURRENT && r->to == 6 && r->messages == 1);
	r = report_of(p, TYPE_IXFR, 5, true, 0);
	ck_assert(r != NULL && r->kind == REPORT_TRANSFER && r->whole && r->incremental && r->udp);
	ck_assert_ptr_null(report_of(p, TYPE_IXFR, 4, true, 0));       /* it will come by TCP */
	past_free(p);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("transfer");
	TCase *t = tcase_create("transfer");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, snapshot_open, snapshot_close);
	tcase_add_test(t, zones_arrive_whole);
	tcase_add_test(t, steps_lead_on);
	tcase_add_test(t, the_bytes_of_a_transfer);
	tcase_add_test(t, larger_than_the_zone);
	tcase_add_test(t, over_udp_all_or_the_soa);
	tcase_add_test(t, over_udp_not_even_the_soa);
	tcase_add_test(t, large_rrsets);
	tcase_add_test(t, every_message_is_signed);
	tcase_add_test(t, too_large_to_be_signed);
	tcase_add_test(t, ends_are_reported);
	suite_add_tcase(s, t);
	return suite_run(s);
}
