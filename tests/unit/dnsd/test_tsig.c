/* test_tsig.c - signatures: against vectors of another implementation, against ourselves, and against mistakes. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dname.h"
#include "dnsd/question.h"
#include "dnsd/tsig.h"
#include "dnsd/wire.h"
#include "tests/unit/dnsd/tsig_vectors.h"
#include "tests/unit/suite.h"

enum { ROOM = 1024, NOW = VECTOR_TIME };
enum { VECTORS = sizeof(tsig_vectors) / sizeof(tsig_vectors[0]) };

static const uint8_t full_size[] = {
	[TSIG_HMAC_SHA1] = 20, [TSIG_HMAC_SHA224] = 28, [TSIG_HMAC_SHA256] = 32, [TSIG_HMAC_SHA384] = 48, [TSIG_HMAC_SHA512] = 64
};

/* ---- keys: xfer.example.com as the vectors have it, and 300 others around it ---- */

enum { OTHERS = 300 };

static struct conf conf;
static struct conf_key keys[OTHERS + 1];
static uint8_t secret[TSIG_MAC_MAX];
static struct keyring *ring;

static void
key_name(struct conf_key *key, const char *name)
{
	key->name = (char *)(uintptr_t)name;
	memset(key->dname, 0xEE, DNAME_MAX);   /* what is behind a name is nobody's business */
	ck_assert_uint_gt(dname_parse(name, key->dname), 0);
}

static void
keys_make(enum tsig_algorithm algorithm)
{
	static char names[OTHERS][32];

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i + 1);
	for (int i = 0; i < OTHERS; i++) {
		snprintf(names[i], sizeof(names[i]), i % 2 == 0 ? "k%d" : "k%d.example.com", i * 7919 % OTHERS);
		key_name(&keys[i], names[i]);
		keys[i].algorithm = TSIG_HMAC_SHA256;
		keys[i].secret = secret;
		keys[i].secret_size = 32;
	}
	key_name(&keys[OTHERS], "xfer.example.com");
	keys[OTHERS].algorithm = algorithm;
	keys[OTHERS].secret = secret;
	keys[OTHERS].secret_size = full_size[algorithm];
	conf = (struct conf){ .keys = keys, .nkeys = OTHERS + 1 };
	keyring_free(ring);
	ring = keyring_new(&conf);
}

static void
setup(void)
{
	keys_make(TSIG_HMAC_SHA256);
}

static void
teardown(void)
{
	keyring_free(ring);
	ring = NULL;
}

/* ---- messages ---- */

/* In memory exactly as large as it is, so that a sanitizer sees the first byte too many. */
static uint8_t *
hex_read(const char *hex, size_t *size)
{
	size_t n = strlen(hex) / 2;
	uint8_t *bytes = malloc(n);

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	*size = n;
	return bytes;
}

