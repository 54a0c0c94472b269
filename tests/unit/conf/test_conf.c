/* test_conf.c - configurations that are right: every value is where the contract says. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/conf/parse.h"
#include "tests/unit/suite.h"

static const char whole[] =
    "server = {\n"
    "  listen = [ \"127.0.0.1:5300\", \"[::1]:5301\", \"192.0.2.1\", \"2001:db8::1\" ];\n"
    "  workers = 2; user = \"homing\"; state = \"state\"; control = \"/tmp/h.sock\"; first_round = \"1.5s\";\n"
    "  nsid = \"a\"; version = \"none\"; tcp_clients = 7; tcp_idle = 3; history = { keep = \"7d\"; size_mb = 5; };\n"
    "  listen_tls = [ \"127.0.0.1:5301\", \"192.0.2.1\", \"[2001:db8::1]:8853\" ]; tls_certificate = \"/etc/passwd\"; tls_key = \"/etc/group\";\n"
    "  rate_limit = 100; rate_limit_slip = 0; rate_limit_exempt = [ \"10.0.0.0/8\", \"2001:db8::1\" ];\n"
    "  cookie_secret = [ \"00112233445566778899aabbccddeeff\", \"FFEEDDCCBBAA99887766554433221100\" ];\n"
    "};\n"
    "keys = ( { name = \"Xfer.Example.\"; secret = \"TwX1cNH3Z+4kCNFdwiW8104nifRexZwxXEFwPoLcUVQ=\"; },\n"
    "  { name = \"old\"; algorithm = \"hmac-sha1\"; secret = \"QQ==\"; }, { name = \"sha512\"; algorithm = \"hmac-sha512\"; secret = \"QUI=\"; } );\n"
    "fabrics = (\n"
    "  { name = \"san-a\"; subnets = [ \"10.1.0.0/16\", \"2001:db8:1::/48\" ];\n"
    "    source = [ \"10.1.0.1\", \"2001:db8:1::1\" ]; device = \"eth1\"; mark = 4294967295L; },\n"
    "  { name = \"san-b\"; subnets = [ \"10.2.0.0/16\" ]; source = \"10.2.0.1\"; }\n"
    ");\n"
    "checks = (\n"
    "  { name = \"alive\"; type = \"ping\"; interval = \"2s\"; timeout = 0.25; fast_interval = \"100ms\";\n"
    "    slow_interval = \"1m\"; rise = 4; fall = 5; max_loss = \"25%\"; invert = true; jitter = 20;\n"
    "    target = \"192.0.2.7\"; size = 1000; dont_fragment = true; },\n"
    "  { name = \"pg\"; type = \"tcp\"; port = 5432; send = \"a\\r\\n\"; expect = \"^b\"; tls = true; verify = false;\n"
    "    host = \"db.example.com\"; expires_within = \"7d\"; },\n"
    "  { name = \"web\"; type = \"https\"; path = \"/healthz?x=1\"; host = \"www.example.com\"; method = \"HEAD\";\n"
    "    headers = [ \"A: 1\", \"B:\" ]; status = ( \"200-299\", 304, \"401\" ); body = \"ok\"; http_version = \"2\"; },\n"
    "  { name = \"plain\"; type = \"http\"; interval = \"100ms\"; },\n"
    "  { name = \"quick\"; type = \"tcp\"; port = 1; interval = \"20ms\"; }\n"
    ");\n"
    "servers = (\n"
    "  { name = \"db1\"; checks = [ \"alive\", \"pg\" ]; interfaces = (\n"
    "      { name = \"a\"; address = \"10.1.0.11\"; fabric = \"san-a\"; },\n"
    "      { name = \"b\"; address = \"10.2.0.11\"; checks = [ \"web\" ]; source = \"10.2.0.9\"; device = \"eth9\"; },\n"
    "      { name = \"a6\"; address = \"2001:db8:1::11\"; },\n"
    "      { name = \"out\"; address = \"192.0.2.11\"; } ); },\n"
    "  { name = \"db2\"; interfaces = ( { name = \"a\"; address = \"10.1.0.12\"; } ); }\n"
    ");\n"
    "zones = ( { name = \"Example.COM.\"; file = \"example.com.zone\"; type = \"file\";\n"
    "    transfer = [ \"10.0.0.0/8\", \"key:xfer.EXAMPLE\", \"2001:db8::/32 \t key:old\" ]; notify_delay = \"50ms\";\n"
    "    notify = ( { address = \"10.0.0.53\"; source = \"10.0.0.1\"; },\n"
    "               { address = \"[2001:db8::53]:5353\"; key = \"XFER.example.\"; } ); },\n"
    "  { name = \"sub.example.com\"; }, { name = \"Catalog.\"; type = \"catalog\"; transfer = \"key:sha512\"; },"
    " { name = \"dyn.example.com\"; type = \"dynamic\"; update = [ \"key:old\", \"10.0.0.0/8 key:sha512\" ]; update_rules = ("
    " { key = \"xfer.example\"; names = [ \"_ACME-challenge.*\", \"*.\" ]; types = [ \"txt\", \"TYPE65280\" ]; }, { key = \"old\"; } ); } );\n"
    "services = (\n"
    "  { name = \"DB.example.com\"; members = ( { server = \"db1\"; interface = \"b\"; tier = 2; weight = 1; } );\n"
    "    servers = [ \"db2\" ]; checks = [ \"plain\" ]; ttl = 30; ttl_doubt = \"2s\"; spread = \"rotate\"; answers = 3;\n"
    "    affinity = \"none\"; all_down = \"fallback\"; fallback = [ \"192.0.2.99\" ]; min_up = 0; failback = \"auto\";\n"
    "    failback_delay = \"1m\"; https = false; },\n"
    "  { name = \"a.sub.example.com.\"; servers = [ \"db1\" ]; all_down = [ \"192.0.2.98\", \"2001:db8::98\" ]; },\n"
    "  { name = \"b.sub.example.com\"; servers = \"db1\"; all_down = \"empty\"; ttl = 0; }\n"
    ");\n";

static struct conf *conf;

static void
whole_parse(void)
{
	conf = parse_good(whole);
}

static void
whole_free(void)
{
	conf_free(conf);
}

static void
addr_is(const struct addr *a, const char *text)
{
	char buf[ADDR_TEXT];

	ck_assert_str_eq(a->port != 0 ? addr_format_port(a, buf) : addr_format(a, buf), text);
}

START_TEST(test_server)
{
	const struct conf_daemon *d = &conf->daemon;

	ck_assert_str_eq(conf->file, "/etc/homing/t.conf");
	ck_assert_uint_eq(d->nlisten, 4);
	addr_is(&d->listen[0], "127.0.0.1:5300");
	addr_is(&d->listen[1], "[::1]:5301");
	addr_is(&d->listen[2], "192.0.2.1:53");
	addr_is(&d->listen[3], "[2001:db8::1]:53");
	ck_assert_uint_eq(d->workers, 2);
	ck_assert_str_eq(d->user, "homing");
	ck_assert_str_eq(d->state, "/etc/homing/state");
	ck_assert_str_eq(d->control, "/tmp/h.sock");
	ck_assert_uint_eq(d->first_round_us, 1500 * US_PER_MS);
	ck_assert_str_eq(d->nsid, "a");
	ck_assert_str_eq(d->version, "none");
	ck_assert_uint_eq(d->tcp_clients, 7);
	ck_assert_uint_eq(d->tcp_idle_us, 3 * US_PER_S);
	ck_assert_uint_eq(d->history_keep_us, 7 * 86400 * US_PER_S);
	ck_assert_uint_eq(d->history_mb, 5);
}
END_TEST

START_TEST(test_server_tls)
{
	const struct conf_daemon *d = &conf->daemon;

	ck_assert_uint_eq(d->nlisten_tls, 3);
	addr_is(&d->listen_tls[0], "127.0.0.1:5301");
	addr_is(&d->listen_tls[1], "192.0.2.1:853");
	addr_is(&d->listen_tls[2], "[2001:db8::1]:8853");
	ck_assert_str_eq(d->tls_certificate, "/etc/passwd");
	ck_assert_str_eq(d->tls_key, "/etc/group");
}
END_TEST

START_TEST(test_server_guards)
{
	static const uint8_t secrets[2][16] = {
		{ 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff },
		{ 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00 },
	};
	const struct conf_daemon *d = &conf->daemon;
	char buf[ADDR_TEXT];

	ck_assert_uint_eq(d->rate_limit, 100);
	ck_assert_uint_eq(d->rate_limit_slip, 0);
	ck_assert_uint_eq(d->nrate_limit_exempt, 2);
	ck_assert_str_eq(prefix_format(&d->rate_limit_exempt[0], buf), "10.0.0.0/8");
	ck_assert_str_eq(prefix_format(&d->rate_limit_exempt[1], buf), "2001:db8::1/128");
	ck_assert_uint_eq(d->ncookie_secrets, 2);
	ck_assert_mem_eq(d->cookie_secrets, secrets, sizeof(secrets));
}
END_TEST

START_TEST(test_keys)
{
	static const uint8_t first[] = {
		0x4f, 0x05, 0xf5, 0x70, 0xd1, 0xf7, 0x67, 0xee, 0x24, 0x08, 0xd1, 0x5d, 0xc2, 0x25, 0xbc, 0xd7,
		0x4e, 0x27, 0x89, 0xf4, 0x5e, 0xc5, 0x9c, 0x31, 0x5c, 0x41, 0x70, 0x3e, 0x82, 0xdc, 0x51, 0x54,
	};
	const struct conf_key *k = conf->keys;

	ck_assert_uint_eq(conf->nkeys, 3);
	ck_assert_str_eq(k[0].name, "xfer.example");
	ck_assert_mem_eq(k[0].dname, "\4xfer\7example", sizeof("\4xfer\7example"));
	ck_assert_uint_eq(k[0].line, 9);
	ck_assert_int_eq(k[0].algorithm, TSIG_HMAC_SHA256);
	ck_assert_uint_eq(k[0].secret_size, sizeof(first));
	ck_assert_mem_eq(k[0].secret, first, sizeof(first));
	ck_assert_str_eq(k[1].name, "old");
	ck_assert_uint_eq(k[1].line, 10);
	ck_assert_int_eq(k[1].algorithm, TSIG_HMAC_SHA1);
	ck_assert_uint_eq(k[1].secret_size, 1);
	ck_assert_mem_eq(k[1].secret, "A", 1);
	ck_assert_int_eq(k[2].algorithm, TSIG_HMAC_SHA512);
	ck_assert_uint_eq(k[2].secret_size, 2);
	ck_assert_mem_eq(k[2].secret, "AB", 2);
}
END_TEST

START_TEST(test_fabrics)
{
	const struct conf_fabric *a = &conf->fabrics[0], *b = &conf->fabrics[1];
	char buf[ADDR_TEXT];

	ck_assert_uint_eq(conf->nfabrics, 2);
	ck_assert_str_eq(a->name, "san-a");
	ck_assert_uint_eq(a->line, 12);
	ck_assert_uint_eq(a->nsubnets, 2);
	ck_assert_str_eq(prefix_format(&a->subnets[0], buf), "10.1.0.0/16");
	ck_assert_str_eq(prefix_format(&a->subnets[1], buf), "2001:db8:1::/48");
	addr_is(&a->source4, "10.1.0.1");
	addr_is(&a->source6, "2001:db8:1::1");
	ck_assert_str_eq(a->device, "eth1");
	ck_assert_uint_eq(a->mark, 4294967295u);
	addr_is(&b->source4, "10.2.0.1");
	ck_assert_uint_eq(b->source6.family, 0);
	ck_assert_ptr_null(b->device);
	ck_assert_uint_eq(b->mark, 0);
}
END_TEST

START_TEST(test_check_common)
{
	const struct conf_check *c = &conf->checks[0];

	ck_assert_uint_eq(conf->nchecks, 5);
	ck_assert_str_eq(c->name, "alive");
	ck_assert_uint_eq(c->line, 17);
	ck_assert_int_eq(c->type, CHECK_PING);
	ck_assert_uint_eq(c->interval_us, 2 * US_PER_S);
	ck_assert_uint_eq(c->timeout_us, 250 * US_PER_MS);
	ck_assert_uint_eq(c->fast_interval_us, 100 * US_PER_MS);
	ck_assert_uint_eq(c->slow_interval_us, 60 * US_PER_S);
	ck_assert_uint_eq(c->rise, 4);
	ck_assert_uint_eq(c->fall, 5);
	ck_assert_uint_eq(c->max_loss, 25);
	ck_assert(c->invert);
	ck_assert_uint_eq(c->jitter, 20);
	addr_is(&c->target, "192.0.2.7");
	ck_assert_uint_eq(c->port, 0);
	ck_assert_uint_eq(c->size, 1000);
	ck_assert(c->dont_fragment);
}
END_TEST

START_TEST(test_check_tcp)
{
	const struct conf_check *c = &conf->checks[1];

	ck_assert_int_eq(c->type, CHECK_TCP);
	ck_assert_uint_eq(c->port, 5432);
	ck_assert_str_eq(c->send, "a\r\n");
	ck_assert_str_eq(c->expect, "^b");
	ck_assert(c->tls);
	ck_assert(!c->verify);
	ck_assert_str_eq(c->host, "db.example.com");
	ck_assert_uint_eq(c->expires_within_us, 7 * 86400 * US_PER_S);
	ck_assert_uint_eq(c->interval_us, US_PER_S);
	ck_assert_uint_eq(c->timeout_us, 500 * US_PER_MS);
	ck_assert_uint_eq(c->fast_interval_us, 200 * US_PER_MS);
	ck_assert_uint_eq(c->slow_interval_us, US_PER_S);
	ck_assert_uint_eq(c->rise, 3);
	ck_assert_uint_eq(c->fall, 2);
	ck_assert_uint_eq(c->max_loss, 0);
	ck_assert_uint_eq(c->jitter, 10);
	ck_assert_uint_eq(c->target.family, 0);
}
END_TEST

START_TEST(test_check_http)
{
	const struct conf_check *web = &conf->checks[2], *plain = &conf->checks[3];

	ck_assert_int_eq(web->type, CHECK_HTTPS);
	ck_assert_uint_eq(web->port, 443);
	ck_assert_str_eq(web->path, "/healthz?x=1");
	ck_assert_str_eq(web->host, "www.example.com");
	ck_assert_str_eq(web->method, "HEAD");
	ck_assert_uint_eq(web->nheaders, 2);
	ck_assert_str_eq(web->headers[0], "A: 1");
	ck_assert_str_eq(web->headers[1], "B:");
	ck_assert_uint_eq(web->nstatus, 3);
	ck_assert_uint_eq(web->status[0].from, 200);
	ck_assert_uint_eq(web->status[0].to, 299);
	ck_assert_uint_eq(web->status[1].from, 304);
	ck_assert_uint_eq(web->status[1].to, 304);
	ck_assert_uint_eq(web->status[2].from, 401);
	ck_assert_str_eq(web->body, "ok");
	ck_assert_int_eq(web->http_version, HTTP_2);
	ck_assert(web->verify);
	ck_assert_ptr_null(web->ca);
	ck_assert_uint_eq(web->expires_within_us, 0);

	ck_assert_int_eq(plain->type, CHECK_HTTP);
	ck_assert_uint_eq(plain->port, 80);
	ck_assert_str_eq(plain->path, "/");
	ck_assert_ptr_null(plain->host);
	ck_assert_str_eq(plain->method, "GET");
	ck_assert_uint_eq(plain->nstatus, 1);
	ck_assert_uint_eq(plain->status[0].from, 200);
	ck_assert_uint_eq(plain->status[0].to, 299);
	ck_assert_int_eq(plain->http_version, HTTP_ANY);
}
END_TEST

/* The defaults follow a short interval down, and end at 10 ms. */
START_TEST(test_check_times)
{
	const struct conf_check *plain = &conf->checks[3], *quick = &conf->checks[4];

	ck_assert_uint_eq(plain->timeout_us, 100 * US_PER_MS);
	ck_assert_uint_eq(plain->fast_interval_us, 20 * US_PER_MS);
	ck_assert_uint_eq(plain->slow_interval_us, 100 * US_PER_MS);
	ck_assert_uint_eq(quick->fast_interval_us, 10 * US_PER_MS);
}
END_TEST

