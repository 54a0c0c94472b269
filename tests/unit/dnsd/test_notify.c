/* test_notify.c - NOTIFY to real sockets on loopback: those that answer, are silent, refuse, lie, or are not there. */
#include "dnsd/notify.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/notify_message.h"
#include "dnsd/question.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "tests/unit/suite.h"

enum { ZONES = 1000, TARGETS = 3, ROOM = 2048, SOA_SIZE = 12 + 22 };

static struct event_base *base;
static struct conf conf;
static struct conf_key key;
static struct keyring *keys;
static struct notify *notify;
static uint8_t secret[32] = "not much of a secret";

/* ---- what was told ---- */

static struct {
	unsigned count, logged;
	char text[512], from[32], to[32], subject[512];
} told;

static void
on_event(void *arg, const struct daemon_event *e, bool log)
{
	(void)arg;
	ck_assert_int_eq(e->kind, EVENT_SECONDARY);
	told.count++;
	told.logged += log;
	snprintf(told.text, sizeof(told.text), "%s", e->text);
	snprintf(told.from, sizeof(told.from), "%s", e->from);
	snprintf(told.to, sizeof(told.to), "%s", e->to);
	snprintf(told.subject, sizeof(told.subject), "%s", e->subject);
}

/* ---- the configuration: zones z0.example.com, ... with targets ---- */

static void
setup(void)
{
	memset(&told, 0, sizeof(told));
	base = event_base_new();
	key = (struct conf_key){ .name = mem_text("xfer"), .algorithm = TSIG_HMAC_SHA256, .secret = secret, .secret_size = sizeof(secret) };
	dname_parse("xfer", key.dname);
	conf = (struct conf){ .keys = &key, .nkeys = 1 };
	keys = keyring_new(&conf);
}

static void
conf_clear(struct conf *c)
{
	for (size_t i = 0; i < c->nzones; i++) {
		free(c->zones[i].text);
		free(c->zones[i].notify);
	}
	free(c->zones);
}

static void
teardown(void)
{
	notify_free(notify);
	notify = NULL;
	conf_clear(&conf);
	keyring_free(keys);
	free(key.name);
	event_base_free(base);
}

static void
zones_make(struct conf *c, size_t nzones, const struct conf_notify *targets, size_t n)
{
	c->zones = mem_array(nzones, sizeof(*c->zones));
	c->nzones = nzones;
	for (size_t i = 0; i < nzones; i++) {
		struct conf_zone *z = &c->zones[i];

		z->text = mem_printf("z%zu.example.com", i);
		dname_parse(z->text, z->name);
		z->notify = mem_array(n, sizeof(*z->notify));
		z->nnotify = n;
		for (size_t k = 0; k < n; k++)
			z->notify[k] = targets[k];
	}
}

static void
begin(size_t nzones, const struct conf_notify *targets, size_t n)
{
	zones_make(&conf, nzones, targets, n);
	notify = notify_new(base, &conf, keys, on_event, NULL);
}

/* The SOA . . SERIAL 0 0 0 0 as in struct rrset. */
static const uint8_t *
soa(uint32_t serial)
{
	static uint8_t rr[SOA_SIZE];
	struct wr w = wr_begin(rr, sizeof(rr));

	wr_u16(&w, 0xC00C);
	wr_u16(&w, 6);
	wr_u16(&w, 1);
	wr_u32(&w, 300);
	wr_u16(&w, 22);
	wr_u16(&w, 0);
	wr_u32(&w, serial);
	memset(wr_room(&w, 16), 0, 16);
	ck_assert(!w.full);
	return rr;
}

static void
tell(size_t zone, uint32_t serial)
{
	notify_zone(notify, zone, serial, soa(serial));
}

/* ---- a secondary ---- */

static struct addr
addr_of(const char *text, uint16_t port)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	a.port = port;
	return a;
}

