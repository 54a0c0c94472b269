/* suite.h - the end of every unit test program. */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* How often something random is done: n times, which finds what is wrong. A sanitizer sees every kind of it in a tenth
 * of that, at several times the price of each. */
#define ROUNDS(n) (SANITIZED ? (n) / 10 : (n))

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
