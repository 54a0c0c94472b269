/* test_sending.c - zones sent over TCP and TLS on real sockets: what a client may cost, and what it may do meanwhile. */
#include <malloc.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

#include "base/log.h"
#include "dnsd/edition.h"
#include "dnsd/tcp.h"
#include "tests/unit/dnsd/certificate.h"
#include "tests/unit/dnsd/sockets.h"
#include "tests/unit/suite.h"

enum { HOSTS = 40000, RECORDS = HOSTS + 4 };      /* 18 MB: no kernel takes that for a client who does not read */

static const struct tcp_limits ample = { .clients = 1000, .idle_us = 10 * US_PER_S };
static const struct tcp_limits quick = { .clients = 10, .idle_us = 300 * US_PER_MS };
static const struct tcp_tls tls = { "sending.pem", "sending.key" };

static struct conf_who anybody = { .anywhere = true };
static struct conf_zone conf_zone = { .transfer = { &anybody, 1 } };
static const struct conf conf = { .zones = &conf_zone, .nzones = 1 };

static char folder[] = "/tmp/test_sending.XXXXXX";
static struct zone *zone;
static struct editions *editions;
static _Atomic bool gone;              /* nobody holds an edition */
static struct addr here;
static struct tcp *tcp;
static SSL_CTX *context;               /* the clients'; NULL: TCP */
static char error[512];

/* ---- the server ---- */

static struct zone *
zone_make(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("$TTL 300\n@ SOA ns hostmaster 7 3600 900 604800 60\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.80\n", f);
	for (int i = 0; i < HOSTS; i++)
		fprintf(f, "h%d TXT \"%0200d\" \"%0200d\"\n", i, i, i);
	fclose(f);
	struct zone *z = rich_parse("example.com", text);
	free(text);
	return z;
}

static void
on_gone(void *arg)
{
	(void)arg;
	atomic_store(&gone, true);
}

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_open(-1, LOG_LEVEL_ERROR);
	snapshot_open();
	editions = editions_new(1);
	editions_put(editions, 0, zone, NULL, NULL);
	struct snapshot_terms terms = { .conf = &conf, .editions = editions };
	snapshot_publish(snapshot_new(zone_set_new(&zone, 1), &terms, NULL, NULL));
	here = at("127.0.0.1", free_port());
	atomic_store(&gone, false);
}

static void
teardown(void)
{
	tcp_close(tcp);
	editions_retire_all(editions, on_gone, NULL);
	snapshot_close();
	ck_assert(atomic_load(&gone));         /* every transfer let its edition go */
	SSL_CTX_free(context);
}

/* over_tls: of a loop test, so that each transport has its turn. */
static void
serve(const struct tcp_limits *limits, int over_tls)
{
	context = over_tls ? SSL_CTX_new(TLS_client_method()) : NULL;
	tcp = tcp_open(&here, 1, over_tls ? &tls : NULL, limits, error, sizeof(error));
	ck_assert_msg(tcp != NULL, "%s", error);
	ck_assert_msg(tcp_start(tcp, error, sizeof(error)), "%s", error);
}

static unsigned
open_now(uint64_t *answered)
{
	unsigned open;

	tcp_counters(tcp, answered, &open);
	return open;
}

static void
wait_open(unsigned n, unsigned ms)
{
	uint64_t answered;

	for (unsigned i = 0; i < ms && open_now(&answered) != n; i++)
		usleep(1000);
	ck_assert_uint_eq(open_now(&answered), n);
}

static void
wait_transfers(unsigned n)
{
	for (int i = 0; i < 5000 && tcp_transfers(tcp) != n; i++)
		usleep(1000);
	ck_assert_uint_eq(tcp_transfers(tcp), n);
}

/* ---- a client ---- */

struct peer {
	int fd;
	SSL *ssl;                      /* NULL: TCP */
};