/* A query for www.example.com, unsigned. */
static size_t
query_write(uint8_t *out)
{
	static const char query[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1";

	memcpy(out, query, sizeof(query) - 1);
	return sizeof(query) - 1;
}

static size_t
query_signed(struct tsig *client, uint8_t *out, uint64_t now_s)
{
	size_t size = query_write(out);

	tsig_begin(client, &keys[OTHERS]);
	return tsig_sign_request(client, ring, out, size, ROOM, now_s);
}

static size_t
query_size(void)
{
	uint8_t scratch[ROOM];

	return query_write(scratch);
}

/* The fields of a TSIG whose key and algorithm are known: offsets from the TSIG. */
static size_t
at_time(const struct tsig *t)
{
	return dname_length(t->name) + 10 + dname_length(t->algorithm);
}

static bool
verify(struct tsig *t, const uint8_t *message, size_t size, uint64_t now_s)
{
	uint8_t *copy = malloc(size);
	bool parses;

	memcpy(copy, message, size);
	parses = tsig_verify_request(t, ring, copy, size, query_size(), now_s);
	free(copy);
	return parses;
}

/* ---- vectors ---- */

/* Our signature under the vector's message without its own must be the vector's. */
static void
signs_like(struct tsig *t, const char *hex, size_t at, uint64_t now_s)
{
	uint8_t out[ROOM];
	size_t size;
	uint8_t *want = hex_read(hex, &size);

	memcpy(out, want, at);
	be16_put(out + 10, be16_get(want + 10) - 1u);
	ck_assert_uint_eq(tsig_room(t), size - at);
	ck_assert_uint_eq(tsig_sign(t, out, at, size - 1, now_s), 0);  /* a byte too little room: nothing happens */
	ck_assert_uint_eq(tsig_sign(t, out, at, size, now_s), size);
	ck_assert_mem_eq(out, want, size);
	free(want);
}

START_TEST(test_vectors)
{
	const struct tsig_vector *v = &tsig_vectors[_i];
	struct tsig t;
	size_t size;
	uint8_t *request = hex_read(v->messages[0].hex, &size);

	keys_make(v->algorithm);
	ck_assert(tsig_verify_request(&t, ring, request, size, v->messages[0].tsig_at, NOW));
	ck_assert_uint_eq(t.error, TSIG_NOERROR);
	ck_assert_ptr_eq(t.key, &keys[OTHERS]);
	ck_assert(memcmp(t.name, "\4XFer\7Example\3com", 18) == 0);
	t.sign_size = (uint16_t)v->mac_size;
	for (unsigned i = 1; i < VECTOR_MESSAGES; i++)
		signs_like(&t, v->messages[i].hex, v->messages[i].tsig_at, NOW + i);
	free(request);
}
END_TEST

START_TEST(test_vectors_as_client)
{
	const struct tsig_vector *v = &tsig_vectors[_i];
	struct tsig t;
	size_t size;
	uint8_t *request = hex_read(v->messages[0].hex, &size);
	const char *why = NULL;

	keys_make(v->algorithm);
	tsig_verify_request(&t, ring, request, size, v->messages[0].tsig_at, NOW);
	for (unsigned i = 1; i < VECTOR_MESSAGES; i++) {
		uint8_t *answer = hex_read(v->messages[i].hex, &size);

		ck_assert_msg(tsig_verify_answer(&t, ring, answer, size, NOW, &why), "message %u: %s", i, why);
		free(answer);
	}
	free(request);
}
END_TEST

START_TEST(test_truncation_is_answered_in_kind)
{
	uint8_t message[ROOM];
	struct tsig client, server;
	size_t size = query_signed(&client, message, NOW), mac = query_size() + at_time(&client) + 10;

	/* Shortened by hand to 17 bytes: it is a prefix of the whole. */
	memmove(message + mac + 17, message + mac + 32, size - mac - 32);
	be16_put(message + mac - 2, 17);
	be16_put(message + query_size() + dname_length(client.name) + 8, (unsigned)(size - 15 - query_size() - dname_length(client.name) - 10));
	client.mac_size = 17;
	ck_assert(verify(&server, message, size - 15, NOW));
	ck_assert_uint_eq(server.error, TSIG_NOERROR);
	ck_assert_uint_eq(server.sign_size, 17);

	const char *why;
	size_t answer = query_write(message);

	answer = tsig_sign(&server, message, answer, ROOM, NOW);
	ck_assert_uint_eq(answer, query_size() + at_time(&client) + 10 + 17 + 6);
	ck_assert(tsig_verify_answer(&client, ring, message, answer, NOW, &why));
}
END_TEST

/* Every size below max(10, half) and above the whole is FORMERR (RFC 8945, 5.2.2.1), whatever the bytes are. */
START_TEST(test_mac_sizes)
{
	struct tsig client, t;

	keys_make((enum tsig_algorithm)_i);
	for (unsigned n = 0; n <= 80; n++) {
		uint8_t message[ROOM];
		size_t size = query_signed(&client, message, NOW), at = query_size(), mac = at + at_time(&client) + 10;
		unsigned full = full_size[_i];

		memset(message + mac + full, 0, 100);
		be16_put(message + mac - 2, n);
		be16_put(message + at + dname_length(client.name) + 8, (unsigned)(size - full + n - at - dname_length(client.name) - 10));
		/* Behind the MAC come original ID, error and other size: where they stand now they are wrong but for n = full. */
		memset(message + mac + n, 0, 6);
		be16_put(message + mac + n, 0x1234);

		bool permitted = n >= 10 && n >= full / 2 && n <= full;

		ck_assert_msg(verify(&t, message, size - full + n, NOW) == permitted, "%u of %u bytes", n, full);
		if (permitted)
			ck_assert_uint_eq(t.error, TSIG_NOERROR);
		else
			ck_assert_str_eq(t.why, "its MAC is longer or shorter than the algorithm permits");
	}
}
END_TEST

/* ---- what is wrong with a request ---- */

/* No bit of a signed message can change unnoticed, but in the ID and in the case of the names of key and algorithm. */
START_TEST(test_every_bit_counts)
{
	uint8_t message[ROOM];
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW), at = query_size();

	for (size_t bit = 16; bit < size * 8; bit++) {
		bool case_bit = bit % 8 == 2 && ((bit / 8 >= at && bit / 8 < at + dname_length(client.name))
		    || (bit / 8 >= at + dname_length(client.name) + 10 && bit / 8 < at + at_time(&client)));

		message[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		bool parses = verify(&t, message, size, NOW);
		bool genuine = parses && t.error == TSIG_NOERROR;

		if (genuine)
			ck_assert_msg(case_bit && t.mac_size == 32, "bit %zu of byte %zu", bit % 8, bit / 8);
		else
			ck_assert_ptr_nonnull(t.why);
		message[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}
	ck_assert(verify(&t, message, size, NOW) && t.error == TSIG_NOERROR);
}
END_TEST

START_TEST(test_one_byte_short_one_byte_long)
{
	uint8_t message[ROOM] = { 0 };
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW);

	for (size_t n = query_size(); n < size; n++)
		ck_assert(!verify(&t, message, n, NOW));
	ck_assert(!verify(&t, message, size + 1, NOW));
	ck_assert(verify(&t, message, size, NOW));

	/* A byte that belongs to the rdata, but to no field: no MAC covers it. */
	uint8_t *rdlength = message + query_size() + dname_length(client.name) + 8;

	be16_put(rdlength, be16_get(rdlength) + 1u);
	ck_assert(!verify(&t, message, size + 1, NOW));
	ck_assert_str_eq(t.why, "its TSIG does not parse");
}
END_TEST

START_TEST(test_unknown_key)
{
	uint8_t message[ROOM];
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW);

	key_name(&keys[OTHERS], "xfer2.example.com");
	keyring_free(ring);
	ring = keyring_new(&conf);
	ck_assert(verify(&t, message, size, NOW));
	ck_assert_uint_eq(t.error, TSIG_BADKEY);
	ck_assert_ptr_null(t.key);
	ck_assert_str_eq(t.why, "no key of that name");

	/* Unsigned, with the names as sent. */
	size_t answer = tsig_sign(&t, message, query_write(message), ROOM, NOW + 5);
	const char *why;

	ck_assert_uint_eq(answer, query_size() + at_time(&client) + 16);
	ck_assert_uint_eq(be16_get(message + answer - 4), TSIG_BADKEY);
	ck_assert_uint_eq(be16_get(message + answer - 8), 0);
	ck_assert(!tsig_verify_answer(&client, ring, message, answer, NOW, &why));
	ck_assert_str_eq(why, "it is signed with another key");        /* ours is gone too */
	setup();
	ck_assert(!tsig_verify_answer(&client, ring, message, answer, NOW, &why));
	ck_assert_str_eq(why, "it does not know our key (BADKEY)");
	ck_assert(tsig_verify_request(&t, NULL, message, answer, query_size(), NOW));
	ck_assert_uint_eq(t.error, TSIG_BADKEY);
}
END_TEST

