/* subnets.h - which fabric an address lies in.
 *
 * The subnets of all fabrics, sorted. As no two may overlap, the one that holds
 * an address is the last that does not begin behind it. */
#ifndef CONF_SUBNETS_H
#define CONF_SUBNETS_H

#include <stddef.h>

#include "conf/conf.h"

struct subnet {
	struct prefix prefix;
	const struct conf_fabric *fabric;
	size_t order;                  /* in the file */
};

struct subnets {
	struct subnet *list;
	size_t count;
};

/* The subnets of all fabrics. Calls overlap for each that overlaps an earlier
 * one of the file (the earlier one second). */
void subnets_make(struct subnets *s, const struct conf_fabric *fabrics, size_t nfabrics,
    void (*overlap)(void *ctx, const struct subnet *one, const struct subnet *other), void *ctx);

const struct conf_fabric *subnets_find(const struct subnets *s, const struct addr *a);  /* NULL: none holds it */

void subnets_free(struct subnets *s);

#endif
