/* fuzz_question.c - any bytes as a query: the answer is a well-formed message or silence.
 *
 * The first byte chooses the transport; the rest is the message. */
#include "base/log.h"
#include "tests/unit/dnsd/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_answer(const uint8_t *query, size_t size, enum transport t, const uint8_t *out, size_t n)
{
	bool due = size >= 12 && (query[2] & 0x80) == 0;

	if ((n > 0) != due)
		abort();
	if (n == 0 || n == ASIDE)
		return;
	if (!message_whole(out, n) || (out[2] & 0x80) == 0 || memcmp(out, query, 2) != 0)
		abort();
	if (t == TRANSPORT_UDP && n > ANSWER_UDP_MAX)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rich rich;               /* made once, and kept until the process ends */
	static uint8_t out[ANSWER_TCP_MAX];

	if (rich.snapshot == NULL) {
		log_open(-1, LOG_LEVEL_ERROR);
		rich_make(&rich);
	}
	if (size == 0)
		return 0;

	enum transport t = data[0] % 2 == 0 ? TRANSPORT_UDP : TRANSPORT_TCP;
	/* Exactly as large as it may be, so that the sanitizer sees the first byte too many. */
	size_t room = t == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_TCP_MAX;
	uint8_t *reply = t == TRANSPORT_UDP ? malloc(room) : out;

	check_answer(data + 1, size - 1, t, reply, answer(rich.snapshot, t, data + 1, size - 1, reply));
	if (reply != out)
		free(reply);
	return 0;
}
