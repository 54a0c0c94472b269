/* test_cookie.c - server cookies, against the test vectors of RFC 9018, appendix A, and at each limit. */
#include "dnsd/cookie.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static void
from_hex(const char *hex, uint8_t *out)
{
	for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		*out++ = (uint8_t)byte;
}

static struct cookie_terms
terms(const uint8_t (*secrets)[16], size_t n, const struct addr *client, uint32_t now_s)
{
	return (struct cookie_terms){ .secrets = secrets, .nsecrets = n, .client = client, .now_s = now_s };
}

/* RFC 9018, appendix A: what was sent when, and what is answered. */
static const struct {
	const char *what, *secrets[2], *client, *sent, *answered;
	uint32_t now_s;
	bool good;
} vectors[] = {
	{ "A.1: a new one", { "e5e973e5a6b2a43f48e7dc849e37bfcf" }, "198.51.100.100",
	  "2464c4abcf10c957", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 0x5cf79f11, false },
	{ "A.2: the same client's, later", { "e5e973e5a6b2a43f48e7dc849e37bfcf" }, "198.51.100.100",
	  "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "2464c4abcf10c957010000005cf7a871d4a564a1442aca77", 0x5cf7a871, true },
	{ "A.3: reserved bytes, and too old by now", { "e5e973e5a6b2a43f48e7dc849e37bfcf" }, "203.0.113.203",
	  "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e", 0x5cf7a9ac, false },
	{ "A.3: reserved bytes, in time", { "e5e973e5a6b2a43f48e7dc849e37bfcf" }, "203.0.113.203",
	  "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", 0x5cf78f71 + 99, true },
	{ "A.4: IPv6, by the secret before", { "445536bcd2513298075a5d379663c962", "dd3bdf9344b678b185a6f5cb60fca715" },
	  "2001:db8:220:1:59de:d0f4:8769:82b8",
	  "22681ab97d52c298010000005cf7c57926556bd0934c72f8", "22681ab97d52c298010000005cf7c609a6bb79d16625507a", 0x5cf7c609, true },
};

START_TEST(test_vectors_of_rfc9018)
{
	uint8_t secrets[2][16], sent[COOKIE_MAX], answer[COOKIE_SIZE], due[COOKIE_SIZE];
	struct addr client;
	size_t n = 0;

	for (; n < 2 && vectors[_i].secrets[n] != NULL; n++)
		from_hex(vectors[_i].secrets[n], secrets[n]);
	from_hex(vectors[_i].sent, sent);
	from_hex(vectors[_i].answered, due);
	ck_assert(addr_parse(vectors[_i].client, &client));

	struct cookie_terms t = terms((const uint8_t (*)[16])secrets, n, &client, vectors[_i].now_s);
	bool good = cookie_judge(&t, sent, strlen(vectors[_i].sent) / 2, answer);

	ck_assert_msg(good == vectors[_i].good, "%s: good is %d", vectors[_i].what, good);
	ck_assert_msg(memcmp(answer, due, sizeof(due)) == 0, "%s: another cookie", vectors[_i].what);
}
END_TEST

static const uint8_t secrets[3][16] = { "the first secret", "the one before", "an older one" };
static const struct addr one = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };

/* From 5 minutes ahead to an hour back; made anew after half of that. Clocks may have wrapped. */
START_TEST(test_age)
{
	static const struct { int32_t age; bool good, kept; } ages[] = {
		{ 0, true, true }, { 1800, true, true }, { 1801, true, false }, { 3600, true, false }, { 3601, false, false },
		{ -300, true, true }, { -301, false, false }, { INT32_MAX, false, false }, { INT32_MIN, false, false },
	};
	static const uint32_t made[] = { 1700000000, 0, 5, UINT32_MAX - 100 };
	uint8_t cookie[COOKIE_SIZE], answer[COOKIE_SIZE];

	for (size_t m = 0; m < sizeof(made) / sizeof(made[0]); m++) {
		struct cookie_terms t = terms(secrets, 1, &one, made[m]);

		ck_assert(!cookie_judge(&t, (const uint8_t *)"mycookie", COOKIE_CLIENT, cookie));
		for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
			t.now_s = made[m] + (uint32_t)ages[i].age;
			ck_assert_int_eq(cookie_judge(&t, cookie, sizeof(cookie), answer), ages[i].good);
			ck_assert_int_eq(memcmp(cookie, answer, sizeof(cookie)) == 0, ages[i].kept);
			ck_assert(cookie_judge(&t, answer, sizeof(answer), answer));   /* what we answer is good */
		}
	}
}
END_TEST

