/* tsig.h - transaction signatures (RFC 8945), on the bytes of messages.
 *
 * Off the query path: verifying and signing call libcrypto and may allocate. A keyring is built
 * once per configuration and read by all threads. */
#ifndef DNSD_TSIG_H
#define DNSD_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dname.h"

struct conf;
struct conf_key;
struct question;

enum tsig_error { TSIG_NOERROR = 0, TSIG_BADSIG = 16, TSIG_BADKEY = 17, TSIG_BADTIME = 18, TSIG_BADTRUNC = 22 };
enum { TSIG_FUDGE_S = 300, TSIG_MAC_MAX = 64 };
enum { TSIG_MESSAGES_BETWEEN = 1 };    /* every message of a transfer is signed: external-dns and others want it so */

struct keyring;
struct keyring_key;
/* Borrows conf's keys (and copies their secrets): conf must outlive the keyring, and that every struct tsig made with it. A key whose
 * algorithm libcrypto denies (by a policy, say) is left out, with a line in the log. Control thread. NULL is no keys to all that follows. */
struct keyring *keyring_new(const struct conf *conf);
void keyring_free(struct keyring *k);

/* One signed exchange: begun by verifying the request (or by signing one), then signs the answer's messages (or verifies them). */
struct tsig {
	const struct conf_key *key;    /* NULL: the request's key is not known, or its algorithm is another */
	const struct keyring_key *ready;       /* the same in the keyring, ready for use */
	enum tsig_error error;         /* what the request deserves; TSIG_NOERROR: it is genuine */
	const char *why;               /* a static text for the log, if error, and if it does not parse */
	uint64_t time_s;               /* of the request's signing; sent back with BADTIME */
	uint16_t mac_size;             /* of the last MAC, which the next message's covers; 0: there was none */
	uint16_t sign_size;            /* bytes of MAC we send: as many as the request had (RFC 8945, 5.2.2.1); 0: we do not sign */
	uint8_t mac[TSIG_MAC_MAX];
	uint8_t name[DNAME_MAX];       /* the key's as sent, wire form */
	uint8_t algorithm[DNAME_MAX];  /* as sent */
	bool later;                    /* not the first message: its MAC covers timers only (RFC 8945, 5.3.1) */
};

/* Verifies a request whose TSIG question_read() found at tsig_at, the offset of its record, which is the last. now_s: wall
 * clock. False: the TSIG does not parse, or its MAC has a size that RFC 8945, 5.2.2.1 forbids: FORMERR. True: see t->error, found
 * in the RFC's order (5.2): key, MAC, time. Of truncated MACs no more is wanted than the RFC's minimum, so that BADTRUNC is
 * never an answer; the fudge is the client's; a time older than one seen before is no error (5.2.3: MAY). */
bool tsig_verify_request(struct tsig *t, const struct keyring *k, const uint8_t *message, size_t size, size_t tsig_at, uint64_t now_s);

/* How many bytes tsig_sign() appends. */
size_t tsig_room(const struct tsig *t);

/* Appends the TSIG to the answer's message of size bytes in room bytes and counts it in the header. With t->error BADKEY or BADSIG it
 * is unsigned; with BADTIME signed, and tells our clock. Returns the new size, 0: no room, or more than a message may have.
 * Again for the next message of a transfer. */
size_t tsig_sign(struct tsig *t, uint8_t *message, size_t size, size_t room, uint64_t now_s);

/* The client's side, for NOTIFY: signs a request, then verifies its answer. The keyring may be another each time, if a reload came between. */
void tsig_begin(struct tsig *t, const struct conf_key *key);
/* As tsig_sign(); 0 also if the keyring has no such key. Begin anew for each request. */
size_t tsig_sign_request(struct tsig *t, const struct keyring *k, uint8_t *message, size_t size, size_t room, uint64_t now_s);
/* Is the answer genuine, and not about a wrong signature? False: *why says why not, as a static text. Any bytes. True: again for the next
 * message of the answer, if it has more. */
bool tsig_verify_answer(struct tsig *t, const struct keyring *k, const uint8_t *message, size_t size, uint64_t now_s, const char **why);

#endif
