/* terms.h - what a configuration lends to its snapshots: itself, and what is made of it once.
 *
 * Lives as long as anybody may read it: freed by the end of its world (world_retire()). Control thread,
 * but for terms_free(), which any thread may call. */
#ifndef DNSD_TERMS_H
#define DNSD_TERMS_H

#include <stdint.h>

#include "conf/conf.h"
#include "dnsd/snapshot.h"

struct terms {
	struct snapshot_terms snapshot;        /* all but editions, which are a world's */
	struct conf *conf;
	struct keyring *keys;
	struct limit *limit;
	uint8_t secret[1][16];                 /* a random one, where none is configured */
};

/* Takes conf over. number: another one each time. random_secret: 16 bytes, the same over all reloads, so that the cookies of clients stay good. */
struct terms *terms_new(struct conf *conf, struct reports *reports, struct handover *handover, uint64_t number, const uint8_t random_secret[16]);
void terms_free(void *terms);          /* a struct terms; NULL is fine */

#endif