START_TEST(test_servers)
{
	const struct conf_server *db1 = &conf->servers[0], *db2 = &conf->servers[1];

	ck_assert_uint_eq(conf->nservers, 2);
	ck_assert_str_eq(db1->name, "db1");
	ck_assert_uint_eq(db1->line, 28);
	ck_assert_uint_eq(db1->checks.count, 2);
	ck_assert_ptr_eq(db1->checks.check[0], &conf->checks[0]);
	ck_assert_ptr_eq(db1->checks.check[1], &conf->checks[1]);
	ck_assert_uint_eq(db1->ninterfaces, 4);
	ck_assert_uint_eq(db2->checks.count, 0);
	ck_assert_uint_eq(db2->ninterfaces, 1);
	for (size_t i = 0; i < db1->ninterfaces; i++)
		ck_assert_ptr_eq(db1->interfaces[i].server, db1);
}
END_TEST

START_TEST(test_interfaces)
{
	const struct conf_interface *i = conf->servers[0].interfaces;

	ck_assert_str_eq(i[0].name, "a");
	ck_assert_uint_eq(i[0].line, 29);
	addr_is(&i[0].address, "10.1.0.11");
	ck_assert_ptr_eq(i[0].fabric, &conf->fabrics[0]);
	addr_is(&i[0].source, "10.1.0.1");
	ck_assert_str_eq(i[0].device, "eth1");
	ck_assert_uint_eq(i[0].mark, 4294967295u);

	ck_assert_ptr_eq(i[1].fabric, &conf->fabrics[1]);
	ck_assert_uint_eq(i[1].checks.count, 1);
	ck_assert_ptr_eq(i[1].checks.check[0], &conf->checks[2]);
	addr_is(&i[1].source, "10.2.0.9");
	ck_assert_str_eq(i[1].device, "eth9");

	ck_assert_ptr_eq(i[2].fabric, &conf->fabrics[0]);
	addr_is(&i[2].source, "2001:db8:1::1");

	ck_assert_ptr_null(i[3].fabric);
	ck_assert_uint_eq(i[3].source.family, 0);
	ck_assert_ptr_null(i[3].device);
	ck_assert_uint_eq(i[3].mark, 0);
}
END_TEST

