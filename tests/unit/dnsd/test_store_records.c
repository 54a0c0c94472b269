/* test_store_records.c - records of dynamic zones come back from homing.db as they went in. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/store.h"
#include "dnsd/store_db.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/suite.h"
#include "zones/rrs.h"
#include "zones/zone.h"

#define HEAD "@ 300 SOA ns host 7 3600 600 86400 60\n@ 300 NS ns\nns 300 A 192.0.2.1\n"

static uint8_t apex[DNAME_MAX];

static const uint8_t *
name_of(const char *text)
{
	static uint8_t names[8][DNAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 8];

	ck_assert_uint_gt(dname_parse(text, name), 0);
	return name;
}

static struct zone *
parse(const char *text)
{
	struct diag diag = { 0 };
	struct zone *z = zone_parse(apex, text, strlen(text), "test", &diag);

	ck_assert_msg(z != NULL, "%s", diag.count > 0 ? diag.messages[0] : "?");
	diag_clear(&diag);
	return z;
}

/* All of a zone as text. */
static char *
print(const struct zone *z)
{
	char *all = mem_text("");

	for (const struct node *n = NULL; (n = zone_next(z, n)) != NULL;) {
		size_t size;
		char *lines = node_print(n, &size), *more = mem_printf("%s%.*s", all, (int)size, lines);

		free(lines);
		free(all);
		all = more;
	}
	return all;
}

static struct store *
store(void)
{
	struct store *s = store_open(folder, error, sizeof(error));

	ck_assert_msg(s != NULL, "%s", error);
	return s;
}

/* NULL: the store does not have it. */
static struct zone *
load(const char *zone)
{
	struct store_reader *r;
	struct zone *z;

	ck_assert_msg(store_reader_open(folder, &r, error, sizeof(error)), "%s", error);
	ck_assert_ptr_nonnull(r);
	ck_assert_msg(store_load(r, zone, apex, &z, error, sizeof(error)), "%s", error);
	store_reader_close(r);
	return z;
}

static void
ck_same(const struct zone *a, const struct zone *b)
{
	char *x = print(a), *y = print(b);

	ck_assert_str_eq(x, y);
	free(x);
	free(y);
}

static void
setup(void)
{
	folder_make();
	dname_parse("dyn.example.com", apex);
}

static bool
seed(struct store *s, const char *text, bool replace)
{
	struct zone *z = parse(text);
	bool ok = store_seed(s, "dyn.example.com", z, replace, error, sizeof(error));

	zone_free(z);
	return ok;
}

/* One RRset from text; NULL data: gone. */
static struct store_rrset
rrset(const char *name, uint16_t type, const struct rrs *rrs)
{
	return (struct store_rrset){ "dyn.example.com", name_of(name), type, rrs };
}

static struct rrs *
a_record(uint32_t ttl, uint8_t last)
{
	const uint8_t data[] = { 0, 4, 192, 0, 2, last };

	return rrs_new(TYPE_A, 1, ttl, data, sizeof(data));
}

/* ---- whole zones ---- */

static const char rich[] = HEAD
    "* 60 TXT \"any\"\n"
    "www 60 A 192.0.2.7\nwww 60 A 192.0.2.8\nwww 60 AAAA 2001:db8::7\nwww 60 TXT \"a\" \"b c\"\n"
    "b.www 1 CNAME WWW\nsub 60 NS ns.sub\nns.sub 60 A 192.0.2.9\n\\000z 60 A 192.0.2.10\n\\001 60 A 192.0.2.11\n"
    "a\\000b.\\002 60 TYPE65280 \\# 3 000102\nempty 0 TYPE65281 \\# 0\nz 2147483647 MX 10 Mail.Example.NET.\n"
    "old 60 DNAME new.example.net.\nsvc 60 HTTPS 1 . alpn=h2\n";

START_TEST(zones_come_back)
{
	struct store *s = store();
	struct zone *given = parse(rich), *found;

	ck_assert_ptr_null(load("dyn.example.com"));
	ck_assert_msg(store_seed(s, "dyn.example.com", given, false, error, sizeof(error)), "%s", error);
	found = load("dyn.example.com");
	ck_same(given, found);
	ck_assert_ptr_null(load("example.com"));
	zone_free(found);
	zone_free(given);
	store_close(s);

	given = parse(rich);                   /* and with nobody else there */
	found = load("dyn.example.com");
	ck_same(given, found);
	zone_free(found);
	zone_free(given);
}
END_TEST

