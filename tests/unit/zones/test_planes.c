/* test_planes.c - the two planes of a zone, against a naive model of both, over edits made at random. */
#include "build.h"
#include "random.h"
#include "sets.h"
#include "tests/unit/suite.h"

/* ---- the model: RRsets in two lists ---- */

enum plane { ANSWER, CONFIGURED };

struct held {
	uint8_t name[DNAME_MAX];
	struct rrbuf *set;
};

struct model {
	struct held sets[2][2000];
	size_t count[2];
	uint8_t twins[500][DNAME_MAX];         /* names for which something was configured */
	size_t ntwins;
};

static void
model_take(struct model *m, enum plane plane, const uint8_t *name, uint16_t type)
{
	for (size_t i = 0; i < m->count[plane]; i++) {
		struct held *h = &m->sets[plane][i];

		if (!dname_equal(h->name, name) || h->set->set->type != type)
			continue;
		rrbuf_free(h->set);
		*h = m->sets[plane][--m->count[plane]];
		return;
	}
}

/* b NULL: it is taken out. */
static void
model_put(struct model *m, enum plane plane, const uint8_t *name, uint16_t type, const struct rrbuf *b)
{
	struct held *h;

	model_take(m, plane, name, type);
	if (b == NULL)
		return;
	h = &m->sets[plane][m->count[plane]++];
	ck_holds(m->count[plane] < 2000);
	memcpy(h->name, name, dname_length(name));
	h->set = rrbuf_new();
	rrbuf_begin_from(h->set, b->set);
}

static bool
model_has_twin(const struct model *m, const uint8_t *name)
{
	for (size_t i = 0; i < m->ntwins; i++)
		if (dname_equal(m->twins[i], name))
			return true;
	return false;
}

static void
model_change(struct model *m, const uint8_t *name, uint16_t type, const struct rrbuf *b)
{
	model_put(m, ANSWER, name, type, b);
	if (!model_has_twin(m, name) || (type != TYPE_A && type != TYPE_AAAA))
		model_put(m, CONFIGURED, name, type, b);
}

static void
model_configure(struct model *m, const uint8_t *name, uint16_t type, const struct rrbuf *b)
{
	if (!model_has_twin(m, name)) {
		memcpy(m->twins[m->ntwins++], name, dname_length(name));
		ck_holds(m->ntwins < 500);
		model_take(m, CONFIGURED, name, TYPE_A);
		model_take(m, CONFIGURED, name, TYPE_AAAA);
	}
	model_put(m, CONFIGURED, name, type, b);
}

static void
model_free(struct model *m)
{
	for (unsigned plane = 0; plane < 2; plane++)
		for (size_t i = 0; i < m->count[plane]; i++)
			rrbuf_free(m->sets[plane][i].set);
	free(m);
}

/* ---- zones against it ---- */

/* Does the set hold what the plane of the model does, and nothing else? Frees it. */
static void
check_set(struct records set, const struct model *m, enum plane plane)
{
	size_t records = 0;

	for (size_t i = 0; i < m->count[plane]; i++) {
		const struct held *h = &m->sets[plane][i];
		const uint8_t *rr = h->set->set->bytes;
		struct rr parts;

		for (unsigned k = 0; k < h->set->set->count; k++) {
			struct record r = record_of(h->name, rr);

			ck_holds(records_take(&set, r));
			free(r.bytes);
			rr = rr_read(rr, &parts);
			records++;
		}
	}
	ck_assert_uint_eq(set.count, 0);
	ck_assert_uint_gt(records, 0);
	records_free(&set);
}

/* What a twin's flags say beyond the node's own: nothing. */
static void
check_flags(const struct zone *z)
{
	for (const struct node *n = NULL; (n = zone_next(z, n)) != NULL;) {
		const struct node *c = node_configured(z, n);

		ck_holds(c == n || node_flags(c) == (node_flags(n) & ~(unsigned)(NODE_ALL_DOWN4 | NODE_ALL_DOWN6 | NODE_CUT)));
	}
}

