/* test_answer.c - bytes in, bytes out: what each question about the rich zones is answered with.
 *
 * Answers are read back by ldns and compared as text: the RCODE and flags, then a line per
 * record, its section in front. */
#include <check.h>
#include <ldns/ldns.h>

#include "dnsd/edns.h"
#include "tests/unit/dnsd/rich.h"
#include "tests/unit/suite.h"

static struct rich rich;
static uint8_t reply[ANSWER_TCP_MAX];
static char said[1 << 20];                     /* the last answer as text */

static void
setup(void)
{
	rich_make(&rich);
}

static void
teardown(void)
{
	rich_free(&rich);
}

/* ---- answers as text ---- */

static void
say_section(FILE *f, const char *section, const ldns_rr_list *rrs)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(rrs); i++) {
		char *line = ldns_rr2str(ldns_rr_list_rr(rrs, i));

		for (char *c = line; *c != '\0'; c++)
			if (*c == '\t')
				*c = ' ';
		fprintf(f, "%s %s", section, line);    /* it ends in a newline */
		free(line);
	}
}

/* One line of header, then the records. */
static const char *
say(const uint8_t *message, size_t size)
{
	ldns_pkt *p = NULL;

	ck_assert_uint_gt(size, 0);
	ck_assert(message_whole(message, size));
	ck_assert_int_eq(ldns_wire2pkt(&p, message, size), LDNS_STATUS_OK);
	ck_assert(ldns_pkt_qr(p) && !ldns_pkt_ra(p) && !ldns_pkt_ad(p));
	ck_assert_uint_eq(ldns_pkt_id(p), 0x1234);

	FILE *f = fmemopen(said, sizeof(said), "w");
	char *rcode = ldns_pkt_rcode2str(ldns_pkt_get_rcode(p));

	fprintf(f, "%s%s%s\n", rcode, ldns_pkt_aa(p) ? " aa" : "", ldns_pkt_tc(p) ? " tc" : "");
	say_section(f, "an", ldns_pkt_answer(p));
	say_section(f, "ns", ldns_pkt_authority(p));
	say_section(f, "ar", ldns_pkt_additional(p));
	fclose(f);
	free(rcode);
	ldns_pkt_free(p);
	return said;
}

static size_t
ask(const struct ask *a, enum transport t)
{
	uint8_t query[600];
	size_t size = ask_write(a, query, sizeof(query));

	memset(reply, 0xAA, sizeof(reply));
	return answer(rich.snapshot, t, query, size, reply);
}

static const char *
told(const char *name, uint16_t type)
{
	struct ask a = { .name = name, .type = type };
	return say(reply, ask(&a, TRANSPORT_TCP));
}

/* ---- RFC 1034, 4.3.2 ---- */

#define SOA "ns example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. 7 3600 900 604800 60\n"
#define SOA_NET "ns example.net. 30 IN SOA ns.example.net. hostmaster.example.net. 9 3600 900 604800 30\n"
#define WWW "an www.example.com. 300 IN A 192.0.2.80\n"
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
#define WEB(section) \
	section " web.example.com. 300 IN HTTPS 1 . alpn=h2\n" section " web.example.com. 300 IN HTTPS 2 www.example.com.\n"
#define SUB_NS \
	"ns sub.example.com. 300 IN NS ns.sub.example.com.\nns sub.example.com. 300 IN NS ns.other.sub.example.com.\n" \
	"ns sub.example.com. 300 IN NS ns1.example.com.\nns sub.example.com. 300 IN NS ns.elsewhere.test.\n"
#define SUB_GLUE \
	"ar ns.sub.example.com. 300 IN A 192.0.2.61\nar ns.sub.example.com. 300 IN AAAA 2001:db8::61\n" \
	"ar ns.other.sub.example.com. 300 IN A 192.0.2.62\nar ns1.example.com. 300 IN A 192.0.2.53\n"

