/* fuzz_conf.c - hostile configurations: a tree or mistakes, never both, never anything worse. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the header promises of a tree that is returned. */
static void
promises_check(const struct conf *c)
{
	for (size_t i = 0; i < c->nchecks; i++)
		if (c->checks[i].timeout_us > c->checks[i].interval_us || c->checks[i].interval_us == 0)
			abort();
	for (size_t i = 0; i < c->nservers; i++)
		if (c->servers[i].ninterfaces == 0 || c->servers[i].interfaces[0].address.family == 0)
			abort();
	for (size_t i = 0; i < c->nservices; i++) {
		const struct conf_service *s = &c->services[i];

		if (s->zone == NULL || s->nmembers == 0 || s->members[0].server == NULL || s->ttl_doubt > s->ttl ||
		    !dname_is_under(s->name, s->zone->name) || (s->all_down == ALL_DOWN_FALLBACK) != (s->nfallback > 0))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag diag = { 0 };
	struct conf *conf = conf_parse((const char *)data, size, "/fuzz/homing.conf", &diag);

	if ((conf == NULL) != (diag.count > 0))
		abort();
	if (conf != NULL)
		promises_check(conf);
	conf_free(conf);
	diag_clear(&diag);
	return 0;
}
