/* test_reply.c - how answers are put together: names written once, what may be left out, and what a reply knows of itself.
 *
 * What is answered is test_answer.c's; here are the ways in which it is written. */
#include <check.h>
#include <ldns/ldns.h>

#include "dnsd/additional.h"
#include "dnsd/chain.h"
#include "tests/unit/dnsd/rich.h"
#include "tests/unit/suite.h"

enum { ZONES = 2, FAT = 12, HOSTS = 20, WIDE = 900 };

static struct zone *zones[ZONES];
static struct snapshot *snapshot;
static uint8_t message[ANSWER_TCP_MAX];
static size_t size;

/* What the words of the tests below are about. */
static const char some[] =
	"$TTL 300\n"
	"@ SOA ns1 hostmaster 1 3600 900 604800 60\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"
	"www A 192.0.2.3\n"
	"pointer PTR host0\n"
	"private MX 10 host.hidden.test.\nprivate MX 20 www\n"
	"toprivate CNAME host.hidden.test.\n"
	"cut NS ns.cut\ncut NS ns2.cut\ncut DS 1 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"cut DS 2 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"ns.cut A 192.0.2.4\nns.cut AAAA 2001:db8::4\nns2.cut A 192.0.2.5\n"
	"tocut CNAME x.cut\n"
	"*.star CNAME www\n"
	"*.wild A 192.0.2.7\ntowild MX 10 x.y.wild\n"
	"under DNAME star\n"                           /* to a wildcard */
	"a.b.ent A 192.0.2.6\n"
	"toent DNAME ent\n"                            /* to an empty non-terminal */
	"grow DNAME x.grow\n"                          /* each link leads to a longer name */
	"swell DNAME xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.swell\n";

static const char hidden[] = "$TTL 60\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 192.0.2.9\nhost A 192.0.2.10\n";

static char *
some_text(void)
{
	char *text = NULL;
	size_t length;
	FILE *f = open_memstream(&text, &length);

	fputs(some, f);
	for (int i = 0; i < HOSTS; i++)
		fprintf(f, "host%d A 192.0.2.%d\nmany MX %d host%d\n", i, 100 + i, i, i);
	for (int i = 0; i < 4; i++)            /* 4 * 40 addresses: they do not fit all */
		for (int k = 0; k < 40; k++)
			fprintf(f, "crowd%d A 10.0.%d.%d\n", i, i, k);
	for (int i = 0; i < 4; i++)
		fprintf(f, "large SRV 0 0 %d crowd%d\n", i, i);
	for (int i = 0; i < FAT; i++)          /* 2 KiB each: some targets stand where no pointer reaches */
		fprintf(f, "fat SVCB %d host%d key65280=%02000d\n", i + 1, i, i);
	for (int i = 0; i < WIDE; i++)         /* each name twice */
		fprintf(f, "wide MX %d mail-exchanger-%03d.of.many\n", i, i / 2);
	fclose(f);
	return text;
}

static void
setup(void)
{
	char *text = some_text();

	zones[0] = rich_parse("example.org", text);
	zones[1] = rich_parse("hidden.test", hidden);
	zone_set_private(zones[1]);
	free(text);
	snapshot = snapshot_new(zone_set_new(zones, ZONES), &(struct snapshot_terms){ NULL }, "node-a", "homing test");
}

static void
teardown(void)
{
	zone_set_free(snapshot->zones);
	free(snapshot);
	for (int i = 0; i < ZONES; i++)
		zone_free(zones[i]);
}

static void
tell(const struct ask *a, enum transport t)
{
	uint8_t query[600];

	memset(message, 0xAA, sizeof(message));
	size = answer(snapshot, t, query, ask_write(a, query, sizeof(query)), message);
	ck_assert(size != ASIDE && message_whole(message, size));
}

static void
tell_tcp(const char *name, uint16_t type)
{
	tell(&(struct ask){ .name = name, .type = type }, TRANSPORT_TCP);
}

static unsigned
answers(void)
{
	return be16_get(message + 6);
}

static unsigned
authorities(void)
{
	return be16_get(message + 8);
}

static unsigned
additionals(void)
{
	return be16_get(message + 10);
}

static bool
truncated(void)
{
	return (message[2] & 2) != 0;
}

static unsigned
rcode(void)
{
	return message[3] & 15u;
}

/* ---- compression ---- */