START_TEST(test_zones)
{
	uint8_t name[DNAME_MAX];

	ck_assert_uint_eq(conf->nzones, 4);
	ck_assert_str_eq(conf->zones[0].text, "example.com");
	ck_assert_uint_gt(dname_parse("example.com", name), 0);
	ck_assert(dname_equal(conf->zones[0].name, name));
	ck_assert_uint_eq(conf->zones[0].line, 35);
	ck_assert_str_eq(conf->zones[0].file, "/etc/homing/example.com.zone");
	ck_assert_int_eq(conf->zones[0].type, ZONE_FILE);
	ck_assert_uint_eq(conf->zones[0].notify_delay_us, 50 * US_PER_MS);
	ck_assert_ptr_null(conf->zones[1].file);
	ck_assert_uint_eq(conf->zones[1].transfer.count, 0);
	ck_assert_uint_eq(conf->zones[1].nnotify, 0);
	ck_assert_uint_eq(conf->zones[1].notify_delay_us, 200 * US_PER_MS);
}
END_TEST

START_TEST(test_transfer)
{
	const struct conf_whos *whos = &conf->zones[0].transfer;
	char buf[ADDR_TEXT];

	ck_assert_uint_eq(whos->count, 3);
	ck_assert(!whos->who[0].anywhere);
	ck_assert_str_eq(prefix_format(&whos->who[0].prefix, buf), "10.0.0.0/8");
	ck_assert_ptr_null(whos->who[0].key);
	ck_assert(whos->who[1].anywhere);
	ck_assert_ptr_eq(whos->who[1].key, &conf->keys[0]);
	ck_assert(!whos->who[2].anywhere);
	ck_assert_str_eq(prefix_format(&whos->who[2].prefix, buf), "2001:db8::/32");
	ck_assert_ptr_eq(whos->who[2].key, &conf->keys[1]);
}
END_TEST

