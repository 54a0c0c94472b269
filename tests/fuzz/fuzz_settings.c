/* fuzz_settings.c - hostile settings over HTTP, and hostile texts in homing.db: what comes of a body is always one group of the name that
 * the path has, so that nothing a client says gets into the configuration beside it; and no text does more harm than a mistake. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/settings.h"
#include "base/mem.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char file[] =
    "checks = ( { name = \"alive\"; type = \"ping\"; } );\n"
    "servers = ( { name = \"db1\"; interfaces = ( { name = \"a\"; address = \"10.1.0.1\"; } ); } );\n"
    "services = ( { name = \"www.example.com\"; servers = [ \"db1\" ]; } );\n";

static struct conf *base;

/* Adds it. whole: the text must be one group of that name, whatever is in it. */
static void
amend(struct conf_more *more, bool whole)
{
	struct diag diag = { 0 };
	struct conf *c = conf_amend(base, more, 1, &diag);

	if ((c == NULL) != (diag.count > 0) || (c == NULL) != (more->mistakes > 0))
		abort();
	for (size_t i = 0; whole && i < diag.count; i++)
		if (strncmp(diag.messages[i], "run time: s", 11) != 0)         /* servers... or services...: no syntax, no other group */
			abort();
	if (c != NULL && (c->nchecks != base->nchecks || c->nservices != 1 || c->nservers != 1u + (more->service == NULL) ||
	    c->services[0].nmembers != 1u + (more->service != NULL)))
		abort();
	conf_free(c);
	diag_clear(&diag);
}

static void
body(const uint8_t *data, size_t size, const char *service, const char *key, const char *name)
{
	char owner[OWNER_MAX + 1], *text;
	struct body_error error;

	text = settings_text((const char *)data, size, key, name, owner, &error);
	if ((text == NULL) != (error.message[0] != '\0') || strlen(owner) > OWNER_MAX)
		abort();
	if (text != NULL)
		amend(&(struct conf_more){ .service = service, .name = name, .text = text, .owner = owner }, true);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag diag = { 0 };
	char *text;

	if (base == NULL)
		base = conf_parse(file, sizeof(file) - 1, "/fuzz/homing.conf", &diag);
	body(data, size, NULL, "name", "db9");
	body(data, size, "www.example.com", "server", "db1");
	text = mem_printf("%.*s", (int)size, (const char *)data);
	amend(&(struct conf_more){ .name = "db9", .text = text, .owner = "" }, false);
	free(text);
	return 0;
}
