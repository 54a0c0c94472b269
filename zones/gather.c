/* gather.c - from single RRs to a zone that holds together. */
#include "zones/gather.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/edit.h"
#include "zones/node.h"
#include "zones/rdata.h"
#include "zones/rrbuf.h"

struct slot {                          /* an RRset of the current owner */
	struct rrbuf *set;
	struct place place;            /* of its last RR */
};

/* An NS whose target is in the zone, to be looked at when the zone is whole: followed by owner and target. */
struct server {
	struct place place;
	uint8_t owner_length, target_length;
};

struct gather {
	const uint8_t *apex;
	struct diag *diag;
	size_t mistakes;               /* in diag before */
	struct zone_edit *edit;
	uint8_t owner[DNAME_MAX];
	struct slot *slots;
	size_t count, made;            /* slots in use, slots that have a set */
	uint8_t *servers;              /* struct server and two names, back to back */
	size_t servers_size, servers_room;
	uint8_t *refused;              /* names of which a record was refused, back to back */
	size_t refused_size, refused_room;
};

static size_t
diag_total(const struct diag *d)
{
	return d->count + d->dropped;
}

/* Appends to a buffer that doubles; returns where. */
static uint8_t *
bytes_add(uint8_t **bytes, size_t *used, size_t *room, size_t size)
{
	if (*room - *used < size) {
		*room = 2 * *room + 4096;
		*bytes = mem_resize(*bytes, *room);
	}
	*used += size;
	return *bytes + *used - size;
}

void
gather_refuse(struct gather *g, const uint8_t *owner)
{
	size_t length = dname_length(owner);

	if (g->refused_size < (size_t)DIAG_MAX * DNAME_MAX)    /* more messages than that there are not */
		memcpy(bytes_add(&g->refused, &g->refused_size, &g->refused_room, length), owner, length);
}

static bool
gather_refused(const struct gather *g, const uint8_t *name)
{
	for (size_t at = 0; at < g->refused_size; at += dname_length(g->refused + at))
		if (dname_equal(g->refused + at, name))
			return true;
	return false;
}

static void
gather_wrong(struct gather *g, struct place place, const uint8_t *owner, uint16_t type, const char *what)
{
	char path[DNAME_TEXT + TYPE_TEXT + 1], name[TYPE_TEXT];

	dname_format(owner, path);
	strcat(path, " ");
	strcat(path, type_format(type, name));
	diag_add(g->diag, place.file, place.line, path, "%s", what);
	gather_refuse(g, owner);
}

struct gather *
gather_new(const uint8_t *apex, struct diag *diag)
{
	struct gather *g = mem_alloc(sizeof(*g));

	g->apex = apex;
	g->diag = diag;
	g->mistakes = diag_total(diag);
	g->edit = zone_edit_new(apex);
	return g;
}

/* ---- one name ---- */

static const char *
several_message(uint16_t type)
{
	switch (type) {
	case TYPE_SOA:   return "there is another SOA (expected exactly one)";
	case TYPE_CNAME: return "there is another CNAME (expected one: RFC 2181, 10.1)";
	case TYPE_DNAME: return "there is another DNAME (expected one: RFC 6672, 2.4)";
	default:         return NULL;
	}
}

/* What is wrong with the RRset of a type in its node; NULL: nothing. */
static const char *
node_mistake(const struct node *n, uint16_t type)
{
	const struct rrset *set = node_rrset(n, type);

	if (set->count > 1 && several_message(type) != NULL)
		return several_message(type);
	if ((n->flags & NODE_CNAME) != 0 && type != TYPE_CNAME && !type_joins_cname(type))
		return "there is a CNAME at this name (expected it alone: RFC 2181, 10.1)";
	if (type == TYPE_CNAME)
		for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;)
			if (s->type != TYPE_CNAME && !type_joins_cname(s->type))
				return "there is other data at this name (expected the CNAME alone: RFC 2181, 10.1)";
	if ((n->flags & NODE_CUT) != 0 && (n->flags & NODE_DNAME) != 0)
		return "there are both NS and DNAME at this name (expected one of them: RFC 6672, 2.3)";
	return NULL;
}

/* Puts the RRsets of the current owner. */
static void
gather_flush(struct gather *g)
{
	for (size_t i = 0; i < g->count; i++) {
		struct slot *s = &g->slots[i];
		uint16_t type = s->set->set->type;
		const struct node *n = zone_merge(g->edit, g->owner, s->set);
		const char *mistake = n != NULL ? node_mistake(n, type) : "the RRset is larger than 65000 bytes";

		if (mistake == NULL)
			continue;
		gather_wrong(g, s->place, g->owner, type, mistake);
		if (n != NULL)
			zone_remove(g->edit, g->owner, type);  /* the next mistake is one of its own */
	}
	g->count = 0;
}

