/* updater.c - many clients that update a zone, each with one update out.
 *
 *   updater SERVER[:PORT] ZONE ALGORITHM:KEY:SECRET CLIENTS SECONDS [pairs FILE]
 *
 * Client C's Nth update replaces the TXT records of cC.ZONE by one that says N; with `pairs` also those of
 * dC.ZONE, in the same message, so that half an update would show. UDP, signed, and sent again under the same ID when no
 * answer comes in a second. A client stops for good at an answer that is neither NOERROR nor SERVFAIL. SERVFAIL is counted, and the
 * next number is sent.
 *
 * With FILE: a line per client at the end, "CLIENT ACKNOWLEDGED SENT", the last numbers of each. Ends at SECONDS, SIGTERM, or when the
 * server has not answered anybody for three seconds. Prints "updates U, SERVFAIL S, repeated R, seconds T, rate U/T, median ms, slowest ms". */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "tests/tools/query.h"
#include "zones/zone.h"

enum { CLIENTS_MAX = 1000, MESSAGE_MAX = 1024, AGAIN_MS = 1000, SILENCE_MS = 3000, OPCODE_UPDATE = 5, SLOTS = 100000 };

struct client {
	int fd;
	unsigned number;
	uint32_t sent, acknowledged;   /* of its updates; 0: none */
	bool stopped;
	uint64_t first_us, last_us;    /* when what is out was sent: first, again */
	uint8_t message[MESSAGE_MAX];
	size_t size;
};

struct load {
	struct client *clients;
	unsigned nclients;
	bool pairs;
	uint8_t zone[DNAME_MAX];
	struct conf *conf;
	struct keyring *keys;
	uint64_t updates, failures, repeats;
	uint32_t *took_us;             /* of the first SLOTS updates */
	uint64_t slowest_us, heard_us;
};

static volatile sig_atomic_t stopped;

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

/* ---- one message ---- */

static uint8_t *
put16(uint8_t *p, unsigned value)
{
	be16_put(p, value);
	return p + 2;
}

static uint8_t *
put_name(const struct load *l, uint8_t *p, char letter, unsigned number)
{
	int n = sprintf((char *)p + 1, "%c%u", letter, number);
	size_t zone = dname_length(l->zone);

	p[0] = (uint8_t)n;
	memcpy(p + 1 + n, l->zone, zone);
	return p + 1 + n + zone;
}

/* Deletes the RRset (RFC 2136, 2.5.2), adds one record (2.5.1). */
static uint8_t *
put_replacement(const struct load *l, uint8_t *p, char letter, const struct client *c)
{
	int n;

	p = put_name(l, p, letter, c->number);
	p = put16(put16(p, TYPE_TXT), CLASS_ANY);
	p = put16(put16(put16(p, 0), 0), 0);
	p = put_name(l, p, letter, c->number);
	p = put16(put16(p, TYPE_TXT), CLASS_IN);
	p = put16(put16(p, 0), 60);
	n = sprintf((char *)p + 3, "%u", c->sent);
	p[2] = (uint8_t)n;
	put16(p, (unsigned)n + 1);
	return p + 3 + n;
}

static void
client_write(const struct load *l, struct client *c)
{
	uint8_t *p = c->message;
	struct tsig t;

	c->sent++;
	p = put16(p, c->sent & 0xffff);
	p = put16(p, OPCODE_UPDATE << 11);
	p = put16(put16(p, 1), 0);
	p = put16(put16(p, l->pairs ? 4 : 2), 0);
	memcpy(p, l->zone, dname_length(l->zone));
	p = put16(put16(p + dname_length(l->zone), TYPE_SOA), CLASS_IN);
	p = put_replacement(l, p, 'c', c);
	if (l->pairs)
		p = put_replacement(l, p, 'd', c);
	tsig_begin(&t, &l->conf->keys[0]);
	c->size = tsig_sign_request(&t, l->keys, c->message, (size_t)(p - c->message), MESSAGE_MAX, clock_wall_ms() / 1000);
	if (c->size == 0)
		abort();
}

static void
client_send(struct client *c, uint64_t now_us)
{
	c->last_us = now_us;
	if (send(c->fd, c->message, c->size, 0) < 0 && errno != ECONNREFUSED && errno != EAGAIN)
		perror("send");
}

static void
client_next(const struct load *l, struct client *c, uint64_t now_us)
{
	client_write(l, c);
	c->first_us = now_us;
	client_send(c, now_us);
}

/* ---- answers ---- */

static void
load_count(struct load *l, uint64_t took_us)
{
	if (l->updates < SLOTS)
		l->took_us[l->updates] = (uint32_t)took_us;
	if (took_us > l->slowest_us)
		l->slowest_us = took_us;
	l->updates++;
}

static void
client_read(struct load *l, struct client *c)
{
	uint8_t packet[PACKET_MAX];
	ssize_t n = recv(c->fd, packet, sizeof(packet), MSG_DONTWAIT);
	uint64_t now_us = clock_mono_us();
	unsigned rcode;

	/* A server that is being started again refuses; an answer to what was sent twice is old. */
	if (n < 12 || be16_get(packet) != (c->sent & 0xffff) || (packet[2] & 0xf8) != (0x80 | OPCODE_UPDATE << 3))
		return;
	l->heard_us = now_us;
	rcode = packet[3] & 15;
	if (rcode == 0) {
		c->acknowledged = c->sent;
		load_count(l, now_us - c->first_us);
	} else if (rcode == 2) {
		l->failures++;
	} else {
		fprintf(stderr, "client %u, update %u: RCODE %u\n", c->number, c->sent, rcode);
		c->stopped = true;
		return;
	}
	if (!stopped)
		client_next(l, c, now_us);
}

