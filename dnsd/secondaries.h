/* secondaries.h - who follows us, and how far they are.
 *
 * Each zone's secondaries: the configured NOTIFY targets, and whoever else transferred it (64 at most: the
 * one that was silent longest goes first). Fed by reports (reports.h); what is known of NOTIFY is added to what is told.
 *
 * Logs one line for each transfer (an increment's is for -d: a flapping member makes many) and each refusal: at most
 * 10 of a kind a second, with the number of those left out. Control thread. */
#ifndef DNSD_SECONDARIES_H
#define DNSD_SECONDARIES_H

#include "conf/conf.h"
#include "dnsd/daemon.h"
#include "dnsd/notify.h"
#include "dnsd/reports.h"

struct edition;
struct event_base;
struct secondaries;

enum { SECONDARIES_OTHERS = 64 };

/* Borrows conf. */
struct secondaries *secondaries_new(struct event_base *base, const struct conf *conf);
/* Zones of the same name keep what is known, and the totals go on. NULL is fine. */
void secondaries_take(struct secondaries *s, const struct secondaries *old);
void secondaries_free(struct secondaries *s);          /* NULL is fine */

void secondaries_report(struct secondaries *s, const struct report *r);

/* A zone's, for daemon_secondaries(); e: its current edition. How many there are; out may be smaller. Texts in it are valid in this
 * turn of the loop. */
size_t secondaries_list(const struct secondaries *s, const struct notify *n, const struct edition *e, size_t zone,
    struct daemon_secondary *out, size_t room);
/* All but reports_dropped and under_way. */
void secondaries_totals(const struct secondaries *s, struct daemon_transfer_totals *out);

#endif
