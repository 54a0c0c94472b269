/* update.c - RFC 2136, section 3: whether an update may be, and what it makes of a zone.
 *
 * The stages stand in the RFC's order, and the first that fails decides the RCODE. Up to the last of them nothing is
 * written: changes are made to drafts (drafts.h), which are staged when all of them have been.
 *
 * What the RFC leaves open, or is older than, is decided so:
 *
 *   A change that cannot stand beside what is there is ignored, as 3.4.2.2 has it of CNAME; so is DNAME beside CNAME, and
 *   NS and DNAME beside each other below the apex (RFC 6672, 2.3). An added DNAME replaces the one there is (2.4).
 *   An RRset has one TTL: an added RR's becomes all RRs' (RFC 2181, 5.2).
 *   RRSIG, NSEC and NSEC3, and what they replaced, are made by who signs the zone and not by updates: adding one is REFUSED, as BIND
 *   does; removing what a seed file brought is not. All other types of DNSSEC are data.
 *   What health governs, addresses at a service's name, is configured: each change of it is REFUSED, and so is the removal
 *   of all RRsets there, for it would be half done. A CNAME there is ignored, as if the service had addresses always. A
 *   delegation at or above a service, or a DNAME above it, would hide it, and is REFUSED.
 *   Data below a cut or DNAME are kept (and not answered). A name server without an address is left to who makes it one.
 *   Removing all RRsets of a name needs the right to change each type that is there. */
#include "dnsd/update.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/drafts.h"
#include "dnsd/edns.h"
#include "dnsd/serials.h"
#include "dnsd/wire.h"
#include "zones/rdata.h"
#include "zones/rdata_form.h"

enum { TYPE_WKS = 11, TYPE_SIG = 24, TYPE_NXT = 30, TYPE_NSEC3 = 50 };

struct work {
	const struct update *update;
	const struct view *view;
	const struct updater *who;
	struct staged *staged;
	struct drafts drafts;
	struct update_result result;
	const struct update_rr *allowed;       /* the last one that was: the next may be for the same name and type */
};

/* Ends the update; returns false. */
static bool
refuse(struct work *w, const struct update_rr *rr, enum rcode rcode, uint16_t error, const char *why)
{
	w->result = (struct update_result){ .rcode = rcode, .why = why, .error = error, .rr = rr };
	return false;
}

static bool
malformed(struct work *w, const struct update_rr *rr, const char *why)
{
	return refuse(w, rr, RCODE_FORMERR, ERROR_OTHER, why);
}

static bool
outside(struct work *w, const struct update_rr *rr)
{
	return refuse(w, rr, RCODE_NOTZONE, ERROR_OTHER, "the name is outside the zone");
}

static bool
in_zone(const struct work *w, const struct update_rr *rr)
{
	return dname_is_under(rr->name, w->update->zone);
}

/* ---- the zone section (3.1) ---- */

static bool
check_zone(struct work *w)
{
	const struct update *u = w->update;

	if (u->zone_type != TYPE_SOA)
		return malformed(w, NULL, "the zone section's type is not SOA");
	if (u->zone_class != CLASS_IN || !dname_equal(u->zone, zone_apex(w->view->zone)))
		return refuse(w, NULL, RCODE_NOTAUTH, ERROR_NOT_AUTHORITATIVE, "not a zone of ours");
	return true;
}

/* ---- prerequisites (3.2) ---- */

static bool
rrset_exists(const struct work *w, const struct update_rr *rr)
{
	return view_set_is_there(view_find(w->view, view_node(w->view, rr->name), rr->name, rr->type));
}

/* Class ANY: something is there. */
static bool
check_there(struct work *w, const struct update_rr *rr)
{
	if (rr->type == TYPE_ANY)
		return view_in_use(w->view, rr->name) ||
		    refuse(w, rr, RCODE_NXDOMAIN, ERROR_OTHER, "prerequisite: the name is not in use");
	return rrset_exists(w, rr) || refuse(w, rr, RCODE_NXRRSET, ERROR_OTHER, "prerequisite: there is no such RRset");
}

/* Class NONE: something is not. */
static bool
check_not_there(struct work *w, const struct update_rr *rr)
{
	if (rr->type == TYPE_ANY)
		return !view_in_use(w->view, rr->name) || refuse(w, rr, RCODE_YXDOMAIN, ERROR_OTHER, "prerequisite: the name is in use");
	return !rrset_exists(w, rr) || refuse(w, rr, RCODE_YXRRSET, ERROR_OTHER, "prerequisite: there is such an RRset");
}

