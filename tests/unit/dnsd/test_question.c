/* test_question.c - untrusted bytes in, a question or an RCODE out. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dnsd/question.h"
#include "dnsd/wire.h"
#include "zones/zone.h"
#include "tests/unit/suite.h"

/* The row's bytes are behind the ID; counts and sections are spelled out, so that each row is what a wire shows. */
#define COUNTS(qd, an, ns, ar) "\0" qd "\0" an "\0" ns "\0" ar
#define QUERY COUNTS("\1", "\0", "\0", "\0")
#define WITH(n) COUNTS("\1", "\0", "\0", n)
#define WWW "\3www\7example\3com\0"
#define WWW_A WWW "\0\1\0\1"
#define OPT(size, data) "\0\0\x29\x04\xD0\0\0\x80\0" size data
#define PLAIN_OPT OPT("\0\0", "")
#define COOKIE_OPT(rdlength, size, data) "\0\0" WITH("\1") WWW_A OPT(rdlength, "\0\x0A" size data)
#define TSIG_BODY "\0\xFA\0\xFF\0\0\0\0\0\x1b" "\3hma\0" "\0\0\x65\0\0\0\1\x2c" "\0\6MACMAC" "\x12\x34\0\0\0\0"
#define TSIG "\4ddns\0" TSIG_BODY
#define IXFR_SOA "\xC0\x0C\0\6\0\1\0\0\0\0\0\2xx"
#define UPDATE(prerequisites, changes, extras) "\x28\0" COUNTS("\1", prerequisites, changes, extras)
#define ZONE WWW "\0\6\0\1"
#define GONE_RR "\1x\xC0\x0C\0\xFF\0\xFE\0\0\0\0\0\0"
#define ADD_RR "\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4abcd"
#define CLIENT8 "clientck"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 "\77" A63
#define L61 "\75aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L62 "\76aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

enum { SILENCE = 100 };

