/* test_update_model.c - the engine against a naive one, over thousands of updates made at random.
 *
 * The naive engine is RFC 2136, section 3, word for word on a list of records, and copies the whole list to be able to take
 * an update back. Both get the same updates, in batches some of which fail at the disk; after each the engine's view must
 * hold the list's records, and after each batch the zone must. */
#include "tests/unit/suite.h"
#include "updating.h"

enum { RECORDS = 400, RDATA = 48, TYPE_KEY = 25, TYPE_WKS = 11, SEED = 20240 };

/* ---- the world of the test ---- */

static const char *const names[] = { "example", "a.example", "b.example", "x.a.example", "*.example", "srv.example", "y.srv.example", "up.y.srv.example", "z.x.a.example", "test" };
enum { NAMES = sizeof(names) / sizeof(*names), OUTSIDE = NAMES - 1, SERVICE = 5, SERVICE_BELOW = 7 };

static const struct kind {
	uint16_t type;
	unsigned name_at;              /* where a name begins that compares without case; RDATA: nowhere */
	struct { const char *bytes; size_t size; } rdata[4];
} kinds[] = {
#define R(text) { text, sizeof(text) - 1 }
	{ TYPE_A, RDATA, { R("\1\1\1\1"), R("\2\2\2\2"), R("\3\3\3\3"), R("\4\4\4\4") } },
	{ TYPE_NS, 0, { R("\2ns\4test\0"), R("\2Ns\4test\0"), R("\3ns2\4test\0"), R("\1a\7example\0") } },
	{ TYPE_CNAME, 0, { R("\1b\7example\0"), R("\1B\7example\0"), R("\1c\4test\0"), R("\0") } },
	{ TYPE_SOA, RDATA, { R("\0\0\0\0\0\1" "0123456789abcdef"), R("\0\0\0\0\0\2" "0123456789abcdef"), R("\0\0\200\0\0\1" "0123456789abcdef"),
	    R("\0\0\377\377\377\377" "0123456789abcdef") } },
	{ TYPE_TXT, RDATA, { R("\1x"), R("\1X"), R("\0"), R("\1x\1y") } },
	{ TYPE_DNAME, 0, { R("\1b\4test\0"), R("\1B\4test\0"), R("\1c\4test\0"), R("\0") } },
	{ TYPE_MX, 2, { R("\0\1\1m\4test\0"), R("\0\1\1M\4test\0"), R("\0\2\1m\4test\0"), R("\0\0\0") } },
	{ TYPE_AAAA, RDATA, { R("0123456789abcdef"), R("0123456789abcdeF"), R("0000000000000000"), R("1111111111111111") } },
	{ TYPE_KEY, RDATA, { R("\1\0\3\10k"), R("\1\0\3\10l"), R("\1\0\3\10m"), R("\1\0\3\10") } },
	{ TYPE_WKS, RDATA, { R("\1\1\1\1\6x"), R("\1\1\1\1\6y"), R("\1\1\1\1\21x"), R("\2\2\2\2\6x") } },
	{ 65280, RDATA, { R(""), R("\300\14"), R("Abc"), R("abc") } },
	{ TYPE_NSEC, RDATA, { R("\0"), R("\1a\0"), R("\1b\0"), R("\0\0\1\100") } },
#undef R
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

static unsigned
below(unsigned n)
{
	return (unsigned)rand() % n;
}

static const uint8_t *
wire(unsigned name)
{
	static uint8_t wires[NAMES][DNAME_MAX];

	return wires[name][0] != 0 ? wires[name] : updating_name(names[name], wires[name]);
}

/* ---- the naive zone ---- */

struct record {
	unsigned name;
	uint16_t type;
	uint32_t ttl;
	size_t size;
	uint8_t rdata[RDATA];
};

struct naive {
	struct record records[RECORDS];
	size_t count;
};

static unsigned
name_number(const uint8_t *name)
{
	unsigned i = 0;

	while (!dname_equal(wire(i), name))
		i++;
	return i;
}

static bool
naive_equal(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	unsigned fold = RDATA;

	for (unsigned i = 0; i < KINDS; i++)
		if (kinds[i].type == type)
			fold = kinds[i].name_at;
	if (a_size != b_size)
		return false;
	for (size_t i = 0; i < a_size; i++)
		if (i >= fold ? dname_fold(a[i]) != dname_fold(b[i]) : a[i] != b[i])
			return false;
	return true;
}

static struct record *
naive_find(struct naive *z, unsigned name, uint16_t type, const uint8_t *rdata, size_t size)
{
	for (size_t i = 0; i < z->count; i++) {
		struct record *r = &z->records[i];

		if (r->name == name && r->type == type && naive_equal(type, r->rdata, r->size, rdata, size))
			return r;
	}
	return NULL;
}

/* TYPE_ANY counts all. */
static size_t
naive_count(const struct naive *z, unsigned name, uint16_t type)
{
	size_t count = 0;

	for (size_t i = 0; i < z->count; i++)
		count += z->records[i].name == name && (type == TYPE_ANY || z->records[i].type == type);
	return count;
}

static void
naive_drop(struct naive *z, struct record *r)
{
	*r = z->records[--z->count];
}

static void
naive_clear(struct naive *z, unsigned name, uint16_t type)
{
	for (size_t i = z->count; i-- > 0;)
		if (z->records[i].name == name && z->records[i].type == type)
			naive_drop(z, &z->records[i]);
}

/* ---- the naive engine ---- */

static bool
naive_joins(uint16_t type)
{
	return type == TYPE_KEY || type == TYPE_NSEC || type == TYPE_RRSIG;
}

static bool
naive_meta(uint16_t type)
{
	return type == 0 || type == 41 || (type > 127 && type < 256);
}

static enum rcode
naive_prerequisites(struct naive *z, const struct update *u)
{
	struct naive temp = { .count = 0 };

	for (size_t i = 0; i < u->nprerequisites; i++) {
		const struct update_rr *rr = &u->prerequisites[i];
		unsigned name = name_number(rr->name);

		if (rr->ttl != 0)
			return RCODE_FORMERR;
		if (name == OUTSIDE)
			return RCODE_NOTZONE;
		if (rr->rrclass == CLASS_ANY) {
			if (rr->size != 0)
				return RCODE_FORMERR;
			if (naive_count(z, name, rr->type) == 0)
				return rr->type == TYPE_ANY ? RCODE_NXDOMAIN : RCODE_NXRRSET;
		} else if (rr->rrclass == CLASS_NONE) {
			if (rr->size != 0)
				return RCODE_FORMERR;
			if (naive_count(z, name, rr->type) > 0)
				return rr->type == TYPE_ANY ? RCODE_YXDOMAIN : RCODE_YXRRSET;
		} else if (rr->rrclass == CLASS_IN) {
			if (!rdata_valid(rr->type, rr->rdata, rr->size))
				return RCODE_FORMERR;
			if (naive_find(&temp, name, rr->type, rr->rdata, rr->size) == NULL) {
				struct record *r = &temp.records[temp.count++];

				*r = (struct record){ name, rr->type, 0, rr->size, { 0 } };
				if (rr->size > 0)
					memcpy(r->rdata, rr->rdata, rr->size);
			}
		} else {
			return RCODE_FORMERR;
		}
	}
	for (size_t i = 0; i < temp.count; i++) {
		const struct record *r = &temp.records[i];

		if (naive_find(z, r->name, r->type, r->rdata, r->size) == NULL || naive_count(z, r->name, r->type) != naive_count(&temp, r->name, r->type))
			return RCODE_NXRRSET;
	}
	return RCODE_NOERROR;
}

static enum rcode
naive_prescan(const struct update *u)
{
	for (size_t i = 0; i < u->nchanges; i++) {
		const struct update_rr *rr = &u->changes[i];

		if (name_number(rr->name) == OUTSIDE)
			return RCODE_NOTZONE;
		if (rr->rrclass == CLASS_IN) {
			if (naive_meta(rr->type))
				return RCODE_FORMERR;
		} else if (rr->rrclass == CLASS_ANY) {
			if (rr->ttl != 0 || rr->size != 0 || (naive_meta(rr->type) && rr->type != TYPE_ANY))
				return RCODE_FORMERR;
		} else if (rr->rrclass == CLASS_NONE) {
			if (rr->ttl != 0 || naive_meta(rr->type))
				return RCODE_FORMERR;
		} else {
			return RCODE_FORMERR;
		}
	}
	return RCODE_NOERROR;
}

static enum rcode
naive_governed(const struct update *u)
{
	for (size_t i = 0; i < u->nchanges; i++) {
		const struct update_rr *rr = &u->changes[i];
		unsigned name = name_number(rr->name);
		bool service = name == SERVICE || name == SERVICE_BELOW, below = false;

		for (unsigned s = SERVICE; s <= SERVICE_BELOW; s += SERVICE_BELOW - SERVICE)
			below |= s != name && dname_is_under(wire(s), wire(name));
		if (service && (rr->type == TYPE_A || rr->type == TYPE_AAAA || (rr->rrclass == CLASS_ANY && rr->type == TYPE_ANY)))
			return RCODE_REFUSED;
		if (rr->rrclass != CLASS_IN)
			continue;
		if (rr->type == TYPE_NSEC || (rr->type == TYPE_NS && name != 0 && (service || below)) || (rr->type == TYPE_DNAME && below))
			return RCODE_REFUSED;
	}
	return RCODE_NOERROR;
}

static bool
naive_ignores(struct naive *z, unsigned name, const struct update_rr *rr)
{
	bool apex = name == 0;
	const uint8_t *now;

	if (rr->type == TYPE_CNAME) {
		if (name == SERVICE || name == SERVICE_BELOW)
			return true;
		for (size_t i = 0; i < z->count; i++)
			if (z->records[i].name == name && z->records[i].type != TYPE_CNAME && !naive_joins(z->records[i].type))
				return true;
		return false;
	}
	if (naive_count(z, name, TYPE_CNAME) > 0 && !naive_joins(rr->type))
		return true;
	if (!apex && rr->type == TYPE_NS && naive_count(z, name, TYPE_DNAME) > 0)
		return true;
	if (!apex && rr->type == TYPE_DNAME && naive_count(z, name, TYPE_NS) > 0)
		return true;
	if (rr->type != TYPE_SOA)
		return false;
	if (!apex)
		return true;
	for (size_t i = 0; i < z->count; i++)
		if (z->records[i].type == TYPE_SOA) {
			now = z->records[i].rdata + z->records[i].size - 20;

			uint32_t a = (uint32_t)now[0] << 24 | (uint32_t)now[1] << 16 | (uint32_t)now[2] << 8 | now[3];
			const uint8_t *p = rr->rdata + rr->size - 20;
			uint32_t b = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];

			return !(b != a && (uint32_t)(b - a) < 0x80000000u);
		}
	ck_abort_msg("no SOA");
}

