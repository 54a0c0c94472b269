/* tls.c - the server's side of DNS over TLS, by OpenSSL and libevent.
 *
 * Sessions are resumed by tickets, whose keys die with the struct tls: nothing is kept per client
 * that has gone, and who comes back behind a renewed certificate sees the new one. */
#include "dnsd/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "base/mem.h"

struct tls {
	SSL_CTX *context;
};

/* ---- the files ---- */

/* OpenSSL does not say why it could not open a file. */
static bool
tls_readable(const char *file, char *error, size_t size)
{
	FILE *f = fopen(file, "re");

	if (f == NULL) {
		snprintf(error, size, "%s: %s%s", file, strerror(errno),
		    errno == EACCES ? " (read as root at the start, but by server.user at a reload)" : "");
		return false;
	}
	fclose(f);
	return true;
}

static bool
tls_use_certificate(struct tls *t, const char *file, char *error, size_t size)
{
	unsigned long e;

	if (!tls_readable(file, error, size))
		return false;
	if (SSL_CTX_use_certificate_chain_file(t->context, file) == 1)
		return true;
	e = ERR_peek_error();
	if (ERR_GET_LIB(e) == ERR_LIB_PEM)
		snprintf(error, size, "%s: holds no certificate (expected PEM: the server's own, then its chain)", file);
	else
		snprintf(error, size, "%s: the certificate cannot be used: %s", file, ERR_reason_error_string(e));
	return false;
}

/* Behind the certificate: OpenSSL then compares the two. */
static bool
tls_use_key(struct tls *t, const char *file, const char *certificate, char *error, size_t size)
{
	if (!tls_readable(file, error, size))
		return false;
	if (SSL_CTX_use_PrivateKey_file(t->context, file, SSL_FILETYPE_PEM) == 1)
		return true;
	if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509)
		snprintf(error, size, "%s: is not the key of the certificate in %s", file, certificate);
	else
		snprintf(error, size, "%s: holds no private key (expected PEM without a passphrase)", file);
	return false;
}

/* A key with a passphrase: OpenSSL would ask on the terminal for it. */
static int
tls_no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out, (void)size, (void)writing, (void)arg;
	return -1;
}

static void
tls_warn_of_date(const struct tls *t, const char *file)
{
	const X509 *x = SSL_CTX_get0_certificate(t->context);
	const ASN1_TIME *from = X509_get0_notBefore(x), *until = X509_get0_notAfter(x), *wrong = NULL;
	struct tm tm;
	char text[64];

	if (X509_cmp_current_time(until) < 0)
		wrong = until;
	else if (X509_cmp_current_time(from) > 0)
		wrong = from;
	if (wrong == NULL || ASN1_TIME_to_tm(wrong, &tm) != 1)
		return;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	log_warnx("%s: the certificate %s %s; clients that look refuse it", file, wrong == until ? "expired at" : "is not valid before", text);
}

/* ---- the terms ---- */

/* Who offers protocols and not this one meant another server (RFC 7301, 3.2). */
static int
tls_choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *length, const unsigned char *offered, unsigned size, void *arg)
{
	static const unsigned char ours[] = { 3, 'd', 'o', 't' };
	unsigned char *chosen;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&chosen, length, ours, sizeof(ours), offered, size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool
tls_set_terms(struct tls *t)
{
	SSL_CTX *c = t->context;

	/* No partial writes: libevent would take one for whole, and go on behind the hole. */
	SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS);         /* most connections are idle: no 34 KiB for them */
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF); /* tickets alone */
	SSL_CTX_set_alpn_select_cb(c, tls_choose_protocol, NULL);
	SSL_CTX_set_default_passwd_cb(c, tls_no_passphrase);
	return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1
	    && SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;         /* of TLS 1.2; 1.3 has no others (RFC 9325, 4.2) */
}

struct tls *
tls_load(const char *certificate, const char *key, char *error, size_t size)
{
	struct tls *t = mem_alloc(sizeof(*t));

	ERR_clear_error();
	t->context = SSL_CTX_new(TLS_server_method());
	if (t->context == NULL || !tls_set_terms(t)) {
		snprintf(error, size, "no TLS: %s", ERR_reason_error_string(ERR_peek_error()));
	} else if (tls_use_certificate(t, certificate, error, size) && tls_use_key(t, key, certificate, error, size)) {
		tls_warn_of_date(t, certificate);
		return t;
	}
	ERR_clear_error();
	tls_free(t);
	return NULL;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->context);              /* each connection has counted itself on it */
	free(t);
}

/* ---- connections ---- */

struct bufferevent *
tls_accept(const struct tls *t, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(t->context);

	if (ssl == NULL)
		return NULL;
	/* Frees ssl if it fails. */
	return bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

void
tls_part(struct bufferevent *stream)
{
	SSL *ssl = bufferevent_openssl_get_ssl(stream);

	if (SSL_is_init_finished(ssl))         /* neither in its handshake nor broken */
		SSL_shutdown(ssl);
	ERR_clear_error();                     /* it may well be gone */
}
