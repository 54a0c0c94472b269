/* test_update.c - RFC 2136, section 3, clause by clause. */
#include "tests/unit/suite.h"
#include "updating.h"

static const char zone_file[] =
    "example. 300 IN SOA ns1.example. root.example. 100 3600 600 86400 60\n"
    "example. 300 IN NS ns1.example.\n"
    "example. 300 IN NS ns2.example.\n"
    "example. 300 IN MX 10 mail.example.\n"
    "ns1.example. 300 IN A 192.0.2.53\n"
    "ns2.example. 300 IN A 192.0.2.54\n"
    "www.example. 300 IN A 192.0.2.80\n"
    "www.example. 300 IN A 192.0.2.81\n"
    "www.example. 300 IN TXT \"Text\"\n"
    "alias.example. 300 IN CNAME www.example.\n"
    "*.wild.example. 300 IN A 192.0.2.99\n"
    "a.empty.example. 300 IN A 192.0.2.98\n"
    "tree.example. 300 IN DNAME other.test.\n"
    "sub.example. 300 IN NS ns.sub.example.\n"
    "ns.sub.example. 300 IN A 192.0.2.97\n"
    "mail.example. 300 IN A 192.0.2.25\n";

/* One update of zone_file: what comes of it, and lines that the zone then has or, after a '!', has not. */
struct update_case {
	const char *clause;
	const char *update;
	enum rcode rcode;
	size_t changed;
	const char *lines[4];
};

static bool
text_has(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return true;
	return false;
}

static void
case_run(const struct update_case *c, const char *service)
{
	struct updated t;
	struct update_result r;
	char *before, *after;

	updated_begin(&t, zone_file);
	if (service != NULL)
		updated_serve(&t, service, false);
	before = zone_text(t.zone);
	r = updated_by(&t, c->update);
	after = zone_text(t.zone);
	ck_assert_msg(r.rcode == c->rcode, "%s: RCODE %d, not %d: %s", c->clause, r.rcode, c->rcode, r.why != NULL ? r.why : "");
	ck_assert_msg(r.changed == c->changed, "%s: %zu changed, not %zu", c->clause, r.changed, c->changed);
	ck_assert_msg((strcmp(before, after) == 0) == (c->changed == 0), "%s: the zone\n%s", c->clause, after);
	for (size_t i = 0; i < 4 && c->lines[i] != NULL; i++)
		if (*c->lines[i] == '!')
			ck_assert_msg(!text_has(after, c->lines[i] + 1), "%s: %s in\n%s", c->clause, c->lines[i], after);
		else
			ck_assert_msg(text_has(after, c->lines[i]), "%s: no %s in\n%s", c->clause, c->lines[i], after);
	ck_assert_msg(zone_is_sound(t.zone), "%s", c->clause);
	free(before);
	free(after);
	updated_end(&t);
}

