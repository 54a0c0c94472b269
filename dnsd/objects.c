/* objects.c - what was added at run time. */
#include "dnsd/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/store.h"

/* ---- the set ---- */

struct objects *
objects_new(void)
{
	return mem_alloc(sizeof(struct objects));
}

static void
object_free(struct object *o)
{
	free(o->service);
	free(o->name);
	free(o->text);
	free(o->owner);
	free(o->left_out);
	free(o);
}

void
objects_free(struct objects *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->count; i++)
		object_free(all->list[i]);
	free(all->list);
	free(all);
}

static int
object_order(const struct object *o, const char *service, const char *name)
{
	int c;

	if (o->service == NULL || service == NULL)
		c = (o->service != NULL) - (service != NULL);
	else
		c = strcmp(o->service, service);
	return c != 0 ? c : strcmp(o->name, name);
}

/* The first that is not before it. */
static size_t
objects_place(const struct objects *all, const char *service, const char *name)
{
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (object_order(all->list[middle], service, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
object_is(const struct objects *all, size_t i, const char *service, const char *name)
{
	return i < all->count && object_order(all->list[i], service, name) == 0;
}

const struct object *
objects_find(const struct objects *all, const char *service, const char *name)
{
	size_t i = objects_place(all, service, name);

	return object_is(all, i, service, name) ? all->list[i] : NULL;
}

static void
objects_drop(struct objects *all, size_t i)
{
	object_free(all->list[i]);
	all->count--;
	memmove(&all->list[i], &all->list[i + 1], (all->count - i) * sizeof(struct object *));
}

void
objects_set(struct objects *all, const char *service, const char *name, const char *text, const char *owner)
{
	size_t i = objects_place(all, service, name);
	struct object *o;

	if (text == NULL) {
		if (object_is(all, i, service, name))
			objects_drop(all, i);
		return;
	}
	o = mem_alloc(sizeof(*o));
	*o = (struct object){ mem_text(service), mem_text(name), mem_text(text), mem_text(owner), NULL };
	if (object_is(all, i, service, name)) {
		object_free(all->list[i]);
	} else {
		all->list = mem_resize(all->list, (all->count + 1) * sizeof(struct object *));
		memmove(&all->list[i + 1], &all->list[i], (all->count - i) * sizeof(struct object *));
		all->count++;
	}
	all->list[i] = o;
}

const char *
object_words(const char *service, const char *name, char buf[OBJECT_WORDS])
{
	if (service == NULL)
		snprintf(buf, OBJECT_WORDS, "server %s", name);
	else
		snprintf(buf, OBJECT_WORDS, "member %s of %s", name, service);
	return buf;
}

/* ---- homing.db ---- */

/* A member's name there is its service's and its own; neither has a blank. */
static void
on_kept(void *arg, const char *kind, const char *name, const char *settings, const char *owner)
{
	const char *blank = strrchr(name, ' ');
	char *service;

	(void)kind;
	if (blank == NULL) {
		objects_set(arg, NULL, name, settings, owner);
		return;
	}
	service = mem_printf("%.*s", (int)(blank - name), name);
	objects_set(arg, service, blank + 1, settings, owner);
	free(service);
}

bool
objects_load(struct objects *all, struct store *store, char *error, size_t size)
{
	return store_object_each(store, on_kept, all, error, size);
}

bool
objects_read(struct objects *all, const char *folder, char *error, size_t size)
{
	struct store_reader *reader;
	bool ok = store_reader_open(folder, &reader, error, size);

	if (ok && reader != NULL)
		ok = store_reader_objects(reader, on_kept, all, error, size);
	if (ok)
		store_reader_close(reader);
	return ok;
}

bool
objects_keep(struct store *store, const char *service, const char *name, const char *text, const char *owner, char *error, size_t size)
{
	char *key = service != NULL ? mem_printf("%s %s", service, name) : mem_text(name);
	bool ok = store_object_put(store, service != NULL ? "member" : "server", key, text, owner, error, size);

	free(key);
	return ok;
}

/* ---- beside homing.conf ---- */

static bool
member_configured(const struct conf_service *s, const char *name, unsigned *line)
{
	for (size_t i = 0; i < s->nmembers; i++) {
		const struct conf_member *m = &s->members[i];

		if (!m->added && strcmp(m->server->name, name) == 0) {
			*line = m->line;
			return true;
		}
	}
	return false;
}

bool
objects_configured(const struct conf *conf, const char *service, const char *name, unsigned *line)
{
	for (size_t i = 0; service != NULL && i < conf->nservices; i++)
		if (strcmp(conf->services[i].text, service) == 0)
			return member_configured(&conf->services[i], name, line);
	for (size_t i = 0; service == NULL && i < conf->nservers; i++)
		if (!conf->servers[i].added && strcmp(conf->servers[i].name, name) == 0) {
			*line = conf->servers[i].line;
			return true;
		}
	return false;
}

/* ---- what fits ---- */

/* Objects that shall be part of a configuration, if they can. */
struct round {
	struct conf_more *more;
	char **left_out;                       /* why it is not part of it; NULL: it is */
	bool *may_fall;                        /* others are refused together */
	size_t count;
};

static struct round
round_new(size_t room)
{
	return (struct round){ mem_array(room, sizeof(struct conf_more)), mem_array(room, sizeof(char *)), mem_array(room, sizeof(bool)), 0 };
}

static void
round_add(struct round *r, const char *service, const char *name, const char *text, const char *owner, bool may_fall)
{
	r->more[r->count] = (struct conf_more){ .service = service, .name = name, .text = text, .owner = owner };
	r->may_fall[r->count++] = may_fall;
}

static void
round_add_object(struct round *r, const struct object *o, bool may_fall)
{
	round_add(r, o->service, o->name, o->text, o->owner, may_fall);
}

static void
round_free(struct round *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->left_out[i]);
	free(r->left_out);
	free(r->may_fall);
	free(r->more);
}

/* Leaves out those that are wrong and may. which: where in r those that were tried stand. False: there is none. */
static bool
round_leave_out(struct round *r, const struct conf_more *tried, const size_t *which, size_t n, const struct diag *diag)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (tried[i].mistakes == 0 || !r->may_fall[which[i]])
			continue;
		r->left_out[which[i]] = mem_text(tried[i].first < diag->count ? diag->messages[tried[i].first] : "there are more mistakes than are told");
		any = true;
	}
	return any;
}