static const struct {
	const char *name;
	uint16_t type;
	const char *says;
} questions[] = {
	{ "www.example.com", TYPE_A, "NOERROR aa\n" WWW },
	{ "www.example.com", TYPE_AAAA, "NOERROR aa\nan www.example.com. 300 IN AAAA 2001:db8::80\n" },
	{ "www.example.com", TYPE_TXT, "NOERROR aa\nan www.example.com. 300 IN TXT \"one\" \"two\"\n" },
	{ "www.example.com", TYPE_MX, "NOERROR aa\n" SOA },
	{ "example.com", TYPE_NS, "NOERROR aa\nan example.com. 300 IN NS ns1.example.com.\nan example.com. 300 IN NS ns2.example.net.\n"
	  "ar ns1.example.com. 300 IN A 192.0.2.53\n" },
	{ "example.com", TYPE_SRV, "NOERROR aa\n" SOA },
	{ "nothing.example.com", TYPE_A, "NXDOMAIN aa\n" SOA },
	{ "deep.below.nothing.example.com", TYPE_A, "NXDOMAIN aa\n" SOA },
	{ "x.www.example.com", TYPE_A, "NXDOMAIN aa\n" SOA },
	{ "www.elsewhere.test", TYPE_A, "REFUSED\n" },
	{ ".", TYPE_NS, "REFUSED\n" },
	{ "com", TYPE_A, "REFUSED\n" },
	{ "unknown.example.com", 65280, "NOERROR aa\nan unknown.example.com. 300 IN TYPE65280 \\# 3 010203\n" },
	{ "fixed.example.com", TYPE_A, "NOERROR aa\nan fixed.example.com. 5 IN A 10.1.0.1\nan fixed.example.com. 5 IN A 10.1.0.2\nan fixed.example.com. 5 IN A 10.1.0.3\n" },
	{ "fixed.example.com", TYPE_AAAA, "NOERROR aa\n" SOA },

	/* empty non-terminals, wildcards */
	{ "b.empty.example.com", TYPE_A, "NOERROR aa\n" SOA },
	{ "empty.example.com", TYPE_ANY, "NOERROR aa\n" SOA },
	{ "c.empty.example.com", TYPE_A, "NXDOMAIN aa\n" SOA },
	{ "a.wild.example.com", TYPE_A, "NOERROR aa\nan a.wild.example.com. 300 IN A 192.0.2.99\n" },
	{ "b.a.wild.example.com", TYPE_A, "NOERROR aa\nan b.a.wild.example.com. 300 IN A 192.0.2.99\n" },
	{ "a.wild.example.com", TYPE_MX, "NOERROR aa\n" SOA },
	{ "*.wild.example.com", TYPE_A, "NOERROR aa\nan *.wild.example.com. 300 IN A 192.0.2.99\n" },
	{ "real.wild.example.com", TYPE_TXT, "NOERROR aa\n" SOA },
	{ "x.real.wild.example.com", TYPE_A, "NXDOMAIN aa\n" SOA },
	{ "wild.example.com", TYPE_A, "NOERROR aa\n" SOA },
	{ "q.wildalias.example.com", TYPE_A, "NOERROR aa\nan q.wildalias.example.com. 300 IN CNAME www.example.com.\n" WWW },

	/* chains */
	{ "alias.example.com", TYPE_A, "NOERROR aa\nan alias.example.com. 300 IN CNAME www.example.com.\n" WWW },
	{ "alias.example.com", TYPE_CNAME, "NOERROR aa\nan alias.example.com. 300 IN CNAME www.example.com.\n" },
	{ "alias.example.com", TYPE_ANY, "NOERROR aa\nan alias.example.com. 300 IN CNAME www.example.com.\n" },
	{ "out.example.com", TYPE_A, "NOERROR aa\nan out.example.com. 300 IN CNAME www.elsewhere.test.\n" },
	{ "cross.example.com", TYPE_A, "NOERROR aa\nan cross.example.com. 300 IN CNAME host.example.net.\nan host.example.net. 120 IN A 198.51.100.7\n" },
	{ "cross.example.com", TYPE_MX, "NOERROR aa\nan cross.example.com. 300 IN CNAME host.example.net.\n" SOA_NET },
	{ "crossnx.example.com", TYPE_A, "NXDOMAIN aa\nan crossnx.example.com. 300 IN CNAME nothing.example.net.\n" SOA_NET },
	{ "dangling.example.com", TYPE_A, "NXDOMAIN aa\nan dangling.example.com. 300 IN CNAME nothing.example.com.\n" SOA },
	{ "nodata.example.com", TYPE_AAAA, "NOERROR aa\nan nodata.example.com. 300 IN CNAME mail.example.com.\n" SOA },
	{ "back.example.net", TYPE_A, "NOERROR aa\nan back.example.net. 120 IN CNAME www.example.com.\n" WWW },
	{ "self.example.com", TYPE_A, "NOERROR aa\nan self.example.com. 300 IN CNAME self.example.com.\n" },
	{ "loop1.example.com", TYPE_A, "NOERROR aa\nan loop1.example.com. 300 IN CNAME loop2.example.com.\nan loop2.example.com. 300 IN CNAME loop1.example.com.\n" },
	{ "a.wildloop.example.com", TYPE_A, "NOERROR aa\nan a.wildloop.example.com. 300 IN CNAME x.wildloop.example.com.\nan x.wildloop.example.com. 300 IN CNAME x.wildloop.example.com.\n" },
	{ "tosub.example.com", TYPE_A, "NOERROR aa\nan tosub.example.com. 300 IN CNAME www.sub.example.com.\n" SUB_NS SUB_GLUE },
	{ "tochild.example.com", TYPE_A, "NOERROR aa\nan tochild.example.com. 300 IN CNAME www.child.example.com.\nan www.child.example.com. 60 IN A 192.0.2.71\n" },

	/* delegations; our own child zone is answered from, its DS from the parent */
	{ "sub.example.com", TYPE_A, "NOERROR\n" SUB_NS SUB_GLUE },
	{ "sub.example.com", TYPE_NS, "NOERROR\n" SUB_NS SUB_GLUE },
	{ "www.deep.sub.example.com", TYPE_A, "NOERROR\n" SUB_NS SUB_GLUE },
	{ "ns.sub.example.com", TYPE_A, "NOERROR\n" SUB_NS SUB_GLUE },
	{ "sub.example.com", TYPE_DS, "NOERROR aa\nan sub.example.com. 300 IN DS 1 8 2 " HEX },
	{ "x.sub.example.com", TYPE_DS, "NOERROR\n" SUB_NS SUB_GLUE },
	{ "insecure.example.com", TYPE_DS, "NOERROR aa\n" SOA },
	{ "child.example.com", TYPE_NS, "NOERROR aa\nan child.example.com. 60 IN NS ns1.child.example.com.\n"
	  "ar ns1.child.example.com. 60 IN A 192.0.2.70\n" },
	{ "child.example.com", TYPE_DS, "NOERROR aa\nan child.example.com. 300 IN DS 2 8 2 " HEX },
	{ "nothing.child.example.com", TYPE_A, "NXDOMAIN aa\nns child.example.com. 10 IN SOA ns1.child.example.com. hostmaster.child.example.com. 3 3600 900 604800 10\n" },

	/* DNAME */
	{ "x.dname.example.com", TYPE_A, "NOERROR aa\nan dname.example.com. 300 IN DNAME www.example.net.\nan x.dname.example.com. 300 IN CNAME x.www.example.net.\nan x.www.example.net. 120 IN A 198.51.100.8\n" },
	{ "y.dname.example.com", TYPE_A, "NXDOMAIN aa\nan dname.example.com. 300 IN DNAME www.example.net.\nan y.dname.example.com. 300 IN CNAME y.www.example.net.\n" SOA_NET },
	{ "x.dname.example.com", TYPE_CNAME, "NOERROR aa\nan dname.example.com. 300 IN DNAME www.example.net.\nan x.dname.example.com. 300 IN CNAME x.www.example.net.\n" },
	{ "dname.example.com", TYPE_DNAME, "NOERROR aa\nan dname.example.com. 300 IN DNAME www.example.net.\n" },
	{ "dname.example.com", TYPE_A, "NOERROR aa\n" SOA },
	{ "todname.example.com", TYPE_A, "NXDOMAIN aa\nan todname.example.com. 300 IN CNAME a.dname.example.com.\nan dname.example.com. 300 IN DNAME www.example.net.\nan a.dname.example.com. 300 IN CNAME a.www.example.net.\n" SOA_NET },
	{ "a.b.here.example.com", TYPE_A, "NOERROR aa\nan here.example.com. 300 IN DNAME wild.example.com.\nan a.b.here.example.com. 300 IN CNAME a.b.wild.example.com.\nan a.b.wild.example.com. 300 IN A 192.0.2.99\n" },
	{ "x.dnameloop.example.com", TYPE_A, "NOERROR aa\nan dnameloop.example.com. 300 IN DNAME dnameloop.example.com.\nan x.dnameloop.example.com. 300 IN CNAME x.dnameloop.example.com.\n" },

	/* what an answer leads to */
	{ "web.example.com", TYPE_HTTPS, "NOERROR aa\n" WEB("an") "ar web.example.com. 300 IN A 192.0.2.83\n"
	  "ar www.example.com. 300 IN A 192.0.2.80\nar www.example.com. 300 IN AAAA 2001:db8::80\n" },
	{ "webalias.example.com", TYPE_HTTPS, "NOERROR aa\nan webalias.example.com. 300 IN HTTPS 0 web.example.com.\n"
	  "ar web.example.com. 300 IN A 192.0.2.83\n" WEB("ar") },

	/* what is no RRset */
	{ "example.com", 253, "NOTIMPL\n" },
	{ "example.com", 254, "NOTIMPL\n" },
	{ "example.com", 249, "NOTIMPL\n" },
	{ "example.com", 0, "FORMERR\n" },
	{ "example.com", TYPE_OPT, "FORMERR\n" },
	{ "example.com", TYPE_TSIG, "FORMERR\n" },
	{ "example.com", 128, "FORMERR\n" },
};

