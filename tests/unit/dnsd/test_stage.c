/* test_stage.c - where a dynamic zone's records come from, and that none is lost or brought back by a reload.
 *
 * Real configurations, master files, a real homing.db and real worlds. An update is what the daemon makes of one: the store
 * has it, then the world. Only the loading thread's part of a reload runs on this one thread too. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "dnsd/stage.h"
#include "dnsd/store.h"
#include "dnsd/world.h"
#include "tests/unit/dnsd/folder.h"
#include "tests/unit/suite.h"
#include "zones/rrs.h"
#include "zones/zone.h"

#define FRONT "server = { listen = [ \"192.0.2.53:53\" ]; state = \".\"; };\n" \
    "servers = ( { name = \"s\"; interfaces = ( { name = \"x\"; address = \"10.1.0.1\"; } ); } );\n"
#define DYNAMIC "zones = ( { name = \"dyn.test\"; type = \"dynamic\"; file = \"seed\"; } );\n"
#define STATIC "zones = ( { name = \"dyn.test\"; file = \"seed\"; } );\n"
#define MADE "zones = ( { name = \"dyn.test\"; type = \"dynamic\"; } );\n"
#define SERVICE(name) "services = ( { name = \"" name "\"; servers = [ \"s\" ]; } );\n"
#define HEAD "@ 300 SOA ns host 7 3600 600 86400 60\n@ 300 NS ns\nns 300 A 192.0.2.1\n"

static struct {
	struct store *store;
	struct stage *stage;                   /* coming */
	struct conf *conf;                     /* of: */
	struct world *world;                   /* what serves; NULL before the first switch */
	struct snapshot_terms terms;
	uint64_t now_us;
	struct conf *old[8];                   /* of worlds that are retired */
	size_t nold;
} lab;

