/* fleet.c - builds the live model of a configuration, and hands targets from one to the next.
 *
 *   conf_server    -> host     conf_interface -> iface
 *   conf_service   -> service  each interface of each member -> seat
 *   (interface, check), once however many services use it -> watch -> the checker's target
 *
 * A reload builds the next fleet beside the one that serves. A target that both
 * have stays one target, so that its verdict and history go on; the next fleet
 * puts its own terms on it when it takes over. */
#include "dnsd/fleet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "dnsd/overrides.h"

/* ---- building ---- */

static void
hosts_build(struct fleet *f)
{
	f->nhosts = f->conf->nservers;
	f->hosts = mem_array(f->nhosts, sizeof(*f->hosts));
	for (size_t i = 0; i < f->nhosts; i++) {
		struct host *host = &f->hosts[i];

		host->conf = &f->conf->servers[i];
		host->nifaces = host->conf->ninterfaces;
		host->ifaces = mem_array(host->nifaces, sizeof(*host->ifaces));
		for (size_t k = 0; k < host->nifaces; k++) {
			struct iface *iface = &host->ifaces[k];

			iface->conf = &host->conf->interfaces[k];
			iface->host = host;
			iface->label = mem_printf("%s/%s", host->conf->name, iface->conf->name);
		}
	}
}

/* The interface's watch of a check, made if it has none. own is what a new one is. */
static struct watch *
iface_watch(struct fleet *f, struct iface *iface, const struct conf_check *check, bool own)
{
	struct watch *w;

	for (size_t i = 0; i < iface->nwatches; i++)
		if (iface->watches[i]->check == check)
			return iface->watches[i];
	w = mem_alloc(sizeof(*w));
	w->fleet = f;
	w->label = mem_printf("%s %s", iface->label, check->name);
	w->check = check;
	w->iface = iface;
	w->own = own;
	iface->watches = mem_grow(iface->watches, iface->nwatches, sizeof(*iface->watches));
	iface->watches[iface->nwatches++] = w;
	f->watches = mem_grow(f->watches, f->nwatches, sizeof(*f->watches));
	f->watches[f->nwatches++] = w;
	return w;
}

static void
iface_watch_own(struct fleet *f, struct iface *iface)
{
	const struct conf_checks *lists[] = { &iface->host->conf->checks, &iface->conf->checks };

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++)
			iface_watch(f, iface, lists[l]->check[i], true);
}

static void
seat_watch(struct seat *seat, struct watch *w)
{
	for (size_t i = 0; i < seat->nwatches; i++)
		if (seat->watches[i] == w)
			return;
	seat->watches = mem_grow(seat->watches, seat->nwatches, sizeof(*seat->watches));
	seat->watches[seat->nwatches++] = w;
	w->seats = mem_grow(w->seats, w->nseats, sizeof(*w->seats));
	w->seats[w->nseats++] = seat;
}

static void
seat_build(struct fleet *f, struct service *service, struct iface *iface, const struct conf_member *member)
{
	struct seat *seat = &service->seats[service->nseats];

	seat->service = service;
	seat->iface = iface;
	seat->member = member;
	seat->tier = member->tier;
	seat->candidate = &service->candidates[service->nseats++];
	seat->candidate->address = iface->conf->address;
	seat->candidate->tier = seat->tier;
	iface->seats = mem_grow(iface->seats, iface->nseats, sizeof(*iface->seats));
	iface->seats[iface->nseats++] = seat;
	for (size_t i = 0; i < iface->nwatches; i++)
		if (iface->watches[i]->own)
			seat_watch(seat, iface->watches[i]);
	for (size_t i = 0; i < service->conf->checks.count; i++)
		seat_watch(seat, iface_watch(f, iface, service->conf->checks.check[i], false));
}

static size_t
service_seat_count(const struct conf_service *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->nmembers; i++)
		n += conf->members[i].interface != NULL ? 1 : conf->members[i].server->ninterfaces;
	return n;
}