static const struct update_case prerequisites[] = {
	{ "2.4.1 RRset exists", "yxrrset www.example A\nadd x.example 5 A 192.0.2.1", RCODE_NOERROR, 1, { "x.example.\t5\tIN\tA\t192.0.2.1" } },
	{ "2.4.1 RRset does not exist", "yxrrset www.example AAAA\nadd x.example 5 A 192.0.2.1", RCODE_NXRRSET, 0 },
	{ "2.4.1 nor the name", "yxrrset nowhere.example A", RCODE_NXRRSET, 0 },
	{ "2.4.2 RRset is that", "yxrrset www.example A 192.0.2.81\nyxrrset www.example A 192.0.2.80", RCODE_NOERROR, 0 },
	{ "2.4.2 RRset is more", "yxrrset www.example A 192.0.2.80", RCODE_NXRRSET, 0 },
	{ "2.4.2 RRset is less", "yxrrset www.example A 192.0.2.80\nyxrrset www.example A 192.0.2.81\nyxrrset www.example A 192.0.2.82", RCODE_NXRRSET, 0 },
	{ "2.4.2 RRset is another", "yxrrset www.example A 192.0.2.80\nyxrrset www.example A 192.0.2.82", RCODE_NXRRSET, 0 },
	{ "2.4.2 there is none", "yxrrset www.example AAAA 2001:db8::1", RCODE_NXRRSET, 0 },
	{ "2.4.2 the same twice is once", "yxrrset mail.example A 192.0.2.25\nyxrrset mail.example A 192.0.2.25", RCODE_NOERROR, 0 },
	{ "2.4.2 names compare without case (1.1.2)", "yxrrset alias.example CNAME WWW.Example.", RCODE_NOERROR, 0 },
	{ "2.4.2 text compares with case", "yxrrset www.example TXT \"text\"", RCODE_NXRRSET, 0 },
	{ "2.4.2 several RRsets, one wrong", "yxrrset mail.example A 192.0.2.25\nyxrrset www.example TXT \"Text\"\nyxrrset ns1.example A 192.0.2.1", RCODE_NXRRSET, 0 },
	{ "2.4.2 interleaved", "yxrrset www.example A 192.0.2.80\nyxrrset mail.example A 192.0.2.25\nyxrrset www.example A 192.0.2.81", RCODE_NOERROR, 0 },
	{ "2.4.3 RRset does not exist", "nxrrset www.example AAAA", RCODE_NOERROR, 0 },
	{ "2.4.3 it does", "nxrrset www.example A", RCODE_YXRRSET, 0 },
	{ "2.4.4 name is in use", "yxdomain www.example", RCODE_NOERROR, 0 },
	{ "2.4.4 it is not", "yxdomain nowhere.example", RCODE_NXDOMAIN, 0 },
	{ "2.4.4 an empty non-terminal is not", "yxdomain empty.example", RCODE_NXDOMAIN, 0 },
	{ "2.4.4 below a cut it is", "yxdomain ns.sub.example", RCODE_NOERROR, 0 },
	{ "2.4.5 name is not in use", "nxdomain nowhere.example", RCODE_NOERROR, 0 },
	{ "2.4.5 it is", "nxdomain www.example", RCODE_YXDOMAIN, 0 },
	{ "2.4.5 an empty non-terminal is not", "nxdomain empty.example", RCODE_NOERROR, 0 },
	{ "1.1.3 wildcards are names", "yxdomain x.wild.example", RCODE_NXDOMAIN, 0 },
	{ "1.1.3 and match themselves", "yxdomain *.wild.example", RCODE_NOERROR, 0 },
	{ "1.1.4 aliases are not followed", "yxrrset alias.example A", RCODE_NXRRSET, 0 },
	{ "3.2.1 a TTL", "rr p www.example 1 255 A", RCODE_FORMERR, 0 },
	{ "3.2.1 a TTL, class NONE", "rr p www.example 1 254 AAAA", RCODE_FORMERR, 0 },
	{ "3.2.1 a TTL, class IN", "rr p www.example 1 1 A c0000250", RCODE_FORMERR, 0 },
	{ "3.2.2 outside the zone", "rr p www.test 0 255 A", RCODE_NOTZONE, 0 },
	{ "3.2.2 outside the zone, class IN", "rr p www.test 0 1 A c0000250", RCODE_NOTZONE, 0 },
	{ "3.2.1 data with class ANY", "rr p www.example 0 255 A c0000250", RCODE_FORMERR, 0 },
	{ "3.2.1 data with class NONE", "rr p www.example 0 254 AAAA c0000250", RCODE_FORMERR, 0 },
	{ "2.4.2 of an address and protocol two WKS are none that can be", "rr p www.example 0 1 11 c00002500601\nrr p www.example 0 1 11 c00002500602\n"
	    "add www.example 5 TYPE11 \\# 6 c00002500602", RCODE_NXRRSET, 0 },
	{ "data that the type does not have", "rr p www.example 0 1 A c00002", RCODE_FORMERR, 0 },
	{ "3.2.4 another class", "rr p www.example 0 3 A", RCODE_FORMERR, 0 },
	{ "3.2.5 the first that fails decides", "yxdomain nowhere.example\nnxdomain www.example\nrr p www.example 1 255 A", RCODE_NXDOMAIN, 0 },
	{ "3.2.5 sets are compared last", "yxrrset mail.example A 192.0.2.1\nnxdomain www.example", RCODE_YXDOMAIN, 0 },
	{ "3.4 prerequisites come before the prescan", "nxdomain www.example\nadd www.test 5 A 192.0.2.1", RCODE_YXDOMAIN, 0 },
	{ "3.2 no prerequisite sees the changes", "nxdomain x.example\nadd x.example 5 A 192.0.2.1", RCODE_NOERROR, 1 },
};

START_TEST(test_prerequisites)
{
	case_run(&prerequisites[_i], NULL);
}
END_TEST

static const struct update_case prescans[] = {
	{ "3.4.1.3 outside the zone", "add x.example 5 A 192.0.2.1\nadd www.test 5 A 192.0.2.1", RCODE_NOTZONE, 0 },
	{ "3.4.1.3 above the zone", "del .", RCODE_NOTZONE, 0 },
	{ "3.4.1.2 adding ANY", "rr u www.example 5 1 ANY", RCODE_FORMERR, 0 },
	{ "3.4.1.2 adding AXFR", "rr u www.example 5 1 AXFR", RCODE_FORMERR, 0 },
	{ "3.4.1.2 adding MAILA", "rr u www.example 5 1 254", RCODE_FORMERR, 0 },
	{ "3.4.1.2 adding OPT", "rr u www.example 5 1 41", RCODE_FORMERR, 0 },
	{ "3.4.1.2 adding TSIG", "rr u www.example 5 1 250", RCODE_FORMERR, 0 },
	{ "3.4.1.2 adding type 0", "rr u www.example 5 1 0", RCODE_FORMERR, 0 },
	{ "3.4.1.2 removing RRsets with a TTL", "rr u www.example 5 255 A", RCODE_FORMERR, 0 },
	{ "3.4.1.2 removing RRsets with data", "rr u www.example 0 255 A c0000250", RCODE_FORMERR, 0 },
	{ "3.4.1.2 removing RRsets of AXFR", "rr u www.example 0 255 AXFR", RCODE_FORMERR, 0 },
	{ "3.4.1.2 removing an RR with a TTL", "rr u www.example 5 254 A c0000250", RCODE_FORMERR, 0 },
	{ "3.4.1.2 removing an RR of ANY", "rr u www.example 0 254 ANY", RCODE_FORMERR, 0 },
	{ "3.4.1.2 another class", "rr u www.example 0 3 A c0000250", RCODE_FORMERR, 0 },
	{ "data that A does not have", "rr u www.example 5 1 A c00002", RCODE_FORMERR, 0 },
	{ "nor to remove", "rr u www.example 0 254 A c00002", RCODE_FORMERR, 0 },
	{ "3.4.1 nothing is done before all is seen", "add x.example 5 A 192.0.2.1\nrr u www.example 0 3 A", RCODE_FORMERR, 0 },
	{ "the first decides", "add x.test 5 A 192.0.2.1\nrr u www.example 0 3 A", RCODE_NOTZONE, 0 },
};