/* Bound to that address; its port goes there. */
static int
peer_open(struct addr *a)
{
	struct sockaddr_storage ss;
	socklen_t size = addr_to_sockaddr(a, &ss);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0), room = 4 << 20;

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, size), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &size), 0);
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, a));
	return fd;
}

struct datagram {
	uint8_t bytes[ROOM];
	size_t size;
	struct addr from;
	uint64_t at_us;
};

static bool
peer_take(int fd, struct datagram *d)
{
	struct sockaddr_storage ss;
	socklen_t from = sizeof(ss);
	ssize_t n = recvfrom(fd, d->bytes, sizeof(d->bytes), 0, (struct sockaddr *)&ss, &from);

	if (n < 0)
		return false;
	d->size = (size_t)n;
	d->at_us = clock_mono_us();
	ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &d->from));
	return true;
}

static void
turn(void)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	usleep(200);
}

static bool
peer_hears(int fd, struct datagram *d, unsigned ms)
{
	uint64_t end_us = clock_mono_us() + ms * US_PER_MS;

	do {
		turn();
		if (peer_take(fd, d))
			return true;
	} while (clock_mono_us() < end_us);
	return false;
}

static void
pass(unsigned ms)
{
	for (uint64_t end_us = clock_mono_us() + ms * US_PER_MS; clock_mono_us() < end_us;)
		turn();
}

/* As long as that may take on a busy machine. */
static void
until_told(unsigned count)
{
	for (uint64_t end_us = clock_mono_us() + 20 * US_PER_S; told.count < count && clock_mono_us() < end_us;)
		turn();
	ck_assert_uint_eq(told.count, count);
}

static void
send_to(int fd, const struct addr *to, const uint8_t *bytes, size_t size)
{
	struct sockaddr_storage ss;
	socklen_t length = addr_to_sockaddr(to, &ss);

	ck_assert_int_eq(sendto(fd, bytes, size, 0, (struct sockaddr *)&ss, length), (ssize_t)size);
}

/* The header and question of an answer. */
static size_t
answer_make(const struct datagram *d, unsigned rcode, uint8_t out[ROOM])
{
	size_t size = 12 + dname_length(d->bytes + 12) + 4;

	memcpy(out, d->bytes, size);
	out[2] |= 0x80;
	out[3] = (uint8_t)rcode;
	memset(out + 6, 0, 6);
	return size;
}

static void
peer_answers(int fd, const struct datagram *d, unsigned rcode)
{
	uint8_t out[ROOM];
	size_t size = answer_make(d, rcode, out);

	send_to(fd, &d->from, out, size);
	pass(20);
}

/* What the request without its signature is long. */
static size_t
unsigned_size(const struct datagram *d)
{
	return 12 + dname_length(d->bytes + 12) + 4 + SOA_SIZE;
}

static void
peer_answers_signed(int fd, const struct datagram *d, unsigned rcode, uint64_t clock_off_s)
{
	uint64_t now_s = clock_wall_ms() / 1000;
	uint8_t out[ROOM];
	size_t size = answer_make(d, rcode, out);
	struct tsig t;

	ck_assert(tsig_verify_request(&t, keys, d->bytes, d->size, unsigned_size(d), now_s));
	ck_assert_int_eq(t.error, TSIG_NOERROR);
	size = tsig_sign(&t, out, size, sizeof(out), now_s + clock_off_s);
	send_to(fd, &d->from, out, size);
	pass(20);
}

static const struct notify_state *
state(void)
{
	return notify_states(notify, 0);
}

static void
check_acknowledged(uint32_t serial)
{
	ck_assert(!state()->waiting);
	ck_assert_uint_ne(state()->acked_ms, 0);
	ck_assert_uint_eq(state()->acked_serial, serial);
	ck_assert_str_eq(state()->error, "");
}

static void
check_unheard(void)
{
	ck_assert(state()->waiting);
	ck_assert_uint_eq(state()->acked_ms, 0);
}

static unsigned
descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* ---- messages ---- */

