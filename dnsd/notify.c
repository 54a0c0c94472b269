/* notify.c - who is to be told of what, and when.
 *
 * A topic is a zone, its targets are those who are told of it. A target that waits to be sent something or to hear
 * something is in one of the queues: queue 0 holds what is to be sent now, queue k who waits 250 ms * 2^(k-1) for an
 * acknowledgement. All in one queue wait equally long, so that each is sorted by itself and
 * the next one due is the head of a queue:
 *
 *     notify_zone() ─► 0 ─sent─► 1 ─250 ms─► 2 ─500 ms─► ... ─► 9 ─60 s─► 9
 *                                └──────────┴── acknowledged or refused: in none
 *
 * Answers find their target by channel, zone and ID; two zones may have the same ID under way. */
#include "dnsd/notify.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/brake.h"
#include "dnsd/notify_channel.h"
#include "dnsd/notify_message.h"
#include "dnsd/notify_target.h"
#include "dnsd/zone_names.h"

enum {
	FIRST_WAIT_MS = 250,
	LAST_WAIT_MS = 60000,
	QUEUES = 10,                   /* now, 250 ms, ..., 32 s, 60 s */
	PER_TURN = 100,                /* datagrams */
	PAUSE_US = 5000,               /* behind so many */
	LINES_PER_SECOND = 10
};

struct topic {
	const struct conf_zone *conf;
	struct target *targets;        /* conf->nnotify of them */
	struct notify_state *states;   /* theirs */
	uint8_t *soa;                  /* NULL: there is nothing to tell yet */
};

struct notify {
	const struct conf *conf;
	struct notify_terms terms;
	struct event *due;
	struct topic *topics;          /* as conf->zones */
	struct zone_names *names;
	struct channel *channels;      /* sorted by address and source */
	size_t nchannels;
	TAILQ_HEAD(queue, target) queues[QUEUES];
	uint64_t pause_until_us;
};

/* ---- queues ---- */

static void
target_enqueue(struct notify *n, struct target *t, unsigned queue, uint64_t due_us)
{
	if (!t->state->waiting)
		t->channel->waiting++;
	t->state->waiting = true;
	t->queue = queue;
	t->due_us = due_us;
	TAILQ_INSERT_TAIL(&n->queues[queue], t, link);
}

/* From one queue to another, or to none. */
static void
target_dequeue(struct notify *n, struct target *t)
{
	assert(t->state->waiting);
	TAILQ_REMOVE(&n->queues[t->queue], t, link);
}

/* It waits for nothing any more. */
static void
target_settle(struct notify *n, struct target *t)
{
	target_dequeue(n, t);
	target_forget(t);
	t->state->waiting = false;
	if (--t->channel->waiting == 0)
		channel_close(t->channel);
}

/* The target that is due first: what is to be sent now is due since 0. NULL: none waits. */
static struct target *
notify_first(const struct notify *n)
{
	struct target *first = NULL;

	for (unsigned i = 0; i < QUEUES; i++) {
		struct target *t = TAILQ_FIRST(&n->queues[i]);

		if (t != NULL && (first == NULL || t->due_us < first->due_us))
			first = t;
	}
	return first;
}

static void
notify_arm(struct notify *n, uint64_t now_us)
{
	const struct target *t = notify_first(n);
	uint64_t due_us, wait_us;

	if (t == NULL)
		return;
	due_us = t->due_us > n->pause_until_us ? t->due_us : n->pause_until_us;
	wait_us = due_us > now_us ? due_us - now_us : 0;
	event_add(n->due, &(struct timeval){ (time_t)(wait_us / US_PER_S), (suseconds_t)(wait_us % US_PER_S) });
}

static void
target_try(struct notify *n, struct target *t, uint64_t now_us)
{
	struct notify_state *s = t->state;
	uint64_t wait_ms;

	target_dequeue(n, t);
	if (t->queue > 0) {
		target_missed(t, now_us);
	} else {
		s->sent_serial = t->serial;
		s->sent_ms = clock_wall_ms();
		s->tries = 0;
	}
	target_send(t, t->topic->soa, now_us);
	t->queue += t->queue + 1 < QUEUES;
	wait_ms = (uint64_t)FIRST_WAIT_MS << (t->queue - 1);
	target_enqueue(n, t, t->queue, now_us + (wait_ms < LAST_WAIT_MS ? wait_ms : LAST_WAIT_MS) * US_PER_MS);
}

