/* store_records.c - updates of dynamic zones, RRset by RRset, and leases.
 *
 * A row is an RRset. Zones have numbers, so that the key of a row is short; within a zone rows lie in canonical
 * order, which is the order they are read in at a start and written in for a seed. */
#include <assert.h>
#include <stdio.h>

#include "base/dname.h"
#include "dnsd/store_writing.h"
#include "dnsd/wire.h"
#include "zones/rrs.h"
#include "zones/zone.h"

static const char update_what[] = "keep an update";

static bool
rrset_delete(struct writing *w, enum statement which, const uint8_t *owner, size_t size, uint16_t type)
{
	sqlite3_stmt *st = writing_statement(w, which);

	if (st == NULL)
		return false;
	bind_key(w, st, owner, size, type);
	return writing_run(w, st);
}

/* A SOA that an update gives a zone has its serial, and numbering goes on from there at once: what comes behind it is promised in the
 * same transaction, or a crash soon after would begin with that serial again. */
static bool
serial_raise(struct writing *w, const char *zone, const struct rrs *soa)
{
	const uint8_t *p = soa->data + soa->size - 20; /* five numbers end it */
	sqlite3_stmt *st = writing_statement(w, SERIAL_RAISE);

	assert(soa->size >= 24);
	if (st == NULL)
		return false;
	sqlite3_bind_text(st, 1, zone, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, (uint32_t)(((uint32_t)be16_get(p) << 16 | be16_get(p + 2)) + SERIALS_PROMISED));
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
	return rrset_put(w, &(struct owner_row){ owner, size, u->type, u->rrs->ttl, u->rrs->data, u->rrs->size }) &&
	    (u->type != TYPE_SOA || serial_raise(w, u->zone, u->rrs));
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
