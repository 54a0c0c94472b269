/* rdata.c - types and rdata by ldns, the only file of this folder that knows it.
 *
 * ldns keeps its tables constant and its state in what it returns, so this is
 * safe on any thread, with one exception: WKS (RFC 1035, 3.4.2) looks protocols and
 * services up by getprotobyname() and getservbyname(), whose results are shared
 * by all threads. That type is obsolete (RFC 1123, 2.2) and read in the \# form only. */
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

int
rdata_read(struct rdata_reader *r, uint16_t type, const char *text, uint8_t out[RDATA_MAX])
{
	ldns_rr *rr = NULL;
	int size;

	if (type == LDNS_RR_TYPE_WKS && strncmp(text, "\\#", 2) != 0)
		return -1;
	if (snprintf(r->text, sizeof(r->text), ". 0 IN TYPE%u %s", type, text) >= (int)sizeof(r->text))
		return -1;
	if (ldns_rr_new_frm_str(&rr, r->text, 0, r->origin, NULL) != LDNS_STATUS_OK)
		return -1;
	size = rdata_wire(rr, out);
	ldns_rr_free(rr);
	return size >= 0 && rdata_is_sound(type, out, (size_t)size) ? size : -1;
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
	default:
		return true;
	}
}