/* Class IN: one more RR of an RRset that is to be compared when all of it has been seen. */
static bool
gather_wanted(struct drafts *wanted, const struct staged *s, struct work *w, const struct update_rr *rr)
{
	struct draft *d;

	if (!rdata_fits(rr->type, rr->rdata, rr->size))
		return malformed(w, rr, "data that the type does not have");
	d = drafts_open(wanted, drafts_spot(wanted, rr->name), rr->type, true);
	return draft_add(d, s, 0, rr->rdata, rr->size) ||
	    refuse(w, rr, RCODE_NXRRSET, ERROR_OTHER, "prerequisite: no RRset is as large as that");
}

static bool
check_prerequisite(struct work *w, const struct update_rr *rr, struct drafts *wanted)
{
	if (rr->ttl != 0)
		return malformed(w, rr, "a prerequisite with a TTL");
	if (!in_zone(w, rr))
		return outside(w, rr);
	if (rr->rrclass == CLASS_IN)
		return gather_wanted(wanted, w->staged, w, rr);
	if (rr->rrclass != CLASS_ANY && rr->rrclass != CLASS_NONE)
		return malformed(w, rr, "a prerequisite of a class that none has");
	if (rr->size != 0)
		return malformed(w, rr, "a prerequisite of class ANY or NONE with data");
	return rr->rrclass == CLASS_ANY ? check_there(w, rr) : check_not_there(w, rr);
}

/* Which of the prerequisites an RRset comes from, for who reads the log: the first. */
static const struct update_rr *
wanted_from(const struct update *u, const uint8_t *name, uint16_t type)
{
	const struct update_rr *rr = u->prerequisites;

	while (rr->rrclass != CLASS_IN || rr->type != type || !dname_equal(rr->name, name))
		rr++;
	return rr;
}

static bool
check_wanted(struct work *w, struct drafts *wanted)
{
	for (uint32_t i = 0; i < wanted->ndrafts; i++) {
		const struct spot *spot = &wanted->spots[wanted->drafts[i].spot];
		struct draft *d = &wanted->drafts[i].draft;

		if (!draft_matches(d, w->staged, view_find(w->view, spot->node, spot->name, d->type)))
			return refuse(w, wanted_from(w->update, spot->name, d->type), RCODE_NXRRSET, ERROR_OTHER,
			    "prerequisite: the RRset is not that");
	}
	return true;
}

static bool
check_prerequisites(struct work *w)
{
	struct drafts wanted;
	bool met = true;

	drafts_begin(&wanted, w->view);
	for (size_t i = 0; i < w->update->nprerequisites && met; i++)
		met = check_prerequisite(w, &w->update->prerequisites[i], &wanted);
	met = met && check_wanted(w, &wanted);
	drafts_end(&wanted);
	return met;
}

/* ---- may they at all (3.3) ---- */

static bool
check_stranger(struct work *w)
{
	const char *why = updater_stranger(w->view->conf, w->who);

	return why == NULL || refuse(w, NULL, RCODE_REFUSED, ERROR_PROHIBITED, why);
}

/* ---- the prescan (3.4.1) ---- */

static bool
type_is_data(uint16_t type)
{
	return type != 0 && !type_is_meta(type);
}

static bool
prescan_rr(struct work *w, const struct update_rr *rr)
{
	bool data = type_is_data(rr->type);

	if (!in_zone(w, rr))
		return outside(w, rr);
	switch (rr->rrclass) {
	case CLASS_IN:
		if (!data)
			return malformed(w, rr, "a record of a type that no zone holds");
		break;
	case CLASS_ANY:
		if (rr->ttl != 0 || rr->size != 0)
			return malformed(w, rr, "the removal of an RRset with a TTL or data");
		return data || rr->type == TYPE_ANY || malformed(w, rr, "the removal of a type that no zone holds");
	case CLASS_NONE:
		if (rr->ttl != 0)
			return malformed(w, rr, "the removal of a record with a TTL");
		if (!data)
			return malformed(w, rr, "the removal of a type that no zone holds");
		break;
	default:
		return malformed(w, rr, "a change of a class that none has");
	}
	return rdata_fits(rr->type, rr->rdata, rr->size) || malformed(w, rr, "data that the type does not have");
}

/* ---- who may change this ---- */

struct types_asked {
	const struct work *w;
	const uint8_t *name;
	const char *why;
};

static bool
type_allowed(void *arg, uint16_t type)
{
	struct types_asked *a = arg;

	a->why = updater_may(a->w->view->conf, a->w->who, a->name, type);
	return a->why == NULL;
}

/* All RRsets of a name: a right to each type that is there, if there is none to all. */
static const char *
may_remove_all(const struct work *w, const struct update_rr *rr)
{
	struct types_asked a = { w, rr->name, updater_may(w->view->conf, w->who, rr->name, TYPE_ANY) };

	if (a.why != NULL && view_in_use(w->view, rr->name))
		view_types(w->view, view_node(w->view, rr->name), rr->name, type_allowed, &a);
	return a.why;
}

