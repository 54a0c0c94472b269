/* test_update_read.c - updates from bytes: dnspython's, and those that are not what they should be. */
#include "dnsd/wire.h"
#include "tests/unit/suite.h"
#include "updating.h"
#include "update_vectors.h"
#include "zones/rdata_form.h"

/* ---- what there is ---- */

static void
check_rr(const struct update_rr *a, const struct update_rr *b)
{
	ck_assert(dname_equal(a->name, b->name) && dname_length(a->name) == dname_length(b->name));
	ck_assert_mem_eq(a->name, b->name, dname_length(a->name));     /* lower case */
	ck_assert(a->type == b->type && a->rrclass == b->rrclass && a->ttl == b->ttl);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert_msg(a->size == 0 || memcmp(a->rdata, b->rdata, a->size) == 0, "type %u", a->type);
	ck_assert((a->size == 0) == (a->rdata == NULL));
}

START_TEST(test_vectors)
{
	const struct vector *v = &vectors[_i];
	enum rcode rcode = RCODE_SERVFAIL;
	uint8_t *exact = malloc(v->size);
	struct update *u, *said = updating_of(v->words);

	memcpy(exact, v->wire, v->size);
	u = update_read(exact, v->size, &rcode);
	free(exact);                           /* nothing points there */
	ck_assert_msg(u != NULL, "%s", v->name);
	ck_assert_int_eq(rcode, RCODE_NOERROR);
	ck_assert_mem_eq(u->zone, updating_apex, sizeof(updating_apex));
	ck_assert(u->zone_type == TYPE_SOA && u->zone_class == CLASS_IN);
	ck_assert(u->has_lease == v->has_lease && u->lease_s == v->lease_s && u->key_lease_s == v->key_lease_s);
	ck_assert_uint_eq(u->nprerequisites, said->nprerequisites);
	ck_assert_uint_eq(u->nchanges, said->nchanges);
	for (size_t i = 0; i < u->nprerequisites; i++)
		check_rr(&u->prerequisites[i], &said->prerequisites[i]);
	for (size_t i = 0; i < u->nchanges; i++)
		check_rr(&u->changes[i], &said->changes[i]);
	update_free(u);
	update_free(said);
}
END_TEST

/* Rdata that dnspython and ldns take for what its type has, we do too. */
START_TEST(test_all_types)
{
	const struct vector *v = &vectors[3];
	struct update *u = updating_of(v->words);
	unsigned types = 0;

	ck_assert_str_eq(v->name, "types");
	for (size_t i = 0; i < u->nchanges; i++) {
		ck_assert_msg(rdata_valid(u->changes[i].type, u->changes[i].rdata, u->changes[i].size), "type %u", u->changes[i].type);
		types += strcmp(rdata_form(u->changes[i].type), "*") != 0;
	}
	ck_assert_uint_ge(types, 2 * 50);
	update_free(u);
}
END_TEST

/* A message that ends too soon, or has a byte too many. */
START_TEST(test_cut)
{
	const struct vector *v = &vectors[_i];
	enum rcode rcode;

	for (size_t size = 0; size < v->size; size++) {
		uint8_t *exact = malloc(size + (size == 0));

		memcpy(exact, v->wire, size);
		ck_holds(update_read(exact, size, &rcode) == NULL && rcode == RCODE_FORMERR);
		free(exact);
	}

	uint8_t *more = malloc(v->size + 1);

	memcpy(more, v->wire, v->size);
	more[v->size] = 0;
	ck_assert_ptr_null(update_read(more, v->size + 1, &rcode));
	free(more);
}
END_TEST

/* ---- by hand ---- */

struct hand {
	uint8_t bytes[70000];
	struct wr w;
};

static void
hand_begin(struct hand *h, unsigned prerequisites, unsigned changes, unsigned extras)
{
	h->w = wr_begin(h->bytes, sizeof(h->bytes));
	wr_bytes(&h->w, "\0\1\50\0\0\1", 6);
	wr_u16(&h->w, prerequisites);
	wr_u16(&h->w, changes);
	wr_u16(&h->w, extras);
	wr_bytes(&h->w, "\7Example\0\0\6\0\1", 13);    /* the zone: at 12 */
}

static void
hand_rr(struct hand *h, const void *name, size_t name_size, unsigned type, unsigned rrclass, uint32_t ttl, const void *rdata, size_t size)
{
	wr_bytes(&h->w, name, name_size);
	wr_u16(&h->w, type);
	wr_u16(&h->w, rrclass);
	wr_u32(&h->w, ttl);
	wr_u16(&h->w, (unsigned)size);
	if (size > 0)
		wr_bytes(&h->w, rdata, size);
}

