/* clock.c - clocks and durations. */
#include "base/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DURATION_MAX_S (100.0 * 366 * 86400)

/* Largest first: duration_format() takes the first that divides. */
static const struct unit {
	const char *suffix;
	uint64_t us;
} units[] = {
	{ "d", 86400 * US_PER_S }, { "h", 3600 * US_PER_S }, { "m", 60 * US_PER_S },
	{ "s", US_PER_S }, { "ms", US_PER_MS }, { "us", 1 },
};

static uint64_t
clock_read(clockid_t id, uint64_t per_second)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * per_second + (uint64_t)ts.tv_nsec / (1000000000ull / per_second);
}

uint64_t
clock_mono_us(void)
{
	return clock_read(CLOCK_MONOTONIC, US_PER_S);
}

uint64_t
clock_wall_ms(void)
{
	return clock_read(CLOCK_REALTIME, 1000);
}

static const struct unit *
unit_find(const char *suffix)
{
	if (*suffix == '\0')
		suffix = "s";
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(units[i].suffix, suffix) == 0)
			return &units[i];
	return NULL;
}

bool
duration_parse(const char *text, uint64_t *us)
{
	const struct unit *unit;
	char *end;
	double n;

	/* strtod alone would take "inf", "nan", hexadecimal and leading blanks. */
	if (text[strspn(text, "0123456789.")] == '\0' ? *text == '\0' : strspn(text, "0123456789.") == 0)
		return false;
	n = strtod(text, &end);
	unit = unit_find(end);
	if (end == text || unit == NULL || !isfinite(n) || n * (double)unit->us > DURATION_MAX_S * US_PER_S)
		return false;
	*us = (uint64_t)llround(n * (double)unit->us);
	return true;
}

char *
duration_format(uint64_t us, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (us >= units[i].us && us % units[i].us == 0) {
			snprintf(buf, size, "%llu%s", (unsigned long long)(us / units[i].us), units[i].suffix);
			return buf;
		}
	}
	snprintf(buf, size, "0s");
	return buf;
}