START_TEST(test_questions)
{
	ck_assert_str_eq(told(questions[_i].name, questions[_i].type), questions[_i].says);
}
END_TEST

START_TEST(test_any_is_one_rrset)
{
	ck_assert_str_eq(told("www.example.com", TYPE_ANY), "NOERROR aa\n" WWW);
}
END_TEST

START_TEST(test_case_is_kept)
{
	struct ask a = { .name = "www.example.com", .type = TYPE_A };
	uint8_t query[600];
	size_t size = ask_write(&a, query, sizeof(query));

	for (size_t i = 13; i < 28; i++)       /* dname_parse() folds: every second letter up again, here */
		if (i % 2 == 0 && query[i] >= 'a')
			query[i] ^= 0x20;
	size_t n = answer(rich.snapshot, TRANSPORT_UDP, query, size, reply);
	ck_assert_uint_gt(n, size);
	ck_assert_mem_eq(reply + 12, query + 12, size - 12);
	ck_assert(strstr(say(reply, n), "192.0.2.80") != NULL);
}
END_TEST

START_TEST(test_rotation)
{
	static const char *const says[3] = {
		"NOERROR aa\nan svc.example.com. 5 IN A 10.1.0.1\nan svc.example.com. 5 IN A 10.1.0.2\n",
		"NOERROR aa\nan svc.example.com. 5 IN A 10.1.0.2\nan svc.example.com. 5 IN A 10.1.0.3\n",
		"NOERROR aa\nan svc.example.com. 5 IN A 10.1.0.3\nan svc.example.com. 5 IN A 10.1.0.1\n",
	};

	for (int i = 0; i < 7; i++)
		ck_assert_str_eq(told("svc.example.com", TYPE_A), says[i % 3]);
	ck_assert_str_eq(told("tosvc.example.com", TYPE_A),
	    "NOERROR aa\nan tosvc.example.com. 60 IN CNAME svc.example.com.\nan svc.example.com. 5 IN A 10.1.0.2\nan svc.example.com. 5 IN A 10.1.0.3\n");
}
END_TEST