static struct update *
hand_read(const struct hand *h)
{
	size_t size = wr_size(&h->w);
	uint8_t *exact = malloc(size);
	enum rcode rcode;
	struct update *u;

	memcpy(exact, h->bytes, size);
	u = update_read(exact, size, &rcode);
	free(exact);
	ck_assert_int_eq(rcode, u != NULL ? RCODE_NOERROR : RCODE_FORMERR);
	return u;
}

#define TEXT(s) s, sizeof(s) - 1

/* Wherever a type has a name; in types that we do not know nothing is one. */
START_TEST(test_compressed)
{
	static const struct { unsigned type; const char *rdata; size_t size; const char *whole; size_t whole_size; } cases[] = {
		{ 2, TEXT("\2ns\300\14"), TEXT("\2ns\7Example\0") },
		{ 2, TEXT("\300\14"), TEXT("\7Example\0") },
		{ 6, TEXT("\2ns\300\14\300\14" "01234567890123456789"), TEXT("\2ns\7Example\0\7Example\0" "01234567890123456789") },
		{ 14, TEXT("\300\14\300\14"), TEXT("\7Example\0\7Example\0") },
		{ 15, TEXT("\0\12\300\14"), TEXT("\0\12\7Example\0") },
		{ 17, TEXT("\300\14\0"), TEXT("\7Example\0\0") },
		{ 18, TEXT("\0\1\300\14"), TEXT("\0\1\7Example\0") },
		{ 21, TEXT("\0\1\300\14"), TEXT("\0\1\7Example\0") },
		{ 26, TEXT("\0\1\300\14\300\14"), TEXT("\0\1\7Example\0\7Example\0") },
		{ 33, TEXT("\0\1\0\2\0\3\300\14"), TEXT("\0\1\0\2\0\3\7Example\0") },
		{ 35, TEXT("\0\1\0\2\0\0\0\300\14"), TEXT("\0\1\0\2\0\0\0\7Example\0") },
		{ 36, TEXT("\0\1\300\14"), TEXT("\0\1\7Example\0") },
		{ 39, TEXT("\300\14"), TEXT("\7Example\0") },
		{ 64, TEXT("\0\1\300\14\0\1\0\3\2h2"), TEXT("\0\1\7Example\0\0\1\0\3\2h2") },
		{ 107, TEXT("\0\1\300\14"), TEXT("\0\1\7Example\0") },
		{ 65280, TEXT("\300\14"), TEXT("\300\14") },
		{ 2, TEXT("\300\14x"), NULL, 0 },              /* more behind it */
		{ 2, TEXT("\300"), NULL, 0 },
		{ 2, TEXT("\2ns\300\62"), NULL, 0 },           /* to itself: the rdata is at 47 */
		{ 2, TEXT("\2ns\300\57"), NULL, 0 },
		{ 2, TEXT("\377\377"), NULL, 0 },              /* behind the message */
		{ 2, TEXT("\2ns\300\60"), NULL, 0 },           /* forth, from 50 back to 48, a label that runs into the pointer */
		{ 2, TEXT("\200\14"), NULL, 0 },
		{ 2, TEXT("\100\14"), NULL, 0 },
	};
	struct hand h;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned rrclass = CLASS_IN; rrclass <= CLASS_NONE; rrclass += CLASS_NONE - CLASS_IN) {
			struct update *u;

			hand_begin(&h, 0, 1, 0);
			hand_rr(&h, TEXT("\1a\300\14"), cases[i].type, rrclass, 0, cases[i].rdata, cases[i].size);
			u = hand_read(&h);
			ck_assert_msg((u != NULL) == (cases[i].whole != NULL), "case %zu", i);
			if (u == NULL)
				continue;
			ck_assert_mem_eq(u->changes[0].name, "\1a\7example", 11);
			ck_assert_uint_eq(u->changes[0].size, cases[i].whole_size);
			ck_assert_mem_eq(u->changes[0].rdata, cases[i].whole, cases[i].whole_size);
			update_free(u);
		}
}
END_TEST

