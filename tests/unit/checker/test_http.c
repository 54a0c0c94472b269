/* test_http.c - the http and https checks: raw answers, and a real nginx with good and bad certificates. */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/checker/live.h"
#include "tests/unit/checker/server.h"
#include "tests/unit/suite.h"

static struct live live;

static void
setup(void)
{
	/* Nothing of this may matter to a probe. */
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("https_proxy", "http://127.0.0.1:1/", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
	live_open(&live);
}

static void
teardown(void)
{
	live_close(&live);
}

/* ---- raw answers ---- */

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: "

static const struct {
	const char *what;
	enum manner manner;
	const char *says, *body;
	enum probe_reason reason;
	const char *detail;            /* how it begins */
} cases[] = {
	{ "a page", MANNER_ANSWER, OK_HEAD "2\r\n\r\nhi", NULL, PROBE_OK, "" },
	{ "a page that matches", MANNER_ANSWER, OK_HEAD "2\r\n\r\nhi", "^hi$", PROBE_OK, "" },
	{ "a page without length", MANNER_ANSWER, "HTTP/1.0 200 OK\r\n\r\nhello", "hello", PROBE_OK, "" },
	{ "no content", MANNER_ANSWER, "HTTP/1.1 204 No Content\r\n\r\n", NULL, PROBE_OK, "" },
	{ "a page that does not match", MANNER_ANSWER, OK_HEAD "2\r\n\r\nhi", "ho", PROBE_BAD_BODY, "2 bytes do not match" },
	{ "an empty page that should match", MANNER_ANSWER, OK_HEAD "0\r\n\r\n", "ho", PROBE_BAD_BODY, "0 bytes do not match" },
	{ "an error", MANNER_ANSWER, "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno", NULL, PROBE_BAD_STATUS, "503 is not in 200-299" },
	{ "an error without a body", MANNER_ANSWER, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", NULL, PROBE_BAD_STATUS, "500 is not in 200-299" },
	{ "a redirect is not followed", MANNER_ANSWER, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", NULL,
	    PROBE_BAD_STATUS, "302 is not in 200-299" },
	{ "a page cut off", MANNER_ANSWER, OK_HEAD "100\r\n\r\nhi", NULL, PROBE_CLOSED, "" },
	{ "nothing at all", MANNER_ANSWER, "", NULL, PROBE_CLOSED, "Empty reply from server" },
	{ "no HTTP", MANNER_ANSWER, "220 mail ready\r\n", NULL, PROBE_BAD_REPLY, "Received HTTP/0.9 when not allowed" },
	{ "hung up", MANNER_SAY_CLOSE, "", NULL, PROBE_CLOSED, "" },
	{ "reset", MANNER_RESET, NULL, NULL, PROBE_RESET, "Connection reset by peer" },
	{ "silent", MANNER_SILENT, NULL, NULL, PROBE_TIMED_OUT, "after 300ms" },
	{ "a full backlog", MANNER_FULL, NULL, NULL, PROBE_TIMED_OUT, "after 300ms" },
	{ "a flood is cut at 64 KiB", MANNER_FLOOD, "HTTP/1.0 200 OK\r\n\r\nneedle", "needle", PROBE_OK, "" },
	{ "a flood without it", MANNER_FLOOD, "HTTP/1.0 200 OK\r\n\r\nneedle", "noodle", PROBE_BAD_BODY, "65536 bytes (the first) do not match" },
	{ "a flood of an error", MANNER_FLOOD, "HTTP/1.0 500 No\r\n\r\nx", NULL, PROBE_BAD_STATUS, "500 is not in 200-299" },
	{ "evil data for an evil pattern", MANNER_FLOOD, "HTTP/1.0 200 OK\r\n\r\nx", "(x+x+)+[yz]", PROBE_BAD_BODY, "matching was given up" },
	{ "a dribble", MANNER_DRIBBLE, OK_HEAD "2\r\nConnection: close\r\n\r\nhi", "hi", PROBE_OK, "" },
};

START_TEST(answers)
{
	struct server server = { .manner = cases[_i].manner, .text = cases[_i].says };
	struct conf_check check;

	server_start(&server);
	check = live_check(CHECK_HTTP, server.port);
	check.body = (char *)cases[_i].body;
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_msg(live.view.reason == cases[_i].reason && strncmp(live.view.detail, cases[_i].detail, strlen(cases[_i].detail)) == 0,
	    "%s: %s, \"%s\"", cases[_i].what, probe_reason_text(live.view.reason), live.view.detail);
	server_stop(&server);
}
END_TEST

START_TEST(the_request_is_what_was_configured)
{
	struct server server = { .manner = MANNER_ANSWER, .text = OK_HEAD "0\r\n\r\n" };
	char *headers[] = { "X-Probe: homing", "Authorization: Bearer abc" };
	struct conf_check check;
	char line[128];

	server_start(&server);
	check = live_check(CHECK_HTTP, server.port);
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	ck_assert_int_eq(strncmp(server.heard, "GET / HTTP/1.1\r\n", 16), 0);
	snprintf(line, sizeof(line), "Host: 127.0.0.1:%u\r\n", server.port);
	ck_assert_ptr_nonnull(strstr(server.heard, line));
	ck_assert_ptr_nonnull(strstr(server.heard, "User-Agent: homing/"));

	check.path = "/healthz/../x?deep=1";
	check.host = "www.example.invalid";            /* resolves to nothing, and need not */
	check.method = "OPTIONS";
	check.headers = headers;
	check.nheaders = 2;
	check.http_version = HTTP_1_0;
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	ck_assert_int_eq(strncmp(server.heard, "OPTIONS /healthz/../x?deep=1 HTTP/1.0\r\n", 39), 0);
	snprintf(line, sizeof(line), "Host: www.example.invalid:%u\r\n", server.port);
	ck_assert_ptr_nonnull(strstr(server.heard, line));
	ck_assert_ptr_nonnull(strstr(server.heard, "X-Probe: homing\r\n"));
	ck_assert_ptr_nonnull(strstr(server.heard, "Authorization: Bearer abc\r\n"));

	check.http_version = HTTP_1_1;
	check.method = "POST";
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	ck_assert_ptr_nonnull(strstr(server.heard, "Content-Length: 0\r\n"));
	check.method = "HEAD";
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	ck_assert_int_eq(strncmp(server.heard, "HEAD ", 5), 0);
	server_stop(&server);
}
END_TEST

START_TEST(status_ranges)
{
	struct server server = { .manner = MANNER_ANSWER, .text = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" };
	struct conf_status yes[] = { { 200, 299 }, { 404, 404 } }, no[] = { { 200, 204 }, { 301, 301 } };
	struct conf_check check;

	server_start(&server);
	check = live_check(CHECK_HTTP, server.port);
	check.status = yes;
	check.nstatus = 2;
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	check.status = no;
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_BAD_STATUS);
	ck_assert_str_eq(live.view.detail, "404 is not in 200-204, 301");
	server_stop(&server);
}
END_TEST

START_TEST(refusals_and_pins)
{
	struct conf_check check = live_check(CHECK_HTTP, 1);
	struct target_conf conf = { .label = "live", .check = &check };

	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_REFUSED);
	live_probe(&live, &check, "::1");
	ck_assert_reason(&live, PROBE_REFUSED);
	addr_parse("127.0.0.1", &conf.address);
	addr_parse("192.0.2.1", &conf.source);
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
	ck_assert_str_eq(live.view.detail, "bind to 192.0.2.1: Cannot assign requested address");
	addr_parse("127.8.8.8", &conf.source);
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_REFUSED);
	conf.source.family = 0;
	conf.device = "nosuch0";
	live_probe_conf(&live, &conf);
	ck_assert_reason(&live, PROBE_LOCAL);
}
END_TEST

