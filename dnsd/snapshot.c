/* snapshot.c - publishing, and freeing behind the readers.
 *
 * Reclamation is call_rcu(): what was replaced goes, with the list of what it
 * alone held, to liburcu's thread, which frees it after a grace period. */
#include "dnsd/snapshot.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Atomic(struct snapshot *) snapshot_published;

/* What waits for a grace period: some of it retires more when its own is over. */
static _Atomic size_t snapshot_pending;

/* One item to free; call_rcu() wants its head inside what is freed. */
struct retired {
	struct rcu_head head;
	void (*done)(void *arg);
	void *arg;
};

void
snapshot_open(void)
{
	rcu_register_thread();                 /* call_rcu() is for registered threads */
}

static uint8_t
snapshot_text(uint8_t *out, size_t room, const char *text)
{
	size_t size = text != NULL ? strlen(text) : 0;

	if (size > room)
		size = room;
	if (size > 0)
		memcpy(out, text, size);
	return (uint8_t)size;
}

struct snapshot *
snapshot_new(struct zone_set *zones, const struct snapshot_terms *terms, const char *nsid, const char *version)
{
	struct snapshot *s = mem_alloc(sizeof(*s));

	s->zones = zones;
	s->terms = *terms;
	s->nsid_size = snapshot_text(s->nsid, sizeof(s->nsid), nsid);
	s->version_size = snapshot_text(s->version, sizeof(s->version), version);
	return s;
}

struct snapshot *
snapshot_publish(struct snapshot *s)
{
	return atomic_exchange_explicit(&snapshot_published, s, memory_order_acq_rel);
}

void
snapshot_disown(struct snapshot *old)
{
	if (old != NULL)
		old->disowned = true;
}

/* ---- reclamation ---- */

static void
retired_free(struct rcu_head *head)
{
	struct retired *r = caa_container_of(head, struct retired, head);

	snapshot_ordered_after(&snapshot_published);
	snapshot_ordered_after(r);

	struct retired last = *r;

	free(r);
	last.done(last.arg);
	atomic_fetch_sub_explicit(&snapshot_pending, 1, memory_order_release);
}

void
snapshot_retire_call(void (*done)(void *arg), void *arg)
{
	struct retired *r = mem_alloc(sizeof(*r));

	r->done = done;
	r->arg = arg;
	atomic_fetch_add_explicit(&snapshot_pending, 1, memory_order_relaxed);
	snapshot_ordered_before(r);
	call_rcu(&r->head, retired_free);
}

static void
snapshot_free(void *arg)
{
	struct snapshot *s = arg;

	if (!s->disowned)
		zone_set_free(s->zones);
	free(s);
}

static void
snapshot_free_garbage(void *arg)
{
	garbage_free(arg);
}

void
snapshot_retire(struct snapshot *old, struct garbage *const *garbage, size_t n)
{
	if (old != NULL)
		snapshot_retire_call(snapshot_free, old);
	for (size_t i = 0; i < n; i++)
		if (garbage[i] != NULL)
			snapshot_retire_call(snapshot_free_garbage, garbage[i]);
}

struct closing {
	struct rcu_head head;
	sem_t closed;
};

static void
snapshot_closed(struct rcu_head *head)
{
	sem_post(&caa_container_of(head, struct closing, head)->closed);
}

/* liburcu's thread works off its queue in order: when a last item is done, all before it are. */
void
snapshot_close(void)
{
	struct closing c;

	snapshot_retire(snapshot_publish(NULL), NULL, 0);
	sem_init(&c.closed, 0, 0);
	do {
		call_rcu(&c.head, snapshot_closed);
		while (sem_wait(&c.closed) != 0)
			continue;              /* a signal */
	} while (atomic_load_explicit(&snapshot_pending, memory_order_acquire) > 0);
	sem_destroy(&c.closed);
	rcu_unregister_thread();
}
