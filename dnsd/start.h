/* start.h - from nothing to answering, and back. Main thread, which becomes the control thread. */
#ifndef DNSD_START_H
#define DNSD_START_H

#include "dnsd/stage.h"

/* Serves the configuration that stage_conf() read (taken here) until stopped. The exit status: 0 after a
 * clean stop, 1 when it could not start; the reason is logged. file must outlive the call. */
int daemon_run(const char *file, struct stage *stage);

#endif
