/* test_tls.c - DNS over TLS on real sockets; what is the same over TCP is in test_tcp.c. */
#include "dnsd/tls.h"

#include <fcntl.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

#include "base/log.h"
#include "dnsd/tcp.h"
#include "tests/unit/dnsd/certificate.h"
#include "tests/unit/dnsd/sockets.h"
#include "tests/unit/suite.h"

#if defined(__has_feature)
#define FEATURE(x) __has_feature(x)
#else
#define FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || FEATURE(address_sanitizer) || FEATURE(thread_sanitizer)
enum { OWN_MALLOC = 0 };
#else
enum { OWN_MALLOC = 1 };
#endif

static const struct tcp_limits ample = { .clients = 1000, .idle_us = 10 * US_PER_S };
static const struct tcp_tls first = { "first.pem", "first.key" }, second = { "second.pem", "second.key" };

static char folder[] = "/tmp/test_tls.XXXXXX";
static uint16_t port;
static struct addr here;
static struct tcp *tcp;
static char error[512];
static SSL_CTX *context;               /* the clients' */

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	log_open(-1, LOG_LEVEL_ERROR);
	world_start();
	port = free_port();
	here = at("127.0.0.1", port);
	error[0] = '\0';
	tcp = NULL;
	context = SSL_CTX_new(TLS_client_method());
}

static void
teardown(void)
{
	SSL_CTX_free(context);
	tcp_close(tcp);
	world_end();
}

static void
serve(const struct tcp_limits *limits)
{
	tcp = tcp_open(&here, 1, &first, limits, error, sizeof(error));
	ck_assert_msg(tcp != NULL, "%s", error);
	ck_assert_msg(tcp_start(tcp, error, sizeof(error)), "%s", error);
}

/* ---- a client ---- */

struct peer {
	int fd;
	SSL *ssl;
};

/* Not yet its handshake: SSL_connect() is the caller's, or the first read's. */
static struct peer
peer_at(const struct addr *server)
{
	struct peer p = { client(server, SOCK_STREAM), SSL_new(context) };

	ck_assert_int_eq(SSL_set_fd(p.ssl, p.fd), 1);
	SSL_set_connect_state(p.ssl);
	return p;
}

static struct peer
peer_here(void)
{
	struct peer p = peer_at(&here);

	ck_assert_int_eq(SSL_connect(p.ssl), 1);
	return p;
}

static void
peer_free(struct peer *p)
{
	SSL_free(p->ssl);
	close(p->fd);
	ERR_clear_error();
}

static size_t
frame_write(uint8_t *out, const char *name, uint16_t type, uint16_t id)
{
	uint8_t query[512];
	size_t n = query_write(query, name, type, id);

	be16_put(out, (unsigned)n);
	memcpy(out + 2, query, n);
	return n + 2;
}

static bool
read_whole(struct peer *p, uint8_t *out, size_t size)
{
	while (size > 0) {
		int n = SSL_read(p->ssl, out, (int)size);

		if (n <= 0)
			return false;
		out += n;
		size -= (size_t)n;
	}
	return true;
}

/* The next answer's size; 0: the connection is over. */
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
	size_t n = frame_write(bytes, "www.example.com", TYPE_A, id);

	if (SSL_write(p->ssl, bytes, (int)n) != (int)n)
		return false;
	return is_answer(bytes, (ssize_t)frame_read(p, bytes), id);
}

/* The server ends it, within the socket's 5 s, and says so first. */
static bool
parted(struct peer *p)
{
	uint8_t byte;
	int n = SSL_read(p->ssl, &byte, 1);

	return n == 0 && SSL_get_error(p->ssl, n) == SSL_ERROR_ZERO_RETURN;
}

/* Whether the server has closed the connection, now or within ms. */
static bool
closed_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t bytes[4096];

	while (poll(&p, 1, ms) == 1)
		if (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
			return true;
	return false;
}

static const char *
shown_to(struct peer *p)
{
	static char name[64];
	X509 *x = SSL_get1_peer_certificate(p->ssl);

	ck_assert_ptr_nonnull(x);
	X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof(name));
	X509_free(x);
	return name;
}

static unsigned
open_now(void)
{
	uint64_t answered;
	unsigned open;

	tcp_counters(tcp, &answered, &open);
	return open;
}

static void
wait_open(unsigned n)
{
	for (int i = 0; i < 2000 && open_now() != n; i++)
		usleep(1000);
	ck_assert_uint_eq(open_now(), n);
}

/* ---- questions and answers ---- */

