/* test_diff.c - whole versions: walks, differences and digests, of zones made at random and changed at random. */
#include "base/clock.h"
#include "build.h"
#include "random.h"
#include "sets.h"
#include "tests/unit/suite.h"

/* Applied to from (or to nothing), the difference is to; how many RRs it has. */
static size_t
check_diff(const struct zone *from, const struct zone *to)
{
	struct applied a = { { 0 } };
	struct records goal = records_of(to);
	struct digest digest;

	if (from != NULL) {
		a.set = records_of(from);
		zone_digest(from, &a.digest);
	}
	ck_assert(zone_diff(from, to, apply, &a));
	zone_digest(to, &digest);
	ck_assert_uint_eq(a.set.count, goal.count);
	for (size_t i = 0; i < goal.count; i++)
		ck_holds(records_take(&a.set, goal.all[i]));
	ck_assert(digest_equal(a.digest, digest));
	records_free(&goal);
	free(a.set.all);
	return a.gone + a.came;
}

START_TEST(walks_go_through_all)
{
	srand(1);
	for (unsigned round = 0; round < ROUNDS(200); round++) {
		struct zone *z = random_zone(below(200), round);
		struct zone_walk *w = zone_walk_new(z);
		const struct node *n = NULL, *next;

		do {
			next = zone_walk_next(w);
			ck_holds(next == zone_next(z, n));
			n = next;
		} while (n != NULL);
		ck_assert_ptr_null(zone_walk_next(w));
		zone_walk_free(w);
		zone_free(z);
	}
}
END_TEST

START_TEST(walks_of_extremes)
{
	struct garbage *garbage;
	struct zone *z = zone_commit(zone_edit_new(random_apex), &garbage);
	struct zone_walk *w = zone_walk_new(z);
	uint8_t name[DNAME_MAX] = { 0 };
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	unsigned names = 0;

	garbage_free(garbage);
	ck_assert_ptr_null(zone_walk_next(w));
	zone_walk_free(w);

	/* A branch wherever the longest key can have one. */
	rrbuf_begin(b, TYPE_A, CLASS_IN, 1);
	rrbuf_add(b, "abcd", 4);
	memset(name, '\377', DNAME_MAX);
	for (unsigned at = 0; at < DNAME_MAX - sizeof(random_apex); at += name[at] + 1u)
		name[at] = (uint8_t)(DNAME_MAX - sizeof(random_apex) - at > LABEL_MAX ? LABEL_MAX : DNAME_MAX - sizeof(random_apex) - at - 1);
	memcpy(name + DNAME_MAX - sizeof(random_apex), random_apex, sizeof(random_apex));
	ck_assert_uint_eq(dname_length(name), DNAME_MAX);
	zone_put(e, name, b);
	for (unsigned i = 0; i < DNAME_MAX - sizeof(random_apex); i++) {
		uint8_t was = name[i];

		if (was != 0xff)
			continue;
		name[i] = 0xfe;
		zone_put(e, name, b);
		name[i] = 1;
		zone_put(e, name, b);
		name[i] = was;
	}
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	w = zone_walk_new(z);
	while (zone_walk_next(w) != NULL)
		names++;
	ck_assert_uint_gt(names, 480);
	ck_assert_uint_eq(names, zone_names(z));
	zone_walk_free(w);
	zone_walk_free(NULL);
	rrbuf_free(b);
	zone_free(z);
}
END_TEST

START_TEST(versions_differ_by_their_changes)
{
	size_t total = 0;

	srand(2);
	for (unsigned round = 0; round < ROUNDS(10); round++) {
		struct zone *z = random_zone(below(400), 1);

		for (unsigned step = 0; step < 20; step++) {
			struct garbage *garbage;
			struct zone *next = random_next(z, below(3) == 0 ? below(100) : below(5), step, &garbage);

			total += check_diff(z, next) + check_diff(next, z);
			ck_assert_uint_eq(check_diff(next, next), 0);
			garbage_free(garbage);
			z = next;
		}
		zone_free(z);
	}
	ck_assert_uint_gt(total, ROUNDS(5000));
}
END_TEST

