/* keyfile.h - a key's secret in a file of its own, so that the configuration may be read by more people than the secret.
 *
 * Two forms are read: the secret in base64 alone, and what tsig-keygen(8) prints and named.conf includes:
 *
 *     key "xfer" { algorithm hmac-sha256; secret "c2VjcmV0..."; };
 *
 * Of the latter there may be several; the one of the right name counts. */
#ifndef CONF_KEYFILE_H
#define CONF_KEYFILE_H

#include <stdint.h>

enum { KEYFILE_WORD = 2048 };          /* bytes of a word in such a file, with its end */

struct keyfile {
	char algorithm[KEYFILE_WORD];  /* as written; "": not said */
	char *secret;                  /* as written; malloc'd */
};

/* The secret of the key called name (wire form). NULL, or why there is none: good until the next strerror(3). */
const char *keyfile_read(const char *path, const uint8_t *name, struct keyfile *out);

/* The same from a text. */
const char *keyfile_parse(const char *text, const uint8_t *name, struct keyfile *out);

#endif
