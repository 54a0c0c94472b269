/* test_store_damage.c - a homing.db that is not what it should be is said so, and left as it is. */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/diag.h"
#include "base/dname.h"
#include "base/mem.h"
#include "dnsd/store.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/suite.h"
#include "zones/zone.h"

static uint8_t apex[DNAME_MAX];
static char path[128];

/* ---- files ---- */

struct bytes {
	uint8_t *at;
	size_t size;
};

static struct bytes
file_read(void)
{
	struct bytes b = { NULL, 0 };
	FILE *f = fopen(path, "rb");

	ck_assert_ptr_nonnull(f);
	b.at = mem_alloc(1 << 20);
	b.size = fread(b.at, 1, 1 << 20, f);
	ck_assert_uint_lt(b.size, 1 << 20);
	fclose(f);
	return b;
}

static void
file_write(const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static void
ck_unchanged(struct bytes before)
{
	struct bytes now = file_read();

	ck_assert_uint_eq(now.size, before.size);
	ck_assert_mem_eq(now.at, before.at, now.size);
	free(now.at);
}

static void
sql(const char *statements)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, statements, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* ---- a store with a zone ---- */

static char *
zone_text(void)
{
	char *text = mem_text("@ 300 SOA ns host 7 3600 600 86400 60\n@ 300 NS ns\nns 300 A 192.0.2.1\n");

	for (unsigned i = 0; i < 200; i++) {
		char *more = mem_printf("%sn%u 60 A 192.0.2.%u\nn%u 60 TXT \"number %u\"\n", text, i, i, i, i);

		free(text);
		text = more;
	}
	return text;
}

static struct zone *
zone(void)
{
	struct diag diag = { 0 };
	char *text = zone_text();
	struct zone *z = zone_parse(apex, text, strlen(text), "test", &diag);

	ck_assert_ptr_nonnull(z);
	diag_clear(&diag);
	free(text);
	return z;
}

static void
setup(void)
{
	struct zone *z;
	struct store *s;

	folder_make();
	folder_path("homing.db", path);
	dname_parse("dyn.test", apex);
	z = zone();
	s = store_open(folder, error, sizeof(error));
	ck_assert_msg(s != NULL, "%s", error);
	ck_assert_msg(store_seed(s, "dyn.test", z, false, error, sizeof(error)), "%s", error);
	store_close(s);
	zone_free(z);
}

/* Opens, and reads the zone, as a start does. False: refused with a message that names the file. */
static bool
starts(struct zone **out)
{
	struct store *s = store_open(folder, error, sizeof(error));
	struct store_reader *r = NULL;
	bool ok = s != NULL && store_reader_open(folder, &r, error, sizeof(error)) && r != NULL &&
	    store_load(r, "dyn.test", apex, out, error, sizeof(error));

	store_reader_close(r);
	store_close(s);
	if (!ok)
		ck_assert_msg(strstr(error, path) != NULL, "%s", error);
	return ok;
}

/* The start is refused, with these words, and the file is as before. */
static void
ck_refused(const char *words)
{
	struct bytes before = file_read();
	struct zone *z;

	ck_assert(!starts(&z));
	ck_assert_msg(strstr(error, words) != NULL, "%s", error);
	ck_unchanged(before);
	free(before.at);
}

/* ---- what may be there instead ---- */

START_TEST(text_is_no_database)
{
	char text[8000];

	memset(text, 'x', sizeof(text));
	file_write(text, sizeof(text));
	ck_refused("the file is not a database");
	file_write("short", 5);
	ck_refused("the file is not a database");
}
END_TEST

START_TEST(empty_is_not_new)
{
	file_write("", 0);
	ck_refused("the file is empty (expected a database of homing; it is left as it is");
}
END_TEST

START_TEST(cut_off)
{
	struct bytes all = file_read();

	file_write(all.at, all.size - 1);
	ck_refused("the file is cut off: ");
	file_write(all.at, 4096);
	ck_refused("the file is cut off: 4096 bytes of ");
	file_write(all.at, 60);
	ck_refused("the file is not a database");
	free(all.at);
}
END_TEST

START_TEST(somebody_elses)
{
	unlink(path);
	sql("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 2;");
	ck_refused("this is a database, but not homing's");
	unlink(path);
	sql("CREATE TABLE override (url TEXT); PRAGMA user_version = 3; PRAGMA application_id = 7;");
	ck_refused("this is a database, but not homing's");
	unlink(path);
	sql("CREATE TABLE override (url TEXT);");
	ck_refused("this is a database, but not homing's");
}
END_TEST

START_TEST(a_later_version)
{
	sql("PRAGMA user_version = 1000;");
	ck_refused("written by a later version of homing (schema 1000, expected at most 3)");
}
END_TEST

START_TEST(a_folder_is_no_file)
{
	struct zone *z;

	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!starts(&z));
	ck_assert_msg(strstr(error, "this is no plain file") != NULL, "%s", error);
	rmdir(path);
}
END_TEST

