/* store_file.c - the file homing.db and its schema. homing.db(5) says what the columns hold. */
#include "dnsd/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "dnsd/store_db.h"

/* From version N to N + 1. What has once been released is never changed, only followed. */
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

    "CREATE TABLE zone ("                  /* a dynamic zone: its records are all here */
    " number INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"          /* no final dot */
    " mark INTEGER NOT NULL,"              /* of number and name */
    " sum INTEGER NOT NULL"                /* of the sums of its rows in rrset, modulo 2^64 */
    ") STRICT;"
    "CREATE TABLE rrset ("
    " zone INTEGER NOT NULL,"
    " owner BLOB NOT NULL,"                /* owner_pack(): read in this order, a zone is in canonical order */
    " type INTEGER NOT NULL,"
    " ttl INTEGER NOT NULL,"
    " rdata BLOB NOT NULL,"                /* of each RR: length, two bytes, and that many */
    " sum INTEGER NOT NULL,"               /* of owner, type, ttl, rdata */
    " PRIMARY KEY (zone, owner, type)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE lease ("                 /* a record that goes away by itself */
    " zone INTEGER NOT NULL,"
    " owner BLOB NOT NULL,"
    " type INTEGER NOT NULL,"
    " rdata BLOB NOT NULL,"                /* of this one RR */
    " until_ms INTEGER NOT NULL,"          /* wall clock, UTC */
    " PRIMARY KEY (zone, owner, type, rdata)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE history ("               /* what IXFR sends, as a clean stop left it */
    " zone TEXT NOT NULL,"                 /* no final dot; zones of all types */
    " step INTEGER NOT NULL,"              /* 0, 1, ...: oldest first */
    " at_ms INTEGER NOT NULL,"
    " gone BLOB NOT NULL,"                 /* records in wire form, one behind the other */
    " come BLOB NOT NULL,"
    " soa_from BLOB NOT NULL,"
    " soa_to BLOB NOT NULL,"
    " configured_gone BLOB,"               /* of the configured plane; NULL: the same */
    " configured_come BLOB,"
    " PRIMARY KEY (zone, step)"
    ") STRICT;"
    "CREATE TABLE object ("                /* what came through the API */
    " kind TEXT NOT NULL CHECK (kind IN ('server', 'member')),"
    " name TEXT NOT NULL,"
    " settings TEXT NOT NULL,"            /* its group, in the words of homing.conf */
    " owner TEXT NOT NULL,"
    " PRIMARY KEY (kind, name)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE event ("                 /* what happened, as daemon_tell() said it */
    " id INTEGER PRIMARY KEY,"             /* greater than every earlier one's */
    " at_ms INTEGER NOT NULL,"             /* wall clock, UTC */
    " kind TEXT NOT NULL,"
    " subject TEXT NOT NULL,"
    " was TEXT NOT NULL,"
    " became TEXT NOT NULL,"
    " text TEXT NOT NULL,"
    " bytes INTEGER NOT NULL"              /* what it and all before it take up: two of them tell what is between */
    ") STRICT;"
    "CREATE INDEX event_subject ON event (subject);"
    "PRAGMA application_id = 1752132969;", /* "homi" */
};
enum { SCHEMA_VERSION = sizeof(steps) / sizeof(*steps), APPLICATION_ID = 0x686f6d69 };

/* ---- the header (SQLite, database file format, 1.3) ---- */

enum { HEADER = 100 };

static bool
file_refuse(const char *path, const char *what, char *error, size_t size)
{
	snprintf(error, size, "%s: %s (expected a database of homing; it is left as it is: put a good copy in its place, or move it away"
	    " to begin anew)", path, what);
	return false;
}

static uint64_t
be32_of(const uint8_t *p)
{
	return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
}

/* Is there a log of writes that are not in the file yet? While there is, the file itself may be behind. */
static bool
wal_exists(const char *path)
{
	char *wal = mem_printf("%s-wal", path);
	struct stat st;
	bool exists = stat(wal, &st) == 0 && st.st_size > 0;

	free(wal);
	return exists;
}

static bool
header_check(const char *path, const uint8_t header[HEADER], ssize_t got, uint64_t length, char *error, size_t size)
{
	uint64_t page = (uint64_t)header[16] << 8 | header[17];
	char what[128];

	if (got < HEADER || memcmp(header, "SQLite format 3", 16) != 0)
		return file_refuse(path, got == 0 ? "the file is empty" : "the file is not a database", error, size);
	if (page == 1)
		page = 65536;
	if (wal_exists(path) || length >= page * be32_of(header + 28))
		return true;
	snprintf(what, sizeof(what), "the file is cut off: %llu bytes of %llu", (unsigned long long)length,
	    (unsigned long long)(page * be32_of(header + 28)));
	return file_refuse(path, what, error, size);
}

