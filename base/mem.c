/* mem.c - allocation that cannot fail. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static void *
mem_check(void *p)
{
	if (p == NULL) {
		log_errorx("out of memory");
		abort();
	}
	return p;
}

void *
mem_alloc(size_t size)
{
	return mem_check(calloc(1, size > 0 ? size : 1));
}

void *
mem_array(size_t count, size_t size)
{
	return mem_check(calloc(count > 0 ? count : 1, size));
}

char *
mem_text(const char *text)
{
	return text != NULL ? mem_check(strdup(text)) : NULL;
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return mem_check(text);
}

void *
mem_grow(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)        /* 0 and powers of two are full */
		return array;
	return mem_check(reallocarray(array, count > 0 ? 2 * count : 1, size));
}

void *
mem_resize(void *block, size_t size)
{
	return mem_check(realloc(block, size > 0 ? size : 1));
}
