/* amend.c - a configuration, and what was added to it at run time.
 *
 *     the file's settings, as they were parsed ─┐
 *     the groups that were added ───────────────┴─► servers, services ─┐
 *     fabrics, checks, zones, keys of the base, borrowed ──────────────┴─► struct conf
 *
 * An addition goes through the same tables as the file, so that it can be wrong in the same ways and is told in the same words. The
 * file's own settings are kept as they were loaded: what an operator is writing into it meanwhile is for his next reload. */
#include "conf/amend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/reader.h"
#include "conf/source.h"

/* ---- one addition ---- */

struct conf_more *
added_of(const config_setting_t *s)
{
	while (!config_setting_is_root(s))
		s = config_setting_parent(s);
	return config_setting_get_hook(s);
}

void
added_note(struct conf_more *more, const struct diag *diag)
{
	if (more->mistakes++ == 0)
		more->first = diag->count;
}

/* Alone in the list of that name: the group. NULL: there is something else. */
static const config_setting_t *
only_group(const config_setting_t *in, const char *list, size_t settings)
{
	const config_setting_t *s = reader_get(in, list), *one;

	if (s == NULL || !config_setting_is_list(s) || config_setting_length(s) != 1 || (size_t)config_setting_length(in) != settings)
		return NULL;
	one = reader_item(s, 0);
	return config_setting_is_group(one) ? one : NULL;
}

/* The group of that name in what was parsed. */
static const config_setting_t *
added_group(const struct added *a, const config_setting_t *root)
{
	bool member = a->more->service != NULL;
	const config_setting_t *s = only_group(root, member ? "services" : "servers", 1);
	const char *name;

	if (member && s != NULL)
		s = only_group(s, "members", 2);
	name = s != NULL ? reader_text(s, member ? "server" : "name") : NULL;
	return name != NULL && strcmp(name, a->more->name) == 0 ? s : NULL;
}

char *
conf_quote(const char *text)
{
	char *quoted = mem_alloc(4 * strlen(text) + 3), *out = quoted;

	*out++ = '"';
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			*out++ = '\\';
		if (c < ' ' || c == 0x7f)
			out += sprintf(out, "\\x%02x", (unsigned)c);
		else
			*out++ = (char)c;
	}
	*out++ = '"';
	*out = '\0';
	return quoted;
}

/* What the file would say. A text that says more than its group is found out by added_group(). malloc'd. */
static char *
added_text(const struct conf_more *more)
{
	char *service, *text;

	if (more->service == NULL)
		return mem_printf("servers = ( %s );", more->text);
	service = conf_quote(more->service);
	text = mem_printf("services = ( { name = %s; members = ( %s ); } );", service, more->text);
	free(service);
	return text;
}

static void
added_parse(struct added *a, struct diag *diag)
{
	char *text = added_text(a->more);
	config_setting_t *root;

	added_note(a->more, diag);             /* unless it turns out well */
	if (source_parse(&a->config, text, strlen(text), READER_ADDED, "", diag)) {
		root = config_root_setting(&a->config);
		config_setting_set_hook(root, a->more);
		a->setting = added_group(a, root);
		if (a->setting != NULL)
			a->more->mistakes = 0;
		else
			diag_add(diag, READER_ADDED, 0, NULL, "%s is kept in words that are not its own (expected one group, of this name)",
			    a->more->name);
	}
	free(text);
}

/* ---- all of them ---- */

/* Each member to its service. */
static void
additions_sort(struct additions *all, struct reader *r)
{
	const struct conf *base = r->conf->base;

	for (size_t i = all->count; i-- > 0;) {        /* from the last, so that chains are in order */
		struct added *a = &all->list[i];
		const struct conf_service *service;

		if (a->setting == NULL || a->more->service == NULL)
			continue;
		service = names_find(&r->services, NULL, a->more->service);
		if (service == NULL) {
			reader_say(r, config_setting_parent(config_setting_parent(a->setting)),
			    "there is no service of this name (expected one that is configured)");
			continue;
		}
		a->next = all->members[service - base->services];
		all->members[service - base->services] = a;
	}
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].setting != NULL && all->list[i].more->service == NULL)
			all->servers[all->nservers++] = &all->list[i];
}

static void
additions_parse(struct additions *all, struct conf_more *more, size_t n, struct reader *r)
{
	all->list = mem_array(n, sizeof(*all->list));
	all->count = n;
	all->servers = mem_array(n, sizeof(struct added *));
	all->members = mem_array(r->conf->base->nservices, sizeof(struct added *));
	for (size_t i = 0; i < n; i++) {
		all->list[i].more = &more[i];
		more[i].mistakes = 0;
		added_parse(&all->list[i], r->diag);
	}
	additions_sort(all, r);
}

static void
additions_free(struct additions *all)
{
	for (size_t i = 0; i < all->count; i++)
		config_destroy(&all->list[i].config);
	free(all->list);
	free(all->servers);
	free(all->members);
}

/* ---- the base ---- */

/* What references are looked up in. They were found good when the base was loaded. */
static void
indexes_make(struct reader *r)
{
	const struct conf *base = r->conf->base;

	for (size_t i = 0; i < base->nfabrics; i++)
		names_add(&r->fabrics, NULL, base->fabrics[i].name, &base->fabrics[i]);
	for (size_t i = 0; i < base->nchecks; i++)
		names_add(&r->checks, NULL, base->checks[i].name, &base->checks[i]);
	for (size_t i = 0; i < base->nzones; i++)
		names_add(&r->zones, NULL, base->zones[i].text, &base->zones[i]);
	for (size_t i = 0; i < base->nservices; i++)
		names_add(&r->services, NULL, base->services[i].text, &base->services[i]);
	names_sort(&r->fabrics, NULL, NULL);
	names_sort(&r->checks, NULL, NULL);
	names_sort(&r->zones, NULL, NULL);
	names_sort(&r->services, NULL, NULL);
	subnets_make(&r->subnets, base->fabrics, base->nfabrics, NULL, NULL);
}

/* All but the servers and services is the base's own. */
static struct conf *
amended_new(const struct conf *base)
{
	struct conf *c = mem_alloc(sizeof(*c));

	*c = *base;
	c->base = base;
	c->text = NULL;
	c->servers = NULL;
	c->services = NULL;
	c->nservers = c->nservices = 0;
	return c;
}

struct conf *
conf_amend(const struct conf *base, struct conf_more *more, size_t n, struct diag *diag)
{
	struct conf *c = amended_new(base);
	struct reader r = { .file = c->file, .diag = diag, .conf = c };
	size_t before = reader_mistakes(&r);
	struct additions all = { .list = NULL };

	r.root = conf_text_root(base->text);
	indexes_make(&r);
	additions_parse(&all, more, n, &r);
	names_free(&r.services);
	r.added = &all;
	servers_read(&r);
	services_read(&r);
	zones_place(&r);
	indexes_free(&r);
	additions_free(&all);
	if (reader_mistakes(&r) == before)
		return c;
	conf_free(c);
	return NULL;
}
