/* pattern.c - a regular expression on what a server sent. */
#include "checker/pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	HEAP_KIB = 4096,
	SCAN_COST = 64                 /* bytes passed over count as one step: a search for a first byte makes no callout */
};

struct pattern {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

struct pattern *
pattern_new(const char *text, char *error, size_t error_size)
{
	struct pattern *p;
	PCRE2_SIZE offset;
	PCRE2_UCHAR words[128];
	int number;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
	    PCRE2_AUTO_CALLOUT | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &number, &offset, NULL);

	if (code == NULL) {
		pcre2_get_error_message(number, words, sizeof(words));
		snprintf(error, error_size, "the pattern \"%s\" is wrong at character %zu: %s", text, (size_t)offset + 1, (char *)words);
		return NULL;
	}
	p = mem_alloc(sizeof(*p));
	p->code = code;
	p->match = pcre2_match_data_create(1, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (p->match == NULL || p->context == NULL) {
		snprintf(error, error_size, "out of memory");
		pattern_free(p);
		return NULL;
	}
	pcre2_set_match_limit(p->context, PATTERN_BUDGET);
	pcre2_set_heap_limit(p->context, HEAP_KIB);
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_match_context_free(p->context);
	pcre2_match_data_free(p->match);
	pcre2_code_free(p->code);
	free(p);
}

static int
spend(pcre2_callout_block *block, void *arg)
{
	uint32_t *budget = arg;

	(void)block;
	if (*budget == 0)
		return PCRE2_ERROR_CALLOUT;
	--*budget;
	return 0;
}

enum pattern_match
pattern_match(const struct pattern *p, const char *data, size_t size, uint32_t *budget)
{
	uint32_t scan = (uint32_t)(size / SCAN_COST);
	int rc;

	if (*budget <= scan)
		return PATTERN_GAVE_UP;
	*budget -= scan;
	pcre2_set_callout(p->context, spend, budget);
	rc = pcre2_match(p->code, (PCRE2_SPTR)data, size, 0, 0, p->match, p->context);
	if (rc >= 0)
		return PATTERN_YES;
	return rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_GAVE_UP;
}
