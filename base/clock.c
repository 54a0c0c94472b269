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

uint64_t
clock_coarse_ms(void)
{
	return clock_read(CLOCK_MONOTONIC_COARSE, 1000);
}

uint32_t
clock_coarse_wall_s(void)
{
	return (uint32_t)clock_read(CLOCK_REALTIME_COARSE, 1);
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

/* strtod alone would take signs, exponents, hexadecimal, "inf" and leading blanks. */
bool
duration_parse(const char *text, uint64_t *us)
{
	const struct unit *unit;
	char number[DURATION_TEXT], *end;
	size_t length = strspn(text, "0123456789.");
	double n;

	if (length == 0 || length >= sizeof(number))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	n = strtod(number, &end);
	unit = unit_find(text + length);
	if (end == number || *end != '\0' || unit == NULL || n * (double)unit->us > DURATION_MAX_S * US_PER_S)
		return false;
	*us = (uint64_t)llround(n * (double)unit->us);
	return true;
}

/* Decimal fractions are exact in seconds and milliseconds only. */
static bool
unit_fits(const struct unit *unit, uint64_t us)
{
	return us >= unit->us && (us % unit->us == 0 || unit->us == US_PER_S || unit->us == US_PER_MS);
}

char *
duration_format(uint64_t us, char *buf, size_t size)
{
	const struct unit *unit = units;
	char fraction[16] = "";
	int n;

	if (us == 0) {
		snprintf(buf, size, "0s");
		return buf;
	}
	while (!unit_fits(unit, us))           /* the last, a microsecond, always does */
		unit++;
	if (us % unit->us != 0) {
		n = snprintf(fraction, sizeof(fraction), ".%0*u", unit->us == US_PER_S ? 6 : 3, (unsigned)(us % unit->us));
		while (fraction[n - 1] == '0')
			fraction[--n] = '\0';
	}
	snprintf(buf, size, "%llu%s%s", (unsigned long long)(us / unit->us), fraction, unit->suffix);
	return buf;
}