START_TEST(test_chain_ends_at_its_limit)
{
	told("chain5.example.com", TYPE_A);            /* 16 links, then www */
	ck_assert(strstr(said, "an www.example.com. 300 IN A 192.0.2.80\n") != NULL);
	told("chain4.example.com", TYPE_A);            /* 17: the last is not followed */
	ck_assert(strstr(said, "192.0.2.80") == NULL);
	ck_assert(strstr(said, "chain20.example.com. 300 IN CNAME www.example.com.\n") != NULL);
	told("chain3.example.com", TYPE_A);
	ck_assert(strstr(said, "chain19.example.com. 300 IN CNAME chain20.example.com.\n") != NULL);
	ck_assert(strstr(said, "an chain20.example.com.") == NULL);
	ck_assert(strncmp(said, "NOERROR aa\n", 11) == 0);
}
END_TEST

/* A name of 255 bytes below the DNAME gets longer than that (RFC 6672, 2.2). */
START_TEST(test_dname_too_long)
{
	char name[300] = "";

	for (int i = 0; i < 3; i++)
		strcat(name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.");
	strcat(name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.far.example.com");
	told(name, TYPE_A);
	ck_assert_str_eq(said, "YXDOMAIN aa\nan far.example.com. 300 IN DNAME a.long.way.away.elsewhere.test.\n");
}
END_TEST

/* ---- size ---- */

static const char *
told_udp(const char *name, uint16_t type, uint16_t udp_size)
{
	struct ask a = { .name = name, .type = type, .udp_size = udp_size };
	size_t n = ask(&a, TRANSPORT_UDP), limit = udp_size < 512 ? 512 : udp_size > 1232 ? 1232 : udp_size;

	ck_assert_uint_le(n, limit);
	return say(reply, n);
}

START_TEST(test_truncation)
{
	ck_assert_str_eq(told_udp("sixty.example.com", TYPE_A, 0), "NOERROR aa tc\n");
	told_udp("sixty.example.com", TYPE_A, 1232);
	ck_assert(strstr(said, "10.0.0.59") != NULL && strncmp(said, "NOERROR aa\n", 11) == 0);
	told_udp("sixty.example.com", TYPE_A, 65535);
	ck_assert(strncmp(said, "NOERROR aa\n", 11) == 0);
	told_udp("vast.example.com", TYPE_TXT, 65535);
	ck_assert(strncmp(said, "NOERROR aa tc\n", 14) == 0 && strstr(said, "an ") == NULL);
	told("vast.example.com", TYPE_TXT);
	ck_assert(strncmp(said, "NOERROR aa\n", 11) == 0);
	told("tovast.example.com", TYPE_TXT);
	ck_assert(strncmp(said, "NOERROR aa\n", 11) == 0);
}
END_TEST

/* At every size the answer is whole or only the question, and whole exactly from the size it needs on. */
START_TEST(test_truncation_at_each_size)
{
	struct ask a = { .name = "sixty.example.com", .type = TYPE_A, .udp_size = 1232 };
	size_t whole = ask(&a, TRANSPORT_UDP);

	ck_assert_uint_gt(whole, 900);
	for (unsigned size = 500; size < 1300; size++) {
		a.udp_size = (uint16_t)size;
		size_t n = ask(&a, TRANSPORT_UDP);

		ck_assert(message_whole(reply, n));
		ck_assert_uint_eq(n, size >= whole ? whole : 12 + 23 + 11);
		ck_assert_int_eq((reply[2] & 2) != 0, size < whole);
		ck_assert_uint_eq(be16_get(reply + 6), size >= whole ? 60 : 0);
		ck_assert_uint_eq(reply[n], 0xAA);     /* nothing behind it was touched */
	}
}
END_TEST

/* Glue goes by whole sets; TC says so when it was in-domain (RFC 9471). */
START_TEST(test_glue_at_each_size)
{
	struct ask a = { .name = "www.many.example.com", .type = TYPE_A, .udp_size = 512 };
	unsigned before = 0;

	for (unsigned size = 512; size <= 1232; size++) {
		a.udp_size = (uint16_t)size;
		size_t n = ask(&a, TRANSPORT_UDP);
		unsigned glue = be16_get(reply + 10) - 1u;

		ck_assert_uint_le(n, size);
		ck_assert(message_whole(reply, n));
		ck_assert_uint_eq(be16_get(reply + 8), 13);
		ck_assert_uint_ge(glue, before);
		ck_assert_int_eq((reply[2] & 2) != 0, glue < 26);
		before = glue;
	}
	ck_assert_uint_gt(before, 10);
	ask(&a, TRANSPORT_TCP);
	ck_assert_uint_eq(be16_get(reply + 10), 27);

	a = (struct ask){ .name = "sibling.example.com", .type = TYPE_A };
	size_t n = ask(&a, TRANSPORT_UDP);
	say(reply, n);
	ck_assert(strncmp(said, "NOERROR\n", 8) == 0);         /* no TC */
	ck_assert_uint_lt(be16_get(reply + 10), 60);
	ck_assert_uint_eq(be16_get(reply + 10) % 20, 0);       /* no half set */
}
END_TEST

/* Beyond 16 KiB no compression pointer reaches: none may be made there, and moved ones must not wrap. */
START_TEST(test_huge_referral)
{
	static const char label[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.";
	char name[300] = "";

	for (int i = 0; i < 4; i++) {
		char full[300];

		snprintf(full, sizeof(full), "%shuge.example.com", name);
		struct ask a = { .name = full, .type = TYPE_A };
		size_t n = ask(&a, TRANSPORT_TCP);

		ck_assert(message_whole(reply, n));
		if (i < 3)
			strcat(name, label);
	}
	told("huge.example.com", TYPE_A);
	ck_assert(strstr(said, "ar nameserver-000-of-so-many.huge.example.com. 300 IN A 203.0.114.1\n") != NULL);
}
END_TEST

/* ---- EDNS, CHAOS, flags ---- */

#define OPT(rcode, flags, data) "\0\0\x29\x04\xD0" rcode "\0" flags data

static const struct {
	struct ask ask;
	unsigned rcode;                        /* low four bits */
	bool tcp;
	const char *opt;
	size_t opt_size;
} edns[] = {
	{ { .name = "www.example.com", .type = TYPE_A }, 0, false, "", 0 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232 }, 0, false, OPT("\0", "\0\0", "\0\0"), 11 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1 }, 0, false, OPT("\0", "\0\0", "\0\0"), 11 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .dnssec_ok = true }, 0, true, OPT("\0", "\x80\0", "\0\0"), 11 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .nsid = true }, 0, false, OPT("\0", "\0\0", "\0\12\0\3\0\6node-a"), 21 },
	{ { .name = "www.elsewhere.test", .type = TYPE_A, .udp_size = 1232, .nsid = true }, 5, false, OPT("\0", "\0\0", "\0\20\0\3\0\6node-a\0\17\0\2\0\24"), 27 },
	{ { .name = "vast.example.com", .type = TYPE_TXT, .udp_size = 512, .nsid = true }, 0, false, OPT("\0", "\0\0", "\0\12\0\3\0\6node-a"), 21 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .version = 1 }, 0, false, OPT("\1", "\0\0", "\0\0"), 11 },
	{ { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .version = 255, .dnssec_ok = true }, 0, true, OPT("\1", "\x80\0", "\0\0"), 11 },
};

