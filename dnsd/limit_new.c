/* limit_new.c - making and freeing of what limit.c judges by: beside the query path, for it allocates. */
#include "dnsd/limit_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "conf/conf.h"

struct limit *
limit_new(const struct conf_daemon *conf)
{
	if (conf->rate_limit == 0)
		return NULL;

	struct limit *l = mem_alloc(sizeof(*l));

	l->rate = conf->rate_limit;
	l->slip = conf->rate_limit_slip;
	if (getrandom(l->key, sizeof(l->key), 0) != (ssize_t)sizeof(l->key))
		abort();                       /* up to 256 bytes come whole once the system has booted (getrandom(2)) */
	l->nexempt = conf->nrate_limit_exempt;
	if (l->nexempt > 0) {
		l->exempt = mem_array(l->nexempt, sizeof(*l->exempt));
		memcpy(l->exempt, conf->rate_limit_exempt, l->nexempt * sizeof(*l->exempt));
	}
	return l;
}

void
limit_free(struct limit *l)
{
	if (l == NULL)
		return;
	free(l->exempt);
	free(l);
}
