/* records.c - one record after the other, from a walk through a zone or from the bytes of its history. */
#include "dnsd/records.h"

#include <assert.h>

#include "dnsd/wire.h"

enum { FIXED = 10 };                   /* type, class, TTL, rdlength */

static const uint8_t *
record_end(const struct record *r)
{
	return r->rr + FIXED + be16_get(r->rr + 8);
}

/* ---- a zone's ---- */

static const struct node *
plane_node(const struct zone *z, bool configured, const struct node *n)
{
	return configured && n != NULL ? node_configured(z, n) : n;
}

/* The next RRset of the walk, on its first RR; the SOA aside, which is sent first and last. */
static bool
zone_next_set(struct records *r)
{
	do {
		if (r->node != NULL)
			r->set = node_next(r->node, r->set);
		while (r->node == NULL || r->set == NULL) {
			r->node = plane_node(r->edition->zone, r->configured, zone_walk_next(r->walk));
			if (r->node == NULL)
				return false;
			r->set = node_next(r->node, NULL);     /* a service that answers nobody has none */
		}
	} while (r->set->type == TYPE_SOA);
	r->record = (struct record){ node_name(r->node), r->set->bytes + 2 };
	r->left = r->set->count - 1u;
	return true;
}

static bool
zone_next_record(struct records *r)
{
	if (r->left == 0)
		return zone_next_set(r);
	r->record.rr = record_end(&r->record) + 2;     /* each RR begins with a pointer for an owner */
	r->left--;
	return true;
}

/* ---- a step's ---- */

/* Onto the record at bytes, if there is one before the part's end. */
static bool
step_at(struct records *r, const uint8_t *bytes)
{
	if (bytes == r->end)
		return false;
	r->record = (struct record){ bytes, bytes + dname_length(bytes) };
	assert(record_end(&r->record) <= r->end);
	return true;
}

/* Onto the first record of a part of the step; false: the part is empty. */
static bool
step_begin(struct records *r, enum record_part part)
{
	const struct changes *c = changes_of_plane(r->edition->history[r->step], r->configured);
	const uint8_t *start = c->bytes;
	size_t size = c->gone_size;

	if (part == PART_COME) {
		start += c->gone_size;
		size = c->come_size;
	} else if (part != PART_GONE) {
		start = part == PART_SOA_FROM ? c->soa_from : c->soa_to;
		size = part == PART_SOA_FROM ? c->soa_from_size : c->soa_to_size;
	}
	r->part = part;
	r->end = start + size;
	return step_at(r, start);
}

/* ---- the row ---- */

static bool
records_soa(struct records *r, enum record_part part)
{
	r->part = part;
	r->record = (struct record){ zone_apex(r->edition->zone), r->soa + 2 };
	return true;
}

/* Behind the current SOA. */
static bool
records_body(struct records *r)
{
	switch (r->kind) {
	case TRANSFER_AXFR:
		r->part = PART_ZONE;
		r->walk = zone_walk_new(r->edition->zone);
		return zone_next_set(r) || records_soa(r, PART_LAST);
	case TRANSFER_IXFR:
		return step_begin(r, PART_SOA_FROM);
	case TRANSFER_CURRENT:
		break;
	}
	r->part = PART_END;
	return false;
}

/* Behind the last record of a part of a step. */
static bool
records_next_part(struct records *r)
{
	while (r->part < PART_COME)
		if (step_begin(r, r->part + 1))
			return true;
	if (++r->step < r->edition->nhistory)
		return step_begin(r, PART_SOA_FROM);
	return records_soa(r, PART_LAST);
}

bool
records_next(struct records *r)
{
	switch (r->part) {
	case PART_FIRST:
		return records_body(r);
	case PART_ZONE:
		return zone_next_record(r) || records_soa(r, PART_LAST);
	case PART_SOA_FROM:
	case PART_GONE:
	case PART_SOA_TO:
	case PART_COME:
		return step_at(r, record_end(&r->record)) || records_next_part(r);
	case PART_LAST:
	case PART_END:
		break;
	}
	r->part = PART_END;
	return false;
}

void
records_begin(struct records *r, const struct edition *e, bool configured, enum transfer_kind kind, size_t step)
{
	const struct node *apex = zone_at(e->zone, zone_apex(e->zone));

	assert(apex != NULL && node_rrset(apex, TYPE_SOA) != NULL);
	assert(kind != TRANSFER_IXFR || step < e->nhistory);
	*r = (struct records){
		.edition = e, .kind = kind, .configured = configured, .soa = node_rrset(apex, TYPE_SOA)->bytes, .step = step
	};
	records_soa(r, PART_FIRST);
}

void
records_end(struct records *r)
{
	zone_walk_free(r->walk);
	r->walk = NULL;
	r->part = PART_END;
}

bool
records_whole_is_smaller(const struct edition *e, bool configured, size_t step)
{
	struct zone_walk *w;
	size_t steps = e->history[e->nhistory - 1]->soa_to_size, whole = 0;    /* it has an SOA more around them than the zone */
	const struct node *n;

	for (; step < e->nhistory; step++) {
		const struct changes *c = changes_of_plane(e->history[step], configured);

		steps += c->gone_size + c->come_size + c->soa_from_size + c->soa_to_size;
	}
	w = zone_walk_new(e->zone);
	while (whole < steps && (n = plane_node(e->zone, configured, zone_walk_next(w))) != NULL)
		for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;)
			whole += s->size + s->count * (dname_length(node_name(n)) - 2);
	zone_walk_free(w);
	return whole < steps;
}
