/* conf.c - a configuration, from its text to the tree and back to nothing.
 *
 *   source  the text, bounded, parsed by libconfig
 *   reader  groups along their rows; kinds: the values
 *   daemon, keys, fabrics, checks, servers, zones with secondaries, services
 *           a table each, and what a table cannot say
 *   amend   servers and members that were added at run time
 *
 * The groups are read in an order in which every name is known before it is
 * referred to, whatever their order in the file. Everything is looked up in
 * sorted indexes: reading takes n log n. */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/reader.h"
#include "conf/source.h"

/* ---- the file's own level ---- */

static const struct row rows[] = {
	{ "server", &kind_beside },
	{ "api", &kind_later },
	{ "keys", &kind_groups },
	{ "fabrics", &kind_groups },
	{ "checks", &kind_groups },
	{ "servers", &kind_groups },
	{ "zones", &kind_groups },
	{ "services", &kind_groups },
	{ "hooks", &kind_later },
};

static const struct group group = GROUP("the groups of the file", rows);

/* The absolute folder of a file, without a final slash: "" for the root. malloc'd. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash != NULL ? (int)(slash - path) : 0;
	char *cwd, *folder;

	if (*path == '/')
		return mem_printf("%.*s", n, path);
	cwd = getcwd(NULL, 0);
	if (cwd == NULL || strcmp(cwd, "/") == 0)      /* NULL: it was removed, so nothing is below it */
		folder = mem_printf("%s%.*s", n > 0 ? "/" : "", n, path);
	else
		folder = mem_printf("%s%s%.*s", cwd, n > 0 ? "/" : "", n, path);
	free(cwd);
	return folder;
}

void
indexes_free(struct reader *r)
{
	names_free(&r->keys);
	names_free(&r->fabrics);
	names_free(&r->checks);
	names_free(&r->servers);
	names_free(&r->interfaces);
	names_free(&r->zones);
	names_free(&r->services);
	subnets_free(&r->subnets);
}

static void
tree_read(struct reader *r)
{
	reader_group(r, &group, r->root, 0, r->conf);
	daemon_read(r);
	keys_read(r);
	fabrics_read(r);
	checks_read(r);
	servers_read(r);
	zones_read(r);
	services_read(r);
	zones_settle(r);
	indexes_free(r);
}

/* ---- the text, once parsed ---- */

/* Kept with the tree that was read from it: conf_amend() reads some of it again, in no other state than it was found good in. */
struct conf_text {
	config_t config;
};

const config_setting_t *
conf_text_root(const struct conf_text *t)
{
	return config_root_setting(&t->config);
}

static void
text_free(struct conf_text *t)
{
	if (t == NULL)
		return;
	config_destroy(&t->config);
	free(t);
}

struct conf *
conf_parse(const char *text, size_t length, const char *path, struct diag *diag)
{
	struct reader r = { .file = path, .folder = folder_of(path), .diag = diag, .conf = mem_alloc(sizeof(*r.conf)) };
	size_t before = reader_mistakes(&r);
	char *copy = mem_alloc(length + 1);    /* libconfig wants a NUL behind it */

	if (length > 0)
		memcpy(copy, text, length);
	r.conf->file = mem_text(path);
	r.conf->text = mem_alloc(sizeof(*r.conf->text));
	if (source_parse(&r.conf->text->config, copy, length, path, r.folder, diag)) {
		r.root = conf_text_root(r.conf->text);
		tree_read(&r);
	}
	free(copy);
	free(r.folder);
	if (reader_mistakes(&r) == before)
		return r.conf;
	conf_free(r.conf);
	return NULL;
}

struct conf *
conf_load(const char *path, struct diag *diag)
{
	size_t length;
	char *text = source_read(path, &length, diag);
	struct conf *conf = text != NULL ? conf_parse(text, length, path, diag) : NULL;

	free(text);
	return conf;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	services_free(c);
	servers_free(c);
	if (c->base == NULL) {
		zones_free(c);
		checks_free(c);
		fabrics_free(c);
		keys_free(c);
		daemon_free(c);
		free(c->file);
		text_free(c->text);
	}
	free(c);
}

char *
conf_control_socket(const char *path, struct diag *diag)
{
	struct reader r = { .file = path, .diag = diag };
	size_t length;
	char *text = source_read(path, &length, diag), *control = NULL;
	config_t config;

	if (text == NULL)
		return NULL;
	r.folder = folder_of(path);
	if (source_parse(&config, text, length, path, r.folder, diag)) {
		r.root = config_root_setting(&config);
		control = daemon_control(&r);
	}
	config_destroy(&config);
	free(r.folder);
	free(text);
	return control;
}