/* Pointers go back only (RFC 1035, 4.1.4: to a prior occurrence): to what is whole before them. */
START_TEST(test_pointers_back)
{
	struct hand h;
	struct update *u;

	for (unsigned back = 0; back < 2; back++) {
		hand_begin(&h, 0, 2, 0);
		size_t first = wr_size(&h.w), second = first + (back == 0 ? 12 : 13);

		if (back == 0)
			wr_u16(&h.w, 0xC000 | (unsigned)second);
		else
			wr_bytes(&h.w, "\1b\0", 3);
		wr_bytes(&h.w, "\0\377\0\377\0\0\0\0\0\0", 10);
		ck_assert_uint_eq(wr_size(&h.w), second);
		if (back == 0)
			wr_bytes(&h.w, "\1b\0", 3);
		else
			wr_u16(&h.w, 0xC000 | (unsigned)first);
		wr_bytes(&h.w, "\0\377\0\377\0\0\0\0\0\0", 10);
		u = hand_read(&h);
		ck_assert((u != NULL) == (back == 1));
		update_free(u);
	}
}
END_TEST

/* Without class IN, or NONE in the update section, data is none by type: it is kept for the engine to refuse. */
START_TEST(test_data_kept)
{
	struct hand h;
	struct update *u;

	hand_begin(&h, 2, 2, 0);
	hand_rr(&h, TEXT("\300\14"), TYPE_A, CLASS_ANY, 7, "xy", 2);
	hand_rr(&h, TEXT("\300\14"), TYPE_NS, CLASS_NONE, 0, "\300\14", 2);
	hand_rr(&h, TEXT("\300\14"), TYPE_A, CLASS_ANY, 0x80000000, "xy", 2);
	hand_rr(&h, TEXT("\300\14"), TYPE_A, CLASS_CH, 0x7fffffff, "xy", 2);
	u = hand_read(&h);
	ck_assert_ptr_nonnull(u);
	ck_assert(u->prerequisites[0].ttl == 7 && u->prerequisites[0].size == 2 && u->prerequisites[1].size == 2);
	ck_assert(u->changes[0].ttl == 0 && u->changes[0].size == 2 && u->changes[1].ttl == 0x7fffffff);
	update_free(u);

	hand_begin(&h, 1, 0, 0);
	hand_rr(&h, TEXT("\300\14"), TYPE_A, CLASS_IN, 0, "xy", 2);
	ck_assert_ptr_null(hand_read(&h));
	hand_begin(&h, 0, 1, 0);
	hand_rr(&h, TEXT("\300\14"), TYPE_A, CLASS_NONE, 0, "", 0);
	ck_assert_ptr_null(hand_read(&h));
}
END_TEST

/* 255 bytes are a name, 256 are none; also with pointers. */
START_TEST(test_long_names)
{
	uint8_t name[260];
	struct hand h;
	struct update *u;

	for (unsigned last = 61; last <= 62; last++) {
		for (unsigned i = 0; i < 4; i++) {
			name[i * 64] = 63;
			memset(name + i * 64 + 1, 'a', 63);
		}
		name[192] = (uint8_t)last;
		name[193 + last] = 0;
		hand_begin(&h, 1, 0, 0);
		hand_rr(&h, name, 194 + last, TYPE_ANY, CLASS_ANY, 0, NULL, 0);
		u = hand_read(&h);
		ck_assert((u != NULL) == (last == 61));
		update_free(u);

		/* 192 bytes of labels, then one of 53 or 54 and the zone's name: 9 bytes. */
		name[192] = (uint8_t)(last - 8);
		memcpy(name + 193 + last - 8, "\300\14", 2);
		hand_begin(&h, 1, 0, 0);
		hand_rr(&h, name, 195 + last - 8, TYPE_ANY, CLASS_ANY, 0, NULL, 0);
		u = hand_read(&h);
		ck_assert((u != NULL) == (last == 61));
		update_free(u);
	}
}
END_TEST

/* Pointers to pointers: some, but not without end. */
START_TEST(test_many_hops)
{
	struct hand h;
	struct update *u;

	for (unsigned hops = 127; hops <= 130; hops++) {
		size_t at;

		hand_begin(&h, 2, 0, 0);
		at = wr_size(&h.w) + 11;       /* the first record's data */
		wr_bytes(&h.w, "\0\0\377\0\377\0\0\0\0", 9);
		wr_u16(&h.w, 2 * hops);
		for (unsigned i = 0; i < hops; i++)
			wr_u16(&h.w, 0xC000 | (i == 0 ? 12 : (unsigned)at + 2 * (i - 1)));
		wr_u16(&h.w, 0xC000 | (unsigned)(at + 2 * (hops - 1)));
		wr_bytes(&h.w, "\0\377\0\377\0\0\0\0\0\0", 10);
		u = hand_read(&h);
		ck_assert_msg((u != NULL) == (hops < 128), "%u", hops);
		update_free(u);
	}
}
END_TEST

