/* store_records.c - records of dynamic zones, written: RRset by RRset, or a zone whole.
 *
 * A row is an RRset. Zones have numbers, so that the key of a row is short; within a zone rows lie in canonical
 * order, which is the order they are read in at a start and written in for a seed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/store_db.h"
#include "zones/rrbuf.h"
#include "zones/rrs.h"
#include "zones/zone.h"

static const char update_what[] = "keep an update", seed_what[] = "keep a zone";

/* A transaction under way. */
struct writing {
	struct store *s;
	const char *what;
	char *error;
	size_t size;

	char *zone;                            /* the last one used; NULL: none yet */
	sqlite3_int64 number;
	uint64_t sum, kept_sum;                /* of its rows: as it is now, as its own row has it */
	size_t apex_length;
	uint8_t *scratch;                      /* for sums */
	size_t room;
};

static struct writing
writing_of(struct store *s, const char *what, char *error, size_t size)
{
	return (struct writing){ .s = s, .what = what, .error = error, .size = size };
}

static void
writing_clear(struct writing *w)
{
	free(w->zone);
	free(w->scratch);
}

static sqlite3_stmt *
writing_statement(struct writing *w, enum statement which)
{
	return store_statement(w->s, which, w->what, w->error, w->size);
}

static bool
writing_run(struct writing *w, sqlite3_stmt *st)
{
	return store_run(w->s, st, w->what, w->error, w->size);
}

/* ---- zones ---- */

/* The zone's number, and the sum of its rows; 0: the store does not have it; -1 with a message. */
static sqlite3_int64
zone_number(struct writing *w, const char *zone, uint64_t *sum)
{
	sqlite3_stmt *st = writing_statement(w, ZONE_FIND);
	sqlite3_int64 number = 0;

	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, zone, -1, SQLITE_STATIC);
	if (sqlite3_step(st) == SQLITE_ROW) {
		number = sqlite3_column_int64(st, 0);
		*sum = (uint64_t)sqlite3_column_int64(st, 1);
	}
	return store_read_end(w->s, st, w->what, w->error, w->size) ? number : -1;
}

/* The zone at hand has its rows' sum. */
static bool
writing_sum(struct writing *w)
{
	sqlite3_stmt *st;

	if (w->zone == NULL || w->sum == w->kept_sum)
		return true;
	st = writing_statement(w, ZONE_SUM);
	if (st == NULL)
		return false;
	sqlite3_bind_int64(st, 1, w->number);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)w->sum);
	w->kept_sum = w->sum;
	return writing_run(w, st);
}

/* What follows is about this zone. */
static bool
writing_in(struct writing *w, const char *zone, sqlite3_int64 number, uint64_t sum)
{
	uint8_t apex[DNAME_MAX];

	if (!writing_sum(w))
		return false;
	free(w->zone);
	w->zone = mem_text(zone);
	w->number = number;
	w->sum = w->kept_sum = sum;
	w->apex_length = dname_parse(zone, apex);
	assert(w->apex_length > 0);
	return true;
}

static bool
writing_zone(struct writing *w, const char *zone)
{
	sqlite3_int64 number;
	uint64_t sum;

	if (w->zone != NULL && strcmp(w->zone, zone) == 0)
		return true;
	number = zone_number(w, zone, &sum);
	if (number == 0)
		snprintf(w->error, w->size, "%s: cannot %s: there is no zone %s", w->s->path, w->what, zone);
	return number > 0 && writing_in(w, zone, number, sum);
}

static bool
zone_run(struct writing *w, enum statement which, sqlite3_int64 number)
{
	sqlite3_stmt *st = writing_statement(w, which);

	if (st == NULL)
		return false;
	sqlite3_bind_int64(st, 1, number);
	return writing_run(w, st);
}

static bool
zone_clear(struct writing *w, sqlite3_int64 number)
{
	return zone_run(w, RRSET_CLEAR, number) && zone_run(w, LEASE_CLEAR, number) && zone_run(w, ZONE_DELETE, number);
}

/* A number that no zone has; -1 with a message. */
static sqlite3_int64
zone_next_number(struct writing *w)
{
	sqlite3_stmt *st = writing_statement(w, ZONE_NEXT);
	sqlite3_int64 number = -1;

	if (st != NULL && sqlite3_step(st) == SQLITE_ROW)
		number = sqlite3_column_int64(st, 0);
	return st != NULL && store_read_end(w->s, st, w->what, w->error, w->size) ? number : -1;
}

