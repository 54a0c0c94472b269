/* fuzz_conf.c - hostile configurations: a tree or mistakes, never both, never anything worse.
 *
 * Each input is taken for a file with a key's secret too. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/base64.h"
#include "conf/conf.h"
#include "conf/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
whos_sound(const struct conf *c, const struct conf_whos *whos)
{
	for (size_t i = 0; i < whos->count; i++) {
		const struct conf_who *w = &whos->who[i];

		if (w->anywhere ? w->key == NULL : w->prefix.base.family == 0)
			return false;
		if (w->key != NULL && (w->key < c->keys || w->key >= c->keys + c->nkeys))
			return false;
	}
	return true;
}

static void
rules_check(const struct conf *c, const struct conf_zone *z)
{
	if (z->type != ZONE_DYNAMIC && (z->update.count > 0 || z->nupdate_rules > 0))
		abort();
	for (size_t i = 0; i < z->nupdate_rules; i++) {
		const struct conf_update_rule *rule = &z->update_rules[i];

		if (rule->key < c->keys || rule->key >= c->keys + c->nkeys || rule->nnames == 0)
			abort();
		for (size_t k = 0; k < rule->nnames; k++)
			if (rule->names[k][0] == '\0')
				abort();
	}
}

static void
fleet_check(const struct conf *c)
{
	const struct conf_daemon *d = &c->daemon;

	if ((d->nlisten_tls > 0 && (d->tls_certificate == NULL || d->tls_key == NULL)) || d->ncookie_secrets > 4)
		abort();
	for (size_t i = 0; i < c->nkeys; i++)
		if (c->keys[i].name == NULL || c->keys[i].secret == NULL || c->keys[i].secret_size < 1 ||
		    c->keys[i].secret_size > 1024 || tsig_algorithm_text(c->keys[i].algorithm) == NULL)
			abort();
	for (size_t i = 0; i < c->nzones; i++) {
		const struct conf_zone *z = &c->zones[i];

		rules_check(c, z);
		if (!whos_sound(c, &z->transfer) || !whos_sound(c, &z->update) || (z->nnotify > 0 && z->transfer.count == 0) ||
		    (z->type == ZONE_CATALOG && (z->file != NULL || z->transfer.count == 0)))
			abort();
		for (size_t k = 0; k < z->nnotify; k++)
			if (z->notify[k].address.family == 0 || z->notify[k].address.port == 0)
				abort();
	}
}

/* What the header promises of a tree that is returned. */
static void
promises_check(const struct conf *c)
{
	fleet_check(c);
	for (size_t i = 0; i < c->nchecks; i++)
		if (c->checks[i].timeout_us > c->checks[i].interval_us || c->checks[i].interval_us == 0)
			abort();
	for (size_t i = 0; i < c->nservers; i++)
		if (c->servers[i].ninterfaces == 0 || c->servers[i].interfaces[0].address.family == 0)
			abort();
	for (size_t i = 0; i < c->nservices; i++) {
		const struct conf_service *s = &c->services[i];

		if (s->zone == NULL || s->zone->type == ZONE_CATALOG || s->nmembers == 0 || s->members[0].server == NULL || s->ttl_doubt > s->ttl ||
		    !dname_is_under(s->name, s->zone->name) || (s->all_down == ALL_DOWN_FALLBACK) != (s->nfallback > 0))
			abort();
	}
}

static void
keyfile_check(const uint8_t *data, size_t size)
{
	static const uint8_t name[] = { 1, 'k', 0 };
	char *text = mem_alloc(size + 1);
	struct keyfile file;
	uint8_t secret[64];
	size_t n;

	if (size > 0)
		memcpy(text, data, size);
	if ((keyfile_parse(text, name, &file) == NULL) != (file.secret != NULL))
		abort();
	if (file.secret != NULL && base64_decode(file.secret, secret, sizeof(secret), &n) && n > sizeof(secret))
		abort();
	free(file.secret);
	free(text);
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
	keyfile_check(data, size);
	return 0;
}