START_TEST(test_each_bit_matters)
{
	struct cookie_terms t = terms(secrets, 3, &one, 1700000000);
	uint8_t cookie[COOKIE_SIZE], answer[COOKIE_SIZE];

	cookie_judge(&t, (const uint8_t *)"mycookie", COOKIE_CLIENT, cookie);
	for (unsigned bit = 0; bit < 8 * COOKIE_SIZE; bit++) {
		cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!cookie_judge(&t, cookie, sizeof(cookie), answer));
		ck_assert_mem_eq(answer, cookie, COOKIE_CLIENT);       /* the client's own goes back as it came */
		cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert(cookie_judge(&t, cookie, sizeof(cookie), answer));
}
END_TEST

START_TEST(test_other_sizes_are_others)
{
	struct cookie_terms t = terms(secrets, 3, &one, 1700000000);
	uint8_t cookie[COOKIE_MAX] = "", answer[COOKIE_SIZE];

	cookie_judge(&t, (const uint8_t *)"mycookie", COOKIE_CLIENT, cookie);
	for (size_t size = COOKIE_CLIENT; size <= COOKIE_MAX; size++)
		ck_assert_int_eq(cookie_judge(&t, cookie, size, answer), size == COOKIE_SIZE);
}
END_TEST

/* Whoever moves, or guesses another's, starts anew; a change of port does not matter. */
START_TEST(test_addresses)
{
	static const struct addr other_port = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 53 };
	static const struct addr neighbour = { .family = 4, .bytes = { 192, 0, 2, 2 } };
	static const struct addr longer = { .family = 6, .bytes = { 192, 0, 2, 1 } };
	struct cookie_terms t = terms(secrets, 1, &one, 1700000000);
	uint8_t cookie[COOKIE_SIZE], answer[COOKIE_SIZE];

	cookie_judge(&t, (const uint8_t *)"mycookie", COOKIE_CLIENT, cookie);
	t.client = &other_port;
	ck_assert(cookie_judge(&t, cookie, sizeof(cookie), answer));
	t.client = &neighbour;
	ck_assert(!cookie_judge(&t, cookie, sizeof(cookie), answer));
	t.client = &longer;
	ck_assert(!cookie_judge(&t, cookie, sizeof(cookie), answer));
}
END_TEST

/* RFC 9018, 5: a new secret is added at the end, moves to the front, and the old one goes. */
START_TEST(test_secrets_change)
{
	uint8_t cookie[COOKIE_SIZE], answer[COOKIE_SIZE];
	struct cookie_terms t = terms(secrets + 2, 1, &one, 1700000000);

	cookie_judge(&t, (const uint8_t *)"mycookie", COOKIE_CLIENT, cookie);
	t = terms(secrets, 3, &one, 1700000001);
	ck_assert(cookie_judge(&t, cookie, sizeof(cookie), answer));
	ck_assert_mem_ne(cookie, answer, sizeof(cookie));              /* though it is young */
	t.nsecrets = 1;
	ck_assert(cookie_judge(&t, answer, sizeof(answer), answer));   /* the first had made it */
	ck_assert(!cookie_judge(&t, cookie, sizeof(cookie), answer));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("cookie");
	TCase *t = tcase_create("cookie");

	tcase_add_loop_test(t, test_vectors_of_rfc9018, 0, (int)(sizeof(vectors) / sizeof(vectors[0])));
	tcase_add_test(t, test_age);
	tcase_add_test(t, test_each_bit_matters);
	tcase_add_test(t, test_other_sizes_are_others);
	tcase_add_test(t, test_addresses);
	tcase_add_test(t, test_secrets_change);
	suite_add_tcase(s, t);
	return suite_run(s);
}
