/* test_edns.c - options in, options out: what each transport and each client is told, at every size. */
#include <check.h>

#include "dnsd/cookie.h"
#include "dnsd/edns.h"
#include "dnsd/limit.h"
#include "tests/unit/dnsd/rich.h"
#include "tests/unit/suite.h"

enum { NOW_S = 1700000000, IDLE_100MS = 123 };

static const uint8_t secrets[2][16] = { "the first secret", "the one before" };
static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };

static struct rich rich;
static uint8_t query[1400], reply[ANSWER_TCP_MAX];
static size_t query_size;
static struct answer_job job;
static uint64_t now_ms;

static void
setup(void)
{
	rich_make(&rich);
	rich.snapshot->terms.cookie_secrets = secrets;
	rich.snapshot->terms.ncookie_secrets = 2;
	rich.snapshot->terms.tcp_idle_100ms = IDLE_100MS;
	now_ms = 5000;
}

static void
teardown(void)
{
	limit_free(rich.snapshot->terms.limit);
	rich_free(&rich);
}

/* Ends the edit of one of the zones, and publishes what it gave. */
static void
replace(unsigned zone, struct zone_edit *e)
{
	struct garbage *garbage;

	rich.zones[zone] = zone_commit(e, &garbage);
	garbage_free(garbage);
	zone_set_free(rich.snapshot->zones);
	rich.snapshot->zones = zone_set_new(rich.zones, RICH_ZONES);
}

/* ---- asking ---- */

/* A query with an OPT that has these options; ask() sends it. */
static void
begin(const char *name, uint16_t type, const void *options, size_t size)
{
	query_size = ask_write(&(struct ask){ .name = name, .type = type, .udp_size = 1232 }, query, sizeof(query));
	memcpy(query + query_size, options, size);
	be16_put(query + query_size - 2, (unsigned)size);
	query_size += size;
}

static size_t
ask(enum transport t)
{
	const struct answer_terms terms = { .transport = t, .now_s = NOW_S, .now_ms = now_ms };

	memset(reply, 0xAA, t == TRANSPORT_UDP ? ANSWER_UDP_MAX + 1 : sizeof(reply));
	job = (struct answer_job){ .query = query, .size = query_size, .client = &client, .out = reply, .reserve = job.reserve };
	answer_one(rich.snapshot, &terms, &job);
	if (job.answered > 0 && !message_whole(reply, job.answered))
		ck_abort_msg("no whole message");
	return job.answered;
}

static size_t
told(const char *name, uint16_t type, enum transport t, const void *options, size_t size)
{
	begin(name, type, options, size);
	return ask(t);
}

/* A cookie that we have just made for the client. */
static void
our_cookie(uint8_t out[COOKIE_SIZE])
{
	const struct cookie_terms terms = { .secrets = secrets, .nsecrets = 2, .client = &client, .now_s = NOW_S };

	cookie_judge(&terms, (const uint8_t *)"mycookie", COOKIE_CLIENT, out);
}

/* ---- answers ---- */

/* The OPT of the last answer: its last record, for nothing here is signed. NULL: none. */
static const uint8_t *
opt(void)
{
	size_t at = HEADER_SIZE;

	if (be16_get(reply + 10) == 0)
		return NULL;
	if (be16_get(reply + 4) == 1) {
		message_name(reply, job.answered, &at);
		at += 4;
	}
	for (unsigned n = be16_get(reply + 6) + be16_get(reply + 8) + be16_get(reply + 10); n > 1; n--) {
		message_name(reply, job.answered, &at);
		at += 10u + be16_get(reply + at + 8);
	}
	return reply[at] == 0 && be16_get(reply + at + 1) == TYPE_OPT ? reply + at : NULL;
}

static unsigned
rcode(void)
{
	const uint8_t *o = opt();

	return (reply[3] & 15u) | (o != NULL ? o[5] * 16u : 0);
}

/* The option's data in the last answer, *size of them; NULL: it has none, or no OPT. Whole options alone pass. */
static const uint8_t *
option(uint16_t code, size_t *size)
{
	const uint8_t *o = opt(), *found = NULL;

	*size = 0;
	if (o == NULL)
		return NULL;
	struct rd r = rd_begin(o + 11, be16_get(o + 9));

	while (rd_left(&r) > 0) {
		uint16_t c = rd_u16(&r), n = rd_u16(&r);
		const uint8_t *data = rd_bytes(&r, n);

		ck_assert(!r.bad);
		if (c == code) {
			ck_assert_ptr_null(found);
			found = data;
			*size = n;
		}
	}
	return found;
}