START_TEST(test_notify)
{
	const struct conf_zone *z = &conf->zones[0];

	ck_assert_uint_eq(z->nnotify, 2);
	addr_is(&z->notify[0].address, "10.0.0.53:53");
	ck_assert_ptr_null(z->notify[0].key);
	addr_is(&z->notify[0].source, "10.0.0.1");
	ck_assert_uint_eq(z->notify[0].line, 37);
	addr_is(&z->notify[1].address, "[2001:db8::53]:5353");
	ck_assert_ptr_eq(z->notify[1].key, &conf->keys[0]);
	ck_assert_uint_eq(z->notify[1].source.family, 0);
	ck_assert_uint_eq(z->notify[1].line, 38);
}
END_TEST

START_TEST(test_catalog)
{
	const struct conf_zone *z = &conf->zones[2];

	ck_assert_str_eq(z->text, "catalog");
	ck_assert_int_eq(z->type, ZONE_CATALOG);
	ck_assert_ptr_null(z->file);
	ck_assert_uint_eq(z->transfer.count, 1);
	ck_assert_ptr_eq(z->transfer.who[0].key, &conf->keys[2]);
}
END_TEST

START_TEST(test_dynamic)
{
	const struct conf_zone *z = &conf->zones[3];
	const struct conf_update_rule *rule = z->update_rules;

	ck_assert_str_eq(z->text, "dyn.example.com");
	ck_assert_int_eq(z->type, ZONE_DYNAMIC);
	ck_assert_ptr_null(z->file);
	ck_assert_uint_eq(z->update.count, 2);
	ck_assert_ptr_nonnull(z->update.who[0].key);
	ck_assert(z->update.who[0].anywhere && !z->update.who[1].anywhere);
	ck_assert_uint_eq(z->nupdate_rules, 2);
	ck_assert_ptr_eq(rule->key, &conf->keys[0]);
	ck_assert_uint_eq(rule->nnames, 2);
	ck_assert_str_eq(rule->names[0], "_acme-challenge.*");
	ck_assert_str_eq(rule->names[1], "*");
	ck_assert_uint_eq(rule->ntypes, 2);
	ck_assert_uint_eq(rule->types[0], 16);
	ck_assert_uint_eq(rule->types[1], 65280);
	ck_assert_ptr_eq(rule[1].key, z->update.who[0].key);
	ck_assert_uint_eq(rule[1].nnames, 1);
	ck_assert_str_eq(rule[1].names[0], "*");
	ck_assert_uint_eq(rule[1].ntypes, 0);
}
END_TEST

