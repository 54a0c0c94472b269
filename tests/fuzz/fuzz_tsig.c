/* fuzz_tsig.c - any bytes as a signed message, through answer_many() and aside_answer(): a well-formed reply, a transfer
 * of well-formed messages, or silence; and any bytes as a signed answer, which is never believed.
 *
 * The first byte chooses: the transport; whether the bytes are signed well before they are sent, so that what lies behind the
 * signature is reached, and with which key; and whether the client's clock is right. */
#include <time.h>

#include "base/log.h"
#include "dnsd/aside.h"
#include "dnsd/edition.h"
#include "dnsd/transfer.h"
#include "dnsd/tsig.h"
#include "tests/unit/dnsd/rich.h"

enum { OVER_TCP = 1, SIGNED = 2, KEY_BITS = 4 + 8, LATE = 16 };
enum { KEYS = 4, NOW = 1700000000, SIZE_MAX_READ = 4096, MESSAGES_MAX = 100 };

struct server {
	struct rich rich;
	struct conf conf;
	struct conf_key keys[KEYS];
	struct conf_who who[2];
	struct conf_zone zones[RICH_ZONES];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The second and third zone may be transferred by the first two keys, and the third zone is private. */
static void
server_make(struct server *s)
{
	static const char *const names[KEYS] = { "a", "key.example.com", "unentitled", "sha512" };
	static uint8_t secret[16];

	snapshot_open();
	rich_make(&s->rich);
	s->conf = (struct conf){ .keys = s->keys, .nkeys = KEYS, .zones = s->zones, .nzones = RICH_ZONES };
	for (int i = 0; i < KEYS; i++) {
		s->keys[i] = (struct conf_key){
			.algorithm = i == 3 ? TSIG_HMAC_SHA512 : TSIG_HMAC_SHA256, .secret = secret, .secret_size = sizeof(secret)
		};
		rich_name(names[i], s->keys[i].dname);
	}
	for (int i = 0; i < 2; i++)
		s->who[i] = (struct conf_who){ .anywhere = true, .key = &s->keys[i] };
	s->rich.snapshot->terms = (struct snapshot_terms){
		.conf = &s->conf, .keys = keyring_new(&s->conf), .editions = editions_new(RICH_ZONES)
	};
	zone_set_private(s->rich.zones[2]);
	for (unsigned i = 0; i < RICH_ZONES; i++) {
		zone_set_index(s->rich.zones[i], i);
		s->zones[i].transfer = (struct conf_whos){ .who = s->who, .count = i > 0 ? 2 : 0 };
		editions_put(s->rich.snapshot->terms.editions, i, s->rich.zones[i], NULL, NULL);
	}
}

static void
check(bool holds)
{
	if (!holds)
		abort();
}

/* Transfers are signed by the real clock, all else by the one that the query path was told. */
static bool
believed(struct tsig *sign, const struct keyring *ring, const uint8_t *message, size_t size)
{
	const char *why;

	return tsig_verify_answer(sign, ring, message, size, NOW, &why)
	    || tsig_verify_answer(sign, ring, message, size, (uint64_t)time(NULL), &why);
}

/* What a transfer sends. sign: the client, who verifies each message if it is not NULL. */
static void
check_transfer(struct transfer *transfer, const struct keyring *ring, struct tsig *sign)
{
	static uint8_t message[ANSWER_TCP_MAX];
	size_t n;

	for (unsigned i = 0; i < MESSAGES_MAX && (n = transfer_next(transfer, message, sizeof(message))) > 0; i++) {
		check(message_whole(message, n));
		if (sign != NULL)
			check(believed(sign, ring, message, n));
	}
	transfer_free(transfer);
}

/* sign: the client, whose signature was good, or NULL. */
static void
check_reply(const struct answer_job *job, const struct keyring *ring, struct tsig *sign, enum transport t)
{
	bool due = job->size >= HEADER_SIZE && (job->query[2] & 0x80) == 0;

	check((job->answered > 0) == due);
	if (!due)
		return;
	check(message_whole(job->out, job->answered) && (job->out[2] & 0x80) != 0);
	check(memcmp(job->out, job->query, 2) == 0);
	check(t != TRANSPORT_UDP || job->answered <= ANSWER_UDP_MAX);
	if (sign != NULL && job->aside)
		check(believed(sign, ring, job->out, job->answered));
}

static void
ask_all(const struct server *s, const uint8_t *query, size_t size, enum transport t, struct tsig *sign)
{
	static uint8_t out[ANSWER_TCP_MAX];
	static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };
	const struct answer_terms terms = { .transport = t, .now_s = NOW };
	const struct snapshot *snapshot = s->rich.snapshot;
	struct answer_job job = {
		.query = query, .size = size, .client = &client, .out = t == TRANSPORT_UDP ? malloc(ANSWER_UDP_MAX) : out
	};
	struct transfer *transfer = NULL;

	snapshot_enter();
	answer_one(snapshot, &terms, &job);
	if (job.aside)
		aside_answer(snapshot, &terms, &job, t == TRANSPORT_UDP ? NULL : &transfer);
	snapshot_leave();
	if (transfer != NULL)
		check_transfer(transfer, snapshot->terms.keys, sign);
	else
		check_reply(&job, snapshot->terms.keys, sign, t);
	if (job.out != out)
		free(job.out);
}

/* The bytes are no answer to a question that was asked with a MAC of zeros. */
static void
disbelieve(const struct server *s, const uint8_t *message, size_t size)
{
	struct tsig t;
	const char *why = NULL;

	tsig_begin(&t, &s->keys[0]);
	t.mac_size = t.sign_size;
	check(!tsig_verify_answer(&t, s->rich.snapshot->terms.keys, message, size, NOW, &why) && why != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct server server;           /* made once, and kept until the process ends */
	static uint8_t room[SIZE_MAX_READ + 1024];
	struct tsig client;

	if (server.rich.snapshot == NULL) {
		log_open(-1, LOG_LEVEL_ERROR);
		server_make(&server);
	}
	if (size == 0 || size > SIZE_MAX_READ)
		return 0;

	enum transport t = (data[0] & OVER_TCP) != 0 ? TRANSPORT_TCP : TRANSPORT_UDP;
	bool is_signed = (data[0] & SIGNED) != 0, late = (data[0] & LATE) != 0;
	size_t n = size - 1;

	memcpy(room, data + 1, n);
	disbelieve(&server, data + 1, n);
	if (is_signed && n >= HEADER_SIZE && be16_get(room + 10) < 65535) {
		tsig_begin(&client, &server.keys[(data[0] & KEY_BITS) / 4]);
		n = tsig_sign_request(&client, server.rich.snapshot->terms.keys, room, n, sizeof(room), late ? NOW - 301 : NOW);
		check(n > 0);
	}

	uint8_t *query = malloc(n > 0 ? n : 1);        /* the sanitizer sees the first byte too many */

	memcpy(query, room, n);
	ask_all(&server, query, n, t, is_signed && !late && n > size - 1 ? &client : NULL);
	free(query);
	return 0;
}
