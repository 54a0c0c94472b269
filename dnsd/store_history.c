/* store_history.c - serials, and the steps between them.
 *
 * One row per zone that ever had a serial, all that change at once in one transaction. History is written at a clean
 * stop alone: after any other end the serials that were published are not known exactly, and what leads
 * to an unknown serial leads nowhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/store_db.h"
#include "dnsd/store_file.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

/* ---- serials ---- */

static bool
serial_put(struct store *s, const struct store_serial *one, const char *what, char *error, size_t size)
{
	sqlite3_stmt *st = store_statement(s, SERIAL_PUT, what, error, size);

	if (st == NULL)
		return false;
	sqlite3_bind_text(st, 1, one->zone, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, one->serial);
	sqlite3_bind_int64(st, 3, one->ceiling);
	sqlite3_bind_int(st, 4, one->clean);
	sqlite3_bind_int64(st, 5, (sqlite3_int64)one->digest[0]);
	sqlite3_bind_int64(st, 6, (sqlite3_int64)one->digest[1]);
	return store_run(s, st, what, error, size);
}

bool
store_serials_put(struct store *s, const struct store_serial *serials, size_t n, char *error, size_t size)
{
	static const char what[] = "keep the serials";
	bool ok = true;

	if (!store_begin(s, what, error, size))
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = serial_put(s, &serials[i], what, error, size);
	return store_end(s, ok, what, error, size);
}

static struct store_serial
serial_read(sqlite3_stmt *st)
{
	return (struct store_serial){
		.zone = mem_text(column_text(st, 0)),
		.serial = (uint32_t)sqlite3_column_int64(st, 1),
		.ceiling = (uint32_t)sqlite3_column_int64(st, 2),
		.clean = sqlite3_column_int(st, 3) != 0,
		.digest = { (uint64_t)sqlite3_column_int64(st, 4), (uint64_t)sqlite3_column_int64(st, 5) },
	};
}

bool
store_serials_get(struct store *s, struct store_serial **out, size_t *n, char *error, size_t size)
{
	static const char what[] = "read the serials";
	sqlite3_stmt *st;
	bool ok = false;

	*out = NULL;
	*n = 0;
	store_lock(s);
	st = store_statement(s, SERIAL_ALL, what, error, size);
	if (st != NULL) {
		while (sqlite3_step(st) == SQLITE_ROW) {
			*out = mem_grow(*out, *n, sizeof(**out));
			(*out)[(*n)++] = serial_read(st);
		}
		ok = store_read_end(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

/* ---- history: writing ---- */

static bool
step_put(struct store *s, const char *zone, size_t i, const struct changes *c, const char *what, char *error, size_t size)
{
	sqlite3_stmt *st = store_statement(s, HISTORY_PUT, what, error, size);
	const struct changes *other = c->configured;

	if (st == NULL)
		return false;
	sqlite3_bind_text(st, 1, zone, -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)i);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)c->at_ms);
	sqlite3_bind_blob64(st, 4, c->bytes, c->gone_size, SQLITE_STATIC);
	sqlite3_bind_blob64(st, 5, c->bytes + c->gone_size, c->come_size, SQLITE_STATIC);
	sqlite3_bind_blob64(st, 6, c->soa_from, c->soa_from_size, SQLITE_STATIC);
	sqlite3_bind_blob64(st, 7, c->soa_to, c->soa_to_size, SQLITE_STATIC);
	if (other != NULL) {
		sqlite3_bind_blob64(st, 8, other->bytes, other->gone_size, SQLITE_STATIC);
		sqlite3_bind_blob64(st, 9, other->bytes + other->gone_size, other->come_size, SQLITE_STATIC);
	}
	return store_run(s, st, what, error, size);
}

bool
store_history_put(struct store *s, const struct store_history *zones, size_t n, char *error, size_t size)
{
	static const char what[] = "keep the history of zones";
	sqlite3_stmt *clear;
	bool ok;

	if (!store_begin(s, what, error, size))
		return false;
	clear = store_statement(s, HISTORY_CLEAR, what, error, size);
	ok = clear != NULL && store_run(s, clear, what, error, size);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; ok && k < zones[i].count; k++)
			ok = step_put(s, zones[i].zone, k, zones[i].steps[k], what, error, size);
	return store_end(s, ok, what, error, size);
}

/* ---- history: reading ---- */

struct blob {
	const uint8_t *bytes;
	size_t size;
};