static struct slot *
gather_slot(struct gather *g, uint16_t type, uint32_t ttl)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->slots[i].set->set->type == type) {
			rrbuf_ttl(g->slots[i].set, ttl);
			return &g->slots[i];
		}
	if (g->count == g->made) {
		g->slots = mem_grow(g->slots, g->made, sizeof(*g->slots));
		g->slots[g->made++].set = rrbuf_new();
	}
	rrbuf_begin(g->slots[g->count].set, type, CLASS_IN, ttl);
	return &g->slots[g->count++];
}

/* ---- name servers ---- */

static void
gather_server(struct gather *g, struct place place, const uint8_t *owner, const uint8_t *target)
{
	struct server s = { place, (uint8_t)dname_length(owner), (uint8_t)dname_length(target) };
	size_t size = sizeof(s) + s.owner_length + s.target_length;
	uint8_t *p;

	if (!dname_is_under(target, g->apex))
		return;
	p = bytes_add(&g->servers, &g->servers_size, &g->servers_room, size);
	memcpy(p, &s, sizeof(s));
	memcpy(p + sizeof(s), owner, s.owner_length);
	memcpy(p + sizeof(s) + s.owner_length, target, s.target_length);
}

static bool
node_has_address(const struct node *n)
{
	return n != NULL && (node_rrset(n, TYPE_A) != NULL || node_rrset(n, TYPE_AAAA) != NULL);
}

/* What is wrong with a name server in the zone; NULL: nothing. */
static const char *
server_mistake(const struct zone *z, const uint8_t *owner, const uint8_t *target)
{
	static const char *const alias = "the name server is an alias (expected a name with addresses: RFC 2181, 10.3)";
	const struct node *n, *at = zone_at(z, owner), *there = zone_at(z, target);

	if (at == NULL || (at->flags & NODE_BELOW_CUT) != 0)
		return NULL;                   /* refused already, or hidden */
	switch (zone_find(z, target, TYPE_A, &n)) {
	case FIND_NODE: case FIND_WILDCARD:
		return (n->flags & NODE_CNAME) != 0 ? alias : NULL;
	case FIND_DNAME:
		return alias;
	case FIND_CUT:
		if (dname_equal(n->name, owner) && !node_has_address(there))
			return "the name server is at or below the cut and has no address here (expected glue: an A or AAAA)";
		if (dname_equal(owner, zone_apex(z)) && there == NULL)
			return "the name server is in the zone and does not exist (expected an A or AAAA)";
		return NULL;
	default:
		return "the name server is in the zone and does not exist (expected an A or AAAA)";
	}
}

static void
gather_check_servers(struct gather *g, const struct zone *z)
{
	for (size_t at = 0; at < g->servers_size;) {
		const uint8_t *owner = g->servers + at + sizeof(struct server), *target;
		const char *mistake;
		struct server s;

		memcpy(&s, g->servers + at, sizeof(s));
		target = owner + s.owner_length;
		at += sizeof(s) + s.owner_length + s.target_length;
		mistake = server_mistake(z, owner, target);
		if (mistake != NULL && !gather_refused(g, target))
			gather_wrong(g, s.place, owner, TYPE_NS, mistake);
	}
}

/* ---- the whole ---- */

void
gather_add(struct gather *g, struct place place, const uint8_t *owner, uint16_t type, uint32_t ttl, const uint8_t *rdata,
    size_t size)
{
	struct slot *s;

	assert(dname_is_under(owner, g->apex));
	if (type == TYPE_SOA && !dname_equal(owner, g->apex)) {
		gather_wrong(g, place, owner, type, "an SOA below the apex (expected it at the zone's name alone)");
		return;
	}
	if (g->count > 0 && !dname_equal(owner, g->owner))
		gather_flush(g);
	memcpy(g->owner, owner, dname_length(owner));
	s = gather_slot(g, type, ttl);
	s->place = place;
	if (!rrbuf_add(s->set, rdata, size))
		gather_wrong(g, place, owner, type, "the RRset is larger than 65000 bytes");
	else if (type == TYPE_NS)
		gather_server(g, place, owner, rdata);
}

static void
gather_check_apex(struct gather *g, const struct zone *z, const char *file)
{
	static const uint16_t types[] = { TYPE_SOA, TYPE_NS };
	const struct node *apex = zone_at(z, zone_apex(z));

	if (gather_refused(g, zone_apex(z)))
		return;
	for (unsigned i = 0; i < 2; i++)
		if (apex == NULL || node_rrset(apex, types[i]) == NULL)
			gather_wrong(g, (struct place){ file, 0 }, zone_apex(z), types[i], "there is none (expected it at the zone's apex)");
}

struct zone *
gather_end(struct gather *g, const char *file)
{
	struct garbage *garbage;
	struct zone *z;

	gather_flush(g);
	z = zone_commit(g->edit, &garbage);
	garbage_free(garbage);
	gather_check_apex(g, z, file);
	gather_check_servers(g, z);
	if (diag_total(g->diag) != g->mistakes) {
		zone_free(z);
		z = NULL;
	}
	while (g->made > 0)
		rrbuf_free(g->slots[--g->made].set);
	free(g->slots);
	free(g->servers);
	free(g->refused);
	free(g);
	return z;
}