static bool
has(uint16_t code)
{
	size_t size;

	return option(code, &size) != NULL;
}

static int
error_code(void)
{
	size_t size;
	const uint8_t *data = option(OPTION_ERROR, &size);

	return data == NULL ? -1 : be16_get(data);
}

#define OPTIONS(o) (o), sizeof(o) - 1
#define ASKS_NSID "\0\3\0\0"
#define ASKS_COOKIE "\0\12\0\10mycookie"
#define ASKS_KEEPALIVE "\0\13\0\0"
#define ASKS_PADDING "\0\14\0\3\0\0\0"
#define UNKNOWN "\xFD\xE9\0\4abcd"

/* ---- who gets which ---- */

START_TEST(test_each_transport)
{
	static const struct { enum transport t; bool keepalive, padding; } due[] = {
		{ TRANSPORT_UDP, false, false }, { TRANSPORT_TCP, true, false }, { TRANSPORT_TLS, true, true }
	};
	size_t size;

	for (size_t i = 0; i < 3; i++) {
		told("www.example.com", TYPE_A, due[i].t, OPTIONS(UNKNOWN ASKS_PADDING ASKS_NSID ASKS_KEEPALIVE ASKS_COOKIE UNKNOWN));
		ck_assert_uint_eq(rcode(), RCODE_NOERROR);
		ck_assert_mem_eq(option(OPTION_NSID, &size), "node-a", 6);
		ck_assert_uint_eq(size, 6);
		ck_assert_mem_eq(option(OPTION_COOKIE, &size), "mycookie\1\0\0\0", 12);
		ck_assert_uint_eq(size, COOKIE_SIZE);
		ck_assert_int_eq(has(OPTION_KEEPALIVE), due[i].keepalive);
		if (due[i].keepalive) {
			ck_assert_mem_eq(option(OPTION_KEEPALIVE, &size), "\0\173", 2);
			ck_assert_uint_eq(size, 2);
		}
		ck_assert_int_eq(has(OPTION_PADDING), due[i].padding);
		ck_assert(!has(0xFDE9));

		told("www.example.com", TYPE_A, due[i].t, "", 0);
		ck_assert_uint_eq(be16_get(opt() + 9), 0);
	}
}
END_TEST

START_TEST(test_nothing_unless_configured)
{
	memset(&rich.snapshot->terms, 0, sizeof(rich.snapshot->terms));
	rich.snapshot->nsid_size = 0;
	told("www.example.com", TYPE_A, TRANSPORT_TCP, OPTIONS(ASKS_NSID ASKS_KEEPALIVE ASKS_COOKIE));
	ck_assert_uint_eq(be16_get(opt() + 9), 0);
}
END_TEST

START_TEST(test_keepalive_with_a_time)
{
	for (enum transport t = TRANSPORT_UDP; t <= TRANSPORT_TLS; t++) {
		told("www.example.com", TYPE_A, t, OPTIONS("\0\13\0\2\0\1"));
		ck_assert_uint_eq(rcode(), t == TRANSPORT_UDP ? RCODE_NOERROR : RCODE_FORMERR);
		ck_assert(!has(OPTION_KEEPALIVE));
	}
	rich.snapshot->terms.tcp_idle_100ms = 70000;
	told("www.example.com", TYPE_A, TRANSPORT_TCP, OPTIONS(ASKS_KEEPALIVE));
	size_t size;
	ck_assert_mem_eq(option(OPTION_KEEPALIVE, &size), "\xFF\xFF", 2);
}
END_TEST

/* Of 468, its multiples, or all there is; with what a signature will add. */
START_TEST(test_padding)
{
	size_t size;

	for (size_t reserve = 0; reserve <= 500; reserve += 20) {
		job.reserve = reserve;
		ck_assert_uint_eq((told("www.example.com", TYPE_A, TRANSPORT_TLS, OPTIONS(ASKS_PADDING)) + reserve) % 468, 0);
		ck_assert_uint_le(job.answered + reserve, reserve < 400 ? 468 : 936);
		ck_assert_uint_eq((told("sixty.example.com", TYPE_A, TRANSPORT_TLS, OPTIONS(ASKS_PADDING ASKS_COOKIE)) + reserve) % 468, 0);
		ck_assert_uint_eq((told("vast.example.com", TYPE_TXT, TRANSPORT_TLS, OPTIONS(ASKS_PADDING)) + reserve) % 468, 0);
		const uint8_t *padding = option(OPTION_PADDING, &size);

		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(padding[i], 0);
	}
	job.reserve = 0;
	ck_assert_uint_lt(told("www.example.com", TYPE_A, TRANSPORT_TCP, OPTIONS(ASKS_PADDING)), 100);
}
END_TEST

