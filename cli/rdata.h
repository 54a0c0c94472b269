/* rdata.h - rdata from the words that a shell leaves of it. */
#ifndef CLI_RDATA_H
#define CLI_RDATA_H

#include <jansson.h>

/* A list of texts, one per record; NULL: not UTF-8. n is at least 1. */
json_t *rdata_of(const char *type, int n, char **words);

#endif