/* room: of the socket's receive buffer; 0: the kernel's choice. */
static struct peer
peer_with(int room)
{
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(&here, &ss);
	struct timeval tv = { .tv_sec = 5 };
	struct peer p = { .fd = socket(AF_INET, SOCK_STREAM, 0) };

	setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (room > 0)
		setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_eq(connect(p.fd, (struct sockaddr *)&ss, length), 0);
	if (context == NULL)
		return p;
	p.ssl = SSL_new(context);
	SSL_set_fd(p.ssl, p.fd);
	ck_assert_int_eq(SSL_connect(p.ssl), 1);
	return p;
}

static struct peer
peer_new(void)
{
	return peer_with(0);
}

static void
peer_free(struct peer *p)
{
	SSL_free(p->ssl);
	close(p->fd);
	ERR_clear_error();
}

static void
peer_end(struct peer *p)                       /* of what it says */
{
	if (p->ssl != NULL)
		SSL_shutdown(p->ssl);
	else
		shutdown(p->fd, SHUT_WR);
}

static ssize_t
peer_read(struct peer *p, void *out, size_t size)
{
	return p->ssl != NULL ? SSL_read(p->ssl, out, (int)size) : recv(p->fd, out, size, 0);
}

/* Is there something to be read, now or within ms? */
static bool
peer_has(struct peer *p, int ms)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	return (p->ssl != NULL && SSL_pending(p->ssl) > 0) || poll(&fd, 1, ms) == 1;
}

static void
peer_ask(struct peer *p, const char *name, uint16_t type, uint16_t id)
{
	uint8_t query[512], frame[514];
	size_t n = query_write(query, name, type, id);

	be16_put(frame, (unsigned)n);
	memcpy(frame + 2, query, n);
	if (p->ssl != NULL)
		ck_assert_int_eq(SSL_write(p->ssl, frame, (int)n + 2), (int)n + 2);
	else
		ck_assert_int_eq(send(p->fd, frame, n + 2, MSG_NOSIGNAL), (ssize_t)n + 2);
}

static bool
read_whole(struct peer *p, uint8_t *out, size_t size)
{
	while (size > 0) {
		ssize_t n = peer_read(p, out, size);

		if (n <= 0)
			return false;
		out += n;
		size -= (size_t)n;
	}
	return true;
}

/* The next message's size; 0: the connection is over. */
static size_t
frame_read(struct peer *p, uint8_t out[ANSWER_TCP_MAX])
{
	uint8_t length[2];

	if (!read_whole(p, length, 2) || !read_whole(p, out, be16_get(length)))
		return 0;
	return be16_get(length);
}

static bool
answers(struct peer *p, uint16_t id)
{
	static uint8_t bytes[ANSWER_TCP_MAX];

	return is_answer(bytes, (ssize_t)frame_read(p, bytes), id);
}

/* How many of the answer section are a SOA. */
static unsigned
soas_in(const uint8_t *m, size_t size)
{
	size_t at = HEADER_SIZE;
	unsigned n = 0;

	if (be16_get(m + 4) == 1) {
		ck_assert(message_name(m, size, &at));
		at += 4;
	}
	for (unsigned i = be16_get(m + 6); i > 0; i--) {
		ck_assert(message_name(m, size, &at));
		n += be16_get(m + at) == TYPE_SOA;
		at += 10u + be16_get(m + at + 8);
	}
	return n;
}

/* The rest of a transfer: how many messages it took. */
static unsigned
read_zone(struct peer *p, uint16_t id)
{
	static uint8_t bytes[ANSWER_TCP_MAX];
	unsigned records = 0, soas = 0, messages = 0;

	while (soas < 2) {
		size_t n = frame_read(p, bytes);

		ck_assert_msg(is_answer(bytes, (ssize_t)n, id), "message %u", messages);
		ck_assert(soas > 0 || be16_get(bytes + 4) == 1);
		records += be16_get(bytes + 6);
		soas += soas_in(bytes, n);
		messages++;
	}
	ck_assert_uint_eq(records, RECORDS + 1);
	return messages;
}

/* ---- tests ---- */