START_TEST(test_prescan)
{
	case_run(&prescans[_i], NULL);
}
END_TEST

static const struct update_case changes[] = {
	{ "2.5.1 add to an RRset", "add www.example 300 A 192.0.2.82", RCODE_NOERROR, 1,
	    { "www.example.\t300\tIN\tA\t192.0.2.80", "www.example.\t300\tIN\tA\t192.0.2.82" } },
	{ "2.5.1 add a type", "add www.example 300 AAAA 2001:db8::1", RCODE_NOERROR, 1, { "www.example.\t300\tIN\tAAAA\t2001:db8::1" } },
	{ "2.5.1 add a name", "add New.Example 9 MX 5 Mail.Example.", RCODE_NOERROR, 1, { "new.example.\t9\tIN\tMX\t5 Mail.Example." } },
	{ "3.4.2.2 a duplicate changes nothing", "add www.example 300 A 192.0.2.80", RCODE_NOERROR, 0 },
	{ "3.4.2.2 another TTL is all RRs'", "add www.example 60 A 192.0.2.80", RCODE_NOERROR, 1,
	    { "www.example.\t60\tIN\tA\t192.0.2.80", "www.example.\t60\tIN\tA\t192.0.2.81", "!www.example.\t300\tIN\tA\t192.0.2.81" } },
	{ "3.4.2.2 a new RR's TTL too", "add www.example 61 A 192.0.2.82", RCODE_NOERROR, 1, { "www.example.\t61\tIN\tA\t192.0.2.81" } },
	{ "a TTL beyond 2^31 is 0 (RFC 2181, 8)", "add www.example 2147483648 A 192.0.2.80", RCODE_NOERROR, 1, { "www.example.\t0\tIN\tA\t192.0.2.81" } },
	{ "3.4.2.2 an unknown type", "add www.example 5 TYPE65280 \\# 3 010203", RCODE_NOERROR, 1, { "www.example.\t5\tIN\tTYPE65280\t\\# 3 010203" } },
	{ "1.1.3 a wildcard", "add *.www.example 5 A 192.0.2.1\ndel *.wild.example", RCODE_NOERROR, 2, { "!*.wild.example.\t300\tIN\tA\t192.0.2.99" } },
	{ "3.4.2.2 CNAME where others are", "add www.example 5 CNAME mail.example.", RCODE_NOERROR, 0 },
	{ "3.4.2.2 others where a CNAME is", "add alias.example 5 A 192.0.2.1", RCODE_NOERROR, 0 },
	{ "3.4.2.2 a CNAME replaces a CNAME", "add alias.example 5 CNAME mail.example.", RCODE_NOERROR, 1,
	    { "alias.example.\t5\tIN\tCNAME\tmail.example.", "!alias.example.\t300\tIN\tCNAME\twww.example." } },
	{ "3.4.2.2 by itself", "add alias.example 300 CNAME www.example.", RCODE_NOERROR, 0 },
	{ "KEY stands beside a CNAME", "add alias.example 5 KEY 256 3 8 AQAB", RCODE_NOERROR, 1 },
	{ "and a CNAME beside KEY", "add key.example 5 KEY 256 3 8 AQAB\nadd key.example 5 CNAME www.example.", RCODE_NOERROR, 2 },
	{ "a CNAME below, then others in its place", "del alias.example CNAME\nadd alias.example 5 A 192.0.2.1", RCODE_NOERROR, 2,
	    { "alias.example.\t5\tIN\tA\t192.0.2.1" } },
	{ "others gone, then a CNAME", "del www.example\nadd www.example 5 CNAME mail.example.", RCODE_NOERROR, 3,
	    { "www.example.\t5\tIN\tCNAME\tmail.example.", "!www.example.\t300\tIN\tTXT\t\"Text\"" } },
	{ "a CNAME at the apex", "add example 5 CNAME www.example.", RCODE_NOERROR, 0 },
	{ "a DNAME replaces a DNAME", "add tree.example 5 DNAME else.test.", RCODE_NOERROR, 1, { "!tree.example.\t300\tIN\tDNAME\tother.test." } },
	{ "a DNAME beside data", "add www.example 5 DNAME else.test.", RCODE_NOERROR, 1 },
	{ "a DNAME where a CNAME is", "add alias.example 5 DNAME else.test.", RCODE_NOERROR, 0 },
	{ "a CNAME where a DNAME is", "add tree.example 5 CNAME www.example.", RCODE_NOERROR, 0 },
	{ "a DNAME at a cut", "add sub.example 5 DNAME else.test.", RCODE_NOERROR, 0 },
	{ "a cut at a DNAME", "add tree.example 5 NS ns1.example.", RCODE_NOERROR, 0 },
	{ "a DNAME at the apex", "add example 5 DNAME else.test.", RCODE_NOERROR, 1 },
	{ "below a cut, and below a DNAME", "add x.sub.example 5 A 192.0.2.1\nadd x.tree.example 5 A 192.0.2.1", RCODE_NOERROR, 2 },
	{ "a delegation", "add new.example 5 NS ns.new.example.\nadd ns.new.example 5 A 192.0.2.1", RCODE_NOERROR, 2 },
	{ "3.4.2.2 an SOA with a greater serial", "add example 5 SOA ns1.example. root.example. 101 1 2 3 4", RCODE_NOERROR, 1,
	    { "example.\t5\tIN\tSOA\tns1.example. root.example. 101 1 2 3 4" } },
	{ "3.4.2.2 with the same", "add example 5 SOA ns1.example. root.example. 100 1 2 3 4", RCODE_NOERROR, 0 },
	{ "3.4.2.2 with a lower one", "add example 5 SOA ns1.example. root.example. 99 1 2 3 4", RCODE_NOERROR, 0 },
	{ "3.4.2.2 as RFC 1982 has it", "add example 5 SOA ns1.example. root.example. 2147483749 1 2 3 4", RCODE_NOERROR, 0 },
	{ "3.4.2.2 as RFC 1982 has it, just before", "add example 5 SOA ns1.example. root.example. 2147483747 1 2 3 4", RCODE_NOERROR, 1 },
	{ "3.4.2.2 twice, the second is not after the first",
	    "add example 5 SOA ns1.example. root.example. 200 1 2 3 4\nadd example 5 SOA ns1.example. root.example. 150 1 2 3 4", RCODE_NOERROR, 1,
	    { "example.\t5\tIN\tSOA\tns1.example. root.example. 200 1 2 3 4" } },
	{ "3.4.2.2 an SOA elsewhere", "add www.example 5 SOA ns1.example. root.example. 101 1 2 3 4", RCODE_NOERROR, 0 },
	{ "1.1.5 of an address and protocol one WKS", "add www.example 5 TYPE11 \\# 6 c00002500601\nadd www.example 5 TYPE11 \\# 6 c00002500602\n"
	    "add www.example 5 TYPE11 \\# 6 c00002501101", RCODE_NOERROR, 1,
	    { "www.example.\t5\tIN\tWKS\t\\# 6 c00002500602", "www.example.\t5\tIN\tWKS\t\\# 6 c00002501101", "!www.example.\t5\tIN\tWKS\t\\# 6 c00002500601" } },
	{ "2.5.2 remove an RRset", "del www.example A", RCODE_NOERROR, 1, { "!www.example.\t300\tIN\tA\t192.0.2.80", "www.example.\t300\tIN\tTXT\t\"Text\"" } },
	{ "2.5.2 that is not there", "del www.example AAAA\ndel nowhere.example A", RCODE_NOERROR, 0 },
	{ "3.4.2.3 the apex keeps its SOA and NS", "del example SOA\ndel example NS", RCODE_NOERROR, 0 },
	{ "2.5.3 remove all of a name", "del www.example", RCODE_NOERROR, 2, { "!www.example.\t300\tIN\tTXT\t\"Text\"" } },
	{ "2.5.3 that is not there", "del nowhere.example", RCODE_NOERROR, 0 },
	{ "3.4.2.3 the apex keeps its SOA and NS and nothing else", "del example", RCODE_NOERROR, 1,
	    { "!example.\t300\tIN\tMX\t10 mail.example.", "example.\t300\tIN\tNS\tns2.example." } },
	{ "2.5.4 remove an RR", "del www.example A 192.0.2.80", RCODE_NOERROR, 1,
	    { "!www.example.\t300\tIN\tA\t192.0.2.80", "www.example.\t300\tIN\tA\t192.0.2.81" } },
	{ "2.5.4 that is not there", "del www.example A 192.0.2.1\ndel nowhere.example A 192.0.2.1", RCODE_NOERROR, 0 },
	{ "2.5.4 the last one", "del www.example A 192.0.2.80\ndel www.example A 192.0.2.81", RCODE_NOERROR, 1 },
	{ "2.5.4 names without case", "del alias.example CNAME WWW.EXAMPLE.", RCODE_NOERROR, 1 },
	{ "3.4.2.4 the SOA stays", "del example SOA ns1.example. root.example. 100 3600 600 86400 60", RCODE_NOERROR, 0 },
	{ "3.4.2.4 NS go but for the last", "del example NS ns1.example.\ndel example NS ns2.example.", RCODE_NOERROR, 1,
	    { "!example.\t300\tIN\tNS\tns1.example.", "example.\t300\tIN\tNS\tns2.example." } },
	{ "3.4.2.4 an NS that is not there", "del example NS ns3.example.", RCODE_NOERROR, 0 },
	{ "3.4.2.4 NS are replaced by adding first", "add example 300 NS ns3.test.\ndel example NS ns1.example.\ndel example NS ns2.example.", RCODE_NOERROR, 1,
	    { "example.\t300\tIN\tNS\tns3.test.", "!example.\t300\tIN\tNS\tns2.example." } },
	{ "3.4.2.4 a cut's last NS goes", "del sub.example NS ns.sub.example.", RCODE_NOERROR, 1 },
	{ "3.4.2 in order: add, then remove", "add x.example 5 A 192.0.2.1\ndel x.example", RCODE_NOERROR, 0 },
	{ "3.4.2 in order: remove, then add", "del www.example A\nadd www.example 5 A 192.0.2.1", RCODE_NOERROR, 1,
	    { "www.example.\t5\tIN\tA\t192.0.2.1", "!www.example.\t300\tIN\tA\t192.0.2.80" } },
	{ "removed and added as it was, in another order", "del www.example A\nadd www.example 300 A 192.0.2.81\nadd www.example 300 A 192.0.2.80", RCODE_NOERROR, 0 },
	{ "all RRsets go, those just added too", "add www.example 5 AAAA 2001:db8::1\ndel www.example", RCODE_NOERROR, 2 },
	{ "an empty update", "", RCODE_NOERROR, 0 },
	{ "a signature is not added", "rr u www.example 5 1 RRSIG 000105025454545445454545494949490001016100ff", RCODE_REFUSED, 0 },
	{ "nor a denial", "rr u www.example 5 1 NSEC 00", RCODE_REFUSED, 0 },
	{ "nor with its hash", "rr u www.example 5 1 50 0100000a00046861736800", RCODE_FORMERR, 0 },
	{ "nor with its hash, well formed", "rr u www.example 5 1 50 0100000a000468617368", RCODE_REFUSED, 0 },
	{ "one may be removed", "del www.example NSEC", RCODE_NOERROR, 0 },
	{ "keys are data", "add example 5 DNSKEY 257 3 8 AQAB\nadd sub.example 5 DS 1 8 2 0101010101010101010101010101010101010101010101010101010101010101", RCODE_NOERROR, 2 },
};

