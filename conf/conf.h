/* conf.h - what the operator says, checked and resolved.
 *
 * conf_load() reads homing.conf (libconfig) into one immutable tree. A tree that
 * is returned is one that works: every name refers to something, every value is
 * in range, every address is given once. Master files are not read here: zones/
 * does that and adds to the same diag.
 *
 * Ownership: everything hangs off struct conf and dies with conf_free(). Pointers
 * between its parts (a service's checks, an interface's fabric) stay inside the tree.
 * Threads: built and freed by the control thread; immutable, so readable by any.
 * Absent strings are NULL, absent addresses have family 0, absent lists count 0.
 * All _us are microseconds. Absolute paths: relative ones are resolved against
 * the configuration file's folder. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "base/dname.h"

enum check_type { CHECK_PING, CHECK_TCP, CHECK_HTTP, CHECK_HTTPS };
enum spread { SPREAD_ALL, SPREAD_ROTATE };
enum all_down { ALL_DOWN_ALL, ALL_DOWN_EMPTY, ALL_DOWN_FALLBACK };
enum zone_type { ZONE_FILE, ZONE_DYNAMIC, ZONE_CATALOG };
enum tsig_algorithm { TSIG_HMAC_SHA1, TSIG_HMAC_SHA224, TSIG_HMAC_SHA256, TSIG_HMAC_SHA384, TSIG_HMAC_SHA512 };
enum http_version { HTTP_ANY, HTTP_1_0, HTTP_1_1, HTTP_2 };

struct conf_daemon {                   /* the group "server" */
	struct addr *listen;           /* with ports; default 0.0.0.0:53, [::]:53 */
	size_t nlisten;
	unsigned workers;              /* 1..256; 0: one per CPU */
	char *user;
	char *state;                   /* folder; default /var/lib/homing */
	char *control;                 /* Unix socket; default /run/homing/homing.sock */
	uint64_t first_round_us;       /* default 3 s */
	char *nsid;                    /* raw text, up to 128 bytes; absent: NULL */
	char *version;                 /* CHAOS version.bind; NULL: default; "none": refused */
	unsigned tcp_clients;          /* default 1024 */
	uint64_t tcp_idle_us;          /* default 10 s */
	struct addr *listen_tls;       /* DNS over TLS; default none; needs both of: */
	size_t nlisten_tls;
	char *tls_certificate, *tls_key;       /* readable PEM files */
	unsigned rate_limit;           /* identical answers per second and client prefix; 0: off */
	unsigned rate_limit_slip;      /* of those above the limit every nth is answered with TC: 0..10; 0: none, 1: all; 2 */
	struct prefix *rate_limit_exempt;
	size_t nrate_limit_exempt;
	uint8_t (*cookie_secrets)[16]; /* the first makes cookies, all are believed (RFC 9018, 5); none: random at start */
	size_t ncookie_secrets;        /* 0..4 */
	uint64_t history_keep_us;      /* how long events are kept; 30 days; 0: not at all */
	unsigned history_mb;           /* and how many MiB of them; 256, at least 1 */
};

struct conf_key {                      /* TSIG (RFC 8945) */
	char *name;                    /* presentation form, lower case, no final dot */
	uint8_t dname[DNAME_MAX];      /* wire form, lower case */
	unsigned line;
	enum tsig_algorithm algorithm;
	uint8_t *secret;               /* decoded */
	size_t secret_size;            /* 1..1024 bytes */
};

/* One of those who may do something: both must hold where both are given. */
struct conf_who {
	bool anywhere;                 /* no prefix was given */
	struct prefix prefix;
	const struct conf_key *key;    /* NULL: signed or not */
};

struct conf_whos {
	struct conf_who *who;
	size_t count;
};

/* What a key may change of a zone, more finely than `update`. */
struct conf_update_rule {
	const struct conf_key *key;
	char **names;                  /* patterns, lower case, absolute, no final dot; "*" stands for any characters, dots too; at least one */
	size_t nnames;
	uint16_t *types;               /* none: all */
	size_t ntypes;
	unsigned line;
};

