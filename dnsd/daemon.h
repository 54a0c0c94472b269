/* daemon.h - the running daemon as the API sees it.
 *
 * The API is a layer above dnsd: it is given this interface, and dnsd reaches it
 * only through struct front (below). Control thread only. Functions that can be
 * refused return false with one clear line in error. */
#ifndef DNSD_DAEMON_H
#define DNSD_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "dnsd/fleet.h"

struct daemon;
struct event_base;
struct zone;

enum { ERROR_TEXT = 512 };

/* ---- what is ---- */

struct event_base *daemon_base(const struct daemon *d);
const struct fleet *daemon_fleet(const struct daemon *d);
const struct checker *daemon_checker(const struct daemon *d);
bool daemon_ready(const struct daemon *d);     /* the first round is done: queries are answered */

struct daemon_transfer_totals {
	uint64_t axfr, ixfr;           /* whole ones */
	uint64_t ixfr_udp;             /* of ixfr, those over UDP */
	uint64_t current, broken, bytes;
	uint64_t refused;              /* who may not, no such zone, wrong class */
	uint64_t badsig, badkey, badtime, badtrunc, formerr;
	uint64_t reports_dropped;
	unsigned under_way;            /* over TCP and TLS, now */
};

struct daemon_update_totals {
	uint64_t updates, refused, failed;     /* NOERROR; by us, for cause; by the disk */
	uint64_t batches, records;             /* transactions; RRsets written */
	bool disk_ok;                  /* the last batch was kept */
	uint64_t leases;               /* records that go away by themselves */
};

struct daemon_totals {
	uint64_t started_ms;           /* wall clock */
	uint64_t queries_udp, queries_tcp;     /* answered */
	uint64_t dropped;              /* datagrams that deserved no answer */
	unsigned tcp_open;
	uint64_t publications;         /* snapshots published */
	uint64_t queries_tls;
	unsigned tls_open;
	uint64_t limited, slipped;     /* by response rate limiting: dropped, sent with TC */
	struct daemon_transfer_totals transfers;
	struct daemon_update_totals updates;
};
void daemon_totals(const struct daemon *d, struct daemon_totals *out);

struct daemon_zone {                   /* one row of `homing zones` */
	const struct conf_zone *conf;
	uint32_t serial;               /* of its edition: what secondaries get */
	size_t names;
	uint64_t loaded_ms;            /* wall clock */
	uint64_t numbered_ms;          /* wall clock: when it got its serial */
	size_t history_steps, history_bytes;   /* what IXFR can go back to */
	size_t nsecondaries;
};
size_t daemon_zones(const struct daemon *d, struct daemon_zone *out, size_t room);     /* how many there are; 0 until ready */
void daemon_zone(const struct daemon *d, size_t i, struct daemon_zone *out);           /* conf zone number i, below that */

/* The version of conf zone number i that is answered now: good in this turn of the loop. *ahead: its configured plane has changed since
 * the zone got its serial; the next serial, within notify_delay, says so. NULL until ready. */
const struct zone *daemon_zone_version(const struct daemon *d, size_t i, bool *ahead);

/* One who follows a zone. */
struct daemon_secondary {
	struct addr address;           /* a NOTIFY target's, with port; else without */
	bool configured;               /* a NOTIFY target */
	const char *key;               /* of the NOTIFY, or of the last transfer; NULL: none */
	uint32_t notified_serial;      /* the last NOTIFY's */
	uint64_t notified_ms;          /* wall clock; 0: none was sent */
	unsigned notify_tries;
	uint32_t acked_serial;
	uint64_t acked_ms;             /* 0: none was acknowledged */
	uint32_t serial;               /* the last that it asked for or got */
	uint64_t serial_ms;            /* 0: it never did */
	const char *transfer;          /* how: "AXFR", "IXFR", "current", "AXFR broken off", ...; NULL: it never did */
	uint64_t transfer_bytes, transfer_us;
	uint32_t behind;               /* serials: ours minus its (RFC 1982); 0: in step, or never seen */
	uint64_t lag_ms;               /* how long it has been behind by now; in step: how long it took after our last numbering */
	const char *error;             /* of the last NOTIFY that was answered or given up waiting for; NULL: none */
	bool failing;                  /* an event told that it does not acknowledge, or refuses */
};
/* Of conf zone number i. How many there are; out may be smaller. Texts are valid in this turn of the loop. */
size_t daemon_secondaries(const struct daemon *d, size_t i, struct daemon_secondary *out, size_t room);

