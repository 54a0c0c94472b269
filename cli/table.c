/* table.c - aligned columns for people. */
#include "cli/table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"

enum {
	COLUMNS_MAX = 16,
	GAP = 2,                       /* between columns */
	FOLD_MIN = 24,                 /* a last column narrower than this goes below its row instead, */
	BELOW = 4                      /* that far in */
};

struct cell {
	char *text;
	enum tint tint;
};

struct table {
	char *head[COLUMNS_MAX];
	bool right[COLUMNS_MAX];
	bool headless;
	size_t ncolumns;
	struct cell *cells;            /* rows of ncolumns each */
	size_t ncells;
};

struct table *
table_new(const char *head)
{
	struct table *t = mem_alloc(sizeof(*t));
	char *names = mem_text(head), *rest = names, *name;

	while ((name = strsep(&rest, " ")) != NULL && t->ncolumns < COLUMNS_MAX) {
		t->right[t->ncolumns] = *name == '>';
		t->head[t->ncolumns] = mem_text(name + (*name == '>'));
		t->headless = *t->head[t->ncolumns] == '\0' && (t->ncolumns == 0 || t->headless);
		t->ncolumns++;
	}
	free(names);
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncolumns; i++)
		free(t->head[i]);
	for (size_t i = 0; i < t->ncells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

/* What comes from the daemon may not move the cursor. */
static char *
clean(const char *text)
{
	char *copy = mem_text(text);

	for (char *p = copy; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return copy;
}

void
table_cell(struct table *t, enum tint tint, const char *text)
{
	t->cells = mem_grow(t->cells, t->ncells, sizeof(*t->cells));
	t->cells[t->ncells++] = (struct cell){ clean(text != NULL ? text : "-"), tint };
}

void
table_cellf(struct table *t, enum tint tint, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	table_cell(t, tint, text);
}

void
table_row_end(struct table *t)
{
	while (t->ncells % t->ncolumns != 0)
		table_cell(t, TINT_NONE, "");
}

size_t
table_rows(const struct table *t)
{
	return t->ncells / t->ncolumns;
}

/* The width of at most size bytes; what the locale cannot decode counts a column a byte. */
static size_t
columns_of(const char *text, size_t size)
{
	mbstate_t state = { 0 };
	size_t columns = 0, n;
	wchar_t wide;
	int width;

	for (size_t i = 0; i < size; i += n) {
		n = mbrtowc(&wide, text + i, size - i, &state);
		if (n == 0 || n > size - i) {
			state = (mbstate_t){ 0 };
			n = 1;
			width = 1;
		} else {
			width = wcwidth(wide);
		}
		columns += width > 0 ? (size_t)width : 0;
	}
	return columns;
}

size_t
text_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

static void
spaces(size_t n, FILE *to)
{
	fprintf(to, "%*s", (int)n, "");
}

/* The bytes of text that fit into width, up to the end of a word where there is one; at least one. */
static size_t
fold(const char *text, size_t width)
{
	size_t fits = 0, last_word = 0, n = strlen(text);

	while (fits < n && columns_of(text, fits + 1) <= width) {
		fits++;
		if (text[fits] == ' ' || text[fits] == '\0')
			last_word = fits;
	}
	while (last_word == 0 && fits > 1 && fits < n && ((unsigned char)text[fits] & 0xc0) == 0x80)
		fits--;                        /* not inside a character */
	return last_word > 0 ? last_word : fits > 0 ? fits : 1;
}

/* The last cell of a line, folded under itself. */
static void
print_folded(const char *text, enum tint tint, const struct term *term, size_t at, size_t width, FILE *to)
{
	bool first = true;

	for (;;) {
		size_t n = width > 0 ? fold(text, width) : strlen(text);

		if (!first)
			spaces(at, to);
		first = false;
		fprintf(to, "%s%.*s%s\n", tint_begin(term, tint), (int)n, text, tint_end(term, tint));
		for (text += n; *text == ' '; text++)
			;
		if (*text == '\0')
			return;
	}
}

/* Beside the row where there is room for it, folded if need be; else on lines of its own. */
static void
print_last(const struct cell *cell, const struct term *term, size_t at, size_t below, FILE *to)
{
	bool fits = term->width == 0 || at + text_columns(cell->text) <= term->width;

	if (!fits && at + FOLD_MIN > term->width && term->width > below + FOLD_MIN) {
		fputc('\n', to);
		spaces(below, to);
		at = below;
	}
	print_folded(cell->text, cell->tint, term, at, term->width >= at + FOLD_MIN ? term->width - at : 0, to);
}

static void
print_line(const struct table *t, const struct term *term, const struct cell *cells, const size_t *widths, unsigned indent, FILE *to)
{
	size_t at = indent, last = t->ncolumns - 1;

	/* Nothing behind the last text: no space before the end of the line. */
	while (last > 0 && *cells[last].text == '\0')
		last--;
	spaces(indent, to);
	for (size_t i = 0; i < last; i++) {
		size_t pad = widths[i] - text_columns(cells[i].text);

		if (t->right[i])
			spaces(pad, to);
		fprintf(to, "%s%s%s", tint_begin(term, cells[i].tint), cells[i].text, tint_end(term, cells[i].tint));
		if (!t->right[i])
			spaces(pad, to);
		spaces(GAP, to);
		at += widths[i] + GAP;
	}
	if (t->right[last])
		spaces(widths[last] - text_columns(cells[last].text), to);
	print_last(&cells[last], term, at, indent + BELOW, to);
}

static void
measure(const struct table *t, size_t *widths)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		widths[i] = text_columns(t->head[i]);
	for (size_t i = 0; i < t->ncells; i++) {
		size_t n = text_columns(t->cells[i].text);

		if (n > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = n;
	}
}

void
table_print(const struct table *t, const struct term *term, unsigned indent, FILE *to)
{
	size_t widths[COLUMNS_MAX];
	struct cell head[COLUMNS_MAX];

	measure(t, widths);
	for (size_t i = 0; i < t->ncolumns; i++)
		head[i] = (struct cell){ t->head[i], TINT_BOLD };
	if (!t->headless)
		print_line(t, term, head, widths, indent, to);
	for (size_t i = 0; i < t->ncells; i += t->ncolumns)
		print_line(t, term, &t->cells[i], widths, indent, to);
}