START_TEST(test_edns)
{
	size_t n = ask(&edns[_i].ask, edns[_i].tcp ? TRANSPORT_TCP : TRANSPORT_UDP), size = edns[_i].opt_size;

	ck_assert_uint_eq(reply[3] & 15, edns[_i].rcode);
	ck_assert(message_whole(reply, n));
	ck_assert_uint_eq(be16_get(reply + 10), size > 0);
	ck_assert_uint_gt(n, size);
	ck_assert_mem_eq(reply + n - size, edns[_i].opt, size);
	if (edns[_i].ask.version > 0)
		ck_assert_uint_eq(be16_get(reply + 6), 0);     /* BADVERS answers nothing */
}
END_TEST

START_TEST(test_no_nsid_unless_configured)
{
	struct snapshot bare = { .zones = rich.snapshot->zones };
	struct ask a = { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .nsid = true };
	uint8_t query[600];
	size_t n = answer(&bare, TRANSPORT_UDP, query, ask_write(&a, query, sizeof(query)), reply);

	ck_assert_mem_eq(reply + n - 11, OPT("\0", "\0\0", "\0\0"), 11);
	a = (struct ask){ .name = "version.bind", .type = TYPE_TXT, .class = CLASS_CH };
	n = answer(&bare, TRANSPORT_UDP, query, ask_write(&a, query, sizeof(query)), reply);
	ck_assert_str_eq(say(reply, n), "REFUSED\n");
	a.name = "id.server";
	n = answer(&bare, TRANSPORT_UDP, query, ask_write(&a, query, sizeof(query)), reply);
	ck_assert_str_eq(say(reply, n), "REFUSED\n");
}
END_TEST

static const struct {
	struct ask ask;
	const char *says;
} classes[] = {
	{ { .name = "version.bind", .type = TYPE_TXT, .class = CLASS_CH }, "NOERROR aa\nan version.bind. 0 CH TXT \"homing test\"\n" },
	{ { .name = "version.server", .type = TYPE_ANY, .class = CLASS_CH }, "NOERROR aa\nan version.server. 0 CH TXT \"homing test\"\n" },
	{ { .name = "id.server", .type = TYPE_TXT, .class = CLASS_CH }, "NOERROR aa\nan id.server. 0 CH TXT \"node-a\"\n" },
	{ { .name = "hostname.bind", .type = TYPE_TXT, .class = CLASS_CH }, "NOERROR aa\nan hostname.bind. 0 CH TXT \"node-a\"\n" },
	{ { .name = "version.bind", .type = TYPE_A, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = "x.version.bind", .type = TYPE_TXT, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = "bind", .type = TYPE_TXT, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = "version.bind.more", .type = TYPE_TXT, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = ".", .type = TYPE_TXT, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = "www.example.com", .type = TYPE_A, .class = CLASS_CH }, "REFUSED\n" },
	{ { .name = "www.example.com", .type = TYPE_A, .class = 4 }, "REFUSED\n" },
	{ { .name = "www.example.com", .type = TYPE_A, .class = CLASS_ANY }, "REFUSED\n" },
	{ { .name = "www.example.com", .type = TYPE_A, .class = CLASS_NONE }, "REFUSED\n" },
	{ { .name = "version.bind", .type = TYPE_TXT }, "REFUSED\n" },
};