START_TEST(what_cannot_be_prepared_is_refused)
{
	struct conf_check check = live_check(CHECK_HTTPS, 443);
	char error[256] = "";

	check.body = "[";
	live_refused(&live, &check, error, sizeof(error));
	ck_assert_ptr_nonnull(strstr(error, "the pattern \"[\" is wrong at character 2"));
	check.body = NULL;
	check.ca = "/dev/null";
	live_refused(&live, &check, error, sizeof(error));
	ck_assert_int_eq(strncmp(error, "/dev/null: no certificates can be read", 38), 0);
}
END_TEST

/* ---- nginx ---- */

static char folder[64];
static pid_t nginx;

enum { GOOD = 24431, EXPIRED, SELF, WRONG, SOON, PLAIN_HTTP };

static void
run(const char *command)
{
	char line[2048];

	snprintf(line, sizeof(line), "cd %s && (%s) >>log 2>&1", folder, command);
	ck_assert_msg(system(line) == 0, "failed: %s", line);
}

static void
certificate(const char *name, const char *subject_names, const char *from_to)
{
	char line[1024];

	snprintf(line, sizeof(line), "openssl req -newkey rsa:2048 -nodes -keyout %s.key -subj /CN=%s -out %s.csr && "
	    "echo subjectAltName=%s >%s.ext && touch index.txt && "
	    "openssl ca -batch -config ca.cnf -in %s.csr -out %s.pem -extfile %s.ext %s",
	    name, name, name, subject_names, name, name, name, name, from_to);
	run(line);
}

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
nginx_conf(void)
{
	static const struct { const char *name; int port; } sites[] = {
		{ "good", GOOD }, { "expired", EXPIRED }, { "self", SELF }, { "wrong", WRONG }, { "soon", SOON } };
	char text[8192];
	int n = snprintf(text, sizeof(text), "daemon off; pid %s/pid; error_log %s/error.log; events {} http { access_log off; "
	    "client_body_temp_path %s/t1; proxy_temp_path %s/t2; fastcgi_temp_path %s/t3; uwsgi_temp_path %s/t4; scgi_temp_path %s/t5; "
	    "server { listen 127.0.0.1:%d; location / { return 200 plain; } }\n", folder, folder, folder, folder, folder, folder, folder, PLAIN_HTTP);

	for (size_t i = 0; i < sizeof(sites) / sizeof(*sites); i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "server { listen 127.0.0.1:%d ssl%s; ssl_certificate %s/%s.pem; ssl_certificate_key %s/%s.key; "
		    "location / { return 200 $server_protocol:$ssl_server_name; } }\n", sites[i].port, sites[i].port == GOOD ? " http2" : "", folder, sites[i].name, folder, sites[i].name);
	snprintf(text + n, sizeof(text) - (size_t)n, "}\n");
	write_file("nginx.conf", text);
}

