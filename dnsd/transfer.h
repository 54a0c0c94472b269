/* transfer.h - zone transfers: AXFR (RFC 5936) and IXFR (RFC 1995), as a sequence of messages.
 *
 * A transfer holds one edition and makes one message each time it is asked for the next: 16 KiB, or as large as its one
 * record is; owners and the names in the rdata of RFC 1035's types compressed, each message signed
 * if the request was. What it is at is a place in the zone or in its history: a transfer of any size takes some
 * 15 KiB and a message's time. It does not know sockets. Any thread, one at a time. */
#ifndef DNSD_TRANSFER_H
#define DNSD_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct edition;
struct question;
struct report;
struct reports;
struct tsig;

enum transfer_kind {
	TRANSFER_AXFR,                 /* the whole zone between two SOAs; also the answer to an IXFR that history cannot serve */
	TRANSFER_IXFR,                 /* the steps since the client's serial, unless the zone is smaller than they are */
	TRANSFER_CURRENT               /* one SOA: the client has it, or asked by UDP for what does not fit (RFC 1995, 2) */
};

struct transfer;

/* Begins: e is held until transfer_free(). query is the request (its ID, flags and question are echoed: copied here), q its
 * question, AXFR or IXFR; client_serial that of the SOA in an IXFR request. sign: the verified request's, copied; NULL: unsigned.
 * report, if not NULL, is a template with client, key and transport set (udp: one message is all there is); transfer_free() completes
 * and sends it, unless the client was told to come by TCP. reports NULL: nobody wants to know. configured: of the configured plane (zone.h). */
struct transfer *transfer_new(const struct edition *e, const uint8_t *query, const struct question *q, uint32_t client_serial,
    const struct tsig *sign, struct reports *reports, const struct report *report, bool configured);

enum transfer_kind transfer_kind(const struct transfer *t);

/* The next message; 0: that was all. room: 512..65535, the most that the client takes. Over TCP it should be all of it: there a record and a
 * signature that do not fit together end the transfer with SERVFAIL and a report that says so. Over UDP the one message
 * must hold all, or becomes TRANSFER_CURRENT; with TC set if not even the SOA fits. */
size_t transfer_next(struct transfer *t, uint8_t *out, size_t room);

/* The transfer is over, or broken off before its last message was handed out. NULL is fine. */
void transfer_free(struct transfer *t);

#endif
