/* zone.c - changing a zone, and making the next version of it.
 *
 * A change keeps flags and the index of glue right at once; what it does to
 * referrals and the negative answer is noted and made up for in zone_commit(). */
#include "zones/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/edit.h"
#include "zones/garbage.h"
#include "zones/pack.h"
#include "zones/plane.h"
#include "zones/rrbuf.h"
#include "zones/rrs.h"
#include "zones/uses.h"
#include "zones/version.h"

struct zone_edit {
	const struct zone *old;        /* NULL: begun from nothing */
	struct zone *z;                /* the version to be; its tries are set at commit */
	struct trie_edit names, uses, configured;
	bool soa;                      /* the SOA was touched */
	uint8_t *cuts;                 /* names whose referrals are to be packed, back to back */
	size_t cuts_size, cuts_room;
	uint8_t last_cut[DNAME_MAX];
};

/* ---- begin and end ---- */

static void
node_key(struct key *k, const void *leaf, unsigned skip)
{
	const struct node *n = leaf;

	key_add(k, n->name, (size_t)n->name_length - skip);
}

static struct zone_edit *
edit_begin(const struct zone *old, struct zone *z)
{
	struct zone_edit *e = mem_alloc(sizeof(*e));

	e->old = old;
	e->z = z;
	trie_edit_begin(&e->names, &z->names);
	trie_edit_begin(&e->uses, &z->uses);
	trie_edit_begin(&e->configured, &z->configured);
	return e;
}

struct zone_edit *
zone_edit_new(const uint8_t *apex)
{
	struct zone *z = mem_alloc(sizeof(*z));
	struct zone_edit *e;

	z->apex_length = (uint8_t)dname_length(apex);
	memcpy(z->apex, apex, z->apex_length);
	dname_lower(z->apex);
	z->names = z->configured = (struct trie){ .key = node_key, .skip = z->apex_length };
	uses_init(&z->uses, z->apex_length);
	e = edit_begin(NULL, z);
	e->soa = true;
	return e;
}

struct zone_edit *
zone_edit(const struct zone *z)
{
	struct zone *copy = mem_alloc(sizeof(*copy));

	*copy = *z;
	return edit_begin(z, copy);
}

static void
edit_free(struct zone_edit *e)
{
	free(e->cuts);
	free(e);
}

void
zone_edit_abort(struct zone_edit *e)
{
	trie_edit_abort(&e->names);
	trie_edit_abort(&e->uses);
	trie_edit_abort(&e->configured);
	free(e->z);
	edit_free(e);
}

void
zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	trie_free(&z->names);
	trie_free(&z->uses);
	trie_free(&z->configured);
	free(z->negative);
	free(z);
}

/* ---- what a change means to other names ---- */

static const struct node *
edit_at(const struct zone_edit *e, const struct key *k)
{
	const struct twig *t = trie_get(&e->names.trie, k);

	return t != NULL ? t->to.leaf : NULL;
}

static bool
name_has_star(const uint8_t *name)
{
	for (; *name != 0; name += *name + 1)
		if (*name == 1 && name[1] == '*')
			return true;
	return false;
}

/* Is name strictly below a cut or DNAME? */
static bool
edit_is_below(const struct zone_edit *e, const struct key *k, const uint8_t *name)
{
	const struct twig *above;
	const struct node *n;

	if (e->z->occluding == 0)
		return false;
	trie_walk(&e->names.trie, k, OCCLUDING, &above);
	if (above == NULL)
		return false;
	n = above->to.leaf;
	return n->name_length < dname_length(name) && dname_is_under(name, n->name);
}

/* Gives a node other flags: in place if this edit made it. */
static const struct node *
edit_flag(struct zone_edit *e, const struct key *k, const struct twig *t, unsigned flags)
{
	struct node *n = t->to.leaf;

	if (trie_is_own(&e->names, t))
		n->flags = (uint8_t)flags;
	else
		n = node_make(n->name, flags, node_referral(n), n, 0, NULL);
	trie_put(&e->names, k, n, flags);
	plane_follow(&e->configured, k, n, 0);
	return n;
}

