/* daemon.c - the group "server": the daemon itself. */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/reader.h"

enum { DNS_PORT = 53, TLS_PORT = 853, LISTEN_MOST = 64, EXEMPT_MOST = 1024, HOUR_S = 3600, DAY_S = 24 * HOUR_S };
enum { SECRETS_MOST = 4, SECRET_SIZE = sizeof(*((struct conf_daemon *)NULL)->cookie_secrets) };

/* ---- secrets of cookies ---- */

/* -1: none. */
static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A message never quotes a secret: it goes to logs. */
static bool
read_cookie(struct reader *r, const struct row *row, const config_setting_t *s, void *out)
{
	const char *text = config_setting_get_string(s);
	uint8_t secret[SECRET_SIZE] = { 0 };
	size_t n = 0;

	for (; text != NULL && n < 2 * SECRET_SIZE && hex_digit(text[n]) >= 0; n++)
		secret[n / 2] = (uint8_t)(secret[n / 2] << 4 | hex_digit(text[n]));
	if (text == NULL || n < 2 * SECRET_SIZE || text[n] != '\0') {
		reader_say(r, s, "no cookie secret (expected %s)", row->kind->expected);
		return false;
	}
	memcpy(out, secret, SECRET_SIZE);
	return true;
}

static const struct kind kind_cookie = { "32 hexadecimal digits in quotes", SECRET_SIZE, read_cookie, NULL, false };

/* ---- the table ---- */

static const struct row rows[] = {
	{ "listen", &kind_socket, LIST(struct conf_daemon, listen, nlisten), .initial = DNS_PORT, .most = LISTEN_MOST },
	{ "listen_tls", &kind_socket, LIST(struct conf_daemon, listen_tls, nlisten_tls), .initial = TLS_PORT,
	  .most = LISTEN_MOST },
	{ "tls_certificate", &kind_readable, AT(struct conf_daemon, tls_certificate) },
	{ "tls_key", &kind_readable, AT(struct conf_daemon, tls_key) },
	{ "workers", &kind_number, AT(struct conf_daemon, workers), .least = 0, .most = 256 },
	{ "user", &kind_text, AT(struct conf_daemon, user), .most = 32 },
	{ "state", &kind_path, AT(struct conf_daemon, state), .text = "/var/lib/homing" },
	{ "control", &kind_path, AT(struct conf_daemon, control), .text = "/run/homing/homing.sock" },
	{ "first_round", &kind_duration, AT(struct conf_daemon, first_round_us), .least = 0, .most = HOUR_S * US_PER_S,
	  .initial = 3 * US_PER_S },
	{ "nsid", &kind_text, AT(struct conf_daemon, nsid), .most = 128 },
	{ "version", &kind_text, AT(struct conf_daemon, version), .most = 255 },
	{ "ecs_trust", &kind_later },
	{ "rate_limit", &kind_number, AT(struct conf_daemon, rate_limit), .least = 0, .most = 1000000 },
	{ "rate_limit_slip", &kind_number, AT(struct conf_daemon, rate_limit_slip), .least = 0, .most = 10, .initial = 2 },
	{ "rate_limit_exempt", &kind_prefix, LIST(struct conf_daemon, rate_limit_exempt, nrate_limit_exempt),
	  .most = EXEMPT_MOST },
	{ "tcp_clients", &kind_number, AT(struct conf_daemon, tcp_clients), .least = 1, .most = 1000000, .initial = 1024 },
	{ "tcp_idle", &kind_duration, AT(struct conf_daemon, tcp_idle_us), .least = 100 * US_PER_MS,
	  .most = HOUR_S * US_PER_S, .initial = 10 * US_PER_S },
	{ "cookie_secret", &kind_cookie, LIST(struct conf_daemon, cookie_secrets, ncookie_secrets), .most = SECRETS_MOST },
	{ "history", &kind_beside },           /* a group */
	{ "dnstap", &kind_later },
};

static const struct group group = GROUP("the settings of the daemon", rows);

static const struct row history_rows[] = {
	{ "keep", &kind_duration, AT(struct conf_daemon, history_keep_us), .least = 0, .most = 3650 * DAY_S * US_PER_S,
	  .initial = 30 * DAY_S * US_PER_S },
	{ "size_mb", &kind_number, AT(struct conf_daemon, history_mb), .least = 1, .most = 1000000, .initial = 256 },
};

static const struct group history = GROUP("the settings of the history", history_rows);

/* ---- what a table cannot say ---- */

