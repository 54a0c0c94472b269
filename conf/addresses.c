/* addresses.c - the kinds of values that are addresses: of a host, of a socket, of a subnet. */
#include <stdio.h>
#include <string.h>

#include "conf/reader.h"

static bool
is_multicast(const struct addr *a)
{
	return a->family == 4 ? a->bytes[0] >> 4 == 0xe : a->bytes[0] == 0xff;
}

static bool
is_mapped(const struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return a->family == 6 && memcmp(a->bytes, mapped, sizeof(mapped)) == 0;
}

static bool
is_broadcast(const struct addr *a)
{
	static const uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };

	return a->family == 4 && memcmp(a->bytes, ones, sizeof(ones)) == 0;
}

/* What keeps an address from being one host's; NULL: nothing. */
static const char *
not_one_host(const struct addr *a)
{
	return addr_is_any(a)    ? "the unspecified address"
	       : is_multicast(a) ? "a multicast address"
	       : is_broadcast(a) ? "the broadcast address"
	       : is_mapped(a)    ? "an IPv4 address in IPv6 form"
	                         : NULL;
}

static bool
host_keep(struct reader *r, const config_setting_t *s, const struct addr *a, struct addr *out)
{
	const char *wrong = not_one_host(a);
	char shown[SHOWN];

	if (wrong != NULL)
		reader_say(r, s, "%s is %s (expected the address of one host)", reader_show(s, shown), wrong);
	else
		*out = *a;
	return wrong == NULL;
}

static bool
read_address(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];
	struct addr a;

	if (text != NULL && addr_parse(text, &a))
		return host_keep(r, s, &a, out);
	reader_say(r, s, "%s is no IP address (expected %s)", reader_show(s, shown), row->kind->expected);
	return false;
}

static bool
read_socket(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];
	struct addr a;

	if (text == NULL || !addr_parse_port(text, (uint16_t)row->initial, &a)) {
		reader_say(r, s, "%s is no socket address (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	if (is_multicast(&a) || is_mapped(&a) || is_broadcast(&a)) {
		reader_say(r, s, "%s is %s (expected an address of this host)", reader_show(s, shown), not_one_host(&a));
		return false;
	}
	*(struct addr *)out = a;
	return true;
}

/* The same for another host: one that we send to. */
static bool
read_peer(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];
	struct addr a;

	if (text != NULL && addr_parse_port(text, (uint16_t)row->initial, &a))
		return host_keep(r, s, &a, out);
	reader_say(r, s, "%s is no socket address (expected %s)", reader_show(s, shown), row->kind->expected);
	return false;
}

/* prefix_parse() refuses host bits without saying so: a prefix that parses as an address is told apart here. */
const char *
prefix_wrong(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	char host[ADDR_TEXT] = "", zero[ADDR_TEXT];
	struct prefix all = { .bits = 0 };

	if (prefix_parse(text, out))
		return NULL;
	if (slash != NULL && (size_t)(slash - text) < sizeof(host)) {
		memcpy(host, text, (size_t)(slash - text));
		snprintf(zero, sizeof(zero), "%s%.8s", strchr(host, ':') != NULL ? "::" : "0.0.0.0", slash);
	}
	if (*host != '\0' && addr_parse(host, &all.base) && prefix_parse(zero, &all))
		return "has bits set behind the prefix length";
	return "is no prefix";
}

static bool
read_prefix(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	const char *wrong = text != NULL ? prefix_wrong(text, out) : "is no prefix";
	char shown[SHOWN];

	if (wrong != NULL)
		reader_say(r, s, "%s %s (expected %s)", reader_show(s, shown), wrong, row->kind->expected);
	return wrong == NULL;
}

const struct kind kind_address = { "an IP address, such as \"192.0.2.1\" or \"2001:db8::1\"", sizeof(struct addr), read_address,
	NULL, false };
const struct kind kind_socket = { "an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\"",
	sizeof(struct addr), read_socket, NULL, false };
const struct kind kind_peer = { "an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\"",
	sizeof(struct addr), read_peer, NULL, false };
const struct kind kind_prefix = { "a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\"", sizeof(struct prefix), read_prefix,
	NULL, false };
