/* test_world.c - which changes share a serial, and what a reload makes of them.
 *
 * Real master files, stages and worlds; the clock is a number. The test keeps the records of every edition there ever
 * was, and takes the part of a secondary: the steps of the history lead from each to the current one. Zones are loaded on a
 * thread, as the daemon does, while services change and serials go on. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/edition.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "dnsd/stage.h"
#include "dnsd/world.h"
#include "dnsd/wire.h"
#include "tests/unit/suite.h"
#include "tests/unit/zones/build.h"

enum { ZONES = 100, SEED = 20, ROUNDS = 40, RECORD = 96 };

/* ---- what a secondary has ---- */

struct record {
	size_t size;
	uint8_t bytes[RECORD];                 /* owner, and the RR behind it */
};

struct records {
	uint32_t serial;
	size_t count;
	struct record *all;                    /* sorted */
};

/* All that were ever numbered of a zone. */
struct past {
	struct records *all;
	size_t count;
};

static int
record_order(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return memcmp(x->bytes, y->bytes, sizeof(x->bytes));
}

static void
records_add(struct records *r, const uint8_t *owner, const uint8_t *rest)
{
	size_t name = dname_length(owner), size = 10u + be16_get(rest + 8);
	struct record *new;

	r->all = mem_grow(r->all, r->count, sizeof(*r->all));
	new = &r->all[r->count++];
	memset(new, 0, sizeof(*new));
	ck_holds(name + size <= RECORD);
	new->size = name + size;
	memcpy(new->bytes, owner, name);
	memcpy(new->bytes + name, rest, size);
}

static void
records_remove(struct records *r, const uint8_t *record, size_t size)
{
	size_t i = 0;

	while (i < r->count && (r->all[i].size != size || memcmp(r->all[i].bytes, record, size) != 0))
		i++;
	ck_assert_msg(i < r->count, "what goes was never there");
	r->all[i] = r->all[--r->count];
}

static void
records_sort(struct records *r)
{
	qsort(r->all, r->count, sizeof(*r->all), record_order);
}

static struct records
records_of(const struct zone *z)
{
	struct records r = { .serial = zone_serial(z) };
	struct zone_walk *w = zone_walk_new(z);
	const struct node *n;

	while ((n = zone_walk_next(w)) != NULL)
		for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;) {
			const uint8_t *rr = s->bytes;

			for (unsigned i = 0; i < s->count; i++, rr += 12 + be16_get(rr + 10))
				records_add(&r, node_name(n), rr + 2);
		}
	zone_walk_free(w);
	records_sort(&r);
	return r;
}

static struct records
records_copy(const struct records *r)
{
	struct records copy = *r;

	copy.all = NULL;
	for (size_t i = 0; i < r->count; i++) {
		copy.all = mem_grow(copy.all, i, sizeof(*copy.all));
		copy.all[i] = r->all[i];
	}
	return copy;
}

static void
records_same(const struct records *a, const struct records *b)
{
	ck_holds(a->serial == b->serial);
	ck_holds(a->count == b->count);
	for (size_t i = 0; i < a->count; i++)
		ck_holds(record_order(&a->all[i], &b->all[i]) == 0);
}

/* The records from p to end come. */
static void
records_come(struct records *r, const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		const uint8_t *rest = p + dname_length(p);

		records_add(r, p, rest);
		p = rest + 10 + be16_get(rest + 8);
	}
}

static void
records_go(struct records *r, const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		size_t size = dname_length(p);

		size += 10u + be16_get(p + size + 8);
		records_remove(r, p, size);
		p += size;
	}
}

/* As RFC 1995, 4 has it. */
static void
records_step(struct records *r, const struct changes *c)
{
	const uint8_t *come = c->bytes + c->gone_size;

	ck_holds(r->serial == c->from);
	records_go(r, c->soa_from, c->soa_from + c->soa_from_size);
	records_go(r, c->bytes, come);
	records_come(r, c->soa_to, c->soa_to + c->soa_to_size);
	records_come(r, come, come + c->come_size);
	r->serial = c->to;
}

