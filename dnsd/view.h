/* view.h - inside a view: its RRsets without a copy, for the engine of updates. update.h has the rest. */
#ifndef DNSD_VIEW_H
#define DNSD_VIEW_H

#include "dnsd/staged.h"

/* An RRset where it stands: in what is staged, or in the zone. Neither: there is none. */
struct view_set {
	const struct rrs *rrs;
	const struct rrset *rrset;
};

/* The zone's own node of a name in its configured plane; NULL: none. */
const struct node *view_node(const struct view *v, const uint8_t *name);

/* node is view_node()'s of name. */
struct view_set view_find(const struct view *v, const struct node *node, const uint8_t *name, uint16_t type);

/* The types that there are at a name: fn returns false to end it, and so does view_types() then. */
typedef bool view_type_fn(void *arg, uint16_t type);
bool view_types(const struct view *v, const struct node *node, const uint8_t *name, view_type_fn *fn, void *arg);

static inline bool
view_set_is_there(struct view_set s)
{
	return s.rrs != NULL || s.rrset != NULL;
}

#endif
