/* fleet.h - the live model: servers, interfaces, services, and what holds for each.
 *
 * One fleet belongs to one configuration. Verdicts come in from the checker and
 * overrides from the operator; decide.h makes states and choices of them, and puts
 * what changed into the zones.
 *
 * Threads: the control thread only. The API reads these structs and changes
 * nothing; it calls daemon.h for that. Pointers are good until the next turn of the loop. */
#ifndef DNSD_FLEET_H
#define DNSD_FLEET_H

#include "checker/checker.h"
#include "conf/conf.h"
#include "dnsd/choice.h"

struct fleet;
struct service;
struct iface;
struct host;

enum override_state { OVERRIDE_DRAINED, OVERRIDE_UP, OVERRIDE_DOWN };
const char *override_text(enum override_state s);      /* "drained", "up", "down": as in the API */

/* An operator's word. subject is as given, in canonical spelling: "db1", "db1/a",
 * "www.example.com:db1", or a fabric's name. The most specific one holds:
 * SERVICE:SERVER, then SERVER/INTERFACE, then SERVER, then the fabric. */
struct override {
	char *subject;
	enum override_state state;
	char *owner, *why;             /* never NULL; "" where not given */
	uint64_t since_ms;             /* wall clock */
	uint64_t until_ms;             /* wall clock; 0: until released */
};

/* One target as the fleet sees it. */
struct watch {
	const struct fleet *fleet;     /* whose it is */
	char *label;                   /* "db1/a pg" */
	struct target *target;         /* the checker's */
	const struct conf_check *check;
	struct iface *iface;
	bool own;                      /* from the server's or interface's checks, not a service's */
	struct seat **seats;           /* whose state it bears on */
	size_t nseats;
	bool shared;                   /* target belongs to the fleet before as well, until fleet_take() */
};

/* An interface of a server. */
struct iface {
	const struct conf_interface *conf;
	struct host *host;
	char *label;                   /* "db1/a" */
	struct watch **watches;        /* own checks first */
	size_t nwatches;
	enum verdict_value verdict;    /* of its own checks; of all of them where it has none */
	enum state state;              /* with overrides of the interface, server and fabric */
	const struct override *override;       /* the one that holds; may be NULL */
	struct seat **seats;
	size_t nseats;
	uint64_t changed_us;           /* when state last changed; 0: never */
};

/* A server: up while any interface is usable and up; down when all are. */
struct host {
	const struct conf_server *conf;
	struct iface *ifaces;
	size_t nifaces;
	enum state state;
};

/* One interface in one service. */
struct seat {
	struct service *service;
	struct iface *iface;
	unsigned tier;
	struct watch **watches;        /* the interface's own checks, then the service's */
	size_t nwatches;
	enum verdict_value verdict;    /* measured: down if any watch is, else unknown if any is, else up */
	enum state state;              /* effective */
	const struct override *override;
	uint64_t changed_us;           /* when state last changed; 0: never */
	uint64_t returns_us;           /* failback_delay runs until then; 0: it does not */
	struct candidate *candidate;   /* its place in service->candidates, with its fate */
	const struct conf_member *member;      /* by which it is here */
	bool unproven;                 /* came at run time, and was not found well yet: not answered */
};

struct service {
	const struct conf_service *conf;
	struct seat *seats;            /* in the configuration's order */
	size_t nseats;
	struct candidate *candidates;  /* seat i is candidate i */
	struct choice choice;
	struct addr *answer4, *answer6;        /* what is answered, in order: choice.count4, choice.count6 */
	enum state state;              /* up: somebody is usable; down: nobody; unknown: all usable are unknown */
	uint64_t changed_us;           /* when the answer last changed; 0: never */
	bool decided;                  /* choice and answers have been made once */
	/* Within a turn, decide.c's: */
	bool dirty;                    /* a seat changed: to be decided again */
	bool moved;                    /* its addresses changed */
	bool told;                     /* a verdict's event says so */
};

struct overrides;

struct fleet {
	const struct conf *conf;               /* borrowed: outlives the fleet; has what was added at run time */
	struct checker *checker;
	const struct overrides *overrides;
	struct host *hosts;                    /* as configured: conf->servers[i] is hosts[i] */
	size_t nhosts;
	struct service *services;              /* as configured: conf->services[i] is services[i] */
	size_t nservices;
	struct watch **watches;                /* by label */
	size_t nwatches;
	struct host **hosts_by_name;
	struct service **services_by_name;
	size_t nsettled;                       /* watches known to be settled: those before this one */
};

/* Builds the model of conf and begins to probe what old (may be NULL) does not
 * probe yet; targets that old has too are shared with it, on their old terms,
 * until fleet_take(). NULL with the mistakes in diag: nothing changed. */
struct fleet *fleet_new(const struct conf *conf, struct checker *checker, const struct overrides *overrides,
    const struct fleet *old, struct diag *diag);

/* True when every target that is new with f has a verdict, or only failures of our own: the first round is done. */
bool fleet_settled(struct fleet *f);

/* f takes old's place: shared targets get f's terms, old's other targets are removed, and what old
 * knew of the same interfaces and seats (since when, failback under way) is carried over. What came at run time, and is
 * new here, is unproven. Frees old. */
void fleet_take(struct fleet *f, struct fleet *old);

/* Frees f and removes the targets it alone has: those shared with keep (may be NULL) stay. */
void fleet_free(struct fleet *f, const struct fleet *keep);

const struct override *const *fleet_overrides(const struct fleet *f, size_t *count);

/* By the names operators use; NULL if there is none. Service names with or without the final dot, any case. */
struct host *fleet_host(const struct fleet *f, const char *name);
struct iface *fleet_iface(const struct fleet *f, const char *label);           /* "db1/a" */
struct service *fleet_service(const struct fleet *f, const char *name);
struct watch *fleet_watch(const struct fleet *f, const char *label);           /* "db1/a pg" */

#endif
