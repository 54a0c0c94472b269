/* secondaries.c - who follows us, and how far they are.
 *
 * A follower is a place for what one address, maybe with a key, did to one zone. Each NOTIFY target has one from the
 * beginning; others get one when they first transfer. A secondary may well ask from another port than it listens on,
 * so that addresses are compared without. */
#include "dnsd/secondaries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "dnsd/brake.h"
#include "dnsd/edition.h"
#include "dnsd/notify_message.h"
#include "dnsd/question.h"
#include "dnsd/tsig.h"
#include "dnsd/zone_names.h"

enum { LINES_PER_SECOND = 10 };

struct follower {
	struct addr address;           /* without port */
	char *key;                     /* of its last transfer; NULL: unsigned */
	uint32_t serial;               /* the last it asked for or got */
	uint64_t heard_ms;             /* wall clock; 0: never */
	uint64_t got_ms;               /* when it had that serial first */
	const char *transfer;
	uint64_t bytes, took_us;
};

struct followed {                      /* a zone */
	const struct conf_zone *conf;
	struct follower *targets;      /* conf->nnotify of them */
	struct follower *others;
	size_t nothers;                /* 0..SECONDARIES_OTHERS */
};

struct secondaries {
	const struct conf *conf;
	struct followed *zones;        /* as conf->zones */
	struct zone_names *names;
	struct daemon_transfer_totals totals;
	struct brake *transfers, *refusals;
};

/* ---- places ---- */

static bool
is_key(const char *key, const struct conf_key *conf)
{
	return key == NULL || conf == NULL ? (key == NULL) == (conf == NULL) : strcmp(key, conf->name) == 0;
}

/* Of several targets on one host, the one with that key. NULL: it is no target. */
static struct follower *
target_find(const struct followed *z, const struct addr *address, const char *key)
{
	struct follower *found = NULL;

	for (size_t i = 0; i < z->conf->nnotify; i++) {
		const struct conf_notify *to = &z->conf->notify[i];

		if (!addr_same_host(&to->address, address))
			continue;
		if (is_key(key, to->key))
			return &z->targets[i];
		if (found == NULL)
			found = &z->targets[i];
	}
	return found;
}

static struct follower *
other_oldest(struct followed *z)
{
	struct follower *oldest = &z->others[0];

	for (size_t i = 1; i < z->nothers; i++)
		if (z->others[i].heard_ms < oldest->heard_ms)
			oldest = &z->others[i];
	return oldest;
}

static struct follower *
other_place(struct followed *z, const struct addr *address)
{
	struct follower *f;

	for (size_t i = 0; i < z->nothers; i++)
		if (addr_same_host(&z->others[i].address, address))
			return &z->others[i];
	if (z->nothers < SECONDARIES_OTHERS) {
		z->others = mem_grow(z->others, z->nothers, sizeof(*z->others));
		f = &z->others[z->nothers++];
	} else {
		f = other_oldest(z);
		free(f->key);
	}
	*f = (struct follower){ .address = *address };
	f->address.port = 0;
	return f;
}

static struct follower *
follower_place(struct followed *z, const struct addr *address, const char *key)
{
	struct follower *f = target_find(z, address, key);

	return f != NULL ? f : other_place(z, address);
}

/* ---- lines ---- */

struct words {
	char zone[DNAME_TEXT], key[DNAME_TEXT], client[ADDR_TEXT], how[DNAME_TEXT + 16];
};

/* "key xfer, tls", "unsigned, udp" */
static void
words_format(struct words *w, const struct report *r)
{
	const char *transport = r->tls ? "tls" : r->udp ? "udp" : "tcp";
	uint8_t zone[DNAME_MAX];

	memcpy(zone, r->zone, dname_length(r->zone));
	dname_lower(zone);
	dname_format(zone, w->zone);
	addr_format(&r->client, w->client);
	dname_format(r->key, w->key);
	if (r->key[0] == 0)
		snprintf(w->how, sizeof(w->how), "unsigned, %s", transport);
	else
		snprintf(w->how, sizeof(w->how), "key %s, %s", w->key, transport);
}

static void
transfer_log(struct secondaries *s, const struct report *r)
{
	struct words w;
	char from[32] = "", text[2 * DNAME_TEXT + 256];

	words_format(&w, r);
	if (r->incremental)
		snprintf(from, sizeof(from), "%u -> ", r->from);
	snprintf(text, sizeof(text), "zone %s: %s %s%u to %s (%s)%s: %u record%s, %llu bytes, %.1f ms", w.zone, r->incremental ? "IXFR" : "AXFR",
	    from, r->to, w.client, w.how, r->whole ? "" : " broken off", r->records, r->records == 1 ? "" : "s", (unsigned long long)r->bytes,
	    (double)r->took_us / (double)US_PER_MS);
	if (r->incremental && r->whole)
		log_debug("%s", text);
	else if (brake_permits(s->transfers, clock_mono_us()))
		log_info("%s", text);
}

