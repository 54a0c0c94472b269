/* udp.c - the listen addresses and their workers, as the control thread sees them.
 *
 * An endpoint is one listen address with a worker (worker.h) per thread. Reload
 * moves endpoints between two lists: prepared ones have sockets but no threads,
 * so their queries wait in the kernel; serving ones have both. */
#include "dnsd/udp.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/listener.h"
#include "dnsd/worker.h"

struct endpoint {
	struct addr listen;
	size_t nworkers;
	struct worker **workers;
};

struct endpoints {
	struct endpoint **at;
	size_t count;
};

struct udp {
	unsigned nworkers;             /* per endpoint */
	bool started;
	struct endpoints serving, prepared;
	struct addr *wanted;           /* the list that was prepared */
	size_t nwanted;
	uint64_t past_answered, past_dropped;  /* by workers that are gone */
};

static void
endpoints_add(struct endpoints *list, struct endpoint *e)
{
	list->at = mem_grow(list->at, list->count, sizeof(*list->at));
	list->at[list->count++] = e;
}

static const struct endpoint *
endpoints_find(const struct endpoints *list, const struct addr *listen)
{
	for (size_t i = 0; i < list->count; i++)
		if (addr_equal(&list->at[i]->listen, listen))
			return list->at[i];
	return NULL;
}

static bool
endpoints_overlap(const struct endpoints *list, const struct addr *listen)
{
	for (size_t i = 0; i < list->count; i++)
		if (listener_overlaps(&list->at[i]->listen, listen))
			return true;
	return false;
}

/* ---- one endpoint ---- */

/* Ends the threads; what they counted is added. All are told first, so that they end side by side. */
static void
endpoint_stop(struct endpoint *e, uint64_t *answered, uint64_t *dropped)
{
	for (size_t i = 0; i < e->nworkers; i++)
		worker_stop(e->workers[i]);
	for (size_t i = 0; i < e->nworkers; i++) {
		worker_join(e->workers[i]);
		worker_counters(e->workers[i], answered, dropped);
	}
}

static void
endpoint_free(struct endpoint *e)
{
	for (size_t i = 0; i < e->nworkers; i++)
		worker_free(e->workers[i]);
	free(e->workers);
	free(e);
}

/* All sockets or none: with fewer, the kernel would spread clients over fewer threads than asked for. */
static int
endpoint_open(const struct addr *listen, unsigned nworkers, bool shared, struct endpoint **out, char *error, size_t size)
{
	struct endpoint *e = mem_alloc(sizeof(*e));

	e->listen = *listen;
	e->workers = mem_array(nworkers, sizeof(struct worker *));
	while (e->nworkers < nworkers) {
		int fd = listener_open(listen, SOCK_DGRAM, shared || e->nworkers > 0, error, size);

		if (fd < 0) {
			endpoint_free(e);
			return fd;
		}
		e->workers[e->nworkers] = worker_new(fd, addr_is_any(listen), (unsigned)e->nworkers);
		e->nworkers++;
	}
	*out = e;
	return 0;
}

static bool
endpoint_start(struct endpoint *e, char *error, size_t size)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < e->nworkers; i++) {
		int failed = worker_start(e->workers[i]);

		if (failed != 0) {
			snprintf(error, size, "%s (UDP): no thread: %s", addr_format_port(&e->listen, text), strerror(failed));
			return false;
		}
	}
	return true;
}

static bool
endpoints_start(struct endpoints *list, char *error, size_t size)
{
	for (size_t i = 0; i < list->count; i++)
		if (!endpoint_start(list->at[i], error, size))
			return false;
	return true;
}

/* ---- all of them ---- */

static unsigned
udp_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&set);
}

/* Closes an endpoint; its counts stay. */
static void
udp_retire(struct udp *u, struct endpoint *e)
{
	endpoint_stop(e, &u->past_answered, &u->past_dropped);
	endpoint_free(e);
}

void
udp_abandon(struct udp *u)
{
	for (size_t i = 0; i < u->prepared.count; i++)
		udp_retire(u, u->prepared.at[i]);
	free(u->prepared.at);
	free(u->wanted);
	u->prepared = (struct endpoints){ 0 };
	u->wanted = NULL;
	u->nwanted = 0;
}

static bool
udp_prepare_one(struct udp *u, const struct addr *listen, char *error, size_t size)
{
	struct endpoint *e;
	char text[ADDR_TEXT];

	if (endpoints_find(&u->serving, listen) != NULL || endpoints_find(&u->prepared, listen) != NULL)
		return true;

	bool shared = endpoints_overlap(&u->serving, listen) || endpoints_overlap(&u->prepared, listen);

	switch (endpoint_open(listen, u->nworkers, shared, &e, error, size)) {
	case 0:
		endpoints_add(&u->prepared, e);
		return true;
	case LISTENER_NO_FAMILY:
		log_warnx("%s (UDP): this machine has no IPv6; not listened on", addr_format_port(listen, text));
		return true;
	default:
		return false;
	}
}

bool
udp_prepare(struct udp *u, const struct addr *listen, size_t n, char *error, size_t size)
{
	udp_abandon(u);
	u->wanted = mem_array(n, sizeof(*listen));
	memcpy(u->wanted, listen, n * sizeof(*listen));
	u->nwanted = n;
	for (size_t i = 0; i < n; i++) {
		if (!udp_prepare_one(u, &listen[i], error, size)) {
			udp_abandon(u);
			return false;
		}
	}
	return true;
}

bool
udp_apply(struct udp *u, char *error, size_t size)
{
	struct endpoints old = u->serving, next = { 0 };

	assert(u->wanted != NULL);
	if (u->started && !endpoints_start(&u->prepared, error, size)) {
		udp_abandon(u);
		return false;
	}
	for (size_t i = 0; i < old.count; i++)
		if (listener_listed(&old.at[i]->listen, u->wanted, u->nwanted))
			endpoints_add(&next, old.at[i]);
		else
			udp_retire(u, old.at[i]);
	for (size_t i = 0; i < u->prepared.count; i++)
		endpoints_add(&next, u->prepared.at[i]);
	free(old.at);
	u->serving = next;
	u->prepared.count = 0;                 /* they serve now */
	udp_abandon(u);
	return true;
}

struct udp *
udp_open(const struct addr *listen, size_t n, unsigned workers, char *error, size_t size)
{
	struct udp *u = mem_alloc(sizeof(*u));

	u->nworkers = workers > 0 ? workers : udp_cpus();
	if (!udp_prepare(u, listen, n, error, size) || !udp_apply(u, error, size)) {
		udp_close(u);
		return NULL;
	}
	return u;
}

bool
udp_start(struct udp *u, char *error, size_t size)
{
	assert(!u->started);
	if (!endpoints_start(&u->serving, error, size)) {
		for (size_t i = 0; i < u->serving.count; i++)
			udp_retire(u, u->serving.at[i]);
		u->serving.count = 0;
		return false;
	}
	u->started = true;
	return true;
}

void
udp_close(struct udp *u)
{
	if (u == NULL)
		return;
	udp_abandon(u);
	for (size_t i = 0; i < u->serving.count; i++)
		udp_retire(u, u->serving.at[i]);
	free(u->serving.at);
	free(u);
}

void
udp_counters(const struct udp *u, uint64_t *answered, uint64_t *dropped)
{
	*answered = u->past_answered;
	*dropped = u->past_dropped;
	for (size_t i = 0; i < u->serving.count; i++)
		for (size_t k = 0; k < u->serving.at[i]->nworkers; k++)
			worker_counters(u->serving.at[i]->workers[k], answered, dropped);
}
