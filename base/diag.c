/* diag.c - every mistake of one run. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void
diag_add(struct diag *d, const char *file, unsigned line, const char *path, const char *fmt, ...)
{
	char text[1024], place[32] = "";
	va_list ap;

	if (d->count == DIAG_MAX) {
		d->dropped++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line > 0)
		snprintf(place, sizeof(place), ":%u", line);
	if (path == NULL)
		path = "";
	d->messages = mem_grow(d->messages, d->count, sizeof(*d->messages));
	d->messages[d->count++] = mem_printf("%s%s: %s%s%s", file, place, path, *path != '\0' ? ": " : "", text);
}

void
diag_clear(struct diag *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->messages[i]);
	free(d->messages);
	*d = (struct diag){ 0 };
}