#define ROW(what, bytes, rcode, echoed) { what, bytes, sizeof(bytes) - 1, rcode, echoed }
static const struct {
	const char *what;
	const char *bytes;
	size_t size;
	unsigned rcode;
	unsigned echoed;                       /* bytes of the question section */
} rows[] = {
	ROW("a plain query", "\0\0" QUERY WWW_A, RCODE_NOERROR, 21),
	ROW("the root", "\0\0" QUERY "\0" "\0\2\0\1", RCODE_NOERROR, 5),
	ROW("255 bytes of name", "\0\0" QUERY L63 L63 L63 L61 "\0" "\0\1\0\1", RCODE_NOERROR, 259),
	ROW("256 bytes of name", "\0\0" QUERY L63 L63 L63 L62 "\0" "\0\1\0\1", RCODE_FORMERR, 0),
	ROW("every flag but QR", "\x07\xFF" QUERY WWW_A, RCODE_NOERROR, 21),

	ROW("nothing but flags", "\0\0", SILENCE, 0),
	ROW("eleven bytes", "\0\0" COUNTS("\1", "\0", "\0", ""), SILENCE, 0),
	ROW("an answer", "\x80\0" QUERY WWW_A, SILENCE, 0),
	ROW("an answer to NOTIFY", "\xA0\0" QUERY WWW_A, SILENCE, 0),
	ROW("a header alone", "\0\0" QUERY, RCODE_FORMERR, 0),
	ROW("no question", "\0\0" COUNTS("\0", "\0", "\0", "\0"), RCODE_FORMERR, 0),
	ROW("no question, but an OPT", "\0\0" COUNTS("\0", "\0", "\0", "\1") PLAIN_OPT, RCODE_FORMERR, 0),
	ROW("two questions", "\0\0" COUNTS("\2", "\0", "\0", "\0") WWW_A WWW_A, RCODE_FORMERR, 0),
	ROW("256 questions", "\0\0" "\1\0\0\0\0\0\0\0" WWW_A, RCODE_FORMERR, 0),

	ROW("no type", "\0\0" QUERY WWW, RCODE_FORMERR, 0),
	ROW("half a class", "\0\0" QUERY WWW "\0\1\0", RCODE_FORMERR, 0),
	ROW("a byte behind the question", "\0\0" QUERY WWW_A "\0", RCODE_FORMERR, 21),
	ROW("a name without end", "\0\0" QUERY "\3www", RCODE_FORMERR, 0),
	ROW("a label longer than the message", "\0\0" QUERY "\77www\0\0\1\0\1", RCODE_FORMERR, 0),
	ROW("a pointer for a name", "\0\0" QUERY "\xC0\x0C\0\1\0\1", RCODE_FORMERR, 0),
	ROW("a pointer in a name", "\0\0" QUERY "\3www\xC0\x0C\0\1\0\1", RCODE_FORMERR, 0),
	ROW("a label type of 1989", "\0\0" QUERY "\x41www\0\0\1\0\1", RCODE_FORMERR, 0),

	ROW("an answer section", "\0\0" COUNTS("\1", "\1", "\0", "\0") WWW_A WWW_A "\0\0\0\0\0\0", RCODE_FORMERR, 21),
	ROW("an answer counted, none there", "\0\0" COUNTS("\1", "\1", "\0", "\0") WWW_A, RCODE_FORMERR, 21),
	ROW("an authority section", "\0\0" COUNTS("\1", "\0", "\1", "\0") WWW_A WWW_A "\0\0\0\0\0\0", RCODE_FORMERR, 21),
	ROW("IXFR's SOA", "\0\0" COUNTS("\1", "\0", "\1", "\0") WWW "\0\xFB\0\1" IXFR_SOA, RCODE_NOERROR, 21),
	ROW("IXFR's SOA, short", "\0\0" COUNTS("\1", "\0", "\1", "\0") WWW "\0\xFB\0\1" "\xC0\x0C\0\6\0\1\0\0\0\0\0\3xx", RCODE_FORMERR, 21),
	ROW("IXFR with two", "\0\0" COUNTS("\1", "\0", "\2", "\0") WWW "\0\xFB\0\1" IXFR_SOA IXFR_SOA, RCODE_FORMERR, 21),
	ROW("IXFR without", "\0\0" QUERY WWW "\0\xFB\0\1", RCODE_NOERROR, 21),
	ROW("more counted than there", "\0\0" WITH("\1") WWW_A, RCODE_FORMERR, 21),
	ROW("65,535 additional records", "\0\0" "\0\1\0\0\0\0\xFF\xFF" WWW_A PLAIN_OPT, RCODE_FORMERR, 21),

	ROW("an OPT", "\0\0" WITH("\1") WWW_A PLAIN_OPT, RCODE_NOERROR, 21),
	ROW("an OPT with options", "\0\0" WITH("\1") WWW_A OPT("\0\x0C", "\0\3\0\0\xFF\xFF\0\4abcd"), RCODE_NOERROR, 21),
	ROW("an OPT, one byte short", "\0\0" WITH("\1") WWW_A "\0\0\x29\x04\xD0\0\0\x80\0\0", RCODE_FORMERR, 21),
	ROW("an OPT, one byte long", "\0\0" WITH("\1") WWW_A PLAIN_OPT "\0", RCODE_FORMERR, 21),
	ROW("an OPT, uncounted", "\0\0" QUERY WWW_A PLAIN_OPT, RCODE_FORMERR, 21),
	ROW("an option, one byte short", "\0\0" WITH("\1") WWW_A OPT("\0\7", "\0\3\0\4abc"), RCODE_FORMERR, 21),
	ROW("an option of three bytes", "\0\0" WITH("\1") WWW_A OPT("\0\3", "\0\3\0"), RCODE_FORMERR, 21),
	ROW("two OPTs", "\0\0" WITH("\2") WWW_A PLAIN_OPT PLAIN_OPT, RCODE_FORMERR, 21),
	ROW("an OPT not at the root", "\0\0" WITH("\1") WWW_A "\1x" PLAIN_OPT, RCODE_FORMERR, 21),
	ROW("an OPT at a pointer to the root", "\0\0" WITH("\1") WWW_A "\xC0\x1C" "\0\x29\x04\xD0\0\0\0\0\0\0", RCODE_FORMERR, 21),
	ROW("EDNS version 1", "\0\0" WITH("\1") WWW_A "\0\0\x29\x04\xD0\0\1\0\0\0\0", RCODE_BADVERS, 21),
	ROW("EDNS version 1, options of another shape", "\0\0" WITH("\1") WWW_A "\0\0\x29\x04\xD0\0\1\0\0\0\1?", RCODE_BADVERS, 21),
	ROW("EDNS version 1, its options not whole", "\0\0" WITH("\1") WWW_A "\0\0\x29\x04\xD0\0\1\0\0\0\2?", RCODE_FORMERR, 21),
	ROW("EDNS version 1 and a TSIG", "\0\0" WITH("\2") WWW_A "\0\0\x29\x04\xD0\0\1\0\0\0\0" TSIG, RCODE_BADVERS, 21),

	ROW("a cookie of 7", COOKIE_OPT("\0\x0b", "\0\x07", "clientc"), RCODE_FORMERR, 21),
	ROW("a cookie of 8", COOKIE_OPT("\0\x0c", "\0\x08", CLIENT8), RCODE_NOERROR, 21),
	ROW("a cookie of 9", COOKIE_OPT("\0\x0d", "\0\x09", CLIENT8 "s"), RCODE_FORMERR, 21),
	ROW("a cookie of 15", COOKIE_OPT("\0\x13", "\0\x0f", CLIENT8 "serverc"), RCODE_FORMERR, 21),
	ROW("a cookie of 16", COOKIE_OPT("\0\x14", "\0\x10", CLIENT8 CLIENT8), RCODE_NOERROR, 21),
	ROW("a cookie of 40", COOKIE_OPT("\0\x2c", "\0\x28", CLIENT8 CLIENT8 CLIENT8 CLIENT8 CLIENT8), RCODE_NOERROR, 21),
	ROW("a cookie of 41", COOKIE_OPT("\0\x2d", "\0\x29", CLIENT8 CLIENT8 CLIENT8 CLIENT8 CLIENT8 "s"), RCODE_FORMERR, 21),
	ROW("an empty cookie", COOKIE_OPT("\0\x04", "\0\0", ""), RCODE_FORMERR, 21),
	ROW("a second cookie is not looked at", COOKIE_OPT("\0\x10", "\0\x08", CLIENT8 "\0\x0A\0\0"), RCODE_NOERROR, 21),
	ROW("a cookie without a question", "\0\0" COUNTS("\0", "\0", "\0", "\1") OPT("\0\x0c", "\0\x0A\0\x08" CLIENT8), RCODE_NOERROR, 0),
	ROW("the same, signed", "\0\0" COUNTS("\0", "\0", "\0", "\2") OPT("\0\x0c", "\0\x0A\0\x08" CLIENT8) TSIG, RCODE_FORMERR, 0),
	ROW("the same, of version 1", "\0\0" COUNTS("\0", "\0", "\0", "\1") "\0\0\x29\x04\xD0\0\1\0\0\0\x0c\0\x0A\0\x08" CLIENT8, RCODE_FORMERR, 0),
	ROW("a cookie and two questions", "\0\0" COUNTS("\2", "\0", "\0", "\1") WWW_A WWW_A OPT("\0\x0c", "\0\x0A\0\x08" CLIENT8), RCODE_FORMERR, 0),

	ROW("another additional record", "\0\0" WITH("\2") WWW_A "\xC0\x0C\0\1\0\1\0\0\0\0\0\4abcd" PLAIN_OPT, RCODE_NOERROR, 21),

	ROW("a TSIG", "\0\0" WITH("\1") WWW_A TSIG, RCODE_NOERROR, 21),
	ROW("an OPT and a TSIG", "\0\0" WITH("\2") WWW_A PLAIN_OPT TSIG, RCODE_NOERROR, 21),
	ROW("a TSIG before an OPT", "\0\0" WITH("\2") WWW_A TSIG PLAIN_OPT, RCODE_FORMERR, 21),
	ROW("two TSIGs", "\0\0" WITH("\2") WWW_A TSIG TSIG, RCODE_FORMERR, 21),
	ROW("a TSIG with a compressed key", "\0\0" WITH("\1") WWW_A "\xC0\x0C" TSIG_BODY, RCODE_FORMERR, 21),
	ROW("a TSIG of class IN", "\0\0" WITH("\1") WWW_A "\4ddns\0\0\xFA\0\1\0\0\0\0\0\0", RCODE_FORMERR, 21),
	ROW("a TSIG with a TTL", "\0\0" WITH("\1") WWW_A "\4ddns\0\0\xFA\0\xFF\0\0\0\1\0\0", RCODE_FORMERR, 21),

	ROW("NOTIFY", "\x20\0" QUERY WWW_A, RCODE_NOTIMP, 21),
	ROW("NOTIFY with an answer", "\x20\0" COUNTS("\1", "\1", "\0", "\0") WWW_A "garbage", RCODE_NOTIMP, 21),
	ROW("UPDATE of nothing", UPDATE("\0", "\0", "\0") ZONE, RCODE_NOERROR, 21),
	ROW("UPDATE with prerequisites and changes", UPDATE("\1", "\2", "\0") ZONE GONE_RR ADD_RR ADD_RR, RCODE_NOERROR, 21),
	ROW("UPDATE, an OPT and a TSIG", UPDATE("\1", "\1", "\2") ZONE GONE_RR ADD_RR PLAIN_OPT TSIG, RCODE_NOERROR, 21),
	ROW("UPDATE, a record of glue", UPDATE("\0", "\0", "\1") ZONE ADD_RR, RCODE_NOERROR, 21),
	ROW("UPDATE without a zone", "\x28\0" COUNTS("\0", "\0", "\1", "\0") GONE_RR, RCODE_FORMERR, 0),
	ROW("UPDATE without a zone, with a cookie", "\x28\0" COUNTS("\0", "\0", "\0", "\1") OPT("\0\x0c", "\0\x0A\0\x08" CLIENT8),
	    RCODE_FORMERR, 0),
	ROW("UPDATE of two zones", "\x28\0" COUNTS("\2", "\0", "\0", "\0") ZONE ZONE, RCODE_FORMERR, 0),
	ROW("UPDATE, fewer records than counted", UPDATE("\1", "\2", "\0") ZONE GONE_RR ADD_RR, RCODE_FORMERR, 21),
	ROW("UPDATE, more records than counted", UPDATE("\0", "\1", "\0") ZONE GONE_RR ADD_RR, RCODE_FORMERR, 21),
	ROW("UPDATE, 131,070 records", "\x28\0" "\0\1\xFF\xFF\xFF\xFF\0\0" ZONE GONE_RR, RCODE_FORMERR, 21),
	ROW("UPDATE, a TSIG before an OPT", UPDATE("\0", "\0", "\2") ZONE TSIG PLAIN_OPT, RCODE_FORMERR, 21),
	ROW("UPDATE, EDNS version 1", UPDATE("\0", "\0", "\1") ZONE "\0\0\x29\x04\xD0\0\1\0\0\0\0", RCODE_BADVERS, 21),
	ROW("DSO, which has no question", "\x30\0" COUNTS("\0", "\0", "\0", "\0"), RCODE_NOTIMP, 0),
	ROW("opcode 15, a broken question", "\x78\0" QUERY "\xFF", RCODE_NOTIMP, 0),
};