static void
naive_add(struct naive *z, unsigned name, const struct update_rr *rr)
{
	struct record *r;

	if (naive_ignores(z, name, rr))
		return;
	if (rr->type == TYPE_CNAME || rr->type == TYPE_DNAME || rr->type == TYPE_SOA)
		naive_clear(z, name, rr->type);
	for (size_t i = z->count; i-- > 0 && rr->type == TYPE_WKS;)
		if (z->records[i].name == name && z->records[i].type == TYPE_WKS && memcmp(z->records[i].rdata, rr->rdata, 5) == 0)
			naive_drop(z, &z->records[i]);
	r = naive_find(z, name, rr->type, rr->rdata, rr->size);
	if (r == NULL)
		r = &z->records[z->count++];
	ck_holds(z->count <= RECORDS);
	*r = (struct record){ name, rr->type, rr->ttl, rr->size, { 0 } };
	if (rr->size > 0)
		memcpy(r->rdata, rr->rdata, rr->size);
	for (size_t i = 0; i < z->count; i++)
		if (z->records[i].name == name && z->records[i].type == rr->type)
			z->records[i].ttl = rr->ttl;
}

static void
naive_change(struct naive *z, const struct update_rr *rr)
{
	unsigned name = name_number(rr->name);
	struct record *r;

	if (rr->rrclass == CLASS_IN) {
		naive_add(z, name, rr);
	} else if (rr->rrclass == CLASS_ANY) {
		for (size_t i = z->count; i-- > 0;) {
			r = &z->records[i];
			if (r->name == name && (rr->type == TYPE_ANY || rr->type == r->type) &&
			    (name != 0 || (r->type != TYPE_SOA && r->type != TYPE_NS)))
				naive_drop(z, r);
		}
	} else if (rr->type != TYPE_SOA && (rr->type != TYPE_NS || name != 0 || naive_count(z, 0, TYPE_NS) > 1)) {
		r = naive_find(z, name, rr->type, rr->rdata, rr->size);
		if (r != NULL)
			naive_drop(z, r);
	}
}

