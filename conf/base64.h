/* base64.h - bytes as text (RFC 4648, 4), strictly. */
#ifndef CONF_BASE64_H
#define CONF_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes text, in which white space counts for nothing (files wrap their lines), into out of room
 * bytes. False: it is no base64, is not padded, has bits set behind its last byte, or needs more room. */
bool base64_decode(const char *text, uint8_t *out, size_t room, size_t *size);

#endif
