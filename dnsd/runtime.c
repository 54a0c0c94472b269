/* runtime.c - servers and members that come and go at run time. */
#include "dnsd/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/daemon_state.h"

enum { CHANGES_WAITING = 1024 };       /* beyond, they are refused: whoever sends them waits for no reply */

struct change {
	STAILQ_ENTRY(change) next;
	char *service, *name, *text, *owner;   /* as in struct daemon_change; service in canonical spelling */
	bool only_new;
	bool is_new;                           /* there is none of that name */
	daemon_change_fn *done;
	void *arg;
	struct fits *fits;                     /* what will serve */
	struct diag diag;
	char error[ERROR_TEXT];
};

/* A reload that waits for the change under way. */
struct held_reload {
	bool asked;
	daemon_reload_fn done;                 /* NULL: nobody need be told */
	void *arg;
};

struct runtime {
	struct daemon *d;
	struct objects *objects;
	STAILQ_HEAD(, change) waiting;
	size_t nwaiting;
	struct change *now;                    /* under way; NULL: none is */
	struct work *work;                     /* of now */
	struct fleet *fleet;                   /* now's, probing, until it takes over */
	struct held_reload held;
	bool running;                          /* inside runtime_next() */
};

/* ---- one change ---- */

static struct change *
change_new(const struct daemon_change *change, daemon_change_fn *done, void *arg)
{
	struct change *c = mem_alloc(sizeof(*c));
	uint8_t wire[DNAME_MAX];
	char text[DNAME_TEXT];

	c->service = mem_text(change->service != NULL && dname_parse(change->service, wire) > 0 ? dname_format(wire, text) : change->service);
	c->name = mem_text(change->name);
	c->text = mem_text(change->text);
	c->owner = mem_text(change->owner);
	c->only_new = change->only_new;
	c->done = done;
	c->arg = arg;
	return c;
}

static void
change_free(struct change *c)
{
	if (c == NULL)
		return;
	free(c->service);
	free(c->name);
	free(c->text);
	free(c->owner);
	fits_free(c->fits);
	diag_clear(&c->diag);
	free(c);
}

static void
change_end(struct change *c, enum change_end end)
{
	c->done(c->arg, end, c->error, &c->diag);
	change_free(c);
}

/* ---- may it be? ---- */

static bool
change_is_unknown(const struct runtime *r, struct change *c)
{
	char words[OBJECT_WORDS];

	if (c->text == NULL && c->is_new) {
		snprintf(c->error, ERROR_TEXT, "there is no %.400s", object_words(c->service, c->name, words));
		return true;
	}
	if (c->text == NULL || c->service == NULL || fleet_service(r->d->fleet, c->service) != NULL)
		return false;
	snprintf(c->error, ERROR_TEXT, "no service is named \"%.300s\"", c->service);
	return true;
}

/* Of which service the server is a member; NULL: none. */
static const struct conf_service *
member_of(const struct conf *conf, const char *server)
{
	for (size_t i = 0; i < conf->nservices; i++)
		for (size_t k = 0; k < conf->services[i].nmembers; k++)
			if (strcmp(conf->services[i].members[k].server->name, server) == 0)
				return &conf->services[i];
	return NULL;
}

static bool
change_is_refused(const struct runtime *r, struct change *c)
{
	const struct conf_service *user = NULL;
	char words[OBJECT_WORDS];
	unsigned line;

	if (objects_configured(r->d->conf, c->service, c->name, &line)) {
		snprintf(c->error, ERROR_TEXT, "%.300s is in %.150s, line %u: change it there", c->name, r->d->file, line);
		return true;
	}
	if (c->only_new && !c->is_new) {
		snprintf(c->error, ERROR_TEXT, "there is a %.400s already (PUT replaces it)", object_words(c->service, c->name, words));
		return true;
	}
	if (c->text == NULL && c->service == NULL)
		user = member_of(r->d->fleet->conf, c->name);
	if (user != NULL)
		snprintf(c->error, ERROR_TEXT, "%.63s is a member of %.300s (take it out there first)", c->name, user->text);
	return user != NULL;
}

/* ---- one after the other ---- */

static void
now_end(struct runtime *r, enum change_end end)
{
	struct change *c = r->now;

	r->now = NULL;
	change_end(c, end);
	runtime_next(r);
}

static void
change_tell(struct runtime *r, const struct change *c)
{
	const char *what = c->text == NULL ? "removed" : c->is_new ? "added" : "changed";
	char words[OBJECT_WORDS], text[OBJECT_WORDS + 200];
	struct daemon_event e = { EVENT_CHANGE, clock_wall_ms(), words, "", what, text };

	object_words(c->service, c->name, words);
	snprintf(text, sizeof(text), "%s %s at run time%s%.100s", words, what, *c->owner != '\0' ? " by " : "", c->owner);
	daemon_tell(r->d, &e, true);
}

/* It is on disk, and cannot fail any more. */
static void
now_switch(struct runtime *r)
{
	struct daemon *d = r->d;
	struct change *c = r->now;
	const struct conf *before = d->fleet->conf;
	uint64_t now_us = clock_mono_us();

	decide_flush(d->decide, now_us);       /* what this turn has found so far has other causes */
	change_tell(r, c);
	fleet_take(r->fleet, d->fleet);
	d->fleet = r->fleet;
	r->fleet = NULL;
	decide_members(d->decide, d->fleet, before, now_us);
	runtime_take(r, c->fits);
	objects_set(r->objects, c->service, c->name, c->text, c->owner);
	overrides_forget(d);
	daemon_rearm(d);
	now_end(r, c->text == NULL ? CHANGE_REMOVED : c->is_new ? CHANGE_ADDED : CHANGE_REPLACED);
}