static enum rcode
naive_update(struct naive *z, const struct update *u)
{
	enum rcode rcode = naive_prerequisites(z, u);

	if (rcode == RCODE_NOERROR)
		rcode = naive_prescan(u);
	if (rcode == RCODE_NOERROR)
		rcode = naive_governed(u);
	for (size_t i = 0; rcode == RCODE_NOERROR && i < u->nchanges; i++)
		naive_change(z, &u->changes[i]);
	return rcode;
}

/* ---- both ---- */

/* Has an RRset the records of the list, to the byte, and their TTL? */
static bool
rrs_are(const struct rrs *r, const struct naive *z, unsigned name, uint16_t type)
{
	const uint8_t *rdata = NULL;
	size_t size;

	if (naive_count(z, name, type) != (r != NULL ? r->count : 0u))
		return false;
	while (r != NULL && (rdata = rrs_next(r, rdata, &size)) != NULL) {
		bool found = false;

		for (size_t i = 0; i < z->count; i++) {
			const struct record *n = &z->records[i];

			found |= n->name == name && n->type == type && n->ttl == r->ttl && n->size == size && memcmp(n->rdata, rdata, size) == 0;
		}
		if (!found)
			return false;
	}
	return true;
}

static void
check_view(const struct view *v, const struct naive *z)
{
	for (unsigned name = 0; name < OUTSIDE; name++) {
		ck_holds(view_in_use(v, wire(name)) == (naive_count(z, name, TYPE_ANY) > 0));
		for (unsigned k = 0; k < KINDS; k++) {
			struct rrs *r = view_rrset(v, wire(name), kinds[k].type);

			ck_holds(rrs_are(r, z, name, kinds[k].type));
			free(r);
		}
	}
}

