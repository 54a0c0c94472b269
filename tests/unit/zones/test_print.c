/* test_print.c - what is printed of a zone is a master file of the same zone. */
#include "base/mem.h"
#include "build.h"
#include "random.h"
#include "zones/rdata.h"
#include "tests/unit/suite.h"

/* All nodes as one master file. */
static char *
print_all(const struct zone *z, size_t *size)
{
	struct zone_walk *w = zone_walk_new(z);
	const struct node *n;
	char *text = NULL;

	*size = 0;
	while ((n = zone_walk_next(w)) != NULL) {
		size_t more;
		char *lines = node_print(n, &more);

		ck_assert_uint_eq(strlen(lines), more);
		text = mem_resize(text, *size + more + 1);
		memcpy(text + *size, lines, more + 1);
		*size += more;
		free(lines);
	}
	zone_walk_free(w);
	return text;
}

static bool
any_difference(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	char owner[DNAME_TEXT];

	(void)arg, (void)rr;
	printf("%c %s type %u\n", come ? '+' : '-', dname_format(name, owner), type);
	return false;
}

static void
check_round_trip(const struct zone *z)
{
	size_t size;
	char *text = print_all(z, &size);
	struct diag d = { 0 };
	struct zone *again = zone_parse(zone_apex(z), text, size, "printed", &d);

	for (size_t i = 0; i < d.count; i++)
		printf("%s\n", d.messages[i]);
	ck_assert_msg(again != NULL && zone_diff(z, again, any_difference, NULL), "%.2000s", text);
	zone_free(again);
	diag_clear(&d);
	free(text);
}

/* One of each type that ldns knows, and what is hard to write in names and texts. */
static const char types[] =
	"$TTL 300\n"
	"@ SOA ns\\.1 host\\\"master 4294967295 3600 900 604800 60\n@ NS ns.x.\n"
	"a A 192.0.2.1\na A 192.0.2.2\na 600 AAAA 2001:db8::1\n"
	"b CNAME \\@.\\$ttl.a\\;b\\(c\\).d\\032e.f\\\"g.\\000\\255.CaSe\n"
	"\\@.\\$ttl.a\\;b\\(c\\).d\\032e.f\\\"g.\\000\\255 TXT \"owner\"\n"
	"\\\".x TXT a\n\\$ORIGIN TXT a\n\\@ TXT a\n* TXT a\n*.* TXT a\n\\*\\\\ TXT a\n"
	"txt TXT \"\" \" \" \"; no comment\" \"a \\\"quote\\\"\" \"back\\\\slash\" \"\\000\\010\\255\" \"(\" un\\ quoted\n"
	"quotes NS \\\"a.x.\nquotes NS a\\\"b.\\\".x.\n"
	"mx MX 10 .\nmx MX 20 Mail.X.\nptr PTR p.x.\nsrv SRV 1 2 3 s.x.\ndname DNAME d.x.\n"
	"hinfo HINFO \"a b\" \"\"\nminfo MINFO a.x. b.x.\nrp RP a.x. b.x.\nafsdb AFSDB 1 a.x.\nx25 X25 \"311061700956\"\n"
	"isdn ISDN \"150862028003217\" \"004\"\nrt RT 2 a.x.\nnsap NSAP 0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00\n"
	"px PX 10 a.x. b.x.\nloc LOC 42 21 54.5 N 71 6 18.3 W -24m 30m 10m 2m\n"
	"naptr NAPTR 100 50 \"s\" \"z3950+I2L\" \"!^.*$!\\\\1!\" _z.x.\nkx KX 10 a.x.\n"
	"cert CERT PKIX 1 RSASHA256 AQID\napl APL 1:192.0.2.0/24 !2:2001:db8::/32\n"
	"ds DS 1 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"sshfp SSHFP 1 1 0123456789abcdef0123456789abcdef01234567\n"
	"ipseckey IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==\n"
	"ipsecname IPSECKEY 10 3 2 gw.x. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==\n"
	"rrsig RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AQID\n"
	"nsec NSEC a.example. A NS TYPE65280 RRSIG NSEC\n"
	"dnskey DNSKEY 257 3 8 AwEAAag=\ndhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=\n"
	"nsec3 NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG\n"
	"nsec3param NSEC3PARAM 1 0 12 aabbccdd\nnosalt NSEC3PARAM 1 0 0 -\ntlsa TLSA 3 1 1 0123\nsmimea SMIMEA 3 1 1 0123\n"
	"hip HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs1.x. rvs2.x.\n"
	"cds CDS 0 0 0 00\ncdnskey CDNSKEY 0 3 0 AA==\nopenpgpkey OPENPGPKEY AQID\ncsync CSYNC 66 3 A NS AAAA\n"
	"zonemd ZONEMD 1 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"svcb SVCB 1 s.x. mandatory=alpn,port alpn=\"h2,h3\" port=443 ipv4hint=192.0.2.1 ech=AQID key65333=\"a b\\\"c\\;\\000\"\n"
	"https HTTPS 0 s.x.\nhttps2 HTTPS 1 . alpn=h3 no-default-alpn ipv6hint=2001:db8::1\n"
	"spf SPF \"v=spf1 -all\"\nnid NID 10 0014:4fff:ff20:ee64\nl32 L32 10 10.1.2.0\nl64 L64 10 2001:0DB8:1140:1000\nlp LP 10 a.x.\n"
	"eui48 EUI48 00-00-5e-00-53-2a\neui64 EUI64 00-00-5e-ef-10-00-00-2a\nuri URI 10 1 \"ftp://x/ \\\"\"\n"
	"caa CAA 128 issue \"ca.test; a=\\\"b\\\"\"\n"
	"wks WKS \\# 6 c000020106ff\nunknown TYPE65280 \\# 3 010203\nempty TYPE65281 \\# 0\n";

