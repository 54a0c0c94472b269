/* test_decide.c - hours of verdicts, doubts and overrides in milliseconds: what is
 * published is what was chosen, nobody dead is answered while somebody lives, and
 * a failback waits as long as it should.
 *
 * The real fleet, overrides, zones and answers; the clock is a number, and the
 * verdicts are set instead of probed (the event loop never runs). */
#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "dnsd/answer.h"
#include "dnsd/decide.h"
#include "dnsd/made.h"
#include "dnsd/overrides.h"
#include "dnsd/snapshot.h"
#include "dnsd/world.h"
#include "tests/unit/suite.h"

static const char config[] =
    "server = { listen = [ \"192.0.2.53:53\" ]; };\n"
    "fabrics = ( { name = \"san-a\"; subnets = [ \"10.1.0.0/16\" ]; }, { name = \"san-b\"; subnets = [ \"10.2.0.0/16\" ]; } );\n"
    "checks = ( { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"
    "servers = (\n"
    " { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; }, { name = \"b\"; address = \"10.2.0.1\"; } ); },\n"
    " { name = \"db2\"; interfaces = ( { name = \"a\"; address = \"10.1.0.2\"; }, { name = \"b\"; address = \"10.2.0.2\"; } ); },\n"
    " { name = \"db3\"; interfaces = ( { name = \"a\"; address = \"10.1.0.3\"; } ); } );\n"
    "services = ( { name = \"db.example.com\"; checks = [ \"pg\" ]; failback_delay = \"10s\"; ttl = 5; ttl_doubt = 1;\n"
    "  members = ( { server = \"db1\"; tier = 1; }, { server = \"db2\"; tier = 2; }, { server = \"db3\"; tier = 2; } ); },\n"
    " { name = \"void.any.example.org\"; servers = [ \"db1\" ]; checks = [ \"pg\" ]; all_down = \"empty\"; },\n"
    " { name = \"any.example.org\"; servers = [ \"db1\", \"db2\", \"db3\" ]; checks = [ \"pg\" ]; } );\n";

static struct {
	char folder[64];
	struct event_base *base;
	struct conf *conf, *amended;
	struct checker *checker;
	struct store *store;
	struct overrides *overrides;
	struct fleet *fleet;
	struct world *world;
	struct decide *decide;
	unsigned wanted, events;
	char last[2048];                       /* the last event that was logged */
	uint64_t now_us;
} lab;

static void
on_wanted(void *arg)
{
	(void)arg;
	lab.wanted++;
}

static void
on_event(void *arg, const struct daemon_event *e, bool log)
{
	(void)arg;
	lab.events++;
	if (log)
		snprintf(lab.last, sizeof(lab.last), "%s", e->text);
}

