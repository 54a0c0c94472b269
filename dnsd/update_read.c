/* update_read.c - an update from the bytes of a message, or record by record.
 *
 * Names are uncompressed as they are read, in rdata too where the type's form (rdata_form.h) has any, so that nothing behind this file knows of messages. What a record's class gives no rdata by type stays as
 * it is: it is for update_check() to say whether there may be any.
 *
 * The memory: one array for all records of a section, and blocks for rdata that are never moved. */
#include "dnsd/update.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dnsd/wire.h"
#include "zones/rdata_form.h"

enum {
	HOPS_MAX = 128,                /* pointers in one name: more than it can have labels between them */
	RR_LEAST = 11,                 /* bytes of a record in a message: root, type, class, TTL, rdlength */
	BLOCK_LEAST = 4096,
	RDATA_MOST = 65535,
	NAMES_MOST = 3,                /* in the rdata of a type */
	TTL_MOST = 0x7fffffff
};

struct block {                         /* of rdata; struct update's memory is the last one made */
	struct block *before;
	size_t used, room;
	uint8_t bytes[];
};

/* ---- memory ---- */

/* Room for size bytes that stay where they are. */
static uint8_t *
update_room(struct update *u, size_t size)
{
	struct block *b = u->memory;

	if (b == NULL || b->room - b->used < size) {
		size_t room = size > BLOCK_LEAST ? size : BLOCK_LEAST;

		b = mem_resize(NULL, sizeof(*b) + room);
		b->before = u->memory;
		b->used = 0;
		b->room = room;
		u->memory = b;
	}
	b->used += size;
	return b->bytes + b->used - size;
}

void
update_free(struct update *u)
{
	if (u == NULL)
		return;
	while (u->memory != NULL) {
		struct block *b = u->memory;

		u->memory = b->before;
		free(b);
	}
	free(u->prerequisites);
	free(u->changes);
	free(u);
}

static const uint8_t *
update_keep(struct update *u, const uint8_t *rdata, size_t size)
{
	return size > 0 ? memcpy(update_room(u, size), rdata, size) : NULL;
}

/* RFC 2181, 8: a TTL with the highest bit set is 0. */
static uint32_t
ttl_of(uint32_t ttl)
{
	return ttl <= TTL_MOST ? ttl : 0;
}

/* ---- record by record ---- */

struct update *
update_new(const uint8_t *zone)
{
	struct update *u = mem_alloc(sizeof(*u));

	memcpy(u->zone, zone, dname_length(zone));
	dname_lower(u->zone);
	u->zone_type = TYPE_SOA;
	u->zone_class = CLASS_IN;
	u->most = UPDATE_RRS_MAX;
	return u;
}

bool
update_add(struct update *u, bool prerequisite, const uint8_t *name, uint16_t type, uint16_t rrclass, uint32_t ttl,
    const uint8_t *rdata, size_t size)
{
	struct update_rr **rrs = prerequisite ? &u->prerequisites : &u->changes, *rr;
	size_t *count = prerequisite ? &u->nprerequisites : &u->nchanges;

	assert(size <= RDATA_MOST);
	if (u->nprerequisites + u->nchanges == u->most)
		return false;
	*rrs = mem_grow(*rrs, *count, sizeof(**rrs));
	rr = &(*rrs)[(*count)++];
	memcpy(rr->name, name, dname_length(name));
	dname_lower(rr->name);
	rr->type = type;
	rr->rrclass = rrclass;
	rr->ttl = ttl_of(ttl);
	rr->size = (uint16_t)size;
	rr->rdata = update_keep(u, rdata, size);
	return true;
}

bool
rdata_valid(uint16_t type, const uint8_t *rdata, size_t size)
{
	return rdata_fits(type, rdata, size);
}

/* ---- from a message ---- */

struct message {
	struct rd r;
	const uint8_t *start;
	uint8_t rdata[RDATA_MOST + NAMES_MOST * DNAME_MAX];    /* of a record, uncompressed; may turn out too long */
};

/* The name at *p, which ends before end; pointers go back in the message, never forth, so that they end. *p goes behind it. The size; 0: it is none. */
static size_t
name_read(const struct message *m, const uint8_t **p, const uint8_t *end, uint8_t out[DNAME_MAX])
{
	const uint8_t *at = *p, *limit = end;
	unsigned hops = 0;
	size_t size = 0;

	while (at < limit) {
		size_t n = *at;

		if (n >= 0xC0 && limit - at >= 2) {
			const uint8_t *to = m->start + (be16_get(at) & 0x3fff);

			if (hops == 0)
				*p = at + 2;
			if (hops++ == HOPS_MAX)
				return 0;
			limit = at;                    /* what a pointer leads to is whole before it (RFC 1035, 4.1.4: a prior occurrence) */
			at = to;
			continue;
		}
		if (n > LABEL_MAX || (size_t)(limit - at) <= n || size + n + 1 > DNAME_MAX)
			return 0;
		memcpy(out + size, at, n + 1);
		size += n + 1;
		at += n + 1;
		if (n == 0) {
			if (hops == 0)
				*p = at;
			return size;
		}
	}
	return 0;
}

/* A name where the message stands. */
static void
message_name(struct message *m, uint8_t out[DNAME_MAX])
{
	size_t n = m->r.bad ? 0 : name_read(m, &m->r.p, m->r.end, out);

	if (n == 0) {
		m->r.bad = true;
		*out = 0;
		return;
	}
	dname_lower(out);
}

