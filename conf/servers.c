/* servers.c - the list "servers" and their interfaces; behind them, those that were added at run time. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/amend.h"
#include "conf/reader.h"

enum { CHECKS_MOST = 64 };

static const struct row server_rows[] = {
	{ "name", &kind_name, AT(struct conf_server, name), .required = true },
	{ "checks", &kind_check, LIST(struct conf_server, checks.check, checks.count), .most = CHECKS_MOST },
	{ "interfaces", &kind_groups, .required = true },
};

static const struct row interface_rows[] = {
	{ "name", &kind_name, AT(struct conf_interface, name), .required = true },
	{ "address", &kind_address, AT(struct conf_interface, address), .required = true },
	{ "fabric", &kind_fabric, AT(struct conf_interface, fabric) },
	{ "checks", &kind_check, LIST(struct conf_interface, checks.check, checks.count), .most = CHECKS_MOST },
	{ "source", &kind_address, AT(struct conf_interface, source) },
	{ "device", &kind_device, AT(struct conf_interface, device) },
};

static const struct group server_group = GROUP("the settings of a server", server_rows);
static const struct group interface_group = GROUP("the settings of an interface", interface_rows);

/* ---- the settings behind a part of the tree, for messages ---- */

static const config_setting_t *
server_setting(const struct reader *r, const struct conf_server *server)
{
	size_t i = (size_t)(server - r->conf->servers), nadded = r->added != NULL ? r->added->nservers : 0;
	size_t nlisted = r->conf->nservers - nadded;

	return i < nlisted ? reader_item(reader_get(r->root, "servers"), i) : r->added->servers[i - nlisted]->setting;
}

static const config_setting_t *
interface_setting(const struct reader *r, const struct conf_interface *i, const char *name)
{
	const config_setting_t *list = reader_get(server_setting(r, i->server), "interfaces");

	return reader_get(reader_item(list, (size_t)(i - i->server->interfaces)), name);
}

static const char *
or_none(const char *name)
{
	return name != NULL ? name : "(no name)";
}

/* ---- an interface ---- */

/* The fabric that was given, or the one that holds the address. */
static void
fabric_settle(struct reader *r, const config_setting_t *s, struct conf_interface *i)
{
	const config_setting_t *given = reader_get(s, "fabric");
	const struct conf_fabric *holds = i->address.family != 0 ? subnets_find(&r->subnets, &i->address) : NULL;
	char text[ADDR_TEXT];

	if (given == NULL)
		i->fabric = holds;
	else if (i->fabric != NULL && i->address.family != 0 && i->fabric != holds && !r->subnets_doubtful)
		reader_say(r, reader_get(s, "address"), "\"%s\" is in no subnet of fabric %s%s%s (expected an address of the fabric)",
		    addr_format(&i->address, text), i->fabric->name, holds != NULL ? ", but in one of " : "",
		    holds != NULL ? or_none(holds->name) : "");
}

static void
source_settle(struct reader *r, const config_setting_t *s, struct conf_interface *i)
{
	char text[ADDR_TEXT];

	if (i->source.family == 0) {
		if (i->fabric != NULL)
			i->source = i->address.family == 6 ? i->fabric->source6 : i->fabric->source4;
	} else if (i->address.family != 0 && i->source.family != i->address.family) {
		reader_say(r, reader_get(s, "source"), "\"%s\" is IPv%d, but the address is IPv%d (expected the address's family)",
		    addr_format(&i->source, text), i->source.family, i->address.family);
	}
	if (i->fabric == NULL)
		return;
	if (i->device == NULL)
		i->device = mem_text(i->fabric->device);
	i->mark = i->fabric->mark;
}

static void
interface_read(struct reader *r, const config_setting_t *s, struct conf_interface *i)
{
	i->line = config_setting_source_line(s);
	reader_group(r, &interface_group, s, 0, i);
	fabric_settle(r, s, i);
	source_settle(r, s, i);
	if (i->name != NULL)
		names_add(&r->interfaces, i->server, i->name, i);
}

/* ---- a server ---- */

static void
interfaces_read(struct reader *r, const config_setting_t *s, struct conf_server *server)
{
	const config_setting_t *list = reader_list(r, s, "interfaces", &server->ninterfaces);

	server->interfaces = mem_array(server->ninterfaces, sizeof(*server->interfaces));
	for (size_t i = 0; i < server->ninterfaces; i++)
		server->interfaces[i].server = server;
	for (size_t i = 0; i < server->ninterfaces; i++)
		interface_read(r, reader_item(list, i), &server->interfaces[i]);
	if (list != NULL && server->ninterfaces == 0)
		reader_say(r, list, "an empty list (expected at least one interface)");
}

