/* view.c - a zone with what is staged on top of it. */
#include "dnsd/view.h"

const struct node *
view_node(const struct view *v, const uint8_t *name)
{
	const struct node *n = zone_at(v->zone, name);

	return n != NULL ? node_configured(v->zone, n) : NULL;
}

struct view_set
view_find(const struct view *v, const struct node *node, const uint8_t *name, uint16_t type)
{
	const struct staged_rrset *staged = staged_find(v->staged, v->zone_index, name, type);

	if (staged != NULL)
		return (struct view_set){ .rrs = staged->rrs };
	return (struct view_set){ .rrset = node != NULL ? node_rrset(node, type) : NULL };
}

bool
view_types(const struct view *v, const struct node *node, const uint8_t *name, view_type_fn *fn, void *arg)
{
	const struct staged_rrset *first = staged_next(v->staged, v->zone_index, name, NULL);

	for (const struct staged_rrset *s = first; s != NULL; s = staged_next(v->staged, v->zone_index, name, s))
		if (s->rrs != NULL && !fn(arg, s->type))
			return false;
	if (node == NULL)
		return true;
	for (const struct rrset *set = NULL; (set = node_next(node, set)) != NULL;)
		if ((first == NULL || staged_find(v->staged, v->zone_index, name, set->type) == NULL) && !fn(arg, set->type))
			return false;
	return true;
}

struct rrs *
view_rrset(const struct view *v, const uint8_t *name, uint16_t type)
{
	struct view_set s = view_find(v, view_node(v, name), name, type);

	return s.rrset != NULL ? rrs_of(s.rrset) : rrs_copy(s.rrs);
}

static bool
view_type_ends(void *arg, uint16_t type)
{
	(void)arg, (void)type;
	return false;
}

bool
view_in_use(const struct view *v, const uint8_t *name)
{
	return !view_types(v, view_node(v, name), name, view_type_ends, NULL);
}