static unsigned
outcome(struct question *q, const uint8_t *bytes, size_t size)
{
	enum rcode rcode = RCODE_SERVFAIL;
	/* A copy of its own, so that a sanitizer sees the first byte too many. */
	uint8_t *copy = malloc(size > 0 ? size : 1);

	memcpy(copy, bytes, size);
	bool answered = question_read(q, copy, size, &rcode);
	free(copy);
	return answered ? (unsigned)rcode : SILENCE;
}

START_TEST(test_rows)
{
	struct question q;
	uint8_t bytes[600] = { 0x12, 0x34 };

	memcpy(bytes + 2, rows[_i].bytes, rows[_i].size);
	unsigned rcode = outcome(&q, bytes, rows[_i].size + 2);

	ck_assert_msg(rcode == rows[_i].rcode, "%s: %u, not %u", rows[_i].what, rcode, rows[_i].rcode);
	if (rcode != SILENCE)
		ck_assert_msg(q.size == rows[_i].echoed, "%s: %u bytes echoed, not %u", rows[_i].what, q.size, rows[_i].echoed);
}
END_TEST

/* Every message that is cut anywhere, or one byte longer, is refused and never the same message. */
START_TEST(test_one_byte_short_one_byte_long)
{
	static const char whole[] = "\x12\x34\0\0" WITH("\2") WWW_A OPT("\0\4", "\0\3\0\0") TSIG;
	struct question q;
	const uint8_t *bytes = (const uint8_t *)whole;
	size_t size = sizeof(whole) - 1;

	ck_assert_uint_eq(outcome(&q, bytes, size), RCODE_NOERROR);
	for (size_t n = 0; n < size; n++)
		ck_assert_uint_eq(outcome(&q, bytes, n), n < 12 ? SILENCE : RCODE_FORMERR);
	ck_assert_uint_eq(outcome(&q, bytes, size + 1), RCODE_FORMERR);
}
END_TEST