START_TEST(test_one_query_after_another)
{
	struct addr list[2] = { here, at("::1", port) };
	uint64_t answered;
	unsigned open;

	tcp = tcp_open(list, 2, &first, &ample, error, sizeof(error));
	ck_assert_msg(tcp != NULL, "%s", error);
	ck_assert(tcp_start(tcp, error, sizeof(error)));
	for (int i = 0; i < 2; i++) {
		struct peer p = peer_at(&list[i]);

		for (uint16_t id = 0; id < 10; id++)
			ck_assert(answers(&p, id));
		peer_free(&p);
	}
	wait_open(0);
	tcp_counters(tcp, &answered, &open);
	ck_assert_uint_eq(answered, 20);
}
END_TEST

static size_t
frames_write(uint8_t *out, unsigned count, const char *name, uint16_t type)
{
	size_t n = 0;

	for (unsigned id = 0; id < count; id++)
		n += frame_write(out + n, name, type, (uint16_t)id);
	return n;
}

static void
read_answers(struct peer *p, unsigned count)
{
	static uint8_t bytes[ANSWER_TCP_MAX];

	for (unsigned id = 0; id < count; id++)
		ck_assert_msg(is_answer(bytes, (ssize_t)frame_read(p, bytes), (uint16_t)id), "%u of %u", id, count);
}

/* A client with a small window: much of what it does not read soon waits in the server. */
static struct peer
peer_narrow(void)
{
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(&here, &ss);
	struct timeval tv = { .tv_sec = 5 };
	int room = 128 << 10;
	struct peer p = { socket(AF_INET, SOCK_STREAM, 0), SSL_new(context) };

	setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	ck_assert_int_eq(connect(p.fd, (struct sockaddr *)&ss, length), 0);
	SSL_set_fd(p.ssl, p.fd);
	ck_assert_int_eq(SSL_connect(p.ssl), 1);
	return p;
}

/* All that was asked is answered, though the asker said at once that it says no more. */
START_TEST(test_questions_and_the_end_in_one_segment)
{
	uint8_t all[20 * 64];
	int on = 1, off = 0;

	serve(&ample);
	struct peer p = peer_here();
	setsockopt(p.fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	size_t n = frames_write(all, 20, "sixty.example.com", TYPE_A);
	ck_assert_int_eq(SSL_write(p.ssl, all, (int)n), (int)n);
	ck_assert_int_eq(SSL_shutdown(p.ssl), 0);
	setsockopt(p.fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	read_answers(&p, 20);
	ck_assert(parted(&p));
	peer_free(&p);
}
END_TEST

START_TEST(test_the_end_before_the_answers_are_read)
{
	enum { COUNT = 3000 };
	static uint8_t all[COUNT * 64];

	serve(&ample);
	struct peer p = peer_narrow();
	size_t n = frames_write(all, COUNT, "sixty.example.com", TYPE_A);      /* 3 MB of answers */
	ck_assert_int_eq(SSL_write(p.ssl, all, (int)n), (int)n);
	ck_assert_int_eq(SSL_shutdown(p.ssl), 0);
	usleep(100000);
	read_answers(&p, COUNT);
	ck_assert(parted(&p));
	peer_free(&p);
}
END_TEST

/* Reading pauses amid records, and nothing comes behind them: what OpenSSL holds decrypted is not forgotten. */
START_TEST(test_pauses_amid_records)
{
	static uint8_t all[3000 * 64];

	serve(&ample);
	for (unsigned count = 1900; count < 2500; count += 100) {
		struct peer p = peer_narrow();
		size_t n = frames_write(all, 80, "vast.example.com", TYPE_TXT);

		ck_assert_int_eq(SSL_write(p.ssl, all, (int)n), (int)n);
		usleep(20000);                         /* it is not read from now */
		n = frames_write(all, count, "www.example.com", TYPE_A);
		ck_assert_uint_gt(n, ANSWER_TCP_MAX - 4096);
		ck_assert_int_eq(SSL_write(p.ssl, all, (int)n), (int)n);
		read_answers(&p, 80);
		read_answers(&p, count);
		peer_free(&p);
	}
}
END_TEST

START_TEST(test_large_answers)
{
	static uint8_t all[20 * 64];

	serve(&ample);
	struct peer p = peer_here();
	size_t n = frames_write(all, 20, "vast.example.com", TYPE_TXT);
	ck_assert_int_eq(SSL_write(p.ssl, all, (int)n), (int)n);
	read_answers(&p, 20);
	peer_free(&p);
}
END_TEST

/* ---- terms ---- */

START_TEST(test_versions_and_ciphers)
{
	static const struct { int version; const char *ciphers; bool fine; } cases[] = {
		{ TLS1_3_VERSION, "ALL", true },
		{ TLS1_2_VERSION, "ALL", true },
		{ TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true },
		{ TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false },
		{ TLS1_1_VERSION, "ALL:@SECLEVEL=0", false },
	};

	serve(&ample);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct peer p = peer_at(&here);

		SSL_set_min_proto_version(p.ssl, cases[i].version);
		SSL_set_max_proto_version(p.ssl, cases[i].version);
		SSL_set_cipher_list(p.ssl, cases[i].ciphers);
		ck_assert_msg((SSL_connect(p.ssl) == 1) == cases[i].fine, "%zu", i);
		if (cases[i].fine)
			ck_assert(answers(&p, 1));
		peer_free(&p);
	}
}
END_TEST

START_TEST(test_alpn)
{
	static const struct { const char *offered; unsigned size; bool fine; } cases[] = {
		{ "\3dot", 4, true }, { "\2h2\3dot", 7, true }, { "\2h2", 3, false },
	};

	serve(&ample);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct peer p = peer_at(&here);
		const unsigned char *chosen;
		unsigned size;

		SSL_set_alpn_protos(p.ssl, (const unsigned char *)cases[i].offered, cases[i].size);
		ck_assert_msg((SSL_connect(p.ssl) == 1) == cases[i].fine, "%zu", i);
		SSL_get0_alpn_selected(p.ssl, &chosen, &size);
		if (cases[i].fine)
			ck_assert(size == 3 && memcmp(chosen, "dot", 3) == 0);
		peer_free(&p);
	}
	wait_open(0);
}
END_TEST

