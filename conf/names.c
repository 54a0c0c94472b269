/* names.c - finding things by name. */
#include "conf/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { NAME_LONG = 64 };               /* longer texts are compared exactly only */

void
names_add(struct names *n, const void *scope, const char *name, const void *item)
{
	n->list = mem_grow(n->list, n->count, sizeof(*n->list));
	n->list[n->count] = (struct name){ scope, name, item, n->count };
	n->count++;
}

static int
name_compare(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;

	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int
name_order(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;
	int c = name_compare(a, b);

	return c != 0 ? c : (a->order > b->order) - (a->order < b->order);
}

void
names_sort(struct names *n, void (*twice)(void *ctx, const void *item, const void *first), void *ctx)
{
	const struct name *first = n->list;

	if (n->count > 0)
		qsort(n->list, n->count, sizeof(*n->list), name_order);
	for (size_t i = 1; twice != NULL && i < n->count; i++) {
		if (name_compare(first, &n->list[i]) == 0)
			twice(ctx, n->list[i].item, first->item);
		else
			first = &n->list[i];
	}
}

/* The first whose name is not below that of key. */
static size_t
names_place(const struct names *n, const struct name *key)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (name_compare(&n->list[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const void *
names_find(const struct names *n, const void *scope, const char *name)
{
	const struct name key = { .scope = scope, .name = name };
	size_t i = names_place(n, &key);

	return i < n->count && name_compare(&n->list[i], &key) == 0 ? n->list[i].item : NULL;
}

const char *
names_close(const struct names *n, const void *scope, const char *text)
{
	const struct name key = { .scope = scope, .name = "" };
	unsigned best = name_tolerance(text) + 1;
	const char *close = NULL;

	for (size_t i = names_place(n, &key); i < n->count && n->list[i].scope == scope; i++) {
		unsigned d = name_distance(text, n->list[i].name, best);

		if (d < best) {
			best = d;
			close = n->list[i].name;
		}
	}
	return close;
}

void
names_free(struct names *n)
{
	free(n->list);
	*n = (struct names){ 0 };
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's, one row of the matrix at a time. */
unsigned
name_distance(const char *a, const char *b, unsigned limit)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned row[NAME_LONG + 1];

	if (na > NAME_LONG || nb > NAME_LONG || na > nb + limit || nb > na + limit)
		return limit + 1;
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(change, 1 + least(row[j], row[j - 1]));
		}
	}
	return least(row[nb], limit + 1);
}

unsigned
name_tolerance(const char *text)
{
	size_t n = strlen(text);

	return n < 3 ? 0 : n < 6 ? 1 : 2;
}
