/* test_tcp.c - DNS over TCP on real sockets. */
#include "dnsd/tcp.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>

#include "base/log.h"
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

static uint16_t port;
static struct addr here;
static struct tcp *tcp;
static char error[512];

static void
setup(void)
{
	world_start();
	port = free_port();
	here = at("127.0.0.1", port);
	error[0] = '\0';
	tcp = NULL;
}

static void
teardown(void)
{
	tcp_close(tcp);
	world_end();
}

static void
serve(const struct tcp_limits *limits)
{
	tcp = tcp_open(&here, 1, NULL, limits, error, sizeof(error));
	ck_assert_msg(tcp != NULL, "%s", error);
	ck_assert_msg(tcp_start(tcp, error, sizeof(error)), "%s", error);
}

/* ---- frames ---- */

static size_t
frame_write(uint8_t *out, const char *name, uint16_t type, uint16_t id)
{
	size_t n = query_write(out + 2, name, type, id);

	be16_put(out, (unsigned)n);
	return n + 2;
}

static bool
read_whole(int fd, uint8_t *out, size_t size)
{
	while (size > 0) {
		ssize_t n = recv(fd, out, size, 0);

		if (n <= 0)
			return false;
		out += n;
		size -= (size_t)n;
	}
	return true;
}

/* The next answer's size; 0: the connection is over. */
static size_t
frame_read(int fd, uint8_t out[ANSWER_TCP_MAX])
{
	uint8_t length[2];

	if (!read_whole(fd, length, 2) || !read_whole(fd, out, be16_get(length)))
		return 0;
	return be16_get(length);
}

static bool
answers(int fd, uint16_t id)
{
	static uint8_t bytes[ANSWER_TCP_MAX];
	size_t n = frame_write(bytes, "www.example.com", TYPE_A, id);

	if (send(fd, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		return false;
	return is_answer(bytes, (ssize_t)frame_read(fd, bytes), id);
}

/* Whether the server has closed the connection, now or within ms. */
static bool
closed_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t byte;

	return poll(&p, 1, ms) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT) <= 0;
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

START_TEST(test_one_query_after_another)
{
	uint64_t answered;
	unsigned open;

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	for (uint16_t id = 0; id < 10; id++)
		ck_assert(answers(fd, id));
	tcp_counters(tcp, &answered, &open);
	ck_assert_uint_eq(answered, 10);
	ck_assert_uint_eq(open, 1);
	close(fd);
	wait_open(0);
}
END_TEST

START_TEST(test_connections_wait_for_the_start)
{
	tcp = tcp_open(&here, 1, NULL, &ample, error, sizeof(error));
	ck_assert_ptr_nonnull(tcp);
	int fd = client(&here, SOCK_STREAM);
	ck_assert(!closed_within(fd, 20));
	ck_assert(tcp_start(tcp, error, sizeof(error)));
	ck_assert(answers(fd, 1));
	close(fd);
}
END_TEST

START_TEST(test_split_writes)
{
	static uint8_t bytes[ANSWER_TCP_MAX];
	int on = 1;

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on));
	size_t n = frame_write(bytes, "www.example.com", TYPE_A, 1);
	n += frame_write(bytes + n, "alias.example.com", TYPE_A, 2);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(send(fd, bytes + i, 1, 0), 1);
		if (i % 7 == 0)
			usleep(200);
	}
	ck_assert(is_answer(bytes, (ssize_t)frame_read(fd, bytes), 1));
	ck_assert(is_answer(bytes, (ssize_t)frame_read(fd, bytes), 2));
	close(fd);
}
END_TEST

START_TEST(test_a_thousand_pipelined_in_order)
{
	static uint8_t all[1000 * 64], bytes[ANSWER_TCP_MAX];
	size_t n = 0;

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	for (uint16_t id = 0; id < 1000; id++)
		n += frame_write(all + n, id % 2 == 0 ? "www.example.com" : "alias.example.com", TYPE_A, id);
	ck_assert_uint_le(n, sizeof(all));
	ck_assert_int_eq(send(fd, all, n, 0), (ssize_t)n);
	shutdown(fd, SHUT_WR);                         /* all that was asked is answered before the end */
	for (uint16_t id = 0; id < 1000; id++)
		ck_assert(is_answer(bytes, (ssize_t)frame_read(fd, bytes), id));
	ck_assert(closed_within(fd, 1000));
	close(fd);
}
END_TEST

