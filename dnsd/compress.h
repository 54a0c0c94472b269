/* compress.h - writing names into a message, their endings as pointers to where they stand already (RFC 1035, 4.1.4).
 *
 * Remembers the names that it wrote, and all their endings, in a table without chains: where two
 * meet, the first one stays, since it is among the names at a message's beginning that most others
 * end in. What is not found is written out; nothing is ever wrong but a little larger. Endings are the
 * same only byte by byte: the case of a name is kept. Allocates nothing. Any thread, one at a time. */
#ifndef DNSD_COMPRESS_H
#define DNSD_COMPRESS_H

#include "dnsd/wire.h"

enum { COMPRESS_BITS = 11 };

struct compress {
	uint16_t at[1 << COMPRESS_BITS];       /* offsets in the message; 0: empty */
};

/* For a new message, or for the same again from its beginning. */
void compress_begin(struct compress *c);
/* Writes name at w's end. w begins where the message does, and what was written since compress_begin() is still there. */
void compress_name(struct compress *c, struct wr *w, const uint8_t *name);
/* The same for a name that stands in the message at an offset, as the question's does. */
void compress_learn(struct compress *c, const uint8_t *name, size_t offset);

#endif