static void
notify_on_due(evutil_socket_t fd, short what, void *arg)
{
	struct notify *n = arg;
	uint64_t now_us = clock_mono_us();
	struct target *t;
	unsigned tries;

	(void)fd;
	(void)what;
	for (tries = 0; tries < PER_TURN && (t = notify_first(n)) != NULL && t->due_us <= now_us; tries++)
		target_try(n, t, now_us);
	if (tries == PER_TURN)
		n->pause_until_us = now_us + PAUSE_US;
	notify_arm(n, now_us);
}

/* ---- what is to be told ---- */

static void
target_begin(struct notify *n, struct target *t, uint32_t serial, uint64_t now_us)
{
	const struct notify_state *s = t->state;

	if (t->begun && t->serial == serial && (s->waiting || (s->acked_ms != 0 && s->acked_serial == serial)))
		return;
	if (s->waiting) {
		if (target_is_silent(t, now_us))       /* where editions follow each other too fast for a try to time out */
			target_missed(t, now_us);
		target_dequeue(n, t);
	}
	target_forget(t);
	t->serial = serial;
	t->begun = true;
	target_enqueue(n, t, 0, 0);
}

static void
soa_keep(struct topic *topic, const uint8_t *soa)
{
	size_t size = notify_soa_size(soa);

	topic->soa = mem_resize(topic->soa, size);
	memcpy(topic->soa, soa, size);
}

void
notify_zone(struct notify *n, size_t zone, uint32_t serial, const uint8_t *soa)
{
	struct topic *topic = &n->topics[zone];
	uint64_t now_us = clock_mono_us();

	if (topic->conf->nnotify == 0)
		return;
	soa_keep(topic, soa);
	for (size_t i = 0; i < topic->conf->nnotify; i++)
		target_begin(n, &topic->targets[i], serial, now_us);
	notify_arm(n, now_us);
}

const struct notify_state *
notify_states(const struct notify *n, size_t zone)
{
	return n->topics[zone].states;
}

/* ---- answers ---- */

/* name: wire form. */
static struct topic *
topic_find(const struct notify *n, const uint8_t *name)
{
	size_t i;

	return zone_names_find(n->names, name, &i) ? &n->topics[i] : NULL;
}

static struct target *
target_of_zone(const struct notify *n, const struct channel *c, const struct notify_answer *a)
{
	const struct topic *topic = topic_find(n, a->zone);

	for (size_t i = 0; topic != NULL && i < topic->conf->nnotify; i++)
		if (topic->targets[i].channel == c && target_expects(&topic->targets[i], a))
			return &topic->targets[i];
	return NULL;
}

/* Of an error that does not say of which zone: a rare thing, that may look at all. */
static struct target *
target_of_id(const struct notify *n, const struct channel *c, const struct notify_answer *a)
{
	struct target *t;

	for (size_t i = 1; i < QUEUES; i++)
		TAILQ_FOREACH(t, &n->queues[i], link)
			if (t->channel == c && target_expects(t, a))
				return t;
	return NULL;
}

static void
notify_on_datagram(struct channel *c, const uint8_t *bytes, size_t size, uint64_t now_us)
{
	struct notify *n = c->arg;
	struct notify_answer a;
	struct target *t;

	if (!notify_answer_read(&a, bytes, size))
		return;
	t = a.question ? target_of_zone(n, c, &a) : target_of_id(n, c, &a);
	if (t != NULL && target_answered(t, &a, bytes, size, now_us))
		target_settle(n, t);
}

/* ---- from one configuration to the next ---- */

/* One for each pair of addresses that occurs. */
static void
channels_make(struct notify *n, struct event_base *base, size_t ntargets)
{
	size_t k = 0;

	n->channels = mem_array(ntargets, sizeof(*n->channels));
	for (size_t i = 0; i < n->conf->nzones; i++)
		for (size_t j = 0; j < n->conf->zones[i].nnotify; j++) {
			const struct conf_notify *to = &n->conf->zones[i].notify[j];

			n->channels[k++] = (struct channel){
				.base = base, .address = to->address, .source = to->source, .fn = notify_on_datagram, .arg = n, .fd = -1
			};
		}
	assert(k == ntargets);
	qsort(n->channels, k, sizeof(*n->channels), channel_compare);
	for (size_t i = 0; i < k; i++)
		if (n->nchannels == 0 || channel_compare(&n->channels[n->nchannels - 1], &n->channels[i]) != 0)
			n->channels[n->nchannels++] = n->channels[i];
}

