/* test_aside.c - what is signed, asks for a transfer or for a private zone: bytes in, bytes out, and what is reported. */
#include <check.h>
#include <event2/event.h>

#include "dnsd/aside.h"
#include "dnsd/edition.h"
#include "dnsd/edns.h"
#include "dnsd/handover.h"
#include "dnsd/limit.h"
#include "dnsd/reports.h"
#include "dnsd/transfer.h"
#include "dnsd/tsig.h"
#include "tests/unit/dnsd/rich.h"
#include "tests/unit/suite.h"

enum { NOW = 1700000000, KEYS = 5, QUERY_ROOM = 1400 };
enum { ONE, OTHER, LONG, SHA1, STRANGE };      /* keys; the server does not know the last */

#define A49 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_NAME A49 "." A49 "." A49 "." A49 "." A49    /* 251 bytes on the wire */

static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };

static struct rich rich;
static struct conf conf, strange;
static struct conf_key keys[KEYS];
static struct conf_zone zones[RICH_ZONES];
static struct keyring *ring, *strange_ring;    /* the server's; one with STRANGE, and another secret for OTHER */
static struct event_base *base;
static struct report last;                     /* what was reported */
static unsigned nreports;
static uint8_t out[ANSWER_TCP_MAX];
static uint8_t query[QUERY_ROOM];
static struct tsig exchange;                   /* of the last request; its key is NULL if that was unsigned */

/* ---- the server ---- */

static void
on_report(void *arg, const struct report *r)
{
	(void)arg;
	last = *r;
	nreports++;
}

static void
keys_make(void)
{
	static const char *const names[KEYS] = { "one", "other.example.com", LONG_NAME, "old", "strange" };
	static uint8_t secret[32], wrong[32] = { 1 };

	for (int i = 0; i < KEYS; i++) {
		keys[i] = (struct conf_key){
			.name = (char *)(uintptr_t)names[i], .algorithm = i == SHA1 ? TSIG_HMAC_SHA1 : TSIG_HMAC_SHA256,
			.secret = secret, .secret_size = sizeof(secret)
		};
		dname_parse(names[i], keys[i].dname);
	}
	conf = (struct conf){ .keys = keys, .nkeys = STRANGE, .zones = zones, .nzones = RICH_ZONES };
	ring = keyring_new(&conf);
	strange = (struct conf){ .keys = keys, .nkeys = KEYS };
	keys[OTHER].secret = wrong;            /* a keyring copies secrets */
	strange_ring = keyring_new(&strange);
	keys[OTHER].secret = secret;
}

static void
on_gone(void *arg)
{
	(void)arg;
}

static void
setup(void)
{
	snapshot_open();
	rich_make(&rich);
	keys_make();
	base = event_base_new();
	zone_set_private(rich.zones[2]);
	for (unsigned i = 0; i < RICH_ZONES; i++)
		zone_set_index(rich.zones[i], i);
	rich.snapshot->terms = (struct snapshot_terms){
		.conf = &conf, .keys = ring, .reports = reports_new(base, on_report, NULL), .editions = editions_new(RICH_ZONES)
	};
	for (unsigned i = 0; i < RICH_ZONES; i++)
		zones[i] = (struct conf_zone){ .nupdate_rules = 0 };
	nreports = 0;
	exchange.key = NULL;
}

static void
teardown(void)
{
	reports_free(rich.snapshot->terms.reports);
	editions_retire_all(rich.snapshot->terms.editions, on_gone, NULL);
	snapshot_close();                      /* and on_gone() was called */
	rich_free(&rich);
	keyring_free(ring);
	keyring_free(strange_ring);
	event_base_free(base);
}

/* The zone of that index may be transferred by these alone. */
static void
may(unsigned zone, const struct conf_who *who, size_t count)
{
	zones[zone].transfer = (struct conf_whos){ .who = (struct conf_who *)(uintptr_t)who, .count = count };
}

static void
numbered(unsigned zone)
{
	editions_put(rich.snapshot->terms.editions, zone, rich.zones[zone], NULL, NULL);
}

/* ---- the client ---- */

/* query, of size bytes, signed by the key; wrong: from the ring with another secret for OTHER. */
static size_t
sign(size_t size, unsigned key, bool wrong, uint64_t now_s)
{
	tsig_begin(&exchange, &keys[key]);
	exchange.name[1] &= 0xDF;              /* in upper case: that is as good */
	size = tsig_sign_request(&exchange, wrong || key == STRANGE ? strange_ring : ring, query, size, sizeof(query), now_s);
	ck_assert_uint_gt(size, 0);
	return size;
}

