/* find.c - what a name means in a zone: RFC 1034, 4.3.2, step 3, with RFC 4592 and RFC 6672.
 *
 * One walk finds the name's node or the leaf nearest to it, and the topmost cut or
 * DNAME on the way. How many labels the name shares with the nearest leaf tells
 * the closest encloser, and with it empty non-terminals: they are nowhere stored.
 *
 * Part of the query path: no allocation, no lock, no library. */
#include <string.h>

#include "zones/plane.h"

struct sought {
	uint8_t length;                /* of name */
	uint8_t inside;                /* bytes of it before the apex */
	uint8_t name[DNAME_MAX + 9];   /* folded; room to fold by eight */
	struct key key;
};

/* ASCII upper case to lower, eight bytes at a time; length bytes, below 64, stay as they are. */
static void
sought_fold(struct sought *s)
{
	const uint64_t ones = 0x0101010101010101;

	for (unsigned i = 0; i < s->length; i += 8) {
		uint64_t w, low, upper;

		memcpy(&w, s->name + i, sizeof(w));
		low = w & 0x7f * ones;
		upper = (low + (0x80 - 'A') * ones) & ~(low + (0x7f - 'Z') * ones) & ~w & 0x80 * ones;
		w |= upper >> 2;
		memcpy(s->name + i, &w, sizeof(w));
	}
}

static void
sought_read(struct sought *s, const struct zone *z, const uint8_t *name)
{
	unsigned length = 0;

	while (name[length] != 0)
		length += name[length] + 1u;
	s->length = (uint8_t)++length;
	s->inside = (uint8_t)(length - z->apex_length);
	memcpy(s->name, name, length);
	memset(s->name + length, 0, 8);
	sought_fold(s);
	s->key.length = 0;
	key_add(&s->key, s->name, s->inside);
}

static bool
sought_is(const struct sought *s, const struct node *n)
{
	return s->length == n->name_length && memcmp(s->name, n->name, s->length) == 0;
}

/* Is name, of length bytes, at or under ancestor? Both folded. */
static bool
name_is_under(const uint8_t *name, unsigned length, const uint8_t *ancestor, unsigned ancestor_length)
{
	while (length > ancestor_length) {
		length -= *name + 1u;
		name += *name + 1;
	}
	return length == ancestor_length && memcmp(name, ancestor, length) == 0;
}

/* Where the labels that begin before end do; returns how many. */
static unsigned
name_labels(const uint8_t *name, unsigned end, uint8_t starts[LABELS_MAX])
{
	unsigned n = 0;

	for (unsigned at = 0; at < end; at += name[at] + 1u)
		starts[n++] = (uint8_t)at;
	return n;
}

/* The offset in s->name of the longest suffix that n's name has too: the closest encloser. */
static unsigned
sought_encloser(const struct sought *s, const struct node *n)
{
	uint8_t ours[LABELS_MAX], theirs[LABELS_MAX];
	unsigned apex_length = s->length - s->inside, at = s->inside;
	unsigned i = name_labels(s->name, s->inside, ours), k = name_labels(n->name, n->name_length - apex_length, theirs);

	while (i > 0 && k > 0) {
		const uint8_t *label = s->name + ours[--i], *their = n->name + theirs[--k];

		/* The lengths first: theirs may be the shorter one, and end the node's memory. */
		if (*label != *their || memcmp(label + 1, their + 1, *label) != 0)
			break;
		at = ours[i];
	}
	return at;
}

/* The source of synthesis: "*" directly below the closest encloser, which is at offset in s->name (RFC 4592, 3.3.1). */
static enum find
find_wildcard(const struct zone *z, const struct sought *s, unsigned offset, const struct node **node)
{
	uint8_t name[DNAME_MAX + 2] = "\1*";
	unsigned length = 2u + (s->length - offset);
	const struct twig *twig;
	const struct node *n;
	struct key key;

	/* A label before the encloser was longer than none: the name cannot be too long. */
	memcpy(name + 2, s->name + offset, s->length - offset);
	key.length = 0;
	key_add(&key, name, length - z->apex_length);
	twig = trie_walk(&z->names, &key, 0, NULL);
	n = twig->to.leaf;
	if (!name_is_under(n->name, n->name_length, name, length))
		return FIND_NONE;
	if (n->name_length != length)
		return FIND_EMPTY;
	*node = n;
	return FIND_WILDCARD;
}

/* What a cut or DNAME at or above the name makes of it; FIND_NONE: nothing. */
static enum find
find_above(const struct sought *s, const struct node *n, uint16_t qtype)
{
	bool itself = s->length == n->name_length;

	if (!name_is_under(s->name, s->length, n->name, n->name_length))
		return FIND_NONE;
	if ((n->flags & NODE_CUT) != 0)
		return itself && qtype == TYPE_DS ? FIND_NODE : FIND_CUT;
	return itself ? FIND_NODE : FIND_DNAME;
}

