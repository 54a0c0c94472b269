/* random.h - zones made at random, and changed at random. For the tests of whole versions and of transfers. */
#ifndef TESTS_ZONES_RANDOM_H
#define TESTS_ZONES_RANDOM_H

#include <stdlib.h>
#include <string.h>

#include "zones/key.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

static const uint8_t random_apex[] = "\7example";
static _Atomic uint32_t random_rotor;

static unsigned
below(unsigned n)
{
	return (unsigned)rand() % n;
}

/* Few names of many kinds, so that changes meet: hosts, labels of odd bytes, deep ones, names that begin alike. */
static unsigned
random_name(uint8_t out[DNAME_MAX])
{
	static const char letters[] = "ab-_*\\\377\1z0";
	unsigned labels = below(4), size = 0;

	while (labels-- > 0) {
		unsigned length = 1 + below(3);

		out[size++] = (uint8_t)length;
		while (length-- > 0)
			out[size++] = (uint8_t)letters[below(below(4) == 0 ? sizeof(letters) - 1 : 2)];
	}
	memcpy(out + size, random_apex, sizeof(random_apex));
	return size + (unsigned)sizeof(random_apex);
}

/* An RRset with an SOA of this serial. */
static void
random_soa(struct rrbuf *b, uint32_t serial)
{
	uint8_t rdata[2 * DNAME_MAX + 20] = { 0 };
	unsigned size = random_name(rdata);

	size += random_name(rdata + size);
	for (unsigned i = 0; i < 4; i++)
		rdata[size + i] = (uint8_t)(serial >> (24 - 8 * i));
	rrbuf_begin(b, TYPE_SOA, CLASS_IN, 60);
	rrbuf_add(b, rdata, size + 20);
}

/* Well-formed rdata of a type; with few, few different ones. */
static unsigned
random_rdata(uint16_t type, bool few, uint8_t rdata[512])
{
	unsigned before = type == TYPE_MX ? 2 : type == TYPE_SRV ? 6 : 0, size;

	memset(rdata, 0, 16);
	switch (type) {
	case TYPE_A: case TYPE_AAAA:
		rdata[1] = (uint8_t)below(4);
		rdata[2] = (uint8_t)below(few ? 2 : 256);
		return type == TYPE_A ? 4 : 16;
	case TYPE_TXT:
		size = below(few ? 3 : 200);
		rdata[0] = (uint8_t)size;
		memset(rdata + 1, (int)('a' + below(2)), size);
		return size + 1;
	case 65280:
		rdata[0] = (uint8_t)below(2);
		return below(3);
	default:
		size = before + random_name(rdata + before);
		if (below(4) == 0 && rdata[before] > 0)
			rdata[before + 1] = 'A';       /* case is kept, and seen */
		return size;
	}
}

/* A set of a type at random: some large, some rotated. */
static void
random_rrset(struct rrbuf *b)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA, TYPE_TXT, TYPE_NS, TYPE_MX, TYPE_SRV, TYPE_PTR, TYPE_DNAME, 65280 };
	uint16_t type = types[below(sizeof(types) / sizeof(*types))];
	unsigned count = below(50) == 0 ? 300 : 1 + below(4);
	uint8_t rdata[512];

	rrbuf_begin(b, type, CLASS_IN, below(3) == 0 ? 5 : 300);
	for (unsigned i = 0; i < count; i++)
		rrbuf_add(b, rdata, random_rdata(type, count < 100, rdata));
	if (type == TYPE_A && below(2) == 0)
		rrbuf_rotate(b, &random_rotor, 1 + below(3));
}

static void
random_changes(struct zone_edit *e, unsigned count)
{
	struct rrbuf *b = rrbuf_new();
	uint8_t name[DNAME_MAX];

	while (count-- > 0) {
		const struct node *n;

		random_name(name);
		n = zone_edit_at(e, name);
		if (below(3) == 0 && n != NULL && node_next(n, NULL) != NULL && node_next(n, NULL)->type != TYPE_SOA) {
			zone_remove(e, name, node_next(n, NULL)->type);
		} else if (below(10) == 0) {
			zone_mark_service(e, name, below(2) * NODE_ALL_DOWN4);
		} else {
			random_rrset(b);
			zone_put(e, name, b);
		}
	}
	rrbuf_free(b);
}

static inline struct zone *
random_zone(unsigned changes, uint32_t serial)
{
	struct zone_edit *e = zone_edit_new(random_apex);
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone *z;

	random_soa(b, serial);
	zone_put(e, random_apex, b);
	rrbuf_free(b);
	random_changes(e, changes);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	return z;
}

/* Some changes and another serial. *garbage is z's. */
static inline struct zone *
random_next(const struct zone *z, unsigned changes, uint32_t serial, struct garbage **garbage)
{
	struct zone_edit *e = zone_edit(z);

	random_changes(e, changes);
	zone_put_serial(e, serial);
	return zone_commit(e, garbage);
}

#endif