START_TEST(test_request_bytes)
{
	static const uint8_t expected[] = {
		0x12, 0x34, 0x24, 0x00, 0, 1, 0, 1, 0, 0, 0, 0,                /* opcode NOTIFY, AA; a question, an answer */
		1, 'z', 0, 0, 6, 0, 1,
		0xC0, 0x0C, 0, 6, 0, 1, 0, 0, 1, 0x2C, 0, 22,
		0, 0, 0x78, 0xC3, 0x80, 0x3E, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
	};
	uint8_t zone[DNAME_MAX], out[NOTIFY_REQUEST_MAX];

	dname_parse("z", zone);
	ck_assert_uint_eq(notify_request_write(out, sizeof(out), 0x1234, zone, soa(0x78C3803E)), sizeof(expected));
	ck_assert_mem_eq(out, expected, sizeof(expected));
}
END_TEST

/* The longest names there are fit, and leave room for the longest signature. */
START_TEST(test_request_longest)
{
	uint8_t zone[DNAME_MAX], rr[12 + 2 * DNAME_MAX + 20] = { 0xC0, 0x0C, 0, 6, 0, 1, 0, 0, 0, 0, (2 * DNAME_MAX + 20) >> 8, (2 * DNAME_MAX + 20) & 0xFF };
	uint8_t out[NOTIFY_REQUEST_MAX];
	struct tsig t;
	char text[DNAME_MAX] = "";

	for (int i = 0; i < 127; i++)
		strcat(text, i < 126 ? "a." : "a");
	ck_assert_uint_eq(dname_parse(text, zone), DNAME_MAX);
	dname_parse(text, key.dname);
	keyring_free(keys);
	keys = keyring_new(&conf);
	key.algorithm = TSIG_HMAC_SHA512;
	size_t size = notify_request_write(out, sizeof(out), 1, zone, rr);
	tsig_begin(&t, &key);
	ck_assert_uint_gt(tsig_sign_request(&t, keys, out, size, sizeof(out), 1), 0);
}
END_TEST

START_TEST(test_answer_bytes)
{
	uint8_t good[] = { 0x12, 0x34, 0xA4, 0x05, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'Z', 0, 0, 6, 0, 1 };
	struct notify_answer a;

	ck_assert(notify_answer_read(&a, good, sizeof(good)));
	ck_assert_uint_eq(a.id, 0x1234);
	ck_assert_uint_eq(a.rcode, 5);
	ck_assert_mem_eq(a.zone, "\1Z\0", 3);
	good[2] = 0x80;                                /* NSD's errors have lost the opcode */
	ck_assert(notify_answer_read(&a, good, sizeof(good)));
	for (size_t n = 0; n < sizeof(good); n++) {
		uint8_t *exact = malloc(n + 1);        /* so that a sanitizer sees the first byte too many */

		memcpy(exact + 1, good, n);
		ck_assert(!notify_answer_read(&a, exact + 1, n));
		free(exact);
	}
	uint8_t refusal[] = { 0x12, 0x34, 0xA4, 0x05, 0, 0, 0, 0, 0, 0, 0, 0 };
	ck_assert(notify_answer_read(&a, refusal, sizeof(refusal)) && !a.question);
	refusal[3] = 0;                                /* no error: of which zone? */
	ck_assert(!notify_answer_read(&a, refusal, sizeof(refusal)));
	static const struct { uint8_t at, value; } bad[] = {
		{ 2, 0x24 }, { 5, 2 }, { 12, 64 }, { 12, 0xC0 }, { 16, 1 }, { 18, 3 }
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint8_t was = good[bad[i].at];

		good[bad[i].at] = bad[i].value;
		ck_assert_msg(!notify_answer_read(&a, good, sizeof(good)), "%zu", i);
		good[bad[i].at] = was;
	}
}
END_TEST

/* ---- one target ---- */

static struct conf_notify one;
static int peer;
static struct datagram heard;