/* Whoever stands on one that is left out is wrong in the next try: as often as needed. NULL with the mistakes. */
static struct conf *
round_run(struct round *r, const struct conf *base, struct diag *diag)
{
	struct conf_more *tried = mem_array(r->count, sizeof(*tried));
	size_t *which = mem_array(r->count, sizeof(*which));
	struct conf *conf;
	bool again;

	do {
		size_t n = 0;

		for (size_t i = 0; i < r->count; i++)
			if (r->left_out[i] == NULL) {
				which[n] = i;
				tried[n++] = r->more[i];
			}
		conf = conf_amend(base, tried, n, diag);
		again = conf == NULL && round_leave_out(r, tried, which, n, diag);
		if (again)
			diag_clear(diag);
	} while (again);
	free(tried);
	free(which);
	return conf;
}

static struct fits *
fits_new(size_t count)
{
	struct fits *f = mem_alloc(sizeof(*f));

	f->list = mem_array(count, sizeof(*f->list));
	f->count = count;
	return f;
}

struct fits *
objects_fit(const struct objects *all, const struct conf *base)
{
	struct fits *f = fits_new(all->count);
	size_t *which = mem_array(all->count, sizeof(*which));
	struct round r = round_new(all->count);
	struct diag diag = { 0 };
	unsigned line;

	for (size_t i = 0; i < all->count; i++) {
		const struct object *o = all->list[i];

		f->list[i].configured = objects_configured(base, o->service, o->name, &line);
		if (f->list[i].configured)
			continue;
		which[r.count] = i;
		round_add_object(&r, o, true);
	}
	if (r.count > 0)
		f->conf = round_run(&r, base, &diag);
	for (size_t i = 0; i < r.count; i++) {
		const char *why = r.left_out[i];

		if (why == NULL && f->conf == NULL)
			why = diag.count > 0 ? diag.messages[0] : "it does not fit";
		f->list[which[i]].left_out = mem_text(why);
	}
	diag_clear(&diag);
	round_free(&r);
	free(which);
	return f;
}

void
fits_free(struct fits *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].left_out);
	free(f->list);
	conf_free(f->conf);
	free(f);
}

static bool
texts_differ(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static void
object_settle(struct object *o, const char *left_out)
{
	char words[OBJECT_WORDS];

	if (!texts_differ(o->left_out, left_out))
		return;
	object_words(o->service, o->name, words);
	if (left_out != NULL)
		log_warnx("%s, added at run time, is left out: %s", words, left_out);
	else
		log_info("%s, added at run time, fits again", words);
	free(o->left_out);
	o->left_out = mem_text(left_out);
}

void
objects_settle(struct objects *all, const struct fits *f, struct store *store)
{
	char words[OBJECT_WORDS], error[512];

	for (size_t i = 0; i < f->count; i++)
		if (!f->list[i].configured)
			object_settle(all->list[i], f->list[i].left_out);
	for (size_t i = f->count; i-- > 0;) {
		const struct object *o = all->list[i];

		if (!f->list[i].configured)
			continue;
		log_info("%s, added at run time, is configured now: that holds", object_words(o->service, o->name, words));
		if (!objects_keep(store, o->service, o->name, NULL, "", error, sizeof(error)))
			log_errorx("%s", error);
		objects_drop(all, i);
	}
}

struct fits *
objects_try(const struct objects *all, const struct conf *base, const char *service, const char *name, const char *text,
    const char *owner, struct diag *diag)
{
	struct fits *f = fits_new(all->count);
	size_t *which = mem_array(all->count + 1, sizeof(*which)), place = objects_place(all, service, name);
	struct round r = round_new(all->count + 1);

	for (size_t i = 0; i <= all->count; i++) {
		if (i == place && text != NULL) {
			which[r.count] = all->count;
			round_add(&r, service, name, text, owner, false);
		}
		if (i == all->count || object_is(all, i, service, name))
			continue;
		which[r.count] = i;
		round_add_object(&r, all->list[i], all->list[i]->left_out != NULL);
	}
	f->conf = round_run(&r, base, diag);
	for (size_t i = 0; i < r.count; i++)
		if (which[i] < all->count)
			f->list[which[i]].left_out = mem_text(r.left_out[i]);
	round_free(&r);
	free(which);
	if (f->conf != NULL)
		return f;
	fits_free(f);
	return NULL;
}
