/* terms.c - what a configuration lends to its snapshots. */
#include "dnsd/terms.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/limit.h"
#include "dnsd/tsig.h"

struct terms *
terms_new(struct conf *conf, struct reports *reports, struct handover *handover, uint64_t number, const uint8_t random_secret[16])
{
	struct terms *t = mem_alloc(sizeof(*t));
	const struct conf_daemon *daemon = &conf->daemon;

	memcpy(t->secret[0], random_secret, sizeof(t->secret[0]));
	t->conf = conf;
	t->keys = keyring_new(conf);
	t->limit = limit_new(daemon);
	t->snapshot = (struct snapshot_terms){
		.conf = conf, .keys = t->keys, .limit = t->limit, .reports = reports, .handover = handover, .number = number,
		.cookie_secrets = daemon->ncookie_secrets > 0 ? (const uint8_t (*)[16])daemon->cookie_secrets : (const uint8_t (*)[16])t->secret,
		.ncookie_secrets = daemon->ncookie_secrets > 0 ? daemon->ncookie_secrets : 1,
		.tcp_idle_100ms = (unsigned)(daemon->tcp_idle_us / (100 * US_PER_MS)),
	};
	return t;
}

void
terms_free(void *terms)
{
	struct terms *t = terms;

	if (t == NULL)
		return;
	limit_free(t->limit);
	keyring_free(t->keys);
	conf_free(t->conf);
	free(t);
}