START_TEST(test_a_zone_amid_questions)
{
	uint64_t answered;

	serve(&ample, _i);
	struct peer p = peer_new();
	peer_ask(&p, "www.example.com", TYPE_A, 1);
	peer_ask(&p, "example.com", TYPE_AXFR, 2);
	peer_ask(&p, "ns.example.com", TYPE_A, 3);
	peer_ask(&p, "example.com", TYPE_AXFR, 4);
	peer_end(&p);                                  /* and yet all of it comes, in order */
	ck_assert(answers(&p, 1));
	ck_assert_uint_gt(read_zone(&p, 2), 100);
	ck_assert(answers(&p, 3));
	ck_assert_uint_gt(read_zone(&p, 4), 100);
	uint8_t byte;
	ck_assert_int_le(peer_read(&p, &byte, 1), 0);
	wait_open(0, 1000);
	open_now(&answered);
	ck_assert_uint_eq(answered, 4);                /* a transfer is one */
	peer_free(&p);
}
END_TEST

/* Many who ask for the zone and do not read it: each has a message in memory, and others are answered as ever. */
START_TEST(test_many_at_once)
{
	enum { MANY = 40 };
	struct peer p[MANY], other;
	uint64_t took, worst = 0;
	unsigned late = 0;

	serve(&ample, _i);
	other = peer_new();
	size_t before = mallinfo2().uordblks;
	for (int i = 0; i < MANY; i++) {
		p[i] = peer_new();
		peer_ask(&p[i], "example.com", TYPE_AXFR, 7);
	}
	for (uint16_t id = 0; id < 100; id++) {
		took = clock_mono_us();
		peer_ask(&other, "www.example.com", TYPE_A, id);
		ck_assert(answers(&other, id));
		took = clock_mono_us() - took;
		worst = took > worst ? took : worst;
		late += took >= 300 * US_PER_MS;
		usleep(2000);
	}
	size_t each = (mallinfo2().uordblks - before) / MANY;
	if (getenv("VERBOSE") != NULL)
		printf("a transfer that waits: %zu bytes; worst answer beside %d of them: %.1f ms\n", each, MANY, (double)worst / 1000);
	if (!SANITIZED) {                              /* what waits, the names of a message, ours of TLS */
		ck_assert_uint_gt(each, 30 << 10);
		ck_assert_uint_lt(each, 300 << 10);
		ck_assert_uint_le(late, 2);            /* a busy machine has its moments; a server that is held up has more of them */
	}
	read_zone(&p[0], 7);
	read_zone(&p[MANY - 1], 7);
	for (int i = 0; i < MANY; i++)
		peer_free(&p[i]);
	peer_free(&other);
	wait_open(0, 5000);
}
END_TEST

START_TEST(test_who_takes_nothing_is_closed)
{
	uint64_t answered, start;

	serve(&quick, _i);
	struct peer p = peer_new();
	start = clock_mono_us();
	peer_ask(&p, "example.com", TYPE_AXFR, 7);
	usleep(100000);
	ck_assert_uint_eq(open_now(&answered), 1);
	wait_open(0, 5000);
	ck_assert_uint_ge(clock_mono_us() - start, quick.idle_us);
	ck_assert_uint_lt(clock_mono_us() - start, 5 * quick.idle_us + US_PER_S);
	peer_free(&p);
}
END_TEST

/* Two and a half times longer than idle, at 100 KiB/s: what is taken counts, though nothing more is handed to the kernel all the
 * while. Loopback's segments of 64 KiB make it move in lumps, wherefore idle is not shorter here. */
START_TEST(test_who_takes_little_is_served)
{
	const struct tcp_limits second = { .clients = 10, .idle_us = US_PER_S };
	static uint8_t bytes[10 << 10];
	uint64_t answered;

	serve(&second, _i);
	struct peer p = peer_with(64 << 10);
	peer_ask(&p, "example.com", TYPE_AXFR, 7);
	for (int i = 0; i < 25; i++) {
		usleep(100000);
		ck_assert_msg(read_whole(&p, bytes, sizeof(bytes)), "%d", i);
	}
	ck_assert_uint_eq(open_now(&answered), 1);
	wait_open(0, 5000);                            /* and now it takes nothing */
	peer_free(&p);
}
END_TEST

