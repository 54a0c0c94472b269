/* text.c - small values as JSON. */
#include "api/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"

struct moment
moment_now(void)
{
	return (struct moment){ clock_mono_us(), clock_wall_ms() };
}

json_t *
text_json(const char *text)
{
	json_t *json;
	char *plain;

	if (text == NULL)
		return json_null();
	json = json_string(text);
	if (json != NULL)
		return json;
	plain = mem_text(text);
	for (char *p = plain; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	json = json_string(plain);
	free(plain);
	return json;
}

json_t *
addr_json(const struct addr *a)
{
	char text[ADDR_TEXT];

	return a->family != 0 ? json_string(addr_format(a, text)) : json_null();
}

char *
rfc3339_format(uint64_t wall_ms, char buf[RFC3339_TEXT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(buf, RFC3339_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, RFC3339_TEXT - n, ".%03uZ", (unsigned)(wall_ms % 1000));
	return buf;
}

json_t *
wall_json(uint64_t wall_ms)
{
	char text[RFC3339_TEXT];

	return wall_ms != 0 ? json_string(rfc3339_format(wall_ms, text)) : json_null();
}

json_t *
mono_json(uint64_t mono_us, struct moment now)
{
	if (mono_us == 0)
		return json_null();
	return wall_json(now.wall_ms - (now.mono_us - mono_us) / US_PER_MS);
}

json_t *
seconds_json(uint64_t us)
{
	return json_real((double)us / (double)US_PER_S);
}

json_t *
milliseconds_json(uint64_t us)
{
	return json_real((double)us / (double)US_PER_MS);
}
