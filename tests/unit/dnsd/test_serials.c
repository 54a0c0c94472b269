/* test_serials.c - no serial ever comes again: over stops, crashes, a full disk and an older version's file.
 *
 * A real homing.db, and a world whose numberings use up what is promised in it. A crash is a copy of the
 * database as it lies there in that moment: what a killed daemon leaves. */
#include <check.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/made.h"
#include "dnsd/overrides.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "dnsd/store.h"
#include "dnsd/world.h"
#include "tests/unit/suite.h"
#include "tests/unit/zones/build.h"

enum { FILED, MADE, ZONES };           /* the zones: with a master file, and without */
enum { PROMISED = 1000, AHEAD = 250, MADE_AT = 1700000000 };

static const char config[] =
    "fabrics = ( { name = \"san-a\"; subnets = [ \"10.1.0.0/16\" ]; } );\n"
    "checks = ( { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"
    "servers = ( { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; } ); } );\n"
    "zones = ( { name = \"z.example\"; file = \"z.zone\"; notify_delay = 0; }, { name = \"made.example\"; notify_delay = 0; } );\n"
    "services = ( { name = \"www.z.example\"; servers = [ \"db1\" ]; checks = [ \"pg\" ]; },\n"
    " { name = \"www.made.example\"; servers = [ \"db1\" ]; checks = [ \"pg\" ]; } );\n";

static struct {
	char folder[64], crashed[64];          /* the daemon's, and the copy's */
	int log[2];                            /* a pipe: no disk is ever full for it */
	struct event_base *base;
	struct conf *conf;
	struct store *store;
	struct serials *serials;
	struct world *world;
	unsigned flips;
	char error[512];
} lab;

