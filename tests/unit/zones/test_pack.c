/* test_pack.c - packed answers, put where an answer may put them, and read back by ldns. */
#include <ldns/ldns.h>

#include "build.h"
#include "zones/pack.h"
#include "tests/unit/suite.h"

/* A message of an answer's form, written the slow way: a question, RRs before the packed bytes, and these with
 * each pointer moved as struct packed says. */
struct message {
	uint8_t bytes[65535];
	size_t size;
	unsigned ancount;
};

static void
put16(struct message *m, unsigned n)
{
	m->bytes[m->size++] = (uint8_t)(n >> 8);
	m->bytes[m->size++] = (uint8_t)n;
}

static void
message_begin(struct message *m, const char *qname)
{
	const uint8_t *name = name_of(qname);

	memset(m->bytes, 0, 12);
	m->bytes[2] = 0x80;
	m->bytes[5] = 1;
	m->size = 12;
	m->ancount = 0;
	memcpy(m->bytes + m->size, name, dname_length(name));
	m->size += dname_length(name);
	put16(m, TYPE_A);
	put16(m, CLASS_IN);
}

/* A CNAME of the name at owner; returns where its target, uncompressed, stands. */
static size_t
message_cname(struct message *m, size_t owner, const char *target)
{
	const uint8_t *name = name_of(target);
	size_t at;

	put16(m, 0xc000 | (unsigned)owner);
	put16(m, TYPE_CNAME);
	put16(m, CLASS_IN);
	put16(m, 0);
	put16(m, 60);
	put16(m, (unsigned)dname_length(name));
	at = m->size;
	memcpy(m->bytes + m->size, name, dname_length(name));
	m->size += dname_length(name);
	m->ancount++;
	return at;
}

/* Appends p; name stands at an offset of the message and ends in p's base name. Returns what ldns reads. */
static ldns_pkt *
message_end(struct message *m, const struct packed *p, size_t name)
{
	size_t base = name + dname_length(m->bytes + name) - p->base_length, start = m->size;
	ldns_pkt *packet = NULL;

	memcpy(m->bytes + start, p->bytes, p->size);
	for (unsigned i = 0; i < p->npointers; i++) {
		uint8_t *at = m->bytes + start + p->pointers[i];
		unsigned target = (at[0] & 0x3fu) << 8 | at[1];

		ck_assert_uint_eq(at[0] & 0xc0, 0xc0);
		ck_assert(i == 0 || p->pointers[i] > p->pointers[i - 1]);
		if (target < 12u + p->base_length) {
			target = (unsigned)(base + target - 12);
		} else {
			target -= 12u + p->base_length + 4u;
			ck_assert_uint_lt(target, PACK_REACH);
			target += (unsigned)start;
		}
		ck_assert_uint_lt(target, 1 << 14);
		at[0] = (uint8_t)(0xc0 | target >> 8);
		at[1] = (uint8_t)target;
	}
	m->size += p->size;
	m->bytes[7] = (uint8_t)(m->ancount + p->ancount);
	m->bytes[8] = (uint8_t)(p->nscount >> 8);
	m->bytes[9] = (uint8_t)p->nscount;
	m->bytes[10] = (uint8_t)(p->arcount >> 8);
	m->bytes[11] = (uint8_t)p->arcount;
	ck_assert_int_eq(ldns_wire2pkt(&packet, m->bytes, m->size), LDNS_STATUS_OK);
	return packet;
}

static char *
sections_text(ldns_pkt *packet)
{
	static char all[1 << 20];
	char *authority = ldns_rr_list2str(ldns_pkt_authority(packet)), *additional = ldns_rr_list2str(ldns_pkt_additional(packet));

	snprintf(all, sizeof(all), "%s--\n%s", authority, additional);
	free(authority);
	free(additional);
	ldns_pkt_free(packet);
	return all;
}

