/* test_replace.c - from one zone to another by an update: random zones, through the engine, come out as they should. */
#include "dnsd/replace.h"

#include "dnsd/edition.h"
#include "tests/unit/suite.h"
#include "updating.h"

static const char base[] =
    "example. 300 IN SOA ns1.example. root.example. 100 3600 600 86400 60\n"
    "example. 300 IN NS ns1.test.\n"
    "example. 300 IN NS ns2.test.\n"
    "www.example. 300 IN A 192.0.2.80\n"
    "www.example. 300 IN TXT \"one\"\n"
    "alias.example. 300 IN CNAME www.example.\n";

static struct zone *
parse(const char *text)
{
	struct diag diag = { 0 };
	struct zone *z = zone_parse(updating_apex, text, strlen(text), "test", &diag);

	ck_assert_msg(z != NULL, "%s", diag.count > 0 ? diag.messages[0] : text);
	return z;
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The records of a zone without its SOA, a line each, sorted: an RRset has no order. */
static char *
body_of(const struct zone *z)
{
	char *text = zone_text(z), *rest = text, *line, **lines = NULL, *sorted = mem_alloc(strlen(text) + 1), *p = sorted;
	size_t n = 0;

	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && strstr(line, "\tSOA\t") == NULL) {
			lines = mem_grow(lines, n, sizeof(*lines));
			lines[n++] = line;
		}
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n; i++)
		p = stpcpy(stpcpy(p, lines[i]), "\n");
	free(lines);
	free(text);
	return sorted;
}

/* Makes of t's zone what `to` says; how many records come and go. */
static struct replacement
replaced(struct updated *t, const char *to)
{
	struct zone *wanted = parse(to);
	struct edition from = { .zone = t->zone, .serial = zone_serial(t->zone) };
	struct diag diag = { 0 };
	struct replacement r;
	struct update_result result;

	replace_zone(&from, wanted, "test", UPDATE_RRS_MAX, &r, NULL, NULL, &diag);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_ptr_nonnull(r.update);
	ck_assert(r.update->strict && r.update->has_serial);
	ck_assert_uint_eq(r.update->if_serial, from.serial);
	result = updated_with(t, r.update);
	ck_assert_msg(result.rcode == RCODE_NOERROR, "%s", result.why);
	zone_free(wanted);
	return r;
}

START_TEST(test_serial)
{
	static const struct {
		const char *to;
		uint32_t serial;
		size_t come;
	} rows[] = {
		{ "example. 300 IN SOA ns1.example. root.example. 100 3600 600 86400 60\n", 100, 0 },
		{ "example. 300 IN SOA ns1.example. root.example. 99 3600 600 86400 60\n", 100, 0 },
		{ "example. 300 IN SOA ns1.example. root.example. 200 3600 600 86400 60\n", 200, 0 },
		{ "example. 300 IN SOA ns1.example. root.example. 200 3600 600 86400 61\n", 200, 1 },
		{ "example. 300 IN SOA ns1.example. root.example. 7 3600 600 86400 61\n", 101, 1 },
		{ "example. 300 IN SOA ns1.example. root.example. 100 3600 600 86400 61\n", 101, 1 },
		{ "example. 30 IN SOA ns1.example. root.example. 100 3600 600 86400 60\n", 101, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *to = mem_printf("%s%s", rows[i].to, strchr(base, '\n') + 1);
		struct replacement r;
		struct updated t;

		updated_begin(&t, base);
		r = replaced(&t, to);
		ck_assert_uint_eq(zone_serial(t.zone), rows[i].serial);
		ck_assert_uint_eq(r.come, rows[i].come);
		ck_assert_uint_eq(r.gone, 0);
		updated_end(&t);
		free(to);
	}
}
END_TEST

/* Some of these lines make a zone: all name servers others, TTLs others, CNAME in place of data and back, cuts, DNAME. */
static char *
random_zone(void)
{
	static const char *const lines[] = {
		"example. 300 IN NS NS2.example.\n", "example. 60 IN MX 1 mail.example.\n", "a.example. 60 IN A 192.0.2.1\n",
		"a.example. 60 IN A 192.0.2.2\n", "a.example. 60 IN TXT \"x\"\n", "b.a.example. 60 IN A 192.0.2.3\n", "*.example. 60 IN A 192.0.2.4\n",
		"sub.example. 60 IN NS ns.test.\n", "c.example. 60 IN SRV 1 2 3 a.example.\n", "c.example. 60 IN TYPE65280 \\# 2 00ff\n",
		"d.example. 5 IN A 192.0.2.5\n",
	};
	static const char *const ways[][4] = {
		{ "w.example. 60 IN CNAME a.test.\n", "w.example. 60 IN CNAME A.test.\n", "w.example. 60 IN A 192.0.2.7\n", "w.example. 61 IN A 192.0.2.7\n" },
		{ "t.example. 60 IN DNAME x.test.\n", "t.example. 60 IN NS x.test.\n", "t.example. 60 IN TXT \"t\"\n", "u.t.example. 60 IN A 192.0.2.8\n" },
		{ "example. 300 IN NS ns1.example.\n", "example. 60 IN NS ns1.example.\n", "example. 300 IN NS ns3.test.\n", "example. 300 IN NS NS1.example.\n" },
	};
	char *text = mem_printf("example. 300 IN SOA ns.test. root.test. %ld 1 2 3 %ld\n", 90 + random() % 20, 4 + random() % 2), *all;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines) + 3; i++) {
		const char *line = i < 3 ? ways[i][random() % 4] : random() % 2 == 0 ? lines[i - 3] : "";
		char *more;

		/* The TTL of all of an RRset is one: what a parser makes of two is not the matter here. */
		if (i >= 3 && strstr(line, "NS NS2") != NULL && strstr(text, "60 IN NS ns1") != NULL)
			line = "";
		more = mem_printf("%s%s", text, line);
		free(text);
		text = more;
	}
	all = mem_printf("%s%s", text, "ns1.example. 60 IN A 192.0.2.53\nns2.example. 60 IN A 192.0.2.54\n");
	free(text);
	return all;
}