/* ---- the laboratory ---- */

struct service {
	struct addr addrs[4];
	size_t n;
	uint32_t ttl;
	bool all_down;
};

static struct {
	char folder[64];
	size_t nzones;
	uint64_t delay_us[ZONES];
	struct conf *conf;
	struct world *world;
	struct stage *coming;                  /* while a reload is under way */
	pthread_t loading;
	struct service services[ZONES];        /* one per zone */
	struct past past[ZONES];
	unsigned numbered[ZONES];              /* how often */
	uint64_t now_us;
	char log[128];
} lab;

/* ---- files ---- */

static void
master(size_t zone, uint32_t serial, const char *records)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%zu.zone", lab.folder, zone);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "$TTL 300\n@ SOA ns h %u 3600 600 604800 60\n@ NS ns\nns A 192.0.2.53\n%s", serial, records);
	fclose(f);
}

static struct conf *
conf_make(void)
{
	struct diag diag = { 0 };
	struct conf *conf;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("fabrics = ( { name = \"san-a\"; subnets = [ \"10.1.0.0/16\" ]; } );\n"
	    "checks = ( { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"
	    "servers = ( { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; } ); } );\nzones = (", f);
	for (size_t i = 0; i < lab.nzones; i++)
		fprintf(f, "%s { name = \"z%zu.example\"; file = \"%s/%zu.zone\"; notify_delay = \"%ums\"; }", i == 0 ? "" : ",", i, lab.folder, i,
		    (unsigned)(lab.delay_us[i] / US_PER_MS));
	fputs(" );\nservices = (", f);
	for (size_t i = 0; i < lab.nzones; i++)
		fprintf(f, "%s { name = \"www.z%zu.example\"; servers = [ \"db1\" ]; checks = [ \"pg\" ]; }", i == 0 ? "" : ",", i);
	fputs(" );\n", f);
	fclose(f);
	conf = conf_parse(text, size, "test.conf", &diag);
	ck_assert_msg(conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	free(text);
	return conf;
}

/* What was logged since the last time. */
static const char *
logged(void)
{
	static char text[4096];
	int fd = open(lab.log, O_RDWR);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
	return text;
}

/* ---- what must always hold ---- */

static void
past_add(size_t zone, const struct edition *e)
{
	struct past *p = &lab.past[zone];

	ck_holds(p->count == 0 || serial_after(e->serial, p->all[p->count - 1].serial));
	p->all = mem_grow(p->all, p->count, sizeof(*p->all));
	p->all[p->count++] = records_of(e->zone);
}

/* The steps from each serial lead to what the edition has; the digest says what that is. */
static void
zone_holds(size_t zone)
{
	const struct edition *e = world_edition(lab.world, zone);
	const struct past *p = &lab.past[zone];
	struct digest digest;

	ck_holds(zone_serial(e->zone) == e->serial);
	zone_digest(e->zone, &digest);
	ck_holds(memcmp(&digest, world_digest(lab.world, zone), sizeof(digest)) == 0);
	ck_holds(e->nhistory + 1 == p->count);
	ck_holds(p->all[p->count - 1].serial == e->serial);
	for (size_t i = 0; i < p->count; i++) {
		struct records r = records_copy(&p->all[i]);

		ck_holds(edition_since(e, r.serial) == (long)i);
		for (size_t k = i; k < e->nhistory; k++)
			records_step(&r, e->history[k]);
		records_sort(&r);
		records_same(&r, &p->all[p->count - 1]);
		free(r.all);
	}
}

static void
all_holds(void)
{
	for (size_t i = 0; i < lab.nzones; i++)
		zone_holds(i);
}

/* ---- what happens ---- */

static void
put(size_t zone)
{
	const struct service *s = &lab.services[zone];

	world_put(lab.world, &lab.conf->services[zone], s->addrs, s->n, NULL, 0, s->ttl, s->all_down, false);
}

/* The service of a zone answers 10.1.0.last alone. */
static void
answer(size_t zone, uint8_t last)
{
	lab.services[zone] = (struct service){ { { .family = 4, .bytes = { 10, 1, 0, last } } }, 1, 5, false };
	put(zone);
	world_publish(lab.world, lab.now_us);
}

static void
on_numbered(void *arg, size_t zone, const struct edition *e)
{
	ck_assert_ptr_eq(arg, &lab);
	ck_assert_ptr_eq(e, world_edition(lab.world, zone));
	lab.numbered[zone]++;
	past_add(zone, e);
}

/* Time passes; what becomes due is numbered when it is. */
static void
pass(uint64_t us)
{
	uint64_t until_us = lab.now_us + us, due_us;

	while ((due_us = world_due_us(lab.world)) != 0 && due_us <= until_us) {
		lab.now_us = due_us > lab.now_us ? due_us : lab.now_us;
		world_number(lab.world, lab.now_us, on_numbered, &lab);
	}
	lab.now_us = until_us;
}

static void *
load(void *arg)
{
	rcu_register_thread();
	stage_zones(lab.coming, arg);
	rcu_unregister_thread();
	return NULL;
}

static void
load_begin(void)
{
	lab.coming = stage_new();
	lab.coming->conf = conf_make();
	ck_assert_int_eq(pthread_create(&lab.loading, NULL, load, lab.world), 0);
}

static void
free_conf(void *arg)
{
	conf_free(arg);
}

static void
load_await(void)
{
	pthread_join(lab.loading, NULL);
}

/* What was loaded takes over. */
static void
load_end(void)
{
	struct stage *s = lab.coming;
	struct world *old = lab.world;
	struct conf *old_conf = lab.conf;

	for (size_t i = 0; i < s->diag.count; i++)
		fprintf(stderr, "%s\n", s->diag.messages[i]);
	ck_assert_uint_eq(s->diag.count, 0);
	lab.conf = s->conf;
	lab.world = world_new(s->conf, s->zones, s->starts, &(struct snapshot_terms){ .conf = s->conf }, old);
	s->zones = NULL;
	for (size_t i = 0; i < lab.nzones; i++)
		put(i);
	world_publish(lab.world, lab.now_us);
	world_starts_free(s->starts, lab.nzones);
	s->starts = NULL;
	s->conf = NULL;
	stage_free(s);
	for (size_t i = 0; i < lab.nzones; i++) {
		const struct edition *e = world_edition(lab.world, i), *before = world_edition_of(old, lab.conf->zones[i].name);

		if (before == NULL || before->serial != e->serial)
			past_add(i, e);
	}
	world_retire(old, free_conf, old_conf);
}

static void
reload(void)
{
	load_begin();
	load_await();
	load_end();
}

static uint32_t
serial(size_t zone)
{
	return world_edition(lab.world, zone)->serial;
}

/* n zones, loaded for the first time. */
static void
begin(size_t n, uint64_t delay_us, uint32_t first)
{
	lab.nzones = n;
	for (size_t i = 0; i < n; i++) {
		lab.delay_us[i] = delay_us;
		lab.services[i] = (struct service){ { { .family = 4, .bytes = { 10, 1, 0, 1 } } }, 1, 5, false };
		master(i, first, "txt TXT \"as it was\"\n");
	}
	reload();
	all_holds();
}

static void
setup(void)
{
	memset(&lab, 0, sizeof(lab));
	lab.now_us = 1000000;
	strcpy(lab.folder, "/tmp/homing-world-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab.folder));
	snprintf(lab.log, sizeof(lab.log), "%s/log", lab.folder);
	log_open(open(lab.log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600), LOG_LEVEL_INFO);
	snapshot_open();
}

static void
teardown(void)
{
	char path[128];

	world_retire(lab.world, free_conf, lab.conf);
	snapshot_close();
	for (size_t i = 0; i < ZONES; i++) {
		for (size_t k = 0; k < lab.past[i].count; k++)
			free(lab.past[i].all[k].all);
		free(lab.past[i].all);
		snprintf(path, sizeof(path), "%s/%zu.zone", lab.folder, i);
		unlink(path);
	}
	unlink(lab.log);
	ck_assert_int_eq(rmdir(lab.folder), 0);
}

/* ---- the window ---- */

/* The last byte of the address that a version has for a zone's service. */
static unsigned
address_in(const struct zone *z, const char *name)
{
	return node_rrset(zone_at(z, name_of(name)), TYPE_A)->bytes[15];
}

START_TEST(gathers)
{
	const struct edition *e;
	uint64_t began_us;

	begin(1, 200000, 100);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	began_us = lab.now_us;
	answer(0, 2);
	ck_assert_uint_eq(address_in(world_zone(lab.world, 0), "www.z0.example"), 2);  /* answered at once */
	ck_assert_uint_eq(address_in(world_edition(lab.world, 0)->zone, "www.z0.example"), 1);
	pass(100000);
	answer(0, 3);
	pass(99999);
	answer(0, 4);                          /* later changes do not put it off */
	ck_assert_uint_eq(world_due_us(lab.world), began_us + 200000);
	world_number(lab.world, lab.now_us, on_numbered, &lab);
	ck_assert_uint_eq(lab.numbered[0], 0);
	ck_assert_uint_eq(serial(0), 100);
	pass(1);
	ck_assert_uint_eq(lab.numbered[0], 1);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	e = world_edition(lab.world, 0);
	ck_assert_uint_eq(e->serial, 101);
	ck_assert_uint_eq(address_in(e->zone, "www.z0.example"), 4);
	ck_assert_uint_eq(e->nhistory, 1);
	ck_assert_uint_eq(e->history[0]->gone, 1);
	ck_assert_uint_eq(e->history[0]->come, 1);
	ck_assert_uint_eq(world_zone_of(lab.world, name_of("www.z0.example"), &(size_t){ 7 }) == e->zone, true);
	zone_holds(0);
}
END_TEST

START_TEST(without_delay)
{
	begin(1, 0, 0xfffffffe);
	for (uint8_t i = 2; i < 5; i++) {
		answer(0, i);
		ck_assert_uint_eq(world_due_us(lab.world), lab.now_us);
		pass(0);
		ck_assert_uint_eq(lab.numbered[0], i - 1u);
		ck_assert_uint_eq(world_due_us(lab.world), 0);
	}
	ck_assert_uint_eq(serial(0), 2);       /* over 4294967295 and 1: 0 is skipped */
	zone_holds(0);
}
END_TEST

START_TEST(there_and_back)
{
	const struct edition *before;
	uint64_t at_ms;

	begin(1, 200000, 100);
	answer(0, 2);
	pass(200000);
	at_ms = world_edition(lab.world, 0)->at_ms;
	before = world_edition(lab.world, 0);
	edition_hold(before);
	answer(0, 3);
	answer(0, 2);
	lab.services[0].all_down = true;       /* seen in answers, but no record */
	put(0);
	world_publish(lab.world, lab.now_us);
	pass(200000);
	ck_assert_uint_eq(lab.numbered[0], 1);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	ck_assert_uint_eq(serial(0), 101);
	ck_assert_uint_eq(world_edition(lab.world, 0)->at_ms, at_ms);
	ck_assert_ptr_ne(world_edition(lab.world, 0), before);
	ck_assert_ptr_eq(world_edition(lab.world, 0)->zone, world_zone(lab.world, 0));
	edition_let_go(before);
	zone_holds(0);
	answer(0, 4);                          /* and the next step begins where it should */
	pass(200000);
	ck_assert_uint_eq(serial(0), 102);
	zone_holds(0);
}
END_TEST

/* Each zone's window is its own; those that close together are one publication. */
START_TEST(many_zones)
{
	uint64_t publications;

	begin(ZONES, 100000, 1);
	for (size_t i = 0; i < ZONES; i++)
		lab.delay_us[i] = i % 2 == 0 ? 100000 : 300000;
	reload();
	for (size_t i = 0; i < ZONES; i++) {
		lab.services[i].addrs[0].bytes[3] = 9;
		if (i % 10 != 0)
			put(i);
	}
	world_publish(lab.world, lab.now_us);
	publications = world_publications(lab.world);
	ck_assert_uint_eq(world_due_us(lab.world), lab.now_us + 100000);
	pass(100000);
	ck_assert_uint_eq(world_publications(lab.world), publications + 1);
	for (size_t i = 0; i < ZONES; i++)
		ck_assert_uint_eq(lab.numbered[i], i % 2 == 0 && i % 10 != 0);
	ck_assert_uint_eq(world_due_us(lab.world), lab.now_us + 200000);
	pass(200000);
	ck_assert_uint_eq(world_publications(lab.world), publications + 2);
	for (size_t i = 0; i < ZONES; i++)
		ck_assert_uint_eq(serial(i), i % 10 != 0 ? 2 : 1);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	all_holds();
}
END_TEST

/* ---- from one world to the next ---- */

START_TEST(reload_of_the_same)
{
	const struct changes *step;

	begin(2, 200000, 100);
	answer(0, 2);
	pass(200000);
	step = world_edition(lab.world, 0)->history[0];
	logged();
	reload();
	ck_assert_uint_eq(serial(0), 101);     /* the file still says 100 */
	ck_assert_uint_eq(serial(1), 100);
	ck_assert_uint_eq(world_edition(lab.world, 0)->nhistory, 1);
	ck_assert_ptr_eq(world_edition(lab.world, 0)->history[0], step);
	ck_assert_str_eq(logged(), "");
	all_holds();
}
END_TEST

/* A service that changed, and whose window was open or that changed with the reload: a serial, and nobody's fault. */
START_TEST(reload_in_a_window)
{
	begin(1, 200000, 100);
	answer(0, 2);
	logged();
	reload();
	ck_assert_uint_eq(serial(0), 101);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	ck_assert_str_eq(logged(), "");
	zone_holds(0);
}
END_TEST

START_TEST(reload_of_another_content)
{
	begin(1, 200000, 100);
	master(0, 500, "txt TXT \"new\"\n");
	logged();
	reload();
	ck_assert_uint_eq(serial(0), 500);
	ck_assert_str_eq(logged(), "");
	zone_holds(0);
	master(0, 7, "txt TXT \"newer\"\n");
	reload();
	ck_assert_uint_eq(serial(0), 501);
	ck_assert_msg(strstr(logged(), "0.zone has changed, and its serial is 7 (expected a greater one than 500): 501 is used") != NULL,
	    "not said");
	zone_holds(0);
	reload();                              /* said once */
	ck_assert_uint_eq(serial(0), 501);
	ck_assert_str_eq(logged(), "");
	master(0, 600, "txt TXT \"newer\"\n");
	reload();                              /* its author wants it seen */
	ck_assert_uint_eq(serial(0), 600);
	ck_assert_uint_eq(world_edition(lab.world, 0)->nhistory, 3);
	ck_assert_uint_eq(world_edition(lab.world, 0)->history[2]->come, 0);
	zone_holds(0);
}
END_TEST

/* A file's 0 would be greater, by RFC 1982; but to some it means that there is none. */
START_TEST(zero_is_none)
{
	begin(1, 200000, 0xfffffff0);
	master(0, 0, "txt TXT \"new\"\n");
	reload();
	ck_assert_uint_eq(serial(0), 0xfffffff1);
	zone_holds(0);
}
END_TEST

/* So much went on while it was loaded that nothing leads back to what it was compared with. */
START_TEST(reload_beyond_history)
{
	const struct changes *last;

	begin(1, 0, 100);
	master(0, 100, "txt TXT \"new\"\n");
	load_begin();
	load_await();
	for (unsigned i = 0; i < HISTORY_STEPS + 10; i++) {
		answer(0, (uint8_t)(2 + i % 2));
		pass(0);
	}
	ck_assert_int_eq(edition_since(world_edition(lab.world, 0), 100), -1);
	load_end();
	last = world_edition(lab.world, 0)->history[world_edition(lab.world, 0)->nhistory - 1];
	ck_assert_uint_eq(serial(0), 100 + HISTORY_STEPS + 10 + 1);
	ck_assert_uint_eq(last->gone, 1);
	ck_assert_uint_eq(last->come, 1);
}
END_TEST

START_TEST(zones_come_and_go)
{
	begin(2, 200000, 100);
	lab.nzones = 1;
	reload();
	lab.nzones = 2;
	master(1, 300, "");
	reload();
	ck_assert_uint_eq(serial(0), 100);
	ck_assert_uint_eq(serial(1), 300);
	ck_assert_uint_eq(world_edition(lab.world, 1)->nhistory, 0);
	zone_holds(0);
}
END_TEST

/* ---- at random ---- */

static unsigned
below(unsigned n)
{
	return (unsigned)rand() % n;
}

/* Few different ones, so that there is often a way back. */
static void
random_put(void)
{
	size_t zone = below((unsigned)lab.nzones);
	struct service *s = &lab.services[zone];

	s->n = below(4);
	s->ttl = 1 + below(2) * 4;
	s->all_down = below(4) == 0;
	for (size_t i = 0; i < s->n; i++)
		s->addrs[i] = (struct addr){ .family = 4, .bytes = { 10, 1, (uint8_t)i, (uint8_t)below(2) } };
	put(zone);
}

static void
random_master(size_t zone)
{
	static const char *const kinds[] = { "A 192.0.2.", "TXT text", "MX 10 m", "SRV 1 2 80 s" };
	uint32_t now = serial(zone), given = below(3) == 0 ? now + 1 + below(5) : below(2) == 0 ? now : now - below(1000);
	char text[2048];
	size_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		if (below(3) > 0)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "h%u.%s %u %s%u\n", i, i % 2 == 0 ? "deep" : "x", 60 + below(2),
			    kinds[i % 4], below(2) + 1);
	text[n] = '\0';
	master(zone, given, text);
}

static void
random_turns(void)
{
	for (unsigned turns = below(8); turns > 0; turns--) {
		for (unsigned n = 1 + below(3); n > 0; n--)
			random_put();
		world_publish(lab.world, lab.now_us);
		pass(below(3) * 50000);
	}
}

START_TEST(random_rounds)
{
	printf("random_rounds: seed %d\n", SEED);
	srand(SEED);
	begin(3, 100000, 0xfffffff0);
	lab.delay_us[1] = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		random_turns();
		for (size_t i = 0; i < lab.nzones; i++)
			if (below(2) == 0)
				random_master(i);
		load_begin();
		if (below(2) == 0) {           /* meanwhile services change, and serials go on */
			random_turns();
			load_await();
		} else {
			load_await();
			random_turns();
		}
		if (below(5) == 0) {           /* compared when it takes over */
			changes_draft_free(lab.coming->starts[0].draft);
			lab.coming->starts[0].draft = NULL;
		}
		load_end();
		for (size_t i = 0; i < lab.nzones; i++)
			ck_holds(world_edition(lab.world, i)->zone == world_zone(lab.world, i));
		if (round % 10 == 9)
			all_holds();
	}
	for (size_t i = 0; i < lab.nzones; i++) {
		ck_assert_uint_gt(lab.past[i].count, ROUNDS);
		ck_assert_uint_lt(serial(i), 1000);    /* over the end of the numbers */
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("world");
	TCase *window = tcase_create("the window"), *next = tcase_create("reloads");

	tcase_add_checked_fixture(window, setup, teardown);
	tcase_add_test(window, gathers);
	tcase_add_test(window, without_delay);
	tcase_add_test(window, there_and_back);
	tcase_add_test(window, many_zones);
	suite_add_tcase(s, window);
	tcase_set_timeout(next, 60);
	tcase_add_checked_fixture(next, setup, teardown);
	tcase_add_test(next, reload_of_the_same);
	tcase_add_test(next, reload_in_a_window);
	tcase_add_test(next, reload_of_another_content);
	tcase_add_test(next, zero_is_none);
	tcase_add_test(next, reload_beyond_history);
	tcase_add_test(next, zones_come_and_go);
	tcase_add_test(next, random_rounds);
	suite_add_tcase(s, next);
	return suite_run(s);
}
