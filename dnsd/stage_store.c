/* stage_store.c - what a configuration on its way finds in homing.db, and leaves there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/stage.h"
#include "dnsd/store.h"
#include "zones/zone.h"

enum { ERROR_TEXT = 512 };

/* ---- history ---- */

static void
stage_kept(struct world_start *start, struct store_reader *reader, const struct conf_zone *zone)
{
	const struct changes **steps;
	char error[ERROR_TEXT];
	size_t n;

	if (!store_history_get(reader, zone->text, zone->name, &steps, &n, error, sizeof(error)))
		log_warnx("%s; secondaries that are behind will transfer it whole", error);
	if (n == 0)
		return;
	start->kept = mem_alloc(sizeof(*start->kept));
	*start->kept = (struct edition){ .serial = steps[n - 1]->to, .at_ms = steps[n - 1]->at_ms, .nhistory = n, .history = steps };
}

void
stage_history(struct stage *s)
{
	struct store_reader *reader;
	char error[ERROR_TEXT];

	if (!store_reader_open(s->state != NULL ? s->state : s->conf->daemon.state, &reader, error, sizeof(error)))
		log_warnx("%s", error);
	for (size_t i = 0; reader != NULL && i < s->conf->nzones; i++)
		stage_kept(&s->starts[i], reader, &s->conf->zones[i]);
	store_reader_close(reader);
}

/* ---- seeds ---- */

bool
stage_wants_seed(const struct stage *s)
{
	for (size_t i = 0; i < s->conf->nzones; i++)
		if (s->seeds[i])
			return !s->seeded;
	return false;
}

/* Takes back the first n. */
static void
seeds_forget(struct stage *s, struct store *store, size_t n)
{
	char error[ERROR_TEXT];

	for (size_t i = 0; i < n; i++)
		if (s->seeds[i] && !store_forget(store, s->conf->zones[i].text, error, sizeof(error)))
			log_warnx("%s; zone %s will be read from homing.db as it is now, should it ever be dynamic", error, s->conf->zones[i].text);
}

bool
stage_seed(struct stage *s, struct store *store)
{
	char error[ERROR_TEXT], path[DNAME_TEXT + sizeof("zones.")];

	for (size_t i = 0; i < s->conf->nzones; i++) {
		const struct conf_zone *zone = &s->conf->zones[i];

		if (!s->seeds[i] || store_seed(store, zone->text, s->zones[i], false, error, sizeof(error)))
			continue;
		snprintf(path, sizeof(path), "zones.%s", zone->text);
		diag_add(&s->diag, s->conf->file, zone->line, path, "%s", error);
		seeds_forget(s, store, i);
		return false;
	}
	s->seeded = true;
	return true;
}

void
stage_unseed(struct stage *s, struct store *store)
{
	if (s->seeded)
		seeds_forget(s, store, s->conf->nzones);
	s->seeded = false;
}

/* ---- what is said of it ---- */

static void
tell_unused(void *arg, const char *name)
{
	const struct stage *s = arg;

	for (size_t i = 0; i < s->conf->nzones; i++)
		if (s->conf->zones[i].type != ZONE_DYNAMIC && strcmp(s->conf->zones[i].text, name) == 0)
			log_info("%s: not dynamic now; the records of it in homing.db stay, unused (should it be dynamic again, it has those)",
			    name);
}

void
stage_tell(const struct stage *s, struct store *store)
{
	char error[ERROR_TEXT];

	for (size_t i = 0; i < s->conf->nzones; i++)
		if (s->seeds[i])
			log_info("%s: homing.db begins with %zu names of %s; it is changed by updates alone from now on", s->conf->zones[i].text,
			    zone_names(s->zones[i]), s->conf->zones[i].file != NULL ? s->conf->zones[i].file : "our making");
	if (!store_zones_each(store, tell_unused, (void *)(uintptr_t)s, error, sizeof(error)))
		log_warnx("%s", error);
}
