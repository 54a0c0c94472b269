/* services.c - the list "services": names that answer with addresses that work. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/amend.h"
#include "conf/reader.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S, ADDRESSES_MOST = 64, CHECKS_MOST = 64, MEMBERS_MOST = 100000 };

static const struct word spreads[] = {
	{ "all", SPREAD_ALL, false }, { "rotate", SPREAD_ROTATE, false }, { "weighted", 0, true }, { "sticky", 0, true },
	{ NULL, 0, false },
};

static const struct word all_downs[] = {
	{ "all", ALL_DOWN_ALL, false }, { "empty", ALL_DOWN_EMPTY, false }, { "fallback", ALL_DOWN_FALLBACK, false },
	{ "last", 0, true }, { NULL, 0, false },
};

static const struct word affinities[] = {
	{ "none", 0, false }, { "prefer", 0, true }, { "only", 0, true }, { NULL, 0, false },
};

static const struct word failbacks[] = { { "auto", 0, false }, { "manual", 0, true }, { NULL, 0, false } };

static const struct row member_rows[] = {
	{ "server", &kind_server, AT(struct conf_member, server), .required = true },
	{ "interface", &kind_beside },         /* a name among the server's */
	{ "tier", &kind_number, AT(struct conf_member, tier), .least = 1, .most = 255, .initial = 1 },
	{ "weight", &kind_idle, .least = 1 },
};

static const struct row service_rows[] = {
	{ "name", &kind_dname, .required = true },
	{ "members", &kind_groups },
	{ "servers", &kind_beside },           /* short for members */
	{ "checks", &kind_check, LIST(struct conf_service, checks.check, checks.count), .most = CHECKS_MOST },
	{ "ttl", &kind_seconds, AT(struct conf_service, ttl), .least = 0, .most = WEEK_S, .initial = 5 },
	{ "ttl_doubt", &kind_seconds, AT(struct conf_service, ttl_doubt), .least = 0, .most = WEEK_S, .initial = 1 },
	{ "spread", &kind_word, AT(struct conf_service, spread), .words = spreads },
	{ "answers", &kind_number, AT(struct conf_service, answers), .least = 0, .most = 4096 },
	{ "affinity", &kind_word, .words = affinities },
	{ "all_down", &kind_beside },          /* a word, or a list of addresses */
	{ "fallback", &kind_address, LIST(struct conf_service, fallback, nfallback), .most = ADDRESSES_MOST },
	{ "min_up", &kind_idle, .least = 0 },
	{ "failback", &kind_word, .words = failbacks },
	{ "failback_delay", &kind_duration, AT(struct conf_service, failback_delay_us), .least = 0, .most = WEEK_S * US_PER_S,
	  .initial = 10 * US_PER_S },
	{ "flap_limit", &kind_later },
	{ "port", &kind_later },
	{ "proto", &kind_later },
	{ "srv", &kind_later },
	{ "https", &kind_idle_bool },
	{ "promise", &kind_later },
};

static const struct row servers_row = { "servers", &kind_server, .most = MEMBERS_MOST, .list = true };
static const struct row all_down_row = { "all_down", &kind_word, AT(struct conf_service, all_down), .words = all_downs };
static const struct row addresses_row = { "all_down", &kind_address, .most = ADDRESSES_MOST, .list = true };

static const struct group member_group = GROUP("the settings of a member", member_rows);
static const struct group service_group = GROUP("the settings of a service", service_rows);

const char *
spread_text(enum spread spread)
{
	return spreads[spread].word;
}

const char *
all_down_text(enum all_down all_down)
{
	return all_downs[all_down].word;
}

/* ---- members ---- */

static void
interface_find(struct reader *r, const config_setting_t *s, struct conf_member *m)
{
	const config_setting_t *one = reader_get(s, "interface");
	const char *text = one != NULL ? config_setting_get_string(one) : NULL;
	char shown[SHOWN], hint[SHOWN];

	if (one == NULL || m->server == NULL)
		return;
	m->interface = text != NULL ? names_find(&r->interfaces, m->server, text) : NULL;
	if (m->interface != NULL)
		return;
	reader_say(r, one, "%s is no interface of server %s (expected the name of one%s)", reader_show(one, shown),
	    m->server->name, reader_hint(text != NULL ? names_close(&r->interfaces, m->server, text) : NULL, hint));
	m->server = NULL;                      /* not to be taken for the whole server */
}

