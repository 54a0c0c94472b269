/* drafts.c - all that one update touches. */
#include "dnsd/drafts.h"

#include <string.h>

#include "base/mem.h"

enum { NONE = UINT32_MAX };

void
drafts_begin(struct drafts *d, const struct view *v)
{
	*d = (struct drafts){ .view = v };
}

void
drafts_end(struct drafts *d)
{
	for (uint32_t i = 0; i < d->ndrafts; i++)
		draft_free(&d->drafts[i].draft);
	free(d->drafts);
	free(d->spots);
	places_free(&d->by_name);
	places_free(&d->by_type);
}

uint32_t
drafts_spot(struct drafts *d, const uint8_t *name)
{
	uint32_t hash, slot, i;
	struct spot *s;

	if (d->nspots > 0 && dname_equal(d->spots[d->nspots - 1].name, name))  /* as it mostly is: records of a name are together */
		return d->nspots - 1;
	hash = slot = staged_hash(d->view->staged, name, dname_length(name));
	while (places_next(&d->by_name, hash, &slot, &i))
		if (dname_equal(d->spots[i].name, name))
			return i;
	d->spots = mem_grow(d->spots, d->nspots, sizeof(*d->spots));
	s = &d->spots[d->nspots];
	*s = (struct spot){ .name = name, .node = view_node(d->view, name), .first = NONE };
	s->is_apex = dname_equal(name, zone_apex(d->view->zone));
	s->is_service = s->node != NULL && (node_flags(s->node) & NODE_SERVICE) != 0;
	places_add(&d->by_name, hash, d->nspots);
	return d->nspots++;
}

static uint32_t
type_hash(uint32_t spot, uint16_t type)
{
	return (spot * 0x9e3779b1u) ^ (type * 0x85ebca6bu);
}

static uint32_t
drafts_find(const struct drafts *d, uint32_t spot, uint16_t type)
{
	uint32_t hash = type_hash(spot, type), slot = hash, i;

	while (places_next(&d->by_type, hash, &slot, &i))
		if (d->drafts[i].spot == spot && d->drafts[i].draft.type == type)
			return i;
	return NONE;
}

static struct view_set
drafts_before(const struct drafts *d, uint32_t spot, uint16_t type)
{
	return view_find(d->view, d->spots[spot].node, d->spots[spot].name, type);
}

struct draft *
drafts_open(struct drafts *d, uint32_t spot, uint16_t type, bool empty)
{
	uint32_t i = drafts_find(d, spot, type);
	struct drafted *drafted;

	if (i != NONE)
		return &d->drafts[i].draft;
	d->drafts = mem_grow(d->drafts, d->ndrafts, sizeof(*d->drafts));
	drafted = &d->drafts[d->ndrafts];
	drafted->spot = spot;
	drafted->next = d->spots[spot].first;
	d->spots[spot].first = d->ndrafts;
	places_add(&d->by_type, type_hash(spot, type), d->ndrafts++);
	draft_begin(&drafted->draft, type);
	if (!empty)
		draft_fill(&drafted->draft, d->view->staged, drafts_before(d, spot, type));
	return &drafted->draft;
}

bool
drafts_has(const struct drafts *d, uint32_t spot, uint16_t type)
{
	uint32_t i = drafts_find(d, spot, type);

	return i != NONE ? d->drafts[i].draft.count > 0 : view_set_is_there(drafts_before(d, spot, type));
}

struct untouched {                     /* passes on the view's types that have no draft */
	const struct drafts *d;
	uint32_t spot;
	view_type_fn *fn;
	void *arg;
};

static bool
untouched_type(void *arg, uint16_t type)
{
	const struct untouched *u = arg;

	return drafts_find(u->d, u->spot, type) != NONE || u->fn(u->arg, type);
}

bool
drafts_types(const struct drafts *d, uint32_t spot, view_type_fn *fn, void *arg)
{
	struct untouched u = { d, spot, fn, arg };

	for (uint32_t i = d->spots[spot].first; i != NONE; i = d->drafts[i].next)
		if (d->drafts[i].draft.count > 0 && !fn(arg, d->drafts[i].draft.type))
			return false;
	return view_types(d->view, d->spots[spot].node, d->spots[spot].name, untouched_type, &u);
}

size_t
drafts_stage(struct drafts *d, struct staged *s)
{
	size_t changed = 0;

	for (uint32_t i = 0; i < d->ndrafts; i++) {
		const struct drafted *drafted = &d->drafts[i];
		struct draft *draft = &d->drafts[i].draft;

		if (!draft->touched || draft_is(draft, s, drafts_before(d, drafted->spot, draft->type)))
			continue;
		staged_put(s, d->view->zone_index, d->spots[drafted->spot].name, draft->type, draft_rrs(draft));
		changed++;
	}
	return changed;
}
