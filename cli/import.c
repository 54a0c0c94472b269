/* import.c - zone import: a dynamic zone becomes what a master file says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/ask.h"
#include "cli/show.h"

enum { FILE_MOST = 64 << 20 };         /* what the daemon takes */

/* All of a file ("-": the standard input), malloc'd; NULL: complained. */
static char *
file_read(const char *name, size_t *size)
{
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	char *bytes = mem_resize(NULL, FILE_MOST + 1);
	bool ok;

	if (f == NULL) {
		complain("cannot open %s: %s", name, strerror(errno));
		free(bytes);
		return NULL;
	}
	*size = fread(bytes, 1, FILE_MOST + 1, f);
	ok = !ferror(f) && *size <= FILE_MOST;
	if (ferror(f))
		complain("cannot read %s: %s", name, strerror(errno));
	else if (!ok)
		complain("%s is larger than the %d MiB that homingd takes", name, FILE_MOST >> 20);
	if (f != stdin)
		fclose(f);
	if (ok)
		return bytes;
	free(bytes);
	return NULL;
}

/* On a terminal, what is going on: a large zone takes seconds. */
static void
show_progress(void *arg, size_t sent, size_t size)
{
	bool *shown = arg;

	if (size < 1 << 20 || !isatty(STDERR_FILENO))
		return;
	if (sent < size)
		fprintf(stderr, "\rsending: %zu %%  ", 100 * sent / size);
	else
		fprintf(stderr, "\rhomingd compares it with the zone ...");
	*shown = true;
}

static void
print_change(const json_t *c)
{
	printf("%s %s %lld %s %s\n", strcmp(text_of(c, "op"), "add") == 0 ? "+" : "-", text_of(c, "name"), int_of(c, "ttl"),
	    text_of(c, "type"), text_of(c, "rdata"));
}

static void
print_import(const struct cli *c, const json_t *reply)
{
	long long added = int_of(reply, "added"), deleted = int_of(reply, "deleted");
	const json_t *changes = json_object_get(reply, "changes");

	for (size_t i = 0; i < json_array_size(changes); i++)
		print_change(json_array_get(changes, i));
	if (int_of(reply, "changes_left_off") > 0)
		printf("... and %lld more\n", int_of(reply, "changes_left_off"));
	if ((c->args.given & OPTION_DRY_RUN) != 0)
		printf("%s would get %lld record%s and lose %lld\n", text_of(reply, "zone"), added, plural(added), deleted);
	else if (int_of(reply, "changed") == 0)
		printf("nothing changes: %s has all of it, and nothing else\n", text_of(reply, "zone"));
	else
		printf("%s has the serial %lld: %lld record%s more, %lld gone\n", text_of(reply, "zone"), int_of(reply, "serial"), added,
		    plural(added), deleted);
}

enum outcome
zone_import(struct cli *c, const char *zone, const char *file)
{
	bool shown = false;
	size_t size;
	char *bytes = file_read(file, &size), *path;
	json_t *reply;
	enum outcome outcome;
	int status;

	if (bytes == NULL)
		return NOT_SO;
	path = http_path((c->args.given & OPTION_DRY_RUN) != 0 ? "/v1/zones/%s/file?file=%s&owner=%s&why=%s&dry_run=yes" :
	    "/v1/zones/%s/file?file=%s&owner=%s&why=%s", zone, file, owner(), c->args.why != NULL ? c->args.why : "");
	status = http_upload(c->http, path, "text/dns", bytes, size, show_progress, &shown, &reply);
	if (shown)
		fprintf(stderr, "\r%40s\r", "");
	outcome = answered(c, status, &reply);
	if (outcome == DONE && (c->args.given & OPTION_JSON) == 0)
		print_import(c, reply);
	json_decref(reply);
	free(path);
	free(bytes);
	return outcome;
}
