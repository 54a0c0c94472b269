/* tsig.c - transaction signatures, made and verified on the bytes as they are on the wire.
 *
 * A MAC covers, in this order (RFC 8945, 4.3 and 5.3.1):
 *
 *     request                            the message    all fields of its TSIG
 *     answer       the request's MAC     the message    all fields of its TSIG
 *     later ones   the last one's MAC    the message    time and fudge
 *
 * The message is without its TSIG, and has the ID that its signer gave it. A MAC
 * that is covered is preceded by its size; both are as they were sent, maybe truncated.
 *
 * ldns, which this project has for everything else off the query path, signs a message
 * that it holds in parsed form, and makes its bytes anew: each message of a
 * transfer would be parsed only to be signed. Nor does it truncate a MAC. What is left to
 * do is HMAC, which is libcrypto's. A key's context is made once, with the key
 * scheduled, and copied for each message: copying reads it only, so all threads share it. */
#include "dnsd/tsig.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "dnsd/question.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

enum {
	MESSAGE_MAX = 65535,
	MAC_MIN = 10,                  /* RFC 8945, 5.2.2.1 */
	CLOCK_SIZE = 6,                /* a time on the wire: 48 bits */
	RECORD_FIXED = 10 + CLOCK_SIZE + 10,   /* type, class, TTL, rdlength; time; fudge, MAC size, ID, error, other size */
	FIELDS_MAX = 2 * DNAME_MAX + 6 + CLOCK_SIZE + 6        /* what a MAC covers of them, but for the other data */
};

static const struct {
	const char *digest;            /* libcrypto's name */
	uint8_t size;                  /* of the whole MAC */
} hashes[] = {
	[TSIG_HMAC_SHA1] = { "SHA1", 20 }, [TSIG_HMAC_SHA224] = { "SHA2-224", 28 }, [TSIG_HMAC_SHA256] = { "SHA2-256", 32 },
	[TSIG_HMAC_SHA384] = { "SHA2-384", 48 }, [TSIG_HMAC_SHA512] = { "SHA2-512", 64 }
};

/* ---- the keyring ---- */

struct keyring_key {
	const struct conf_key *conf;
	EVP_MAC_CTX *hmac;             /* knows the secret, has seen nothing else */
};

struct keyring {
	EVP_MAC *method;
	struct keyring_key *keys;      /* sorted by name */
	size_t nkeys;
};

static int
key_compare(const void *a, const void *b)
{
	const uint8_t *x = ((const struct keyring_key *)a)->conf->dname, *y = ((const struct keyring_key *)b)->conf->dname;
	size_t nx = dname_length(x), ny = dname_length(y);

	return memcmp(x, y, nx < ny ? nx : ny);        /* 0 only for the same: no name begins with another whole one */
}

static bool
key_open(struct keyring_key *key, EVP_MAC *method, const struct conf_key *conf)
{
	char *digest = (char *)(uintptr_t)hashes[conf->algorithm].digest;      /* OSSL_PARAM has no const; init does not write */
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end() };

	key->conf = conf;
	key->hmac = method != NULL ? EVP_MAC_CTX_new(method) : NULL;
	if (key->hmac != NULL && EVP_MAC_init(key->hmac, conf->secret, conf->secret_size, params) == 1)
		return true;
	log_errorx("key %s: libcrypto denies %s (%s): what it signs is refused, nothing is signed with it", conf->name,
	    tsig_algorithm_text(conf->algorithm), ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	EVP_MAC_CTX_free(key->hmac);
	return false;
}

struct keyring *
keyring_new(const struct conf *conf)
{
	struct keyring *k = mem_alloc(sizeof(*k));

	k->method = EVP_MAC_fetch(NULL, "HMAC", NULL);
	k->keys = mem_array(conf->nkeys, sizeof(*k->keys));
	for (size_t i = 0; i < conf->nkeys; i++)
		if (key_open(&k->keys[k->nkeys], k->method, &conf->keys[i]))
			k->nkeys++;
	qsort(k->keys, k->nkeys, sizeof(*k->keys), key_compare);
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->nkeys; i++)
		EVP_MAC_CTX_free(k->keys[i].hmac);
	free(k->keys);
	EVP_MAC_free(k->method);
	free(k);
}

/* name: wire form, any case. */
static const struct keyring_key *
keyring_find(const struct keyring *k, const uint8_t *name)
{
	struct conf_key conf = { .name = NULL };
	struct keyring_key wanted = { .conf = &conf };

	if (k == NULL || k->nkeys == 0)
		return NULL;
	memcpy(conf.dname, name, dname_length(name));
	dname_lower(conf.dname);
	return bsearch(&wanted, k->keys, k->nkeys, sizeof(*k->keys), key_compare);
}

