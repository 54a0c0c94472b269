/* rrtype.c - types of records by name. */
#include "base/rrtype.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RRTYPES(X)                                                                                                      \
	X(1, "A") X(2, "NS") X(5, "CNAME") X(6, "SOA") X(11, "WKS") X(12, "PTR") X(13, "HINFO") X(14, "MINFO")          \
	X(15, "MX") X(16, "TXT") X(17, "RP") X(18, "AFSDB") X(19, "X25") X(20, "ISDN") X(21, "RT") X(22, "NSAP")        \
	X(23, "NSAP-PTR") X(24, "SIG") X(25, "KEY") X(26, "PX") X(27, "GPOS") X(28, "AAAA") X(29, "LOC") X(30, "NXT")   \
	X(33, "SRV") X(35, "NAPTR") X(36, "KX") X(37, "CERT") X(39, "DNAME") X(41, "OPT") X(42, "APL") X(43, "DS")      \
	X(44, "SSHFP") X(45, "IPSECKEY") X(46, "RRSIG") X(47, "NSEC") X(48, "DNSKEY") X(49, "DHCID") X(50, "NSEC3")     \
	X(51, "NSEC3PARAM") X(52, "TLSA") X(53, "SMIMEA") X(55, "HIP") X(59, "CDS") X(60, "CDNSKEY") X(61, "OPENPGPKEY") \
	X(62, "CSYNC") X(63, "ZONEMD") X(64, "SVCB") X(65, "HTTPS") X(99, "SPF") X(104, "NID") X(105, "L32")            \
	X(106, "L64") X(107, "LP") X(108, "EUI48") X(109, "EUI64") X(128, "NXNAME") X(249, "TKEY") X(250, "TSIG")       \
	X(251, "IXFR") X(252, "AXFR") X(253, "MAILB") X(254, "MAILA") X(255, "ANY") X(256, "URI") X(257, "CAA")         \
	X(258, "AVC") X(259, "DOA") X(260, "AMTRELAY") X(261, "RESINFO") X(32768, "TA") X(32769, "DLV")

static const struct {
	uint16_t type;
	const char *name;
} rrtypes[] = {
#define X(value, word) { value, word },
	RRTYPES(X)
#undef X
};
enum { NRRTYPES = sizeof(rrtypes) / sizeof(*rrtypes) };

static bool
rrtype_parse_number(const char *digits, uint16_t *type)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*digits) || strlen(digits) > 5)
		return false;
	n = strtol(digits, &end, 10);
	*type = (uint16_t)n;
	return *end == '\0' && n <= UINT16_MAX;
}

bool
rrtype_parse(const char *text, uint16_t *type)
{
	for (size_t i = 0; i < NRRTYPES; i++) {
		if (strcasecmp(text, rrtypes[i].name) == 0) {
			*type = rrtypes[i].type;
			return true;
		}
	}
	return strncasecmp(text, "TYPE", 4) == 0 && rrtype_parse_number(text + 4, type);
}

char *
rrtype_format(uint16_t type, char *buf)
{
	for (size_t i = 0; i < NRRTYPES; i++)
		if (rrtypes[i].type == type)
			return strcpy(buf, rrtypes[i].name);
	snprintf(buf, RRTYPE_TEXT, "TYPE%u", type);
	return buf;
}

bool
rrtype_is_data(uint16_t type)
{
	return type != 0 && type != 41 && (type < 128 || type > 255);
}