/* The same of an update: no byte of it may be missing in a section that is stepped over. */
START_TEST(test_update_one_byte_short_one_byte_long)
{
	static const char whole[] = "\x12\x34" UPDATE("\1", "\1", "\2") ZONE GONE_RR ADD_RR PLAIN_OPT TSIG;
	struct question q;
	const uint8_t *bytes = (const uint8_t *)whole;
	size_t size = sizeof(whole) - 1;

	ck_assert_uint_eq(outcome(&q, bytes, size), RCODE_NOERROR);
	ck_assert(q.update && q.edns);
	ck_assert_uint_eq(q.type, TYPE_SOA);
	ck_assert_uint_eq(q.class, CLASS_IN);
	ck_assert_uint_eq(q.tsig_at, size - (sizeof(TSIG) - 1));
	for (size_t n = 0; n < size; n++)
		ck_assert_uint_eq(outcome(&q, bytes, n), n < 12 ? SILENCE : RCODE_FORMERR);
	ck_assert_uint_eq(outcome(&q, bytes, size + 1), RCODE_FORMERR);
}
END_TEST

START_TEST(test_what_is_read)
{
	static const char query[] = "\x12\x34\1\x10" WITH("\2") "\3wWw\0\0\x1c\0\3" OPT("\0\4", "\0\3\0\0") TSIG;
	enum rcode rcode;
	struct question q;

	ck_assert(question_read(&q, (const uint8_t *)query, sizeof(query) - 1, &rcode));
	ck_assert_uint_eq(q.flags, FLAG_RD | FLAG_CD);
	ck_assert_uint_eq(q.type, TYPE_AAAA);
	ck_assert_uint_eq(q.class, CLASS_CH);
	ck_assert_uint_eq(q.name_size, 5);
	ck_assert_mem_eq(q.name, "\3wWw\0", 5);
	ck_assert(q.edns && q.nsid);
	ck_assert_uint_eq(q.udp_size, 1232);
	ck_assert_uint_eq(q.edns_flags, EDNS_DO);
	ck_assert_uint_eq(q.tsig_key_size, 6);
	ck_assert_mem_eq(q.tsig_key, "\4ddns\0", 6);
	ck_assert_uint_eq(q.tsig_size, 0x1b);
	ck_assert_uint_eq(q.tsig_at, 12 + 9 + 11 + 4);
	ck_assert_ptr_null(q.authority);
	ck_assert_ptr_null(q.cookie);
	ck_assert(!q.padding && q.keepalive == KEEPALIVE_NONE);
}
END_TEST

