/* store_objects.c - what people said at run time: overrides, servers and members. One row each; a change is one
 * statement, and so one transaction. */
#include <string.h>

#include "dnsd/store_db.h"
#include "dnsd/store_file.h"

bool
store_override_put(struct store *s, const struct override *o, char *error, size_t size)
{
	static const char what[] = "keep the override";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, OVERRIDE_PUT, what, error, size);
	if (st != NULL) {
		sqlite3_bind_text(st, 1, o->subject, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, override_text(o->state), -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 3, o->owner, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 4, o->why, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 5, (sqlite3_int64)o->since_ms);
		sqlite3_bind_int64(st, 6, (sqlite3_int64)o->until_ms);
		ok = store_run(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

bool
store_override_delete(struct store *s, const char *subject, char *error, size_t size)
{
	static const char what[] = "delete the override";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, OVERRIDE_DELETE, what, error, size);
	if (st != NULL) {
		sqlite3_bind_text(st, 1, subject, -1, SQLITE_STATIC);
		ok = store_run(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

static enum override_state
override_state_of(const char *word)
{
	for (enum override_state state = OVERRIDE_DRAINED; state < OVERRIDE_DOWN; state++)
		if (strcmp(word, override_text(state)) == 0)
			return state;
	return OVERRIDE_DOWN;                  /* the table's CHECK allows no fourth word */
}

static void
override_tell(sqlite3_stmt *st, store_override_fn fn, void *arg)
{
	struct override o = {
		.subject = (char *)(uintptr_t)column_text(st, 0),
		.state = override_state_of(column_text(st, 1)),
		.owner = (char *)(uintptr_t)column_text(st, 2),
		.why = (char *)(uintptr_t)column_text(st, 3),
		.since_ms = (uint64_t)sqlite3_column_int64(st, 4),
		.until_ms = (uint64_t)sqlite3_column_int64(st, 5),
	};

	fn(arg, &o);
}

bool
store_override_each(struct store *s, store_override_fn fn, void *arg, char *error, size_t size)
{
	static const char what[] = "read the overrides";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, OVERRIDE_ALL, what, error, size);
	if (st != NULL) {
		while (sqlite3_step(st) == SQLITE_ROW)
			override_tell(st, fn, arg);
		ok = store_read_end(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

/* ---- servers and members ---- */

bool
store_object_put(struct store *s, const char *kind, const char *name, const char *settings, const char *owner, char *error, size_t size)
{
	const char *what = settings != NULL ? "keep what was added" : "keep what was removed";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, settings != NULL ? OBJECT_PUT : OBJECT_DELETE, what, error, size);
	if (st != NULL) {
		sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
		sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
		if (settings != NULL) {
			sqlite3_bind_text(st, 3, settings, -1, SQLITE_STATIC);
			sqlite3_bind_text(st, 4, owner, -1, SQLITE_STATIC);
		}
		ok = store_run(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

bool
store_object_each(struct store *s, store_object_fn fn, void *arg, char *error, size_t size)
{
	static const char what[] = "read the servers and members";
	sqlite3_stmt *st;
	bool ok = false;

	store_lock(s);
	st = store_statement(s, OBJECT_ALL, what, error, size);
	if (st != NULL) {
		while (sqlite3_step(st) == SQLITE_ROW)
			fn(arg, column_text(st, 0), column_text(st, 1), column_text(st, 2), column_text(st, 3));
		ok = store_read_end(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

bool
store_reader_objects(struct store_reader *r, store_object_fn fn, void *arg, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (r->version < SCHEMA_RECORDS)
		return true;
	if (sqlite3_prepare_v2(r->db, "SELECT kind, name, settings, owner FROM object ORDER BY kind DESC, name", -1, &st, NULL) != SQLITE_OK)
		return db_fail(r->db, r->path, "read the servers and members", error, size);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(arg, column_text(st, 0), column_text(st, 1), column_text(st, 2), column_text(st, 3));
	if (rc != SQLITE_DONE)
		db_fail(r->db, r->path, "read the servers and members", error, size);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE;
}
