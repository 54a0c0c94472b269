/* test_diag.c - mistakes with their places, bounded; and the arrays they stand in. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "tests/unit/suite.h"

START_TEST(test_forms)
{
	struct diag d = { 0 };

	diag_add(&d, "f", 7, "a.b", "%d is wrong", 5);
	diag_add(&d, "f", 0, "a.b", "wrong");
	diag_add(&d, "f", 7, NULL, "wrong");
	diag_add(&d, "f", 0, "", "100%%");
	ck_assert_uint_eq(d.count, 4);
	ck_assert_str_eq(d.messages[0], "f:7: a.b: 5 is wrong");
	ck_assert_str_eq(d.messages[1], "f: a.b: wrong");
	ck_assert_str_eq(d.messages[2], "f:7: wrong");
	ck_assert_str_eq(d.messages[3], "f: 100%");
	diag_clear(&d);
	ck_assert_uint_eq(d.count, 0);
	ck_assert_ptr_null(d.messages);
	diag_add(&d, "again", 1, NULL, "used");
	ck_assert_str_eq(d.messages[0], "again:1: used");
	diag_clear(&d);
}
END_TEST

START_TEST(test_bounds)
{
	struct diag d = { 0 };
	char *text = mem_alloc(10001);

	memset(text, 'x', 10000);
	for (unsigned i = 1; i <= DIAG_MAX + 5; i++)
		diag_add(&d, "f", i, NULL, "%u", i);
	ck_assert_uint_eq(d.count, DIAG_MAX);
	ck_assert_uint_eq(d.dropped, 5);
	ck_assert_str_eq(d.messages[DIAG_MAX - 1], "f:1000: 1000");
	diag_clear(&d);
	ck_assert_uint_eq(d.dropped, 0);
	diag_add(&d, "f", 1, NULL, "%s", text);
	ck_assert_uint_lt(strlen(d.messages[0]), 1100);
	diag_clear(&d);
	free(text);
}
END_TEST

START_TEST(test_grow)
{
	unsigned *list = NULL;

	for (unsigned i = 0; i < 1000; i++) {
		list = mem_grow(list, i, sizeof(*list));
		list[i] = i;
	}
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_uint_eq(list[i], i);
	free(list);
}
END_TEST

START_TEST(test_mem)
{
	char *text = mem_text("abc"), *formatted = mem_printf("%s-%d", text, 7);
	unsigned char *zero = mem_array(0, 16), *some = mem_array(3, 5);

	ck_assert_str_eq(formatted, "abc-7");
	ck_assert_ptr_null(mem_text(NULL));
	ck_assert_ptr_nonnull(zero);
	for (size_t i = 0; i < 15; i++)
		ck_assert_uint_eq(some[i], 0);
	free(text), free(formatted), free(zero), free(some);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tests = tcase_create("diag");

	tcase_add_test(tests, test_forms);
	tcase_add_test(tests, test_bounds);
	tcase_add_test(tests, test_grow);
	tcase_add_test(tests, test_mem);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