/* The first bytes of the file, and its length. SQLite reads them: it locks with fcntl(2), and whoever else closes a descriptor of a file
 * drops the locks that its own process holds there. An operator's sqlite3 would then take itself for the last one, and
 * remove the log that the daemon still writes to. A code of SQLite's. */
static int
file_begin(const char *path, uint8_t header[HEADER], sqlite3_int64 *length)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_file *file = mem_alloc((size_t)vfs->szOsFile);
	const char *name = sqlite3_create_filename(path, "", "", 0, NULL);
	int rc = name != NULL ? vfs->xOpen(vfs, name, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, NULL) : SQLITE_NOMEM;

	if (rc == SQLITE_OK) {
		rc = file->pMethods->xFileSize(file, length);
		if (rc == SQLITE_OK)
			rc = file->pMethods->xRead(file, header, *length < HEADER ? (int)*length : HEADER, 0);
	}
	if (file->pMethods != NULL)
		file->pMethods->xClose(file);
	sqlite3_free_filename((char *)(uintptr_t)name);
	free(file);
	return rc;
}

bool
file_check(const char *path, char *error, size_t size)
{
	uint8_t header[HEADER] = { 0 };
	sqlite3_int64 length = 0;
	struct stat st;
	int rc;

	if (stat(path, &st) != 0 || (S_ISREG(st.st_mode) && access(path, R_OK) != 0)) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode))
		return file_refuse(path, "this is no plain file", error, size);
	rc = file_begin(path, header, &length);
	if (rc != SQLITE_OK)
		return file_refuse(path, sqlite3_errstr(rc), error, size);
	return header_check(path, header, (ssize_t)length, (uint64_t)length, error, size);
}

/* ---- the schema ---- */

/* What a query of one number says; -1 with a message. */
static int64_t
file_number(sqlite3 *db, const char *path, const char *sql, char *error, size_t size)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	else
		db_fail(db, path, "read the database", error, size);
	sqlite3_finalize(st);
	return n;
}

/* Versions 1 and 2 did not say whose they are, but had this table. */
static const char is_ours[] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'override'";

int
file_version(sqlite3 *db, const char *path, char *error, size_t size)
{
	int64_t version = file_number(db, path, "PRAGMA user_version", error, size);
	int64_t application = version < 0 ? -1 : file_number(db, path, "PRAGMA application_id", error, size);
	int64_t ours = application < 0 ? -1 : file_number(db, path, is_ours, error, size);

	if (ours < 0)
		return 0;
	if (ours == 0 || version == 0 || application != (version < SCHEMA_RECORDS ? 0 : APPLICATION_ID)) {
		file_refuse(path, "this is a database, but not homing's", error, size);
		return 0;
	}
	if (version > SCHEMA_VERSION) {
		snprintf(error, size, "%s: written by a later version of homing (schema %d, expected at most %d)",
		    path, (int)version, SCHEMA_VERSION);
		return 0;
	}
	return (int)version;
}

/* A step and its number are one transaction: whoever is killed in it begins it again. */
bool
file_migrate(sqlite3 *db, const char *path, int version, char *error, size_t size)
{
	for (; version < SCHEMA_VERSION; version++) {
		char *step = mem_printf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;", steps[version], version + 1);
		bool ok = sqlite3_exec(db, step, NULL, NULL, NULL) == SQLITE_OK;

		free(step);
		if (!ok) {
			db_fail(db, path, "make the tables", error, size);
			sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return false;
		}
	}
	return true;
}

/* ---- a new one ---- */

/* All tables, and all of it on disk, under the name that it has for now. */
static bool
file_fill(const char *new, char *error, size_t size)
{
	sqlite3 *db = NULL;
	bool ok = sqlite3_open_v2(new, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
	    sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", NULL, NULL, NULL) == SQLITE_OK;

	if (!ok)
		db_fail(db, new, "make the database", error, size);
	ok = ok && file_migrate(db, new, 0, error, size);
	/* Closing brings the log into the file. */
	if (sqlite3_close(db) != SQLITE_OK)
		ok = false;
	return ok;
}

static bool
folder_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void
file_remove(const char *path)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *one = mem_printf("%s%s", path, ends[i]);

		unlink(one);
		free(one);
	}
}

bool
file_make(const char *folder, const char *path, char *error, size_t size)
{
	struct stat st;
	char *new;
	bool ok;

	if (lstat(path, &st) == 0)
		return true;
	if (wal_exists(path)) {
		snprintf(error, size, "%s is missing, but %s-wal is there (expected both, or neither; nothing is changed)", path, path);
		return false;
	}
	new = mem_printf("%s.new", path);
	file_remove(new);                      /* of a start that was killed: its name says it is not complete */
	ok = file_fill(new, error, size);
	if (ok && (rename(new, path) != 0 || !folder_sync(folder))) {
		snprintf(error, size, "%s: cannot make the database: %s", path, strerror(errno));
		ok = false;
	}
	if (!ok)
		file_remove(new);
	free(new);
	return ok;
}
