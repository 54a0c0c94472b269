/* test_udp.c - the workers on real sockets. */
#include "dnsd/udp.h"

#include <stdatomic.h>

#include "tests/unit/dnsd/sockets.h"
#include "tests/unit/suite.h"

static uint16_t port;
static struct udp *udp;
static char error[512];

static void
setup(void)
{
	world_start();
	port = free_port();
	error[0] = '\0';
	udp = NULL;
}

static void
teardown(void)
{
	udp_close(udp);
	world_end();
}

static void
serve(const struct addr *listen, size_t n, unsigned workers)
{
	udp = udp_open(listen, n, workers, error, sizeof(error));
	ck_assert_msg(udp != NULL, "%s", error);
	ck_assert_msg(udp_start(udp, error, sizeof(error)), "%s", error);
}

static bool
change(const struct addr *listen, size_t n)
{
	return udp_prepare(udp, listen, n, error, sizeof(error)) && udp_apply(udp, error, sizeof(error));
}

static bool
answers(int fd, uint16_t id)
{
	uint8_t bytes[1500];
	size_t n = query_write(bytes, "www.example.com", TYPE_A, id);

	return send(fd, bytes, n, 0) == (ssize_t)n && is_answer(bytes, recv(fd, bytes, sizeof(bytes), 0), id);
}

START_TEST(test_queries_wait_for_the_start)
{
	struct addr a = at("127.0.0.1", port);
	uint8_t bytes[1500];

	udp = udp_open(&a, 1, 2, error, sizeof(error));
	ck_assert_ptr_nonnull(udp);
	int fd = client(&a, SOCK_DGRAM);
	size_t n = query_write(bytes, "www.example.com", TYPE_A, 7);
	ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
	ck_assert_int_lt(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), 0);
	ck_assert(udp_start(udp, error, sizeof(error)));
	ck_assert(is_answer(bytes, recv(fd, bytes, sizeof(bytes), 0), 7));
	close(fd);
}
END_TEST

/* An unconnected client sees where the answer came from. */
static void
check_answered_from(const char *text)
{
	struct addr a = at(text, port), from;
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(&a, &ss);
	struct timeval tv = { .tv_sec = 5 };
	uint8_t bytes[1500];
	int fd = socket(ss.ss_family, SOCK_DGRAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	size_t n = query_write(bytes, "www.example.com", TYPE_A, 99);
	ck_assert_int_eq(sendto(fd, bytes, n, 0, (struct sockaddr *)&ss, length), (ssize_t)n);
	length = sizeof(ss);
	ssize_t got = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&ss, &length);
	ck_assert_msg(is_answer(bytes, got, 99), "%s", text);
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &from));
	ck_assert_msg(addr_equal(&from, &a), "%s", text);
	close(fd);
}

START_TEST(test_wildcard_answers_from_the_address_asked)
{
	struct addr any[2] = { at("0.0.0.0", port), at("::", port) };

	serve(any, 2, 2);
	for (int i = 0; i < 3; i++) {
		check_answered_from("127.0.0.1");
		check_answered_from("127.0.0.2");
		check_answered_from("127.1.2.3");
		check_answered_from("::1");
	}
}
END_TEST

START_TEST(test_address_in_use)
{
	struct addr a = at("127.0.0.1", port), any = at("0.0.0.0", port);
	char expected[128];

	snprintf(expected, sizeof(expected), "127.0.0.1:%u (UDP): address already in use by another program", port);
	udp = udp_open(&a, 1, 1, error, sizeof(error));        /* with SO_REUSEPORT, and of this user: the kernel would share */
	ck_assert_ptr_nonnull(udp);
	ck_assert_ptr_null(udp_open(&a, 1, 1, error, sizeof(error)));
	ck_assert_str_eq(error, expected);
	ck_assert_ptr_null(udp_open(&any, 1, 1, error, sizeof(error)));
	ck_assert(strstr(error, "0.0.0.0:") == error);
}
END_TEST

START_TEST(test_a_failing_change_changes_nothing)
{
	struct addr a = at("127.0.0.1", port), both[2] = { at("127.0.0.9", port), at("192.0.2.1", port) };

	serve(&a, 1, 2);
	ck_assert(!change(both, 2));
	ck_assert(strstr(error, "192.0.2.1:") == error);
	ck_assert(strstr(error, "no interface of this machine has this address") != NULL);
	int fd = client(&a, SOCK_DGRAM), other = client(&both[0], SOCK_DGRAM);
	ck_assert(answers(fd, 1));
	ck_assert(!answers(other, 2));                         /* refused: it was closed again */
	ck_assert(udp_prepare(udp, both, 1, error, sizeof(error)));
	udp_abandon(udp);
	ck_assert(answers(fd, 3));
	ck_assert(!answers(other, 4));
	close(fd);
	close(other);
}
END_TEST

