/* base64.c - bytes as text. */
#include "conf/base64.h"

#include <ctype.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const char *
blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* The end, after four characters each: where a byte is still open, "=" fills the rest, and its bits are zero. */
static bool
ends(const char *text, unsigned sextets, uint32_t bits)
{
	unsigned missing = (4 - sextets % 4) % 4;

	if (missing == 3 || (missing == 2 && (bits & 0xf) != 0) || (missing == 1 && (bits & 0x3) != 0))
		return false;
	for (; missing > 0; missing--, text = blanks(text + 1))
		if (*text != '=')
			return false;
	return *text == '\0';
}

bool
base64_decode(const char *text, uint8_t *out, size_t room, size_t *size)
{
	uint32_t bits = 0;                     /* those of the last sextets; older ones fall out at the top */
	unsigned sextets = 0;                  /* of the open four, 0..3 */
	const char *c;

	*size = 0;
	for (text = blanks(text); *text != '\0' && (c = strchr(alphabet, *text)) != NULL; text = blanks(text + 1)) {
		bits = bits << 6 | (uint32_t)(c - alphabet);
		sextets = (sextets + 1) % 4;
		if (sextets == 1)
			continue;              /* six bits make no byte yet */
		if (*size == room)
			return false;
		out[(*size)++] = (uint8_t)(bits >> ((4 - sextets) % 4 * 2));
	}
	return ends(text, sextets, bits);
}
