/* daemon.c - the group "server": the daemon itself. */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/reader.h"

enum { DNS_PORT = 53, LISTEN_MOST = 64, HOUR_S = 3600 };

static const struct row rows[] = {
	{ "listen", &kind_socket, LIST(struct conf_daemon, listen, nlisten), .initial = DNS_PORT, .most = LISTEN_MOST },
	{ "listen_tls", &kind_later },
	{ "workers", &kind_number, AT(struct conf_daemon, workers), .least = 0, .most = 256 },
	{ "user", &kind_text, AT(struct conf_daemon, user), .most = 32 },
	{ "state", &kind_path, AT(struct conf_daemon, state), .text = "/var/lib/homing" },
	{ "control", &kind_path, AT(struct conf_daemon, control), .text = "/run/homing/homing.sock" },
	{ "first_round", &kind_duration, AT(struct conf_daemon, first_round_us), .least = 0, .most = HOUR_S * US_PER_S,
	  .initial = 3 * US_PER_S },
	{ "nsid", &kind_text, AT(struct conf_daemon, nsid), .most = 128 },
	{ "version", &kind_text, AT(struct conf_daemon, version), .most = 255 },
	{ "ecs_trust", &kind_later },
	{ "rate_limit", &kind_later },
	{ "tcp_clients", &kind_number, AT(struct conf_daemon, tcp_clients), .least = 1, .most = 1000000, .initial = 1024 },
	{ "tcp_idle", &kind_duration, AT(struct conf_daemon, tcp_idle_us), .least = 100 * US_PER_MS,
	  .most = HOUR_S * US_PER_S, .initial = 10 * US_PER_S },
	{ "cookie_secret", &kind_later },
	{ "history", &kind_later },
	{ "dnstap", &kind_later },
	{ "tls_certificate", &kind_later },
	{ "tls_key", &kind_later },
};

static const struct group group = GROUP("the settings of the daemon", rows);

static void
listen_default(struct conf_daemon *d)
{
	d->nlisten = 2;
	d->listen = mem_array(d->nlisten, sizeof(*d->listen));
	d->listen[0] = (struct addr){ .family = 4, .port = DNS_PORT };
	d->listen[1] = (struct addr){ .family = 6, .port = DNS_PORT };
}

static void
listen_check(struct reader *r, const config_setting_t *s)
{
	const struct conf_daemon *d = &r->conf->daemon;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < d->nlisten; i++) {
		for (size_t k = 0; k < i; k++) {
			if (addr_equal(&d->listen[i], &d->listen[k])) {
				reader_say(r, s, "%s is listed twice (expected each address once)",
				    addr_format_port(&d->listen[i], text));
				break;
			}
		}
	}
}

/* A Unix socket's name has its own, short limit. */
static void
control_check(struct reader *r, const config_setting_t *s, const char *path)
{
	size_t most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (path != NULL && strlen(path) > most)
		reader_say(r, s, "\"%s\" has %zu bytes (expected at most %zu, for a Unix socket)", path, strlen(path), most);
}

void
daemon_read(struct reader *r)
{
	const config_setting_t *s = reader_get(r->root, "server"), *one;
	struct conf_daemon *d = &r->conf->daemon;

	if (s == NULL) {
		reader_defaults(&group, d);
		listen_default(d);
		return;
	}
	reader_group(r, &group, s, 0, d);
	if ((one = reader_get(s, "listen")) != NULL)
		listen_check(r, one);
	else
		listen_default(d);
	if ((one = reader_get(s, "control")) != NULL)
		control_check(r, one, d->control);
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
