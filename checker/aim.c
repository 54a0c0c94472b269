/* aim.c - from a target's configuration to what its probes need. */
#include "checker/aim.h"

#include <stdio.h>

/* The address that is probed: the check may name another one, and a port. */
static struct addr
conf_to(const struct target_conf *conf)
{
	struct addr to = conf->check->target.family != 0 ? conf->check->target : conf->address;

	if (conf->check->port != 0)
		to.port = conf->check->port;
	return to;
}

static bool
conf_check(const struct target_conf *conf, char *error, size_t error_size)
{
	const struct conf_check *check = conf->check;
	struct addr to = conf_to(conf);
	char source[ADDR_TEXT], target[ADDR_TEXT];

	if (to.family != 4 && to.family != 6) {
		snprintf(error, error_size, "there is no address to probe");
		return false;
	}
	if (conf->source.family != 0 && conf->source.family != to.family) {
		snprintf(error, error_size, "the source %s and the target %s are of different families",
		    addr_format(&conf->source, source), addr_format(&to, target));
		return false;
	}
	if (check->type != CHECK_PING && to.port == 0) {
		snprintf(error, error_size, "check %s has no port", check->name);
		return false;
	}
	if (check->interval_us == 0 || check->fast_interval_us == 0 || check->slow_interval_us == 0 || check->timeout_us == 0 ||
	    check->rise < 1 || check->rise > 64 || check->fall < 1 || check->fall > 64) {
		snprintf(error, error_size, "check %s: interval, timeout, rise or fall is out of range", check->name);
		return false;
	}
	return true;
}

bool
aim_prepare(struct aim *aim, struct prober *prober, const struct target_conf *conf, char *error, size_t error_size)
{
	*aim = (struct aim){ .conf = conf, .to = conf_to(conf), .prober = prober };
	return conf_check(conf, error, error_size) &&
	    (prober->kind->prepare == NULL || prober->kind->prepare(prober, aim, error, error_size));
}

void
aim_release(struct aim *aim)
{
	if (aim->prober->kind->release != NULL)
		aim->prober->kind->release(aim->prober, aim);
}
