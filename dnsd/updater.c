/* updater.c - who may update what.
 *
 * A key has rights by `update` (all of the zone, perhaps from some addresses only) and by rules of its own (names by pattern,
 * types). Of those that match a name the most specific decide, and any of them that allows the type is enough: a rule with a
 * longer pattern takes away from what a shorter one, or `update`, gives. */
#include <string.h>

#include "conf/conf.h"
#include "dnsd/update.h"

static bool
updater_is_among(const struct conf_whos *whos, const struct updater *who)
{
	for (size_t i = 0; i < whos->count; i++) {
		const struct conf_who *w = &whos->who[i];

		if ((w->anywhere || prefix_contains(&w->prefix, &who->address)) && (w->key == NULL || w->key == who->key))
			return true;
	}
	return false;
}

static bool
updater_has_rule(const struct conf_zone *zone, const struct updater *who)
{
	for (size_t i = 0; who->key != NULL && i < zone->nupdate_rules; i++)
		if (zone->update_rules[i].key == who->key)
			return true;
	return false;
}

const char *
updater_stranger(const struct conf_zone *zone, const struct updater *who)
{
	if (zone->type != ZONE_DYNAMIC)
		return "the zone is not of type dynamic";
	if (who->admin || updater_is_among(&zone->update, who) || updater_has_rule(zone, who))
		return NULL;
	return who->key != NULL ? "not with this key, or not from this address" : "not without a key";
}

/* ---- rules ---- */

/* Does text match pattern, in which * stands for any characters? Goes back to the last star alone, which is enough: what an earlier
 * one could take in addition, the last can too. */
static bool
pattern_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	pattern += strspn(pattern, "*");
	return *pattern == '\0';
}

static int
pattern_weight(const char *pattern)
{
	int weight = 0;

	for (; *pattern != '\0'; pattern++)
		weight += *pattern != '*';
	return weight;
}

/* How specific the rule's best match of a name is; -1: none. */
static int
rule_weight(const struct conf_update_rule *rule, const char *name)
{
	int best = -1;

	for (size_t i = 0; i < rule->nnames; i++) {
		int weight = pattern_weight(rule->names[i]);

		if (weight > best && pattern_matches(rule->names[i], name))
			best = weight;
	}
	return best;
}

/* 255, any type at all, needs a rule without types. */
static bool
rule_has_type(const struct conf_update_rule *rule, uint16_t type)
{
	for (size_t i = 0; i < rule->ntypes; i++)
		if (rule->types[i] == type)
			return true;
	return rule->ntypes == 0;
}

const char *
updater_may(const struct conf_zone *zone, const struct updater *who, const uint8_t *name, uint16_t type)
{
	bool all = who->admin || updater_is_among(&zone->update, who), may = all;
	int best = all ? 0 : -1;
	char text[DNAME_TEXT];

	if (who->admin || !updater_has_rule(zone, who))
		return all ? NULL : updater_stranger(zone, who);
	dname_format(name, text);
	for (size_t i = 0; i < zone->nupdate_rules; i++) {
		const struct conf_update_rule *rule = &zone->update_rules[i];
		int weight = rule->key == who->key ? rule_weight(rule, text) : -1;

		if (weight < 0 || weight < best)
			continue;
		may = (weight == best && may) || rule_has_type(rule, type);
		best = weight;
	}
	if (may)
		return NULL;
	return best < 0 ? "no rule of this key has this name" : "the rule of this key for this name does not have this type";
}