START_TEST(test_who_goes_away)
{
	static uint8_t bytes[100 << 10];

	serve(&ample, _i);
	for (int i = 0; i < 20; i++) {
		struct peer p = peer_new();

		peer_ask(&p, "example.com", TYPE_AXFR, 7);
		if (i % 2 == 0)
			ck_assert(read_whole(&p, bytes, sizeof(bytes)));
		peer_free(&p);
	}
	wait_open(0, 5000);
}
END_TEST

/* One that reads it all and one that leaves. */
START_TEST(test_transfers_are_counted)
{
	static uint8_t bytes[64 << 10];
	struct peer p[2];

	serve(&ample, _i);
	ck_assert_uint_eq(tcp_transfers(tcp), 0);
	for (int i = 0; i < 2; i++) {
		p[i] = peer_new();
		peer_ask(&p[i], "example.com", TYPE_AXFR, 7);
	}
	wait_transfers(2);
	peer_free(&p[0]);
	wait_transfers(1);
	while (tcp_transfers(tcp) > 0)                 /* which may be a moment after the last byte */
		if (peer_has(&p[1], 10))
			ck_assert_int_gt(peer_read(&p[1], bytes, sizeof(bytes)), 0);
	peer_free(&p[1]);
}
END_TEST

START_TEST(test_the_end_amid_transfers)
{
	struct peer p[5];
	uint64_t start;

	serve(&ample, _i);
	for (int i = 0; i < 5; i++) {
		p[i] = peer_new();
		peer_ask(&p[i], "example.com", TYPE_AXFR, 7);
	}
	wait_transfers(5);
	start = clock_mono_us();
	tcp_close(tcp);
	tcp = NULL;
	ck_assert_uint_lt(clock_mono_us() - start, 500 * US_PER_MS);
	for (int i = 0; i < 5; i++)
		peer_free(&p[i]);
}
END_TEST

/* Nor does who is sent a zone make room for newcomers, while others wait longer. */
START_TEST(test_the_longest_idle_makes_room)
{
	const struct tcp_limits few = { .clients = 3, .idle_us = 10 * US_PER_S };
	static uint8_t bytes[64 << 10];
	struct peer p[4];

	serve(&few, _i);
	p[0] = peer_new();
	peer_ask(&p[0], "example.com", TYPE_AXFR, 7);
	for (int i = 1; i < 3; i++) {
		p[i] = peer_new();
		peer_ask(&p[i], "www.example.com", TYPE_A, 1);
		ck_assert(answers(&p[i], 1));
	}
	for (int i = 0; i < 200; i++)                  /* 12 MB: more than the kernel held for it */
		ck_assert(read_whole(&p[0], bytes, sizeof(bytes)));
	p[3] = peer_new();
	peer_ask(&p[3], "www.example.com", TYPE_A, 2);
	ck_assert(answers(&p[3], 2));
	for (int i = 0; i < 50; i++)
		ck_assert(read_whole(&p[0], bytes, sizeof(bytes)));
	ck_assert_int_le(peer_read(&p[1], bytes, 1), 0);
	for (int i = 0; i < 4; i++)
		peer_free(&p[i]);
}
END_TEST

/* Once for all tests: under TSan the zone takes seconds. */
static void
world_make(void)
{
	zone = zone_make();
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	certificate_make("sending");
}

static void
world_remove(void)
{
	char command[64];

	zone_free(zone);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

int
main(void)
{
	Suite *s = suite_create("sending");
	TCase *t = tcase_create("sending");

	tcase_add_unchecked_fixture(t, world_make, world_remove);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_a_zone_amid_questions, 0, 2);      /* TCP, then TLS */
	tcase_add_loop_test(t, test_many_at_once, 0, 2);
	tcase_add_loop_test(t, test_who_takes_nothing_is_closed, 0, 2);
	tcase_add_loop_test(t, test_who_takes_little_is_served, 0, 2);
	tcase_add_loop_test(t, test_who_goes_away, 0, 2);
	tcase_add_loop_test(t, test_transfers_are_counted, 0, 2);
	tcase_add_loop_test(t, test_the_end_amid_transfers, 0, 2);
	tcase_add_loop_test(t, test_the_longest_idle_makes_room, 0, 2);
	suite_add_tcase(s, t);

	return suite_run(s);
}
