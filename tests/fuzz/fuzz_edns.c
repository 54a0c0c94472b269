/* fuzz_edns.c - any bytes as the options of a query's OPT: the answer is a well-formed message of a bounded size, with the options
 * that are due and no others.
 *
 * The first byte chooses the transport, the question, the signature's room and whether there is a limit; two more are the UDP
 * size; the rest are the options. */
#include "base/log.h"
#include "dnsd/cookie.h"
#include "dnsd/limit.h"
#include "tests/unit/dnsd/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW_S = 1700000000, IDLE_100MS = 100, RESERVE = 100 };

static const uint8_t secrets[2][16] = { "the first secret", "the one before" };
static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

/* ---- what the answer's OPT has ---- */

static const uint8_t *
last_record(const uint8_t *m, size_t size)
{
	size_t at = 12, last;

	if (be16_get(m + 4) == 1) {
		message_name(m, size, &at);
		at += 4;
	}
	last = at;
	for (unsigned n = be16_get(m + 6) + be16_get(m + 8) + be16_get(m + 10); n > 0; n--) {
		last = at;
		message_name(m, size, &at);
		at += 10u + be16_get(m + at + 8);
	}
	return m + last;
}

static void
check_option(enum transport t, unsigned code, const uint8_t *bytes, size_t size)
{
	uint8_t again[COOKIE_SIZE];
	const struct cookie_terms terms = { .secrets = secrets, .nsecrets = 2, .client = &client, .now_s = NOW_S };

	switch (code) {
	case OPTION_NSID:
		expect(size == 6 && memcmp(bytes, "node-a", 6) == 0);
		break;
	case OPTION_COOKIE:
		expect(size == COOKIE_SIZE && cookie_judge(&terms, bytes, size, again));
		break;
	case OPTION_KEEPALIVE:
		expect(t != TRANSPORT_UDP && size == 2 && be16_get(bytes) == IDLE_100MS);
		break;
	case OPTION_PADDING:
		expect(t == TRANSPORT_TLS);
		while (size > 0)
			expect(bytes[--size] == 0);
		break;
	case OPTION_ERROR:
		expect(size == 2 && be16_get(bytes) == 20);
		break;
	default:
		abort();
	}
}

static void
check_opt(const uint8_t *out, size_t n, enum transport t, size_t behind)
{
	const uint8_t *opt = last_record(out, n);

	expect(opt[0] == 0 && be16_get(opt + 1) == TYPE_OPT && opt[6] == 0 && be16_get(opt + 3) == ANSWER_UDP_MAX);
	struct rd r = rd_begin(opt + 11, be16_get(opt + 9));
	unsigned last = 0;

	while (rd_left(&r) > 0) {
		unsigned code = rd_u16(&r), size = rd_u16(&r);
		const uint8_t *bytes = rd_bytes(&r, size);

		expect(!r.bad && last != OPTION_PADDING);      /* which is the last */
		check_option(t, code, bytes, size);
		last = code;
	}
	if (last == OPTION_PADDING)
		expect((n + behind) % 468 == 0);
}

/* ---- asking ---- */

static size_t
make_query(uint8_t choice, const uint8_t *options, size_t size, uint8_t *query, uint16_t udp_size)
{
	static const struct ask asks[] = {
		{ .name = "www.example.com", .type = TYPE_A }, { .name = "sixty.example.com", .type = TYPE_A },
		{ .name = "elsewhere.test", .type = TYPE_A }, { .name = "many.example.com", .type = TYPE_A },
	};
	struct ask a = asks[choice >> 2 & 3];

	a.udp_size = udp_size > 0 ? udp_size : 1;
	size_t n = ask_write(&a, query, 600);

	memcpy(query + n, options, size);
	be16_put(query + n - 2, (unsigned)size);
	return n + size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rich rich;               /* made once, and kept until the process ends */
	static uint8_t query[66000], big[ANSWER_TCP_MAX];
	static struct limit *limit;
	static uint64_t now_ms;

	if (rich.snapshot == NULL) {
		log_open(-1, LOG_LEVEL_ERROR);
		rich_make(&rich);
		rich.snapshot->terms.cookie_secrets = secrets;
		rich.snapshot->terms.ncookie_secrets = 2;
		rich.snapshot->terms.tcp_idle_100ms = IDLE_100MS;
		limit = limit_new(&(struct conf_daemon){ .rate_limit = 1, .rate_limit_slip = 2 });
	}
	if (size < 3 || size > 60000)
		return 0;

	const struct answer_terms terms = { .transport = (enum transport)(data[0] % 3), .now_s = NOW_S, .now_ms = now_ms };
	uint16_t udp_size = be16_get(data + 1);
	size_t room = terms.transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_TCP_MAX;
	/* Exactly as large as it may be, so that the sanitizer sees the first byte too many. */
	uint8_t *out = terms.transport == TRANSPORT_UDP ? malloc(room) : big;
	struct answer_job job = {
		.query = query, .size = make_query(data[0], data + 3, size - 3, query, udp_size), .client = &client, .out = out,
		.reserve = (data[0] & 16) != 0 ? RESERVE : 0, .trusted = (data[0] & 32) != 0
	};

	rich.snapshot->terms.limit = (data[0] & 64) != 0 ? limit : NULL;
	now_ms += 100;
	answer_one(rich.snapshot, &terms, &job);
	expect(!job.aside);
	if (job.answered > 0) {
		expect(message_whole(out, job.answered));
		if (terms.transport == TRANSPORT_UDP)
			expect(job.answered + job.reserve <= (udp_size < 512 ? 512 : udp_size > 1232 ? 1232 : udp_size));
		check_opt(out, job.answered, terms.transport, job.reserve);
	} else {
		expect(terms.transport == TRANSPORT_UDP && !job.trusted && (data[0] & 64) != 0);
	}
	if (out != big)
		free(out);
	return 0;
}
