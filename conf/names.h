/* names.h - finding things by name: sorted once, searched often.
 *
 * A name lives in a scope (an interface's is its server; NULL is the whole
 * file), so that one index serves all interfaces of all servers. Names and
 * items belong to the caller and must outlive the index. */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include <stddef.h>

struct name {
	const void *scope;
	const char *name;
	const void *item;
	size_t order;                  /* in which it was added */
};

struct names {
	struct name *list;
	size_t count;
};

void names_add(struct names *n, const void *scope, const char *name, const void *item);

/* To be called between the last names_add() and the first names_find(). Calls
 * twice for each item whose name is taken, with it and the first of that name; NULL: no matter. */
void names_sort(struct names *n, void (*twice)(void *ctx, const void *item, const void *first), void *ctx);

const void *names_find(const struct names *n, const void *scope, const char *name);    /* NULL: none */

/* The name in the scope that text was probably meant to be; NULL: none is close. */
const char *names_close(const struct names *n, const void *scope, const char *text);

void names_free(struct names *n);

/* How many letters must change, at most limit + 1: how far a is from b. */
unsigned name_distance(const char *a, const char *b, unsigned limit);

/* How many wrong letters still leave text recognisable. */
unsigned name_tolerance(const char *text);

#endif
