/* test_handover.c - updates from real sockets to the control thread, and their answers' ways back. */
#include "dnsd/handover.h"

#include <event2/event.h>
#include <stdatomic.h>

#include "dnsd/tcp.h"
#include "dnsd/udp.h"
#include "tests/unit/dnsd/sockets.h"
#include "tests/unit/suite.h"

enum { MANY = 100 };

/* Whoever may come from anywhere, unsigned, to the first zone. */
static struct conf_who anybody = { .anywhere = true };
static struct conf_zone zones[RICH_ZONES];
static struct conf conf = { .zones = zones, .nzones = RICH_ZONES };

static const struct tcp_limits ample = { .clients = 1000, .idle_us = 10 * US_PER_S };
static uint16_t port;
static struct addr here;
static struct udp *udp;
static struct tcp *tcp;
static struct event_base *base;
static struct handover *handover;
static char error[512];
static struct handed held;             /* what was taken, to be answered later */
static unsigned taken;

/* ---- the control thread: this one ---- */

static void
on_some(void *arg)
{
	(void)arg;
	while (taken == 0 && handover_take(handover, &held))
		taken++;
}

static void
setup(void)
{
	world_start();
	base = event_base_new();
	handover = handover_new(base, on_some, NULL);
	zones[0] = (struct conf_zone){ .type = ZONE_DYNAMIC, .update = { &anybody, 1 } };
	for (unsigned i = 0; i < RICH_ZONES; i++)
		zone_set_index(rich.zones[i], i);
	rich.snapshot->terms.conf = &conf;
	rich.snapshot->terms.handover = handover;
	rich.snapshot->terms.number = 7;
	port = free_port();
	here = at("127.0.0.1", port);
	error[0] = '\0';
	udp = NULL;
	tcp = NULL;
	taken = 0;
}

static void
teardown(void)
{
	udp_close(udp);
	handover_close(handover);
	tcp_close(tcp);
	handover_free(handover);               /* every test has answered what it took */
	event_base_free(base);
	world_end();
}

static void
serve(const struct addr *listen)
{
	udp = udp_open(listen, 1, 1, error, sizeof(error));
	ck_assert_msg(udp != NULL && udp_start(udp, error, sizeof(error)), "%s", error);
	tcp = tcp_open(listen, 1, NULL, &ample, error, sizeof(error));
	ck_assert_msg(tcp != NULL && tcp_start(tcp, error, sizeof(error)), "%s", error);
}

/* Waits for the next message: it is in held. */
static void
take(void)
{
	const struct timeval most = { 5, 0 };

	taken = 0;
	on_some(NULL);                         /* what came before is not told again */
	event_base_loopexit(base, &most);
	while (taken == 0 && !event_base_got_exit(base))
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_uint_eq(taken, 1);
	ck_assert_uint_eq(held.terms_number, 7);
}

/* Its header, and what it was about. */
static void
reply(void)
{
	uint8_t answer[64];
	size_t size = 12 + 17;

	ck_assert_uint_ge(held.size, size);
	memcpy(answer, held.message, size);
	answer[2] |= 0x80;
	memset(answer + 6, 0, 6);
	handed_reply(&held, answer, size);
}

/* ---- clients ---- */

/* An UPDATE of example.com with so many TXT records of 100 bytes. */
static size_t
update_write(uint8_t *out, size_t room, unsigned records, uint16_t id)
{
	static const uint8_t text[100] = { 99 };
	struct ask a = { .name = "example.com", .type = TYPE_SOA, .flags = OPCODE_UPDATE };
	size_t n = ask_write(&a, out, room);
	struct wr w = wr_begin(out + n, room - n);

	be16_put(out, id);
	be16_put(out + 8, records);
	for (unsigned i = 0; i < records; i++) {
		wr_u16(&w, 0xC00C);
		wr_u16(&w, TYPE_TXT);
		wr_u16(&w, CLASS_IN);
		wr_u32(&w, i);
		wr_u16(&w, sizeof(text));
		wr_bytes(&w, text, sizeof(text));
	}
	ck_assert(!w.full);
	return n + wr_size(&w);
}