START_TEST(test_options_are_read)
{
	static const char query[] = "\x12\x34\0\0" WITH("\1") WWW_A
	    OPT("\0\x27", "\0\x0A\0\x10" CLIENT8 CLIENT8 "\0\x0C\0\1x" "\0\x0B\0\0" "\0\x0B\0\2\0\0" "\0\x0B\0\0");
	uint8_t bytes[sizeof(query)];
	enum rcode rcode;
	struct question q;

	memcpy(bytes, query, sizeof(query));
	ck_assert(question_read(&q, bytes, sizeof(query) - 1, &rcode));
	ck_assert_int_eq(rcode, RCODE_NOERROR);
	ck_assert_uint_eq(q.cookie_size, 16);
	ck_assert_mem_eq(q.cookie, CLIENT8 CLIENT8, 16);
	ck_assert(q.padding && q.keepalive == KEEPALIVE_MALFORMED && !q.nsid);
	ck_assert_uint_eq(q.tsig_at, 0);

	bytes[12 + 21 + 10] -= 10;             /* without what malforms it, and what is behind that */
	ck_assert(question_read(&q, bytes, sizeof(query) - 11, &rcode));
	ck_assert(rcode == RCODE_NOERROR && q.keepalive == KEEPALIVE_ASKED);
}
END_TEST

