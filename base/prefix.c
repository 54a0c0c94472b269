/* prefix.c - which addresses a prefix holds. Part of the query path, as the rest of addr.h is not. */
#include "base/addr.h"

#include <string.h>

bool
prefix_contains(const struct prefix *p, const struct addr *a)
{
	unsigned whole = p->bits / 8u, rest = p->bits % 8u;

	if (p->base.family != a->family || memcmp(p->base.bytes, a->bytes, whole) != 0)
		return false;
	return rest == 0 || ((p->base.bytes[whole] ^ a->bytes[whole]) & 0xff00u >> rest & 0xff) == 0;
}

bool
prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->bits <= b->bits ? prefix_contains(a, &b->base) : prefix_contains(b, &a->base);
}
