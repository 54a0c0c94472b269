/* key.c - from a name to its key: one look-up a byte. */
#include "zones/key.h"

/* First symbol, and the second in the upper byte (0: none). */
#define TWO(first, second) ((first) | (second) << 8)
#define TWO_4(first, n)    TWO(first, n), TWO(first, n + 1), TWO(first, n + 2), TWO(first, n + 3)
#define TWO_16(first, n)   TWO_4(first, n), TWO_4(first, n + 4), TWO_4(first, n + 8), TWO_4(first, n + 12)
#define LETTERS            17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, \
                           39, 40, 41, 42

static const uint16_t symbols_of[256] = {
	/* 0..44 */ TWO_16(1, 1), TWO_16(1, 17), TWO_4(1, 33), TWO_4(1, 37), TWO_4(1, 41), TWO(1, 45),
	/* -     */ 2,
	/* . /   */ TWO(3, 1), TWO(3, 2),
	/* 0..9  */ 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	/* : ; < = > ? @ */ TWO_4(14, 1), TWO(14, 5), TWO(14, 6), TWO(14, 7),
	/* A..Z  */ LETTERS,
	/* [ \ ] ^ */ TWO_4(14, 8),
	/* _     */ 15,
	/* `     */ TWO(16, 1),
	/* a..z  */ LETTERS,
	/* 123.. */ TWO_16(43, 1), TWO_16(43, 17), TWO_4(43, 33), TWO_4(43, 37), TWO_4(43, 41), TWO(43, 45), TWO(43, 46),
	            TWO(43, 47),
	/* 170.. */ TWO_16(44, 1), TWO_16(44, 17), TWO_4(44, 33), TWO_4(44, 37), TWO_4(44, 41), TWO(44, 45), TWO(44, 46),
	            TWO(44, 47),
	/* 217.. */ TWO_16(45, 1), TWO_16(45, 17), TWO_4(45, 33), TWO(45, 37), TWO(45, 38), TWO(45, 39),
};

void
key_add(struct key *k, const uint8_t *name, size_t end)
{
	uint8_t starts[LABELS_MAX + 1];
	uint8_t *out = k->symbols + k->length;
	unsigned labels = 0;

	for (unsigned at = 0; at < end; at += name[at] + 1u)
		starts[labels++] = (uint8_t)at;
	while (labels-- > 0) {
		const uint8_t *label = name + starts[labels], *last = label + *label;

		while (label++ < last) {
			unsigned symbols = symbols_of[*label];

			out[0] = (uint8_t)symbols;     /* a second symbol of 0 is overwritten by what follows */
			out[1] = (uint8_t)(symbols >> 8);
			out += 1 + (symbols > 0xff);
		}
		*out++ = KEY_END;
	}
	*out++ = KEY_END;
	k->length = (uint16_t)(out - k->symbols);
}

unsigned
key_difference(const struct key *a, const struct key *b)
{
	unsigned n = a->length < b->length ? a->length : b->length, i = 0;

	while (i < n && a->symbols[i] == b->symbols[i])
		i++;
	return i;
}