START_TEST(test_classes)
{
	ck_assert_str_eq(say(reply, ask(&classes[_i].ask, TRANSPORT_UDP)), classes[_i].says);
}
END_TEST

/* ---- what is left aside ---- */

#define TSIG_RR "\4ddns\0\0\xFA\0\xFF\0\0\0\0\0\x1b" "\3hma\0" "\0\0\x65\1\2\3\1\x2c" "\0\6MACMAC\x77\x77\0\0\0\0"

static const struct {
	const char *what;
	struct ask ask;
	bool is_signed, aside;
} asides[] = {
	{ "AXFR", { .name = "example.com", .type = TYPE_AXFR }, false, true },
	{ "IXFR", { .name = "example.com", .type = TYPE_IXFR }, false, true },
	{ "AXFR of what is not ours", { .name = "elsewhere.test", .type = TYPE_AXFR }, false, true },
	{ "AXFR of EDNS version 1", { .name = "example.com", .type = TYPE_AXFR, .udp_size = 1232, .version = 1 }, false, false },
	{ "signed", { .name = "www.example.com", .type = TYPE_A }, true, true },
	{ "signed, with an OPT", { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232 }, true, true },
	{ "signed, of EDNS version 1", { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232, .version = 1 }, true, true },
	{ "signed, of a type that cannot be asked for", { .name = "www.example.com", .type = TYPE_OPT }, true, true },
	{ "a signed AXFR", { .name = "example.com", .type = TYPE_AXFR }, true, true },
	{ "a signed NOTIFY", { .name = "example.com", .type = TYPE_SOA, .flags = 4 << 11 }, true, false },
	{ "an UPDATE", { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE }, false, true },
	{ "an UPDATE of what is no zone's apex", { .name = "www.example.com", .type = TYPE_A, .flags = OPCODE_UPDATE }, false, true },
	{ "an UPDATE of EDNS version 1", { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE, .udp_size = 1232, .version = 1 },
	    false, false },
	{ "a signed UPDATE", { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE }, true, true },
	{ "neither", { .name = "www.example.com", .type = TYPE_A, .udp_size = 1232 }, false, false },
};

START_TEST(test_left_aside)
{
	uint8_t query[600];
	size_t n = ask_write(&asides[_i].ask, query, sizeof(query));

	if (asides[_i].is_signed) {
		memcpy(query + n, TSIG_RR, sizeof(TSIG_RR) - 1);
		query[11]++;
		n += sizeof(TSIG_RR) - 1;
	}
	size_t size = answer(rich.snapshot, TRANSPORT_UDP, query, n, reply);

	ck_assert_msg((size == ASIDE) == asides[_i].aside, "%s: %zu bytes", asides[_i].what, size);
	ck_assert(size == ASIDE || message_whole(reply, size));
}
END_TEST

/* What is said is the whole answer, whatever was asked, and nothing is looked up. */
START_TEST(test_said)
{
	static const uint8_t lease[] = { 0, OPTION_LEASE, 0, 4, 0, 0, 14, 16 };
	static const struct edns_error error = { .code = ERROR_PROHIBITED, .text = "why", .text_size = 3 };
	static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };
	const struct answer_said word = {
		.rcode = _i == 0 ? RCODE_NOERROR : RCODE_NOTZONE, .error = _i == 0 ? NULL : &error, .option = lease, .option_size = sizeof(lease)
	};
	const struct ask a = { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE, .udp_size = 512, .nsid = true };
	uint8_t query[600];
	size_t n = ask_write(&a, query, sizeof(query));
	struct answer_job job = { .query = query, .size = n, .client = &client, .out = reply, .said = &word };
	size_t options = 4 + 6 + sizeof(lease) + (_i == 0 ? 0 : 4 + 2 + 3);

	answer_one(rich.snapshot, &terms, &job);
	ck_assert(!job.aside && message_whole(reply, job.answered));
	ck_assert_uint_eq(be16_get(reply + 2), FLAG_QR | OPCODE_UPDATE | word.rcode);
	ck_assert_mem_eq(reply + 4, "\0\1\0\0\0\0\0\1", 8);
	ck_assert_uint_eq(job.answered, n - 4 + options);
	ck_assert_mem_eq(reply + 12, query + 12, 17);
	ck_assert_mem_eq(reply + 12 + 17 + 11 + 4 + 6, lease, sizeof(lease));
	if (_i == 1)
		ck_assert_mem_eq(reply + job.answered - 9, "\0\17\0\5\0\22why", 9);
}
END_TEST