struct conf_notify {                   /* a secondary that is told of changes (RFC 1996) */
	struct addr address;           /* with port; default 53 */
	const struct conf_key *key;    /* NULL: unsigned */
	struct addr source;            /* no port; family 0: the kernel's choice */
	unsigned line;
};

struct conf_fabric {
	char *name;
	unsigned line;
	struct prefix *subnets;
	size_t nsubnets;
	struct addr source4, source6;  /* our address for probes; family 0: the kernel's choice */
	char *device;                  /* SO_BINDTODEVICE */
	uint32_t mark;                 /* SO_MARK; 0: none */
};

struct conf_status { unsigned from, to; };             /* 100..599, from <= to */

struct conf_check {
	char *name;
	unsigned line;
	enum check_type type;
	uint64_t interval_us;          /* 1 s */
	uint64_t timeout_us;           /* 500 ms; <= interval */
	uint64_t fast_interval_us;     /* interval / 5, at least 10 ms */
	uint64_t slow_interval_us;     /* interval */
	unsigned rise, fall;           /* 3, 2; 1..64 */
	unsigned max_loss;             /* percent of the last 64 probes; 0: off */
	bool invert;
	unsigned jitter;               /* percent of the interval, 0..50; 10 */
	struct addr target;            /* probed instead of the interface's address */
	uint16_t port;                 /* tcp: required; http 80; https 443; ping 0 */

	unsigned size;                 /* ping: payload bytes 0..65507; 56 */
	bool dont_fragment;            /* ping */

	char *send;                    /* tcp; may hold NULs? no: libconfig strings end there */
	char *expect;                  /* tcp: PCRE2 pattern on what is received */
	bool tls;                      /* tcp */

	char *path, *host, *method;    /* http(s): "/", NULL: the address, "GET"; host: tcp with tls too */
	char **headers;                /* "Name: value" */
	size_t nheaders;
	struct conf_status *status;    /* default 200-299 */
	size_t nstatus;
	char *body;                    /* PCRE2 pattern in the first 64 KiB */
	bool verify;                   /* https, tcp with tls: true */
	char *ca;                      /* file; NULL: the system's */
	uint64_t expires_within_us;    /* 0: off */
	enum http_version http_version;
};

struct conf_checks {                   /* a list of references into conf->checks */
	const struct conf_check **check;
	size_t count;
};

struct conf_interface {
	char *name;
	unsigned line;
	struct addr address;           /* no port */
	const struct conf_fabric *fabric;      /* given, or the one whose subnets hold the address; may be NULL */
	struct conf_checks checks;     /* the interface's own */
	struct addr source;            /* the interface's, or its fabric's for this family; may be none */
	const char *device;            /* likewise; may be NULL */
	uint32_t mark;                 /* its fabric's */
	const struct conf_server *server;
};

struct conf_server {
	char *name;
	unsigned line;
	struct conf_checks checks;     /* of every interface of this server */
	struct conf_interface *interfaces;
	size_t ninterfaces;            /* at least 1 */
	bool added;                    /* at run time (conf_amend()): line is 0 */
	char *owner;                   /* by whom; NULL unless added */
};

struct conf_zone {
	uint8_t name[DNAME_MAX];       /* wire form, lower case */
	char *text;                    /* presentation form, no final dot */
	unsigned line;
	enum zone_type type;           /* ZONE_CATALOG has no file: its records list the other zones (RFC 9432) */
	char *file;                    /* NULL: SOA and NS are made from the configuration; of ZONE_DYNAMIC the seed of an empty store */
	struct conf_whos update;       /* who may update it: of ZONE_DYNAMIC alone; default nobody */
	struct conf_update_rule *update_rules;
	size_t nupdate_rules;
	struct conf_whos transfer;     /* who may AXFR and IXFR; default nobody; of a catalog at least one */
	struct conf_notify *notify;
	size_t nnotify;                /* 0..256; each may transfer the zone, by its address or its key */
	uint64_t notify_delay_us;      /* changes within it share a serial and a NOTIFY; 200 ms, 0..60 s */
};