/* From one address to the wildcard and back, which overlap. */
START_TEST(test_overlapping_addresses)
{
	struct addr a = at("127.0.0.1", port), any = at("0.0.0.0", port);

	serve(&a, 1, 2);
	ck_assert_msg(change(&any, 1), "%s", error);
	check_answered_from("127.0.0.1");
	check_answered_from("127.0.0.2");
	ck_assert_msg(change(&a, 1), "%s", error);
	check_answered_from("127.0.0.1");
}
END_TEST

/* ---- under load ---- */

struct load {
	struct addr server;
	_Atomic bool stop;
	int fd;
	unsigned sent, answered;
	pthread_t thread;
};

static void *
load_run(void *arg)
{
	struct load *l = arg;

	while (!atomic_load(&l->stop)) {
		l->sent++;
		l->answered += answers(l->fd, (uint16_t)l->sent);
	}
	return NULL;
}

static void
load_start(struct load *l, const struct addr *server)
{
	*l = (struct load){ .server = *server, .fd = client(server, SOCK_DGRAM) };
	ck_assert_int_eq(pthread_create(&l->thread, NULL, load_run, l), 0);
}

static void
load_stop(struct load *l)
{
	atomic_store(&l->stop, true);
	pthread_join(l->thread, NULL);
	close(l->fd);
}

/* Waits until so many are counted, since a worker counts behind its send: who has an answer may be ahead of that. */
static void
expect_counted(uint64_t answered, uint64_t dropped)
{
	uint64_t a, d;

	for (int i = 0; udp_counters(udp, &a, &d), i < 5000 && (a < answered || d < dropped); i++)
		usleep(1000);
	ck_assert_uint_eq(a, answered);
	ck_assert_uint_eq(d, dropped);
}

START_TEST(test_changes_lose_no_query)
{
	struct addr list[2] = { at("127.0.0.1", port), at("127.0.0.2", port) };
	struct load load;
	uint64_t answered, dropped, before;

	serve(list, 1, 2);
	load_start(&load, &list[0]);
	for (int i = 0; i < 50; i++) {
		ck_assert_msg(change(list, 2), "%s", error);
		int fd = client(&list[1], SOCK_DGRAM);
		for (uint16_t id = 0; id < 20; id++) {         /* in its queue when the address goes */
			uint8_t bytes[1500];
			size_t n = query_write(bytes, "www.example.com", TYPE_A, id);
			ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
		}
		udp_counters(udp, &before, &dropped);
		ck_assert_msg(change(list, 1), "%s", error);
		for (uint16_t id = 0; id < 20; id++) {
			uint8_t bytes[1500];
			ck_assert(is_answer(bytes, recv(fd, bytes, sizeof(bytes), 0), id));
		}
		udp_counters(udp, &answered, &dropped);
		ck_assert_uint_ge(answered, before);
		close(fd);
	}
	load_stop(&load);
	ck_assert_uint_gt(load.sent, 100);
	ck_assert_uint_eq(load.sent, load.answered);
	expect_counted(load.sent + 50 * 20, 0);
}
END_TEST

START_TEST(test_a_burst_is_answered_whole)
{
	struct addr a = at("127.0.0.1", port);
	uint8_t bytes[1500];
	bool seen[1000] = { false };

	serve(&a, 1, 1);
	int fd = client(&a, SOCK_DGRAM), room = 4 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	for (uint16_t id = 0; id < 1000; id++) {
		size_t n = query_write(bytes, "www.example.com", TYPE_A, id);
		ck_assert_int_eq(send(fd, bytes, n, 0), (ssize_t)n);
		if (id % 250 == 249) {                         /* what an unprivileged receive buffer holds */
			for (int i = 0; i < 250; i++) {
				ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
				ck_assert_int_gt(got, 12);
				ck_assert(!seen[be16_get(bytes)]);
				seen[be16_get(bytes)] = true;
			}
		}
	}
	close(fd);
}
END_TEST

START_TEST(test_counters_and_silence)
{
	struct addr a = at("127.0.0.1", port);
	uint8_t bytes[1500];

	serve(&a, 1, 1);
	int fd = client(&a, SOCK_DGRAM);
	size_t n = query_write(bytes, "www.example.com", TYPE_A, 1);
	bytes[2] = 0x80;                               /* an answer */
	send(fd, bytes, n, 0);
	send(fd, bytes, 5, 0);
	send(fd, bytes, 0, 0);                         /* an empty datagram is not the end of input */
	ck_assert(answers(fd, 2));
	expect_counted(1, 3);
	close(fd);
}
END_TEST

