/* staged.c - RRsets as they shall be: names, the RRsets of each, and a journal.
 *
 * Two tables: names by zone and name, RRsets by name and type; the RRsets of a name are also a list. An RRset that is
 * staged again keeps its entry, and what it held before moves to the journal, where staged_back() finds it. Entries are only
 * ever added at the end, and taken away from there. */
#include "dnsd/staged.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "dnsd/places.h"

enum { NONE = UINT32_MAX };

struct name {
	size_t zone;
	uint8_t *bytes;                /* a block of its own, so that it stays where it is */
	uint32_t hash;
	uint32_t first;                /* of its RRsets: the one staged last; NONE */
};

struct entry {
	struct staged_rrset rrset;     /* its rrs are ours to free */
	uint32_t name;                 /* in names[] */
	uint32_t next;                 /* of that name's; NONE */
};

struct change {
	uint32_t entry;                /* in entries[] */
	bool made;                     /* the entry is new */
	struct rrs *before;
};

struct staged {
	struct name *names;
	struct entry *entries;
	struct change *journal;
	size_t nnames, nentries, njournal;
	struct places by_name, by_type;
	uint8_t key[SIPHASH_KEY];
};

struct staged *
staged_new(void)
{
	struct staged *s = mem_alloc(sizeof(*s));

	if (getrandom(s->key, sizeof(s->key), 0) != (ssize_t)sizeof(s->key))
		abort();                       /* up to 256 bytes come whole once the system has booted (getrandom(2)) */
	return s;
}

void
staged_free(struct staged *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nnames; i++)
		free(s->names[i].bytes);
	for (size_t i = 0; i < s->nentries; i++)
		free((struct rrs *)(uintptr_t)s->entries[i].rrset.rrs);
	for (size_t i = 0; i < s->njournal; i++)
		free(s->journal[i].before);
	free(s->names);
	free(s->entries);
	free(s->journal);
	places_free(&s->by_name);
	places_free(&s->by_type);
	free(s);
}

/* ---- finding ---- */

uint32_t
staged_hash(const struct staged *s, const void *bytes, size_t size)
{
	return size > 0 ? (uint32_t)siphash(s->key, bytes, size) : 0;
}

static uint32_t
name_hash(const struct staged *s, size_t zone, const uint8_t *name)
{
	return staged_hash(s, name, dname_length(name)) ^ (uint32_t)zone * 0x9e3779b1u;
}

/* In names[]; NONE. */
static uint32_t
name_find(const struct staged *s, size_t zone, const uint8_t *name, uint32_t hash)
{
	uint32_t slot = hash, i;

	while (places_next(&s->by_name, hash, &slot, &i))
		if (s->names[i].zone == zone && dname_equal(s->names[i].bytes, name))
			return i;
	return NONE;
}

static uint32_t
type_hash(const struct staged *s, uint32_t name, uint16_t type)
{
	return s->names[name].hash + type * 0x85ebca6bu;
}

/* In entries[]; NONE. */
static uint32_t
entry_find(const struct staged *s, uint32_t name, uint16_t type)
{
	uint32_t hash = type_hash(s, name, type), slot = hash, i;

	while (places_next(&s->by_type, hash, &slot, &i))
		if (s->entries[i].name == name && s->entries[i].rrset.type == type)
			return i;
	return NONE;
}

const struct staged_rrset *
staged_find(const struct staged *s, size_t zone, const uint8_t *name, uint16_t type)
{
	uint32_t at, entry;

	if (s == NULL || s->nentries == 0)
		return NULL;
	at = name_find(s, zone, name, name_hash(s, zone, name));
	entry = at != NONE ? entry_find(s, at, type) : NONE;
	return entry != NONE ? &s->entries[entry].rrset : NULL;
}

const struct staged_rrset *
staged_next(const struct staged *s, size_t zone, const uint8_t *name, const struct staged_rrset *after)
{
	uint32_t at, entry;

	if (s == NULL || s->nentries == 0)
		return NULL;
	if (after != NULL) {                   /* the first member of its entry */
		entry = ((const struct entry *)(const void *)after)->next;
	} else {
		at = name_find(s, zone, name, name_hash(s, zone, name));
		entry = at != NONE ? s->names[at].first : NONE;
	}
	return entry != NONE ? &s->entries[entry].rrset : NULL;
}

size_t
staged_count(const struct staged *s)
{
	return s->nentries;
}

const struct staged_rrset *
staged_at(const struct staged *s, size_t i)
{
	assert(i < s->nentries);
	return &s->entries[i].rrset;
}

/* ---- putting ---- */

static uint32_t
name_put(struct staged *s, size_t zone, const uint8_t *name)
{
	uint32_t hash = name_hash(s, zone, name), at = name_find(s, zone, name, hash);
	struct name *n;
	size_t size;

	if (at != NONE)
		return at;
	size = dname_length(name);
	s->names = mem_grow(s->names, s->nnames, sizeof(*s->names));
	n = &s->names[s->nnames];
	*n = (struct name){ .zone = zone, .bytes = mem_resize(NULL, size), .hash = hash, .first = NONE };
	memcpy(n->bytes, name, size);
	places_add(&s->by_name, hash, (uint32_t)s->nnames);
	return (uint32_t)s->nnames++;
}

static uint32_t
entry_put(struct staged *s, uint32_t name, uint16_t type)
{
	uint32_t at = (uint32_t)s->nentries;
	struct name *n = &s->names[name];

	s->entries = mem_grow(s->entries, s->nentries++, sizeof(*s->entries));
	s->entries[at] = (struct entry){ .rrset = { n->zone, n->bytes, type, NULL }, .name = name, .next = n->first };
	n->first = at;
	places_add(&s->by_type, type_hash(s, name, type), at);
	return at;
}

void
staged_put(struct staged *s, size_t zone, const uint8_t *name, uint16_t type, struct rrs *rrs)
{
	uint32_t at = name_put(s, zone, name), entry = entry_find(s, at, type);
	bool made = entry == NONE;

	if (made)
		entry = entry_put(s, at, type);
	s->journal = mem_grow(s->journal, s->njournal, sizeof(*s->journal));
	s->journal[s->njournal++] = (struct change){ entry, made, (struct rrs *)(uintptr_t)s->entries[entry].rrset.rrs };
	s->entries[entry].rrset.rrs = rrs;
}

/* ---- taking back ---- */

/* The last entry goes, and its name with it if that came with it. */
static void
entry_drop(struct staged *s)
{
	const struct entry *e = &s->entries[--s->nentries];
	struct name *n = &s->names[e->name];

	assert(n->first == s->nentries);       /* the one staged last */
	places_remove(&s->by_type, type_hash(s, e->name, e->rrset.type), (uint32_t)s->nentries);
	n->first = e->next;
	if (n->first != NONE)
		return;
	assert(e->name == s->nnames - 1);      /* names come with their first entry, and go in the same order */
	places_remove(&s->by_name, n->hash, (uint32_t)--s->nnames);
	free(n->bytes);
}

size_t
staged_mark(struct staged *s)
{
	return s->njournal;
}

void
staged_back(struct staged *s, size_t mark)
{
	assert(mark <= s->njournal);
	while (s->njournal > mark) {
		struct change *c = &s->journal[--s->njournal];

		free((struct rrs *)(uintptr_t)s->entries[c->entry].rrset.rrs);
		s->entries[c->entry].rrset.rrs = c->before;
		if (c->made)
			entry_drop(s);
	}
}
