/* siphash.h - SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for short strings.
 *
 * What an outsider must not be able to aim at or forge is hashed with a secret key: server cookies
 * (RFC 9018, 4.4), tables indexed by what clients send. Part of the query path: no allocation, no library. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

enum { SIPHASH_KEY = 16 };

/* The 64 bits as the reference implementation numbers them: written little-endian they are its output bytes. Any thread. */
uint64_t siphash(const uint8_t key[SIPHASH_KEY], const void *bytes, size_t size);

#endif