/* Sets or clears NODE_BELOW_CUT on all names below name, which began or ceased to occlude them. */
static void
edit_mark_below(struct zone_edit *e, const struct key *k, const uint8_t *name)
{
	const struct node *top = edit_at(e, k), *inside = NULL;
	const struct twig *t;
	struct key at = *k;

	if (top != NULL && (top->flags & (OCCLUDING | NODE_BELOW_CUT)) != 0)
		inside = top;
	else if (top == NULL && edit_is_below(e, k, name))
		return;                        /* was and is below another */
	while ((t = trie_next(&e->names.trie, &at)) != NULL) {
		const struct node *n = t->to.leaf;
		unsigned below, flags;

		if (!dname_is_under(n->name, name))
			break;
		at.length = 0;
		zone_key(e->z, &at, n->name);
		if (inside != NULL && !dname_is_under(n->name, inside->name))
			inside = NULL;
		below = inside != NULL ? NODE_BELOW_CUT : 0;
		flags = (n->flags & ~(unsigned)NODE_BELOW_CUT) | below;
		if (flags != n->flags)
			n = edit_flag(e, &at, t, flags);
		if (inside == NULL && (n->flags & OCCLUDING) != 0)
			inside = n;
	}
}

/* Notes that the referral of a cut is to be packed again. */
static void
edit_repack(void *arg, const uint8_t *cut)
{
	struct zone_edit *e = arg;
	size_t size = dname_length(cut);

	if (e->cuts_size > 0 && dname_equal(e->last_cut, cut))
		return;
	if (e->cuts_room - e->cuts_size < size) {
		e->cuts_room = 2 * e->cuts_room + 4096;
		e->cuts = mem_resize(e->cuts, e->cuts_room);
	}
	memcpy(e->cuts + e->cuts_size, cut, size);
	memcpy(e->last_cut, cut, size);
	e->cuts_size += size;
}

/* The addresses of name changed: referrals of the cuts above it, and of those that use it from elsewhere. */
static void
edit_repack_users(struct zone_edit *e, const struct key *k, const uint8_t *name)
{
	const struct twig *leaves[LABELS_MAX + 1];
	unsigned count;

	if (e->z->occluding == 0)
		return;
	count = trie_ancestors(&e->names.trie, k, leaves);
	for (unsigned i = 0; i < count; i++) {
		const struct node *n = leaves[i]->to.leaf;

		if ((n->flags & NODE_CUT) != 0 && dname_is_under(name, n->name))
			edit_repack(e, n->name);
	}
	if (e->uses.trie.leaves > 0)
		uses_each(&e->uses.trie, name, edit_repack, e);
}

/* Brings up to date what depends on the RRset of a type at name, which was put or removed. */
static void
edit_follow(struct zone_edit *e, const struct key *k, const uint8_t *name, uint16_t type, unsigned before, unsigned after)
{
	e->z->occluding += (after & OCCLUDING) != 0;
	e->z->occluding -= (before & OCCLUDING) != 0;
	if (((before ^ after) & OCCLUDING) != 0)
		edit_mark_below(e, k, name);
	if ((type == TYPE_NS || type == TYPE_DS) && (after & NODE_CUT) != 0)
		edit_repack(e, name);
	if (type == TYPE_A || type == TYPE_AAAA)
		edit_repack_users(e, k, name);
	if (type == TYPE_SOA)
		e->soa = true;
}

/* ---- changes ---- */

/* The flag that having a type gives the name. */
static unsigned
type_flag(const struct zone_edit *e, const uint8_t *name, uint16_t type)
{
	switch (type) {
	case TYPE_NS:    return dname_equal(name, e->z->apex) ? 0 : NODE_CUT;
	case TYPE_CNAME: return NODE_CNAME;
	case TYPE_DNAME: return NODE_DNAME;
	default:         return 0;
	}
}

/* The old NS set's uses go, the new one's come. */
static void
edit_uses(struct zone_edit *e, const uint8_t *name, const struct node *old, const struct rrset *set)
{
	const struct rrset *ns = old != NULL ? node_rrset(old, TYPE_NS) : NULL;

	if (ns != NULL)
		uses_remove(&e->uses, e->z, name, ns);
	if (set != NULL)
		uses_add(&e->uses, e->z, name, set);
}

/* The flags that a name begins with; it is about to be put. */
static unsigned
edit_new_flags(struct zone_edit *e, const struct key *k, const uint8_t *name)
{
	if (name_has_star(name))
		e->z->wildcards++;
	return edit_is_below(e, k, name) ? NODE_BELOW_CUT : 0;
}