/* The sections that p gives, in four places that an answer may have for it; all must read the same. */
static const char *
packed_text(const struct packed *p, const char *base)
{
	static const char *const deeper[] = { "", "x.", "a.very-long-label-that-moves-everything.of.many.labels." };
	static struct message m;
	static char first[1 << 20];
	char name[DNAME_TEXT];
	size_t target;

	*first = '\0';
	for (unsigned i = 0; i < 3; i++) {
		const char *text;

		snprintf(name, sizeof(name), "%s%s", deeper[i], base);
		message_begin(&m, name);
		text = sections_text(message_end(&m, p, 12));
		if (i == 0)
			strcpy(first, text);
		ck_assert_str_eq(text, first);
	}
	message_begin(&m, "alias.somewhere.else");
	target = message_cname(&m, 12, "second.alias.somewhere.else");
	snprintf(name, sizeof(name), "x.%s", base);
	target = message_cname(&m, target, name);
	ck_assert_str_eq(sections_text(message_end(&m, p, target)), first);
	return first;
}

START_TEST(negative_answers)
{
	struct zone *z = zone_of("Shop.Example", "@ 900 SOA ns.shop.example. Host.mail.example. 1 2 3 4 300\n@ NS ns\nns 900 A 192.0.2.1\n");
	const struct packed *p = zone_negative(z);
	struct garbage *garbage;
	struct zone_edit *e;
	struct rrbuf *b;

	ck_assert_str_eq(packed_text(p, "shop.example"),
	    "shop.example.\t300\tIN\tSOA\tns.shop.example. Host.mail.example. 1 2 3 4 300\n--\n");
	ck_assert_uint_eq(p->need, p->size);
	ck_assert_uint_eq(p->nscount, 1);
	ck_assert_uint_eq(p->ancount + p->arcount + p->arneed, 0);
	ck_assert_uint_eq(p->size, 2 + 10 + 5 + 12 + 20);      /* owner, fixed, ns + pointer, Host.mail + pointer, numbers */

	/* an SOA that changes, and goes */
	e = zone_edit(z);
	b = rrbuf_new();
	rrbuf_begin(b, TYPE_SOA, CLASS_IN, 60);
	rrbuf_add(b, "\0\0\0\0\0\11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0", 22);
	zone_put(e, name_of("shop.example"), b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(zone_serial(z), 9);
	ck_assert_str_eq(packed_text(zone_negative(z), "shop.example"), "shop.example.\t60\tIN\tSOA\t. . 9 0 0 0 256\n--\n");
	e = zone_edit(z);
	zone_remove(e, name_of("shop.example"), TYPE_SOA);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(zone_negative(z)->size, 0);
	ck_assert_uint_eq(zone_serial(z), 0);
	rrbuf_free(b);
	zone_free(z);
}
END_TEST

static const char delegations[] =
    "$TTL 300\n"
    "@ SOA ns.x. h 1 2 3 4 5\n"
    "@ NS ns.x.\n"
    "sub NS auth\n"                        /* in the zone, answered from it */
    "sub NS ns1.sub\n"
    "sub NS Ns.Other\n"                    /* a sibling's glue */
    "sub NS ns.elsewhere.test.\n"
    "sub NS sub\n"
    "sub A 192.0.2.4\n"
    "sub DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n"
    "ns1.sub A 192.0.2.1\n"
    "ns1.sub AAAA 2001:db8::1\n"
    "ns1.sub TXT no\n"
    "auth A 192.0.2.2\n"
    "other NS ns.other\n"
    "ns.other A 192.0.2.3\n";

static const struct packed *
referral(const struct zone *z, const char *cut)
{
	return node_referral(zone_at(z, name_of(cut)));
}

START_TEST(referrals)
{
	struct zone *z = zone_of("example", delegations);
	const struct packed *p = referral(z, "sub.example");

	ck_assert_str_eq(packed_text(p, "sub.example"),
	    "sub.example.\t300\tIN\tNS\tauth.example.\n"
	    "sub.example.\t300\tIN\tNS\tns1.sub.example.\n"
	    "sub.example.\t300\tIN\tNS\tNs.Other.example.\n"
	    "sub.example.\t300\tIN\tNS\tns.elsewhere.test.\n"
	    "sub.example.\t300\tIN\tNS\tsub.example.\n"
	    "sub.example.\t300\tIN\tDS\t1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n"
	    "--\n"
	    "ns1.sub.example.\t300\tIN\tA\t192.0.2.1\n"
	    "ns1.sub.example.\t300\tIN\tAAAA\t2001:db8::1\n"
	    "sub.example.\t300\tIN\tA\t192.0.2.4\n"
	    "auth.example.\t300\tIN\tA\t192.0.2.2\n"
	    "Ns.Other.example.\t300\tIN\tA\t192.0.2.3\n");
	ck_assert_uint_eq(p->nscount, 6);
	ck_assert_uint_eq(p->arcount, 5);
	ck_assert_uint_eq(p->arneed, 3);
	ck_assert_uint_eq(p->ancount, 0);
	ck_assert_uint_lt(p->need, p->size);
	ck_assert_ptr_null(referral(z, "auth.example"));
	ck_assert_ptr_null(referral(z, "example"));
	zone_free(z);
}
END_TEST

/* Addresses that change, come and go, in and outside the cut. */
START_TEST(referrals_follow_addresses)
{
	struct zone *z = zone_of("example", delegations);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone_edit *e;

	e = zone_edit(z);
	zone_remove(e, name_of("ns1.sub.example"), TYPE_A);
	zone_remove(e, name_of("sub.example"), TYPE_A);
	zone_remove(e, name_of("sub.example"), TYPE_DS);
	zone_remove(e, name_of("ns.other.example"), TYPE_A);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	rrbuf_add(b, "\12\0\0\1", 4);
	zone_put(e, name_of("AUTH.example"), b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_str_eq(packed_text(referral(z, "sub.example"), "sub.example"),
	    "sub.example.\t300\tIN\tNS\tauth.example.\n"
	    "sub.example.\t300\tIN\tNS\tns1.sub.example.\n"
	    "sub.example.\t300\tIN\tNS\tNs.Other.example.\n"
	    "sub.example.\t300\tIN\tNS\tns.elsewhere.test.\n"
	    "sub.example.\t300\tIN\tNS\tsub.example.\n"
	    "--\n"
	    "ns1.sub.example.\t300\tIN\tAAAA\t2001:db8::1\n"
	    "auth.example.\t5\tIN\tA\t10.0.0.1\n");
	ck_assert_str_eq(packed_text(referral(z, "other.example"), "other.example"),
	    "other.example.\t300\tIN\tNS\tns.other.example.\n--\n");

	/* an address that no referral has leaves them where they are */
	const struct node *before = zone_at(z, name_of("sub.example"));

	e = zone_edit(z);
	zone_put(e, name_of("free.example"), b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_ptr_eq(before, zone_at(z, name_of("sub.example")));

	e = zone_edit(z);
	rrbuf_begin(b, TYPE_NS, CLASS_IN, 7);
	rrbuf_add(b, name_of("free.example"), 14);
	zone_put(e, name_of("sub.example"), b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert_str_eq(packed_text(referral(z, "sub.example"), "sub.example"),
	    "sub.example.\t7\tIN\tNS\tfree.example.\n--\nfree.example.\t5\tIN\tA\t10.0.0.1\n");
	rrbuf_free(b);
	zone_free(z);
}
END_TEST

/* Far more name servers than pointers can reach: the names are whole all the same. */
START_TEST(a_huge_referral)
{
	static char text[1 << 20];
	size_t n = (size_t)sprintf(text, "$TTL 300\n@ SOA ns.x. h 1 2 3 4 5\n@ NS ns.x.\n");
	const struct packed *p;
	const char *read;
	struct zone *z;

	for (unsigned i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, "sub NS ns%u.sub\n", i);
	for (unsigned i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, "ns%u.sub A 192.0.2.1\nns%u.sub AAAA 2001:db8::1\n", i, i);
	z = zone_of("example", text);
	p = referral(z, "sub.example");
	ck_assert_uint_eq(p->nscount, 1500);
	ck_assert_uint_gt(p->arcount, 500);
	ck_assert_uint_lt(p->arcount, 3000);           /* what does not fit is left out, whole RRsets at a time */
	ck_assert_uint_le(p->size, PACK_MAX);
	read = packed_text(p, "sub.example");
	ck_assert_ptr_nonnull(strstr(read, "sub.example.\t300\tIN\tNS\tns1499.sub.example.\n"));
	zone_free(z);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("pack");
	TCase *t = tcase_create("pack");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, negative_answers);
	tcase_add_test(t, referrals);
	tcase_add_test(t, referrals_follow_addresses);
	tcase_add_test(t, a_huge_referral);
	suite_add_tcase(s, t);
	return suite_run(s);
}