/* What a finished walk for s found. */
static enum find
zone_judge(const struct zone *z, const struct sought *s, const struct trie_walker *w, uint16_t qtype, const struct node **node)
{
	unsigned encloser;

	if (w->above != NULL) {
		enum find found = find_above(s, w->above->to.leaf, qtype);

		*node = w->above->to.leaf;     /* void unless found */
		if (found != FIND_NONE)
			return found;
	}
	*node = NULL;
	if (w->twig == NULL)
		return s->inside == 0 ? FIND_EMPTY : FIND_NONE;
	if (sought_is(s, w->twig->to.leaf)) {
		*node = w->twig->to.leaf;
		return FIND_NODE;
	}
	encloser = sought_encloser(s, w->twig->to.leaf);
	if (encloser == 0)
		return FIND_EMPTY;
	if (z->wildcards == 0)
		return FIND_NONE;
	return find_wildcard(z, s, encloser, node);
}

enum find
zone_find(const struct zone *z, const uint8_t *name, uint16_t qtype, const struct node **node)
{
	struct sought s;
	struct trie_walker w = { .trie = &z->names, .key = &s.key, .flags = OCCLUDING };

	sought_read(&s, z, name);
	trie_walk_many(&w, 1);
	return zone_judge(z, &s, &w, qtype, node);
}

/* A node's head, name and first RRset lie in its first two cache lines. */
static void
node_prefetch(const struct twig *twig)
{
	if (twig == NULL)
		return;
	__builtin_prefetch(twig->to.leaf);
	__builtin_prefetch((const char *)twig->to.leaf + 64);
}

void
zone_set_look_up(const struct zone_set *set, struct look_up *l, unsigned n)
{
	struct sought soughts[LOOK_UPS_MAX];
	struct trie_walker walkers[LOOK_UPS_MAX];
	unsigned of[LOOK_UPS_MAX], walks = 0;  /* whose walk it is */

	for (unsigned i = 0; i < n; i++) {
		l[i].zone = zone_set_find(set, l[i].name, l[i].qtype);
		if (l[i].zone == NULL)
			continue;
		sought_read(&soughts[walks], l[i].zone, l[i].name);
		walkers[walks] = (struct trie_walker){ .trie = &l[i].zone->names, .key = &soughts[walks].key, .flags = OCCLUDING };
		of[walks++] = i;
	}
	trie_walk_many(walkers, walks);
	for (unsigned i = 0; i < walks; i++)
		node_prefetch(walkers[i].twig);
	for (unsigned i = 0; i < walks; i++) {
		struct look_up *mine = &l[of[i]];

		mine->found = zone_judge(mine->zone, &soughts[i], &walkers[i], mine->qtype, &mine->node);
	}
}

const struct node *
zone_at(const struct zone *z, const uint8_t *name)
{
	const struct twig *twig;
	struct sought s;

	sought_read(&s, z, name);
	twig = trie_walk(&z->names, &s.key, 0, NULL);
	return twig != NULL && sought_is(&s, twig->to.leaf) ? twig->to.leaf : NULL;
}

const struct node *
zone_next(const struct zone *z, const struct node *after)
{
	const struct twig *twig;
	struct key key;

	key.length = 0;
	if (after != NULL)
		key_add(&key, after->name, (size_t)after->name_length - z->apex_length);
	twig = after != NULL ? trie_next(&z->names, &key) : trie_first(&z->names);
	return twig != NULL ? twig->to.leaf : NULL;
}

const struct node *
plane_twin(const struct zone *z, const struct node *n)
{
	const struct twig *twig;
	const struct node *twin;
	struct key key;

	if ((n->flags & NODE_SERVICE) == 0 || z->configured.leaves == 0)
		return NULL;
	key.length = 0;
	key_add(&key, n->name, (size_t)n->name_length - z->apex_length);
	twig = trie_walk(&z->configured, &key, 0, NULL);
	twin = twig->to.leaf;
	return twin->name_length == n->name_length && memcmp(twin->name, n->name, n->name_length) == 0 ? twin : NULL;
}

const struct node *
node_configured(const struct zone *z, const struct node *n)
{
	const struct node *twin = plane_twin(z, n);

	return twin != NULL ? twin : n;
}

bool
zone_has_planes(const struct zone *z)
{
	return z->configured.leaves > 0;
}

const uint8_t *
zone_apex(const struct zone *z)
{
	return z->apex;
}

const struct packed *
zone_negative(const struct zone *z)
{
	return z->negative;
}

uint32_t
zone_serial(const struct zone *z)
{
	return z->serial;
}

size_t
zone_names(const struct zone *z)
{
	return z->names.leaves;
}

unsigned
zone_index(const struct zone *z)
{
	return z->index;
}

bool
zone_is_private(const struct zone *z)
{
	return z->private;
}

const struct zone *
zone_set_find(const struct zone_set *set, const uint8_t *name, uint16_t qtype)
{
	const struct twig *leaves[LABELS_MAX + 1];
	static const struct zone root = { .apex_length = 1 };
	const struct zone *exact = NULL;
	struct sought s;
	unsigned n;

	sought_read(&s, &root, name);
	n = trie_ancestors(&set->zones, &s.key, leaves);
	while (n-- > 0) {
		const struct zone *z = leaves[n]->to.leaf;

		if (!name_is_under(s.name, s.length, z->apex, z->apex_length))
			continue;
		if (qtype != TYPE_DS || z->apex_length != s.length)
			return z;
		exact = z;                     /* its parent is asked first */
	}
	return exact;
}
