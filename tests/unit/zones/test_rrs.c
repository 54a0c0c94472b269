/* test_rrs.c - RRsets on their way, and rdata by form. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "zones/rdata_form.h"
#include "zones/rrbuf.h"
#include "zones/rrs.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* ---- RRsets ---- */

START_TEST(test_new)
{
	static const uint8_t two[] = "\0\4\1\2\3\4\0\4\5\6\7\10";
	size_t size = sizeof(two) - 1, n;
	struct rrs *r = rrs_new(TYPE_A, 2, 300, two, size);
	const uint8_t *rdata;

	ck_assert_ptr_nonnull(r);
	ck_assert(r->type == TYPE_A && r->count == 2 && r->ttl == 300 && r->size == size);
	rdata = rrs_next(r, NULL, &n);
	ck_assert(n == 4 && memcmp(rdata, "\1\2\3\4", 4) == 0);
	rdata = rrs_next(r, rdata, &n);
	ck_assert(n == 4 && memcmp(rdata, "\5\6\7\10", 4) == 0);
	ck_assert_ptr_null(rrs_next(r, rdata, &n));
	free(r);

	ck_assert_ptr_null(rrs_new(TYPE_A, 0, 300, two, 0));
	ck_assert_ptr_null(rrs_new(TYPE_A, 1, 300, two, size));
	ck_assert_ptr_null(rrs_new(TYPE_A, 3, 300, two, size));
	for (size_t cut = 0; cut < size; cut++)
		ck_assert_ptr_null(rrs_new(TYPE_A, 2, 300, two, cut));
}
END_TEST

/* Exactly as large as a zone's RRset may be. */
START_TEST(test_largest)
{
	static const uint8_t zeros[RRSET_MAX];
	size_t most = RRSET_MAX - RR_FIXED;
	struct rrs *r = rrs_with(NULL, TYPE_TXT, 1, zeros, most), *again;
	struct rrbuf *b = rrbuf_new();

	ck_assert_ptr_nonnull(r);
	again = rrs_new(TYPE_TXT, 1, 1, r->data, r->size);
	ck_assert(rrs_equal(r, again));
	rrbuf_begin(b, TYPE_TXT, CLASS_IN, 1);
	ck_assert(rrbuf_add(b, zeros, most));
	ck_assert_ptr_null(rrs_with(NULL, TYPE_TXT, 1, zeros, most + 1));
	ck_assert_ptr_null(rrs_with(r, TYPE_TXT, 1, zeros, 0));
	rrbuf_free(b);
	free(again);
	free(r);
}
END_TEST

START_TEST(test_of)
{
	static _Atomic uint32_t rotor;
	struct rrbuf *b = rrbuf_new();
	struct rrs *r;

	rrbuf_begin(b, TYPE_A, CLASS_IN, 77);
	rrbuf_add(b, "\1\1\1\1", 4);
	rrbuf_add(b, "\2\2\2\2", 4);
	r = rrs_of(b->set);
	ck_assert(r->type == TYPE_A && r->count == 2 && r->ttl == 77 && r->size == 12);
	ck_assert_mem_eq(r->data, "\0\4\1\1\1\1\0\4\2\2\2\2", 12);
	free(r);
	rrbuf_rotate(b, &rotor, 1);
	r = rrs_of(b->set);
	ck_assert(r->count == 2 && r->size == 12);
	free(r);
	rrbuf_free(b);
}
END_TEST

