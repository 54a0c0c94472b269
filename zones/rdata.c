/* rdata.c - types and rdata by ldns, the only file of this folder that knows it.
 *
 * ldns keeps its tables constant and its state in what it returns, so this is
 * safe on any thread, with one exception: WKS (RFC 1035, 3.4.2) looks protocols and
 * services up by getprotobyname() and getservbyname(), whose results are shared
 * by all threads. That type is obsolete (RFC 1123, 2.2), and read and printed in the \# form only. */
#include "zones/rdata.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/dname.h"
#include "base/mem.h"
#include "zones/zone.h"

/* "TYPE65534" for the prefix TYPE; -1: something else. */
static long
number_behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncasecmp(text, prefix, n) != 0 || text[n] == '\0' || strspn(text + n, "0123456789") != strlen(text + n) ||
	    strlen(text + n) > 5)
		return -1;
	return strtol(text + n, NULL, 10);
}

uint16_t
type_parse(const char *text)
{
	long n = number_behind(text, "TYPE");

	if (n >= 0)
		return n <= 65535 ? (uint16_t)n : 0;
	return (uint16_t)ldns_get_rr_type_by_name(text);
}

char *
type_format(uint16_t type, char buf[TYPE_TEXT])
{
	char *text = ldns_rr_type2str(type);

	snprintf(buf, TYPE_TEXT, "%s", text != NULL ? text : "");
	free(text);
	return buf;
}

bool
type_is_meta(uint16_t type)
{
	return type == TYPE_OPT || (type >= 128 && type <= 255);
}

struct rdata_reader {
	ldns_rdf *origin;
	char text[32 + RDATA_MAX + 1]; /* what is given to ldns: an owner and a type before the fields */
};

struct rdata_reader *
rdata_reader_new(void)
{
	/* For each RR ldns takes and returns three blocks of 64 KiB, and glibc gives memory at the heap's end back to
	 * the kernel above 128 KiB: several system calls an RR. It adapts its limit to the largest block it saw freed. */
	free(mem_alloc(4 << 20));
	return mem_alloc(sizeof(struct rdata_reader));
}

void
rdata_reader_free(struct rdata_reader *r)
{
	if (r == NULL)
		return;
	ldns_rdf_deep_free(r->origin);
	free(r);
}

void
rdata_reader_origin(struct rdata_reader *r, const uint8_t *origin)
{
	ldns_rdf_deep_free(r->origin);
	r->origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, dname_length(origin), origin);
}

/* Fields that are one word each and written the same way in every type. */
static bool
field_is_plain(ldns_rdf_type field)
{
	return field == LDNS_RDF_TYPE_A || field == LDNS_RDF_TYPE_AAAA || field == LDNS_RDF_TYPE_DNAME ||
	    field == LDNS_RDF_TYPE_INT8 || field == LDNS_RDF_TYPE_INT16 || field == LDNS_RDF_TYPE_INT32 ||
	    field == LDNS_RDF_TYPE_PERIOD;
}

/* Has the type a fixed number of plain fields? Then rdata_fields() reads it. */
static bool
type_is_plain(const ldns_rr_descriptor *d)
{
	if (ldns_rr_descriptor_minimum(d) != ldns_rr_descriptor_maximum(d))
		return false;
	for (size_t i = 0; i < ldns_rr_descriptor_minimum(d); i++)
		if (!field_is_plain(ldns_rr_descriptor_field_type(d, i)))
			return false;
	return true;
}

static ldns_rdf *
field_read(const struct rdata_reader *r, ldns_rdf_type kind, const char *word)
{
	ldns_rdf *field;

	if (kind == LDNS_RDF_TYPE_DNAME && strcmp(word, "@") == 0)
		return ldns_rdf_clone(r->origin);
	field = ldns_rdf_new_frm_str(kind, word);
	if (field != NULL && kind == LDNS_RDF_TYPE_DNAME && !ldns_dname_str_absolute(word) &&
	    ldns_dname_cat(field, r->origin) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(field);
		return NULL;
	}
	return field;
}

/* Takes the next word off *text to where ldns can have it; false: there is none. */
static bool
word_next(struct rdata_reader *r, const char **text)
{
	size_t n = 0;

	while (**text == ' ')
		++*text;
	for (; (*text)[n] != '\0' && (*text)[n] != ' '; n++) {
		if (n + 2 >= sizeof(r->text))
			return false;
		r->text[n] = (*text)[n];
		if (r->text[n] == '\\' && (*text)[n + 1] != '\0') {
			n++;
			r->text[n] = (*text)[n];
		}
	}
	r->text[n] = '\0';
	*text += n;
	return n > 0;
}

/* Is a word a number as its field has them? ldns takes the lowest bits of whatever is given. */
static bool
number_fits(ldns_rdf_type kind, const char *word)
{
	uint64_t most = kind == LDNS_RDF_TYPE_INT8 ? UINT8_MAX : kind == LDNS_RDF_TYPE_INT16 ? UINT16_MAX : UINT32_MAX;
	bool digits = word[strspn(word, "0123456789")] == '\0';

	if (kind == LDNS_RDF_TYPE_PERIOD && !digits)
		return true;                   /* 1h30m */
	if (kind != LDNS_RDF_TYPE_INT8 && kind != LDNS_RDF_TYPE_INT16 && kind != LDNS_RDF_TYPE_INT32 &&
	    kind != LDNS_RDF_TYPE_PERIOD)
		return true;
	return digits && strlen(word) <= 10 && strtoull(word, NULL, 10) <= most;
}