static size_t
naive_differences(const struct view *before, const struct naive *z)
{
	size_t count = 0;

	for (unsigned name = 0; name < OUTSIDE; name++)
		for (unsigned k = 0; k < KINDS; k++) {
			struct rrs *r = view_rrset(before, wire(name), kinds[k].type);

			count += !rrs_are(r, z, name, kinds[k].type);
			free(r);
		}
	return count;
}

static void
random_rr(struct update *u, bool prerequisite, const struct naive *z)
{
	static const uint16_t odd_types[] = { TYPE_ANY, TYPE_AXFR, TYPE_OPT, 0 };
	const struct kind *k = &kinds[below(KINDS - (below(8) > 0))];  /* NSEC spoils all */
	uint16_t rrclass = (uint16_t[]){ CLASS_IN, CLASS_ANY, CLASS_NONE }[below(3)], type = k->type;
	const uint8_t *rdata = (const uint8_t *)k->rdata[below(4)].bytes;
	uint32_t ttl = rrclass == CLASS_IN && !prerequisite ? 300 * (1 + below(2)) : 0;
	bool bare = rrclass == CLASS_ANY || (rrclass == CLASS_NONE && prerequisite);
	unsigned name = below(100) == 0 ? OUTSIDE : below(OUTSIDE);
	size_t size = 0;

	for (unsigned i = 0; i < 4; i++)
		if ((const uint8_t *)k->rdata[i].bytes == rdata)
			size = k->rdata[i].size;
	if (prerequisite && rrclass == CLASS_IN && z->count > 0 && below(4) > 0) {       /* one that holds, or nearly */
		const struct record *r = &z->records[below((unsigned)z->count)];

		for (size_t i = 0; i < z->count; i++)
			if (z->records[i].name == r->name && z->records[i].type == r->type && below(20) > 0)
				update_add(u, true, wire(r->name), r->type, CLASS_IN, 0, z->records[i].rdata, z->records[i].size);
		return;
	}
	if (bare && below(3) == 0)
		type = TYPE_ANY;
	if (below(200) == 0)
		type = odd_types[below(4)];
	if (below(200) == 0)
		ttl = 1;
	if (below(200) == 0)
		rrclass = CLASS_CH;
	if (below(200) == 0)
		bare = !bare;
	if (bare && rrclass != CLASS_ANY && !(rrclass == CLASS_NONE && prerequisite))
		bare = false;                          /* is data that does not fit, which the naive engine does not know */
	update_add(u, prerequisite, wire(name), type, rrclass, ttl, rdata, bare ? 0 : size);
}

