/* routes.c - the table of what can be asked for, and the way from a request to its row. */
#include "api/routes.h"

#include <stdio.h>
#include <string.h>

#include "api/edits.h"
#include "api/events.h"
#include "api/history.h"
#include "api/import.h"
#include "api/operate.h"
#include "api/records.h"
#include "api/show.h"

static const struct route routes[] = {
	{ "GET",    "/v1/status",       ROLE_READ,    status_get,       NULL },
	{ "GET",    "/v1/services",     ROLE_READ,    services_get,     NULL },
	{ "GET",    "/v1/services/*",   ROLE_READ,    service_get,      NULL },
	{ "GET",    "/v1/servers",      ROLE_READ,    servers_get,      NULL },
	{ "GET",    "/v1/servers/*",    ROLE_READ,    server_get,       NULL },
	{ "PUT",    "/v1/servers/*",    ROLE_ADMIN,   server_put,       NULL },
	{ "POST",   "/v1/servers/*",    ROLE_ADMIN,   server_post,      NULL },
	{ "DELETE", "/v1/servers/*",    ROLE_ADMIN,   server_delete,    "owner" },
	{ "PUT",    "/v1/services/*/members/*", ROLE_ADMIN, member_put,    NULL },
	{ "POST",   "/v1/services/*/members/*", ROLE_ADMIN, member_post,   NULL },
	{ "DELETE", "/v1/services/*/members/*", ROLE_ADMIN, member_delete, "owner" },
	{ "GET",    "/v1/fabrics",      ROLE_READ,    fabrics_get,      NULL },
	{ "GET",    "/v1/checks",       ROLE_READ,    checks_get,       NULL },
	{ "GET",    "/v1/zones",        ROLE_READ,    zones_get,        NULL },
	{ "GET",    "/v1/zones/*",      ROLE_READ,    zone_get,         NULL },
	{ "GET",    "/v1/zones/*/file", ROLE_READ,    zone_file_get,    "plane" },
	{ "PUT",    "/v1/zones/*/file", ROLE_ADMIN,   zone_file_put,    "dry_run file owner why", IMPORT_MAX },
	{ "GET",    "/v1/zones/*/records", ROLE_READ, records_get,      "after limit" },
	{ "GET",    "/v1/zones/*/records/*", ROLE_READ, record_name_get, NULL },
	{ "GET",    "/v1/zones/*/records/*/*", ROLE_READ, record_get,   NULL },
	{ "PUT",    "/v1/zones/*/records/*/*", ROLE_ADMIN, record_put,  NULL, EDITS_SET_MAX },
	{ "DELETE", "/v1/zones/*/records/*/*", ROLE_ADMIN, record_delete, "owner why if_serial" },
	{ "POST",   "/v1/zones/*/changes", ROLE_ADMIN, changes_post,    NULL, EDITS_MAX },
	{ "GET",    "/v1/explain",      ROLE_READ,    explain_get,      "name type from" },
	{ "GET",    "/v1/overrides",    ROLE_READ,    overrides_get,    NULL },
	{ "PUT",    "/v1/overrides/**", ROLE_OPERATE, override_put,     NULL },
	{ "DELETE", "/v1/overrides/**", ROLE_OPERATE, override_delete,  "owner" },
	{ "POST",   "/v1/checks/run",   ROLE_OPERATE, checks_run_post,  NULL },
	{ "POST",   "/v1/reload",       ROLE_ADMIN,   reload_post,      NULL },
	{ "POST",   "/v1/stop",         ROLE_ADMIN,   stop_post,        NULL },
	{ "GET",    "/v1/version",      ROLE_READ,    version_get,      NULL },
	{ "GET",    "/v1/events",       ROLE_READ,    events_get,       NULL },
	{ "GET",    "/v1/history",      ROLE_READ,    history_get,      "subject since kind limit before" },
	{ "GET",    "/healthz",         ROLE_READ,    healthz_get,      NULL },
};
enum { NROUTES = sizeof(routes) / sizeof(*routes) };

static const char *
method_text(enum evhttp_cmd_type type)
{
	switch (type) {
	case EVHTTP_REQ_GET:     return "GET";
	case EVHTTP_REQ_POST:    return "POST";
	case EVHTTP_REQ_PUT:     return "PUT";
	case EVHTTP_REQ_DELETE:  return "DELETE";
	default:                 return "";    /* no route has it */
	}
}

/* The row for method and path. NULL: none; allow is then what the path does allow, "" if it is nobody's. */
static const struct route *
route_find(const char *method, const char *path, char names[PATH_NAMES][PATH_NAME_MAX], enum path_match *match, char *allow, size_t size)
{
	size_t n = 0;

	*match = PATH_OTHER;
	allow[0] = '\0';
	for (size_t i = 0; i < NROUTES; i++) {
		enum path_match m = path_match(routes[i].pattern, path, names);

		if (m == PATH_OTHER)
			continue;
		*match = m;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		n += (size_t)snprintf(allow + n, size - n, "%s%s", n > 0 ? ", " : "", routes[i].method);
	}
	return NULL;
}

static bool
is_listed(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *p = list; p != NULL && n > 0 && (p = strstr(p, word)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

/* Reads the query to c->query. False: refused already. */
static bool
query_read(struct call *c, const struct route *route, const char *text)
{
	const struct evkeyval *pair;

	if (text != NULL && *text != '\0' && evhttp_parse_query_str(text, &c->query) != 0) {
		call_refuse(c, 400, "bad_request", "the query is not of the form key=value&...");
		return false;
	}
	TAILQ_FOREACH(pair, &c->query, next) {
		if (is_listed(pair->key, route->query) && body_is_text(pair->value, PATH_NAME_MAX))
			continue;
		if (is_listed(pair->key, route->query))
			call_refuse(c, 400, "bad_request", "%s: expected a short text without control characters", pair->key);
		else
			call_refuse(c, 400, "bad_request", "unknown parameter \"%.64s\" (expected: %s)", pair->key,
			    route->query != NULL ? route->query : "none");
		return false;
	}
	return true;
}

static size_t
route_body(const struct route *route)
{
	return route->body != 0 ? route->body : BODY_MAX;
}

void
routes_run(struct call *c)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(c->request);
	const char *path = uri != NULL && evhttp_uri_get_path(uri) != NULL ? evhttp_uri_get_path(uri) : "";
	const char *method = method_text(evhttp_request_get_command(c->request));
	enum path_match match;
	const struct route *route;
	size_t length;
	char allow[128];

	route = route_find(method, path, c->names, &match, allow, sizeof(allow));
	call_body(c, &length);
	if (match == PATH_OTHER) {
		call_refuse(c, 404, "not_found", "there is nothing at %.200s", path);
	} else if (match == PATH_MALFORMED) {
		call_refuse(c, 400, "bad_request", "the name in the path is too long or not well encoded");
	} else if (route == NULL) {
		evhttp_add_header(evhttp_request_get_output_headers(c->request), "Allow", allow);
		call_refuse(c, 405, "method_not_allowed", "%.200s allows %s", path, allow);
	} else if (length > route_body(route)) {
		call_refuse(c, 413, "too_large", "the body has %zu bytes, at most %zu are read", length, route_body(route));
	} else if (query_read(c, route, uri != NULL ? evhttp_uri_get_query(uri) : NULL)) {
		route->run(c);
	}
}
