/* serials.c - the serial numbers of zones.
 *
 *     stored  serial ─────────── ceiling
 *                 │ used, one by one   │ after a crash the next is behind it
 *
 * A promise is a row with a ceiling PROMISED ahead of what is used; when AHEAD of
 * them are left, a thread promises the next. It works on a copy of the rows and tells
 * when it is done; until then what is left lasts for AHEAD numberings, at five a second
 * for most of a minute. */
#include "dnsd/serials.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/edition.h"
#include "dnsd/store.h"
#include "dnsd/work.h"
#include "dnsd/world.h"

enum {
	PROMISED = SERIALS_PROMISED, AHEAD = 250,
	RETRY_US = 500000                      /* after the disk refused: without it, a zone that rests would stay unpromised */
};

/* ---- pure ---- */

uint32_t
serial_next(uint32_t serial)
{
	return serial + 1 != 0 ? serial + 1 : 1;
}

bool
serial_after(uint32_t a, uint32_t b)
{
	return a != b && a - b < UINT32_C(1) << 31;
}

bool
soa_same(const struct rrset *a, const struct rrset *b)
{
	size_t serial = a->size - 20;          /* five numbers end it */

	return a->size == b->size && memcmp(a->bytes, b->bytes, serial) == 0 &&
	    memcmp(a->bytes + serial + 4, b->bytes + serial + 4, 16) == 0;
}

bool
serial_given(const struct conf_zone *zone, uint32_t loaded, uint32_t used)
{
	return (zone->file != NULL || zone->type == ZONE_DYNAMIC) && loaded != 0 && serial_after(loaded, used);
}

uint32_t
serials_first(const struct world_start *start, const struct digest *digest, uint32_t loaded, const struct conf_zone *zone)
{
	if (!start->stored)
		return loaded != 0 ? loaded : 1;
	if (serial_given(zone, loaded, start->serial))
		return loaded;
	if (start->clean && memcmp(&start->was, digest, sizeof(*digest)) == 0)
		return start->serial;
	if (zone->file != NULL && !start->clean)
		log_info("%s: serial %u: homingd did not stop in order, and secondaries may have any up to %u", zone->text,
		    serial_next(start->serial), start->serial);
	else if (zone->file != NULL)
		log_info("%s: serial %u: the zone is not what it was with %u, and the serial of %s, %u, is not greater", zone->text,
		    serial_next(start->serial), start->serial, zone->file, loaded);
	return serial_next(start->serial);
}

uint32_t
serials_after(uint32_t current, uint32_t loaded, const struct conf_zone *zone, bool reloaded)
{
	if (serial_given(zone, loaded, current))
		return loaded;
	if (zone->type == ZONE_FILE && zone->file != NULL && reloaded)
		log_warnx("%s: %s has changed, and its serial is %u (expected a greater one than %u): %u is used", zone->text,
		    zone->file, loaded, current, serial_next(current));
	return serial_next(current);
}

static void
kept_free(struct edition *kept)
{
	for (size_t i = 0; kept != NULL && i < kept->nhistory; i++)
		changes_let_go(kept->history[i]);
	if (kept != NULL)
		free((void *)(uintptr_t)kept->history);
	free(kept);
}

void
world_starts_free(struct world_start *starts, size_t n)
{
	for (size_t i = 0; starts != NULL && i < n; i++) {
		edition_let_go(starts[i].older);
		kept_free(starts[i].kept);
		changes_draft_free(starts[i].draft);
	}
	free(starts);
}

/* ---- promises ---- */

struct serials {
	struct store *store;
	struct event_base *base;
	struct store_serial *rows;             /* as they are on disk, by zone */
	size_t count;

	struct work *work;                     /* writing; NULL: nothing is */
	struct store_serial *writing;          /* what it writes; names are the rows' own copies */
	size_t nwriting;
	struct event *retry;
	bool failed;                           /* the disk did, and that was said */
	bool ok;                               /* the work's result, and: */
	char error[512];
};

static int
row_order(const void *a, const void *b)
{
	return strcmp(((const struct store_serial *)a)->zone, ((const struct store_serial *)b)->zone);
}

static struct store_serial *
serials_row(const struct serials *s, const char *zone)
{
	struct store_serial key = { .zone = (char *)(uintptr_t)zone };

	return s->count == 0 ? NULL : bsearch(&key, s->rows, s->count, sizeof(key), row_order);
}

