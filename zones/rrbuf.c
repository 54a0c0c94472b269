/* rrbuf.c - an RRset under construction. */
#include "zones/rrbuf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
rrbuf_room(struct rrbuf *b, size_t room)
{
	if (room <= b->room)
		return;
	b->room = room > 2 * b->room ? room : 2 * b->room;
	b->set = mem_resize(b->set, sizeof(*b->set) + b->room);
}

static uint8_t *
put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	return p + 2;
}

static uint8_t *
put32(uint8_t *p, uint32_t n)
{
	return put16(put16(p, n >> 16), n & 0xffff);
}

const uint8_t *
rr_read(const uint8_t *p, struct rr *rr)
{
	rr->ttl = (uint32_t)p[6] << 24 | (uint32_t)p[7] << 16 | (uint32_t)p[8] << 8 | p[9];
	rr->rdlength = (uint16_t)(p[10] << 8 | p[11]);
	rr->rdata = p + RR_FIXED;
	return rr->rdata + rr->rdlength;
}

struct rrbuf *
rrbuf_new(void)
{
	struct rrbuf *b = mem_alloc(sizeof(*b));

	rrbuf_room(b, 512);
	rrbuf_begin(b, 0, CLASS_IN, 0);
	return b;
}

void
rrbuf_free(struct rrbuf *b)
{
	if (b == NULL)
		return;
	free(b->set);
	free(b);
}

void
rrbuf_begin(struct rrbuf *b, uint16_t type, uint16_t rrclass, uint32_t ttl)
{
	b->set->rotor = NULL;
	b->set->size = 0;
	b->set->type = type;
	b->set->count = b->set->window = 0;
	b->rrclass = rrclass;
	b->ttl = ttl;
}

static bool
rrbuf_has(const struct rrbuf *b, const void *rdata, size_t size)
{
	const uint8_t *p = b->set->bytes;

	for (unsigned i = 0; i < b->set->count; i++) {
		struct rr rr;

		p = rr_read(p, &rr);
		if (rr.rdlength == size && memcmp(rr.rdata, rdata, size) == 0)
			return true;
	}
	return false;
}

bool
rrbuf_add(struct rrbuf *b, const void *rdata, size_t size)
{
	return rrbuf_has(b, rdata, size) || rrbuf_append(b, rdata, size);
}

bool
rrbuf_append(struct rrbuf *b, const void *rdata, size_t size)
{
	uint8_t *p;

	assert(b->set->rotor == NULL);         /* rotating comes last */
	if (size > RRSET_MAX || b->set->size + RR_FIXED + size > RRSET_MAX)
		return false;
	rrbuf_room(b, b->set->size + RR_FIXED + size);
	p = b->set->bytes + b->set->size;
	p = put16(p, 0xc00c);                  /* the question's name, which follows 12 bytes of header */
	p = put16(p, b->set->type);
	p = put16(p, b->rrclass);
	p = put32(p, b->ttl);
	p = put16(p, (unsigned)size);
	if (size > 0)
		memcpy(p, rdata, size);
	b->set->size += (uint32_t)(RR_FIXED + size);
	b->set->window = ++b->set->count;
	return true;
}

void
rrbuf_rotate(struct rrbuf *b, _Atomic uint32_t *rotor, unsigned window)
{
	struct rrset *s = b->set;

	assert(rotor != NULL && s->rotor == NULL && s->count > 0 && s->size % s->count == 0);
	rrbuf_room(b, 2 * (size_t)s->size);
	s = b->set;
	memcpy(s->bytes + s->size, s->bytes, s->size);
	s->rotor = rotor;
	s->window = (uint16_t)(window < s->count ? window : s->count);
}

void
rrbuf_ttl(struct rrbuf *b, uint32_t ttl)
{
	uint8_t *p = b->set->bytes;

	assert(b->set->rotor == NULL);
	if (b->set->type == TYPE_RRSIG)
		b->ttl = ttl;
	if (ttl >= b->ttl)
		return;
	b->ttl = ttl;
	for (unsigned i = 0; i < b->set->count; i++) {
		struct rr rr;

		put32(p + 6, ttl);
		p = (uint8_t *)(uintptr_t)rr_read(p, &rr);
	}
}

bool
rrbuf_add_all(struct rrbuf *b, const struct rrset *s)
{
	const uint8_t *p = s->bytes;

	for (unsigned i = 0; i < s->count; i++) {
		struct rr rr;

		p = rr_read(p, &rr);
		rrbuf_ttl(b, rr.ttl);
		if (!rrbuf_add(b, rr.rdata, rr.rdlength))
			return false;
	}
	return true;
}

void
rrbuf_begin_from(struct rrbuf *b, const struct rrset *s)
{
	struct rr rr;

	rr_read(s->bytes, &rr);
	rrbuf_begin(b, s->type, (uint16_t)(s->bytes[4] << 8 | s->bytes[5]), rr.ttl);
	rrbuf_room(b, s->size);
	memcpy(b->set->bytes, s->bytes, s->size);
	b->set->size = s->size;
	b->set->count = b->set->window = s->count;
}
