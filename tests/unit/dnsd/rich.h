/* rich.h - zones that hold one of everything, and queries to them. For the tests, the fuzzer and
 * the benchmark of the query path; each includes it once. */
#ifndef TESTS_RICH_H
#define TESTS_RICH_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/dname.h"
#include "dnsd/answer.h"
#include "dnsd/question.h"
#include "dnsd/snapshot.h"
#include "dnsd/wire.h"
#include "zones/zone.h"

#pragma GCC diagnostic ignored "-Wunused-function"

static const char rich_example[] =
	"$TTL 300\n"
	"@ SOA ns1 hostmaster 7 3600 900 604800 60\n"
	"@ NS ns1\n@ NS ns2.example.net.\n@ MX 10 mail\n@ TXT \"v=spf1 -all\"\n@ A 192.0.2.1\n"
	"ns1 A 192.0.2.53\n"
	"mail A 192.0.2.25\n"
	"www A 192.0.2.80\nwww AAAA 2001:db8::80\nwww TXT \"one\" \"two\"\n"
	"alias CNAME www\n"
	"out CNAME www.elsewhere.test.\n"
	"cross CNAME host.example.net.\n"
	"crossnx CNAME nothing.example.net.\n"
	"dangling CNAME nothing\n"
	"nodata CNAME mail\n"
	"loop1 CNAME loop2\nloop2 CNAME loop1\nself CNAME self\n"
	"tosub CNAME www.sub\n"
	"tochild CNAME www.child\n"
	"*.wild A 192.0.2.99\n*.wild TXT \"wild\"\n"
	"real.wild A 192.0.2.98\n"
	"*.wildalias CNAME www\n"
	"*.wildloop CNAME x.wildloop\n"
	"a.b.empty A 192.0.2.3\n"
	"sub NS ns.sub\nsub NS ns.other.sub\nsub NS ns1.example.com.\nsub NS ns.elsewhere.test.\n"
	"sub DS 1 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"ns.sub A 192.0.2.61\nns.sub AAAA 2001:db8::61\nns.other.sub A 192.0.2.62\n"
	"insecure NS ns.insecure\nns.insecure A 192.0.2.63\n"
	"child NS ns1.child\nns1.child A 192.0.2.70\n"
	"child DS 2 8 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	"dname DNAME www.example.net.\n"
	"here DNAME wild\n"
	"dnameloop DNAME dnameloop\n"
	"far DNAME a.long.way.away.elsewhere.test.\n"
	"todname CNAME a.dname\n"
	"srv SRV 1 2 80 www\n"
	"web HTTPS 1 . alpn=h2\nweb HTTPS 2 www\nweb A 192.0.2.83\n"
	"webalias HTTPS 0 web\n"
	"caa CAA 0 issue \"ca.test\"\n"
	"unknown TYPE65280 \\# 3 010203\n";

static const char rich_net[] =
	"$TTL 120\n"
	"@ SOA ns hostmaster 9 3600 900 604800 30\n@ NS ns\nns A 198.51.100.53\n"
	"host A 198.51.100.7\nhost AAAA 2001:db8:1::7\n"
	"back CNAME www.example.com.\n"
	"x.www A 198.51.100.8\n";

static const char rich_child[] =
	"$TTL 60\n@ SOA ns1 hostmaster 3 3600 900 604800 10\n@ NS ns1\nns1 A 192.0.2.70\nwww A 192.0.2.71\n";

enum { RICH_ZONES = 3 };

struct rich {
	struct zone *zones[RICH_ZONES];
	struct snapshot *snapshot;
	_Atomic uint32_t rotor;
};

static const uint8_t *
rich_name(const char *text, uint8_t out[DNAME_MAX])
{
	size_t n = dname_parse(text, out);

	assert(n > 0);
	(void)n;
	return out;
}