/* An answer of each length: all are multiples, without a gap. */
START_TEST(test_padding_at_each_size)
{
	uint8_t name[DNAME_MAX];
	struct rrbuf *b = rrbuf_new();
	struct zone_edit *e = zone_edit(rich.zones[1]);
	uint8_t text[256];

	memset(text, 't', sizeof(text));
	for (unsigned n = 1; n <= 240; n++) {
		char owner[40];

		snprintf(owner, sizeof(owner), "t%03u.example.net", n);
		rrbuf_begin(b, TYPE_TXT, CLASS_IN, 5);
		for (unsigned i = 0; i < 2; i++) {
			text[0] = (uint8_t)(n + i);
			rrbuf_add(b, text, n + 1u + i);
		}
		zone_put(e, rich_name(owner, name), b);
	}
	rrbuf_free(b);
	replace(1, e);
	for (unsigned n = 1; n <= 240; n++) {
		char owner[40];

		snprintf(owner, sizeof(owner), "t%03u.example.net", n);
		size_t size = told(owner, TYPE_TXT, TRANSPORT_TLS, OPTIONS(ASKS_PADDING));

		ck_assert_uint_eq(rcode(), RCODE_NOERROR);
		ck_assert_uint_eq(size % 468, 0);
		ck_assert_uint_eq(size, 12 + 18 + 4 + 2 * (12 + n + 1) + 1 + 11 + 4 <= 468 ? 468 : 936);
	}
}
END_TEST

/* ---- cookies ---- */

START_TEST(test_cookies)
{
	uint8_t options[4 + COOKIE_SIZE] = { 0, OPTION_COOKIE, 0, COOKIE_SIZE };
	size_t size;

	our_cookie(options + 4);
	for (enum transport t = TRANSPORT_UDP; t <= TRANSPORT_TLS; t++) {
		told("www.example.com", TYPE_A, t, OPTIONS(ASKS_COOKIE));
		ck_assert_mem_eq(option(OPTION_COOKIE, &size), options + 4, COOKIE_SIZE);
		told("www.example.com", TYPE_A, t, options, sizeof(options));
		ck_assert_mem_eq(option(OPTION_COOKIE, &size), options + 4, COOKIE_SIZE);
	}
	options[27] ^= 1;                      /* a wrong one is answered, with a right one */
	told("www.example.com", TYPE_A, TRANSPORT_UDP, options, sizeof(options));
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(be16_get(reply + 6), 1);
	options[27] ^= 1;
	ck_assert_mem_eq(option(OPTION_COOKIE, &size), options + 4, COOKIE_SIZE);
	/* also with whatever else is wrong */
	told("nothing.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE));
	ck_assert(rcode() == RCODE_NXDOMAIN && has(OPTION_COOKIE));
	told("elsewhere.test", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE));
	ck_assert(rcode() == RCODE_REFUSED && has(OPTION_COOKIE));
	told("vast.example.com", TYPE_TXT, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE));
	ck_assert((reply[2] & 2) != 0 && has(OPTION_COOKIE));
}
END_TEST

/* RFC 7873, 5.4: what is our cookie? Is mine still good? */
START_TEST(test_cookie_without_question)
{
	static const unsigned due[] = { RCODE_NOERROR, RCODE_NOERROR, RCODE_BADCOOKIE, RCODE_FORMERR };
	uint8_t options[4 + COOKIE_SIZE] = { 0, OPTION_COOKIE, 0, COOKIE_SIZE };

	our_cookie(options + 4);
	for (int i = 0; i < 4; i++) {
		if (i == 2)
			options[27] ^= 1;
		if (i == 3)
			rich.snapshot->terms.cookie_secrets = NULL;
		begin(".", TYPE_A, options, sizeof(options));
		if (i == 0) {                  /* the client's half */
			begin(".", TYPE_A, options, 4 + COOKIE_CLIENT);
			be16_put(query + query_size - COOKIE_CLIENT - 2, COOKIE_CLIENT);
		}
		memmove(query + HEADER_SIZE, query + HEADER_SIZE + 5, query_size - HEADER_SIZE - 5);
		query_size -= 5;
		query[5] = 0;
		size_t size = ask(TRANSPORT_UDP);

		ck_assert_uint_eq(rcode(), due[i]);
		ck_assert_uint_eq(size, i < 3 ? 12 + 11 + 28 : 12 + 11);
		ck_assert(i == 3 || memcmp(reply + size - COOKIE_SIZE, "mycookie\1", 9) == 0);
		ck_assert_uint_eq(be16_get(reply + 4), 0);
		ck_assert_int_eq(has(OPTION_COOKIE), i < 3);
		ck_assert_uint_eq(reply[2] & 4, 0);
	}
}
END_TEST