START_TEST(zones_that_share_nothing)
{
	srand(3);
	for (unsigned round = 0; round < ROUNDS(100); round++) {
		unsigned seed = (unsigned)rand(), size = below(300), next = (unsigned)rand();
		struct zone *a, *b, *c;

		srand(seed);
		a = random_zone(size, 1);
		srand(seed);
		b = random_zone(size, 1);      /* the same again */
		srand(next);
		c = random_zone(below(300), 1);
		ck_assert_uint_eq(check_diff(a, b), 0);
		check_diff(a, c);
		check_diff(c, b);
		ck_assert_uint_gt(check_diff(NULL, a), 0);
		zone_free(a);
		zone_free(b);
		zone_free(c);
	}
}
END_TEST

/* ---- what a difference says ---- */

static char told[4096];

static bool
tell(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	unsigned *most = arg;
	size_t n = strlen(told);
	char owner[DNAME_TEXT];
	struct rr parts;

	rr_read(rr, &parts);
	snprintf(told + n, sizeof(told) - n, "%c%s %u %u %u\n", come ? '+' : '-', dname_format(name, owner), type, parts.ttl,
	    parts.rdlength > 0 ? parts.rdata[parts.rdlength - 1] : 0);
	return most == NULL || --*most > 0;
}

static const char *
told_of(const struct zone *a, const struct zone *b)
{
	*told = '\0';
	ck_assert(zone_diff(a, b, tell, NULL));
	return told;
}

static const char head[] = "$TTL 60\n@ SOA ns hm 1 2 3 4 5\n@ NS ns.x.\n";

static struct zone *
zone_with(const char *rest)
{
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", head, rest);
	return zone_of("example", text);
}

START_TEST(rr_by_rr_in_order)
{
	struct zone *a = zone_with("a A 10.0.0.1\na A 10.0.0.2\na A 10.0.0.3\na TXT x\nb A 10.0.0.4\nb.a A 10.0.0.5\n");
	struct zone *b = zone_with("a A 10.0.0.3\na A 10.0.0.4\na A 10.0.0.1\na AAAA ::6\nc A 10.0.0.4\nb.a 61 A 10.0.0.5\n");
	unsigned most = 2;

	ck_assert_str_eq(told_of(a, b), "-a.example 1 60 2\n-a.example 16 60 120\n+a.example 1 60 4\n+a.example 28 60 6\n"
	    "-b.a.example 1 60 5\n+b.a.example 1 61 5\n-b.example 1 60 4\n+c.example 1 60 4\n");
	*told = '\0';
	ck_assert(!zone_diff(a, b, tell, &most));
	ck_assert_str_eq(told, "-a.example 1 60 2\n-a.example 16 60 120\n");
	*told = '\0';
	most = 3;
	ck_assert(!zone_diff(a, b, tell, &most));
	ck_assert_str_eq(told, "-a.example 1 60 2\n-a.example 16 60 120\n+a.example 1 60 4\n");
	*told = '\0';
	most = 3;
	ck_assert(!zone_diff(NULL, b, tell, &most));   /* in the midst of a set */
	ck_assert_str_eq(told, "+example 2 60 0\n+example 6 60 5\n+a.example 1 60 3\n");
	zone_free(a);
	zone_free(b);
}
END_TEST

/* The quickest of some times, since others work on this machine too. */
static uint64_t
diff_us(const struct zone *a, const struct zone *b, const char *expected)
{
	uint64_t best = UINT64_MAX, start, took;

	for (unsigned i = 0; i < 5; i++) {
		start = clock_mono_us();
		ck_assert_str_eq(told_of(a, b), expected);
		took = clock_mono_us() - start;
		best = took < best ? took : best;
	}
	return best;
}

enum { SHUFFLED = 4000 };

