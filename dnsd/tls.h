/* tls.h - the server's side of DNS over TLS (RFC 7858, RFC 8310): a certificate with its key, and connections that show it.
 *
 * TLS 1.2 and 1.3, with forward secrecy and authenticated ciphers alone; who offers
 * protocols by ALPN must offer "dot". Nothing outside can make this log. */
#ifndef DNSD_TLS_H
#define DNSD_TLS_H

#include <stddef.h>

struct bufferevent;
struct event_base;
struct tls;

/* Reads both files (PEM). NULL with one line in error, which names the file and what is wrong with it; a certificate that
 * has expired, or is not valid yet, is only a line in the log: some clients do not look. Control thread. */
struct tls *tls_load(const char *certificate, const char *key, char *error, size_t size);
void tls_free(struct tls *t);          /* NULL is fine; connections keep what they began with */

/* ---- connections: on the thread that has base ---- */

/* A connection in its handshake; takes the connected, non-blocking socket. NULL: out of memory, and fd stays the caller's.
 * Behind the end of input (BEV_EVENT_EOF) writing must be enabled again for what is still to be said. Its owner ends it by tls_part() and bufferevent_free(). */
struct bufferevent *tls_accept(const struct tls *t, struct event_base *base, int fd);

/* Says that nothing more comes (close_notify), if it can be said. */
void tls_part(struct bufferevent *stream);

#endif
