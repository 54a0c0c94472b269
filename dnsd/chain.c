/* chain.c - from the question's name to what answers it.
 *
 * Each step looks one name up and either ends the answer (data, NODATA, NXDOMAIN,
 * a referral) or appends a CNAME and goes on with its target. Names stand
 * uncompressed in the message, so a step needs only to know where its name is;
 * the RCODE is that of the last name (RFC 6604). A name that comes again, the
 * CHAIN_LINKS_MAX-th link, and a target outside our zones end the answer with what it has. */
#include "dnsd/chain.h"

#include <assert.h>

#include "dnsd/additional.h"

struct chain {
	struct reply *reply;
	const struct snapshot *snapshot;
	uint16_t type;
	bool dnssec;                   /* wanted: DO */
	unsigned count;
	struct place names[CHAIN_LINKS_MAX + 1];       /* the question's name and every target; the last is at hand */
};

enum step { STEP_DONE, STEP_FOLLOW };

static struct place
chain_last(const struct chain *c)
{
	return c->names[c->count - 1];
}

static const uint8_t *
chain_bytes(const struct chain *c, struct place name)
{
	return c->reply->w.start + name.at;
}

static bool
chain_same(const struct chain *c, struct place a, struct place b)
{
	const uint8_t *x = chain_bytes(c, a), *y = chain_bytes(c, b);

	if (a.size != b.size)
		return false;
	for (unsigned i = 0; i < a.size; i++)
		if (dname_fold(x[i]) != dname_fold(y[i]))
			return false;
	return true;
}

/* Goes on with the target at the end of the message, unless it was there before. */
static enum step
chain_follow(struct chain *c, size_t target_size)
{
	if (c->reply->w.full || c->count > CHAIN_LINKS_MAX)
		return STEP_DONE;

	struct place target = { .at = (uint16_t)(wr_size(&c->reply->w) - target_size), .size = (uint8_t)target_size };

	for (unsigned i = 0; i < c->count; i++)
		if (chain_same(c, c->names[i], target))
			return STEP_DONE;
	/* 16 links of at most two names each, and the question: below 0x4000. */
	assert(target.at <= POINTER_MAX);
	c->names[c->count++] = target;
	return STEP_FOLLOW;
}

static bool
chain_stops_at_alias(const struct chain *c)
{
	return c->type == TYPE_CNAME || c->type == TYPE_ANY;
}

/* Whom the answer counts against (limit.h), and what explains it: the last word is that of the last name. Names of
 * zones all, never the asker's, of which there are many. */
static void
chain_about(struct chain *c, enum limit_kind kind, const uint8_t *name, unsigned flags)
{
	c->reply->kind = kind;
	c->reply->about = name;
	c->reply->node_flags = flags;
}

static enum step
chain_cname(struct chain *c, const struct rrset *cname)
{
	reply_rrset(c->reply, cname, chain_last(c));
	return chain_follow(c, cname->size - 12);
}

/* The CNAME that a DNAME stands for (RFC 6672, 2.2 and 3.1): the name with the DNAME's owner, which
 * takes suffix bytes at its end, replaced by the target. */
static enum step
chain_synthesise(struct chain *c, const struct rrset *dname, size_t suffix)
{
	const uint8_t *rr = dname->bytes, *target = rr + 12;
	struct place name = chain_last(c);
	size_t prefix = name.size - suffix, target_size = be16_get(rr + 10);
	struct wr *w = &c->reply->w;

	if (prefix + target_size > DNAME_MAX) {
		c->reply->rcode = RCODE_YXDOMAIN;
		return STEP_DONE;
	}
	wr_u16(w, 0xC000u | name.at);
	wr_u16(w, TYPE_CNAME);
	wr_bytes(w, rr + 4, 6);                /* class and TTL of the DNAME */
	wr_u16(w, (unsigned)(prefix + target_size));
	wr_bytes(w, chain_bytes(c, name), prefix);
	wr_bytes(w, target, target_size);
	c->reply->ancount++;
	return chain_stops_at_alias(c) ? STEP_DONE : chain_follow(c, prefix + target_size);
}

static enum step
chain_dname(struct chain *c, const struct node *node)
{
	const struct rrset *dname = node_rrset(node, TYPE_DNAME);
	const uint8_t *owner = node_name(node);
	size_t suffix = 1;
	struct place name = chain_last(c);

	assert(dname != NULL);
	for (const uint8_t *label = owner; *label != 0; label += *label + 1u)
		suffix += *label + 1u;
	assert(suffix < name.size);
	chain_about(c, LIMIT_DATA, owner, 0);
	reply_rrset(c->reply, dname, (struct place){ .at = (uint16_t)(name.at + name.size - suffix), .size = (uint8_t)suffix });
	return chain_synthesise(c, dname, suffix);
}

