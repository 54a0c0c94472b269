/* store_seed.c - whole zones, in and out.
 *
 * A zone of a million names takes seconds to write, and there is one writer at a time: an update of another zone, or an
 * override, must not wait for it. So a zone is written in parts, each a transaction, under a name that no zone can have
 * (text of names has no blanks); the last transaction gives it its own name, and nobody has seen less than all of it. What is to
 * go is renamed in one transaction, and removed in parts. What a crash leaves under such names goes at the next open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/store_writing.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

/* Rows in a part: some 20 ms. */
enum { PART = 10000 };

static const char seed_what[] = "keep a zone", drop_what[] = "delete a zone";

/* ---- rows of the table of zones ---- */

static bool
zone_run(struct writing *w, enum statement which, sqlite3_int64 number)
{
	sqlite3_stmt *st = writing_statement(w, which);

	if (st == NULL)
		return false;
	sqlite3_bind_int64(st, 1, number);
	return writing_run(w, st);
}

/* zone NULL: the name of what is not whole. */
static bool
zone_named(struct writing *w, enum statement which, sqlite3_int64 number, const char *zone)
{
	sqlite3_stmt *st = writing_statement(w, which);
	char part[32];

	if (st == NULL)
		return false;
	snprintf(part, sizeof(part), " %lld", (long long)number);
	sqlite3_bind_int64(st, 1, number);
	sqlite3_bind_text(st, 2, zone != NULL ? zone : part, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)zone_mark(number, zone != NULL ? zone : part));
	return writing_run(w, st);
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

/* ---- out ---- */

/* From here on the store does not have it. */
static bool
zone_hide(struct writing *w, sqlite3_int64 number)
{
	return zone_named(w, ZONE_NAME, number, NULL) && zone_run(w, LEASE_CLEAR, number);
}

/* A part of what is hidden; *more: there is more. */
static bool
drop_part(struct store *s, sqlite3_int64 number, bool *more, char *error, size_t size)
{
	struct writing w = writing_of(s, drop_what, error, size);
	bool ok;

	if (!store_begin(s, drop_what, error, size))
		return false;
	ok = zone_run(&w, RRSET_CLEAR_PART, number);
	*more = ok && sqlite3_changes(s->db) > 0;
	if (ok && !*more)                      /* less than a part is left */
		ok = zone_run(&w, RRSET_CLEAR, number) && zone_run(&w, ZONE_DELETE, number);
	writing_clear(&w);
	return store_end(s, ok, drop_what, error, size);
}

/* Removes what is hidden. If the disk refuses that, it is tried at the next open. */
static void
zone_drop(struct store *s, sqlite3_int64 number)
{
	char error[512];
	bool more = true;

	while (more && drop_part(s, number, &more, error, sizeof(error)))
		;
}

void
store_drop_parts(struct store *s)
{
	char error[512];
	sqlite3_int64 number = 1, last = 0;

	while (number != last) {
		sqlite3_stmt *st;

		last = number;
		store_lock(s);
		st = store_statement(s, ZONE_PART, drop_what, error, sizeof(error));
		if (st != NULL && sqlite3_step(st) == SQLITE_ROW)
			number = sqlite3_column_int64(st, 0);
		sqlite3_reset(st);
		store_unlock(s);
		if (number != last)
			zone_drop(s, number);
	}
}

bool
store_forget(struct store *s, const char *zone, char *error, size_t size)
{
	struct writing w = writing_of(s, drop_what, error, size);
	sqlite3_int64 number;
	uint64_t sum;
	bool ok;

	if (!store_begin(s, drop_what, error, size))
		return false;
	number = zone_number(&w, zone, &sum);
	ok = number >= 0 && (number == 0 || zone_hide(&w, number));
	writing_clear(&w);
	ok = store_end(s, ok, drop_what, error, size);
	if (ok && number > 0)
		zone_drop(s, number);
	return ok;
}

/* ---- in ---- */

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
seed_node(struct writing *w, const struct node *n, unsigned *rows)
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
		++*rows;
	}
	return ok;
}

/* A part of the zone, from where the walk is. w->number 0: the first one. */
static bool
seed_part(struct writing *w, const char *zone, struct zone_walk *walk, const struct node **n)
{
	unsigned rows = 0;
	bool ok = true;

	if (!store_begin(w->s, w->what, w->error, w->size))
		return false;
	if (w->number == 0) {
		sqlite3_int64 number = zone_next_number(w);

		ok = number > 0 && zone_named(w, ZONE_PUT, number, NULL) && writing_in(w, zone, number, 0);
	}
	while (ok && rows < PART && (*n = zone_walk_next(walk)) != NULL)
		ok = seed_node(w, *n, &rows);
	ok = ok && writing_sum(w);
	return store_end(w->s, ok, w->what, w->error, w->size);
}

/* All of z, under a name of its own. *number: as what; 0: nothing of it is there. */
static bool
seed_parts(struct store *s, const char *zone, const struct zone *z, sqlite3_int64 *number, char *error, size_t size)
{
	struct writing w = writing_of(s, seed_what, error, size);
	struct zone_walk *walk = zone_walk_new(z);
	const struct node *n = NULL;
	bool first = true, ok;

	*number = 0;
	do {
		ok = seed_part(&w, zone, walk, &n);
		if (ok || !first)
			*number = w.number;
		first = false;
	} while (ok && n != NULL);
	zone_walk_free(walk);
	writing_clear(&w);
	return ok;
}

/* The store's number of the zone, on its own; 0: it does not have it; -1 with a message. */
static sqlite3_int64
seed_there(struct store *s, const char *zone, char *error, size_t size)
{
	struct writing w = writing_of(s, seed_what, error, size);
	sqlite3_int64 number;
	uint64_t sum;

	store_lock(s);
	number = zone_number(&w, zone, &sum);
	store_unlock(s);
	writing_clear(&w);
	return number;
}

/* Gives the new one its name. *gone: what is to be dropped then; 0: nothing. */
static bool
seed_name(struct store *s, const char *zone, sqlite3_int64 new, bool replace, sqlite3_int64 *gone, char *error, size_t size)
{
	struct writing w = writing_of(s, seed_what, error, size);
	sqlite3_int64 old;
	uint64_t sum;
	bool ok;

	*gone = new;
	if (!store_begin(s, seed_what, error, size))
		return false;
	old = zone_number(&w, zone, &sum);
	ok = old >= 0;
	if (ok && (old == 0 || replace)) {
		ok = (old == 0 || zone_hide(&w, old)) && zone_named(&w, ZONE_NAME, new, zone);
		*gone = ok ? old : new;
	}
	writing_clear(&w);
	if (store_end(s, ok, seed_what, error, size))
		return true;
	*gone = new;
	return false;
}

bool
store_seed(struct store *s, const char *zone, const struct zone *z, bool replace, char *error, size_t size)
{
	sqlite3_int64 old = seed_there(s, zone, error, size), new, gone;
	bool ok;

	if (old < 0 || (old > 0 && !replace))
		return old > 0;
	ok = seed_parts(s, zone, z, &new, error, size);
	gone = new;
	ok = ok && seed_name(s, zone, new, replace, &gone, error, size);
	if (gone > 0)
		zone_drop(s, gone);
	return ok;
}

/* ---- which there are ---- */

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
