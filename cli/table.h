/* table.h - aligned columns for people.
 *
 * Cells are added row by row; a column is as wide as its widest cell, counted in characters
 * of the locale. When all columns together are wider than the terminal, the last one is
 * folded between words, under itself; or below its row, where hardly any room is left for it. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "cli/term.h"

struct table;

/* head: the columns' names, space separated; "" prints no head line. A name that begins with > is aligned right. */
struct table *table_new(const char *head);
void table_free(struct table *t);      /* NULL is fine */
/* The next cell; text may be NULL: "-". */
void table_cell(struct table *t, enum tint tint, const char *text);
void table_cellf(struct table *t, enum tint tint, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void table_row_end(struct table *t);   /* missing cells are empty */
size_t table_rows(const struct table *t);
/* indent: spaces before every line. */
void table_print(const struct table *t, const struct term *term, unsigned indent, FILE *to);

size_t text_columns(const char *text); /* how wide it is on the terminal */

#endif
