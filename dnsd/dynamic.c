/* dynamic.c - the records of a dynamic zone, copied and followed. */
#include "dnsd/dynamic.h"

#include <string.h>

#include "base/dname.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

/* Does this RRset follow health? n NULL: there is no such name. */
static bool
follows_health(const struct node *n, uint16_t type)
{
	return n != NULL && (node_flags(n) & NODE_SERVICE) != 0 && type_is_governed(type);
}

static void
put_copy(struct zone_edit *e, struct rrbuf *b, const uint8_t *name, const struct rrset *set)
{
	rrbuf_begin_from(b, set);
	zone_put(e, name, b);
}

struct zone *
dynamic_copy(const struct zone *z)
{
	struct zone_edit *e = zone_edit_new(zone_apex(z));
	struct zone_walk *walk = zone_walk_new(z);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	const struct node *n;
	struct zone *copy;

	while ((n = zone_walk_next(walk)) != NULL)
		for (const struct rrset *set = NULL; (set = node_next(n, set)) != NULL;)
			if (!follows_health(n, set->type))
				put_copy(e, b, node_name(n), set);
	zone_walk_free(walk);
	rrbuf_free(b);
	copy = zone_commit(e, &garbage);
	garbage_free(garbage);
	return copy;
}

/* ---- what changed ---- */

struct follow {
	const struct zone *from, *to;
	struct zone_edit *edit;
	struct rrbuf *buf;
	unsigned changes;
	uint8_t name[DNAME_MAX];       /* of the RRset put last */
	uint16_t type;
};

/* An RR of an RRset differs: all of the RRset is put, once. */
static bool
follow(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct follow *f = arg;
	const struct node *to = zone_at(f->to, name);
	const struct rrset *set = to != NULL ? node_rrset(to, type) : NULL;

	(void)come;
	(void)rr;
	if (f->changes > 0 && f->type == type && dname_equal(f->name, name))
		return true;
	if (follows_health(to, type) || follows_health(zone_at(f->from, name), type))
		return true;
	if (set != NULL)
		put_copy(f->edit, f->buf, name, set);
	else
		zone_remove(f->edit, name, type);
	memcpy(f->name, name, dname_length(name));
	f->type = type;
	f->changes++;
	return true;
}

struct zone *
dynamic_follow(const struct zone *zone, const struct zone *from, const struct zone *to, struct garbage **garbage)
{
	struct follow f = { .from = from, .to = to, .edit = zone_edit(zone), .buf = rrbuf_new() };

	*garbage = NULL;
	zone_diff(from, to, follow, &f);
	rrbuf_free(f.buf);
	if (f.changes > 0)
		return zone_commit(f.edit, garbage);
	zone_edit_abort(f.edit);
	return NULL;
}
