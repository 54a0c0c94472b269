/* store.c - homing.db: the file, its lock, its schema.
 *
 * The schema's version is in user_version: an older daemon refuses a newer file instead of guessing, a newer one
 * takes each step from an older one's. A new database is made beside its name and gets it when it is complete, so
 * what bears the name and is empty, short, or not ours has lost something: that is said, and nothing is written to it.
 *
 * What a start does not do is PRAGMA quick_check: it reads every page, seconds for a large file. It is not missed: all
 * that is used is read at the start anyway, in order, through the same pages, and rows of records have a sum (store_owner.c).
 *
 * One lock: serials are promised, and updates are written, on threads of their own, so that no probe waits for the disk. */
#include "dnsd/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "dnsd/store_db.h"
#include "dnsd/store_file.h"

static const char *const statements[STATEMENTS] = {
	[OVERRIDE_PUT] = "INSERT OR REPLACE INTO override (subject, state, owner, why, since_ms, until_ms)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[OVERRIDE_DELETE] = "DELETE FROM override WHERE subject = ?1",
	[OVERRIDE_ALL] = "SELECT subject, state, owner, why, since_ms, until_ms FROM override ORDER BY since_ms, subject",
	/* A promise is never taken back: one that was made beside this one holds if it is after it (RFC 1982). */
	[SERIAL_PUT] = "INSERT INTO serial (zone, serial, ceiling, clean, digest0, digest1) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
	    " ON CONFLICT (zone) DO UPDATE SET serial = ?2, clean = ?4, digest0 = ?5, digest1 = ?6, ceiling = CASE"
	    " WHEN ?4 = 0 AND clean = 0 AND ((ceiling - ?3) & 4294967295) BETWEEN 1 AND 2147483647 THEN ceiling ELSE ?3 END",
	/* To a ceiling that is after the present one (RFC 1982). */
	[SERIAL_RAISE] = "UPDATE serial SET ceiling = ?2, clean = 0"
	    " WHERE zone = ?1 AND ((?2 - ceiling) & 4294967295) BETWEEN 1 AND 2147483647",
	[SERIAL_ALL] = "SELECT zone, serial, ceiling, clean, digest0, digest1 FROM serial ORDER BY zone",
	[HISTORY_CLEAR] = "DELETE FROM history",
	[HISTORY_PUT] = "INSERT INTO history (zone, step, at_ms, gone, come, soa_from, soa_to, configured_gone, configured_come)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[ZONE_FIND] = "SELECT number, sum FROM zone WHERE name = ?1",
	[ZONE_NEXT] = "SELECT coalesce(max(number), 0) + 1 FROM zone",
	[ZONE_PUT] = "INSERT INTO zone (number, name, mark, sum) VALUES (?1, ?2, ?3, 0)",
	[ZONE_NAME] = "UPDATE zone SET name = ?2, mark = ?3 WHERE number = ?1",
	[ZONE_SUM] = "UPDATE zone SET sum = ?2 WHERE number = ?1",
	[ZONE_DELETE] = "DELETE FROM zone WHERE number = ?1",
	/* A name with a blank: what is not whole, or not any more (store_seed.c). */
	[ZONE_ALL] = "SELECT name FROM zone WHERE name NOT GLOB ' *' ORDER BY name",
	[ZONE_PART] = "SELECT number FROM zone WHERE name GLOB ' *' LIMIT 1",
	[RRSET_SUM] = "SELECT sum FROM rrset WHERE zone = ?1 AND owner = ?2 AND type = ?3",
	[RRSET_PUT] = "INSERT OR REPLACE INTO rrset (zone, owner, type, ttl, rdata, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[RRSET_DELETE] = "DELETE FROM rrset WHERE zone = ?1 AND owner = ?2 AND type = ?3",
	[RRSET_CLEAR_PART] = "DELETE FROM rrset WHERE zone = ?1 AND owner <="
	    " (SELECT owner FROM rrset WHERE zone = ?1 ORDER BY owner, type LIMIT 1 OFFSET 10000)",
	[RRSET_CLEAR] = "DELETE FROM rrset WHERE zone = ?1",
	[LEASE_PUT] = "INSERT OR REPLACE INTO lease (zone, owner, type, rdata, until_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
	[LEASE_DELETE] = "DELETE FROM lease WHERE zone = ?1 AND owner = ?2 AND type = ?3 AND rdata = ?4",
	[LEASE_DELETE_RRSET] = "DELETE FROM lease WHERE zone = ?1 AND owner = ?2 AND type = ?3",
	[LEASE_CLEAR] = "DELETE FROM lease WHERE zone = ?1",
	[LEASE_ALL] = "SELECT zone.name, owner, type, rdata, until_ms FROM lease JOIN zone ON zone.number = lease.zone ORDER BY until_ms",
	[OBJECT_PUT] = "INSERT OR REPLACE INTO object (kind, name, settings, owner) VALUES (?1, ?2, ?3, ?4)",
	[OBJECT_DELETE] = "DELETE FROM object WHERE kind = ?1 AND name = ?2",
	[OBJECT_ALL] = "SELECT kind, name, settings, owner FROM object ORDER BY kind DESC, name",
	/* One that a failed commit has left behind after all is there once. */
	[EVENT_PUT] = "INSERT OR IGNORE INTO event (id, at_ms, kind, subject, was, became, text, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " ?8 + coalesce((SELECT bytes FROM event ORDER BY id DESC LIMIT 1), 0))",
	[EVENT_LAST] = "SELECT coalesce(max(id), 0) FROM event",
	[EVENT_TRIM] = "DELETE FROM event WHERE id IN (SELECT id FROM event ORDER BY id LIMIT ?3)"
	    " AND (at_ms < ?1 OR bytes <= (SELECT bytes FROM event ORDER BY id DESC LIMIT 1) - ?2)",
};

