/* flood.c - a steady stream of one question, every answer checked.
 *
 *   flood RATE SECONDS SERVER NAME TYPE ADDRESS...
 *
 * Asks RATE times a second from eight sockets (so that every UDP worker gets its
 * share) until SECONDS have passed or SIGTERM comes, then waits a second for what
 * is still out. An answer is wrong if its RCODE is not NOERROR, if it has no
 * address, or one that is not listed. Prints the counts; exit status 0 only if
 * every question was answered rightly. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "tests/tools/query.h"

enum {
	LANES = 8,
	STRAGGLE_MS = 1000
};

struct lane {
	int fd;
	uint16_t next;
	uint64_t sent_us[65536];       /* by id; 0: nothing out under it */
};

struct count {
	uint64_t sent, answered, lost, wrong;
	uint64_t slowest_us;
	char example[ANSWER_TEXT];     /* a wrong one */
};

struct question {
	uint8_t packet[QUERY_MAX];
	size_t size;
	char **allowed;
	int nallowed;
};

static volatile sig_atomic_t stopped;

static void
stop(int signo)
{
	(void)signo;
	stopped = 1;
}

static void
lane_send(struct lane *l, struct question *q, struct count *c)
{
	uint16_t id = l->next++;

	if (l->sent_us[id] != 0)
		c->lost++;             /* 65,536 questions ago */
	q->packet[0] = (uint8_t)(id >> 8);
	q->packet[1] = (uint8_t)id;
	l->sent_us[id] = clock_mono_us();
	c->sent++;
	/* A full buffer or a refusal counts as unanswered: that is what a client would see. */
	if (send(l->fd, q->packet, q->size, 0) < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		perror("send");
}

static bool
allowed(const struct question *q, const struct answer *a)
{
	if (a->rcode != 0 || a->count == 0)
		return false;
	for (unsigned i = 0; i < a->count; i++) {
		int k = 0;

		while (k < q->nallowed && strcmp(q->allowed[k], a->text[i]) != 0)
			k++;
		if (k == q->nallowed)
			return false;
	}
	return true;
}

static void
lane_drain(struct lane *l, const struct question *q, struct count *c)
{
	uint8_t packet[PACKET_MAX];
	struct answer a;
	ssize_t n;

	while ((n = recv(l->fd, packet, sizeof(packet), MSG_DONTWAIT)) >= 0) {
		uint64_t took_us;

		if (!answer_read(packet, (size_t)n, &a) || l->sent_us[a.id] == 0) {
			c->wrong++;
			snprintf(c->example, sizeof(c->example), "a packet of %zd bytes that answers no question", n);
			continue;
		}
		took_us = clock_mono_us() - l->sent_us[a.id];
		if (took_us > c->slowest_us)
			c->slowest_us = took_us;
		l->sent_us[a.id] = 0;
		c->answered++;
		if (!allowed(q, &a)) {
			c->wrong++;
			answer_format(&a, c->example);
		}
	}
}

static void
drain_until(struct lane *lanes, const struct question *q, struct count *c, uint64_t end_us)
{
	struct pollfd pfds[LANES];
	uint64_t now_us;

	for (int i = 0; i < LANES; i++)
		pfds[i] = (struct pollfd){ .fd = lanes[i].fd, .events = POLLIN };
	while ((now_us = clock_mono_us()) < end_us) {
		struct timespec wait = { 0, (long)((end_us - now_us) % US_PER_S) * 1000 };

		if (ppoll(pfds, LANES, &wait, NULL) <= 0)
			continue;
		for (int i = 0; i < LANES; i++)
			if (pfds[i].revents != 0)
				lane_drain(&lanes[i], q, c);
	}
}

static uint64_t
outstanding(const struct lane *lanes)
{
	uint64_t n = 0;

	for (int i = 0; i < LANES; i++)
		for (int id = 0; id < 65536; id++)
			n += lanes[i].sent_us[id] != 0;
	return n;
}

/* Sends what is due by the clock, a few at a time, and reads in between. */
static void
flood(struct lane *lanes, struct question *q, struct count *c, double rate, double seconds)
{
	uint64_t start_us = clock_mono_us(), now_us;

	while (!stopped && (now_us = clock_mono_us()) - start_us < (uint64_t)(seconds * (double)US_PER_S)) {
		uint64_t due = (uint64_t)((double)(now_us - start_us) * rate / (double)US_PER_S);

		/* After a stall of this program the rest is skipped in time, not fired in one burst. */
		for (int burst = 0; c->sent < due && burst < 64; burst++)
			lane_send(&lanes[c->sent % LANES], q, c);
		drain_until(lanes, q, c, clock_mono_us() + US_PER_MS);
	}
	for (int i = 0; i < STRAGGLE_MS / 10 && outstanding(lanes) > 0; i++)
		drain_until(lanes, q, c, clock_mono_us() + 10 * US_PER_MS);
}

int
main(int argc, char **argv)
{
	struct lane *lanes = calloc(LANES, sizeof(*lanes));
	struct question q = { 0 };
	struct count c = { 0 };

	if (argc < 7 || lanes == NULL) {
		fprintf(stderr, "usage: flood RATE SECONDS SERVER NAME TYPE ADDRESS...\n");
		return 2;
	}
	q.allowed = argv + 6;
	q.nallowed = argc - 6;
	q.size = query_make(q.packet, 0, argv[4], query_type(argv[5]));
	for (int i = 0; i < LANES; i++)
		lanes[i].fd = query_socket(argv[3], SOCK_DGRAM | SOCK_NONBLOCK);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	flood(lanes, &q, &c, atof(argv[1]), atof(argv[2]));
	c.lost += outstanding(lanes);
	printf("sent %llu, answered %llu, unanswered %llu, wrong %llu, slowest %.1f ms%s%s\n",
	    (unsigned long long)c.sent, (unsigned long long)c.answered, (unsigned long long)c.lost,
	    (unsigned long long)c.wrong, (double)c.slowest_us / 1e3,
	    c.wrong > 0 ? ", last wrong answer: " : "", c.example);
	free(lanes);
	return c.sent == 0 || c.lost > 0 || c.wrong > 0;
}
