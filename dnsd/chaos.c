/* chaos.c - what the server says of itself in class CH. */
#include "dnsd/chaos.h"

enum chaos_fact { CHAOS_NONE, CHAOS_VERSION, CHAOS_IDENTITY };

static const struct {
	const char *name;                      /* wire form, lower case; its end is the root label */
	enum chaos_fact fact;
} chaos_names[] = {
	{ "\7version\4bind", CHAOS_VERSION },
	{ "\7version\6server", CHAOS_VERSION },
	{ "\2id\6server", CHAOS_IDENTITY },
	{ "\10hostname\4bind", CHAOS_IDENTITY },
};

static enum chaos_fact
chaos_find(const struct question *q)
{
	for (size_t i = 0; i < sizeof(chaos_names) / sizeof(chaos_names[0]); i++) {
		const uint8_t *name = (const uint8_t *)chaos_names[i].name;
		unsigned n = 0;

		/* A difference comes at the latest where the shorter name has its root label. */
		while (n < q->name_size && dname_fold(q->name[n]) == name[n])
			n++;
		if (n == q->name_size)
			return chaos_names[i].fact;
	}
	return CHAOS_NONE;
}

void
chaos_answer(struct reply *r, const struct snapshot *s, const struct question *q)
{
	enum chaos_fact fact = chaos_find(q);
	const uint8_t *text = fact == CHAOS_VERSION ? s->version : s->nsid;
	unsigned size = fact == CHAOS_VERSION ? s->version_size : s->nsid_size;
	struct wr *w = &r->w;

	if (fact == CHAOS_NONE || size == 0 || (q->type != TYPE_TXT && q->type != TYPE_ANY)) {
		r->rcode = RCODE_REFUSED;
		return;
	}
	r->flags |= FLAG_AA;
	r->kind = LIMIT_DATA;
	r->about = q->name;
	wr_u16(w, 0xC000 | HEADER_SIZE);
	wr_u16(w, TYPE_TXT);
	wr_u16(w, CLASS_CH);
	wr_u32(w, 0);                          /* RFC 4892, 4: such an answer is for now */
	wr_u16(w, size + 1);
	wr_u8(w, size);
	wr_bytes(w, text, size);
	r->ancount++;
}
