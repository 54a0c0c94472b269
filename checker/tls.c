/* tls.c - roots of trust, loaded once, and the age of a certificate. */
#include "checker/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"

#define SYSTEM "the system's certificates"

struct root {
	struct root *next;
	char *file;                    /* NULL: the system's */
	struct stat stat;              /* of file when it was read */
	X509_STORE *store;
};

struct tls_roots {
	struct root *first;
};

struct tls_roots *
tls_roots_new(void)
{
	return mem_alloc(sizeof(struct tls_roots));
}

static void
root_free(struct root *r)
{
	X509_STORE_free(r->store);
	free(r->file);
	free(r);
}

void
tls_roots_free(struct tls_roots *r)
{
	if (r == NULL)
		return;
	while (r->first != NULL) {
		struct root *root = r->first;

		r->first = root->next;
		root_free(root);
	}
	free(r);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static X509_STORE *
store_load(const char *ca, char *error, size_t error_size)
{
	X509_STORE *store = X509_STORE_new();
	char words[160];
	int good;

	if (store == NULL) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	ERR_clear_error();
	good = ca != NULL ? X509_STORE_load_file(store, ca) : X509_STORE_set_default_paths(store);
	if (good == 1)
		return store;
	ERR_error_string_n(ERR_peek_last_error(), words, sizeof(words));
	snprintf(error, error_size, "%s: no certificates can be read: %s", ca != NULL ? ca : SYSTEM, words);
	ERR_clear_error();
	X509_STORE_free(store);
	return NULL;
}

X509_STORE *
tls_roots_get(struct tls_roots *r, const char *ca, char *error, size_t error_size)
{
	struct root **link = &r->first, *root;
	struct stat st = { .st_ino = 0 };
	X509_STORE *store;

	if (ca != NULL && stat(ca, &st) != 0) {
		snprintf(error, error_size, "%s: %s", ca, strerror(errno));
		return NULL;
	}
	while ((root = *link) != NULL && !same_text(root->file, ca))
		link = &root->next;
	if (root != NULL && !same_file(&root->stat, &st)) {
		*link = root->next;
		root_free(root);
		root = NULL;
	}
	if (root == NULL) {
		if ((store = store_load(ca, error, error_size)) == NULL)
			return NULL;
		root = mem_alloc(sizeof(*root));
		*root = (struct root){ .next = r->first, .file = mem_text(ca), .stat = st, .store = store };
		r->first = root;
	}
	X509_STORE_up_ref(root->store);
	return root->store;
}

bool
tls_expires(const SSL *ssl, uint64_t within_us, char *words, size_t size)
{
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	int days, seconds;
	int64_t left_s;

	if (within_us == 0 || leaf == NULL || ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(leaf)) != 1)
		return false;
	left_s = (int64_t)days * 86400 + seconds;
	if (left_s >= (int64_t)(within_us / US_PER_S))
		return false;
	if (left_s < 0)
		snprintf(words, size, "expired %lld days ago", (long long)(-left_s / 86400));
	else if (left_s < 2 * 86400)
		snprintf(words, size, "expires in %lld hours", (long long)(left_s / 3600));
	else
		snprintf(words, size, "expires in %lld days", (long long)(left_s / 86400));
	return true;
}
