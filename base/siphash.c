/* siphash.c - SipHash-2-4. Part of the query path: no allocation, no library. */
#include "base/siphash.h"

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t
le64_get(const uint8_t *p)
{
	uint64_t n = 0;

	for (unsigned i = 8; i > 0; i--)       /* one load, to a compiler */
		n = n << 8 | p[i - 1];
	return n;
}

static inline uint64_t
rotate(uint64_t n, unsigned bits)
{
	return n << bits | n >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = rotate(s->b, 13) ^ s->a;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a = rotate(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = rotate(s->b, 17) ^ s->c;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c = rotate(s->c, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	sip_round(s);
	s->a ^= word;
}

/* What is left of the bytes, below eight, and the lowest byte of their number. */
static uint64_t
sip_last(const uint8_t *p, size_t left, size_t size)
{
	uint64_t word = (uint64_t)size << 56;

	for (unsigned i = 0; i < left; i++)
		word |= (uint64_t)p[i] << 8 * i;
	return word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY], const void *bytes, size_t size)
{
	uint64_t k0 = le64_get(key), k1 = le64_get(key + 8);
	struct sip s = {               /* "somepseudorandomlygeneratedbytes" */
		.a = k0 ^ 0x736f6d6570736575, .b = k1 ^ 0x646f72616e646f6d,
		.c = k0 ^ 0x6c7967656e657261, .d = k1 ^ 0x7465646279746573,
	};
	const uint8_t *p = bytes;
	size_t left = size;

	for (; left >= 8; p += 8, left -= 8)
		sip_word(&s, le64_get(p));
	sip_word(&s, sip_last(p, left, size));
	s.c ^= 0xff;
	for (unsigned i = 0; i < 4; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