/* How often a name's beginning stands in the message, written out. */
static unsigned
written(const char *labels)
{
	unsigned n = 0;

	for (const uint8_t *p = message; (p = memmem(p, size - (size_t)(p - message), labels, strlen(labels))) != NULL; p++)
		n++;
	return n;
}

static const struct {
	const char *name;
	uint16_t type;
} written_once[] = {
	{ "example.org", TYPE_NS },
	{ "example.org", TYPE_SOA },
	{ "pointer.example.org", TYPE_PTR },
	{ "many.example.org", TYPE_MX },
	{ "private.example.org", TYPE_MX },
	{ "nothing.example.org", TYPE_A },
	{ "www.example.org", TYPE_TXT },
	{ "x.cut.example.org", TYPE_A },
};

/* Of names that old readers expect compressed, nothing stands twice. */
START_TEST(test_names_written_once)
{
	tell_tcp(written_once[_i].name, written_once[_i].type);
	ck_assert_uint_gt(answers() + authorities(), 0);
	ck_assert_uint_eq(written("\7example\3org"), 1);
	ck_assert_uint_eq(written("\3org"), 1);
	if (written_once[_i].type == TYPE_MX)
		for (int i = 0; i < HOSTS; i++) {
			char label[16];

			snprintf(label, sizeof(label), "%chost%d", i < 10 ? 5 : 6, i);
			ck_assert_uint_eq(written(label), written_once[_i].name[0] == 'm');
		}
}
END_TEST

/* Types that RFC 3597, 4 forbids to compress have their names whole. */
START_TEST(test_names_written_whole)
{
	tell_tcp("large.example.org", TYPE_SRV);
	ck_assert_uint_eq(answers(), 4);
	ck_assert_uint_eq(written("\7example\3org"), 1 + 4);
	tell_tcp("cut.example.org", TYPE_DS);
	ck_assert_uint_eq(answers(), 2);
	tell_tcp("tocut.example.org", TYPE_A);                 /* the CNAME is gone on from */
	ck_assert_uint_eq(written("\7example\3org"), 2);
}
END_TEST

/* Beyond 16 KiB names can be pointed from, not at: there they stand twice, and each RR still has the whole name. */
START_TEST(test_names_beyond_16_kib)
{
	ldns_pkt *p = NULL;

	tell_tcp("wide.example.org", TYPE_MX);
	ck_assert_uint_eq(answers(), WIDE);
	ck_assert_uint_gt(size, 0x4000);
	ck_assert_uint_eq(written("\2of\4many"), 1);
	ck_assert_uint_eq(written("\22mail-exchanger-000"), 1);
	ck_assert_uint_eq(written("\22mail-exchanger-449"), 2);
	ck_assert_int_eq(ldns_wire2pkt(&p, message, size), LDNS_STATUS_OK);
	for (size_t i = 0; i < WIDE; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(p), i);
		char *name = ldns_rdf2str(ldns_rr_rdf(rr, 1)), want[64];

		snprintf(want, sizeof(want), "mail-exchanger-%03zu.of.many.example.org.", i / 2);
		ck_assert_str_eq(name, want);
		free(name);
	}
	ldns_pkt_free(p);
}
END_TEST

/* A target that no pointer reaches has no addresses added: there is no owner to write for them. */
START_TEST(test_targets_beyond_16_kib)
{
	tell_tcp("fat.example.org", TYPE_SVCB);
	ck_assert_uint_eq(answers(), FAT);
	ck_assert_uint_gt(size, 0x4000 + 2000);
	/* Each RR's 12 bytes, priority, target (19 or 20 bytes), parameter; the first target at 12 + 21 + 12 + 2. */
	unsigned reached = 0;
	for (size_t i = 0, at = 12 + 21 + 14; i < FAT; i++) {
		reached += at <= POINTER_MAX;
		at += 14 + (i < 10 ? 19 : 20) + 4 + 2000;
	}
	ck_assert_uint_gt(reached, 1);
	ck_assert_uint_lt(reached, FAT);
	ck_assert_uint_eq(additionals(), reached);
}
END_TEST

/* ---- what may be left out ---- */