START_TEST(test_large_answers)
{
	static uint8_t bytes[ANSWER_TCP_MAX];

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	size_t n = frame_write(bytes, "tovast.example.com", TYPE_TXT, 3);
	send(fd, bytes, n, 0);
	n = frame_read(fd, bytes);
	ck_assert_uint_gt(n, 50000);
	ck_assert(is_answer(bytes, (ssize_t)n, 3));
	ck_assert_uint_eq(be16_get(bytes + 6), 251);
	close(fd);
}
END_TEST

START_TEST(test_what_is_left_aside_is_answered)
{
	static uint8_t bytes[ANSWER_TCP_MAX];

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	size_t n = frame_write(bytes, "no.apex.example.com", TYPE_AXFR, 4);
	send(fd, bytes, n, 0);
	ck_assert_uint_ge(frame_read(fd, bytes), 12);
	ck_assert_uint_eq(be16_get(bytes), 4);
	ck_assert_uint_ne(bytes[3] & 15, RCODE_NOERROR);
	ck_assert(answers(fd, 5));
	close(fd);
}
END_TEST

START_TEST(test_frames_that_are_none)
{
	static const char *const frames[] = { "\0\0", "\0\1", "\0\13" };

	serve(&ample);
	for (size_t i = 0; i < 3; i++) {
		int fd = client(&here, SOCK_STREAM);

		ck_assert(answers(fd, 1));
		ck_assert_int_eq(send(fd, frames[i], 2, 0), 2);
		ck_assert(closed_within(fd, 1000));
		close(fd);
	}
	int fd = client(&here, SOCK_STREAM);           /* twelve bytes are a message, if a bad one */
	uint8_t bytes[64];
	ck_assert_int_eq(send(fd, "\0\14\1\2\0\0\0\0\0\0\0\0\0\0", 14, 0), 14);
	ck_assert(read_whole(fd, bytes, 14));
	ck_assert_mem_eq(bytes, "\0\14\1\2\x80\1\0\0\0\0\0\0\0\0", 14);
	ck_assert(answers(fd, 2));
	close(fd);
}
END_TEST

/* ---- bounds ---- */

START_TEST(test_idle)
{
	const struct tcp_limits quick = { .clients = 10, .idle_us = 300 * US_PER_MS };
	uint64_t start;

	serve(&quick);
	int idle = client(&here, SOCK_STREAM), slow = client(&here, SOCK_STREAM), busy = client(&here, SOCK_STREAM);
	start = clock_mono_us();
	send(slow, "\0\40", 2, MSG_NOSIGNAL);
	for (int i = 0; i < 8; i++) {
		usleep(100000);
		send(slow, "x", 1, MSG_NOSIGNAL);      /* a byte now and then buys no time */
		ck_assert(answers(busy, 1));
		if (i == 0)
			ck_assert(!closed_within(idle, 0) && !closed_within(slow, 0));
	}
	ck_assert(closed_within(idle, 0));
	ck_assert(closed_within(slow, 0));
	ck_assert_uint_gt(clock_mono_us() - start, 2 * quick.idle_us);
	ck_assert_uint_eq(open_now(), 1);
	ck_assert(closed_within(busy, 1000));
	close(idle);
	close(slow);
	close(busy);
}
END_TEST

START_TEST(test_the_longest_idle_makes_room)
{
	const struct tcp_limits few = { .clients = 3, .idle_us = 10 * US_PER_S };
	int fd[4];

	serve(&few);
	for (int i = 0; i < 3; i++) {
		fd[i] = client(&here, SOCK_STREAM);
		ck_assert(answers(fd[i], 1));
	}
	ck_assert(answers(fd[0], 2));                  /* now the second is the one that waits longest */
	fd[3] = client(&here, SOCK_STREAM);
	ck_assert(answers(fd[3], 3));
	ck_assert(closed_within(fd[1], 1000));
	ck_assert(answers(fd[0], 4) && answers(fd[2], 4));
	ck_assert_uint_eq(open_now(), 3);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
}
END_TEST