START_TEST(test_another_algorithm)
{
	uint8_t message[ROOM];
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW);

	keys_make(TSIG_HMAC_SHA512);
	ck_assert(verify(&t, message, size, NOW));
	ck_assert_uint_eq(t.error, TSIG_BADKEY);
	ck_assert_str_eq(t.why, "the key's algorithm is another");
	ck_assert_ptr_null(t.key);
}
END_TEST

START_TEST(test_another_secret)
{
	uint8_t message[ROOM];
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW);
	const char *why;

	secret[31] ^= 1;
	keyring_free(ring);
	ring = keyring_new(&conf);
	ck_assert(verify(&t, message, size, NOW));
	ck_assert_uint_eq(t.error, TSIG_BADSIG);
	ck_assert_ptr_eq(t.key, &keys[OTHERS]);
	size = tsig_sign(&t, message, query_write(message), ROOM, NOW);
	ck_assert_uint_eq(size, query_size() + at_time(&client) + 16);
	ck_assert(!tsig_verify_answer(&client, ring, message, size, NOW, &why));
	ck_assert_str_eq(why, "it says that our signature is wrong (BADSIG)");
}
END_TEST

START_TEST(test_clock)
{
	uint8_t message[ROOM];
	struct tsig client, t;
	size_t size = query_signed(&client, message, NOW);

	for (int sign = -1; sign <= 1; sign += 2) {
		ck_assert(verify(&t, message, size, (uint64_t)(NOW + sign * TSIG_FUDGE_S)));
		ck_assert_uint_eq(t.error, TSIG_NOERROR);
		ck_assert(verify(&t, message, size, (uint64_t)(NOW + sign * (TSIG_FUDGE_S + 1))));
		ck_assert_uint_eq(t.error, TSIG_BADTIME);
	}
	ck_assert(verify(&t, message, size, 0) && t.error == TSIG_BADTIME);

	size = query_signed(&client, message, (1ull << 48) - 1);       /* all of its bits are read */
	ck_assert(verify(&t, message, size, NOW) && t.error == TSIG_BADTIME);
	ck_assert_uint_eq(t.time_s, (1ull << 48) - 1);
	ck_assert(verify(&t, message, size, (1ull << 48) - 1) && t.error == TSIG_NOERROR);
}
END_TEST