START_TEST(types_come_back)
{
	struct zone *z = zone_of("Example", types);

	ck_assert_uint_gt(zone_names(z), 60);
	check_round_trip(z);
	zone_free(z);
}
END_TEST

static const char *
lines_of(const struct zone *z, const char *name)
{
	static char lines[4096];
	size_t size;
	char *text = node_print(zone_at(z, name_of(name)), &size);

	snprintf(lines, sizeof(lines), "%s", text);
	free(text);
	return lines;
}

START_TEST(lines_are_as_people_write_them)
{
	struct zone *z = zone_of("example", types), *root = zone_of(".", "$TTL 9\n. SOA . . 1 2 3 4 5\n. NS a.\na A 192.0.2.1\n"), *next;
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;

	ck_assert_str_eq(lines_of(z, "a.example"), "a.example.\t300\tIN\tA\t192.0.2.1\na.example.\t300\tIN\tA\t192.0.2.2\n"
	    "a.example.\t600\tIN\tAAAA\t2001:db8::1\n");
	ck_assert_str_eq(lines_of(z, "mx.example"), "mx.example.\t300\tIN\tMX\t10 .\nmx.example.\t300\tIN\tMX\t20 Mail.X.\n");
	ck_assert_str_eq(lines_of(z, "\\@.example"), "\\@.example.\t300\tIN\tTXT\t\"a\"\n");
	ck_assert_str_eq(lines_of(z, "unknown.example"), "unknown.example.\t300\tIN\tTYPE65280\t\\# 3 010203\n");
	ck_assert_str_eq(lines_of(z, "wks.example"), "wks.example.\t300\tIN\tWKS\t\\# 6 c000020106ff\n");
	ck_assert_str_eq(lines_of(root, "."), ".\t9\tIN\tNS\ta.\n.\t9\tIN\tSOA\t. . 1 2 3 4 5\n");

	/* under rotation each once; a service without an address has no line */
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	rrbuf_add(b, "\12\0\0\1", 4);
	rrbuf_add(b, "\12\0\0\2", 4);
	rrbuf_rotate(b, &random_rotor, 1);
	zone_put(e, name_of("svc.example"), b);
	zone_mark_service(e, name_of("down.example"), NODE_ALL_DOWN4);
	next = zone_commit(e, &garbage);
	ck_assert_str_eq(lines_of(next, "svc.example"), "svc.example.\t5\tIN\tA\t10.0.0.1\nsvc.example.\t5\tIN\tA\t10.0.0.2\n");
	ck_assert_str_eq(lines_of(next, "down.example"), "");
	garbage_free(garbage);
	rrbuf_free(b);
	zone_free(next);
	zone_free(root);
}
END_TEST