static void
check_zone(const struct zone *z, const struct model *m)
{
	check_flags(z);
	check_set(records_of_plane(z, false), m, ANSWER);
	check_set(records_of_plane(z, true), m, CONFIGURED);
	ck_holds(zone_has_planes(z) == (m->ntwins > 0));
}

static struct applied
applied_to(const struct zone *z, bool configured)
{
	return (struct applied){ .set = z != NULL ? records_of_plane(z, configured) : (struct records){ 0 } };
}

/* The difference between versions, applied to the configured plane of the one, is that of the other; and digests follow. */
static void
check_step(const struct zone *from, const struct zone *to, const struct model *m)
{
	struct applied answer = applied_to(from, false), configured = applied_to(from, true);
	struct digest digest = { { 0 } }, goal;

	if (from != NULL)
		zone_digest(from, &digest);
	ck_assert(zone_diff(from, to, apply, &answer));
	ck_assert(zone_diff_configured(from, to, apply, &configured));
	check_set(answer.set, m, ANSWER);
	check_set(configured.set, m, CONFIGURED);
	zone_digest(to, &goal);
	for (unsigned i = 0; i < 2; i++)
		ck_holds(goal.sum[i] == digest.sum[i] + 2 * configured.digest.sum[i] - answer.digest.sum[i]);
}

/* What differs between the planes, applied to the one, is the other. */
static void
check_planes(const struct zone *z, const struct model *m)
{
	struct applied a = applied_to(z, false);

	ck_assert(zone_diff_planes(z, apply, &a));
	check_set(a.set, m, CONFIGURED);
}

/* ---- at random ---- */

static void
random_addresses(struct rrbuf *b, uint16_t type)
{
	uint8_t rdata[512];

	rrbuf_begin(b, type, CLASS_IN, 5 + below(2));
	for (unsigned n = 1 + below(3); n > 0; n--)
		rrbuf_add(b, rdata, random_rdata(type, true, rdata));
}

/* One change to the edit and the model alike. */
static void
random_change(struct zone_edit *e, struct model *m, struct rrbuf *b)
{
	uint16_t type = below(2) == 0 ? TYPE_A : TYPE_AAAA;
	const struct node *n;
	uint8_t name[DNAME_MAX];

	random_name(name);
	random_addresses(b, type);
	n = zone_edit_at(e, name);
	switch (below(8)) {
	case 0:
		zone_put_configured(e, name, type, b);
		model_configure(m, name, type, b);
		break;
	case 1:
		if (n == NULL || (node_flags(n) & NODE_SERVICE) == 0)
			break;
		zone_put_configured(e, name, type, NULL);
		model_configure(m, name, type, NULL);
		break;
	case 2:                                /* health */
		zone_mark_service(e, name, below(4) * NODE_ALL_DOWN4);
		if (below(2) == 0 && type == TYPE_A) {
			model_change(m, name, type, b);
			rrbuf_rotate(b, &random_rotor, 1);
			zone_put(e, name, b);
		}
		break;
	case 3:
		zone_remove(e, name, type);
		model_change(m, name, type, NULL);
		break;
	case 4:
		if (n == NULL || node_next(n, NULL) == NULL || node_next(n, NULL)->type == TYPE_SOA)
			break;
		type = node_next(n, NULL)->type;
		zone_remove(e, name, type);
		model_change(m, name, type, NULL);
		break;
	default:
		random_rrset(b);
		if (b->set->rotor != NULL)
			break;
		zone_put(e, name, b);
		model_change(m, name, b->set->type, b);
	}
}

static void
change(struct zone_edit *e, struct model *m, unsigned count, uint32_t serial)
{
	struct rrbuf *b = rrbuf_new();

	for (unsigned i = 0; i < count; i++)
		random_change(e, m, b);
	random_soa(b, serial);
	zone_put(e, random_apex, b);
	model_change(m, random_apex, TYPE_SOA, b);
	rrbuf_free(b);
}

