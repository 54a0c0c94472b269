/* transfer.c - what zone transfers cost: AXFR of 1,000,000 names, generated, with and without signatures; and what
 * finding the difference between two versions costs. CPU time of one thread, in zones that no cache holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "dnsd/edition.h"
#include "dnsd/question.h"
#include "dnsd/snapshot.h"
#include "dnsd/transfer.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

enum { NAMES = 1000000, ROUNDS = 3 };

static const uint8_t query[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0\3big\4test\0\0\374\0\1";       /* big.test AXFR */

static uint64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static size_t
name_of(const char *text, uint8_t name[DNAME_MAX])
{
	size_t size = dname_parse(text, name);

	if (size == 0)
		abort();
	return size;
}

/* Hosts with an address each; of ten, one has two addresses more, one is an alias and one has a mail server. */
static void
put_host(struct zone_edit *e, struct rrbuf *b, uint32_t i)
{
	uint8_t name[DNAME_MAX], target[DNAME_MAX + 2] = { 0, 10 };
	uint8_t address[16] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
	char text[128];

	snprintf(text, sizeof(text), "host%07u.big.test", i);
	name_of(text, name);
	rrbuf_begin(b, i % 10 == 3 ? TYPE_CNAME : TYPE_A, CLASS_IN, 300);
	if (i % 10 == 3)
		rrbuf_add(b, target, name_of("host0000000.big.test", target));
	else
		rrbuf_add(b, address, 4);
	if (i % 10 == 4) {
		address[0] = 11;
		rrbuf_add(b, address, 4);
		rrbuf_begin(b, TYPE_AAAA, CLASS_IN, 300);
		rrbuf_add(b, address, 16);
	}
	zone_put(e, name, b);
	if (i % 10 == 5) {
		snprintf(text, sizeof(text), "mail%u.big.test", i % 7);
		rrbuf_begin(b, TYPE_MX, CLASS_IN, 300);
		rrbuf_add(b, target, 2 + name_of(text, target + 2));
		zone_put(e, name, b);
	}
}

static void
put_apex(struct zone_edit *e, struct rrbuf *b)
{
	uint8_t name[DNAME_MAX], rdata[2 * DNAME_MAX + 20] = { 0 };
	size_t size = name_of("ns1.big.test", rdata);

	size += name_of("hostmaster.big.test", rdata + size);
	rrbuf_begin(b, TYPE_SOA, CLASS_IN, 300);
	rrbuf_add(b, rdata, size + 20);
	name_of("big.test", name);
	zone_put(e, name, b);
	rrbuf_begin(b, TYPE_NS, CLASS_IN, 300);
	rrbuf_add(b, rdata, name_of("ns1.big.test", rdata));
	zone_put(e, name, b);
}

static struct zone *
zone_make(void)
{
	struct rrbuf *b = rrbuf_new();
	uint8_t apex[DNAME_MAX];
	struct garbage *garbage;
	struct zone_edit *e;
	struct zone *z;

	name_of("big.test", apex);
	e = zone_edit_new(apex);
	put_apex(e, b);
	for (uint32_t i = 0; i < NAMES; i++)
		put_host(e, b, i);
	z = zone_commit(e, &garbage);
	garbage_free(garbage);
	rrbuf_free(b);
	return z;
}

/* ---- transfers ---- */

static void
measure_transfer(const struct edition *e, const char *what, const struct tsig *sign)
{
	uint8_t out[65535];
	struct question q;
	enum rcode rcode;
	uint64_t best = UINT64_MAX, bytes = 0, records = 0, messages = 0;

	if (!question_read(&q, query, sizeof(query) - 1, &rcode) || rcode != RCODE_NOERROR)
		abort();
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = cpu_us(), spent;
		struct transfer *t = transfer_new(e, query, &q, 0, sign, NULL, NULL, false);

		bytes = records = messages = 0;
		for (size_t n; (n = transfer_next(t, out, sizeof(out))) > 0; messages++) {
			bytes += n;
			records += be16_get(out + 6);
		}
		transfer_free(t);
		spent = cpu_us() - start;
		if (spent < best)
			best = spent;
	}
	printf("%-24s %8.1f ms  %6.2f M records/s  %6.0f MB/s  %u records, %.1f MB, %u messages\n", what, (double)best / 1000,
	    (double)records / (double)best, (double)bytes / (double)best, (unsigned)records, (double)bytes / 1e6, (unsigned)messages);
}

