/* cookie.h - DNS cookies (RFC 7873) as RFC 9018 has servers make them.
 *
 * A client that sends back our cookie gets answers at its address: it is no forger's victim. The
 * cookie is a keyed hash of the client's own cookie, its address and the time, so that nothing is kept
 * about anyone, and servers that share a secret believe each other's. Part of the query path. */
#ifndef DNSD_COOKIE_H
#define DNSD_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum {                                 /* bytes */
	COOKIE_CLIENT = 8,
	COOKIE_SERVER_MIN = 8,         /* RFC 7873, 4: what other servers make */
	COOKIE_MAX = 40,
	COOKIE_SERVER = 16,            /* RFC 9018, 4: what we make */
	COOKIE_SIZE = COOKIE_CLIENT + COOKIE_SERVER
};

enum {                                 /* RFC 9018, 4.3 */
	COOKIE_LIFE_S = 3600,
	COOKIE_AHEAD_S = 300,          /* of our clock: another server's may be */
	COOKIE_RENEW_S = 1800
};

/* By what cookies are made and believed. */
struct cookie_terms {
	const uint8_t (*secrets)[16];  /* all are believed, the first makes */
	size_t nsecrets;               /* at least 1 */
	const struct addr *client;
	uint32_t now_s;                /* wall clock; compared as a serial number (RFC 1982), so that it may wrap */
};

/* Judges a cookie as it was sent: size is COOKIE_CLIENT, or more with a server cookie. True: it is one of ours for this client, and
 * not too old. Writes the one that the answer shall carry: as sent while it is good and young, else a new one. */
bool cookie_judge(const struct cookie_terms *t, const uint8_t *sent, size_t size, uint8_t answer[COOKIE_SIZE]);

#endif
