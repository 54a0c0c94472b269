/* test_zone.c - finding names as the RFCs say, and versions that follow each other. */
#include <malloc.h>

#include "build.h"
#include "zones/rrbuf.h"
#include "zones/version.h"
#include "tests/unit/suite.h"

struct expect {
	const char *name;
	uint16_t qtype;
	const char *found;
};

static void
expect_all(const struct zone *z, const struct expect *e, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = find_text(z, e[i].name, e[i].qtype);

		ck_assert_msg(strcmp(found, e[i].found) == 0, "%s type %u: %s, expected %s", e[i].name, e[i].qtype, found,
		    e[i].found);
	}
}

#define EXPECT(z, ...) do { \
	static const struct expect all[] = { __VA_ARGS__ }; \
	expect_all(z, all, sizeof(all) / sizeof(*all)); \
} while (0)

/* RFC 4592, 2.2.1: the zone and each of its examples. */
START_TEST(wildcards_of_the_rfc)
{
	struct zone *z = zone_of("example",
	    "$TTL 3600\n"
	    "@ SOA ns.example.com. hostmaster 1 2 3 4 5\n"
	    "@ NS ns.example.com.\n"
	    "@ NS ns.example.net.\n"
	    "* TXT \"this is a wildcard\"\n"
	    "* MX 10 host1.example.\n"
	    "sub.* TXT \"this is not a wildcard\"\n"
	    "host1 A 192.0.2.1\n"
	    "_ssh._tcp.host1 SRV 0 0 22 host1\n"
	    "_ssh._tcp.host2 SRV 0 0 22 host1\n"
	    "subdel NS ns.example.com.\n"
	    "subdel NS ns.example.net.\n");

	EXPECT(z,
	    { "host3.example", TYPE_MX, "WILDCARD *.example" },
	    { "host3.example", TYPE_A, "WILDCARD *.example" },
	    { "foo.bar.example", TYPE_TXT, "WILDCARD *.example" },
	    { "host1.example", TYPE_MX, "NODE host1.example" },
	    { "sub.*.example", TYPE_MX, "NODE sub.*.example" },
	    { "_telnet._tcp.host1.example", TYPE_SRV, "NONE" },
	    { "host.subdel.example", TYPE_A, "CUT subdel.example" },
	    { "ghost.*.example", TYPE_MX, "NONE" },
	    { "*.example", TYPE_MX, "NODE *.example" },
	    { "host2.example", TYPE_MX, "EMPTY" },
	    { "_tcp.host1.example", TYPE_MX, "EMPTY" },
	    { "x.host2.example", TYPE_MX, "NONE" });
	ck_assert_uint_eq(zone_names(z), 7);
	zone_free(z);
}
END_TEST

START_TEST(names_that_exist)
{
	struct zone *z = zone_of("Example.Test",
	    "$TTL 300\n"
	    "@ SOA ns hostmaster 7 2 3 4 5\n"
	    "@ NS ns\n"
	    "ns A 192.0.2.1\n"
	    "WWW A 192.0.2.2\n"
	    "a.b.c A 192.0.2.3\n"
	    "a\\.b A 192.0.2.4\n"
	    "x.*.e A 192.0.2.5\n"
	    "*.w A 192.0.2.6\n"
	    "deep.*.w A 192.0.2.7\n"
	    "\\000\\255.bytes A 192.0.2.8\n");

	EXPECT(z,
	    { "example.test", TYPE_A, "NODE example.test" },
	    { "EXAMPLE.TEST", TYPE_A, "NODE example.test" },
	    { "wWw.eXample.tEst", TYPE_A, "NODE www.example.test" },
	    { "b.c.example.test", TYPE_A, "EMPTY" },
	    { "c.example.test", TYPE_A, "EMPTY" },
	    { "d.c.example.test", TYPE_A, "NONE" },
	    { "x.a.b.c.example.test", TYPE_A, "NONE" },
	    { "a\\.b.example.test", TYPE_A, "NODE a\\.b.example.test" },
	    { "a.b.example.test", TYPE_A, "NONE" },
	    { "ww.example.test", TYPE_A, "NONE" },
	    { "wwww.example.test", TYPE_A, "NONE" },
	    /* the wildcard itself is an empty non-terminal: it covers, and has no data */
	    { "q.e.example.test", TYPE_A, "EMPTY" },
	    { "q.q.e.example.test", TYPE_A, "EMPTY" },
	    { "*.e.example.test", TYPE_A, "EMPTY" },
	    { "q.*.e.example.test", TYPE_A, "NONE" },
	    /* a wildcard below an empty non-terminal */
	    { "w.example.test", TYPE_A, "EMPTY" },
	    { "q.w.example.test", TYPE_A, "WILDCARD *.w.example.test" },
	    { "Q.q.W.example.test", TYPE_A, "WILDCARD *.w.example.test" },
	    { "q.*.w.example.test", TYPE_A, "NONE" },
	    { "deep.*.w.example.test", TYPE_A, "NODE deep.*.w.example.test" },
	    { "deep.q.w.example.test", TYPE_A, "WILDCARD *.w.example.test" },
	    { "\\000\\255.bytes.example.test", TYPE_A, "NODE \\000\\255.bytes.example.test" },
	    { "bytes.example.test", TYPE_A, "EMPTY" },
	    { "\\000.bytes.example.test", TYPE_A, "NONE" });
	ck_assert_uint_eq(zone_serial(z), 7);
	zone_free(z);
}
END_TEST

