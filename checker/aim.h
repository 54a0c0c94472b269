/* aim.h - from a target's configuration to what its probes need. */
#ifndef CHECKER_AIM_H
#define CHECKER_AIM_H

#include "checker/probe.h"

/* Makes an aim of conf, which must outlive it: ranges and families are checked, the address is chosen, the
 * kind prepares. False with a message, and nothing to release. Also for a conf that is only to be checked. */
bool aim_prepare(struct aim *aim, struct prober *prober, const struct target_conf *conf, char *error, size_t error_size);
void aim_release(struct aim *aim);

#endif
