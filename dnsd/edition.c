/* edition.c - editions, and what waits for them.
 *
 * A zone's commits leave garbage: what the version before alone held. Readers in
 * a read section are gone after a grace period; transfers are not. So the garbage
 * stands in a queue behind the editions that may reach it:
 *
 *     E1 | garbage of v1->v2, v2->v3, v3->v4 | E2 | garbage of v4->v5 | ...
 *
 * What is at the head goes: an edition that nobody holds any more, garbage that
 * nothing holds back. The current edition is held by its world until the next one
 * has its place and a grace period has passed: whoever found it in a read section has
 * held it by then, or does without.
 *
 * One mutex per zone guards its queue and the giving back. Taking (edition_hold()) needs
 * none: it happens in a read section in which the edition is held by its world. */
#include "dnsd/edition.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dnsd/changes.h"
#include "dnsd/serials.h"
#include "dnsd/snapshot.h"

/* One place in a zone's queue. */
struct item {
	STAILQ_ENTRY(item) next;
	struct kept *edition;          /* or: */
	struct garbage *garbage;       /* both NULL: the end of the zone */
};

struct kept {
	struct edition edition;
	_Atomic unsigned holders;
	struct line *line;
};

/* A zone's editions. */
struct line {
	pthread_mutex_t lock;
	STAILQ_HEAD(, item) queue;
	_Atomic(struct kept *) current;
	struct editions *all;
};

struct editions {
	size_t count;
	_Atomic size_t open;           /* lines that have not ended */
	void (*done)(void *arg);
	void *arg;
	struct line lines[];
};

static struct kept *
kept_of(const struct edition *e)
{
	return (struct kept *)(void *)((char *)(uintptr_t)e - offsetof(struct kept, edition));
}

struct editions *
editions_new(size_t n)
{
	struct editions *all = mem_alloc(sizeof(*all) + n * sizeof(all->lines[0]));

	all->count = n;
	atomic_init(&all->open, n);
	for (size_t i = 0; i < n; i++) {
		struct line *l = &all->lines[i];

		pthread_mutex_init(&l->lock, NULL);
		STAILQ_INIT(&l->queue);
		l->all = all;
	}
	return all;
}

/* ---- the queue ---- */

static void
kept_free(struct kept *k)
{
	for (size_t i = 0; i < k->edition.nhistory; i++)
		changes_let_go(k->edition.history[i]);
	free((void *)(uintptr_t)k->edition.history);
	free(k);
}

static void
editions_free(void *arg)
{
	struct editions *all = arg;

	for (size_t i = 0; i < all->count; i++)
		pthread_mutex_destroy(&all->lines[i].lock);
	all->done(all->arg);
	free(all);
}

/* Works off the head. True: the line has ended. */
static bool
line_work(struct line *l)
{
	struct item *first;
	bool ended = false;

	while ((first = STAILQ_FIRST(&l->queue)) != NULL) {
		if (first->edition != NULL) {
			if (atomic_load_explicit(&first->edition->holders, memory_order_acquire) > 0)
				break;
			kept_free(first->edition);
		} else if (first->garbage != NULL) {
			snapshot_retire(NULL, &first->garbage, 1);
		} else {
			ended = true;
		}
		STAILQ_REMOVE_HEAD(&l->queue, next);
		free(first);
	}
	return ended;
}

/* Behind a grace period: the thread that ended the last line may still be inside its mutex. */
static void
line_ended(struct line *l)
{
	struct editions *all = l->all;

	if (atomic_fetch_sub_explicit(&all->open, 1, memory_order_acq_rel) == 1)
		snapshot_retire_call(editions_free, all);
}

static void
line_add(struct line *l, struct kept *edition, struct garbage *garbage)
{
	struct item *item = mem_alloc(sizeof(*item));
	bool ended;

	item->edition = edition;
	item->garbage = garbage;
	pthread_mutex_lock(&l->lock);
	STAILQ_INSERT_TAIL(&l->queue, item, next);
	ended = line_work(l);
	pthread_mutex_unlock(&l->lock);
	if (ended)
		line_ended(l);
}

/* ---- holding ---- */

const struct edition *
edition_find(const struct editions *all, unsigned index)
{
	const struct kept *k;

	if (all == NULL || index >= all->count)
		return NULL;
	k = atomic_load_explicit(&all->lines[index].current, memory_order_acquire);
	return k != NULL ? &k->edition : NULL;
}

