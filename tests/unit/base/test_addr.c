/* test_addr.c - addresses and prefixes as values. */
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "tests/unit/suite.h"

static const struct {
	const char *text, *again;              /* again: how it is written back; NULL: no address */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "::", "::" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	{ "", NULL },
	{ " 192.0.2.1", NULL },
	{ "192.0.2.1 ", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ "192.0.2.1.1", NULL },
	{ "0300.0.2.1", NULL },
	{ "192.0.2.1:53", NULL },
	{ "[::1]", NULL },
	{ "fe80::1%lo", NULL },
	{ "::1::", NULL },
	{ "1:2:3:4:5:6:7:8:9", NULL },
	{ "12345::", NULL },
	{ "localhost", NULL },
};

START_TEST(test_parse)
{
	struct addr a, before;
	char buf[ADDR_TEXT];

	memset(&a, 0x5a, sizeof(a));
	before = a;
	if (addresses[_i].again == NULL) {
		ck_assert_msg(!addr_parse(addresses[_i].text, &a), "%s", addresses[_i].text);
		ck_assert_mem_eq(&a, &before, sizeof(a));
		return;
	}
	ck_assert_msg(addr_parse(addresses[_i].text, &a), "%s", addresses[_i].text);
	ck_assert_str_eq(addr_format(&a, buf), addresses[_i].again);
	ck_assert_uint_eq(a.port, 0);
	ck_assert_uint_eq(a.pad, 0);
	for (size_t i = 4; a.family == 4 && i < sizeof(a.bytes); i++)
		ck_assert_uint_eq(a.bytes[i], 0);
}
END_TEST

static const struct {
	const char *text, *again;
} sockets[] = {
	{ "192.0.2.1", "192.0.2.1:53" },
	{ "192.0.2.1:1", "192.0.2.1:1" },
	{ "192.0.2.1:65535", "192.0.2.1:65535" },
	{ "192.0.2.1:00080", "192.0.2.1:80" },
	{ "2001:db8::1", "[2001:db8::1]:53" },
	{ "[2001:db8::1]", "[2001:db8::1]:53" },
	{ "[2001:db8::1]:5300", "[2001:db8::1]:5300" },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
	{ "", NULL },
	{ ":53", NULL },
	{ "[]:53", NULL },
	{ "[", NULL },
	{ "[::1", NULL },
	{ "[::1]53", NULL },
	{ "[::1]:", NULL },
	{ "[192.0.2.1]:53", NULL },            /* brackets are for IPv6 */
	{ "192.0.2.1:", NULL },
	{ "192.0.2.1:0", NULL },
	{ "192.0.2.1:65536", NULL },
	{ "192.0.2.1:99999999999", NULL },
	{ "192.0.2.1:+53", NULL },
	{ "192.0.2.1:-1", NULL },
	{ "192.0.2.1: 53", NULL },
	{ "192.0.2.1:0x35", NULL },
	{ "192.0.2.1:dns", NULL },
	{ "1111111111111111111111111111111111111111111111111111111111111111111111111111:53", NULL },
};

START_TEST(test_parse_port)
{
	struct addr a, before;
	char buf[ADDR_TEXT];

	memset(&a, 0x5a, sizeof(a));
	before = a;
	if (sockets[_i].again == NULL) {
		ck_assert_msg(!addr_parse_port(sockets[_i].text, 53, &a), "%s", sockets[_i].text);
		ck_assert_mem_eq(&a, &before, sizeof(a));
		return;
	}
	ck_assert_msg(addr_parse_port(sockets[_i].text, 53, &a), "%s", sockets[_i].text);
	ck_assert_str_eq(addr_format_port(&a, buf), sockets[_i].again);
}
END_TEST

static const struct {
	const char *text, *again;
} prefixes[] = {
	{ "10.1.0.0/16", "10.1.0.0/16" },
	{ "0.0.0.0/0", "0.0.0.0/0" },
	{ "192.0.2.1", "192.0.2.1/32" },
	{ "192.0.2.1/32", "192.0.2.1/32" },
	{ "192.0.2.128/25", "192.0.2.128/25" },
	{ "2001:db8::/32", "2001:db8::/32" },
	{ "2001:db8::1", "2001:db8::1/128" },
	{ "2001:db8::8000:0/97", "2001:db8::8000:0/97" },
	{ "::/0", "::/0" },
	{ "10.1.0.1/16", NULL },
	{ "192.0.2.128/24", NULL },
	{ "192.0.2.1/31", NULL },
	{ "128.0.0.0/0", NULL },
	{ "2001:db8::1/127", NULL },
	{ "10.0.0.0/33", NULL },
	{ "::/129", NULL },
	{ "::/256", NULL },
	{ "10.0.0.0/", NULL },
	{ "10.0.0.0/-1", NULL },
	{ "10.0.0.0/8 ", NULL },
	{ "10.0.0.0/0x8", NULL },
	{ "10.0.0.0/8/8", NULL },
	{ "/8", NULL },
	{ "", NULL },
	{ "10/8", NULL },
};

