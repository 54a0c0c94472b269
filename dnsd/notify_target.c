/* notify_target.c - one who is told of one zone.
 *
 * A try that repeats sends the same bytes again, so that the answer to any of them counts, also where it takes longer
 * than the wait; they are made anew only when the signature's time gets old. */
#include "dnsd/notify_target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/brake.h"
#include "dnsd/notify_channel.h"
#include "dnsd/notify_message.h"
#include "dnsd/question.h"
#include "dnsd/tsig.h"

enum {
	REQUEST_AGE_US = 30 * 1000000, /* of a signature that is repeated: far inside the fudge */
	SILENT_TRIES = 3,              /* without an answer, and */
	SILENT_US = 1000000            /* for so long: worth telling */
};

/* A NOTIFY as it is sent. */
struct request {
	uint64_t made_us;
	uint16_t id;
	size_t size;
	struct tsig *tsig;             /* NULL: unsigned */
	uint8_t bytes[];
};

/* ---- telling ---- */

static void __attribute__((format(printf, 2, 3)))
target_explain(struct target *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->state->error, sizeof(t->state->error), fmt, ap);
	va_end(ap);
	t->explained = true;
}

/* The event's line. */
static void
mood_format(const struct target *t, enum mood mood, const char *peer, uint64_t now_us, char *out, size_t room)
{
	const struct notify_state *s = t->state;
	char took[DURATION_TEXT];

	switch (mood) {
	case MOOD_SILENT:
		snprintf(out, room, "%s does not acknowledge %s %u (%u tries, %s)", peer, t->zone->text, s->sent_serial, t->silent_tries, s->error);
		break;
	case MOOD_REFUSING:
		snprintf(out, room, "%s refuses to be told of %s %u (%s)", peer, t->zone->text, s->sent_serial, s->error);
		break;
	case MOOD_WELL:
		duration_format((now_us - t->mood_us) / US_PER_S * US_PER_S, took, sizeof(took));
		snprintf(out, room, "%s acknowledges %s %u, after %s without", peer, t->zone->text, s->sent_serial, took);
	}
}

static void
target_tell(struct target *t, enum mood mood, uint64_t now_us)
{
	static const char *const words[] = { [MOOD_WELL] = "acknowledges", [MOOD_SILENT] = "silent", [MOOD_REFUSING] = "refuses" };
	const struct notify_terms *terms = t->terms;
	char peer[ADDR_TEXT], subject[ADDR_TEXT + DNAME_TEXT], text[ADDR_TEXT + DNAME_TEXT + 256];
	struct daemon_event e = { EVENT_SECONDARY, clock_wall_ms(), subject, words[t->mood], words[mood], text };

	if (t->mood == mood)
		return;
	addr_format_port(&t->channel->address, peer);
	snprintf(subject, sizeof(subject), "%s %s", t->zone->text, peer);
	mood_format(t, mood, peer, now_us, text, sizeof(text));
	if (t->mood == MOOD_WELL)
		t->mood_us = mood == MOOD_SILENT ? t->silent_us : now_us;
	t->mood = mood;
	t->state->failing = mood != MOOD_WELL;
	if (terms->event != NULL)
		terms->event(terms->arg, &e, brake_permits(terms->brake, now_us));
}

bool
target_is_silent(const struct target *t, uint64_t now_us)
{
	return t->silent_tries >= SILENT_TRIES && now_us - t->silent_us >= SILENT_US;
}

void
target_missed(struct target *t, uint64_t now_us)
{
	const struct channel *c = t->channel;

	if (!t->explained)
		target_explain(t, "%s", c->denied != NULL && c->denied_us >= t->sent_us ? c->denied : "timed out");
	if (target_is_silent(t, now_us))
		target_tell(t, MOOD_SILENT, now_us);
}

/* ---- sending ---- */

