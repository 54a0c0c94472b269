/* dname.h - domain names in uncompressed wire form (RFC 1035, 3.1).
 *
 * A name is a run of labels, each a length byte 1..63 and that many bytes, and
 * ends with a zero byte; DNAME_MAX bytes at most with it. Functions that take a
 * const uint8_t *name trust it to be well formed; the two that read text or
 * foreign bytes (dname_parse, dname_read) are bounded and say whether it was. */
#ifndef BASE_DNAME_H
#define BASE_DNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNAME_MAX = 255,               /* RFC 1035, 2.3.4 */
	LABEL_MAX = 63,
	LABELS_MAX = 127,              /* the root label aside */
	DNAME_TEXT = 1024              /* each byte as \DDD, dots, the end */
};

/* Master file text, absolute with or without the final dot; \. \\ and \DDD
 * escapes (RFC 1035, 5.1); "." is the root. Upper case is folded to lower.
 * Returns the length in bytes with the root label, 0 if it is no name. */
size_t dname_parse(const char *text, uint8_t out[DNAME_MAX]);

/* Presentation form without the final dot ("." for the root). Returns buf of DNAME_TEXT bytes. */
char *dname_format(const uint8_t *name, char *buf);

/* Length in bytes of the name at the start of at most size bytes, the root
 * label counted; 0 if it is not whole, too long or holds a pointer. */
size_t dname_read(const uint8_t *bytes, size_t size);

size_t dname_length(const uint8_t *name);              /* with the root label, 1..255 */
unsigned dname_labels(const uint8_t *name);            /* without the root label */
bool dname_equal(const uint8_t *a, const uint8_t *b);  /* ASCII case folded */
bool dname_is_under(const uint8_t *name, const uint8_t *ancestor);   /* or equal */
void dname_lower(uint8_t *name);                       /* in place */
static inline uint8_t
dname_fold(uint8_t byte)                               /* ASCII A-Z to a-z, branch free */
{
	return (uint8_t)(byte | ((uint8_t)(byte - 'A') < 26) << 5);
}

#endif
