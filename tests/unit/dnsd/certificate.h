/* certificate.h - certificates and keys made on the spot, for tests of what reads them. */
#ifndef TESTS_CERTIFICATE_H
#define TESTS_CERTIFICATE_H

#include <check.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

static EVP_PKEY *
key_make(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	ck_assert_ptr_nonnull(key);
	return key;
}

/* passphrase NULL: in clear. */
static void
key_write(const char *file, EVP_PKEY *key, const char *passphrase)
{
	FILE *f = fopen(file, "w");

	ck_assert_int_eq(PEM_write_PKCS8PrivateKey(f, key, passphrase != NULL ? EVP_aes_128_cbc() : NULL, passphrase,
	    passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL), 1);
	fclose(f);
}

/* Signed by its own key; valid from and until so many seconds from now. */
static void
certificate_write(const char *file, EVP_PKEY *key, const char *name, long from_s, long until_s)
{
	X509 *x = X509_new();
	FILE *f = fopen(file, "w");

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), from_s);
	X509_gmtime_adj(X509_getm_notAfter(x), until_s);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
	ck_assert_int_eq(PEM_write_X509(f, x), 1);
	fclose(f);
	X509_free(x);
}

/* Both, for a day: FILE.pem and FILE.key in the working folder. */
static void
certificate_make(const char *name)
{
	EVP_PKEY *key = key_make();
	char file[64];

	snprintf(file, sizeof(file), "%s.key", name);
	key_write(file, key, NULL);
	snprintf(file, sizeof(file), "%s.pem", name);
	certificate_write(file, key, name, -3600, 86400);
	EVP_PKEY_free(key);
}

#endif
