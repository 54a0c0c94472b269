/* key.h - a domain name as a string of symbols, so that a trie can hold it.
 *
 * The labels come root side first. Each byte becomes one symbol of 1..47, or two
 * where host names do not use it; a label ends with KEY_END, the lowest symbol,
 * and so does the name: after its last label stands one more. Comparing keys
 * symbol by symbol is then comparing names in canonical order (RFC 4034, 6.1), no
 * key is the beginning of another, and a KEY_END where a label could start says
 * that a name ends there. Upper case is folded on the way.
 *
 * 48 symbols, so that a bitmap of them shares a word with an offset (trie.h). */
#ifndef ZONES_KEY_H
#define ZONES_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dname.h"

enum {
	KEY_END = 0,
	KEY_SYMBOLS = 48,
	KEY_MAX = 1024                 /* a name needs at most 2 * 253 + 1; a pair of names twice that */
};

struct key {
	uint16_t length;               /* symbols, the last KEY_END counted */
	uint8_t symbols[KEY_MAX];
};

/* Appends to k the labels of name that begin before end, one of which ends there: with the offset of
 * a zone's apex within name, the key is relative to the zone. k->length is 0 for the first. */
void key_add(struct key *k, const uint8_t *name, size_t end);

/* The symbol at offset: what lies behind the end reads as KEY_END. */
static inline unsigned
key_symbol(const struct key *k, unsigned offset)
{
	return offset < k->length ? k->symbols[offset] : KEY_END;
}

/* Could a label start at offset? Then KEY_END there would end the name. */
static inline bool
key_at_label(const struct key *k, unsigned offset)
{
	return offset < k->length && (offset == 0 || k->symbols[offset - 1] == KEY_END);
}

/* The offset at which a and b first differ; a->length when they are the same. */
unsigned key_difference(const struct key *a, const struct key *b);

#endif
