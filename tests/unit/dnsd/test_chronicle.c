/* test_chronicle.c - what happened is kept: in order, once, over restarts and a full disk; and what is old goes. */
#include <check.h>
#include <event2/event.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "dnsd/chronicle.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/dnsd/lines.h"
#include "tests/unit/suite.h"

static const struct chronicle_terms usual = { 3600 * US_PER_S, 64 << 20, 50 };

static struct event_base *base;
static struct store *store;
static struct chronicle *chronicle;

static void
begin(const struct chronicle_terms *terms)
{
	store = store_open(folder, error, sizeof(error));
	ck_assert_msg(store != NULL, "%s", error);
	chronicle = chronicle_new(store, base, terms, error, sizeof(error));
	ck_assert_msg(chronicle != NULL, "%s", error);
}

static void
end(void)
{
	chronicle_free(chronicle);
	store_close(store);
}

static void
setup(void)
{
	folder_make();
	base = event_base_new();
	lines_begin(LOG_LEVEL_INFO);
	begin(&usual);
}

static void
teardown(void)
{
	end();
	event_base_free(base);
	lines_end();
	folder_remove();
}

static void
tell(enum event_kind kind, const char *subject, const char *text)
{
	struct daemon_event e = { kind, clock_wall_ms(), subject, "a", "b", text };

	chronicle_add(chronicle, &e);
}

static void
tell_many(unsigned n)
{
	char text[32];

	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "event %u", i);
		tell(EVENT_ZONE, "example.com", text);
	}
}

static struct past *
look(const struct store_wanted *wanted)
{
	struct past *p = chronicle_past(chronicle, wanted);

	ck_assert_msg(past_read(p, error, sizeof(error)), "%s", error);
	return p;
}

/* The texts, newest first, with a comma between two. */
static const char *
texts(const struct store_wanted *wanted)
{
	static char out[4096];
	struct past *p = look(wanted);
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < p->count; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", i > 0 ? "," : "", p->events[i]->text);
	past_free(p);
	return out;
}

static const char *
all(void)
{
	return texts(&(struct store_wanted){ .limit = 100 });
}

