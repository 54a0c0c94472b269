/* rrtype.h - types of records by name: IANA's mnemonics and TYPEnnn (RFC 3597, 5). Any thread. */
#ifndef BASE_RRTYPE_H
#define BASE_RRTYPE_H

#include <stdbool.h>
#include <stdint.h>

enum { RRTYPE_TEXT = 16 };

/* "TXT", "txt", "TYPE16" (0..65535). False: no type of that name is known. */
bool rrtype_parse(const char *text, uint16_t *type);

/* The mnemonic, or TYPEnnn. Returns buf of RRTYPE_TEXT bytes. */
char *rrtype_format(uint16_t type, char *buf);

/* Something that zones hold: neither 0, nor a type for questions or messages alone (OPT, TSIG, 128 to 255 but for those
 * that IANA gave to data since). RFC 6895, 3.1. */
bool rrtype_is_data(uint16_t type);

#endif