START_TEST(a_seed_is_for_an_empty_store)
{
	struct store *s = store();
	struct zone *found, *second;
	char *text;

	ck_assert(seed(s, HEAD "one 60 A 192.0.2.1\n", false));
	ck_assert(seed(s, HEAD "two 60 A 192.0.2.1\n", false));        /* nothing is done */
	found = load("dyn.example.com");
	text = print(found);
	ck_assert_ptr_nonnull(strstr(text, "one.dyn"));
	free(text);
	zone_free(found);
	ck_assert(seed(s, HEAD "two 60 A 192.0.2.1\n", true));
	found = load("dyn.example.com");
	second = parse(HEAD "two 60 A 192.0.2.1\n");
	ck_same(second, found);
	zone_free(second);
	zone_free(found);
	ck_assert(store_forget(s, "dyn.example.com", error, sizeof(error)));
	ck_assert_ptr_null(load("dyn.example.com"));
	ck_assert(store_forget(s, "dyn.example.com", error, sizeof(error)));   /* twice is fine */
	store_close(s);
}
END_TEST

static void
count_zone(void *arg, const char *zone)
{
	ck_assert_str_eq(zone, "dyn.example.com");
	++*(unsigned *)arg;
}

START_TEST(the_store_knows_its_zones)
{
	struct store *s = store();
	unsigned n = 0;

	ck_assert(store_zones_each(s, count_zone, &n, error, sizeof(error)));
	ck_assert_uint_eq(n, 0);
	ck_assert(seed(s, HEAD, false));
	ck_assert(store_zones_each(s, count_zone, &n, error, sizeof(error)));
	ck_assert_uint_eq(n, 1);
	store_close(s);
}
END_TEST