/* On a thread, as nothing may wait for the disk. */
static void
now_keep(void *arg)
{
	struct runtime *r = arg;
	struct change *c = r->now;

	objects_keep(r->d->store, c->service, c->name, c->text, c->owner, c->error, ERROR_TEXT);
}

static void
now_was_kept(void *arg)
{
	struct runtime *r = arg;

	r->work = NULL;
	if (*r->now->error == '\0') {
		now_switch(r);
		return;
	}
	fleet_free(r->fleet, r->d->fleet);
	r->fleet = NULL;
	now_end(r, CHANGE_FAILED);
}

static void
now_read(void *arg)
{
	struct runtime *r = arg;
	struct change *c = r->now;

	c->fits = objects_try(r->objects, r->d->conf, c->service, c->name, c->text, c->owner, &c->diag);
}

static bool
now_work(struct runtime *r, void (*run)(void *arg), void (*done)(void *arg))
{
	r->work = work_start(r->d->base, run, done, r);
	if (r->work == NULL)
		snprintf(r->now->error, ERROR_TEXT, "cannot start a thread for it");
	return r->work != NULL;
}

static void
now_was_read(void *arg)
{
	struct runtime *r = arg;
	struct daemon *d = r->d;
	struct change *c = r->now;

	r->work = NULL;
	if (c->fits != NULL)
		r->fleet = fleet_new(c->fits->conf, d->checker, d->overrides, d->fleet, &c->diag);
	if (r->fleet == NULL) {
		now_end(r, CHANGE_WRONG);
	} else if (!now_work(r, now_keep, now_was_kept)) {
		fleet_free(r->fleet, d->fleet);
		r->fleet = NULL;
		now_end(r, CHANGE_FAILED);
	}
}

/* The oldest that waits; false: it ended at once. */
static bool
now_begin(struct runtime *r)
{
	struct change *c = STAILQ_FIRST(&r->waiting);

	STAILQ_REMOVE_HEAD(&r->waiting, next);
	r->nwaiting--;
	c->is_new = objects_find(r->objects, c->service, c->name) == NULL;
	if (change_is_refused(r, c)) {
		change_end(c, CHANGE_REFUSED);
		return false;
	}
	if (change_is_unknown(r, c)) {
		change_end(c, CHANGE_UNKNOWN);
		return false;
	}
	r->now = c;
	if (now_work(r, now_read, now_was_read))
		return true;
	r->now = NULL;
	change_end(c, CHANGE_FAILED);
	return false;
}

void
runtime_next(struct runtime *r)
{
	struct held_reload held = r->held;

	if (r->now != NULL || r->running)
		return;
	if (held.asked) {
		r->held.asked = false;
		daemon_reload(r->d, held.done, held.arg);
	}
	r->running = true;                     /* those that end at once do so here, not within each other */
	while (r->d->ready && r->d->coming.stage == NULL && !r->d->stopping && r->nwaiting > 0 && !now_begin(r))
		continue;
	r->running = false;
}

void
daemon_change(struct daemon *d, const struct daemon_change *change, daemon_change_fn *done, void *arg)
{
	struct change *c = change_new(change, done, arg);
	struct runtime *r = d->runtime;

	if (d->stopping || r->nwaiting >= CHANGES_WAITING) {
		snprintf(c->error, ERROR_TEXT, "%s", d->stopping ? "homingd is stopping" : "too many changes wait (send the next when one is done)");
		change_end(c, CHANGE_BUSY);
		return;
	}
	STAILQ_INSERT_TAIL(&r->waiting, c, next);
	r->nwaiting++;
	runtime_next(r);
}

bool
runtime_holds_reload(struct runtime *r, daemon_reload_fn done, void *arg)
{
	if (r->now == NULL || (r->held.asked && r->held.done != NULL && done != NULL))
		return false;                  /* of two that want to be told, the second is told that there is one */
	if (!r->held.asked || done != NULL)
		r->held = (struct held_reload){ true, done, arg };
	return true;
}

/* ---- beginning and end ---- */

struct runtime *
runtime_new(struct daemon *d, char error[ERROR_TEXT])
{
	struct runtime *r = mem_alloc(sizeof(*r));

	r->d = d;
	r->objects = objects_new();
	STAILQ_INIT(&r->waiting);
	if (objects_load(r->objects, d->store, error, ERROR_TEXT))
		return r;
	runtime_free(r);
	return NULL;
}

void
runtime_free(struct runtime *r)
{
	struct change *c;

	if (r == NULL)
		return;
	work_cancel(r->work);
	if (r->fleet != NULL)
		fleet_free(r->fleet, r->d->fleet);
	change_free(r->now);
	while ((c = STAILQ_FIRST(&r->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->waiting, next);
		change_free(c);
	}
	objects_free(r->objects);
	free(r);
}

const struct objects *
runtime_objects(const struct runtime *r)
{
	return r->objects;
}

const struct objects *
daemon_objects(const struct daemon *d)
{
	return runtime_objects(d->runtime);
}

void
runtime_take(struct runtime *r, struct fits *fits)
{
	objects_settle(r->objects, fits, r->d->store);
	conf_free(r->d->amended);
	r->d->amended = fits->conf;
	fits->conf = NULL;
}
