/* test_table.c - columns: widths, alignment, folding, what the terminal may not see. */
#include "cli/table.h"
#include "tests/unit/suite.h"

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static char *printed;
static size_t printed_size;

/* Prints t for a terminal of that width; what came out is in printed. */
static void
show(struct table *t, unsigned width, bool colour)
{
	struct term term = { .colour = colour, .utf8 = true, .width = width };
	FILE *f;

	free(printed);
	f = open_memstream(&printed, &printed_size);
	table_print(t, &term, 0, f);
	fclose(f);
	table_free(t);
}

static struct table *
sample(void)
{
	struct table *t = table_new("NAME >N WHY");

	table_cell(t, TINT_NONE, "a");
	table_cell(t, TINT_NONE, "5");
	table_cell(t, TINT_BAD, "one two three four five six seven");
	table_row_end(t);
	table_cell(t, TINT_NONE, "longer");
	table_cell(t, TINT_NONE, "1000");
	table_row_end(t);
	return t;
}

START_TEST(aligned)
{
	struct table *t = sample();

	ck_assert_uint_eq(table_rows(t), 2);
	show(t, 0, false);
	ck_assert_str_eq(printed,
	    "NAME       N  WHY\n"
	    "a          5  one two three four five six seven\n"
	    "longer  1000\n");
}
END_TEST

START_TEST(folded)
{
	show(sample(), 38, false);
	ck_assert_str_eq(printed,
	    "NAME       N  WHY\n"
	    "a          5  one two three four five\n"
	    "              six seven\n"
	    "longer  1000\n");
}
END_TEST

START_TEST(below_its_row)
{
	show(sample(), 37, false);
	ck_assert_str_eq(printed,
	    "NAME       N  WHY\n"
	    "a          5  \n"
	    "    one two three four five six seven\n"
	    "longer  1000\n");
	show(sample(), 30, false);
	ck_assert_str_eq(printed,
	    "NAME       N  WHY\n"
	    "a          5  \n"
	    "    one two three four five\n"
	    "    six seven\n"
	    "longer  1000\n");
	/* Too narrow for anything: the terminal breaks the line where it likes. */
	show(sample(), 20, false);
	ck_assert_ptr_nonnull(strstr(printed, "5  one two three four five six seven\n"));
}
END_TEST

START_TEST(a_word_longer_than_the_line)
{
	struct table *t = table_new("X");

	table_cell(t, TINT_NONE, "äöüäöüäöüäöüäöüäöüäöüäöüäöü end");
	table_row_end(t);
	show(t, 25, false);
	ck_assert_str_eq(printed, "X\näöüäöüäöüäöüäöüäöüäöüäöüä\nöü end\n");
}
END_TEST

START_TEST(characters_not_bytes)
{
	struct table *t = table_new(" ");

	table_cell(t, TINT_NONE, "é");
	table_cell(t, TINT_NONE, "x");
	table_row_end(t);
	table_cell(t, TINT_NONE, "ab");
	table_cell(t, TINT_NONE, "y");
	table_row_end(t);
	show(t, 0, false);
	ck_assert_str_eq(printed, "é   x\nab  y\n");
	ck_assert_uint_eq(text_columns("▇▇·"), 3);
	ck_assert_uint_eq(text_columns("\xff\xfe"), 2);
}
END_TEST

START_TEST(the_cursor_stays)
{
	struct table *t = table_new("X");

	table_cell(t, TINT_NONE, "a\033[2Jb\r\nc");
	table_row_end(t);
	table_cell(t, TINT_NONE, NULL);
	table_row_end(t);
	show(t, 0, false);
	ck_assert_str_eq(printed, "X\na?[2Jb??c\n-\n");
}
END_TEST

START_TEST(colour_is_no_width)
{
	struct table *t = table_new("STATE NEXT");

	table_cell(t, TINT_GOOD, "up");
	table_cell(t, TINT_NONE, "x");
	table_row_end(t);
	show(t, 0, true);
	ck_assert_str_eq(printed, "\033[1mSTATE\033[0m  \033[1mNEXT\033[0m\n\033[32mup\033[0m     x\n");
}
END_TEST

START_TEST(bar)
{
	struct term utf8 = { .utf8 = true }, ascii = { .utf8 = false };
	char results[71], buf[HISTORY_BAR];

	ck_assert_str_eq(history_bar(&utf8, "1101", buf), "▇▇·▇");
	ck_assert_str_eq(history_bar(&ascii, "1101", buf), "##.#");
	ck_assert_str_eq(history_bar(&ascii, "", buf), "");
	memset(results, '1', 70);
	results[70] = '\0';
	results[6] = '0';                      /* the oldest of the last 64 */
	history_bar(&utf8, results, buf);
	ck_assert_uint_eq(text_columns(buf), 64);
	ck_assert_int_eq(strncmp(buf, "·", 2), 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("table");
	TCase *t = tcase_create("table");
	int status;

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_add_test(t, aligned);
	tcase_add_test(t, folded);
	tcase_add_test(t, below_its_row);
	tcase_add_test(t, a_word_longer_than_the_line);
	tcase_add_test(t, characters_not_bytes);
	tcase_add_test(t, the_cursor_stays);
	tcase_add_test(t, colour_is_no_width);
	tcase_add_test(t, bar);
	suite_add_tcase(s, t);
	status = suite_run(s);
	free(printed);
	return status;
}