START_TEST(test_changes)
{
	case_run(&changes[_i], NULL);
}
END_TEST

/* www.example is none of these: what follows health is srv.example, or below it. */
static const struct update_case governed[] = {
	{ "adding an address", "add srv.example 5 A 192.0.2.9", RCODE_REFUSED, 0 },
	{ "adding one that is there", "add srv.example 5 A 192.0.2.1", RCODE_REFUSED, 0 },
	{ "of the other family", "add srv.example 5 AAAA 2001:db8::1", RCODE_REFUSED, 0 },
	{ "removing them", "del srv.example A", RCODE_REFUSED, 0 },
	{ "removing one", "del srv.example A 192.0.2.1", RCODE_REFUSED, 0 },
	{ "removing all", "del srv.example", RCODE_REFUSED, 0 },
	{ "nothing of such an update is done", "add www.example 5 A 192.0.2.9\nadd srv.example 5 A 192.0.2.9", RCODE_REFUSED, 0 },
	{ "other types are data", "add srv.example 5 TXT \"x\"", RCODE_NOERROR, 1, { "srv.example.\t5\tIN\tTXT\t\"x\"", "srv.example.\t5\tIN\tA\t192.0.2.2" } },
	{ "a CNAME is ignored", "add srv.example 5 CNAME www.example.", RCODE_NOERROR, 0 },
	{ "prerequisites see what is configured", "yxrrset srv.example A 192.0.2.1\nyxrrset srv.example A 192.0.2.2", RCODE_NOERROR, 0 },
	{ "and not what is answered", "yxrrset srv.example A 192.0.2.1", RCODE_NXRRSET, 0 },
	{ "a cut there", "add srv.example 5 NS ns1.example.", RCODE_REFUSED, 0 },
	{ "a DNAME there hides nothing", "add srv.example 5 DNAME else.test.", RCODE_NOERROR, 1 },
	{ "addresses elsewhere", "add xsrv.example 5 A 192.0.2.9\nadd x.srv.example 5 A 192.0.2.9", RCODE_NOERROR, 2 },
	{ "an NS of the apex", "add example 300 NS ns3.test.", RCODE_NOERROR, 1 },
	{ "a DNAME at the apex", "add example 300 DNAME else.test.", RCODE_REFUSED, 0 },
};

