/* test_zonefile.c - master files: what is read, and what each mistake is told as. */
#include <fcntl.h>
#include <ldns/ldns.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "zones/node.h"
#include "zones/rrbuf.h"
#include "tests/unit/suite.h"

#define HEAD "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"

/* All messages of a text, a line each. */
static char *
messages_of(const struct diag *d)
{
	static char all[1 << 20];
	size_t n = 0;

	*all = '\0';
	for (size_t i = 0; i < d->count && n < sizeof(all) / 2; i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s\n", d->messages[i]);
	return all;
}

/* Text behind a good zone's beginning (which has 4 lines), and what must be said of it. */
static const struct {
	const char *text, *messages;
} mistakes[] = {
	{ "www A 192.0.2.300\n", "t:5: www.example A: \"192.0.2.300\" is not understood (expected an IPv4 address)\n" },
	{ "www A\n", "t:5: www.example A: \"\" is not understood (expected an IPv4 address)\n" },
	{ "www A 192.0.2.1 192.0.2.2\n",
	  "t:5: www.example A: \"192.0.2.1 192.0.2.2\" is not understood (expected an IPv4 address)\n" },
	{ "www AAAA 192.0.2.1\n", "t:5: www.example AAAA: \"192.0.2.1\" is not understood (expected an IPv6 address)\n" },
	{ "www FOO bar\n", "t:5: www.example: \"FOO\" is no type (expected a mnemonic, or TYPE and a number)\n" },
	{ "www TYPE70000 \\# 0\n", "t:5: www.example: \"TYPE70000\" is no type (expected a mnemonic, or TYPE and a number)\n" },
	{ "www TYPE0 \\# 0\n", "t:5: www.example: \"TYPE0\" is no type (expected a mnemonic, or TYPE and a number)\n" },
	{ "www\n", "t:5: www.example: there is no type (expected one, and its data)\n" },
	{ "www 300 IN\n", "t:5: www.example: there is no type (expected one, and its data)\n" },
	{ "www ANY \\# 0\n",
	  "t:5: www.example: ANY is a type of questions and messages, and in no zone (expected one of records)\n" },
	{ "www TYPE41 \\# 0\n",
	  "t:5: www.example: OPT is a type of questions and messages, and in no zone (expected one of records)\n" },
	{ "www TSIG \\# 0\n",
	  "t:5: www.example: TSIG is a type of questions and messages, and in no zone (expected one of records)\n" },
	{ "www CH A 1.2.3.4\n", "t:5: www.example: the class CH is not served (expected IN)\n" },
	{ "www CLASS9 A 1.2.3.4\n", "t:5: www.example: the class CLASS9 is not served (expected IN)\n" },
	{ "www 2147483648 A 1.2.3.4\n",
	  "t:5: www.example: the TTL 2147483648 is too large (expected at most 2147483647: RFC 2181, 8)\n" },
	{ "www 99999999999999999999w A 1.2.3.4\n",
	  "t:5: www.example: the TTL 99999999999999999999w is too large (expected at most 2147483647: RFC 2181, 8)\n" },
	{ "www MX 10\n", "t:5: www.example MX: \"10\" is not understood (expected a number up to 65535, a name)\n" },
	{ "www MX 65536 a\n", "t:5: www.example MX: \"65536 a\" is not understood (expected a number up to 65535, a name)\n" },
	{ "www MX -1 a\n", "t:5: www.example MX: \"-1 a\" is not understood (expected a number up to 65535, a name)\n" },
	{ "www MX 1 a..b\n", "t:5: www.example MX: \"1 a..b\" is not understood (expected a number up to 65535, a name)\n" },
	{ "www CAA 256 issue \"x\"\n",
	  "t:5: www.example CAA: \"256 issue \"x\"\" is not understood (expected a number up to 255, a tag, text)\n" },
	{ "www WKS 1.2.3.4 tcp smtp\n", "t:5: www.example WKS: \"1.2.3.4 tcp smtp\" is not understood (expected \\# SIZE HEX)\n" },
	{ "www TYPE65280 abc\n", "t:5: www.example TYPE65280: \"abc\" is not understood (expected \\# SIZE HEX)\n" },
	{ "www TYPE65280 \\# 3 01\n", "t:5: www.example TYPE65280: \"\\# 3 01\" is not understood (expected \\# SIZE HEX)\n" },
	{ "www A \\# 3 010203\n", "t:5: www.example A: \"\\# 3 010203\" is not understood (expected an IPv4 address)\n" },
	{ "www HTTPS \\# 0\n",
	  "t:5: www.example HTTPS: \"\\# 0\" is not understood (expected a number up to 65535, a name, key=value parameters)\n" },
	{ "www SVCB \\# 2 0001\n",
	  "t:5: www.example SVCB: \"\\# 2 0001\" is not understood (expected a number up to 65535, a name, key=value parameters)\n" },
	{ "www NS \\# 3 05aabb\n", "t:5: www.example NS: \"\\# 3 05aabb\" is not understood (expected a name)\n" },
	{ "www.other. A 1.2.3.4\n A 1.2.3.5\nx..y A 1.2.3.4\n A 1.2.3.5\n",
	  "t:5: www.other: the owner is outside the zone (expected a name at or below example)\n"
	  "t:7: the owner \"x..y\" is no domain name (expected labels of 1 to 63 bytes, 255 in all)\n" },
	{ "www.other. A 1.2.3.4\n", "t:5: www.other: the owner is outside the zone (expected a name at or below example)\n" },
	{ "a..b A 1.2.3.4\n",
	  "t:5: the owner \"a..b\" is no domain name (expected labels of 1 to 63 bytes, 255 in all)\n" },
	{ "x123456789x123456789x123456789x123456789x123456789x123456789abcd A 1.2.3.4\n",
	  "t:5: the owner \"x123456789x123456789x123456789x123456789x123456789x123456789abcd\" is no domain name"
	  " (expected labels of 1 to 63 bytes, 255 in all)\n" },
	{ "$ORIGIN x123456789x123456789x123456789x123456789x123456789x1234567.example.\n"
	  "$ORIGIN x123456789x123456789x123456789x123456789x123456789x1234567\n"
	  "$ORIGIN x123456789x123456789x123456789x123456789x123456789x1234567\n"
	  "$ORIGIN x123456789x123456789x123456789x123456789x123456789x1234567\n"
	  "x1234567890 A 1.2.3.4\nx12345678 A 1.2.3.4\nfits A 1.2.3\n",
	  "t:9: the owner \"x1234567890\" is no domain name (expected labels of 1 to 63 bytes, 255 in all)\n"
	  "t:11: fits.x123456789x123456789x123456789x123456789x123456789x1234567"
	  ".x123456789x123456789x123456789x123456789x123456789x1234567"
	  ".x123456789x123456789x123456789x123456789x123456789x1234567"
	  ".x123456789x123456789x123456789x123456789x123456789x1234567.example A: \"1.2.3\" is not understood"
	  " (expected an IPv4 address)\n" },
	{ "www TXT \"open\nx A 1.2.3.400\n",
	  "t:5: a quoted string is not closed (expected \" before the end of the line)\n"
	  "t:6: x.example A: \"1.2.3.400\" is not understood (expected an IPv4 address)\n" },
	{ "www TXT ( a\nb\n", "t:5: a parenthesis is not closed before the end of the file\n" },
	{ "www A 1.2.3.4 )\n", "t:5: a parenthesis is closed that was not opened\n" },
	{ "www TXT a\\\n", "t:5: a backslash ends the line (expected a character to escape)\n" },
	{ "www TXT a\\", "t:5: a backslash ends the line (expected a character to escape)\n" },
	{ "$GENERATE 1-2 a$ A 1.2.3.4\n",
	  "t:5: $GENERATE: this is an extension of other servers (expected the records themselves: RFC 1035, 5.1)\n" },
	{ "$FOO\n", "t:5: \"$FOO\" is no directive (expected $ORIGIN, $TTL or $INCLUDE)\n" },
	{ "$TTL never\n", "t:5: $TTL: \"never\" is no TTL (expected 0 to 2147483647, alone)\n" },
	{ "$TTL 1 2\n", "t:5: $TTL: \"1\" is no TTL (expected 0 to 2147483647, alone)\n" },
	{ "$ORIGIN a..b\n", "t:5: $ORIGIN: \"a..b\" is no domain name (expected one, alone)\n" },
	{ "$ORIGIN\n", "t:5: $ORIGIN: \"\" is no domain name (expected one, alone)\n" },
	{ "$INCLUDE x\n", "t:5: $INCLUDE: no file can be included here (expected records)\n" },
	{ "www CNAME a\nwww A 1.2.3.4\n",
	  "t:6: www.example A: there is a CNAME at this name (expected it alone: RFC 2181, 10.1)\n" },
	{ "www A 1.2.3.4\nx A 1.2.3.4\nWWW CNAME a\n",
	  "t:7: www.example CNAME: there is other data at this name (expected the CNAME alone: RFC 2181, 10.1)\n" },
	{ "www CNAME a\nx A 1.2.3.4\nwww CNAME b\n",
	  "t:7: www.example CNAME: there is another CNAME (expected one: RFC 2181, 10.1)\n" },
	{ "www DNAME a\nwww DNAME b\n", "t:6: www.example DNAME: there is another DNAME (expected one: RFC 6672, 2.4)\n" },
	{ "@ SOA a b 1 2 3 4 5\n", "t:5: example SOA: there is another SOA (expected exactly one)\n" },
	{ "www SOA a b 1 2 3 4 5\n",
	  "t:5: www.example SOA: an SOA below the apex (expected it at the zone's name alone)\n" },
	{ "sub NS ns.sub\n",
	  "t:5: sub.example NS: the name server is at or below the cut and has no address here (expected glue: an A or AAAA)\n" },
	{ "sub NS sub\n",
	  "t:5: sub.example NS: the name server is at or below the cut and has no address here (expected glue: an A or AAAA)\n" },
	{ "sub NS ns2\n", "t:5: sub.example NS: the name server is in the zone and does not exist (expected an A or AAAA)\n" },
	{ "@ NS gone\n", "t:5: example NS: the name server is in the zone and does not exist (expected an A or AAAA)\n" },
	{ "sub NS al\nal CNAME ns\n",
	  "t:5: sub.example NS: the name server is an alias (expected a name with addresses: RFC 2181, 10.3)\n" },
	{ "@ NS x.d\nd DNAME other.\n",
	  "t:5: example NS: the name server is an alias (expected a name with addresses: RFC 2181, 10.3)\n" },
	{ "d NS ns\nd DNAME x.\n",
	  "t:6: d.example DNAME: there are both NS and DNAME at this name (expected one of them: RFC 6672, 2.3)\n" },
	/* what is missing because its own line was refused is not told twice */
	{ "@ NS ns2\nns2 A 1.2.3\n", "t:6: ns2.example A: \"1.2.3\" is not understood (expected an IPv4 address)\n" },
	/* all in one run, each with its line */
	{ "a A x\n( b A\ny )\n\n; comment\n c A z\nc (\n A\n z\n) ; end\nd A z\n",
	  "t:5: a.example A: \"x\" is not understood (expected an IPv4 address)\n"
	  "t:6: b.example A: \"y\" is not understood (expected an IPv4 address)\n"
	  "t:10: b.example: \"c\" is no type (expected a mnemonic, or TYPE and a number)\n"
	  "t:11: c.example A: \"z\" is not understood (expected an IPv4 address)\n"
	  "t:15: d.example A: \"z\" is not understood (expected an IPv4 address)\n" },
};

START_TEST(each_mistake)
{
	char text[4096];
	struct diag d = { 0 };

	snprintf(text, sizeof(text), "%s%s", HEAD, mistakes[_i].text);
	ck_assert_ptr_null(zone_parse(name_of("example"), text, strlen(text), "t", &d));
	ck_assert_str_eq(messages_of(&d), mistakes[_i].messages);
	diag_clear(&d);
}
END_TEST

static void
expect_messages(const char *text, size_t size, const char *messages)
{
	struct diag d = { 0 };

	ck_assert_ptr_null(zone_parse(name_of("example"), text, size, "t", &d));
	ck_assert_str_eq(messages_of(&d), messages);
	diag_clear(&d);
}

START_TEST(mistakes_of_the_whole)
{
	static const char nul[] = HEAD "www TXT a\0b\n";
	static const char neither[] = "t: example SOA: there is none (expected it at the zone's apex)\n"
	    "t: example NS: there is none (expected it at the zone's apex)\n";

	expect_messages("", 0, neither);
	expect_messages("; nothing\n\n", 11, neither);
	expect_messages("@ 1 NS ns.x.\n", 13, "t: example SOA: there is none (expected it at the zone's apex)\n");
	expect_messages("@ SOA a.x. b.x. 1 2 3 4 5\n", 26, "t: example NS: there is none (expected it at the zone's apex)\n");
	expect_messages("@ A 1.2.3.4\n", 12, "t:1: example A: there is no TTL (expected one here, before, or $TTL)\n");
	expect_messages(" A 1.2.3.4\n", 11, "t:1: there is no owner (expected one: no record with an owner is before this one)\n"
	    "t: example SOA: there is none (expected it at the zone's apex)\n"
	    "t: example NS: there is none (expected it at the zone's apex)\n");
	expect_messages(nul, sizeof(nul) - 1, "t:5: a NUL byte (expected text)\n");
}
END_TEST

START_TEST(an_rrset_too_large)
{
	size_t room = 1 << 20, n;
	char *text = malloc(room);

	n = (size_t)snprintf(text, room, "%s", HEAD);
	for (unsigned i = 0; i < 4063; i++)
		n += (size_t)snprintf(text + n, room - n, "w A 10.0.%u.%u\n", i >> 8, i & 255);
	expect_messages(text, n, "t:4067: w.example A: the RRset is larger than 65000 bytes\n");
	free(text);
}
END_TEST

START_TEST(a_line_too_long)
{
	char *text = malloc(200000);
	size_t n = (size_t)sprintf(text, "%sw TXT", HEAD);

	for (unsigned i = 0; i < 400; i++)
		n += (size_t)sprintf(text + n, " \"%0200u\"", i);
	n += (size_t)sprintf(text + n, "\nx A q\n");
	expect_messages(text, n, "t:5: the line is longer than 65535 characters\n"
	    "t:6: x.example A: \"q\" is not understood (expected an IPv4 address)\n");
	free(text);
}
END_TEST

START_TEST(messages_are_bounded)
{
	char *text = malloc(200000);
	struct diag d = { 0 };
	size_t n = 0;

	for (unsigned i = 0; i < 5000; i++)
		n += (size_t)sprintf(text + n, "h%u 1 A q\n", i);
	ck_assert_ptr_null(zone_parse(name_of("example"), text, n, "t", &d));
	ck_assert_uint_eq(d.count, DIAG_MAX);
	ck_assert_uint_eq(d.dropped, 4000 + 2);
	diag_clear(&d);
	free(text);
}
END_TEST

/* ---- what is read ---- */

/* The RRset at a name as ldns prints it. */
static const char *
rrset_text(const struct zone *z, const char *name, uint16_t type)
{
	static char all[65536];
	const struct node *n = zone_at(z, name_of(name));
	const struct rrset *s = n != NULL ? node_rrset(n, type) : NULL;
	const uint8_t *at = s != NULL ? s->bytes : NULL;
	size_t used = 0;

	*all = '\0';
	for (unsigned i = 0; s != NULL && i < s->count; i++) {
		uint8_t wire[12 + DNAME_MAX + 70000] = { 0 };
		size_t length = dname_length(n->name), pos = 12;
		struct rr rr;
		const uint8_t *next = rr_read(at, &rr);
		ldns_rr *parsed = NULL;
		char *text;

		memcpy(wire + 12, n->name, length);
		memcpy(wire + 12 + length, at + 2, (size_t)(next - at) - 2);
		ck_assert_int_eq(ldns_wire2rr(&parsed, wire, 12 + length + (size_t)(next - at) - 2, &pos, LDNS_SECTION_ANSWER), 0);
		text = ldns_rr2str(parsed);
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s", text);
		free(text);
		ldns_rr_free(parsed);
		at = next;
	}
	return all;
}

/* An RR of each type that ldns can read, and how ldns itself understands it. */
static const char *const records[] = {
	"A 192.0.2.1", "NS ns", "MD a", "MF a", "MB a", "MG a", "MR a", "NULL \\# 2 abcd", "PTR a.b.c.",
	"HINFO \"a b\" c", "MINFO a b", "MX 10 Mail", "TXT \"a;b\" \"c (d)\" e\\\"f \"g\\\"h\" \\;i \\200\\000",
	"RP a b", "AFSDB 1 a", "X25 \"311061700956\"", "ISDN \"150862028003217\" \"004\"", "RT 10 a",
	"NSAP 0x47000580ffff000000321099991111222233334444", "SIG A 8 2 300 20300101000000 20200101000000 1 example. AAAA",
	"KEY 256 3 5 AQPSKmynfzW4", "PX 10 a b", "GPOS -32.6882 116.8652 10.0", "AAAA 2001:db8::1", "LOC 1 2 3.000 N 4 5 6.000 E 7m 8m 9m 10m",
	"NXT \\# 4 0161002a", "SRV 1 2 3 T", "NAPTR 1 2 \"S\" \"h\" \"!^.*$!x!\" .", "KX 1 a", "CERT 1 2 3 AAAA", "DNAME a",
	"APL 1:192.0.2.0/24 !2:2001:db8::/32", "DS 1 8 2 0011223344556677889900112233445566778899001122334455667788990011",
	"SSHFP 1 1 0011223344556677889900112233445566778899", "IPSECKEY 10 1 2 192.0.2.1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
	"RRSIG A 8 2 300 20300101000000 20200101000000 1 example. AAAA", "NSEC b A NS TYPE65280", "DNSKEY 256 3 8 AwEAAcw5",
	"DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", "NSEC3 1 0 10 ab 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
	"NSEC3PARAM 1 0 10 ab", "TLSA 3 1 1 0011223344556677889900112233445566778899001122334455667788990011",
	"SMIMEA 3 1 1 0011", "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs.example.com.",
	"CDS 1 8 2 0011", "CDNSKEY 256 3 8 AwEAAcw5", "OPENPGPKEY AwEAAcw5", "CSYNC 66 3 A NS AAAA",
	"ZONEMD 1 1 1 00112233445566778899001122334455667788990011223344556677889900110011223344556677889900112233445566",
	"SVCB 1 a alpn=h2 port=53", "HTTPS 1 . alpn=\"h2,h3\" ipv4hint=192.0.2.1,192.0.2.2", "SPF \"v=spf1 -all\"", "NID 10 14:4fff:ff20:ee64",
	"L32 10 10.1.2.0", "L64 10 2001:db8:1140:1000", "LP 10 a", "EUI48 00-00-5e-00-53-2a", "EUI64 00-00-5e-ef-10-00-00-2a",
	"URI 10 1 \"ftp://x/\"", "CAA 0 issue \"ca.example; x=y\"", "TYPE260 \\# 6 0a01c0000201", "TYPE65280 \\# 3 00ff10",
	"TYPE65281 \\# 0", "A \\# 4 c0000201", "MX \\# 5 000a 016100",
};

/* Two blanks are one: ldns prints some types with more if it read them from text. */
static const char *
squeeze(const char *text)
{
	static char out[2][65536];
	static unsigned turn;
	char *to = out[turn++ % 2], *start = to;

	for (; *text != '\0'; text++)
		if (*text != ' ' || (text[1] != ' ' && text[1] != '\n'))
			*to++ = *text;
	*to = '\0';
	return start;
}

START_TEST(each_type)
{
	char text[2048], line[1024], *expected;
	ldns_rdf *origin = ldns_dname_new_frm_str("example.");
	ldns_rr *rr = NULL;
	struct zone *z;

	snprintf(text, sizeof(text), "$TTL 300\n@ SOA ns.x. h 1 2 3 4 5\n@ NS ns.x.\nns A 192.0.2.1\nw %s\n", records[_i]);
	snprintf(line, sizeof(line), "w.example. 300 IN %s", records[_i]);
	ck_assert_msg(ldns_rr_new_frm_str(&rr, line, 0, origin, NULL) == LDNS_STATUS_OK, "ldns cannot read %s", line);
	expected = ldns_rr2str(rr);
	z = zone_of("example", text);
	ck_assert_str_eq(squeeze(rrset_text(z, "w.example", (uint16_t)ldns_rr_get_type(rr))), squeeze(expected));
	zone_free(z);
	free(expected);
	ldns_rr_free(rr);
	ldns_rdf_deep_free(origin);
}
END_TEST

START_TEST(forms_of_lines)
{
	struct zone *z = zone_of("example",
	    "$TTL 1h\n"
	    "example. IN SOA ns h ( 1 ; serial\n"
	    "\t2 3 \r\n"
	    "\t4\t5 )\n"
	    "\tNS\tns\r\n"
	    "ns IN 5 A 192.0.2.1\n"
	    "   1d2H3m4s in A 192.0.2.2\n"
	    "$origin sub\n"
	    "a A 192.0.2.3\n"
	    "@ A 192.0.2.4\n"
	    "rel CNAME a\n"
	    "abs CNAME A.\n"
	    "$ORIGIN .\n"
	    "top.example A 192.0.2.5\n"
	    "$ORIGIN example.\n"
	    "dot\\.ted A 192.0.2.6\n"
	    "spa\\ ce A 192.0.2.7\n"
	    "\\065b A 192.0.2.8\n"
	    "\\@ A 192.0.2.9\n"
	    "esc\\. A 192.0.2.13\n"
	    "(par A 192.0.2.10)\n"
	    "txt TXT(a \"b  c\")d\n"
	    "CLASS1 CLASS1 TYPE1 192.0.2.11\n"
	    "in IN A 192.0.2.12");

	ck_assert_str_eq(rrset_text(z, "example", TYPE_SOA), "example.\t3600\tIN\tSOA\tns.example. h.example. 1 2 3 4 5\n");
	ck_assert_str_eq(rrset_text(z, "example", TYPE_NS), "example.\t3600\tIN\tNS\tns.example.\n");
	ck_assert_str_eq(rrset_text(z, "ns.example", TYPE_A), "ns.example.\t5\tIN\tA\t192.0.2.1\nns.example.\t5\tIN\tA\t192.0.2.2\n");
	ck_assert_str_eq(rrset_text(z, "a.sub.example", TYPE_A), "a.sub.example.\t3600\tIN\tA\t192.0.2.3\n");
	ck_assert_str_eq(rrset_text(z, "sub.example", TYPE_A), "sub.example.\t3600\tIN\tA\t192.0.2.4\n");
	ck_assert_str_eq(rrset_text(z, "rel.sub.example", TYPE_CNAME), "rel.sub.example.\t3600\tIN\tCNAME\ta.sub.example.\n");
	ck_assert_str_eq(rrset_text(z, "abs.sub.example", TYPE_CNAME), "abs.sub.example.\t3600\tIN\tCNAME\tA.\n");
	ck_assert_str_ne(rrset_text(z, "top.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "dot\\.ted.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "spa\\ ce.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "ab.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "\\@.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "esc\\..example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "par.example", TYPE_A), "");
	ck_assert_str_eq(rrset_text(z, "txt.example", TYPE_TXT), "txt.example.\t3600\tIN\tTXT\t\"a\" \"b  c\" \"d\"\n");
	ck_assert_str_ne(rrset_text(z, "class1.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "in.example", TYPE_A), "");
	zone_free(z);
}
END_TEST

START_TEST(ttls_without_a_default)
{
	struct zone *z = zone_of("example", "@ SOA ns.x. h 1 2 3 4 77\n@ NS ns.x.\na 5 A 192.0.2.1\nb A 192.0.2.1\n$TTL 9\nc A 192.0.2.1\n");

	ck_assert_str_eq(rrset_text(z, "example", TYPE_NS), "example.\t77\tIN\tNS\tns.x.\n");
	ck_assert_str_eq(rrset_text(z, "b.example", TYPE_A), "b.example.\t5\tIN\tA\t192.0.2.1\n");
	ck_assert_str_eq(rrset_text(z, "c.example", TYPE_A), "c.example.\t9\tIN\tA\t192.0.2.1\n");
	zone_free(z);
}
END_TEST

/* Long TXT data, near what a line and an RRset hold. */
START_TEST(long_text)
{
	char *text = malloc(100000);
	size_t n = (size_t)sprintf(text, "%sw TXT", HEAD);
	const struct rrset *s;
	struct zone *z;

	for (unsigned i = 0; i < 250; i++)
		n += (size_t)sprintf(text + n, " \"%0250u\"", i);
	sprintf(text + n, "\n");
	z = zone_of("example", text);
	s = node_rrset(zone_at(z, name_of("w.example")), TYPE_TXT);
	ck_assert_uint_eq(s->size, 12 + 250 * 251);
	zone_free(z);
	free(text);
}
END_TEST

START_TEST(what_is_tolerated)
{
	struct zone *z = zone_of("example", HEAD
	    "hidden.sub A 192.0.2.9\nsub NS ns.elsewhere.\n"
	    "sib NS ns.sub2\nsub2 NS ns.elsewhere.\n"      /* sibling glue may be missing: RFC 9471, 2.2 */
	    "svc TXT \"a service lives here\"\n@ NS svc\n"
	    "al CNAME ns\n@ MX 10 al\nal RRSIG CNAME 8 2 300 20300101000000 20200101000000 1 example. AAAA\n"
	    "al NSEC b CNAME RRSIG NSEC\n"
	    "* A 192.0.2.3\nwild NS anything\n"
	    "www A 192.0.2.1\nwww A 192.0.2.1\nWWW A 192.0.2.1\n");

	ck_assert_uint_eq(node_rrset(zone_at(z, name_of("www.example")), TYPE_A)->count, 1);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("al.example"))), NODE_CNAME);
	zone_free(z);
}
END_TEST

