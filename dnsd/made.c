/* made.c - SOA, NS and the name server's addresses of a zone without a master file. */
#include "dnsd/made.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "base/mem.h"
#include "zones/zone.h"

enum {
	TTL_INFRASTRUCTURE = 3600,     /* SOA, NS and their addresses: what rarely changes */
	/* RFC 2308: how long "no such data" is remembered. Short, as a family of
	 * addresses may come back with the next verdict. */
	TTL_NEGATIVE = 5,
	/* For secondaries; customary values (RFC 1912, 2.2). */
	SOA_REFRESH = 3600, SOA_RETRY = 600, SOA_EXPIRE = 1209600
};

/* LABEL.zone, or zone itself where that would be too long. Returns its length. */
static size_t
name_below(const char *label, const uint8_t *zone, uint8_t out[DNAME_MAX])
{
	size_t n = dname_length(zone), k = strlen(label);

	if (n + k + 1 > DNAME_MAX) {
		memcpy(out, zone, n);
		return n;
	}
	out[0] = (uint8_t)k;
	memcpy(out + 1, label, k);
	memcpy(out + 1 + k, zone, n);
	return n + k + 1;
}

static void
put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static void
put_soa(struct zone_edit *e, struct rrbuf *b, const uint8_t *zone, uint32_t serial)
{
	uint8_t rdata[2 * DNAME_MAX + 20];
	size_t n = name_below("ns", zone, rdata);
	const uint32_t numbers[] = { serial, SOA_REFRESH, SOA_RETRY, SOA_EXPIRE, TTL_NEGATIVE };

	n += name_below("hostmaster", zone, rdata + n);
	for (size_t i = 0; i < 5; i++, n += 4)
		put_u32(rdata + n, numbers[i]);
	rrbuf_begin(b, TYPE_SOA, CLASS_IN, TTL_INFRASTRUCTURE);
	rrbuf_add(b, rdata, n);
	zone_put(e, zone, b);
}

/* The addresses of one family that clients can reach this daemon at. */
struct reach {
	struct rrbuf *b;
	unsigned family;
	unsigned count;
};

static void
reach_add(struct reach *r, const struct addr *a)
{
	if (a->family == r->family && rrbuf_add(r->b, a->bytes, a->family == 4 ? 4 : 16))
		r->count++;
}

static bool
is_link_local(const struct addr *a)
{
	return a->family == 6 ? a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80 : a->bytes[0] == 169 && a->bytes[1] == 254;
}

static void
reach_add_interfaces(struct reach *r, bool loopback)
{
	struct ifaddrs *list = NULL;
	struct addr a;

	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && (i->ifa_flags & IFF_UP) && !(i->ifa_flags & IFF_LOOPBACK) == !loopback &&
		    addr_from_sockaddr(i->ifa_addr, &a) && !is_link_local(&a))
			reach_add(r, &a);
	freeifaddrs(list);
}

static unsigned
put_addresses(struct zone_edit *e, struct rrbuf *b, const struct conf *conf, const uint8_t *ns, unsigned family)
{
	struct reach r = { b, family, 0 };

	rrbuf_begin(b, family == 4 ? TYPE_A : TYPE_AAAA, CLASS_IN, TTL_INFRASTRUCTURE);
	for (size_t i = 0; i < conf->daemon.nlisten; i++) {
		const struct addr *a = &conf->daemon.listen[i];

		if (!addr_is_any(a))
			reach_add(&r, a);
		else if (a->family == family)
			reach_add_interfaces(&r, false);
	}
	if (r.count > 0)
		zone_put(e, ns, b);
	return r.count;
}

static bool
is_service(const struct conf *conf, const uint8_t *name)
{
	for (size_t i = 0; i < conf->nservices; i++)
		if (dname_equal(conf->services[i].name, name))
			return true;
	return false;
}

struct zone *
made_zone(const struct conf *conf, const struct conf_zone *zone, uint32_t serial)
{
	struct zone_edit *e = zone_edit_new(zone->name);
	struct rrbuf *b = rrbuf_new();
	uint8_t ns[DNAME_MAX];
	size_t n = name_below("ns", zone->name, ns);
	struct garbage *none = NULL;
	struct zone *z;

	put_soa(e, b, zone->name, serial);
	rrbuf_begin(b, TYPE_NS, CLASS_IN, TTL_INFRASTRUCTURE);
	rrbuf_add(b, ns, n);
	zone_put(e, zone->name, b);
	if (!is_service(conf, ns)) {           /* else the service's members answer for it */
		unsigned count = put_addresses(e, b, conf, ns, 4);

		count += put_addresses(e, b, conf, ns, 6);
		if (count == 0) {              /* a machine with nothing but loopback */
			struct reach r = { b, 4, 0 };

			rrbuf_begin(b, TYPE_A, CLASS_IN, TTL_INFRASTRUCTURE);
			reach_add_interfaces(&r, true);
			if (r.count > 0)
				zone_put(e, ns, b);
		}
	}
	z = zone_commit(e, &none);
	garbage_free(none);
	rrbuf_free(b);
	return z;
}