START_TEST(the_log_alone)
{
	char wal[128];
	FILE *f = fopen(folder_path("homing.db-wal", wal), "w");
	struct stat st;

	fputs("frames", f);
	fclose(f);
	unlink(path);
	ck_assert_ptr_null(store_open(folder, error, sizeof(error)));
	ck_assert_msg(strstr(error, "is missing, but ") != NULL && strstr(error, "-wal is there") != NULL, "%s", error);
	ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

/* ---- rows ---- */

START_TEST(a_row_that_was_changed)
{
	sql("UPDATE rrset SET ttl = 61 WHERE owner = CAST('n7' AS BLOB) AND type = 1");
	ck_refused("zone dyn.test: n7.dyn.test A: damaged: its sum is not what was written");
}
END_TEST

START_TEST(a_row_that_is_missing)
{
	sql("DELETE FROM rrset WHERE owner = CAST('n7' AS BLOB)");
	ck_refused("zone dyn.test: damaged: records of it are missing");
}
END_TEST

START_TEST(a_row_without_a_name)
{
	sql("UPDATE rrset SET owner = CAST('N7' AS BLOB) WHERE owner = CAST('n7' AS BLOB) AND type = 1");
	ck_refused("zone dyn.test: a name: damaged: it is no name of this zone");
}
END_TEST

START_TEST(a_zone_that_was_renamed)
{
	sql("UPDATE zone SET name = 'eyn.test'");
	ck_refused("the table of zones is damaged");
}
END_TEST

START_TEST(a_zone_that_is_missing)
{
	sql("DELETE FROM zone");
	ck_refused("the table of zones is damaged");
}
END_TEST

static char *
print(const struct zone *z)
{
	char *all = mem_text("");

	for (const struct node *n = NULL; (n = zone_next(z, n)) != NULL;) {
		size_t size;
		char *lines = node_print(n, &size), *more = mem_printf("%s%.*s", all, (int)size, lines);

		free(lines);
		free(all);
		all = more;
	}
	return all;
}

/* A byte anywhere: either it is found, or the zone is all there. */
START_TEST(any_byte)
{
	struct bytes all = file_read(), copy = { mem_alloc(all.size), all.size };
	struct zone *given = zone();
	char *text = print(given);
	unsigned found = 0, harmless = 0;

	srand(1);
	for (unsigned round = 0; round < 300; round++) {
		size_t at = (size_t)rand() % all.size;
		struct zone *z = NULL;

		memcpy(copy.at, all.at, all.size);
		copy.at[at] ^= (uint8_t)(1 << rand() % 8);
		file_write(copy.at, copy.size);
		if (starts(&z)) {
			char *now = z != NULL ? print(z) : mem_text("nothing");

			ck_assert_msg(strcmp(text, now) == 0, "byte %zu: undetected", at);
			free(now);
			harmless++;
		} else {
			ck_assert_ptr_null(z);
			found++;
		}
		zone_free(z);
	}
	ck_assert_uint_gt(found, 50);
	ck_assert_uint_gt(harmless, 10);       /* free space, tables without rows */
	free(text);
	zone_free(given);
	free(all.at);
	free(copy.at);
}
END_TEST

int
main(void)
{
	const TTest *const all[] = { text_is_no_database, empty_is_not_new, cut_off, somebody_elses, a_later_version, a_folder_is_no_file,
	    the_log_alone, a_row_that_was_changed, a_row_that_is_missing, a_row_without_a_name, a_zone_that_was_renamed,
	    a_zone_that_is_missing, any_byte };
	Suite *suite = suite_create("store_damage");
	TCase *tests = tcase_create("store_damage");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, folder_remove);
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