/* ---- errors ---- */

bool
db_fail(sqlite3 *db, const char *path, const char *what, char *error, size_t size)
{
	int rc = db != NULL ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
	const char *why = db != NULL ? sqlite3_errmsg(db) : "out of memory";

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		snprintf(error, size, "%s: cannot %s: damaged: %s (expected a database of homing; it is left as it is)", path, what, why);
	else
		snprintf(error, size, "%s: cannot %s: %s", path, what, why);
	return false;
}

static bool
store_fail(const struct store *s, const char *what, char *error, size_t size)
{
	return db_fail(s->db, s->path, what, error, size);
}

/* ---- statements and transactions ---- */

sqlite3_stmt *
store_statement(struct store *s, enum statement which, const char *what, char *error, size_t size)
{
	if (s->statements[which] == NULL && sqlite3_prepare_v3(s->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
	    &s->statements[which], NULL) != SQLITE_OK)
		store_fail(s, what, error, size);
	return s->statements[which];
}

bool
store_run(struct store *s, sqlite3_stmt *st, const char *what, char *error, size_t size)
{
	bool ok = sqlite3_step(st) == SQLITE_DONE || store_fail(s, what, error, size);

	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return ok;
}

bool
store_read_end(struct store *s, sqlite3_stmt *st, const char *what, char *error, size_t size)
{
	/* Reset says again what the last step said. */
	bool ok = sqlite3_reset(st) == SQLITE_OK || store_fail(s, what, error, size);

	sqlite3_clear_bindings(st);
	return ok;
}

/* First come, first served: who writes a zone in parts takes the lock again as soon as it has let it go. */
void
store_lock(struct store *s)
{
	uint64_t turn;

	pthread_mutex_lock(&s->mutex);
	turn = s->turns++;
	while (s->turn != turn)
		pthread_cond_wait(&s->next, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
}

void
store_unlock(struct store *s)
{
	pthread_mutex_lock(&s->mutex);
	s->turn++;
	pthread_cond_broadcast(&s->next);
	pthread_mutex_unlock(&s->mutex);
}

bool
store_begin(struct store *s, const char *what, char *error, size_t size)
{
	store_lock(s);
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return true;
	store_fail(s, what, error, size);
	store_unlock(s);
	return false;
}

bool
store_end(struct store *s, bool ok, const char *what, char *error, size_t size)
{
	if (ok && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		ok = store_fail(s, what, error, size);
	if (!ok)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);     /* fails where the disk's failure has done it already */
	store_unlock(s);
	return ok;
}

/* ---- open ---- */

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

/* The pages that updates touch again and again stay in memory; a checkpoint, which a commit has to wait for, comes every 16 MB. */
static const char settings[] = "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096;";

static bool
store_connect(struct store *s, char *error, size_t size)
{
	int version;

	if (!file_check(s->path, error, size))
		return false;
	if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return store_fail(s, "open the database", error, size);
	sqlite3_busy_timeout(s->db, 2000);     /* an operator's sqlite3 may be reading */
	version = file_version(s->db, s->path, error, size);
	if (version == 0)
		return false;
	if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return store_fail(s, "open the database", error, size);
	return file_migrate(s->db, s->path, version, error, size);
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
	pthread_mutex_init(&s->mutex, NULL);
	pthread_cond_init(&s->next, NULL);
	s->folder = mem_text(folder);
	s->path = mem_printf("%s/homing.db", folder);
	s->lock = folder_lock(folder, error, size);
	if (s->lock >= 0 && file_make(folder, s->path, error, size) && store_connect(s, error, size)) {
		store_drop_parts(s);
		return s;
	}
	store_close(s);
	return NULL;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	pthread_cond_destroy(&s->next);
	pthread_mutex_destroy(&s->mutex);
	free(s->folder);
	free(s->path);
	free(s);
}

const char *
store_folder(const struct store *s)
{
	return s->folder;
}