/* ---- files ---- */

static char folder[] = "/tmp/homing-zonefile-XXXXXX";

static void
file_write(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const char *
file_path(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Messages of loading a file, the folder's name taken out. */
static const char *
load_messages(const char *name)
{
	static char out[1 << 20];
	struct diag d = { 0 };
	struct zone *z = zone_load(name_of("example"), file_path(name), &d);
	char *to = out;

	zone_free(z);
	for (const char *p = messages_of(&d); *p != '\0';) {
		if (strncmp(p, folder, strlen(folder)) == 0)
			p += strlen(folder);
		else
			*to++ = *p++;
	}
	*to = '\0';
	diag_clear(&d);
	return out;
}

START_TEST(files_that_include_files)
{
	struct diag d = { 0 };
	struct zone *z;

	file_write("main", HEAD "before A 192.0.2.1\n$INCLUDE inner/a sub\n A 192.0.2.2\nafter A 192.0.2.3\nalso CNAME after\n$INCLUDE \"inner/b\"\n");
	mkdir(file_path("inner"), 0700);
	file_write("inner/a", "a A 192.0.2.4\n$ORIGIN deeper\nb A 192.0.2.5\n$INCLUDE b\n");
	file_write("inner/b", "c A 192.0.2.6\n");
	z = zone_load(name_of("example"), file_path("main"), &d);
	ck_assert_str_eq(messages_of(&d), "");
	ck_assert_str_ne(rrset_text(z, "a.sub.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "b.deeper.sub.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "c.deeper.sub.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "c.example", TYPE_A), "");
	ck_assert_str_ne(rrset_text(z, "after.example", TYPE_A), "");
	ck_assert_str_eq(rrset_text(z, "also.example", TYPE_CNAME), "also.example.\t300\tIN\tCNAME\tafter.example.\n");
	ck_assert_uint_eq(node_rrset(zone_at(z, name_of("before.example")), TYPE_A)->count, 2);
	zone_free(z);
}
END_TEST

START_TEST(files_with_mistakes)
{
	file_write("outer", HEAD "a A x\n$INCLUDE broken\nb A y\n$INCLUDE gone\n$INCLUDE\n$INCLUDE broken a b\n$INCLUDE broken a..b\n");
	file_write("broken", "\nc A z\n");
	ck_assert_str_eq(load_messages("outer"),
	    "/outer:5: a.example A: \"x\" is not understood (expected an IPv4 address)\n"
	    "/broken:2: c.example A: \"z\" is not understood (expected an IPv4 address)\n"
	    "/outer:7: b.example A: \"y\" is not understood (expected an IPv4 address)\n"
	    "/outer:8: $INCLUDE: /gone: No such file or directory (expected a master file)\n"
	    "/outer:9: $INCLUDE: this is not understood (expected a file's name, and perhaps an origin)\n"
	    "/outer:10: $INCLUDE: this is not understood (expected a file's name, and perhaps an origin)\n"
	    "/outer:11: $INCLUDE: \"a..b\" is no domain name (expected the origin for the file)\n");
	ck_assert_str_eq(load_messages("nowhere"), "/nowhere: No such file or directory (expected a master file)\n");
	ck_assert_str_eq(load_messages("."), "/.:1: Is a directory (expected a master file)\n");
	file_write("loop", "$INCLUDE loop\n");
	ck_assert_str_eq(load_messages("loop"),
	    "/loop:1: $INCLUDE: too many files (expected at most 16 inside each other, and 1000 in all)\n"
	    "/loop: example SOA: there is none (expected it at the zone's apex)\n"
	    "/loop: example NS: there is none (expected it at the zone's apex)\n");
	file_write("loop2", "$INCLUDE loop2\n$INCLUDE loop2\n");
	ck_assert_str_ne(load_messages("loop2"), "");
}
END_TEST

static void
folder_make(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
folder_remove(void)
{
	static const char *const files[] = { "main", "inner/a", "inner/b", "inner", "outer", "broken", "loop", "loop2", "" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		remove(file_path(files[i]));
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
}

int
main(void)
{
	Suite *s = suite_create("zonefile");
	TCase *t = tcase_create("text"), *f = tcase_create("files");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, each_mistake, 0, sizeof(mistakes) / sizeof(*mistakes));
	tcase_add_loop_test(t, each_type, 0, sizeof(records) / sizeof(*records));
	tcase_add_test(t, mistakes_of_the_whole);
	tcase_add_test(t, an_rrset_too_large);
	tcase_add_test(t, a_line_too_long);
	tcase_add_test(t, messages_are_bounded);
	tcase_add_test(t, forms_of_lines);
	tcase_add_test(t, ttls_without_a_default);
	tcase_add_test(t, long_text);
	tcase_add_test(t, what_is_tolerated);
	tcase_add_checked_fixture(f, folder_make, folder_remove);
	tcase_set_timeout(f, 60);
	tcase_add_test(f, files_that_include_files);
	tcase_add_test(f, files_with_mistakes);
	suite_add_tcase(s, t);
	suite_add_tcase(s, f);
	return suite_run(s);
}