static void
load_again(struct load *l)
{
	uint64_t now_us = clock_mono_us();

	for (unsigned i = 0; i < l->nclients; i++) {
		struct client *c = &l->clients[i];

		if (c->stopped || now_us - c->last_us < AGAIN_MS * US_PER_MS)
			continue;
		l->repeats++;
		client_send(c, now_us);
	}
}

static void
load_run(struct load *l, double seconds)
{
	struct pollfd *fds = mem_array(l->nclients, sizeof(*fds));
	uint64_t start_us = clock_mono_us(), now_us, swept_us = start_us;

	for (unsigned i = 0; i < l->nclients; i++) {
		fds[i] = (struct pollfd){ .fd = l->clients[i].fd, .events = POLLIN };
		client_next(l, &l->clients[i], start_us);
	}
	l->heard_us = start_us;
	while (!stopped && (now_us = clock_mono_us()) - start_us < (uint64_t)(seconds * (double)US_PER_S) &&
	    now_us - l->heard_us < SILENCE_MS * US_PER_MS) {
		poll(fds, l->nclients, 100);
		for (unsigned i = 0; i < l->nclients; i++)
			if (fds[i].revents != 0 && !l->clients[i].stopped)
				client_read(l, &l->clients[i]);
		if (now_us - swept_us > 100 * US_PER_MS) {
			load_again(l);
			swept_us = now_us;
		}
	}
	free(fds);
}

/* ---- begin and end ---- */

/* The key as the configuration has it: the signing code is homing's own. */
static void
load_key(struct load *l, char *words)
{
	char *name = strchr(words, ':'), *secret = name != NULL ? strchr(name + 1, ':') : NULL, text[1024];
	struct diag diag = { 0 };

	if (secret == NULL || snprintf(text, sizeof(text), "keys = ( { name = \"%.*s\"; algorithm = \"%.*s\"; secret = \"%s\"; } );",
	    (int)(secret - name - 1), name + 1, (int)(name - words), words, secret + 1) >= (int)sizeof(text) ||
	    (l->conf = conf_parse(text, strlen(text), "key", &diag)) == NULL) {
		fprintf(stderr, "updater: %s is no ALGORITHM:KEY:SECRET\n", words);
		exit(2);
	}
	l->keys = keyring_new(l->conf);
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
load_tell(struct load *l, double seconds)
{
	size_t n = l->updates < SLOTS ? l->updates : SLOTS;

	qsort(l->took_us, n, sizeof(*l->took_us), by_size);
	printf("updates %llu, SERVFAIL %llu, repeated %llu, seconds %.3f, rate %.0f, median %.3f ms, slowest %.3f ms\n",
	    (unsigned long long)l->updates, (unsigned long long)l->failures, (unsigned long long)l->repeats, seconds,
	    (double)l->updates / seconds, n > 0 ? l->took_us[n / 2] / 1e3 : 0, (double)l->slowest_us / 1e3);
}

static void
load_keep(const struct load *l, const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	for (unsigned i = 0; i < l->nclients; i++)
		fprintf(f, "%u %u %u\n", l->clients[i].number, l->clients[i].acknowledged, l->clients[i].sent);
	fclose(f);
}

int
main(int argc, char **argv)
{
	struct load l = { 0 };
	uint64_t start_us;
	bool refused = false;

	if (argc != 6 && argc != 8) {
		fprintf(stderr, "usage: updater SERVER[:PORT] ZONE ALGORITHM:KEY:SECRET CLIENTS SECONDS [pairs FILE]\n");
		return 2;
	}
	l.nclients = (unsigned)atoi(argv[4]);
	l.pairs = argc == 8;
	if (dname_parse(argv[2], l.zone) == 0 || l.nclients < 1 || l.nclients > CLIENTS_MAX) {
		fprintf(stderr, "updater: no such zone, or not 1 to %d clients\n", CLIENTS_MAX);
		return 2;
	}
	load_key(&l, argv[3]);
	l.took_us = mem_array(SLOTS, sizeof(*l.took_us));
	l.clients = mem_array(l.nclients, sizeof(*l.clients));
	for (unsigned i = 0; i < l.nclients; i++) {
		l.clients[i].number = i;
		l.clients[i].fd = query_socket(argv[1], SOCK_DGRAM | SOCK_NONBLOCK);
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	start_us = clock_mono_us();
	load_run(&l, atof(argv[5]));
	load_tell(&l, (double)(clock_mono_us() - start_us) / (double)US_PER_S);
	if (l.pairs)
		load_keep(&l, argv[7]);
	for (unsigned i = 0; i < l.nclients; i++)
		refused |= l.clients[i].stopped;
	keyring_free(l.keys);
	conf_free(l.conf);
	free(l.took_us);
	free(l.clients);
	return refused || l.updates == 0;
}