/* What the file itself says. */
static long long
file_number(const char *sql)
{
	char path[128];
	sqlite3 *db;
	sqlite3_stmt *st;
	long long n;

	ck_assert_int_eq(sqlite3_open_v2(folder_path("homing.db", path), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static long long
rows(void)
{
	return file_number("SELECT count(*) FROM event");
}

/* The loop, until the file has that many; ten seconds at most. */
static void
await_rows(long long n)
{
	uint64_t until = clock_mono_us() + 10 * US_PER_S;

	while (rows() != n && clock_mono_us() < until) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(5000);
	}
	ck_assert_int_eq(rows(), n);
}

/* The same until none is in memory. */
static void
await_written(void)
{
	const struct store_wanted one = { .limit = 1 };
	uint64_t until = clock_mono_us() + 10 * US_PER_S;
	size_t count = 1;

	while (count > 0 && clock_mono_us() < until) {
		struct past *p = chronicle_past(chronicle, &one);

		count = p->count;
		past_free(p);
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(5000);
	}
	ck_assert_uint_eq(count, 0);
}

static void
disk_size(rlim_t bytes)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The library of the tests has files too: what the log has is more than they need. */
static void
disk_fill(void)
{
	static char big[100000];
	char path[128];
	struct stat st;

	memset(big, 'x', sizeof(big) - 1);
	tell(EVENT_ZONE, "example.com", big);
	await_written();

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(stat(folder_path("homing.db-wal", path), &st), 0);
	disk_size((rlim_t)st.st_size);
}

static void
until_logged(const char *line)
{
	uint64_t until = clock_mono_us() + 10 * US_PER_S;

	while (strstr(lines(), line) == NULL && clock_mono_us() < until) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(5000);
	}
	ck_assert_msg(strstr(lines(), line) != NULL, "no line \"%s\" in: %s", line, lines());
}

/* ---- */

START_TEST(test_is_there_at_once_and_written_soon)
{
	struct past *p;

	tell(EVENT_TARGET, "db1/a pg", "one");
	tell(EVENT_UPDATE, "example.com", "two");
	ck_assert_int_eq(rows(), 0);
	ck_assert_str_eq(all(), "two,one");
	await_rows(2);
	ck_assert_str_eq(all(), "two,one");
	tell(EVENT_STOP, "homingd", "three");          /* in memory, on top of what is on disk */
	p = look(&(struct store_wanted){ .limit = 100 });
	ck_assert_uint_eq(p->count, 3);
	ck_assert(!p->more);
	ck_assert_uint_eq(p->events[0]->id, 3);
	ck_assert_str_eq(p->events[2]->kind, "target");
	ck_assert_str_eq(p->events[2]->subject, "db1/a pg");
	ck_assert_str_eq(p->events[2]->was, "a");
	ck_assert_str_eq(p->events[2]->became, "b");
	ck_assert_uint_le(p->events[2]->at_ms, clock_wall_ms());
	past_free(p);
}
END_TEST

START_TEST(test_a_stop_writes_the_rest_and_ids_go_on)
{
	tell_many(2500);
	end();
	ck_assert_int_eq(rows(), 2500);
	begin(&usual);
	tell(EVENT_READY, "homingd", "again");
	ck_assert_str_eq(texts(&(struct store_wanted){ .limit = 2 }), "again,event 2499");
	end();
	ck_assert_int_eq(file_number("SELECT max(id) FROM event"), 2501);
	ck_assert_int_eq(file_number("SELECT count(*) FROM event WHERE id IN (1, 2500, 2501) AND text IN ('event 0', 'event 2499', 'again')"), 3);
	begin(&usual);
}
END_TEST

START_TEST(test_many_are_written_without_a_wait)
{
	const struct chronicle_terms slow = { usual.keep_us, usual.bytes, 3600000 };

	end();
	begin(&slow);
	tell_many(4000);
	await_rows(4000);
	ck_assert_uint_eq(lines_count("history"), 0);
}
END_TEST

/* Pages over the border of memory and disk. */
START_TEST(test_pages)
{
	struct store_wanted wanted = { .limit = 3 };
	unsigned seen = 0;
	bool more = true;

	tell_many(7);
	await_rows(7);
	tell_many(7);
	while (more) {
		struct past *p = look(&wanted);

		for (size_t i = 0; i < p->count; i++)
			ck_assert_uint_eq(p->events[i]->id, 14 - seen++);
		more = p->more;
		if (more)
			wanted.before = p->events[p->count - 1]->id;
		past_free(p);
	}
	ck_assert_uint_eq(seen, 14);
}
END_TEST

static const char *const subjects[] = {
	"db1", "db1/a", "db1/a web", "db1/b", "db10", "db10/a", "db", "server db1", "server db10", "member db1 of www.example.com",
	"member db10 of example.com", "www.example.com", "www.example.com:db1", "example.com", "example.com 192.0.2.1:53", "san-a", "homingd",
};
enum { SUBJECTS = sizeof(subjects) / sizeof(*subjects) };

static const struct {
	const char *x, *all;
} belongs[] = {
	{ "db1", "db1,db1/a,db1/a web,db1/b,server db1,member db1 of www.example.com" },
	{ "db1/a", "db1/a,db1/a web" },
	{ "db1/a web", "db1/a web" },
	{ "db", "db" },
	{ "www.example.com", "member db1 of www.example.com,www.example.com,www.example.com:db1" },
	{ "example.com", "member db10 of example.com,example.com,example.com 192.0.2.1:53" },
	{ "san-a", "san-a" },
	{ "member", "" },
	{ "d%", "" },
};

static const char *
reversed(const struct store_wanted *wanted)
{
	static char out[4096];
	struct past *p = look(wanted);
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = p->count; i-- > 0;)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", n > 0 ? "," : "", p->events[i]->subject);
	past_free(p);
	return out;
}

/* The same from memory and from disk. */
START_TEST(test_what_belongs_to_a_subject)
{
	struct store_wanted wanted = { .subject = belongs[_i].x, .limit = 100 };

	if (strcmp(wanted.subject, "member") != 0)
		for (size_t i = 0; i < SUBJECTS; i++)
			tell(EVENT_STATE, subjects[i], "");
	ck_assert_str_eq(reversed(&wanted), belongs[_i].all);
	end();
	begin(&usual);
	ck_assert_str_eq(reversed(&wanted), belongs[_i].all);
}
END_TEST

START_TEST(test_kind_and_time)
{
	struct daemon_event e = { EVENT_RELOAD, clock_wall_ms() - 1000000, "homing.conf", "", "done", "long ago" };

	chronicle_add(chronicle, &e);
	tell(EVENT_RELOAD, "homing.conf", "now");
	tell(EVENT_ZONE, "example.com", "zone");
	for (int i = 0; i < 2; i++) {
		ck_assert_str_eq(texts(&(struct store_wanted){ .kind = "reload", .limit = 9 }), "now,long ago");
		ck_assert_str_eq(texts(&(struct store_wanted){ .since_ms = clock_wall_ms() - 900000, .limit = 9 }), "zone,now");
		ck_assert_str_eq(texts(&(struct store_wanted){ .kind = "reload", .subject = "homing.conf",
		    .since_ms = clock_wall_ms() - 900000, .limit = 9 }), "now");
		end();                         /* and from disk */
		begin(&usual);
	}
}
END_TEST

