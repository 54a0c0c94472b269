/* test_objects.c - what was added at run time, beside homing.conf: what fits, what is left out and why, what homing.conf has itself,
 * and that the store has what the set has. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/objects.h"
#include "dnsd/store.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/suite.h"

#define SERVERS(more) "servers = ( { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; } ); }" more " );\n"
#define SERVICES(more) "services = ( { name = \"www.example.com\"; servers = [ \"db1\"" more " ]; } );\n"
#define CHECK(name) "checks = ( { name = \"" name "\"; type = \"ping\"; } );\n"
#define DB9(address) "{ name = \"db9\"; checks = ( \"alive\" ); interfaces = ( { name = \"a\"; address = \"" address "\"; } ); }"
#define DB8 "{ name = \"db8\"; interfaces = ( { name = \"a\"; address = \"10.1.0.8\"; } ); }"

static const char plain[] = CHECK("alive") SERVERS("") SERVICES("");

static struct conf *base;
static struct store *store;
static struct objects *all;

static void
load(const char *text)
{
	struct diag diag = { 0 };

	conf_free(base);
	base = conf_parse(text, strlen(text), "/etc/homing/t.conf", &diag);
	ck_assert_msg(base != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
}

static void
setup(void)
{
	log_open(-1, LOG_LEVEL_ERROR);
	folder_make();
	store = store_open(folder, error, sizeof(error));
	ck_assert_msg(store != NULL, "%s", error);
	all = objects_new();
	base = NULL;
	load(plain);
}

static void
teardown(void)
{
	objects_free(all);
	store_close(store);
	conf_free(base);
	folder_remove();
}

static void
add(const char *service, const char *name, const char *text)
{
	objects_set(all, service, name, text, "ops");
	ck_assert_msg(objects_keep(store, service, name, text, "ops", error, sizeof(error)), "%s", error);
}

/* The names in the set, servers and then members; those that are left out in brackets. */
static const char *
names(const struct objects *set)
{
	static char text[512];

	*text = '\0';
	for (size_t i = 0; i < set->count; i++) {
		const struct object *o = set->list[i];

		sprintf(text + strlen(text), "%s%s%s%s%s%s", i > 0 ? " " : "", o->left_out != NULL ? "[" : "", o->service != NULL ? o->service : "",
		    o->service != NULL ? ":" : "", o->name, o->left_out != NULL ? "]" : "");
	}
	return text;
}

/* As a reload does. Returns how many servers serve then. */
static size_t
fit(void)
{
	struct fits *f = objects_fit(all, base);
	size_t n = fits_conf(f, base)->nservers;

	objects_settle(all, f, store);
	fits_free(f);
	return n;
}

START_TEST(in_order_and_kept)
{
	struct objects *again = objects_new();

	add("www.example.com", "db9", "{ server = \"db9\"; }");
	add(NULL, "db9", DB9("10.1.0.9"));
	add("a.example.com", "db9", "{ server = \"db9\"; }");
	add(NULL, "db8", DB8);
	ck_assert_str_eq(names(all), "db8 db9 a.example.com:db9 www.example.com:db9");
	ck_assert(objects_load(again, store, error, sizeof(error)));
	ck_assert_str_eq(names(again), names(all));
	ck_assert_str_eq(objects_find(again, NULL, "db8")->text, DB8);
	ck_assert_str_eq(objects_find(again, "www.example.com", "db9")->owner, "ops");
	ck_assert_ptr_null(objects_find(again, "www.example.com", "db8"));
	objects_free(again);
	add(NULL, "db8", NULL);
	add("a.example.com", "db9", NULL);
	ck_assert_str_eq(names(all), "db9 www.example.com:db9");
	again = objects_new();
	ck_assert_msg(objects_read(again, folder, error, sizeof(error)), "%s", error);     /* as homingd -t does, beside the daemon */
	ck_assert_str_eq(names(again), names(all));
	objects_free(again);
	again = objects_new();
	ck_assert(objects_read(again, "/nonexistent", error, sizeof(error)));
	ck_assert_uint_eq(again->count, 0);
	objects_free(again);
}
END_TEST

START_TEST(what_does_not_fit_is_left_out)
{
	add(NULL, "db9", DB9("10.1.0.9"));
	add(NULL, "db8", DB8);
	add("www.example.com", "db9", "{ server = \"db9\"; }");
	ck_assert_uint_eq(fit(), 3);
	ck_assert_str_eq(names(all), "db8 db9 www.example.com:db9");
	load(CHECK("ping") SERVERS("") SERVICES(""));          /* its check is gone: so is its member */
	ck_assert_uint_eq(fit(), 2);
	ck_assert_str_eq(names(all), "db8 [db9] [www.example.com:db9]");
	ck_assert_str_eq(objects_find(all, NULL, "db9")->left_out,
	    "run time: servers.db9.checks[0]: \"alive\" is no check (expected the name of a check)");
	load(plain);
	ck_assert_uint_eq(fit(), 3);
	ck_assert_str_eq(names(all), "db8 db9 www.example.com:db9");
}
END_TEST

