/* mem.h - allocation that cannot fail, for everything but the query path.
 *
 * A daemon that cannot get memory for its own small structures has no sound way
 * to go on; these abort with a message. Memory is freed with free(3). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                          /* zeroed */
void *mem_array(size_t count, size_t size);            /* zeroed; overflow aborts */
char *mem_text(const char *text);                      /* strdup; NULL gives NULL */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more element behind count of them; doubles at powers of two.
 * The array only ever grows through this call. The new element is not zeroed. */
void *mem_grow(void *array, size_t count, size_t size);

/* realloc(3): block may be NULL; what is new is not zeroed. */
void *mem_resize(void *block, size_t size);

#endif
