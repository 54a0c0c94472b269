/* choice.h - what a service answers now. A pure function: no clock, no socket,
 * no allocation. The live answer and `homing explain` both come from here.
 *
 * The steps, in order: state (who may be answered), tier (the best that has
 * anyone), the all_down rule for a family left with nobody, the order as
 * configured, at most `answers` addresses of each family, the TTL. The tier is
 * chosen for the whole service: a standby is not mixed in because one family of
 * the active member died. */
#ifndef DNSD_CHOICE_H
#define DNSD_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "conf/conf.h"

/* What holds for an interface in a service after verdicts and overrides. */
enum state { STATE_UNKNOWN, STATE_UP, STATE_DOWN, STATE_DRAINED, STATE_FORCED_UP, STATE_FORCED_DOWN };
const char *state_text(enum state s);  /* "unknown", "up", "down", "drained", "forced", "forced" */
bool state_usable(enum state s);       /* unknown, up, forced up */

/* What became of a candidate, and so which step decided. */
#define FATES(X)                                                                \
	X(FATE_ANSWERED,  "answered")                                           \
	X(FATE_DOWN,      "left out: down")                                     \
	X(FATE_DRAINED,   "left out: drained")                                  \
	X(FATE_FORCED,    "left out: forced down")                              \
	X(FATE_RETURNING, "left out: waits for failback_delay")                 \
	X(FATE_UNPROVEN,  "left out: added at run time, waits for its first good round") \
	X(FATE_TIER,      "left out: a better tier is answered")                \
	X(FATE_BEYOND,    "left out: beyond the limit of answers")              \
	X(FATE_LAST,      "answered: all are down, and all_down is \"all\"")    \
	X(FATE_REPLACED,  "left out: all are down, and all_down is \"fallback\"") \
	X(FATE_EMPTIED,   "left out: all are down, and all_down is \"empty\"")
enum fate {
#define X(value, words) value,
	FATES(X)
#undef X
};
const char *fate_text(enum fate f);

struct candidate {
	struct addr address;
	unsigned tier;
	enum state state;
	bool doubt;
	bool returning;                /* healthy again, but failback_delay has not passed */
	bool unproven;                 /* unknown, and added at run time: not answered before it was found well once */
	/* out */
	enum fate fate;
};

struct choice {
	unsigned tier;                 /* the tier answered; 0: none is usable */
	bool all_down4, all_down6;     /* the all_down rule decides this family */
	uint32_t ttl;
	bool doubt;                    /* why ttl is ttl_doubt */
	size_t count4, count6;         /* addresses in an answer's RRset, before `answers` under rotate */
};

/* Fills every candidate's fate, and the addresses answered in order: out holds
 * room for ncandidates + nfallback of each family. Under rotate, `answers` is a
 * window over all of them, so none is FATE_BEYOND. */
void choice_make(const struct conf_service *rule, struct candidate *candidates, size_t ncandidates,
    struct choice *choice, struct addr *out4, struct addr *out6);

#endif