/* Through the query path, which leaves it aside, and aside_answer(). The reply is in out. */
static size_t
tell_from(const struct addr *from, enum transport t, size_t size, struct transfer **transfer)
{
	const struct answer_terms terms = { .transport = t, .now_s = NOW };
	uint8_t *copy = malloc(size), *reply = t == TRANSPORT_UDP ? malloc(ANSWER_UDP_MAX) : out;
	struct answer_job job = { .query = copy, .size = size, .client = from, .out = reply };

	memcpy(copy, query, size);
	snapshot_enter();
	answer_one(rich.snapshot, &terms, &job);
	ck_assert(job.aside);
	aside_answer(rich.snapshot, &terms, &job, transfer);
	snapshot_leave();
	event_base_loop(base, EVLOOP_NONBLOCK);
	free(copy);
	if (reply != out) {
		memcpy(out, reply, job.answered);
		free(reply);
	}
	return job.answered;
}

static size_t
tell(enum transport t, size_t size)
{
	struct transfer *transfer = NULL;
	size_t n = tell_from(&client, t, size, t == TRANSPORT_UDP ? NULL : &transfer);

	ck_assert_ptr_null(transfer);
	ck_assert(message_whole(out, n));
	ck_assert_mem_eq(out, query, 2);
	ck_assert_uint_eq(out[2] & 0x80, 0x80);
	return n;
}

static unsigned
rcode(void)
{
	return out[3] & 15;
}

/* Verified by the client, who needs no signature where it expects none. */
static void
genuine(size_t n)
{
	const char *why = NULL;

	ck_assert_msg(tsig_verify_answer(&exchange, ring, out, n, NOW, &why), "%s", why);
	exchange.key = NULL;
}

static void
reported(unsigned code, unsigned tsig_error, const char *why)
{
	ck_assert_uint_eq(nreports, 1);
	ck_assert_int_eq(last.kind, REPORT_REFUSED);
	ck_assert_uint_eq(last.rcode, code);
	ck_assert_uint_eq(last.tsig_error, tsig_error);
	ck_assert_str_eq(last.why, why);
	ck_assert(addr_equal(&last.client, &client));
	nreports = 0;
}

/* ---- signed questions ---- */

static const struct ask www = { .name = "www.example.com", .type = TYPE_A };
static const struct ask www_edns = { .name = "WWW.example.com", .type = TYPE_A, .udp_size = 1232, .nsid = true };

/* The answer is the unsigned one, and a signature. */
START_TEST(test_signed_question)
{
	const struct ask *a = _i % 2 == 0 ? &www : &www_edns;
	enum transport t = _i < 2 ? TRANSPORT_UDP : TRANSPORT_TCP;
	uint8_t plain[ANSWER_TCP_MAX];
	size_t size = ask_write(a, query, sizeof(query)), n, m = answer(rich.snapshot, t, query, size, plain);

	n = tell(t, sign(size, SHA1, false, NOW));
	genuine(n);
	ck_assert_uint_eq(n, m + tsig_room(&exchange));
	ck_assert_uint_eq(be16_get(out + 10), be16_get(plain + 10) + 1u);
	ck_assert_mem_eq(out, plain, 10);
	ck_assert_mem_eq(out + 12, plain + 12, m - 12);
	ck_assert_uint_eq(nreports, 0);
}
END_TEST