START_TEST(what_follows_health_is_not_kept)
{
	struct store *s = store();
	struct zone *z = parse(HEAD "www 60 TXT \"kept\"\n"), *found, *want;
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;

	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	ck_assert(rrbuf_add(b, "\300\0\2\7", 4));
	zone_put(e, name_of("www.dyn.example.com"), b);
	zone_mark_service(e, name_of("www.dyn.example.com"), 0);
	rrbuf_free(b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	ck_assert(store_seed(s, "dyn.example.com", z, false, error, sizeof(error)));
	found = load("dyn.example.com");
	want = parse(HEAD "www 60 TXT \"kept\"\n");
	ck_same(want, found);
	zone_free(want);
	zone_free(found);
	zone_free(z);
	store_close(s);
}
END_TEST

/* ---- updates ---- */

START_TEST(updates_come_back)
{
	struct store *s = store();
	struct rrs *one = a_record(30, 7), *two = a_record(40, 8);
	struct store_rrset first[] = { rrset("new.dyn.example.com", TYPE_A, one), rrset("ns.dyn.example.com", TYPE_A, two),
	    rrset("gone.dyn.example.com", TYPE_A, one) };
	struct store_rrset second[] = { rrset("gone.dyn.example.com", TYPE_A, NULL), rrset("never.dyn.example.com", TYPE_A, NULL) };
	struct zone *found, *want;

	ck_assert(seed(s, HEAD, false));
	ck_assert_msg(store_update(s, first, 3, NULL, 0, error, sizeof(error)), "%s", error);
	ck_assert_msg(store_update(s, second, 2, NULL, 0, error, sizeof(error)), "%s", error);
	found = load("dyn.example.com");
	want = parse("@ 300 SOA ns host 7 3600 600 86400 60\n@ 300 NS ns\nns 40 A 192.0.2.8\nnew 30 A 192.0.2.7\n");
	ck_same(want, found);
	zone_free(want);
	zone_free(found);
	free(one);
	free(two);
	store_close(s);
}
END_TEST

/* The second of three cannot be: none is kept. */
START_TEST(an_update_is_whole)
{
	struct store *s = store();
	struct rrs *one = a_record(30, 7);
	struct store_rrset all[] = { rrset("a.dyn.example.com", TYPE_A, one), rrset("b.dyn.example.com", TYPE_A, one),
	    rrset("c.dyn.example.com", TYPE_A, one) };
	struct zone *found, *want;

	all[1].zone = "other.example.com";
	ck_assert(seed(s, HEAD, false));
	ck_assert(!store_update(s, all, 3, NULL, 0, error, sizeof(error)));
	ck_assert_msg(strstr(error, "homing.db: cannot keep an update: there is no zone other.example.com") != NULL, "%s", error);
	found = load("dyn.example.com");
	want = parse(HEAD);
	ck_same(want, found);
	zone_free(want);
	zone_free(found);
	free(one);
	store_close(s);
}
END_TEST

/* ---- serials ---- */

static uint32_t
ceiling(struct store *s)
{
	struct store_serial *rows;
	uint32_t last;
	size_t n;

	ck_assert(store_serials_get(s, &rows, &n, error, sizeof(error)));
	ck_assert_uint_eq(n, 1);
	last = rows[0].ceiling;
	free(rows[0].zone);
	free(rows);
	return last;
}

static void
put_soa(struct store *s, uint32_t serial)
{
	uint8_t soa[] = { 0, 24, 1, 'a', 0, 0, (uint8_t)(serial >> 24), (uint8_t)(serial >> 16), (uint8_t)(serial >> 8), (uint8_t)serial,
	    0, 0, 14, 16, 0, 0, 2, 88, 0, 1, 81, 128, 0, 0, 0, 60 };
	struct rrs *rrs = rrs_new(TYPE_SOA, 1, 300, soa, sizeof(soa));
	struct store_rrset set = rrset("dyn.example.com", TYPE_SOA, rrs);

	ck_assert_msg(store_update(s, &set, 1, NULL, 0, error, sizeof(error)), "%s", error);
	free(rrs);
}

START_TEST(a_given_serial_is_promised)
{
	struct store *s = store();
	struct store_serial row = { mem_text("dyn.example.com"), 7, 1007, false, { 1, 2 } };

	ck_assert(seed(s, HEAD, false));
	ck_assert(store_serials_put(s, &row, 1, error, sizeof(error)));
	put_soa(s, 5000);
	ck_assert_uint_eq(ceiling(s), 5000 + SERIALS_PROMISED);
	put_soa(s, 4999);                      /* never down */
	ck_assert_uint_eq(ceiling(s), 5000 + SERIALS_PROMISED);
	row.ceiling = 1900;                    /* one that was on its way meanwhile */
	ck_assert(store_serials_put(s, &row, 1, error, sizeof(error)));
	ck_assert_uint_eq(ceiling(s), 5000 + SERIALS_PROMISED);
	put_soa(s, 5000 + 0x7fffffffu);        /* as far ahead as can be */
	ck_assert_uint_eq(ceiling(s), 5000 + 0x7fffffffu + SERIALS_PROMISED);
	put_soa(s, 10);                        /* and around */
	ck_assert_uint_eq(ceiling(s), 10 + SERIALS_PROMISED);
	row.clean = true;                      /* a clean stop knows better */
	row.ceiling = row.serial;
	ck_assert(store_serials_put(s, &row, 1, error, sizeof(error)));
	ck_assert_uint_eq(ceiling(s), 7);
	row.clean = false;
	ck_assert(store_serials_put(s, &row, 1, error, sizeof(error)));
	ck_assert_uint_eq(ceiling(s), 7);
	free(row.zone);
	store_close(s);
}
END_TEST

/* ---- leases ---- */

static void
add_lease(void *arg, const struct store_lease *l)
{
	char **all = arg, name[DNAME_TEXT];
	char *more = mem_printf("%s%s %u of %s, %zu bytes, until %llu\n", *all, dname_format(l->name, name), l->type, l->zone, l->size,
	    (unsigned long long)l->until_ms);

	free(*all);
	*all = more;
}

static void
ck_leases(struct store *s, const char *want)
{
	char *all = mem_text("");

	ck_assert_msg(store_leases_each(s, add_lease, &all, error, sizeof(error)), "%s", error);
	ck_assert_str_eq(all, want);
	free(all);
}

START_TEST(leases_come_back)
{
	static const uint8_t rdata[] = { 192, 0, 2, 7 };
	struct store *s = store();
	struct rrs *one = a_record(30, 7);
	struct store_rrset a = rrset("a.dyn.example.com", TYPE_A, one);
	struct store_lease leases[] = {
		{ "dyn.example.com", name_of("a.dyn.example.com"), TYPE_A, rdata, 4, 2000 },
		{ "dyn.example.com", name_of("b.dyn.example.com"), 65281, NULL, 0, 1000 },
	};

	ck_assert(seed(s, HEAD, false));
	ck_assert_msg(store_update(s, &a, 1, leases, 2, error, sizeof(error)), "%s", error);
	store_close(s);
	s = store();
	ck_leases(s, "b.dyn.example.com 65281 of dyn.example.com, 0 bytes, until 1000\n"
	    "a.dyn.example.com 1 of dyn.example.com, 4 bytes, until 2000\n");
	leases[0].until_ms = 3000;             /* renewed */
	leases[1].until_ms = 0;                /* it stays */
	ck_assert(store_update(s, NULL, 0, leases, 2, error, sizeof(error)));
	ck_leases(s, "a.dyn.example.com 1 of dyn.example.com, 4 bytes, until 3000\n");
	a.rrs = NULL;                          /* nothing is left to lease */
	ck_assert(store_update(s, &a, 1, NULL, 0, error, sizeof(error)));
	ck_leases(s, "");
	free(one);
	store_close(s);
}
END_TEST

/* ---- history ---- */

static struct changes *
step(uint32_t from, uint8_t last, bool configured)
{
	uint8_t soa[12 + 2 + 20] = { 0xc0, 12, 0, TYPE_SOA, 0, CLASS_IN, 0, 0, 1, 44, 0, 22 }, to[sizeof(soa)];
	uint8_t rr[16] = { 0xc0, 12, 0, TYPE_A, 0, CLASS_IN, 0, 0, 0, 60, 0, 4, 192, 0, 2, last };
	struct changes_draft *d = changes_draft_new();
	struct changes *c;

	soa[17] = (uint8_t)from;
	memcpy(to, soa, sizeof(soa));
	to[17] = (uint8_t)(from + 1);
	ck_assert(changes_draft_add(d, true, name_of("www.dyn.example.com"), rr));
	rr[15]++;
	ck_assert(changes_draft_add(d, false, name_of("www.dyn.example.com"), rr));
	c = changes_draft_end(d, apex, soa, to, 1000 + from);
	return configured ? changes_join(c, changes_draft_end(changes_draft_new(), apex, soa, to, 1000 + from)) : c;
}

static void
ck_step(const struct changes *a, const struct changes *b)
{
	ck_assert_uint_eq(a->from, b->from);
	ck_assert_uint_eq(a->to, b->to);
	ck_assert_uint_eq(a->at_ms, b->at_ms);
	ck_assert_uint_eq(a->gone, b->gone);
	ck_assert_uint_eq(a->come, b->come);
	ck_assert_uint_eq(a->gone_size, b->gone_size);
	ck_assert_uint_eq(a->come_size, b->come_size);
	ck_assert_mem_eq(a->bytes, b->bytes, a->gone_size + a->come_size);
	ck_assert_mem_eq(a->soa_from, b->soa_from, a->soa_from_size);
	ck_assert_mem_eq(a->soa_to, b->soa_to, a->soa_to_size);
	ck_assert((a->configured == NULL) == (b->configured == NULL));
	if (a->configured != NULL)
		ck_step(a->configured, b->configured);
}

static bool
history(const char *zone, const struct changes ***steps, size_t *n)
{
	struct store_reader *r;
	bool ok;

	ck_assert(store_reader_open(folder, &r, error, sizeof(error)));
	ok = store_history_get(r, zone, apex, steps, n, error, sizeof(error));
	store_reader_close(r);
	return ok;
}

START_TEST(history_comes_back)
{
	struct store *s = store();
	const struct changes *given[] = { step(7, 1, false), step(8, 2, true), step(9, 3, false) }, **found;
	struct store_history all[] = { { "dyn.example.com", given, 3 }, { "example.com", given, 1 } };
	size_t n;

	ck_assert_msg(store_history_put(s, all, 2, error, sizeof(error)), "%s", error);
	ck_assert_msg(history("dyn.example.com", &found, &n), "%s", error);
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		ck_step(found[i], given[i]);
		changes_let_go(found[i]);
	}
	free(found);
	ck_assert(history("example.net", &found, &n));
	ck_assert_uint_eq(n, 0);
	ck_assert(store_history_put(s, all + 1, 1, error, sizeof(error)));     /* instead of all */
	ck_assert(history("dyn.example.com", &found, &n));
	ck_assert_uint_eq(n, 0);
	for (unsigned i = 0; i < 3; i++)
		changes_let_go(given[i]);
	store_close(s);
}
END_TEST