static const uint8_t *
name_of(const char *text)
{
	static uint8_t names[4][DNAME_MAX];
	static unsigned next;
	uint8_t *name = names[next++ % 4];

	ck_assert_uint_gt(dname_parse(text, name), 0);
	return name;
}

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f = fopen(folder_path(name, path), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
setup(void)
{
	memset(&lab, 0, sizeof(lab));
	log_open(-1, LOG_LEVEL_ERROR);
	folder_make();
	snapshot_open();
	lab.now_us = 1000000;
	lab.store = store_open(folder, error, sizeof(error));
	ck_assert_msg(lab.store != NULL, "%s", error);
}

static void
teardown(void)
{
	stage_free(lab.stage);
	world_retire(lab.world, NULL, NULL);
	snapshot_close();
	store_close(lab.store);
	conf_free(lab.conf);
	while (lab.nold > 0)
		conf_free(lab.old[--lab.nold]);
	folder_remove();
}

/* ---- what the daemon does ---- */

static void
stage_drop(void)
{
	stage_free(lab.stage);
	lab.stage = NULL;
}

/* The thread's part. False: refused. */
static bool
loaded(const char *text)
{
	char path[128];

	stage_drop();
	write_file("homing.conf", text);
	lab.stage = stage_new();
	ck_assert_msg(stage_conf(lab.stage, folder_path("homing.conf", path)), "%s", lab.stage->diag.messages[0]);
	return stage_zones(lab.stage, lab.world);
}

static void
put_service(struct world *w, const struct conf_service *service, uint8_t last)
{
	struct addr a = { .family = 4, .bytes = { 10, 1, 0, last } };

	world_put(w, service, &a, 1, NULL, 0, 5, false, false);
	a.bytes[3] = 1;
	world_put_configured(w, service, &a, 1, NULL, 0);
}

/* The switch's part. False: refused. */
static bool
switched(void)
{
	struct stage *s = lab.stage;
	struct world *old = lab.world;

	if (stage_wants_seed(s))
		ck_assert(stage_seed(s, lab.store));
	if (!stage_catch_up(s, old)) {
		stage_unseed(s, lab.store);
		return false;
	}
	stage_tell(s, lab.store);
	lab.terms.conf = s->conf;
	lab.world = world_new(s->conf, s->zones, s->starts, &lab.terms, old);
	s->zones = NULL;
	for (size_t i = 0; i < s->conf->nservices; i++)
		put_service(lab.world, &s->conf->services[i], 1);
	world_publish(lab.world, ++lab.now_us);
	world_starts_free(s->starts, s->conf->nzones);
	s->starts = NULL;
	world_retire(old, NULL, NULL);
	if (lab.conf != NULL)
		lab.old[lab.nold++] = lab.conf;
	lab.conf = s->conf;
	s->conf = NULL;
	stage_drop();
	return true;
}

static void
serve(const char *text)
{
	ck_assert_msg(loaded(text), "%s", lab.stage->diag.messages[0]);
	ck_assert_msg(switched(), "%s", lab.stage->diag.messages[0]);
}

static void
numbered(void *arg, size_t zone, const struct edition *e)
{
	(void)arg;
	(void)zone;
	(void)e;
}

static void
number(void)
{
	world_number(lab.world, UINT64_MAX, numbered, NULL);
}

/* A TXT of one string, or an A; NULL: gone. */
static void
update(const char *name, uint16_t type, const char *text)
{
	uint8_t data[300] = { 0 };
	size_t size = text == NULL ? 0 : type == TYPE_A ? 4 : strlen(text) + 1;
	struct store_rrset set = { "dyn.test", name_of(name), type, NULL };
	struct rrs *rrs = NULL;

	if (text != NULL) {
		data[1] = (uint8_t)size;
		data[2] = (uint8_t)(size - 1);
		memcpy(data + (type == TYPE_A ? 2 : 3), text, type == TYPE_A ? 4 : strlen(text));
		rrs = rrs_new(type, 1, 60, data, size + 2);
	}
	set.rrs = rrs;
	ck_assert_msg(store_update(lab.store, &set, 1, NULL, 0, error, sizeof(error)), "%s", error);
	world_put_records(lab.world, 0, name_of(name), type, rrs);
	world_publish(lab.world, ++lab.now_us);
	free(rrs);
}

/* ---- what is so then ---- */

static const struct rrset *
found(const char *name, uint16_t type)
{
	const struct node *n = zone_at(world_zone(lab.world, 0), name_of(name));

	return n != NULL ? node_rrset(n, type) : NULL;
}

static bool
has_text(const char *name, const char *text)
{
	const struct rrset *set = found(name, TYPE_TXT);

	return set != NULL && memmem(set->bytes, set->size, text, strlen(text)) != NULL;
}

/* The current edition's history leads to it, step by step, and says all that its digest does. */
static uint32_t
serial(void)
{
	const struct edition *e = world_edition(lab.world, 0);

	for (size_t i = 0; i < e->nhistory; i++)
		ck_assert_uint_eq(e->history[i]->to, i + 1 < e->nhistory ? e->history[i + 1]->from : e->serial);
	return e->serial;
}

/* The last step of the configured plane: this many records gone and come. */
static void
ck_step(unsigned gone, unsigned come)
{
	const struct edition *e = world_edition(lab.world, 0);
	const struct changes *c = e->history[e->nhistory - 1];

	if (c->configured != NULL)
		c = c->configured;
	ck_assert_uint_eq(c->gone, gone);
	ck_assert_uint_eq(c->come, come);
}

/* The digest that a world has followed is that of what it has. Zones with one plane. */
static void
ck_digest(void)
{
	struct digest d;

	zone_digest(world_zone(lab.world, 0), &d);
	ck_assert_mem_eq(&d, world_digest(lab.world, 0), sizeof(d));
}

static size_t
stored_names(void)
{
	struct store_reader *r;
	struct zone *z;
	size_t n;

	ck_assert(store_reader_open(folder, &r, error, sizeof(error)));
	ck_assert_msg(store_load(r, "dyn.test", name_of("dyn.test"), &z, error, sizeof(error)), "%s", error);
	store_reader_close(r);
	n = z != NULL ? zone_names(z) : 0;
	zone_free(z);
	return n;
}

/* ---- seeds ---- */

START_TEST(a_check_seeds_nothing)
{
	write_file("seed", HEAD);
	ck_assert(loaded(FRONT DYNAMIC));
	ck_assert(stage_wants_seed(lab.stage));
	ck_assert_uint_eq(stored_names(), 0);
}
END_TEST

START_TEST(nor_does_one_that_is_refused)
{
	write_file("seed", HEAD);
	ck_assert(!loaded(FRONT "zones = ( { name = \"dyn.test\"; type = \"dynamic\"; file = \"seed\"; }, { name = \"b.test\"; file = \"none\"; } );\n"));
	ck_assert_uint_eq(stored_names(), 0);
}
END_TEST

START_TEST(a_seed_is_taken_back)
{
	write_file("seed", HEAD);
	ck_assert(loaded(FRONT DYNAMIC));
	ck_assert(stage_seed(lab.stage, lab.store));
	ck_assert_uint_eq(stored_names(), 2);
	ck_assert(!stage_wants_seed(lab.stage));
	stage_unseed(lab.stage, lab.store);
	ck_assert_uint_eq(stored_names(), 0);
}
END_TEST

START_TEST(the_store_is_the_truth)
{
	write_file("seed", HEAD "a 60 TXT \"seed\"\n");
	serve(FRONT DYNAMIC);
	update("b.dyn.test", TYPE_TXT, "update");
	world_retire(lab.world, NULL, NULL);   /* another start */
	lab.world = NULL;
	write_file("seed", HEAD "a 60 TXT \"other\"\n");
	serve(FRONT DYNAMIC);
	ck_assert(has_text("a.dyn.test", "seed"));
	ck_assert(has_text("b.dyn.test", "update"));
	ck_assert_uint_eq(stored_names(), 4);
}
END_TEST

START_TEST(made_zones_are_kept_too)
{
	serve(FRONT MADE);
	ck_assert_uint_eq(stored_names(), 2);
	update("b.dyn.test", TYPE_TXT, "update");
	ck_assert_uint_eq(stored_names(), 3);
}
END_TEST

START_TEST(a_damaged_store_is_a_mistake)
{
	char path[128];
	FILE *f;

	write_file("seed", HEAD);
	serve(FRONT DYNAMIC);
	world_retire(lab.world, NULL, NULL);
	lab.world = NULL;
	store_close(lab.store);
	f = fopen(folder_path("homing.db", path), "w");
	fputs("no database", f);
	fclose(f);
	ck_assert(!loaded(FRONT DYNAMIC));
	ck_assert_msg(strstr(lab.stage->diag.messages[0], "homing.conf:3: zones.dyn.test: ") != NULL &&
	    strstr(lab.stage->diag.messages[0], "homing.db: the file is not a database") != NULL, "%s", lab.stage->diag.messages[0]);
	ck_assert(loaded(FRONT STATIC));       /* which needs no store */
	unlink(path);
	lab.store = store_open(folder, error, sizeof(error));
}
END_TEST

/* ---- reloads ---- */

START_TEST(a_reload_reads_no_dynamic_zone)
{
	write_file("seed", HEAD "a 60 TXT \"seed\"\n");
	serve(FRONT DYNAMIC);
	update("b.dyn.test", TYPE_TXT, "update");
	number();
	ck_assert_uint_eq(serial(), 8);
	write_file("seed", "no master file");
	ck_assert(store_forget(lab.store, "dyn.test", error, sizeof(error)));  /* nor the store */
	serve(FRONT DYNAMIC);
	ck_assert(has_text("b.dyn.test", "update"));
	ck_assert_uint_eq(serial(), 8);        /* the same zone */
	ck_digest();
}
END_TEST

START_TEST(updates_while_it_loads)
{
	write_file("seed", HEAD "a 60 TXT \"seed\"\nb 60 TXT \"seed\"\n");
	serve(FRONT DYNAMIC);
	ck_assert(loaded(FRONT DYNAMIC));
	update("a.dyn.test", TYPE_TXT, NULL);
	update("b.dyn.test", TYPE_TXT, "one");
	number();
	update("b.dyn.test", TYPE_TXT, "two");
	update("c.dyn.test", TYPE_TXT, "new"); /* and these two have no serial yet */
	ck_assert(switched());
	ck_assert_ptr_null(found("a.dyn.test", TYPE_TXT));
	ck_assert(has_text("b.dyn.test", "two") && !has_text("b.dyn.test", "one"));
	ck_assert(has_text("c.dyn.test", "new"));
	ck_assert_uint_eq(serial(), 9);
	ck_step(1, 2);                         /* one for two, and the new one */
	ck_assert_uint_eq(world_edition(lab.world, 0)->nhistory, 2);
	ck_digest();
	update("d.dyn.test", TYPE_TXT, "after");
	number();
	ck_assert_uint_eq(serial(), 10);
	ck_step(0, 1);
	ck_digest();
}
END_TEST

START_TEST(what_comes_and_goes_meanwhile)
{
	write_file("seed", HEAD);
	serve(FRONT DYNAMIC);
	ck_assert(loaded(FRONT DYNAMIC));
	update("a.dyn.test", TYPE_TXT, "x");
	update("a.dyn.test", TYPE_TXT, NULL);
	ck_assert(switched());
	ck_assert_uint_eq(serial(), 7);
	ck_digest();
}
END_TEST

/* A service's addresses are the configuration's, in both planes: they neither stay when it goes nor count as records. */
START_TEST(services_come_and_go)
{
	write_file("seed", HEAD "www 60 TXT \"text\"\n");
	serve(FRONT DYNAMIC SERVICE("www.dyn.test"));
	ck_assert_ptr_nonnull(found("www.dyn.test", TYPE_A));
	ck_assert(loaded(FRONT DYNAMIC));
	put_service(lab.world, &lab.conf->services[0], 9);     /* health goes on meanwhile */
	world_publish(lab.world, ++lab.now_us);
	update("www.dyn.test", TYPE_TXT, "more");
	ck_assert(switched());
	ck_assert_ptr_null(found("www.dyn.test", TYPE_A));
	ck_assert(has_text("www.dyn.test", "more"));
	ck_assert_uint_eq(stored_names(), 3);
	ck_digest();
	serve(FRONT DYNAMIC SERVICE("www.dyn.test"));
	ck_assert_ptr_nonnull(found("www.dyn.test", TYPE_A));
	(void)serial();
}
END_TEST

/* What a new service would hide: the reload is refused, and what serves goes on. */
START_TEST(an_update_where_a_service_comes)
{
	write_file("seed", HEAD);
	serve(FRONT DYNAMIC);
	ck_assert(loaded(FRONT DYNAMIC SERVICE("www.dyn.test")));
	update("www.dyn.test", TYPE_A, "\300\0\2\7");
	ck_assert(!switched());
	ck_assert_msg(strstr(lab.stage->diag.messages[0], "services.www.dyn.test: zone dyn.test has addresses at this name") != NULL, "%s",
	    lab.stage->diag.messages[0]);
	ck_assert_ptr_nonnull(found("www.dyn.test", TYPE_A));
	number();
	ck_assert(loaded(FRONT DYNAMIC SERVICE("www.dyn.test")));
	ck_assert(!switched());
	update("www.dyn.test", TYPE_A, NULL);
	serve(FRONT DYNAMIC SERVICE("www.dyn.test"));
}
END_TEST

START_TEST(a_serial_that_an_update_gave)
{
	uint8_t soa[] = { 0, 44, 2, 'n', 's', 3, 'd', 'y', 'n', 4, 't', 'e', 's', 't', 0, 1, 'h', 0, 0, 0, 0, 200, 0, 0, 14, 16, 0, 0, 2, 88, 0, 1, 81,
	    128, 0, 0, 0, 60 };
	struct rrs *rrs;

	soa[1] = (uint8_t)(sizeof(soa) - 2);
	write_file("seed", HEAD);
	serve(FRONT DYNAMIC);
	ck_assert(loaded(FRONT DYNAMIC));
	rrs = rrs_new(TYPE_SOA, 1, 300, soa, sizeof(soa));
	ck_assert_ptr_nonnull(rrs);
	world_put_records(lab.world, 0, name_of("dyn.test"), TYPE_SOA, rrs);
	world_publish(lab.world, ++lab.now_us);
	free(rrs);
	ck_assert(switched());
	ck_assert_uint_eq(serial(), 200);
}
END_TEST

/* ---- types that change ---- */

START_TEST(file_to_dynamic_and_back)
{
	write_file("seed", HEAD "a 60 TXT \"seed\"\n");
	serve(FRONT STATIC);
	ck_assert_uint_eq(stored_names(), 0);
	serve(FRONT DYNAMIC);
	ck_assert_uint_eq(stored_names(), 3);
	update("b.dyn.test", TYPE_TXT, "update");
	number();
	ck_assert_uint_eq(serial(), 8);
	serve(FRONT STATIC);
	ck_assert_ptr_null(found("b.dyn.test", TYPE_TXT));
	ck_assert_uint_eq(stored_names(), 4);  /* they stay */
	ck_assert_uint_eq(serial(), 9);
	serve(FRONT DYNAMIC);
	ck_assert(has_text("b.dyn.test", "update"));
	ck_assert_uint_eq(serial(), 10);
	ck_digest();
}
END_TEST

int
main(void)
{
	const TTest *const all[] = { a_check_seeds_nothing, nor_does_one_that_is_refused, a_seed_is_taken_back, the_store_is_the_truth,
	    made_zones_are_kept_too, a_damaged_store_is_a_mistake, a_reload_reads_no_dynamic_zone, updates_while_it_loads,
	    what_comes_and_goes_meanwhile, services_come_and_go, an_update_where_a_service_comes, a_serial_that_an_update_gave,
	    file_to_dynamic_and_back };
	Suite *suite = suite_create("stage");
	TCase *tests = tcase_create("stage");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
