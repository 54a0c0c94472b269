/* checks.c - the list "checks": how to probe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/reader.h"

enum { DAY_S = 86400, LEAST_MS = 10 };

/* The contract's types; those behind https are not in this version. */
enum { TYPE_MTU = CHECK_HTTPS + 1, TYPE_DNS, TYPE_UDP, TYPE_EXEC, TYPE_AGENT, TYPE_PUSH };

static const struct word types[] = {
	{ "ping", CHECK_PING, false },  { "tcp", CHECK_TCP, false },   { "http", CHECK_HTTP, false },
	{ "https", CHECK_HTTPS, false }, { "mtu", TYPE_MTU, true },    { "dns", TYPE_DNS, true },
	{ "udp", TYPE_UDP, true },      { "exec", TYPE_EXEC, true },   { "agent", TYPE_AGENT, true },
	{ "push", TYPE_PUSH, true },    { NULL, 0, false },
};

static const struct word http_versions[] = {
	{ "any", HTTP_ANY, false }, { "1.0", HTTP_1_0, false }, { "1.1", HTTP_1_1, false }, { "2", HTTP_2, false },
	{ NULL, 0, false },
};

enum {
	PING = 1 << CHECK_PING, TCP = 1 << CHECK_TCP, HTTPS = 1 << CHECK_HTTPS, HTTP = 1 << CHECK_HTTP | HTTPS,
	MTU = 1 << TYPE_MTU, DNS = 1 << TYPE_DNS, UDP = 1 << TYPE_UDP, EXEC = 1 << TYPE_EXEC, AGENT = 1 << TYPE_AGENT,
};

#define DURATION(field) AT(struct conf_check, field), .least = LEAST_MS * US_PER_MS, .most = DAY_S * US_PER_S

static const struct row rows[] = {
	{ "name", &kind_name, AT(struct conf_check, name), .required = true },
	{ "type", &kind_word, AT(struct conf_check, type), .words = types, .required = true },
	{ "interval", &kind_duration, DURATION(interval_us), .initial = US_PER_S },
	{ "timeout", &kind_duration, DURATION(timeout_us) },           /* these three follow the interval */
	{ "fast_interval", &kind_duration, DURATION(fast_interval_us) },
	{ "slow_interval", &kind_duration, DURATION(slow_interval_us) },
	{ "rise", &kind_number, AT(struct conf_check, rise), .least = 1, .most = 64, .initial = 3 },
	{ "fall", &kind_number, AT(struct conf_check, fall), .least = 1, .most = 64, .initial = 2 },
	{ "max_loss", &kind_percent, AT(struct conf_check, max_loss), .least = 0, .most = 100 },
	{ "invert", &kind_bool, AT(struct conf_check, invert) },
	{ "jitter", &kind_percent, AT(struct conf_check, jitter), .least = 0, .most = 50, .initial = 10 },
	{ "target", &kind_address, AT(struct conf_check, target) },
	{ "port", &kind_number, AT(struct conf_check, port), .least = 1, .most = 65535,
	  .types = TCP | HTTP | DNS | UDP | AGENT },

	{ "size", &kind_number, AT(struct conf_check, size), .least = 0, .most = 65507, .initial = 56, .types = PING | MTU },
	{ "dont_fragment", &kind_bool, AT(struct conf_check, dont_fragment), .types = PING },

	{ "send", &kind_text, AT(struct conf_check, send), .types = TCP | UDP | AGENT },
	{ "expect", &kind_text, AT(struct conf_check, expect), .types = TCP | UDP },
	{ "tls", &kind_bool, AT(struct conf_check, tls), .types = TCP },

	{ "path", &kind_target, AT(struct conf_check, path), .types = HTTP },
	{ "host", &kind_host, AT(struct conf_check, host), .types = TCP | HTTP },
	{ "method", &kind_method, AT(struct conf_check, method), .types = HTTP },
	{ "headers", &kind_header, LIST(struct conf_check, headers, nheaders), .most = 64, .types = HTTP },
	{ "status", &kind_status, LIST(struct conf_check, status, nstatus), .most = 64, .types = HTTP },
	{ "body", &kind_text, AT(struct conf_check, body), .types = HTTP },
	{ "http_version", &kind_word, AT(struct conf_check, http_version), .words = http_versions, .types = HTTP },
	{ "verify", &kind_bool, AT(struct conf_check, verify), .initial = true, .types = TCP | HTTPS },
	{ "ca", &kind_readable, AT(struct conf_check, ca), .types = TCP | HTTPS },
	{ "expires_within", &kind_duration, AT(struct conf_check, expires_within_us), .least = 0,
	  .most = 3650ll * DAY_S * US_PER_S, .types = TCP | HTTPS },

	{ "query", &kind_later, .types = DNS },
	{ "qtype", &kind_later, .types = DNS },
	{ "rcode", &kind_later, .types = DNS },
	{ "answer", &kind_later, .types = DNS },
	{ "transport", &kind_later, .types = DNS },
	{ "command", &kind_later, .types = EXEC },
};

static const struct group group = GROUP("the settings of a check", rows);

const char *
check_type_text(enum check_type type)
{
	return types[type].word;
}