/* Who does not read its answers is not read from; who then does gets them all. */
START_TEST(test_slow_readers_are_bounded)
{
	static uint8_t bytes[ANSWER_TCP_MAX], queries[2000 * 40];
	struct timeval tv = { .tv_usec = 300000 };
	uint64_t answered, later;
	unsigned open;
	uint16_t sent = 0, got = 0;

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	size_t before = mallinfo2().uordblks;
	for (size_t n = 0; sent < 2000; sent++) {      /* 100 MB of answers, asked for in one go */
		n += frame_write(queries + n, "vast.example.com", TYPE_TXT, sent);
		if (sent == 1999)
			ck_assert_int_gt(send(fd, queries, n, 0), 30000);
	}
	answered = answered_at_rest(tcp, 0);
	ck_assert_uint_lt(answered, 300);              /* what the kernel's buffers and ours take, not 2,000 */
	if (OWN_MALLOC)                                /* ours: 128 KiB, the answer that went beyond, and the input */
		ck_assert_uint_lt(mallinfo2().uordblks - before, 400 << 10);
	int other = client(&here, SOCK_STREAM);
	ck_assert(answers(other, 1));                  /* nobody else waits for it */
	for (; got < answered + 20 && got < sent; got++)
		ck_assert(is_answer(bytes, (ssize_t)frame_read(fd, bytes), got));
	tcp_counters(tcp, &later, &open);
	ck_assert_uint_gt(later, answered);
	close(fd);
	close(other);
	wait_open(0);
}
END_TEST

START_TEST(test_a_reader_that_never_reads_is_closed)
{
	const struct tcp_limits quick = { .clients = 10, .idle_us = 300 * US_PER_MS };
	static uint8_t bytes[512];

	serve(&quick);
	int fd = client(&here, SOCK_STREAM);
	for (uint16_t i = 0; i < 200; i++) {
		size_t n = frame_write(bytes, "vast.example.com", TYPE_TXT, i);
		if (send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)n)
			break;
	}
	usleep(100000);
	ck_assert_uint_eq(open_now(), 1);
	wait_open(0);
	close(fd);
}
END_TEST

START_TEST(test_idle_clients_are_small)
{
	enum { CLIENTS = 400 };
	static int fd[CLIENTS];
	size_t before;

	serve(&ample);
	fd[0] = client(&here, SOCK_STREAM);
	ck_assert(answers(fd[0], 0));
	before = mallinfo2().uordblks;
	for (int i = 1; i < CLIENTS; i++) {
		fd[i] = client(&here, SOCK_STREAM);
		ck_assert(answers(fd[i], 1));          /* idle, not new: its buffers were used */
	}
	size_t each = (mallinfo2().uordblks - before) / (CLIENTS - 1);
	if (OWN_MALLOC) {
		ck_assert_uint_gt(each, 100);          /* the server's thread allocates where mallinfo sees it */
		ck_assert_uint_lt(each, 2048);
	}
	if (getenv("VERBOSE") != NULL)
		printf("idle client: %zu bytes\n", each);
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
}
END_TEST

/* No descriptor for a new connection: it waits until one is free, and the loop does not spin. */
START_TEST(test_out_of_descriptors)
{
	struct rlimit before, none;
	struct rusage usage[2];

	log_open(-1, LOG_LEVEL_ERROR);
	tcp = tcp_open(&here, 1, NULL, &ample, error, sizeof(error));
	ck_assert_ptr_nonnull(tcp);
	int fd = client(&here, SOCK_STREAM), top = dup(fd);
	close(top);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)top;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	getrusage(RUSAGE_SELF, &usage[0]);
	ck_assert(tcp_start(tcp, error, sizeof(error)));
	usleep(300000);
	getrusage(RUSAGE_SELF, &usage[1]);
	ck_assert_uint_eq(open_now(), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	long spent_us = (usage[1].ru_utime.tv_sec - usage[0].ru_utime.tv_sec + usage[1].ru_stime.tv_sec - usage[0].ru_stime.tv_sec) * 1000000
	    + usage[1].ru_utime.tv_usec - usage[0].ru_utime.tv_usec + usage[1].ru_stime.tv_usec - usage[0].ru_stime.tv_usec;
	ck_assert_int_lt(spent_us, 100000);
	ck_assert(answers(fd, 1));
	close(fd);
}
END_TEST

