/* objects.h - servers and members of services that were added at run time, beside those of homing.conf.
 *
 * Each is a group in homing.conf's own words, kept in homing.db. Of a configuration and the objects, objects_fit() makes what
 * serves. homing.conf comes first: what it has itself by now is no object any more, and what does not fit it is left out,
 * kept, and shown, until it fits again or goes.
 *
 * Threads: objects_fit(), objects_try() and fits_free(): any, while the set does not change. All else: the control thread. */
#ifndef DNSD_OBJECTS_H
#define DNSD_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "conf/conf.h"

struct store;

struct object {
	char *service;                         /* as text, of which it is a member; NULL: it is a server */
	char *name;                            /* the server's */
	char *text;                            /* "{ name = \"db9\"; ... }" */
	char *owner;                           /* "" where not given */
	char *left_out;                        /* why it is not part of what serves; NULL: it is */
};

struct objects {
	struct object **list;                  /* servers first, then members by service: as the members are answered, also after a restart */
	size_t count;
};

struct objects *objects_new(void);
void objects_free(struct objects *all);        /* NULL is fine */

/* Adds what the store has. */
bool objects_load(struct objects *all, struct store *store, char *error, size_t size);
/* The same from the homing.db in folder, beside the daemon that may have it open. Where there is none, nothing is added. */
bool objects_read(struct objects *all, const char *folder, char *error, size_t size);

const struct object *objects_find(const struct objects *all, const char *service, const char *name);   /* NULL: none */
/* In the set alone. text NULL: removes it. */
void objects_set(struct objects *all, const char *service, const char *name, const char *text, const char *owner);
/* The same in the store, durable when it returns true. Any thread. */
bool objects_keep(struct store *store, const char *service, const char *name, const char *text, const char *owner, char *error, size_t size);

/* "server db9", "member db9 of www.example.com". Returns buf. */
enum { OBJECT_WORDS = 1200 };
const char *object_words(const char *service, const char *name, char buf[OBJECT_WORDS]);

/* Has conf, without the objects, such a server or member? Then *line is where. */
bool objects_configured(const struct conf *conf, const char *service, const char *name, unsigned *line);

/* What became of each object beside a configuration. */
struct fit {
	bool configured;                       /* it is in homing.conf */
	char *left_out;                        /* why it does not fit; NULL: it does */
};
struct fits {
	struct conf *conf;                     /* with all that fit; NULL: none does, or there is none. Owned until taken */
	struct fit *list;                      /* as objects->list */
	size_t count;
};
/* What the fleet is made of. f NULL: nothing was added. */
static inline const struct conf *
fits_conf(const struct fits *f, const struct conf *base)
{
	return f != NULL && f->conf != NULL ? f->conf : base;
}

/* base: as homing.conf has it. */
struct fits *objects_fit(const struct objects *all, const struct conf *base);
void fits_free(struct fits *f);        /* and conf; NULL is fine */
/* What f found holds from now on: says what changed. What is configured leaves the set, and the store. */
void objects_settle(struct objects *all, const struct fits *f, struct store *store);

/* The same with that one as it would be (text NULL: without it). NULL with the mistakes in diag, where it, or one that fitted
 * before, does not fit; else there is a conf. To be settled before the object is set. */
struct fits *objects_try(const struct objects *all, const struct conf *base, const char *service, const char *name, const char *text,
    const char *owner, struct diag *diag);

#endif