/* BADTIME is signed, and tells the request's time and our clock: as an independent implementation has it. */
START_TEST(test_late_request)
{
	struct tsig t;
	size_t size;
	uint8_t *request = hex_read(tsig_vectors[TSIG_HMAC_SHA256].messages[0].hex, &size);
	size_t at = tsig_vectors[TSIG_HMAC_SHA256].messages[0].tsig_at;
	const char *why;

	ck_assert(tsig_verify_request(&t, ring, request, size, at, NOW + 301));
	ck_assert_uint_eq(t.error, TSIG_BADTIME);
	signs_like(&t, tsig_late, TSIG_LATE_AT, NOW + 301);
	tsig_verify_request(&t, ring, request, size, at, NOW);
	free(request);
	request = hex_read(tsig_late, &size);
	ck_assert(!tsig_verify_answer(&t, ring, request, size, NOW, &why));
	ck_assert_str_eq(why, "it says that our clock differs from its own (BADTIME)");
	request[size - 1] ^= 1;                /* its clock is signed too */
	ck_assert(!tsig_verify_answer(&t, ring, request, size, NOW, &why));
	ck_assert_str_eq(why, "its signature is wrong");
	free(request);
}
END_TEST

/* The fudge is the client's, whatever it is. */
START_TEST(test_fudge)
{
	static const struct { const char *hex; unsigned fudge; } rows[] = { { tsig_brief, 10 }, { tsig_ample, 65535 } };
	size_t size, at = tsig_vectors[TSIG_HMAC_SHA256].messages[0].tsig_at;
	uint8_t *request = hex_read(rows[_i].hex, &size);
	struct tsig t;

	ck_assert(tsig_verify_request(&t, ring, request, size, at, NOW + rows[_i].fudge) && t.error == TSIG_NOERROR);
	ck_assert(tsig_verify_request(&t, ring, request, size, at, NOW + rows[_i].fudge + 1) && t.error == TSIG_BADTIME);
	free(request);
}
END_TEST

/* ---- what is wrong with an answer ---- */

