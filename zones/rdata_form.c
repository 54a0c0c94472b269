/* rdata_form.c - the table of forms, and what reads rdata by it. */
#include "zones/rdata_form.h"

#include <string.h>

#include "base/dname.h"

/* By type. IANA, DNS RR types; each as its RFC has it. What is obsolete and has a form that nobody sends
 * (NIMLOC, A6 and their like) is any bytes. */
static const char *const forms[] = {
	[1] = "4",                                                     /* A */
	[2] = "n", [3] = "n", [4] = "n", [5] = "n",                    /* NS MD MF CNAME */
	[6] = "nn44444",                                               /* SOA */
	[7] = "n", [8] = "n", [9] = "n",                               /* MB MG MR */
	[11] = "41*",                                                  /* WKS */
	[12] = "n",                                                    /* PTR */
	[13] = "ss",                                                   /* HINFO */
	[14] = "nn",                                                   /* MINFO */
	[15] = "2n",                                                   /* MX */
	[16] = "S",                                                    /* TXT */
	[17] = "nn",                                                   /* RP */
	[18] = "2n",                                                   /* AFSDB */
	[19] = "s",                                                    /* X25 */
	[20] = "so",                                                   /* ISDN */
	[21] = "2n",                                                   /* RT */
	[22] = "+",                                                    /* NSAP */
	[23] = "n",                                                    /* NSAP-PTR */
	[24] = "2114442n+",                                            /* SIG */
	[25] = "211*",                                                 /* KEY */
	[26] = "2nn",                                                  /* PX */
	[27] = "sss",                                                  /* GPOS */
	[28] = "88",                                                   /* AAAA */
	[29] = "1111444",                                              /* LOC */
	[30] = "n*",                                                   /* NXT */
	[33] = "222n",                                                 /* SRV */
	[34] = "1+",                                                   /* ATMA */
	[35] = "22sssn",                                               /* NAPTR */
	[36] = "2n",                                                   /* KX */
	[37] = "221+",                                                 /* CERT */
	[39] = "n",                                                    /* DNAME */
	[42] = "p",                                                    /* APL */
	[43] = "211+",                                                 /* DS */
	[44] = "11+",                                                  /* SSHFP */
	[45] = "1g*",                                                  /* IPSECKEY */
	[46] = "2114442n+",                                            /* RRSIG */
	[47] = "Nb",                                                   /* NSEC */
	[48] = "211+",                                                 /* DNSKEY */
	[49] = "+",                                                    /* DHCID */
	[50] = "112stb",                                               /* NSEC3 */
	[51] = "112s",                                                 /* NSEC3PARAM */
	[52] = "111+", [53] = "111+",                                  /* TLSA SMIMEA */
	[55] = "h",                                                    /* HIP */
	[56] = "S",                                                    /* NINFO */
	[57] = "211*",                                                 /* RKEY */
	[58] = "NN",                                                   /* TALINK */
	[59] = "211+", [60] = "211+",                                  /* CDS CDNSKEY */
	[61] = "+",                                                    /* OPENPGPKEY */
	[62] = "42b",                                                  /* CSYNC */
	[63] = "411+",                                                 /* ZONEMD */
	[64] = "2Nv", [65] = "2Nv",                                    /* SVCB HTTPS */
	[66] = "212N",                                                 /* DSYNC */
	[99] = "S",                                                    /* SPF */
	[104] = "28", [105] = "24", [106] = "28", [107] = "2N",        /* NID L32 L64 LP */
	[108] = "6", [109] = "8",                                      /* EUI48 EUI64 */
};

/* The few with high numbers. */
static const struct {
	uint16_t type;
	const char *form;
} high[] = {
	{ 256, "22+" },                                                /* URI */
	{ 257, "1t*" },                                                /* CAA */
	{ 258, "S" },                                                  /* AVC */
	{ 260, "1r" },                                                 /* AMTRELAY */
	{ 261, "S" }, { 262, "S" },                                    /* RESINFO WALLET */
	{ 32768, "211+" }, { 32769, "211+" },                          /* TA DLV */
};