START_TEST(test_random)
{
	char *text;
	struct updated t;

	srandom(7);
	text = random_zone();
	updated_begin(&t, text);
	for (unsigned round = 0; round < 2000; round++) {
		char *next = random_zone(), *seen, *wanted;
		uint32_t before = zone_serial(t.zone);
		struct zone *to = parse(next);

		replaced(&t, next);
		seen = body_of(t.zone);
		wanted = body_of(to);
		ck_assert_msg(strcmp(seen, wanted) == 0, "round %u: from\n%s\nto\n%s\ncame\n%s", round, text, wanted, seen);
		ck_assert_uint_ge(zone_serial(t.zone), before);
		zone_free(to);
		free(seen);
		free(wanted);
		free(text);
		text = next;
	}
	updated_end(&t);
	free(text);
}
END_TEST

/* A service's addresses are not the file's: they may be missing, but not be others. */
START_TEST(test_governed)
{
	struct diag diag = { 0 };
	struct replacement r;
	struct edition from;
	struct updated t;
	struct zone *to;

	updated_begin(&t, "example. 300 IN SOA ns.test. root.test. 100 3600 600 86400 60\nexample. 300 IN NS ns.test.\nwww.example. 300 IN TXT \"x\"\n");
	updated_serve(&t, "www.example", false);
	from = (struct edition){ .zone = t.zone, .serial = 100 };
	to = parse("example. 300 IN SOA ns.test. root.test. 100 3600 600 86400 60\nexample. 300 IN NS ns.test.\n");
	replace_zone(&from, to, "file", UPDATE_RRS_MAX, &r, NULL, NULL, &diag);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_uint_eq(r.gone, 1);          /* the TXT */
	ck_assert_uint_eq(r.come, 0);
	ck_assert_uint_eq(r.update->nchanges, 1);
	update_free(r.update);
	zone_free(to);
	to = parse("example. 300 IN SOA ns.test. root.test. 100 3600 600 86400 60\nexample. 300 IN NS ns.test.\nwww.example. 300 IN A 203.0.113.9\n");
	replace_zone(&from, to, "file", UPDATE_RRS_MAX, &r, NULL, NULL, &diag);
	ck_assert_ptr_null(r.update);
	ck_assert_uint_eq(diag.count, 1);
	ck_assert_msg(strstr(diag.messages[0], "file: www.example A: it follows health") != NULL, "%s", diag.messages[0]);
	diag_clear(&diag);
	zone_free(to);
	updated_end(&t);
}
END_TEST

static void
count(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	(void)come;
	(void)name;
	(void)type;
	(void)rr;
	++*(size_t *)arg;
}

/* More than an update can have: there is none, but all is counted and told. */
START_TEST(test_too_many)
{
	size_t told = 0, n = strlen(base), room = n + (UPDATE_RRS_MAX + 1) * 48;
	char *text = mem_alloc(room);
	struct diag diag = { 0 };
	struct replacement r;
	struct edition from;
	struct updated t;
	struct zone *to;

	strcpy(text, base);
	for (unsigned i = 0; i <= UPDATE_RRS_MAX; i++)
		n += (size_t)snprintf(text + n, room - n, "n%u.example. 60 IN A 192.0.2.1\n", i);
	updated_begin(&t, base);
	to = parse(text);
	from = (struct edition){ .zone = t.zone, .serial = 100 };
	replace_zone(&from, to, "test", UPDATE_RRS_MAX, &r, count, &told, &diag);
	ck_assert_ptr_null(r.update);
	ck_assert_uint_eq(r.come, UPDATE_RRS_MAX + 1);
	ck_assert_uint_eq(told, UPDATE_RRS_MAX + 1);
	ck_assert_uint_eq(diag.count, 0);
	zone_free(to);
	updated_end(&t);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("replace");
	TCase *t = tcase_create("replace");

	tcase_add_test(t, test_serial);
	tcase_add_test(t, test_random);
	tcase_add_test(t, test_governed);
	tcase_add_test(t, test_too_many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