START_TEST(cuts_and_dnames)
{
	struct zone *z = zone_of("example",
	    "$TTL 300\n"
	    "@ SOA ns hostmaster 1 2 3 4 5\n"
	    "@ NS ns\n"
	    "ns A 192.0.2.1\n"
	    "*.sub A 192.0.2.9\n"          /* hidden: it is below the cut */
	    "sub NS ns.sub\n"
	    "sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n"
	    "ns.sub A 192.0.2.2\n"
	    "in.sub NS ns.sub\n"           /* a cut below a cut means nothing here */
	    "in.sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n"
	    "subway A 192.0.2.3\n"
	    "d DNAME other.example.\n"
	    "hidden.d A 192.0.2.4\n"
	    "cut.d NS ns\n"
	    "alone NS ns.elsewhere.\n");

	EXPECT(z,
	    { "sub.example", TYPE_A, "CUT sub.example" },
	    { "sub.example", TYPE_NS, "CUT sub.example" },
	    { "sub.example", TYPE_DS, "NODE sub.example" },
	    { "ns.sub.example", TYPE_A, "CUT sub.example" },
	    { "ns.sub.example", TYPE_DS, "CUT sub.example" },
	    { "in.sub.example", TYPE_DS, "CUT sub.example" },
	    { "x.in.sub.example", TYPE_A, "CUT sub.example" },
	    { "x.y.z.sub.example", TYPE_A, "CUT sub.example" },
	    { "SUB.example", TYPE_DS, "NODE sub.example" },
	    { "subway.example", TYPE_A, "NODE subway.example" },
	    { "subw.example", TYPE_A, "NONE" },
	    { "su.example", TYPE_A, "NONE" },
	    { "x.alone.example", TYPE_A, "CUT alone.example" },
	    { "alone.example", TYPE_A, "CUT alone.example" },
	    { "alonex.example", TYPE_A, "NONE" },
	    { "d.example", TYPE_A, "NODE d.example" },
	    { "d.example", TYPE_DNAME, "NODE d.example" },
	    { "x.d.example", TYPE_A, "DNAME d.example" },
	    { "hidden.d.example", TYPE_A, "DNAME d.example" },
	    { "cut.d.example", TYPE_DS, "DNAME d.example" },
	    { "dd.example", TYPE_A, "NONE" });
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("sub.example"))), NODE_CUT);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("in.sub.example"))), NODE_CUT | NODE_BELOW_CUT);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("ns.sub.example"))), NODE_BELOW_CUT);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("*.sub.example"))), NODE_BELOW_CUT);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("hidden.d.example"))), NODE_BELOW_CUT);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("d.example"))), NODE_DNAME);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("example"))), 0);
	zone_free(z);
}
END_TEST

START_TEST(dname_at_the_apex)
{
	struct zone *z = zone_of("example", "@ 300 SOA ns.other. h.other. 1 2 3 4 5\n@ NS ns.other.\n@ DNAME other.\n");

	EXPECT(z,
	    { "example", TYPE_A, "NODE example" },
	    { "x.example", TYPE_A, "DNAME example" },
	    { "y.x.example", TYPE_A, "DNAME example" });
	zone_free(z);
}
END_TEST