static struct channel *
channel_find(const struct notify *n, const struct conf_notify *to)
{
	const struct channel wanted = { .address = to->address, .source = to->source };

	return bsearch(&wanted, n->channels, n->nchannels, sizeof(*n->channels), channel_compare);
}

static void
topic_make(struct notify *n, struct topic *topic, const struct conf_zone *conf)
{
	topic->conf = conf;
	topic->targets = mem_array(conf->nnotify, sizeof(*topic->targets));
	topic->states = mem_array(conf->nnotify, sizeof(*topic->states));
	for (size_t i = 0; i < conf->nnotify; i++) {
		topic->states[i].target = &conf->notify[i];
		topic->targets[i] = (struct target){
			.terms = &n->terms, .topic = topic, .zone = conf, .state = &topic->states[i],
			.channel = channel_find(n, &conf->notify[i])
		};
	}
}

struct notify *
notify_new(struct event_base *base, const struct conf *conf, const struct keyring *keys, notify_event_fn *event, void *arg)
{
	struct notify *n = mem_alloc(sizeof(*n));
	size_t ntargets = 0;

	n->conf = conf;
	n->terms = (struct notify_terms){ keys, event, arg, brake_new(base, LINES_PER_SECOND, "lines like this about NOTIFY") };
	n->due = evtimer_new(base, notify_on_due, n);
	for (size_t i = 0; i < QUEUES; i++)
		TAILQ_INIT(&n->queues[i]);
	for (size_t i = 0; i < conf->nzones; i++)
		ntargets += conf->zones[i].nnotify;
	channels_make(n, base, ntargets);
	n->topics = mem_array(conf->nzones, sizeof(*n->topics));
	for (size_t i = 0; i < conf->nzones; i++)
		topic_make(n, &n->topics[i], &conf->zones[i]);
	n->names = zone_names_new(conf);
	return n;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->conf->nzones; i++) {
		struct topic *topic = &n->topics[i];

		for (size_t k = 0; k < topic->conf->nnotify; k++)
			target_forget(&topic->targets[k]);
		free(topic->targets);
		free(topic->states);
		free(topic->soa);
	}
	for (size_t i = 0; i < n->nchannels; i++)
		channel_close(&n->channels[i]);
	free(n->channels);
	free(n->topics);
	zone_names_free(n->names);
	brake_free(n->terms.brake);
	event_free(n->due);
	free(n);
}

static bool
is_same_target(const struct conf_notify *a, const struct conf_notify *b)
{
	if (!addr_equal(&a->address, &b->address) || !addr_equal(&a->source, &b->source) || (a->key == NULL) != (b->key == NULL))
		return false;
	return a->key == NULL || dname_equal(a->key->dname, b->key->dname);
}

/* What t, of another configuration, is in n; NULL: nothing. */
static struct target *
target_heir(const struct notify *n, const struct target *t)
{
	const struct topic *topic = topic_find(n, t->topic->conf->name);

	for (size_t i = 0; topic != NULL && i < topic->conf->nnotify; i++)
		if (is_same_target(topic->targets[i].state->target, t->state->target))
			return &topic->targets[i];
	return NULL;
}

void
notify_take(struct notify *n, const struct notify *old)
{
	const struct target *was;
	struct target *t;

	if (old == NULL)
		return;
	for (size_t i = 0; i < old->conf->nzones; i++) {
		const struct topic *from = &old->topics[i];
		struct topic *to = topic_find(n, from->conf->name);

		if (to == NULL || from->soa == NULL)
			continue;
		soa_keep(to, from->soa);
		for (size_t k = 0; k < from->conf->nnotify; k++)
			if ((t = target_heir(n, &from->targets[k])) != NULL)
				target_inherit(t, &from->targets[k]);
	}
	for (unsigned i = 0; i < QUEUES; i++)
		TAILQ_FOREACH(was, &old->queues[i], link)
			if ((t = target_heir(n, was)) != NULL)
				target_enqueue(n, t, i, was->due_us);
	notify_arm(n, clock_mono_us());
}