static bool
zone_begin(struct writing *w, const char *zone)
{
	sqlite3_int64 number = zone_next_number(w);
	sqlite3_stmt *st = number > 0 ? writing_statement(w, ZONE_PUT) : NULL;

	if (st == NULL)
		return false;
	sqlite3_bind_int64(st, 1, number);
	sqlite3_bind_text(st, 2, zone, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)zone_mark(number, zone));
	return writing_run(w, st) && writing_in(w, zone, number, 0);
}

/* ---- RRsets ---- */

/* Zone, owner and type: the first three parameters. */
static void
bind_key(const struct writing *w, sqlite3_stmt *st, const uint8_t *owner, size_t size, uint16_t type)
{
	sqlite3_bind_int64(st, 1, w->number);
	sqlite3_bind_blob(st, 2, owner, (int)size, SQLITE_STATIC);
	sqlite3_bind_int(st, 3, type);
}

/* The row that is there, if one is, does not count any more. */
static bool
rrset_uncount(struct writing *w, const uint8_t *owner, size_t size, uint16_t type)
{
	sqlite3_stmt *st = writing_statement(w, RRSET_SUM);

	if (st == NULL)
		return false;
	bind_key(w, st, owner, size, type);
	if (sqlite3_step(st) == SQLITE_ROW)
		w->sum -= (uint64_t)sqlite3_column_int64(st, 0);
	return store_read_end(w->s, st, w->what, w->error, w->size);
}

static bool
rrset_put(struct writing *w, const struct owner_row *row)
{
	sqlite3_stmt *st = writing_statement(w, RRSET_PUT);
	uint64_t sum = owner_row_sum(row, &w->scratch, &w->room);

	if (st == NULL)
		return false;
	w->sum += sum;
	bind_key(w, st, row->owner, row->owner_size, row->type);
	sqlite3_bind_int64(st, 4, row->ttl);
	sqlite3_bind_blob(st, 5, row->rdata, (int)row->rdata_size, SQLITE_STATIC);
	sqlite3_bind_int64(st, 6, (sqlite3_int64)sum);
	return writing_run(w, st);
}

static bool
rrset_delete(struct writing *w, enum statement which, const uint8_t *owner, size_t size, uint16_t type)
{
	sqlite3_stmt *st = writing_statement(w, which);

	if (st == NULL)
		return false;
	bind_key(w, st, owner, size, type);
	return writing_run(w, st);
}

static bool
update_rrset(struct writing *w, const struct store_rrset *u)
{
	uint8_t owner[OWNER_MAX];
	size_t size;

	if (!writing_zone(w, u->zone))
		return false;
	size = owner_pack(u->name, w->apex_length, owner);
	if (!rrset_uncount(w, owner, size, u->type))
		return false;
	if (u->rrs == NULL)
		return rrset_delete(w, RRSET_DELETE, owner, size, u->type) && rrset_delete(w, LEASE_DELETE_RRSET, owner, size, u->type);
	return rrset_put(w, &(struct owner_row){ owner, size, u->type, u->rrs->ttl, u->rrs->data, u->rrs->size });
}

static bool
update_lease(struct writing *w, const struct store_lease *l)
{
	uint8_t owner[OWNER_MAX];
	sqlite3_stmt *st;

	if (!writing_zone(w, l->zone))
		return false;
	st = writing_statement(w, l->until_ms != 0 ? LEASE_PUT : LEASE_DELETE);
	if (st == NULL)
		return false;
	bind_key(w, st, owner, owner_pack(l->name, w->apex_length, owner), l->type);
	sqlite3_bind_blob(st, 4, l->size > 0 ? l->rdata : (const uint8_t *)"", (int)l->size, SQLITE_STATIC);
	if (l->until_ms != 0)
		sqlite3_bind_int64(st, 5, (sqlite3_int64)l->until_ms);
	return writing_run(w, st);
}

bool
store_update(struct store *s, const struct store_rrset *rrsets, size_t n, const struct store_lease *leases, size_t nleases,
    char *error, size_t size)
{
	struct writing w = writing_of(s, update_what, error, size);
	bool ok = true;

	if (!store_begin(s, update_what, error, size))
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = update_rrset(&w, &rrsets[i]);
	for (size_t i = 0; ok && i < nleases; i++)
		ok = update_lease(&w, &leases[i]);
	ok = ok && writing_sum(&w);
	writing_clear(&w);
	return store_end(s, ok, update_what, error, size);
}

/* ---- whole zones ---- */

