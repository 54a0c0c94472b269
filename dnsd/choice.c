/* choice.c - what a service answers now.
 *
 * Who may be answered:
 *
 *   state         usable   left out as
 *   up, unknown   yes      -              (what was never probed counts as up)
 *   unproven      no       FATE_UNPROVEN  (as if it were not there: what has not come yet, nobody misses)
 *   forced up     yes      -
 *   returning     only where nobody else is usable: better than the dead
 *   down          no       FATE_DOWN
 *   drained       no       FATE_DRAINED
 *   forced down   no       FATE_FORCED
 *
 * When a family of the tier has nobody left, the all_down rule decides it:
 * "all" answers the measured-down of the tier (the operator's own drains and
 * forces only if there is nothing else), "empty" nobody, "fallback" the list. */
#include "dnsd/choice.h"

#include <assert.h>

static const char *const state_words[] = {
	[STATE_UNKNOWN] = "unknown", [STATE_UP] = "up", [STATE_DOWN] = "down",
	[STATE_DRAINED] = "drained", [STATE_FORCED_UP] = "forced", [STATE_FORCED_DOWN] = "forced",
};

static const char *const fate_words[] = {
#define X(value, words) [value] = words,
	FATES(X)
#undef X
};

const char *
state_text(enum state s)
{
	return state_words[s];
}

const char *
fate_text(enum fate f)
{
	return fate_words[f];
}

bool
state_usable(enum state s)
{
	return s == STATE_UNKNOWN || s == STATE_UP || s == STATE_FORCED_UP;
}

/* The best tier with a candidate for which usable holds; 0: none. */
static unsigned
tier_best(const struct candidate *candidates, size_t n, bool (*usable)(const struct candidate *))
{
	unsigned best = 0;

	for (size_t i = 0; i < n; i++)
		if (usable(&candidates[i]) && (best == 0 || candidates[i].tier < best))
			best = candidates[i].tier;
	return best;
}

static bool
is_usable(const struct candidate *c)
{
	return state_usable(c->state) && !c->returning && !c->unproven;
}

static bool
is_healthy(const struct candidate *c)
{
	return state_usable(c->state) && !c->unproven;
}

static bool
is_measured_down(const struct candidate *c)
{
	return c->state == STATE_DOWN;
}

static bool
is_anyone(const struct candidate *c)
{
	return !c->unproven;
}

/* Why a candidate that is not answered is left out, the tier aside. */
static enum fate
fate_of_state(const struct candidate *c)
{
	switch (c->state) {
	case STATE_DOWN:        return FATE_DOWN;
	case STATE_DRAINED:     return FATE_DRAINED;
	case STATE_FORCED_DOWN: return FATE_FORCED;
	default:                return c->unproven ? FATE_UNPROVEN : c->returning ? FATE_RETURNING : FATE_TIER;
	}
}

/* One family's answer under construction. */
struct pick {
	const struct conf_service *rule;
	struct candidate *candidates;
	size_t ncandidates;
	unsigned family;
	struct addr *out;
	size_t count;
};

/* Appends those of the family and tier for which wanted holds; the others keep the fate they have. */
static void
pick_tier(struct pick *p, unsigned tier, bool (*wanted)(const struct candidate *), enum fate fate)
{
	size_t limit = p->rule->answers == 0 || p->rule->spread == SPREAD_ROTATE ? p->ncandidates : p->rule->answers;

	for (size_t i = 0; i < p->ncandidates; i++) {
		struct candidate *c = &p->candidates[i];

		if (c->address.family != p->family || c->tier != tier || !wanted(c))
			continue;
		c->fate = p->count < limit ? fate : FATE_BEYOND;
		if (c->fate == fate)
			p->out[p->count++] = c->address;
	}
}

static void
pick_fallback(struct pick *p)
{
	for (size_t i = 0; i < p->rule->nfallback; i++)
		if (p->rule->fallback[i].family == p->family && (p->rule->answers == 0 || p->count < p->rule->answers))
			p->out[p->count++] = p->rule->fallback[i];
}

