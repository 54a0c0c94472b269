/* store.c - what must survive, in SQLite.
 *
 * One row per override; a change is one statement and so one transaction, synced
 * before the statement returns. One row per zone that ever had a serial, all that change at
 * once in one transaction. The schema's version is in user_version: an older
 * daemon refuses a newer file instead of guessing, a newer one takes each step from an older one's.
 *
 * One mutex: serials are promised on a thread of their own, so that no probe waits for that disk. */
#include "dnsd/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* From version N to N + 1. */
static const char *const steps[] = {
    "CREATE TABLE override ("
    " subject TEXT PRIMARY KEY,"           /* SERVER, SERVER/INTERFACE, SERVICE:SERVER or a fabric */
    " state TEXT NOT NULL CHECK (state IN ('drained', 'up', 'down')),"
    " owner TEXT NOT NULL,"
    " why TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL,"          /* wall clock, UTC */
    " until_ms INTEGER NOT NULL"           /* 0: until released */
    ") STRICT;",

    "CREATE TABLE serial ("
    " zone TEXT PRIMARY KEY,"              /* no final dot */
    " serial INTEGER NOT NULL,"            /* the last one that is known to have been used */
    " ceiling INTEGER NOT NULL,"           /* none above it was ever published */
    " clean INTEGER NOT NULL CHECK (clean IN (0, 1)),"     /* stopped in order: serial and digest are exact */
    " digest0 INTEGER NOT NULL,"           /* of what the zone held with that serial */
    " digest1 INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;",
};
enum { SCHEMA_VERSION = sizeof(steps) / sizeof(*steps) };

struct store {
	int lock;
	char *path;                            /* of homing.db */
	pthread_mutex_t lock_db;               /* around every use of db */
	sqlite3 *db;
	sqlite3_stmt *put, *delete, *put_serial;
};