START_TEST(test_governed)
{
	case_run(&governed[_i], "srv.example");
}
END_TEST

static const struct update_case hidden[] = {
	{ "a cut above", "add srv.example 5 NS ns1.example.", RCODE_REFUSED, 0 },
	{ "a DNAME above", "add srv.example 5 DNAME else.test.", RCODE_REFUSED, 0 },
	{ "beside", "add srw.example 5 NS ns1.example.\nadd srw.example 5 A 192.0.2.9", RCODE_NOERROR, 2 },
	{ "below", "add x.db.srv.example 5 NS ns1.example.", RCODE_NOERROR, 1 },
	{ "addresses above", "add srv.example 5 A 192.0.2.9", RCODE_NOERROR, 1 },
};

START_TEST(test_hidden)
{
	case_run(&hidden[_i], "db.srv.example");
}
END_TEST

/* ---- the order of stages, and who ---- */

START_TEST(test_zone_section)
{
	struct staged *s = staged_new();
	struct updated t;
	struct view v;
	struct update *u = updating_of("yxdomain nowhere.example");

	updated_begin(&t, zone_file);
	v = updated_view(&t, s);
	u->zone_type = TYPE_A;
	u->zone_class = CLASS_CH;
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_FORMERR);
	u->zone_type = TYPE_SOA;
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NOTAUTH);
	u->zone_class = CLASS_IN;
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NXDOMAIN);
	memcpy(u->zone, "\3sub\7example", 13);
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NOTAUTH);
	update_free(u);
	staged_free(s);
	updated_end(&t);
}
END_TEST