void
edition_hold(const struct edition *e)
{
	unsigned before = atomic_fetch_add_explicit(&kept_of(e)->holders, 1, memory_order_relaxed);

	assert(before > 0);                    /* its world's at least */
	(void)before;
}

void
edition_let_go(const struct edition *e)
{
	struct line *l;
	bool ended = false;

	if (e == NULL)
		return;
	l = kept_of(e)->line;
	/* Under the lock: nobody frees the edition, or the line, between the count and the work. */
	pthread_mutex_lock(&l->lock);
	if (atomic_fetch_sub_explicit(&kept_of(e)->holders, 1, memory_order_acq_rel) == 1)
		ended = line_work(l);
	pthread_mutex_unlock(&l->lock);
	if (ended)
		line_ended(l);
}

static void
world_lets_go(void *arg)
{
	edition_let_go(&((struct kept *)arg)->edition);
}

/* ---- history ---- */

long
edition_since(const struct edition *e, uint32_t serial)
{
	if (serial == e->serial || serial_after(serial, e->serial))
		return (long)e->nhistory;
	for (size_t i = e->nhistory; i-- > 0;)         /* who follows is near the end */
		if (e->history[i]->from == serial)
			return (long)i;
	return -1;
}

/* Where a history that ends with step begins, so that it keeps its bounds. */
static size_t
history_start(const struct edition *before, const struct changes *step)
{
	size_t i = before->nhistory, bytes = changes_size(step);
	uint64_t oldest = step->at_ms - (uint64_t)HISTORY_HOURS * 3600 * 1000;

	if (bytes > HISTORY_BYTES)
		return i;
	while (i > 0 && before->nhistory - i + 2 <= HISTORY_STEPS) {
		const struct changes *c = before->history[i - 1];

		bytes += changes_size(c);
		if (bytes > HISTORY_BYTES || c->at_ms < oldest)
			break;
		i--;
	}
	return i;
}

/* The history of e: before's and step, either of which may be NULL. */
static void
history_make(struct edition *e, const struct edition *before, struct changes *step)
{
	size_t from = before == NULL ? 0 : step != NULL ? history_start(before, step) : 0;
	size_t kept = before != NULL ? before->nhistory - from : 0;
	const struct changes **history = mem_array(kept + 1, sizeof(*history));

	for (size_t i = 0; i < kept; i++) {
		history[i] = before->history[from + i];
		changes_hold(history[i]);
	}
	if (step != NULL)
		history[kept++] = step;
	e->nhistory = kept;
	e->history = history;
}

/* ---- the control thread ---- */

void
editions_retire(struct editions *all, unsigned index, struct garbage *garbage)
{
	if (garbage != NULL)
		line_add(&all->lines[index], NULL, garbage);
}

void
editions_put(struct editions *all, unsigned index, const struct zone *z, struct changes *step, const struct edition *older)
{
	struct line *l = &all->lines[index];
	struct kept *k = mem_alloc(sizeof(*k)), *before;
	const struct edition *last;
	uint32_t serial = zone_serial(z);

	assert(index < all->count);
	before = atomic_load_explicit(&l->current, memory_order_relaxed);
	last = step != NULL && before != NULL ? &before->edition : older;
	assert(step == NULL || step->to == serial);
	assert(last == NULL || last->serial == (step != NULL ? step->from : serial));
	k->edition = (struct edition){
		.zone = z, .serial = serial, .at_ms = step != NULL ? step->at_ms : last != NULL ? last->at_ms : clock_wall_ms(),
	};
	history_make(&k->edition, last, step);
	k->line = l;
	atomic_init(&k->holders, 1);
	line_add(l, k, NULL);
	atomic_store_explicit(&l->current, k, memory_order_release);
	if (before != NULL)
		snapshot_retire_call(world_lets_go, before);
}

void
editions_retire_all(struct editions *all, void (*done)(void *arg), void *arg)
{
	size_t n = all->count;                 /* all may be gone with its last line */

	all->done = done;
	all->arg = arg;
	if (n == 0)
		snapshot_retire_call(editions_free, all);
	for (size_t i = 0; i < n; i++) {
		/* It stays in its place: who answers from the last snapshot may still find it, and hold it. */
		struct kept *last = atomic_load_explicit(&all->lines[i].current, memory_order_relaxed);

		/* The end first: behind it nothing is added, and whoever lets go last ends the line. */
		line_add(&all->lines[i], NULL, NULL);
		if (last != NULL)
			snapshot_retire_call(world_lets_go, last);
	}
}