static void
nginx_start(void)
{
	char line[256];

	strcpy(folder, "/tmp/homing-http-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\nrand_serial=yes\n"
	    "default_md=sha256\npolicy=p\ndefault_days=365\nunique_subject=no\n[p]\ncommonName=supplied\n");
	run("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=test-ca -days 3650 -out ca.pem");
	run("openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -subj /CN=www.example.invalid -days 365 -out self.pem");
	certificate("good", "DNS:www.example.invalid,IP:127.0.0.1", "-days 365");
	certificate("wrong", "DNS:other.example.invalid", "-days 365");
	certificate("soon", "DNS:www.example.invalid,IP:127.0.0.1", "-days 3");
	certificate("expired", "DNS:www.example.invalid,IP:127.0.0.1", "-startdate 20200101000000Z -enddate 20210101000000Z");
	nginx_conf();
	nginx = fork();
	if (nginx == 0) {
		snprintf(line, sizeof(line), "%s/nginx.conf", folder);
		execlp("nginx", "nginx", "-c", line, "-p", folder, "-e", "stderr", (char *)NULL);
		_exit(127);
	}
	usleep(300000);
}

static void
nginx_stop(void)
{
	char line[128];
	int status;

	kill(nginx, SIGTERM);
	waitpid(nginx, &status, 0);
	snprintf(line, sizeof(line), "rm -r %s", folder);
	ck_assert_int_eq(system(line), 0);
}