/* An answer to malformed options has an OPT, so that nobody takes us for a server without EDNS (RFC 6891, 7). */
START_TEST(test_malformed_options_are_edns)
{
	static const char query[] = "\x12\x34\0\0" COOKIE_OPT("\0\x0b", "\0\x07", "clientc");
	enum rcode rcode;
	struct question q;

	ck_assert(question_read(&q, (const uint8_t *)query + 2, sizeof(query) - 3, &rcode));
	ck_assert(rcode == RCODE_FORMERR && q.edns);
}
END_TEST

START_TEST(test_ixfr_brings_its_soa)
{
	static const char query[] = "\x12\x34\0\0" COUNTS("\1", "\0", "\1", "\2") WWW "\0\xFB\0\1" IXFR_SOA PLAIN_OPT TSIG;
	enum rcode rcode;
	struct question q;

	ck_assert(question_read(&q, (const uint8_t *)query, sizeof(query) - 1, &rcode));
	ck_assert_int_eq(rcode, RCODE_NOERROR);
	ck_assert_uint_eq(q.authority_size, 14);
	ck_assert_mem_eq(q.authority, IXFR_SOA, 14);
	ck_assert_uint_eq(q.tsig_at, 12 + 21 + 14 + 11);
	ck_assert_mem_eq(query + q.tsig_at, TSIG, sizeof(TSIG) - 1);
}
END_TEST

/* ---- the cursors themselves ---- */

START_TEST(test_reader_stays_inside)
{
	const uint8_t bytes[] = { 1, 2, 3 };
	struct rd r = rd_begin(bytes, 3);

	ck_assert_uint_eq(rd_u16(&r), 0x0102);
	ck_assert_uint_eq(rd_u16(&r), 0);
	ck_assert(r.bad);
	ck_assert_uint_eq(rd_u8(&r), 0);       /* though one byte is left: it is over */
	ck_assert_ptr_null(rd_bytes(&r, 0));
}
END_TEST

START_TEST(test_writer_stays_inside)
{
	uint8_t bytes[6] = { 0, 0, 0, 0, 0, 0xAA };
	struct wr w = wr_begin(bytes, 5);
	uint8_t *length = wr_open(&w);

	wr_u8(&w, 7);
	wr_close(&w, length);
	ck_assert_uint_eq(be16_get(bytes), 1);
	wr_u32(&w, 0xFFFFFFFF);                /* half of it fits, and is written; the rest is not */
	ck_assert(w.full);
	wr_u8(&w, 1);
	ck_assert_uint_eq(wr_size(&w), 5);
	ck_assert_uint_eq(bytes[5], 0xAA);
	ck_assert_ptr_null(wr_room(&w, 0));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("question");
	TCase *t = tcase_create("question");

	tcase_add_loop_test(t, test_rows, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(t, test_one_byte_short_one_byte_long);
	tcase_add_test(t, test_update_one_byte_short_one_byte_long);
	tcase_add_test(t, test_what_is_read);
	tcase_add_test(t, test_options_are_read);
	tcase_add_test(t, test_malformed_options_are_edns);
	tcase_add_test(t, test_ixfr_brings_its_soa);
	tcase_add_test(t, test_reader_stays_inside);
	tcase_add_test(t, test_writer_stays_inside);
	suite_add_tcase(s, t);

	return suite_run(s);
}
