/* await.c - asks one question over and over, and says when its answer changed.
 *
 *   await until LIMIT_MS SINCE_MS SERVER NAME TYPE WANT...   until the answer is WANT
 *   await while LIMIT_MS SINCE_MS SERVER NAME TYPE WANT...   that it stays WANT for all of LIMIT_MS
 *   await first LIMIT_MS SINCE_MS SERVER NAME TYPE           the first answer of all, whatever it is
 *
 * WANT: addresses in any order, "nothing" (NODATA) or an RCODE's name. SINCE_MS: wall clock
 * milliseconds from which "until" counts, 0 for now. Prints "MS ms: ANSWER"; exit status 0, or
 * 1 with what was seen last. One process and one socket: what is timed is the
 * daemon, not the start of a program like dig. */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/clock.h"
#include "tests/tools/query.h"

enum {
	EVERY_MS = 5,                  /* finer than anything that is promised */
	PATIENCE_MS = 250              /* an answer later than this one is none */
};

struct question {
	int fd;
	const char *name;
	uint16_t type;
	uint16_t id;
};

/* One question, one answer; false if none came in time. */
static bool
ask(struct question *q, char text[ANSWER_TEXT])
{
	uint8_t packet[PACKET_MAX];
	struct answer answer;
	struct pollfd pfd = { .fd = q->fd, .events = POLLIN };
	uint64_t end_us = clock_mono_us() + PATIENCE_MS * US_PER_MS;
	size_t size = query_make(packet, ++q->id, q->name, q->type);
	ssize_t n;

	if (send(q->fd, packet, size, 0) < 0)
		return false;          /* a refusal of the one before: nobody listens */
	for (uint64_t now_us; (now_us = clock_mono_us()) < end_us; ) {
		if (poll(&pfd, 1, (int)((end_us - now_us) / US_PER_MS) + 1) <= 0)
			return false;
		if ((n = recv(q->fd, packet, sizeof(packet), 0)) < 0)
			return false;
		if (answer_read(packet, (size_t)n, &answer) && answer.id == q->id) {
			answer_format(&answer, text);
			return true;
		}
	}
	return false;
}

/* The words as answer_format() would put them. */
static void
want_format(char **words, int count, char out[ANSWER_TEXT])
{
	struct answer want = { 0 };
	uint8_t bytes[16];

	out[0] = '\0';
	for (int i = 0; i < count && i < ANSWER_MAX; i++) {
		if (inet_pton(strchr(words[i], ':') ? AF_INET6 : AF_INET, words[i], bytes) != 1) {
			snprintf(out, ANSWER_TEXT, "%s", words[i]);
			return;
		}
		snprintf(want.text[want.count++], sizeof(want.text[0]), "%s", words[i]);
	}
	qsort(want.text, want.count, sizeof(want.text[0]), answer_order);
	answer_format(&want, out);
}

static void
pause_until(uint64_t at_us)
{
	uint64_t now_us = clock_mono_us();

	if (now_us < at_us)
		usleep((useconds_t)(at_us - now_us));
}

int
main(int argc, char **argv)
{
	char want[ANSWER_TEXT], seen[ANSWER_TEXT] = "no answer at all";
	struct question q;
	uint64_t start_us, since_ms, limit_us;
	bool match, answered;
	char mode;

	if (argc < 7) {
		fprintf(stderr, "usage: await until|while|first LIMIT_MS SINCE_MS SERVER NAME TYPE [WANT...]\n");
		return 2;
	}
	mode = argv[1][0];
	limit_us = strtoull(argv[2], NULL, 10) * US_PER_MS;
	since_ms = strtoull(argv[3], NULL, 10);
	if (since_ms == 0)
		since_ms = clock_wall_ms();
	q = (struct question){ query_socket(argv[4], SOCK_DGRAM), argv[5], query_type(argv[6]), (uint16_t)getpid() };
	want_format(argv + 7, argc - 7, want);

	start_us = clock_mono_us();
	for (uint64_t at_us = start_us; at_us - start_us < limit_us; at_us = clock_mono_us()) {
		answered = ask(&q, seen);
		if (!answered && mode != 'f')
			snprintf(seen, sizeof(seen), "no answer");
		match = answered && strcmp(seen, want) == 0;
		if (mode == 'f' ? answered : match == (mode == 'u')) {
			printf("%llu ms: %s\n", (unsigned long long)(clock_wall_ms() - since_ms), seen);
			return mode == 'w';
		}
		pause_until(at_us + EVERY_MS * US_PER_MS);
	}
	printf("%llu ms: %s\n", (unsigned long long)(clock_wall_ms() - since_ms), seen);
	return mode != 'w';
}
