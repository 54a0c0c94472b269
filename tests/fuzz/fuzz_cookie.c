/* fuzz_cookie.c - any bytes as a cookie: believed is what has the right hash and age, and nothing else.
 *
 * Input: how, the age, the client's address, the cookie. With how odd, its hash is made right by one of the secrets,
 * so that what lies behind the hash is reached. */
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "dnsd/cookie.h"
#include "dnsd/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SECRETS = 3, HEAD = 1 + 4 + 16 };

static const uint8_t secrets[SECRETS + 1][16] = { "the first secret", "the one before", "an older one", "nobody's" };

static void
expect(bool holds)
{
	if (!holds)
		abort();
}

/* As RFC 9018, 4.4 has it, written apart from cookie.c. */
static void
hash(const uint8_t *secret, const struct addr *client, const uint8_t *cookie, uint8_t out[8])
{
	uint8_t in[32];
	size_t n = client->family == 4 ? 4 : 16;

	memcpy(in, cookie, 16);
	memcpy(in + 16, client->bytes, n);
	uint64_t h = siphash(secret, in, 16 + n);
	for (int i = 0; i < 8; i++, h >>= 8)
		out[i] = (uint8_t)h;
}

static bool
believable(const struct addr *client, const uint8_t *cookie, size_t size, uint32_t now_s)
{
	uint8_t h[8];

	if (size != COOKIE_SIZE || cookie[8] != 1)
		return false;
	int64_t age = (int32_t)(now_s - ((uint32_t)be16_get(cookie + 12) << 16 | be16_get(cookie + 14)));

	for (int i = 0; i < SECRETS; i++) {
		hash(secrets[i], client, cookie, h);
		if (memcmp(h, cookie + 16, 8) == 0)
			return age >= -300 && age <= 3600;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr client = { .family = 6 };
	uint8_t cookie[COOKIE_MAX], answer[COOKIE_SIZE], again[COOKIE_SIZE];

	if (size < HEAD + COOKIE_CLIENT || size > HEAD + COOKIE_MAX)
		return 0;
	size -= HEAD;
	memcpy(cookie, data + HEAD, size);
	client.family = (data[0] & 2) != 0 ? 4 : 6;
	memcpy(client.bytes, data + 5, client.family == 4 ? 4 : 16);

	uint32_t now_s = (uint32_t)be16_get(data + 1) << 16 | be16_get(data + 3);

	if ((data[0] & 1) != 0 && size == COOKIE_SIZE) {
		hash(secrets[data[0] >> 2 & 3], &client, cookie, cookie + 16);
		now_s += (uint32_t)be16_get(cookie + 12) << 16 | be16_get(cookie + 14);
	}
	const struct cookie_terms terms = { .secrets = secrets, .nsecrets = SECRETS, .client = &client, .now_s = now_s };
	bool good = cookie_judge(&terms, cookie, size, answer);

	expect(good == believable(&client, cookie, size, now_s));
	expect(memcmp(answer, cookie, COOKIE_CLIENT) == 0);
	expect(cookie_judge(&terms, answer, sizeof(answer), again) && memcmp(answer, again, sizeof(answer)) == 0);
	return 0;
}
