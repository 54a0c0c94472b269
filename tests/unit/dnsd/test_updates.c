/* test_updates.c - updates from the handover and the API to a real disk, into a world, and their answers. */
#include "dnsd/updates.h"

#include <check.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/daemon_state.h"
#include "dnsd/edition.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "tests/unit/dnsd/lines.h"
#include "tests/unit/dnsd/rich.h"
#include "tests/unit/suite.h"

enum { MANY = 100, PATIENCE_S = 10 };
enum { FULL = 4096 };                  /* a file may not become longer: less than any page in a WAL needs, more than is logged */

static const char text[] =
	"keys = ( { name = \"one\"; algorithm = \"hmac-sha256\"; secret = \"c2VjcmV0IG9mIGtleSBvbmU=\"; },\n"
	"         { name = \"two\"; algorithm = \"hmac-sha256\"; secret = \"%s\"; } );\n"
	"zones = ( { name = \"example.com\"; type = \"dynamic\"; update = [ \"key:one\", \"key:two\" ]; notify_delay = \"60s\"; },\n"
	"          { name = \"example.net\"; type = \"catalog\"; transfer = [ \"key:one\" ]; } );\n";
static const char master[] = "$TTL 300\n@ SOA ns1 hostmaster 7 3600 900 604800 60\n@ NS ns1\nns1 A 192.0.2.53\n";

static char folder[64], error[ERROR_TEXT];
static struct daemon d;
static struct update_result last;
static unsigned ndone;

/* ---- the daemon, as far as updates know it ---- */

static struct conf *
conf_of(const char *secret)
{
	struct diag diag = { 0 };
	char *words;
	struct conf *conf;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	words = mem_printf(text, secret);
#pragma GCC diagnostic pop
	conf = conf_parse(words, strlen(words), "homing.conf", &diag);
	ck_assert_msg(conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "no conf");
	free(words);
	return conf;
}