static void
one_begin(bool keyed)
{
	one = (struct conf_notify){ .address = addr_of("127.0.0.1", 0), .key = keyed ? &key : NULL };
	peer = peer_open(&one.address);
	begin(1, &one, 1);
}

START_TEST(test_acknowledged)
{
	one_begin(false);
	unsigned before = descriptors();
	tell(0, 7);
	ck_assert_uint_eq(state()->tries, 0);          /* nothing is sent inside the call */
	ck_assert(peer_hears(peer, &heard, 1000));
	ck_assert_uint_eq(heard.size, unsigned_size(&heard));
	ck_assert_uint_eq(state()->sent_serial, 7);
	ck_assert_uint_eq(state()->tries, 1);
	ck_assert(clock_wall_ms() - state()->sent_ms < 5000);
	ck_assert_uint_eq(descriptors(), before + 1);
	peer_answers(peer, &heard, 0);
	check_acknowledged(7);
	ck_assert_uint_eq(descriptors(), before);      /* nobody waits: the socket is closed */
	tell(0, 7);                                    /* it knows */
	ck_assert(!peer_hears(peer, &heard, 400));
	tell(0, 8);
	ck_assert(peer_hears(peer, &heard, 1000));
	peer_answers(peer, &heard, 0);
	check_acknowledged(8);
	ck_assert_uint_eq(told.count, 0);
	close(peer);
}
END_TEST

/* 250 ms, 500 ms, 1 s, or later where the machine is busy: the same bytes each time, and told once. */
START_TEST(test_silent)
{
	static const unsigned waits_ms[] = { 250, 500, 1000 };
	struct datagram first, last;

	one_begin(true);
	tell(0, 7);
	ck_assert(peer_hears(peer, &first, 1000));
	last = first;
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(told.count, 0);
		ck_assert(peer_hears(peer, &heard, 3000));
		int64_t off_us = (int64_t)(heard.at_us - last.at_us) - (int64_t)(waits_ms[i] * US_PER_MS);
		ck_assert_msg(off_us > -20000 && off_us < 1500000, "%u ms: %lld us off", waits_ms[i], (long long)off_us);
		ck_assert_uint_eq(heard.size, first.size);
		ck_assert_mem_eq(heard.bytes, first.bytes, first.size);
		ck_assert_str_eq(state()->error, "timed out");
		last = heard;
	}
	ck_assert_uint_eq(told.count, 1);
	ck_assert_uint_eq(told.logged, 1);
	ck_assert_ptr_nonnull(strstr(told.text, " does not acknowledge z0.example.com 7 (3 tries, timed out)"));
	ck_assert_int_eq(strncmp(told.text, "127.0.0.1:", 10), 0);
	ck_assert_str_eq(told.from, "acknowledges");
	ck_assert_str_eq(told.to, "silent");
	ck_assert_int_eq(strncmp(told.subject, "z0.example.com 127.0.0.1:", 25), 0);
	ck_assert(state()->failing);
	tell(0, 8);                                    /* begins anew, is not told again */
	ck_assert(peer_hears(peer, &heard, 1000));
	ck_assert(peer_hears(peer, &last, 1500));
	ck_assert_uint_eq(told.count, 1);
	peer_answers_signed(peer, &heard, 0, 0);       /* the first try's answer, late: it counts */
	check_acknowledged(8);
	ck_assert_uint_eq(told.count, 2);
	ck_assert_ptr_nonnull(strstr(told.text, " acknowledges z0.example.com 8, after "));
	ck_assert_str_eq(told.to, "acknowledges");
	ck_assert(!state()->failing);
	close(peer);
}
END_TEST

/* Editions that follow each other faster than any try can time out. */
START_TEST(test_silent_while_flapping)
{
	one_begin(false);
	for (uint32_t serial = 1; serial <= 30; serial++) {
		tell(0, serial);
		pass(50);
	}
	ck_assert_uint_eq(told.count, 1);
	ck_assert_ptr_nonnull(strstr(told.text, "timed out"));
	close(peer);
}
END_TEST

