/* diff.c - what differs between two versions.
 *
 * Two ways (walk.h) go through both tries. What both come to next is skipped if it
 * is the same twigs or the same node: versions of one zone share all that no commit
 * has touched. Otherwise the branch that begins higher up is gone into, so that the
 * two come to stand on the same names; and two names are merged as in any merge of sorted
 * lists. When the ways get out of step (a name is in one trie only), they go into a few
 * branches that they share, and are in step again behind the next name.
 *
 * The configured plane is two such differences merged: that of the twins (plane.h), which are few and come first, and that of all
 * other names. */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/plane.h"
#include "zones/rrbuf.h"
#include "zones/walk.h"

/* A name's nodes in both versions, one of which may be NULL. */
struct pair {
	const struct node *from, *to;
};

struct differ {
	zone_diff_fn *fn;
	void *arg;
	unsigned apex_length;
	bool (*each)(struct differ *d, struct pair p);         /* of a name that is not the same node in both; false ends it */
	/* the configured plane's */
	const struct zone *from, *to;
	struct pair *twins;
	size_t ntwins, nexttwin;
};

/* ---- of two RRsets, of two nodes ---- */

static size_t
rr_size(const uint8_t *rr)
{
	struct rr parts;

	return (size_t)(rr_read(rr, &parts) - rr);
}

static int
rr_order(const uint8_t *a, const uint8_t *b)
{
	size_t size_a = rr_size(a), size_b = rr_size(b);

	return memcmp(a, b, size_a < size_b ? size_a : size_b);        /* where sizes differ, the rdlengths before do */
}

/* Looks RRs up in a set. In sets that differ in little each is found at the first glance, behind the one before. */
struct finder {
	const struct rrset *set;
	const uint8_t *at;             /* where to glance; may be the set's end */
	const uint8_t **sorted;        /* all of them, once a glance was not enough */
};

static int
sorted_order(const void *a, const void *b)
{
	const uint8_t *const *x = a, *const *y = b;

	return rr_order(*x, *y);
}

static void
finder_sort(struct finder *f)
{
	const uint8_t *rr = f->set->bytes;

	f->sorted = mem_array(f->set->count, sizeof(*f->sorted));
	for (unsigned i = 0; i < f->set->count; i++, rr += rr_size(rr))
		f->sorted[i] = rr;
	qsort(f->sorted, f->set->count, sizeof(*f->sorted), sorted_order);
}

static bool
finder_has(struct finder *f, const uint8_t *rr)
{
	const uint8_t **found = &f->at;

	if (f->at == f->set->bytes + f->set->size || rr_order(f->at, rr) != 0) {
		if (f->sorted == NULL)
			finder_sort(f);
		found = bsearch(&rr, f->sorted, f->set->count, sizeof(*f->sorted), sorted_order);
	}
	if (found == NULL)
		return false;
	f->at = *found + rr_size(*found);
	return true;
}

/* The RRs of s that are not in other, which may be NULL. */
static bool
diff_rrset(const struct differ *d, bool come, const uint8_t *name, const struct rrset *s, const struct rrset *other)
{
	struct finder f = { .set = other, .at = other != NULL ? other->bytes : NULL };
	const uint8_t *rr = s->bytes;
	bool going = true;

	for (unsigned i = 0; i < s->count && going; i++, rr += rr_size(rr))
		if (other == NULL || !finder_has(&f, rr))
			going = d->fn(d->arg, come, name, s->type, rr);
	free(f.sorted);
	return going;
}

static bool
rrset_equal(const struct rrset *a, const struct rrset *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The RRs of n that are not in other, which may be NULL. */
static bool
diff_node(const struct differ *d, bool come, const struct node *n, const struct node *other)
{
	for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;) {
		const struct rrset *same = other != NULL ? node_rrset(other, s->type) : NULL;

		if (same != NULL && rrset_equal(s, same))
			continue;
		if (!diff_rrset(d, come, n->name, s, same))
			return false;
	}
	return true;
}

static bool
diff_pair(struct differ *d, struct pair p)
{
	return (p.from == NULL || diff_node(d, false, p.from, p.to)) && (p.to == NULL || diff_node(d, true, p.to, p.from));
}

/* ---- of two tries ---- */

/* As strcmp() has it, in canonical order. */
static int
node_order(const struct differ *d, const struct node *a, const struct node *b)
{
	struct key ka, kb;
	unsigned at;

	if (a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0)
		return 0;
	ka.length = kb.length = 0;
	key_add(&ka, a->name, a->name_length - d->apex_length);
	key_add(&kb, b->name, b->name_length - d->apex_length);
	at = key_difference(&ka, &kb);
	return ka.symbols[at] < kb.symbols[at] ? -1 : 1;
}