static void
send_whole(int fd, const uint8_t *bytes, size_t size)
{
	ck_assert_int_eq(send(fd, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

static void
is_reply(const uint8_t *bytes, ssize_t size, uint16_t id)
{
	ck_assert_int_eq(size, 12 + 17);
	ck_assert_uint_eq(be16_get(bytes), id);
	ck_assert_uint_eq(be16_get(bytes + 2), FLAG_QR | OPCODE_UPDATE);
}

static size_t
framed(uint8_t *frame, size_t size)
{
	be16_put(frame, (unsigned)size);
	return size + 2;
}

/* The next frame, whole. */
static ssize_t
frame_read(int fd, uint8_t *out)
{
	uint8_t length[2];
	size_t size, n = 0;

	if (recv(fd, length, 2, MSG_WAITALL) != 2)
		return -1;
	size = be16_get(length);
	while (n < size) {
		ssize_t got = recv(fd, out + n, size - n, 0);

		if (got <= 0)
			return -1;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

/* ---- the queue ---- */

struct counted {
	struct way_back back;
	unsigned *sent, *dropped;
};

static void
counted_send(struct way_back *w, const uint8_t *message, size_t size)
{
	struct counted *c = (struct counted *)(void *)w;

	(void)message;
	ck_assert_uint_eq(size, 3);
	++*c->sent;
	free(c);
}

static void
counted_drop(struct way_back *w)
{
	struct counted *c = (struct counted *)(void *)w;

	++*c->dropped;
	free(c);
}

static struct handed
counted(size_t size, unsigned *sent, unsigned *dropped)
{
	struct counted *c = malloc(sizeof(*c));

	*c = (struct counted){ { counted_send, counted_drop }, sent, dropped };
	return (struct handed){ .message = malloc(size), .size = size, .back = &c->back };
}

START_TEST(test_bounded)
{
	const size_t size = _i == 0 ? 1 : 65535, most = _i == 0 ? HANDOVER_MESSAGES : HANDOVER_BYTES / 65535;
	unsigned sent = 0, dropped = 0;
	struct handed one;

	for (size_t i = 0; i < most; i++) {
		one = counted(size, &sent, &dropped);
		ck_assert(handover_put(handover, &one));
	}
	one = counted(size, &sent, &dropped);
	ck_assert(!handover_put(handover, &one));
	ck_assert(handover_take(handover, &held));
	handed_reply(&held, (const uint8_t *)"abc", 3);
	ck_assert_uint_eq(sent, 1);
	ck_assert(handover_put(handover, &one));
	ck_assert(!handover_put(NULL, &one));
	ck_assert(handover_take(handover, &held));
	handed_reply(&held, NULL, 0);
	ck_assert_uint_eq(dropped, 1);
	handover_close(handover);
	one = counted(size, &sent, &dropped);
	ck_assert(!handover_put(handover, &one));
	handed_reply(&one, NULL, 0);
	handover_free(handover);               /* drops the rest */
	ck_assert_uint_eq(dropped, most + 1);
	handover = handover_new(base, on_some, NULL);
}
END_TEST

/* ---- datagrams ---- */

START_TEST(test_datagrams)
{
	static const unsigned records[] = { 0, 1, 10, 11, 90, 580 };   /* 11 are the first beyond what a query may have */
	static uint8_t bytes[65536], answer[1500];

	serve(&here);

	int fd = client(&here, SOCK_DGRAM);

	for (unsigned i = 0; i < sizeof(records) / sizeof(*records); i++) {
		size_t size = update_write(bytes, sizeof(bytes), records[i], (uint16_t)i);

		send_whole(fd, bytes, size);
		take();
		ck_assert_uint_eq(held.size, size);
		ck_assert_mem_eq(held.message, bytes, size);
		ck_assert_int_eq(held.transport, TRANSPORT_UDP);
		reply();
		is_reply(answer, recv(fd, answer, sizeof(answer), 0), (uint16_t)i);
	}
	close(fd);
}
END_TEST

/* Queries beyond what we announce are cut as ever: FORMERR. */
START_TEST(test_large_queries_are_cut)
{
	uint8_t bytes[4096] = { 0 };
	size_t n = query_write(bytes, "www.example.com", TYPE_A, 5);

	serve(&here);

	int fd = client(&here, SOCK_DGRAM);

	send_whole(fd, bytes, n + 2000);
	ck_assert_int_ge(recv(fd, bytes, sizeof(bytes), 0), 12);
	ck_assert_uint_eq(bytes[3] & 15, RCODE_FORMERR);
	ck_assert_uint_eq(bytes[1], 5);
	close(fd);
}
END_TEST

/* Queries beside an update do not wait for it. */
START_TEST(test_queries_go_on)
{
	uint8_t bytes[1500];

	serve(&here);

	int fd = client(&here, SOCK_DGRAM), other = client(&here, SOCK_DGRAM);

	send_whole(fd, bytes, update_write(bytes, sizeof(bytes), 1, 3));
	take();
	for (uint16_t i = 0; i < MANY; i++) {
		send_whole(other, bytes, query_write(bytes, "www.example.com", TYPE_A, i));
		ck_assert(is_answer(bytes, recv(other, bytes, sizeof(bytes), 0), i));
	}
	reply();
	is_reply(bytes, recv(fd, bytes, sizeof(bytes), 0), 3);
	close(fd);
	close(other);
}
END_TEST

/* From a wildcard address the answer has to leave from the address that was asked: connected clients hear no other. */
START_TEST(test_answered_from)
{
	static const char *const any[] = { "0.0.0.0", "::" }, *const asked[] = { "127.0.0.5", "::1" };
	const struct addr listen = at(any[_i], port), server = at(asked[_i], port);
	uint8_t bytes[1500];

	serve(&listen);

	int fd = client(&server, SOCK_DGRAM);

	send_whole(fd, bytes, update_write(bytes, sizeof(bytes), 1, 9));
	take();
	reply();
	is_reply(bytes, recv(fd, bytes, sizeof(bytes), 0), 9);
	close(fd);
}
END_TEST

/* The listen address has gone meanwhile: the answer comes all the same, and then the port is free. */
START_TEST(test_socket_outlives_its_worker)
{
	const struct addr other = at("127.0.0.2", port);
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(&here, &ss);
	uint8_t bytes[1500];

	serve(&here);

	int fd = client(&here, SOCK_DGRAM), again = socket(AF_INET, SOCK_DGRAM, 0);

	send_whole(fd, bytes, update_write(bytes, sizeof(bytes), 1, 4));
	take();
	ck_assert(udp_prepare(udp, &other, 1, error, sizeof(error)));
	ck_assert(udp_apply(udp, error, sizeof(error)));
	ck_assert_int_lt(bind(again, (struct sockaddr *)&ss, length), 0);
	reply();
	is_reply(bytes, recv(fd, bytes, sizeof(bytes), 0), 4);
	ck_assert_int_eq(bind(again, (struct sockaddr *)&ss, length), 0);
	close(again);
	close(fd);
}
END_TEST

/* What cannot be handed over is answered with SERVFAIL by the worker. */
START_TEST(test_closed_is_servfail)
{
	uint8_t bytes[1500];

	serve(&here);
	handover_close(handover);
	for (int i = 0; i < 2; i++) {
		int fd = client(&here, i == 0 ? SOCK_DGRAM : SOCK_STREAM);
		size_t n = update_write(bytes + 2, sizeof(bytes) - 2, 1, 8);

		if (i == 0)
			send_whole(fd, bytes + 2, n);
		else
			send_whole(fd, bytes, framed(bytes, n));
		ck_assert_int_ge(i == 0 ? recv(fd, bytes, sizeof(bytes), 0) : frame_read(fd, bytes), 12);
		ck_assert_uint_eq(bytes[3] & 15, RCODE_SERVFAIL);
		if (i == 1) {                  /* and the connection goes on */
			send_whole(fd, bytes, framed(bytes, query_write(bytes + 2, "www.example.com", TYPE_A, 77)));
			ck_assert(is_answer(bytes, frame_read(fd, bytes), 77));
		}
		close(fd);
	}
}
END_TEST

/* ---- connections ---- */

/* What follows an update on its connection waits for its answer; other connections do not. */
START_TEST(test_connections)
{
	static uint8_t bytes[3 * 65536];
	uint8_t answer[1500];
	size_t n, update;

	serve(&here);

	int fd = client(&here, SOCK_STREAM), other = client(&here, SOCK_STREAM);

	update = update_write(bytes + 2, 65535, 500, 1);
	n = framed(bytes, update);
	n += framed(bytes + n, query_write(bytes + n + 2, "www.example.com", TYPE_A, 2));
	n += framed(bytes + n, update_write(bytes + n + 2, 65535, 1, 3));
	send_whole(fd, bytes, n);
	take();
	ck_assert_uint_eq(held.size, update);
	ck_assert_mem_eq(held.message, bytes + 2, update);
	ck_assert_int_eq(held.transport, TRANSPORT_TCP);
	send_whole(other, bytes, framed(bytes, query_write(bytes + 2, "www.example.com", TYPE_A, 20)));
	ck_assert(is_answer(bytes, frame_read(other, bytes), 20));
	ck_assert_int_lt(recv(fd, answer, 1, MSG_DONTWAIT), 0);
	reply();
	is_reply(answer, frame_read(fd, answer), 1);
	ck_assert(is_answer(answer, frame_read(fd, answer), 2));
	take();
	reply();
	is_reply(answer, frame_read(fd, answer), 3);
	close(fd);
	close(other);
}
END_TEST

/* The client has gone, or somebody else has its place: nobody gets its answer. */
START_TEST(test_connection_goes)
{
	const struct tcp_limits one = { .clients = 1, .idle_us = 10 * US_PER_S };
	uint8_t bytes[1500];
	struct pollfd p = { .events = POLLIN };

	serve(&here);

	int fd = client(&here, SOCK_STREAM);

	send_whole(fd, bytes, framed(bytes, update_write(bytes + 2, sizeof(bytes) - 2, 1, 6)));
	take();
	ck_assert(tcp_prepare(tcp, &here, 1, NULL, error, sizeof(error)));
	tcp_apply(tcp, &one);

	int newcomer = client(&here, SOCK_STREAM);     /* for whom the one that waits is closed */

	send_whole(newcomer, bytes, framed(bytes, query_write(bytes + 2, "www.example.com", TYPE_A, 30)));
	ck_assert(is_answer(bytes, frame_read(newcomer, bytes), 30));
	reply();
	ck_assert_int_le(recv(fd, bytes, sizeof(bytes), 0), 0);
	send_whole(newcomer, bytes, framed(bytes, query_write(bytes + 2, "www.example.com", TYPE_A, 31)));
	ck_assert(is_answer(bytes, frame_read(newcomer, bytes), 31));
	p.fd = newcomer;
	ck_assert_int_eq(poll(&p, 1, 50), 0);
	close(fd);
	close(newcomer);
}
END_TEST

/* Who has said all that it will gets its answer, then the end. */
START_TEST(test_half_closed)
{
	uint8_t bytes[1500];

	serve(&here);

	int fd = client(&here, SOCK_STREAM);

	send_whole(fd, bytes, framed(bytes, update_write(bytes + 2, sizeof(bytes) - 2, 1, 2)));
	shutdown(fd, SHUT_WR);
	take();
	reply();
	is_reply(bytes, frame_read(fd, bytes), 2);
	ck_assert_int_eq(recv(fd, bytes, 1, 0), 0);
	close(fd);
}
END_TEST

/* Answered in the moment before the end: all of it still leaves. */
START_TEST(test_answered_at_the_end)
{
	struct handed all[MANY];
	int fds[MANY];
	uint8_t bytes[1500];

	serve(&here);
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = client(&here, SOCK_STREAM);
		send_whole(fds[i], bytes, framed(bytes, update_write(bytes + 2, sizeof(bytes) - 2, 1, 2)));
		take();
		all[i] = held;
	}
	handover_close(handover);
	for (unsigned i = 0; i < MANY; i++) {
		held = all[i];
		reply();
	}
	tcp_close(tcp);
	tcp = NULL;
	for (unsigned i = 0; i < MANY; i++) {
		is_reply(bytes, frame_read(fds[i], bytes), 2);
		close(fds[i]);
	}
}
END_TEST

/* Silence is an answer too: the connection goes on. */
START_TEST(test_dropped)
{
	uint8_t bytes[1500];

	serve(&here);

	int fd = client(&here, SOCK_STREAM);

	send_whole(fd, bytes, framed(bytes, update_write(bytes + 2, sizeof(bytes) - 2, 1, 2)));
	take();
	handed_reply(&held, NULL, 0);
	send_whole(fd, bytes, framed(bytes, query_write(bytes + 2, "www.example.com", TYPE_A, 31)));
	ck_assert(is_answer(bytes, frame_read(fd, bytes), 31));
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("handover");
	TCase *t = tcase_create("ways");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_bounded, 0, 2);
	tcase_add_test(t, test_datagrams);
	tcase_add_test(t, test_large_queries_are_cut);
	tcase_add_test(t, test_queries_go_on);
	tcase_add_loop_test(t, test_answered_from, 0, 2);
	tcase_add_test(t, test_socket_outlives_its_worker);
	tcase_add_test(t, test_closed_is_servfail);
	tcase_add_test(t, test_connections);
	tcase_add_test(t, test_connection_goes);
	tcase_add_test(t, test_half_closed);
	tcase_add_test(t, test_answered_at_the_end);
	tcase_add_test(t, test_dropped);
	suite_add_tcase(s, t);
	return suite_run(s);
}