START_TEST(test_lies)
{
	struct datagram d;
	struct addr other = addr_of("127.0.0.1", 0);
	int stranger = peer_open(&other);

	one_begin(false);
	tell(0, 7);
	ck_assert(peer_hears(peer, &heard, 1000));
	peer_answers(stranger, &heard, 0);             /* another source */
	check_unheard();
	d = heard;
	d.bytes[0] ^= 1;                               /* another ID */
	peer_answers(peer, &d, 0);
	check_unheard();
	d = heard;
	d.bytes[14] ^= 1;                              /* another zone */
	peer_answers(peer, &d, 0);
	check_unheard();
	send_to(peer, &heard.from, heard.bytes, heard.size);   /* no answer at all */
	send_to(peer, &heard.from, (const uint8_t *)"", 0);
	pass(20);
	check_unheard();
	d = heard;
	d.bytes[13] = 'Z';                             /* another case is no other name */
	peer_answers(peer, &d, 0);
	check_acknowledged(7);
	close(peer);
	close(stranger);
}
END_TEST

START_TEST(test_signed)
{
	struct datagram d;

	one_begin(true);
	tell(0, 7);
	ck_assert(peer_hears(peer, &heard, 1000));
	ck_assert_uint_gt(heard.size, unsigned_size(&heard));
	peer_answers(peer, &heard, 0);
	check_unheard();
	ck_assert_str_eq(state()->error, "it answers, but it is not signed");
	peer_answers(peer, &heard, 9);                 /* NOTAUTH by anybody ends nothing */
	check_unheard();
	ck_assert_str_eq(state()->error, "it answers NOTAUTH, and it is not signed");
	peer_answers_signed(peer, &heard, 0, 1000);
	check_unheard();
	ck_assert_str_eq(state()->error, "it answers, but its clock differs by more than the fudge");
	ck_assert(peer_hears(peer, &d, 1000));
	ck_assert_str_eq(state()->error, "it answers, but its clock differs by more than the fudge");
	secret[0] ^= 1;                                /* another's key of that name */
	struct keyring *ours = keys;
	keys = keyring_new(&conf);
	secret[0] ^= 1;
	uint8_t out[ROOM];
	size_t size = answer_make(&d, 0, out);
	struct tsig t;
	tsig_begin(&t, &key);
	size = tsig_sign_request(&t, keys, out, size, sizeof(out), clock_wall_ms() / 1000);
	send_to(peer, &d.from, out, size);
	pass(20);
	keyring_free(keys);
	keys = ours;
	check_unheard();
	ck_assert_str_eq(state()->error, "it answers, but its signature is wrong");
	peer_answers_signed(peer, &d, 0, 0);
	check_acknowledged(7);
	close(peer);
}
END_TEST

START_TEST(test_key_that_cannot_sign)
{
	struct conf none = { .nkeys = 0 };

	one_begin(true);
	notify_free(notify);
	keyring_free(keys);
	keys = keyring_new(&none);
	notify = notify_new(base, &conf, keys, on_event, NULL);
	tell(0, 7);
	pass(20);
	check_unheard();
	ck_assert_str_eq(state()->error, "the key xfer cannot sign");
	ck_assert(!peer_take(peer, &heard));
	close(peer);
}
END_TEST

static void
check_refusal(unsigned rcode, const char *text)
{
	tell(0, rcode * 10);
	ck_assert(peer_hears(peer, &heard, 1000));
	peer_answers(peer, &heard, rcode);
	ck_assert(!state()->waiting);
	ck_assert(state()->failing);
	ck_assert_str_eq(state()->error, text);
	ck_assert(!peer_hears(peer, &heard, 400));
}