static size_t
answer_make(struct tsig *client, uint8_t *message)
{
	struct tsig server;
	size_t size = query_signed(client, message, NOW);

	ck_assert(verify(&server, message, size, NOW) && server.error == TSIG_NOERROR);
	size = query_write(message);
	message[2] = 0x85;
	return tsig_sign(&server, message, size, ROOM, NOW);
}

START_TEST(test_answers)
{
	uint8_t message[ROOM];
	struct tsig client;
	size_t size = answer_make(&client, message);
	const char *why = NULL;
	struct tsig other = client;

	other.mac[0] ^= 1;                     /* the answer to another request */
	ck_assert(!tsig_verify_answer(&other, ring, message, size, NOW, &why));
	ck_assert_str_eq(why, "its signature is wrong");
	ck_assert(!tsig_verify_answer(&client, ring, message, size, NOW + 301, &why));
	ck_assert_str_eq(why, "its clock differs by more than the fudge");
	for (size_t n = 0; n < size; n++) {
		uint8_t *copy = malloc(n > 0 ? n : 1);

		memcpy(copy, message, n);
		ck_assert(!tsig_verify_answer(&client, ring, copy, n, NOW, &why));
		ck_assert_str_eq(why, "it is not signed");
		free(copy);
	}
	ck_assert(tsig_verify_answer(&client, ring, message, size, NOW, &why));
	ck_assert(!tsig_verify_answer(&client, ring, message, size, NOW, &why));      /* once: it is no later message */
}
END_TEST

/* One who has another of our keys is not whom we asked. */
START_TEST(test_answer_by_another_key)
{
	uint8_t message[ROOM];
	struct tsig client, other;
	const char *why = NULL;
	size_t size;

	query_signed(&client, message, NOW);
	tsig_begin(&other, &keys[0]);
	memcpy(other.mac, client.mac, sizeof(other.mac));
	other.mac_size = client.mac_size;
	size = tsig_sign_request(&other, ring, message, query_write(message), ROOM, NOW);
	ck_assert(!tsig_verify_answer(&client, ring, message, size, NOW, &why));
	ck_assert_str_eq(why, "it is signed with another key");
}
END_TEST

START_TEST(test_unsigned_answers)
{
	uint8_t message[ROOM];
	struct tsig client;
	const char *why = NULL;
	size_t size;

	query_signed(&client, message, NOW);
	size = query_write(message);
	ck_assert(!tsig_verify_answer(&client, ring, message, size, NOW, &why));
	ck_assert_str_eq(why, "it is not signed");

	/* A TSIG in the authority section. */
	size_t whole = answer_make(&client, message);

	message[9] = 1;
	message[11] = 0;
	ck_assert(!tsig_verify_answer(&client, ring, message, whole, NOW, &why));
	ck_assert_str_eq(why, "it is not signed");

	/* An A record where the TSIG should be. */
	message[9] = 0;
	memcpy(message + size, "\xC0\x0C\0\1\0\1\0\0\0\0\0\4abcd", 16);
	message[11] = 1;
	ck_assert(!tsig_verify_answer(&client, ring, message, size + 16, NOW, &why));
	ck_assert_str_eq(why, "it is not signed");
}
END_TEST

/* A stream of messages: none can be changed, left out or repeated. */
START_TEST(test_stream)
{
	enum { MESSAGES = 5 };
	uint8_t stream[MESSAGES][ROOM];
	size_t sizes[MESSAGES];
	struct tsig client, server, t;
	const char *why;
	uint8_t request[ROOM];
	size_t size = query_signed(&client, request, NOW);

	ck_assert(verify(&server, request, size, NOW));
	for (unsigned i = 0; i < MESSAGES; i++) {
		sizes[i] = query_write(stream[i]);
		sizes[i] = tsig_sign(&server, stream[i], sizes[i], ROOM, NOW);
	}
	t = client;
	for (unsigned i = 0; i < MESSAGES; i++)
		ck_assert(tsig_verify_answer(&t, ring, stream[i], sizes[i], NOW, &why));
	t = client;
	ck_assert(tsig_verify_answer(&t, ring, stream[0], sizes[0], NOW, &why));
	ck_assert(!tsig_verify_answer(&t, ring, stream[2], sizes[2], NOW, &why));
	ck_assert(!tsig_verify_answer(&t, ring, stream[0], sizes[0], NOW, &why));
	ck_assert(tsig_verify_answer(&t, ring, stream[1], sizes[1], NOW, &why));
	stream[2][20] ^= 1;
	ck_assert(!tsig_verify_answer(&t, ring, stream[2], sizes[2], NOW, &why));
}
END_TEST