const char *
rdata_form(uint16_t type)
{
	if (type < sizeof(forms) / sizeof(*forms))
		return forms[type] != NULL ? forms[type] : "*";
	for (size_t i = 0; i < sizeof(high) / sizeof(*high); i++)
		if (high[i].type == type)
			return high[i].form;
	return "*";
}

/* ---- fields ---- */

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static size_t
string_size(const uint8_t *rdata, size_t size)
{
	return size > 0 && size > rdata[0] ? rdata[0] + (size_t)1 : FIELD_BAD;
}

/* Strings to the end. */
static size_t
strings_size(const uint8_t *rdata, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return FIELD_BAD;
	while (at < size && at != FIELD_BAD) {
		size_t n = string_size(rdata + at, size - at);

		at = n == FIELD_BAD ? FIELD_BAD : at + n;
	}
	return at;
}

/* Windows in ascending order, each with 1 to 32 bytes of which the last is not 0. None is fine: RFC 5155, 3.2.1 has it so. */
static size_t
bitmap_size(const uint8_t *rdata, size_t size)
{
	int last = -1;

	for (size_t at = 0; at < size; at += 2 + (size_t)rdata[at + 1]) {
		unsigned length;

		if (size - at < 3)
			return FIELD_BAD;
		length = rdata[at + 1];
		if (rdata[at] <= last || length == 0 || length > 32 || length > size - at - 2 || rdata[at + 1 + length] == 0)
			return FIELD_BAD;
		last = rdata[at];
	}
	return size;
}

/* Keys in ascending order, each value of the length it says. */
static size_t
parameters_size(const uint8_t *rdata, size_t size)
{
	int last = -1;

	for (size_t at = 0; at < size; at += 4 + u16(rdata + at + 2)) {
		if (size - at < 4 || (int)u16(rdata + at) <= last || u16(rdata + at + 2) > size - at - 4)
			return FIELD_BAD;
		last = (int)u16(rdata + at);
	}
	return size;
}

/* Of families that are known no more bytes than an address has, and without zeros at its end. */
static size_t
prefixes_size(const uint8_t *rdata, size_t size)
{
	for (size_t at = 0; at < size; at += 4 + (rdata[at + 3] & 0x7fu)) {
		const uint8_t *p = rdata + at;
		unsigned length, most;

		if (size - at < 4)
			return FIELD_BAD;
		length = p[3] & 0x7fu;
		most = u16(p) == 1 ? 4 : u16(p) == 2 ? 16 : 127;
		if (length > most || length > size - at - 4 || (most < 127 && p[2] > most * 8) || (length > 0 && p[3 + length] == 0))
			return FIELD_BAD;
	}
	return size;
}

/* None, IPv4, IPv6, a name. */
static size_t
gateway_size(unsigned kind, const uint8_t *rdata, size_t size)
{
	size_t n = kind == 1 ? 4 : kind == 2 ? 16 : kind == 3 ? dname_read(rdata, size) : 0;

	return kind > 3 || n > size || (kind == 3 && n == 0) ? FIELD_BAD : n;
}

/* Kind and algorithm before it. */
static size_t
ipseckey_size(const uint8_t *rdata, size_t size)
{
	size_t n = size >= 2 ? gateway_size(rdata[0], rdata + 2, size - 2) : FIELD_BAD;

	return n == FIELD_BAD ? FIELD_BAD : 2 + n;
}

/* A bit, and the kind, before it. */
static size_t
relay_size(const uint8_t *rdata, size_t size)
{
	size_t n = size >= 1 ? gateway_size(rdata[0] & 0x7f, rdata + 1, size - 1) : FIELD_BAD;

	return n == FIELD_BAD ? FIELD_BAD : 1 + n;
}

