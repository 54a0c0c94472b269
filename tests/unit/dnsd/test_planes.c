/* test_planes.c - a dynamic zone in its two planes: what is answered, what a step of its history has, and which serial, while links
 * flip, members come and go, records are updated and the configuration is read again.
 *
 * The real fleet, zones and transfers; verdicts are set instead of probed, and a secondary per plane follows by IXFR. */
#include <event2/event.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "dnsd/answer.h"
#include "dnsd/decide.h"
#include "dnsd/edition.h"
#include "dnsd/made.h"
#include "dnsd/overrides.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"
#include "dnsd/store.h"
#include "dnsd/world.h"
#include "zones/rrs.h"
#include "tests/unit/dnsd/grace.h"
#include "tests/unit/dnsd/received.h"
#include "tests/unit/zones/build.h"
#include "tests/unit/zones/sets.h"

#define CONFIG(type, ttl, more)                                                                                             \
    "server = { listen = [ \"192.0.2.53:53\" ]; };\n"                                                                        \
    "keys = ( { name = \"ddns\"; algorithm = \"hmac-sha256\"; secret = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"; } );\n" \
    "checks = ( { name = \"pg\"; type = \"tcp\"; port = 5432; } );\n"                                                        \
    "servers = (\n"                                                                                                          \
    " { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; }, { name = \"b\"; address = \"fd00::1\"; } ); },\n" \
    " { name = \"db2\"; interfaces = ( { name = \"a\"; address = \"10.1.0.2\"; }, { name = \"b\"; address = \"fd00::2\"; } ); },\n" \
    " { name = \"db3\"; interfaces = ( { name = \"a\"; address = \"10.1.0.3\"; } ); } );\n"                                  \
    "zones = ( { name = \"dyn.example\"; type = \"" type "\"; file = \"dyn.zone\"; },\n"                                    \
    " { name = \"other.example\"; type = \"dynamic\"; file = \"other.zone\"; },\n"                                         \
    " { name = \"one.example\"; file = \"one.zone\"; } );\n"                                                                \
    "services = ( { name = \"www.dyn.example\"; checks = [ \"pg\" ]; ttl = " ttl "; failback_delay = 0; all_down = \"empty\";\n"  \
    "  members = ( { server = \"db1\"; tier = 1; }, { server = \"db2\"; tier = 2; }" more " ); },\n"                         \
    " { name = \"rr.dyn.example\"; servers = [ \"db1\", \"db2\", \"db3\" ]; checks = [ \"pg\" ]; spread = \"rotate\"; answers = 2; },\n" \
    " { name = \"dyn.example\"; servers = [ \"db1\", \"db3\" ]; checks = [ \"pg\" ]; },\n"                                   \
    " { name = \"other.example\"; servers = [ \"db1\", \"db2\" ]; checks = [ \"pg\" ]; },\n"                            \
    " { name = \"one.example\"; servers = [ \"db1\", \"db2\" ]; checks = [ \"pg\" ]; } );\n"

static const char config[] = CONFIG("dynamic", "5", "");

/* One who follows a plane. */
struct follower {
	struct records set;
	uint32_t serial;
	size_t gone, come;             /* of the last step, SOAs aside */
};

static struct {
	char folder[64];
	struct event_base *base;
	struct conf *conf;
	struct checker *checker;
	struct store *store;
	struct overrides *overrides;
	struct fleet *fleet;
	struct world *world;
	struct decide *decide;
	struct follower followers[2];  /* of the answer zone, of the configured plane */
	uint64_t now_us;
	bool digests;                  /* known since the zones were loaded */
} lab;

/* ---- the daemon ---- */

static void
on_wanted(void *arg)
{
	(void)arg;
}

static void
on_event(void *arg, const struct daemon_event *e, bool log)
{
	(void)arg;
	(void)e;
	(void)log;
}

static struct conf *
configured(const char *text)
{
	struct diag diag = { 0 };
	struct conf *conf = conf_parse(text, strlen(text), "test.conf", &diag);

	ck_assert_msg(conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "");
	return conf;
}

static struct zone **
zones_made(const struct conf *conf, uint32_t serial)
{
	struct zone **zones = mem_array(conf->nzones, sizeof(*zones));

	for (size_t i = 0; i < conf->nzones; i++)
		zones[i] = made_zone(conf, &conf->zones[i], serial);
	return zones;
}

static bool
compare(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	return type == TYPE_SOA || changes_draft_add(arg, come, name, rr);
}

/* What the loading thread does (stage.c). */
static struct world_start *
starts_of(const struct conf *conf, struct zone *const *zones)
{
	struct world_start *starts = mem_array(conf->nzones, sizeof(*starts));

	for (size_t i = 0; i < conf->nzones; i++) {
		zone_digest(zones[i], &starts[i].digest);
		snapshot_enter();
		starts[i].older = world_edition_of(lab.world, conf->zones[i].name);
		if (starts[i].older != NULL)
			edition_hold(starts[i].older);
		snapshot_leave();
		if (starts[i].older == NULL)
			continue;
		starts[i].draft = changes_draft_new();
		zone_diff(starts[i].older->zone, zones[i], compare, starts[i].draft);
	}
	return starts;
}

static void
setup(void)
{
	static const struct decide_hooks hooks = { on_wanted, on_event };
	static const struct checker_hooks none = { NULL, NULL };
	struct diag diag = { 0 };
	struct world_start *starts;
	struct zone **zones;
	char error[256];

	memset(&lab, 0, sizeof(lab));
	log_open(-1, LOG_LEVEL_ERROR);
	snapshot_open();
	strcpy(lab.folder, "/tmp/homing-planes-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(lab.folder));
	lab.conf = configured(config);
	lab.base = event_base_new();
	lab.checker = checker_new(lab.base, &none, NULL);
	lab.store = store_open(lab.folder, error, sizeof(error));
	lab.overrides = overrides_new(lab.store, error, sizeof(error));
	lab.fleet = fleet_new(lab.conf, lab.checker, lab.overrides, NULL, &diag);
	zones = zones_made(lab.conf, 1);
	starts = starts_of(lab.conf, zones);
	lab.world = world_new(lab.conf, zones, starts, &(struct snapshot_terms){ .conf = lab.conf }, NULL);
	lab.decide = decide_new(&hooks, NULL);
	lab.now_us = 1000000;
	decide_begin(lab.decide, lab.fleet, lab.world, lab.now_us);
	world_starts_free(starts, lab.conf->nzones);
	lab.digests = true;
}

static void
teardown(void)
{
	static const char *const names[] = { "homing.db", "homing.db-wal", "homing.db-shm", "homing.lock" };
	char path[128];

	for (unsigned i = 0; i < 2; i++)
		records_free(&lab.followers[i].set);
	decide_free(lab.decide);
	fleet_free(lab.fleet, NULL);
	checker_free(lab.checker);
	world_retire(lab.world, NULL, NULL);
	snapshot_close();
	overrides_free(lab.overrides);
	store_close(lab.store);
	conf_free(lab.conf);
	event_base_free(lab.base);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", lab.folder, names[i]);
		unlink(path);
	}
	rmdir(lab.folder);
}

static void
found(const char *label, enum verdict_value value)
{
	struct watch *w = fleet_watch(lab.fleet, label);
	struct target_view *view = (struct target_view *)target_view(w->target);
	enum verdict_value from = view->verdict.value;

	view->verdict.value = value;
	view->doubt = false;
	decide_evidence(lab.decide, w, from, lab.now_us);
}

static void
all_found(enum verdict_value value)
{
	for (size_t i = 0; i < lab.fleet->nwatches; i++)
		found(lab.fleet->watches[i]->label, value);
	decide_flush(lab.decide, lab.now_us);
}

static const struct conf_service *
service(const char *name)
{
	return fleet_service(lab.fleet, name)->conf;
}

static size_t
zone_index_of(const char *name)
{
	for (size_t i = 0; i < lab.conf->nzones; i++)
		if (strcmp(lab.conf->zones[i].text, name) == 0)
			return i;
	ck_abort_msg("no zone %s", name);
}

static size_t
dyn(void)
{
	return zone_index_of("dyn.example");
}

static uint32_t
serial(void)
{
	return world_edition(lab.world, dyn())->serial;
}

static void
on_numbered(void *arg, size_t zone, const struct edition *e)
{
	ck_assert_ptr_eq(e, world_edition(lab.world, zone));
	*(unsigned *)arg += zone == dyn();
}

/* The window closes. True: the dynamic zone has another serial. */
static bool
number(void)
{
	unsigned numbered = 0;

	lab.now_us += 60000000;
	world_number(lab.world, lab.now_us, on_numbered, &numbered);
	ck_assert_uint_eq(world_due_us(lab.world), 0);
	return numbered > 0;
}

/* ---- questions ---- */

/* "10.1.0.1 10.1.0.2 ttl 5": the addresses in answer and additional section; "nodata" or "rcode 3"; "ede" behind, if there is an extended
 * error. As who may update the zone sees it, or everybody else. */
static const char *
asked_type(const char *name, uint16_t type, bool updater)
{
	static char out[2000];
	uint8_t query[300] = { 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1 }, reply[ANSWER_UDP_MAX];
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };
	struct answer_job job = { .query = query, .out = reply, .trusted = updater, .configured = updater };
	size_t n = 12, at;
	unsigned count;

	n += dname_parse(name, query + n);
	memcpy(query + n, "\0\0\0\1" "\0\0\51\4\320\0\0\0\0\0\0", 15);
	be16_put(query + n, type);
	at = n + 4;
	job.size = n + 15;
	snapshot_enter();
	answer_one(snapshot_current(), &terms, &job);
	snapshot_leave();
	ck_assert_uint_gt(job.answered, at);
	count = be16_get(reply + 6);
	if (count > 0)
		count += be16_get(reply + 10) - 1u;    /* without the OPT */
	*out = '\0';
	for (unsigned i = 0; i < count; i++) {
		const uint8_t *rr = reply + at;
		struct addr a = { .family = 4 };
		char text[ADDR_TEXT];

		at += 12u + be16_get(rr + 10);
		if (be16_get(rr + 2) != TYPE_A)
			continue;
		memcpy(a.bytes, rr + 12, 4);
		sprintf(out + strlen(out), "%s ", addr_format(&a, text));
		if (i + 1 == count)
			sprintf(out + strlen(out), "ttl %u", rr[9]);
	}
	if (count == 0 && (reply[3] & 15) != 0)
		sprintf(out, "rcode %u", reply[3] & 15);
	else if (count == 0)
		sprintf(out, "nodata");
	if (job.answered > 11 && be16_get(reply + 8) == 0 && be16_get(reply + at + 9) > 0)
		sprintf(out + strlen(out), " ede");
	return out;
}

static const char *
asked(const char *name, bool updater)
{
	return asked_type(name, TYPE_A, updater);
}

/* ---- secondaries ---- */

static void
received_apply(struct follower *f, bool come, const struct got *g)
{
	struct record r = record_of(g->owner, g->rr);

	if (g->type != TYPE_SOA)
		*(come ? &f->come : &f->gone) += 1;
	if (come) {
		ck_holds(!records_take(&f->set, r));
		records_add(&f->set, r);
		return;
	}
	ck_holds(records_take(&f->set, r));
	free(r.bytes);
}

static void
received_whole(struct follower *f, const struct received *got)
{
	records_free(&f->set);
	f->set = (struct records){ 0 };
	for (size_t i = 0; i + 1 < got->count; i++)
		received_apply(f, true, &got->all[i]);
}

/* RFC 1995, 4: an SOA turns from what has gone to what has come, and back. */
static void
received_steps(struct follower *f, const struct received *got)
{
	bool come = true;

	f->gone = f->come = 0;
	for (size_t i = 1; i + 1 < got->count; i++) {
		if (got->all[i].type == TYPE_SOA)
			come = !come;
		received_apply(f, come, &got->all[i]);
	}
}

static struct received
transferred(uint16_t type, uint32_t from, bool configured_plane, enum transfer_kind *kind)
{
	struct request r;
	struct transfer *t;
	struct received got;

	request_make(&r, name_of("dyn.example"), type, false);
	snapshot_enter();
	t = transfer_new(world_edition(lab.world, dyn()), r.bytes, &r.q, from, NULL, NULL, NULL, configured_plane);
	snapshot_leave();
	*kind = transfer_kind(t);
	got = receive(t, &r, 65535);
	transfer_free(t);
	return got;
}

/* The follower of a plane asks for what is new. */
static enum transfer_kind
follow(bool plane)
{
	struct follower *f = &lab.followers[plane];
	enum transfer_kind kind;
	struct received got = transferred(f->serial == 0 ? TYPE_AXFR : TYPE_IXFR, f->serial, plane, &kind);

	if (kind == TRANSFER_AXFR)
		received_whole(f, &got);
	else if (kind == TRANSFER_IXFR)
		received_steps(f, &got);
	f->serial = got_serial(&got.all[0]);
	ck_assert_uint_eq(f->serial, serial());
	received_free(&got);
	return kind;
}

/* Each has the edition's zone in its plane, and so has whoever transfers it whole; the digest is that of both. */
static void
check_followers(void)
{
	const struct zone *z = world_edition(lab.world, dyn())->zone;
	struct digest digest;

	for (unsigned plane = 0; plane < 2; plane++) {
		struct records want = records_of_plane(z, plane);
		enum transfer_kind kind;
		struct received got = transferred(TYPE_AXFR, 0, plane, &kind);

		ck_assert_uint_eq(lab.followers[plane].set.count, want.count);
		ck_assert_uint_eq(got.count, want.count + 1);
		for (size_t i = 0; i < want.count; i++) {
			struct record r = record_of(got.all[i].owner, got.all[i].rr);

			ck_holds(records_take(&lab.followers[plane].set, want.all[i]));
			records_add(&lab.followers[plane].set, r);
		}
		received_free(&got);
		records_free(&want);
	}
	zone_digest(z, &digest);
	ck_assert(!lab.digests || digest_equal(digest, *world_digest(lab.world, dyn())));
}

static void
follow_all(void)
{
	follow(false);
	follow(true);
	check_followers();
}

/* ---- records ---- */

/* An RRset of one TXT or address. */
static struct rrs *
rrs_made(uint16_t type, const char *data, size_t size)
{
	struct rrs *r = mem_alloc(sizeof(*r) + 2 + size);

	r->type = type;
	r->count = 1;
	r->ttl = 60;
	r->size = (uint32_t)(2 + size);
	be16_put(r->data, (unsigned)size);
	memcpy(r->data + 2, data, size);
	return r;
}

static void
update(const char *name, uint16_t type, const char *data, size_t size)
{
	struct rrs *r = data != NULL ? rrs_made(type, data, size) : NULL;

	world_put_records(lab.world, dyn(), name_of(name), type, r);
	free(r);
}

/* An update of the SOA: that serial, and perhaps another minimum. */
static void
update_soa(uint32_t number, unsigned minimum)
{
	const struct rrset *soa = node_rrset(zone_at(world_zone(lab.world, dyn()), name_of("dyn.example")), TYPE_SOA);
	size_t size = soa->size - 12;
	uint8_t rdata[600];

	memcpy(rdata, soa->bytes + 12, size);
	be16_put(rdata + size - 20, number >> 16);
	be16_put(rdata + size - 18, number & 0xffff);
	be16_put(rdata + size - 2, minimum);
	update("dyn.example", TYPE_SOA, (const char *)rdata, size);
}

/* ---- tests ---- */

START_TEST(an_updater_sees_what_is_configured)
{
	all_found(VERDICT_UP);
	ck_assert_str_eq(asked("www.dyn.example", false), "10.1.0.1 ttl 5");
	ck_assert_str_eq(asked("www.dyn.example", true), "10.1.0.1 10.1.0.2 ttl 5");
	found("db1/a pg", VERDICT_DOWN);
	found("db1/b pg", VERDICT_DOWN);
	decide_flush(lab.decide, lab.now_us);
	ck_assert_str_eq(asked("www.dyn.example", false), "10.1.0.2 ttl 5");
	ck_assert_str_eq(asked("one.example", true), "10.1.0.2 ttl 5");        /* a zone with one plane */
	ck_assert_str_eq(asked("www.dyn.example", true), "10.1.0.1 10.1.0.2 ttl 5");
	all_found(VERDICT_DOWN);
	ck_assert_str_eq(asked("www.dyn.example", false), "nodata");
	ck_assert_str_eq(asked("www.dyn.example", true), "10.1.0.1 10.1.0.2 ttl 5");
	ck_assert_str_eq(asked("rr.dyn.example", true), "10.1.0.1 10.1.0.2 10.1.0.3 ttl 5");
	ck_assert_str_eq(asked("rr.dyn.example", true), "10.1.0.1 10.1.0.2 10.1.0.3 ttl 5");   /* and never turns */
	ck_assert_str_eq(asked("dyn.example", false), "10.1.0.1 10.1.0.3 ttl 5 ede");  /* all_down */
	ck_assert_str_eq(asked("dyn.example", true), "10.1.0.1 10.1.0.3 ttl 5");
	ck_assert_str_eq(asked("nothing.dyn.example", true), "rcode 3");
}
END_TEST

/* Names that lead into the zone, and names that lead out of it: only the zone that was asked is in that plane. */
START_TEST(chains_and_additional_addresses)
{
	const uint8_t *out = name_of("other.example"), *in = name_of("www.dyn.example");
	char srv[6 + DNAME_MAX] = { 0 };

	all_found(VERDICT_DOWN);
	update("in.dyn.example", TYPE_CNAME, (const char *)in, dname_length(in));
	update("out.dyn.example", TYPE_CNAME, (const char *)out, dname_length(out));
	memcpy(srv + 6, in, dname_length(in));
	update("srv.dyn.example", TYPE_SRV, srv, 6 + dname_length(in));
	memcpy(srv + 6, out, dname_length(out));
	update("srvout.dyn.example", TYPE_SRV, srv, 6 + dname_length(out));
	world_publish(lab.world, lab.now_us);
	found("db1/a pg", VERDICT_UP);
	decide_flush(lab.decide, lab.now_us);
	ck_assert_str_eq(asked("in.dyn.example", false), "10.1.0.1 ttl 5");
	ck_assert_str_eq(asked("in.dyn.example", true), "10.1.0.1 10.1.0.2 ttl 5");
	ck_assert_str_eq(asked("out.dyn.example", true), "10.1.0.1 ttl 5");
	ck_assert_str_eq(asked_type("srv.dyn.example", TYPE_SRV, false), "10.1.0.1 ttl 5");
	ck_assert_str_eq(asked_type("srv.dyn.example", TYPE_SRV, true), "10.1.0.1 10.1.0.2 ");       /* IPv6 behind */
	ck_assert_str_eq(asked_type("srvout.dyn.example", TYPE_SRV, true), "10.1.0.1 ");
}
END_TEST

/* What health changes is in the one plane alone: the step of the other has the SOAs, and both have the serial. */
START_TEST(a_flip_is_a_step_of_one_plane)
{
	uint32_t before;

	all_found(VERDICT_UP);
	number();
	follow_all();
	before = serial();
	found("db1/a pg", VERDICT_DOWN);
	decide_flush(lab.decide, lab.now_us);
	ck_assert(number());
	ck_assert_uint_eq(serial(), before + 1);
	ck_assert_int_eq(follow(false), TRANSFER_IXFR);
	ck_assert_int_eq(follow(true), TRANSFER_IXFR);
	ck_assert_uint_gt(lab.followers[0].gone, 0);
	ck_assert_uint_eq(lab.followers[1].gone + lab.followers[1].come, 0);
	check_followers();
	ck_assert(!number());
	found("db1/a pg", VERDICT_UP);         /* and back, before it is numbered */
	decide_flush(lab.decide, lab.now_us);
	found("db1/a pg", VERDICT_DOWN);
	decide_flush(lab.decide, lab.now_us);
	ck_assert(!number());
	ck_assert_uint_eq(serial(), before + 1);
}
END_TEST

/* A member that is down comes: the answers are the same, what is configured is not. */
START_TEST(members_are_a_step_of_the_other)
{
	const struct addr addr4[] = { { .family = 4, .bytes = { 10, 1, 0, 1 } }, { .family = 4, .bytes = { 10, 9, 0, 9 } } };
	uint32_t before;

	all_found(VERDICT_UP);
	number();
	follow_all();
	before = serial();
	world_put_configured(lab.world, service("www.dyn.example"), addr4, 2, NULL, 0);
	world_publish(lab.world, lab.now_us);
	ck_assert_str_eq(asked("www.dyn.example", true), "10.1.0.1 10.9.0.9 ttl 5");
	ck_assert_str_eq(asked("www.dyn.example", false), "10.1.0.1 ttl 5");
	ck_assert(number());
	ck_assert_uint_eq(serial(), before + 1);
	ck_assert_int_eq(follow(false), TRANSFER_IXFR);
	ck_assert_int_eq(follow(true), TRANSFER_IXFR);
	ck_assert_uint_eq(lab.followers[0].gone + lab.followers[0].come, 0);
	ck_assert_uint_eq(lab.followers[1].gone, 3);   /* an address, and both of IPv6 */
	ck_assert_uint_eq(lab.followers[1].come, 1);
	check_followers();
	world_put_configured(lab.world, service("www.dyn.example"), addr4, 2, NULL, 0);
	world_put_configured(lab.world, service("one.example"), addr4, 2, NULL, 0);
	world_publish(lab.world, lab.now_us);
	ck_assert(!number());
	ck_assert(!zone_has_planes(world_zone(lab.world, zone_index_of("one.example"))));
}
END_TEST

START_TEST(records_are_in_both)
{
	const struct node *n;
	const struct zone *z;

	all_found(VERDICT_UP);
	number();
	follow_all();
	update("www.dyn.example", TYPE_TXT, "\1a", 2);
	update("www.dyn.example", TYPE_A, "\12\0\0\1", 4);     /* governed: what health says stays */
	update("new.dyn.example", TYPE_A, "\12\0\0\2", 4);
	world_publish(lab.world, lab.now_us);
	z = world_zone(lab.world, dyn());
	n = zone_at(z, name_of("www.dyn.example"));
	ck_assert_ptr_nonnull(node_rrset(n, TYPE_TXT));
	ck_assert_ptr_nonnull(node_rrset(node_configured(z, n), TYPE_TXT));
	ck_assert_str_eq(asked("www.dyn.example", false), "10.1.0.1 ttl 5");
	ck_assert_str_eq(asked("new.dyn.example", false), "10.0.0.2 ttl 60");
	ck_assert_str_eq(asked("new.dyn.example", true), "10.0.0.2 ttl 60");
	ck_assert(number());
	follow_all();
	ck_assert_uint_eq(lab.followers[0].come, 2);
	ck_assert_uint_eq(lab.followers[1].come, 2);
	update("www.dyn.example", TYPE_TXT, NULL, 0);
	update("new.dyn.example", TYPE_A, NULL, 0);
	world_publish(lab.world, lab.now_us);
	ck_assert(number());
	follow_all();
	ck_assert_uint_eq(lab.followers[1].gone, 2);
	ck_assert_str_eq(asked("new.dyn.example", true), "rcode 3");
}
END_TEST

START_TEST(serials_that_updates_give)
{
	number();
	follow_all();
	update_soa(1000, 5);
	world_publish(lab.world, lab.now_us);
	ck_assert(number());
	ck_assert_uint_eq(serial(), 1000);
	follow_all();
	update_soa(2000, 5);                   /* with a change that follows by itself */
	all_found(VERDICT_DOWN);
	ck_assert(number());
	ck_assert_uint_eq(serial(), 2000);
	follow_all();
	update_soa(7, 6);                      /* no greater: the next one */
	world_publish(lab.world, lab.now_us);
	ck_assert(number());
	ck_assert_uint_eq(serial(), 2001);
	follow_all();
	update_soa(7, 6);
	world_publish(lab.world, lab.now_us);
	ck_assert(number());                   /* what was shown meanwhile is made good */
	ck_assert_uint_eq(serial(), 2002);
	ck_assert_uint_eq(zone_serial(world_zone(lab.world, dyn())), 2002);
	follow_all();
	ck_assert(!number());
}
END_TEST

/* ---- at random ---- */

static unsigned
below(unsigned n)
{
	return (unsigned)rand() % n;
}

static void
random_members(void)
{
	static const char *const names[] = { "www.dyn.example", "rr.dyn.example", "dyn.example" };
	struct addr addr4[4], addr6[4];
	size_t n4 = below(4), n6 = below(3);

	for (unsigned i = 0; i < 4; i++) {
		addr4[i] = (struct addr){ .family = 4, .bytes = { 10, 1, 0, (uint8_t)below(5) } };
		addr6[i] = (struct addr){ .family = 6, .bytes = { 0xfd, 0, (uint8_t)below(3) } };
	}
	world_put_configured(lab.world, service(names[below(3)]), addr4, n4, addr6, n6);
	world_publish(lab.world, lab.now_us);
}

static void
random_update(void)
{
	static const char *const names[] = { "www.dyn.example", "a.dyn.example", "b.a.dyn.example", "*.dyn.example", "dyn.example" };
	const char *name = names[below(5)], text[] = { 1, (char)('a' + below(3)) };

	if (below(20) == 0)
		update_soa(serial() + below(20) - 10, 5 + below(2));
	else if (below(2) == 0)
		update(name, TYPE_TXT, below(3) > 0 ? text : NULL, sizeof(text));
	else
		update(name, TYPE_A, below(3) > 0 ? "\12\0\0\1" : NULL, 4);
	world_publish(lab.world, lab.now_us);
}

static void
random_event(void)
{
	switch (below(8)) {
	case 0:
		random_members();
		break;
	case 1:
	case 2:
		random_update();
		break;
	default:
		found(lab.fleet->watches[below((unsigned)lab.fleet->nwatches)]->label, below(2) == 0 ? VERDICT_DOWN : VERDICT_UP);
		decide_flush(lab.decide, lab.now_us);
	}
}

START_TEST(secondaries_of_both_planes_follow)
{
	unsigned kinds[2][3] = { { 0 } };

	srand(1);
	number();
	follow_all();
	for (unsigned round = 0; round < 500; round++) {
		uint32_t before = serial();

		for (unsigned events = 1 + below(4); events > 0; events--)
			random_event();
		if (below(3) == 0)
			continue;
		if (number())
			ck_holds(serial_after(serial(), before));
		else
			ck_holds(serial() == before);
		for (unsigned plane = 0; plane < 2; plane++)
			if (below(3) > 0 || round == 499)
				kinds[plane][follow(plane)]++;
		if (lab.followers[0].serial == serial() && lab.followers[1].serial == serial())
			check_followers();
	}
	for (unsigned plane = 0; plane < 2; plane++)
		ck_assert(kinds[plane][TRANSFER_IXFR] > 50 && kinds[plane][TRANSFER_CURRENT] > 5);
}
END_TEST

/* What a transfer began with it ends with, whatever comes and goes meanwhile. */
START_TEST(a_transfer_holds_its_plane)
{
	const struct zone *z;
	struct records want;
	struct received got;
	struct request r;
	struct transfer *t;

	srand(7);
	all_found(VERDICT_UP);
	number();
	z = world_edition(lab.world, dyn())->zone;
	want = records_of_plane(z, true);
	request_make(&r, name_of("dyn.example"), TYPE_AXFR, false);
	snapshot_enter();
	t = transfer_new(world_edition(lab.world, dyn()), r.bytes, &r.q, 0, NULL, NULL, NULL, true);
	snapshot_leave();
	for (unsigned i = 0; i < 100; i++) {
		random_event();
		random_members();
		number();
	}
	grace();                               /* all that nobody holds is freed */
	got = receive(t, &r, 65535);
	transfer_free(t);
	ck_assert_uint_eq(got.count, want.count + 1);
	for (size_t i = 0; i + 1 < got.count; i++) {
		struct record one = record_of(got.all[i].owner, got.all[i].rr);

		ck_holds(records_take(&want, one));
		free(one.bytes);
	}
	received_free(&got);
	records_free(&want);
}
END_TEST

/* ---- over a reload ---- */

static void
conf_done(void *arg)
{
	conf_free(arg);
}

/* The same or another configuration takes over. Not compared: nothing is known of the zones as loaded. */
static void
reload(const char *text, bool compared, bool meanwhile)
{
	struct conf *conf = configured(text), *old_conf = lab.conf;
	struct zone **zones = zones_made(conf, 1);
	struct world_start *starts = compared ? starts_of(conf, zones) : NULL;
	struct world *old = lab.world;
	struct fleet *fleet;
	struct diag diag = { 0 };

	if (meanwhile) {                       /* since the zones were loaded */
		random_event();
		number();
	}
	fleet = fleet_new(conf, lab.checker, lab.overrides, lab.fleet, &diag);
	ck_assert_ptr_nonnull(fleet);
	fleet_take(fleet, lab.fleet);
	lab.fleet = fleet;
	lab.conf = conf;
	lab.world = world_new(conf, zones, starts, &(struct snapshot_terms){ .conf = conf }, old);
	decide_begin(lab.decide, fleet, lab.world, lab.now_us);
	world_starts_free(starts, conf->nzones);
	world_retire(old, conf_done, old_conf);
	lab.digests = compared;
}

static const char *const configs[] = {
	config, CONFIG("dynamic", "5", ", { server = \"db3\"; tier = 2; }"), CONFIG("dynamic", "7", ""), CONFIG("file", "5", "")
};

START_TEST(reloads_go_on_in_both)
{
	unsigned steps = 0;

	srand((unsigned)_i + 2);
	all_found(VERDICT_UP);
	number();
	follow_all();
	for (unsigned round = 0; round < 40; round++) {
		uint32_t before = serial();

		reload(configs[below(4)], _i == 0, true);
		ck_assert(serial() == before || serial_after(serial(), before));
		steps += follow(false) == TRANSFER_IXFR;
		steps += follow(true) == TRANSFER_IXFR;
		check_followers();
	}
	ck_assert_uint_gt(steps, 20);
}
END_TEST

/* Read again as it is, nothing has changed, in either plane. */
START_TEST(a_reload_without_a_change)
{
	uint32_t before;

	all_found(VERDICT_UP);
	found("db1/a pg", VERDICT_DOWN);
	decide_flush(lab.decide, lab.now_us);
	number();
	follow_all();
	before = serial();
	for (unsigned compared = 0; compared < 2; compared++) {
		reload(config, compared, false);
		ck_assert_uint_eq(serial(), before);
		ck_assert_int_eq(follow(true), TRANSFER_CURRENT);
		check_followers();
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("planes");
	TCase *t = tcase_create("planes");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_updater_sees_what_is_configured);
	tcase_add_test(t, chains_and_additional_addresses);
	tcase_add_test(t, a_flip_is_a_step_of_one_plane);
	tcase_add_test(t, members_are_a_step_of_the_other);
	tcase_add_test(t, records_are_in_both);
	tcase_add_test(t, serials_that_updates_give);
	tcase_add_test(t, secondaries_of_both_planes_follow);
	tcase_add_test(t, a_transfer_holds_its_plane);
	tcase_add_loop_test(t, reloads_go_on_in_both, 0, 2);
	tcase_add_test(t, a_reload_without_a_change);
	suite_add_tcase(s, t);
	return suite_run(s);
}
