/* rdata.h - RR types and rdata between text and wire form, by ldns. Any thread. */
#ifndef ZONES_RDATA_H
#define ZONES_RDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TYPE_TEXT = 32, RDATA_MAX = 65535, RDATA_EXPECTED = 256 };

/* A mnemonic or TYPEnnn (RFC 3597) in any case; 0: none of them. */
uint16_t type_parse(const char *text);
char *type_format(uint16_t type, char buf[TYPE_TEXT]);         /* returns buf */
/* Types that no zone holds: OPT, and those of questions and messages (RFC 6895, 3.1). */
bool type_is_meta(uint16_t type);

struct rdata_reader;
struct rdata_reader *rdata_reader_new(void);
void rdata_reader_free(struct rdata_reader *r);
/* What names without a final dot end in from now on, wire form. */
void rdata_reader_origin(struct rdata_reader *r, const uint8_t *origin);
/* Reads text, the fields of one RR of type or RFC 3597's \# form, to out as uncompressed wire form, names
 * in the case given. Returns its size; -1: text is no such rdata. */
int rdata_read(struct rdata_reader *r, uint16_t type, const char *text, uint8_t out[RDATA_MAX]);
/* The other way: text that rdata_read() reads as the same bytes, and a master file's reader leaves as it is. As people write the type
 * where ldns's way to print it does that; else, and for types that ldns does not know, in the \# form. malloc'd. */
char *rdata_print(uint16_t type, const uint8_t *rdata, size_t size);
/* What rdata_read() expects of a type, for people: "a number, a name". Returns buf. */
char *rdata_expected(uint16_t type, char buf[RDATA_EXPECTED]);

/* Is rdata well formed as far as answering needs it: addresses of their size, names whole and uncompressed? */
bool rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t size);

#endif