START_TEST(the_root_zone)
{
	struct zone *z = zone_of(".", "@ 300 SOA a.root. h.root. 1 2 3 4 5\n@ NS a.root.\na.root A 192.0.2.1\ncom NS a.com.\na.com A 192.0.2.2\n");
	struct zone_set *s = zone_set_new(&z, 1);

	EXPECT(z,
	    { ".", TYPE_SOA, "NODE ." },
	    { "root", TYPE_A, "EMPTY" },
	    { "a.root", TYPE_A, "NODE a.root" },
	    { "org", TYPE_A, "NONE" },
	    { "www.example.com", TYPE_A, "CUT com" },
	    { "com", TYPE_DS, "NODE com" });
	ck_assert_ptr_eq(zone_set_find(s, name_of("."), TYPE_A), z);
	ck_assert_ptr_eq(zone_set_find(s, name_of("."), TYPE_DS), z);
	ck_assert_ptr_eq(zone_set_find(s, name_of("x.y"), TYPE_A), z);
	zone_set_free(s);
	zone_free(z);
}
END_TEST

START_TEST(longest_names)
{
	struct zone_edit *e = zone_edit_new(name_of("t"));
	uint8_t deep[DNAME_MAX], wide[DNAME_MAX];
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	const struct node *n;
	struct zone *z;

	for (unsigned i = 0; i < 126; i++) {
		deep[2 * i] = 1;
		deep[2 * i + 1] = (uint8_t)('A' + i % 26);
	}
	memcpy(deep + 252, "\1t", 3);
	memset(wide, 0xff, sizeof(wide));
	wide[0] = wide[64] = wide[128] = 63;
	wide[192] = 59;
	memcpy(wide + 252, "\1t", 3);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 1);
	rrbuf_add(b, "abcd", 4);
	zone_put(e, deep, b);
	zone_put(e, wide, b);
	zone_put(e, name_of("*.b.t"), b);
	z = zone_commit(e, &garbage);
	ck_assert_uint_eq(zone_find(z, deep, TYPE_A, &n), FIND_NODE);
	ck_assert(dname_equal(node_name(n), deep));
	ck_assert_uint_eq(zone_find(z, wide, TYPE_A, &n), FIND_NODE);
	ck_assert_uint_eq(zone_find(z, deep + 2, TYPE_A, &n), FIND_EMPTY);
	deep[1] = 'q';
	ck_assert_uint_eq(zone_find(z, deep, TYPE_A, &n), FIND_NONE);
	wide[1] = 'q';
	ck_assert_uint_eq(zone_find(z, wide, TYPE_A, &n), FIND_NONE);
	memcpy(deep + 248, "\1b\1b\1t", 7);
	ck_assert_uint_eq(zone_find(z, deep, TYPE_A, &n), FIND_WILDCARD);
	garbage_free(garbage);
	zone_free(z);
	rrbuf_free(b);
}
END_TEST

/* ---- RRsets ---- */

/* A long label beside the short name of a small node: nothing behind the node is read (AddressSanitizer sees to that). */
START_TEST(labels_of_unlike_lengths)
{
	struct zone_edit *e = zone_edit_new(name_of("t"));
	struct garbage *garbage = NULL;
	const struct node *n = NULL;
	uint8_t wide[DNAME_MAX] = { 63 };
	struct zone *z;

	zone_mark_service(e, name_of("a.t"), 0);  /* a node without RRsets is as small as they come */
	z = zone_commit(e, &garbage);
	memset(wide + 1, 'a', 63);
	memcpy(wide + 64, "\1t", 3);
	ck_assert_uint_eq(zone_find(z, wide, TYPE_A, &n), FIND_NONE);
	ck_assert_uint_eq(zone_find(z, name_of("a.t"), TYPE_A, &n), FIND_NODE);
	garbage_free(garbage);
	zone_free(z);
}
END_TEST

