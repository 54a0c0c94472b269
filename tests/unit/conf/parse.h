/* parse.h - a configuration from a string, and what it says about mistakes. */
#ifndef TESTS_UNIT_CONF_PARSE_H
#define TESTS_UNIT_CONF_PARSE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/conf.h"

/* The tree; the test fails with the mistakes if there are any. */
static inline struct conf *
parse_good(const char *text)
{
	struct diag diag = { 0 };
	struct conf *conf = conf_parse(text, strlen(text), "/etc/homing/t.conf", &diag);

	ck_assert_msg(conf != NULL, "%s", diag.count > 0 ? diag.messages[0] : "no tree and no mistake");
	ck_assert_uint_eq(diag.count, 0);
	return conf;
}

/* The mistakes, a line each; malloc'd. */
static inline char *
parse_bad(const char *text, size_t length)
{
	struct diag diag = { 0 };
	struct conf *conf = conf_parse(text, length, "t.conf", &diag);
	char *all = mem_text("");

	for (size_t i = 0; i < diag.count; i++) {
		char *more = mem_printf("%s%s\n", all, diag.messages[i]);

		free(all);
		all = more;
	}
	ck_assert_msg((conf == NULL) == (diag.count > 0), "a tree with mistakes, or neither:\n%s", all);
	conf_free(conf);
	diag_clear(&diag);
	return all;
}

#endif