static void
service_build(struct fleet *f, struct service *service, const struct conf_service *conf)
{
	size_t n = service_seat_count(conf);

	service->conf = conf;
	service->seats = mem_array(n, sizeof(*service->seats));
	service->candidates = mem_array(n, sizeof(*service->candidates));
	service->answer4 = mem_array(n + conf->nfallback, sizeof(*service->answer4));
	service->answer6 = mem_array(n + conf->nfallback, sizeof(*service->answer6));
	for (size_t i = 0; i < conf->nmembers; i++) {
		const struct conf_member *member = &conf->members[i];
		struct host *host = &f->hosts[member->server - f->conf->servers];

		for (size_t k = 0; k < host->nifaces; k++)
			if (member->interface == NULL || member->interface == host->ifaces[k].conf)
				seat_build(f, service, &host->ifaces[k], member);
	}
	assert(service->nseats == n && n > 0);
}

/* ---- indexes ---- */

static int
watch_order(const void *a, const void *b)
{
	return strcmp((*(struct watch *const *)a)->label, (*(struct watch *const *)b)->label);
}

static int
host_order(const void *a, const void *b)
{
	return strcmp((*(struct host *const *)a)->conf->name, (*(struct host *const *)b)->conf->name);
}

static int
service_order(const void *a, const void *b)
{
	return strcmp((*(struct service *const *)a)->conf->text, (*(struct service *const *)b)->conf->text);
}

static void
indexes_build(struct fleet *f)
{
	f->hosts_by_name = mem_array(f->nhosts, sizeof(*f->hosts_by_name));
	for (size_t i = 0; i < f->nhosts; i++)
		f->hosts_by_name[i] = &f->hosts[i];
	f->services_by_name = mem_array(f->nservices, sizeof(*f->services_by_name));
	for (size_t i = 0; i < f->nservices; i++)
		f->services_by_name[i] = &f->services[i];
	qsort(f->hosts_by_name, f->nhosts, sizeof(*f->hosts_by_name), host_order);
	qsort(f->services_by_name, f->nservices, sizeof(*f->services_by_name), service_order);
	if (f->nwatches > 0)
		qsort(f->watches, f->nwatches, sizeof(*f->watches), watch_order);
}

struct host *
fleet_host(const struct fleet *f, const char *name)
{
	struct conf_server conf = { .name = (char *)name };
	struct host host = { .conf = &conf }, *key = &host;
	struct host **found = bsearch(&key, f->hosts_by_name, f->nhosts, sizeof(key), host_order);

	return found != NULL ? *found : NULL;
}

struct service *
fleet_service(const struct fleet *f, const char *name)
{
	uint8_t wire[DNAME_MAX];
	char text[DNAME_TEXT];
	struct conf_service conf = { .text = text };
	struct service service = { .conf = &conf }, *key = &service, **found;

	if (dname_parse(name, wire) == 0)
		return NULL;
	dname_format(wire, text);
	found = bsearch(&key, f->services_by_name, f->nservices, sizeof(key), service_order);
	return found != NULL ? *found : NULL;
}

struct iface *
fleet_iface(const struct fleet *f, const char *label)
{
	const char *slash = strchr(label, '/');
	char server[LABEL_MAX + 1];
	struct host *host;

	if (slash == NULL || (size_t)(slash - label) >= sizeof(server))
		return NULL;
	memcpy(server, label, (size_t)(slash - label));
	server[slash - label] = '\0';
	host = fleet_host(f, server);
	for (size_t i = 0; host != NULL && i < host->nifaces; i++)
		if (strcmp(host->ifaces[i].conf->name, slash + 1) == 0)
			return &host->ifaces[i];
	return NULL;
}

struct watch *
fleet_watch(const struct fleet *f, const char *label)
{
	struct watch watch = { .label = (char *)label }, *key = &watch, **found;

	if (f->nwatches == 0)
		return NULL;
	found = bsearch(&key, f->watches, f->nwatches, sizeof(key), watch_order);
	return found != NULL ? *found : NULL;
}

const struct override *const *
fleet_overrides(const struct fleet *f, size_t *count)
{
	return overrides_list(f->overrides, count);
}

/* ---- targets ---- */