START_TEST(test_refused)
{
	one_begin(false);
	check_refusal(RCODE_REFUSED, "it answers REFUSED");
	ck_assert_ptr_nonnull(strstr(told.text, " refuses to be told of z0.example.com 50 (it answers REFUSED)"));
	check_refusal(RCODE_NOTIMP, "it answers NOTIMP");
	check_refusal(RCODE_NOTAUTH, "it answers NOTAUTH");
	ck_assert_uint_eq(told.count, 1);
	ck_assert_uint_eq(state()->acked_ms, 0);
	tell(0, 99);
	ck_assert(peer_hears(peer, &heard, 1000));
	heard.bytes[2] |= 0x80;                        /* a refusal without its question */
	heard.bytes[3] = RCODE_REFUSED;
	memset(heard.bytes + 4, 0, 8);
	heard.bytes[1] ^= 1;
	send_to(peer, &heard.from, heard.bytes, 12);
	pass(20);
	ck_assert(state()->waiting);
	heard.bytes[1] ^= 1;
	send_to(peer, &heard.from, heard.bytes, 12);
	pass(20);
	ck_assert(!state()->waiting);
	tell(0, 100);
	ck_assert(peer_hears(peer, &heard, 1000));
	peer_answers(peer, &heard, RCODE_SERVFAIL);    /* may do better soon */
	ck_assert_str_eq(state()->error, "it answers SERVFAIL");
	ck_assert(state()->waiting);
	ck_assert(peer_hears(peer, &heard, 2000));
	peer_answers(peer, &heard, 0);
	check_acknowledged(100);
	ck_assert_uint_eq(told.count, 2);
	ck_assert_str_eq(told.from, "refuses");
	close(peer);
}
END_TEST

START_TEST(test_newer_edition)
{
	struct datagram old;

	one_begin(false);
	tell(0, 7);
	ck_assert(peer_hears(peer, &old, 1000));
	ck_assert(peer_hears(peer, &old, 1000));
	tell(0, 8);
	ck_assert(peer_hears(peer, &heard, 1000));
	ck_assert_uint_eq(state()->sent_serial, 8);
	ck_assert_uint_eq(state()->tries, 1);
	ck_assert_uint_eq(heard.bytes[heard.size - 17], 8);
	ck_assert_int_ne(memcmp(heard.bytes, old.bytes, 2), 0);
	peer_answers(peer, &old, 0);                   /* of what it no longer is */
	check_unheard();
	tell(0, 8);                                    /* is being told already */
	pass(20);
	ck_assert_uint_eq(state()->tries, 1);
	peer_answers(peer, &heard, 0);
	check_acknowledged(8);
	close(peer);
}
END_TEST

/* Who is told of the same zone by another socket. */
START_TEST(test_another_targets_answer)
{
	struct conf_notify two[] = { { .address = addr_of("127.0.0.1", 0) }, { .address = addr_of("127.0.0.1", 0) } };
	int peers[] = { peer_open(&two[0].address), peer_open(&two[1].address) };
	struct datagram other;

	uint32_t serial = 0;

	begin(1, two, 2);
	do {
		tell(0, ++serial);
		ck_assert(peer_hears(peers[0], &heard, 1000));
		ck_assert(peer_hears(peers[1], &other, 1000));
	} while (memcmp(heard.bytes, other.bytes, 2) == 0);
	other.bytes[0] = heard.bytes[0];
	other.bytes[1] = heard.bytes[1];
	peer_answers(peers[1], &other, 0);
	ck_assert(state()[0].waiting && state()[1].waiting);
	other.bytes[3] = RCODE_REFUSED;
	other.bytes[2] |= 0x80;
	memset(other.bytes + 4, 0, 8);
	send_to(peers[1], &other.from, other.bytes, 12);
	pass(20);
	ck_assert(state()[0].waiting && state()[1].waiting);
	peer_answers(peers[0], &heard, 0);
	ck_assert(!state()[0].waiting && state()[1].waiting);
	close(peers[0]);
	close(peers[1]);
}
END_TEST