static bool
resumed(int version)
{
	SSL_SESSION *session;
	bool again;

	struct peer p = peer_at(&here);
	SSL_set_max_proto_version(p.ssl, version);
	ck_assert(answers(&p, 1));                     /* TLS 1.3 sends tickets behind the handshake */
	session = SSL_get1_session(p.ssl);
	SSL_shutdown(p.ssl);
	peer_free(&p);

	p = peer_at(&here);
	SSL_set_max_proto_version(p.ssl, version);
	SSL_set_session(p.ssl, session);
	ck_assert(answers(&p, 2));
	again = SSL_session_reused(p.ssl) == 1;
	SSL_SESSION_free(session);
	peer_free(&p);
	return again;
}

START_TEST(test_sessions_are_resumed)
{
	serve(&ample);
	ck_assert(resumed(TLS1_2_VERSION));
	ck_assert(resumed(TLS1_3_VERSION));
}
END_TEST

/* ---- bounds ---- */

START_TEST(test_idle_and_half_handshakes)
{
	const struct tcp_limits quick = { .clients = 10, .idle_us = 300 * US_PER_MS };
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

	serve(&quick);
	int silent = client(&here, SOCK_STREAM), half = client(&here, SOCK_STREAM);
	struct peer idle = peer_here();
	ck_assert_int_eq(send(half, hello, sizeof(hello) - 1, 0), sizeof(hello) - 1);
	wait_open(3);
	for (int i = 0; i < 5; i++) {
		usleep(100000);
		send(half, "", 1, MSG_NOSIGNAL);       /* a byte now and then buys no time */
	}
	ck_assert(closed_within(silent, 0));
	ck_assert(closed_within(half, 0));
	ck_assert(parted(&idle));
	ck_assert_uint_eq(open_now(), 0);
	close(silent);
	close(half);
	peer_free(&idle);
}
END_TEST

START_TEST(test_what_is_not_tls)
{
	uint8_t bytes[64];

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	size_t n = frame_write(bytes, "www.example.com", TYPE_A, 1);
	ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
	ck_assert(closed_within(fd, 2000));
	close(fd);
	fd = client(&here, SOCK_STREAM);
	close(fd);                                     /* nor is this */
	struct peer p = peer_here();                   /* and a frame that is none, inside */
	ck_assert_int_eq(SSL_write(p.ssl, "\0\3", 2), 2);
	ck_assert(parted(&p));
	peer_free(&p);
	wait_open(0);
	p = peer_here();                               /* their mistakes are not others' */
	ck_assert(answers(&p, 1));
	peer_free(&p);
}
END_TEST