START_TEST(all_of_them_may_be_wrong)
{
	add(NULL, "db9", DB9("10.1.0.1"));
	add("ftp.example.com", "db1", "{ server = \"db1\"; }");
	ck_assert_uint_eq(fit(), 1);
	ck_assert_str_eq(names(all), "[db9] [ftp.example.com:db1]");
}
END_TEST

START_TEST(homing_conf_comes_first)
{
	struct objects *again = objects_new();
	unsigned line = 0;

	add(NULL, "db9", DB9("10.1.0.9"));
	add(NULL, "db8", DB8);
	add("www.example.com", "db9", "{ server = \"db9\"; }");
	add("www.example.com", "db8", "{ server = \"db8\"; }");
	ck_assert(!objects_configured(base, NULL, "db9", &line));
	load(CHECK("alive") SERVERS(", { name = \"db9\"; interfaces = ( { name = \"z\"; address = \"10.1.0.99\"; } ); }") SERVICES(", \"db9\""));
	ck_assert(objects_configured(base, NULL, "db9", &line));
	ck_assert_uint_eq(line, 2);
	ck_assert(objects_configured(base, "www.example.com", "db9", &line));
	ck_assert_uint_eq(line, 3);
	ck_assert(!objects_configured(base, "www.example.com", "db8", &line));
	ck_assert(!objects_configured(base, "ftp.example.com", "db9", &line));
	ck_assert_uint_eq(fit(), 3);
	ck_assert_str_eq(names(all), "db8 www.example.com:db8");
	ck_assert(objects_load(again, store, error, sizeof(error)));
	ck_assert_str_eq(names(again), names(all));
	objects_free(again);
}
END_TEST

/* The mistakes of a change, a line each; "" if it fits. */
static const char *
try(const char *service, const char *name, const char *text)
{
	static char out[2048];
	struct diag diag = { 0 };
	struct fits *f = objects_try(all, base, service, name, text, "", &diag);

	*out = '\0';
	ck_assert_int_eq(f == NULL, diag.count > 0);
	for (size_t i = 0; i < diag.count; i++)
		sprintf(out + strlen(out), "%s\n", diag.messages[i]);
	fits_free(f);
	diag_clear(&diag);
	return out;
}

START_TEST(a_change_is_judged_with_the_others)
{
	add(NULL, "db9", DB9("10.1.0.9"));
	add("www.example.com", "db9", "{ server = \"db9\"; interface = \"a\"; }");
	ck_assert_uint_eq(fit(), 2);
	ck_assert_str_eq(try(NULL, "db8", DB8), "");
	ck_assert_str_eq(try(NULL, "db9", DB9("10.1.0.10")), "");
	ck_assert_str_eq(try("www.example.com", "db9", NULL), "");
	ck_assert_str_eq(try(NULL, "db8", "{ name = \"db8\"; interfaces = ( { name = \"a\"; address = \"10.1.0.9\"; } ); }"),
	    "run time: servers.db9.interfaces.a.address: \"10.1.0.9\" is the address of db8/a added at run time too (expected every address once)\n");
	/* It is right itself, but another stands on what it takes away. */
	ck_assert_str_eq(try(NULL, "db9", "{ name = \"db9\"; interfaces = ( { name = \"b\"; address = \"10.1.0.9\"; } ); }"),
	    "run time: services.www.example.com.members.db9.interface: \"a\" is no interface of server db9 (expected the name of one)\n");
	ck_assert_str_eq(try(NULL, "db9", NULL),
	    "run time: services.www.example.com.members.db9.server: \"db9\" is no server (expected the name of a server; did you mean \"db1\"?)\n");
}
END_TEST

START_TEST(what_is_left_out_is_in_nobodys_way)
{
	struct diag diag = { 0 };
	struct fits *f;

	add(NULL, "db8", DB8);
	add(NULL, "db9", DB9("10.1.0.9"));
	load(CHECK("ping") SERVERS("") SERVICES(""));
	fit();
	ck_assert_str_eq(names(all), "db8 [db9]");
	f = objects_try(all, base, "www.example.com", "db8", "{ server = \"db8\"; }", "", &diag);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->conf->nservers, 2);
	ck_assert_uint_eq(f->conf->services[0].nmembers, 2);
	objects_settle(all, f, store);
	objects_set(all, "www.example.com", "db8", "{ server = \"db8\"; }", "");
	fits_free(f);
	ck_assert_str_eq(names(all), "db8 [db9] www.example.com:db8");
	/* What replaces it is judged like any other. */
	f = objects_try(all, base, NULL, "db9", "{ name = \"db9\"; interfaces = ( { name = \"a\"; address = \"10.1.0.9\"; } ); }", "", &diag);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->conf->nservers, 3);
	fits_free(f);
	ck_assert_uint_eq(diag.count, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { in_order_and_kept, what_does_not_fit_is_left_out, all_of_them_may_be_wrong, homing_conf_comes_first,
	    a_change_is_judged_with_the_others, what_is_left_out_is_in_nobodys_way };
	Suite *suite = suite_create("objects");
	TCase *tc = tcase_create("objects");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
