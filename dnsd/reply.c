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

#include "dnsd/compress.h"

/* Every RR's owner is a pointer to the question; makes it one to another place. */
static void
reply_point_owners(uint8_t *rr, unsigned count, uint16_t at)
{
	for (; count > 0; count--) {
		be16_put(rr, 0xC000u | at);
		rr += 12 + be16_get(rr + 10);
	}
}

/* Copies what is answered of the set, its owners pointing to offset at. Returns how many RRs; 0: they do not fit. */
static unsigned
reply_copy(struct reply *r, const struct rrset *set, uint16_t at)
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
		return 0;
	if (at != HEADER_SIZE)
		reply_point_owners(to, count, at);
	return count;
}

void
reply_rrset(struct reply *r, const struct rrset *set, struct place owner)
{
	r->ancount = (uint16_t)(r->ancount + reply_copy(r, set, owner.at));
}

void
reply_additional(struct reply *r, const struct rrset *set, uint16_t at)
{
	r->arcount = (uint16_t)(r->arcount + reply_copy(r, set, at));
	r->w.full = false;                     /* the answer is whole without them */
}

/* ---- compression when written ---- */

/* Where names begin in the data of a type, and how many: RFC 3597, 4 lets no other type's be compressed. */
static unsigned
type_names(uint16_t type, unsigned *count)
{
	*count = type == TYPE_SOA ? 2 : 1;
	return type == TYPE_MX ? 2 : 0;
}

/* One RR: its data with the names compressed. */
static void
reply_rr_compressed(struct wr *w, struct compress *c, uint16_t owner, uint16_t type, const uint8_t *rr)
{
	const uint8_t *data = rr + 12, *end = data + be16_get(rr + 10);
	unsigned count, before = type_names(type, &count);

	wr_u16(w, 0xC000u | owner);
	wr_bytes(w, rr + 2, 8);
	uint8_t *length = wr_open(w);
	wr_bytes(w, data, before);
	for (data += before; count > 0 && !w->full; count--) {
		compress_name(c, w, data);
		while (*data != 0)
			data += *data + 1u;
		data++;
	}
	wr_bytes(w, data, (size_t)(end - data));
	wr_close(w, length);
}

void
reply_rrset_compressed(struct reply *r, const struct rrset *set, struct place owner, uint16_t *data, unsigned room)
{
	const uint8_t *rr = set->bytes;
	struct compress c;

	assert(set->rotor == NULL);
	compress_begin(&c);
	compress_learn(&c, r->w.start + owner.at, owner.at);
	for (unsigned i = 0; i < set->count && !r->w.full; i++, rr += 12 + be16_get(rr + 10)) {
		if (i < room)
			data[i] = (uint16_t)(wr_size(&r->w) + 12);
		reply_rr_compressed(&r->w, &c, owner.at, set->type, rr);
	}
	if (!r->w.full)
		r->ancount = (uint16_t)(r->ancount + set->count);
}

/* ---- packed answers ---- */

/* How packed bytes are pasted: where they go, and what of them is left out. No pointer leads into what is left out. */
struct paste {
	ptrdiff_t name_shift, body_shift;
	size_t gap_at, gap;            /* offset in the packed bytes; 0 bytes: all is pasted */
};

/* Moves the pointers in the first size packed bytes, pasted at to. */
static void
reply_relocate(uint8_t *to, size_t size, const struct packed *p, const struct paste *paste)
{
	ptrdiff_t body = HEADER_SIZE + p->base_length, gap_end = body + 4 + (ptrdiff_t)(paste->gap_at + paste->gap);

	for (unsigned i = 0; i < p->npointers && p->pointers[i] < size; i++) {
		size_t from = p->pointers[i];
		uint8_t *at = to + (from < paste->gap_at ? from : from - paste->gap);
		ptrdiff_t target;

		if (from >= paste->gap_at && from < paste->gap_at + paste->gap)
			continue;
		target = be16_get(at) & POINTER_MAX;
		if (target < body)
			target += paste->name_shift;
		else
			target += paste->body_shift - (target >= gap_end ? (ptrdiff_t)paste->gap : 0);
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
reply_packed(struct reply *r, const struct packed *p, struct place name, bool dnssec)
{
	const struct paste paste = {
		.name_shift = name.at + name.size - p->base_length - HEADER_SIZE,
		.body_shift = (ptrdiff_t)wr_size(&r->w) - (HEADER_SIZE + p->base_length + 4),
		.gap_at = p->ds_at, .gap = dnssec ? 0 : p->ds_size,
	};
	size_t room = (size_t)(r->w.end - r->w.p) + paste.gap, size = p->size, rest;
	unsigned glue = p->arcount;
	uint8_t *to;

	assert(name.size >= p->base_length);
	if (size > room && p->need <= room)
		size = reply_glue_fit(p, room, &glue);
	to = wr_room(&r->w, size - paste.gap);
	if (to == NULL)
		return;
	rest = paste.gap > 0 ? paste.gap_at : size;
	memcpy(to, p->bytes, rest);
	memcpy(to + rest, p->bytes + rest + paste.gap, size - rest - paste.gap);
	if ((paste.name_shift | paste.body_shift) != 0 || paste.gap > 0)
		reply_relocate(to, size, p, &paste);
	if (glue < p->arneed)
		r->flags |= FLAG_TC;
	r->ancount = (uint16_t)(r->ancount + p->ancount);
	r->nscount = (uint16_t)(r->nscount + p->nscount - (paste.gap > 0 ? p->dscount : 0));
	r->arcount = (uint16_t)(r->arcount + glue);
}
