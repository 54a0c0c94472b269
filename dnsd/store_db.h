/* store_db.h - the inside of the store, for the files that make it up: store.c (opening, statements, transactions), store_file.c (the
 * file and its schema), store_records.c (updates of dynamic zones, leases), store_seed.c (whole zones), store_load.c (reading them),
 * store_history.c (serials and IXFR history), store_objects.c (overrides, servers and members), store_events.c (what happened). Nobody else knows SQLite. */
#ifndef DNSD_STORE_DB_H
#define DNSD_STORE_DB_H

#include <pthread.h>
#include <sqlite3.h>

#include "dnsd/store.h"

/* What is run again and again, each prepared when it is first needed. */
enum statement {
	OVERRIDE_PUT, OVERRIDE_DELETE, OVERRIDE_ALL,
	SERIAL_PUT, SERIAL_RAISE, SERIAL_ALL,
	HISTORY_CLEAR, HISTORY_PUT,
	ZONE_FIND, ZONE_NEXT, ZONE_PUT, ZONE_NAME, ZONE_SUM, ZONE_DELETE, ZONE_ALL, ZONE_PART,
	RRSET_SUM, RRSET_PUT, RRSET_DELETE, RRSET_CLEAR, RRSET_CLEAR_PART,
	LEASE_PUT, LEASE_DELETE, LEASE_DELETE_RRSET, LEASE_CLEAR, LEASE_ALL,
	OBJECT_PUT, OBJECT_DELETE, OBJECT_ALL,
	EVENT_PUT, EVENT_LAST, EVENT_TRIM,
	STATEMENTS
};

struct store {
	int lock;                              /* homing.lock */
	char *folder, *path;                   /* path: of homing.db */
	pthread_mutex_t mutex;                 /* of the next three: store_lock() around every use of db */
	pthread_cond_t next;
	uint64_t turns, turn;                  /* drawn, and whose it is */
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
};

/* A zone that the store has. */
struct store_zone {
	char *name;
	sqlite3_int64 number;
	uint64_t sum;
};

/* Reads only, and is one thread's: all of it as it is at one moment. */
struct store_reader {
	char *path;
	sqlite3 *db;
	int version;                           /* of the schema */
	struct store_zone *zones;              /* by name */
	size_t nzones;
};

/* ---- store.c ---- */

/* Says what failed, by the database's own last error: path: cannot WHAT: why (expected ...). Returns false. */
bool db_fail(sqlite3 *db, const char *path, const char *what, char *error, size_t size);

/* The statement, reset, without parameters. NULL with a message. Between store_lock() and store_unlock(). */
sqlite3_stmt *store_statement(struct store *s, enum statement which, const char *what, char *error, size_t size);
/* Runs one whose parameters are bound, and resets it. */
bool store_run(struct store *s, sqlite3_stmt *st, const char *what, char *error, size_t size);
/* After the last row of one that reads: was it the last? Resets it. */
bool store_read_end(struct store *s, sqlite3_stmt *st, const char *what, char *error, size_t size);

/* A text column; never NULL: SQLite says so where memory is short, and the schema allows none. */
static inline const char *
column_text(sqlite3_stmt *st, int i)
{
	const char *text = (const char *)sqlite3_column_text(st, i);

	return text != NULL ? text : "";
}

/* What is left of zones that were being written, or removed, when the process died (store_seed.c). */
void store_drop_parts(struct store *s);

void store_lock(struct store *s);
void store_unlock(struct store *s);
/* A transaction: begin locks; end commits if ok (and is false where that fails), else rolls back, and unlocks. */
bool store_begin(struct store *s, const char *what, char *error, size_t size);
bool store_end(struct store *s, bool ok, const char *what, char *error, size_t size);

/* ---- the owner of an RRset, as a key: store_owner.c ---- */

enum { OWNER_MAX = 2 * 255 };
/* The labels of name above its last apex_length bytes, the outermost first, 00 between two, the bytes 00 and 01 as 01 01 and 01 02: compared
 * byte by byte such keys are in canonical order (RFC 4034, 6.1). The apex is the empty key. Returns its size. */
size_t owner_pack(const uint8_t *name, size_t apex_length, uint8_t out[OWNER_MAX]);
/* Back. False: no key that owner_pack() makes. */
bool owner_unpack(const uint8_t *key, size_t size, const uint8_t *apex, uint8_t name[255]);

/* What a row of an RRset is checked against. */
struct owner_row {
	const uint8_t *owner;
	size_t owner_size;
	uint16_t type;
	uint32_t ttl;
	const uint8_t *rdata;
	size_t rdata_size;
};
uint64_t zone_mark(sqlite3_int64 number, const char *name);
/* scratch: grown as needed, *room its size. */
uint64_t owner_row_sum(const struct owner_row *row, uint8_t **scratch, size_t *room);

#endif