static bool
check_may(struct work *w, const struct update_rr *rr)
{
	bool all = rr->rrclass == CLASS_ANY && rr->type == TYPE_ANY;
	const char *why;

	if (w->allowed != NULL && w->allowed->type == rr->type && dname_equal(w->allowed->name, rr->name))
		return true;
	why = all ? may_remove_all(w, rr) : updater_may(w->view->conf, w->who, rr->name, rr->type);
	if (why != NULL)
		return refuse(w, rr, RCODE_REFUSED, ERROR_PROHIBITED, why);
	w->allowed = rr;
	return true;
}

/* ---- what nobody may change ---- */

static bool
type_is_made(uint16_t type)
{
	return type == TYPE_RRSIG || type == TYPE_NSEC || type == TYPE_NSEC3 || type == TYPE_SIG || type == TYPE_NXT;
}

/* Would the RR take a service out of the zone's own answers? */
static bool
hides_service(const struct work *w, const struct spot *spot, uint16_t type)
{
	bool cut = type == TYPE_NS && !spot->is_apex;

	if (!cut && type != TYPE_DNAME)
		return false;
	return (cut && spot->is_service) || zone_has_service_below(w->view->zone, spot->name);
}

static bool
check_governed(struct work *w, const struct update_rr *rr)
{
	uint32_t at = drafts_spot(&w->drafts, rr->name);
	const struct spot *spot = &w->drafts.spots[at];

	if (spot->is_service && type_is_governed(rr->type))
		return refuse(w, rr, RCODE_REFUSED, ERROR_OTHER, "it follows health: the members of its service are configured");
	if (spot->is_service && rr->rrclass == CLASS_ANY && rr->type == TYPE_ANY)
		return refuse(w, rr, RCODE_REFUSED, ERROR_OTHER, "a service lives there: its addresses follow health and cannot be removed");
	if (rr->rrclass != CLASS_IN)
		return true;
	if (type_is_made(rr->type))
		return refuse(w, rr, RCODE_REFUSED, ERROR_NOT_SUPPORTED, "signatures and denials of a zone are not made by updates");
	if (hides_service(w, spot, rr->type))
		return refuse(w, rr, RCODE_REFUSED, ERROR_OTHER, "it would hide a service that the zone answers");
	return true;
}

/* ---- changes (3.4.2) ---- */

static bool
type_is_cname_or_joins(void *arg, uint16_t type)
{
	(void)arg;
	return type == TYPE_CNAME || type_joins_cname(type);
}

static uint32_t
soa_serial_of(const uint8_t *rdata, size_t size)
{
	const uint8_t *p = rdata + size - 20;  /* five numbers, the serial first */

	return (uint32_t)be16_get(p) << 16 | be16_get(p + 2);
}

/* Is the serial of an SOA after that of the one there is? */
static bool
soa_advances(const struct draft *there, const struct update_rr *rr)
{
	assert(there->count == 1 && there->nrrs == 1);         /* it is never removed, only replaced */
	return serial_after(soa_serial_of(rr->rdata, rr->size), soa_serial_of(there->rrs[0].rdata, there->rrs[0].size));
}

/* Can an RR be added beside what is there? If not, it is ignored. */
static bool
can_join(struct work *w, uint32_t spot, const struct update_rr *rr)
{
	struct drafts *d = &w->drafts;
	bool apex = d->spots[spot].is_apex;

	switch (rr->type) {
	case TYPE_CNAME:
		return !d->spots[spot].is_service && drafts_types(d, spot, type_is_cname_or_joins, NULL);
	case TYPE_SOA:
		return apex && soa_advances(drafts_open(d, spot, TYPE_SOA, false), rr);
	case TYPE_NS:
		if (!apex && drafts_has(d, spot, TYPE_DNAME))
			return false;
		break;
	case TYPE_DNAME:
		if (!apex && drafts_has(d, spot, TYPE_NS))
			return false;
		break;
	}
	return type_joins_cname(rr->type) || !drafts_has(d, spot, TYPE_CNAME);
}

static bool
type_is_single(uint16_t type)
{
	return type == TYPE_SOA || type == TYPE_CNAME || type == TYPE_DNAME;
}

/* What an update over the wire lets go without a word. */
static bool
pass_over(struct work *w, const struct update_rr *rr, const char *why)
{
	return !w->update->strict || refuse(w, rr, RCODE_REFUSED, ERROR_OTHER, why);
}