/* ---- the keyring ---- */

START_TEST(test_each_key_is_found)
{
	for (int i = 0; i <= OTHERS; i++) {
		uint8_t message[ROOM];
		struct tsig client, t;
		size_t size = query_write(message);

		tsig_begin(&client, &keys[i]);
		size = tsig_sign_request(&client, ring, message, size, ROOM, NOW);
		ck_assert_uint_gt(size, 0);
		ck_assert(verify(&t, message, size, NOW));
		ck_assert_uint_eq(t.error, TSIG_NOERROR);
		ck_assert_ptr_eq(t.key, &keys[i]);
	}
}
END_TEST

START_TEST(test_no_such_key_to_sign_with)
{
	struct conf_key stray = keys[0];
	uint8_t message[ROOM];
	struct tsig client;
	size_t size = query_write(message);

	key_name(&stray, "stray");
	tsig_begin(&client, &stray);
	ck_assert_uint_eq(tsig_sign_request(&client, ring, message, size, ROOM, NOW), 0);
	ck_assert_uint_eq(tsig_sign_request(&client, NULL, message, size, ROOM, NOW), 0);
	stray = keys[0];
	stray.algorithm = TSIG_HMAC_SHA1;      /* a reload gave it another */
	tsig_begin(&client, &stray);
	ck_assert_uint_eq(tsig_sign_request(&client, ring, message, size, ROOM, NOW), 0);
}
END_TEST

/* ---- threads: they share keys, and nothing else ---- */

static void *
exchange_many(void *arg)
{
	unsigned *failures = arg;

	for (unsigned i = 0; i < 2000; i++) {
		uint8_t message[ROOM];
		struct tsig client, server;
		const char *why;
		size_t size = query_write(message);

		tsig_begin(&client, &keys[OTHERS]);
		size = tsig_sign_request(&client, ring, message, size, ROOM, NOW);
		*failures += !tsig_verify_request(&server, ring, message, size, query_size(), NOW) || server.error != TSIG_NOERROR;
		size = tsig_sign(&server, message, query_write(message), ROOM, NOW);
		*failures += !tsig_verify_answer(&client, ring, message, size, NOW, &why);
	}
	return NULL;
}

START_TEST(test_threads)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	unsigned failures[THREADS] = { 0 };

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, exchange_many, &failures[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_uint_eq(failures[i], 0);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tsig");
	TCase *t = tcase_create("tsig");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_vectors, 0, VECTORS);
	tcase_add_loop_test(t, test_vectors_as_client, 0, VECTORS);
	tcase_add_test(t, test_truncation_is_answered_in_kind);
	tcase_add_loop_test(t, test_mac_sizes, TSIG_HMAC_SHA1, TSIG_HMAC_SHA512 + 1);
	tcase_add_test(t, test_every_bit_counts);
	tcase_add_test(t, test_one_byte_short_one_byte_long);
	tcase_add_test(t, test_unknown_key);
	tcase_add_test(t, test_another_algorithm);
	tcase_add_test(t, test_another_secret);
	tcase_add_test(t, test_clock);
	tcase_add_test(t, test_late_request);
	tcase_add_loop_test(t, test_fudge, 0, 2);
	tcase_add_test(t, test_answers);
	tcase_add_test(t, test_answer_by_another_key);
	tcase_add_test(t, test_unsigned_answers);
	tcase_add_test(t, test_stream);
	tcase_add_test(t, test_each_key_is_found);
	tcase_add_test(t, test_no_such_key_to_sign_with);
	tcase_add_test(t, test_threads);
	suite_add_tcase(s, t);

	return suite_run(s);
}