/* ---- extended errors ---- */

static void
mark_down(const char *service, unsigned flags)
{
	uint8_t name[DNAME_MAX];
	struct zone_edit *e = zone_edit(rich.zones[0]);

	zone_mark_service(e, rich_name(service, name), flags);
	replace(0, e);
}

START_TEST(test_errors)
{
	static const struct { const char *name; uint16_t type, class; int error; } rows[] = {
		{ "www.example.com", TYPE_A, CLASS_IN, -1 },
		{ "nothing.example.com", TYPE_A, CLASS_IN, -1 },
		{ "vast.example.com", TYPE_TXT, CLASS_IN, -1 },
		{ "www.elsewhere.test", TYPE_A, CLASS_IN, ERROR_NOT_AUTHORITATIVE },
		{ "www.example.com", TYPE_A, 4, ERROR_NOT_SUPPORTED },
		{ "www.example.com", 254, CLASS_IN, ERROR_NOT_SUPPORTED },
		{ "www.example.com", 128, CLASS_IN, -1 },
		{ "version.bind", TYPE_TXT, CLASS_CH, -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(rows[i].name, rows[i].type, "", 0);
		be16_put(query + query_size - 13, rows[i].class);
		ask(TRANSPORT_UDP);
		ck_assert_int_eq(error_code(), rows[i].error);
	}
}
END_TEST

START_TEST(test_all_down)
{
	static const struct { unsigned down; bool a, aaaa; } rows[] = {
		{ 0, false, false }, { NODE_ALL_DOWN4, true, false }, { NODE_ALL_DOWN6, false, true }, { NODE_ALL_DOWN4 | NODE_ALL_DOWN6, true, true }
	};
	size_t size;

	for (size_t i = 0; i < 4; i++) {
		mark_down("fixed.example.com", rows[i].down);
		told("fixed.example.com", TYPE_A, TRANSPORT_UDP, "", 0);
		ck_assert_uint_eq(be16_get(reply + 6), 3);
		ck_assert_int_eq(error_code(), rows[i].a ? ERROR_OTHER : -1);
		if (rows[i].a) {
			const uint8_t *data = option(OPTION_ERROR, &size);

			ck_assert_uint_eq(size, 2 + 42);
			ck_assert_mem_eq(data + 2, "no member is up: answered as all_down says", 42);
		}
		told("fixed.example.com", TYPE_AAAA, TRANSPORT_UDP, "", 0);    /* NODATA, which all_down = "empty" makes too */
		ck_assert_int_eq(error_code(), rows[i].aaaa ? ERROR_OTHER : -1);
		told("fixed.example.com", TYPE_TXT, TRANSPORT_UDP, "", 0);
		ck_assert_int_eq(error_code(), -1);
	}
	query_size = ask_write(&(struct ask){ .name = "fixed.example.com", .type = TYPE_A }, query, sizeof(query));
	ask(TRANSPORT_UDP);
	ck_assert_ptr_null(opt());             /* only to clients with EDNS */
}
END_TEST

/* Explaining takes no room from what is explained, and neither is cut. */
START_TEST(test_errors_at_each_size)
{
	const size_t whole = 12 + 23 + 60 * 16 + 11;
	bool explained = false;

	mark_down("sixty.example.com", NODE_ALL_DOWN4);
	for (size_t udp = 512; udp <= 1232; udp++) {
		begin("sixty.example.com", TYPE_A, "", 0);
		be16_put(query + query_size - 8, (unsigned)udp);
		size_t size = ask(TRANSPORT_UDP);

		ck_assert_uint_le(size, udp);
		ck_assert_uint_eq(be16_get(reply + 6), udp >= whole ? 60 : 0);
		ck_assert_int_eq((reply[2] & 2) != 0, udp < whole);
		ck_assert_int_eq(error_code(), udp < whole || udp >= whole + 4 + 2 + 42 ? ERROR_OTHER : -1);
		ck_assert_uint_eq(reply[size], 0xAA);
		explained = explained || (udp >= whole && error_code() == ERROR_OTHER);
	}
	ck_assert(explained);
}
END_TEST

/* ---- private zones ---- */

START_TEST(test_private_zones)
{
	const struct answer_terms terms = { .transport = TRANSPORT_UDP };

	zone_set_private(rich.zones[1]);
	told("host.example.net", TYPE_A, TRANSPORT_UDP, "", 0);
	ck_assert(job.aside && job.answered == 0);
	told("nothing.example.net", TYPE_A, TRANSPORT_TCP, "", 0);
	ck_assert(job.aside && job.answered == 0);
	told("www.example.com", TYPE_A, TRANSPORT_UDP, "", 0);
	ck_assert(!job.aside && be16_get(reply + 6) == 1);
	told("cross.example.com", TYPE_A, TRANSPORT_UDP, "", 0);       /* a CNAME leads there, and goes out alone */
	ck_assert(!job.aside && rcode() == RCODE_NOERROR);
	ck_assert_uint_eq(be16_get(reply + 6), 1);
	ck_assert_uint_eq(be16_get(reply + 8), 0);

	begin("host.example.net", TYPE_A, "", 0);
	job = (struct answer_job){ .query = query, .size = query_size, .client = &client, .out = reply, .trusted = true };
	answer_one(rich.snapshot, &terms, &job);
	ck_assert(!job.aside && be16_get(reply + 6) == 1);
}
END_TEST

/* ---- rate limits ---- */

static void
limit_to(unsigned rate, unsigned slip)
{
	limit_free(rich.snapshot->terms.limit);
	rich.snapshot->terms.limit = limit_new(&(struct conf_daemon){ .rate_limit = rate, .rate_limit_slip = slip });
}

/* How many of ten in a second get what they asked for. */
static unsigned
answered_of_ten(const char *name, uint16_t type, enum transport t, const void *options, size_t size)
{
	unsigned n = 0;

	now_ms += 1000;
	for (int i = 0; i < 10; i++) {
		told(name, type, t, options, size);
		n += job.answered > 0 && (reply[2] & 2) == 0 && rcode() != RCODE_BADCOOKIE;
	}
	return n;
}

START_TEST(test_limited)
{
	uint8_t options[4 + COOKIE_SIZE] = { 0, OPTION_COOKIE, 0, COOKIE_SIZE };

	limit_to(3, 0);
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_UDP, "", 0), 3);
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_TCP, "", 0), 10);
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_TLS, "", 0), 10);
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE)), 3);
	our_cookie(options + 4);
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_UDP, options, sizeof(options)), 10);
	options[20] ^= 1;
	ck_assert_uint_eq(answered_of_ten("www.example.com", TYPE_A, TRANSPORT_UDP, options, sizeof(options)), 3);
}
END_TEST