static void
listen_default(struct conf_daemon *d)
{
	d->nlisten = 2;
	d->listen = mem_array(d->nlisten, sizeof(*d->listen));
	d->listen[0] = (struct addr){ .family = 4, .port = DNS_PORT };
	d->listen[1] = (struct addr){ .family = 6, .port = DNS_PORT };
}

static void
listed_twice(struct reader *r, const config_setting_t *s, const struct addr *list, size_t count)
{
	char text[ADDR_TEXT];

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (addr_equal(&list[i], &list[k])) {
				reader_say(r, s, "%s is listed twice (expected each address once)",
				    addr_format_port(&list[i], text));
				break;
			}
		}
	}
}

/* Would a connection to one of them reach the other? */
static bool
overlap(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port && (addr_same_host(a, b) || addr_is_any(a) || addr_is_any(b));
}

static void
listen_tls_check(struct reader *r, const config_setting_t *s)
{
	const struct conf_daemon *d = &r->conf->daemon;
	char text[ADDR_TEXT], other[ADDR_TEXT];

	listed_twice(r, s, d->listen_tls, d->nlisten_tls);
	for (size_t i = 0; i < d->nlisten_tls; i++)
		for (size_t k = 0; k < d->nlisten; k++)
			if (overlap(&d->listen_tls[i], &d->listen[k]))
				reader_say(r, s, "%s overlaps %s of listen (expected another port)",
				    addr_format_port(&d->listen_tls[i], text), addr_format_port(&d->listen[k], other));
}

/* A certificate may wait for its listen_tls, but neither of the three does with a half of the other two. */
static void
tls_check(struct reader *r, const config_setting_t *s)
{
	static const char *const both[] = { "tls_certificate", "tls_key" };
	bool wanted = reader_get(s, "listen_tls") != NULL;

	for (size_t i = 0; i < 2; i++) {
		if (reader_get(s, both[i]) != NULL)
			continue;
		if (wanted || reader_get(s, both[1 - i]) != NULL)
			reader_miss(r, s, both[i], "missing (expected the path of a PEM file, with %s)",
			    wanted ? "listen_tls" : both[1 - i]);
	}
}

static void
cookies_check(struct reader *r, const config_setting_t *s)
{
	const struct conf_daemon *d = &r->conf->daemon;

	for (size_t i = 0; i < d->ncookie_secrets; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(d->cookie_secrets[i], d->cookie_secrets[k], SECRET_SIZE) == 0)
				reader_say(r, s, "numbers %zu and %zu are the same (expected each secret once)", k + 1, i + 1);
}

/* A Unix socket's name has its own, short limit. */
static void
control_check(struct reader *r, const config_setting_t *s, const char *path)
{
	size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (path != NULL && strlen(path) > most)
		reader_say(r, s, "\"%s\" has %zu bytes (expected at most %zu, for a Unix socket)", path, strlen(path), most);
}

/* ---- the group ---- */

void
daemon_read(struct reader *r)
{
	const config_setting_t *s = reader_get(r->root, "server"), *one;
	struct conf_daemon *d = &r->conf->daemon;

	if (s == NULL) {
		reader_defaults(&group, d);
		reader_defaults(&history, d);
		listen_default(d);
		return;
	}
	reader_group(r, &group, s, 0, d);
	if ((one = reader_get(s, "listen")) != NULL)
		listed_twice(r, one, d->listen, d->nlisten);
	else
		listen_default(d);
	if ((one = reader_get(s, "listen_tls")) != NULL)
		listen_tls_check(r, one);
	tls_check(r, s);
	if ((one = reader_get(s, "cookie_secret")) != NULL)
		cookies_check(r, one);
	if ((one = reader_get(s, "control")) != NULL)
		control_check(r, one, d->control);
	if ((one = reader_get(s, "history")) != NULL)
		reader_group(r, &history, one, 0, d);
	else
		reader_defaults(&history, d);
}

char *
daemon_control(struct reader *r)
{
	const config_setting_t *s = reader_get(r->root, "server");
	const config_setting_t *one = s != NULL ? reader_get(s, "control") : NULL;
	char *path = NULL;

	for (size_t i = 0; i < group.nrows; i++) {
		const struct row *row = &rows[i];

		if (strcmp(row->name, "control") != 0)
			continue;
		if (one == NULL)
			return mem_text(row->text);
		row->kind->read(r, row, one, &path);
	}
	if (path != NULL)
		control_check(r, one, path);
	return path;
}

void
daemon_free(struct conf *c)
{
	reader_release(&group, &c->daemon);
}
