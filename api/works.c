/* works.c - requests that take long to read. */
#include "api/works.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "dnsd/work.h"

struct job {
	LIST_ENTRY(job) link;
	struct works *works;
	struct work *work;
	void (*run)(void *arg), (*done)(void *arg), (*drop)(void *arg);
	void *arg;
};

struct works {
	struct event_base *base;
	LIST_HEAD(, job) jobs;
	unsigned count;
};

static void
job_free(struct job *j)
{
	LIST_REMOVE(j, link);
	j->works->count--;
	free(j);
}

static void
job_run(void *arg)
{
	struct job *j = arg;

	j->run(j->arg);
}

static void
job_done(void *arg)
{
	struct job *j = arg;
	void (*done)(void *arg) = j->done;
	void *of = j->arg;

	job_free(j);
	done(of);
}

bool
works_start(struct works *w, void (*run)(void *arg), void (*done)(void *arg), void (*drop)(void *arg), void *arg)
{
	struct job *j;

	if (w->count == WORKS_MAX)
		return false;
	j = mem_alloc(sizeof(*j));
	*j = (struct job){ .works = w, .run = run, .done = done, .drop = drop, .arg = arg };
	LIST_INSERT_HEAD(&w->jobs, j, link);
	w->count++;
	j->work = work_start(w->base, job_run, job_done, j);
	if (j->work != NULL)
		return true;
	job_free(j);
	return false;
}

struct works *
works_new(struct event_base *base)
{
	struct works *w = mem_alloc(sizeof(*w));

	w->base = base;
	LIST_INIT(&w->jobs);
	return w;
}

void
works_free(struct works *w)
{
	struct job *j;

	if (w == NULL)
		return;
	while ((j = LIST_FIRST(&w->jobs)) != NULL) {
		work_cancel(j->work);
		j->drop(j->arg);
		job_free(j);
	}
	free(w);
}
