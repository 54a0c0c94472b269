/* zone_names.c - the zones of a configuration, sorted by name. */
#include "dnsd/zone_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf.h"

struct zone_names {
	const struct conf *conf;
	const struct conf_zone **sorted;       /* conf->nzones of them */
};

static int
compare(const void *a, const void *b)
{
	const uint8_t *x = (*(const struct conf_zone *const *)a)->name, *y = (*(const struct conf_zone *const *)b)->name;
	size_t nx = dname_length(x), ny = dname_length(y);

	return memcmp(x, y, nx < ny ? nx : ny);        /* 0 only for the same: no name begins with another whole one */
}

struct zone_names *
zone_names_new(const struct conf *conf)
{
	struct zone_names *z = mem_alloc(sizeof(*z));

	z->conf = conf;
	z->sorted = mem_array(conf->nzones, sizeof(*z->sorted));
	for (size_t i = 0; i < conf->nzones; i++)
		z->sorted[i] = &conf->zones[i];
	qsort(z->sorted, conf->nzones, sizeof(*z->sorted), compare);
	return z;
}

void
zone_names_free(struct zone_names *z)
{
	if (z == NULL)
		return;
	free(z->sorted);
	free(z);
}

bool
zone_names_find(const struct zone_names *z, const uint8_t *name, size_t *i)
{
	struct conf_zone wanted = { .text = NULL };
	const struct conf_zone *key = &wanted, **found;

	memcpy(wanted.name, name, dname_length(name));
	dname_lower(wanted.name);
	found = bsearch(&key, z->sorted, z->conf->nzones, sizeof(*z->sorted), compare);
	if (found != NULL)
		*i = (size_t)(*found - z->conf->zones);
	return found != NULL;
}