START_TEST(test_service)
{
	const struct conf_service *s = &conf->services[0];
	uint8_t name[DNAME_MAX];

	ck_assert_uint_eq(conf->nservices, 3);
	ck_assert_str_eq(s->text, "db.example.com");
	ck_assert_uint_gt(dname_parse("db.example.com", name), 0);
	ck_assert_mem_eq(s->name, name, dname_length(name));
	ck_assert_uint_eq(s->line, 41);
	ck_assert_ptr_eq(s->zone, &conf->zones[0]);
	ck_assert_uint_eq(s->nmembers, 2);
	ck_assert_ptr_eq(s->members[0].server, &conf->servers[0]);
	ck_assert_ptr_eq(s->members[0].interface, &conf->servers[0].interfaces[1]);
	ck_assert_uint_eq(s->members[0].tier, 2);
	ck_assert_uint_eq(s->members[0].line, 41);
	ck_assert_ptr_eq(s->members[1].server, &conf->servers[1]);
	ck_assert_ptr_null(s->members[1].interface);
	ck_assert_uint_eq(s->members[1].tier, 1);
	ck_assert_uint_eq(s->checks.count, 1);
	ck_assert_ptr_eq(s->checks.check[0], &conf->checks[3]);
	ck_assert_uint_eq(s->ttl, 30);
	ck_assert_uint_eq(s->ttl_doubt, 2);
	ck_assert_int_eq(s->spread, SPREAD_ROTATE);
	ck_assert_uint_eq(s->answers, 3);
	ck_assert_int_eq(s->all_down, ALL_DOWN_FALLBACK);
	ck_assert_uint_eq(s->nfallback, 1);
	addr_is(&s->fallback[0], "192.0.2.99");
	ck_assert_uint_eq(s->failback_delay_us, 60 * US_PER_S);
}
END_TEST