/* The last serial that may have been used: where the disk refused a promise, one beyond it. */
static uint32_t
row_last(const struct store_serial *row)
{
	return row->clean || serial_after(row->serial, row->ceiling) ? row->serial : row->ceiling;
}

/* How many are promised behind a serial. Not a difference of serials far apart: a master file's may be 2^31 - 1 ahead. */
static uint32_t
row_left(const struct store_serial *row, uint32_t serial)
{
	return serial_after(row->ceiling, serial) ? row->ceiling - serial : 0;
}

static void
rows_free(struct store_serial *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(rows[i].zone);
	free(rows);
}

static void serials_extend(struct serials *s);

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct serials *s = arg;

	(void)fd;
	(void)what;
	if (s->work == NULL)
		serials_extend(s);
}

struct serials *
serials_new(struct store *store, struct event_base *base, char *error, size_t size)
{
	struct serials *s = mem_alloc(sizeof(*s));

	s->store = store;
	s->base = base;
	s->retry = evtimer_new(base, on_retry, s);
	if (store_serials_get(store, &s->rows, &s->count, error, size)) {
		if (s->count > 1)
			qsort(s->rows, s->count, sizeof(*s->rows), row_order);
		return s;
	}
	serials_free(s);
	return NULL;
}

void
serials_free(struct serials *s)
{
	if (s == NULL)
		return;
	work_cancel(s->work);
	event_free(s->retry);
	rows_free(s->writing, s->nwriting);
	rows_free(s->rows, s->count);
	free(s);
}

void
serials_fill(const struct serials *s, const struct conf *conf, struct world_start *starts)
{
	for (size_t i = 0; i < conf->nzones; i++) {
		const struct store_serial *row = serials_row(s, conf->zones[i].text);

		if (row == NULL)
			continue;
		starts[i].stored = true;
		starts[i].clean = row->clean;
		starts[i].serial = row_last(row);
		starts[i].was = (struct digest){ { row->digest[0], row->digest[1] } };
	}
}

/* The disk's word on promises, once when it changes. */
static void
serials_tell(struct serials *s, bool ok, const char *error)
{
	static const struct timeval retry = { .tv_usec = RETRY_US };

	if (ok)
		event_del(s->retry);
	else
		event_add(s->retry, &retry);
	if (!ok && !s->failed)
		log_errorx("%s; serials are used on, but after a crash one may come again", error);
	else if (ok && s->failed)
		log_info("serials are kept again");
	s->failed = !ok;
}

/* Puts what was written into the rows. */
static void
serials_written(struct serials *s, const struct store_serial *written, size_t n)
{
	size_t before = s->count;

	for (size_t i = 0; i < n; i++) {
		struct store_serial *row = NULL;

		if (before > 0)
			row = bsearch(&written[i], s->rows, before, sizeof(*row), row_order);
		if (row == NULL) {
			s->rows = mem_grow(s->rows, s->count, sizeof(*s->rows));
			row = &s->rows[s->count++];
			*row = (struct store_serial){ .zone = mem_text(written[i].zone), .serial = written[i].serial };
		}
		if (serial_after(written[i].serial, row->serial))
			row->serial = written[i].serial;       /* it may have gone on meanwhile */
		row->ceiling = written[i].ceiling;
		row->clean = written[i].clean;
		memcpy(row->digest, written[i].digest, sizeof(row->digest));
	}
	if (s->count > before)
		qsort(s->rows, s->count, sizeof(*s->rows), row_order);
}

static void
serials_write(void *arg)
{
	struct serials *s = arg;

	s->ok = store_serials_put(s->store, s->writing, s->nwriting, s->error, sizeof(s->error));
}

static void
serials_wrote(void *arg)
{
	struct serials *s = arg;

	s->work = NULL;
	serials_tell(s, s->ok, s->error);
	if (s->ok)
		serials_written(s, s->writing, s->nwriting);
	rows_free(s->writing, s->nwriting);
	s->writing = NULL;
	s->nwriting = 0;
}

/* A write under way is done when this returns, and not undone by one that follows. */
static void
serials_await(struct serials *s)
{
	if (s->work == NULL)
		return;
	work_cancel(s->work);
	serials_wrote(s);
}