/* Both ways are at a name, or one at its end: the lower of the two names is done, or both if they are the same. */
static bool
diff_names(struct differ *d, struct way *from, struct way *to)
{
	const struct twig *gone = way_at(from), *come = way_at(to);
	const struct node *a = gone != NULL ? gone->to.leaf : NULL, *b = come != NULL ? come->to.leaf : NULL;
	int order = a == NULL ? 1 : b == NULL ? -1 : node_order(d, a, b);

	if (order <= 0)
		way_past(from);
	if (order >= 0)
		way_past(to);
	return d->each(d, (struct pair){ order <= 0 ? a : NULL, order >= 0 ? b : NULL });
}

/* How far up a twig begins: the lower, the more it holds. */
static unsigned
twig_level(const struct twig *t)
{
	return t != NULL && twig_is_branch(t) ? twig_offset(t) : UINT_MAX;
}

static bool
twig_same(const struct twig *a, const struct twig *b)
{
	return a != NULL && b != NULL && a->to.leaf == b->to.leaf;
}

/* Calls each(d, pair) for each name of which the tries, the first of which may be NULL, do not have the same node. */
static bool
diff_tries(struct differ *d, const struct trie *from, const struct trie *to, bool (*each)(struct differ *d, struct pair p))
{
	struct way a, b;

	d->each = each;
	way_begin(&a, from);
	way_begin(&b, to);
	while (a.depth > 0 || b.depth > 0) {
		unsigned level_a = twig_level(way_at(&a)), level_b = twig_level(way_at(&b));

		if (twig_same(way_at(&a), way_at(&b))) {
			way_past(&a);
			way_past(&b);
			continue;
		}
		if (level_a == UINT_MAX && level_b == UINT_MAX) {
			if (!diff_names(d, &a, &b))
				return false;
			continue;
		}
		if (level_a <= level_b)
			way_into(&a);
		if (level_b <= level_a)
			way_into(&b);
	}
	return true;
}

/* ---- of two versions ---- */

bool
zone_diff(const struct zone *from, const struct zone *to, zone_diff_fn *fn, void *arg)
{
	struct differ d = { .fn = fn, .arg = arg, .apex_length = to->apex_length };

	assert(from == NULL || dname_equal(from->apex, to->apex));
	return diff_tries(&d, from != NULL ? &from->names : NULL, &to->names, diff_pair);
}

static const struct node *
pair_node(struct pair p)
{
	return p.from != NULL ? p.from : p.to;
}

/* A twin that came or went has a node on its other side, if the name had one: the answer zone's. */
static bool
diff_twin(struct differ *d, struct pair p)
{
	const uint8_t *name = pair_node(p)->name;

	if (p.from == NULL && d->from != NULL)
		p.from = zone_at(d->from, name);
	if (p.to == NULL)
		p.to = zone_at(d->to, name);
	d->twins = mem_grow(d->twins, d->ntwins, sizeof(*d->twins));
	d->twins[d->ntwins++] = p;
	return true;
}

/* The twins before that name; NULL: all that are left. */
static bool
diff_twins_before(struct differ *d, const struct node *name)
{
	while (d->nexttwin < d->ntwins && (name == NULL || node_order(d, pair_node(d->twins[d->nexttwin]), name) < 0))
		if (!diff_pair(d, d->twins[d->nexttwin++]))
			return false;
	return true;
}

static bool
pair_has_twin(const struct differ *d, struct pair p)
{
	return (p.from != NULL && plane_twin(d->from, p.from) != NULL) || (p.to != NULL && plane_twin(d->to, p.to) != NULL);
}

static bool
diff_other(struct differ *d, struct pair p)
{
	return diff_twins_before(d, pair_node(p)) && (pair_has_twin(d, p) || diff_pair(d, p));
}

bool
zone_diff_configured(const struct zone *from, const struct zone *to, zone_diff_fn *fn, void *arg)
{
	struct differ d = { .fn = fn, .arg = arg, .apex_length = to->apex_length, .from = from, .to = to };
	bool going;

	assert(from == NULL || dname_equal(from->apex, to->apex));
	diff_tries(&d, from != NULL ? &from->configured : NULL, &to->configured, diff_twin);
	going = diff_tries(&d, from != NULL ? &from->names : NULL, &to->names, diff_other) && diff_twins_before(&d, NULL);
	free(d.twins);
	return going;
}

bool
zone_diff_planes(const struct zone *z, zone_diff_fn *fn, void *arg)
{
	struct differ d = { .fn = fn, .arg = arg, .apex_length = z->apex_length, .from = z, .to = z };
	bool going = true;

	diff_tries(&d, NULL, &z->configured, diff_twin);
	going = diff_twins_before(&d, NULL);
	free(d.twins);
	return going;
}
