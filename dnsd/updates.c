/* updates.c - batches: judged together, kept together, seen together, answered behind that.
 *
 *     submit ─► gathered ──end of the turn, or of the batch before──► judged, staged ─► the committer's thread
 *                                                                                            │
 *         answered, told ◄─ published ◄─ put into the world ◄──── durable ◄──────────────────┤
 *         SERVFAIL, staged is thrown away ◄────────────────────── not ◄──────────────────────┘
 *
 * No timer gathers: who is alone is not kept waiting, and under load the time that one batch takes on the disk is what gathers the
 * next. What gathered is judged when its batch begins, on the world as the batch before has left it; so a batch that the
 * disk refused concerns nobody behind it.
 *
 * All answers of a batch wait for it, refusals too: what a prerequisite met may have been staged by a neighbour, and nothing is said
 * of what could still not have happened. */
#include "dnsd/updates.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/updates_state.h"

const char daemon_other_serial[] = "the zone has changed";

enum {
	BATCH_MAX = 512,               /* updates in a transaction: beyond, one wait for the disk is shared by enough */
	BATCH_CHANGES_MAX = 20000,     /* records in their messages, so that probes wait some ten milliseconds at most */
	LINES_PER_S = 100              /* log lines: who updates faster than that reads counters */
};

/* ---- one request ---- */

static void
request_refuse(struct request *r, enum rcode rcode, const char *why)
{
	r->result = (struct update_result){ .rcode = rcode, .why = why };
}

/* Finds the zone. False: it is refused. */
static bool
request_find(const struct updates *u, struct request *r)
{
	const struct world *w = u->d->world;
	const struct zone *zone = w != NULL ? world_zone_of(w, r->update->zone, &r->zone) : NULL;

	if (w == NULL)
		request_refuse(r, RCODE_SERVFAIL, "homingd is starting");
	else if (zone == NULL || !dname_equal(zone_apex(zone), r->update->zone))
		request_refuse(r, RCODE_NOTAUTH, "not the apex of a zone of ours");
	else if (u->d->conf->zones[r->zone].type != ZONE_DYNAMIC)
		request_refuse(r, RCODE_REFUSED, "the zone is not of type dynamic");
	else
		return true;
	return false;
}

/* Is if_serial the serial of all that the zone has in its configured plane: is nothing of it yet to be numbered, published or stored? */
static bool
serial_holds(const struct updates *u, const struct request *r)
{
	const struct edition *e = world_edition(u->d->world, r->zone);

	if (e == NULL || e->serial != r->update->if_serial || world_is_ahead(u->d->world, r->zone))
		return false;
	for (size_t i = 0; i < staged_count(u->staged); i++)
		if (staged_at(u->staged, i)->zone == r->zone)
			return false;
	return true;
}

/* What it makes is in staged then, on top of what its neighbours made. */
static void
request_judge(struct updates *u, struct request *r)
{
	struct view v;

	if (!request_find(u, r))
		return;
	if (r->update->has_serial && !serial_holds(u, r)) {
		request_refuse(r, RCODE_NXRRSET, daemon_other_serial);
		return;
	}
	v = (struct view){
		.zone_index = r->zone, .conf = &u->d->conf->zones[r->zone], .zone = world_zone(u->d->world, r->zone), .staged = u->staged
	};
	r->result = update_check(r->update, &v, &r->who, u->staged);
	if (r->result.rcode == RCODE_NOERROR)
		leases_follow(u, r, &v);
}

static void
request_tell(struct updates *u, const struct request *r)
{
	const char *zone = u->d->conf->zones[r->zone].text;
	char text[2 * DNAME_TEXT + 200];
	struct daemon_event e = { EVENT_UPDATE, clock_wall_ms(), zone, "", r->owner, text };

	snprintf(text, sizeof(text), "zone %s: updated by %s: %zu change%s, %zu RRset%s differ%s", zone, r->owner, r->update->nchanges,
	    r->update->nchanges == 1 ? "" : "s", r->result.changed, r->result.changed == 1 ? "" : "s", r->result.changed == 1 ? "s" : "");
	daemon_tell(u->d, &e, brake_permits(u->lines, clock_mono_us()));
}