START_TEST(rrsets_are_answer_bytes)
{
	static const uint8_t expected[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1,
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 2 };
	struct zone *z = zone_of("example", "@ 300 SOA ns.x. h.x. 1 2 3 4 5\n@ NS ns.x.\nw 300 A 192.0.2.1\nw 60 A 192.0.2.2\nw 90 A 192.0.2.1\n"
	    "other 5 A 192.0.2.9\nw 70 AAAA 2001:db8::1\nw TXT a\n");
	const struct node *n = zone_at(z, name_of("w.example"));
	const struct rrset *a = node_rrset(n, TYPE_A), *s = NULL;

	ck_assert_uint_eq(a->count, 2);
	ck_assert_uint_eq(a->window, 2);
	ck_assert_uint_eq(a->size, sizeof(expected));
	ck_assert_mem_eq(a->bytes, expected, sizeof(expected));
	ck_assert_ptr_null(a->rotor);
	ck_assert_ptr_null(node_rrset(n, TYPE_MX));
	ck_assert_uint_eq((s = node_next(n, s))->type, TYPE_A);
	ck_assert_uint_eq((s = node_next(n, s))->type, TYPE_TXT);
	ck_assert_uint_eq((s = node_next(n, s))->type, TYPE_AAAA);
	ck_assert_ptr_null(node_next(n, s));
	zone_free(z);
}
END_TEST

START_TEST(rotation_doubles)
{
	_Atomic uint32_t rotor = 0;
	struct zone_edit *e = zone_edit_new(name_of("t"));
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	const struct rrset *s;
	struct zone *z;

	rrbuf_begin(b, TYPE_TXT, CLASS_IN, 1);
	rrbuf_add(b, "\1x", 2);
	zone_put(e, name_of("t"), b);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	for (unsigned i = 0; i < 3; i++)
		rrbuf_add(b, (uint8_t[]){ 10, 0, 0, (uint8_t)i }, 4);
	rrbuf_add(b, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	rrbuf_rotate(b, &rotor, 2);
	zone_put(e, name_of("t"), b);
	zone_mark_service(e, name_of("t"), 0);
	z = zone_commit(e, &garbage);
	s = node_rrset(zone_at(z, name_of("t")), TYPE_A);
	ck_assert_uint_eq(s->count, 3);
	ck_assert_uint_eq(s->window, 2);
	ck_assert_uint_eq(s->size, 3 * 16);
	ck_assert_ptr_eq(s->rotor, &rotor);
	ck_assert_mem_eq(s->bytes, s->bytes + s->size, s->size);
	ck_assert_uint_eq(s->bytes[2 * 16 + 15], 2);
	ck_assert_ptr_eq(node_next(zone_at(z, name_of("t")), s), node_rrset(zone_at(z, name_of("t")), TYPE_TXT));
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("t"))), NODE_SERVICE);
	ck_assert_uint_eq(zone_names(z), 1);
	garbage_free(garbage);
	zone_free(z);
	rrbuf_free(b);
}
END_TEST

START_TEST(rrsets_have_a_limit)
{
	struct rrbuf *b = rrbuf_new();
	static uint8_t rdata[65536];

	rrbuf_begin(b, TYPE_TXT, CLASS_IN, 1);
	ck_assert(!rrbuf_add(b, rdata, RRSET_MAX - RR_FIXED + 1));
	ck_assert(rrbuf_add(b, rdata, 60000));
	ck_assert(rrbuf_add(b, rdata, 60000));         /* a duplicate */
	rdata[0] = 1;
	ck_assert(!rrbuf_add(b, rdata, 60000));
	ck_assert(rrbuf_add(b, rdata, RRSET_MAX - 2 * RR_FIXED - 60000));
	ck_assert(!rrbuf_add(b, "", 0));
	rrbuf_free(b);
}
END_TEST

/* ---- versions ---- */

static struct zone *
bare_zone(const char *apex)
{
	return zone_of(apex, "@ 300 SOA ns.other. h.other. 1 2 3 4 5\n@ NS ns.other.\n");
}

static const char base_zone[] =
    "$TTL 300\n"
    "@ SOA ns hostmaster 1 2 3 4 5\n"
    "@ NS ns\n"
    "ns A 192.0.2.1\n"
    "www A 192.0.2.2\n"
    "x.sub A 192.0.2.3\n"
    "y.x.sub A 192.0.2.4\n"
    "z.cut.sub A 192.0.2.5\n";

