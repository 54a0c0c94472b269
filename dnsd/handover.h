/* handover.h - messages that only the control thread may act on, and their answers' way back.
 *
 * A worker or a TCP thread has verified an UPDATE's signature; it hands the message over and goes on. Likewise a transfer by
 * one who may update, who must find what was acknowledged before: it is given back when the zone has a serial for all of it. The queue is
 * bounded in messages and bytes: when it is full the sender answers SERVFAIL itself. What is handed over gets exactly one
 * handed_reply(), from the control thread, before or after its sender has gone: to a datagram by a
 * descriptor of its socket, to a connection through the loop that has it, if it is still there. */
#ifndef DNSD_HANDOVER_H
#define DNSD_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "dnsd/answer.h"
#include "dnsd/tsig.h"

enum { HANDOVER_MESSAGES = 4096, HANDOVER_BYTES = 16 << 20 };

struct event_base;
struct handover;

/* How a thread that has a message will be told its answer: in struct answer_job, made where messages are received. */
struct road {
	struct way_back *(*open)(const struct road *r);        /* on that thread; once for a message, if it is handed over */
};

/* Where an answer goes. Its functions are called on the control thread, once: one of them, which frees it. */
struct way_back {
	void (*send)(struct way_back *w, const uint8_t *message, size_t size);
	void (*drop)(struct way_back *w);
	/* The request is answered by its thread after all, as if it came now, with job->caught_up. Takes message over. Streams only. */
	void (*again)(struct way_back *w, uint8_t *message, size_t size);
};

struct handed {
	uint8_t *message;              /* malloc'd copy; the request, with its TSIG */
	size_t size;
	struct addr client;
	enum transport transport;
	bool is_signed;
	struct tsig tsig;              /* verified; signs the answer. key is of the configuration that terms_number had */
	uint64_t terms_number;         /* snapshot_terms.number: a reload since then invalidates tsig's pointers: verify again */
	struct way_back *back;
	bool transfer;                 /* no update, but a transfer that must not miss one: its zone is to be numbered first */
};

/* fn(arg) on the control thread, in a turn of base's loop, when something has come into the empty queue: it takes until nothing is left,
 * or comes back for the rest by itself. */
struct handover *handover_new(struct event_base *base, void (*fn)(void *arg), void *arg);
/* When no other thread puts; drops what is in it, so that the loops of their ways back must be there. NULL is fine. */
void handover_free(struct handover *h);

/* Any thread. Takes one->message and one->back over; false: full, or closed (or h NULL), nothing is taken. */
bool handover_put(struct handover *h, const struct handed *one);
void handover_close(struct handover *h);       /* control thread: when it returns nothing comes any more */
/* Control thread: the oldest, of which the caller owns message and back; false: none. */
bool handover_take(struct handover *h, struct handed *out);

/* Sends the answer (whole message, signed already) and frees; size 0: silence. */
void handed_reply(struct handed *h, const uint8_t *message, size_t size);
/* Gives the request back to the thread that it came from, and frees. */
void handed_again(struct handed *h);

#endif