/* The DS in the middle of a referral is taken out, and all pointers behind it move: nothing else differs. */
START_TEST(test_ds_only_if_asked_for)
{
	static const char *const names[] = { "cut.example.org", "x.y.cut.example.org", "tocut.example.org" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ask a = { .name = names[i], .type = TYPE_A, .udp_size = 1232 };
		ldns_pkt *without = NULL, *with = NULL;
		ldns_rr_list *ds;

		tell(&a, TRANSPORT_UDP);
		ck_assert_uint_eq(authorities(), 2);
		ck_assert_int_eq(ldns_wire2pkt(&without, message, size), LDNS_STATUS_OK);
		a.dnssec_ok = true;
		tell(&a, TRANSPORT_UDP);
		ck_assert_uint_eq(authorities(), 4);
		ck_assert_int_eq(ldns_wire2pkt(&with, message, size), LDNS_STATUS_OK);

		ds = ldns_pkt_rr_list_by_type(with, LDNS_RR_TYPE_DS, LDNS_SECTION_AUTHORITY);
		ck_assert_uint_eq(ldns_rr_list_rr_count(ds), 2);
		ldns_rr_list_deep_free(ds);
		ds = ldns_pkt_rr_list_by_type(with, LDNS_RR_TYPE_NS, LDNS_SECTION_AUTHORITY);
		ck_assert_int_eq(ldns_rr_list_compare(ds, ldns_pkt_authority(without)), 0);
		ck_assert_uint_eq(ldns_rr_list_rr_count(ldns_pkt_additional(with)), 3);
		ck_assert_int_eq(ldns_rr_list_compare(ldns_pkt_additional(with), ldns_pkt_additional(without)), 0);
		ldns_rr_list_deep_free(ds);
		ldns_pkt_free(with);
		ldns_pkt_free(without);
	}
}
END_TEST

/* Of each of the first 16 targets, and of no more. */
START_TEST(test_targets_are_16_at_most)
{
	tell_tcp("many.example.org", TYPE_MX);
	ck_assert_uint_eq(answers(), HOSTS);
	ck_assert_uint_eq(additionals(), 16);
}
END_TEST

/* A wildcard's addresses are the target's own. */
START_TEST(test_target_under_a_wildcard)
{
	ldns_pkt *p = NULL;
	char *owner;

	tell_tcp("towild.example.org", TYPE_MX);
	ck_assert_uint_eq(additionals(), 1);
	ck_assert_int_eq(ldns_wire2pkt(&p, message, size), LDNS_STATUS_OK);
	owner = ldns_rdf2str(ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_additional(p), 0)));
	ck_assert_str_eq(owner, "x.y.wild.example.org.");
	free(owner);
	ldns_pkt_free(p);
}
END_TEST

/* Addresses of targets are added by whole sets as long as they fit, and are never missed. */
START_TEST(test_additional_at_each_size)
{
	struct ask a = { .name = "large.example.org", .type = TYPE_SRV };
	unsigned before = 0, steps = 0;

	for (unsigned udp = 512; udp <= 1232; udp++) {
		a.udp_size = (uint16_t)udp;
		tell(&a, TRANSPORT_UDP);
		unsigned addresses = additionals() - 1;

		ck_assert_uint_le(size, udp);
		ck_assert(!truncated());
		ck_assert_uint_eq(answers(), 4);
		ck_assert_uint_eq(addresses % 40, 0);
		ck_assert_uint_ge(addresses, before);
		steps += addresses > before;
		before = addresses;
	}
	ck_assert_uint_ge(steps, 1);
	tell(&a, TRANSPORT_TCP);
	ck_assert_uint_eq(additionals(), 4 * 40 + 1);
}
END_TEST

/* What only the entitled may see is no target for anybody else (RFC 9432, 7), nor the end of a chain. */
START_TEST(test_private_zones_are_passed_over)
{
	tell_tcp("private.example.org", TYPE_MX);
	ck_assert_uint_eq(answers(), 2);
	ck_assert_uint_eq(additionals(), 1);
	ck_assert_mem_eq(message + size - 4, "\300\0\2\3", 4);         /* www, not host.hidden.test */
	tell_tcp("toprivate.example.org", TYPE_A);
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(answers(), 1);
	ck_assert_uint_eq(authorities(), 0);
}
END_TEST

/* ---- chains ---- */

START_TEST(test_chains_through_dnames)
{
	tell_tcp("x.under.example.org", TYPE_A);               /* DNAME, CNAME, the wildcard's CNAME, A */
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(answers(), 4);
	tell_tcp("x.under.example.org", TYPE_MX);
	ck_assert_uint_eq(answers(), 3);
	ck_assert_uint_eq(authorities(), 1);
	tell_tcp("b.toent.example.org", TYPE_A);               /* NODATA: it has a child */
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(answers(), 2);
	ck_assert_uint_eq(authorities(), 1);
	tell_tcp("c.toent.example.org", TYPE_A);
	ck_assert_uint_eq(rcode(), RCODE_NXDOMAIN);
	tell_tcp("x.under.example.org", TYPE_ANY);             /* an alias is an RRset: it is not followed */
	ck_assert_uint_eq(answers(), 2);
}
END_TEST