static void
member_read(struct reader *r, const config_setting_t *s, struct conf_member *m)
{
	reader_group(r, &member_group, s, 0, m);
	m->line = config_setting_source_line(s);
	interface_find(r, s, m);
}

static void
members_read(struct reader *r, const config_setting_t *s, struct conf_service *service)
{
	size_t n;
	const config_setting_t *list = reader_list(r, s, "members", &n);

	if (list != NULL && n == 0)
		reader_say(r, list, "an empty list (expected at least one member)");
	service->members = mem_array(n, sizeof(*service->members));
	for (size_t i = 0; i < n; i++)
		member_read(r, reader_item(list, i), &service->members[i]);
	service->nmembers = n;
}

/* The short form: behind the members, each in tier 1. */
static void
servers_add(struct reader *r, const config_setting_t *s, struct conf_service *service)
{
	const struct conf_server **servers = NULL;
	size_t n = reader_values(r, &servers_row, s, &servers), total = service->nmembers + n;
	struct conf_member *members = mem_array(total, sizeof(*members));

	if (service->nmembers > 0)
		memcpy(members, service->members, service->nmembers * sizeof(*members));
	for (size_t i = 0; i < n; i++)
		members[service->nmembers + i] = (struct conf_member){ .server = servers[i], .tier = 1, .line = config_setting_source_line(s) };
	free(service->members);
	service->members = members;
	service->nmembers = total;
	free(servers);
}

/* The first of those that were added to it at run time. */
static const struct added *
added_first(const struct reader *r, const struct conf_service *service)
{
	return r->added != NULL ? r->added->members[service - r->conf->services] : NULL;
}

static void
members_add(struct reader *r, struct conf_service *service)
{
	for (const struct added *a = added_first(r, service); a != NULL; a = a->next) {
		struct conf_member m = { .added = true, .owner = mem_text(a->more->owner) };

		member_read(r, a->setting, &m);
		m.line = 0;                    /* of a text that nobody wrote */
		/* The array was made for what the file has. */
		service->members = mem_resize(service->members, (service->nmembers + 1) * sizeof(m));
		service->members[service->nmembers++] = m;
	}
}

static const config_setting_t *
member_setting(struct reader *r, const config_setting_t *s, const struct conf_service *service, const struct conf_member *m)
{
	const config_setting_t *list = reader_get(s, "members");
	size_t i = (size_t)(m - service->members), n = list != NULL ? (size_t)config_setting_length(list) : 0;
	const struct added *a = added_first(r, service);

	if (!m->added)
		return i < n ? reader_item(list, i) : reader_get(s, "servers");
	for (; m > service->members && m[-1].added; m--)
		a = a->next;
	return a->setting;
}

/* By server, then whole servers before their interfaces, then as given. */
static int
member_order(const void *pa, const void *pb)
{
	const struct conf_member *a = *(const struct conf_member *const *)pa, *b = *(const struct conf_member *const *)pb;

	if (a->server != b->server)
		return a->server < b->server ? -1 : 1;
	if (a->interface != b->interface)
		return a->interface < b->interface ? -1 : 1;
	return a < b ? -1 : a > b;
}

static void
member_say(struct reader *r, const config_setting_t *s, const struct conf_service *service, const struct conf_member *m)
{
	reader_say(r, member_setting(r, s, service, m), "%s%s%s is a member already (expected each interface once)", m->server->name,
	    m->interface != NULL ? "/" : "", m->interface != NULL ? m->interface->name : "");
}

/* No interface may be reached twice: by a whole server and by itself, say. */
static void
members_check(struct reader *r, const config_setting_t *s, const struct conf_service *service)
{
	const struct conf_member **sorted = mem_array(service->nmembers, sizeof(*sorted)), *first = NULL;

	for (size_t i = 0; i < service->nmembers; i++)
		sorted[i] = &service->members[i];
	qsort(sorted, service->nmembers, sizeof(*sorted), member_order);
	for (size_t i = 0; i < service->nmembers; i++) {
		const struct conf_member *m = sorted[i];

		if (m->server == NULL)
			continue;              /* said already */
		if (first != NULL && m->server == first->server &&
		    (first->interface == NULL || m->interface == first->interface))
			member_say(r, s, service, first->added && !m->added ? first : m);      /* the file was right before */
		else
			first = m;
	}
	free(sorted);
}

