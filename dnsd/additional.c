/* additional.c - what is known of the names that an answer leads to.
 *
 * The answer is written first, and where each RR's data came to stand is noted: the owner of what
 * is added is a pointer to its name in there. Targets are looked up side by side. */
#include "dnsd/additional.h"

#include <assert.h>

#include "zones/zone.h"

/* A name that the answer leads to. */
struct target {
	const uint8_t *name;           /* uncompressed, wire form */
	uint16_t at;                   /* where it stands in the message, whole or as a pointer */
};

struct targets {
	uint16_t type;                 /* of the set that leads to them */
	unsigned count;
	struct target target[ADDITIONAL_MAX];
};

bool
additional_is_due(uint16_t type)
{
	return type == TYPE_NS || type == TYPE_MX || type == TYPE_SRV || type == TYPE_SVCB || type == TYPE_HTTPS;
}

static bool
type_is_svcb(uint16_t type)
{
	return type == TYPE_SVCB || type == TYPE_HTTPS;
}

/* Bytes of the data before the target. */
static unsigned
target_offset(uint16_t type)
{
	switch (type) {
	case TYPE_MX:
	case TYPE_SVCB:
	case TYPE_HTTPS:
		return 2;
	case TYPE_SRV:
		return 6;
	default:
		return 0;
	}
}

static bool
name_same(const uint8_t *a, const uint8_t *b)
{
	for (;;) {
		unsigned n = *a;

		if (n != *b)
			return false;
		if (n == 0)
			return true;
		for (a++, b++; n > 0; n--)
			if (dname_fold(*a++) != dname_fold(*b++))
				return false;
	}
}

static void
targets_add(struct targets *t, const uint8_t *name, uint16_t at)
{
	for (unsigned i = 0; i < t->count; i++)
		if (name_same(t->target[i].name, name))
			return;
	if (t->count < ADDITIONAL_MAX && at <= POINTER_MAX)
		t->target[t->count++] = (struct target){ name, at };
}

/* The targets of set, whose data begin at the offsets in data. "." is no host, but in service mode of SVCB
 * it is the owner (RFC 9460, 2.5). */
static void
targets_read(struct targets *t, const struct reply *r, const struct rrset *set, struct place owner, const uint16_t *data)
{
	unsigned before = target_offset(set->type);
	const uint8_t *rr = set->bytes;

	t->type = set->type;
	t->count = 0;
	for (unsigned i = 0; i < set->count && i < ADDITIONAL_MAX; i++, rr += 12 + be16_get(rr + 10)) {
		const uint8_t *name = rr + 12 + before;
		bool service = type_is_svcb(set->type) && be16_get(rr + 12) > 0;

		if (*name != 0)
			targets_add(t, name, (uint16_t)(data[i] + before));
		else if (service)
			targets_add(t, r->w.start + owner.at, owner.at);
	}
}

/* What answers for a target; NULL: nobody here. Glue below our cuts serves those who ask for name servers. */
static const struct node *
target_node(const struct look_up *l, const struct reply *r, uint16_t type)
{
	if (l->zone == NULL || zone_is_private(l->zone))
		return NULL;
	if (l->found == FIND_NODE || l->found == FIND_WILDCARD)
		return reply_node(r, l->zone, l->node);
	return l->found == FIND_CUT && type == TYPE_NS ? zone_at(l->zone, l->name) : NULL;
}

/* The addresses; of SVCB and HTTPS, that type's records too, but those that are the answer. */
static void
target_write(const struct target *t, uint16_t type, struct reply *r, struct place owner, const struct node *node)
{
	const uint16_t types[] = { TYPE_A, TYPE_AAAA, type };
	unsigned n = type_is_svcb(type) && !name_same(t->name, r->w.start + owner.at) ? 3 : 2;

	for (unsigned i = 0; i < n; i++) {
		const struct rrset *set = node_rrset(node, types[i]);

		if (set != NULL)
			reply_additional(r, set, t->at);
	}
}

static void
targets_write(const struct targets *t, struct reply *r, struct place owner, const struct snapshot *s)
{
	struct look_up looks[LOOK_UPS_MAX];

	for (unsigned first = 0; first < t->count; first += LOOK_UPS_MAX) {
		unsigned n = t->count - first < LOOK_UPS_MAX ? t->count - first : LOOK_UPS_MAX;

		for (unsigned i = 0; i < n; i++)
			looks[i] = (struct look_up){ .name = t->target[first + i].name, .qtype = TYPE_A };
		zone_set_look_up(s->zones, looks, n);
		for (unsigned i = 0; i < n; i++) {
			const struct node *node = target_node(&looks[i], r, t->type);

			if (node != NULL)
				target_write(&t->target[first + i], t->type, r, owner, node);
		}
	}
}

/* Where the data of the RRs stand that are written as they are, from `at` on. */
static void
data_places(const struct rrset *set, size_t at, uint16_t data[ADDITIONAL_MAX])
{
	const uint8_t *rr = set->bytes;

	for (unsigned i = 0; i < set->count && i < ADDITIONAL_MAX; i++) {
		size_t size = 12u + be16_get(rr + 10);

		data[i] = (uint16_t)(at + 12);
		at += size;
		rr += size;
	}
}

void
additional_answer(struct reply *r, const struct snapshot *s, const struct rrset *set, struct place owner)
{
	uint16_t data[ADDITIONAL_MAX];
	struct targets t;

	assert(set->rotor == NULL);            /* addresses rotate, what leads to them does not */
	if (set->type == TYPE_NS || set->type == TYPE_MX) {
		reply_rrset_compressed(r, set, owner, data, ADDITIONAL_MAX);
	} else {
		data_places(set, wr_size(&r->w), data);
		reply_rrset(r, set, owner);
	}
	if (r->w.full)
		return;
	targets_read(&t, r, set, owner, data);
	targets_write(&t, r, owner, s);
}