/* A step is missing: what follows leads nowhere. */
START_TEST(history_has_no_gaps)
{
	struct store *s = store();
	const struct changes *given[] = { step(7, 1, false), step(9, 3, false) }, **found;
	struct store_history all = { "dyn.example.com", given, 2 };
	size_t n;

	ck_assert(store_history_put(s, &all, 1, error, sizeof(error)));
	ck_assert(!history("dyn.example.com", &found, &n));
	ck_assert_msg(strstr(error, "the history of zone dyn.example.com is damaged at step 1") != NULL, "%s", error);
	ck_assert_uint_eq(n, 0);
	changes_let_go(given[0]);
	changes_let_go(given[1]);
	store_close(s);
}
END_TEST

/* ---- servers and members ---- */

static void
add_object(void *arg, const char *kind, const char *name, const char *json, const char *owner)
{
	char **all = arg, *more = mem_printf("%s%s %s: %s by %s\n", *all, kind, name, json, owner);

	free(*all);
	*all = more;
}

START_TEST(objects_come_back)
{
	struct store *s = store();
	char *all = mem_text("");

	ck_assert(store_object_put(s, "member", "www.example.com db9", "{}", "ops", error, sizeof(error)));
	ck_assert(store_object_put(s, "server", "db9", "{\"a\":1}", "ops", error, sizeof(error)));
	ck_assert(store_object_put(s, "server", "db8", "{}", "ops", error, sizeof(error)));
	ck_assert(store_object_put(s, "server", "db9", "{\"a\":2}", "dev", error, sizeof(error)));
	ck_assert(store_object_put(s, "server", "db8", NULL, NULL, error, sizeof(error)));
	store_close(s);
	s = store();
	ck_assert(store_object_each(s, add_object, &all, error, sizeof(error)));
	ck_assert_str_eq(all, "server db9: {\"a\":2} by dev\nmember www.example.com db9: {} by ops\n");
	free(all);
	store_close(s);
}
END_TEST