START_TEST(test_with_and_without)
{
	struct rrs *one = rrs_with(NULL, TYPE_NS, 60, BYTES("\2ns\7example\0")), *two, *same, *less;
	bool gone;

	two = rrs_with(one, TYPE_NS, 90, BYTES("\3ns2\7example\0"));
	ck_assert(two->count == 2 && two->ttl == 90 && one->count == 1 && one->ttl == 60);
	same = rrs_with(two, TYPE_NS, 30, BYTES("\2NS\7eXample\0"));
	ck_assert(same->count == 2 && same->ttl == 30 && same->size == two->size);
	ck_assert(rrs_has(same, BYTES("\2ns\7example\0")) && !rrs_equal(same, two));
	ck_assert_mem_eq(same->data + 2, "\2NS\7eXample\0", 12);       /* the new one's case */

	less = rrs_without(same, BYTES("\2nS\7EXAMPLE\0"), &gone);
	ck_assert(gone && less->count == 1 && less->ttl == 30 && rrs_has(less, BYTES("\3ns2\7example\0")));
	ck_assert(!rrs_has(less, BYTES("\2ns\7example\0")));
	free(same);
	same = rrs_without(less, BYTES("\2ns\7example\0"), &gone);
	ck_assert(!gone && rrs_equal(same, less));
	free(same);
	ck_assert_ptr_null(rrs_without(less, BYTES("\3NS2\7example\0"), &gone));
	ck_assert(gone);
	ck_assert_ptr_null(rrs_without(NULL, BYTES("x"), &gone));
	ck_assert(!gone);
	ck_assert(rrs_equal(NULL, NULL) && !rrs_equal(NULL, one) && !rrs_equal(one, NULL));
	ck_assert_ptr_null(rrs_copy(NULL));
	free(less);
	free(two);
	free(one);
}
END_TEST

/* The first and the middle of three go too; an RR without data is one. */
START_TEST(test_without_in_its_place)
{
	struct rrs *r = NULL, *next;
	bool gone;

	for (unsigned i = 0; i < 3; i++) {
		next = rrs_with(r, 65280, 5, BYTES("abc") - i);
		free(r);
		r = next;
	}
	next = rrs_with(r, 65280, 5, NULL, 0);
	ck_assert_uint_eq(next->count, 4);
	free(r);
	r = rrs_without(next, BYTES("ab"), &gone);
	ck_assert_mem_eq(r->data, "\0\3abc\0\1a\0\0", 10);
	free(next);
	next = rrs_without(r, BYTES("abc"), &gone);
	ck_assert_mem_eq(next->data, "\0\1a\0\0", 5);
	free(r);
	r = rrs_without(next, NULL, 0, &gone);
	ck_assert(gone && r->count == 1 && r->size == 3);
	free(next);
	free(r);
}
END_TEST

/* ---- forms ---- */