START_TEST(test_slow_readers_are_bounded)
{
	enum { COUNT = 1000 };
	static uint8_t queries[COUNT * 40];
	uint64_t answered;

	serve(&ample);
	struct peer p = peer_here();
	ck_assert(answers(&p, 0));
	size_t before = mallinfo2().uordblks;
	size_t n = frames_write(queries, COUNT, "vast.example.com", TYPE_TXT);  /* 50 MB of answers */
	ck_assert_int_eq(SSL_write(p.ssl, queries, (int)n), (int)n);
	answered = answered_at_rest(tcp, 1);
	ck_assert_uint_lt(answered, 300);
	if (OWN_MALLOC)                                /* 96 KiB of output, the input, a record, what OpenSSL has */
		ck_assert_uint_lt(mallinfo2().uordblks - before, 300 << 10);
	read_answers(&p, COUNT);
	peer_free(&p);
	wait_open(0);
}
END_TEST

START_TEST(test_idle_clients_are_small)
{
	enum { CLIENTS = 200 };
	static struct peer p[CLIENTS];
	size_t before;

	serve(&ample);
	p[0] = peer_here();
	ck_assert(answers(&p[0], 0));
	SSL *one = SSL_new(context);                   /* our side's share is measured apart, and subtracted */
	before = mallinfo2().uordblks;
	for (int i = 1; i < CLIENTS; i++) {
		p[i] = peer_here();
		ck_assert(answers(&p[i], 1));
	}
	size_t both = (mallinfo2().uordblks - before) / (CLIENTS - 1);
	before = mallinfo2().uordblks;
	tcp_close(tcp);
	tcp = NULL;
	size_t each = (before - mallinfo2().uordblks) / CLIENTS;
	if (OWN_MALLOC) {
		ck_assert_uint_gt(each, 1000);
		ck_assert_uint_lt(each, 24 << 10);
	}
	if (getenv("VERBOSE") != NULL)
		printf("idle client: %zu bytes (with the test's own side: %zu)\n", each, both);
	SSL_free(one);
	for (int i = 0; i < CLIENTS; i++)
		peer_free(&p[i]);
}
END_TEST

START_TEST(test_stop_is_prompt)
{
	struct peer p[20];
	uint64_t start;

	serve(&ample);
	for (int i = 0; i < 20; i++)
		p[i] = peer_here();
	int half = client(&here, SOCK_STREAM);
	wait_open(21);
	start = clock_mono_us();
	tcp_close(tcp);
	tcp = NULL;
	ck_assert_uint_lt(clock_mono_us() - start, 200 * US_PER_MS);
	for (int i = 0; i < 20; i++) {
		ck_assert(parted(&p[i]));
		peer_free(&p[i]);
	}
	ck_assert(closed_within(half, 0));
	close(half);
}
END_TEST

/* ---- certificates ---- */

START_TEST(test_a_certificate_is_renewed)
{
	serve(&ample);
	struct peer old = peer_here();
	ck_assert(answers(&old, 1));
	ck_assert_str_eq(shown_to(&old), "first");
	SSL_SESSION *session = SSL_get1_session(old.ssl);

	ck_assert_msg(tcp_prepare(tcp, &here, 1, &second, error, sizeof(error)), "%s", error);
	struct peer between = peer_here();             /* prepared is not applied */
	ck_assert_str_eq(shown_to(&between), "first");
	tcp_apply(tcp, &ample);
	for (int i = 0; i < 1000; i++) {
		struct peer p = peer_at(&here);

		SSL_set_session(p.ssl, session);       /* a ticket of the old one buys no old one */
		ck_assert(answers(&p, 2));
		bool new = strcmp(shown_to(&p), "second") == 0;
		peer_free(&p);
		if (new)
			break;
		ck_assert_int_lt(i, 999);
		usleep(1000);
	}
	ck_assert(answers(&old, 3) && answers(&between, 4));
	SSL_SESSION_free(session);
	peer_free(&old);
	peer_free(&between);
}
END_TEST

START_TEST(test_addresses_come_and_go)
{
	static const struct tcp_tls none = { NULL, NULL };

	tcp = tcp_open(NULL, 0, &none, &ample, error, sizeof(error));
	ck_assert_msg(tcp != NULL, "%s", error);
	ck_assert(tcp_start(tcp, error, sizeof(error)));
	ck_assert(tcp_prepare(tcp, &here, 1, &first, error, sizeof(error)));
	tcp_apply(tcp, &ample);
	struct peer p = peer_here();
	ck_assert(answers(&p, 1));
	ck_assert(tcp_prepare(tcp, NULL, 0, &none, error, sizeof(error)));
	int waiting = client(&here, SOCK_STREAM);
	tcp_apply(tcp, &ample);
	wait_open(2);
	ck_assert(answers(&p, 2));
	close(waiting);
	peer_free(&p);
}
END_TEST