/* The numbers before the first quoted field, behind which words are not fields any more. */
static bool
numbers_fit(struct rdata_reader *r, const ldns_rr_descriptor *d, const char *text)
{
	for (size_t i = 0; i < ldns_rr_descriptor_maximum(d) && word_next(r, &text) && *r->text != '"'; i++)
		if (!number_fits(ldns_rr_descriptor_field_type(d, i), r->text))
			return false;
	return true;
}

/* Field by field: ldns's way for a whole RR, which can do all types, costs several times as much. */
static int
rdata_fields(struct rdata_reader *r, const ldns_rr_descriptor *d, const char *text, uint8_t out[RDATA_MAX])
{
	size_t size = 0;

	for (size_t i = 0; i < ldns_rr_descriptor_minimum(d); i++) {
		ldns_rdf *field = word_next(r, &text) ? field_read(r, ldns_rr_descriptor_field_type(d, i), r->text) : NULL;

		if (field == NULL)
			return -1;
		memcpy(out + size, ldns_rdf_data(field), ldns_rdf_size(field));        /* 255 bytes at most, a few times */
		size += ldns_rdf_size(field);
		ldns_rdf_deep_free(field);
	}
	return word_next(r, &text) ? -1 : (int)size;
}

/* ldns keeps rdata as fields, each in wire form. */
static int
rdata_wire(const ldns_rr *rr, uint8_t out[RDATA_MAX])
{
	size_t size = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);

		if (field == NULL || ldns_rdf_size(field) > RDATA_MAX - size)
			return -1;
		if (ldns_rdf_size(field) > 0)
			memcpy(out + size, ldns_rdf_data(field), ldns_rdf_size(field));
		size += ldns_rdf_size(field);
	}
	return (int)size;
}

static int
rdata_whole(struct rdata_reader *r, uint16_t type, const char *text, uint8_t out[RDATA_MAX])
{
	ldns_rr *rr = NULL;
	int size;

	if (snprintf(r->text, sizeof(r->text), ". 0 IN TYPE%u %s", type, text) >= (int)sizeof(r->text))
		return -1;
	if (ldns_rr_new_frm_str(&rr, r->text, 0, r->origin, NULL) != LDNS_STATUS_OK)
		return -1;
	size = rdata_wire(rr, out);
	ldns_rr_free(rr);
	return size;
}

int
rdata_read(struct rdata_reader *r, uint16_t type, const char *text, uint8_t out[RDATA_MAX])
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);
	bool generic = strncmp(text, "\\#", 2) == 0;
	int size;

	if (!generic && (type == LDNS_RR_TYPE_WKS || !numbers_fit(r, d, text)))
		return -1;
	size = !generic && type_is_plain(d) ? rdata_fields(r, d, text, out) : rdata_whole(r, type, text, out);
	return size >= 0 && rdata_is_sound(type, out, (size_t)size) ? size : -1;
}

/* ---- to text ---- */

/* RFC 3597, 5. */
static char *
print_generic(const uint8_t *rdata, size_t size)
{
	char *text = mem_printf("\\# %zu ", size), *p;
	size_t n = strlen(text);

	text = mem_resize(text, n + 2 * size + 1);
	p = text + n;
	for (size_t i = 0; i < size; i++)
		p += snprintf(p, 3, "%02x", rdata[i]);
	return text;
}