/* No name comes again where each is longer: the limit ends it, or the names' size does (RFC 6672, 2.2). */
START_TEST(test_chains_that_grow)
{
	tell_tcp("a.grow.example.org", TYPE_A);
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(answers(), 2 * (CHAIN_LINKS_MAX + 1));
	tell_tcp("a.swell.example.org", TYPE_A);               /* 41 bytes more each time: 21, 62, 103, 144, 185, 226, too many */
	ck_assert_uint_eq(rcode(), RCODE_YXDOMAIN);
	ck_assert_uint_eq(answers(), 2 * 5 + 1);
	ck_assert_uint_eq(authorities(), 0);
}
END_TEST

/* ---- what a reply knows of itself ---- */

static const struct {
	const char *name;
	uint16_t type;
	enum limit_kind kind;
	const char *about;
} known[] = {
	{ "www.example.org", TYPE_A, LIMIT_DATA, "www.example.org" },
	{ "WWW.example.org", TYPE_TXT, LIMIT_NODATA, "www.example.org" },
	{ "x.star.example.org", TYPE_A, LIMIT_DATA, "www.example.org" },               /* the last name's word counts */
	{ "x.star.example.org", TYPE_CNAME, LIMIT_DATA, "*.star.example.org" },
	{ "nothing.example.org", TYPE_A, LIMIT_NXDOMAIN, "example.org" },              /* not the asker's names: they are many */
	{ "b.ent.example.org", TYPE_A, LIMIT_NODATA, "example.org" },
	{ "a.b.c.cut.example.org", TYPE_A, LIMIT_REFERRAL, "cut.example.org" },
	{ "cut.example.org", TYPE_DS, LIMIT_DATA, "cut.example.org" },
	{ "tocut.example.org", TYPE_A, LIMIT_REFERRAL, "cut.example.org" },
	{ "a.swell.example.org", TYPE_A, LIMIT_DATA, "swell.example.org" },
	{ "toprivate.example.org", TYPE_A, LIMIT_DATA, "toprivate.example.org" },
	{ "www.elsewhere.test", TYPE_A, LIMIT_ERROR, "." },
};

START_TEST(test_about)
{
	uint8_t query[600], about[DNAME_MAX];
	struct ask a = { .name = known[_i].name, .type = known[_i].type };
	size_t n = ask_write(&a, query, sizeof(query));
	struct question q;
	enum rcode rc;

	ck_assert(question_read(&q, query, n, &rc));
	struct reply r = { .w = wr_begin(message, sizeof(message)), .kind = LIMIT_ERROR, .about = (const uint8_t *)"" };
	struct look_up l = { .name = q.name, .qtype = q.type };

	wr_bytes(&r.w, query, 12 + q.size);
	zone_set_look_up(snapshot->zones, &l, 1);
	chain_answer(&r, snapshot, &q, &l);
	ck_assert_int_eq(r.kind, known[_i].kind);
	rich_name(known[_i].about, about);
	ck_assert_mem_eq(r.about, about, dname_length(about));
	ck_assert_int_eq(r.rcode == RCODE_REFUSED, r.kind == LIMIT_ERROR);
	ck_assert_int_eq((r.flags & FLAG_AA) != 0, r.kind != LIMIT_ERROR && (r.kind != LIMIT_REFERRAL || r.ancount > 0));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("reply");
	TCase *t = tcase_create("reply");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_names_written_once, 0, (int)(sizeof(written_once) / sizeof(written_once[0])));
	tcase_add_test(t, test_names_written_whole);
	tcase_add_test(t, test_names_beyond_16_kib);
	tcase_add_test(t, test_targets_beyond_16_kib);
	tcase_add_test(t, test_ds_only_if_asked_for);
	tcase_add_test(t, test_targets_are_16_at_most);
	tcase_add_test(t, test_target_under_a_wildcard);
	tcase_add_test(t, test_additional_at_each_size);
	tcase_add_test(t, test_private_zones_are_passed_over);
	tcase_add_test(t, test_chains_through_dnames);
	tcase_add_test(t, test_chains_that_grow);
	tcase_add_loop_test(t, test_about, 0, (int)(sizeof(known) / sizeof(known[0])));
	suite_add_tcase(s, t);

	return suite_run(s);
}