/* Who goes by serials gets one that says what is in the zone now. */
static void
request_number(struct updates *u, const struct request *r)
{
	world_catch_up(u->d->world, r->zone, clock_mono_us(), daemon_numbered, u->d);
	daemon_rearm(u->d);
}

static void
request_end(struct updates *u, struct request *r)
{
	bool has_zone = u->d->world != NULL && r->result.rcode != RCODE_NOTAUTH;

	if (r->result.rcode == RCODE_NOERROR && r->result.changed > 0 && r->update->has_serial)
		request_number(u, r);
	const struct edition *e = has_zone ? world_edition(u->d->world, r->zone) : NULL;

	if (r->result.rcode == RCODE_NOERROR) {
		u->totals.updates++;
		if (r->result.changed > 0)
			request_tell(u, r);
	} else if (r->result.rcode == RCODE_SERVFAIL) {
		u->totals.failed++;
	} else {
		u->totals.refused++;
	}
	r->done(r->arg, &r->result, e != NULL ? e->serial : 0);
	update_free(r->update);
	free(r->owner);
	free(r);
}

/* ---- a batch ---- */

static void
batch_gather(struct updates *u)
{
	struct request *r;
	size_t n = 0, changes = 0;

	while (n < BATCH_MAX && (r = STAILQ_FIRST(&u->gathered)) != NULL) {
		changes += r->update->nprerequisites + r->update->nchanges;
		if (n > 0 && changes > BATCH_CHANGES_MAX)
			return;
		STAILQ_REMOVE_HEAD(&u->gathered, next);
		STAILQ_INSERT_TAIL(&u->batch, r, next);
		u->ngathered--;
		n++;
	}
}

/* The commit of what is staged. */
static void
batch_commit(struct updates *u)
{
	size_t n = staged_count(u->staged);
	struct store_lease *leases = mem_array(u->nends, sizeof(*leases));

	u->rrsets = mem_array(n, sizeof(*u->rrsets));
	for (size_t i = 0; i < n; i++) {
		const struct staged_rrset *s = staged_at(u->staged, i);

		u->rrsets[i] = (struct store_rrset){ u->d->conf->zones[s->zone].text, s->name, s->type, s->rrs };
	}
	for (size_t i = 0; i < u->nends; i++)
		leases[i] = *u->ends[i];
	u->commit = (struct commit){ .rrsets = u->rrsets, .nrrsets = n, .leases = leases, .nleases = u->nends };
	committer_begin(u->committer, &u->commit);
}

/* Durable: now readers may see it. One publication, so that they see all of each message, or nothing. */
static void
batch_publish(struct updates *u)
{
	size_t n = staged_count(u->staged);

	for (size_t i = 0; i < n; i++) {
		const struct staged_rrset *s = staged_at(u->staged, i);

		world_put_records(u->d->world, s->zone, s->name, s->type, s->rrs);
	}
	if (n == 0)
		return;
	world_publish(u->d->world, clock_mono_us());
	u->totals.records += n;
	daemon_rearm(u->d);
}

/* Nothing of it has happened. */
static void
batch_fail(struct updates *u)
{
	struct request *r;

	STAILQ_FOREACH(r, &u->batch, next)
		request_refuse(r, RCODE_SERVFAIL, "the change could not be stored");
}

static void
batch_say(struct updates *u, bool ok, const char *error)
{
	if (!ok && u->totals.disk_ok)
		log_errorx("%s: updates are refused (SERVFAIL) until it works again", error);
	if (ok && !u->totals.disk_ok)
		log_info("homing.db: updates are stored again");
	u->totals.disk_ok = ok;
}

static void
batch_answer(struct updates *u, struct requests *batch)
{
	struct request *r;

	while ((r = STAILQ_FIRST(batch)) != NULL) {
		STAILQ_REMOVE_HEAD(batch, next);
		request_end(u, r);
	}
}

/* What comes of the batch is known: it has happened, or not. Its requests are to be answered. */
static void
batch_close(struct updates *u, bool ok, struct requests *batch)
{
	if (ok)
		batch_publish(u);
	else
		batch_fail(u);
	leases_keep(u, ok);
	staged_free(u->staged);
	u->staged = NULL;
	STAILQ_INIT(batch);
	STAILQ_CONCAT(batch, &u->batch);
}