/* The edition of conf zone number i that has all of its configured plane: if it needs a serial for that, it gets one now. Held for the
 * caller: edition_let_go(). NULL until ready. */
struct edition;
const struct edition *daemon_edition(struct daemon *d, size_t i);

/* The zone as a master file, piece by piece: an edition is held meanwhile. NULL: no such zone. Control thread.
 * configured: its configured plane; what a service governs is in comments there: it is not the file's. */
struct daemon_export;
struct daemon_export *daemon_export_new(struct daemon *d, const char *zone, bool configured);
char *daemon_export_next(struct daemon_export *x, size_t *size);       /* malloc'd lines, some 64 KiB; NULL: that was all */
void daemon_export_free(struct daemon_export *x);

/* ---- explain: by the live answer's own code ---- */

struct explanation {
	char question[1100];           /* "www.example.com A" */
	char rcode[16];                /* "NOERROR", "NXDOMAIN", "REFUSED", ... */
	const char *found;             /* "service", "static records", "wildcard", "referral", "no such name", ... */
	const char *zone;              /* text; NULL: none encloses the name */
	const struct service *service; /* NULL unless a service answers (the last of a CNAME chain) */
	char **answers;                /* presentation form, a line per RR of the answer section, from the real packet */
	size_t nanswers;
};
/* type: "A", "AAAA", "TYPE65", ...; from: the client, family 0 if not said. */
bool daemon_explain(struct daemon *d, const char *name, const char *type, const struct addr *from,
    struct explanation *out, char error[ERROR_TEXT]);
void explanation_clear(struct explanation *e);

/* ---- what operators do ---- */

/* x: SERVER, SERVER/INTERFACE, SERVICE:SERVER, or a fabric. for_us 0: until released. Durable when it returns true.
 * expires_s: seconds until the last cached answer with what was taken out expires (the TTL when it was taken out). */
bool daemon_override(struct daemon *d, const char *x, enum override_state state, uint64_t for_us,
    const char *owner, const char *why, uint32_t *expires_s, char error[ERROR_TEXT]);
bool daemon_release(struct daemon *d, const char *x, const char *owner, char error[ERROR_TEXT]);

/* An update by an administrator, taken over; owner: who, for the log and the history. done is called once, in a later turn: with NOERROR it
 * is on disk and visible. With if_serial the zone has its next serial by then, too; a zone that has another serial, or changes
 * that have none yet, is NXRRSET, and why is daemon_other_serial. */
extern const char daemon_other_serial[];
struct update;
struct update_result;
typedef void daemon_update_fn(void *arg, const struct update_result *result, uint32_t serial);
void daemon_update(struct daemon *d, struct update *update, const char *owner, daemon_update_fn *done, void *arg);

/* Probes every target of x (SERVER, SERVER/INTERFACE, SERVICE:SERVER, or a service) now. row is called
 * for each as it ends, end once behind the last. */
struct daemon_check_hooks {
	void (*row)(void *arg, const struct watch *w, enum probe_reason reason, const char *detail, uint64_t rtt_us);
	void (*end)(void *arg);
};
bool daemon_check(struct daemon *d, const char *x, const struct daemon_check_hooks *hooks, void *arg, char error[ERROR_TEXT]);

/* Reads the configuration again and switches to it when it is wholly ready. done is called once, maybe
 * after seconds (new targets have their first round first), ok false with every mistake in diag. NULL: the log says what
 * came of it. */