START_TEST(test_a_full_disk)
{
	static char big[60000];

	memset(big, 'x', sizeof(big) - 1);
	disk_fill();
	for (int i = 0; i < 20; i++)
		tell(EVENT_ZONE, "example.com", big);
	until_logged("waits in memory");
	tell(EVENT_ZONE, "example.com", "while it is full");
	ck_assert_str_eq(texts(&(struct store_wanted){ .limit = 1 }), "while it is full");
	for (uint64_t until = clock_mono_us() + 200000; clock_mono_us() < until; usleep(5000))        /* it is tried again */
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(lines_count("waits in memory"), 1);
	ck_assert_int_eq(rows(), 1);
	disk_size(RLIM_INFINITY);
	until_logged("the history is kept again");
	await_rows(22);
	ck_assert_uint_eq(lines_count("kept again"), 1);
	ck_assert_uint_eq(lines_count("lacks"), 0);
}
END_TEST

/* More than there is room for: the oldest stay, the rest is counted, once in the log and once among the events. */
START_TEST(test_what_does_not_fit_is_counted)
{
	disk_fill();
	tell_many(CHRONICLE_ROOM + 42);
	until_logged("waits in memory");
	disk_size(RLIM_INFINITY);
	await_rows(1 + CHRONICLE_ROOM + 1);
	ck_assert_uint_eq(lines_count("the history lacks 42 events"), 1);
	ck_assert_int_eq(file_number("SELECT count(*) FROM event WHERE kind = 'history' AND became = '42'"), 1);
	tell(EVENT_ZONE, "example.com", "behind it");
	ck_assert_str_eq(texts(&(struct store_wanted){ .limit = 1 }), "behind it");
}
END_TEST

START_TEST(test_a_stop_on_a_full_disk)
{
	disk_fill();
	tell_many(900);
	chronicle_free(chronicle);
	ck_assert_uint_eq(lines_count("the history lacks the last 900 events"), 1);
	disk_size(RLIM_INFINITY);
	chronicle = chronicle_new(store, base, &usual, error, sizeof(error));
	ck_assert_int_eq(rows(), 1);
	tell(EVENT_ZONE, "example.com", "behind it");
	ck_assert_str_eq(texts(&(struct store_wanted){ .limit = 1 }), "behind it");
}
END_TEST

static void
tell_at(uint64_t at_ms, unsigned n)
{
	struct daemon_event e = { EVENT_ZONE, at_ms, "example.com", "", "1", "old" };

	while (n-- > 0)
		chronicle_add(chronicle, &e);
}

START_TEST(test_old_ones_go)
{
	tell_at(clock_wall_ms() - 3601000, 2500);      /* more than two bites */
	tell_many(3);
	end();
	ck_assert_int_eq(rows(), 2503);
	begin(&usual);
	await_rows(3);
	ck_assert_str_eq(all(), "event 2,event 1,event 0");
}
END_TEST

START_TEST(test_the_size_is_kept)
{
	static char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	for (int i = 0; i < 3000; i++)
		tell(EVENT_ZONE, "example.com", big);
	end();
	begin(&(struct chronicle_terms){ usual.keep_us, 1 << 20, 50 });
	for (uint64_t until = clock_mono_us() + 10 * US_PER_S; rows() > 600 && clock_mono_us() < until; usleep(5000))
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_le(file_number("SELECT sum(length(text)) FROM event"), 1 << 20);
	ck_assert_int_ge(file_number("SELECT sum(length(text)) FROM event"), (1 << 20) - 100000);
	ck_assert_int_eq(file_number("SELECT max(id) FROM event"), 3000);
}
END_TEST

START_TEST(test_nothing_is_kept)
{
	tell_many(5);
	await_rows(5);
	chronicle_follow(chronicle, &(struct chronicle_terms){ 0, usual.bytes, 50 });
	await_rows(0);
	tell_many(5);
	ck_assert_str_eq(all(), "");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("chronicle");
	TCase *t = tcase_create("chronicle");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_is_there_at_once_and_written_soon);
	tcase_add_test(t, test_a_stop_writes_the_rest_and_ids_go_on);
	tcase_add_test(t, test_many_are_written_without_a_wait);
	tcase_add_test(t, test_pages);
	tcase_add_loop_test(t, test_what_belongs_to_a_subject, 0, sizeof(belongs) / sizeof(*belongs));
	tcase_add_test(t, test_kind_and_time);
	tcase_add_test(t, test_a_full_disk);
	tcase_add_test(t, test_what_does_not_fit_is_counted);
	tcase_add_test(t, test_a_stop_on_a_full_disk);
	tcase_add_test(t, test_old_ones_go);
	tcase_add_test(t, test_the_size_is_kept);
	tcase_add_test(t, test_nothing_is_kept);
	suite_add_tcase(s, t);
	return suite_run(s);
}