static void
put(struct zone_edit *e, const char *name, uint16_t type, const void *rdata, size_t size)
{
	struct rrbuf *b = rrbuf_new();

	rrbuf_begin(b, type, CLASS_IN, 300);
	ck_assert(rrbuf_add(b, rdata, size));
	zone_put(e, name_of(name), b);
	rrbuf_free(b);
}

static void
put_name(struct zone_edit *e, const char *name, uint16_t type, const char *target)
{
	const uint8_t *wire = name_of(target);

	put(e, name, type, wire, dname_length(wire));
}

START_TEST(old_versions_stay)
{
	struct zone *z1 = zone_of("example", base_zone), *z2;
	struct zone_edit *e = zone_edit(z1);
	struct garbage *garbage;

	put(e, "www.example", TYPE_A, "\12\0\0\1", 4);
	put(e, "new.example", TYPE_A, "\12\0\0\2", 4);
	put(e, "*.example", TYPE_TXT, "\1w", 2);
	zone_remove(e, name_of("ns.example"), TYPE_A);
	zone_remove(e, name_of("ns.example"), TYPE_A);
	zone_remove(e, name_of("www.example"), TYPE_TXT);
	z2 = zone_commit(e, &garbage);
	EXPECT(z1, { "new.example", TYPE_A, "NONE" }, { "ns.example", TYPE_A, "NODE ns.example" });
	EXPECT(z2, { "new.example", TYPE_A, "NODE new.example" }, { "ns.example", TYPE_A, "WILDCARD *.example" });
	ck_assert_uint_eq(node_rrset(zone_at(z1, name_of("www.example")), TYPE_A)->bytes[12], 192);
	ck_assert_uint_eq(node_rrset(zone_at(z2, name_of("www.example")), TYPE_A)->bytes[12], 10);
	ck_assert_ptr_eq(zone_at(z1, name_of("x.sub.example")), zone_at(z2, name_of("x.sub.example")));
	garbage_free(garbage);

	e = zone_edit(z2);
	zone_remove(e, name_of("*.example"), TYPE_TXT);
	put(e, "www.example", TYPE_A, "\12\0\0\3", 4);
	zone_edit_abort(e);
	EXPECT(z2, { "q.example", TYPE_A, "WILDCARD *.example" });

	e = zone_edit(z2);
	zone_remove(e, name_of("*.example"), TYPE_TXT);
	z1 = zone_commit(e, &garbage);
	EXPECT(z1, { "q.example", TYPE_A, "NONE" });
	garbage_free(garbage);
	zone_free(z1);
}
END_TEST

/* A service that answers nobody is a name all the same: it is made, it stays, and it hides and covers as names do. */
START_TEST(services_are_names)
{
	struct zone *z = bare_zone("example"), *old;
	struct zone_edit *e = zone_edit(z);
	struct garbage *garbage;

	put_name(e, "sub.example", TYPE_NS, "ns.x");
	zone_mark_service(e, name_of("svc.example"), 0);
	zone_mark_service(e, name_of("svc.sub.example"), 0);
	zone_mark_service(e, name_of("*.w.example"), 0);
	zone_mark_service(e, name_of("*.w.example"), 0);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	EXPECT(z, { "svc.example", TYPE_A, "NODE svc.example" }, { "q.w.example", TYPE_A, "WILDCARD *.w.example" },
	    { "svc.sub.example", TYPE_A, "CUT sub.example" });
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("svc.sub.example"))), NODE_SERVICE | NODE_BELOW_CUT);
	ck_assert_ptr_null(node_next(zone_at(z, name_of("svc.example")), NULL));

	/* Whom all_down stands for comes and goes, for itself and in the version that it was marked in alone. */
	old = z;
	e = zone_edit(z);
	zone_mark_service(e, name_of("svc.example"), NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
	zone_mark_service(e, name_of("new.example"), NODE_ALL_DOWN4);
	z = zone_commit(e, &garbage);
	ck_assert_uint_eq(node_flags(zone_at(old, name_of("svc.example"))), NODE_SERVICE);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("svc.example"))), NODE_SERVICE | NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("new.example"))), NODE_SERVICE | NODE_ALL_DOWN4);
	garbage_free(garbage);
	e = zone_edit(z);
	put(e, "svc.example", TYPE_A, "\12\0\0\1", 4);        /* data alone says nothing about health */
	zone_mark_service(e, name_of("new.example"), NODE_ALL_DOWN6);
	zone_mark_service(e, name_of("*.w.example"), NODE_ALL_DOWN6);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("svc.example"))), NODE_SERVICE | NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("new.example"))), NODE_SERVICE | NODE_ALL_DOWN6);
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("*.w.example"))), NODE_SERVICE | NODE_ALL_DOWN6);

	e = zone_edit(z);
	zone_mark_service(e, name_of("svc.example"), 0);
	put(e, "svc.example", TYPE_A, "\12\0\0\1", 4);
	put(e, "svc.example", TYPE_AAAA, "\12\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	zone_remove(e, name_of("svc.example"), TYPE_A);
	zone_remove(e, name_of("svc.example"), TYPE_AAAA);
	zone_remove(e, name_of("sub.example"), TYPE_NS);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	EXPECT(z, { "svc.example", TYPE_A, "NODE svc.example" }, { "svc.sub.example", TYPE_A, "NODE svc.sub.example" });
	ck_assert_uint_eq(node_flags(zone_at(z, name_of("svc.example"))), NODE_SERVICE);
	zone_free(z);
}
END_TEST