START_TEST(test_files_that_are_wrong)
{
	static const struct { struct tcp_tls tls; const char *message; } cases[] = {
		{ { "missing.pem", "first.key" }, "missing.pem: No such file or directory" },
		{ { "first.pem", "missing.key" }, "missing.key: No such file or directory" },
		{ { "first.key", "first.key" }, "first.key: holds no certificate (expected PEM: the server's own, then its chain)" },
		{ { "junk", "first.key" }, "junk: holds no certificate (expected PEM: the server's own, then its chain)" },
		{ { "empty", "first.key" }, "empty: holds no certificate (expected PEM: the server's own, then its chain)" },
		{ { "first.pem", "first.pem" }, "first.pem: holds no private key (expected PEM without a passphrase)" },
		{ { "first.pem", "junk" }, "junk: holds no private key (expected PEM without a passphrase)" },
		{ { "first.pem", "locked.key" }, "locked.key: holds no private key (expected PEM without a passphrase)" },
		{ { "first.pem", "second.key" }, "second.key: is not the key of the certificate in first.pem" },
		{ { "cut.pem", "first.key" }, "cut.pem: " },
	};

	serve(&ample);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		error[0] = '\0';
		ck_assert_msg(!tcp_prepare(tcp, &here, 1, &cases[i].tls, error, sizeof(error)), "%zu", i);
		if (strcmp(cases[i].tls.certificate, "cut.pem") == 0)
			ck_assert_msg(strncmp(error, "cut.pem: ", 9) == 0, "%s", error);
		else
			ck_assert_str_eq(error, cases[i].message);
		ck_assert_uint_eq(ERR_peek_error(), 0);
	}
	struct peer p = peer_here();
	ck_assert_str_eq(shown_to(&p), "first");
	ck_assert(answers(&p, 1));
	peer_free(&p);
}
END_TEST

/* What tls_load() logs of the certificate; "" if nothing. */
static const char *
warned_of(const char *certificate, const char *key)
{
	static char text[512];
	int log = open("log", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);

	log_open(log, LOG_LEVEL_WARN);
	struct tls *t = tls_load(certificate, key, error, sizeof(error));
	log_open(-1, LOG_LEVEL_ERROR);
	ck_assert_msg(t != NULL, "%s", error);
	tls_free(t);
	ssize_t n = pread(log, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(log);
	return text;
}

START_TEST(test_dates)
{
	EVP_PKEY *key = key_make();

	key_write("dated.key", key, NULL);
	certificate_write("past.pem", key, "past", -7200, -3600);
	certificate_write("future.pem", key, "future", 3600, 7200);
	EVP_PKEY_free(key);
	ck_assert_ptr_nonnull(strstr(warned_of("past.pem", "dated.key"), "past.pem: the certificate expired at 2"));
	ck_assert_ptr_nonnull(strstr(warned_of("future.pem", "dated.key"), "future.pem: the certificate is not valid before 2"));
	ck_assert_str_eq(warned_of("first.pem", "first.key"), "");
}
END_TEST

static void
files_make(void)
{
	EVP_PKEY *locked = key_make();
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	certificate_make("first");
	certificate_make("second");
	key_write("locked.key", locked, "secret");
	EVP_PKEY_free(locked);
	f = fopen("junk", "w");
	fputs("-----BEGIN something-----\n", f);
	fclose(f);
	fclose(fopen("empty", "w"));
	ck_assert_int_eq(system("head -n 4 first.pem >cut.pem"), 0);
}

static void
files_remove(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

int
main(void)
{
	Suite *s = suite_create("tls");
	TCase *t = tcase_create("tls");

	tcase_add_unchecked_fixture(t, files_make, files_remove);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
		tcase_add_test(t, test_one_query_after_another);
	tcase_add_test(t, test_questions_and_the_end_in_one_segment);
		tcase_add_test(t, test_the_end_before_the_answers_are_read);
		tcase_add_test(t, test_pauses_amid_records);
		tcase_add_test(t, test_large_answers);
		tcase_add_test(t, test_versions_and_ciphers);
		tcase_add_test(t, test_alpn);
		tcase_add_test(t, test_sessions_are_resumed);
		tcase_add_test(t, test_idle_and_half_handshakes);
		tcase_add_test(t, test_what_is_not_tls);
		tcase_add_test(t, test_slow_readers_are_bounded);
		tcase_add_test(t, test_idle_clients_are_small);
		tcase_add_test(t, test_stop_is_prompt);
		tcase_add_test(t, test_a_certificate_is_renewed);
		tcase_add_test(t, test_addresses_come_and_go);
		tcase_add_test(t, test_files_that_are_wrong);
		tcase_add_test(t, test_dates);
	suite_add_tcase(s, t);

	return suite_run(s);
}