START_TEST(test_service_defaults)
{
	const struct conf_service *a = &conf->services[1], *b = &conf->services[2];

	ck_assert_ptr_eq(a->zone, &conf->zones[1]);
	ck_assert_uint_eq(a->ttl, 5);
	ck_assert_uint_eq(a->ttl_doubt, 1);
	ck_assert_int_eq(a->spread, SPREAD_ALL);
	ck_assert_uint_eq(a->answers, 0);
	ck_assert_uint_eq(a->failback_delay_us, 10 * US_PER_S);
	ck_assert_int_eq(a->all_down, ALL_DOWN_FALLBACK);
	ck_assert_uint_eq(a->nfallback, 2);
	addr_is(&a->fallback[1], "2001:db8::98");
	ck_assert_int_eq(b->all_down, ALL_DOWN_EMPTY);
	ck_assert_uint_eq(b->ttl, 0);
	ck_assert_uint_eq(b->ttl_doubt, 0);
	ck_assert_uint_eq(b->nmembers, 1);
}
END_TEST

START_TEST(test_empty)
{
	struct conf *c = parse_good("");

	ck_assert_uint_eq(c->daemon.nlisten, 2);
	addr_is(&c->daemon.listen[0], "0.0.0.0:53");
	addr_is(&c->daemon.listen[1], "[::]:53");
	ck_assert_uint_eq(c->daemon.workers, 0);
	ck_assert_ptr_null(c->daemon.user);
	ck_assert_str_eq(c->daemon.state, "/var/lib/homing");
	ck_assert_str_eq(c->daemon.control, "/run/homing/homing.sock");
	ck_assert_uint_eq(c->daemon.first_round_us, 3 * US_PER_S);
	ck_assert_ptr_null(c->daemon.nsid);
	ck_assert_ptr_null(c->daemon.version);
	ck_assert_uint_eq(c->daemon.tcp_clients, 1024);
	ck_assert_uint_eq(c->daemon.tcp_idle_us, 10 * US_PER_S);
	ck_assert_uint_eq(c->daemon.history_keep_us, 30 * 86400 * US_PER_S);
	ck_assert_uint_eq(c->daemon.history_mb, 256);
	ck_assert_uint_eq(c->daemon.nlisten_tls, 0);
	ck_assert_ptr_null(c->daemon.tls_certificate);
	ck_assert_ptr_null(c->daemon.tls_key);
	ck_assert_uint_eq(c->daemon.rate_limit, 0);
	ck_assert_uint_eq(c->daemon.rate_limit_slip, 2);
	ck_assert_uint_eq(c->daemon.nrate_limit_exempt, 0);
	ck_assert_uint_eq(c->daemon.ncookie_secrets, 0);
	ck_assert_uint_eq(c->nkeys + c->nservers + c->nservices + c->nzones + c->nchecks + c->nfabrics, 0);
	conf_free(c);
}
END_TEST

#define ONE_SERVER "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; } ); } );\n"

/* The outermost services bring zones; what is below one lies inside it, wherever it stands in the file. */
START_TEST(test_zones_made)
{
	struct conf *c = parse_good(ONE_SERVER
	    "services = ( { name = \"deep.in.db.example.com\"; servers = [ \"x\" ]; }, { name = \"db.example.com\"; servers = [ \"x\" ]; },\n"
	    "  { name = \"example.org\"; servers = [ \"x\" ]; }, { name = \"xdb.example.com\"; servers = [ \"x\" ]; } );");

	ck_assert_uint_eq(c->nzones, 3);
	ck_assert_str_eq(c->zones[0].text, "db.example.com");
	ck_assert_str_eq(c->zones[1].text, "example.org");
	ck_assert_str_eq(c->zones[2].text, "xdb.example.com");
	ck_assert_ptr_eq(c->services[0].zone, &c->zones[0]);
	ck_assert_ptr_eq(c->services[1].zone, &c->zones[0]);
	ck_assert_ptr_eq(c->services[2].zone, &c->zones[1]);
	ck_assert_ptr_eq(c->services[3].zone, &c->zones[2]);
	ck_assert_ptr_null(c->zones[0].file);
	ck_assert_uint_eq(c->zones[0].notify_delay_us, 200 * US_PER_MS);
	ck_assert(dname_equal(c->zones[1].name, c->services[2].name));
	conf_free(c);
}
END_TEST

START_TEST(test_root_zone)
{
	struct conf *c = parse_good(ONE_SERVER "zones = ( { name = \".\"; } ); services = ( { name = \"a.b\"; servers = [ \"x\" ]; } );");

	ck_assert_str_eq(c->zones[0].text, ".");
	ck_assert_ptr_eq(c->services[0].zone, &c->zones[0]);
	conf_free(c);
}
END_TEST