static void
setup(void)
{
	static const struct decide_hooks hooks = { on_wanted, on_event };
	static const struct checker_hooks none = { NULL, NULL };
	struct diag diag = { 0 };
	struct zone **zones;
	char error[256];

	memset(&lab, 0, sizeof(lab));
	log_open(-1, LOG_LEVEL_ERROR);
	snapshot_open();
	strcpy(lab.folder, "/tmp/homing-decide-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab.folder));
	lab.conf = conf_parse(config, strlen(config), "test.conf", &diag);
	ck_assert_msg(lab.conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	lab.base = event_base_new();
	lab.checker = checker_new(lab.base, &none, NULL);
	lab.store = store_open(lab.folder, error, sizeof(error));
	lab.overrides = overrides_new(lab.store, error, sizeof(error));
	lab.fleet = fleet_new(lab.conf, lab.checker, lab.overrides, NULL, &diag);
	zones = calloc(lab.conf->nzones, sizeof(*zones));
	for (size_t i = 0; i < lab.conf->nzones; i++)
		zones[i] = made_zone(lab.conf, &lab.conf->zones[i], 1);
	lab.world = world_new(lab.conf, zones, NULL, &(struct snapshot_terms){ .conf = lab.conf }, NULL);
	lab.decide = decide_new(&hooks, NULL);
	lab.now_us = 1000000;
	decide_begin(lab.decide, lab.fleet, lab.world, lab.now_us);
}

static void
teardown(void)
{
	static const char *const names[] = { "homing.db", "homing.db-wal", "homing.db-shm", "homing.lock" };
	char path[128];

	decide_free(lab.decide);
	fleet_free(lab.fleet, NULL);
	checker_free(lab.checker);
	world_retire(lab.world, NULL, NULL);
	snapshot_close();
	overrides_free(lab.overrides);
	store_close(lab.store);
	conf_free(lab.amended);
	conf_free(lab.conf);
	event_base_free(lab.base);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", lab.folder, names[i]);
		unlink(path);
	}
	rmdir(lab.folder);
}

/* What a probe would have found. The view is the checker's; here nobody else writes it. */
static void
evidence(const char *label, enum verdict_value value, bool doubt)
{
	struct watch *w = fleet_watch(lab.fleet, label);
	struct target_view *view = (struct target_view *)target_view(w->target);
	enum verdict_value from = view->verdict.value;

	view->verdict.value = value;
	view->doubt = doubt;
	decide_evidence(lab.decide, w, from, lab.now_us);
}

static void
all_up(void)
{
	for (size_t i = 0; i < lab.fleet->nwatches; i++)
		evidence(lab.fleet->watches[i]->label, VERDICT_UP, false);
	decide_flush(lab.decide, lab.now_us);
}

static void
pass(uint64_t us)
{
	lab.now_us += us;
	decide_tick(lab.decide, lab.now_us);
	decide_flush(lab.decide, lab.now_us);
}

/* Asks what is published, as a client: "10.1.0.1 10.2.0.1 ttl 5", "nodata" or "rcode 3". */
static const char *
asked(const char *name, char *out)
{
	uint8_t query[300] = { 0, 1, 0, 0, 0, 1 }, reply[ANSWER_UDP_MAX];
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };
	struct answer_job job = { .query = query, .out = reply };
	char text[ADDR_TEXT];
	size_t n = 12, at;
	unsigned count;

	n += dname_parse(name, query + n);
	at = n + 4;
	memcpy(query + n, "\0\1\0\1", 4);
	job.size = at;
	snapshot_enter();
	answer_one(snapshot_current(), &terms, &job);
	snapshot_leave();
	n = job.answered;
	ck_assert_uint_ge(n, at);
	count = reply[6] << 8 | reply[7];
	*out = '\0';
	for (unsigned i = 0; i < count; i++, at += 16) {
		struct addr a = { .family = 4 };

		memcpy(a.bytes, reply + at + 12, 4);
		sprintf(out + strlen(out), "%s ", addr_format(&a, text));
	}
	if (count > 0)
		sprintf(out + strlen(out), "ttl %u", reply[at - 16 + 9]);
	else if ((reply[3] & 15) != 0)
		sprintf(out, "rcode %u", reply[3] & 15);
	else
		sprintf(out, "nodata");
	return out;
}

#define ck_asked(name, want) do { char got_[2000]; asked(name, got_); ck_assert_str_eq(got_, want); } while (0)

/* Zones may take longer to load than the first round of checks: what that found is said when they are there. */
START_TEST(verdicts_before_the_zones_are_said)
{
	decide_begin(lab.decide, lab.fleet, NULL, lab.now_us);
	evidence("db3/a pg", VERDICT_UP, false);
	decide_begin(lab.decide, lab.fleet, lab.world, lab.now_us);
	ck_assert_ptr_nonnull(strstr(lab.last, "db3/a pg unknown -> up"));
}
END_TEST

