/* store_writing.c - rows of records, and the sums that say that none is missing. */
#include "dnsd/store_writing.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "base/mem.h"

struct writing
writing_of(struct store *s, const char *what, char *error, size_t size)
{
	return (struct writing){ .s = s, .what = what, .error = error, .size = size };
}

void
writing_clear(struct writing *w)
{
	free(w->zone);
	free(w->scratch);
}

sqlite3_stmt *
writing_statement(struct writing *w, enum statement which)
{
	return store_statement(w->s, which, w->what, w->error, w->size);
}

bool
writing_run(struct writing *w, sqlite3_stmt *st)
{
	return store_run(w->s, st, w->what, w->error, w->size);
}

/* ---- zones ---- */

sqlite3_int64
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

bool
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

bool
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

bool
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

/* ---- RRsets ---- */

void
bind_key(const struct writing *w, sqlite3_stmt *st, const uint8_t *owner, size_t size, uint16_t type)
{
	sqlite3_bind_int64(st, 1, w->number);
	sqlite3_bind_blob(st, 2, owner, (int)size, SQLITE_STATIC);
	sqlite3_bind_int(st, 3, type);
}

bool
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

bool
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