/* What does not lend itself to being written out: long chains, many name servers, RRsets of each size. */
static char *
rich_long(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs(rich_example, f);
	for (int i = 1; i < 20; i++)           /* chain1 to www: 20 links, chain4: 17, chain5: 16 */
		fprintf(f, "chain%d CNAME chain%d\n", i, i + 1);
	fputs("chain20 CNAME www\n", f);
	for (int i = 0; i < 13; i++)           /* a referral that fits in 1232 bytes only without its glue */
		fprintf(f, "many NS ns%d.many\nns%d.many A 203.0.113.%d\nns%d.many AAAA 2001:db8:2::%d\n", i, i, i, i, i);
	for (int i = 0; i < 400; i++)          /* one beyond 16 KiB: not all of its names can be compressed */
		fprintf(f, "huge NS nameserver-%03d-of-so-many.huge\nnameserver-%03d-of-so-many.huge A 203.0.114.1\n", i, i);
	for (int i = 0; i < 3; i++) {          /* siblings' glue is not needed */
		fprintf(f, "sibling NS ns%d.insecure\n", i);
		for (int k = 0; k < 20; k++)
			fprintf(f, "ns%d.insecure A 203.0.115.%d\n", i, i * 20 + k);
	}
	for (int i = 0; i < 60; i++)           /* 60 * 16 bytes: above 512, below 1232 */
		fprintf(f, "sixty A 10.0.0.%d\n", i);
	for (int i = 0; i < 250; i++)          /* 60,000 bytes: TCP alone */
		fprintf(f, "vast TXT \"%03d%0200d\"\n", i, i);
	fputs("tovast CNAME vast\n", f);
	fprintf(f, "%s%s%s CNAME www\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.",
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.", "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
	fclose(f);
	return text;
}

static struct zone *
rich_parse(const char *apex, const char *text)
{
	uint8_t name[DNAME_MAX];
	struct diag diag = { 0 };
	struct zone *z = zone_parse(rich_name(apex, name), text, strlen(text), "test", &diag);

	for (size_t i = 0; i < diag.count; i++)
		fprintf(stderr, "%s\n", diag.messages[i]);
	assert(z != NULL && diag.count == 0);
	return z;
}

/* svc: three addresses, two of them in each answer, the next ones each time; fixed: three, always all, of four that are configured. */
static void
rich_services(struct zone_edit *e, _Atomic uint32_t *rotor)
{
	uint8_t name[DNAME_MAX];
	struct rrbuf *b = rrbuf_new();

	for (int i = 0; i < 2; i++) {
		rrbuf_begin(b, TYPE_A, CLASS_IN, 5);
		for (uint8_t k = 1; k <= 3; k++)
			rrbuf_add(b, (const uint8_t[]){ 10, 1, 0, k }, 4);
		if (i == 0)
			rrbuf_rotate(b, rotor, 2);
		zone_put(e, rich_name(i == 0 ? "svc.example.com" : "fixed.example.com", name), b);
		zone_mark_service(e, name, 0);
	}
	rrbuf_begin(b, TYPE_A, CLASS_IN, 30);
	for (uint8_t k = 1; k <= 4; k++)
		rrbuf_add(b, (const uint8_t[]){ 10, 1, 0, k }, 4);
	zone_put_configured(e, name, TYPE_A, b);
	rrbuf_begin(b, TYPE_CNAME, CLASS_IN, 60);
	rich_name("svc.example.com", name);
	rrbuf_add(b, name, dname_length(name));
	zone_put(e, rich_name("tosvc.example.com", name), b);
	rrbuf_free(b);
}

static void
rich_make(struct rich *r)
{
	char *text = rich_long();
	struct zone *plain = rich_parse("example.com", text);
	struct zone_edit *e = zone_edit(plain);
	struct garbage *garbage;

	free(text);
	atomic_init(&r->rotor, 0);
	rich_services(e, &r->rotor);
	r->zones[0] = zone_commit(e, &garbage);
	garbage_free(garbage);
	r->zones[1] = rich_parse("example.net", rich_net);
	r->zones[2] = rich_parse("child.example.com", rich_child);
	r->snapshot = snapshot_new(zone_set_new(r->zones, RICH_ZONES), &(struct snapshot_terms){ NULL }, "node-a", "homing test");
}

/* With the snapshot unpublished. */
static void
rich_free(struct rich *r)
{
	zone_set_free(r->snapshot->zones);
	free(r->snapshot);
	for (int i = 0; i < RICH_ZONES; i++)
		zone_free(r->zones[i]);
}

/* ---- queries ---- */

struct ask {
	const char *name;
	uint16_t type, class;          /* class 0: IN */
	uint16_t udp_size;             /* 0: no EDNS */
	uint16_t flags;                /* RD, CD, opcode */
	bool dnssec_ok, nsid;
	uint8_t version;
};

static size_t
ask_write(const struct ask *a, uint8_t *out, size_t room)
{
	struct wr w = wr_begin(out, room);
	uint8_t name[DNAME_MAX];

	dname_parse(a->name, name);
	wr_u16(&w, 0x1234);
	wr_u16(&w, a->flags);
	wr_u16(&w, 1);
	wr_u32(&w, 0);
	wr_u16(&w, a->udp_size > 0);
	wr_bytes(&w, name, dname_length(name));
	wr_u16(&w, a->type);
	wr_u16(&w, a->class > 0 ? a->class : CLASS_IN);
	if (a->udp_size > 0) {
		wr_u8(&w, 0);
		wr_u16(&w, TYPE_OPT);
		wr_u16(&w, a->udp_size);
		wr_u8(&w, 0);
		wr_u8(&w, a->version);
		wr_u16(&w, a->dnssec_ok ? 0x8000 : 0);
		wr_u16(&w, a->nsid ? 4 : 0);
		if (a->nsid)
			wr_u32(&w, 3u << 16);
	}
	assert(!w.full);
	return wr_size(&w);
}

#define ASIDE SIZE_MAX                 /* the size of an answer that was left aside */

/* One message as any client's. */
static inline size_t
answer(const struct snapshot *s, enum transport t, const uint8_t *query, size_t size, uint8_t *out)
{
	static const struct addr client = { .family = 4, .bytes = { 192, 0, 2, 1 }, .port = 4242 };
	const struct answer_terms terms = { .transport = t, .now_s = 1700000000 };
	struct answer_job job = { .query = query, .size = size, .client = &client, .out = out };

	answer_one(s, &terms, &job);
	return job.aside ? ASIDE : job.answered;
}

/* ---- whether bytes are a message ---- */

/* A name, its pointers followed; they must lead backwards. */
static bool
message_name(const uint8_t *m, size_t size, size_t *at)
{
	size_t p = *at, length = 1, before = *at;
	bool jumped = false;

	for (;;) {
		if (p >= size)
			return false;
		if (m[p] >= 0xC0) {
			if (p + 2 > size)
				return false;
			size_t target = be16_get(m + p) & 0x3FFFu;
			if (!jumped)
				*at = p + 2;
			jumped = true;
			if (target < 12 || target >= before)
				return false;
			p = before = target;
		} else if (m[p] > LABEL_MAX) {
			return false;
		} else if (m[p] == 0) {
			if (!jumped)
				*at = p + 1;
			return length <= DNAME_MAX;
		} else {
			length += m[p] + 1u;
			p += m[p] + 1u;
		}
	}
}

/* Counts that say what is there, whole RRs, names that can be read, nothing behind the last. */
static bool
message_whole(const uint8_t *m, size_t size)
{
	size_t at = 12;

	if (size < 12 || be16_get(m + 4) > 1)
		return false;
	if (be16_get(m + 4) == 1) {
		if (!message_name(m, size, &at) || at + 4 > size)
			return false;
		at += 4;
	}
	unsigned records = (unsigned)be16_get(m + 6) + be16_get(m + 8) + be16_get(m + 10);
	for (; records > 0; records--) {
		if (!message_name(m, size, &at) || at + 10 > size)
			return false;
		size_t type = be16_get(m + at), end = at + 10 + be16_get(m + at + 8), name = at + 10;

		if (end > size)
			return false;
		if ((type == TYPE_NS || type == TYPE_CNAME || type == TYPE_SOA || type == TYPE_DNAME)
		    && (!message_name(m, size, &name) || name > end))
			return false;
		at = end;
	}
	return at == size;
}

#endif
