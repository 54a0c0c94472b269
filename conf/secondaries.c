/* secondaries.c - who may transfer a zone, and who is told of its changes.
 *
 * The two belong together: whom we tell of changes that he may not fetch, we tell in vain. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/reader.h"

enum { DNS_PORT = 53, NOTIFY_MOST = 256 };

/* ---- who ---- */

static const char key_mark[] = "key:", blanks[] = " \t";

static bool
is_key(const char *text)
{
	return strncmp(text, key_mark, sizeof(key_mark) - 1) == 0;
}

/* The prefix at the start of *text, which then goes behind it and the blanks there. NULL, or what is wrong with it. */
static const char *
who_prefix(const char **text, struct prefix *out)
{
	size_t n = strcspn(*text, blanks);
	char prefix[ADDR_TEXT];
	const char *wrong;

	if (n >= sizeof(prefix))
		return "is no prefix";
	memcpy(prefix, *text, n);
	prefix[n] = '\0';
	wrong = prefix_wrong(prefix, out);
	*text += n + strspn(*text + n, blanks);
	return wrong;
}

static bool
read_who(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s), *wrong = NULL;
	struct conf_who who = { .anywhere = text != NULL && is_key(text) };
	char shown[SHOWN];

	if (text == NULL)
		wrong = "is wrong";
	else if (!who.anywhere)
		wrong = who_prefix(&text, &who.prefix);
	if (wrong == NULL && *text != '\0' && !is_key(text))
		wrong = "is wrong behind the prefix";
	if (wrong != NULL) {
		reader_say(r, s, "%s %s (expected %s)", reader_show(s, shown), wrong, row->kind->expected);
		return false;
	}
	if (*text != '\0' && (who.key = key_find(r, s, text + sizeof(key_mark) - 1)) == NULL)
		return false;
	*(struct conf_who *)out = who;
	return true;
}

const struct kind kind_who = { "a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\"", sizeof(struct conf_who),
	read_who, NULL, false };

/* ---- notify ---- */

static const struct row rows[] = {
	{ "address", &kind_peer, AT(struct conf_notify, address), .initial = DNS_PORT, .required = true },
	{ "key", &kind_key, AT(struct conf_notify, key) },
	{ "source", &kind_address, AT(struct conf_notify, source) },
};

static const struct group group = GROUP("the settings of a secondary", rows);

static const char *
key_text(const struct conf_notify *n)
{
	return n->key != NULL ? n->key->name : "none";
}

/* Views of one BIND share an address, and are told apart by their keys. */
static const struct conf_notify *
same_before(const struct conf_zone *z, const struct conf_notify *n)
{
	for (const struct conf_notify *other = z->notify; other < n; other++)
		if (addr_equal(&other->address, &n->address) && other->key == n->key)
			return other;
	return NULL;
}

static void
target_check(struct reader *r, const config_setting_t *s, const struct conf_zone *z, const struct conf_notify *n)
{
	const struct conf_notify *other = same_before(z, n);
	char text[ADDR_TEXT];

	if (n->source.family != 0 && n->source.family != n->address.family)
		reader_say(r, reader_get(s, "source"), "\"%s\" is IPv%d, but the address is IPv%d (expected the address's family)",
		    addr_format(&n->source, text), n->source.family, n->address.family);
	if (other != NULL)
		reader_say(r, reader_get(s, "address"), "%s with key %s is in line %u too (expected each secondary once)",
		    addr_format_port(&n->address, text), key_text(n), other->line);
}

void
notify_read(struct reader *r, const config_setting_t *s, struct conf_zone *z)
{
	const config_setting_t *list = reader_list(r, s, "notify", &z->nnotify);

	if (list != NULL && z->nnotify == 0)
		reader_say(r, list, "an empty list (expected at least one secondary, or leave it out)");
	if (z->nnotify > NOTIFY_MOST) {
		reader_say(r, list, "%zu secondaries (expected at most %d)", z->nnotify, NOTIFY_MOST);
		z->nnotify = 0;
	}
	z->notify = mem_array(z->nnotify, sizeof(*z->notify));
	for (size_t i = 0; i < z->nnotify; i++) {
		const config_setting_t *one = reader_item(list, i);
		struct conf_notify *n = &z->notify[i];

		n->line = config_setting_source_line(one);
		reader_group(r, &group, one, 0, n);
		if (n->address.family != 0)
			target_check(r, one, z, n);
	}
}

/* ---- both ---- */

/* Whom w lets transfer may be the secondary n: he signs with the key that he knows, and may fetch from another
 * address than where he is told. */
static bool
may_be(const struct conf_who *w, const struct conf_notify *n)
{
	if (w->key != NULL && n->key != NULL)
		return w->key == n->key;
	return w->anywhere || prefix_contains(&w->prefix, &n->address);
}

static bool
may_transfer(const struct conf_whos *whos, const struct conf_notify *n)
{
	for (size_t i = 0; i < whos->count; i++)
		if (may_be(&whos->who[i], n))
			return true;
	return false;
}

void
notify_check(struct reader *r, const config_setting_t *s, const struct conf_zone *z)
{
	const config_setting_t *list = reader_get(s, "notify");
	char text[ADDR_TEXT];

	for (size_t i = 0; i < z->nnotify; i++) {
		const struct conf_notify *n = &z->notify[i];

		if (may_transfer(&z->transfer, n))
			continue;
		addr_format_port(&n->address, text);
		reader_say(r, reader_get(reader_item(list, i), "address"),
		    z->transfer.count == 0 ? "%s (key %s) may not transfer the zone that it is told of (expected transfer in this zone)"
		                           : "%s (key %s) may not transfer the zone that it is told of (expected an entry of transfer "
		                             "for this address or key)",
		    text, key_text(n));
	}
}
