/* path.h - is our side of the path alive?
 *
 * Asked when a probe had no answer, before the target is blamed. The kernel says over
 * rtnetlink which route and link the probe took and whether that link has a carrier; the device and
 * the source address that the probe is pinned to have to be alive too, since without them
 * its packets may take a way that was not meant.
 *
 * Threads: the control thread only. */
#ifndef CHECKER_PATH_H
#define CHECKER_PATH_H

#include "checker/poller.h"
#include "checker/probe.h"

struct path;

struct path *path_new(struct poller *poller);  /* NULL with errno: then nothing is ever excused */
void path_free(struct path *path);             /* NULL is fine */

/* True when our own side is what failed a probe that started at since_us, with the reason in words ("no carrier on eth1"). That all is
 * well is remembered in the aim for 100 ms, or until the kernel reports a change. path may be NULL: false. */
bool path_failed(struct path *path, struct aim *aim, uint64_t since_us, uint64_t now_us, char *words, size_t size);

#endif