static const struct form_case {
	uint16_t type;
	bool fits;
	const char *rdata;
	size_t size;
} form_cases[] = {
#define IS(type, text) { type, true, text, sizeof(text) - 1 }
#define NOT(type, text) { type, false, text, sizeof(text) - 1 }
	IS(1, "abcd"), NOT(1, "abc"), NOT(1, "abcde"), NOT(1, ""),
	IS(28, "0123456789abcdef"), NOT(28, "0123456789abcde"), NOT(28, "0123456789abcdefg"),
	IS(2, "\1a\0"), IS(2, "\0"), NOT(2, "\1a"), NOT(2, "\1a\0x"), NOT(2, "\300\14"), NOT(2, ""),
	IS(6, "\1a\0\1b\0" "01234567890123456789"), NOT(6, "\1a\0\1b\0" "0123456789012345678"), NOT(6, "\1a\0" "01234567890123456789"),
	IS(11, "abcd\6"), IS(11, "abcd\6bits"), NOT(11, "abcd"),
	IS(13, "\1x\0"), NOT(13, "\1x"), NOT(13, "\1x\1y\1z"),
	IS(15, "\0\12\0"), NOT(15, "\0\12"), NOT(15, "\0"),
	IS(16, "\0"), IS(16, "\3abc\0\1x"), NOT(16, ""), NOT(16, "\3ab"), NOT(16, "\1a\2b"),
	IS(20, "\1x"), IS(20, "\1x\1y"), NOT(20, "\1x\1y\1z"), NOT(20, ""),
	IS(33, "\0\1\0\2\0\3\1a\0"), NOT(33, "\0\1\0\2\0\3"),
	IS(35, "\0\1\0\2\1S\3SIP\0\1a\0"), NOT(35, "\0\1\0\2\1S\3SIP\1a"),
	IS(39, "\1a\0"), NOT(39, "\300\14"),
	IS(42, ""), IS(42, "\0\1\20\2\300\250"), IS(42, "\0\1\0\200"), NOT(42, "\0\1\20\2\300\0"), NOT(42, "\0\1\41\0"), NOT(42, "\0\1\20\5abcde"),
	NOT(42, "\0\1\20\2\300"), NOT(42, "\0\1\20"), IS(42, "\0\2\200\20" "0123456789abcdef"), NOT(42, "\0\2\200\21" "0123456789abcdefg"),
	IS(43, "\1\2\3\4x"), NOT(43, "\1\2\3\4"),
	IS(45, "\12\0\2"), IS(45, "\12\0\2key"), IS(45, "\12\1\2abcdkey"), NOT(45, "\12\1\2abc"), IS(45, "\12\3\2\1a\0k"), NOT(45, "\12\3\2\1a"), NOT(45, "\12\4\2"),
	NOT(45, "\12\0"), NOT(45, "\12"),
	IS(46, "\0\1\5\2TTTTEEEEIIII\0\1\1a\0sig"), NOT(46, "\0\1\5\2TTTTEEEEIIII\0\1\1a\0"),
	IS(47, "\0\0\1\100"), IS(47, "\0"), NOT(47, "\0\0\1"), NOT(47, "\0\0\1\0"), NOT(47, "\0\0\0"), NOT(47, "\0\1\1\100\0\1\100"), NOT(47, "\0\0"),
	IS(47, "\0\0\1\100\1\1\100"), NOT(47, "\0\0\41" "0123456789abcdef0123456789abcdefg"),
	IS(50, "\1\0\0\12\2ab\4hash\0\1\100"), IS(50, "\1\0\0\12\0\4hash"), NOT(50, "\1\0\0\12\0\0"), NOT(50, "\1\0\0\12\0"),
	IS(51, "\1\0\0\12\2ab"), NOT(51, "\1\0\0\12\2a"),
	IS(52, "\3\1\1x"), NOT(52, "\3\1\1"),
	IS(55, "\2\5\0\3hhkey\1a\0"), IS(55, "\2\5\0\3hhkey"), NOT(55, "\0\5\0\3key"), NOT(55, "\2\5\0\3hhke"), NOT(55, "\2\5\0\3hhkey\1a"),
	IS(59, "\0\0\0\0\0"),
	IS(62, "\0\0\0\1\0\3\0\1\100"),
	IS(64, "\0\0\1a\0"), IS(65, "\0\1\0\0\1\0\3\2h2\0\3\0\2\1\273"), NOT(65, "\0\1\0\0\3\0\0\0\1\0\0"), NOT(65, "\0\1\0\0\1\0\0\0\1\0\0"), NOT(65, "\0\1\0\0\1\0\4\2h2"),
	NOT(65, "\0\1\0\0\1\0"), NOT(65, "\0\1"),
	IS(108, "abcdef"), NOT(108, "abcde"), IS(109, "abcdefgh"),
	IS(256, "\0\1\0\2x"), NOT(256, "\0\1\0\2"),
	IS(257, "\0\5issueca"), IS(257, "\0\5issue"), NOT(257, "\0\0ca"), NOT(257, "\0\5issu"), NOT(257, "\0"),
	IS(260, "\12\0"), IS(260, "\12\201abcd"), IS(260, "\12\3\1a\0"), NOT(260, "\12\1abc"), NOT(260, "\12\0x"), NOT(260, "\12\4"), NOT(260, "\12"),
	IS(10, ""), IS(10, "any"), IS(65280, ""), IS(65280, "\300\14"), IS(200, "x"),
#undef IS
#undef NOT
};

