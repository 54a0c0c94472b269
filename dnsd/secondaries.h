/* secondaries.h - who follows us, and how far they are.
 *
 * Each zone's secondaries: the configured NOTIFY targets, and whoever else transferred it (up to a bound, the one
 * that was silent longest goes first). Fed by reports (reports.h) and by notify.h. Logs one line for each
 * transfer and each refusal, the latter at most 10 a second with the number of those left out. Control thread. */
#ifndef DNSD_SECONDARIES_H
#define DNSD_SECONDARIES_H

#include "conf/conf.h"
#include "dnsd/daemon.h"
#include "dnsd/notify.h"
#include "dnsd/reports.h"

struct secondaries;

struct secondaries *secondaries_new(const struct conf *conf);
void secondaries_take(struct secondaries *s, const struct secondaries *old);   /* zones of the same name keep what is known */
void secondaries_free(struct secondaries *s);

void secondaries_report(struct secondaries *s, const struct report *r);

/* A zone's, for daemon_secondaries(). How many there are; out may be smaller. */
size_t secondaries_list(const struct secondaries *s, const struct notify *n, size_t zone, struct daemon_secondary *out, size_t room);
void secondaries_totals(const struct secondaries *s, struct daemon_transfer_totals *out);

#endif