/* ---- what depends on several settings ---- */

static void
all_down_read(struct reader *r, const config_setting_t *s, struct conf_service *service)
{
	const config_setting_t *one = reader_get(s, "all_down"), *fallback = reader_get(s, "fallback");
	bool list = one != NULL && (config_setting_is_array(one) || config_setting_is_list(one));

	if (list && fallback != NULL) {
		reader_say(r, fallback, "all_down lists the addresses (expected one list of them)");
		return;
	}
	if (list) {
		service->all_down = ALL_DOWN_FALLBACK;
		service->nfallback = reader_values(r, &addresses_row, one, &service->fallback);
		return;
	}
	if (one != NULL && !all_down_row.kind->read(r, &all_down_row, one, &service->all_down))
		return;
	if (service->all_down == ALL_DOWN_FALLBACK && fallback == NULL)
		reader_say(r, one, "\"fallback\" without fallback (expected fallback = [ addresses ] with it)");
	if (service->all_down != ALL_DOWN_FALLBACK && fallback != NULL)
		reader_say(r, fallback, "has no use (expected with all_down = \"fallback\")");
}

static void
ttl_check(struct reader *r, const config_setting_t *s, struct conf_service *service)
{
	const config_setting_t *doubt = reader_get(s, "ttl_doubt");

	if (service->ttl_doubt <= service->ttl)
		return;
	if (doubt != NULL)
		reader_say(r, doubt, "%u is above the ttl, %u (expected at most the ttl)", service->ttl_doubt, service->ttl);
	else
		service->ttl_doubt = service->ttl;
}

static void
name_check(struct reader *r, const config_setting_t *s, const struct conf_service *service)
{
	static const uint8_t star[] = { 1, '*' };

	if (service->name[0] == 0)
		reader_say(r, s, "the root cannot be a service (expected a name with a label)");
	else if (memcmp(service->name, star, sizeof(star)) == 0)
		reader_say(r, s, "\"%s\" is a wildcard (expected one name)", service->text);
}

static void
service_read(struct reader *r, const config_setting_t *s, struct conf_service *service)
{
	const config_setting_t *servers = reader_get(s, "servers");

	service->line = config_setting_source_line(s);
	reader_group(r, &service_group, s, 0, service);
	if (!config_setting_is_group(s))
		return;
	service->text = reader_dname(r, s, service->name);
	if (service->text != NULL) {
		name_check(r, reader_get(s, "name"), service);
		names_add(&r->services, NULL, service->text, service);
	}
	members_read(r, s, service);
	if (servers != NULL)
		servers_add(r, servers, service);
	else if (reader_get(s, "members") == NULL)
		reader_miss(r, s, "members", "missing (expected members, servers or both)");
	members_add(r, service);
	members_check(r, s, service);
	all_down_read(r, s, service);
	ttl_check(r, s, service);
}

static void
service_twice(void *ctx, const void *item, const void *first)
{
	struct reader *r = ctx;
	const struct conf_service *service = item, *other = first;
	const config_setting_t *s = reader_item(reader_get(r->root, "services"), (size_t)(service - r->conf->services));

	reader_say(r, reader_get(s, "name"), "\"%s\" is the name of the service in line %u too (expected another name)",
	    service->text, other->line);
}

void
services_read(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_list(r, r->root, "services", &c->nservices);

	c->services = mem_array(c->nservices, sizeof(*c->services));
	for (size_t i = 0; i < c->nservices; i++)
		service_read(r, reader_item(list, i), &c->services[i]);
	names_sort(&r->services, service_twice, r);
}

void
services_free(struct conf *c)
{
	for (size_t i = 0; i < c->nservices; i++) {
		reader_release(&service_group, &c->services[i]);
		for (size_t k = 0; k < c->services[i].nmembers; k++)
			free(c->services[i].members[k].owner);
		free(c->services[i].members);
		free(c->services[i].text);
	}
	free(c->services);
}