static unsigned
flags_at(const struct zone *z, const char *name)
{
	return node_flags(zone_at(z, name_of(name)));
}

START_TEST(cuts_come_and_go)
{
	struct zone *z = zone_of("example", base_zone);
	struct garbage *garbage;
	struct zone_edit *e;

	e = zone_edit(z);
	put_name(e, "sub.example", TYPE_NS, "x.sub.example");
	put_name(e, "cut.sub.example", TYPE_NS, "ns.example");
	put(e, "late.sub.example", TYPE_A, "\12\0\0\1", 4);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(flags_at(z, "x.sub.example"), NODE_BELOW_CUT);
	ck_assert_uint_eq(flags_at(z, "late.sub.example"), NODE_BELOW_CUT);
	ck_assert_uint_eq(flags_at(z, "cut.sub.example"), NODE_CUT | NODE_BELOW_CUT);
	EXPECT(z, { "z.cut.sub.example", TYPE_A, "CUT sub.example" });

	e = zone_edit(z);
	zone_remove(e, name_of("sub.example"), TYPE_NS);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(flags_at(z, "x.sub.example"), 0);
	ck_assert_uint_eq(flags_at(z, "late.sub.example"), 0);
	ck_assert_uint_eq(flags_at(z, "cut.sub.example"), NODE_CUT);
	ck_assert_uint_eq(flags_at(z, "z.cut.sub.example"), NODE_BELOW_CUT);
	EXPECT(z, { "y.x.sub.example", TYPE_A, "NODE y.x.sub.example" }, { "z.cut.sub.example", TYPE_A, "CUT cut.sub.example" });

	e = zone_edit(z);
	put_name(e, "x.sub.example", TYPE_DNAME, "other.test");
	zone_remove(e, name_of("cut.sub.example"), TYPE_NS);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(flags_at(z, "y.x.sub.example"), NODE_BELOW_CUT);
	ck_assert_uint_eq(flags_at(z, "z.cut.sub.example"), 0);
	EXPECT(z, { "y.x.sub.example", TYPE_A, "DNAME x.sub.example" }, { "z.cut.sub.example", TYPE_A, "NODE z.cut.sub.example" });
	zone_free(z);
}
END_TEST

/* Random edits end in the same zone as one made at once. */
static void
same_zone(const struct zone *a, const struct zone *b)
{
	const struct node *n = NULL, *m = NULL;

	ck_assert_uint_eq(zone_names(a), zone_names(b));
	ck_assert_uint_eq(a->wildcards, b->wildcards);
	ck_assert_uint_eq(a->occluding, b->occluding);
	ck_assert_uint_eq(a->uses.leaves, b->uses.leaves);
	while ((n = zone_next(a, n)) != NULL) {
		const struct packed *p, *q;
		char name[DNAME_TEXT];

		m = zone_next(b, m);
		ck_assert(dname_equal(n->name, m->name));
		dname_format(n->name, name);
		ck_assert_msg(n->flags == m->flags, "%s: flags %u, expected %u", name, n->flags, m->flags);
		ck_assert_uint_eq(n->size, m->size);
		p = node_referral(n);
		q = node_referral(m);
		if (p != NULL) {
			ck_assert_uint_eq(p->size, q->size);
			ck_assert_mem_eq(p->bytes, q->bytes, p->size);
			ck_assert_uint_eq(p->arneed, q->arneed);
			ck_assert_uint_eq(p->arcount, q->arcount);
		}
	}
	ck_assert_ptr_null(zone_next(b, m));
}

