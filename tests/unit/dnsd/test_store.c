/* test_store.c - what must survive does, and the folder belongs to one daemon. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dnsd/overrides.h"
#include "dnsd/store.h"
#include "tests/unit/suite.h"

static char folder[64];
static char error[512];

static void
setup(void)
{
	strcpy(folder, "/tmp/homing-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	static const char *const names[] = { "homing.db", "homing.db-wal", "homing.db-shm", "homing.lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

static struct override
override_make(const char *subject, enum override_state state, uint64_t until_ms)
{
	return (struct override){ (char *)subject, state, (char *)"ops", (char *)"new kernel; it's \"due\"", 1000, until_ms };
}

static struct overrides *
overrides_reopen(struct store **store)
{
	struct overrides *set;

	*store = store_open(folder, error, sizeof(error));
	ck_assert_msg(*store != NULL, "%s", error);
	set = overrides_new(*store, error, sizeof(error));
	ck_assert_msg(set != NULL, "%s", error);
	return set;
}

START_TEST(kept_as_given)
{
	struct override a = override_make("db1/a", OVERRIDE_DRAINED, 0), b = override_make("www.example.com:db2", OVERRIDE_UP, 5000);
	struct store *store;
	struct overrides *set = overrides_reopen(&store);
	const struct override *found;
	size_t n;

	ck_assert(overrides_put(set, &a, error, sizeof(error)));
	ck_assert(overrides_put(set, &b, error, sizeof(error)));
	a.state = OVERRIDE_DOWN;               /* replaces */
	ck_assert(overrides_put(set, &a, error, sizeof(error)));
	overrides_free(set);
	store_close(store);

	set = overrides_reopen(&store);
	overrides_list(set, &n);
	ck_assert_uint_eq(n, 2);
	found = overrides_find(set, "db1/a");
	ck_assert_int_eq(found->state, OVERRIDE_DOWN);
	ck_assert_str_eq(found->why, "new kernel; it's \"due\"");
	ck_assert_str_eq(found->owner, "ops");
	ck_assert_uint_eq(found->since_ms, 1000);
	ck_assert_uint_eq(overrides_find(set, "www.example.com:db2")->until_ms, 5000);
	ck_assert_uint_eq(overrides_next_expiry_ms(set), 5000);
	ck_assert(overrides_remove(set, "www.example.com:db2", error, sizeof(error)));
	ck_assert_ptr_null(overrides_find(set, "www.example.com:db2"));
	ck_assert_uint_eq(overrides_next_expiry_ms(set), 0);
	overrides_free(set);
	store_close(store);

	set = overrides_reopen(&store);
	overrides_list(set, &n);
	ck_assert_uint_eq(n, 1);
	overrides_free(set);
	store_close(store);
}
END_TEST

/* Acknowledged is on disk: the process that wrote it is gone without a word. */
START_TEST(survives_a_crash)
{
	struct override a = override_make("db1", OVERRIDE_DRAINED, 0);
	struct overrides *set;
	struct store *store;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		set = overrides_reopen(&store);
		_exit(overrides_put(set, &a, error, sizeof(error)) ? 7 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 7);
	set = overrides_reopen(&store);
	ck_assert_ptr_nonnull(overrides_find(set, "db1"));
	overrides_free(set);
	store_close(store);
}
END_TEST

START_TEST(one_daemon_a_folder)
{
	struct store *store = store_open(folder, error, sizeof(error));

	ck_assert_ptr_nonnull(store);
	ck_assert_ptr_null(store_open(folder, error, sizeof(error)));
	ck_assert_msg(strstr(error, "in use by another homingd") != NULL, "%s", error);
	store_close(store);
	store = store_open(folder, error, sizeof(error));
	ck_assert_msg(store != NULL, "%s", error);
	store_close(store);
}
END_TEST

START_TEST(damaged_is_said)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/homing.db", folder);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(write(fd, "this is no database at all, and long. ", 38), 38);
	close(fd);
	ck_assert_ptr_null(store_open(folder, error, sizeof(error)));
	ck_assert_msg(strstr(error, path) != NULL && strstr(error, "not a database") != NULL, "%s", error);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store");
	TCase *tests = tcase_create("store");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, kept_as_given);
	tcase_add_test(tests, survives_a_crash);
	tcase_add_test(tests, one_daemon_a_folder);
	tcase_add_test(tests, damaged_is_said);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