START_TEST(test_nobody_there)
{
	struct addr there;

	one_begin(false);
	there = one.address;
	close(peer);
	tell(0, 7);
	while (state()->tries < 2)
		turn();
	check_unheard();
	ck_assert_str_eq(state()->error, "port unreachable");
	peer = peer_open(&there);                      /* it comes, and hears of it */
	ck_assert(peer_hears(peer, &heard, 3000));
	peer_answers(peer, &heard, 0);
	check_acknowledged(7);
	close(peer);
}
END_TEST

START_TEST(test_source)
{
	struct conf_notify two[] = {
		{ .address = addr_of("127.0.0.1", 0), .source = addr_of("127.0.0.77", 0) },
		{ .address = addr_of("127.0.0.1", 9), .source = addr_of("192.0.2.77", 0) }     /* not ours */
	};

	peer = peer_open(&two[0].address);
	begin(1, two, 2);
	tell(0, 7);
	ck_assert(peer_hears(peer, &heard, 1000));
	ck_assert(addr_same_host(&heard.from, &two[0].source));
	ck_assert_str_eq(state()[1].error, "cannot send: Cannot assign requested address");
	until_told(2);
	ck_assert_uint_ge(state()[1].tries, 4);
	close(peer);
}
END_TEST

START_TEST(test_ip6)
{
	one = (struct conf_notify){ .address = addr_of("::1", 0) };
	peer = peer_open(&one.address);
	begin(1, &one, 1);
	tell(0, 7);
	ck_assert(peer_hears(peer, &heard, 1000));
	peer_answers(peer, &heard, 0);
	check_acknowledged(7);
	close(peer);
}
END_TEST

/* ---- many ---- */

/* Every zone changes at once: each target hears of each, through one socket, a bounded number in a turn. */
START_TEST(test_many_zones)
{
	struct conf_notify targets[TARGETS];
	int peers[TARGETS];
	unsigned came[TARGETS] = { 0 };
	uint16_t ports[TARGETS] = { 0 };
	uint64_t began_us;
	unsigned total = 0, before;

	for (int i = 0; i < TARGETS; i++) {
		targets[i] = (struct conf_notify){ .address = addr_of("127.0.0.1", 0), .key = i == 0 ? &key : NULL };
		peers[i] = peer_open(&targets[i].address);
	}
	begin(ZONES, targets, TARGETS);
	before = descriptors();
	began_us = clock_mono_us();
	for (size_t i = 0; i < ZONES; i++)
		tell(i, 7);
	ck_assert_uint_lt(clock_mono_us() - began_us, 500000);
	while (total < ZONES * TARGETS && clock_mono_us() - began_us < 10 * US_PER_S) {
		unsigned this_turn = 0;

		event_base_loop(base, EVLOOP_ONCE);
		for (int i = 0; i < TARGETS; i++)
			while (peer_take(peers[i], &heard)) {
				uint8_t out[ROOM];

				this_turn++;
				came[i]++;
				ck_assert(ports[i] == 0 || ports[i] == heard.from.port);
				ports[i] = heard.from.port;
				if (i > 0)
					send_to(peers[i], &heard.from, out, answer_make(&heard, 0, out));
			}
		ck_assert_uint_le(this_turn, 100);
		total += this_turn;
	}
	for (int i = 0; i < TARGETS; i++)
		ck_assert_uint_ge(came[i], ZONES);
	ck_assert_uint_eq(descriptors(), before + TARGETS);
	pass(50);
	for (size_t i = 0; i < ZONES; i++) {
		ck_assert(notify_states(notify, i)[0].waiting);
		for (int k = 1; k < TARGETS; k++)
			ck_assert_uint_eq(notify_states(notify, i)[k].acked_serial, 7);
	}
	ck_assert_uint_eq(descriptors(), before + 1);
	began_us = clock_mono_us();
	until_told(ZONES);                             /* the silent one is told of for each zone, but not logged */
	ck_assert_uint_le(told.logged, 10 * (2 + (clock_mono_us() - began_us) / US_PER_S));
	for (int i = 0; i < TARGETS; i++)
		close(peers[i]);
}
END_TEST