/* Without an OPT in the question there is none in the answer, whatever it would say. */
START_TEST(test_said_without_edns)
{
	static const uint8_t lease[] = { 0, OPTION_LEASE, 0, 4, 0, 0, 14, 16 };
	static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };
	const struct answer_said word = { .rcode = RCODE_YXDOMAIN, .option = lease, .option_size = sizeof(lease) };
	const struct ask a = { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE };
	uint8_t query[600];
	size_t n = ask_write(&a, query, sizeof(query));
	struct answer_job job = { .query = query, .size = n, .client = &client, .out = reply, .said = &word };

	answer_one(rich.snapshot, &terms, &job);
	ck_assert_uint_eq(job.answered, n);
	ck_assert_uint_eq(reply[3], RCODE_YXDOMAIN);
	ck_assert_mem_eq(reply + 4, query + 4, n - 4);
}
END_TEST

/* One TSIG that is not last is no signature (RFC 8945, 5.1): what it says cannot be believed, the answer is FORMERR, unsigned. */
START_TEST(test_malformed_is_not_left_aside)
{
	struct ask a = { .name = "www.example.com", .type = TYPE_A };
	uint8_t query[600];
	size_t n = ask_write(&a, query, sizeof(query));

	memcpy(query + n, TSIG_RR "x", sizeof(TSIG_RR));
	query[11]++;
	ck_assert_str_eq(say(reply, answer(rich.snapshot, TRANSPORT_UDP, query, n + sizeof(TSIG_RR), reply)), "FORMERR\n");
}
END_TEST

/* What may be answered leaves room behind it for a signature, and never more than there is. */
START_TEST(test_trusted_with_reserve)
{
	static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 } };
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };

	for (size_t reserve = 0; reserve <= 700; reserve++) {
		struct ask a = { .name = "sixty.example.com", .type = TYPE_A, .udp_size = reserve % 2 ? 1232 : 0 };
		uint8_t query[600];
		struct answer_job job = {
			.query = query, .size = ask_write(&a, query, sizeof(query)), .client = &client, .out = reply,
			.reserve = reserve, .trusted = true
		};

		memset(reply, 0xAA, sizeof(reply));
		answer_one(rich.snapshot, &terms, &job);
		ck_assert(!job.aside && message_whole(reply, job.answered));
		ck_assert_uint_eq(reply[job.answered], 0xAA);
		ck_assert_uint_ge(job.answered, 12 + 23);
		ck_assert_uint_le(job.answered + reserve, ANSWER_UDP_MAX);
		ck_assert_int_eq(be16_get(reply + 6), a.udp_size == 1232 && 12 + 23 + 60 * 16 + 11 + reserve <= 1232 ? 60 : 0);
	}
}
END_TEST

START_TEST(test_trusted_transfers_are_not_answered_here)
{
	struct ask a = { .name = "example.com", .type = TYPE_AXFR };
	uint8_t query[600];
	const struct answer_terms terms = { .transport = TRANSPORT_TCP };
	struct answer_job job = { .query = query, .size = ask_write(&a, query, sizeof(query)), .out = reply, .trusted = true };

	answer_one(rich.snapshot, &terms, &job);
	ck_assert(!job.aside);
	ck_assert_str_eq(say(reply, job.answered), "REFUSED\n");
}
END_TEST

START_TEST(test_flags)
{
	static const struct { uint16_t sent, back; } flags[] = {
		{ 0, 0x8400 }, { 0x0100, 0x8500 }, { 0x0010, 0x8410 }, { 0x0020, 0x8400 }, { 0x0040, 0x8400 },
		{ 0x0080, 0x8400 }, { 0x0600, 0x8400 }, { 0x000F, 0x8400 }
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct ask a = { .name = "www.example.com", .type = TYPE_A, .flags = flags[i].sent };

		ck_assert_uint_gt(ask(&a, TRANSPORT_UDP), 12);
		ck_assert_uint_eq(be16_get(reply + 2), flags[i].back);
	}
}
END_TEST

START_TEST(test_silence_without_snapshot)
{
	struct ask a = { .name = "www.example.com", .type = TYPE_A };
	uint8_t query[600];

	ck_assert_uint_eq(answer(NULL, TRANSPORT_UDP, query, ask_write(&a, query, sizeof(query)), reply), 0);
}
END_TEST

/* ---- whatever comes ---- */

static uint64_t
next_random(uint64_t *state)                   /* xorshift64: the same packets in every run */
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
mutate(uint64_t *state, uint8_t *query)
{
	const size_t n = sizeof(questions) / sizeof(questions[0]);
	struct ask a = { .name = questions[next_random(state) % n].name, .type = questions[next_random(state) % n].type };
	uint64_t dice = next_random(state);

	if (dice % 2 == 0)
		a.udp_size = (uint16_t)(dice >> 8);
	a.nsid = dice % 3 == 0;
	size_t size = ask_write(&a, query, 600);
	for (uint64_t changes = dice % 5; changes > 0; changes--) {
		dice = next_random(state);
		if (dice % 8 == 0)
			size = dice / 8 % (size + 1);
		else if (dice % 8 == 1 && size < 590)
			query[size++] = (uint8_t)(dice >> 8);
		else if (size > 0)
			query[dice / 8 % size] = (uint8_t)(dice >> 40);
	}
	return size;
}

