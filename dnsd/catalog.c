/* catalog.c - a zone that lists the others (RFC 9432).
 *
 *     @                   SOA, NS invalid.
 *     version             TXT "2"
 *     LABEL.zones         PTR the member
 *
 * A member's label is a hash of its name: as long as the zone is listed, and over restarts, it is the same, so that
 * no consumer takes the zone for another and throws away what it has. */
#include "dnsd/catalog.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"
#include "zones/zone.h"

enum {
	TTL_CATALOG = 0,               /* RFC 9432, 4: TTLs mean nothing here */
	/* How long a secondary waits where no NOTIFY reaches it. */
	SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 2147483646, SOA_MINIMUM = 0,
	LABEL_DIGITS = 32
};

/* Writes label in front of name; returns the length, at most DNAME_MAX: conf sees to that. */
static size_t
name_prepend(const char *label, const uint8_t *name, uint8_t out[DNAME_MAX])
{
	size_t n = strlen(label), rest = dname_length(name);

	assert(n <= LABEL_MAX && 1 + n + rest <= DNAME_MAX);
	memmove(out + 1 + n, name, rest);
	out[0] = (uint8_t)n;
	memcpy(out + 1, label, n);
	return 1 + n + rest;
}

static void
member_label(const uint8_t *name, char out[LABEL_DIGITS + 1])
{
	uint8_t key[SIPHASH_KEY] = "catalog member";
	size_t size = dname_length(name);
	uint64_t high = siphash(key, name, size);

	key[SIPHASH_KEY - 1] = 1;
	snprintf(out, LABEL_DIGITS + 1, "%016llx%016llx", (unsigned long long)high,
	    (unsigned long long)siphash(key, name, size));
}

static void
put(struct zone_edit *e, struct rrbuf *b, const uint8_t *name, uint16_t type, const void *rdata, size_t size)
{
	rrbuf_begin(b, type, CLASS_IN, TTL_CATALOG);
	rrbuf_add(b, rdata, size);
	zone_put(e, name, b);
}

static void
put_apex(struct zone_edit *e, struct rrbuf *b, const uint8_t *apex, uint32_t serial)
{
	static const uint8_t invalid[] = "\7invalid";          /* its end is the root label */
	uint8_t soa[2 * sizeof(invalid) + 20], *p = soa + 2 * sizeof(invalid), name[DNAME_MAX];
	const uint32_t numbers[] = { serial, SOA_REFRESH, SOA_RETRY, SOA_EXPIRE, SOA_MINIMUM };

	memcpy(soa, invalid, sizeof(invalid));
	memcpy(soa + sizeof(invalid), invalid, sizeof(invalid));
	for (size_t i = 0; i < 5; i++)
		for (int shift = 24; shift >= 0; shift -= 8)
			*p++ = (uint8_t)(numbers[i] >> shift);
	put(e, b, apex, TYPE_SOA, soa, sizeof(soa));
	put(e, b, apex, TYPE_NS, invalid, sizeof(invalid));
	name_prepend("version", apex, name);
	put(e, b, name, TYPE_TXT, "\0012", 2);
}

static bool
is_member(const struct conf_zone *zone)
{
	return zone->type != ZONE_CATALOG && zone->transfer.count > 0;
}

struct zone *
catalog_zone(const struct conf *conf, const struct conf_zone *zone, uint32_t serial)
{
	struct zone_edit *e = zone_edit_new(zone->name);
	struct rrbuf *b = rrbuf_new();
	uint8_t members[DNAME_MAX], name[DNAME_MAX];
	char label[LABEL_DIGITS + 1];
	struct garbage *none = NULL;
	struct zone *z;

	put_apex(e, b, zone->name, serial);
	name_prepend("zones", zone->name, members);
	for (size_t i = 0; i < conf->nzones; i++) {
		const struct conf_zone *member = &conf->zones[i];

		if (!is_member(member))
			continue;
		member_label(member->name, label);
		name_prepend(label, members, name);
		put(e, b, name, TYPE_PTR, member->name, dname_length(member->name));
	}
	z = zone_commit(e, &none);
	garbage_free(none);
	rrbuf_free(b);
	zone_set_private(z);
	return z;
}
