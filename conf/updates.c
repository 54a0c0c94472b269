/* updates.c - who may update a zone, and what of it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rrtype.h"
#include "conf/reader.h"

enum { RULES_MOST = 1024, NAMES_MOST = 256, TYPES_MOST = 64, PATTERN_MOST = 253 };

/* ---- patterns of names ---- */

static bool
read_pattern(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	size_t n = text != NULL ? strlen(text) : 0;
	char shown[SHOWN], *pattern;

	if (n > 1 && text[n - 1] == '.')
		n--;
	if (n == 0 || n > PATTERN_MOST || strcspn(text, " \t\r\n\\\"") != strlen(text)) {
		reader_say(r, s, "%s is no pattern of names (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	pattern = mem_text(text);
	pattern[n] = '\0';
	for (size_t i = 0; i < n; i++)
		pattern[i] = (char)tolower((unsigned char)pattern[i]);
	*(char **)out = pattern;
	return true;
}

static const struct kind kind_pattern = { "a name in which * stands for any characters, such as \"_acme-challenge.*\", 253 at most",
	sizeof(char *), read_pattern, NULL, true };

/* ---- types ---- */

static bool
read_rrtype(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	char shown[SHOWN];
	uint16_t type;

	if (text == NULL || !rrtype_parse(text, &type) || !rrtype_is_data(type)) {
		reader_say(r, s, "%s is no type of records (expected %s)", reader_show(s, shown), row->kind->expected);
		return false;
	}
	*(uint16_t *)out = type;
	return true;
}

static const struct kind kind_rrtype = { "a type that zones hold, such as \"TXT\" or \"TYPE65280\"", sizeof(uint16_t), read_rrtype, NULL,
	false };

/* ---- rules ---- */

static const struct row rows[] = {
	{ "key", &kind_key, AT(struct conf_update_rule, key), .required = true },
	{ "names", &kind_pattern, LIST(struct conf_update_rule, names, nnames), .most = NAMES_MOST },
	{ "types", &kind_rrtype, LIST(struct conf_update_rule, types, ntypes), .most = TYPES_MOST },
};

static const struct group group = GROUP("the settings of an update rule", rows);

static void
any_name(struct conf_update_rule *rule)
{
	rule->names = mem_array(1, sizeof(*rule->names));
	rule->names[0] = mem_text("*");
	rule->nnames = 1;
}

static void
rules_read(struct reader *r, const config_setting_t *s, struct conf_zone *z)
{
	const config_setting_t *list = reader_list(r, s, "update_rules", &z->nupdate_rules);

	if (list != NULL && z->nupdate_rules == 0)
		reader_say(r, list, "an empty list (expected at least one rule, or leave it out)");
	if (z->nupdate_rules > RULES_MOST) {
		reader_say(r, list, "%zu rules (expected at most %d)", z->nupdate_rules, RULES_MOST);
		z->nupdate_rules = 0;
	}
	z->update_rules = mem_array(z->nupdate_rules, sizeof(*z->update_rules));
	for (size_t i = 0; i < z->nupdate_rules; i++) {
		struct conf_update_rule *rule = &z->update_rules[i];
		const config_setting_t *one = reader_item(list, i);

		rule->line = config_setting_source_line(one);
		reader_group(r, &group, one, 0, rule);
		if (reader_get(one, "names") == NULL)
			any_name(rule);
	}
}

void
updating_read(struct reader *r, const config_setting_t *s, struct conf_zone *z)
{
	static const char *const settings[] = { "update", "update_rules" };

	rules_read(r, s, z);
	for (size_t i = 0; z->type != ZONE_DYNAMIC && i < 2; i++)
		if (reader_get(s, settings[i]) != NULL)
			reader_say(r, reader_get(s, settings[i]), "has no use in a zone of type \"%s\" (expected type = \"dynamic\", or leave it out)",
			    zone_type_text(z->type));
}

void
updating_free(struct conf_zone *z)
{
	for (size_t i = 0; i < z->nupdate_rules; i++)
		reader_release(&group, &z->update_rules[i]);
	free(z->update_rules);
}
