/* test_amend.c - servers and members that are added to a configuration: read as if the file had them,
 * wrong in the same words, and each mistake known to be whose. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/conf/parse.h"
#include "tests/unit/suite.h"

static const char file[] =
    "fabrics = ( { name = \"san-a\"; subnets = [ \"10.1.0.0/16\" ]; source = \"10.1.0.1\"; device = \"eth1\"; } );\n"
    "checks = ( { name = \"alive\"; type = \"ping\"; }, { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"
    "servers = (\n"
    "  { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.11\"; }, { name = \"b\"; address = \"10.2.0.11\"; } ); },\n"
    "  { name = \"db2\"; interfaces = ( { name = \"a\"; address = \"10.1.0.12\"; } ); } );\n"
    "services = (\n"
    "  { name = \"db.example.com\"; members = ( { server = \"db1\"; interface = \"b\"; } ); servers = [ \"db2\" ]; },\n"
    "  { name = \"www.example.com\"; servers = [ \"db1\" ]; } );\n";

#define DB9 "{ name = \"db9\"; checks = ( \"alive\" ); interfaces = ( { name = \"a\"; address = \"10.1.0.19\"; checks = ( \"pg\" ); } ); }"

static struct conf *base;

static void
setup(void)
{
	base = parse_good(file);
}

static void
teardown(void)
{
	conf_free(base);
}

/* The mistakes, a line each; malloc'd. */
static char *
amend_bad(struct conf_more *more, size_t n)
{
	struct diag diag = { 0 };
	struct conf *c = conf_amend(base, more, n, &diag);
	char *all = mem_text("");

	ck_assert_ptr_null(c);
	for (size_t i = 0; i < diag.count; i++) {
		char *longer = mem_printf("%s%s\n", all, diag.messages[i]);

		free(all);
		all = longer;
	}
	diag_clear(&diag);
	return all;
}

static struct conf *
amend_good(struct conf_more *more, size_t n)
{
	struct diag diag = { 0 };
	struct conf *c = conf_amend(base, more, n, &diag);

	ck_assert_msg(c != NULL, "%s", diag.count > 0 ? diag.messages[0] : "no tree and no mistake");
	return c;
}

static void
assert_wrong(struct conf_more more, const char *expected)
{
	char *all = amend_bad(&more, 1);

	ck_assert_str_eq(all, expected);
	ck_assert_uint_ge(more.mistakes, 1);
	free(all);
}

START_TEST(test_nothing_added)
{
	struct conf *c = amend_good(NULL, 0);

	ck_assert_uint_eq(c->nservers, 2);
	ck_assert_uint_eq(c->nservices, 2);
	ck_assert_ptr_eq(c->zones, base->zones);
	ck_assert_ptr_eq(c->services[1].zone, base->services[1].zone);
	ck_assert_uint_eq(c->services[0].line, 7);
	ck_assert(!c->servers[1].added);
	conf_free(c);
}
END_TEST

START_TEST(test_server_and_member)
{
	struct conf_more more[] = {
		{ "db.example.com", "db9", "{ server = \"db9\"; interface = \"a\"; tier = 3; }", "ops", 0, 0 },
		{ NULL, "db9", DB9, "ops", 0, 0 },
		{ "db.example.com", "db8", "{ server = \"db8\"; }", "", 0, 0 },
		{ NULL, "db8", "{ name = \"db8\"; interfaces = ( { name = \"x\"; address = \"192.0.2.8\"; } ); }", "", 0, 0 },
	};
	struct conf *c = amend_good(more, 4);
	const struct conf_service *s = &c->services[0];
	const struct conf_server *db9 = &c->servers[2];

	ck_assert_uint_eq(c->nservers, 4);
	ck_assert_str_eq(db9->name, "db9");
	ck_assert(db9->added);
	ck_assert_str_eq(db9->owner, "ops");
	ck_assert_uint_eq(db9->line, 0);
	ck_assert_ptr_eq(db9->checks.check[0], &base->checks[0]);
	ck_assert_ptr_eq(db9->interfaces[0].fabric, &base->fabrics[0]);
	ck_assert_str_eq(db9->interfaces[0].device, "eth1");
	ck_assert_uint_eq(s->nmembers, 4);
	ck_assert_str_eq(s->members[0].interface->name, "b");
	ck_assert_str_eq(s->members[1].server->name, "db2");
	ck_assert_ptr_eq(s->members[2].server, db9);
	ck_assert_ptr_eq(s->members[2].interface, &db9->interfaces[0]);
	ck_assert_uint_eq(s->members[2].tier, 3);
	ck_assert(s->members[2].added && !s->members[1].added);
	ck_assert_str_eq(s->members[2].owner, "ops");
	ck_assert_str_eq(s->members[3].server->name, "db8");
	ck_assert_ptr_eq(s->zone, base->services[0].zone);
	ck_assert_uint_eq(c->services[1].nmembers, 1);
	conf_free(c);
}
END_TEST

