/* rrs.c - RRsets on their way. */
#include "zones/rrs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/rdata_form.h"
#include "zones/rrbuf.h"

enum { LENGTH = 2 };                   /* of the rdlength before each rdata */

/* As much as a zone can have (rrbuf_add()): size counts an rdlength for each, and there the rest of the RR is. */
static bool
size_is_good(size_t count, size_t size)
{
	return count > 0 && count <= UINT16_MAX && size <= RRSET_MAX && size + count * (RR_FIXED - LENGTH) <= RRSET_MAX;
}

static struct rrs *
rrs_make(uint16_t type, uint16_t count, uint32_t ttl, size_t size)
{
	struct rrs *r = mem_resize(NULL, sizeof(*r) + size);

	r->type = type;
	r->count = count;
	r->ttl = ttl;
	r->size = (uint32_t)size;
	return r;
}

static uint8_t *
rr_put(uint8_t *p, const uint8_t *rdata, size_t size)
{
	p[0] = (uint8_t)(size >> 8);
	p[1] = (uint8_t)size;
	if (size > 0)
		memcpy(p + LENGTH, rdata, size);
	return p + LENGTH + size;
}

/* Do count RRs take exactly size bytes? */
static bool
data_is_whole(unsigned count, const uint8_t *data, size_t size)
{
	size_t at = 0;

	for (; count > 0; count--) {
		if (size - at < LENGTH)
			return false;
		at += LENGTH + ((size_t)data[at] << 8 | data[at + 1]);
		if (at > size)
			return false;
	}
	return at == size;
}

struct rrs *
rrs_new(uint16_t type, uint16_t count, uint32_t ttl, const uint8_t *data, size_t size)
{
	struct rrs *r;

	if (!size_is_good(count, size) || !data_is_whole(count, data, size))
		return NULL;
	r = rrs_make(type, count, ttl, size);
	memcpy(r->data, data, size);
	return r;
}

struct rrs *
rrs_of(const struct rrset *s)
{
	struct rrs *r = rrs_make(s->type, s->count, 0, s->size - (size_t)s->count * (RR_FIXED - LENGTH));
	const uint8_t *rr = s->bytes;
	uint8_t *p = r->data;

	for (unsigned i = 0; i < s->count; i++) {
		struct rr parts;

		rr = rr_read(rr, &parts);
		p = rr_put(p, parts.rdata, parts.rdlength);
		r->ttl = parts.ttl;
	}
	assert(p == r->data + r->size);
	return r;
}

struct rrs *
rrs_copy(const struct rrs *r)
{
	struct rrs *copy;

	if (r == NULL)
		return NULL;
	copy = rrs_make(r->type, r->count, r->ttl, r->size);
	memcpy(copy->data, r->data, r->size);
	return copy;
}

bool
rrs_equal(const struct rrs *a, const struct rrs *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->type == b->type && a->count == b->count && a->ttl == b->ttl && a->size == b->size &&
	    memcmp(a->data, b->data, a->size) == 0;
}

const uint8_t *
rrs_next(const struct rrs *r, const uint8_t *after, size_t *size)
{
	const uint8_t *p = after == NULL ? r->data : after + ((size_t)after[-2] << 8 | after[-1]);

	if (p == r->data + r->size)
		return NULL;
	*size = (size_t)p[0] << 8 | p[1];
	return p + LENGTH;
}

/* The RR in r that equals rdata; NULL: none. */
static const uint8_t *
rrs_find(const struct rrs *r, const uint8_t *rdata, size_t size)
{
	const uint8_t *p = NULL;
	size_t n;

	while ((p = rrs_next(r, p, &n)) != NULL)
		if (rdata_equal(r->type, p, n, rdata, size))
			return p;
	return NULL;
}

bool
rrs_has(const struct rrs *r, const uint8_t *rdata, size_t size)
{
	return rrs_find(r, rdata, size) != NULL;
}

struct rrs *
rrs_with(const struct rrs *r, uint16_t type, uint32_t ttl, const uint8_t *rdata, size_t size)
{
	const uint8_t *equal = r != NULL ? rrs_find(r, rdata, size) : NULL;
	struct rrs *with;

	assert(r == NULL || r->type == type);
	if (equal != NULL) {                   /* of the same size, perhaps in another case */
		with = rrs_copy(r);
		with->ttl = ttl;
		if (size > 0)
			memcpy(with->data + (equal - r->data), rdata, size);
		return with;
	}

	size_t count = r != NULL ? r->count : 0, before = r != NULL ? r->size : 0;

	if (size > UINT16_MAX || !size_is_good(count + 1, before + LENGTH + size))
		return NULL;
	with = rrs_make(type, (uint16_t)(count + 1), ttl, before + LENGTH + size);
	if (r != NULL)
		memcpy(with->data, r->data, before);
	rr_put(with->data + before, rdata, size);
	return with;
}

struct rrs *
rrs_without(const struct rrs *r, const uint8_t *rdata, size_t size, bool *gone)
{
	const uint8_t *equal = r != NULL ? rrs_find(r, rdata, size) : NULL;
	struct rrs *without;
	size_t at;

	*gone = equal != NULL;
	if (equal == NULL)
		return rrs_copy(r);
	if (r->count == 1)
		return NULL;
	at = (size_t)(equal - r->data) - LENGTH;
	without = rrs_make(r->type, r->count - 1, r->ttl, r->size - LENGTH - size);
	memcpy(without->data, r->data, at);
	memcpy(without->data + at, equal + size, r->size - at - LENGTH - size);
	return without;
}