/* Each from memory that ends where it does. */
START_TEST(test_forms)
{
	const struct form_case *c = &form_cases[_i];
	uint8_t *exact = malloc(c->size + (c->size == 0));

	memcpy(exact, c->rdata, c->size);
	ck_assert_msg(rdata_fits(c->type, exact, c->size) == c->fits, "type %u, case %d", c->type, _i);
	free(exact);
}
END_TEST

START_TEST(test_equality)
{
	ck_assert(rdata_equal(TYPE_SRV, BYTES("\0\1\0\2\0\3\1A\0"), BYTES("\0\1\0\2\0\3\1a\0")));
	ck_assert(!rdata_equal(TYPE_SRV, BYTES("\0A\0\2\0\3\1a\0"), BYTES("\0a\0\2\0\3\1a\0")));   /* numbers that look like letters */
	ck_assert(rdata_equal(35, BYTES("\0\1\0\2\1S\3SIP\0\1A\0"), BYTES("\0\1\0\2\1S\3SIP\0\1a\0")));
	ck_assert(!rdata_equal(35, BYTES("\0\1\0\2\1s\3SIP\0\1a\0"), BYTES("\0\1\0\2\1S\3SIP\0\1a\0")));
	ck_assert(!rdata_equal(TYPE_TXT, BYTES("\1A"), BYTES("\1a")));
	ck_assert(rdata_equal(TYPE_DNAME, BYTES("\1A\0"), BYTES("\1a\0")));
	ck_assert(!rdata_equal(TYPE_NSEC, BYTES("\1A\0"), BYTES("\1a\0")));
	ck_assert(!rdata_equal(TYPE_HTTPS, BYTES("\0\1\1A\0"), BYTES("\0\1\1a\0")));
	ck_assert(rdata_equal(TYPE_SOA, BYTES("\1A\0\1B\0" "01234567890123456789"), BYTES("\1a\0\1b\0" "01234567890123456789")));
	ck_assert(!rdata_equal(TYPE_SOA, BYTES("\1A\0\1B\0" "0123456789012345678A"), BYTES("\1a\0\1b\0" "0123456789012345678a")));
	ck_assert(!rdata_equal(TYPE_NS, BYTES("\1a\0"), BYTES("\1b\0")));
	ck_assert(!rdata_equal(TYPE_NS, BYTES("\1a\0"), BYTES("\0")));
	ck_assert(rdata_equal(65280, NULL, 0, NULL, 0));
	ck_assert(!rdata_equal(TYPE_NS, BYTES("\1A"), BYTES("\1a")));          /* no name: as it stands */
}
END_TEST

/* What is equal has the same canonical form, and nothing else has. */
START_TEST(test_canonical)
{
	static const char *const rdata[] = { "\0\1\0\2\1S\3SIP\0\1A\0", "\0\1\0\2\1S\3SIP\0\1a\0", "\0\1\0\2\1s\3SIP\0\1a\0", "\0\1\0\2\1S\3SIP\0\1b\0" };
	enum { SIZE = 14 };
	uint8_t a[SIZE], b[SIZE];

	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < 4; k++) {
			rdata_canonical(35, (const uint8_t *)rdata[i], SIZE, a);
			rdata_canonical(35, (const uint8_t *)rdata[k], SIZE, b);
			ck_assert_int_eq(memcmp(a, b, SIZE) == 0,
			    rdata_equal(35, (const uint8_t *)rdata[i], SIZE, (const uint8_t *)rdata[k], SIZE));
		}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("rrs");
	TCase *t = tcase_create("rrs");

	tcase_add_test(t, test_new);
	tcase_add_test(t, test_largest);
	tcase_add_test(t, test_of);
	tcase_add_test(t, test_with_and_without);
	tcase_add_test(t, test_without_in_its_place);
	tcase_add_loop_test(t, test_forms, 0, sizeof(form_cases) / sizeof(*form_cases));
	tcase_add_test(t, test_equality);
	tcase_add_test(t, test_canonical);
	suite_add_tcase(s, t);
	return suite_run(s);
}
