/* answer.c - nanoseconds per answer(), by kind of answer: what a query costs besides the kernel.
 *
 * Each row asks one question over and over, in varied order of rows' neighbours
 * in the zone: a zone of 100,000 names, so that look-ups miss the first-level cache as real ones do. */
#include "base/clock.h"
#include "tests/unit/dnsd/rich.h"

enum { NAMES = 100000, ROUNDS = 2000000, BATCH = 1024 };

static uint8_t queries[BATCH][128];
static size_t sizes[BATCH];
static uint8_t out[ANSWER_TCP_MAX];

static struct zone *
big_zone(void)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("$TTL 300\n@ SOA ns1 hostmaster 7 3600 900 604800 60\n@ NS ns1\nns1 A 192.0.2.53\n", f);
	for (int i = 0; i < NAMES; i++)
		fprintf(f, "host%d A 10.0.%d.%d\n", i, i >> 8 & 255, i & 255);
	fclose(f);
	struct zone *z = rich_parse("example.org", text);
	free(text);
	return z;
}

/* form may have one %d, which is then a host's number. */
static void
fill(const char *form, uint16_t type)
{
	uint32_t state = 1;

	for (int i = 0; i < BATCH; i++) {
		char name[100];
		struct ask a = { .name = name, .type = type, .udp_size = 1232 };

		state = state * 1664525 + 1013904223;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(name, sizeof(name), form, (int)(state >> 8) % NAMES);
#pragma GCC diagnostic pop
		sizes[i] = ask_write(&a, queries[i], sizeof(queries[i]));
	}
}

static void
measure(const struct snapshot *s, const char *what)
{
	uint64_t best = UINT64_MAX;

	for (int run = 0; run < 3; run++) {            /* the best of three: the machine has other things to do */
		uint64_t start = clock_mono_us();
		size_t bytes = 0;

		for (int i = 0; i < ROUNDS; i++)
			bytes += answer(s, TRANSPORT_UDP, queries[i % BATCH], sizes[i % BATCH], out);
		uint64_t took = clock_mono_us() - start;

		assert(bytes > 0);
		if (took < best)
			best = took;
	}
	printf("%-32s %6.1f ns\n", what, (double)best * 1000 / ROUNDS);
}

int
main(void)
{
	static const struct {
		const char *what, *form;
		uint16_t type;
	} rows[] = {
		{ "service, rotating", "svc.example.com", TYPE_A },
		{ "service, all addresses", "fixed.example.com", TYPE_A },
		{ "static name", "www.example.com", TYPE_A },
		{ "static name, of 100,000", "host%d.example.org", TYPE_A },
		{ "no such name, of 100,000", "no%d.example.org", TYPE_A },
		{ "no such type", "www.example.com", TYPE_MX },
		{ "wildcard", "x%d.wild.example.com", TYPE_A },
		{ "CNAME, one link", "alias.example.com", TYPE_A },
		{ "CNAME, across zones", "cross.example.com", TYPE_A },
		{ "CNAME, ten links", "chain11.example.com", TYPE_A },
		{ "referral with glue", "x%d.sub.example.com", TYPE_A },
		{ "refused", "www%d.elsewhere.test", TYPE_A },
	};
	struct rich rich;

	rich_make(&rich);
	struct zone *zones[RICH_ZONES + 1] = { rich.zones[0], rich.zones[1], rich.zones[2], big_zone() };
	struct snapshot *s = snapshot_new(zone_set_new(zones, RICH_ZONES + 1), &(struct snapshot_terms){ NULL }, NULL, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fill(rows[i].form, rows[i].type);
		measure(s, rows[i].what);
	}
	zone_set_free(s->zones);
	free(s);
	zone_free(zones[RICH_ZONES]);
	rich_free(&rich);
	return 0;
}