/* 3.3: behind the prerequisites, before the prescan. */
START_TEST(test_stranger)
{
	struct update_result r;
	struct updated t;

	updated_begin(&t, zone_file);
	t.conf.update.count = 0;
	ck_assert_int_eq(updated_by(&t, "yxdomain nowhere.example\nadd x.test 5 A 192.0.2.1").rcode, RCODE_NXDOMAIN);
	r = updated_by(&t, "yxdomain www.example\nadd x.test 5 A 192.0.2.1");
	ck_assert(r.rcode == RCODE_REFUSED && r.error == 18);
	t.who.admin = true;
	ck_assert_int_eq(updated_by(&t, "yxdomain www.example\nadd x.test 5 A 192.0.2.1").rcode, RCODE_NOTZONE);
	ck_assert_int_eq(updated_by(&t, "add x.example 5 A 192.0.2.1").rcode, RCODE_NOERROR);
	t.conf.type = ZONE_FILE;
	ck_assert_int_eq(updated_by(&t, "add y.example 5 A 192.0.2.1").rcode, RCODE_REFUSED);
	updated_end(&t);
}
END_TEST

/* A right to each type that is there is a right to remove all; a right to one is not. */
START_TEST(test_rights)
{
	struct conf_key key = { .name = (char *)"k" };
	char *names[] = { (char *)"*.example", (char *)"www.example" }, *apex[] = { (char *)"example" };
	uint16_t types[] = { TYPE_A, TYPE_TXT };
	struct conf_update_rule rules[] = {
		{ .key = &key, .names = names, .nnames = 2, .types = types, .ntypes = 2 },
		{ .key = &key, .names = apex, .nnames = 1 },
	};
	struct update_result r;
	struct updated t;

	updated_begin(&t, zone_file);
	t.conf.update.count = 0;
	t.conf.update_rules = rules;
	t.conf.nupdate_rules = 2;
	t.who.key = &key;
	ck_assert_int_eq(updated_by(&t, "add www.example 300 A 192.0.2.82").changed, 1);
	r = updated_by(&t, "add www.example 300 A 192.0.2.83\nadd www.example 300 MX 1 x.example.");
	ck_assert(r.rcode == RCODE_REFUSED && r.error == 18);
	ck_assert_int_eq(updated_by(&t, "del www.example MX").rcode, RCODE_REFUSED);
	ck_assert_int_eq(updated_by(&t, "del alias.example").rcode, RCODE_REFUSED);
	ck_assert_int_eq(updated_by(&t, "del nowhere.example").rcode, RCODE_REFUSED);
	ck_assert_uint_eq(updated_by(&t, "del www.example").changed, 2);
	ck_assert_uint_eq(updated_by(&t, "del example").changed, 1);
	updated_end(&t);
}
END_TEST

/* The record at fault is told, for the log. */
START_TEST(test_told)
{
	static const struct { const char *update; bool prerequisite; size_t at; } told[] = {
		{ "yxdomain www.example\nnxdomain mail.example", true, 1 },
		{ "yxrrset www.example TXT \"Text\"\nyxrrset mail.example A 192.0.2.1\nyxrrset mail.example A 192.0.2.2", true, 1 },
		{ "add x.example 5 A 192.0.2.1\nadd x.test 5 A 192.0.2.1", false, 1 },
		{ "add x.example 5 A 192.0.2.1\nadd y.example 5 A 192.0.2.1\nrr u x.example 5 1 NSEC 00", false, 2 },
	};
	struct staged *s = staged_new();
	struct updated t;
	struct view v;

	updated_begin(&t, zone_file);
	v = updated_view(&t, s);
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		struct update *u = updating_of(told[i].update);
		struct update_result r = update_check(u, &v, &t.who, s);

		ck_assert_ptr_nonnull(r.why);
		ck_assert_ptr_eq(r.rr, &(told[i].prerequisite ? u->prerequisites : u->changes)[told[i].at]);
		update_free(u);
	}
	staged_free(s);
	updated_end(&t);
}
END_TEST