START_TEST(test_counts)
{
	struct hand h;
	struct update *u;

	hand_begin(&h, 0, 0, 0);
	be16_put(h.bytes + 4, 0);
	ck_assert_ptr_null(hand_read(&h));
	be16_put(h.bytes + 4, 2);
	ck_assert_ptr_null(hand_read(&h));
	for (unsigned at = 6; at <= 10; at += 2) {
		hand_begin(&h, 0, 0, 0);
		be16_put(h.bytes + at, 65535);
		ck_assert_ptr_null(hand_read(&h));
	}

	/* As many as a message can hold. */
	hand_begin(&h, 0, 5450, 0);
	for (unsigned i = 0; i < 5450; i++)
		hand_rr(&h, TEXT("\300\14"), TYPE_ANY, CLASS_ANY, 0, NULL, 0);
	u = hand_read(&h);
	ck_assert(u != NULL && u->nchanges == 5450);
	update_free(u);
}
END_TEST

/* Data as large as a message allows, and larger when its name is uncompressed. */
START_TEST(test_grows)
{
	static uint8_t rdata[65000], name[DNAME_MAX];
	uint8_t *p = name;
	struct update *u;
	struct hand h;

	for (unsigned i = 0; i < 4; i++) {
		*p = i < 3 ? 63 : 61;
		memset(p + 1, 'a', *p);
		p += 1 + *p;
	}
	memcpy(rdata, "\0\1\1\1\0\0\0\1\0\0\0\1\0\0\0\1\0\1", 18);   /* a SIG up to its signer, */
	hand_begin(&h, 1, 1, 0);
	be16_put(rdata + 18, 0xC000 | (unsigned)wr_size(&h.w));                      /* which is the first record's owner */
	hand_rr(&h, name, sizeof(name), TYPE_ANY, CLASS_ANY, 0, NULL, 0);
	hand_rr(&h, "", 1, 24, CLASS_IN, 0, rdata, sizeof(rdata));
	ck_assert_uint_le(wr_size(&h.w), 65535);
	u = hand_read(&h);
	ck_assert(u != NULL && u->changes[0].size == sizeof(rdata) - 2 + DNAME_MAX);
	ck_assert_mem_eq(u->changes[0].rdata + 18, name, sizeof(name));
	update_free(u);
}
END_TEST

/* ---- the lease ---- */

static struct update *
read_options(const void *options, size_t size, unsigned version)
{
	struct hand h;

	hand_begin(&h, 0, 0, 1);
	hand_rr(&h, "", 1, TYPE_OPT, 1232, (uint32_t)version << 16, options, size);
	return hand_read(&h);
}

START_TEST(test_lease)
{
	struct update *u = read_options(TEXT("\0\2\0\4\0\0\16\20"), 0);

	ck_assert(u->has_lease && u->lease_s == 3600 && u->key_lease_s == 3600);
	update_free(u);
	u = read_options(TEXT("\0\3\0\0\0\2\0\10\1\2\3\4\5\6\7\10"), 0);
	ck_assert(u->has_lease && u->lease_s == 0x01020304 && u->key_lease_s == 0x05060708);
	update_free(u);
	u = read_options(TEXT("\0\2\0\4\0\0\16\20"), 1);
	ck_assert(u != NULL && !u->has_lease);
	update_free(u);
	u = read_options(NULL, 0, 0);
	ck_assert(u != NULL && !u->has_lease);
	update_free(u);
	ck_assert_ptr_null(read_options(TEXT("\0\2\0\3\0\0\16"), 0));
	ck_assert_ptr_null(read_options(TEXT("\0\2\0\0"), 0));
	ck_assert_ptr_null(read_options(TEXT("\0\2\0\5\0\0\16\20\0"), 0));
	ck_assert_ptr_null(read_options(TEXT("\0\2\0\4\0\0\16"), 0));
	ck_assert_ptr_null(read_options(TEXT("\0\2\0"), 0));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("update_read");
	TCase *t = tcase_create("update_read");

	tcase_add_loop_test(t, test_vectors, 0, sizeof(vectors) / sizeof(*vectors));
	tcase_add_loop_test(t, test_cut, 0, sizeof(vectors) / sizeof(*vectors));
	tcase_add_test(t, test_all_types);
	tcase_add_test(t, test_compressed);
	tcase_add_test(t, test_pointers_back);
	tcase_add_test(t, test_data_kept);
	tcase_add_test(t, test_long_names);
	tcase_add_test(t, test_many_hops);
	tcase_add_test(t, test_counts);
	tcase_add_test(t, test_grows);
	tcase_add_test(t, test_lease);
	suite_add_tcase(s, t);
	return suite_run(s);
}