static struct target_conf
watch_terms(const struct watch *w)
{
	return (struct target_conf){
		.label = w->label,
		.check = w->check,
		.address = w->iface->conf->address,
		.source = w->iface->conf->source,
		.device = w->iface->conf->device,
		.mark = w->iface->conf->mark,
	};
}

/* The same label is the same target as long as what stands behind it is the same interface. */
static struct target *
watch_inherited(const struct watch *w, const struct fleet *old)
{
	struct watch *before = old != NULL ? fleet_watch(old, w->label) : NULL;

	if (before == NULL || before->target == NULL || before->check->type != w->check->type ||
	    !addr_same_host(&before->iface->conf->address, &w->iface->conf->address))
		return NULL;
	return before->target;
}

/* The first probes start this far apart, so that ten thousand neither start in one
 * instant nor wait longer than the checker needs; all have begun in half of the first round. */
enum { START_APART_US = 100 };

static uint64_t
start_spread_us(const struct fleet *f, size_t nnew)
{
	uint64_t spread_us = nnew * START_APART_US, most_us = f->conf->daemon.first_round_us / 2;

	return spread_us < most_us ? spread_us : most_us;
}

static bool
targets_begin(struct fleet *f, const struct fleet *old, struct diag *diag)
{
	size_t before = diag->count, nnew = 0;
	char error[256];

	for (size_t i = 0; i < f->nwatches; i++) {
		struct watch *w = f->watches[i];

		w->target = watch_inherited(w, old);
		w->shared = w->target != NULL;
		nnew += !w->shared;
	}
	for (size_t i = 0; i < f->nwatches && nnew > 0; i++) {
		struct watch *w = f->watches[i];
		struct target_conf terms = watch_terms(w);

		if (!w->shared)
			w->target = checker_add(f->checker, &terms, start_spread_us(f, nnew), w, error, sizeof(error));
		if (w->target == NULL)
			diag_add(diag, f->conf->file, w->check->line, w->label, "%s", error);
	}
	return diag->count == before;
}

struct fleet *
fleet_new(const struct conf *conf, struct checker *checker, const struct overrides *overrides,
    const struct fleet *old, struct diag *diag)
{
	struct fleet *f = mem_alloc(sizeof(*f));

	f->conf = conf;
	f->checker = checker;
	f->overrides = overrides;
	hosts_build(f);
	for (size_t i = 0; i < f->nhosts; i++)
		for (size_t k = 0; k < f->hosts[i].nifaces; k++)
			iface_watch_own(f, &f->hosts[i].ifaces[k]);
	f->nservices = conf->nservices;
	f->services = mem_array(f->nservices, sizeof(*f->services));
	for (size_t i = 0; i < f->nservices; i++)
		service_build(f, &f->services[i], &conf->services[i]);
	indexes_build(f);
	if (targets_begin(f, old, diag))
		return f;
	fleet_free(f, old);
	return NULL;
}

/* A first verdict is enough to answer by: a doubt about it shortens the TTL, and nobody need wait for that. */
static bool
watch_judged(const struct watch *w)
{
	return w->shared || target_view(w->target)->verdict.value != VERDICT_UNKNOWN || target_settled(w->target);
}

bool
fleet_settled(struct fleet *f)
{
	/* Judged once is judged: asked after every probe, this must not start over each time. */
	while (f->nsettled < f->nwatches && watch_judged(f->watches[f->nsettled]))
		f->nsettled++;
	return f->nsettled == f->nwatches;
}

/* ---- taking over ---- */

static void
watch_take(struct fleet *f, struct watch *w)
{
	struct target_conf terms = watch_terms(w);
	char error[256];

	if (target_update(f->checker, w->target, &terms, w, error, sizeof(error)))
		return;
	/* Its files changed since the new configuration was checked. Unprobed is unknown, and that is said. */
	log_warnx("%s: %s; not probed until the next reload", w->label, error);
	checker_remove(f->checker, w->target);
	w->target = NULL;
}

static bool
seat_was_added(const struct seat *seat)
{
	return seat->member->added || seat->iface->host->conf->added;
}

