/* test_conf_large.c - ten thousand of everything load in less time than a probe takes. */
#include <stdio.h>

#include "base/clock.h"
#include "tests/unit/conf/parse.h"
#include "tests/unit/suite.h"

enum { SERVERS = 10000, SERVICES = 10000, CHECKS = 1000, FABRICS = 250, ZONES = 10000, KEYS = 10000 };

static char *
large_text(size_t *length)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, length);

	fprintf(f, "checks = (");
	for (int i = 0; i < CHECKS; i++)
		fprintf(f, "%s{ name = \"check-%d\"; type = \"tcp\"; port = %d; }\n", i > 0 ? "," : "", i, i + 1);
	fprintf(f, "); fabrics = (");
	for (int i = 0; i < FABRICS; i++)
		fprintf(f, "%s{ name = \"fabric-%d\"; subnets = [ \"10.%d.0.0/16\" ]; }\n", i > 0 ? "," : "", i, i);
	fprintf(f, "); servers = (");
	for (int i = 0; i < SERVERS; i++)
		fprintf(f, "%s{ name = \"server-%d.example\"; checks = [ \"check-%d\" ]; interfaces = (\n"
		    " { name = \"a\"; address = \"10.%d.%d.%d\"; }, { name = \"b\"; address = \"2001:db8::%x\"; } ); }\n",
		    i > 0 ? "," : "", i, i % CHECKS, i % FABRICS, i / 40 % 250, i / 10000 + i % 250 + 1, i + 1);
	fprintf(f, "); services = (");
	for (int i = 0; i < SERVICES; i++)
		fprintf(f, "%s{ name = \"service-%d.example.com\"; servers = [ \"server-%d.example\", \"server-%d.example\" ];\n"
		    " members = ( { server = \"server-%d.example\"; interface = \"b\"; tier = 2; } ); checks = [ \"check-%d\" ]; }\n",
		    i > 0 ? "," : "", i, i, (i + 1) % SERVERS, (i + 7) % SERVERS, i % CHECKS);
	fprintf(f, ");");
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

/* 0.2 s here; the limit is loose enough for sanitizers and for a busy machine, and far from what n * n would take. */
START_TEST(test_large)
{
	struct diag diag = { 0 };
	size_t length = 0;
	char *text = large_text(&length);
	uint64_t from = clock_mono_us(), took;
	struct conf *c = conf_parse(text, length, "t.conf", &diag);

	took = clock_mono_us() - from;
	ck_assert_msg(c != NULL, "%s", diag.count > 0 ? diag.messages[0] : "?");
	printf("%d servers, %d services, %d checks, %zu bytes: %.0f ms\n", SERVERS, SERVICES, CHECKS, length,
	    (double)took / 1e3);
	ck_assert_uint_eq(c->nservers, SERVERS);
	ck_assert_uint_eq(c->nservices, SERVICES);
	ck_assert_uint_eq(c->nzones, SERVICES);
	ck_assert_ptr_eq(c->services[5000].members[0].interface, &c->servers[5007].interfaces[1]);
	ck_assert_ptr_eq(c->services[5000].members[2].server, &c->servers[5001]);
	ck_assert_ptr_eq(c->servers[777].interfaces[0].fabric, &c->fabrics[777 % FABRICS]);
	ck_assert_ptr_eq(c->services[9999].zone, &c->zones[9999]);
	ck_assert_uint_lt(took, 5 * US_PER_S);
	conf_free(c);
	free(text);
}
END_TEST

/* Each zone with a key and secondaries of its own. */
static char *
zones_text(size_t *length)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, length);

	fprintf(f, "zones = (");
	for (int i = 0; i < ZONES; i++)
		fprintf(f, "%s{ name = \"zone-%d.example\"; file = \"z\"; notify_delay = %d;\n"
		    " transfer = [ \"10.%d.0.0/16\", \"key:key-%d\", \"2001:db8:%x::/48 key:key-%d\" ];\n"
		    " notify = ( { address = \"10.%d.0.53\"; source = \"10.0.0.1\"; }, { address = \"192.0.2.53\"; key = \"key-%d\"; } ); }\n",
		    i > 0 ? "," : "", i, i % 60, i % 250, (i + 7) % KEYS, i, i, i % 250, i);
	fprintf(f, "); keys = (");
	for (int i = 0; i < KEYS; i++)
		fprintf(f, "%s{ name = \"key-%d\"; secret = \"TwX1cNH3Z+4kCNFdwiW8104nifRexZwxXEFwPoLcUVQ=\"; }\n", i > 0 ? "," : "", i);
	fprintf(f, ");");
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

/* 0.1 s here. */
START_TEST(test_zones)
{
	struct diag diag = { 0 };
	size_t length = 0;
	char *text = zones_text(&length);
	uint64_t from = clock_mono_us(), took;
	struct conf *c = conf_parse(text, length, "t.conf", &diag);

	took = clock_mono_us() - from;
	ck_assert_msg(c != NULL, "%s", diag.count > 0 ? diag.messages[0] : "?");
	printf("%d zones, %d keys, %zu bytes: %.0f ms\n", ZONES, KEYS, length, (double)took / 1e3);
	ck_assert_uint_eq(c->nzones, ZONES);
	ck_assert_uint_eq(c->nkeys, KEYS);
	ck_assert_uint_eq(c->zones[9999].transfer.count, 3);
	ck_assert_ptr_eq(c->zones[9999].transfer.who[1].key, &c->keys[6]);
	ck_assert_ptr_eq(c->zones[9999].transfer.who[2].key, &c->keys[9999]);
	ck_assert_uint_eq(c->zones[777].nnotify, 2);
	ck_assert_ptr_eq(c->zones[777].notify[1].key, &c->keys[777]);
	ck_assert_uint_eq(c->zones[777].notify_delay_us, 777 % 60 * US_PER_S);
	ck_assert_uint_lt(took, 5 * US_PER_S);
	conf_free(c);
	free(text);
}
END_TEST

/* As many secondaries of a zone, and as many who may transfer it, as there may be. */
START_TEST(test_secondaries)
{
	enum { NOTIFY = 256, WHOS = 1024 };

	for (int more = 0; more <= 1; more++) {
		char *text = NULL, *mistakes;
		size_t length = 0;
		FILE *f = open_memstream(&text, &length);

		fprintf(f, "zones = ( { name = \"z\"; file = \"z\"; transfer = [ ");
		for (int i = 0; i < WHOS + more; i++)
			fprintf(f, "%s\"10.0.%d.%d\"", i > 0 ? ", " : "", i >> 8, i & 255);
		fprintf(f, " ]; notify = ( ");
		for (int i = 0; i < NOTIFY + more; i++)
			fprintf(f, "%s{ address = \"10.0.0.%d\"; }", i > 0 ? ", " : "", i);
		fprintf(f, " ); } );");
		ck_assert_int_eq(fclose(f), 0);
		mistakes = parse_bad(text, length);
		ck_assert_str_eq(mistakes, more == 0 ? "" : "t.conf:1: zones.z.transfer: 1025 values (expected at most 1024)\n"
		    "t.conf:1: zones.z.notify: 257 secondaries (expected at most 256)\n");
		free(mistakes), free(text);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf_large");
	TCase *tests = tcase_create("large");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, test_large);
	tcase_add_test(tests, test_zones);
	tcase_add_test(tests, test_secondaries);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