/* ---- updates that wait together ---- */

START_TEST(test_staged)
{
	struct staged *s = staged_new();
	struct update *first = updating_of("del www.example A\nadd www.example 5 A 192.0.2.1\nadd x.example 5 A 192.0.2.1");
	struct update *second = updating_of("yxrrset www.example A 192.0.2.1\nyxdomain x.example\ndel x.example\nadd www.example 6 A 192.0.2.2");
	struct updated t;
	struct view v;
	struct rrs *r;
	size_t mark;
	uint8_t www[DNAME_MAX], x[DNAME_MAX];

	updating_name("www.example", www);
	updating_name("x.example", x);
	updated_begin(&t, zone_file);
	v = updated_view(&t, s);
	ck_assert_int_eq(update_check(second, &v, &t.who, s).rcode, RCODE_NXDOMAIN);
	ck_assert_uint_eq(staged_count(s), 0);
	ck_assert_uint_eq(update_check(first, &v, &t.who, s).changed, 2);
	ck_assert_uint_eq(staged_count(s), 2);
	mark = staged_mark(s);
	ck_assert_uint_eq(update_check(second, &v, &t.who, s).changed, 2);
	ck_assert_uint_eq(staged_count(s), 2);         /* the same two */
	ck_assert(staged_at(s, 0)->type == TYPE_A && dname_equal(staged_at(s, 0)->name, www) && staged_at(s, 0)->rrs->count == 2);
	ck_assert(dname_equal(staged_at(s, 1)->name, x) && staged_at(s, 1)->rrs == NULL);
	ck_assert(!view_in_use(&v, x) && view_in_use(&v, www));
	ck_assert_ptr_null(view_rrset(&v, x, TYPE_A));
	staged_back(s, mark);
	r = view_rrset(&v, x, TYPE_A);
	ck_assert(r != NULL && r->count == 1 && view_in_use(&v, x));
	free(r);
	r = view_rrset(&v, www, TYPE_A);
	ck_assert(r->count == 1 && r->ttl == 5);
	free(r);
	ck_assert_uint_eq(update_check(first, &v, &t.who, s).changed, 0);     /* a message that came twice */
	staged_back(s, 0);
	ck_assert_uint_eq(staged_count(s), 0);
	r = view_rrset(&v, www, TYPE_A);
	ck_assert(r->count == 2 && r->ttl == 300 && !view_in_use(&v, x));
	free(r);
	v.staged = NULL;
	ck_assert(view_in_use(&v, www) && !view_in_use(&v, x));
	update_free(first);
	update_free(second);
	staged_free(s);
	updated_end(&t);
}
END_TEST

/* Zones do not see each other's. */
START_TEST(test_zones_apart)
{
	struct staged *s = staged_new();
	struct update *u = updating_of("nxdomain x.example\nadd x.example 5 A 192.0.2.1");
	struct updated t;
	struct view v;

	updated_begin(&t, zone_file);
	v = updated_view(&t, s);
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NOERROR);
	v.zone_index = 1;
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NOERROR);
	ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_YXDOMAIN);
	ck_assert_uint_eq(staged_count(s), 2);
	ck_assert(staged_at(s, 0)->zone == 0 && staged_at(s, 1)->zone == 1);
	update_free(u);
	staged_free(s);
	updated_end(&t);
}
END_TEST

/* As many as an RRset can have, and one more; then none. */
START_TEST(test_large)
{
	enum { MOST = RRSET_MAX / (RR_FIXED + 4) };
	struct update *u = update_new(updating_apex);
	struct staged *s = staged_new();
	struct update_result r;
	struct updated t;
	struct view v;
	uint8_t name[DNAME_MAX];

	updating_name("big.example", name);
	updated_begin(&t, zone_file);
	v = updated_view(&t, s);
	for (unsigned i = 0; i < MOST; i++)
		update_add(u, false, name, TYPE_A, CLASS_IN, 5, (uint8_t[]){ 10, 0, (uint8_t)(i >> 8), (uint8_t)i }, 4);
	r = update_check(u, &v, &t.who, s);
	ck_assert(r.rcode == RCODE_NOERROR && r.changed == 1 && staged_at(s, 0)->rrs->count == MOST);
	staged_back(s, 0);
	update_add(u, false, name, TYPE_A, CLASS_IN, 5, (const uint8_t *)"\1\1\1\1", 4);
	r = update_check(u, &v, &t.who, s);
	ck_assert(r.rcode == RCODE_REFUSED && staged_count(s) == 0 && r.rr == &u->changes[MOST]);
	for (unsigned i = 0; i < MOST; i += 2)
		update_add(u, false, name, TYPE_A, CLASS_NONE, 0, (uint8_t[]){ 10, 0, (uint8_t)(i >> 8), (uint8_t)i }, 4);
	u->changes[MOST] = u->changes[--u->nchanges];  /* in place of the one too many: one of two stays */
	r = update_check(u, &v, &t.who, s);
	ck_assert(r.rcode == RCODE_NOERROR && staged_at(s, 0)->rrs->count == MOST / 2);
	update_free(u);

	u = update_new(updating_apex);
	for (unsigned i = 0; i < UPDATE_RRS_MAX; i++)
		ck_assert(update_add(u, i % 2 == 0, name, TYPE_A, CLASS_ANY, 0, NULL, 0));
	ck_assert(!update_add(u, true, name, TYPE_A, CLASS_ANY, 0, NULL, 0));
	ck_assert(!update_add(u, false, name, TYPE_A, CLASS_ANY, 0, NULL, 0));
	update_free(u);
	staged_free(s);
	updated_end(&t);
}
END_TEST