/* The fields as ldns prints them; NULL: it cannot. */
static char *
print_fields(uint16_t type, const uint8_t *rdata, size_t size)
{
	uint8_t *wire = mem_alloc(11 + size);  /* an RR of the root's */
	char *line = NULL, *at;
	ldns_rr *rr = NULL;
	size_t pos = 0;

	wire[1] = (uint8_t)(type >> 8);
	wire[2] = (uint8_t)type;
	wire[4] = LDNS_RR_CLASS_IN;
	wire[9] = (uint8_t)(size >> 8);
	wire[10] = (uint8_t)size;
	if (size > 0)
		memcpy(wire + 11, rdata, size);
	if (ldns_wire2rr(&rr, wire, 11 + size, &pos, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK)
		line = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	ldns_rr_free(rr);
	free(wire);
	at = line;
	for (unsigned tabs = 0; tabs < 4 && at != NULL; tabs++) {      /* owner, TTL, class, type */
		at = strchr(at, '\t');
		at += at != NULL;
	}
	if (at != NULL) {
		at[strcspn(at, "\n")] = '\0';
		at = mem_text(at);
	}
	free(line);
	return at;
}

/* Does the reader of master files leave text as it is: quotes closed, and nothing outside them that joins or ends a line? */
static bool
text_is_one_line(const char *text)
{
	bool quoted = false;

	for (; *text != '\0'; text++) {
		if (*text == '"')
			quoted = !quoted;
		if (*text == '\\') {
			if (*++text == '\0')
				return false;
			continue;
		}
		if (!quoted && strchr(";()", *text) != NULL)
			return false;
	}
	return !quoted;
}

static bool
text_reads_back(const char *text, uint16_t type, const uint8_t *rdata, size_t size)
{
	struct rdata_reader *r = mem_resize(NULL, sizeof(*r));         /* 64 KiB: not worth zeroing for an RR */
	uint8_t again[RDATA_MAX];
	int n;

	r->origin = NULL;                      /* all names are absolute */
	n = rdata_read(r, type, text, again);
	free(r);
	return n == (int)size && (size == 0 || memcmp(again, rdata, size) == 0);
}

char *
rdata_print(uint16_t type, const uint8_t *rdata, size_t size)
{
	char *text = type != LDNS_RR_TYPE_WKS ? print_fields(type, rdata, size) : NULL;

	if (text != NULL && text_is_one_line(text) && text_reads_back(text, type, rdata, size))
		return text;
	free(text);
	return print_generic(rdata, size);
}

/* Words for ldns's kinds of fields. */
static const char *
field_word(ldns_rdf_type field)
{
	switch (field) {
	case LDNS_RDF_TYPE_DNAME:       return "a name";
	case LDNS_RDF_TYPE_A:           return "an IPv4 address";
	case LDNS_RDF_TYPE_AAAA:        return "an IPv6 address";
	case LDNS_RDF_TYPE_INT8:        return "a number up to 255";
	case LDNS_RDF_TYPE_INT16:       return "a number up to 65535";
	case LDNS_RDF_TYPE_INT32:       return "a number up to 4294967295";
	case LDNS_RDF_TYPE_PERIOD:      return "a time in seconds";
	case LDNS_RDF_TYPE_TIME:        return "a date as YYYYMMDDHHMMSS";
	case LDNS_RDF_TYPE_STR:
	case LDNS_RDF_TYPE_LONG_STR:    return "text";
	case LDNS_RDF_TYPE_TYPE:        return "a type";
	case LDNS_RDF_TYPE_CLASS:       return "a class";
	case LDNS_RDF_TYPE_B64:         return "base64";
	case LDNS_RDF_TYPE_HEX:         return "hexadecimal digits";
	case LDNS_RDF_TYPE_ALG:
	case LDNS_RDF_TYPE_CERT_ALG:    return "an algorithm";
	case LDNS_RDF_TYPE_NSEC:        return "types";
	case LDNS_RDF_TYPE_TAG:         return "a tag";
	case LDNS_RDF_TYPE_SVCPARAMS:   return "key=value parameters";
	case LDNS_RDF_TYPE_APL:         return "address prefixes";
	case LDNS_RDF_TYPE_LOC:         return "a latitude, longitude and altitude";
	case LDNS_RDF_TYPE_EUI48:       return "an EUI-48 address";
	case LDNS_RDF_TYPE_EUI64:       return "an EUI-64 address";
	default:                        return "a value of its own form";
	}
}

char *
rdata_expected(uint16_t type, char buf[RDATA_EXPECTED])
{
	const ldns_rr_descriptor *d = ldns_rr_descript(type);
	char name[TYPE_TEXT];
	size_t n = 0;

	type_format(type, name);
	if (type == LDNS_RR_TYPE_WKS || strncmp(name, "TYPE", 4) == 0) {
		snprintf(buf, RDATA_EXPECTED, "\\# SIZE HEX");
		return buf;
	}
	*buf = '\0';
	for (size_t i = 0; i < ldns_rr_descriptor_maximum(d) && i < 16 && n < RDATA_EXPECTED; i++)
		n += (size_t)snprintf(buf + n, RDATA_EXPECTED - n, "%s%s", i > 0 ? ", " : "",
		    field_word(ldns_rr_descriptor_field_type(d, i)));
	return buf;
}

/* count names, one behind the other, and then exactly rest bytes. */
static bool
names_and(const uint8_t *rdata, size_t size, unsigned count, size_t rest)
{
	while (count-- > 0) {
		size_t n = dname_read(rdata, size);

		if (n == 0)
			return false;
		rdata += n;
		size -= n;
	}
	return size == rest;
}

bool
rdata_is_sound(uint16_t type, const uint8_t *rdata, size_t size)
{
	switch (type) {
	case TYPE_A:
		return size == 4;
	case TYPE_AAAA:
		return size == 16;
	case TYPE_NS: case TYPE_CNAME: case TYPE_DNAME: case TYPE_PTR:
		return names_and(rdata, size, 1, 0);
	case TYPE_SOA:
		return names_and(rdata, size, 2, 20);
	case TYPE_MX:
		return size >= 2 && names_and(rdata + 2, size - 2, 1, 0);
	case TYPE_SRV:
		return size >= 6 && names_and(rdata + 6, size - 6, 1, 0);
	case TYPE_SVCB: case TYPE_HTTPS:
		return size >= 3 && dname_read(rdata + 2, size - 2) > 0;       /* and parameters, which nobody here reads */
	default:
		return true;
	}
}