/* A million in all: half of them noise with a sound start, half real queries with some bytes changed. */
START_TEST(test_a_million_packets)
{
	uint64_t state = 0x9E3779B97F4A7C15;
	uint8_t query[600];
	unsigned answered = 0;

	for (unsigned i = 0; i < ROUNDS(1000000); i++) {
		size_t size;

		if (i % 2 == 0) {
			size = next_random(&state) % 64;
			for (size_t k = 0; k < size; k++)
				query[k] = (uint8_t)(next_random(&state) >> 24);
			if (size > 12 && i % 4 == 0)
				memcpy(query + 2, "\0\0\0\1\0\0\0\0\0", 9);
		} else {
			size = mutate(&state, query);
		}
		enum transport t = i % 16 == 1 ? TRANSPORT_TCP : TRANSPORT_UDP;
		size_t n = answer(rich.snapshot, t, query, size, reply);
		bool due = size >= 12 && (query[2] & 0x80) == 0;

		ck_holds((n > 0) == due);
		if (n == 0 || n == ASIDE)
			continue;
		answered++;
		ck_holds(t == TRANSPORT_TCP || n <= ANSWER_UDP_MAX);
		ck_holds(reply[0] == query[0] && reply[1] == query[1] && (reply[2] & 0x80) != 0);
		ck_holds(message_whole(reply, n));
		if (i % 64 == 5) {                     /* ldns is slow */
			ldns_pkt *p = NULL;

			ck_holds(ldns_wire2pkt(&p, reply, n) == LDNS_STATUS_OK);
			ldns_pkt_free(p);
		}
	}
	ck_assert_uint_gt(answered, ROUNDS(500000));
}
END_TEST

/* Answered together or one by one, in any company: the same bytes. */
START_TEST(test_many_as_one)
{
	static uint8_t queries[32][600], many[32][ANSWER_UDP_MAX];
	struct answer_job jobs[32];
	uint64_t state = 0xD1B54A32D192ED03;

	for (unsigned round = 0; round < ROUNDS(20000); round++) {
		unsigned n = (unsigned)(next_random(&state) % 33);

		for (unsigned i = 0; i < n; i++)
			jobs[i] = (struct answer_job){ .query = queries[i], .size = mutate(&state, queries[i]), .out = many[i], .answered = 9999 };
		rich.rotor = 0;
		answer_many(rich.snapshot, &(struct answer_terms){ .transport = TRANSPORT_UDP }, jobs, n);
		rich.rotor = 0;
		for (unsigned i = 0; i < n; i++) {
			size_t size = answer(rich.snapshot, TRANSPORT_UDP, queries[i], jobs[i].size, reply);

			ck_holds(jobs[i].aside == (size == ASIDE));
			ck_holds(jobs[i].answered == (size == ASIDE ? 0 : size));
			ck_holds(memcmp(many[i], reply, jobs[i].answered) == 0);
		}
	}
	jobs[0].answered = 9999;
	answer_many(NULL, &(struct answer_terms){ .transport = TRANSPORT_UDP }, jobs, 1);
	ck_assert_uint_eq(jobs[0].answered, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("answer");
	TCase *t = tcase_create("zones"), *size = tcase_create("size"), *rest = tcase_create("rest");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_questions, 0, (int)(sizeof(questions) / sizeof(questions[0])));
	tcase_add_test(t, test_any_is_one_rrset);
	tcase_add_test(t, test_case_is_kept);
	tcase_add_test(t, test_rotation);
	tcase_add_test(t, test_chain_ends_at_its_limit);
	tcase_add_test(t, test_dname_too_long);
	tcase_add_checked_fixture(size, setup, teardown);
	tcase_add_test(size, test_truncation);
	tcase_add_test(size, test_truncation_at_each_size);
	tcase_add_test(size, test_glue_at_each_size);
	tcase_add_test(size, test_huge_referral);
	tcase_add_checked_fixture(rest, setup, teardown);
	tcase_set_timeout(rest, 120);
	tcase_add_loop_test(rest, test_edns, 0, (int)(sizeof(edns) / sizeof(edns[0])));
	tcase_add_test(rest, test_no_nsid_unless_configured);
	tcase_add_loop_test(rest, test_classes, 0, (int)(sizeof(classes) / sizeof(classes[0])));
	tcase_add_loop_test(rest, test_said, 0, 2);
	tcase_add_test(rest, test_said_without_edns);
	tcase_add_loop_test(rest, test_left_aside, 0, (int)(sizeof(asides) / sizeof(asides[0])));
	tcase_add_test(rest, test_malformed_is_not_left_aside);
	tcase_add_test(rest, test_trusted_with_reserve);
	tcase_add_test(rest, test_trusted_transfers_are_not_answered_here);
	tcase_add_test(rest, test_flags);
	tcase_add_test(rest, test_silence_without_snapshot);
	tcase_add_test(rest, test_a_million_packets);
	tcase_add_test(rest, test_many_as_one);
	suite_add_tcase(s, t);
	suite_add_tcase(s, size);
	suite_add_tcase(s, rest);

	return suite_run(s);
}