typedef void (*daemon_reload_fn)(void *arg, bool ok, const struct diag *diag);
void daemon_reload(struct daemon *d, daemon_reload_fn done, void *arg);

/* Servers, and members of services, that come and go at run time, beside those of homing.conf. A change takes its turn behind those before
 * it and behind a reload; it is durable, and what it adds is probed, before done is called. What comes is answered once it was found well. */
struct daemon_change {
	const char *service;           /* whose member it is, any spelling; NULL: it is a server */
	const char *name;              /* the server's */
	const char *text;              /* its group in homing.conf's words; NULL: it goes */
	const char *owner;             /* "" where not given */
	bool only_new;                 /* not if there is one already */
};
enum change_end {
	CHANGE_ADDED, CHANGE_REPLACED, CHANGE_REMOVED,
	CHANGE_UNKNOWN,                /* there is no such server, member or service */
	CHANGE_REFUSED,                /* it is there already, or homing.conf's, or a member somewhere */
	CHANGE_WRONG,                  /* mistakes has them all */
	CHANGE_BUSY,                   /* too many wait, or homingd is stopping */
	CHANGE_FAILED                  /* the disk */
};
typedef void daemon_change_fn(void *arg, enum change_end end, const char *error, const struct diag *mistakes);
/* done is called once, maybe before this returns. */
void daemon_change(struct daemon *d, const struct daemon_change *change, daemon_change_fn *done, void *arg);
struct objects;
const struct objects *daemon_objects(const struct daemon *d);  /* what was added, also what is left out (objects.h) */

void daemon_stop(struct daemon *d);    /* returns at once; the loop ends after this turn's replies are sent */

/* ---- events: what log lines say, as data ---- */

#define EVENT_KINDS(X)                                                                          \
	X(EVENT_TARGET,   "target")    /* a verdict changed */                                  \
	X(EVENT_STATE,    "state")     /* an interface's state changed */                       \
	X(EVENT_SERVICE,  "service")   /* a service's answer changed */                         \
	X(EVENT_OVERRIDE, "override")  /* set, released or expired */                           \
	X(EVENT_ZONE,     "zone")      /* a zone has a new serial */                            \
	X(EVENT_UPDATE,   "update")    /* an update was applied */                              \
	X(EVENT_SECONDARY, "secondary") /* a NOTIFY went unanswered, a secondary is in step again */ \
	X(EVENT_CHANGE,   "change")    /* a server or a member came or went at run time */      \
	X(EVENT_RELOAD,   "reload")    /* done or refused */                                    \
	X(EVENT_READY,    "ready")     /* the first round is done */                            \
	X(EVENT_HISTORY,  "history")   /* events before this one were not kept */               \
	X(EVENT_STOP,     "stop")
enum event_kind {
#define X(value, words) value,
	EVENT_KINDS(X)
#undef X
};
const char *event_kind_text(enum event_kind k);

/* What is kept of them (chronicle.h). */
struct chronicle;
const struct chronicle *daemon_chronicle(const struct daemon *d);

struct daemon_event {
	enum event_kind kind;
	uint64_t at_ms;                /* wall clock */
	const char *subject;           /* "db1/a pg", "db1/a", "www.example.com", ... */
	const char *from, *to;         /* "up", "down", ...; "" where they do not apply */
	const char *text;              /* the log line */
};
typedef void (*daemon_event_fn)(void *arg, const struct daemon_event *e);
struct daemon_listener;
struct daemon_listener *daemon_listen(struct daemon *d, daemon_event_fn fn, void *arg);
void daemon_unlisten(struct daemon_listener *l);       /* also from inside fn */

/* ---- the layer above ---- */

/* Defined by api/; linked into homingd by the Makefile. */
struct front;
struct front *front_start(struct daemon *d, const char *socket_path, char error[ERROR_TEXT]);   /* NULL: refused, e.g. another daemon answers there */
bool front_move(struct front *f, const char *socket_path, char error[ERROR_TEXT]);     /* reload: another path */
void front_stop(struct front *f);      /* removes the socket; NULL is fine */

#endif