/* ---- addresses ---- */

START_TEST(test_address_in_use)
{
	char expected[128];

	snprintf(expected, sizeof(expected), "127.0.0.1:%u (TCP): address already in use by another program", port);
	serve(&ample);
	ck_assert_ptr_null(tcp_open(&here, 1, NULL, &ample, error, sizeof(error)));
	ck_assert_str_eq(error, expected);
}
END_TEST

START_TEST(test_a_change_keeps_connections)
{
	struct addr list[3] = { at("127.0.0.2", port), at("::1", port), at("192.0.2.1", port) };

	serve(&ample);
	int fd = client(&here, SOCK_STREAM);
	ck_assert(answers(fd, 1));
	ck_assert(!tcp_prepare(tcp, list, 3, NULL, error, sizeof(error)));
	ck_assert(strstr(error, "192.0.2.1:") == error);
	ck_assert(tcp_prepare(tcp, list, 2, NULL, error, sizeof(error)));
	int waiting = client(&here, SOCK_STREAM);      /* connected when the address goes */
	tcp_apply(tcp, &ample);
	int v4 = client(&list[0], SOCK_STREAM), v6 = client(&list[1], SOCK_STREAM);
	ck_assert(answers(v4, 2) && answers(v6, 3) && answers(fd, 4) && answers(waiting, 5));

	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(&here, &ss);
	int refused = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ne(connect(refused, (struct sockaddr *)&ss, length), 0);
	ck_assert_int_eq(errno, ECONNREFUSED);

	const struct tcp_limits two = { .clients = 2, .idle_us = ample.idle_us };
	ck_assert(tcp_prepare(tcp, list, 2, NULL, error, sizeof(error)));
	tcp_apply(tcp, &two);                          /* the new limit holds for those who are here */
	wait_open(2);
	close(fd);
	close(waiting);
	close(v4);
	close(v6);
	close(refused);
}
END_TEST

START_TEST(test_stop_is_prompt)
{
	int fd[50];
	uint64_t start;

	serve(&ample);
	for (int i = 0; i < 50; i++) {
		fd[i] = client(&here, SOCK_STREAM);
		ck_assert(answers(fd[i], 1));
	}
	start = clock_mono_us();
	tcp_close(tcp);
	tcp = NULL;
	ck_assert_uint_lt(clock_mono_us() - start, 100 * US_PER_MS);
	for (int i = 0; i < 50; i++) {
		ck_assert(closed_within(fd[i], 1000));
		close(fd[i]);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tcp");
	TCase *t = tcase_create("tcp");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_one_query_after_another);
	tcase_add_test(t, test_connections_wait_for_the_start);
	tcase_add_test(t, test_split_writes);
	tcase_add_test(t, test_a_thousand_pipelined_in_order);
	tcase_add_test(t, test_large_answers);
	tcase_add_test(t, test_what_is_left_aside_is_answered);
	tcase_add_test(t, test_frames_that_are_none);
	tcase_add_test(t, test_idle);
	tcase_add_test(t, test_the_longest_idle_makes_room);
	tcase_add_test(t, test_slow_readers_are_bounded);
	tcase_add_test(t, test_a_reader_that_never_reads_is_closed);
	tcase_add_test(t, test_idle_clients_are_small);
	tcase_add_test(t, test_out_of_descriptors);
	tcase_add_test(t, test_address_in_use);
	tcase_add_test(t, test_a_change_keeps_connections);
	tcase_add_test(t, test_stop_is_prompt);
	suite_add_tcase(s, t);

	return suite_run(s);
}
