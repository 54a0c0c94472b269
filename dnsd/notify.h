/* notify.h - telling secondaries that a zone has a new edition (RFC 1996).
 *
 * A NOTIFY carries the new SOA, is signed with the target's key, and repeated until it is acknowledged: after
 * 250 ms, then twice as long each time up to 60 s, without end (a secondary that was away hears of the zone as
 * soon as it is back). A newer edition takes the older one's place at once and begins anew with
 * 250 ms. An answer counts if its ID, question (an error may lack it), source and signature are right; its RCODE is told, and NOTIMP or
 * REFUSED or NOTAUTH ends the repeats for this serial.
 *
 * One UDP socket per address and source, connected, however many zones there are, and open while an acknowledgement is
 * waited for. At most 100 datagrams leave in one turn of the loop, then none for 5 ms: neither the
 * loop nor a secondary's queue is overrun when thousands of zones change at once.
 *
 * A target that does not acknowledge is told once, when three tries in a row and a second have passed without; a refusal, and
 * that all is well again, once too.
 *
 * Control thread. */
#ifndef DNSD_NOTIFY_H
#define DNSD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "dnsd/daemon.h"

struct event_base;
struct keyring;
struct notify;

/* What is known of one target of one zone. */
struct notify_state {
	const struct conf_notify *target;
	uint32_t sent_serial, acked_serial;    /* void while the time beside it is 0 */
	uint64_t sent_ms, acked_ms;            /* wall clock; sent_ms: the first NOTIFY with sent_serial */
	unsigned tries;                        /* with sent_serial */
	bool waiting;                          /* for its acknowledgement */
	bool failing;                          /* it was told that none comes, or a refusal */
	char error[96];                        /* why the last try failed; "": it did not */
};

/* event: EVENT_SECONDARY, for listeners, and for the log unless there are too many of them. NULL is fine. conf and keys are borrowed. */
typedef void notify_event_fn(void *arg, const struct daemon_event *e, bool log);
struct notify *notify_new(struct event_base *base, const struct conf *conf, const struct keyring *keys, notify_event_fn *event, void *arg);
/* conf's zones of the same name and target go on with what `old` knows and has under way. old's conf must be there still. NULL is fine. */
void notify_take(struct notify *n, const struct notify *old);
void notify_free(struct notify *n);            /* NULL is fine */

/* conf->zones[zone] has this serial now. soa: its RR as in struct rrset, copied. Returns at once: what is sent is sent in the loop's next
 * turns. Targets that have acknowledged this serial, or are being told of it, are left alone: it does no harm
 * to call this for every zone at a start and a reload. */
void notify_zone(struct notify *n, size_t zone, uint32_t serial, const uint8_t *soa);

const struct notify_state *notify_states(const struct notify *n, size_t zone);         /* conf->zones[zone].nnotify of them */

#endif
