/* replace.c - what makes of a dynamic zone the zone that a master file has.
 *
 * Of a name what has gone goes before what has come, as zone_diff() has it: what comes may not stand beside what was there. At the
 * apex it is the other way round: a zone always has its SOA and NS, and an update that takes all of them out is none. */
#include "dnsd/replace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rrtype.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/update.h"
#include "dnsd/wire.h"
#include "zones/rrbuf.h"
#include "zones/zone.h"

struct replacing {
	const struct zone *from, *to;
	const char *file;
	struct replacement *out;
	replace_fn *each;
	void *arg;
	struct diag *diag;
	const uint8_t **servers;       /* the apex's NS that have gone: RRs of from */
	size_t nservers;
	bool whole;                    /* all of it is in the update so far */
};

static void
put(struct replacing *r, bool come, const uint8_t *name, uint16_t type, const uint8_t *bytes)
{
	struct rr rr;

	rr_read(bytes, &rr);
	r->whole = r->whole && update_add(r->out->update, false, name, type, come ? CLASS_IN : CLASS_NONE, come ? rr.ttl : 0, rr.rdata,
	    rr.rdlength);
}

static void
tell(struct replacing *r, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	if (come)
		r->out->come++;
	else
		r->out->gone++;
	if (r->each != NULL)
		r->each(r->arg, come, name, type, rr);
}

/* ---- what health governs ---- */

static bool
is_governed(const struct replacing *r, const uint8_t *name, uint16_t type)
{
	const struct node *n = type_is_governed(type) ? zone_at(r->from, name) : NULL;

	return n != NULL && (node_flags(n) & NODE_SERVICE) != 0;
}

static void
complain_of(struct replacing *r, const uint8_t *name, uint16_t type)
{
	char path[DNAME_TEXT + 16], words[DNAME_TEXT];

	snprintf(path, sizeof(path), "%s %s", dname_format(name, words), type == TYPE_A ? "A" : "AAAA");
	diag_add(r->diag, r->file, 0, path, "it follows health: the members of its service are configured (expected none here, or as configured)");
}

/* ---- the apex ---- */

static const struct rrset *
apex_rrset(const struct zone *z, uint16_t type)
{
	return node_rrset(zone_at(z, zone_apex(z)), type);
}

static void
put_soa(struct replacing *r)
{
	const struct rrset *old = apex_rrset(r->from, TYPE_SOA), *new = apex_rrset(r->to, TYPE_SOA);
	uint32_t serial = zone_serial(r->to), used = zone_serial(r->from);
	bool same = soa_same(old, new);
	uint8_t *bytes, *at;

	if (same && !serial_after(serial, used))
		return;
	if (!serial_after(serial, used))
		serial = serial_next(used);
	bytes = mem_alloc(new->size);
	memcpy(bytes, new->bytes, new->size);
	at = bytes + new->size - 20;           /* five numbers, the serial first */
	be16_put(at, (uint16_t)(serial >> 16));
	be16_put(at + 2, (uint16_t)serial);
	put(r, true, zone_apex(r->to), TYPE_SOA, bytes);
	if (!same)
		tell(r, true, zone_apex(r->to), TYPE_SOA, bytes);
	free(bytes);
}

/* The name servers that have gone, and do not come with another TTL or in other letters: behind those that come. */
static void
put_servers(struct replacing *r)
{
	const uint8_t *apex = zone_apex(r->from);
	struct rrs *now = rrs_of(apex_rrset(r->to, TYPE_NS));

	for (size_t i = 0; i < r->nservers; i++) {
		struct rr rr;

		rr_read(r->servers[i], &rr);
		if (!rrs_has(now, rr.rdata, rr.rdlength))
			put(r, false, apex, TYPE_NS, r->servers[i]);
	}
	free(now);
	free(r->servers);
}

/* ---- all ---- */

static bool
on_difference(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct replacing *r = arg;

	if (is_governed(r, name, type)) {
		if (come)
			complain_of(r, name, type);
		return true;
	}
	if (type == TYPE_SOA)
		return true;
	tell(r, come, name, type, rr);
	if (type == TYPE_NS && !come && dname_equal(name, zone_apex(r->from))) {
		r->servers = mem_grow(r->servers, r->nservers, sizeof(*r->servers));
		r->servers[r->nservers++] = rr;
	} else {
		put(r, come, name, type, rr);
	}
	return true;
}

void
replace_zone(const struct edition *from, const struct zone *to, const char *file, size_t most, struct replacement *out,
    replace_fn *each, void *arg, struct diag *diag)
{
	struct replacing r = {
		.from = from->zone, .to = to, .file = file, .out = out, .each = each, .arg = arg, .diag = diag, .whole = true
	};

	*out = (struct replacement){ .update = update_new(zone_apex(from->zone)) };
	out->update->most = most;
	out->update->strict = true;
	out->update->has_serial = true;
	out->update->if_serial = from->serial;
	zone_diff_configured(from->zone, to, on_difference, &r);
	put_soa(&r);
	put_servers(&r);
	if (r.whole && diag->count == 0)
		return;
	update_free(out->update);
	out->update = NULL;
}
