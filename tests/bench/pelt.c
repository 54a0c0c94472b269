/* pelt.c - as many questions as one server answers, from one CPU.
 *
 *   pelt ADDRESS PORT FILE SECONDS [WINDOW]
 *
 * FILE is dnsperf's: a name and a type to a line, asked in order, over and over, with EDNS. WINDOW questions (150) are under
 * way at any time: each answer makes room for one more. dnsperf does the same at two system calls a question,
 * and is itself the limit against a fast server; this one batches, never sleeps, and does not look
 * into answers beyond their id and RCODE. Output, a key and a value to a line:
 *
 *   seconds     from the first question to the end
 *   answers
 *   lost        questions without an answer for 100 ms
 *   odd         answers that are neither NOERROR nor NXDOMAIN */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/tools/query.h"

enum { BATCH = 64, WINDOW_MAX = 1000, SMALL = 300, REPLY = 1500, LATE_US = 100 * 1000 };

struct question {
	uint16_t size;
	uint8_t bytes[SMALL];
};

struct pelt {
	int fd;
	struct question *questions;
	size_t count, next;            /* next: the one to send */
	unsigned flying, window;
	uint64_t answers, lost, odd;
};

/* A question with an empty OPT record at its end, as resolvers send them. */
static bool
question_make(struct question *q, const char *name, const char *type)
{
	static const uint8_t opt[11] = { 0, 0, 41, 1232 >> 8, 1232 & 255 };
	uint8_t packet[QUERY_MAX];
	size_t size = query_make(packet, 0, name, query_type(type));

	if (size == 0 || size + sizeof(opt) > sizeof(q->bytes))
		return false;
	memcpy(q->bytes, packet, size);
	memcpy(q->bytes + size, opt, sizeof(opt));
	q->bytes[11] = 1;              /* ARCOUNT */
	q->size = (uint16_t)(size + sizeof(opt));
	return true;
}

static void
questions_read(struct pelt *p, const char *path)
{
	FILE *f = fopen(path, "r");
	char name[300], type[16];

	if (f == NULL) {
		fprintf(stderr, "pelt: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	while (fscanf(f, "%299s %15s", name, type) == 2) {
		p->questions = mem_grow(p->questions, p->count, sizeof(*p->questions));
		if (!question_make(&p->questions[p->count++], name, type)) {
			fprintf(stderr, "pelt: %s: line %zu: %s is no name of up to 253 characters\n", path, p->count, name);
			exit(1);
		}
	}
	fclose(f);
}

/* Fills the window. */
static void
pelt_send(struct pelt *p)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];

	while (p->flying < p->window) {
		unsigned n = p->window - p->flying < BATCH ? p->window - p->flying : BATCH;
		int sent;

		for (unsigned i = 0; i < n; i++) {
			struct question *q = &p->questions[(p->next + i) % p->count];

			q->bytes[0] = (uint8_t)((p->next + i) >> 8);
			q->bytes[1] = (uint8_t)(p->next + i);
			parts[i] = (struct iovec){ q->bytes, q->size };
			messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
		}
		if ((sent = sendmmsg(p->fd, messages, n, 0)) <= 0)
			return;
		p->next += (size_t)sent;
		p->flying += (unsigned)sent;
	}
}

/* Takes what has come. False if nothing had. */
static bool
pelt_receive(struct pelt *p)
{
	static uint8_t replies[BATCH][REPLY];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int got;

	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ replies[i], REPLY };
		messages[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[i], .msg_iovlen = 1 } };
	}
	if ((got = recvmmsg(p->fd, messages, BATCH, MSG_DONTWAIT, NULL)) <= 0)
		return false;
	for (int i = 0; i < got; i++) {
		uint8_t rcode = messages[i].msg_len < 12 ? 15 : replies[i][3] & 15;

		p->odd += rcode != 0 && rcode != 3;
		p->answers++;
		p->flying -= p->flying > 0;    /* an answer that was given up may come yet */
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct pelt p = { .window = 150 };
	uint64_t began_us, end_us, heard_us, now_us;
	struct sockaddr_in to = { .sin_family = AF_INET };

	if (argc < 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: pelt ADDRESS PORT FILE SECONDS [WINDOW]\n");
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	if (argc > 5)
		p.window = (unsigned)atoi(argv[5]);
	if (p.window < 1 || p.window > WINDOW_MAX) {
		fprintf(stderr, "pelt: WINDOW %u is not from 1 to %d\n", p.window, WINDOW_MAX);
		return 2;
	}
	questions_read(&p, argv[3]);
	p.fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (p.fd < 0 || p.count == 0 || connect(p.fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		fprintf(stderr, "pelt: %s %s: %s\n", argv[1], argv[2], p.count == 0 ? "nothing to ask" : strerror(errno));
		return 1;
	}

	began_us = heard_us = now_us = clock_mono_us();
	end_us = began_us + (uint64_t)(atof(argv[4]) * US_PER_S);
	while (now_us < end_us) {
		pelt_send(&p);
		if (pelt_receive(&p)) {
			heard_us = now_us;
		} else if (now_us - heard_us > LATE_US) {
			p.lost += p.flying;
			p.flying = 0;
			heard_us = now_us;
		}
		now_us = clock_mono_us();
	}
	printf("seconds %.6f\nanswers %llu\nlost %llu\nodd %llu\n", (double)(now_us - began_us) / US_PER_S,
	    (unsigned long long)p.answers, (unsigned long long)p.lost, (unsigned long long)p.odd);
	return 0;
}