static const struct node *
edit_put(struct zone_edit *e, const struct key *k, const uint8_t *name, const struct node *old, const struct rrset *set)
{
	unsigned flag = type_flag(e, name, set->type), before, after;
	struct node *n;

	assert(set->count > 0);
	before = old != NULL ? old->flags : edit_new_flags(e, k, name);
	after = before | flag;
	if (flag == NODE_CUT)
		edit_uses(e, name, old, set);
	n = node_make(name, after, old != NULL ? node_referral(old) : NULL, old, set->type, set);
	trie_put(&e->names, k, n, after);
	plane_follow(&e->configured, k, n, set->type);
	edit_follow(e, k, name, set->type, before, after);
	return n;
}

void
zone_put(struct zone_edit *e, const uint8_t *name, const struct rrbuf *b)
{
	struct key k;

	assert(dname_is_under(name, e->z->apex));
	zone_key(e->z, &k, name);
	edit_put(e, &k, name, edit_at(e, &k), b->set);
}

const struct node *
zone_merge(struct zone_edit *e, const uint8_t *name, const struct rrbuf *b)
{
	const struct rrset *there;
	const struct node *old;
	struct rrbuf *both;
	struct key k;

	zone_key(e->z, &k, name);
	old = edit_at(e, &k);
	there = old != NULL ? node_rrset(old, b->set->type) : NULL;
	if (there == NULL)
		return edit_put(e, &k, name, old, b->set);
	both = rrbuf_new();
	rrbuf_begin_from(both, there);
	if (rrbuf_add_all(both, b->set))
		old = edit_put(e, &k, name, old, both->set);
	else
		old = NULL;
	rrbuf_free(both);
	return old;
}

const struct node *
zone_edit_at(const struct zone_edit *e, const uint8_t *name)
{
	struct key k;

	zone_key(e->z, &k, name);
	return edit_at(e, &k);
}

void
zone_remove(struct zone_edit *e, const uint8_t *name, uint16_t type)
{
	unsigned flag = type_flag(e, name, type), before, after;
	const struct rrset *first;
	const struct node *old;
	struct node *n;
	struct key k;

	assert(dname_is_under(name, e->z->apex));
	zone_key(e->z, &k, name);
	old = edit_at(e, &k);
	if (old == NULL || node_rrset(old, type) == NULL)
		return;
	before = old->flags;
	after = before & ~flag;
	if (flag == NODE_CUT)
		edit_uses(e, name, old, NULL);
	first = node_next(old, NULL);
	/* A service that answers nobody for now is still a name (NODE_SERVICE). */
	if (first->type == type && node_next(old, first) == NULL && (before & NODE_SERVICE) == 0) {
		if (name_has_star(name))
			e->z->wildcards--;
		trie_delete(&e->names, &k);
		after = 0;
	} else {
		n = node_make(name, after, (after & NODE_CUT) != 0 ? node_referral(old) : NULL, old, type, NULL);
		trie_put(&e->names, &k, n, after);
		plane_follow(&e->configured, &k, n, type);
	}
	edit_follow(e, &k, name, type, before, after);
}

void
zone_put_rrs(struct zone_edit *e, const uint8_t *name, uint16_t type, const struct rrs *rrs)
{
	const uint8_t *rdata = NULL;
	struct rrbuf *b;
	size_t size;

	if (rrs == NULL) {
		zone_remove(e, name, type);
		return;
	}
	assert(rrs->type == type && rrs->count > 0);
	b = rrbuf_new();
	rrbuf_begin(b, type, CLASS_IN, rrs->ttl);
	while ((rdata = rrs_next(rrs, rdata, &size)) != NULL) {
		bool fits = rrbuf_append(b, rdata, size);

		assert(fits);                  /* rrs.h: that is its limit too */
		(void)fits;
	}
	zone_put(e, name, b);
	rrbuf_free(b);
}