/* ---- keys ---- */

static void
ck_owner(const char *text, const char *key, size_t size)
{
	uint8_t packed[OWNER_MAX], name[DNAME_MAX];

	ck_assert_uint_eq(owner_pack(name_of(text), dname_length(apex), packed), size);
	ck_assert_mem_eq(packed, key, size);
	ck_assert(owner_unpack(packed, size, apex, name));
	ck_assert(dname_equal(name, name_of(text)));
}

START_TEST(owners_are_keys)
{
	static const char *const refused[] = { "A", "a\1", "a\1\3", "\1" };
	uint8_t name[DNAME_MAX], big[OWNER_MAX];

	ck_owner("dyn.example.com", "", 0);
	ck_owner("www.dyn.example.com", "www", 3);
	ck_owner("a.b.dyn.example.com", "b\0a", 3);
	ck_owner("a\\000.\\001b.dyn.example.com", "\1\2b\0a\1\1", 7);
	for (unsigned i = 0; i < 4; i++)
		ck_assert(!owner_unpack((const uint8_t *)refused[i], strlen(refused[i]), apex, name));
	ck_assert(!owner_unpack((const uint8_t *)"\0a", 2, apex, name));
	ck_assert(!owner_unpack((const uint8_t *)"a\0", 2, apex, name));
	ck_assert(!owner_unpack((const uint8_t *)"a\0\0b", 4, apex, name));
	memset(big, 'x', sizeof(big));
	ck_assert(owner_unpack(big, 63, apex, name));
	ck_assert(!owner_unpack(big, 64, apex, name));
	for (unsigned i = 1; i < sizeof(big); i += 2)
		big[i] = 0;
	ck_assert(owner_unpack(big, 2 * 119 - 1, apex, name)); /* 119 labels of one byte and 17 of the apex: 255 */
	ck_assert(!owner_unpack(big, 2 * 120 - 1, apex, name));
}
END_TEST

int
main(void)
{
	const TTest *const all[] = { zones_come_back, a_seed_is_for_an_empty_store, the_store_knows_its_zones,
	    what_follows_health_is_not_kept, updates_come_back, an_update_is_whole, a_given_serial_is_promised, leases_come_back, history_comes_back,
	    history_has_no_gaps, objects_come_back, owners_are_keys };
	Suite *suite = suite_create("store_records");
	TCase *tests = tcase_create("store_records");

	tcase_add_checked_fixture(tests, setup, folder_remove);
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