START_TEST(edits_follow_a_naive_model)
{
	srand(1);
	for (unsigned round = 0; round < 20; round++) {
		struct model *m = mem_alloc(sizeof(*m));
		struct zone_edit *e = zone_edit_new(random_apex);
		struct garbage *garbage;
		struct zone *z, *next;

		change(e, m, below(60), 1);
		z = zone_commit(e, &garbage);
		garbage_free(garbage);
		check_zone(z, m);
		check_step(NULL, z, m);
		for (unsigned step = 2; step < 30; step++) {
			e = zone_edit(z);
			change(e, m, below(4) == 0 ? below(60) : below(4), step);
			next = zone_commit(e, &garbage);
			check_zone(next, m);
			check_step(z, next, m);
			check_step(NULL, next, m);
			check_planes(next, m);
			garbage_free(garbage);
			z = next;
		}
		zone_free(z);
		model_free(m);
	}
}
END_TEST

/* An edit given up changes nothing, and leaves nothing. */
START_TEST(aborted_edits)
{
	struct model *m = mem_alloc(sizeof(*m)), *other = mem_alloc(sizeof(*other));
	struct zone_edit *e = zone_edit_new(random_apex);
	struct garbage *garbage;
	struct zone *z;

	srand(2);
	change(e, m, 200, 1);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	for (unsigned i = 0; i < 20; i++) {
		e = zone_edit(z);
		change(e, other, 40, 2);
		zone_edit_abort(e);
		check_zone(z, m);
	}
	zone_free(z);
	model_free(m);
	model_free(other);
}
END_TEST

START_TEST(versions_that_share_nothing)
{
	for (unsigned round = 0; round < 50; round++) {
		struct model *ma = mem_alloc(sizeof(*ma)), *mb = mem_alloc(sizeof(*mb));
		struct zone_edit *a = zone_edit_new(random_apex), *b = zone_edit_new(random_apex);
		struct garbage *garbage;
		struct zone *za, *zb;

		srand(round);
		change(a, ma, below(100), 1);
		change(b, mb, round % 2 == 0 ? 100 : 0, 2);    /* at 0: one plane */
		za = zone_commit(a, &garbage);
		garbage_free(garbage);
		zb = zone_commit(b, &garbage);
		garbage_free(garbage);
		check_step(za, zb, mb);
		check_step(zb, za, ma);
		zone_free(za);
		zone_free(zb);
		model_free(ma);
		model_free(mb);
	}
}
END_TEST

/* ---- what exactly ---- */

static struct rrbuf *
address(uint16_t type, uint32_t ttl, uint8_t last)
{
	struct rrbuf *b = rrbuf_new();
	uint8_t rdata[16] = { 10 };

	rdata[type == TYPE_A ? 3 : 15] = last;
	rrbuf_begin(b, type, CLASS_IN, ttl);
	rrbuf_add(b, rdata, type == TYPE_A ? 4 : 16);
	return b;
}