static uint32_t
message_u32(struct message *m)
{
	uint32_t high = rd_u16(&m->r);

	return high << 16 | rd_u16(&m->r);
}

/* Uncompresses rdata by its form to m->rdata; its size; FIELD_BAD: it is not what the type has. */
static size_t
message_rdata(struct message *m, uint16_t type, const uint8_t *p, size_t length)
{
	const uint8_t *end = p + length;
	size_t size = 0;

	for (const char *form = rdata_form(type); *form != '\0'; form++) {
		size_t n;

		if (field_is_name(*form)) {
			n = name_read(m, &p, end, m->rdata + size);
			if (n == 0)
				return FIELD_BAD;
		} else {
			n = field_size(*form, p, (size_t)(end - p));
			if (n == FIELD_BAD)
				return FIELD_BAD;
			if (n > 0)
				memcpy(m->rdata + size, p, n);
			p += n;
		}
		size += n;
	}
	return p == end && size <= RDATA_MOST ? size : FIELD_BAD;
}

/* One record. Rdata by type is that of records to add, to remove and to compare with (RFC 2136, 2.4.2, 2.5.1, 2.5.4). */
static void
message_rr(struct message *m, struct update *u, struct update_rr *rr, bool prerequisite)
{
	const uint8_t *rdata;
	uint16_t length;
	size_t size;

	message_name(m, rr->name);
	rr->type = rd_u16(&m->r);
	rr->rrclass = rd_u16(&m->r);
	rr->ttl = ttl_of(message_u32(m));
	length = rd_u16(&m->r);
	rdata = rd_bytes(&m->r, length);
	if (m->r.bad)
		return;
	if (rr->rrclass == CLASS_IN || (rr->rrclass == CLASS_NONE && !prerequisite)) {
		size = message_rdata(m, rr->type, rdata, length);
		rdata = m->rdata;
	} else {
		size = length;
	}
	if (size == FIELD_BAD) {
		m->r.bad = true;
		return;
	}
	rr->size = (uint16_t)size;
	rr->rdata = update_keep(u, rdata, size);
}

static void
message_rrs(struct message *m, struct update *u, size_t count, bool prerequisite)
{
	struct update_rr **rrs = prerequisite ? &u->prerequisites : &u->changes;
	size_t *n = prerequisite ? &u->nprerequisites : &u->nchanges;

	if (m->r.bad || count > rd_left(&m->r) / RR_LEAST) {
		m->r.bad = true;
		return;
	}
	*rrs = count > 0 ? mem_resize(NULL, count * sizeof(**rrs)) : NULL;
	for (; *n < count && !m->r.bad; ++*n)
		message_rr(m, u, &(*rrs)[*n], prerequisite);
}

/* RFC 9664, 4: one duration, or one and another for KEY records. */
static void
message_lease(struct message *m, struct update *u, const uint8_t *option, size_t size)
{
	struct rd r = rd_begin(option, size);
	uint32_t high = rd_u16(&r);

	if (size != 4 && size != 8) {
		m->r.bad = true;
		return;
	}
	u->has_lease = true;
	u->lease_s = u->key_lease_s = high << 16 | rd_u16(&r);
	if (size == 8) {
		high = rd_u16(&r);
		u->key_lease_s = high << 16 | rd_u16(&r);
	}
}

/* Of the additional section only an OPT of version 0 says something about the update. */
static void
message_extra(struct message *m, struct update *u)
{
	uint8_t name[DNAME_MAX];
	struct rd options;
	uint16_t type, length;
	uint32_t ttl;

	message_name(m, name);
	type = rd_u16(&m->r);
	rd_u16(&m->r);
	ttl = message_u32(m);
	length = rd_u16(&m->r);
	options = rd_begin(m->r.p, 0);
	if (rd_bytes(&m->r, length) == NULL || type != TYPE_OPT || (ttl >> 16 & 0xff) != 0)
		return;
	options.end += length;
	while (rd_left(&options) > 0 && !options.bad) {
		uint16_t code = rd_u16(&options), size = rd_u16(&options);
		const uint8_t *option = rd_bytes(&options, size);

		if (code == OPTION_LEASE && !options.bad)
			message_lease(m, u, option, size);
	}
	m->r.bad |= options.bad;
}

static void
message_read(struct message *m, struct update *u)
{
	unsigned zones, prerequisites, changes, extras;

	rd_bytes(&m->r, 4);                    /* ID and flags */
	zones = rd_u16(&m->r);
	prerequisites = rd_u16(&m->r);
	changes = rd_u16(&m->r);
	extras = rd_u16(&m->r);
	message_name(m, u->zone);
	u->zone_type = rd_u16(&m->r);
	u->zone_class = rd_u16(&m->r);
	m->r.bad |= zones != 1 || prerequisites + changes > UPDATE_RRS_MAX;
	message_rrs(m, u, prerequisites, true);
	message_rrs(m, u, changes, false);
	while (extras-- > 0 && !m->r.bad)
		message_extra(m, u);
	m->r.bad |= rd_left(&m->r) > 0;
}

struct update *
update_read(const uint8_t *bytes, size_t size, enum rcode *rcode)
{
	struct message m;                      /* 64 KiB, of which little is touched */
	struct update *u = mem_alloc(sizeof(*u));

	m.r = rd_begin(bytes, size);
	m.start = bytes;
	message_read(&m, u);
	*rcode = m.r.bad ? RCODE_FORMERR : RCODE_NOERROR;
	if (!m.r.bad)
		return u;
	update_free(u);
	return NULL;
}