static struct update *
random_update(const struct naive *z)
{
	struct update *u = update_new(updating_apex);

	for (unsigned n = below(3) == 0 ? 1 + below(2) : 0; n > 0; n--)
		random_rr(u, true, z);
	for (unsigned n = below(6); n > 0; n--)
		random_rr(u, false, z);
	return u;
}

struct pair {
	struct updated t;
	struct naive published, now;   /* what the zone has; with what is staged */
	struct staged *staged;
	size_t counts[16];             /* of RCODEs */
};

static void
pair_update(struct pair *p)
{
	struct view v = updated_view(&p->t, p->staged);
	struct update *u = random_update(&p->now);
	struct naive next = p->now;
	enum rcode rcode = naive_update(&next, u);
	size_t differences = rcode == RCODE_NOERROR ? naive_differences(&v, &next) : 0;
	struct update_result r = update_check(u, &v, &p->t.who, p->staged);

	if (r.rcode != rcode)
		ck_abort_msg("RCODE %d, not %d: %s", r.rcode, rcode, r.why != NULL ? r.why : "");
	ck_holds(r.changed == differences);
	if (rcode == RCODE_NOERROR)
		p->now = next;
	p->counts[rcode]++;
	check_view(&v, &p->now);
	update_free(u);
}

/* Some updates that wait together: they reach the disk, or a later part of them does not. */
static void
pair_batch(struct pair *p)
{
	size_t mark = staged_mark(p->staged);
	struct naive then = p->now;
	struct view v;

	for (unsigned n = 1 + below(6); n > 0; n--) {
		if (below(8) == 0) {
			mark = staged_mark(p->staged);
			then = p->now;
		}
		pair_update(p);
	}
	v = updated_view(&p->t, p->staged);
	if (below(3) == 0) {
		staged_back(p->staged, mark);
		p->now = then;
		check_view(&v, &p->now);
		if (below(2) == 0)
			return;                /* and goes on from there */
	}
	updated_publish(&p->t, p->staged);
	p->published = p->now;
	staged_free(p->staged);
	p->staged = staged_new();
	v = updated_view(&p->t, NULL);
	check_view(&v, &p->now);
}