/* The algorithm's name in DNS. */
static const uint8_t *
algorithm_dname(enum tsig_algorithm algorithm, uint8_t out[DNAME_MAX])
{
	size_t size = dname_parse(tsig_algorithm_text(algorithm), out);

	assert(size > 0);
	(void)size;
	return out;
}

/* ---- the record ---- */

struct record {
	const uint8_t *name, *algorithm;       /* wire form, any case */
	uint64_t time_s;
	uint16_t fudge, original_id, error;
	uint16_t mac_size, other_size;
	const uint8_t *mac, *other;
};

static uint64_t
read_clock(struct rd *r)
{
	uint64_t high = rd_u16(r), middle = rd_u16(r), low = rd_u16(r);

	return high << 32 | middle << 16 | low;
}

static void
write_clock(struct wr *w, uint64_t time_s)
{
	wr_u16(w, time_s >> 32 & 0xFFFF);
	wr_u32(w, (uint32_t)time_s);
}

/* The bytes are the record and nothing else. */
static bool
record_read(struct record *x, const uint8_t *bytes, size_t size)
{
	struct rd r = rd_begin(bytes, size);
	uint8_t length;

	x->name = rd_name(&r, &length);
	if (rd_u16(&r) != TYPE_TSIG || rd_u16(&r) != CLASS_ANY || rd_u16(&r) != 0 || rd_u16(&r) != 0)
		return false;
	if (rd_u16(&r) != rd_left(&r))
		return false;
	x->algorithm = rd_name(&r, &length);
	x->time_s = read_clock(&r);
	x->fudge = rd_u16(&r);
	x->mac_size = rd_u16(&r);
	x->mac = rd_bytes(&r, x->mac_size);
	x->original_id = rd_u16(&r);
	x->error = rd_u16(&r);
	x->other_size = rd_u16(&r);
	x->other = rd_bytes(&r, x->other_size);
	return !r.bad && rd_left(&r) == 0;
}

static size_t
record_size(const struct record *x)
{
	return dname_length(x->name) + dname_length(x->algorithm) + RECORD_FIXED + x->mac_size + x->other_size;
}

static void
record_write(const struct record *x, uint8_t *bytes)
{
	struct wr w = wr_begin(bytes, record_size(x));

	wr_bytes(&w, x->name, dname_length(x->name));
	wr_u16(&w, TYPE_TSIG);
	wr_u16(&w, CLASS_ANY);
	wr_u32(&w, 0);

	uint8_t *rdlength = wr_open(&w);

	wr_bytes(&w, x->algorithm, dname_length(x->algorithm));
	write_clock(&w, x->time_s);
	wr_u16(&w, x->fudge);
	wr_u16(&w, x->mac_size);
	wr_bytes(&w, x->mac, x->mac_size);
	wr_u16(&w, x->original_id);
	wr_u16(&w, x->error);
	wr_u16(&w, x->other_size);
	wr_bytes(&w, x->other, x->other_size);
	wr_close(&w, rdlength);
	assert(!w.full && w.p == w.end);
}

/* ---- the MAC ---- */

struct part {
	const uint8_t *bytes;
	size_t size;
};

/* libcrypto can fail here for want of memory alone. */
static void
hmac(const struct keyring_key *key, const struct part *parts, size_t n, uint8_t out[TSIG_MAC_MAX])
{
	EVP_MAC_CTX *c = EVP_MAC_CTX_dup(key->hmac);
	bool ok = c != NULL;

	for (size_t i = 0; i < n && ok; i++)
		ok = parts[i].size == 0 || EVP_MAC_update(c, parts[i].bytes, parts[i].size) == 1;
	if (!ok || EVP_MAC_final(c, out, NULL, TSIG_MAC_MAX) != 1) {
		log_errorx("libcrypto makes no MAC: %s", ERR_reason_error_string(ERR_peek_last_error()));
		abort();
	}
	EVP_MAC_CTX_free(c);
}

static void
write_lower(struct wr *w, const uint8_t *name)
{
	uint8_t *copy = wr_bytes(w, name, dname_length(name));

	if (copy != NULL)
		dname_lower(copy);
}

/* What a MAC covers of x (RFC 8945, 4.3.3), its other data aside: they follow, if it is not a later message's. */
static size_t
mac_fields(const struct record *x, bool later, uint8_t out[FIELDS_MAX])
{
	struct wr w = wr_begin(out, FIELDS_MAX);

	if (!later) {
		write_lower(&w, x->name);
		wr_u16(&w, CLASS_ANY);
		wr_u32(&w, 0);
		write_lower(&w, x->algorithm);
	}
	write_clock(&w, x->time_s);
	wr_u16(&w, x->fudge);
	if (!later) {
		wr_u16(&w, x->error);
		wr_u16(&w, x->other_size);
	}
	assert(!w.full);
	return wr_size(&w);
}