enum { TREE = 40 };

static const char *
tree_name(unsigned i)
{
	static const char *const labels[] = { "a", "b", "*", "ns" };
	static char text[64];

	if (i < 4)
		snprintf(text, sizeof(text), "%s.example", labels[i]);
	else if (i < 20)
		snprintf(text, sizeof(text), "%s.%s.example", labels[i % 4], labels[i / 4 - 1]);
	else
		snprintf(text, sizeof(text), "%s.%s.%s.example", labels[i % 4], labels[i / 4 % 4], labels[i / 16 % 4]);
	return text;
}

START_TEST(commits_add_up)
{
	static const uint16_t types[] = { TYPE_A, TYPE_NS, TYPE_DS, TYPE_DNAME, TYPE_AAAA };
	struct rrbuf *model[TREE][5] = { { NULL } };
	struct zone *z = bare_zone("example");
	struct garbage *garbage;
	struct zone_edit *e;

	srand(3);
	for (unsigned round = 0; round < ROUNDS(400); round++) {
		e = zone_edit(z);
		for (unsigned changes = (unsigned)rand() % 6; changes > 0; changes--) {
			unsigned i = (unsigned)rand() % TREE, t = (unsigned)rand() % 5;

			rrbuf_free(model[i][t]);
			model[i][t] = NULL;
			if (rand() % 3 == 0) {
				zone_remove(e, name_of(tree_name(i)), types[t]);
				continue;
			}
			model[i][t] = rrbuf_new();
			rrbuf_begin(model[i][t], types[t], CLASS_IN, 300);
			for (unsigned k = 0; k < (types[t] == TYPE_NS ? 3 : 1); k++) {
				static uint8_t raw[36];
				const uint8_t *target = name_of(tree_name((unsigned)rand() % TREE));

				raw[0]++;
				if (types[t] == TYPE_NS || types[t] == TYPE_DNAME)
					rrbuf_add(model[i][t], target, dname_length(target));
				else
					rrbuf_add(model[i][t], raw, types[t] == TYPE_A ? 4 : types[t] == TYPE_DS ? 36 : 16);
			}
			zone_put(e, name_of(tree_name(i)), model[i][t]);
		}
		z = zone_commit(e, &garbage);
		garbage_free(garbage);
		if (round % 20 == 19) {
			struct zone *fresh = bare_zone("example");

			e = zone_edit(fresh);
			for (unsigned i = 0; i < TREE; i++)
				for (unsigned t = 0; t < 5; t++)
					if (model[i][t] != NULL)
						zone_put(e, name_of(tree_name(i)), model[i][t]);
			fresh = zone_commit(e, &garbage);
			garbage_free(garbage);
			same_zone(z, fresh);
			zone_free(fresh);
		}
	}
	for (unsigned i = 0; i < TREE; i++)
		for (unsigned t = 0; t < 5; t++)
			rrbuf_free(model[i][t]);
	zone_free(z);
}
END_TEST

/* A change in a zone of a million names allocates a few kilobytes. */
START_TEST(a_commit_costs_what_changed)
{
	struct zone_edit *e = zone_edit_new(name_of("big.test"));
	struct mallinfo2 before, after;
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone *z, *next;
	char text[64];

	rrbuf_begin(b, TYPE_A, CLASS_IN, 300);
	rrbuf_add(b, "abcd", 4);
	for (unsigned i = 0; i < ROUNDS(1000000); i++) {
		snprintf(text, sizeof(text), "host%07u.big.test", i);
		zone_put(e, name_of(text), b);
	}
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(zone_names(z), ROUNDS(1000000));

	before = mallinfo2();
	e = zone_edit(z);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	rrbuf_add(b, "efgh", 4);
	zone_put(e, name_of("host0076543.big.test"), b);
	next = zone_commit(e, &garbage);
	after = mallinfo2();
	if (before.uordblks > 0) {             /* sanitizers' allocators do not count */
		ck_assert_uint_lt(after.uordblks - before.uordblks, 8192);
		ck_assert_uint_gt(after.uordblks - before.uordblks, 200);
	}
	ck_assert_uint_eq(node_rrset(zone_at(z, name_of("host0076543.big.test")), TYPE_A)->bytes[12], 'a');
	ck_assert_uint_eq(node_rrset(zone_at(next, name_of("host0076543.big.test")), TYPE_A)->bytes[12], 'e');
	garbage_free(garbage);
	zone_free(next);
	rrbuf_free(b);
}
END_TEST