static const char *
logged(void)
{
	static char text[16384];
	ssize_t n = read(lab.log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static unsigned
times(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* ---- a daemon ---- */

static void
on_numbered(void *arg, size_t zone, const struct edition *e)
{
	(void)arg;
	serials_used(lab.serials, lab.conf->zones[zone].text, e->serial);
}

/* The services of both zones move to the next address. */
static void
services_put(void)
{
	const struct addr address = { .family = 4, .bytes = { 10, 1, 0, (uint8_t)(1 + lab.flips % 2) } };

	for (size_t i = 0; i < lab.conf->nservices; i++)
		world_put(lab.world, &lab.conf->services[i], &address, 1, NULL, 0, 5, false, false);
}

static void
number(void)
{
	lab.flips++;
	services_put();
	world_publish(lab.world, 1);
	world_number(lab.world, 1, on_numbered, NULL);
}

static struct zone *
file_zone(uint32_t file_serial, const char *content)
{
	char text[256];

	snprintf(text, sizeof(text), "$TTL 300\n@ SOA ns h %u 3600 600 604800 60\n@ NS ns\nns A 192.0.2.53\ntxt TXT \"%s\"\n", file_serial, content);
	return zone_of("z.example", text);
}

/* Starts on what the folder has, with a master file. */
static void
start(uint32_t file_serial, const char *content)
{
	struct zone **zones = mem_array(ZONES, sizeof(struct zone *));
	struct world_start *starts = mem_array(ZONES, sizeof(*starts));
	struct diag diag = { 0 };
	uint32_t loaded[ZONES], current[ZONES] = { 0 };

	lab.conf = conf_parse(config, strlen(config), "test.conf", &diag);
	ck_assert_msg(lab.conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	lab.store = store_open(lab.folder, lab.error, sizeof(lab.error));
	ck_assert_msg(lab.store != NULL, "%s", lab.error);
	lab.serials = serials_new(lab.store, lab.base, lab.error, sizeof(lab.error));
	ck_assert_msg(lab.serials != NULL, "%s", lab.error);
	zones[FILED] = file_zone(file_serial, content);
	zones[MADE] = made_zone(lab.conf, &lab.conf->zones[MADE], MADE_AT);
	for (size_t i = 0; i < ZONES; i++) {
		loaded[i] = zone_serial(zones[i]);
		zone_digest(zones[i], &starts[i].digest);
	}
	serials_fill(lab.serials, lab.conf, starts);
	serials_promise(lab.serials, lab.conf, loaded, current);
	lab.world = world_new(lab.conf, zones, starts, &(struct snapshot_terms){ .conf = lab.conf }, NULL);
	services_put();
	world_publish(lab.world, 1);
	world_starts_free(starts, ZONES);
	for (size_t i = 0; i < ZONES; i++)
		on_numbered(NULL, i, world_edition(lab.world, i));
}

static void
free_conf(void *arg)
{
	conf_free(arg);
}

/* Stops without a last word, on the disk as it is. */
static void
stop_dead(void)
{
	serials_free(lab.serials);
	store_close(lab.store);
	world_retire(lab.world, free_conf, lab.conf);
	lab.world = NULL;
}

static void
stop(void)
{
	ck_assert(serials_keep(lab.serials, lab.conf, lab.world));
	stop_dead();
}

static uint32_t
serial(size_t zone)
{
	return world_edition(lab.world, zone)->serial;
}

/* ---- crashes ---- */

static void
file_copy(const char *from, const char *to, const char *name)
{
	char path[128], *bytes = mem_alloc(1 << 20);
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", from, name);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, bytes, 1 << 20);
		close(fd);
	}
	ck_assert(n >= 0 && n < 1 << 20);
	snprintf(path, sizeof(path), "%s/%s", to, name);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	ck_assert_int_eq(write(fd, bytes, (size_t)n), n);
	close(fd);
	free(bytes);
}

/* The serials that a start would begin with, were the daemon killed now: beyond all that are known, and not far. */
static void
crash_holds(void)
{
	struct world_start starts[ZONES] = { { 0 } };
	struct serials *serials;
	struct store *store;

	file_copy(lab.folder, lab.crashed, "homing.db");
	file_copy(lab.folder, lab.crashed, "homing.db-wal");
	store = store_open(lab.crashed, lab.error, sizeof(lab.error));
	ck_assert_msg(store != NULL, "%s", lab.error);
	log_open(-1, LOG_LEVEL_ERROR);
	serials = serials_new(store, lab.base, lab.error, sizeof(lab.error));
	ck_assert_msg(serials != NULL, "%s", lab.error);
	serials_fill(serials, lab.conf, starts);
	for (size_t i = 0; i < ZONES; i++) {
		/* The same contents: what would keep its serial, had it been a stop. */
		uint32_t first = serials_first(&starts[i], world_digest(lab.world, i), serial(i), &lab.conf->zones[i]);

		ck_assert(starts[i].stored);
		ck_assert_msg(serial_after(first, serial(i)), "%u after %u", first, serial(i));
		ck_assert_uint_le(first - serial(i), PROMISED + 2);
		ck_assert_uint_ne(first, 0);
	}
	serials_free(serials);
	store_close(store);
	log_open(lab.log[1], LOG_LEVEL_INFO);
}

static void
setup(void)
{
	memset(&lab, 0, sizeof(lab));
	strcpy(lab.folder, "/tmp/homing-serials-XXXXXX");
	strcpy(lab.crashed, "/tmp/homing-crashed-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab.folder));
	ck_assert_ptr_nonnull(mkdtemp(lab.crashed));
	ck_assert_int_eq(pipe2(lab.log, O_NONBLOCK | O_CLOEXEC), 0);
	log_open(lab.log[1], LOG_LEVEL_INFO);
	lab.base = event_base_new();
	snapshot_open();
}

static void
folder_remove(const char *folder)
{
	static const char *const names[] = { "homing.db", "homing.db-wal", "homing.db-shm", "homing.lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

static void
teardown(void)
{
	if (lab.world != NULL)
		stop_dead();
	snapshot_close();
	event_base_free(lab.base);
	log_open(-1, LOG_LEVEL_ERROR);
	close(lab.log[0]);
	close(lab.log[1]);
	folder_remove(lab.folder);
	folder_remove(lab.crashed);
}

/* ---- tests ---- */

START_TEST(arithmetic)
{
	static const struct {
		uint32_t a, b;
		bool after;
	} cases[] = {
		{ 1, 0, true }, { 0, 1, false }, { 7, 7, false }, { 0, UINT32_MAX, true }, { UINT32_MAX, 0, false },
		{ 0x7fffffff, 0, true }, { 0x80000000, 0, false }, { 0, 0x80000000, false }, { 0x80000001, 0, false }, { 0, 0x80000001, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(serial_after(cases[i].a, cases[i].b) == cases[i].after, "%u after %u", cases[i].a, cases[i].b);
	ck_assert_uint_eq(serial_next(UINT32_MAX - 1), UINT32_MAX);
	ck_assert_uint_eq(serial_next(UINT32_MAX), 1);
}
END_TEST

START_TEST(first_start)
{
	start(100, "a");
	ck_assert_uint_eq(serial(FILED), 100);
	ck_assert_uint_eq(serial(MADE), MADE_AT);
	crash_holds();
	stop_dead();
	start(100, "a");
	ck_assert_uint_eq(serial(FILED), 100 + PROMISED + 1);
	ck_assert_uint_eq(serial(MADE), MADE_AT + PROMISED + 1);
	ck_assert_ptr_nonnull(strstr(logged(), "z.example: serial 1101: homingd did not stop in order"));
}
END_TEST

START_TEST(no_serial_is_0)
{
	start(0, "a");
	ck_assert_uint_eq(serial(FILED), 1);
}
END_TEST

START_TEST(clean_stop)
{
	start(100, "a");
	for (unsigned i = 0; i < 4; i++)
		number();
	stop();
	start(100, "a");
	ck_assert_uint_eq(serial(FILED), 104);
	ck_assert_uint_eq(serial(MADE), MADE_AT + 4);
	ck_assert_str_eq(logged(), "");
	crash_holds();                         /* what was clean is so no more */
	stop();
	start(100, "b");
	ck_assert_uint_eq(serial(FILED), 105);
	ck_assert_uint_eq(serial(MADE), MADE_AT + 4);
	ck_assert_ptr_nonnull(strstr(logged(), "z.example: serial 105: the zone is not what it was with 104, and the serial of "));
	stop();
	start(200, "b");                       /* its author wants it seen */
	ck_assert_uint_eq(serial(FILED), 200);
	stop();
	lab.flips++;                           /* a service moved while the daemon was away */
	start(200, "b");
	ck_assert_uint_eq(serial(FILED), 201);
	ck_assert_uint_eq(serial(MADE), MADE_AT + 5);
}
END_TEST

/* At every step of using up a promise and making the next: before, while a thread writes it, when it has, and when that is known. Over
 * the end of the numbers. */
START_TEST(crash_at_any_time)
{
	uint32_t first = UINT32_MAX - 700;

	start(first, "a");
	for (unsigned i = 1; i <= 2 * PROMISED; i++) {
		number();
		if (i % (PROMISED - AHEAD) < 2 || i % 100 == 0) {
			crash_holds();
			usleep(2000);          /* written or not, nobody was told */
			crash_holds();
		}
		if (i % 10 == 0) {
			event_base_loop(lab.base, EVLOOP_NONBLOCK);
			if (i % 100 == 0)
				crash_holds();
		}
	}
	ck_assert_uint_eq(serial(FILED), first + 2 * PROMISED + 1);    /* 0 was skipped */
	event_base_dispatch(lab.base);
	crash_holds();
	ck_assert_str_eq(logged(), "");
}
END_TEST

/* Two that are 2^31 - 1 apart: the one still is after the other, and what was promised to it says nothing. */
START_TEST(far_ahead)
{
	start(100, "a");
	stop();
	start(100u + INT32_MAX, "b");
	ck_assert_uint_eq(serial(FILED), 100u + INT32_MAX);
	crash_holds();
	stop();
	start(100, "c");                       /* not after it, by a hair */
	ck_assert_uint_eq(serial(FILED), 101u + INT32_MAX);
	crash_holds();
}
END_TEST

static sqlite3 *
database(void)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/homing.db", lab.folder);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

START_TEST(from_version_1)
{
	static const char version_1[] = "CREATE TABLE override (subject TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN "
	    "('drained', 'up', 'down')), owner TEXT NOT NULL, why TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL) STRICT;"
	    "INSERT INTO override VALUES ('db1', 'drained', 'ops', 'kernel', 1000, 0), ('db2/a', 'down', 'ops', 'cable', 2000, 9000);"
	    "PRAGMA user_version = 1;";
	sqlite3 *db = database();
	struct overrides *overrides;
	size_t n;

	ck_assert_int_eq(sqlite3_exec(db, version_1, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	start(100, "a");
	ck_assert_uint_eq(serial(FILED), 100);
	number();
	stop();
	start(100, "a");
	ck_assert_uint_eq(serial(FILED), 101);
	overrides = overrides_new(lab.store, lab.error, sizeof(lab.error));
	overrides_list(overrides, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(overrides_find(overrides, "db1")->why, "kernel");
	ck_assert_uint_eq(overrides_find(overrides, "db2/a")->until_ms, 9000);
	ck_assert_int_eq(overrides_find(overrides, "db2/a")->state, OVERRIDE_DOWN);
	overrides_free(overrides);
}
END_TEST

/* No file may grow beyond bytes. */
static void
disk_size(rlim_t bytes)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
disk_fill(void)
{
	char path[128];
	struct stat st;

	signal(SIGXFSZ, SIG_IGN);
	snprintf(path, sizeof(path), "%s/homing.db-wal", lab.folder);
	ck_assert_int_eq(stat(path, &st), 0);
	disk_size((rlim_t)st.st_size);
}

/* The services change on; the loop turns as it does in a daemon. */
static void
number_many(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		number();
		event_base_loop(lab.base, EVLOOP_NONBLOCK);
	}
}

START_TEST(full_disk)
{
	struct world_start starts[ZONES] = { { 0 } };
	const char *log;

	start(100, "a");
	disk_fill();
	number_many(PROMISED + 500);
	event_base_loop(lab.base, EVLOOP_ONCE);        /* the disk was tried at least once */
	ck_assert_uint_eq(serial(FILED), 100 + PROMISED + 500);
	log = logged();
	ck_assert_msg(times(log, "error: ") == 1 && times(log, "\n") == 1, "%s", log);
	ck_assert_msg(strstr(log, "homing.db: ") != NULL, "%s", log);

	/* A zone that goes and comes back meanwhile does not begin with what it had. */
	serials_fill(lab.serials, lab.conf, starts);
	ck_assert_uint_eq(starts[FILED].serial, serial(FILED));

	/* There is room again, and no zone changes. */
	disk_size(RLIM_INFINITY);
	event_base_dispatch(lab.base);
	log = logged();
	ck_assert_msg(times(log, "serials are kept again") == 1 && times(log, "\n") == 1, "%s", log);
	crash_holds();
}
END_TEST

START_TEST(full_disk_from_the_start)
{
	sqlite3 *reader;
	const char *log;

	start(100, "a");
	reader = database();
	/* Somebody reads: what was written stays in the log, and the next has to stand behind it. */
	ck_assert_int_eq(sqlite3_exec(reader, "BEGIN; SELECT * FROM serial", NULL, NULL, NULL), SQLITE_OK);
	stop();
	disk_fill();
	start(100, "b");
	ck_assert_uint_eq(serial(FILED), 101);
	number();
	ck_assert_uint_eq(serial(FILED), 102);
	log = logged();
	ck_assert_msg(times(log, "error: ") == 1 && times(log, "serials are used on") == 1, "%s", log);
	disk_size(RLIM_INFINITY);
	event_base_dispatch(lab.base);
	ck_assert_ptr_nonnull(strstr(logged(), "serials are kept again"));
	crash_holds();
	sqlite3_close(reader);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("serials");
	TCase *t = tcase_create("serials");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, arithmetic);
	tcase_add_test(t, first_start);
	tcase_add_test(t, no_serial_is_0);
	tcase_add_test(t, clean_stop);
	tcase_add_test(t, crash_at_any_time);
	tcase_add_test(t, far_ahead);
	tcase_add_test(t, from_version_1);
	tcase_add_test(t, full_disk);
	tcase_add_test(t, full_disk_from_the_start);
	suite_add_tcase(s, t);
	return suite_run(s);
}