/* With a key as a secondary would have it. */
static void
measure_signed(const struct edition *e, const char *what, enum tsig_algorithm algorithm)
{
	static uint8_t secret[64] = "a secret of 32 bytes, or of more";
	struct conf_key key = { .name = "xfer", .algorithm = algorithm, .secret = secret, .secret_size = 32 };
	struct conf conf = { .keys = &key, .nkeys = 1 };
	struct keyring *ring;
	struct tsig client, server;
	uint8_t request[512];
	uint64_t now_s = clock_wall_ms() / 1000;
	size_t plain = sizeof(query) - 1, size;

	name_of("xfer", key.dname);
	ring = keyring_new(&conf);
	memcpy(request, query, plain);
	tsig_begin(&client, &key);
	size = tsig_sign_request(&client, ring, request, plain, sizeof(request), now_s);
	if (!tsig_verify_request(&server, ring, request, size, plain, now_s) || server.error != TSIG_NOERROR)
		abort();
	measure_transfer(e, what, &server);
	keyring_free(ring);
}

/* ---- differences ---- */

static bool
count_record(void *arg, bool come, const uint8_t *name, uint16_t type, const uint8_t *rr)
{
	unsigned *count = arg;

	(void)come, (void)name, (void)type, (void)rr;
	++*count;
	return true;
}

/* The mean of several: one alone may take less than the clock tells. */
static void
measure_diff(const struct zone *from, const struct zone *to, const char *what, unsigned rounds)
{
	uint64_t start = cpu_us();
	unsigned count = 0;

	for (unsigned round = 0; round < rounds; round++)
		zone_diff(from, to, count_record, &count);
	printf("%-24s %8.4f ms  %u records\n", what, (double)(cpu_us() - start) / 1000 / rounds, count / rounds);
}

static void
measure_digest(const struct zone *z)
{
	uint64_t start = cpu_us();
	struct digest d;

	zone_digest(z, &d);
	printf("%-24s %8.1f ms\n", "digest", (double)(cpu_us() - start) / 1000);
}

static void
measure_walk(const struct zone *z)
{
	uint64_t start = cpu_us();
	struct zone_walk *w = zone_walk_new(z);
	size_t count = 0;

	while (zone_walk_next(w) != NULL)
		count++;
	zone_walk_free(w);
	printf("%-24s %8.1f ms  %zu names\n", "walk", (double)(cpu_us() - start) / 1000, count);
}

static void
nothing(void *arg)
{
	(void)arg;
}

int
main(void)
{
	struct zone *z = zone_make(), *alike = zone_make(), *next;
	struct editions *all = editions_new(1);
	struct garbage *garbage;
	struct zone_edit *edit;
	struct rrbuf *b = rrbuf_new();
	uint8_t name[DNAME_MAX];

	snapshot_open();
	editions_put(all, 0, z, NULL, NULL);
	measure_walk(z);
	measure_transfer(edition_find(all, 0), "AXFR", NULL);
	measure_signed(edition_find(all, 0), "AXFR, hmac-sha256", TSIG_HMAC_SHA256);
	measure_signed(edition_find(all, 0), "AXFR, hmac-sha512", TSIG_HMAC_SHA512);
	editions_retire_all(all, nothing, NULL);
	snapshot_close();

	edit = zone_edit(z);
	name_of("host0765432.big.test", name);
	rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
	rrbuf_add(b, "abcd", 4);
	zone_put(edit, name, b);
	next = zone_commit(edit, &garbage);
	measure_diff(z, next, "difference, one change", 1000);
	measure_diff(z, alike, "difference, two zones", ROUNDS);
	measure_digest(z);
	garbage_free(garbage);
	zone_free(next);
	zone_free(alike);
	rrbuf_free(b);
	return 0;
}