static enum step
chain_negative(struct chain *c, const struct zone *zone, enum rcode rcode)
{
	reply_packed(c->reply, zone_negative(zone), chain_last(c), false);
	c->reply->rcode = rcode;
	return STEP_DONE;
}

static enum step
chain_no_node(struct chain *c, const struct zone *zone, enum rcode rcode)
{
	chain_about(c, rcode == RCODE_NXDOMAIN ? LIMIT_NXDOMAIN : LIMIT_NODATA, zone_apex(zone), 0);
	return chain_negative(c, zone, rcode);
}

/* The last RRset of the answer. Names in it are compressed where old readers expect it, and where many make it worth while. */
static void
chain_data(struct chain *c, const struct rrset *set)
{
	if (additional_is_due(set->type))
		additional_answer(c->reply, c->snapshot, set, chain_last(c));
	else if (set->type == TYPE_SOA || set->type == TYPE_PTR)
		reply_rrset_compressed(c->reply, set, chain_last(c), NULL, 0);
	else
		reply_rrset(c->reply, set, chain_last(c));
}

static enum step
chain_node(struct chain *c, const struct zone *zone, const struct node *node)
{
	const struct rrset *set;
	unsigned flags;

	node = reply_node(c->reply, zone, node);
	flags = node_flags(node);
	chain_about(c, LIMIT_DATA, node_name(node), flags);
	if ((flags & NODE_CNAME) != 0 && !chain_stops_at_alias(c)) {
		set = node_rrset(node, TYPE_CNAME);
		assert(set != NULL);
		return chain_cname(c, set);
	}
	/* ANY gets one RRset, not all: nobody's amplifier (RFC 8482, 4.1). */
	set = c->type == TYPE_ANY ? node_next(node, NULL) : node_rrset(node, c->type);
	if (set == NULL) {
		c->reply->kind = LIMIT_NODATA;
		return chain_negative(c, zone, RCODE_NOERROR);
	}
	chain_data(c, set);
	return STEP_DONE;
}

static enum step
chain_referral(struct chain *c, const struct node *cut)
{
	if (c->count == 1)
		c->reply->flags &= (uint16_t)~FLAG_AA; /* AA speaks of the first owner in the answer (RFC 1035, 4.1.1) */
	chain_about(c, LIMIT_REFERRAL, node_name(cut), 0);
	reply_packed(c->reply, node_referral(cut), chain_last(c), c->dnssec);
	return STEP_DONE;
}

static enum step
chain_step(struct chain *c, const struct look_up *l)
{
	/* A private zone is answered from to those who were found entitled before: nobody is led into it. */
	if (l->zone == NULL || (c->count > 1 && zone_is_private(l->zone))) {
		if (c->count == 1)
			c->reply->rcode = RCODE_REFUSED;
		return STEP_DONE;
	}
	c->reply->flags |= FLAG_AA;
	switch (l->found) {
	case FIND_NODE:
	case FIND_WILDCARD:
		return chain_node(c, l->zone, l->node);
	case FIND_EMPTY:
		return chain_no_node(c, l->zone, RCODE_NOERROR);
	case FIND_NONE:
		return chain_no_node(c, l->zone, RCODE_NXDOMAIN);
	case FIND_CUT:
		return chain_referral(c, l->node);
	case FIND_DNAME:
		return chain_dname(c, l->node);
	}
	assert(false && "a look-up found something else");
	return STEP_DONE;
}

void
chain_answer(struct reply *r, const struct snapshot *s, const struct question *q, const struct look_up *first)
{
	struct look_up next = *first;
	struct chain c;

	c.snapshot = s;
	c.reply = r;                           /* names are filled as they come: no 68 bytes to clear per query */
	c.type = q->type;
	c.dnssec = (q->edns_flags & EDNS_DO) != 0;
	c.count = 1;
	c.names[0] = (struct place){ .at = HEADER_SIZE, .size = q->name_size };
	while (chain_step(&c, &next) == STEP_FOLLOW) {
		next.name = chain_bytes(&c, chain_last(&c));
		zone_set_look_up(s->zones, &next, 1);
	}
}