/* Over HTTP nothing is ignored; and what is no change is none. */
static const struct update_case stricts[] = {
	{ "CNAME beside others", "strict\nadd www.example 5 CNAME x.test.", RCODE_REFUSED, 0 },
	{ "others beside CNAME", "strict\nadd alias.example 5 A 192.0.2.1", RCODE_REFUSED, 0 },
	{ "CNAME in place of others", "strict\ndel www.example\nadd www.example 5 CNAME x.test.", RCODE_NOERROR, 3,
	    { "www.example.\t5\tIN\tCNAME\tx.test." } },
	{ "NS beside DNAME", "strict\nadd tree.example 5 NS x.test.", RCODE_REFUSED, 0 },
	{ "SOA below the apex", "strict\nadd www.example 5 SOA a.test. b.test. 200 1 1 1 1", RCODE_REFUSED, 0 },
	{ "SOA that goes back", "strict\nadd example 300 SOA ns1.example. root.example. 99 3600 600 86400 60", RCODE_REFUSED, 0 },
	{ "SOA that is there", "strict\nadd example 300 SOA ns1.example. root.example. 100 3600 600 86400 60", RCODE_NOERROR, 0 },
	{ "SOA that goes on", "strict\nadd example 300 SOA ns1.example. root.example. 101 3600 600 86400 60", RCODE_NOERROR, 1 },
	{ "no SOA", "strict\ndel example SOA", RCODE_REFUSED, 0 },
	{ "no SOA record", "strict\ndel example SOA ns1.example. root.example. 100 3600 600 86400 60", RCODE_REFUSED, 0 },
	{ "an SOA that is not there", "strict\ndel example SOA ns1.example. root.example. 7 3600 600 86400 60", RCODE_NOERROR, 0 },
	{ "no NS", "strict\ndel example NS", RCODE_REFUSED, 0 },
	{ "no NS, one by one", "strict\ndel example NS ns1.example.\ndel example NS ns2.example.", RCODE_REFUSED, 0 },
	{ "one NS less", "strict\ndel example NS ns1.example.\ndel example NS ns3.example.", RCODE_NOERROR, 1 },
	{ "nothing at the apex but what must be", "strict\ndel example", RCODE_NOERROR, 1 },
	{ "what is not there", "strict\ndel www.example MX\ndel nowhere.example\ndel www.example A 192.0.2.1", RCODE_NOERROR, 0 },
};

START_TEST(test_strict)
{
	case_run(&stricts[_i], NULL);
}
END_TEST

/* In upper and lower case an RR is one, though a master file may have it twice. */
START_TEST(test_case)
{
	struct updated t;
	char *text;

	updated_begin(&t, "example. 300 IN SOA ns.test. root.test. 1 2 3 4 5\nexample. 300 IN NS ns.test.\nexample. 300 IN NS NS.test.\n");
	ck_assert_uint_eq(updated_by(&t, "del example NS Ns.test.").changed, 0);
	ck_assert_uint_eq(updated_by(&t, "add example 300 NS nS.test.").changed, 1);
	text = zone_text(t.zone);
	ck_assert(strstr(text, "nS.test.") != NULL && strstr(text, "NS\tns.test.") == NULL && strstr(text, "NS.test.") == NULL);
	free(text);
	updated_end(&t);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("update");
	TCase *t = tcase_create("update");

#define COUNT(array) (int)(sizeof(array) / sizeof(*array))
	tcase_add_loop_test(t, test_prerequisites, 0, COUNT(prerequisites));
	tcase_add_loop_test(t, test_prescan, 0, COUNT(prescans));
	tcase_add_loop_test(t, test_changes, 0, COUNT(changes));
	tcase_add_loop_test(t, test_governed, 0, COUNT(governed));
	tcase_add_loop_test(t, test_hidden, 0, COUNT(hidden));
	tcase_add_loop_test(t, test_strict, 0, COUNT(stricts));
	tcase_add_test(t, test_zone_section);
	tcase_add_test(t, test_stranger);
	tcase_add_test(t, test_rights);
	tcase_add_test(t, test_told);
	tcase_add_test(t, test_staged);
	tcase_add_test(t, test_zones_apart);
	tcase_add_test(t, test_large);
	tcase_add_test(t, test_case);
	suite_add_tcase(s, t);
	return suite_run(s);
}