/* The whole MAC of a message of size bytes without its TSIG x, of which it counts `extras` additional records. */
static void
mac_make(const struct tsig *t, const struct record *x, const uint8_t *message, size_t size, unsigned extras, uint8_t out[TSIG_MAC_MAX])
{
	uint8_t before[2], header[HEADER_SIZE], fields[FIELDS_MAX];
	const struct part parts[] = {
		{ before, t->mac_size > 0 ? sizeof(before) : 0 },
		{ t->mac, t->mac_size },
		{ header, HEADER_SIZE },
		{ message + HEADER_SIZE, size - HEADER_SIZE },
		{ fields, mac_fields(x, t->later, fields) },
		{ x->other, t->later ? 0 : x->other_size }
	};

	be16_put(before, t->mac_size);
	memcpy(header, message, HEADER_SIZE);
	be16_put(header, x->original_id);
	be16_put(header + 10, extras);
	hmac(t->ready, parts, sizeof(parts) / sizeof(parts[0]), out);
}

/* ---- verifying ---- */

/* RFC 8945, 5.2.2.1: a truncated MAC has ten bytes at least, and half of them. */
static bool
mac_size_permitted(const struct conf_key *key, size_t size)
{
	size_t full = hashes[key->algorithm].size;

	return size >= MAC_MIN && size >= full / 2 && size <= full;
}

static bool
mac_genuine(const struct tsig *t, const struct record *x, const uint8_t *message, size_t size)
{
	uint8_t mac[TSIG_MAC_MAX];

	mac_make(t, x, message, size, be16_get(message + 10) - 1u, mac);
	return CRYPTO_memcmp(mac, x->mac, x->mac_size) == 0;
}

static bool
record_timely(const struct record *x, uint64_t now_s)
{
	return (x->time_s > now_s ? x->time_s - now_s : now_s - x->time_s) <= x->fudge;
}

static bool
uses_algorithm(const struct record *x, const struct conf_key *key)
{
	uint8_t name[DNAME_MAX];

	return dname_equal(x->algorithm, algorithm_dname(key->algorithm, name));
}

static bool
tsig_fail(struct tsig *t, enum tsig_error error, const char *why)
{
	t->error = error;
	t->why = why;
	return error != TSIG_NOERROR;
}

/* The key, known and of that algorithm. */
static bool
tsig_know(struct tsig *t, const struct keyring *k, const struct record *x)
{
	const struct keyring_key *key = keyring_find(k, x->name);

	memcpy(t->name, x->name, dname_length(x->name));
	memcpy(t->algorithm, x->algorithm, dname_length(x->algorithm));
	if (key == NULL || !uses_algorithm(x, key->conf)) {
		tsig_fail(t, TSIG_BADKEY, key == NULL ? "no key of that name" : "the key's algorithm is another");
		return false;
	}
	t->ready = key;
	t->key = key->conf;
	return true;
}

/* x's MAC was right: the next one covers it. */
static void
tsig_accept(struct tsig *t, const struct record *x)
{
	memcpy(t->mac, x->mac, x->mac_size);
	t->mac_size = x->mac_size;
}

bool
tsig_verify_request(struct tsig *t, const struct keyring *k, const uint8_t *message, size_t size, size_t tsig_at, uint64_t now_s)
{
	struct record x;

	assert(tsig_at >= HEADER_SIZE && tsig_at <= size);
	*t = (struct tsig){ .key = NULL };
	if (be16_get(message + 10) == 0 || !record_read(&x, message + tsig_at, size - tsig_at))
		return tsig_fail(t, TSIG_NOERROR, "its TSIG does not parse");
	t->time_s = x.time_s;
	if (!tsig_know(t, k, &x))
		return true;
	if (!mac_size_permitted(t->key, x.mac_size))
		return tsig_fail(t, TSIG_NOERROR, "its MAC is longer or shorter than the algorithm permits");
	if (!mac_genuine(t, &x, message, tsig_at))
		return tsig_fail(t, TSIG_BADSIG, "the signature is wrong");
	tsig_accept(t, &x);
	t->sign_size = x.mac_size;
	if (!record_timely(&x, now_s))
		return tsig_fail(t, TSIG_BADTIME, "clock differs by more than the fudge");
	return true;
}

/* Where the message's last additional record begins; 0: it has none, or is not whole. Whether that is a TSIG, and
 * whether anything follows it, is record_read()'s to judge. */