static bool
store_fail(const struct store *s, const char *what, char *error, size_t size)
{
	snprintf(error, size, "%s: cannot %s: %s", s->path, what, s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory");
	return false;
}

/* One daemon per folder. The lock dies with the process, so nothing is left to clean up. */
static int
folder_lock(const char *folder, char *error, size_t size)
{
	char *path = mem_printf("%s/homing.lock", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0) {
		snprintf(error, size, "%s: %s (expected a folder that the daemon may write)", path, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(error, size, "%s is in use by another homingd (stop it, or give this one a server.state of its own)", folder);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static bool
store_version(struct store *s, int *version, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	bool ok = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW;

	if (ok)
		*version = sqlite3_column_int(st, 0);
	else
		store_fail(s, "read the database", error, size);
	sqlite3_finalize(st);
	return ok;
}

/* A step and its number are one transaction: whoever is killed in it begins it again. */
static bool
store_migrate(struct store *s, int version, char *error, size_t size)
{
	for (; version < SCHEMA_VERSION; version++) {
		char *step = mem_printf("BEGIN; %s PRAGMA user_version = %d; COMMIT;", steps[version], version + 1);
		bool ok = sqlite3_exec(s->db, step, NULL, NULL, NULL) == SQLITE_OK;

		free(step);
		if (!ok)
			return store_fail(s, "create the tables", error, size);
	}
	return true;
}

static bool
store_prepare(struct store *s, char *error, size_t size)
{
	int version = 0;

	sqlite3_busy_timeout(s->db, 2000);     /* an operator's sqlite3 may be reading */
	if (sqlite3_exec(s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, "open the database", error, size);
	if (!store_version(s, &version, error, size))
		return false;
	if (version > SCHEMA_VERSION) {
		snprintf(error, size, "%s: written by a later version of homing (schema %d, expected at most %d)",
		    s->path, version, SCHEMA_VERSION);
		return false;
	}
	if (!store_migrate(s, version, error, size))
		return false;
	if (sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO override (subject, state, owner, why, since_ms, until_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)", -1, &s->put, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(s->db, "DELETE FROM override WHERE subject = ?1", -1, &s->delete, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO serial (zone, serial, ceiling, clean, digest0, digest1)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)", -1, &s->put_serial, NULL) != SQLITE_OK)
		return store_fail(s, "prepare statements", error, size);
	return true;
}

struct store *
store_open(const char *folder, char *error, size_t size)
{
	struct store *s;

	if (mkdir(folder, 0750) != 0 && errno != EEXIST) {
		snprintf(error, size, "%s: cannot make the folder: %s", folder, strerror(errno));
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	pthread_mutex_init(&s->lock_db, NULL);
	s->path = mem_printf("%s/homing.db", folder);
	s->lock = folder_lock(folder, error, size);
	if (s->lock < 0)
		goto fail;
	if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		store_fail(s, "open the database", error, size);
		goto fail;
	}
	if (store_prepare(s, error, size))
		return s;
fail:
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	sqlite3_finalize(s->put);
	sqlite3_finalize(s->delete);
	sqlite3_finalize(s->put_serial);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	pthread_mutex_destroy(&s->lock_db);
	free(s->path);
	free(s);
}

/* Runs a statement whose parameters are bound, and makes it ready for the next. */
static bool
statement_run(const struct store *s, sqlite3_stmt *st, const char *what, char *error, size_t size)
{
	bool ok = sqlite3_step(st) == SQLITE_DONE;

	if (!ok)
		store_fail(s, what, error, size);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return ok;
}

bool
store_override_put(struct store *s, const struct override *o, char *error, size_t size)
{
	bool ok;

	pthread_mutex_lock(&s->lock_db);
	sqlite3_bind_text(s->put, 1, o->subject, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s->put, 2, override_text(o->state), -1, SQLITE_STATIC);
	sqlite3_bind_text(s->put, 3, o->owner, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s->put, 4, o->why, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(s->put, 5, (sqlite3_int64)o->since_ms);
	sqlite3_bind_int64(s->put, 6, (sqlite3_int64)o->until_ms);
	ok = statement_run(s, s->put, "keep the override", error, size);
	pthread_mutex_unlock(&s->lock_db);
	return ok;
}

bool
store_override_delete(struct store *s, const char *subject, char *error, size_t size)
{
	bool ok;

	pthread_mutex_lock(&s->lock_db);
	sqlite3_bind_text(s->delete, 1, subject, -1, SQLITE_TRANSIENT);
	ok = statement_run(s, s->delete, "delete the override", error, size);
	pthread_mutex_unlock(&s->lock_db);
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

bool
store_override_each(struct store *s, store_override_fn fn, void *arg, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (sqlite3_prepare_v2(s->db, "SELECT subject, state, owner, why, since_ms, until_ms FROM override"
	    " ORDER BY since_ms, subject", -1, &st, NULL) != SQLITE_OK)
		return store_fail(s, "read the overrides", error, size);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct override o = {
			.subject = (char *)sqlite3_column_text(st, 0),
			.state = override_state_of((const char *)sqlite3_column_text(st, 1)),
			.owner = (char *)sqlite3_column_text(st, 2),
			.why = (char *)sqlite3_column_text(st, 3),
			.since_ms = (uint64_t)sqlite3_column_int64(st, 4),
			.until_ms = (uint64_t)sqlite3_column_int64(st, 5),
		};
		fn(arg, &o);
	}
	if (rc != SQLITE_DONE)
		store_fail(s, "read the overrides", error, size);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE;
}

/* ---- serials ---- */

static bool
serial_put(struct store *s, const struct store_serial *one, char *error, size_t size)
{
	sqlite3_bind_text(s->put_serial, 1, one->zone, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s->put_serial, 2, one->serial);
	sqlite3_bind_int64(s->put_serial, 3, one->ceiling);
	sqlite3_bind_int(s->put_serial, 4, one->clean);
	sqlite3_bind_int64(s->put_serial, 5, (sqlite3_int64)one->digest[0]);
	sqlite3_bind_int64(s->put_serial, 6, (sqlite3_int64)one->digest[1]);
	return statement_run(s, s->put_serial, "keep the serials", error, size);
}

bool
store_serials_put(struct store *s, const struct store_serial *serials, size_t n, char *error, size_t size)
{
	bool ok;

	pthread_mutex_lock(&s->lock_db);
	ok = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK || store_fail(s, "keep the serials", error, size);
	for (size_t i = 0; ok && i < n; i++)
		ok = serial_put(s, &serials[i], error, size);
	if (ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		ok = store_fail(s, "keep the serials", error, size);
	if (!ok)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	pthread_mutex_unlock(&s->lock_db);
	return ok;
}

bool
store_serials_get(struct store *s, struct store_serial **out, size_t *n, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_ERROR;

	*out = NULL;
	*n = 0;
	pthread_mutex_lock(&s->lock_db);
	if (sqlite3_prepare_v2(s->db, "SELECT zone, serial, ceiling, clean, digest0, digest1 FROM serial ORDER BY zone", -1, &st,
	    NULL) == SQLITE_OK)
		while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
			*out = mem_grow(*out, *n, sizeof(**out));
			(*out)[(*n)++] = (struct store_serial){
				.zone = mem_text((const char *)sqlite3_column_text(st, 0)),
				.serial = (uint32_t)sqlite3_column_int64(st, 1),
				.ceiling = (uint32_t)sqlite3_column_int64(st, 2),
				.clean = sqlite3_column_int(st, 3) != 0,
				.digest = { (uint64_t)sqlite3_column_int64(st, 4), (uint64_t)sqlite3_column_int64(st, 5) },
			};
		}
	if (rc != SQLITE_DONE)
		store_fail(s, "read the serials", error, size);
	sqlite3_finalize(st);
	pthread_mutex_unlock(&s->lock_db);
	return rc == SQLITE_DONE;
}
