/* updates_message.c - UPDATE messages (RFC 2136) from the handover, and their answers; transfers that wait for a serial.
 *
 *     handover ─► its configuration has gone? verify again ─► update_read() ─► submit ─► answer() ─► signature ─► the way back
 *
 * Messages are read while the batch before them is on its way to the disk. More than GATHERED_MAX are not taken: they wait in the
 * handover, which is bounded, and whose senders then answer SERVFAIL. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/edns.h"
#include "dnsd/updates_state.h"
#include "dnsd/wire.h"

enum {
	GATHERED_MAX = 1024,           /* two batches */
	TAKEN_PER_TURN = 256           /* some hundred microseconds, so that probes are not late */
};

struct message {
	struct updates *updates;
	struct handed handed;
	uint8_t lease[ANSWER_OPTION_MAX];      /* the option that grants one (RFC 9664, 4.2) */
	uint16_t lease_size;                   /* 0: none was asked for */
};

/* ---- answers ---- */

/* The answer is what answer() makes of what is said; the question's zone section stands in it, as BIND has it (RFC 2136, 3.8 allows). */
static void
message_answer(struct updates *u, struct handed *h, const struct answer_said *said)
{
	const struct answer_terms terms = { .transport = h->transport, .now_s = clock_coarse_wall_s(), .now_ms = clock_coarse_ms() };
	size_t room = h->transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_TCP_MAX;
	struct answer_job job = {
		.query = h->message, .size = h->size, .client = &h->client, .out = u->out, .trusted = true, .said = said,
		.reserve = h->is_signed ? tsig_room(&h->tsig) : 0
	};
	size_t size;

	snapshot_enter();
	answer_one(snapshot_current(), &terms, &job);
	snapshot_leave();
	size = job.answered;
	if (size > 0 && h->is_signed)
		size = tsig_sign(&h->tsig, u->out, size, room, terms.now_s);
	handed_reply(h, u->out, size);
}

static void
message_done(void *arg, const struct update_result *result, uint32_t serial)
{
	struct message *m = arg;
	const struct edns_error error = {
		.code = result->error, .text = result->why, .text_size = (uint16_t)(result->why != NULL ? strlen(result->why) : 0)
	};
	const struct answer_said said = {
		.rcode = result->rcode, .error = result->why != NULL ? &error : NULL,
		.option = m->lease, .option_size = result->rcode == RCODE_NOERROR ? m->lease_size : 0
	};

	(void)serial;
	message_answer(m->updates, &m->handed, &said);
	free(m);
}

/* What the update has asked for is granted. */
static void
message_grant(struct message *m, const struct update *update)
{
	struct wr w = wr_begin(m->lease, sizeof(m->lease));
	bool two = update->key_lease_s != update->lease_s;

	if (!update->has_lease)
		return;
	wr_u16(&w, OPTION_LEASE);
	wr_u16(&w, two ? 8 : 4);
	wr_u32(&w, update->lease_s);
	if (two)
		wr_u32(&w, update->key_lease_s);
	assert(!w.full);
	m->lease_size = (uint16_t)wr_size(&w);
}

/* ---- who asks ---- */

/* The configuration that the signature was verified with has gone, and with it the key: what the one that serves says of the message
 * counts. False: it was answered. */
static bool
message_verify(struct updates *u, struct handed *h)
{
	struct answer_said said = { .rcode = RCODE_NOTAUTH };
	struct question q;
	enum rcode rcode;

	if (h->terms_number == u->d->terms->snapshot.number || !h->is_signed)
		return true;
	if (!question_read(&q, h->message, h->size, &rcode) || q.tsig_at == 0 ||
	    !tsig_verify_request(&h->tsig, u->d->terms->keys, h->message, h->size, q.tsig_at, clock_coarse_wall_s())) {
		h->is_signed = false;          /* it was fine before, and so it is now */
		said.rcode = RCODE_FORMERR;
	} else if (h->tsig.error == TSIG_NOERROR) {
		return true;
	}
	message_answer(u, h, &said);
	return false;
}

static char *
message_owner(const struct handed *h)
{
	char client[ADDR_TEXT];

	addr_format(&h->client, client);
	return h->is_signed ? mem_printf("key %s from %s", h->tsig.key->name, client) : mem_printf("%s, unsigned", client);
}

static void
message_submit(struct updates *u, struct handed *h, struct update *update)
{
	const struct updater who = { .key = h->is_signed ? h->tsig.key : NULL, .address = h->client };
	struct message *m = mem_alloc(sizeof(*m));
	char *owner = message_owner(h);

	m->updates = u;
	m->handed = *h;
	message_grant(m, update);
	updates_submit(u, update, &who, owner, message_done, m);
	free(owner);
}

/* A transfer by one who may update: what was acknowledged before has a serial when it goes on. Its signature, and whether there is such a
 * zone, is seen again then. */
static void
message_catch_up(struct updates *u, struct handed *h)
{
	struct question q;
	enum rcode rcode;
	size_t zone;

	if (question_read(&q, h->message, h->size, &rcode) && q.size > 0 && world_zone_of(u->d->world, q.name, &zone) != NULL)
		world_catch_up(u->d->world, zone, clock_mono_us(), daemon_numbered, u->d);
	daemon_rearm(u->d);
	handed_again(h);
}

static void
message_take(struct updates *u, struct handed *h)
{
	struct answer_said said = { .rcode = RCODE_FORMERR };
	struct update *update;
	enum rcode rcode = RCODE_FORMERR;

	if (h->transfer) {
		message_catch_up(u, h);
		return;
	}
	if (!message_verify(u, h))
		return;
	update = update_read(h->message, h->size, &rcode);
	if (update != NULL) {
		message_submit(u, h, update);
		return;
	}
	said.rcode = rcode;
	u->totals.refused++;
	message_answer(u, h, &said);
}

void
updates_take(struct updates *u)
{
	struct handed h;
	unsigned taken = 0;

	if (u->settling)                       /* what is in the handover is for the next world */
		return;
	while (u->ngathered < GATHERED_MAX && taken < TAKEN_PER_TURN && handover_take(u->d->handover, &h)) {
		message_take(u, &h);
		taken++;
	}
	if (taken == TAKEN_PER_TURN)
		event_active(u->turn, 0, 0);
}
