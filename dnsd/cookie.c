/* cookie.c - server cookies of version 1 (RFC 9018, 4).
 *
 *     | client's, 8 | version 1 | reserved, 3 | made at, 4 | hash, 8 |
 *       └────────────── hashed, with the client's address ┘
 *
 * A cookie that is good is as good as the hash: its sender has seen an answer that went to that address. */
#include "dnsd/cookie.h"

#include <string.h>

#include "base/siphash.h"

enum { VERSION_AT = COOKIE_CLIENT, TIME_AT = 12, HASH_AT = 16, VERSION = 1 };

static uint32_t
cookie_time(const uint8_t *cookie)
{
	const uint8_t *p = cookie + TIME_AT;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The reserved bytes are hashed as they are: later servers may fill them (RFC 9018, 4.2). */
static void
cookie_hash(const uint8_t secret[SIPHASH_KEY], const uint8_t *cookie, const struct addr *client, uint8_t hash[8])
{
	uint8_t in[HASH_AT + sizeof(client->bytes)];
	size_t size = client->family == 4 ? 4 : 16;

	memcpy(in, cookie, HASH_AT);
	memcpy(in + HASH_AT, client->bytes, size);

	uint64_t h = siphash(secret, in, HASH_AT + size);

	for (unsigned i = 0; i < 8; i++)
		hash[i] = (uint8_t)(h >> 8 * i);
}

/* Compared as a whole: how long it takes tells nothing of how much of a guess was right. */
static bool
cookie_is_by(const uint8_t secret[SIPHASH_KEY], const uint8_t *cookie, const struct addr *client)
{
	uint8_t hash[8];
	unsigned differs = 0;

	cookie_hash(secret, cookie, client, hash);
	for (unsigned i = 0; i < 8; i++)
		differs |= hash[i] ^ cookie[HASH_AT + i];
	return differs == 0;
}

static void
cookie_make(const struct cookie_terms *t, const uint8_t *client_cookie, uint8_t answer[COOKIE_SIZE])
{
	memcpy(answer, client_cookie, COOKIE_CLIENT);
	memcpy(answer + VERSION_AT, (const uint8_t[]){ VERSION, 0, 0, 0 }, 4);
	for (unsigned i = 0; i < 4; i++)
		answer[TIME_AT + i] = (uint8_t)(t->now_s >> (24 - 8 * i));
	cookie_hash(t->secrets[0], answer, t->client, answer + HASH_AT);
}

/* Whose secret made it: 0.. < nsecrets; nsecrets: nobody's we know. */
static size_t
cookie_maker(const struct cookie_terms *t, const uint8_t *sent, size_t size)
{
	size_t i = 0;

	if (size != COOKIE_SIZE || sent[VERSION_AT] != VERSION)
		return t->nsecrets;
	while (i < t->nsecrets && !cookie_is_by(t->secrets[i], sent, t->client))
		i++;
	return i;
}

bool
cookie_judge(const struct cookie_terms *t, const uint8_t *sent, size_t size, uint8_t answer[COOKIE_SIZE])
{
	size_t maker = cookie_maker(t, sent, size);
	/* How long since the earliest time that we would believe: small for what is ahead, huge for what is further ahead. */
	uint32_t age = maker < t->nsecrets ? t->now_s + COOKIE_AHEAD_S - cookie_time(sent) : UINT32_MAX;

	if (maker == 0 && age <= COOKIE_AHEAD_S + COOKIE_RENEW_S)
		memcpy(answer, sent, COOKIE_SIZE);
	else
		cookie_make(t, sent, answer);
	return maker < t->nsecrets && age <= COOKIE_AHEAD_S + COOKIE_LIFE_S;
}