/* An RRset of a zone in the form that a row has. Signatures that differ in their TTLs (RFC 4034, 3) get the lowest. */
static struct owner_row
row_of(const struct rrset *set, uint8_t data[RRSET_MAX])
{
	struct owner_row row = { .type = set->type, .rdata = data, .ttl = UINT32_MAX };
	const uint8_t *p = set->bytes;

	for (unsigned i = 0; i < set->count; i++) {
		struct rr rr;

		p = rr_read(p, &rr);
		memcpy(data + row.rdata_size, rr.rdata - 2, rr.rdlength + 2u); /* its length stands before it */
		row.rdata_size += rr.rdlength + 2u;
		row.ttl = rr.ttl < row.ttl ? rr.ttl : row.ttl;
	}
	return row;
}

static bool
seed_node(struct writing *w, const struct node *n)
{
	uint8_t owner[OWNER_MAX], data[RRSET_MAX];
	size_t size = owner_pack(node_name(n), w->apex_length, owner);
	bool ok = true;

	for (const struct rrset *set = NULL; ok && (set = node_next(n, set)) != NULL;) {
		struct owner_row row;

		if ((node_flags(n) & NODE_SERVICE) != 0 && type_is_governed(set->type))
			continue;
		row = row_of(set, data);
		row.owner = owner;
		row.owner_size = size;
		ok = rrset_put(w, &row);
	}
	return ok;
}

static bool
seed_zone(struct writing *w, const struct zone *z)
{
	struct zone_walk *walk = zone_walk_new(z);
	const struct node *n;
	bool ok = true;

	while (ok && (n = zone_walk_next(walk)) != NULL)
		ok = seed_node(w, n);
	zone_walk_free(walk);
	return ok;
}

bool
store_seed(struct store *s, const char *zone, const struct zone *z, bool replace, char *error, size_t size)
{
	struct writing w = writing_of(s, seed_what, error, size);
	sqlite3_int64 number;
	uint64_t sum;
	bool ok;

	if (!store_begin(s, seed_what, error, size))
		return false;
	number = zone_number(&w, zone, &sum);
	ok = number >= 0;
	if (ok && (number == 0 || replace))
		ok = (number == 0 || zone_clear(&w, number)) && zone_begin(&w, zone) && seed_zone(&w, z) && writing_sum(&w);
	writing_clear(&w);
	return store_end(s, ok, seed_what, error, size);
}

bool
store_forget(struct store *s, const char *zone, char *error, size_t size)
{
	static const char what[] = "delete a zone";
	struct writing w = writing_of(s, what, error, size);
	sqlite3_int64 number;
	uint64_t sum;
	bool ok;

	if (!store_begin(s, what, error, size))
		return false;
	number = zone_number(&w, zone, &sum);
	ok = number >= 0 && (number == 0 || zone_clear(&w, number));
	writing_clear(&w);
	return store_end(s, ok, what, error, size);
}

bool
store_zones_each(struct store *s, void (*fn)(void *arg, const char *zone), void *arg, char *error, size_t size)
{
	static const char what[] = "read which zones there are";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, ZONE_ALL, what, error, size);
	if (st != NULL) {
		while (sqlite3_step(st) == SQLITE_ROW)
			fn(arg, column_text(st, 0));
		ok = store_read_end(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

/* ---- leases ---- */

/* False: damaged. */
static bool
lease_tell(sqlite3_stmt *st, void (*fn)(void *arg, const struct store_lease *l), void *arg)
{
	uint8_t apex[DNAME_MAX], name[DNAME_MAX];
	struct store_lease l = { .zone = column_text(st, 0), .name = name };
	const uint8_t *owner = sqlite3_column_blob(st, 1);
	sqlite3_int64 type = sqlite3_column_int64(st, 2);

	if (dname_parse(l.zone, apex) == 0 || type < 1 || type > UINT16_MAX ||
	    !owner_unpack(owner, (size_t)sqlite3_column_bytes(st, 1), apex, name))
		return false;
	l.type = (uint16_t)type;
	l.rdata = sqlite3_column_blob(st, 3);
	l.size = (size_t)sqlite3_column_bytes(st, 3);
	l.until_ms = (uint64_t)sqlite3_column_int64(st, 4);
	if (l.size > UINT16_MAX)
		return false;
	fn(arg, &l);
	return true;
}

bool
store_leases_each(struct store *s, void (*fn)(void *arg, const struct store_lease *l), void *arg, char *error, size_t size)
{
	static const char what[] = "read the leases";
	sqlite3_stmt *st;
	bool ok = true;

	store_lock(s);
	st = store_statement(s, LEASE_ALL, what, error, size);
	while (st != NULL && ok && sqlite3_step(st) == SQLITE_ROW) {
		ok = lease_tell(st, fn, arg);
		if (!ok)
			snprintf(error, size, "%s: a lease in zone %s is damaged", s->path, column_text(st, 0));
	}
	if (st == NULL || !store_read_end(s, st, what, error, size))
		ok = false;
	store_unlock(s);
	return ok;
}
