/* store_events.c - what happened, a row an event.
 *
 * Each row has the size of all rows up to it: what is kept is the newest's less the oldest's, and no start or trim has to
 * add them up. Whoever reads does so on a connection of his own: a long look back holds up no update. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/store_db.h"

/* A row's numbers, its places in the trees, and its share of pages that are not full: as a file of a million such rows has it. */
enum { ROW_BYTES = 48 };

/* Events come in the order of their times, as long as nobody sets the clock back: what is read ends at the first that is so much older. */
enum { CLOCK_SLACK_MS = 60 * 1000 };

/* ---- writing ---- */

static uint64_t
event_size(const struct store_event *e)
{
	/* The subject is in the index too. */
	return ROW_BYTES + strlen(e->kind) + 2 * strlen(e->subject) + strlen(e->was) + strlen(e->became) + strlen(e->text);
}

static bool
event_put(struct store *s, const struct store_event *e, const char *what, char *error, size_t size)
{
	const char *const texts[] = { e->kind, e->subject, e->was, e->became, e->text };
	sqlite3_stmt *st = store_statement(s, EVENT_PUT, what, error, size);

	if (st == NULL)
		return false;
	sqlite3_bind_int64(st, 1, (sqlite3_int64)e->id);
	sqlite3_bind_int64(st, 2, (sqlite3_int64)e->at_ms);
	for (int i = 0; i < 5; i++)
		sqlite3_bind_text(st, 3 + i, texts[i], -1, SQLITE_STATIC);
	sqlite3_bind_int64(st, 8, (sqlite3_int64)event_size(e));
	return store_run(s, st, what, error, size);
}

bool
store_events_put(struct store *s, const struct store_event *const *events, size_t n, char *error, size_t size)
{
	static const char what[] = "keep what happened";
	bool ok = true;

	if (!store_begin(s, what, error, size))
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = event_put(s, events[i], what, error, size);
	return store_end(s, ok, what, error, size);
}

bool
store_events_trim(struct store *s, uint64_t before_ms, uint64_t bytes, size_t most, size_t *gone, char *error, size_t size)
{
	static const char what[] = "drop what happened long ago";
	sqlite3_stmt *st;
	bool ok = false;

	*gone = 0;
	store_lock(s);
	st = store_statement(s, EVENT_TRIM, what, error, size);
	if (st != NULL) {
		sqlite3_bind_int64(st, 1, before_ms < INT64_MAX ? (sqlite3_int64)before_ms : INT64_MAX);
		sqlite3_bind_int64(st, 2, (sqlite3_int64)bytes);
		sqlite3_bind_int64(st, 3, (sqlite3_int64)most);
		ok = store_run(s, st, what, error, size);
	}
	if (ok)
		*gone = (size_t)sqlite3_changes(s->db);
	store_unlock(s);
	return ok;
}

bool
store_events_last(struct store *s, uint64_t *id, char *error, size_t size)
{
	static const char what[] = "read what happened";
	sqlite3_stmt *st;
	bool ok = false;

	*id = 0;
	store_lock(s);
	st = store_statement(s, EVENT_LAST, what, error, size);
	if (st != NULL) {
		if (sqlite3_step(st) == SQLITE_ROW)
			*id = (uint64_t)sqlite3_column_int64(st, 0);
		ok = store_read_end(s, st, what, error, size);
	}
	store_unlock(s);
	return ok;
}

/* ---- which belong together ---- */

/* Is text `before`, name, and then nothing, or a character of `behind`? */
static bool
names(const char *text, const char *before, const char *name, const char *behind)
{
	size_t n = strlen(before), length = strlen(name);

	return strncmp(text, before, n) == 0 && strncmp(text + n, name, length) == 0 &&
	    (text[n + length] == '\0' || strchr(behind, text[n + length]) != NULL);
}

static bool
is_member_of(const char *text, const char *service)
{
	size_t n = strlen(text), length = strlen(service);

	return strncmp(text, "member ", 7) == 0 && n >= length + 4 && strncmp(text + n - length - 4, " of ", 4) == 0 &&
	    strcmp(text + n - length, service) == 0;
}

bool
store_event_fits(const struct store_event *e, const struct store_wanted *wanted)
{
	const char *x = wanted->subject;

	return e->at_ms >= wanted->since_ms && (wanted->kind == NULL || strcmp(e->kind, wanted->kind) == 0) &&
	    (x == NULL || names(e->subject, "", x, " /:") || names(e->subject, "server ", x, "") || names(e->subject, "member ", x, " ") ||
	    is_member_of(e->subject, x));
}

/* ---- reading ---- */

/* The same rule, each part of it a range of the index. */
static const char of_subject[] = " AND (subject IN (?2, 'server ' || ?2, 'member ' || ?2) OR (subject >= ?2 || ' ' AND subject < ?2 || '!')"
    " OR (subject >= ?2 || '/' AND subject < ?2 || '0') OR (subject >= ?2 || ':' AND subject < ?2 || ';')"
    " OR (subject >= 'member ' || ?2 || ' ' AND subject < 'member ' || ?2 || '!')"
    " OR (subject >= 'member ' AND subject < 'member!' AND substr(subject, -length(?2) - 4) = ' of ' || ?2))";

static sqlite3_stmt *
events_statement(sqlite3 *db, const struct store_wanted *wanted)
{
	char *sql = mem_printf("SELECT id, at_ms, kind, subject, was, became, text FROM event WHERE id < ?1%s%s ORDER BY id DESC LIMIT ?4",
	    wanted->subject != NULL ? of_subject : "", wanted->kind != NULL ? " AND kind = ?3" : "");
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(st, 1, wanted->before != 0 ? (sqlite3_int64)wanted->before : INT64_MAX);
		if (wanted->subject != NULL)
			sqlite3_bind_text(st, 2, wanted->subject, -1, SQLITE_STATIC);
		if (wanted->kind != NULL)
			sqlite3_bind_text(st, 3, wanted->kind, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 4, (sqlite3_int64)wanted->limit);
	}
	free(sql);
	return st;
}

static struct store_event
event_read(sqlite3_stmt *st)
{
	return (struct store_event){
		(uint64_t)sqlite3_column_int64(st, 0), (uint64_t)sqlite3_column_int64(st, 1),
		column_text(st, 2), column_text(st, 3), column_text(st, 4), column_text(st, 5), column_text(st, 6)
	};
}

bool
store_events_each(const struct store *s, const struct store_wanted *wanted, store_event_fn fn, void *arg, char *error, size_t size)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	bool older = false, ok;

	if (rc == SQLITE_OK) {
		sqlite3_busy_timeout(db, 2000);
		st = events_statement(db, wanted);
	}
	while (st != NULL && !older && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_event e = event_read(st);

		older = e.at_ms + CLOCK_SLACK_MS < wanted->since_ms;
		if (e.at_ms >= wanted->since_ms)
			fn(arg, &e);
	}
	ok = st != NULL && (older || rc == SQLITE_DONE);
	if (!ok)
		db_fail(db, s->path, "read what happened", error, size);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return ok;
}