START_TEST(test_signed_answers_of_other_kinds)
{
	static const struct { struct ask ask; unsigned rcode; } rows[] = {
		{ { .name = "nothing.example.com", .type = TYPE_A }, RCODE_NXDOMAIN },
		{ { .name = "elsewhere.test", .type = TYPE_A }, RCODE_REFUSED },
		{ { .name = "www.example.com", .type = 253 }, RCODE_NOTIMP },
		{ { .name = "www.example.com", .type = 0 }, RCODE_FORMERR },
		{ { .name = "version.bind", .type = TYPE_TXT, .class = CLASS_CH }, RCODE_NOERROR },
		{ { .name = "example.com", .type = TYPE_AXFR, .udp_size = 512, .version = 1 }, RCODE_BADVERS & 15 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		genuine(tell(TRANSPORT_TCP, sign(ask_write(&rows[i].ask, query, sizeof(query)), ONE, false, NOW)));
		ck_assert_uint_eq(rcode(), rows[i].rcode);
	}
	ck_assert_uint_eq(nreports, 0);
}
END_TEST

/* Records that would fit but for the signature are left out, with TC (RFC 8945, 5.3). */
START_TEST(test_signature_before_records)
{
	static const struct ask sixty = { .name = "sixty.example.com", .type = TYPE_A, .udp_size = 1100 };
	size_t size = ask_write(&sixty, query, sizeof(query)), n;

	ck_assert_uint_gt(answer(rich.snapshot, TRANSPORT_UDP, query, size, out), 1000);
	ck_assert_uint_eq(out[2] & 2, 0);
	n = tell(TRANSPORT_UDP, sign(size, LONG, false, NOW));
	genuine(n);
	ck_assert_uint_eq(out[2] & 2, 2);
	ck_assert_uint_eq(be16_get(out + 6), 0);
}
END_TEST

/* A question and a key that are together longer than 512 bytes. */
START_TEST(test_long_names)
{
	static const struct ask far = { .name = A49 "." A49 "." A49 "." A49 ".example.com", .type = TYPE_A };
	size_t n = tell(TRANSPORT_UDP, sign(ask_write(&far, query, sizeof(query)), LONG, false, NOW));

	genuine(n);
	ck_assert_uint_gt(n, ANSWER_UDP_MIN);
	ck_assert_uint_eq(out[2] & 2, 2);
}
END_TEST

/* ---- bad signatures ---- */

static size_t
bad(enum transport t, unsigned key, bool wrong, uint64_t now_s)
{
	size_t size = ask_write(&www_edns, query, sizeof(query)), n;

	query[HEADER_SIZE + 1] = 'W';
	n = tell(t, sign(size, key, wrong, now_s));

	ck_assert_uint_eq(rcode(), RCODE_NOTAUTH);
	ck_assert_uint_eq(be16_get(out + 6), 0);
	ck_assert_uint_eq(be16_get(out + 10), 2);      /* OPT and TSIG */
	return n;
}

START_TEST(test_bad_signatures)
{
	enum transport t = _i == 0 ? TRANSPORT_UDP : TRANSPORT_TCP;
	const char *why = NULL;
	size_t n = bad(t, STRANGE, false, NOW);

	reported(RCODE_NOTAUTH, TSIG_BADKEY, "no key of that name");
	ck_assert_str_eq((const char *)last.key, "\7strange");
	ck_assert_str_eq((const char *)last.zone, "\3www\7example\3com");
	ck_assert(last.udp == (t == TRANSPORT_UDP) && !last.tls);
	ck_assert(!tsig_verify_answer(&exchange, strange_ring, out, n, NOW, &why));
	ck_assert_str_eq(why, "it does not know our key (BADKEY)");

	n = bad(t, OTHER, true, NOW);
	reported(RCODE_NOTAUTH, TSIG_BADSIG, "the signature is wrong");
	ck_assert(!tsig_verify_answer(&exchange, strange_ring, out, n, NOW, &why));
	ck_assert_str_eq(why, "it says that our signature is wrong (BADSIG)");

	n = bad(t, ONE, false, NOW - 301);
	reported(RCODE_NOTAUTH, TSIG_BADTIME, "clock differs by more than the fudge");
	ck_assert(!tsig_verify_answer(&exchange, ring, out, n, NOW - 301, &why));
	ck_assert_str_eq(why, "it says that our clock differs from its own (BADTIME)");
	ck_assert_mem_eq(out + n - 6, "\0\0\x65\x53\xf1\0", 6);
}
END_TEST

START_TEST(test_tsig_that_does_not_parse)
{
	size_t size = sign(ask_write(&www_edns, query, sizeof(query)), ONE, false, NOW);

	query[size - 1] = 1;                   /* other data that are not there */
	tell(TRANSPORT_UDP, size);
	ck_assert_uint_eq(rcode(), RCODE_FORMERR);
	ck_assert_uint_eq(be16_get(out + 10), 1);      /* OPT */
	reported(RCODE_FORMERR, 0, "its TSIG does not parse");
}
END_TEST

/* Its bad signature matters first, then its bad version (RFC 8945, 5.2). */
START_TEST(test_bad_signature_of_a_bad_version)
{
	static const struct ask later = { .name = "www.example.com", .type = TYPE_A, .udp_size = 512, .version = 1 };

	tell(TRANSPORT_UDP, sign(ask_write(&later, query, sizeof(query)), OTHER, true, NOW));
	ck_assert_uint_eq(rcode(), RCODE_NOTAUTH);
	reported(RCODE_NOTAUTH, TSIG_BADSIG, "the signature is wrong");
}
END_TEST

/* ---- transfers ---- */

static size_t
axfr(const char *zone)
{
	const struct ask a = { .name = zone, .type = TYPE_AXFR, .udp_size = 1232 };

	return ask_write(&a, query, sizeof(query));
}

enum { SOA_SIZE = 38 };

/* An IXFR from that serial; its SOA's names are compressed. */
static size_t
ixfr(const char *zone, uint32_t serial)
{
	const struct ask a = { .name = zone, .type = TYPE_IXFR };
	struct wr w = wr_begin(query, sizeof(query));

	w.p += ask_write(&a, query, sizeof(query));
	wr_bytes(&w, "\xC0\x0C\0\6\0\1\0\0\0\0\0\x1A\2ns\xC0\x0C\0", 18);
	wr_u32(&w, serial);
	wr_bytes(&w, "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 16);
	query[9] = 1;
	return wr_size(&w);
}

static void
refused(enum transport t, size_t size, unsigned code, const char *why)
{
	size_t n = tell(t, size);

	ck_assert_msg(rcode() == code, "%u, not %u", rcode(), code);
	ck_assert_uint_eq(be16_get(out + 6), 0);
	reported(code, 0, why);
	if (exchange.key != NULL)
		genuine(n);
}

START_TEST(test_who_may)
{
	static const struct prefix here = { .base = { .family = 4, .bytes = { 192, 0, 2, 0 } }, .bits = 24 };
	static const struct prefix away = { .base = { .family = 4, .bytes = { 10 } }, .bits = 8 };
	const struct conf_who from_here[] = { { .prefix = here } }, from_away[] = { { .prefix = away } };
	const struct conf_who with_key[] = { { .anywhere = true, .key = &keys[ONE] } };
	const struct conf_who both[] = { { .prefix = away }, { .prefix = here, .key = &keys[ONE] } };
	const struct conf_who key_away[] = { { .prefix = away, .key = &keys[ONE] } };
	const struct {
		const struct conf_who *who;
		size_t count;
		int key;                       /* -1: unsigned */
		const char *why;               /* NULL: may */
	} rows[] = {
		{ NULL, 0, -1, "nobody may transfer this zone" },
		{ NULL, 0, ONE, "nobody may transfer this zone" },
		{ from_here, 1, -1, NULL },
		{ from_here, 1, OTHER, NULL },
		{ from_away, 1, -1, "not from this address" },
		{ from_away, 1, ONE, "not from this address" },
		{ with_key, 1, -1, "not without a key" },
		{ with_key, 1, ONE, NULL },
		{ with_key, 1, OTHER, "not with this key" },
		{ both, 2, -1, "not without a key" },
		{ both, 2, ONE, NULL },
		{ both, 2, OTHER, "not with this key" },
		{ key_away, 1, ONE, "not from this address" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = axfr("Example.COM");

		may(0, rows[i].who, rows[i].count);
		if (rows[i].key >= 0)
			size = sign(size, (unsigned)rows[i].key, false, NOW);
		if (rows[i].why == NULL)
			refused(TRANSPORT_TCP, size, RCODE_SERVFAIL, "the zone has no edition yet");
		else
			refused(TRANSPORT_TCP, size, RCODE_REFUSED, rows[i].why);
	}
}
END_TEST

static const struct conf_who anybody[] = { { .anywhere = true } };

START_TEST(test_what_is_no_transfer)
{
	const struct ask chaos = { .name = "example.com", .type = TYPE_AXFR, .class = CLASS_CH };
	const struct ask no_soa = { .name = "example.com", .type = TYPE_IXFR };

	may(0, anybody, 1);
	may(1, anybody, 1);
	refused(TRANSPORT_TCP, axfr("www.example.com"), RCODE_NOTAUTH, "not the apex of a zone of ours");
	refused(TRANSPORT_TCP, axfr("elsewhere.test"), RCODE_NOTAUTH, "not the apex of a zone of ours");
	refused(TRANSPORT_TCP, axfr("com"), RCODE_NOTAUTH, "not the apex of a zone of ours");
	refused(TRANSPORT_TCP, ask_write(&chaos, query, sizeof(query)), RCODE_REFUSED, "a transfer of another class than IN");
	refused(TRANSPORT_UDP, axfr("example.com"), RCODE_REFUSED, "AXFR over UDP");
	refused(TRANSPORT_TCP, ask_write(&no_soa, query, sizeof(query)), RCODE_FORMERR, "IXFR without a SOA");
	refused(TRANSPORT_UDP, ask_write(&no_soa, query, sizeof(query)), RCODE_FORMERR, "IXFR without a SOA");
	size_t size = ixfr("example.com", 1);

	query[size - SOA_SIZE + 3] = TYPE_A;
	refused(TRANSPORT_TCP, size, RCODE_FORMERR, "IXFR without a SOA");
	for (unsigned cut = 1; cut <= 16; cut += 15) {         /* the SOA without its last byte, without its timers */
		size = ixfr("example.com", 1);
		query[size - SOA_SIZE + 11] = (uint8_t)(26 - cut);
		refused(TRANSPORT_TCP, size - cut, RCODE_FORMERR, "IXFR without a SOA");
	}
	size = ixfr("example.com", 1);
	query[size - SOA_SIZE + 11]++;
	query[size] = 0;
	refused(TRANSPORT_TCP, size + 1, RCODE_FORMERR, "IXFR without a SOA");
	refused(TRANSPORT_TCP, ixfr("example.com", 1), RCODE_SERVFAIL, "the zone has no edition yet");
	rich.snapshot->terms.conf = NULL;
	refused(TRANSPORT_TCP, axfr("example.com"), RCODE_REFUSED, "nobody may transfer this zone");
}
END_TEST

START_TEST(test_axfr)
{
	struct transfer *transfer = NULL;
	bool is_signed = _i == 1;
	size_t size = axfr("example.net");

	may(1, anybody, 1);
	numbered(1);
	if (is_signed)
		size = sign(size, OTHER, false, NOW);
	ck_assert_uint_eq(tell_from(&client, TRANSPORT_TLS, size, &transfer), 0);
	ck_assert_ptr_nonnull(transfer);
	ck_assert_int_eq(transfer_kind(transfer), TRANSFER_AXFR);
	size = transfer_next(transfer, out, sizeof(out));
	ck_assert(message_whole(out, size));
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_gt(be16_get(out + 6), 4);
	if (is_signed) {
		const char *why = NULL;

		/* Signed at the time of its making. */
		ck_assert_msg(tsig_verify_answer(&exchange, ring, out, size, (uint64_t)time(NULL), &why), "%s", why);
	}
	ck_assert_uint_eq(transfer_next(transfer, out, sizeof(out)), 0);
	transfer_free(transfer);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(nreports, 1);
	ck_assert_int_eq(last.kind, REPORT_TRANSFER);
	ck_assert(last.whole && last.tls && !last.udp);
	ck_assert_str_eq((const char *)last.key, is_signed ? "\5other\7example\3com" : "");
}
END_TEST

/* The first zone came from the serial before by that many TXT records. */
static void
stepped(unsigned records)
{
	const struct zone *z = rich.zones[0];
	const struct rrset *soa = node_rrset(zone_at(z, zone_apex(z)), TYPE_SOA);
	struct changes_draft *d = changes_draft_new();
	uint8_t before[512], rr[64], name[DNAME_MAX];

	memcpy(before, soa->bytes, soa->size);
	before[soa->size - 17]--;
	for (unsigned i = 0; i < records; i++) {
		struct wr w = wr_begin(rr, sizeof(rr));

		wr_bytes(&w, "\xC0\x0C\0\x10\0\1\0\0\0\x3C\0\x11\x10", 13);
		for (unsigned k = 0; k < 16; k++)
			wr_u8(&w, 'a' + i);
		ck_assert(changes_draft_add(d, true, rich_name("new.example.com", name), rr));
	}
	editions_put(rich.snapshot->terms.editions, 0, z, changes_draft_end(d, zone_apex(z), before, soa->bytes, 1), NULL);
}

/* ---- the configured plane ---- */

static const struct prefix net10 = { .base = { .family = 4, .bytes = { 10 } }, .bits = 8 };
static const struct prefix net192 = { .base = { .family = 4, .bytes = { 192, 0, 2, 0 } }, .bits = 24 };

static const struct plane_row {
	const struct prefix *from;             /* in `update`; NULL: anywhere */
	int named;                             /* key in `update`; -1: none */
	int rule;                              /* key in update_rules; -1: none */
	bool dynamic;
	unsigned key;                          /* that signs */
	bool configured;                       /* sees what is configured */
} plane_rows[] = {
	{ NULL, ONE, -1, true, ONE, true },
	{ NULL, ONE, -1, true, OTHER, false },
	{ NULL, ONE, -1, false, ONE, false },
	{ &net192, ONE, -1, true, ONE, true },
	{ &net10, ONE, -1, true, ONE, false },
	{ &net192, -1, -1, true, OTHER, false },  /* a secondary beside an updater that needs no key */
	{ &net10, -1, OTHER, true, OTHER, true },
	{ &net10, -1, OTHER, true, ONE, false },
};

/* What a row of the table is to the zone of rich.h; who and rule are the caller's. */
static void
plane_set(const struct plane_row *row, struct conf_who *who, struct conf_update_rule *rule)
{
	*who = (struct conf_who){ .anywhere = row->from == NULL, .key = row->named >= 0 ? &keys[row->named] : NULL };
	if (row->from != NULL)
		who->prefix = *row->from;
	*rule = (struct conf_update_rule){ .key = row->rule >= 0 ? &keys[row->rule] : NULL };
	zones[0].type = row->dynamic ? ZONE_DYNAMIC : ZONE_FILE;
	zones[0].update = (struct conf_whos){ .who = who, .count = 1 };
	zones[0].update_rules = rule;
	zones[0].nupdate_rules = row->rule >= 0;
}

START_TEST(test_who_sees_what_is_configured)
{
	static const struct ask fixed = { .name = "fixed.example.com", .type = TYPE_A };
	static const struct ask soa = { .name = "example.com", .type = TYPE_SOA };
	const struct plane_row *row = &plane_rows[_i];
	struct conf_update_rule rule;
	struct conf_who who;

	plane_set(row, &who, &rule);
	genuine(tell(TRANSPORT_UDP, sign(ask_write(&fixed, query, sizeof(query)), row->key, false, NOW)));
	ck_assert_uint_eq(be16_get(out + 6), row->configured ? 4 : 3);
	genuine(tell(TRANSPORT_TCP, sign(ask_write(&soa, query, sizeof(query)), row->key, false, NOW)));
	ck_assert_uint_eq(be16_get(out + 6), 1);
	bad(TRANSPORT_UDP, OTHER, true, NOW);  /* a wrong signature opens nothing */
	reported(RCODE_NOTAUTH, TSIG_BADSIG, "the signature is wrong");
}
END_TEST

/* How many A records of fixed a transfer over TCP has. */
static unsigned
transferred_addresses(struct transfer *t)
{
	unsigned n = 0;
	size_t size;

	while ((size = transfer_next(t, out, sizeof(out))) > 0)
		for (size_t i = 0; i + 14 <= size; i++)        /* type, class, TTL, size, 10.1.0.x */
			n += memcmp(out + i, "\0\1\0\1\0\0\0", 7) == 0 && memcmp(out + i + 8, "\0\4\12\1\0", 5) == 0;
	transfer_free(t);
	event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(nreports, 1);
	nreports = 0;
	return n;
}

START_TEST(test_what_is_transferred)
{
	const struct plane_row *row = &plane_rows[_i];
	struct conf_update_rule rule;
	struct conf_who who;
	struct transfer *t = NULL;

	plane_set(row, &who, &rule);
	may(0, anybody, 1);
	numbered(0);
	ck_assert_uint_eq(tell_from(&client, TRANSPORT_TCP, sign(axfr("example.com"), row->key, false, NOW), &t), 0);
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(transferred_addresses(t), 3 + (row->configured ? 4 : 3));    /* svc's, and fixed's */
	may(0, NULL, 0);                       /* and who may transfer is another question */
	refused(TRANSPORT_TCP, sign(axfr("example.com"), row->key, false, NOW), RCODE_REFUSED, "nobody may transfer this zone");
}
END_TEST

START_TEST(test_ixfr_over_udp)
{
	may(1, anybody, 1);
	numbered(1);
	tell(TRANSPORT_UDP, sign(ixfr("example.net", 9), ONE, false, NOW));
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(be16_get(out + 6), 1);
	ck_assert_uint_eq(nreports, 1);
	ck_assert_int_eq(last.kind, REPORT_CURRENT);
	ck_assert_uint_eq(last.from, 9);
	ck_assert(last.udp);
}
END_TEST

/* It is one message, as large as the client takes; if that is too small, the SOA. */
START_TEST(test_size_of_ixfr_over_udp)
{
	enum { RECORDS = 20, SOAS = 4 };
	size_t size;

	may(0, anybody, 1);
	stepped(RECORDS);
	tell(TRANSPORT_UDP, ixfr("example.com", 6));
	ck_assert_uint_eq(be16_get(out + 6), 1);

	size = ixfr("example.com", 6);
	memcpy(query + size, "\0\0\x29\x04\xD0\0\0\0\0\0\0", 11);
	query[11] = 1;
	size = tell(TRANSPORT_UDP, size + 11);
	ck_assert_uint_eq(be16_get(out + 6), SOAS + RECORDS);
	ck_assert_uint_gt(size, ANSWER_UDP_MIN);
	ck_assert_int_eq(last.kind, REPORT_TRANSFER);
	ck_assert_uint_eq(last.from, 6);
	ck_assert(last.udp && last.incremental && last.whole);
}
END_TEST

/* ---- private zones ---- */

START_TEST(test_private_zone)
{
	static const struct ask inside = { .name = "www.child.example.com", .type = TYPE_A };
	static const struct ask chaos = { .name = "child.example.com", .type = TYPE_TXT, .class = CLASS_CH };
	static const struct ask ds = { .name = "child.example.com", .type = TYPE_DS };
	const struct conf_who with_key[] = { { .anywhere = true, .key = &keys[ONE] } };
	size_t size = ask_write(&inside, query, sizeof(query));

	refused(TRANSPORT_UDP, size, RCODE_REFUSED, "nobody may transfer this zone");
	may(2, with_key, 1);
	refused(TRANSPORT_UDP, size, RCODE_REFUSED, "not without a key");
	refused(TRANSPORT_UDP, sign(size, OTHER, false, NOW), RCODE_REFUSED, "not with this key");
	genuine(tell(TRANSPORT_UDP, sign(ask_write(&inside, query, sizeof(query)), ONE, false, NOW)));
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(be16_get(out + 6), 1);
	may(2, anybody, 1);
	tell(TRANSPORT_UDP, ask_write(&inside, query, sizeof(query)));
	ck_assert_uint_eq(be16_get(out + 6), 1);

	/* The DS of a private zone is its parent's; another class has other zones. */
	may(2, with_key, 1);
	genuine(tell(TRANSPORT_UDP, sign(ask_write(&ds, query, sizeof(query)), OTHER, false, NOW)));
	ck_assert_uint_eq(be16_get(out + 6), 1);
	genuine(tell(TRANSPORT_UDP, sign(ask_write(&chaos, query, sizeof(query)), OTHER, false, NOW)));
	ck_assert_uint_eq(rcode(), RCODE_REFUSED);
	ck_assert_uint_eq(nreports, 0);
}
END_TEST

/* Who has a key for something else gets out of a chain into a private zone what everybody gets. */
START_TEST(test_chain_into_a_private_zone)
{
	static const struct ask chain = { .name = "tochild.example.com", .type = TYPE_A };
	uint8_t plain[ANSWER_UDP_MAX];
	size_t size = ask_write(&chain, query, sizeof(query)), n = answer(rich.snapshot, TRANSPORT_UDP, query, size, plain), m;

	ck_assert_uint_ne(n, ASIDE);
	m = tell(TRANSPORT_UDP, sign(size, OTHER, false, NOW));
	genuine(m);
	ck_assert_uint_eq(m, n + tsig_room(&exchange));
	ck_assert_uint_eq(be16_get(out + 6), 1);       /* the CNAME alone */
}
END_TEST

/* ---- the rate limit ---- */

START_TEST(test_rate_limit)
{
	const struct conf_daemon one_a_second = { .rate_limit = 1, .rate_limit_slip = 0 };
	size_t size = ask_write(&www, query, sizeof(query)), answered = 0, refusals = 0;

	rich.snapshot->terms.limit = limit_new(&one_a_second);
	size = sign(size, ONE, false, NOW);
	for (int i = 0; i < 50; i++)
		answered += tell_from(&client, TRANSPORT_UDP, size, NULL) > 0;
	ck_assert_uint_eq(answered, 50);       /* signed well: it is who it says it is */

	size = sign(ask_write(&www, query, sizeof(query)), OTHER, true, NOW);
	for (int i = 0; i < 50; i++)
		refusals += tell_from(&client, TRANSPORT_UDP, size, NULL) > 0;
	ck_assert_uint_ge(refusals, 1);
	ck_assert_uint_le(refusals, 5);
	ck_assert_uint_eq(nreports, refusals);
	limit_free(rich.snapshot->terms.limit);
}
END_TEST

/* ---- updates ---- */

struct kept_way {
	struct road road;
	struct way_back back;
	unsigned opened, dropped;
};

static void
kept_drop(struct way_back *w)
{
	((struct kept_way *)(void *)((uint8_t *)w - offsetof(struct kept_way, back)))->dropped++;
}

static struct way_back *
kept_open(const struct road *road)
{
	struct kept_way *k = (struct kept_way *)(uintptr_t)road;

	k->opened++;
	return &k->back;
}

static void
on_handed(void *arg)
{
	(void)arg;
}

/* Is query handed over? Else the answer is in out. */
static bool
update_tell(size_t size, struct kept_way *way, size_t *answered)
{
	const struct answer_terms terms = { .transport = TRANSPORT_UDP, .now_s = NOW };
	struct answer_job job = { .query = query, .size = size, .client = &client, .out = out, .road = way != NULL ? &way->road : NULL };

	snapshot_enter();
	answer_one(rich.snapshot, &terms, &job);
	ck_assert(job.aside);
	aside_answer(rich.snapshot, &terms, &job, NULL);
	snapshot_leave();
	event_base_loop(base, EVLOOP_NONBLOCK);
	*answered = job.answered;
	ck_assert(job.handed == (job.answered == 0));
	return job.handed;
}

static const struct {
	const char *what;
	struct ask ask;
	int key;                               /* -1: unsigned */
	unsigned rcode;                        /* NOERROR: it is handed over */
	const char *why;
} updates[] = {
	{ "signed by one who may", { .name = "EXAMPLE.com", .type = TYPE_SOA }, ONE, RCODE_NOERROR, NULL },
	{ "unsigned", { .name = "example.com", .type = TYPE_SOA }, -1, RCODE_REFUSED, "not without a key" },
	{ "by another key", { .name = "example.com", .type = TYPE_SOA }, OTHER, RCODE_REFUSED, "not with this key, or not from this address" },
	{ "below the apex", { .name = "www.example.com", .type = TYPE_SOA }, ONE, RCODE_NOTAUTH, "not the apex of a zone of ours" },
	{ "of no zone of ours", { .name = "example.org", .type = TYPE_SOA }, ONE, RCODE_NOTAUTH, "not the apex of a zone of ours" },
	{ "of another class", { .name = "example.com", .type = TYPE_SOA, .class = CLASS_CH }, ONE, RCODE_NOTAUTH, "not the apex of a zone of ours" },
	{ "of a type", { .name = "example.com", .type = TYPE_A }, ONE, RCODE_FORMERR, "an update whose zone section is no SOA" },
	{ "of a zone that a file holds", { .name = "example.net", .type = TYPE_SOA }, ONE, RCODE_REFUSED, "the zone is not of type dynamic" },
	{ "by a key that has a rule", { .name = "example.com", .type = TYPE_SOA }, SHA1, RCODE_NOERROR, NULL },
	{ "unsigned, from where that may", { .name = "child.example.com", .type = TYPE_SOA }, -1, RCODE_NOERROR, NULL },
	{ "signed, from where unsigned may", { .name = "child.example.com", .type = TYPE_SOA }, OTHER, RCODE_NOERROR, NULL },
};

START_TEST(test_updates)
{
	static struct conf_who by_key = { .anywhere = true, .key = &keys[ONE] }, from_there;
	static struct conf_update_rule rule = { .key = &keys[SHA1] };
	struct kept_way way = { .road = { kept_open }, .back = { NULL, kept_drop } };
	struct ask a = updates[_i].ask;
	size_t size, n;

	ck_assert(prefix_parse("192.0.2.0/24", &from_there.prefix));
	zones[0] = (struct conf_zone){ .type = ZONE_DYNAMIC, .update = { &by_key, 1 }, .update_rules = &rule, .nupdate_rules = 1 };
	zones[2] = (struct conf_zone){ .type = ZONE_DYNAMIC, .update = { &from_there, 1 } };
	rich.snapshot->terms.number = 3;
	rich.snapshot->terms.handover = handover_new(base, on_handed, NULL);
	a.flags = OPCODE_UPDATE;
	size = ask_write(&a, query, sizeof(query));
	if (updates[_i].key >= 0)
		size = sign(size, (unsigned)updates[_i].key, false, NOW);

	bool handed = update_tell(size, &way, &n);
	struct handed one;

	ck_assert_msg(handed == (updates[_i].rcode == RCODE_NOERROR), "%s: rcode %u", updates[_i].what, rcode());
	ck_assert_uint_eq(way.opened, handed);
	if (handed) {
		ck_assert(handover_take(rich.snapshot->terms.handover, &one));
		ck_assert_uint_eq(one.size, size);
		ck_assert_mem_eq(one.message, query, size);
		ck_assert(one.is_signed == (updates[_i].key >= 0));
		ck_assert_ptr_eq(one.tsig.key, one.is_signed ? &keys[updates[_i].key] : NULL);
		ck_assert_uint_eq(one.terms_number, 3);
		ck_assert(addr_equal(&one.client, &client));
		handed_reply(&one, NULL, 0);
		ck_assert_uint_eq(way.dropped, 1);
		ck_assert_uint_eq(nreports, 0);
	} else {
		ck_assert_uint_eq(rcode(), updates[_i].rcode);
		ck_assert_uint_eq(out[2], 0x80 | OPCODE_UPDATE >> 8);
		ck_assert_str_eq(last.why, updates[_i].why);
		reported(updates[_i].rcode, 0, updates[_i].why);
		if (updates[_i].key >= 0)
			genuine(n);
	}
	handover_free(rich.snapshot->terms.handover);
}
END_TEST

/* No queue, a full one, or nowhere to send an answer to: SERVFAIL, signed, and nothing is left behind. */
START_TEST(test_updates_that_find_no_room)
{
	static struct conf_who by_key = { .anywhere = true, .key = &keys[ONE] };
	static const struct ask a = { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE };
	struct kept_way way = { .road = { kept_open }, .back = { NULL, kept_drop } };
	struct handover *handover = _i == 0 ? NULL : handover_new(base, on_handed, NULL);
	size_t size, n;

	zones[0] = (struct conf_zone){ .type = ZONE_DYNAMIC, .update = { &by_key, 1 } };
	rich.snapshot->terms.handover = handover;
	if (_i == 1)
		handover_close(handover);
	size = ask_write(&a, query, sizeof(query));
	size = sign(size, ONE, false, NOW);
	ck_assert(!update_tell(size, _i == 2 ? NULL : &way, &n));
	ck_assert_uint_eq(rcode(), RCODE_SERVFAIL);
	genuine(n);
	reported(RCODE_SERVFAIL, 0, "too many updates wait");
	ck_assert_uint_eq(way.opened, way.dropped);
	handover_free(handover);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("aside");
	TCase *t = tcase_create("aside");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_signed_question, 0, 4);
	tcase_add_test(t, test_signed_answers_of_other_kinds);
	tcase_add_test(t, test_signature_before_records);
	tcase_add_test(t, test_long_names);
	tcase_add_loop_test(t, test_bad_signatures, 0, 2);
	tcase_add_test(t, test_tsig_that_does_not_parse);
	tcase_add_test(t, test_bad_signature_of_a_bad_version);
	tcase_add_test(t, test_who_may);
	tcase_add_test(t, test_what_is_no_transfer);
	tcase_add_loop_test(t, test_axfr, 0, 2);
	tcase_add_loop_test(t, test_who_sees_what_is_configured, 0, (int)(sizeof(plane_rows) / sizeof(*plane_rows)));
	tcase_add_loop_test(t, test_what_is_transferred, 0, (int)(sizeof(plane_rows) / sizeof(*plane_rows)));
	tcase_add_test(t, test_ixfr_over_udp);
	tcase_add_test(t, test_size_of_ixfr_over_udp);
	tcase_add_test(t, test_private_zone);
	tcase_add_test(t, test_chain_into_a_private_zone);
	tcase_add_loop_test(t, test_updates, 0, (int)(sizeof(updates) / sizeof(*updates)));
	tcase_add_loop_test(t, test_updates_that_find_no_room, 0, 3);
	tcase_add_test(t, test_rate_limit);
	suite_add_tcase(s, t);

	return suite_run(s);
}
