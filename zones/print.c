/* print.c - names as lines of a master file. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "zones/node.h"
#include "zones/rdata.h"
#include "zones/rrbuf.h"

struct text {
	char *bytes;                   /* ends with a zero byte */
	size_t size, room;
};

static void
text_add(struct text *t, const char *more)
{
	size_t n = strlen(more);

	if (t->room - t->size < n + 1) {
		t->room = 2 * t->room + n + 1;
		t->bytes = mem_resize(t->bytes, t->room);
	}
	memcpy(t->bytes + t->size, more, n + 1);
	t->size += n;
}

static void
print_rrset(struct text *t, const char *owner, const struct rrset *s)
{
	const uint8_t *rr = s->bytes;
	char type[TYPE_TEXT];
	struct rr parts;

	type_format(s->type, type);
	for (unsigned i = 0; i < s->count; i++) {
		char *rdata, *line;

		rr = rr_read(rr, &parts);
		rdata = rdata_print(s->type, parts.rdata, parts.rdlength);
		line = mem_printf("%s\t%u\tIN\t%s\t%s\n", owner, parts.ttl, type, rdata);
		text_add(t, line);
		free(line);
		free(rdata);
	}
}

char *
node_print(const struct node *n, size_t *size)
{
	char owner[DNAME_TEXT + 1];
	struct text t = { 0 };

	dname_format(n->name, owner);
	if (n->name[0] != 0)                   /* the root is a dot already */
		strcat(owner, ".");
	text_add(&t, "");
	for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;)
		print_rrset(&t, owner, s);
	*size = t.size;
	return t.bytes;
}