/* Re-labels those who would have been answered under "all". */
static void
fate_of_rule(struct pick *p, unsigned tier, enum fate fate)
{
	for (size_t i = 0; i < p->ncandidates; i++) {
		struct candidate *c = &p->candidates[i];

		if (c->address.family == p->family && c->tier == tier && c->state == STATE_DOWN)
			c->fate = fate;
	}
}

/* Nobody of the family is usable in the tier answered. */
static void
pick_all_down(struct pick *p, unsigned tier)
{
	switch (p->rule->all_down) {
	case ALL_DOWN_ALL:
		pick_tier(p, tier, is_measured_down, FATE_LAST);
		if (p->count == 0)
			pick_tier(p, tier, is_anyone, FATE_LAST);
		break;
	case ALL_DOWN_EMPTY:
		fate_of_rule(p, tier, FATE_EMPTIED);
		break;
	case ALL_DOWN_FALLBACK:
		fate_of_rule(p, tier, FATE_REPLACED);
		pick_fallback(p);
		break;
	}
}

/* The best tier that has the family at all; 0: none has. */
static unsigned
tier_of_family(const struct pick *p)
{
	unsigned best = 0;

	for (size_t i = 0; i < p->ncandidates; i++) {
		const struct candidate *c = &p->candidates[i];

		if (c->address.family == p->family && !c->unproven && (best == 0 || c->tier < best))
			best = c->tier;
	}
	return best;
}

static bool
tier_has_family(const struct pick *p, unsigned tier)
{
	for (size_t i = 0; i < p->ncandidates; i++)
		if (p->candidates[i].address.family == p->family && p->candidates[i].tier == tier && !p->candidates[i].unproven)
			return true;
	return false;
}

/* Picks from the tier answered, 0 when nobody is usable. True when the all_down
 * rule decided. A family that the tier does not have is not all down: it is not there. */
static bool
pick_family(struct pick *p, unsigned tier, bool (*wanted)(const struct candidate *))
{
	bool usable = tier != 0;

	if (!usable)
		tier = tier_of_family(p);
	if (!tier_has_family(p, tier)) {
		if (!usable && p->rule->all_down == ALL_DOWN_FALLBACK)
			pick_fallback(p);      /* the list says what is answered, whatever the members have */
		return p->count > 0;
	}
	if (usable)
		pick_tier(p, tier, wanted, FATE_ANSWERED);
	if (p->count > 0)
		return false;
	pick_all_down(p, tier);
	return true;
}

/* Whether this candidate may soon make the answer wrong: a doubt about a standby does not, nor one who has yet to come. */
static bool
is_unsettling(const struct candidate *c, unsigned tier)
{
	return (c->doubt || c->fate == FATE_RETURNING) && !c->unproven && (tier == 0 || c->tier <= tier);
}

void
choice_make(const struct conf_service *rule, struct candidate *candidates, size_t ncandidates,
    struct choice *choice, struct addr *out4, struct addr *out6)
{
	struct pick pick4 = { rule, candidates, ncandidates, 4, out4, 0 };
	struct pick pick6 = { rule, candidates, ncandidates, 6, out6, 0 };
	bool (*wanted)(const struct candidate *) = is_usable;

	assert(ncandidates > 0);
	*choice = (struct choice){ .tier = tier_best(candidates, ncandidates, is_usable) };
	if (choice->tier == 0) {
		wanted = is_healthy;
		choice->tier = tier_best(candidates, ncandidates, is_healthy);
	}
	for (size_t i = 0; i < ncandidates; i++)
		candidates[i].fate = fate_of_state(&candidates[i]);
	choice->all_down4 = pick_family(&pick4, choice->tier, wanted);
	choice->all_down6 = pick_family(&pick6, choice->tier, wanted);
	for (size_t i = 0; i < ncandidates; i++)
		choice->doubt = choice->doubt || is_unsettling(&candidates[i], choice->tier);
	choice->count4 = pick4.count;
	choice->count6 = pick6.count;
	choice->ttl = choice->doubt ? rule->ttl_doubt : rule->ttl;
}