START_TEST(test_model)
{
	static struct pair p;
	struct view v;

	srand(SEED + (unsigned)_i);
	p = (struct pair){ .staged = staged_new() };
	updated_begin(&p.t, "example. 300 IN SOA . . 1 808530483 875902519 943285602 1667523942\nexample. 300 IN NS ns.test.\n");
	updated_serve(&p.t, names[SERVICE], false);
	updated_serve(&p.t, names[SERVICE_BELOW], true);
	p.now.count = 0;
	v = updated_view(&p.t, NULL);
	for (unsigned name = 0; name < OUTSIDE; name++)
		for (unsigned k = 0; k < KINDS; k++) {
			struct rrs *r = view_rrset(&v, wire(name), kinds[k].type);
			const uint8_t *rdata = NULL;
			size_t size;

			while (r != NULL && (rdata = rrs_next(r, rdata, &size)) != NULL) {
				struct record *n = &p.now.records[p.now.count++];

				*n = (struct record){ name, r->type, r->ttl, size, { 0 } };
				memcpy(n->rdata, rdata, size);
			}
			free(r);
		}
	ck_assert_uint_eq(p.now.count, 2 + 2);
	for (unsigned batch = 0; batch < ROUNDS(2000); batch++) {
		pair_batch(&p);
		if (batch % 16 == 0)
			ck_holds(zone_is_sound(p.t.zone));
	}
	ck_assert(zone_is_sound(p.t.zone));
	ck_assert(p.counts[RCODE_NOERROR] > ROUNDS(500));
	for (unsigned rcode = RCODE_NXDOMAIN; rcode <= RCODE_NOTZONE; rcode++)
		if (rcode != RCODE_NOTIMP && rcode != RCODE_NOTAUTH)
			ck_assert_msg(SANITIZED || p.counts[rcode] > 0, "RCODE %u never came", rcode);
	staged_free(p.staged);
	updated_end(&p.t);
}
END_TEST

/* Hundreds of RRs in one RRset, added and removed in any order, NS in upper and lower case: an index is no different from a look at all. */
START_TEST(test_many)
{
	enum { MANY = 300 };
	bool there[MANY] = { false };
	unsigned count = 0;
	struct updated t;

	srand(SEED + (unsigned)_i);
	updated_begin(&t, "example. 300 IN SOA . . 1 2 3 4 5\nexample. 300 IN NS ns.test.\n");
	for (unsigned round = 0; round < 20; round++) {
		struct update *u = update_new(updating_apex);
		struct staged *s = staged_new();
		struct view v = updated_view(&t, s);
		const uint8_t *rdata = NULL;
		struct rrs *r;
		size_t size;

		for (unsigned n = below(2 * MANY); n > 0; n--) {
			unsigned i = below(MANY);
			bool add = below(3) > 0;
			uint8_t ns[] = { 2, (uint8_t)((below(2) ? 'a' : 'A') + i % 26), (uint8_t)('0' + i / 26), 0 };

			count = count + (add && !there[i]) - (!add && there[i]);
			there[i] = add;
			update_add(u, false, wire(1), TYPE_NS, add ? CLASS_IN : CLASS_NONE, add ? 300 : 0, ns, sizeof(ns));
		}
		ck_assert_int_eq(update_check(u, &v, &t.who, s).rcode, RCODE_NOERROR);
		r = view_rrset(&v, wire(1), TYPE_NS);
		ck_assert_uint_eq(r != NULL ? r->count : 0u, count);
		while (r != NULL && (rdata = rrs_next(r, rdata, &size)) != NULL)
			ck_holds(size == 4 && there[(unsigned)(dname_fold(rdata[1]) - 'a') + 26 * (unsigned)(rdata[2] - '0')]);
		free(r);
		updated_publish(&t, s);
		update_free(u);
		staged_free(s);
	}
	updated_end(&t);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("update_model");
	TCase *t = tcase_create("update_model");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_model, 0, 4);
	tcase_add_loop_test(t, test_many, 0, 10);
	suite_add_tcase(s, t);
	return suite_run(s);
}