/* What counts together: all that do not exist, all below a cut, all of a wildcard, all errors. Each beside the others. */
START_TEST(test_what_counts_together)
{
	static const struct { const char *form; uint16_t type; unsigned answered; } rows[] = {
		{ "no%d.example.com", TYPE_A, 3 },
		{ "x%d.sub.example.com", TYPE_A, 3 },
		{ "x%d.wild.example.com", TYPE_A, 3 },
		{ "x%d.wild.example.com", TYPE_MX, 3 },
		{ "x%d.elsewhere.test", TYPE_A, 3 },
		{ "x%d.dname.example.com", TYPE_CNAME, 3 },
		{ "chain%d.example.com", TYPE_CNAME, 10 },
		{ "chain%d.example.com", TYPE_MX, 3 },          /* all end at www */
	};
	unsigned malformed = 0;

	limit_to(3, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned n = 0;

		for (int k = 0; k < 10; k++) {
			char name[100];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(name, sizeof(name), rows[i].form, 10 + k);
#pragma GCC diagnostic pop
			n += told(name, rows[i].type, TRANSPORT_UDP, "", 0) > 0;
		}
		ck_assert_msg(n == rows[i].answered, "%s: %u", rows[i].form, n);
	}
	now_ms += 1000;
	for (int k = 0; k < 10; k++) {         /* by a byte too many */
		begin("www.example.com", TYPE_A, "", 0);
		query[query_size++] = 0;
		malformed += ask(TRANSPORT_UDP) > 0;
	}
	ck_assert_uint_eq(malformed, 3);
}
END_TEST

