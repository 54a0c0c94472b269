/* reply.c - pasting ready bytes into a message.
 *
 *     as packed (virtual)                      in the message
 *     12            base name                  name.at ... name ends with the base name
 *     12 + base     type, class                (somewhere else)
 *     12 + base + 4 the packed bytes           where they are pasted
 *
 * Pointers below 12 + base lead into the base name and move with it; pointers
 * from 12 + base + 4 on lead into the packed bytes and move with those. */
#include "dnsd/reply.h"

#include <assert.h>

/* Every RR's owner is a pointer to the question; makes it one to another place. */
static void
reply_point_owners(uint8_t *rr, unsigned count, struct place owner)
{
	for (; count > 0; count--) {
		be16_put(rr, 0xC000u | owner.at);
		rr += 12 + be16_get(rr + 10);
	}
}

void
reply_rrset(struct reply *r, const struct rrset *set, struct place owner)
{
	const uint8_t *from = set->bytes;
	size_t size = set->size;
	unsigned count = set->count;

	if (set->rotor != NULL) {
		size_t each = set->size / set->count;
		uint32_t turn = atomic_fetch_add_explicit(set->rotor, 1, memory_order_relaxed);

		count = set->window;
		size = each * count;
		from += each * (turn % set->count);
	}

	uint8_t *to = wr_bytes(&r->w, from, size);

	if (to == NULL)
		return;
	if (owner.at != HEADER_SIZE)
		reply_point_owners(to, count, owner);
	r->ancount = (uint16_t)(r->ancount + count);
}

/* ---- packed answers ---- */

/* Moves the pointers in the first size bytes, pasted at to. */
static void
reply_relocate(uint8_t *to, size_t size, const struct packed *p, ptrdiff_t name_shift, ptrdiff_t body_shift)
{
	for (unsigned i = 0; i < p->npointers && p->pointers[i] < size; i++) {
		uint8_t *at = to + p->pointers[i];
		ptrdiff_t target = be16_get(at) & POINTER_MAX;

		target += target < HEADER_SIZE + p->base_length ? name_shift : body_shift;
		/* Ours: packing points at nothing beyond its first 4 KiB, and no chain before it takes 9. */
		assert(target <= POINTER_MAX);
		be16_put(at, 0xC000u | (unsigned)target);
	}
}

/* One RR of the glue, by its offsets in p. */
struct glue {
	size_t owner, type, end;
};

static struct glue
reply_glue_at(const struct packed *p, size_t at)
{
	struct glue g = { .owner = at, .type = at };
	const uint8_t *b = p->bytes;

	while (b[g.type] != 0 && b[g.type] < 0xC0)
		g.type += b[g.type] + 1u;
	g.type += b[g.type] == 0 ? 1 : 2;
	g.end = g.type + 10 + be16_get(b + g.type + 8);
	assert(g.end <= p->size);
	return g;
}

static bool
reply_glue_same_set(const struct packed *p, struct glue a, struct glue b)
{
	size_t size = a.type + 2 - a.owner;    /* owner and type: compressed alike within a set */

	return size == b.type + 2 - b.owner && memcmp(p->bytes + a.owner, p->bytes + b.owner, size) == 0;
}

/* How many bytes of p fit into room when whole glue RRsets are left off its end; *count: the RRs that stay. */
static size_t
reply_glue_fit(const struct packed *p, size_t room, unsigned *count)
{
	struct glue set = { 0 };               /* the first RR of the set at hand */
	size_t fits = p->need;
	unsigned n = 0;

	*count = 0;
	for (size_t at = p->need; at <= room && at < p->size; n++) {
		struct glue g = reply_glue_at(p, at);

		if (n == 0 || !reply_glue_same_set(p, set, g)) {
			set = g;
			fits = at;
			*count = n;
		}
		at = g.end;
	}
	return fits;
}

void
reply_packed(struct reply *r, const struct packed *p, struct place name)
{
	ptrdiff_t name_shift = name.at + name.size - p->base_length - HEADER_SIZE;
	ptrdiff_t body_shift = (ptrdiff_t)wr_size(&r->w) - (HEADER_SIZE + p->base_length + 4);
	size_t room = (size_t)(r->w.end - r->w.p), size = p->size;
	unsigned glue = p->arcount;

	assert(name.size >= p->base_length);
	if (size > room && p->need <= room)
		size = reply_glue_fit(p, room, &glue);

	uint8_t *to = wr_bytes(&r->w, p->bytes, size);

	if (to == NULL)
		return;
	if ((name_shift | body_shift) != 0)
		reply_relocate(to, size, p, name_shift, body_shift);
	if (glue < p->arneed)
		r->flags |= FLAG_TC;
	r->ancount = (uint16_t)(r->ancount + p->ancount);
	r->nscount = (uint16_t)(r->nscount + p->nscount);
	r->arcount = (uint16_t)(r->arcount + glue);
}
