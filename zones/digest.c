/* digest.c - a fingerprint of what a zone holds.
 *
 * Fixed keys, and words in a byte order of their own: a digest that was stored says the same to
 * another run on another machine. It tells whether a zone is as it was, and guards against nobody. */
#include <assert.h>
#include <string.h>

#include "base/siphash.h"
#include "zones/rrbuf.h"
#include "zones/version.h"

enum { SOA_MAX = RR_FIXED + 2 * DNAME_MAX + 20 };

static uint64_t
owner_hash(const uint8_t *name)
{
	static const uint8_t key[SIPHASH_KEY] = "a zone's digest";
	uint8_t lower[DNAME_MAX];
	size_t size = dname_length(name);

	memcpy(lower, name, size);
	dname_lower(lower);
	return siphash(key, lower, size);
}

static struct digest
rr_hash(uint64_t owner, const uint8_t *rr, size_t size)
{
	uint8_t key[SIPHASH_KEY] = { 0 };
	struct digest d;

	for (unsigned i = 0; i < 8; i++)
		key[i] = (uint8_t)(owner >> 8 * i);
	for (unsigned i = 0; i < 2; i++) {
		key[8] = (uint8_t)i;
		d.sum[i] = siphash(key, rr + 2, size - 2);     /* the first two bytes are no owner */
	}
	return d;
}

static struct digest
record_hash(uint64_t owner, const uint8_t *rr)
{
	struct rr parts;
	size_t size = (size_t)(rr_read(rr, &parts) - rr);
	uint8_t soa[SOA_MAX];

	if (rr[2] != 0 || rr[3] != TYPE_SOA)
		return rr_hash(owner, rr, size);
	assert(size <= sizeof(soa) && parts.rdlength >= 22);
	memcpy(soa, rr, size);
	memset(soa + size - 20, 0, 4);         /* the serial: five numbers end the rdata */
	return rr_hash(owner, soa, size);
}

static void
digest_add_hash(struct digest *d, struct digest record)
{
	d->sum[0] += record.sum[0];
	d->sum[1] += record.sum[1];
}

void
digest_add(struct digest *d, const uint8_t *name, const uint8_t *rr)
{
	digest_add_hash(d, record_hash(owner_hash(name), rr));
}

void
digest_subtract(struct digest *d, const uint8_t *name, const uint8_t *rr)
{
	struct digest record = record_hash(owner_hash(name), rr);

	d->sum[0] -= record.sum[0];
	d->sum[1] -= record.sum[1];
}

/* Twice, so that planes that are the other way round have another digest. */
static bool
digest_plane(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	struct digest *d = arg;

	(void)type;
	for (unsigned i = 0; i < 2; i++)
		(come ? digest_add : digest_subtract)(d, name, rr);
	return true;
}

void
zone_digest(const struct zone *z, struct digest *d)
{
	struct zone_walk *w = zone_walk_new(z);
	const struct node *n;

	*d = (struct digest){ { 0 } };
	while ((n = zone_walk_next(w)) != NULL) {
		uint64_t owner = owner_hash(n->name);

		for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;) {
			const uint8_t *rr = s->bytes;
			struct rr parts;

			for (unsigned i = 0; i < s->count; i++) {
				digest_add_hash(d, record_hash(owner, rr));
				rr = rr_read(rr, &parts);
			}
		}
	}
	zone_walk_free(w);
	zone_diff_planes(z, digest_plane, d);
}