static void
seat_inherit(struct seat *seat, const struct service *service)
{
	seat->unproven = seat_was_added(seat);
	for (size_t i = 0; i < service->nseats; i++) {
		const struct seat *before = &service->seats[i];

		if (strcmp(before->iface->label, seat->iface->label) != 0)
			continue;
		seat->verdict = before->verdict;
		seat->state = before->state;
		seat->changed_us = before->changed_us;
		seat->returns_us = before->tier == seat->tier ? before->returns_us : 0;
		if (addr_same_host(&before->iface->conf->address, &seat->iface->conf->address))
			seat->unproven = before->unproven;
	}
}

static void
iface_inherit(struct iface *iface, const struct fleet *old)
{
	const struct iface *before = fleet_iface(old, iface->label);

	if (before == NULL)
		return;
	iface->verdict = before->verdict;
	iface->state = before->state;
	iface->changed_us = before->changed_us;
}

/* What was answered, so that only what the new configuration changes counts as a change. */
static void
service_inherit(struct service *service, const struct fleet *old)
{
	const struct service *before = fleet_service(old, service->conf->text);
	size_t room = service->nseats + service->conf->nfallback;

	if (before == NULL)
		return;
	for (size_t k = 0; k < service->nseats; k++)
		seat_inherit(&service->seats[k], before);
	service->changed_us = before->changed_us;
	if (!before->decided)
		return;
	if (before->choice.count4 > room)      /* more than there are members now */
		service->answer4 = mem_resize(service->answer4, before->choice.count4 * sizeof(struct addr));
	if (before->choice.count6 > room)
		service->answer6 = mem_resize(service->answer6, before->choice.count6 * sizeof(struct addr));
	service->decided = true;
	service->choice = before->choice;
	memcpy(service->answer4, before->answer4, before->choice.count4 * sizeof(struct addr));
	memcpy(service->answer6, before->answer6, before->choice.count6 * sizeof(struct addr));
}

void
fleet_take(struct fleet *f, struct fleet *old)
{
	for (size_t i = 0; i < f->nhosts; i++)
		for (size_t k = 0; k < f->hosts[i].nifaces; k++)
			iface_inherit(&f->hosts[i].ifaces[k], old);
	for (size_t i = 0; i < f->nservices; i++)
		service_inherit(&f->services[i], old);
	for (size_t i = 0; i < old->nwatches; i++) {
		struct watch *w = fleet_watch(f, old->watches[i]->label);

		if (w != NULL && w->shared)
			old->watches[i]->target = NULL;        /* f's alone from here on */
	}
	for (size_t i = 0; i < f->nwatches; i++) {
		if (f->watches[i]->shared)
			watch_take(f, f->watches[i]);
		f->watches[i]->shared = false;
	}
	fleet_free(old, NULL);
}

static void
watch_free(struct fleet *f, struct watch *w, const struct fleet *keep)
{
	const struct watch *kept = keep != NULL ? fleet_watch(keep, w->label) : NULL;

	if (w->target != NULL && (kept == NULL || kept->target != w->target))
		checker_remove(f->checker, w->target);
	free(w->label);
	free(w->seats);
	free(w);
}

void
fleet_free(struct fleet *f, const struct fleet *keep)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->nservices; i++) {
		for (size_t k = 0; k < f->services[i].nseats; k++)
			free(f->services[i].seats[k].watches);
		free(f->services[i].seats);
		free(f->services[i].candidates);
		free(f->services[i].answer4);
		free(f->services[i].answer6);
	}
	for (size_t i = 0; i < f->nwatches; i++)
		watch_free(f, f->watches[i], keep);
	for (size_t i = 0; i < f->nhosts; i++) {
		for (size_t k = 0; k < f->hosts[i].nifaces; k++) {
			free(f->hosts[i].ifaces[k].label);
			free(f->hosts[i].ifaces[k].watches);
			free(f->hosts[i].ifaces[k].seats);
		}
		free(f->hosts[i].ifaces);
	}
	free(f->hosts);
	free(f->services);
	free(f->watches);
	free(f->hosts_by_name);
	free(f->services_by_name);
	free(f);
}
