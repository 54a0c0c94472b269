/* fuzz_zonefile.c - any bytes as a master file, and any zone that comes of it walked, asked and changed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "zones/rrbuf.h"
#include "zones/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ldns loses a few bytes of some fields that it refuses (IPSECKEY with a broken key). The unit tests, which
 * run without this, see to it that we lose nothing of what ldns gives. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libldns\n";
}

static const uint8_t apex[] = "\7example";

/* What is asked of a name: itself, below it and beside it; a cut must have a referral, pointers within their bytes. */
static void
ask(const struct zone *z, const struct node *n)
{
	const struct packed *p = node_referral(n);
	uint8_t below[DNAME_MAX + 2] = "\1X";
	size_t length = dname_length(node_name(n));
	const struct node *found;
	enum find how;

	assert(zone_at(z, node_name(n)) == n);
	how = zone_find(z, node_name(n), TYPE_A, &found);
	assert(how == FIND_NODE || how == FIND_CUT || how == FIND_DNAME);
	assert(how != FIND_NODE || found == n);
	if (p != NULL) {
		assert(p->nscount > 0 && p->need <= p->size && p->arneed <= p->arcount);
		for (unsigned i = 0; i < p->npointers; i++)
			assert(p->pointers[i] + 2 <= p->size);
	}
	if (length + 2 > DNAME_MAX)
		return;
	memcpy(below + 2, node_name(n), length);
	how = zone_find(z, below, TYPE_DS, &found);
	assert(how != FIND_CUT || node_referral(found) != NULL);
	below[0] = 1;
	below[1] = '*';
	zone_find(z, below, TYPE_A, &found);
}

static size_t
walk(const struct zone *z)
{
	const struct node *n = NULL;
	size_t count = 0;

	for (; (n = zone_next(z, n)) != NULL; count++) {
		const struct rrset *s = NULL;
		size_t sets = 0;

		while ((s = node_next(n, s)) != NULL) {
			const uint8_t *p = s->bytes;
			struct rr rr;

			for (unsigned i = 0; i < s->count; i++)
				p = rr_read(p, &rr);
			assert(p == s->bytes + s->size && s->count > 0);
			assert(node_rrset(n, s->type) == s);
			sets++;
		}
		assert(sets > 0);
		ask(z, n);
	}
	assert(count == zone_names(z));
	return count;
}

/* Takes out every other name, a type at a time, and puts NS and A where the bytes say. */
static struct zone *
change(struct zone *z, const uint8_t *data, size_t size)
{
	struct zone_edit *e = zone_edit(z);
	struct rrbuf *b = rrbuf_new();
	const struct node *n = NULL;
	struct garbage *garbage;
	struct zone *next;

	for (size_t i = 0; (n = zone_next(z, n)) != NULL; i++) {
		unsigned what = size > 0 ? data[i % size] % 4 : 0;

		if (what == 0) {
			for (const struct rrset *s = NULL; (s = node_next(n, s)) != NULL;)
				zone_remove(e, node_name(n), s->type);
		} else if (what == 1) {
			rrbuf_begin(b, TYPE_NS, CLASS_IN, 1);
			rrbuf_add(b, node_name(n), dname_length(node_name(n)));
			rrbuf_add(b, apex, sizeof(apex));
			zone_put(e, node_name(n), b);
		} else if (what == 2) {
			rrbuf_begin(b, TYPE_A, CLASS_IN, 1);
			rrbuf_add(b, "abcd", 4);
			zone_put(e, node_name(n), b);
		}
	}
	next = zone_commit(e, &garbage);
	walk(z);
	garbage_free(garbage);
	rrbuf_free(b);
	return next;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "$TTL 1\n@ SOA a. b. 1 2 3 4 5\n@ NS a.\n";
	char *text = malloc(sizeof(head) + size);
	struct diag d = { 0 };
	struct zone *z;

	if (text == NULL)
		return 0;
	memcpy(text, head, sizeof(head) - 1);
	if (size > 0)
		memcpy(text + sizeof(head) - 1, data, size);
	z = zone_parse(apex, text, sizeof(head) - 1 + size, "fuzz", &d);
	assert((z == NULL) == (d.count > 0));
	if (z != NULL) {
		walk(z);
		z = change(z, data, size);
		walk(z);
		zone_free(z);
	}
	diag_clear(&d);
	free(text);
	return 0;
}
