/* compress.c - a table of name endings by hash. */
#include "dnsd/compress.h"

enum { POINTER = 0xC000, POINTER_END = 0x4000 };       /* 14 bits */

/* The endings of a name but the root: where each begins, and its place in the table. */
struct endings {
	unsigned count;
	unsigned size;                 /* of the whole name */
	uint8_t start[LABELS_MAX];
	uint16_t slot[LABELS_MAX];
};

static void
endings_read(struct endings *e, const uint8_t *name)
{
	unsigned at = 0;
	uint32_t hash = 0;

	for (e->count = 0; name[at] != 0; at += name[at] + 1u)
		e->start[e->count++] = (uint8_t)at;
	e->size = at + 1;
	for (unsigned i = e->count; i-- > 0;) {        /* each ending's goes on from that of the next shorter one */
		const uint8_t *label = name + e->start[i];

		for (unsigned k = 0; k <= *label; k++)
			hash = (hash ^ label[k]) * 0x9e3779b1;
		e->slot[i] = (uint16_t)(hash >> (32 - COMPRESS_BITS));
	}
}

/* Does name stand at offset at of the message, pointers followed? */
static bool
name_stands(const uint8_t *message, unsigned at, const uint8_t *name)
{
	for (;;) {
		const uint8_t *label = message + at;

		if (*label >= POINTER >> 8) {
			at = be16_get(label) & (POINTER_END - 1);
			continue;
		}
		if (*label != *name || memcmp(label + 1, name + 1, *label) != 0)
			return false;
		if (*label == 0)
			return true;
		at += *label + 1u;
		name += *name + 1;
	}
}

/* Remembers the first n endings of a name at an offset. */
static void
endings_learn(const struct endings *e, unsigned n, struct compress *c, size_t offset)
{
	for (unsigned i = 0; i < n && offset + e->start[i] < POINTER_END; i++)
		if (c->at[e->slot[i]] == 0)
			c->at[e->slot[i]] = (uint16_t)(offset + e->start[i]);
}

void
compress_begin(struct compress *c)
{
	memset(c, 0, sizeof(*c));
}

void
compress_name(struct compress *c, struct wr *w, const uint8_t *name)
{
	size_t offset = wr_size(w);
	struct endings e;
	unsigned i = 0;

	endings_read(&e, name);
	while (i < e.count && (c->at[e.slot[i]] == 0 || !name_stands(w->start, c->at[e.slot[i]], name + e.start[i])))
		i++;
	if (i < e.count) {
		wr_bytes(w, name, e.start[i]);
		wr_u16(w, POINTER | c->at[e.slot[i]]);
	} else {
		wr_bytes(w, name, e.size);
	}
	if (!w->full)                          /* else it does not stand there, and the next one may be looked for */
		endings_learn(&e, i, c, offset);
}

void
compress_learn(struct compress *c, const uint8_t *name, size_t offset)
{
	struct endings e;

	endings_read(&e, name);
	endings_learn(&e, e.count, c, offset);
}