static struct conf_check
secure_check(enum check_type type, int port)
{
	static char ca[128];
	struct conf_check check = live_check(type, (uint16_t)port);

	snprintf(ca, sizeof(ca), "%s/ca.pem", folder);
	check.timeout_us = US_PER_S;
	check.ca = ca;
	check.host = "www.example.invalid";
	check.tls = type == CHECK_TCP;
	return check;
}

static const struct {
	const char *what;
	int port;
	const char *host;
	bool verify, system_ca;
	uint64_t within_us;
	enum probe_reason reason;
	const char *words, *tcp_words; /* found in the detail; of https and of tcp with tls */
} secure_cases[] = {
	{ "good", GOOD, "www.example.invalid", true, false, 0, PROBE_OK, "", "" },
	{ "good by address", GOOD, NULL, true, false, 0, PROBE_OK, "", "" },
	{ "good and fresh", GOOD, "www.example.invalid", true, false, 7 * 86400 * US_PER_S, PROBE_OK, "", "" },
	{ "unknown issuer", GOOD, "www.example.invalid", true, true, 0, PROBE_CERTIFICATE, "unable to get local issuer certificate", "unable to get local issuer certificate" },
	{ "not verified", EXPIRED, "www.example.invalid", false, true, 0, PROBE_OK, "", "" },
	{ "expired", EXPIRED, "www.example.invalid", true, false, 0, PROBE_CERTIFICATE, "certificate has expired", "certificate has expired" },
	{ "expired, not verified, but asked for its age", EXPIRED, NULL, false, false, 86400 * US_PER_S, PROBE_CERTIFICATE, "expired ", "expired " },
	{ "self-signed", SELF, "www.example.invalid", true, false, 0, PROBE_CERTIFICATE, "self-signed certificate", "self-signed certificate" },
	{ "another host's", WRONG, "www.example.invalid", true, false, 0, PROBE_CERTIFICATE, "www.example.invalid", "hostname mismatch" },
	{ "another host's, by address", WRONG, NULL, true, false, 0, PROBE_CERTIFICATE, "127.0.0.1", "IP address mismatch" },
	{ "soon over", SOON, "www.example.invalid", true, false, 7 * 86400 * US_PER_S, PROBE_CERTIFICATE, "expires in ", "expires in " },
	{ "not so soon over", SOON, "www.example.invalid", true, false, 86400 * US_PER_S, PROBE_OK, "", "" },
	{ "no TLS there", PLAIN_HTTP, "www.example.invalid", true, false, 0, PROBE_TLS, "wrong version number", "wrong version number" },
};

START_TEST(certificates)
{
	for (size_t i = 0; i < 2 * sizeof(secure_cases) / sizeof(*secure_cases); i++) {
		bool tcp = i % 2 != 0;
		struct conf_check check = secure_check(tcp ? CHECK_TCP : CHECK_HTTPS, secure_cases[i / 2].port);
		const char *words = tcp ? secure_cases[i / 2].tcp_words : secure_cases[i / 2].words;

		check.host = (char *)secure_cases[i / 2].host;
		check.verify = secure_cases[i / 2].verify;
		check.expires_within_us = secure_cases[i / 2].within_us;
		if (secure_cases[i / 2].system_ca)
			check.ca = NULL;
		live_probe(&live, &check, "127.0.0.1");
		ck_assert_msg(live.view.reason == secure_cases[i / 2].reason && strstr(live.view.detail, words) != NULL, "%s, %s: %s, \"%s\"",
		    tcp ? "tcp" : "https", secure_cases[i / 2].what, probe_reason_text(live.view.reason), live.view.detail);
	}
}
END_TEST