static size_t
hip_size(const uint8_t *rdata, size_t size)
{
	size_t at;

	if (size < 4 || rdata[0] == 0 || u16(rdata + 2) == 0)
		return FIELD_BAD;
	at = 4 + (size_t)rdata[0] + u16(rdata + 2);
	while (at < size) {
		size_t n = dname_read(rdata + at, size - at);

		if (n == 0)
			return FIELD_BAD;
		at += n;
	}
	return at == size ? size : FIELD_BAD;
}

static size_t
name_size(const uint8_t *rdata, size_t size)
{
	size_t n = dname_read(rdata, size);

	return n > 0 ? n : FIELD_BAD;
}

size_t
field_size(char field, const uint8_t *rdata, size_t size)
{
	switch (field) {
	case 'n': case 'N':
		return name_size(rdata, size);
	case 's':
		return string_size(rdata, size);
	case 't':
		return size > 0 && rdata[0] > 0 ? string_size(rdata, size) : FIELD_BAD;
	case 'o':
		return size > 0 ? string_size(rdata, size) : 0;
	case 'S':
		return strings_size(rdata, size);
	case 'b':
		return bitmap_size(rdata, size);
	case 'v':
		return parameters_size(rdata, size);
	case 'p':
		return prefixes_size(rdata, size);
	case 'g':
		return ipseckey_size(rdata, size);
	case 'r':
		return relay_size(rdata, size);
	case 'h':
		return hip_size(rdata, size);
	case '+':
		return size > 0 ? size : FIELD_BAD;
	case '*':
		return size;
	default:
		return size >= (size_t)(field - '0') ? (size_t)(field - '0') : FIELD_BAD;
	}
}

bool
rdata_fits(uint16_t type, const uint8_t *rdata, size_t size)
{
	if (size >= FIELD_BAD)
		return false;
	if (size == 0)
		rdata = (const uint8_t *)"";   /* NULL it may be, but not be counted from */
	for (const char *form = rdata_form(type); *form != '\0'; form++) {
		size_t n = field_size(*form, rdata, size);

		if (n == FIELD_BAD)
			return false;
		rdata += n;
		size -= n;
	}
	return size == 0;
}

/* ---- equality ---- */

static bool
form_folds(const char *form)
{
	return strchr(form, 'n') != NULL;
}

bool
rdata_folds(uint16_t type)
{
	return form_folds(rdata_form(type));
}

void
rdata_canonical(uint16_t type, const uint8_t *rdata, size_t size, uint8_t *out)
{
	const char *form = rdata_form(type);
	size_t at = 0;

	if (size == 0)
		return;
	memcpy(out, rdata, size);
	if (!form_folds(form))
		return;
	for (; *form != '\0'; form++) {
		size_t n = field_size(*form, rdata + at, size - at);

		if (n == FIELD_BAD)
			return;
		if (*form == 'n')
			dname_lower(out + at);
		at += n;
	}
}

/* The same, field by field. Length bytes of labels are below 'A', so that folding leaves them alone. */
static bool
equal_folded(const char *form, const uint8_t *a, const uint8_t *b, size_t size)
{
	for (; *form != '\0'; form++) {
		size_t n = field_size(*form, a, size);

		if (n == FIELD_BAD)
			return memcmp(a, b, size) == 0;
		if (*form == 'n') {
			for (size_t i = 0; i < n; i++)
				if (dname_fold(a[i]) != dname_fold(b[i]))
					return false;
		} else if (memcmp(a, b, n) != 0) {
			return false;
		}
		a += n;
		b += n;
		size -= n;
	}
	return memcmp(a, b, size) == 0;
}

bool
rdata_equal(uint16_t type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	const char *form;

	if (a_size != b_size)
		return false;
	if (a_size == 0 || memcmp(a, b, a_size) == 0)
		return true;
	form = rdata_form(type);
	return form_folds(form) && equal_folded(form, a, b, a_size);
}
