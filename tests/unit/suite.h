/* suite.h - the end of every unit test program. */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>

/* For what is asserted a million times: check notes each ck_assert() in a file. */
#define ck_holds(condition) do { if (!(condition)) ck_abort_msg("%s", #condition); } while (0)

/* Runs s and frees it; the exit status: 0 if all of it passed, else 1. */
static inline int
suite_run(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

#endif