static void
on_nothing(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* What the disk has. */
static struct zone *
loaded(const struct conf *conf)
{
	struct store_reader *r = NULL;
	struct zone *z = NULL;

	ck_assert_msg(store_reader_open(folder, &r, error, sizeof(error)) && r != NULL, "%s", error);
	ck_assert_msg(store_load(r, "example.com", conf->zones[0].name, &z, error, sizeof(error)), "%s", error);
	ck_assert_ptr_nonnull(z);
	store_reader_close(r);
	return z;
}

/* The world of conf, with what the store has; what there was before retires. */
static void
serve(struct conf *conf)
{
	struct terms *old_terms = d.terms;
	struct world *old = d.world;
	struct zone **zones = mem_array(2, sizeof(*zones));

	zones[0] = loaded(conf);
	zones[1] = rich_parse("example.net", master);
	d.conf = conf;
	d.terms = terms_new(conf, NULL, d.handover, ++d.terms_number, d.cookie_secret);
	d.world = world_new(conf, zones, NULL, &d.terms->snapshot, old);
	world_publish(d.world, clock_mono_us());
	world_retire(old, terms_free, old_terms);
}

static void
begin(void)
{
	d.handover = handover_new(d.base, daemon_on_handover, &d);
	d.updates = updates_new(&d, error, sizeof(error));
	ck_assert_msg(d.updates != NULL, "%s", error);
}

static void
end(void)
{
	updates_end(d.updates);
	updates_free(d.updates);
	handover_free(d.handover);
}

static void
setup(void)
{
	struct zone *seed = rich_parse("example.com", master);

	log_open(STDERR_FILENO, LOG_LEVEL_WARN);
	snapshot_open();
	strcpy(folder, "/tmp/homing-updates-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	d = (struct daemon){ .base = event_base_new() };
	TAILQ_INIT(&d.listeners);
	d.store = store_open(folder, error, sizeof(error));
	ck_assert_msg(d.store != NULL, "%s", error);
	d.overrides = overrides_new(d.store, error, sizeof(error));
	d.decide = decide_new(&daemon_decide_hooks, &d);
	d.due = evtimer_new(d.base, on_nothing, NULL);
	d.number = evtimer_new(d.base, on_nothing, NULL);
	ck_assert_msg(store_seed(d.store, "example.com", seed, false, error, sizeof(error)), "%s", error);
	zone_free(seed);
	begin();
	serve(conf_of("c2VjcmV0IG9mIGtleSB0d28="));
	ndone = 0;
}

static void
teardown(void)
{
	static const char *const names[] = { "homing.db", "homing.db-wal", "homing.db-shm", "homing.lock" };
	char path[128];

	end();
	decide_free(d.decide);
	world_retire(d.world, terms_free, d.terms);
	snapshot_close();
	overrides_free(d.overrides);
	store_close(d.store);
	event_free(d.due);
	event_free(d.number);
	event_base_free(d.base);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

static struct daemon_update_totals
totals(void)
{
	struct daemon_update_totals t;

	updates_totals(d.updates, &t);
	return t;
}

/* ---- updates ---- */

static const struct updater admin = { .admin = true };

static struct update *
update_of(const char *zone)
{
	uint8_t name[DNAME_MAX];

	dname_parse(zone, name);
	return update_new(name);
}

/* One change: of an address at name. */
static void
change(struct update *u, const char *name, unsigned rrclass, uint8_t host)
{
	const uint8_t address[4] = { 192, 0, 2, host };
	uint8_t wire[DNAME_MAX];

	dname_parse(name, wire);
	ck_assert(update_add(u, false, wire, TYPE_A, (uint16_t)rrclass, rrclass == CLASS_IN ? 60 : 0, address, sizeof(address)));
}

static struct update *
adding(const char *name, uint8_t host)
{
	struct update *u = update_of("example.com");

	change(u, name, CLASS_IN, host);
	return u;
}

/* How many addresses the name has in the published zone. */
static unsigned
addresses(const char *name)
{
	uint8_t wire[DNAME_MAX];
	const struct node *n;
	const struct rrset *a;

	dname_parse(name, wire);
	n = zone_at(world_zone(d.world, 0), wire);
	a = n != NULL ? node_rrset(n, TYPE_A) : NULL;
	return a != NULL ? a->count : 0;
}

static unsigned
stored(const char *name)
{
	struct zone *z = loaded(d.conf);
	uint8_t wire[DNAME_MAX];
	const struct node *n;
	const struct rrset *a;
	unsigned count;

	dname_parse(name, wire);
	n = zone_at(z, wire);
	a = n != NULL ? node_rrset(n, TYPE_A) : NULL;
	count = a != NULL ? a->count : 0;
	zone_free(z);
	return count;
}

static void
on_done(void *arg, const struct update_result *result, uint32_t serial)
{
	const char *name = arg;

	last = *result;
	ndone++;
	ck_assert_uint_eq(serial, result->rcode == RCODE_NOTAUTH ? 0 : 7);
	if (name != NULL && result->rcode == RCODE_NOERROR) {          /* acknowledged: durable, and seen */
		ck_assert_uint_gt(addresses(name), 0);
		ck_assert_uint_gt(stored(name), 0);
	}
}

static void
submit(struct update *u, const char *name)
{
	updates_submit(d.updates, u, &admin, "api test", on_done, (void *)(uintptr_t)name);
}

/* Turns of the loop until so many are done. */
static void
await(unsigned n)
{
	const struct timeval most = { PATIENCE_S, 0 };

	event_base_loopexit(d.base, &most);
	while (ndone < n && !event_base_got_exit(d.base))
		event_base_loop(d.base, EVLOOP_ONCE);
	ck_assert_uint_eq(ndone, n);
	ndone = 0;
}

START_TEST(test_applied)
{
	submit(adding("www.example.com", 1), "www.example.com");
	ck_assert_uint_eq(ndone, 0);           /* never in the same turn */
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(last.changed, 1);
	submit(adding("www.example.com", 1), "www.example.com");       /* again: a success without a change */
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(last.changed, 0);
	ck_assert_uint_eq(totals().updates, 2);
	ck_assert_uint_eq(totals().batches, 1);
	ck_assert_uint_eq(totals().records, 1);
	ck_assert_uint_ne(world_due_us(d.world), 0);   /* its serial follows */
}
END_TEST

START_TEST(test_refused)
{
	struct update *u = update_of("sub.example.com");

	change(u, "www.sub.example.com", CLASS_IN, 1);
	submit(u, NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOTAUTH);
	submit(update_of("example.net"), NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_REFUSED);
	submit(adding("www.example.org", 1), NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOTZONE);
	ck_assert_uint_eq(totals().refused, 3);
	ck_assert_uint_eq(totals().batches, 0);
}
END_TEST

/* What comes in one turn shares a transaction, and each sees what the one before it made. */
START_TEST(test_together)
{
	static char names[MANY][40];

	for (unsigned i = 0; i < MANY; i++) {
		struct update *u;
		uint8_t wire[DNAME_MAX];

		snprintf(names[i], sizeof(names[i]), "h%u.example.com", i);
		u = adding(names[i], (uint8_t)i);
		if (i > 0) {                   /* if the one before is there */
			dname_parse(names[i - 1], wire);
			ck_assert(update_add(u, true, wire, TYPE_A, CLASS_ANY, 0, NULL, 0));
		}
		submit(u, i % 10 == 0 ? names[i] : NULL);
	}
	await(MANY);
	ck_assert_uint_eq(totals().updates, MANY);
	ck_assert_uint_eq(totals().batches, 1);
	ck_assert_uint_eq(totals().records, MANY);
	ck_assert_uint_eq(world_publications(d.world), 2);
}
END_TEST

static struct update *
if_serial(struct update *u, uint32_t serial)
{
	u->has_serial = true;
	u->if_serial = serial;
	return u;
}

/* A change that says which serial it was made for is refused if that is not the serial of all there is: numbered, published, or
 * on its way to the disk. */
START_TEST(test_if_serial)
{
	struct update *back = update_of("example.com");

	submit(if_serial(update_of("example.com"), 7), NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
	submit(if_serial(adding("www.example.com", 1), 8), NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NXRRSET);
	ck_assert_ptr_eq(last.why, daemon_other_serial);
	submit(adding("www.example.com", 1), NULL);
	submit(if_serial(adding("www.example.com", 2), 7), NULL);      /* its neighbour was first */
	await(2);
	ck_assert_ptr_eq(last.why, daemon_other_serial);
	submit(if_serial(adding("www.example.com", 2), 7), NULL);      /* which has no serial yet */
	await(1);
	ck_assert_ptr_eq(last.why, daemon_other_serial);
	ck_assert_uint_eq(addresses("www.example.com"), 1);
	change(back, "www.example.com", CLASS_NONE, 1);
	submit(back, NULL);
	await(1);
	submit(if_serial(update_of("example.com"), 7), NULL);          /* all is again as it was */
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
}
END_TEST

/* Those that gather while the disk works are the next batch. */
START_TEST(test_next_batch)
{
	submit(adding("first.example.com", 1), "first.example.com");
	event_base_loop(d.base, EVLOOP_NONBLOCK);      /* it is on its way, or there */
	for (unsigned i = 0; i < 2; i++)
		submit(adding(i == 0 ? "second.example.com" : "third.example.com", 1), "second.example.com");
	await(3);
	ck_assert_uint_eq(totals().batches, 2);
}
END_TEST

/* The disk is full, and then it is not. All of a batch is refused, nothing of it is seen, and it is said twice. */
START_TEST(test_disk_full)
{
	const struct rlimit full = { FULL, RLIM_INFINITY }, room = { RLIM_INFINITY, RLIM_INFINITY };
	uint64_t before = world_publications(d.world);

	signal(SIGXFSZ, SIG_IGN);
	lines_begin(LOG_LEVEL_INFO);
	setrlimit(RLIMIT_FSIZE, &full);
	for (unsigned i = 0; i < 3; i++) {
		submit(adding("www.example.com", (uint8_t)i), NULL);
		submit(adding("www.example.org", (uint8_t)i), NULL);
		await(2);
		ck_assert_uint_eq(last.rcode, RCODE_SERVFAIL);
	}
	setrlimit(RLIMIT_FSIZE, &room);
	ck_assert_uint_eq(addresses("www.example.com"), 0);
	ck_assert_uint_eq(stored("www.example.com"), 0);
	ck_assert_uint_eq(world_publications(d.world), before);
	ck_assert_uint_eq(totals().failed, 6);
	ck_assert(!totals().disk_ok);
	submit(adding("www.example.com", 1), "www.example.com");
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
	ck_assert(totals().disk_ok);
	ck_assert_uint_eq(lines_count("updates are refused (SERVFAIL) until it works again"), 1);
	ck_assert_uint_eq(lines_count("updates are stored again"), 1);
	lines_end();
}
END_TEST

START_TEST(test_settle)
{
	for (unsigned i = 0; i < MANY; i++)
		submit(adding("www.example.com", (uint8_t)i), "www.example.com");
	event_base_loop(d.base, EVLOOP_NONBLOCK);
	for (unsigned i = 0; i < MANY; i++)
		submit(adding("www.example.com", (uint8_t)(100 + i)), "www.example.com");
	updates_settle(d.updates);
	ck_assert_uint_eq(ndone, 2 * MANY);
	ck_assert_uint_eq(addresses("www.example.com"), 2 * MANY);
}
END_TEST

/* ---- leases ---- */

static struct update *
leased(const char *name, uint8_t host, uint32_t lease_s)
{
	struct update *u = adding(name, host);

	u->has_lease = true;
	u->lease_s = u->key_lease_s = lease_s;
	return u;
}

static void
turns_until_gone(const char *name)
{
	const struct timeval most = { PATIENCE_S, 0 };

	event_base_loopexit(d.base, &most);
	while (addresses(name) > 0 && !event_base_got_exit(d.base))
		event_base_loop(d.base, EVLOOP_ONCE);
	ck_assert_uint_eq(addresses(name), 0);
}

START_TEST(test_lease_ends)
{
	uint64_t start_ms = clock_wall_ms();

	submit(leased("a.example.com", 1, 3600), "a.example.com");
	submit(leased("b.example.com", 1, 1), "b.example.com");
	submit(leased("c.example.com", 1, 1), "c.example.com");
	submit(adding("d.example.com", 1), "d.example.com");
	submit(leased("ns1.example.com", 53, 1), "ns1.example.com");
	await(5);
	ck_assert_uint_eq(totals().leases, 4);
	submit(adding("c.example.com", 1), "c.example.com");           /* it stays after all */
	submit(leased("ns1.example.com", 53, 3600), "ns1.example.com");        /* renewed */
	await(2);
	ck_assert_uint_eq(totals().leases, 3);
	turns_until_gone("b.example.com");
	ck_assert_uint_ge(clock_wall_ms() - start_ms, 1000);
	ck_assert_uint_eq(stored("b.example.com"), 0);
	ck_assert_uint_eq(totals().leases, 2);
	ck_assert_uint_eq(addresses("a.example.com") + addresses("c.example.com") + addresses("d.example.com") + addresses("ns1.example.com"), 4);
}
END_TEST

/* Deleted in any way, a record has no lease any more; nor has one that did not come to be. */
START_TEST(test_lease_goes_with_its_record)
{
	static const char *const names[] = { "a.example.com", "b.example.com", "c.example.com" };
	uint8_t wire[DNAME_MAX];
	struct update *u;

	for (unsigned i = 0; i < 3; i++)
		submit(leased(names[i], 1, 3600), names[i]);
	await(3);
	ck_assert_uint_eq(totals().leases, 3);
	u = update_of("example.com");
	change(u, names[0], CLASS_NONE, 1);
	dname_parse(names[1], wire);
	update_add(u, false, wire, TYPE_A, CLASS_ANY, 0, NULL, 0);
	dname_parse(names[2], wire);
	update_add(u, false, wire, TYPE_ANY, CLASS_ANY, 0, NULL, 0);
	submit(u, NULL);
	await(1);
	ck_assert_uint_eq(totals().leases, 0);
	u = leased("alias.example.com", 1, 3600);
	dname_parse("alias.example.com", wire);
	update_add(u, false, wire, TYPE_CNAME, CLASS_IN, 60, d.conf->zones[0].name, dname_length(d.conf->zones[0].name));
	submit(u, NULL);
	await(1);
	ck_assert_uint_eq(last.rcode, RCODE_NOERROR);
	ck_assert_uint_eq(totals().leases, 1);
}
END_TEST

/* What was leased before a restart ends behind it; on a full disk it stays until that has room. */
START_TEST(test_lease_outlives_a_restart)
{
	const struct rlimit full = { FULL, RLIM_INFINITY }, room = { RLIM_INFINITY, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	submit(leased("a.example.com", 1, 1), "a.example.com");
	submit(leased("b.example.com", 1, 3600), "b.example.com");
	await(2);
	end();
	begin();
	ck_assert_uint_eq(totals().leases, 2);
	d.terms->snapshot.handover = d.handover;
	lines_begin(LOG_LEVEL_INFO);
	setrlimit(RLIMIT_FSIZE, &full);
	for (uint64_t until_ms = clock_wall_ms() + 1300; clock_wall_ms() < until_ms;)
		event_base_loop(d.base, EVLOOP_NONBLOCK);
	setrlimit(RLIMIT_FSIZE, &room);
	ck_assert_uint_eq(addresses("a.example.com"), 1);
	ck_assert_uint_eq(totals().leases, 2);
	turns_until_gone("a.example.com");
	lines_end();
	ck_assert_uint_eq(totals().leases, 1);
	ck_assert_uint_eq(addresses("b.example.com"), 1);
}
END_TEST

/* ---- messages ---- */

static uint8_t message[1024], reply[ANSWER_TCP_MAX];
static size_t reply_size;
static unsigned nreplies, ndropped;
static struct tsig exchange;

static void
kept_send(struct way_back *w, const uint8_t *bytes, size_t size)
{
	memcpy(reply, bytes, size);
	reply_size = size;
	nreplies++;
	free(w);
}

static void
kept_drop(struct way_back *w)
{
	ndropped++;
	free(w);
}

/* An update of one address, with EDNS and a lease, in message. */
static size_t
message_write(const char *name, uint8_t host)
{
	const struct ask a = { .name = "Example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE };
	const uint8_t address[4] = { 192, 0, 2, host };
	uint8_t wire[DNAME_MAX];
	size_t n = ask_write(&a, message, sizeof(message));
	struct wr w = wr_begin(message + n, sizeof(message) - n);

	dname_parse(name, wire);
	be16_put(message + 8, 1);
	be16_put(message + 10, 1);
	wr_bytes(&w, wire, dname_length(wire));
	wr_u16(&w, TYPE_A);
	wr_u16(&w, CLASS_IN);
	wr_u32(&w, 60);
	wr_u16(&w, 4);
	wr_bytes(&w, address, 4);
	wr_u8(&w, 0);
	wr_u16(&w, TYPE_OPT);
	wr_u16(&w, 1232);
	wr_u32(&w, 0);
	wr_u16(&w, 8);
	wr_u16(&w, OPTION_LEASE);
	wr_u16(&w, 4);
	wr_u32(&w, 3600);
	return n + wr_size(&w);
}

/* message, of size bytes, signed, into the handover, as the configuration of that number verified it. */
static void
hand_over(size_t size, const struct terms *terms, unsigned key, uint64_t number)
{
	struct way_back *back = mem_alloc(sizeof(*back));
	uint32_t now_s = (uint32_t)(clock_wall_ms() / 1000);
	struct handed h = { .client = { .family = 4, .bytes = { 127, 0, 0, 1 } }, .transport = TRANSPORT_UDP, .terms_number = number, .back = back };
	struct question q;
	enum rcode rcode;

	*back = (struct way_back){ kept_send, kept_drop };
	tsig_begin(&exchange, &terms->conf->keys[key]);
	h.size = tsig_sign_request(&exchange, terms->keys, message, size, sizeof(message), now_s);
	h.message = malloc(h.size);
	memcpy(h.message, message, h.size);
	ck_assert(question_read(&q, message, h.size, &rcode) && q.tsig_at > 0);
	ck_assert(tsig_verify_request(&h.tsig, terms->keys, h.message, h.size, q.tsig_at, now_s));
	ck_assert_int_eq(h.tsig.error, TSIG_NOERROR);
	h.is_signed = true;
	nreplies = ndropped = 0;
	ck_assert(handover_put(d.handover, &h));
}

static void
await_reply(void)
{
	const struct timeval most = { PATIENCE_S, 0 };

	event_base_loopexit(d.base, &most);
	while (nreplies == 0 && !event_base_got_exit(d.base))
		event_base_loop(d.base, EVLOOP_ONCE);
	ck_assert_uint_eq(nreplies, 1);
	ck_assert_mem_eq(reply, message, 2);
	ck_assert(message_whole(reply, reply_size));
}

static void
genuine(void)
{
	const char *why = NULL;

	ck_assert_msg(tsig_verify_answer(&exchange, d.terms->keys, reply, reply_size, clock_wall_ms() / 1000, &why), "%s", why);
}

/* Signed, with the zone section as it was sent, and the lease that was asked for. */
START_TEST(test_message)
{
	static const uint8_t lease[] = { 0, OPTION_LEASE, 0, 4, 0, 0, 14, 16 };

	hand_over(message_write("www.example.com", 1), d.terms, 0, d.terms_number);
	await_reply();
	genuine();
	ck_assert_uint_eq(be16_get(reply + 2), FLAG_QR | OPCODE_UPDATE);
	ck_assert_mem_eq(reply + 12, message + 12, 17);
	ck_assert_mem_eq(reply + 12 + 17 + 11, lease, sizeof(lease));
	ck_assert_uint_eq(addresses("www.example.com"), 1);
	ck_assert_uint_eq(stored("www.example.com"), 1);
	ck_assert_uint_eq(totals().leases, 1);
}
END_TEST

/* The RCODE and its reason, which is an extended error; no lease then. */
START_TEST(test_message_refused)
{
	hand_over(message_write("www.example.org", 1), d.terms, 1, d.terms_number);
	await_reply();
	genuine();
	ck_assert_uint_eq(reply[3] & 15, RCODE_NOTZONE);
	ck_assert_uint_eq(be16_get(reply + 12 + 17 + 11), OPTION_ERROR);
	ck_assert_uint_eq(totals().refused, 1);
}
END_TEST

START_TEST(test_message_malformed)
{
	size_t n = message_write("www.example.com", 1);

	message[12 + 17 + 17 + 1] = 15;        /* an MX, whose name is not whole */
	hand_over(n, d.terms, 0, d.terms_number);
	await_reply();
	ck_assert_uint_eq(reply[3] & 15, RCODE_FORMERR);
}
END_TEST

/* A reload came between: who signed it well by the new configuration may; who did not is told so. */
START_TEST(test_message_over_a_reload)
{
	size_t n = message_write("www.example.com", 1);

	hand_over(n, d.terms, (unsigned)_i, d.terms_number);
	submit(adding("api.example.com", 1), "api.example.com");
	updates_settle(d.updates);             /* what was submitted is done; what is in the handover is left for the next world */
	ck_assert_uint_eq(ndone, 1);
	ck_assert_uint_eq(nreplies, 0);
	serve(conf_of("YW5vdGhlciBzZWNyZXQ="));
	await_reply();
	if (_i == 0) {                         /* the key is as it was */
		ck_assert_uint_eq(reply[3] & 15, RCODE_NOERROR);
		ck_assert_uint_eq(addresses("www.example.com"), 1);
	} else {
		ck_assert_uint_eq(reply[3] & 15, RCODE_NOTAUTH);
		ck_assert_uint_eq(addresses("www.example.com"), 0);
		ck_assert_uint_eq(be16_get(reply + reply_size - 4), TSIG_BADSIG);
	}
}
END_TEST

/* At the end everything that was handed over has got its answer, and nothing more is taken. */
START_TEST(test_end)
{
	struct handed none = { .size = 12 };

	for (unsigned i = 0; i < MANY; i++) {
		hand_over(message_write("www.example.com", (uint8_t)i), d.terms, 0, d.terms_number);
		ck_assert_uint_eq(nreplies, 0);
	}
	updates_end(d.updates);
	ck_assert_uint_eq(nreplies, MANY);
	ck_assert_uint_eq(ndropped, 0);
	ck_assert_uint_eq(addresses("www.example.com"), MANY);
	ck_assert(!handover_put(d.handover, &none));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("updates");
	TCase *t = tcase_create("updates");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_applied);
	tcase_add_test(t, test_refused);
	tcase_add_test(t, test_together);
	tcase_add_test(t, test_if_serial);
	tcase_add_test(t, test_next_batch);
	tcase_add_test(t, test_disk_full);
	tcase_add_test(t, test_settle);
	tcase_add_test(t, test_lease_ends);
	tcase_add_test(t, test_lease_goes_with_its_record);
	tcase_add_test(t, test_lease_outlives_a_restart);
	tcase_add_test(t, test_message);
	tcase_add_test(t, test_message_refused);
	tcase_add_test(t, test_message_malformed);
	tcase_add_loop_test(t, test_message_over_a_reload, 0, 2);
	tcase_add_test(t, test_end);
	suite_add_tcase(s, t);
	return suite_run(s);
}