/* Could a master file have these bytes as rdata of a type? */
static bool
is_readable(struct rdata_reader *r, uint16_t type, const uint8_t *rdata, size_t size)
{
	static uint8_t out[RDATA_MAX];
	char text[256];
	int n = snprintf(text, sizeof(text), "\\# %zu ", size);

	for (size_t i = 0; i < size; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%02x", rdata[i]);
	return rdata_read(r, type, text, out) == (int)size && memcmp(out, rdata, size) == 0;
}

/* Any bytes that a master file could have, of any type: what ldns prints as something else is printed in hexadecimal. */
START_TEST(any_bytes_come_back)
{
	struct rdata_reader *r = rdata_reader_new();
	static const char beginnings[] = "\0\1\2\300\14\4\"\\;(a. ";
	unsigned generic = 0, fields = 0;

	srand(21);
	for (unsigned round = 0; round < ROUNDS(20); round++) {
		struct zone_edit *e = zone_edit(zone_of("example", "@ 5 SOA a. b. 1 2 3 4 5\n@ NS a.\n"));
		struct rrbuf *b = rrbuf_new();
		struct garbage *garbage;
		struct zone *z;

		for (uint16_t type = 1; type < 300; type++) {
			uint8_t rdata[64];
			char name[64], *text;
			unsigned size = below(sizeof(rdata));

			for (unsigned i = 0; i < size; i++)
				rdata[i] = (uint8_t)(below(3) == 0 ? (unsigned)rand() : (unsigned)beginnings[below(sizeof(beginnings))]);
			if (type == TYPE_SOA || type_is_meta(type) || !is_readable(r, type, rdata, size))
				continue;
			rrbuf_begin(b, type, CLASS_IN, below(100));
			rrbuf_add(b, rdata, size);
			snprintf(name, sizeof(name), "t%u.example", type);
			zone_put(e, name_of(name), b);
			text = rdata_print(type, rdata, size);
			*(strncmp(text, "\\# ", 3) == 0 ? &generic : &fields) += 1;
			free(text);
		}
		z = zone_commit(e, &garbage);
		garbage_free(garbage);
		check_round_trip(z);
		zone_free(z);
		rrbuf_free(b);
	}
	rdata_reader_free(r);
	ck_assert(generic > ROUNDS(1000) && fields > ROUNDS(200));
}
END_TEST

START_TEST(random_zones_come_back)
{
	srand(22);
	for (unsigned round = 0; round < ROUNDS(200); round++) {
		struct zone *z = zone_of("example", "@ 5 SOA a. b. 1 2 3 4 5\n@ NS a.\n");
		struct zone_edit *e = zone_edit(z);
		struct garbage *garbage;

		for (unsigned i = 0; i < 40; i++) {
			struct rrbuf *b = rrbuf_new();
			uint8_t name[DNAME_MAX];

			random_name(name);
			random_rrset(b);
			/* what else a master file would be refused for */
			if (b->set->type != TYPE_NS && b->set->type != TYPE_DNAME)
				zone_put(e, name, b);
			rrbuf_free(b);
		}
		z = zone_commit(e, &garbage);
		garbage_free(garbage);
		check_round_trip(z);
		zone_free(z);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("print");
	TCase *t = tcase_create("print");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, types_come_back);
	tcase_add_test(t, lines_are_as_people_write_them);
	tcase_add_test(t, any_bytes_come_back);
	tcase_add_test(t, random_zones_come_back);
	suite_add_tcase(s, t);
	return suite_run(s);
}