START_TEST(tiers_and_failback)
{
	all_up();
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	evidence("db1/a pg", VERDICT_UP, true);        /* a first doubt: the TTL alone */
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 1");
	evidence("db1/a pg", VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.2.0.1 ttl 5");
	evidence("db1/b pg", VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.2 10.2.0.2 10.1.0.3 ttl 5");
	ck_assert_msg(strstr(lab.last, "db.example.com -> 10.1.0.2 10.2.0.2 10.1.0.3") != NULL, "%s", lab.last);

	evidence("db1/a pg", VERDICT_UP, false);       /* mended: it waits, and clients are kept close */
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.2 10.2.0.2 10.1.0.3 ttl 1");
	ck_assert_uint_eq(decide_due_us(lab.decide), lab.now_us + 10000000);
	pass(9000000);
	ck_asked("db.example.com", "10.1.0.2 10.2.0.2 10.1.0.3 ttl 1");
	evidence("db1/a pg", VERDICT_UP, true);        /* a single failed probe: from the start */
	decide_flush(lab.decide, lab.now_us);
	pass(5000000);
	evidence("db1/a pg", VERDICT_UP, false);
	decide_flush(lab.decide, lab.now_us);
	pass(9999999);
	ck_asked("db.example.com", "10.1.0.2 10.2.0.2 10.1.0.3 ttl 1");
	pass(1);
	ck_asked("db.example.com", "10.1.0.1 ttl 5");
	ck_assert_uint_eq(decide_due_us(lab.decide), 0);
}
END_TEST

START_TEST(nobody_else_ends_the_wait)
{
	all_up();
	evidence("db1/a pg", VERDICT_DOWN, false);
	evidence("db1/b pg", VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	evidence("db1/a pg", VERDICT_UP, false);
	evidence("db2/a pg", VERDICT_DOWN, false);
	evidence("db2/b pg", VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.3 ttl 1");
	evidence("db3/a pg", VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.1 ttl 5");
	evidence("db3/a pg", VERDICT_UP, false);       /* and it does not go back to waiting */
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.1 ttl 5");
}
END_TEST

static void
override(const char *subject, enum override_state state)
{
	struct override o = { (char *)subject, state, (char *)"ops", (char *)"", 1, 0 };
	char error[256];

	ck_assert_msg(overrides_put(lab.overrides, &o, error, sizeof(error)), "%s", error);
	decide_overrides(lab.decide, subject, "overridden", lab.now_us);
}

static void
release(const char *subject)
{
	char error[256];

	ck_assert(overrides_remove(lab.overrides, subject, error, sizeof(error)));
	decide_overrides(lab.decide, subject, "released", lab.now_us);
}

/* What was added becomes this. */
static void
amend(struct conf_more *more, size_t n)
{
	struct diag diag = { 0 };
	struct conf *next = conf_amend(lab.conf, more, n, &diag);
	const struct conf *before = lab.fleet->conf;
	struct fleet *fleet;

	ck_assert_msg(next != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	fleet = fleet_new(next, lab.checker, lab.overrides, lab.fleet, &diag);
	ck_assert_ptr_nonnull(fleet);
	fleet_take(fleet, lab.fleet);
	lab.fleet = fleet;
	decide_members(lab.decide, fleet, before, lab.now_us);
	conf_free(lab.amended);
	lab.amended = next;
}

/* Added at run time: answered from its first good verdict on, and gone when it is taken away. */
START_TEST(members_come_and_go)
{
	struct conf_more more[] = {
		{ .name = "db9", .text = "{ name = \"db9\"; interfaces = ( { name = \"a\"; address = \"10.1.0.9\"; } ); }", .owner = "ops" },
		{ .service = "db.example.com", .name = "db9", .text = "{ server = \"db9\"; }", .owner = "ops" },
	};
	uint64_t publications;

	all_up();
	publications = world_publications(lab.world);
	amend(more, 1);
	ck_assert_uint_eq(world_publications(lab.world), publications);        /* no answer differs */
	ck_assert_int_eq(fleet_host(lab.fleet, "db1")->state, STATE_UP);
	amend(more, 2);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	ck_assert_str_eq(fate_text(fleet_service(lab.fleet, "db.example.com")->seats[5].candidate->fate),
	    "left out: added at run time, waits for its first good round");
	amend(more, 2);                                /* a change of something else does not prove it */
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	override("db9", OVERRIDE_UP);                  /* an operator does */
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 10.1.0.9 ttl 5");
	release("db9");
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	evidence("db9/a pg", VERDICT_UP, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 10.1.0.9 ttl 5");
	evidence("db9/a pg", VERDICT_UNKNOWN, false);  /* proven once is proven */
	decide_flush(lab.decide, lab.now_us);
	amend(more, 2);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 10.1.0.9 ttl 5");
	more[0].text = "{ name = \"db9\"; interfaces = ( { name = \"a\"; address = \"10.1.0.10\"; } ); }";
	amend(more, 2);                                /* but another address is another one */
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	evidence("db9/a pg", VERDICT_UP, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 10.1.0.10 ttl 5");
	amend(more, 0);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	ck_assert_msg(strstr(lab.last, "db.example.com -> 10.1.0.1 10.2.0.1") != NULL, "%s", lab.last);
	ck_assert_ptr_null(fleet_host(lab.fleet, "db9"));
}
END_TEST

/* More addresses were answered than there are members left. */
START_TEST(many_go_at_once)
{
	struct conf_more more[8];
	char names[8][8], texts[8][128];

	for (unsigned i = 0; i < 4; i++) {
		snprintf(names[i], sizeof(names[i]), "m%u", i);
		snprintf(texts[i], sizeof(texts[i]), "{ name = \"m%u\"; interfaces = ( { name = \"a\"; address = \"10.1.1.%u\"; } ); }", i, i + 1);
		snprintf(texts[i + 4], sizeof(texts[i]), "{ server = \"m%u\"; }", i);
		more[i] = (struct conf_more){ .name = names[i], .text = texts[i], .owner = "" };
		more[i + 4] = (struct conf_more){ .service = "void.any.example.org", .name = names[i], .text = texts[i + 4], .owner = "" };
	}
	amend(more, 8);
	all_up();
	ck_asked("void.any.example.org", "10.1.0.1 10.2.0.1 10.1.1.1 10.1.1.2 10.1.1.3 10.1.1.4 ttl 5");
	amend(more, 0);
	ck_asked("void.any.example.org", "10.1.0.1 10.2.0.1 ttl 5");
	ck_assert_msg(strstr(lab.last, "void.any.example.org -> 10.1.0.1 10.2.0.1") != NULL, "%s", lab.last);
}
END_TEST

START_TEST(the_most_specific_override_holds)
{
	all_up();
	override("san-b", OVERRIDE_DRAINED);
	ck_asked("db.example.com", "10.1.0.1 ttl 5");
	override("db1", OVERRIDE_UP);
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
	override("db1/a", OVERRIDE_DOWN);
	ck_asked("db.example.com", "10.2.0.1 ttl 5");
	ck_asked("any.example.org", "10.2.0.1 10.1.0.2 10.1.0.3 ttl 5");
	override("db.example.com:db1", OVERRIDE_DRAINED);
	ck_asked("db.example.com", "10.1.0.2 10.1.0.3 ttl 5");
	ck_asked("any.example.org", "10.2.0.1 10.1.0.2 10.1.0.3 ttl 5");
	release("db.example.com:db1");         /* an operator means now: no failback_delay */
	ck_asked("db.example.com", "10.2.0.1 ttl 5");
	release("db1/a");
	release("db1");
	release("san-b");
	ck_asked("db.example.com", "10.1.0.1 10.2.0.1 ttl 5");
}
END_TEST

/* A name stays a name: no data is not no such name, which resolvers would keep for all its types. */
START_TEST(empty_is_nodata)
{
	all_up();
	ck_asked("void.any.example.org", "10.1.0.1 10.2.0.1 ttl 5");
	for (int i = 0; i < 2; i++) {
		evidence("db1/a pg", VERDICT_DOWN, false);
		evidence("db1/b pg", VERDICT_DOWN, false);
		decide_flush(lab.decide, lab.now_us);
		ck_asked("void.any.example.org", "nodata");
		evidence("db1/b pg", VERDICT_UP, false);
		decide_flush(lab.decide, lab.now_us);
		ck_asked("void.any.example.org", "10.2.0.1 ttl 5");
	}
	ck_asked("nothing.void.any.example.org", "rcode 3");
}
END_TEST

static unsigned
published_flags(const char *text)
{
	uint8_t name[DNAME_MAX];
	unsigned flags;

	ck_assert_uint_gt(dname_parse(text, name), 0);
	snapshot_enter();
	flags = node_flags(zone_at(zone_set_find(snapshot_current()->zones, name, TYPE_A), name));
	snapshot_leave();
	return flags & (NODE_ALL_DOWN4 | NODE_ALL_DOWN6);
}

/* All at once, so that the addresses are the same before and after: what is told of them is not. */
START_TEST(nobody_left_is_known)
{
	all_up();
	ck_assert_uint_eq(published_flags("any.example.org"), 0);
	for (size_t i = 0; i < lab.fleet->nwatches; i++)
		evidence(lab.fleet->watches[i]->label, VERDICT_DOWN, false);
	decide_flush(lab.decide, lab.now_us);
	ck_asked("any.example.org", "10.1.0.1 10.2.0.1 10.1.0.2 10.2.0.2 10.1.0.3 ttl 5");
	ck_assert_uint_eq(published_flags("any.example.org"), NODE_ALL_DOWN4);    /* a family that nobody has is not down */
	all_up();
	ck_assert_uint_eq(published_flags("any.example.org"), 0);
}
END_TEST

/* The addresses as chosen, for comparison with what is published. */
static const char *
chosen(const struct service *s, char *out)
{
	char text[ADDR_TEXT];

	*out = '\0';
	for (size_t i = 0; i < s->choice.count4; i++)
		sprintf(out + strlen(out), "%s ", addr_format(&s->answer4[i], text));
	sprintf(out + strlen(out), "ttl %u", s->choice.ttl);
	return out;
}

static void
check_service(const struct service *s)
{
	char want[1000], got[1000];
	bool alive = false;

	if (s->choice.count4 == 0) {
		ck_assert_str_eq(asked(s->conf->text, got), "nodata");
		ck_assert_int_eq(s->conf->all_down, ALL_DOWN_EMPTY);
		return;
	}
	ck_assert_str_eq(asked(s->conf->text, got), chosen(s, want));
	for (size_t i = 0; i < s->nseats; i++)
		alive = alive || state_usable(s->seats[i].state);
	for (size_t i = 0; i < s->nseats; i++) {
		const struct seat *seat = &s->seats[i];

		ck_holds(!alive || seat->candidate->fate != FATE_LAST);
		ck_holds(seat->candidate->fate != FATE_ANSWERED || state_usable(seat->state));
		ck_holds(seat->candidate->state == seat->state);
	}
}

START_TEST(a_long_random_life)
{
	static const char *const subjects[] = { "db1", "db2", "db3/a", "db1/b", "san-a", "db.example.com:db2" };
	bool held[6] = { false };

	srand(7);
	all_up();
	for (unsigned step = 0; step < ROUNDS(20000); step++) {
		unsigned dice = (unsigned)rand() % 100;

		if (dice < 90) {
			const struct watch *w = lab.fleet->watches[(size_t)rand() % lab.fleet->nwatches];

			evidence(w->label, rand() % 3 ? VERDICT_UP : VERDICT_DOWN, rand() % 3 == 0);
		} else if (step % 50 == 0) {           /* each is a write to disk */
			size_t i = (size_t)rand() % 6;

			if (held[i])
				release(subjects[i]);
			else
				override(subjects[i], (enum override_state)(rand() % 3));
			held[i] = !held[i];
		}
		pass((uint64_t)rand() % 4000000);
		for (size_t i = 0; i < lab.fleet->nservices; i++)
			check_service(&lab.fleet->services[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("decide");
	TCase *tests = tcase_create("decide");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, verdicts_before_the_zones_are_said);
	tcase_add_test(tests, tiers_and_failback);
	tcase_add_test(tests, nobody_else_ends_the_wait);
	tcase_add_test(tests, the_most_specific_override_holds);
	tcase_add_test(tests, empty_is_nodata);
	tcase_add_test(tests, nobody_left_is_known);
	tcase_add_test(tests, members_come_and_go);
	tcase_add_test(tests, many_go_at_once);
	tcase_add_test(tests, a_long_random_life);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