/* A service that answers nobody, is all down, and loses its master file's TXT. */
START_TEST(a_service_and_its_twin)
{
	struct zone *z = zone_of("example", "$TTL 60\n@ SOA ns hm 1 2 3 4 5\n@ NS ns.x.\nwww TXT a\nother A 10.0.0.9\n"), *next;
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = address(TYPE_A, 30, 1);
	const uint8_t *www = name_of("www.example");
	const struct node *n, *c;
	struct garbage *garbage;

	ck_assert(!zone_has_planes(z));
	ck_assert_ptr_eq(node_configured(z, zone_at(z, www)), zone_at(z, www));
	zone_mark_service(e, www, NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
	zone_put_configured(e, www, TYPE_A, b);
	next = zone_commit(e, &garbage);
	garbage_free(garbage);
	z = next;
	n = zone_at(z, www);
	c = node_configured(z, n);
	ck_assert_ptr_ne(n, c);
	ck_assert(zone_has_planes(z));
	ck_assert_uint_eq(node_flags(n), NODE_SERVICE | NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
	ck_assert_uint_eq(node_flags(c), NODE_SERVICE);
	ck_assert(dname_equal(node_name(c), www));
	ck_assert_ptr_null(node_rrset(n, TYPE_A));
	ck_assert_ptr_nonnull(node_rrset(c, TYPE_A));
	ck_assert_ptr_nonnull(node_rrset(c, TYPE_TXT));
	n = zone_at(z, name_of("other.example"));
	ck_assert_ptr_eq(node_configured(z, n), n);

	e = zone_edit(z);
	zone_remove(e, www, TYPE_TXT);
	zone_put_configured(e, www, TYPE_A, NULL);
	next = zone_commit(e, &garbage);
	garbage_free(garbage);
	n = zone_at(next, www);                /* a name still, in both planes */
	ck_assert_ptr_nonnull(n);
	ck_assert_ptr_null(node_next(n, NULL));
	ck_assert_ptr_null(node_next(node_configured(next, n), NULL));
	rrbuf_free(b);
	zone_free(next);
}
END_TEST

/* Static addresses at a service's name are in neither plane once it is configured. */
START_TEST(what_health_governs)
{
	struct zone *z = zone_of("example", "$TTL 60\n@ SOA ns hm 1 2 3 4 5\n@ NS ns.x.\nwww A 10.0.0.9\nwww AAAA ::9\n"), *next;
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = address(TYPE_AAAA, 30, 1);
	const uint8_t *www = name_of("www.example");
	struct garbage *garbage;
	const struct node *c;

	zone_put_configured(e, www, TYPE_AAAA, b);
	next = zone_commit(e, &garbage);
	garbage_free(garbage);
	c = node_configured(next, zone_at(next, www));
	ck_assert_ptr_null(node_rrset(c, TYPE_A));
	ck_assert_int_eq(node_rrset(c, TYPE_AAAA)->bytes[27], 1);
	ck_assert_uint_eq(node_flags(zone_at(next, www)), NODE_SERVICE);
	ck_assert_int_eq(node_rrset(zone_at(next, www), TYPE_AAAA)->bytes[27], 9);
	rrbuf_free(b);
	zone_free(next);
}
END_TEST

/* A flip changes one plane; a difference costs what differs, also where there are many services. */
START_TEST(health_is_no_difference)
{
	struct zone_edit *e = zone_edit_new(random_apex);
	struct rrbuf *b = rrbuf_new();
	struct applied a = { { 0 } };
	struct garbage *garbage;
	struct zone *z, *next;
	uint8_t name[DNAME_MAX] = "\3aaa\7example";

	random_soa(b, 1);
	zone_put(e, random_apex, b);
	random_addresses(b, TYPE_A);
	for (unsigned i = 0; i < 1000; i++) {
		name[1] = (uint8_t)('a' + i % 10);
		name[2] = (uint8_t)('a' + i / 10 % 10);
		name[3] = (uint8_t)('a' + i / 100);
		zone_put(e, name, b);
		zone_put_configured(e, name, TYPE_A, b);
	}
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	e = zone_edit(z);
	zone_remove(e, name, TYPE_A);
	zone_mark_service(e, name, NODE_ALL_DOWN4);
	next = zone_commit(e, &garbage);
	ck_assert(zone_diff_configured(z, next, apply, &a));
	ck_assert_uint_eq(a.gone + a.came, 0);
	garbage_free(garbage);
	rrbuf_free(b);
	zone_free(next);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("planes");
	TCase *t = tcase_create("planes");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, edits_follow_a_naive_model);
	tcase_add_test(t, aborted_edits);
	tcase_add_test(t, versions_that_share_nothing);
	tcase_add_test(t, a_service_and_its_twin);
	tcase_add_test(t, what_health_governs);
	tcase_add_test(t, health_is_no_difference);
	suite_add_tcase(s, t);
	return suite_run(s);
}
