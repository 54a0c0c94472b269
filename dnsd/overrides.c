/* overrides.c - the operator's words in force: a short list, oldest first. */
#include "dnsd/overrides.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct overrides {
	struct store *store;
	struct override **list;
	size_t count;
};

const char *
override_text(enum override_state s)
{
	static const char *const words[] = { "drained", "up", "down" };

	return words[s];
}

static void
override_free(struct override *o)
{
	free(o->subject);
	free(o->owner);
	free(o->why);
	free(o);
}

static struct override *
override_copy(const struct override *from)
{
	struct override *o = mem_alloc(sizeof(*o));

	*o = *from;
	o->subject = mem_text(from->subject);
	o->owner = mem_text(from->owner);
	o->why = mem_text(from->why);
	return o;
}

static void
overrides_append(void *arg, const struct override *o)
{
	struct overrides *set = arg;

	set->list = mem_grow(set->list, set->count, sizeof(*set->list));
	set->list[set->count++] = override_copy(o);
}

struct overrides *
overrides_new(struct store *store, char *error, size_t size)
{
	struct overrides *set = mem_alloc(sizeof(*set));

	set->store = store;
	if (store_override_each(store, overrides_append, set, error, size))
		return set;
	overrides_free(set);
	return NULL;
}

void
overrides_free(struct overrides *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		override_free(set->list[i]);
	free(set->list);
	free(set);
}

/* Its place; count if there is none. */
static size_t
overrides_place(const struct overrides *set, const char *subject)
{
	size_t i = 0;

	while (i < set->count && strcmp(set->list[i]->subject, subject) != 0)
		i++;
	return i;
}

const struct override *
overrides_find(const struct overrides *set, const char *subject)
{
	size_t i = overrides_place(set, subject);

	return i < set->count ? set->list[i] : NULL;
}

const struct override *const *
overrides_list(const struct overrides *set, size_t *count)
{
	*count = set->count;
	return (const struct override *const *)set->list;
}

static void
overrides_drop(struct overrides *set, size_t i)
{
	override_free(set->list[i]);
	memmove(&set->list[i], &set->list[i + 1], (set->count - i - 1) * sizeof(*set->list));
	/* mem_grow() takes its measure from count alone: the array keeps the room it has. */
	set->count--;
}

bool
overrides_put(struct overrides *set, const struct override *new, char *error, size_t size)
{
	size_t i = overrides_place(set, new->subject);

	if (!store_override_put(set->store, new, error, size))
		return false;
	if (i < set->count)
		overrides_drop(set, i);
	overrides_append(set, new);
	return true;
}

bool
overrides_remove(struct overrides *set, const char *subject, char *error, size_t size)
{
	size_t i = overrides_place(set, subject);

	if (!store_override_delete(set->store, subject, error, size))
		return false;
	if (i < set->count)
		overrides_drop(set, i);
	return true;
}

uint64_t
overrides_next_expiry_ms(const struct overrides *set)
{
	uint64_t next = 0;

	for (size_t i = 0; i < set->count; i++) {
		uint64_t until = set->list[i]->until_ms;

		if (until != 0 && (next == 0 || until < next))
			next = until;
	}
	return next;
}