static const char *
tsig_error_text(unsigned error)
{
	switch (error) {
	case TSIG_BADSIG:   return " (BADSIG)";
	case TSIG_BADKEY:   return " (BADKEY)";
	case TSIG_BADTIME:  return " (BADTIME)";
	case TSIG_BADTRUNC: return " (BADTRUNC)";
	default:            return "";
	}
}

static void
refusal_log(struct secondaries *s, const struct report *r)
{
	struct words w;

	if (!brake_permits(s->refusals, clock_mono_us()))
		return;
	words_format(&w, r);
	log_warnx("%s (%s) gets %s%s for %s: %s", w.client, w.how, notify_rcode_text(r->rcode), tsig_error_text(r->tsig_error), w.zone, r->why);
}

/* ---- reports ---- */

static void
transfer_count(struct daemon_transfer_totals *t, const struct report *r)
{
	t->bytes += r->bytes;
	if (!r->whole)
		t->broken++;
	else if (!r->incremental)
		t->axfr++;
	else
		t->ixfr++;
	t->ixfr_udp += r->whole && r->incremental && r->udp;
}

static void
refusal_count(struct daemon_transfer_totals *t, const struct report *r)
{
	switch (r->tsig_error) {
	case TSIG_BADSIG:   t->badsig++; return;
	case TSIG_BADKEY:   t->badkey++; return;
	case TSIG_BADTIME:  t->badtime++; return;
	case TSIG_BADTRUNC: t->badtrunc++; return;
	default:            break;
	}
	if (r->rcode == RCODE_FORMERR)
		t->formerr++;
	else
		t->refused++;
}

static const char *
transfer_text(const struct report *r)
{
	if (r->kind == REPORT_CURRENT)
		return "current";
	if (r->incremental)
		return r->whole ? "IXFR" : "IXFR broken off";
	return r->whole ? "AXFR" : "AXFR broken off";
}

/* It has that serial now. */
static void
follower_has(struct follower *f, uint32_t serial, uint64_t now_ms)
{
	if (f->got_ms == 0 || f->serial != serial)
		f->got_ms = now_ms;
	f->serial = serial;
}

static void
follower_note(struct follower *f, const struct report *r, const char *key, uint64_t now_ms)
{
	free(f->key);
	f->key = mem_text(key);
	f->transfer = transfer_text(r);
	f->heard_ms = now_ms;
	f->bytes = r->bytes;
	f->took_us = r->took_us;
	if (r->kind == REPORT_CURRENT || r->whole)
		follower_has(f, r->to, now_ms);
	else if (r->from != 0)
		follower_has(f, r->from, now_ms);
}

static void
follower_find(struct secondaries *s, const struct report *r)
{
	char text[DNAME_TEXT], *key = r->key[0] != 0 ? dname_format(r->key, text) : NULL;
	struct followed *z;
	size_t i;

	if (!zone_names_find(s->names, r->zone, &i))
		return;                        /* a reload took it away meanwhile */
	z = &s->zones[i];
	follower_note(follower_place(z, &r->client, key), r, key, clock_wall_ms());
}

void
secondaries_report(struct secondaries *s, const struct report *r)
{
	switch (r->kind) {
	case REPORT_TRANSFER:
		transfer_count(&s->totals, r);
		transfer_log(s, r);
		follower_find(s, r);
		break;
	case REPORT_CURRENT:
		s->totals.current++;
		follower_find(s, r);
		break;
	case REPORT_REFUSED:
		refusal_count(&s->totals, r);
		refusal_log(s, r);
		break;
	}
}

void
secondaries_totals(const struct secondaries *s, struct daemon_transfer_totals *out)
{
	*out = s->totals;
}

/* ---- the list ---- */

/* Since when e's zone has been ahead of the serial, as far as its history tells. */
static uint64_t
ahead_since_ms(const struct edition *e, uint32_t serial)
{
	for (size_t i = 0; i < e->nhistory; i++)
		if (e->history[i]->from == serial)
			return e->history[i]->at_ms;
	return e->nhistory > 0 ? e->history[0]->at_ms : e->at_ms;
}

