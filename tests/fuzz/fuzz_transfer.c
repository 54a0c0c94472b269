/* fuzz_transfer.c - any bytes as the request of a transfer: messages that are well formed, and of which the zone can be read again.
 *
 *     room, 2 bytes | serial, its last byte | transport, plane and type | the request, a message
 *
 * A request that could be asked for any zone is asked of one with a history; its type is made AXFR or IXFR. */
#include "base/log.h"
#include "dnsd/reports.h"
#include "dnsd/transfer.h"
#include "tests/unit/dnsd/past.h"
#include "tests/unit/dnsd/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 4, STEPS = 12 };

static struct past *
past_make(void)
{
	static struct rich rich;               /* kept until the process ends */
	struct past *p;
	static const char *const names[] = { "new.example.com", "www.example.com", "fixed.example.com" };      /* the last, a service */
	uint8_t name[DNAME_MAX];

	snapshot_open();
	rich_make(&rich);
	p = past_begin(rich.zones[0]);
	for (unsigned i = 0; i < STEPS; i++)
		past_put(p, rich_name(names[i % 3], name), i, i % 3 == 2);
	return p;
}

/* The records of one message: how many, and whether the last is an SOA. */
static size_t
message_records(const uint8_t *m, size_t size, bool *soa)
{
	size_t at = 12, count = be16_get(m + 6);

	if (be16_get(m + 4) == 1) {
		if (!message_name(m, size, &at))
			abort();
		at += 4;
	}
	for (size_t i = 0; i < count; i++) {
		if (!message_name(m, size, &at))
			abort();
		*soa = be16_get(m + at) == TYPE_SOA;
		at += 10 + be16_get(m + at + 8);
	}
	return count;
}

static void
run(const struct past *p, const uint8_t *query, const struct question *q, uint32_t serial, size_t room, bool udp, bool configured)
{
	const struct report report = { .udp = udp };
	struct transfer *t = transfer_new(p->edition, query, q, serial, NULL, NULL, &report, configured);
	uint8_t *out = malloc(room);           /* exactly, so that the sanitizer sees the first byte too many */
	unsigned messages = 0;
	bool soa = false;

	for (size_t n; (n = transfer_next(t, out, room)) > 0; messages++) {
		size_t count = message_records(out, n, &soa);
		unsigned flags = be16_get(out + 2);

		if (n > room || !message_whole(out, n) || memcmp(out, query, 2) != 0 || be16_get(out + 4) != (messages == 0))
			abort();
		if (count == 0 && (flags & (FLAG_TC | 15)) == 0)       /* too small a room for an RR, and said so */
			abort();
		if (count > 0 && (flags & 15) != 0)
			abort();
		if (count == 0)
			soa = true;
	}
	if (messages == 0 || (udp && messages > 1) || !soa)
		abort();
	free(out);
	transfer_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct past *past;
	struct question q;
	enum rcode rcode;
	size_t room;

	if (past == NULL) {
		log_open(-1, LOG_LEVEL_ERROR);
		past = past_make();
	}
	if (size < HEAD || !question_read(&q, data + HEAD, size - HEAD, &rcode) || rcode != RCODE_NOERROR)
		return 0;
	room = be16_get(data);
	if (room < 512)
		room += 65535 - 512;
	q.type = (data[3] & 1) != 0 ? TYPE_AXFR : TYPE_IXFR;
	run(past, data + HEAD, &q, past->edition->serial - 128 + data[2], room, (data[3] & 2) != 0, (data[3] & 4) != 0);
	return 0;
}