static struct zone *
shuffled_zone(unsigned seed, uint32_t count)
{
	struct zone_edit *e = zone_edit_new(random_apex);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	uint32_t numbers[SHUFFLED] = { 0 };
	struct zone *z;

	srand(seed);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t k = below(i + 1);

		numbers[i] = numbers[k];
		numbers[k] = i;
	}
	for (uint32_t i = 0; i < count; i++)
		rrbuf_add(b, &numbers[i], 4);
	zone_put(e, random_apex, b);
	rrbuf_free(b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	return z;
}

static uint64_t
order_us(uint32_t count)
{
	struct zone *a = shuffled_zone(1, count), *b = shuffled_zone(2, count);
	uint64_t us = diff_us(a, b, "");

	zone_free(a);
	zone_free(b);
	return us;
}

/* The order of a set is nothing, and costs little: eight times as many cost some 17 times as much; compared each with each,
 * they would cost 64 times. */
START_TEST(order_is_no_difference)
{
	uint64_t few = order_us(SHUFFLED / 8), many = order_us(SHUFFLED);

	ck_assert_msg(many < 30 * few, "%lu us for %u, %lu us for %u", (unsigned long)few, SHUFFLED / 8, (unsigned long)many, SHUFFLED);
}
END_TEST

/* An RRset under rotation is what it holds, whatever its window and turn; its order does not matter. */
START_TEST(rotation_is_no_difference)
{
	struct zone *a = zone_with("a A 10.0.0.1\na A 10.0.0.2\n"), *b;
	struct rrbuf *set = rrbuf_new();
	struct zone_edit *e = zone_edit(a);
	struct garbage *garbage;
	struct digest before, after;

	zone_digest(a, &before);
	rrbuf_begin(set, TYPE_A, CLASS_IN, 60);
	rrbuf_add(set, "\12\0\0\2", 4);
	rrbuf_add(set, "\12\0\0\1", 4);
	rrbuf_rotate(set, &random_rotor, 1);
	zone_put(e, name_of("a.example"), set);
	b = zone_commit(e, &garbage);
	ck_assert_str_eq(told_of(a, b), "");
	ck_assert_str_eq(told_of(b, a), "");
	zone_digest(b, &after);
	ck_assert(digest_equal(before, after));
	garbage_free(garbage);
	rrbuf_free(set);
	zone_free(b);
}
END_TEST

/* ---- digests ---- */

static struct digest
digest_of(const struct zone *z)
{
	struct digest d;

	zone_digest(z, &d);
	return d;
}

/* Stored digests are compared with those of later builds. This one was made with OpenSSL's SipHash, by the words in digest.c. */
START_TEST(digests_are_for_ever)
{
	struct zone *z = zone_with("www A 192.0.2.1\nwww A 192.0.2.2\n");
	struct digest d = digest_of(z);

	ck_assert_uint_eq(d.sum[0], 0x1e2f98e3f5e29fab);
	ck_assert_uint_eq(d.sum[1], 0x0c32700409653d9b);
	zone_free(z);
}
END_TEST

START_TEST(digests_see_all_but_the_serial)
{
	static const char *const others[] = {
		"www A 192.0.2.2\n", "wwx A 192.0.2.1\n", "www 61 A 192.0.2.1\n", "www TYPE65280 \\# 4 c0000201\n", "",
		"www A 192.0.2.1\nwww A 192.0.2.2\n", "www A 192.0.2.1\n@ NS b.x.\n",
	};
	struct zone *z = zone_with("www A 192.0.2.1\n"), *same = zone_with("WWW A 192.0.2.1\n"), *next;
	struct digest d = digest_of(z), by_name = { { 0 } };
	struct zone_edit *e = zone_edit(z);
	struct garbage *garbage;
	struct zone *refresh;

	ck_assert(digest_equal(d, digest_of(same)));
	zone_free(same);
	for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct zone *other = zone_with(others[i]);

		ck_assert_msg(!digest_equal(d, digest_of(other)), "%s", others[i]);
		ck_assert_uint_ne(d.sum[1], digest_of(other).sum[1]);
		zone_free(other);
	}
	zone_put_serial(e, 0xfedcba98);
	next = zone_commit(e, &garbage);
	ck_assert_uint_eq(zone_serial(next), 0xfedcba98);
	ck_assert_uint_eq(zone_serial(z), 1);
	ck_assert(digest_equal(d, digest_of(next)));
	ck_assert_str_eq(told_of(z, next), "-example 6 60 5\n+example 6 60 5\n");
	garbage_free(garbage);
	refresh = zone_of("example", "$TTL 60\n@ SOA ns hm 1 99 3 4 5\n@ NS ns.x.\nwww A 192.0.2.1\n");
	ck_assert(!digest_equal(d, digest_of(refresh)));
	zone_free(refresh);

	/* owners in any case */
	digest_add(&by_name, name_of("www.example"), node_rrset(zone_at(next, name_of("www.example")), TYPE_A)->bytes);
	digest_subtract(&by_name, (const uint8_t *)"\3WwW\7EXAMPLE", node_rrset(zone_at(next, name_of("www.example")), TYPE_A)->bytes);
	ck_assert(digest_equal(by_name, (struct digest){ { 0 } }));
	zone_free(next);
}
END_TEST