START_TEST(test_prefix_parse)
{
	struct prefix p;
	char buf[ADDR_TEXT];

	if (prefixes[_i].again == NULL) {
		ck_assert_msg(!prefix_parse(prefixes[_i].text, &p), "%s", prefixes[_i].text);
		return;
	}
	ck_assert_msg(prefix_parse(prefixes[_i].text, &p), "%s", prefixes[_i].text);
	ck_assert_str_eq(prefix_format(&p, buf), prefixes[_i].again);
}
END_TEST

static const struct {
	const char *prefix, *address;
	bool inside;
} contains[] = {
	{ "10.1.0.0/16", "10.1.255.255", true },
	{ "10.1.0.0/16", "10.2.0.0", false },
	{ "10.1.0.0/16", "10.0.255.255", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::", false },
	{ "::/0", "0.0.0.0", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.1/32", "192.0.2.1", true },
	{ "192.0.2.1/32", "192.0.2.0", false },
	{ "2001:db8::/33", "2001:db8:7fff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
};

START_TEST(test_contains)
{
	struct prefix p;
	struct addr a, before;

	ck_assert(prefix_parse(contains[_i].prefix, &p));
	ck_assert(addr_parse(contains[_i].address, &a));
	before = a;
	ck_assert_int_eq(prefix_contains(&p, &a), contains[_i].inside);
	ck_assert_mem_eq(&a, &before, sizeof(a));
}
END_TEST

static const struct {
	const char *a, *b;
	bool overlap;
} overlaps[] = {
	{ "10.0.0.0/8", "10.1.0.0/16", true },
	{ "10.1.0.0/16", "10.1.0.0/16", true },
	{ "10.1.0.0/16", "10.2.0.0/16", false },
	{ "10.0.0.0/15", "10.1.255.255/32", true },
	{ "0.0.0.0/0", "192.0.2.1/32", true },
	{ "0.0.0.0/0", "::/0", false },
	{ "2001:db8::/32", "2001:db8:1::/48", true },
	{ "2001:db8::/48", "2001:db8:1::/48", false },
};

START_TEST(test_overlaps)
{
	struct prefix a, b;

	ck_assert(prefix_parse(overlaps[_i].a, &a) && prefix_parse(overlaps[_i].b, &b));
	ck_assert_int_eq(prefix_overlaps(&a, &b), overlaps[_i].overlap);
	ck_assert_int_eq(prefix_overlaps(&b, &a), overlaps[_i].overlap);
}
END_TEST

START_TEST(test_equal)
{
	struct addr a, b, c, any, any6, none = { .family = 0 };
	char buf[ADDR_TEXT];

	ck_assert(addr_parse_port("192.0.2.1:53", 1, &a) && addr_parse_port("192.0.2.1:54", 1, &b));
	ck_assert(addr_parse("192.0.2.2", &c) && addr_parse("0.0.0.0", &any) && addr_parse("::", &any6));
	ck_assert(addr_equal(&a, &a) && !addr_equal(&a, &b));
	ck_assert(addr_same_host(&a, &b) && !addr_same_host(&a, &c));
	ck_assert(!addr_same_host(&any, &any6));
	ck_assert(addr_is_any(&any) && addr_is_any(&any6) && !addr_is_any(&a) && !addr_is_any(&none));
	ck_assert_str_eq(addr_format(&none, buf), "-");
}
END_TEST

START_TEST(test_sockaddr)
{
	static const char *const texts[] = { "192.0.2.1:53", "[2001:db8::1]:65535" };
	struct addr a, back, none = { .family = 0 };
	struct sockaddr_storage ss;

	for (size_t i = 0; i < 2; i++) {
		ck_assert(addr_parse_port(texts[i], 0, &a));
		memset(&back, 0x5a, sizeof(back));
		ck_assert_uint_eq(addr_to_sockaddr(&a, &ss), i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &back));
		ck_assert_mem_eq(&a, &back, sizeof(a));
	}
	ck_assert_uint_eq(addr_to_sockaddr(&none, &ss), 0);
	ck_assert_int_eq(ss.ss_family, AF_UNSPEC);
	ss.ss_family = AF_UNIX;
	ck_assert(!addr_from_sockaddr((struct sockaddr *)&ss, &back));
}
END_TEST

#define LOOP(tests, test, rows) tcase_add_loop_test(tests, test, 0, (int)(sizeof(rows) / sizeof(*(rows))))

int
main(void)
{
	Suite *suite = suite_create("addr");
	TCase *tests = tcase_create("addr");

	LOOP(tests, test_parse, addresses);
	LOOP(tests, test_parse_port, sockets);
	LOOP(tests, test_prefix_parse, prefixes);
	LOOP(tests, test_contains, contains);
	LOOP(tests, test_overlaps, overlaps);
	tcase_add_test(tests, test_equal);
	tcase_add_test(tests, test_sockaddr);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