static size_t
last_record(const uint8_t *message, size_t size)
{
	struct rd r = rd_begin(message, size);
	size_t at = 0;

	rd_bytes(&r, 4);

	unsigned questions = rd_u16(&r), records = rd_u16(&r) + rd_u16(&r), extras = rd_u16(&r);

	while (questions-- > 0 && !r.bad) {
		rd_skip_name(&r);
		rd_bytes(&r, 4);
	}
	for (records += extras; records > 0 && !r.bad; records--) {
		at = (size_t)(r.p - message);
		rd_skip_name(&r);
		rd_bytes(&r, 8);
		rd_bytes(&r, rd_u16(&r));
	}
	return !r.bad && extras > 0 ? at : 0;
}

/* What the other side says of our signature. */
static const char *
answered_error(unsigned error)
{
	switch (error) {
	case TSIG_BADSIG:
		return "it says that our signature is wrong (BADSIG)";
	case TSIG_BADKEY:
		return "it does not know our key (BADKEY)";
	case TSIG_BADTIME:
		return "it says that our clock differs from its own (BADTIME)";
	case TSIG_BADTRUNC:
		return "it says that our MAC is too short (BADTRUNC)";
	default:
		return "it reports an unknown TSIG error";
	}
}

/* NULL: the answer's signature x, at tsig_at, is right. */
static const char *
answer_fault(const struct tsig *t, const struct record *x, const uint8_t *message, size_t tsig_at, uint64_t now_s)
{
	if (t->ready == NULL || !uses_algorithm(x, t->ready->conf))
		return "it is signed with another key";
	if (x->mac_size == 0 && x->error != 0)
		return answered_error(x->error);       /* anybody may have said so: no more than a hint */
	if (!mac_size_permitted(t->ready->conf, x->mac_size) || !mac_genuine(t, x, message, tsig_at))
		return "its signature is wrong";
	if (x->error != 0)
		return answered_error(x->error);
	return record_timely(x, now_s) ? NULL : "its clock differs by more than the fudge";
}

bool
tsig_verify_answer(struct tsig *t, const struct keyring *k, const uint8_t *message, size_t size, uint64_t now_s, const char **why)
{
	size_t at = last_record(message, size);
	struct record x;

	if (at == 0 || !record_read(&x, message + at, size - at)) {
		*why = "it is not signed";
		return false;
	}
	t->ready = dname_equal(x.name, t->name) ? keyring_find(k, x.name) : NULL;
	*why = answer_fault(t, &x, message, at, now_s);
	if (*why != NULL)
		return false;
	tsig_accept(t, &x);
	t->later = true;
	return true;
}

/* ---- signing ---- */

/* The record that tsig_sign() will write, without the bytes of its MAC and of our clock. */
static struct record
tsig_record(const struct tsig *t)
{
	return (struct record){
		.name = t->name, .algorithm = t->algorithm, .fudge = TSIG_FUDGE_S, .error = (uint16_t)t->error,
		.mac_size = t->sign_size, .other_size = t->error == TSIG_BADTIME ? CLOCK_SIZE : 0
	};
}

size_t
tsig_room(const struct tsig *t)
{
	struct record x = tsig_record(t);

	return record_size(&x);
}

size_t
tsig_sign(struct tsig *t, uint8_t *message, size_t size, size_t room, uint64_t now_s)
{
	struct record x = tsig_record(t);
	uint8_t clock[CLOCK_SIZE];
	struct wr w = wr_begin(clock, sizeof(clock));
	unsigned extras = be16_get(message + 10);
	size_t whole = size + record_size(&x);

	assert(size >= HEADER_SIZE && extras < 65535);
	if (whole > room || whole > MESSAGE_MAX)
		return 0;
	write_clock(&w, now_s);
	x.time_s = t->error == TSIG_BADTIME ? t->time_s : now_s;       /* RFC 8945, 5.2.3: so that the client knows what it signed */
	x.other = clock;
	x.original_id = be16_get(message);
	if (t->sign_size > 0) {
		mac_make(t, &x, message, size, extras, t->mac);
		t->mac_size = t->sign_size;
	}
	x.mac = t->mac;
	record_write(&x, message + size);
	be16_put(message + 10, extras + 1);
	t->later = true;
	return whole;
}

void
tsig_begin(struct tsig *t, const struct conf_key *key)
{
	*t = (struct tsig){ .key = key, .sign_size = hashes[key->algorithm].size };
	memcpy(t->name, key->dname, dname_length(key->dname));
	algorithm_dname(key->algorithm, t->algorithm);
}

size_t
tsig_sign_request(struct tsig *t, const struct keyring *k, uint8_t *message, size_t size, size_t room, uint64_t now_s)
{
	size_t whole;

	t->ready = keyring_find(k, t->name);
	if (t->ready == NULL || t->ready->conf->algorithm != t->key->algorithm)
		return 0;
	whole = tsig_sign(t, message, size, room, now_s);
	t->later = false;                      /* its answer's MAC covers everything */
	return whole;
}
