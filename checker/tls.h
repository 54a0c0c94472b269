/* tls.h - what the https and tcp checks share of TLS: roots of trust, loaded once, and
 * the age of a certificate. */
#ifndef CHECKER_TLS_H
#define CHECKER_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_roots;

struct tls_roots *tls_roots_new(void);
void tls_roots_free(struct tls_roots *r);      /* NULL is fine; stores that were handed out live on */

/* The certificates of a file; NULL: the system's. A file that has changed is read again. The caller
 * gives the store back with X509_STORE_free(). NULL with a message. */
X509_STORE *tls_roots_get(struct tls_roots *r, const char *ca, char *error, size_t error_size);

/* True when the peer's certificate ends within so many microseconds, with words: "expires in 3 days". */
bool tls_expires(const SSL *ssl, uint64_t within_us, char *words, size_t size);

#endif
