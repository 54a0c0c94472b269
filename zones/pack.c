/* pack.c - ready-made sections with compressed names. */
#include "zones/pack.h"

#include <assert.h>
#include <string.h>

#include "zones/rrbuf.h"

static void
pack_begin(struct pack *p, const uint8_t *base)
{
	p->packed = (struct packed){ .base_length = (uint16_t)dname_length(base), .pointers = p->pointers, .bytes = p->bytes };
	p->names = 0;
	for (const uint8_t *name = base; *name != 0; name += *name + 1) {
		p->name[p->names].name = name;
		p->name[p->names++].offset = (uint16_t)(12 + (name - base));
	}
}

/* The message offset of the next byte. */
static unsigned
pack_offset(const struct pack *p)
{
	return 12u + p->packed.base_length + 4 + p->packed.size;
}

static bool
pack_bytes(struct pack *p, const void *bytes, size_t size)
{
	if (size > (size_t)(PACK_MAX - p->packed.size))
		return false;
	if (size > 0)
		memcpy(p->bytes + p->packed.size, bytes, size);
	p->packed.size = (uint16_t)(p->packed.size + size);
	return true;
}

static bool
pack_u16(struct pack *p, unsigned n)
{
	return pack_bytes(p, (uint8_t[]){ (uint8_t)(n >> 8), (uint8_t)n }, 2);
}

static bool
pack_pointer(struct pack *p, unsigned offset)
{
	if (p->packed.npointers == PACK_POINTERS)
		return false;
	p->pointers[p->packed.npointers] = p->packed.size;
	if (!pack_u16(p, 0xc000 | offset))
		return false;
	p->packed.npointers++;
	return true;
}

/* Writes a name, its longest known suffix as a pointer. name must live as long as the packing. */
static bool
pack_name(struct pack *p, const uint8_t *name)
{
	for (; *name != 0; name += *name + 1) {
		for (unsigned i = 0; i < p->names; i++)
			if (dname_equal(p->name[i].name, name))
				return pack_pointer(p, p->name[i].offset);
		if (p->names < PACK_NAMES && p->packed.size < PACK_REACH) {
			p->name[p->names].name = name;
			p->name[p->names++].offset = (uint16_t)pack_offset(p);
		}
		if (!pack_bytes(p, name, *name + 1u))
			return false;
	}
	return pack_bytes(p, name, 1);
}

/* Writes type, class, TTL and rdata of an RR: the first `names` things in its rdata are names. */
static bool
pack_rr(struct pack *p, const uint8_t *owner, const uint8_t *rr, uint32_t ttl, unsigned names)
{
	struct rr parts;
	const uint8_t *end = rr_read(rr, &parts), *at = parts.rdata;
	uint16_t length_at;

	if (!pack_name(p, owner) || !pack_bytes(p, rr + 2, 4) || !pack_u16(p, ttl >> 16) || !pack_u16(p, ttl & 0xffff))
		return false;
	length_at = p->packed.size;
	if (!pack_u16(p, 0))
		return false;
	for (; names > 0; names--) {
		if (!pack_name(p, at))
			return false;
		at += dname_length(at);
	}
	if (!pack_bytes(p, at, (size_t)(end - at)))
		return false;
	unsigned length = p->packed.size - length_at - 2u;
	p->bytes[length_at] = (uint8_t)(length >> 8);
	p->bytes[length_at + 1] = (uint8_t)length;
	return true;
}

/* All RRs of a set, or none of them; returns how many. */
static unsigned
pack_rrset(struct pack *p, const uint8_t *owner, const struct rrset *s, unsigned names)
{
	struct packed before = p->packed;
	uint16_t names_before = p->names;
	const uint8_t *rr = s->bytes;

	for (unsigned i = 0; i < s->count; i++) {
		struct rr parts;
		const uint8_t *next = rr_read(rr, &parts);

		if (!pack_rr(p, owner, rr, parts.ttl, names)) {
			p->packed = before;
			p->names = names_before;
			return 0;
		}
		rr = next;
	}
	return s->count;
}

static uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

const struct packed *
pack_negative(struct pack *p, const uint8_t *apex, const struct rrset *soa)
{
	struct rr rr;
	uint32_t minimum;
	bool whole;

	pack_begin(p, apex);
	if (soa == NULL)
		return &p->packed;
	minimum = get32(rr_read(soa->bytes, &rr) - 4);
	whole = pack_rr(p, apex, soa->bytes, minimum < rr.ttl ? minimum : rr.ttl, 2);
	assert(whole);                         /* two names and five numbers */
	(void)whole;
	p->packed.nscount = 1;
	p->packed.need = p->packed.size;
	return &p->packed;
}

/* The addresses of the name servers that are (or are not) at or below the cut. */
static void
pack_glue(struct pack *p, const struct node *cut, const struct rrset *ns, bool in_domain, pack_lookup *lookup, void *arg)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	const uint8_t *rr = ns->bytes;

	for (unsigned i = 0; i < ns->count; i++) {
		struct rr parts;
		const struct node *n;

		rr = rr_read(rr, &parts);
		if (dname_is_under(parts.rdata, node_name(cut)) != in_domain)
			continue;
		n = lookup(arg, parts.rdata);
		for (unsigned t = 0; n != NULL && t < 2; t++) {
			const struct rrset *s = node_rrset(n, types[t]);

			if (s != NULL)
				p->packed.arcount = (uint16_t)(p->packed.arcount + pack_rrset(p, parts.rdata, s, 0));
		}
	}
}

const struct packed *
pack_referral(struct pack *p, const struct node *cut, pack_lookup *lookup, void *arg)
{
	const struct rrset *ns = node_rrset(cut, TYPE_NS), *ds = node_rrset(cut, TYPE_DS);

	assert(ns != NULL);
	pack_begin(p, node_name(cut));
	p->packed.nscount = (uint16_t)pack_rrset(p, node_name(cut), ns, 1);
	assert(p->packed.nscount == ns->count);        /* an RRset has room: packed it is smaller */
	p->packed.ds_at = p->packed.size;
	if (ds != NULL) {
		p->packed.dscount = (uint16_t)pack_rrset(p, node_name(cut), ds, 0);
		p->packed.nscount = (uint16_t)(p->packed.nscount + p->packed.dscount);
		p->packed.ds_size = (uint16_t)(p->packed.size - p->packed.ds_at);
	}
	p->packed.need = p->packed.size;
	pack_glue(p, cut, ns, true, lookup, arg);
	p->packed.arneed = p->packed.arcount;
	pack_glue(p, cut, ns, false, lookup, arg);
	return &p->packed;
}