START_TEST(versions_and_names)
{
	static const struct { int port; enum http_version version; const char *body; enum probe_reason reason; } rows[] = {
		{ GOOD, HTTP_2, "^HTTP/2.0:www.example.invalid$", PROBE_OK },
		{ GOOD, HTTP_1_1, "^HTTP/1.1:www.example.invalid$", PROBE_OK },
		{ GOOD, HTTP_1_0, "^HTTP/1.0:www.example.invalid$", PROBE_OK },
		{ GOOD, HTTP_ANY, "^HTTP/2.0:www.example.invalid$", PROBE_OK },
		{ SOON, HTTP_ANY, "^HTTP/1.1:www.example.invalid$", PROBE_OK },
		{ SOON, HTTP_2, NULL, PROBE_BAD_REPLY },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct conf_check check = secure_check(CHECK_HTTPS, rows[i].port);

		check.http_version = rows[i].version;
		check.body = (char *)rows[i].body;
		live_probe(&live, &check, "127.0.0.1");
		ck_assert_msg(live.view.reason == rows[i].reason, "row %zu: %s, \"%s\"", i, probe_reason_text(live.view.reason), live.view.detail);
	}
}
END_TEST

START_TEST(tls_talks)
{
	struct conf_check check = secure_check(CHECK_TCP, GOOD);

	check.send = "GET / HTTP/1.0\r\n\r\n";
	check.expect = "HTTP/1.0:www.example.invalid$";
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_OK);
	check.expect = "noodle";
	live_probe(&live, &check, "127.0.0.1");
	ck_assert_reason(&live, PROBE_BAD_REPLY);
}
END_TEST

/* The system's certificates are read once, not for every handshake. */
START_TEST(handshakes_are_cheap)
{
	struct conf_check check = secure_check(CHECK_HTTPS, GOOD);
	uint64_t quickest_us = UINT64_MAX;

	check.ca = NULL;
	live_probe(&live, &check, "127.0.0.1");
	for (int i = 0; i < 20; i++) {
		uint64_t before = clock_mono_us(), took;

		live_probe(&live, &check, "127.0.0.1");
		took = clock_mono_us() - before;
		quickest_us = took < quickest_us ? took : quickest_us;
	}
	ck_assert_reason(&live, PROBE_CERTIFICATE);
	ck_assert_uint_lt(quickest_us, (SANITIZED ? 40 : 10) * US_PER_MS);
}
END_TEST

START_TEST(tls_handshakes_that_break_off)
{
	static const struct { enum manner manner; enum probe_reason https, tcp; } rows[] = {
		{ MANNER_SILENT, PROBE_TIMED_OUT, PROBE_TIMED_OUT }, { MANNER_RESET, PROBE_RESET, PROBE_RESET },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct server server = { .manner = rows[i].manner };
		struct conf_check check;

		server_start(&server);
		check = live_check(CHECK_HTTPS, server.port);
		live_probe(&live, &check, "127.0.0.1");
		ck_assert_reason(&live, rows[i].https);
		check = live_check(CHECK_TCP, server.port);
		check.tls = true;
		live_probe(&live, &check, "127.0.0.1");
		ck_assert_reason(&live, rows[i].tcp);
		server_stop(&server);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("http");
	TCase *raw = tcase_create("raw"), *secure = tcase_create("nginx");

	tcase_add_checked_fixture(raw, setup, teardown);
	tcase_set_timeout(raw, 30);
	tcase_add_loop_test(raw, answers, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(raw, the_request_is_what_was_configured);
	tcase_add_test(raw, status_ranges);
	tcase_add_test(raw, refusals_and_pins);
	tcase_add_test(raw, what_cannot_be_prepared_is_refused);
	tcase_add_test(raw, tls_handshakes_that_break_off);
	suite_add_tcase(s, raw);
	tcase_add_unchecked_fixture(secure, nginx_start, nginx_stop);
	tcase_add_checked_fixture(secure, setup, teardown);
	tcase_set_timeout(secure, 60);
	tcase_add_test(secure, certificates);
	tcase_add_test(secure, versions_and_names);
	tcase_add_test(secure, tls_talks);
	tcase_add_test(secure, handshakes_are_cheap);
	suite_add_tcase(s, secure);
	return suite_run(s);
}