static struct blob
column_blob(sqlite3_stmt *st, int i)
{
	struct blob b = { sqlite3_column_blob(st, i), 0 };     /* this call first: it may change the size */

	b.size = (size_t)sqlite3_column_bytes(st, i);
	return b;
}

/* The record at the start of b, in the zone, of class IN: its size; 0: it is none. */
static size_t
record_read(struct blob b, const uint8_t *apex)
{
	size_t owner = b.size > 0 ? dname_read(b.bytes, b.size) : 0, end;

	if (owner == 0 || b.size - owner < 10 || !dname_is_under(b.bytes, apex) || be16_get(b.bytes + owner + 2) != CLASS_IN)
		return 0;
	end = owner + 10 + be16_get(b.bytes + owner + 8);
	return end <= b.size ? end : 0;
}

/* Records as the draft wants them: the owner, and an RR whose first two bytes do not matter. */
static bool
draft_records(struct changes_draft *d, bool come, struct blob b, const uint8_t *apex)
{
	for (size_t size; b.size > 0; b.bytes += size, b.size -= size) {
		uint8_t owner[DNAME_MAX];

		size = record_read(b, apex);
		if (size == 0)
			return false;
		memcpy(owner, b.bytes, dname_length(b.bytes));
		if (!changes_draft_add(d, come, owner, b.bytes + dname_length(owner) - 2))
			return false;
	}
	return true;
}

/* Is it one SOA, at the apex, with the five numbers that end it? */
static bool
soa_is_sound(struct blob b, const uint8_t *apex)
{
	size_t owner = dname_length(apex);

	return record_read(b, apex) == b.size && dname_equal(b.bytes, apex) && be16_get(b.bytes + owner) == TYPE_SOA &&
	    be16_get(b.bytes + owner + 8) >= 22;
}

/* A step of one plane; NULL: damaged. */
static struct changes *
step_read(sqlite3_stmt *st, int gone, const uint8_t *apex)
{
	struct blob from = column_blob(st, 3), to = column_blob(st, 4);
	struct changes_draft *d;
	size_t owner = dname_length(apex);

	if (!soa_is_sound(from, apex) || !soa_is_sound(to, apex))
		return NULL;
	d = changes_draft_new();
	if (draft_records(d, false, column_blob(st, gone), apex) && draft_records(d, true, column_blob(st, gone + 1), apex))
		return changes_draft_end(d, apex, from.bytes + owner - 2, to.bytes + owner - 2, (uint64_t)sqlite3_column_int64(st, 0));
	changes_draft_free(d);
	return NULL;
}

/* Both planes'. */
static struct changes *
step_read_both(sqlite3_stmt *st, const uint8_t *apex)
{
	struct changes *answer = step_read(st, 1, apex);

	if (answer == NULL || sqlite3_column_type(st, 5) == SQLITE_NULL)
		return answer;
	return changes_join(answer, step_read(st, 5, apex));
}

static const char history_of[] = "SELECT at_ms, gone, come, soa_from, soa_to, configured_gone, configured_come FROM history"
    " WHERE zone = ?1 ORDER BY step";

static void
steps_free(const struct changes **steps, size_t n)
{
	while (n > 0)
		changes_let_go(steps[--n]);
	free(steps);
}

bool
store_history_get(struct store_reader *r, const char *zone, const uint8_t *apex, const struct changes ***steps, size_t *n,
    char *error, size_t size)
{
	static const char what[] = "read the history of a zone";
	sqlite3_stmt *st = NULL;
	bool sound = true;
	int rc = SQLITE_DONE;

	*steps = NULL;
	*n = 0;
	if (r->version < SCHEMA_RECORDS)
		return true;
	if (sqlite3_prepare_v2(r->db, history_of, -1, &st, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, what, error, size);
	sqlite3_bind_text(st, 1, zone, -1, SQLITE_STATIC);
	while (sound && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct changes *c = step_read_both(st, apex);

		sound = c != NULL && (*n == 0 || (*steps)[*n - 1]->to == c->from);
		if (sound) {
			*steps = mem_grow(*steps, *n, sizeof(**steps));
			(*steps)[(*n)++] = c;
		} else {
			changes_let_go(c);
		}
	}
	if (!sound)
		snprintf(error, size, "%s: the history of zone %s is damaged at step %zu", r->path, zone, *n);
	else if (rc != SQLITE_DONE)
		sound = db_fail(r->db, r->path, what, error, size);
	sqlite3_finalize(st);
	if (!sound) {
		steps_free(*steps, *n);
		*steps = NULL;
		*n = 0;
	}
	return sound;
}
