/* reports.h - what threads that answer tell the control thread: transfers, and messages that were refused for cause.
 *
 * A bounded queue under a mutex, off the query path; when it is full reports are counted and dropped: nobody
 * outside can make the daemon log, wait or grow. The control thread logs and counts (secondaries.h). */
#ifndef DNSD_REPORTS_H
#define DNSD_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/dname.h"

struct event_base;

enum report_kind {
	REPORT_TRANSFER,               /* a transfer has ended; bytes, messages, from, to, took_us; whole: the client got all of it */
	REPORT_CURRENT,                /* an IXFR was asked for by one who has the zone already: to is its serial */
	REPORT_REFUSED                 /* rcode and why: a signature, a key, a clock, a zone, a class, one who may not */
};

struct report {
	enum report_kind kind;
	struct addr client;            /* with port */
	uint8_t zone[DNAME_MAX];       /* wire form: the question's name */
	uint8_t key[DNAME_MAX];        /* wire form; empty (a root label) if unsigned */
	bool incremental, udp, tls, whole;
	uint32_t from, to;             /* serials; from: what the client had (IXFR) */
	uint64_t bytes, took_us;
	unsigned messages, records;
	unsigned rcode, tsig_error;    /* as sent */
	const char *why;               /* a static text: "no key of that name", "clock differs by more than the fudge", ... */
};

struct reports;

/* fn(arg, r) on the control thread, in a turn of base's loop. */
struct reports *reports_new(struct event_base *base, void (*fn)(void *arg, const struct report *r), void *arg);
void reports_free(struct reports *r);                  /* when no other thread sends; NULL is fine */

void reports_send(struct reports *r, const struct report *one);        /* any thread; r NULL: nothing */
uint64_t reports_dropped(const struct reports *r);     /* any thread */

#endif