/* ---- sets ---- */

START_TEST(sets_of_zones)
{
	static const char *const apexes[] = { "example.com", "sub.example.com", "deep.sub.example.com", "example.org", "com.example" };
	static const struct { const char *name; uint16_t qtype; int zone; } asked[] = {
		{ "example.com", TYPE_A, 0 }, { "www.EXAMPLE.com", TYPE_A, 0 }, { "sub.example.com", TYPE_A, 1 },
		{ "sub.example.com", TYPE_DS, 0 }, { "x.sub.example.com", TYPE_DS, 1 }, { "deep.sub.example.com", TYPE_DS, 1 },
		{ "example.com", TYPE_DS, 0 }, { "com", TYPE_A, -1 }, { ".", TYPE_A, -1 }, { "ample.com", TYPE_A, -1 },
		{ "xexample.com", TYPE_A, -1 }, { "example.orgx", TYPE_A, -1 }, { "a.b.c.example.org", TYPE_A, 3 },
		{ "subx.example.com", TYPE_A, 0 }, { "su.example.com", TYPE_A, 0 }, { "a.deep.sub.example.com", TYPE_A, 2 },
		{ "example", TYPE_A, -1 },
	};
	struct zone *zones[5], *old;
	struct zone_set *s, *next;
	struct garbage *garbage, *zone_garbage;

	for (unsigned i = 0; i < 5; i++)
		zones[i] = bare_zone(apexes[i]);
	s = zone_set_new(zones, 5);
	for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		const struct zone *z = zone_set_find(s, name_of(asked[i].name), asked[i].qtype);

		ck_assert_msg(z == (asked[i].zone < 0 ? NULL : zones[asked[i].zone]), "%s type %u", asked[i].name, asked[i].qtype);
	}

	old = zones[1];
	zones[1] = zone_commit(zone_edit(old), &zone_garbage);
	next = zone_set_replace(s, (const struct zone *const *)&zones[1], 1, &garbage);
	ck_assert_ptr_eq(zone_set_find(s, name_of("sub.example.com"), TYPE_A), old);
	ck_assert_ptr_eq(zone_set_find(next, name_of("sub.example.com"), TYPE_A), zones[1]);
	ck_assert_ptr_eq(zone_set_find(next, name_of("example.org"), TYPE_A), zones[3]);
	garbage_free(garbage);
	garbage_free(zone_garbage);
	zone_set_free(next);

	s = zone_set_new(NULL, 0);
	ck_assert_ptr_null(zone_set_find(s, name_of("example.com"), TYPE_A));
	zone_set_free(s);
	for (unsigned i = 0; i < 5; i++)
		zone_free(zones[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("zone");
	TCase *t = tcase_create("zone");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, wildcards_of_the_rfc);
	tcase_add_test(t, names_that_exist);
	tcase_add_test(t, cuts_and_dnames);
	tcase_add_test(t, dname_at_the_apex);
	tcase_add_test(t, the_root_zone);
	tcase_add_test(t, longest_names);
	tcase_add_test(t, labels_of_unlike_lengths);
	tcase_add_test(t, rrsets_are_answer_bytes);
	tcase_add_test(t, rotation_doubles);
	tcase_add_test(t, rrsets_have_a_limit);
	tcase_add_test(t, old_versions_stay);
	tcase_add_test(t, services_are_names);
	tcase_add_test(t, cuts_come_and_go);
	tcase_add_test(t, commits_add_up);
	tcase_add_test(t, a_commit_costs_what_changed);
	tcase_add_test(t, sets_of_zones);
	suite_add_tcase(s, t);
	return suite_run(s);
}
