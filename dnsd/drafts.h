/* drafts.h - all that one update touches: names, and of each the RRsets that it works on.
 *
 * What is not yet a draft is as the view has it. Nothing outside changes before drafts_stage(), so that an update that
 * fails on its way leaves nothing behind. Names and RRsets are numbers here: the arrays move. */
#ifndef DNSD_DRAFTS_H
#define DNSD_DRAFTS_H

#include "dnsd/draft.h"

struct spot {                          /* a name */
	const uint8_t *name;           /* the update's */
	const struct node *node;       /* view_node() */
	uint32_t first;                /* of its drafts; NONE */
	bool is_apex, is_service;
};

struct drafts {
	const struct view *view;
	struct spot *spots;
	struct drafted {
		struct draft draft;
		uint32_t spot, next;   /* of that spot's; NONE */
	} *drafts;
	uint32_t nspots, ndrafts;
	struct places by_name, by_type;
};

void drafts_begin(struct drafts *d, const struct view *v);
void drafts_end(struct drafts *d);

uint32_t drafts_spot(struct drafts *d, const uint8_t *name);   /* name outlives d */

/* The draft of a type; made if there is none, as the view has the RRset, or empty. Valid until the next one is made. */
struct draft *drafts_open(struct drafts *d, uint32_t spot, uint16_t type, bool empty);

bool drafts_has(const struct drafts *d, uint32_t spot, uint16_t type); /* is there such an RRset now? */
/* The types there are at a spot now; fn as in view.h. */
bool drafts_types(const struct drafts *d, uint32_t spot, view_type_fn *fn, void *arg);

/* Stages what differs from what the view had; how many RRsets. */
size_t drafts_stage(struct drafts *d, struct staged *s);

#endif
