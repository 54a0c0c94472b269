/* talk.h - what a tcp check says on its connection: TLS, send, expect. */
#ifndef CHECKER_TALK_H
#define CHECKER_TALK_H

#include "checker/poller.h"
#include "checker/probe.h"
#include "checker/tls.h"

struct talk_plan;

/* *out stays NULL where connecting is all that is asked for. False with a message. */
bool talk_prepare(const struct aim *aim, struct tls_roots *roots, struct talk_plan **out, char *error, size_t error_size);
void talk_release(struct talk_plan *plan);     /* NULL is fine */

/* p->fd is connected and in the poller with p->watch; the talk takes both over,
 * and ends the probe. */
void talk_start(const struct talk_plan *plan, struct poller *poller, struct probe *p, uint64_t now_us);

/* Frees what the talk keeps, if p talks; the descriptor stays the caller's. */
void talk_cancel(struct probe *p);

#endif