struct conf_member {
	const struct conf_server *server;
	const struct conf_interface *interface;        /* NULL: all of the server's */
	unsigned tier;                 /* 1..255; 1 */
	unsigned line;
	bool added;                    /* at run time: line is 0 */
	char *owner;                   /* by whom; NULL unless added */
};

struct conf_service {
	uint8_t name[DNAME_MAX];       /* wire form, lower case */
	char *text;                    /* presentation form, no final dot */
	unsigned line;
	const struct conf_zone *zone;  /* the innermost that encloses it; never NULL */
	struct conf_member *members;   /* "members", then "servers", then what was added; in the order given */
	size_t nmembers;               /* at least 1 */
	struct conf_checks checks;     /* on top of the servers' and interfaces' own */
	uint32_t ttl, ttl_doubt;       /* seconds; 5, 1; ttl_doubt <= ttl */
	enum spread spread;            /* SPREAD_ALL */
	unsigned answers;              /* 0: all */
	enum all_down all_down;        /* ALL_DOWN_ALL */
	struct addr *fallback;
	size_t nfallback;
	uint64_t failback_delay_us;    /* 10 s */
};

struct conf {
	char *file;                    /* as given */
	struct conf_text *text;        /* as it was read, for conf_amend(); NULL of an amended one */
	const struct conf *base;       /* of an amended one: whose is all but the servers and services; else NULL */
	struct conf_daemon daemon;
	struct conf_key *keys;          size_t nkeys;
	struct conf_fabric *fabrics;    size_t nfabrics;
	struct conf_check *checks;      size_t nchecks;
	struct conf_server *servers;    size_t nservers;
	struct conf_zone *zones;        size_t nzones;
	struct conf_service *services;  size_t nservices;
};

/* Reads and checks path. NULL when there was any mistake; diag then holds them
 * all. A configuration without a single zone gives each service that no other
 * service's zone encloses a zone of its own (a conf_zone without file); one that lists zones must
 * enclose every service in one of them. */
struct conf *conf_load(const char *path, struct diag *diag);

/* The same from a string of length bytes, for tests and fuzzers; path is for messages and relative paths. */
struct conf *conf_parse(const char *text, size_t length, const char *path, struct diag *diag);

/* ---- what is added at run time ---- */

/* A server, or a member of a service, beside those that the file has. */
struct conf_more {
	const char *service;           /* whose member it is, as text; NULL: a server */
	const char *name;              /* the server's */
	const char *text;              /* its group in the file's words: "{ name = \"db9\"; interfaces = ( ... ); }" */
	const char *owner;             /* who added it; "" where not given */
	size_t mistakes;               /* out: how many concern it; */
	size_t first;                  /* the first of them in diag->messages; behind them: it was dropped */
};

/* base, which conf_load() gave, with more: checked as if the file had it, but that the file is not read again: what it said when it was
 * loaded holds. Zones, checks, fabrics and keys are base's own, which must outlive the result, and the services stand in the same places. NULL
 * when there was any mistake: "run time: servers.db9.interfaces.a.address: ...". Any one thread at a time per base. */
struct conf *conf_amend(const struct conf *base, struct conf_more *more, size_t n, struct diag *diag);

/* text as a value in the file: in quotes, what would end them escaped. malloc'd. */
char *conf_quote(const char *text);

void conf_free(struct conf *conf);     /* NULL is fine */

/* The control socket alone, for the CLI's -c: NULL with diag when the file cannot be read. malloc'd. */
char *conf_control_socket(const char *path, struct diag *diag);

const char *zone_type_text(enum zone_type type);       /* "file", "dynamic", "catalog" */
const char *tsig_algorithm_text(enum tsig_algorithm algorithm);        /* "hmac-sha256", ...: also its name in DNS */
const char *check_type_text(enum check_type type);     /* "ping", "tcp", "http", "https" */
const char *spread_text(enum spread spread);
const char *all_down_text(enum all_down all_down);

#endif