/* NULL: the key cannot sign. */
static struct request *
request_new(const struct target *t, const uint8_t *soa, uint64_t now_us)
{
	const struct conf_key *key = t->state->target->key;
	uint8_t bytes[NOTIFY_REQUEST_MAX];
	struct tsig *tsig = NULL;
	struct request *r;
	uint16_t id;
	size_t size;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) != sizeof(id))
		id = (uint16_t)now_us;         /* the kernel's pool is not ready: at boot */
	size = notify_request_write(bytes, sizeof(bytes), id, t->zone->name, soa);
	if (key != NULL) {
		tsig = mem_alloc(sizeof(*tsig));
		tsig_begin(tsig, key);
		size = tsig_sign_request(tsig, t->terms->keys, bytes, size, sizeof(bytes), clock_wall_ms() / 1000);
	}
	if (size == 0) {
		free(tsig);
		return NULL;
	}
	r = mem_alloc(sizeof(*r) + size);
	*r = (struct request){ now_us, id, size, tsig };
	memcpy(r->bytes, bytes, size);
	return r;
}

void
target_forget(struct target *t)
{
	if (t->request == NULL)
		return;
	free(t->request->tsig);
	free(t->request);
	t->request = NULL;
}

void
target_send(struct target *t, const uint8_t *soa, uint64_t now_us)
{
	int error = 0;

	t->explained = false;
	t->sent_us = now_us;
	t->state->tries++;
	if (t->silent_tries++ == 0)
		t->silent_us = now_us;
	if (t->request != NULL && now_us - t->request->made_us >= REQUEST_AGE_US)
		target_forget(t);
	if (t->request == NULL)
		t->request = request_new(t, soa, now_us);
	if (t->request == NULL)
		target_explain(t, "the key %s cannot sign", t->state->target->key->name);
	else if ((error = channel_send(t->channel, t->request->bytes, t->request->size, now_us)) != 0)
		target_explain(t, "cannot send: %s", channel_error(error));
}

/* ---- answers ---- */

bool
target_expects(const struct target *t, const struct notify_answer *a)
{
	return t->state->waiting && t->request != NULL && t->request->id == a->id;
}

static bool
target_understood(struct target *t, unsigned rcode, uint64_t now_us)
{
	struct notify_state *s = t->state;

	if (rcode == RCODE_NOERROR) {
		s->acked_serial = s->sent_serial;
		s->acked_ms = clock_wall_ms();
		s->error[0] = '\0';
		t->silent_tries = 0;
		target_tell(t, MOOD_WELL, now_us);
		return true;
	}
	target_explain(t, "it answers %s", notify_rcode_text(rcode));
	if (rcode != RCODE_NOTIMP && rcode != RCODE_REFUSED && rcode != RCODE_NOTAUTH)
		return false;
	t->silent_tries = 0;
	target_tell(t, MOOD_REFUSING, now_us);
	return true;
}

bool
target_answered(struct target *t, const struct notify_answer *a, const uint8_t *bytes, size_t size, uint64_t now_us)
{
	struct tsig *tsig = t->request->tsig;
	const char *why;

	if (tsig == NULL || tsig_verify_answer(tsig, t->terms->keys, bytes, size, clock_wall_ms() / 1000, &why))
		return target_understood(t, a->rcode, now_us);
	if (a->rcode != RCODE_NOERROR)
		target_explain(t, "it answers %s, and %s", notify_rcode_text(a->rcode), why);
	else
		target_explain(t, "it answers, but %s", why);
	return false;
}

/* ---- from one configuration to the next ---- */

void
target_inherit(struct target *t, const struct target *old)
{
	const struct conf_notify *conf = t->state->target;

	*t->state = *old->state;
	t->state->target = conf;
	t->state->waiting = false;
	t->serial = old->serial;
	t->begun = old->begun;
	t->explained = old->explained;
	t->sent_us = old->sent_us;
	t->silent_us = old->silent_us;
	t->silent_tries = old->silent_tries;
	t->mood = old->mood;
	t->mood_us = old->mood_us;
}