/* Beside others in one batch: the jobs that are left aside are answered too, and go back to who asked. */
START_TEST(test_what_is_left_aside_is_answered)
{
	struct addr list[2] = { at("127.0.0.1", port), at("::1", port) };
	uint8_t bytes[1500];

	udp = udp_open(list, 2, 1, error, sizeof(error));
	ck_assert_ptr_nonnull(udp);
	int fd[2] = { client(&list[0], SOCK_DGRAM), client(&list[1], SOCK_DGRAM) };
	for (uint16_t id = 0; id < 20; id++) {         /* they wait for the start, so that they come in batches */
		size_t n = query_write(bytes, "example.com", id % 5 == 0 ? TYPE_AXFR : TYPE_NS, id);
		ck_assert_int_eq(send(fd[id % 2], bytes, n, 0), (ssize_t)n);
	}
	ck_assert(udp_start(udp, error, sizeof(error)));
	for (uint16_t id = 0; id < 20; id++) {
		ssize_t got = recv(fd[id % 2], bytes, sizeof(bytes), 0);
		if (id % 5 != 0) {
			ck_assert(is_answer(bytes, got, id));
			continue;
		}
		ck_assert_int_ge(got, 12);
		ck_assert_uint_eq(be16_get(bytes), id);
		ck_assert_uint_eq(bytes[3] & 15, RCODE_REFUSED);
	}
	close(fd[0]);
	close(fd[1]);
}
END_TEST

/* The quickest of some attempts: a busy machine makes one slow, what waits for a timer makes all of them so. */
START_TEST(test_stop_is_prompt)
{
	struct addr list[2] = { at("127.0.0.1", port), at("::1", port) };
	struct load load;
	uint64_t start, took, idle = UINT64_MAX, busy = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		serve(list, 2, 4);
		start = clock_mono_us();
		udp_close(udp);                        /* eight threads, all idle */
		took = clock_mono_us() - start;
		idle = took < idle ? took : idle;

		serve(list, 2, 4);
		load_start(&load, &list[0]);
		usleep(20000);
		start = clock_mono_us();
		udp_close(udp);
		took = clock_mono_us() - start;
		busy = took < busy ? took : busy;
		shutdown(load.fd, SHUT_RD);            /* nobody answers it any more */
		load_stop(&load);
	}
	udp = NULL;
	ck_assert_uint_lt(idle, 100 * US_PER_MS);
	ck_assert_uint_lt(busy, 300 * US_PER_MS);
}
END_TEST

/* ---- snapshots change while queries run ---- */

/* svc has one address in every version; the version's number is in each of its records. */
static struct snapshot *
next_version(uint8_t number, struct garbage **garbage)
{
	struct zone_edit *e = zone_edit(rich.zones[0]);
	struct rrbuf *b = rrbuf_new();
	uint8_t name[DNAME_MAX];

	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	for (uint8_t k = 0; k < 3; k++)
		rrbuf_add(b, (const uint8_t[]){ 10, number, number, k }, 4);
	zone_put(e, rich_name("live.example.com", name), b);
	rrbuf_free(b);
	rich.zones[0] = zone_commit(e, garbage);
	return snapshot_new(zone_set_new(rich.zones, RICH_ZONES), &(struct snapshot_terms){ NULL }, NULL, NULL);
}

START_TEST(test_every_answer_is_of_one_version)
{
	enum { ASKED = ROUNDS(5000) };
	struct addr a = at("127.0.0.1", port);
	unsigned asked = 0, versions = 0;
	struct load load;
	uint8_t bytes[1500];

	serve(&a, 1, 2);
	load_start(&load, &a);
	int fd = client(&a, SOCK_DGRAM);
	for (; asked < ASKED; versions++) {
		struct garbage *garbage;
		struct snapshot *next = next_version((uint8_t)(versions % 200), &garbage);

		snapshot_retire(snapshot_publish(next), &garbage, 1);
		if (versions % 8 != 0)
			continue;
		size_t n = query_write(bytes, "live.example.com", TYPE_A, 5);
		send(fd, bytes, n, 0);
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
		ck_assert(is_answer(bytes, got, 5));
		ck_assert_uint_eq(be16_get(bytes + 6), 3);
		for (const uint8_t *rr = bytes + n; rr < bytes + got; rr += 16)
			ck_assert(rr[12] == 10 && rr[13] == versions % 200 && rr[14] == rr[13]);
		asked++;
	}
	load_stop(&load);
	ck_assert_uint_gt(load.sent, 0);
	ck_assert_uint_eq(load.sent, load.answered);
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("udp");
	TCase *t = tcase_create("udp");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_queries_wait_for_the_start);
	tcase_add_test(t, test_wildcard_answers_from_the_address_asked);
	tcase_add_test(t, test_address_in_use);
	tcase_add_test(t, test_a_failing_change_changes_nothing);
	tcase_add_test(t, test_overlapping_addresses);
	tcase_add_test(t, test_changes_lose_no_query);
	tcase_add_test(t, test_a_burst_is_answered_whole);
	tcase_add_test(t, test_counters_and_silence);
	tcase_add_test(t, test_what_is_left_aside_is_answered);
	tcase_add_test(t, test_stop_is_prompt);
	tcase_add_test(t, test_every_answer_is_of_one_version);
	suite_add_tcase(s, t);

	return suite_run(s);
}