/* The first and the last address of a subnet are in it, their neighbours are not. */
START_TEST(test_subnet_edges)
{
	static const struct { const char *address; int fabric; } edges[] = {
		{ "10.0.255.255", -1 }, { "10.1.0.0", 0 }, { "10.1.255.255", 0 }, { "10.2.0.0", -1 }, { "192.0.2.7", 1 },
		{ "192.0.2.8", -1 }, { "2001:db8::", 1 }, { "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 1 }, { "2001:db9::", -1 },
	};

	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		char *text = mem_printf("fabrics = ( { name = \"a\"; subnets = [ \"10.1.0.0/16\" ]; },\n"
		    " { name = \"b\"; subnets = [ \"2001:db8::/32\", \"192.0.2.7/32\" ]; } );\n"
		    "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"%s\"; } ); } );", edges[i].address);
		struct conf *c = parse_good(text);
		const struct conf_fabric *fabric = c->servers[0].interfaces[0].fabric;

		ck_assert_msg(fabric == (edges[i].fabric < 0 ? NULL : &c->fabrics[edges[i].fabric]), "%s", edges[i].address);
		conf_free(c);
		free(text);
	}
}
END_TEST

START_TEST(test_folder)
{
	static const char text[] = "server = { state = \"s\"; control = \"c\"; };";
	struct diag diag = { 0 };
	struct conf *c = conf_parse(text, strlen(text), "/t.conf", &diag);

	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->daemon.state, "/s");
	conf_free(c);
	ck_assert_int_eq(chdir("/"), 0);
	c = conf_parse(text, strlen(text), "a/b/t.conf", &diag);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->daemon.control, "/a/b/c");
	conf_free(c);
}
END_TEST

START_TEST(test_words)
{
	ck_assert_str_eq(check_type_text(CHECK_PING), "ping");
	ck_assert_str_eq(check_type_text(CHECK_TCP), "tcp");
	ck_assert_str_eq(check_type_text(CHECK_HTTP), "http");
	ck_assert_str_eq(check_type_text(CHECK_HTTPS), "https");
	ck_assert_str_eq(zone_type_text(ZONE_FILE), "file");
	ck_assert_str_eq(zone_type_text(ZONE_CATALOG), "catalog");
	ck_assert_str_eq(zone_type_text(ZONE_DYNAMIC), "dynamic");
	ck_assert_str_eq(tsig_algorithm_text(TSIG_HMAC_SHA1), "hmac-sha1");
	ck_assert_str_eq(tsig_algorithm_text(TSIG_HMAC_SHA224), "hmac-sha224");
	ck_assert_str_eq(tsig_algorithm_text(TSIG_HMAC_SHA256), "hmac-sha256");
	ck_assert_str_eq(tsig_algorithm_text(TSIG_HMAC_SHA384), "hmac-sha384");
	ck_assert_str_eq(tsig_algorithm_text(TSIG_HMAC_SHA512), "hmac-sha512");
	ck_assert_str_eq(spread_text(SPREAD_ALL), "all");
	ck_assert_str_eq(spread_text(SPREAD_ROTATE), "rotate");
	ck_assert_str_eq(all_down_text(ALL_DOWN_ALL), "all");
	ck_assert_str_eq(all_down_text(ALL_DOWN_EMPTY), "empty");
	ck_assert_str_eq(all_down_text(ALL_DOWN_FALLBACK), "fallback");
}
END_TEST

START_TEST(test_free_nothing)
{
	conf_free(NULL);
}
END_TEST

/* ---- from files ---- */

static char folder[] = "/tmp/homing-test-conf-XXXXXX";

