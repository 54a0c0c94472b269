/* limit.h - response rate limiting: nobody's amplifier.
 *
 * Of identical answers to one client prefix (/24, /56) the first rate_limit in each second go out, the others are dropped; every
 * rate_limit_slip-th of those is sent with TC and nothing else, so that a real client behind a forged address comes by TCP (answer.h
 * has what a client with a cookie gets). Identical: same kind, same name; NXDOMAIN goes by its zone, a referral by its cut, a wildcard by
 * itself, and all errors are one. Exempt: rate_limit_exempt, TCP and TLS, clients with a good server cookie, signed queries.
 *
 * One table of atomic words, of fixed size, shared by all workers: no lock, no allocation; a collision can only cost the colliding some
 * answers more or less. Part of the query path. */
#ifndef DNSD_LIMIT_H
#define DNSD_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct conf_daemon;
struct limit;

enum limit_verdict { LIMIT_SEND, LIMIT_SLIP, LIMIT_DROP };
enum limit_kind { LIMIT_DATA, LIMIT_NODATA, LIMIT_NXDOMAIN, LIMIT_REFERRAL, LIMIT_ERROR };

/* NULL if conf says off. Control thread (limit_new.c: it allocates). */
struct limit *limit_new(const struct conf_daemon *conf);
void limit_free(struct limit *l);

/* name: wire form, any case. now_ms: monotonic. Any thread. */
enum limit_verdict limit_judge(struct limit *l, const struct addr *client, enum limit_kind kind, const uint8_t *name, uint64_t now_ms);
void limit_counters(const struct limit *l, uint64_t *dropped, uint64_t *slipped);      /* l NULL: zeros */

#endif
