/* rdata_form.h - what rdata is made of, type by type, in wire form.
 *
 * A form is a word, one character a field, in the order in which they come:
 *
 *     n    a name that compares without case (RFC 4034, 6.2);   N  one that compares as it stands
 *     1..8 that many bytes, of a number or an address (88: sixteen)
 *     s    a character string: a length byte and what it counts;   S  one and more of them;   o  one or none
 *     b    a type bit map (RFC 4034, 4.1.2)
 *     v    service parameters (RFC 9460, 2.2)
 *     p    address prefixes (RFC 3123, 4)
 *     g    a gateway (RFC 4025, 2.1), and what says of which kind;   r  the same of a relay (RFC 8777, 4.2)
 *     h    what HIP has (RFC 8005, 5)
 *     t    a tag: as s, but not empty
 *     +    one and more bytes;   *  any bytes: to the end
 *
 * Types that are not in the table have any bytes (RFC 3597). Allocates nothing. Any thread. */
#ifndef ZONES_RDATA_FORM_H
#define ZONES_RDATA_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

const char *rdata_form(uint16_t type);

/* Is a field a name? Messages may have it compressed: RFC 3597, 4 asks that of few types, but some clients do it to all. */
static inline bool
field_is_name(char field)
{
	return field == 'n' || field == 'N';
}

enum { FIELD_BAD = 65536 };
/* The size of a field at the beginning of size bytes, names uncompressed; FIELD_BAD: it is not there as it should be. */
size_t field_size(char field, const uint8_t *rdata, size_t size);

/* Is rdata what the type has, to its last byte? Uncompressed. */
bool rdata_fits(uint16_t type, const uint8_t *rdata, size_t size);

/* Has it names that compare without case? */
bool rdata_folds(uint16_t type);
/* Are they equal as an update means it (RFC 2136, 1.1.1; names as RFC 4034, 6.2 has them)? Also of rdata that does not fit. */
bool rdata_equal(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);
/* As all rdata equal to it are written: names that compare without case in lower case. out has size bytes. */
void rdata_canonical(uint16_t type, const uint8_t *rdata, size_t size, uint8_t *out);

#endif