static char *
put(const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

/* What tsig-keygen prints is a key file as it stands, and says the algorithm too. */
START_TEST(test_secret_file)
{
	struct diag diag = { 0 };
	char *bind, *plain, *main;
	struct conf *c;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	bind = put("xfer.key", "key \"Xfer.\" {\n\talgorithm hmac-sha384;\n\tsecret \"QUJD\";\n};\n");
	plain = put("plain.key", "QUJD\nREU=\n");
	main = put("t.conf", "keys = ( { name = \"xfer\"; secret_file = \"xfer.key\"; },\n"
	    " { name = \"plain\"; algorithm = \"hmac-sha1\"; secret_file = \"plain.key\"; } );\n");
	c = conf_load(main, &diag);
	ck_assert_msg(c != NULL, "%s", diag.count > 0 ? diag.messages[0] : "?");
	ck_assert_int_eq(c->keys[0].algorithm, TSIG_HMAC_SHA384);
	ck_assert_uint_eq(c->keys[0].secret_size, 3);
	ck_assert_mem_eq(c->keys[0].secret, "ABC", 3);
	ck_assert_int_eq(c->keys[1].algorithm, TSIG_HMAC_SHA1);
	ck_assert_uint_eq(c->keys[1].secret_size, 5);
	ck_assert_mem_eq(c->keys[1].secret, "ABCDE", 5);
	conf_free(c);
	ck_assert_int_eq(unlink(bind) | unlink(plain) | unlink(main) | rmdir(folder), 0);
	free(bind), free(plain), free(main);
}
END_TEST

/* A file that says otherwise than the configuration is a mistake; no message holds a secret. */
START_TEST(test_secret_file_wrong)
{
	static const char *const mistakes[] = {
		"keys.a.secret_file: the file's algorithm is hmac-sha384 (expected hmac-sha256, as algorithm says)",
		("keys.b.secret_file: the file's algorithm is \"hmac-md5\" (expected \"hmac-sha1\", \"hmac-sha224\", \"hmac-sha256\", "
		"\"hmac-sha384\" or \"hmac-sha512\")"),
		"keys.c.secret_file: no secret in base64 (expected 1 to 1024 bytes, such as tsig-keygen prints them)",
		"t.key: holds no key of this name (expected a secret in base64, or what tsig-keygen prints for key \"d\")",
	};
	struct diag diag = { 0 };
	char *key, *main;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	key = put("t.key", "key a { algorithm hmac-sha384; secret QUJD; }; key b { algorithm hmac-md5; secret QUJD; };\n"
	    "key c { secret \"hidden?\"; };\n");
	main = put("t.conf", "keys = ( { name = \"a\"; algorithm = \"hmac-sha256\"; secret_file = \"t.key\"; },\n"
	    " { name = \"b\"; secret_file = \"t.key\"; }, { name = \"c\"; secret_file = \"t.key\"; },\n"
	    " { name = \"d\"; secret_file = \"t.key\"; } );\n");
	ck_assert_ptr_null(conf_load(main, &diag));
	ck_assert_uint_eq(diag.count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_msg(strstr(diag.messages[i], mistakes[i]) != NULL, "%s", diag.messages[i]);
	diag_clear(&diag);
	ck_assert_int_eq(unlink(key) | unlink(main) | rmdir(folder), 0);
	free(key), free(main);
}
END_TEST

START_TEST(test_load)
{
	struct diag diag = { 0 };
	char *ca, *main, *part, cwd[PATH_MAX];
	struct conf *c;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ca = put("ca.pem", "not read here\n");
	part = put("part.conf", "nsid = \"from part\";\n");
	main = put("t.conf", "server = {\n@include \"part.conf\"\n};\nchecks = ( { name = \"w\"; type = \"https\"; ca = \"ca.pem\"; } );\n");
	ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
	ck_assert_int_eq(chdir(folder), 0);
	c = conf_load("t.conf", &diag);        /* a relative path: still absolute ones inside */
	ck_assert_int_eq(chdir(cwd), 0);
	ck_assert_msg(c != NULL, "%s", diag.count > 0 ? diag.messages[0] : "?");
	ck_assert_str_eq(c->daemon.nsid, "from part");
	ck_assert_str_eq(c->checks[0].ca, ca);
	conf_free(c);
	ck_assert_int_eq(unlink(ca) | unlink(main) | unlink(part) | rmdir(folder), 0);
	free(ca), free(main), free(part);
}
END_TEST

/* The socket is found although much else is wrong. */
START_TEST(test_control_socket)
{
	struct diag diag = { 0 };
	char *path, *control;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = put("t.conf", "server = { control = \"h.sock\"; workers = -1; }; checks = 5;\n");
	control = conf_control_socket(path, &diag);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_int_eq(strncmp(control, folder, strlen(folder)), 0);
	ck_assert_str_eq(control + strlen(folder), "/h.sock");
	free(control);
	free(path);

	path = put("t.conf", "");
	control = conf_control_socket(path, &diag);
	ck_assert_str_eq(control, "/run/homing/homing.sock");
	free(control);
	ck_assert_int_eq(unlink(path), 0);

	ck_assert_ptr_null(conf_control_socket(path, &diag));
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_ptr_nonnull(strstr(diag.messages[0], "t.conf: cannot be read: No such file or directory"));
	diag_clear(&diag);
	free(path);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void
folder_reset(void)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
}

int
main(void)
{
	Suite *suite = suite_create("conf");
	TCase *tree = tcase_create("whole"), *other = tcase_create("other");

	tcase_add_checked_fixture(tree, whole_parse, whole_free);
	tcase_add_test(tree, test_server);
	tcase_add_test(tree, test_server_tls);
	tcase_add_test(tree, test_server_guards);
	tcase_add_test(tree, test_keys);
	tcase_add_test(tree, test_fabrics);
	tcase_add_test(tree, test_check_common);
	tcase_add_test(tree, test_check_tcp);
	tcase_add_test(tree, test_check_http);
	tcase_add_test(tree, test_check_times);
	tcase_add_test(tree, test_servers);
	tcase_add_test(tree, test_interfaces);
	tcase_add_test(tree, test_zones);
	tcase_add_test(tree, test_transfer);
	tcase_add_test(tree, test_notify);
	tcase_add_test(tree, test_catalog);
	tcase_add_test(tree, test_dynamic);
	tcase_add_test(tree, test_service);
	tcase_add_test(tree, test_service_defaults);
	suite_add_tcase(suite, tree);

	tcase_add_checked_fixture(other, folder_reset, NULL);
	tcase_add_test(other, test_empty);
	tcase_add_test(other, test_zones_made);
	tcase_add_test(other, test_root_zone);
	tcase_add_test(other, test_subnet_edges);
	tcase_add_test(other, test_folder);
	tcase_add_test(other, test_words);
	tcase_add_test(other, test_free_nothing);
	tcase_add_test(other, test_secret_file);
	tcase_add_test(other, test_secret_file_wrong);
	tcase_add_test(other, test_load);
	tcase_add_test(other, test_control_socket);
	suite_add_tcase(suite, other);

	return suite_run(suite);
}