static bool
pass_over_add(struct work *w, uint32_t spot, const struct update_rr *rr)
{
	if (rr->type != TYPE_SOA)
		return pass_over(w, rr, "it cannot stand beside what is there (CNAME stands alone, NS and DNAME not together)");
	if (!w->drafts.spots[spot].is_apex)
		return pass_over(w, rr, "only the apex has a SOA");
	return draft_has(drafts_open(&w->drafts, spot, TYPE_SOA, false), w->staged, rr->rdata, rr->size) ||
	    pass_over(w, rr, "its serial is not after the zone's");
}

/* 3.4.2.2. */
static bool
change_add(struct work *w, uint32_t spot, const struct update_rr *rr)
{
	struct draft *d;

	if (!can_join(w, spot, rr))
		return pass_over_add(w, spot, rr);
	d = drafts_open(&w->drafts, spot, rr->type, false);
	if (type_is_single(rr->type))
		draft_clear(d);
	if (rr->type == TYPE_WKS && !draft_has(d, w->staged, rr->rdata, rr->size))
		draft_remove_wks(d, w->staged, rr->rdata);
	return draft_add(d, w->staged, rr->ttl, rr->rdata, rr->size) ||
	    refuse(w, rr, RCODE_REFUSED, ERROR_OTHER, "the RRset would be larger than 65000 bytes");
}

/* The apex keeps its SOA, and NS (3.4.2.3). */
static void
clear_rrset(struct work *w, uint32_t spot, uint16_t type)
{
	if (w->drafts.spots[spot].is_apex && (type == TYPE_SOA || type == TYPE_NS))
		return;
	draft_clear(drafts_open(&w->drafts, spot, type, false));
}

struct type_list {
	uint16_t *types;
	size_t count;
};

static bool
type_collect(void *arg, uint16_t type)
{
	struct type_list *l = arg;

	l->types = mem_grow(l->types, l->count, sizeof(*l->types));
	l->types[l->count++] = type;
	return true;
}

/* 3.4.2.3. */
static void
change_clear(struct work *w, uint32_t spot, uint16_t type)
{
	struct type_list all = { .types = NULL };

	if (type != TYPE_ANY) {
		clear_rrset(w, spot, type);
		return;
	}
	drafts_types(&w->drafts, spot, type_collect, &all);    /* before any is cleared: that changes what is walked */
	for (size_t i = 0; i < all.count; i++)
		clear_rrset(w, spot, all.types[i]);
	free(all.types);
}

/* 3.4.2.3. */
static bool
change_clear_one(struct work *w, uint32_t spot, const struct update_rr *rr)
{
	bool kept = w->drafts.spots[spot].is_apex && (rr->type == TYPE_SOA || rr->type == TYPE_NS);

	if (kept && !pass_over(w, rr, "a zone always has its SOA and NS"))
		return false;
	change_clear(w, spot, rr->type);
	return true;
}

/* 3.4.2.4. */
static bool
change_remove(struct work *w, uint32_t spot, const struct update_rr *rr)
{
	bool apex = w->drafts.spots[spot].is_apex;
	struct draft *d = drafts_open(&w->drafts, spot, rr->type, false);

	if (!draft_has(d, w->staged, rr->rdata, rr->size))
		return true;
	if (rr->type == TYPE_SOA)
		return pass_over(w, rr, "a zone always has its SOA");
	if (rr->type == TYPE_NS && apex && d->count == 1)
		return pass_over(w, rr, "it is the zone's last name server");
	draft_remove(d, w->staged, rr->rdata, rr->size);
	return true;
}

static bool
change(struct work *w, const struct update_rr *rr)
{
	uint32_t spot = drafts_spot(&w->drafts, rr->name);

	switch (rr->rrclass) {
	case CLASS_IN:
		return change_add(w, spot, rr);
	case CLASS_ANY:
		return change_clear_one(w, spot, rr);
	default:
		return change_remove(w, spot, rr);
	}
}

/* ---- all of it ---- */

typedef bool stage_fn(struct work *w, const struct update_rr *rr);

static bool
each_change(struct work *w, stage_fn *fn)
{
	for (size_t i = 0; i < w->update->nchanges; i++)
		if (!fn(w, &w->update->changes[i]))
			return false;
	return true;
}

struct update_result
update_check(const struct update *u, const struct view *v, const struct updater *who, struct staged *s)
{
	struct work w = { .update = u, .view = v, .who = who, .staged = s };

	assert(v->staged == s);
	drafts_begin(&w.drafts, v);
	if (check_zone(&w) && check_prerequisites(&w) && check_stranger(&w) && each_change(&w, prescan_rr) && each_change(&w, check_may) &&
	    each_change(&w, check_governed) && each_change(&w, change))
		w.result.changed = drafts_stage(&w.drafts, s);
	drafts_end(&w.drafts);
	return w.result;
}