/* ---- the type, first: it says what the rest may be ---- */

/* -1: missing or misspelt, which is said when the group is read. */
static int
type_of(const config_setting_t *s)
{
	const char *text = reader_text(s, "type");

	for (const struct word *w = types; text != NULL && w->word != NULL; w++)
		if (strcmp(w->word, text) == 0)
			return w->value;
	return -1;
}

/* "tcp, http, https". */
static const char *
types_list(unsigned set, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (const struct word *w = types; w->word != NULL; w++)
		if ((set >> w->value & 1) != 0 && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n > 0 ? ", " : "", w->word);
	return buf;
}

static void
foreign_check(struct reader *r, const config_setting_t *s, int type)
{
	char list[128];

	for (size_t i = 0; i < group.nrows; i++) {
		const config_setting_t *one = reader_get(s, rows[i].name);

		if (one != NULL && rows[i].types != 0 && (rows[i].types >> type & 1) == 0)
			reader_say(r, one, "not a setting of a check of type \"%s\" (expected with %s)", types[type].word,
			    types_list(rows[i].types, list, sizeof(list)));
	}
}

/* ---- what follows from other settings ---- */

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
interval_check(struct reader *r, const config_setting_t *s, const char *name, uint64_t us, uint64_t interval_us)
{
	const config_setting_t *one = reader_get(s, name);
	char shown[SHOWN], text[DURATION_TEXT];

	if (one != NULL && us > interval_us)
		reader_say(r, one, "%s is above the interval, %s (expected at most the interval)", reader_show(one, shown),
		    duration_format(interval_us, text, sizeof(text)));
}

static void
times_settle(struct reader *r, const config_setting_t *s, struct conf_check *c)
{
	interval_check(r, s, "timeout", c->timeout_us, c->interval_us);
	interval_check(r, s, "fast_interval", c->fast_interval_us, c->interval_us);
	if (c->timeout_us == 0)
		c->timeout_us = smaller(500 * US_PER_MS, c->interval_us);
	if (c->fast_interval_us == 0)
		c->fast_interval_us = c->interval_us / 5 > LEAST_MS * US_PER_MS ? c->interval_us / 5 : LEAST_MS * US_PER_MS;
	if (c->slow_interval_us == 0)
		c->slow_interval_us = c->interval_us;
}

static void
tls_check(struct reader *r, const config_setting_t *s)
{
	static const char *const needs[] = { "host", "verify", "ca", "expires_within" };

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		const config_setting_t *one = reader_get(s, needs[i]);

		if (one != NULL)
			reader_say(r, one, "has no use without TLS (expected with tls = true)");
	}
}

/* Defaults that differ by type. */
static void
type_settle(struct reader *r, const config_setting_t *s, struct conf_check *c)
{
	switch (c->type) {
	case CHECK_PING:
		break;
	case CHECK_TCP:
		if (reader_get(s, "port") == NULL)
			reader_miss(r, s, "port", "missing (expected 1..65535)");
		if (!c->tls)
			tls_check(r, s);
		break;
	case CHECK_HTTP:
	case CHECK_HTTPS:
		if (c->port == 0)
			c->port = c->type == CHECK_HTTP ? 80 : 443;
		if (c->path == NULL)
			c->path = mem_text("/");
		if (c->method == NULL)
			c->method = mem_text("GET");
		if (c->nstatus == 0) {
			free(c->status);
			c->status = mem_alloc(sizeof(*c->status));
			c->status[c->nstatus++] = (struct conf_status){ 200, 299 };
		}
		break;
	}
}

static void
check_read(struct reader *r, const config_setting_t *s, struct conf_check *c)
{
	int type = type_of(s);

	c->line = config_setting_source_line(s);
	reader_group(r, &group, s, type >= 0 ? 1u << type : 0, c);
	if (type < 0)
		return;
	foreign_check(r, s, type);
	times_settle(r, s, c);
	if (type <= CHECK_HTTPS)
		type_settle(r, s, c);
}

static void
check_twice(void *ctx, const void *item, const void *first)
{
	struct reader *r = ctx;
	const struct conf_check *c = item, *other = first;
	size_t n;
	const config_setting_t *s = reader_item(reader_list(r, r->root, "checks", &n), (size_t)(c - r->conf->checks));

	reader_say(r, reader_get(s, "name"), "\"%s\" is the name of the check in line %u too (expected another name)",
	    c->name, other->line);
}

void
checks_read(struct reader *r)
{
	struct conf *c = r->conf;
	const config_setting_t *list = reader_list(r, r->root, "checks", &c->nchecks);

	c->checks = mem_array(c->nchecks, sizeof(*c->checks));
	for (size_t i = 0; i < c->nchecks; i++) {
		check_read(r, reader_item(list, i), &c->checks[i]);
		if (c->checks[i].name != NULL)
			names_add(&r->checks, NULL, c->checks[i].name, &c->checks[i]);
	}
	names_sort(&r->checks, check_twice, r);
}

void
checks_free(struct conf *c)
{
	for (size_t i = 0; i < c->nchecks; i++)
		reader_release(&group, &c->checks[i]);
	free(c->checks);
}