void
zone_mark_service(struct zone_edit *e, const uint8_t *name, unsigned all_down)
{
	const struct twig *t;
	unsigned flags;
	struct key k;

	assert((all_down & ~(unsigned)(NODE_ALL_DOWN4 | NODE_ALL_DOWN6)) == 0 && dname_is_under(name, e->z->apex));
	zone_key(e->z, &k, name);
	t = trie_get(&e->names.trie, &k);
	if (t == NULL) {
		flags = edit_new_flags(e, &k, name) | NODE_SERVICE | all_down;
		trie_put(&e->names, &k, node_make(name, flags, NULL, NULL, 0, NULL), flags);
		return;
	}
	flags = (twig_flags(t) & ~(unsigned)(NODE_ALL_DOWN4 | NODE_ALL_DOWN6)) | NODE_SERVICE | all_down;
	if (flags != twig_flags(t))
		edit_flag(e, &k, t, flags);
}

void
zone_put_configured(struct zone_edit *e, const uint8_t *name, uint16_t type, const struct rrbuf *b)
{
	const struct node *n = zone_edit_at(e, name);
	struct key k;

	if (n == NULL || (n->flags & NODE_SERVICE) == 0)
		zone_mark_service(e, name, 0);
	zone_key(e->z, &k, name);
	plane_put(&e->configured, &k, edit_at(e, &k), type, b != NULL ? b->set : NULL);
}

void
zone_put_serial(struct zone_edit *e, uint32_t serial)
{
	const struct node *apex = zone_edit_at(e, e->z->apex);
	struct rrbuf *b = rrbuf_new();

	assert(apex != NULL && node_rrset(apex, TYPE_SOA) != NULL);
	rrbuf_begin_from(b, node_rrset(apex, TYPE_SOA));
	soa_put_serial(b->set, serial);
	zone_put(e, e->z->apex, b);
	rrbuf_free(b);
}

void
zone_set_index(struct zone *z, unsigned index)
{
	z->index = index;
}

void
zone_set_private(struct zone *z)
{
	z->private = true;
}

/* ---- commit ---- */

static const struct node *
edit_lookup(void *arg, const uint8_t *name)
{
	struct zone_edit *e = arg;
	struct key k;

	if (!dname_is_under(name, e->z->apex))
		return NULL;
	zone_key(e->z, &k, name);
	return edit_at(e, &k);
}

static bool
packed_equal(const struct packed *a, const struct packed *b)
{
	return a->size == b->size && a->need == b->need && a->nscount == b->nscount && a->arneed == b->arneed &&
	    memcmp(a->bytes, b->bytes, a->size) == 0;
}

static void
commit_referral(struct zone_edit *e, struct pack *p, const uint8_t *cut)
{
	const struct packed *referral;
	const struct node *n;
	struct key k;

	zone_key(e->z, &k, cut);
	n = edit_at(e, &k);
	if (n == NULL || (n->flags & NODE_CUT) == 0)
		return;
	referral = pack_referral(p, n, edit_lookup, e);
	if (!packed_equal(referral, node_referral(n)))
		trie_put(&e->names, &k, node_make(n->name, n->flags, referral, n, 0, NULL), n->flags);
}

static void
commit_negative(struct zone_edit *e, struct pack *p)
{
	struct zone *z = e->z;
	const struct node *apex = edit_lookup(e, z->apex);
	const struct rrset *soa = apex != NULL ? node_rrset(apex, TYPE_SOA) : NULL;
	const struct packed *negative = pack_negative(p, z->apex, soa);

	garbage_add(e->names.garbage, z->negative);
	z->negative = mem_alloc(packed_room(negative));
	packed_copy(z->negative, negative);
	z->serial = soa != NULL ? soa_serial(soa) : 0;
}

struct zone *
zone_commit(struct zone_edit *e, struct garbage **garbage)
{
	struct pack *p = e->soa || e->cuts_size > 0 ? mem_alloc(sizeof(*p)) : NULL;
	struct zone *z = e->z;

	for (size_t at = 0; at < e->cuts_size; at += dname_length(e->cuts + at))
		commit_referral(e, p, e->cuts + at);
	if (e->soa)
		commit_negative(e, p);
	free(p);
	z->names = e->names.trie;
	z->uses = e->uses.trie;
	z->configured = e->configured.trie;
	*garbage = e->names.garbage;
	garbage_move(*garbage, e->uses.garbage);
	garbage_move(*garbage, e->configured.garbage);
	garbage_add(*garbage, (void *)(uintptr_t)e->old);
	edit_free(e);
	return z;
}