/* ---- what a version inherits, and what a difference costs ---- */

START_TEST(indexes_are_inherited)
{
	struct zone *z = zone_with("");
	struct garbage *garbage;

	ck_assert_uint_eq(zone_index(z), 0);
	ck_assert(!zone_is_private(z));
	zone_set_index(z, 77);
	z = zone_commit(zone_edit(z), &garbage);
	garbage_free(garbage);
	ck_assert_uint_eq(zone_index(z), 77);
	ck_assert(!zone_is_private(z));
	zone_set_private(z);
	z = zone_commit(zone_edit(z), &garbage);
	garbage_free(garbage);
	ck_assert(zone_is_private(z));
	ck_assert_uint_eq(zone_index(z), 77);
	zone_free(z);
}
END_TEST

static struct zone *
large_zone(unsigned count)
{
	struct zone_edit *e = zone_edit_new(random_apex);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone *z;
	char text[64];

	rrbuf_begin(b, TYPE_A, CLASS_IN, 300);
	rrbuf_add(b, "abcd", 4);
	for (unsigned i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "host%06u.example", i);
		zone_put(e, name_of(text), b);
	}
	rrbuf_free(b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	return z;
}

START_TEST(versions_cost_what_differs)
{
	struct zone *z = large_zone(200000), *alike = large_zone(200000), *next;
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	uint64_t shared, apart;

	rrbuf_begin(b, TYPE_A, CLASS_IN, 300);
	rrbuf_add(b, "abce", 4);
	zone_put(e, name_of("host123456.example"), b);
	zone_put(e, name_of("host1.example"), b);      /* out of step, twice: a name that is new, a name that goes */
	zone_remove(e, name_of("host199000.example"), TYPE_A);
	next = zone_commit(e, &garbage);
	shared = diff_us(z, next, "+host1.example 1 300 101\n-host123456.example 1 300 100\n+host123456.example 1 300 101\n"
	    "-host199000.example 1 300 100\n");
	apart = diff_us(z, alike, "");
	ck_assert_msg(shared * 20 < apart, "%lu us shared, %lu us apart", (unsigned long)shared, (unsigned long)apart);
	garbage_free(garbage);
	rrbuf_free(b);
	zone_free(next);
	zone_free(alike);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("diff");
	TCase *t = tcase_create("diff");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, walks_go_through_all);
	tcase_add_test(t, walks_of_extremes);
	tcase_add_test(t, versions_differ_by_their_changes);
	tcase_add_test(t, zones_that_share_nothing);
	tcase_add_test(t, rr_by_rr_in_order);
	tcase_add_test(t, order_is_no_difference);
	tcase_add_test(t, rotation_is_no_difference);
	tcase_add_test(t, digests_are_for_ever);
	tcase_add_test(t, digests_see_all_but_the_serial);
	tcase_add_test(t, indexes_are_inherited);
	tcase_add_test(t, versions_cost_what_differs);
	suite_add_tcase(s, t);
	return suite_run(s);
}
