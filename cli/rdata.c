/* rdata.c - rdata from the words that a shell leaves of it. */
#include "cli/rdata.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static bool
is_among(const char *type, const char *const *types)
{
	for (; *types != NULL; types++)
		if (strcasecmp(type, *types) == 0)
			return true;
	return false;
}

/* In quotes, unless it has them; what is escaped stays so. */
static char *
quoted(const char *word)
{
	char *text, *p;

	if (*word == '"')
		return mem_text(word);
	p = text = mem_alloc(2 * strlen(word) + 3);
	*p++ = '"';
	for (; *word != '\0'; word++) {
		if (*word == '"')
			*p++ = '\\';
		*p++ = *word;
		if (*word == '\\' && word[1] != '\0')
			*p++ = *++word;
	}
	*p++ = '"';
	return text;
}

static bool
needs_quotes(const char *word)
{
	return *word == '\0' || strpbrk(word, " \t;()") != NULL;
}

/* The words as one rdata. A single one may have been quoted by hand as a whole: it is taken as it is. */
static char *
joined(bool strings, int n, char **words)
{
	char *text = mem_text("");

	for (int i = 0; i < n; i++) {
		char *word = strings || (n > 1 && needs_quotes(words[i])) ? quoted(words[i]) : mem_text(words[i]);
		char *more = mem_printf("%s%s%s", text, i > 0 ? " " : "", word);

		free(text);
		free(word);
		text = more;
	}
	return text;
}

static bool
append(json_t *list, const char *text)
{
	return json_array_append_new(list, json_string(text)) == 0;
}

json_t *
rdata_of(const char *type, int n, char **words)
{
	static const char *const single[] = { "A", "AAAA", "NS", "CNAME", "DNAME", "PTR", NULL };
	static const char *const texts[] = { "TXT", "SPF", NULL };
	json_t *list = json_array();
	bool ok = true;

	if (is_among(type, single)) {
		for (int i = 0; i < n; i++)
			ok = append(list, words[i]) && ok;
	} else {
		char *text = joined(is_among(type, texts), n, words);

		ok = append(list, text);
		free(text);
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}