static void
server_read(struct reader *r, const config_setting_t *s, struct conf_server *server)
{
	server->line = config_setting_source_line(s);
	reader_group(r, &server_group, s, 0, server);
	interfaces_read(r, s, server);
	if (server->name == NULL)
		return;
	names_add(&r->servers, NULL, server->name, server);
	if (names_find(&r->fabrics, NULL, server->name) != NULL)
		reader_say(r, reader_get(s, "name"), "\"%s\" is the name of a fabric too (expected another name)", server->name);
}

static void
server_add(struct reader *r, const struct added *a, struct conf_server *server)
{
	server->added = true;
	server->owner = mem_text(a->more->owner);
	server_read(r, a->setting, server);
	server->line = 0;                      /* of a text that nobody wrote */
	for (size_t i = 0; i < server->ninterfaces; i++)
		server->interfaces[i].line = 0;
}

/* ---- all of them ---- */

static void
server_twice(void *ctx, const void *item, const void *first)
{
	const struct conf_server *server = item, *other = first;
	struct reader *r = ctx;
	char place[SHOWN];

	reader_say(r, reader_get(server_setting(r, server), "name"),
	    "\"%s\" is the name of the server %s too (expected another name)", server->name,
	    reader_place(other->line, other->added, place));
}

static void
interface_twice(void *ctx, const void *item, const void *first)
{
	const struct conf_interface *i = item, *other = first;
	struct reader *r = ctx;
	char place[SHOWN];

	reader_say(r, interface_setting(r, i, "name"),
	    "\"%s\" is the name of the interface %s too (expected another name)", i->name,
	    reader_place(other->line, other->server->added, place));
}

/* By address, then as they stand in the file: they are parts of servers, and those of one array. */
static int
address_order(const void *pa, const void *pb)
{
	const struct conf_interface *a = *(const struct conf_interface *const *)pa;
	const struct conf_interface *b = *(const struct conf_interface *const *)pb;
	int c = memcmp(&a->address, &b->address, sizeof(a->address));

	if (c != 0)
		return c;
	if (a->server != b->server)
		return a->server < b->server ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void
addresses_check(struct reader *r)
{
	const struct conf_interface **all = NULL, *first;
	char text[ADDR_TEXT], place[SHOWN];
	size_t n = 0;

	for (size_t s = 0; s < r->conf->nservers; s++) {
		for (size_t i = 0; i < r->conf->servers[s].ninterfaces; i++) {
			all = mem_grow(all, n, sizeof(*all));
			all[n++] = &r->conf->servers[s].interfaces[i];
		}
	}
	if (n > 0)
		qsort(all, n, sizeof(*all), address_order);
	first = n > 0 ? all[0] : NULL;
	for (size_t i = 1; i < n; i++) {
		if (!addr_equal(&all[i]->address, &first->address))
			first = all[i];
		else if (first->address.family != 0)
			reader_say(r, interface_setting(r, all[i], "address"),
			    "\"%s\" is the address of %s/%s %s too (expected every address once)",
			    addr_format(&first->address, text), or_none(first->server->name), or_none(first->name),
			    reader_place(first->line, first->server->added, place));
	}
	free(all);
}

void
servers_read(struct reader *r)
{
	struct conf *c = r->conf;
	size_t n, nadded = r->added != NULL ? r->added->nservers : 0;
	const config_setting_t *list = reader_list(r, r->root, "servers", &n);

	c->nservers = n + nadded;
	c->servers = mem_array(c->nservers, sizeof(*c->servers));
	for (size_t i = 0; i < n; i++)
		server_read(r, reader_item(list, i), &c->servers[i]);
	for (size_t i = 0; i < nadded; i++)
		server_add(r, r->added->servers[i], &c->servers[n + i]);
	names_sort(&r->servers, server_twice, r);
	names_sort(&r->interfaces, interface_twice, r);
	addresses_check(r);
}

void
servers_free(struct conf *c)
{
	for (size_t s = 0; s < c->nservers; s++) {
		struct conf_server *server = &c->servers[s];

		for (size_t i = 0; i < server->ninterfaces; i++)
			reader_release(&interface_group, &server->interfaces[i]);
		free(server->interfaces);
		free(server->owner);
		reader_release(&server_group, server);
	}
	free(c->servers);
}