static void
batch_begin(struct updates *u)
{
	struct requests batch;
	struct request *r;

	u->staged = staged_new();
	leases_expire(u, &u->batch);
	batch_gather(u);
	STAILQ_FOREACH(r, &u->batch, next)
		request_judge(u, r);
	if (staged_count(u->staged) > 0 || u->nends > 0) {
		batch_commit(u);
		return;
	}
	batch_close(u, true, &batch);          /* nothing is to be kept */
	batch_answer(u, &batch);
	updates_wake(u);
}

/* A committer's done. The next batch goes to the disk before this one is answered: signing goes on beside it. */
static void
batch_kept(void *arg)
{
	struct updates *u = arg;
	struct requests batch;
	bool ok = u->commit.ok;

	batch_say(u, ok, u->commit.error);
	u->totals.batches += ok;
	free(u->rrsets);
	free((void *)(uintptr_t)u->commit.leases);
	u->rrsets = NULL;
	batch_close(u, ok, &batch);
	updates_take(u);                       /* what was left in the handover */
	if (u->ngathered > 0 && !u->settling)
		batch_begin(u);
	batch_answer(u, &batch);
	leases_rearm(u);
}

/* ---- turns ---- */

void
updates_wake(struct updates *u)
{
	if (u->ngathered > 0 && !committer_busy(u->committer))
		event_active(u->turn, 0, 0);
}

static void
updates_on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct updates *u = arg;

	(void)fd;
	(void)what;
	updates_take(u);
	if (!committer_busy(u->committer))
		batch_begin(u);
	leases_rearm(u);
}

static void
updates_on_lease(evutil_socket_t fd, short what, void *arg)
{
	struct updates *u = arg;

	(void)fd;
	(void)what;
	event_active(u->turn, 0, 0);
}

void
updates_submit(struct updates *u, struct update *update, const struct updater *who, const char *owner, updates_done_fn *done, void *arg)
{
	struct request *r = mem_alloc(sizeof(*r));

	*r = (struct request){ .update = update, .who = *who, .owner = mem_text(owner), .done = done, .arg = arg };
	STAILQ_INSERT_TAIL(&u->gathered, r, next);
	u->ngathered++;
	updates_wake(u);
}

void
updates_settle(struct updates *u)
{
	u->settling = true;
	while (committer_busy(u->committer) || u->ngathered > 0) {
		if (committer_busy(u->committer))
			committer_wait(u->committer);
		else
			batch_begin(u);
	}
	u->settling = false;
	event_active(u->turn, 0, 0);           /* for what waits in the handover, when the caller is done */
}

void
updates_end(struct updates *u)
{
	handover_close(u->d->handover);
	do {
		updates_settle(u);
		updates_take(u);
	} while (u->ngathered > 0);
}

/* ---- the beginning and the end ---- */

struct updates *
updates_new(struct daemon *d, char *error, size_t size)
{
	struct updates *u = mem_alloc(sizeof(*u));

	u->d = d;
	STAILQ_INIT(&u->gathered);
	STAILQ_INIT(&u->batch);
	u->totals.disk_ok = true;
	u->turn = event_new(d->base, -1, 0, updates_on_turn, u);
	u->lease_due = evtimer_new(d->base, updates_on_lease, u);
	u->lines = brake_new(d->base, LINES_PER_S, "updates");
	u->leases = leases_new();
	u->committer = committer_new(d->store, d->base, batch_kept, u);
	assert(u->turn != NULL && u->lease_due != NULL);
	if (u->committer == NULL)
		snprintf(error, size, "cannot start a thread that stores updates");
	else if (leases_load(u, error))
		return u;
	updates_free(u);
	return NULL;
}

void
updates_free(struct updates *u)
{
	if (u == NULL)
		return;
	assert(STAILQ_EMPTY(&u->gathered) && STAILQ_EMPTY(&u->batch));
	committer_free(u->committer);
	leases_free(u->leases);
	free(u->ends);
	brake_free(u->lines);
	event_free(u->turn);
	event_free(u->lease_due);
	free(u);
}

void
updates_totals(const struct updates *u, struct daemon_update_totals *out)
{
	*out = (struct daemon_update_totals){ .disk_ok = true };
	if (u == NULL)
		return;
	*out = u->totals;
	out->leases = leases_count(u->leases);
}