/* ---- a reload ---- */

START_TEST(test_take)
{
	struct conf_notify three[] = {
		{ .address = addr_of("127.0.0.1", 0) },        /* will know it */
		{ .address = addr_of("127.0.0.1", 0) },        /* is silent, and stays */
		{ .address = addr_of("127.0.0.1", 0) }         /* is silent, and goes */
	};
	struct conf_notify next[3];
	int peers[3];
	struct conf next_conf = conf;
	struct notify *old;

	for (int i = 0; i < 3; i++)
		peers[i] = peer_open(&three[i].address);
	begin(2, three, 3);
	tell(0, 7);
	ck_assert(peer_hears(peers[0], &heard, 1000));
	peer_answers(peers[0], &heard, 0);
	until_told(2);                                 /* tries at 0, 250, 750, 1750 ms; the next at 3750 */
	while (peer_take(peers[1], &heard) || peer_take(peers[2], &heard))
		continue;

	old = notify;
	next[0] = three[1];
	next[1] = (struct conf_notify){ .address = addr_of("127.0.0.1", 0) };
	int fresh = peer_open(&next[1].address);
	next[2] = three[0];
	zones_make(&next_conf, 3, next, 3);
	notify = notify_new(base, &next_conf, keys, on_event, NULL);
	notify_take(notify, old);
	notify_free(old);
	conf_clear(&conf);

	ck_assert_uint_eq(state()[0].tries, 4);
	ck_assert(state()[0].waiting && state()[0].failing);
	ck_assert_ptr_eq(state()[0].target, &next_conf.zones[0].notify[0]);
	ck_assert_uint_eq(state()[2].acked_serial, 7);
	ck_assert_uint_eq(state()[1].sent_ms, 0);
	tell(0, 7);                                    /* as after any reload: only who never heard of it is told */
	ck_assert(peer_hears(fresh, &heard, 1000));
	peer_answers(fresh, &heard, 0);
	ck_assert(!peer_take(peers[0], &heard));
	ck_assert(!peer_take(peers[1], &heard));
	ck_assert(peer_hears(peers[1], &heard, 4000)); /* in its own time */
	ck_assert_uint_eq(state()[0].tries, 5);
	peer_answers(peers[1], &heard, 0);
	ck_assert_uint_eq(state()[0].acked_serial, 7);
	ck_assert_uint_eq(told.count, 3);
	ck_assert_str_eq(told.from, "silent");
	ck_assert(!peer_take(peers[2], &heard));
	for (int i = 0; i < 3; i++)
		close(peers[i]);
	close(fresh);
	notify_free(notify);
	notify = NULL;
	conf_clear(&next_conf);
	conf.nzones = 0;
	conf.zones = NULL;
}
END_TEST

START_TEST(test_nothing)
{
	notify_free(NULL);
	begin(2, NULL, 0);
	notify_take(notify, NULL);
	tell(1, 7);
	pass(5);
	ck_assert_uint_eq(told.count, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notify");
	TCase *t = tcase_create("notify");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_request_bytes);
	tcase_add_test(t, test_request_longest);
	tcase_add_test(t, test_answer_bytes);
	tcase_add_test(t, test_acknowledged);
	tcase_add_test(t, test_silent);
	tcase_add_test(t, test_silent_while_flapping);
	tcase_add_test(t, test_lies);
	tcase_add_test(t, test_signed);
	tcase_add_test(t, test_key_that_cannot_sign);
	tcase_add_test(t, test_refused);
	tcase_add_test(t, test_newer_edition);
	tcase_add_test(t, test_another_targets_answer);
	tcase_add_test(t, test_nobody_there);
	tcase_add_test(t, test_source);
	tcase_add_test(t, test_ip6);
	tcase_add_test(t, test_many_zones);
	tcase_add_test(t, test_take);
	tcase_add_test(t, test_nothing);
	suite_add_tcase(s, t);
	return suite_run(s);
}