static uint64_t
difference(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

/* What it is behind, and its lag. */
static void
row_behind(struct daemon_secondary *row, const struct follower *f, const struct edition *e)
{
	uint32_t ahead = e != NULL ? e->serial - f->serial : 0;

	if (e == NULL || f->got_ms == 0)
		return;
	row->behind = ahead < UINT32_C(1) << 31 ? ahead : 0;   /* RFC 1982, 3.2 */
	if (row->behind > 0)
		row->lag_ms = difference(clock_wall_ms(), ahead_since_ms(e, f->serial));
	else
		row->lag_ms = difference(f->got_ms, e->at_ms);
}

static void
row_follower(struct daemon_secondary *row, const struct follower *f, const struct edition *e)
{
	*row = (struct daemon_secondary){
		.address = f->address, .key = f->key, .serial = f->serial, .serial_ms = f->got_ms != 0 ? f->heard_ms : 0,
		.transfer = f->transfer, .transfer_bytes = f->bytes, .transfer_us = f->took_us
	};
	row_behind(row, f, e);
}

static void
row_notify(struct daemon_secondary *row, const struct notify_state *n)
{
	row->notified_serial = n->sent_serial;
	row->notified_ms = n->sent_ms;
	row->notify_tries = n->tries;
	row->acked_serial = n->acked_serial;
	row->acked_ms = n->acked_ms;
	row->failing = n->failing;
	row->error = n->error[0] != '\0' ? n->error : NULL;
}

size_t
secondaries_list(const struct secondaries *s, const struct notify *n, const struct edition *e, size_t zone,
    struct daemon_secondary *out, size_t room)
{
	const struct followed *z = &s->zones[zone];
	const struct notify_state *states = n != NULL ? notify_states(n, zone) : NULL;
	size_t count = z->conf->nnotify + z->nothers;

	for (size_t i = 0; i < count && i < room; i++) {
		const struct conf_notify *to = i < z->conf->nnotify ? &z->conf->notify[i] : NULL;

		row_follower(&out[i], to != NULL ? &z->targets[i] : &z->others[i - z->conf->nnotify], e);
		if (to == NULL)
			continue;
		out[i].address = to->address;
		out[i].configured = true;
		out[i].key = to->key != NULL ? to->key->name : NULL;
		if (states != NULL)
			row_notify(&out[i], &states[i]);
	}
	return count;
}

/* ---- from one configuration to the next ---- */

struct secondaries *
secondaries_new(struct event_base *base, const struct conf *conf)
{
	struct secondaries *s = mem_alloc(sizeof(*s));

	s->conf = conf;
	s->zones = mem_array(conf->nzones, sizeof(*s->zones));
	for (size_t i = 0; i < conf->nzones; i++) {
		s->zones[i].conf = &conf->zones[i];
		s->zones[i].targets = mem_array(conf->zones[i].nnotify, sizeof(*s->zones[i].targets));
	}
	s->names = zone_names_new(conf);
	s->transfers = brake_new(base, LINES_PER_SECOND, "transfers");
	s->refusals = brake_new(base, LINES_PER_SECOND, "refusals");
	return s;
}

void
secondaries_free(struct secondaries *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->conf->nzones; i++) {
		struct followed *z = &s->zones[i];

		for (size_t k = 0; k < z->conf->nnotify; k++)
			free(z->targets[k].key);
		for (size_t k = 0; k < z->nothers; k++)
			free(z->others[k].key);
		free(z->targets);
		free(z->others);
	}
	free(s->zones);
	zone_names_free(s->names);
	brake_free(s->transfers);
	brake_free(s->refusals);
	free(s);
}

/* A target may have become another one, or the other way round. */
static void
follower_take(struct followed *z, const struct follower *old, const struct addr *address)
{
	struct follower *f;
	struct addr host;

	if (old->heard_ms == 0)
		return;
	f = follower_place(z, address, old->key);
	host = f->address;
	free(f->key);
	*f = *old;
	f->address = host;
	f->key = mem_text(old->key);
}

void
secondaries_take(struct secondaries *s, const struct secondaries *old)
{
	size_t to;

	if (old == NULL)
		return;
	s->totals = old->totals;
	for (size_t i = 0; i < old->conf->nzones; i++) {
		const struct followed *z = &old->zones[i];

		if (!zone_names_find(s->names, z->conf->name, &to))
			continue;
		for (size_t k = 0; k < z->conf->nnotify; k++)
			follower_take(&s->zones[to], &z->targets[k], &z->conf->notify[k].address);
		for (size_t k = 0; k < z->nothers; k++)
			follower_take(&s->zones[to], &z->others[k], &z->others[k].address);
	}
}