/* A slip is never longer than what was asked. */
START_TEST(test_slips)
{
	mark_down("fixed.example.com", NODE_ALL_DOWN4);
	limit_to(1, 1);
	told("fixed.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_NSID));
	ck_assert_uint_eq(be16_get(reply + 6), 3);
	told("fixed.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_NSID));
	ck_assert_uint_eq(job.answered, query_size - 4);
	ck_assert_uint_eq(be16_get(reply + 2), FLAG_QR | FLAG_TC);
	ck_assert_uint_eq(be16_get(reply + 6) + be16_get(reply + 8), 0);
	ck_assert_uint_eq(be16_get(opt() + 9), 0);

	told("nothing.example.com", TYPE_A, TRANSPORT_UDP, "", 0);
	ck_assert_uint_eq(rcode(), RCODE_NXDOMAIN);
	told("nothing.example.com", TYPE_A, TRANSPORT_UDP, "", 0);
	ck_assert_uint_eq(be16_get(reply + 2), FLAG_QR | FLAG_TC);

	query_size = ask_write(&(struct ask){ .name = "fixed.example.com", .type = TYPE_A }, query, sizeof(query));
	ask(TRANSPORT_UDP);
	ck_assert_uint_eq(job.answered, query_size);
	ck_assert_ptr_null(opt());
}
END_TEST

/* Who shows a cookie gets ours, and with that everything. */
START_TEST(test_slip_with_a_cookie)
{
	uint8_t options[4 + COOKIE_SIZE] = { 0, OPTION_COOKIE, 0, COOKIE_SIZE };
	size_t size;

	limit_to(1, 1);
	told("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE));
	told("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE ASKS_NSID));
	ck_assert_uint_eq(rcode(), RCODE_BADCOOKIE);
	ck_assert_uint_eq(be16_get(reply + 2), FLAG_QR | (RCODE_BADCOOKIE & 15));
	ck_assert_uint_eq(be16_get(reply + 6), 0);
	ck_assert_uint_eq(be16_get(opt() + 9), 4 + COOKIE_SIZE);
	memcpy(options + 4, option(OPTION_COOKIE, &size), COOKIE_SIZE);
	told("www.example.com", TYPE_A, TRANSPORT_UDP, options, sizeof(options));
	ck_assert_uint_eq(rcode(), RCODE_NOERROR);
	ck_assert_uint_eq(be16_get(reply + 6), 1);

	limit_to(1, 2);                        /* of those that do not slip, none gets a thing */
	told("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE));
	ck_assert_uint_eq(told("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE)), 0);
	ck_assert_uint_gt(told("www.example.com", TYPE_A, TRANSPORT_UDP, OPTIONS(ASKS_COOKIE)), 0);
}
END_TEST

START_TEST(test_trusted_is_not_limited)
{
	const struct answer_terms terms = { .transport = TRANSPORT_UDP, .now_ms = now_ms };

	limit_to(1, 0);
	begin("www.example.com", TYPE_A, "", 0);
	for (int i = 0; i < 10; i++) {
		job = (struct answer_job){ .query = query, .size = query_size, .client = &client, .out = reply, .trusted = true };
		answer_one(rich.snapshot, &terms, &job);
		ck_assert_uint_gt(job.answered, 0);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("edns");
	TCase *t = tcase_create("edns");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_each_transport);
	tcase_add_test(t, test_nothing_unless_configured);
	tcase_add_test(t, test_keepalive_with_a_time);
	tcase_add_test(t, test_padding);
	tcase_add_test(t, test_padding_at_each_size);
	tcase_add_test(t, test_cookies);
	tcase_add_test(t, test_cookie_without_question);
	tcase_add_test(t, test_errors);
	tcase_add_test(t, test_all_down);
	tcase_add_test(t, test_errors_at_each_size);
	tcase_add_test(t, test_private_zones);
	tcase_add_test(t, test_limited);
	tcase_add_test(t, test_what_counts_together);
	tcase_add_test(t, test_slips);
	tcase_add_test(t, test_slip_with_a_cookie);
	tcase_add_test(t, test_trusted_is_not_limited);
	suite_add_tcase(s, t);
	return suite_run(s);
}