/* The greatest serial that a zone may begin with. row NULL: none is stored; current 0: no edition. */
static uint32_t
serial_bound(const struct conf_zone *zone, const struct store_serial *row, uint32_t loaded, uint32_t current)
{
	uint32_t used = current;

	if (current == 0 && row == NULL)
		return loaded != 0 ? loaded : 1;
	if (current == 0)
		used = row_last(row);
	return serial_given(zone, loaded, used) ? loaded : serial_next(used);
}

void
serials_promise(struct serials *s, const struct conf *conf, const uint32_t *loaded, const uint32_t *current)
{
	struct store_serial *new = mem_array(conf->nzones, sizeof(*new));
	char error[512];
	size_t n = 0;
	bool ok;

	serials_await(s);
	for (size_t i = 0; i < conf->nzones; i++) {
		const struct conf_zone *zone = &conf->zones[i];
		const struct store_serial *row = serials_row(s, zone->text);
		uint32_t bound = serial_bound(zone, row, loaded[i], current[i]);

		if (row == NULL || row->clean || row_left(row, bound) <= AHEAD)
			new[n++] = (struct store_serial){ .zone = zone->text, .serial = bound, .ceiling = bound + PROMISED };
	}
	ok = n == 0 || store_serials_put(s->store, new, n, error, sizeof(error));
	serials_tell(s, ok, error);
	for (size_t i = 0; !ok && i < n; i++)
		new[i].ceiling = new[i].serial;        /* nothing is promised: the next numbering tries again */
	serials_written(s, new, n);
	free(new);
}

/* The rows that run short, further ahead. */
static void
serials_extend(struct serials *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct store_serial *row = &s->rows[i];
		struct store_serial *next;

		if (row->clean || row_left(row, row->serial) > AHEAD)
			continue;
		s->writing = mem_grow(s->writing, s->nwriting, sizeof(*s->writing));
		next = &s->writing[s->nwriting++];
		*next = *row;
		next->zone = mem_text(row->zone);
		next->ceiling = row->serial + PROMISED;
	}
	s->work = work_start(s->base, serials_write, serials_wrote, s);
	if (s->work == NULL) {                 /* no thread: the disk is waited for here */
		serials_write(s);
		serials_wrote(s);
	}
}

void
serials_used(struct serials *s, const char *zone, uint32_t serial)
{
	struct store_serial *row = serials_row(s, zone);

	assert(row != NULL);                   /* promised, or at least tried to */
	row->serial = serial;
	if (serial_after(serial, row->ceiling))
		serials_tell(s, false, "homing.db: the disk does not keep up with the serials of zones");
	if (row_left(row, serial) <= AHEAD && s->work == NULL)
		serials_extend(s);
}

/* What IXFR sends goes on where it stops. Without it secondaries transfer whole zones: no more than a line in the log. */
static void
history_keep(struct serials *s, const struct conf *conf, const struct world *w)
{
	struct store_history *all = mem_array(conf->nzones, sizeof(*all));
	char error[512];
	size_t n = 0;

	for (size_t i = 0; i < conf->nzones; i++) {
		const struct edition *e = world_edition(w, i);

		if (e->nhistory > 0)
			all[n++] = (struct store_history){ conf->zones[i].text, e->history, e->nhistory };
	}
	if (!store_history_put(s->store, all, n, error, sizeof(error)))
		log_warnx("%s; secondaries that are behind will transfer whole zones", error);
	free(all);
}

bool
serials_keep(struct serials *s, const struct conf *conf, const struct world *w)
{
	struct store_serial *all = mem_array(conf->nzones, sizeof(*all));
	char error[512];
	bool ok;

	for (size_t i = 0; i < conf->nzones; i++) {
		const struct digest *digest = world_digest(w, i);
		uint32_t serial = world_edition(w, i)->serial;

		all[i] = (struct store_serial){ conf->zones[i].text, serial, serial, true, { digest->sum[0], digest->sum[1] } };
	}
	serials_await(s);
	ok = store_serials_put(s->store, all, conf->nzones, error, sizeof(error));
	if (!ok)
		log_errorx("%s; the next start goes on behind the serials that were promised", error);
	else
		history_keep(s, conf, w);
	free(all);
	return ok;
}
