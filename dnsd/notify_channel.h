/* notify_channel.h - a socket between two addresses, shared by the NOTIFY targets of all zones there.
 *
 * Connected, so that the kernel hands over nothing from elsewhere, and says what the network says. Open while somebody waits for
 * an answer; opened anew after a local failure, since our own address may have changed. Control thread. */
#ifndef DNSD_NOTIFY_CHANNEL_H
#define DNSD_NOTIFY_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct channel;
struct event;
struct event_base;

/* A datagram came. It may close the channel. */
typedef void channel_fn(struct channel *c, const uint8_t *bytes, size_t size, uint64_t now_us);

struct channel {                       /* copied freely until it is first sent through */
	struct event_base *base;
	struct addr address, source;   /* source: no port; family 0: the kernel's choice */
	channel_fn *fn;
	void *arg;                     /* the user's */
	size_t waiting;                /* who waits for answers; the user's too */
	int fd;                        /* -1: closed */
	struct event *readable;
	uint64_t denied_us;            /* when the network last said that nobody gets there, */
	const char *denied;            /* and how: "port unreachable"; a static text, NULL: it never did */
};

/* 0, or an errno: not sent. now_us: monotonic. Never blocks. */
int channel_send(struct channel *c, const void *bytes, size_t size, uint64_t now_us);
void channel_close(struct channel *c); /* fine when it is closed */

int channel_compare(const void *a, const void *b);     /* of two channels, by address and source */
const char *channel_error(int error);  /* an errno as words: a static text */

#endif
