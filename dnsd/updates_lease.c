/* updates_lease.c - records that go away by themselves (RFC 9664), unless somebody renews them.
 *
 * What an update adds with a lease has it from then on; what is added again without one stays. A lease is kept with its record, in the
 * same transaction. When it has ended, its record is deleted by an update of our own, at the head of the next batch: a renewal
 * in the same batch comes behind it and finds the record gone, adds it, and nobody has seen a gap. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/updates_state.h"

enum {
	TYPE_KEY = 25,
	EXPIRIES_MAX = 256,            /* in a batch */
	HOUR_MS = 3600000,             /* until a zone that is not here now is looked for again */
	SECOND_MS = 1000,              /* until the world may be there */
	AGAIN_MS = 1000,               /* until what the disk refused is tried again */
	MINUTE_MS = 60000              /* the wall clock may be set meanwhile */
};

/* ---- what an update does to leases ---- */

static void
ends_add(struct updates *u, const struct store_lease *one)
{
	u->ends = mem_grow(u->ends, u->nends, sizeof(*u->ends));
	u->ends[u->nends++] = lease_copy(one);
}

/* Might the record have one, on disk or by what is pending? */
static bool
lease_may_be(const struct updates *u, const struct store_lease *record)
{
	return u->nends > 0 || leases_has(u->leases, record);
}

static void
lease_end(void *arg, const struct store_lease *one)
{
	struct store_lease gone = *one;

	gone.until_ms = 0;
	ends_add(arg, &gone);
}

/* Did the record come to be? What other data at its name keeps out is ignored (RFC 2136, 3.4.2.2), and has no lease. */
static bool
lease_is_there(const struct view *v, const struct update_rr *rr)
{
	struct rrs *rrs = view_rrset(v, rr->name, rr->type);
	bool there = rrs != NULL && rrs_has(rrs, rr->rdata, rr->size);

	free(rrs);
	return there;
}

static void
lease_follow_rr(struct updates *u, const struct update *update, const struct update_rr *rr, const struct view *v, uint64_t now_ms)
{
	struct store_lease one = {
		.zone = v->conf->text, .name = rr->name, .type = rr->type, .rdata = rr->rdata, .size = rr->size
	};

	if (rr->rrclass == CLASS_ANY) {
		leases_each(u->leases, one.zone, one.name, one.type, lease_end, u);
	} else if (rr->rrclass == CLASS_NONE || !update->has_lease) {
		if (lease_may_be(u, &one))
			ends_add(u, &one);
	} else if (rr->type != TYPE_SOA && lease_is_there(v, rr)) {
		one.until_ms = now_ms + 1000ull * (rr->type == TYPE_KEY ? update->key_lease_s : update->lease_s);
		ends_add(u, &one);
	}
}

void
leases_follow(struct updates *u, const struct request *r, const struct view *v)
{
	uint64_t now_ms = clock_wall_ms();

	if (!r->update->has_lease && u->nends == 0 && leases_count(u->leases) == 0)
		return;
	for (size_t i = 0; i < r->update->nchanges; i++)
		lease_follow_rr(u, r->update, &r->update->changes[i], v, now_ms);
}

void
leases_keep(struct updates *u, bool ok)
{
	for (size_t i = 0; i < u->nends; i++) {
		if (ok)
			leases_put(u->leases, u->ends[i]);
		free(u->ends[i]);
	}
	u->nends = 0;
}

/* ---- when one has ended ---- */

struct expiry {
	struct updates *updates;
	struct store_lease *lease;
};

static void
lease_put_off(struct updates *u, const struct store_lease *one, uint64_t until_ms)
{
	struct store_lease later = *one;

	later.until_ms = until_ms;
	leases_put(u->leases, &later);
}

/* It was not deleted: the record and its lease are still there. */
static void
expiry_again(struct expiry *e, const char *why)
{
	log_debug("a lease in %s has ended, but its record stays: %s", e->lease->zone, why);
	lease_put_off(e->updates, e->lease, clock_wall_ms() + AGAIN_MS);
}

static void
expiry_done(void *arg, const struct update_result *result, uint32_t serial)
{
	struct expiry *e = arg;

	(void)serial;
	if (result->rcode == RCODE_SERVFAIL)
		expiry_again(e, result->why);
	free(e->lease);
	free(e);
}

/* The deletion of a lease's record. */
static struct request *
expiry_request(struct updates *u, struct store_lease *lease)
{
	struct request *r = mem_alloc(sizeof(*r));
	struct expiry *e = mem_alloc(sizeof(*e));
	uint8_t zone[DNAME_MAX];

	dname_parse(lease->zone, zone);        /* a zone's text gives its name */
	*e = (struct expiry){ u, lease };
	*r = (struct request){ .update = update_new(zone), .who = { .admin = true }, .owner = mem_text("lease"), .done = expiry_done, .arg = e };
	update_add(r->update, false, lease->name, lease->type, CLASS_NONE, 0, lease->rdata, lease->size);
	return r;
}

/* Is the zone one that can lose a record now? */
static bool
lease_has_zone(const struct updates *u, const struct store_lease *one)
{
	uint8_t name[DNAME_MAX];
	const struct zone *zone;
	size_t i;

	dname_parse(one->zone, name);
	zone = world_zone_of(u->d->world, name, &i);
	return zone != NULL && dname_equal(zone_apex(zone), name) && u->d->conf->zones[i].type == ZONE_DYNAMIC;
}

void
leases_expire(struct updates *u, struct requests *batch)
{
	uint64_t now_ms = clock_wall_ms();
	const struct store_lease *first;

	if (u->d->world == NULL)
		return;
	for (unsigned i = 0; i < EXPIRIES_MAX && (first = leases_first(u->leases)) != NULL && first->until_ms <= now_ms; i++) {
		struct store_lease *lease;
		struct request *r;

		if (!lease_has_zone(u, first)) {
			lease_put_off(u, first, now_ms + HOUR_MS);
			continue;
		}
		lease = lease_copy(first);
		lease->until_ms = 0;
		ends_add(u, lease);
		leases_put(u->leases, lease);  /* it is the batch's now */
		r = expiry_request(u, lease);
		STAILQ_INSERT_TAIL(batch, r, next);
	}
}

/* ---- all of them ---- */

static void
lease_loaded(void *arg, const struct store_lease *one)
{
	leases_put(arg, one);
}

bool
leases_load(struct updates *u, char error[ERROR_TEXT])
{
	if (!store_leases_each(u->d->store, lease_loaded, u->leases, error, ERROR_TEXT))
		return false;
	leases_rearm(u);
	return true;
}

void
leases_rearm(struct updates *u)
{
	uint64_t next_ms = leases_next_ms(u->leases), now_ms = clock_wall_ms(), left_ms = next_ms > now_ms ? next_ms - now_ms : 0;

	if (next_ms == 0 || committer_busy(u->committer)) {
		event_del(u->lease_due);
		return;
	}
	if (left_ms > MINUTE_MS)
		left_ms = MINUTE_MS;
	if (u->d->world == NULL && left_ms < SECOND_MS)
		left_ms = SECOND_MS;
	event_add(u->lease_due, &(struct timeval){ (time_t)(left_ms / 1000), (suseconds_t)(left_ms % 1000 * 1000) });
}