/* The base is read again and again, and stays what it was. */
START_TEST(test_again)
{
	struct conf_more more = { NULL, "db9", DB9, "", 0, 0 };
	struct conf *c;

	for (int i = 0; i < 3; i++) {
		c = amend_good(&more, 1);
		ck_assert_uint_eq(c->nservers, 3);
		conf_free(c);
	}
	c = amend_good(&more, 0);
	ck_assert_uint_eq(c->nservers, 2);
	conf_free(c);
	ck_assert_uint_eq(base->nservers, 2);
}
END_TEST

/* What the file includes has been read when it was loaded; it may be gone since. */
START_TEST(test_included)
{
	char folder[] = "/tmp/homing-amend-XXXXXX", *path, *text;
	struct diag diag = { 0 };
	struct conf_more more = { "db.example.com", "db9", "{ server = \"db9\"; }", "", 0, 0 };
	struct conf *c;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = mem_printf("%s/part.conf", folder);
	f = fopen(path, "w");
	fputs("servers = ( " DB9 " );\n", f);
	fclose(f);
	conf_free(base);
	text = mem_printf("checks = ( { name = \"alive\"; type = \"ping\"; }, { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"
	    "@include \"part.conf\"\nservices = ( { name = \"db.example.com\"; servers = [ \"db9\" ]; } );\n");
	free(path);
	path = mem_printf("%s/homing.conf", folder);
	base = conf_parse(text, strlen(text), path, &diag);
	ck_assert_msg(base != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	free(path);
	path = mem_printf("%s/part.conf", folder);
	unlink(path);
	rmdir(folder);
	c = amend_good(NULL, 0);
	ck_assert_str_eq(c->servers[0].name, "db9");
	conf_free(c);
	free(text);
	text = amend_bad(&more, 1);
	ck_assert_str_eq(text, "run time: services.db.example.com.members.db9: db9 is a member already (expected each interface once)\n");
	free(text);
	free(path);
}
END_TEST

START_TEST(test_mistakes)
{
	assert_wrong((struct conf_more){ NULL, "db1", "{ name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.19\"; } ); }", "", 0, 0 },
	    "run time: servers.db1.name: \"db1\" is the name of the server in line 4 too (expected another name)\n");
	assert_wrong((struct conf_more){ NULL, "db9", "{ name = \"db9\"; interfaces = ( { name = \"a\"; address = \"10.1.0.11\"; } ); }", "", 0, 0 },
	    "run time: servers.db9.interfaces.a.address: \"10.1.0.11\" is the address of db1/a in line 4 too (expected every address once)\n");
	assert_wrong((struct conf_more){ NULL, "db9",
	    "{ name = \"db9\"; colour = \"blue\"; checks = ( \"alife\" ); interfaces = ( { name = \"a\"; address = \"10.1.0.999\"; } ); }", "", 0, 0 },
	    "run time: servers.db9.colour: unknown setting (expected one of the settings of a server, see homing.conf(5))\n"
	    "run time: servers.db9.checks[0]: \"alife\" is no check (expected the name of a check; did you mean \"alive\"?)\n"
	    "run time: servers.db9.interfaces.a.address: \"10.1.0.999\" is no IP address (expected an IP address, such as "
	    "\"192.0.2.1\" or \"2001:db8::1\")\n");
	assert_wrong((struct conf_more){ NULL, "db9", "{ name = \"db9\"; }", "", 0, 0 },
	    "run time: servers.db9.interfaces: missing (expected a list of groups: ( { ... }, { ... } ))\n");
	assert_wrong((struct conf_more){ "db.example.com", "db9", "{ server = \"db9\"; }", "", 0, 0 },
	    "run time: services.db.example.com.members.db9.server: \"db9\" is no server (expected the name of a server; did you mean \"db1\"?)\n");
	assert_wrong((struct conf_more){ "db.example.com", "db2", "{ server = \"db2\"; interface = \"z\"; weight = 2; }", "", 0, 0 },
	    "run time: services.db.example.com.members.db2.weight: 2 is not supported by this version (expected 1)\n"
	    "run time: services.db.example.com.members.db2.interface: \"z\" is no interface of server db2 (expected the name of one)\n");
	assert_wrong((struct conf_more){ "ftp.example.com", "db1", "{ server = \"db1\"; }", "", 0, 0 },
	    "run time: services.ftp.example.com: there is no service of this name (expected one that is configured)\n");
	/* The file was right before: who comes is wrong, although a whole server stands before its interfaces. */
	assert_wrong((struct conf_more){ "db.example.com", "db1", "{ server = \"db1\"; }", "", 0, 0 },
	    "run time: services.db.example.com.members.db1: db1 is a member already (expected each interface once)\n");
}
END_TEST

/* What a damaged store may hold: never more than its own group. */
START_TEST(test_damaged)
{
	static const char *const texts[] = {
		"", "{", "{ name = \"db9\"", "{ name = \"db8\"; }", "\"db9\"", "1", "{ name = 9; }",
		DB9 ", " DB9, DB9 " ); checks = ( { name = \"x\"; type = \"ping\"; } ", DB9 " ); servers = ( " DB9, "@include \"/etc/passwd\"",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct conf_more more = { NULL, "db9", texts[i], "", 0, 0 };
		char *all = amend_bad(&more, 1);

		ck_assert_msg(more.mistakes > 0, "%s", texts[i]);
		ck_assert_msg(strncmp(all, "run time: ", 10) == 0 || strncmp(all, "run time:1: ", 12) == 0, "%s gives %s", texts[i], all);
		free(all);
	}
}
END_TEST

/* Each mistake is counted for the addition that it is about. */
START_TEST(test_whose)
{
	struct conf_more more[] = {
		{ NULL, "db9", DB9, "", 0, 0 },
		{ NULL, "db8", "{ name = \"db8\"; interfaces = ( { name = \"a\"; address = \"10.1.0.19\"; } ); }", "", 0, 0 },
		{ "www.example.com", "db9", "{ server = \"db9\"; }", "", 0, 0 },
		{ "www.example.com", "db7", "{ server = \"db7\"; }", "", 0, 0 },
	};
	char *all = amend_bad(more, 4);

	ck_assert_str_eq(all,
	    "run time: servers.db8.interfaces.a.address: \"10.1.0.19\" is the address of db9/a added at run time too (expected every address once)\n"
	    "run time: services.www.example.com.members.db7.server: \"db7\" is no server (expected the name of a server; did you mean \"db1\"?)\n");
	ck_assert_uint_eq(more[0].mistakes, 0);
	ck_assert_uint_eq(more[1].mistakes, 1);
	ck_assert_uint_eq(more[1].first, 0);
	ck_assert_uint_eq(more[2].mistakes, 0);
	ck_assert_uint_eq(more[3].mistakes, 1);
	ck_assert_uint_eq(more[3].first, 1);
	free(all);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("amend");
	TCase *tc = tcase_create("amend");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_nothing_added);
	tcase_add_test(tc, test_server_and_member);
	tcase_add_test(tc, test_again);
	tcase_add_test(tc, test_included);
	tcase_add_test(tc, test_mistakes);
	tcase_add_test(tc, test_damaged);
	tcase_add_test(tc, test_whose);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
