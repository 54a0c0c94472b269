/* test_store_durable.c - what the store has said is kept is kept: when the process dies, when the disk is full, when it may
 * not write; and a file of each older version goes on. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/diag.h"
#include "base/dname.h"
#include "dnsd/store.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/suite.h"
#include "zones/rrs.h"
#include "zones/zone.h"

static uint8_t apex[DNAME_MAX], name_a[DNAME_MAX], name_b[DNAME_MAX];

static void
setup(void)
{
	folder_make();
	dname_parse("dyn.test", apex);
	dname_parse("a.dyn.test", name_a);
	dname_parse("b.b.dyn.test", name_b);
}

static struct store *
store(void)
{
	struct store *s = store_open(folder, error, sizeof(error));

	ck_assert_msg(s != NULL, "%s", error);
	return s;
}

static void
seed(struct store *s)
{
	static const char text[] = "@ 300 SOA ns host 7 3600 600 86400 60\n@ 300 NS ns\nns 300 A 192.0.2.1\n";
	struct diag diag = { 0 };
	struct zone *z = zone_parse(apex, text, strlen(text), "test", &diag);

	ck_assert_ptr_nonnull(z);
	ck_assert_msg(store_seed(s, "dyn.test", z, false, error, sizeof(error)), "%s", error);
	zone_free(z);
}

/* One transaction: both names have that number, in data of a size. */
static bool
put(struct store *s, uint32_t number, uint16_t size)
{
	uint8_t data[4100] = { (uint8_t)(size >> 8), (uint8_t)size, (uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
	    (uint8_t)number };
	struct rrs *rrs = rrs_new(65280, 1, 60, data, size + 2u);
	struct store_rrset both[] = { { "dyn.test", name_a, 65280, rrs }, { "dyn.test", name_b, 65280, rrs } };
	bool ok = store_update(s, both, 2, NULL, 0, error, sizeof(error));

	free(rrs);
	return ok;
}

static uint32_t
number_at(const struct zone *z, const uint8_t *name)
{
	const struct node *n = zone_at(z, name);
	const struct rrset *set = n != NULL ? node_rrset(n, 65280) : NULL;
	const uint8_t *p = set != NULL ? set->bytes + 12 : NULL;

	return p != NULL ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

/* The number that both names have; 0: none yet. */
static uint32_t
get(void)
{
	struct store_reader *r;
	struct zone *z;
	uint32_t number;

	ck_assert_msg(store_reader_open(folder, &r, error, sizeof(error)) && r != NULL, "%s", error);
	ck_assert_msg(store_load(r, "dyn.test", apex, &z, error, sizeof(error)), "%s", error);
	ck_assert_ptr_nonnull(z);
	number = number_at(z, name_a);
	ck_assert_uint_eq(number, number_at(z, name_b));
	zone_free(z);
	store_reader_close(r);
	return number;
}

/* ---- the process dies ---- */

/* Puts one number after the other, and says each when it is kept. */
static void
writer(int said, uint32_t number)
{
	struct store *s = store_open(folder, error, sizeof(error));

	while (s != NULL && put(s, number, 4))
		if (write(said, &number, sizeof(number)) == sizeof(number))
			number++;
	_exit(1);
}

START_TEST(killed_at_any_moment)
{
	struct store *s = store();
	uint32_t last = 0;

	seed(s);
	store_close(s);
	srand(2);
	for (unsigned round = 0; round < 100; round++) {
		uint32_t number, before = last;
		int ends[2], wait_for = 1 + rand() % 6;
		volatile int delay = rand() % 100000;
		pid_t pid;

		ck_assert_int_eq(pipe(ends), 0);
		pid = fork();
		if (pid == 0)
			writer(ends[1], last + 1);
		close(ends[1]);
		while (wait_for-- > 0)
			ck_assert_int_eq(read(ends[0], &last, sizeof(last)), sizeof(last));
		while (delay > 0)
			delay--;               /* somewhere in the next one */
		kill(pid, SIGKILL);
		while (read(ends[0], &number, sizeof(number)) == sizeof(number))
			last = number;
		close(ends[0]);
		waitpid(pid, NULL, 0);
		number = get();
		ck_assert_uint_gt(last, before);
		ck_assert_uint_ge(number, last);       /* said is kept */
		ck_assert_uint_le(number, last + 1);   /* one may be kept that could not be said */
		last = number;
	}
}
END_TEST

/* In the first start, at any of its steps: the next one goes on. */
START_TEST(killed_while_it_begins)
{
	srand(3);
	for (unsigned round = 0; round < 20; round++) {
		volatile int delay = rand() % 3000000;
		struct store *s;
		pid_t pid = fork();

		if (pid == 0) {
			s = store_open(folder, error, sizeof(error));
			_exit(s == NULL);
		}
		while (delay > 0)
			delay--;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		s = store();
		store_close(s);
		folder_remove();
		folder_make();
	}
}
END_TEST

/* ---- large zones, written in parts ---- */

enum { MANY = 25000 };

static struct zone *
many(const char *zone)
{
	uint8_t top[DNAME_MAX];
	struct zone_edit *e;
	struct rrbuf *b = rrbuf_new();
	struct garbage *garbage;
	struct zone *z;

	dname_parse(zone, top);
	e = zone_edit_new(top);
	rrbuf_begin(b, TYPE_SOA, CLASS_IN, 60);
	rrbuf_add(b, "\1a\0\1b\0\0\0\0\7\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 26);
	zone_put(e, top, b);
	rrbuf_begin(b, TYPE_NS, CLASS_IN, 60);
	rrbuf_add(b, "\1a\0", 3);
	zone_put(e, top, b);
	for (unsigned i = 0; i < MANY; i++) {
		uint8_t name[DNAME_MAX], data[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		char text[64];

		snprintf(text, sizeof(text), "h%u.%s", i, zone);
		dname_parse(text, name);
		rrbuf_begin(b, TYPE_A, CLASS_IN, 60);
		rrbuf_add(b, data, sizeof(data));
		zone_put(e, name, b);
	}
	rrbuf_free(b);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	return z;
}

/* How many names the store has of the zone; 0: it does not have it. */
static size_t
names(void)
{
	struct store_reader *r;
	struct zone *z;
	size_t n;

	ck_assert_msg(store_reader_open(folder, &r, error, sizeof(error)) && r != NULL, "%s", error);
	ck_assert_msg(store_load(r, "dyn.test", apex, &z, error, sizeof(error)), "%s", error);
	n = z != NULL ? zone_names(z) : 0;
	zone_free(z);
	store_reader_close(r);
	return n;
}

/* Rows of any zone, and zones of any name. */
static unsigned
rows(const char *table)
{
	char path[128], sql[64];
	sqlite3_stmt *st;
	sqlite3 *db;
	unsigned n;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	ck_assert_int_eq(sqlite3_open_v2(folder_path("homing.db", path), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);        /* a writer that begins may be putting a log in order */
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = (unsigned)sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

START_TEST(large_zones_come_and_go)
{
	struct store *s = store();
	struct zone *z = many("dyn.test");

	ck_assert_msg(store_seed(s, "dyn.test", z, false, error, sizeof(error)), "%s", error);
	ck_assert_uint_eq(names(), MANY + 1);
	ck_assert(put(s, 3, 4));
	ck_assert_uint_eq(names(), MANY + 3);
	ck_assert(store_seed(s, "dyn.test", z, true, error, sizeof(error)));
	ck_assert_uint_eq(names(), MANY + 1);
	ck_assert_uint_eq(rows("rrset"), MANY + 2);
	ck_assert_uint_eq(rows("zone"), 1);
	ck_assert(store_forget(s, "dyn.test", error, sizeof(error)));
	ck_assert_uint_eq(rows("rrset"), 0);
	ck_assert_uint_eq(rows("zone"), 0);
	zone_free(z);
	store_close(s);
}
END_TEST

/* While a zone replaces itself: there is always a whole one, and nothing else after the next open. */
START_TEST(killed_while_it_seeds)
{
	struct zone *z = many("dyn.test");
	struct store *s = store();
	unsigned cut = 0;

	seed(s);
	store_close(s);
	srand(4);
	for (unsigned round = 0; round < 10; round++) {
		volatile int delay = rand() % 2000000;
		size_t found;
		pid_t pid = fork();

		if (pid == 0) {
			s = store_open(folder, error, sizeof(error));
			while (s != NULL && store_seed(s, "dyn.test", z, true, error, sizeof(error)))
				;
			_exit(1);
		}
		while (rows("zone") == 1)
			;                      /* until it is in the middle of it */
		while (delay > 0)
			delay--;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		found = names();
		ck_assert_msg(found == MANY + 1 || found == 2, "%zu", found);
		cut += rows("zone") > 1;
		s = store();
		ck_assert_uint_eq(rows("zone"), 1);
		ck_assert_uint_eq(rows("rrset"), found == 2 ? 3 : MANY + 2);
		store_close(s);
	}
	ck_assert_uint_gt(cut, 0);             /* it was in the middle of it at least once */
	zone_free(z);
}
END_TEST

struct seeding {
	struct store *s;
	struct zone *z;
	_Atomic bool over;
};

static void *
seeding(void *arg)
{
	struct seeding *g = arg;
	char why[512];
	bool ok = store_seed(g->s, "large.test", g->z, false, why, sizeof(why));

	atomic_store(&g->over, true);
	return ok ? g : NULL;
}

/* Others write meanwhile: they have their turn between its parts. */
START_TEST(a_seed_holds_up_nobody)
{
	struct seeding g = { store(), many("large.test"), false };
	unsigned between = 0;
	pthread_t thread;
	void *ok;

	seed(g.s);
	ck_assert_int_eq(pthread_create(&thread, NULL, seeding, &g), 0);
	while (!atomic_load(&g.over))
		ck_assert(put(g.s, ++between, 4));
	pthread_join(thread, &ok);
	ck_assert_ptr_nonnull(ok);
	ck_assert_uint_gt(between, 2);         /* of three parts, a name and looking it up */
	ck_assert_uint_eq(get(), between);
	zone_free(g.z);
	store_close(g.s);
}
END_TEST

/* ---- the disk ---- */

START_TEST(a_full_disk)
{
	struct rlimit all, little;
	struct store *s = store();
	struct stat st;
	uint32_t kept = 0;
	char wal[128];

	seed(s);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(stat(folder_path("homing.db-wal", wal), &st), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
	little = (struct rlimit){ (rlim_t)st.st_size + 100000, all.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	while (put(s, kept + 1, 4000))
		ck_assert_uint_lt(++kept, 1000);
	/* In the words of the disk, once and again. */
	ck_assert_msg(strstr(error, "homing.db: cannot keep an update: ") != NULL, "%s", error);
	ck_assert(!put(s, 77777, 4000));
	ck_assert_uint_gt(kept, 0);
	ck_assert_uint_eq(get(), kept);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	ck_assert_msg(put(s, kept + 1, 4000), "%s", error);    /* by itself */
	ck_assert_uint_eq(get(), kept + 1);
	store_close(s);
	s = store();
	ck_assert_uint_eq(get(), kept + 1);
	store_close(s);
}
END_TEST

/* As somebody who may not write here. */
static int
refused(void)
{
	struct store *s;

	if (geteuid() == 0 && seteuid(65534) != 0)
		return 2;
	s = store_open(folder, error, sizeof(error));
	if (s != NULL)
		return 3;
	return strstr(error, folder) != NULL && strstr(error, strerror(EACCES)) != NULL ? 0 : 4;
}

START_TEST(a_folder_that_may_not_be_written)
{
	struct store *s = store();
	int status;
	pid_t pid;

	store_close(s);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(refused());
	waitpid(pid, &status, 0);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
}
END_TEST

/* Reading needs no more than to read: for homingd -t. */
static int
readable(void)
{
	if (geteuid() == 0 && seteuid(65534) != 0)
		return 2;
	return get() == 5 ? 0 : 3;
}

START_TEST(a_reader_writes_nothing)
{
	struct store *s = store();
	char path[128];
	int status;
	pid_t pid;

	seed(s);
	ck_assert(put(s, 5, 4));
	store_close(s);
	ck_assert_int_eq(chmod(folder_path("homing.db", path), 0444), 0);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(readable());
	waitpid(pid, &status, 0);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(get(), 5);
	ck_assert_int_ne(access(folder_path("homing.db-wal", path), F_OK), 0);
	ck_assert_int_ne(access(folder_path("homing.db-shm", path), F_OK), 0);
}
END_TEST

START_TEST(a_reader_beside_the_writer)
{
	struct store *s = store();
	struct store_reader *r;
	struct zone *z;

	seed(s);
	ck_assert(put(s, 1, 4));
	ck_assert(store_reader_open(folder, &r, error, sizeof(error)));
	ck_assert(put(s, 2, 4));
	ck_assert_uint_eq(get(), 2);
	ck_assert(store_load(r, "dyn.test", apex, &z, error, sizeof(error)));
	ck_assert_uint_eq(number_at(z, name_a), 1);    /* as it was when it began */
	zone_free(z);
	store_reader_close(r);
	store_close(s);
}
END_TEST

START_TEST(nothing_there_is_nothing_wrong)
{
	struct store_reader *r;
	char path[128];

	ck_assert(store_reader_open(folder, &r, error, sizeof(error)));
	ck_assert_ptr_null(r);
	ck_assert(store_reader_open(folder_path("none", path), &r, error, sizeof(error)));
	ck_assert_ptr_null(r);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

/* ---- older versions ---- */

/* As the releases wrote them. */
static const char *const older[] = {
	"CREATE TABLE override (subject TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('drained', 'up', 'down')), owner TEXT NOT NULL,"
	" why TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;"
	"INSERT INTO override VALUES ('db1', 'drained', 'ops', 'kernel', 1000, 0); PRAGMA user_version = 1; PRAGMA journal_mode = WAL;",

	"CREATE TABLE override (subject TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('drained', 'up', 'down')), owner TEXT NOT NULL,"
	" why TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;"
	"CREATE TABLE serial (zone TEXT PRIMARY KEY, serial INTEGER NOT NULL, ceiling INTEGER NOT NULL,"
	" clean INTEGER NOT NULL CHECK (clean IN (0, 1)), digest0 INTEGER NOT NULL, digest1 INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO override VALUES ('db1', 'drained', 'ops', 'kernel', 1000, 0);"
	"INSERT INTO serial VALUES ('example.com', 7, 1007, 0, 1, 2); PRAGMA user_version = 2; PRAGMA journal_mode = WAL;",
};

static void
count_override(void *arg, const struct override *o)
{
	ck_assert_str_eq(o->subject, "db1");
	++*(unsigned *)arg;
}

START_TEST(older_versions_go_on)
{
	struct store_serial *serials;
	struct store_reader *r;
	struct store *s;
	unsigned overrides = 0;
	char path[128];
	struct zone *z;
	sqlite3 *db;
	size_t n;

	ck_assert_int_eq(sqlite3_open(folder_path("homing.db", path), &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, older[_i], NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
	/* homingd -t of this version, before its first start: there are no zones yet. */
	ck_assert_msg(store_reader_open(folder, &r, error, sizeof(error)), "%s", error);
	ck_assert(store_load(r, "dyn.test", apex, &z, error, sizeof(error)));
	ck_assert_ptr_null(z);
	store_reader_close(r);

	s = store();
	ck_assert(store_override_each(s, count_override, &overrides, error, sizeof(error)));
	ck_assert_uint_eq(overrides, 1);
	ck_assert(store_serials_get(s, &serials, &n, error, sizeof(error)));
	ck_assert_uint_eq(n, (unsigned)_i);
	if (n > 0) {
		ck_assert_str_eq(serials[0].zone, "example.com");
		ck_assert_uint_eq(serials[0].ceiling, 1007);
		free(serials[0].zone);
	}
	free(serials);
	seed(s);
	ck_assert(put(s, 9, 4));
	store_close(s);
	s = store();
	ck_assert_uint_eq(get(), 9);
	store_close(s);
}
END_TEST

/* As another process sees it: 0 if somebody holds a lock on the file. */
static int
see_lock(void)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[128];
	int fd = open(folder_path("homing.db", path), O_RDWR), status;
	pid_t child = fork();

	if (child == 0)
		_exit(fcntl(fd, F_GETLK, &whole) != 0 ? 2 : whole.l_type == F_UNLCK);
	waitpid(child, &status, 0);
	/* fd stays open: to close it would drop the locks. */
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

/* Else the next sqlite3 that somebody starts beside the daemon removes the log under it when it ends. */
START_TEST(a_reader_leaves_the_locks)
{
	struct store *s = store();
	struct store_reader *reader;

	ck_assert_int_eq(see_lock(), 0);
	ck_assert(store_reader_open(folder, &reader, error, sizeof(error)));
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(see_lock(), 0);
	store_reader_close(reader);
	ck_assert_int_eq(see_lock(), 0);
	store_close(s);
}
END_TEST

int
main(void)
{
	const TTest *const all[] = { killed_at_any_moment, killed_while_it_begins, large_zones_come_and_go, killed_while_it_seeds,
	    a_seed_holds_up_nobody, a_full_disk, a_folder_that_may_not_be_written, a_reader_writes_nothing, a_reader_beside_the_writer,
	    a_reader_leaves_the_locks, nothing_there_is_nothing_wrong };
	Suite *suite = suite_create("store_durable");
	TCase *tests = tcase_create("store_durable");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, folder_remove);
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		tcase_add_test(tests, all[i]);
	tcase_add_loop_test(tests, older_versions_go_on, 0, 2);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
