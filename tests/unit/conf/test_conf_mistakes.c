/* test_conf_mistakes.c - every mistake is told: where, what, and what was expected. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/conf/parse.h"
#include "tests/unit/suite.h"

#define SERVER(settings)    "server = { " settings " };"
#define KEY(settings)       "keys = ( { name = \"k\"; " settings " } );"
#define ZONE(settings)      "keys = ( { name = \"xfer\"; secret = \"QUJD\"; }, { name = \"other\"; secret = \"QUJD\"; } );\n" \
                            "zones = ( { name = \"z\"; " settings " } );"
#define FABRIC(settings)    "fabrics = ( { name = \"f\"; " settings " } );"
#define CHECK(settings)     "checks = ( { name = \"c\"; " settings " } );"
#define INTERFACE(settings) "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; " settings " } ); } );"
#define SERVICE(settings)   WITH_SERVER "services = ( { name = \"example.com\"; servers = [ \"x\" ]; " settings " } );"
#define LABEL60 "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
#define WITH_SERVER \
	"servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; }, " \
	"{ name = \"b\"; address = \"192.0.2.2\"; } ); } );\n"

static const struct {
	const char *text, *mistakes;
} rows[] = {
	/* the text */
	{ "server = {\n"
	    " workers = = 1; };",
	    "t.conf:2: syntax error\n" },
	{ "server = { nsid = \"a\"; nsid = \"b\"; };",
	    "t.conf:1: duplicate setting name\n" },
	{ "server = { nsid = \"a };",
	    "t.conf:1: a text begins here that does not end (expected \")\n" },
	{ "a = ((((((((((((((((1))))))))))))))));",
	    "t.conf:1: a: unknown setting (expected one of the groups of the file, see homing.conf(5))\n" },
	{ "a = (((((((((((((((((1)))))))))))))))));",
	    "t.conf:1: nested too deep (expected at most 16 levels)\n" },
	{ "# ((((((((((((((((((\n"
	    "// ((((((((((((((((((\n"
	    "/* ((((((((((((((((((\n"
	    " */ a = \"(((((((((((((((((((\\\"\";",
	    "t.conf:4: a: unknown setting (expected one of the groups of the file, see homing.conf(5))\n" },
	{ "@include \"homing-has-no-such-file\"\n",
	    "t.conf:1: included file /homing-has-no-such-file: No such file or directory (expected a file that can be read)\n" },
	{ "server = { workers = 4294967297; };",
	    "t.conf:1: 4294967297 is too large a number (expected less, or an L behind it)\n" },
	{ "server = {\n"
	    " workers = 0x100000001; };",
	    "t.conf:2: 0x100000001 is too large a number (expected less, or an L behind it)\n" },
	{ "server = { first_round = 3.14159265358979; workers = 2147483648 }",
	    "t.conf:1: 2147483648 is too large a number (expected less, or an L behind it)\n" },
	{ "server = { first_round = 0.99999999999; workers = 4294967297L; tcp_clients = 99999999999999999999L; };",
	    "t.conf:1: server.workers: 4294967297 is out of range (expected 0..256)\n"
	    "t.conf:1: server.tcp_clients: 9223372036854775807 is out of range (expected 1..1000000)\n" },
	{ "a = 4294967297",
	    "t.conf:1: 4294967297 is too large a number (expected less, or an L behind it)\n" },
	{ "server = {\n"
	    "\n"
	    " user = \"a\\\n"
	    "\n"
	    "\";\n"
	    " workers = 999; };",
	    "t.conf:6: server.workers: 999 is out of range (expected 0..256)\n" },
	{ "server = {\n"
	    " /* what follows\n"
	    " };\n",
	    "t.conf:2: a comment begins here that does not end (expected */)\n" },
	{ "server = { user \"x\"; };",
	    "t.conf:1: a text where none belongs (expected the name of a setting and = before it, or a comma in a list)\n" },
	{ "server = { user = \"a\", \"b\" };",
	    "t.conf:1: a text where none belongs (expected the name of a setting and = before it, or a comma in a list)\n" },
	{ "server = { user = \"a\" \"b\" \"c\"; workers = \"d\" };",
	    "t.conf:1: server.workers: \"d\" is no whole number (expected 0..256)\n" },
	{ "@include \"a\n",
	    "t.conf:1: a text begins here that does not end (expected \")\n" },
	{ "@include a\n",
	    "t.conf:1: syntax error\n" },

	/* the groups of the file */
	{ "sevices = ( );",
	    "t.conf:1: sevices: unknown setting (did you mean \"services\"?)\n" },
	{ "something = 1;",
	    "t.conf:1: something: unknown setting (expected one of the groups of the file, see homing.conf(5))\n" },
	{ "server = 5;",
	    "t.conf:1: server: 5 is no group (expected the settings of the daemon in braces)\n" },
	{ "server = ( );",
	    "t.conf:1: server: an empty list is no group (expected the settings of the daemon in braces)\n" },
	{ "services = { };",
	    "t.conf:1: services: a group is no list of groups (expected ( { ... }, { ... } ))\n" },
	{ "checks = [ \"a\" ];",
	    "t.conf:1: checks: an array is no list of groups (expected ( { ... }, { ... } ))\n" },
	{ "checks = ( 5, { name = \"a\"; type = \"ping\"; } );",
	    "t.conf:1: checks[0]: 5 is no group (expected the settings of a check in braces)\n" },
	{ "api = { listen = \"127.0.0.1:8053\"; }; keys = { }; hooks = ( );",
	    "t.conf:1: api: not supported by this version (expected it left out)\n"
	    "t.conf:1: hooks: not supported by this version (expected it left out)\n"
	    "t.conf:1: keys: a group is no list of groups (expected ( { ... }, { ... } ))\n" },

	/* server */
	{ SERVER("ecs_trust = 1;"),
	    "t.conf:1: server.ecs_trust: not supported by this version (expected it left out)\n" },
	{ SERVER("history = 1;"),
	    "t.conf:1: server.history: 1 is no group (expected the settings of the history in braces)\n" },
	{ SERVER("history = { keep = \"-1d\"; size_mb = 0; };"),
	    "t.conf:1: server.history.keep: \"-1d\" is no duration (expected 0s..3650d: a number of seconds, or a text such as \"200ms\", \"5s\", \"2m\", \"1h\", \"3d\")\n"
	    "t.conf:1: server.history.size_mb: 0 is out of range (expected 1..1000000)\n" },
	{ SERVER("history = { keep = \"3651d\"; kep = 1; };"),
	    "t.conf:1: server.history.keep: \"3651d\" is out of range (expected 0s..3650d)\n"
	    "t.conf:1: server.history.kep: unknown setting (did you mean \"keep\"?)\n" },
	{ SERVER("dnstap = 1;"),
	    "t.conf:1: server.dnstap: not supported by this version (expected it left out)\n" },
	{ SERVER("listen = [ \"127.0.0.1:0\", \"1.2.3\", \"[::1\", \"127.0.0.1:65536\", \"224.0.0.1\", \"[::ffff:1.2.3.4]:53\" ];"),
	    "t.conf:1: server.listen[0]: \"127.0.0.1:0\" is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:1: server.listen[1]: \"1.2.3\" is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:1: server.listen[2]: \"[::1\" is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:1: server.listen[3]: \"127.0.0.1:65536\" is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:1: server.listen[4]: \"224.0.0.1\" is a multicast address (expected an address of this host)\n"
	    "t.conf:1: server.listen[5]: \"[::ffff:1.2.3.4]:53\" is an IPv4 address in IPv6 form (expected an address of this host)\n" },
	{ SERVER("listen = [ \"127.0.0.1:53\", \"127.0.0.1\" ];"),
	    "t.conf:1: server.listen: 127.0.0.1:53 is listed twice (expected each address once)\n" },
	{ SERVER("listen = [ ];"),
	    "t.conf:1: server.listen: an empty array (expected at least one value, or leave it out)\n" },
	{ SERVER("listen = 53;"),
	    "t.conf:1: server.listen: 53 is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n" },
	{ SERVER("workers = 257;"),
	    "t.conf:1: server.workers: 257 is out of range (expected 0..256)\n" },
	{ SERVER("workers = -1;"),
	    "t.conf:1: server.workers: -1 is out of range (expected 0..256)\n" },
	{ SERVER("workers = \"two\";"),
	    "t.conf:1: server.workers: \"two\" is no whole number (expected 0..256)\n" },
	{ SERVER("workers = 1.5;"),
	    "t.conf:1: server.workers: 1.5 is no whole number (expected 0..256)\n" },
	{ SERVER("tcp_clients = 1e3; first_round = 1e999;"),
	    "t.conf:1: server.tcp_clients: 1000 is no whole number (expected 1..1000000)\n"
	    "t.conf:1: server.first_round: inf is out of range (expected 0s..1h)\n" },
	{ SERVER("user = \"\";"),
	    "t.conf:1: server.user: \"\" is wrong (expected a text in quotes that is not empty)\n" },
	{ SERVER("state = true;"),
	    "t.conf:1: server.state: true is wrong (expected the path of a file)\n" },
	{ SERVER("first_round = \"61m\";"),
	    "t.conf:1: server.first_round: \"61m\" is out of range (expected 0s..1h)\n" },
	{ SERVER("first_round = \"soon\";"),
	    "t.conf:1: server.first_round: \"soon\" is no duration (expected 0s..1h: a number of seconds, or a text such as \"200ms\", \"5s\", \"2m\", \"1h\", \"3d\")\n" },
	{ SERVER("tcp_idle = 0.05;"),
	    "t.conf:1: server.tcp_idle: 0.05 is out of range (expected 100ms..1h)\n" },
	{ SERVER("tcp_idle = -1;"),
	    "t.conf:1: server.tcp_idle: -1 is out of range (expected 100ms..1h)\n" },
	{ SERVER("tcp_clients = 0;"),
	    "t.conf:1: server.tcp_clients: 0 is out of range (expected 1..1000000)\n" },
	{ SERVER("control = \"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\";"),
	    "t.conf:1: server.control: \"/cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\" has 121 bytes (expected at most 107, for a Unix socket)\n" },
	{ SERVER("nsid = \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\";"),
	    "t.conf:1: server.nsid: \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\" has 129 bytes (expected at most 128)\n" },

	{ SERVER("listen_tls = 853;"),
	    "t.conf:1: server.listen_tls: 853 is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:1: server.tls_certificate: missing (expected the path of a PEM file, with listen_tls)\n"
	    "t.conf:1: server.tls_key: missing (expected the path of a PEM file, with listen_tls)\n" },
	{ SERVER("listen_tls = \"192.0.2.1\"; tls_key = \"/etc/passwd\";"),
	    "t.conf:1: server.tls_certificate: missing (expected the path of a PEM file, with listen_tls)\n" },
	{ SERVER("tls_certificate = \"/etc/passwd\";"),
	    "t.conf:1: server.tls_key: missing (expected the path of a PEM file, with tls_certificate)\n" },
	{ SERVER("tls_certificate = \"homing-has-no-such-file\"; tls_key = \"etc\";"),
	    "t.conf:1: server.tls_certificate: \"homing-has-no-such-file\": No such file or directory (expected a file that can be read)\n"
	    "t.conf:1: server.tls_key: \"etc\" is no regular file (expected a file that can be read)\n" },
	{ SERVER("listen = [ \"192.0.2.1:5300\", \"[::]:853\", \"192.0.2.3:853\" ]; tls_certificate = \"/etc/passwd\"; tls_key = \"/etc/passwd\";\n"
	    "listen_tls = [ \"192.0.2.1:5300\", \"192.0.2.1\", \"[2001:db8::1]\", \"0.0.0.0\", \"192.0.2.1:853\" ];"),
	    "t.conf:2: server.listen_tls: 192.0.2.1:853 is listed twice (expected each address once)\n"
	    "t.conf:2: server.listen_tls: 192.0.2.1:5300 overlaps 192.0.2.1:5300 of listen (expected another port)\n"
	    "t.conf:2: server.listen_tls: [2001:db8::1]:853 overlaps [::]:853 of listen (expected another port)\n"
	    "t.conf:2: server.listen_tls: 0.0.0.0:853 overlaps 192.0.2.3:853 of listen (expected another port)\n" },
	{ SERVER("listen_tls = \"192.0.2.1:53\"; tls_certificate = \"/etc/passwd\"; tls_key = \"/etc/passwd\";"),
	    "t.conf:1: server.listen_tls: 192.0.2.1:53 overlaps 0.0.0.0:53 of listen (expected another port)\n" },
	{ SERVER("rate_limit = 1000001; rate_limit_slip = 11; rate_limit_exempt = ( \"10.0.0.1/8\", 5 );"),
	    "t.conf:1: server.rate_limit: 1000001 is out of range (expected 0..1000000)\n"
	    "t.conf:1: server.rate_limit_slip: 11 is out of range (expected 0..10)\n"
	    "t.conf:1: server.rate_limit_exempt[0]: \"10.0.0.1/8\" has bits set behind the prefix length (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: server.rate_limit_exempt[1]: 5 is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n" },
	{ SERVER("cookie_secret = ( 1, \"00112233445566778899aabbccddeef\", \"00112233445566778899aabbccddeeff0\", \"0x112233445566778899aabbccddeeff\" );"),
	    "t.conf:1: server.cookie_secret[0]: no cookie secret (expected 32 hexadecimal digits in quotes)\n"
	    "t.conf:1: server.cookie_secret[1]: no cookie secret (expected 32 hexadecimal digits in quotes)\n"
	    "t.conf:1: server.cookie_secret[2]: no cookie secret (expected 32 hexadecimal digits in quotes)\n"
	    "t.conf:1: server.cookie_secret[3]: no cookie secret (expected 32 hexadecimal digits in quotes)\n" },
	{ SERVER("cookie_secret = [ \"00112233445566778899aabbccddeeff\", \"00112233445566778899AABBCCDDEEFF\" ];"),
	    "t.conf:1: server.cookie_secret: numbers 1 and 2 are the same (expected each secret once)\n" },
	{ SERVER("cookie_secret = [ \"0\", \"1\", \"2\", \"3\", \"4\" ];"),
	    "t.conf:1: server.cookie_secret: 5 values (expected at most 4)\n" },

	/* keys */
	{ "keys = ( { } );",
	    "t.conf:1: keys[0].name: missing (expected a domain name, such as \"www.example.com\")\n"
	    "t.conf:1: keys[0].secret: missing (expected secret or secret_file)\n" },
	{ "keys = ( { name = \"a\"; secret = \"QUJD\"; },\n"
	    " { name = \"A.\"; secret = \"QUJD\"; }, 5 );",
	    "t.conf:2: keys[2]: 5 is no group (expected the settings of a key in braces)\n"
	    "t.conf:2: keys.A.name: \"a\" is the name of the key in line 1 too (expected another name)\n" },
	{ KEY("algorithm = \"hmac-md5\"; secret = \"QUJD\";"),
	    "t.conf:1: keys.k.algorithm: hmac-md5 is broken and not supported (expected another on both sides: use hmac-sha256)\n" },
	{ KEY("algorithm = \"HMAC-MD5.SIG-ALG.REG.INT\"; secret = \"QUJD\";"),
	    "t.conf:1: keys.k.algorithm: hmac-md5 is broken and not supported (expected another on both sides: use hmac-sha256)\n" },
	{ KEY("algorithm = \"hmac-sha25\"; secret = \"QUJD\";"),
	    "t.conf:1: keys.k.algorithm: \"hmac-sha25\" is not known (expected \"hmac-sha1\", \"hmac-sha224\", \"hmac-sha256\", \"hmac-sha384\" or \"hmac-sha512\"; did you mean \"hmac-sha256\"?)\n" },
	{ KEY("algorithm = 5; secret = 5;"),
	    "t.conf:1: keys.k.algorithm: 5 is not known (expected \"hmac-sha1\", \"hmac-sha224\", \"hmac-sha256\", \"hmac-sha384\" or \"hmac-sha512\")\n"
	    "t.conf:1: keys.k.secret: no secret in base64 (expected 1 to 1024 bytes, such as tsig-keygen prints them)\n" },
	{ KEY("secret = \"not base64!\";"),
	    "t.conf:1: keys.k.secret: no secret in base64 (expected 1 to 1024 bytes, such as tsig-keygen prints them)\n" },
	{ KEY("secret = \" \";"),
	    "t.conf:1: keys.k.secret: no secret in base64 (expected 1 to 1024 bytes, such as tsig-keygen prints them)\n" },
	{ KEY("secret = \"QUJD\"; secret_file = \"x\";"),
	    "t.conf:1: keys.k.secret_file: secret is given too (expected one of the two)\n" },
	{ KEY("secret_file = 5;"),
	    "t.conf:1: keys.k.secret_file: 5 is wrong (expected the path of a file)\n" },
	{ KEY("secret_file = \"homing-has-no-such-file\";"),
	    "t.conf:1: keys.k.secret_file: /homing-has-no-such-file: No such file or directory (expected a secret in base64, or what tsig-keygen prints for key \"k\")\n" },
	{ KEY("secret_file = \"/etc\";"),
	    "t.conf:1: keys.k.secret_file: /etc: not a regular file (expected a secret in base64, or what tsig-keygen prints for key \"k\")\n" },

	/* fabrics */
	{ "fabrics = ( { } );",
	    "t.conf:1: fabrics[0].name: missing (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: fabrics[0].subnets: missing (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n" },
	{ FABRIC("subnets = [ ];"),
	    "t.conf:1: fabrics.f.subnets: an empty array (expected at least one value, or leave it out)\n" },
	{ FABRIC("subnets = [ \"10.1.0.1/16\", \"10.0.0.0/33\", \"10.0.0.0/x\", \"ten\", \"2001:db8::1/32\", \"1.2.3/8\" ];"),
	    "t.conf:1: fabrics.f.subnets[0]: \"10.1.0.1/16\" has bits set behind the prefix length (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: fabrics.f.subnets[1]: \"10.0.0.0/33\" is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: fabrics.f.subnets[2]: \"10.0.0.0/x\" is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: fabrics.f.subnets[3]: \"ten\" is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: fabrics.f.subnets[4]: \"2001:db8::1/32\" has bits set behind the prefix length (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:1: fabrics.f.subnets[5]: \"1.2.3/8\" is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\", \"10.0.0.0/8\" ];"),
	    "t.conf:1: fabrics.f.subnets: 10.0.0.0/8 overlaps 10.1.0.0/16 of fabric f (expected subnets apart)\n" },
	{ FABRIC("subnets = [ \"10.0.0.0/16\", \"10.1.0.0/16\", \"10.1.2.0/24\", \"10.1.3.0/24\", \"10.2.0.0/16\" ];"),
	    "t.conf:1: fabrics.f.subnets: 10.1.2.0/24 overlaps 10.1.0.0/16 of fabric f (expected subnets apart)\n"
	    "t.conf:1: fabrics.f.subnets: 10.1.3.0/24 overlaps 10.1.0.0/16 of fabric f (expected subnets apart)\n" },
	{ "fabrics = ( { name = \"a\"; subnets = [ \"10.1.0.0/16\" ]; },\n"
	    " { name = \"b\"; subnets = [ \"2001:db8::/32\", \"10.1.2.0/24\" ]; },\n"
	    " { name = \"a\"; subnets = [ \"10.2.0.0/16\" ]; } );",
	    "t.conf:3: fabrics.a.name: \"a\" is the name of the fabric in line 1 too (expected another name)\n"
	    "t.conf:2: fabrics.b.subnets: 10.1.2.0/24 overlaps 10.1.0.0/16 of fabric a (expected subnets apart)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; source = \"2001:db8::1\";"),
	    "t.conf:1: fabrics.f.source: 2001:db8::1 is IPv6, but no subnet of this fabric is (expected the family of one of its subnets)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; source = [ \"10.1.0.1\", \"10.1.0.2\" ];"),
	    "t.conf:1: fabrics.f.source: 10.1.0.2 is a second IPv4 address (expected one of each family at most)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; source = [ \"10.1.0.1\", \"10.1.0.2\", \"10.1.0.3\" ];"),
	    "t.conf:1: fabrics.f.source: 3 values (expected at most 2)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; source = \"0.0.0.0\";"),
	    "t.conf:1: fabrics.f.source: \"0.0.0.0\" is the unspecified address (expected the address of one host)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; device = \"a-name-of-16-byt\";"),
	    "t.conf:1: fabrics.f.device: \"a-name-of-16-byt\" is wrong (expected the name of a network device, at most 15 bytes)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; device = \"a/b\"; mark = -1;"),
	    "t.conf:1: fabrics.f.device: \"a/b\" is wrong (expected the name of a network device, at most 15 bytes)\n"
	    "t.conf:1: fabrics.f.mark: -1 is out of range (expected 0..4294967295)\n" },
	{ FABRIC("subnets = [ \"10.1.0.0/16\" ]; witnesses = [ \"10.1.0.254\" ]; witness_check = \"ping\";"),
	    "t.conf:1: fabrics.f.witnesses: not supported by this version (expected it left out)\n"
	    "t.conf:1: fabrics.f.witness_check: not supported by this version (expected it left out)\n" },

	/* checks */
	{ "checks = ( { } );",
	    "t.conf:1: checks[0].name: missing (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: checks[0].type: missing (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ "checks = ( { name = \"a\"; type = \"ping\"; },\n"
	    " { name = \"a\"; type = \"ping\"; } );",
	    "t.conf:2: checks.a.name: \"a\" is the name of the check in line 1 too (expected another name)\n" },
	{ "checks = ( { name = \"a b\"; type = \"ping\"; }, { name = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"; type = \"ping\"; }, { name = \"a/b\"; type = \"ping\"; } );",
	    "t.conf:1: checks.a b.name: \"a b\" is wrong (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: checks.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.name: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is wrong (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: checks.a/b.name: \"a/b\" is wrong (expected a name: 1 to 63 letters, digits, _ . -)\n" },
	{ CHECK("type = \"pin\";"),
	    "t.conf:1: checks.c.type: \"pin\" is not known (expected \"ping\", \"tcp\", \"http\" or \"https\"; did you mean \"ping\"?)\n" },
	{ CHECK("type = 5;"),
	    "t.conf:1: checks.c.type: 5 is not known (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"mtu\";"),
	    "t.conf:1: checks.c.type: \"mtu\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"dns\";"),
	    "t.conf:1: checks.c.type: \"dns\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"udp\";"),
	    "t.conf:1: checks.c.type: \"udp\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"exec\";"),
	    "t.conf:1: checks.c.type: \"exec\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"agent\";"),
	    "t.conf:1: checks.c.type: \"agent\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"push\";"),
	    "t.conf:1: checks.c.type: \"push\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n" },
	{ CHECK("type = \"dns\"; port = 53; query = \"a\"; qtype = \"A\"; rcode = \"NOERROR\"; answer = \"1\"; transport = \"udp\";"),
	    "t.conf:1: checks.c.type: \"dns\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n"
	    "t.conf:1: checks.c.query: not supported by this version (expected it left out)\n"
	    "t.conf:1: checks.c.qtype: not supported by this version (expected it left out)\n"
	    "t.conf:1: checks.c.rcode: not supported by this version (expected it left out)\n"
	    "t.conf:1: checks.c.answer: not supported by this version (expected it left out)\n"
	    "t.conf:1: checks.c.transport: not supported by this version (expected it left out)\n" },
	{ CHECK("type = \"exec\"; command = [ \"a\" ];"),
	    "t.conf:1: checks.c.type: \"exec\" is not supported by this version (expected \"ping\", \"tcp\", \"http\" or \"https\")\n"
	    "t.conf:1: checks.c.command: not supported by this version (expected it left out)\n" },
	{ CHECK("type = \"ping\"; path = \"/\"; port = 7; query = \"x\"; tls = true;"),
	    "t.conf:1: checks.c.port: not a setting of a check of type \"ping\" (expected with tcp, http, https, dns, udp, agent)\n"
	    "t.conf:1: checks.c.tls: not a setting of a check of type \"ping\" (expected with tcp)\n"
	    "t.conf:1: checks.c.path: not a setting of a check of type \"ping\" (expected with http, https)\n"
	    "t.conf:1: checks.c.query: not a setting of a check of type \"ping\" (expected with dns)\n" },
	{ CHECK("type = \"http\"; verify = true; send = \"x\"; size = 7; dont_fragment = true;"),
	    "t.conf:1: checks.c.size: not a setting of a check of type \"http\" (expected with ping, mtu)\n"
	    "t.conf:1: checks.c.dont_fragment: not a setting of a check of type \"http\" (expected with ping)\n"
	    "t.conf:1: checks.c.send: not a setting of a check of type \"http\" (expected with tcp, udp, agent)\n"
	    "t.conf:1: checks.c.verify: not a setting of a check of type \"http\" (expected with tcp, https)\n" },
	{ CHECK("type = \"tcp\"; port = 25; verify = true; ca = \"/etc/passwd\"; expires_within = \"1d\"; host = \"a\";"),
	    "t.conf:1: checks.c.host: has no use without TLS (expected with tls = true)\n"
	    "t.conf:1: checks.c.verify: has no use without TLS (expected with tls = true)\n"
	    "t.conf:1: checks.c.ca: has no use without TLS (expected with tls = true)\n"
	    "t.conf:1: checks.c.expires_within: has no use without TLS (expected with tls = true)\n" },
	{ CHECK("type = \"tcp\";"),
	    "t.conf:1: checks.c.port: missing (expected 1..65535)\n" },
	{ CHECK("type = \"tcp\"; port = 0;"),
	    "t.conf:1: checks.c.port: 0 is out of range (expected 1..65535)\n" },
	{ CHECK("type = \"tcp\"; port = 65536;"),
	    "t.conf:1: checks.c.port: 65536 is out of range (expected 1..65535)\n" },
	{ CHECK("type = \"ping\"; intervall = \"1s\"; fal = 3; nonsense = 1;"),
	    "t.conf:1: checks.c.intervall: unknown setting (did you mean \"interval\"?)\n"
	    "t.conf:1: checks.c.fal: unknown setting (did you mean \"fall\"?)\n"
	    "t.conf:1: checks.c.nonsense: unknown setting (expected one of the settings of a check, see homing.conf(5))\n" },
	{ CHECK("type = \"ping\"; interval = \"1s\"; timeout = \"2s\"; fast_interval = 1.5;"),
	    "t.conf:1: checks.c.timeout: \"2s\" is above the interval, 1s (expected at most the interval)\n"
	    "t.conf:1: checks.c.fast_interval: 1.5 is above the interval, 1s (expected at most the interval)\n" },
	{ CHECK("type = \"ping\"; timeout = \"1001ms\";"),
	    "t.conf:1: checks.c.timeout: \"1001ms\" is above the interval, 1s (expected at most the interval)\n" },
	{ CHECK("type = \"ping\"; interval = \"9ms\"; timeout = \"25h\"; slow_interval = 0;"),
	    "t.conf:1: checks.c.interval: \"9ms\" is out of range (expected 10ms..1d)\n"
	    "t.conf:1: checks.c.timeout: \"25h\" is out of range (expected 10ms..1d)\n"
	    "t.conf:1: checks.c.slow_interval: 0 is out of range (expected 10ms..1d)\n" },
	{ CHECK("type = \"ping\"; interval = \"1 s\";"),
	    "t.conf:1: checks.c.interval: \"1 s\" is no duration (expected 10ms..1d: a number of seconds, or a text such as \"200ms\", \"5s\", \"2m\", \"1h\", \"3d\")\n" },
	{ CHECK("type = \"ping\"; interval = true;"),
	    "t.conf:1: checks.c.interval: true is no duration (expected 10ms..1d: a number of seconds, or a text such as \"200ms\", \"5s\", \"2m\", \"1h\", \"3d\")\n" },
	{ CHECK("type = \"ping\"; rise = 0; fall = 65;"),
	    "t.conf:1: checks.c.rise: 0 is out of range (expected 1..64)\n"
	    "t.conf:1: checks.c.fall: 65 is out of range (expected 1..64)\n" },
	{ CHECK("type = \"ping\"; max_loss = \"101%\"; jitter = 51;"),
	    "t.conf:1: checks.c.max_loss: \"101%\" is out of range (expected 0..100 percent)\n"
	    "t.conf:1: checks.c.jitter: 51 is out of range (expected 0..50 percent)\n" },
	{ CHECK("type = \"ping\"; max_loss = \"25\"; jitter = \"x%\";"),
	    "t.conf:1: checks.c.max_loss: \"25\" is no percentage (expected 0..100, such as \"25%\")\n"
	    "t.conf:1: checks.c.jitter: \"x%\" is no percentage (expected 0..50, such as \"25%\")\n" },
	{ CHECK("type = \"ping\"; invert = 1;"),
	    "t.conf:1: checks.c.invert: 1 is wrong (expected true or false)\n" },
	{ CHECK("type = \"ping\"; target = \"224.0.0.1\";"),
	    "t.conf:1: checks.c.target: \"224.0.0.1\" is a multicast address (expected the address of one host)\n" },
	{ CHECK("type = \"ping\"; target = \"www.example.com\";"),
	    "t.conf:1: checks.c.target: \"www.example.com\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ CHECK("type = \"ping\"; size = 65508;"),
	    "t.conf:1: checks.c.size: 65508 is out of range (expected 0..65507)\n" },
	{ CHECK("type = \"http\"; path = \"healthz\"; method = \"G T\"; host = \"a/b\";"),
	    "t.conf:1: checks.c.path: \"healthz\" is wrong (expected a path that starts with / and has no blanks)\n"
	    "t.conf:1: checks.c.method: \"G T\" is wrong (expected an HTTP method, such as \"GET\")\n"
	    "t.conf:1: checks.c.host: \"a/b\" is wrong (expected a host name, such as \"www.example.com\")\n" },
	{ CHECK("type = \"http\"; path = \"/a b\";"),
	    "t.conf:1: checks.c.path: \"/a b\" is wrong (expected a path that starts with / and has no blanks)\n" },
	{ CHECK("type = \"http\"; headers = [ \"A\", \": b\", \"A b: c\", \"A: b\\r\\nC: d\", \"A: b\" ];"),
	    "t.conf:1: checks.c.headers[0]: \"A\" is wrong (expected \"Name: value\" on one line)\n"
	    "t.conf:1: checks.c.headers[1]: \": b\" is wrong (expected \"Name: value\" on one line)\n"
	    "t.conf:1: checks.c.headers[2]: \"A b: c\" is wrong (expected \"Name: value\" on one line)\n"
	    "t.conf:1: checks.c.headers[3]: \"A: b??C: d\" is wrong (expected \"Name: value\" on one line)\n" },
	{ CHECK("type = \"http\"; status = [ \"99\", \"200-600\", \"299-200\", \"2xx\", \"200-\", \"-200\", \"200-299-300\" ];"),
	    "t.conf:1: checks.c.status[0]: \"99\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[1]: \"200-600\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[2]: \"299-200\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[3]: \"2xx\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[4]: \"200-\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[5]: \"-200\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n"
	    "t.conf:1: checks.c.status[6]: \"200-299-300\" is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n" },
	{ CHECK("type = \"http\"; status = 42;"),
	    "t.conf:1: checks.c.status: 42 is no HTTP status (expected 100..599, such as \"304\", or a range such as \"200-299\")\n" },
	{ CHECK("type = \"http\"; status = [ ];"),
	    "t.conf:1: checks.c.status: an empty array (expected at least one value, or leave it out)\n" },
	{ CHECK("type = \"http\"; http_version = \"3\";"),
	    "t.conf:1: checks.c.http_version: \"3\" is not known (expected \"any\", \"1.0\", \"1.1\" or \"2\")\n" },
	{ CHECK("type = \"https\"; ca = \"/homing/has/no/such/file\"; body = \"\";"),
	    "t.conf:1: checks.c.ca: \"/homing/has/no/such/file\": No such file or directory (expected a file that can be read)\n"
	    "t.conf:1: checks.c.body: \"\" is wrong (expected a text in quotes that is not empty)\n" },
	{ CHECK("type = \"https\"; ca = \"/\";"),
	    "t.conf:1: checks.c.ca: \"/\" is no regular file (expected a file that can be read)\n" },

	/* servers */
	{ "servers = ( { } );",
	    "t.conf:1: servers[0].name: missing (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: servers[0].interfaces: missing (expected a list of groups: ( { ... }, { ... } ))\n" },
	{ "servers = ( { name = \"x\"; interfaces = ( ); } );",
	    "t.conf:1: servers.x.interfaces: an empty list (expected at least one interface)\n" },
	{ "servers = ( { name = \"x\"; interfaces = [ \"10.0.0.1\" ]; } );",
	    "t.conf:1: servers.x.interfaces: an array is no list of groups (expected ( { ... }, { ... } ))\n" },
	{ "servers = ( { name = \"x\"; interfaces = ( { } ); } );",
	    "t.conf:1: servers.x.interfaces[0].name: missing (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: servers.x.interfaces[0].address: missing (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; } ); },\n"
	    " { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.2\"; },\n"
	    " { name = \"a\"; address = \"192.0.2.3\"; } ); } );",
	    "t.conf:2: servers.x.name: \"x\" is the name of the server in line 1 too (expected another name)\n"
	    "t.conf:3: servers.x.interfaces.a.name: \"a\" is the name of the interface in line 2 too (expected another name)\n" },
	{ "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; } ); },\n"
	    " { name = \"y\"; interfaces = ( { name = \"a\"; address = \"192.0.2.2\"; },\n"
	    " { name = \"b\"; address = \"192.0.2.1\"; } ); } );",
	    "t.conf:3: servers.y.interfaces.b.address: \"192.0.2.1\" is the address of x/a in line 1 too (expected every address once)\n" },
	{ "fabrics = ( { name = \"x\"; subnets = [ \"10.0.0.0/8\" ]; } );\n"
	    "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"10.0.0.1\"; } ); } );",
	    "t.conf:2: servers.x.name: \"x\" is the name of a fabric too (expected another name)\n" },
	{ "servers = ( { name = \"x\"; interface = ( ); interfaces = ( { name = \"a/b\"; adress = \"192.0.2.1\"; } ); } );",
	    "t.conf:1: servers.x.interface: unknown setting (did you mean \"interfaces\"?)\n"
	    "t.conf:1: servers.x.interfaces.a/b.name: \"a/b\" is wrong (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:1: servers.x.interfaces.a/b.adress: unknown setting (did you mean \"address\"?)\n"
	    "t.conf:1: servers.x.interfaces.a/b.address: missing (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ INTERFACE("address = \"0.0.0.0\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"0.0.0.0\" is the unspecified address (expected the address of one host)\n" },
	{ INTERFACE("address = \"::\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"::\" is the unspecified address (expected the address of one host)\n" },
	{ INTERFACE("address = \"224.0.0.1\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"224.0.0.1\" is a multicast address (expected the address of one host)\n" },
	{ INTERFACE("address = \"ff02::1\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"ff02::1\" is a multicast address (expected the address of one host)\n" },
	{ INTERFACE("address = \"::ffff:192.0.2.1\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"::ffff:192.0.2.1\" is an IPv4 address in IPv6 form (expected the address of one host)\n" },
	{ INTERFACE("address = \"255.255.255.255\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"255.255.255.255\" is the broadcast address (expected the address of one host)\n" },
	{ INTERFACE("address = \"192.0.2.1:53\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"192.0.2.1:53\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ INTERFACE("address = \"192.0.2\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"192.0.2\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ INTERFACE("address = \"db1\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"db1\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ INTERFACE("address = \"\";"),
	    "t.conf:1: servers.x.interfaces.a.address: \"\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ INTERFACE("address = \"192.0.2.1\"; fabric = \"on\"; checks = [ \"alive\", 5 ];"),
	    "t.conf:1: mismatched element type in array\n" },
	{ "checks = ( { name = \"alive\"; type = \"ping\"; } );\n"
	    "servers = ( { name = \"x\"; checks = [ \"alife\" ]; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; checks = [ ]; } ); } );",
	    "t.conf:2: servers.x.checks[0]: \"alife\" is no check (expected the name of a check; did you mean \"alive\"?)\n"
	    "t.conf:2: servers.x.interfaces.a.checks: an empty array (expected at least one value, or leave it out)\n" },
	{ "fabrics = ( { name = \"one\"; subnets = [ \"10.1.0.0/16\" ]; }, { name = \"two\"; subnets = [ \"10.2.0.0/16\" ]; } );\n"
	    "servers = ( { name = \"x\"; interfaces = ( { name = \"a\"; address = \"192.0.2.1\"; fabric = \"one\"; },\n"
	    " { name = \"b\"; address = \"10.2.0.1\"; fabric = \"one\"; } ); } );",
	    "t.conf:2: servers.x.interfaces.a.address: \"192.0.2.1\" is in no subnet of fabric one (expected an address of the fabric)\n"
	    "t.conf:3: servers.x.interfaces.b.address: \"10.2.0.1\" is in no subnet of fabric one, but in one of two (expected an address of the fabric)\n" },
	{ INTERFACE("address = \"192.0.2.1\"; source = \"2001:db8::1\"; device = \"\";"),
	    "t.conf:1: servers.x.interfaces.a.device: \"\" is wrong (expected the name of a network device, at most 15 bytes)\n"
	    "t.conf:1: servers.x.interfaces.a.source: \"2001:db8::1\" is IPv6, but the address is IPv4 (expected the address's family)\n" },

	/* zones */
	{ "zones = ( { } );",
	    "t.conf:1: zones[0].name: missing (expected a domain name, such as \"www.example.com\")\n" },
	{ "zones = ( { name = \"example.com\"; file = \"z\"; },\n"
	    " { name = \"EXAMPLE.com.\"; file = \"z\"; } );",
	    "t.conf:2: zones.EXAMPLE.com.name: \"example.com\" is the name of the zone in line 1 too (expected another name)\n" },
	{ "zones = ( { name = \"example.com\"; } );",
	    "t.conf:1: zones.example.com.file: missing, and no service is in this zone (expected one or the other)\n" },
	{ "zones = ( { name = \"a..b\"; file = \"z\"; }, { name = 5; file = \"z\"; } );",
	    "t.conf:1: zones.a..b.name: \"a..b\" is no domain name (expected labels of 1 to 63 bytes with dots between, 255 bytes in all)\n"
	    "t.conf:1: zones[1].name: 5 is no domain name (expected labels of 1 to 63 bytes with dots between, 255 bytes in all)\n" },
	{ ZONE("file = \"z\"; type = \"dynamic\"; update = [ ]; update_rules = ( ); transfer = [ ]; notify = ( ); notify_delay = 61;"),
	    "t.conf:2: zones.z.update: an empty array (expected at least one value, or leave it out)\n"
	    "t.conf:2: zones.z.transfer: an empty array (expected at least one value, or leave it out)\n"
	    "t.conf:2: zones.z.notify_delay: 61 is out of range (expected 0s..1m)\n"
	    "t.conf:2: zones.z.update_rules: an empty list (expected at least one rule, or leave it out)\n"
	    "t.conf:2: zones.z.notify: an empty list (expected at least one secondary, or leave it out)\n" },
	{ ZONE("file = \"z\"; transfer = ( 5, \"\", \"ten\", \"10.0.0.1/8\", \"10.0.0.0/8 xfer\", \"10.0.0.1/8 key:xfer\", \"10.0.0.0/8key:xfer\" );"),
	    "t.conf:2: zones.z.transfer[0]: 5 is wrong (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[1]: \"\" is no prefix (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[2]: \"ten\" is no prefix (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[3]: \"10.0.0.1/8\" has bits set behind the prefix length (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[4]: \"10.0.0.0/8 xfer\" is wrong behind the prefix (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[5]: \"10.0.0.1/8 key:xfer\" has bits set behind the prefix length (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n"
	    "t.conf:2: zones.z.transfer[6]: \"10.0.0.0/8key:xfer\" is no prefix (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n" },
	{ ZONE("file = \"z\"; transfer = [ \"1111111111111111111111111111111111111111111111111111111111111111\", \"10.0.0.0/8 \" ];"),
	    "t.conf:2: zones.z.transfer[0]: \"1111111111111111111111111111111111111111111111111111111111111111\" is no prefix (expected a prefix, \"key:NAME\", or both such as \"10.0.0.0/8 key:NAME\")\n" },
	{ ZONE("file = \"z\"; transfer = [ \"key:xfr\", \"key:nobody\", \"10.0.0.0/8 key:XFERR\", \"key:\", \"key:xfer 10.0.0.0/8\" ];"),
	    "t.conf:2: zones.z.transfer[0]: \"xfr\" is no key (expected the name of a key; did you mean \"xfer\"?)\n"
	    "t.conf:2: zones.z.transfer[1]: \"nobody\" is no key (expected the name of a key)\n"
	    "t.conf:2: zones.z.transfer[2]: \"XFERR\" is no key (expected the name of a key; did you mean \"xfer\"?)\n"
	    "t.conf:2: zones.z.transfer[3]: \"\" is no key (expected the name of a key)\n"
	    "t.conf:2: zones.z.transfer[4]: \"xfer 10.0.0.0/8\" is no key (expected the name of a key)\n" },
	{ ZONE("file = \"z\"; transfer = \"0.0.0.0/0\"; notify = ( { }, 5, { address = \"0.0.0.0\"; }, { address = \"ns.example.com\"; key = 5; source = \"::\"; } );"),
	    "t.conf:2: zones.z.notify[0].address: missing (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:2: zones.z.notify[1]: 5 is no group (expected the settings of a secondary in braces)\n"
	    "t.conf:2: zones.z.notify[2].address: \"0.0.0.0\" is the unspecified address (expected the address of one host)\n"
	    "t.conf:2: zones.z.notify[3].address: \"ns.example.com\" is no socket address (expected an address with or without a port, such as \"192.0.2.1:53\" or \"[2001:db8::1]:53\")\n"
	    "t.conf:2: zones.z.notify[3].key: 5 is no key (expected the name of a key)\n"
	    "t.conf:2: zones.z.notify[3].source: \"::\" is the unspecified address (expected the address of one host)\n" },
	{ ZONE("file = \"z\"; transfer = \"0.0.0.0/0\"; notify = (\n"
	    " { address = \"192.0.2.1\"; source = \"2001:db8::1\"; key = \"xfr\"; },\n"
	    " { address = \"192.0.2.2\"; key = \"XFER.\"; }, { address = \"192.0.2.2\"; key = \"other\"; }, { address = \"192.0.2.2\"; },\n"
	    " { address = \"192.0.2.2:54\"; }, { address = \"192.0.2.2:53\"; key = \"xfer\"; }, { address = \"192.0.2.2:53\"; } );"),
	    "t.conf:3: zones.z.notify[0].key: \"xfr\" is no key (expected the name of a key; did you mean \"xfer\"?)\n"
	    "t.conf:3: zones.z.notify[0].source: \"2001:db8::1\" is IPv6, but the address is IPv4 (expected the address's family)\n"
	    "t.conf:5: zones.z.notify[5].address: 192.0.2.2:53 with key xfer is in line 4 too (expected each secondary once)\n"
	    "t.conf:5: zones.z.notify[6].address: 192.0.2.2:53 with key none is in line 4 too (expected each secondary once)\n" },
	{ ZONE("file = \"z\"; notify = ( { address = \"192.0.2.1\"; } );"),
	    "t.conf:2: zones.z.notify[0].address: 192.0.2.1:53 (key none) may not transfer the zone that it is told of (expected transfer in this zone)\n" },
	{ ZONE("file = \"z\"; transfer = [ \"10.0.0.0/8\", \"key:other\", \"10.2.0.0/16 key:other\" ];\n"
	    " notify = ( { address = \"192.0.2.1\"; key = \"xfer\"; },\n"
	    " { address = \"10.2.0.1\"; key = \"xfer\"; }, { address = \"192.0.2.2\"; key = \"other\"; }, { address = \"192.0.2.3\"; } );"),
	    "t.conf:3: zones.z.notify[0].address: 192.0.2.1:53 (key xfer) may not transfer the zone that it is told of (expected an entry of transfer for this address or key)\n" },
	{ ZONE("file = \"z\"; transfer = \"10.2.0.0/16 key:other\"; notify = ( { address = \"10.2.0.1\"; }, { address = \"192.0.2.2\"; key = \"other\"; },\n"
	    " { address = \"192.0.2.3\"; }, { address = \"10.2.0.2\"; key = \"xfer\"; } );"),
	    "t.conf:3: zones.z.notify[2].address: 192.0.2.3:53 (key none) may not transfer the zone that it is told of (expected an entry of transfer for this address or key)\n"
	    "t.conf:3: zones.z.notify[3].address: 10.2.0.2:53 (key xfer) may not transfer the zone that it is told of (expected an entry of transfer for this address or key)\n" },
	{ ZONE("file = \"z\"; update = [ \"key:xfer\" ];\n update_rules = ( { key = \"xfer\"; } );"),
	    "t.conf:2: zones.z.update: has no use in a zone of type \"file\" (expected type = \"dynamic\", or leave it out)\n"
	    "t.conf:3: zones.z.update_rules: has no use in a zone of type \"file\" (expected type = \"dynamic\", or leave it out)\n" },
	{ ZONE("type = \"dynamic\"; update_rules = ( { names = ( \"\", \"a b\", 5 ); types = ( \"TXTT\", \"ANY\", \"TYPE0\", \"TYPE65536\", 16 ); },\n"
	    " { key = \"no\"; name = \"x\"; types = [ ]; } );"),
	    "t.conf:2: zones.z.update_rules[0].names[0]: \"\" is no pattern of names (expected a name in which * stands for any characters, such as \"_acme-challenge.*\", 253 at most)\n"
	    "t.conf:2: zones.z.update_rules[0].names[1]: \"a b\" is no pattern of names (expected a name in which * stands for any characters, such as \"_acme-challenge.*\", 253 at most)\n"
	    "t.conf:2: zones.z.update_rules[0].names[2]: 5 is no pattern of names (expected a name in which * stands for any characters, such as \"_acme-challenge.*\", 253 at most)\n"
	    "t.conf:2: zones.z.update_rules[0].types[0]: \"TXTT\" is no type of records (expected a type that zones hold, such as \"TXT\" or \"TYPE65280\")\n"
	    "t.conf:2: zones.z.update_rules[0].types[1]: \"ANY\" is no type of records (expected a type that zones hold, such as \"TXT\" or \"TYPE65280\")\n"
	    "t.conf:2: zones.z.update_rules[0].types[2]: \"TYPE0\" is no type of records (expected a type that zones hold, such as \"TXT\" or \"TYPE65280\")\n"
	    "t.conf:2: zones.z.update_rules[0].types[3]: \"TYPE65536\" is no type of records (expected a type that zones hold, such as \"TXT\" or \"TYPE65280\")\n"
	    "t.conf:2: zones.z.update_rules[0].types[4]: 16 is no type of records (expected a type that zones hold, such as \"TXT\" or \"TYPE65280\")\n"
	    "t.conf:2: zones.z.update_rules[0].key: missing (expected the name of a key)\n"
	    "t.conf:3: zones.z.update_rules.x.key: \"no\" is no key (expected the name of a key)\n"
	    "t.conf:3: zones.z.update_rules.x.name: unknown setting (did you mean \"names\"?)\n"
	    "t.conf:3: zones.z.update_rules.x.types: an empty array (expected at least one value, or leave it out)\n" },
	{ ZONE("type = \"catalog\"; file = \"z\";"),
	    "t.conf:2: zones.z.file: has no use in a catalog, which lists the other zones (expected it left out)\n"
	    "t.conf:2: zones.z.transfer: missing (expected who may transfer the catalog: nobody else can use it)\n" },
	{ WITH_SERVER "zones = ( { name = \"example.com\"; type = \"catalog\"; transfer = \"::/0\"; } ); services = ( { name = \"a.example.com\"; servers = [ \"x\" ]; } );",
	    "t.conf:2: services.a.example.com.name: \"a.example.com\" is in the catalog \"example.com\" (expected a name inside a zone of another type)\n" },
	{ "zones = ( { name = \"" LABEL60 "." LABEL60 "." LABEL60 ".b\"; type = \"catalog\"; transfer = \"::/0\"; },\n"
	    " { name = \"l" LABEL60 "." LABEL60 "." LABEL60 ".\"; type = \"catalog\"; transfer = \"::/0\"; } );",
	    "t.conf:1: zones." LABEL60 "." LABEL60 "." LABEL60 ".b.name: 186 bytes long in a message (expected at most 185: a catalog's records have longer names)\n" },
	{ "zones = ( { name = \"a\"; file = \"z\"; typ = \"file\"; type = \"fil\"; } );",
	    "t.conf:1: zones.a.typ: unknown setting (did you mean \"type\"?)\n"
	    "t.conf:1: zones.a.type: \"fil\" is not known (expected \"file\", \"dynamic\" or \"catalog\"; did you mean \"file\"?)\n" },
	{ WITH_SERVER "zones = ( { name = \"example.org\"; file = \"z\"; } ); services = ( { name = \"a.example.com\"; servers = [ \"x\" ]; } );",
	    "t.conf:2: services.a.example.com.name: \"a.example.com\" is in none of the zones (expected a name inside a zone that is listed)\n" },

	/* services */
	{ "services = ( { } );",
	    "t.conf:1: services[0].name: missing (expected a domain name, such as \"www.example.com\")\n"
	    "t.conf:1: services[0].members: missing (expected members, servers or both)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; } );",
	    "t.conf:2: services.example.com.members: missing (expected members, servers or both)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; servers = [ ]; } );",
	    "t.conf:2: services.example.com.servers: an empty array (expected at least one value, or leave it out)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( ); } );",
	    "t.conf:2: services.example.com.members: an empty list (expected at least one member)\n" },
	{ WITH_SERVER "services = ( { name = \"*.example.com\"; servers = [ \"x\" ]; }, { name = \".\"; servers = [ \"x\" ]; } );",
	    "t.conf:2: services.*.example.com.name: \"*.example.com\" is a wildcard (expected one name)\n"
	    "t.conf:2: services...name: the root cannot be a service (expected a name with a label)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; servers = [ \"x\" ]; },\n"
	    " { name = \"Example.com.\"; servers = [ \"x\" ]; } );",
	    "t.conf:3: services.Example.com.name: \"example.com\" is the name of the service in line 2 too (expected another name)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; servers = [ \"y\", \"db1\" ]; } );",
	    "t.conf:2: services.example.com.servers[0]: \"y\" is no server (expected the name of a server)\n"
	    "t.conf:2: services.example.com.servers[1]: \"db1\" is no server (expected the name of a server)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( { tier = 0; }, { server = \"x\"; interface = \"c\"; tier = 256; weight = 2; }, 5 ); } );",
	    "t.conf:2: services.example.com.members[0].tier: 0 is out of range (expected 1..255)\n"
	    "t.conf:2: services.example.com.members[0].server: missing (expected the name of a server)\n"
	    "t.conf:2: services.example.com.members[1].tier: 256 is out of range (expected 1..255)\n"
	    "t.conf:2: services.example.com.members[1].weight: 2 is not supported by this version (expected 1)\n"
	    "t.conf:2: services.example.com.members[1].interface: \"c\" is no interface of server x (expected the name of one)\n"
	    "t.conf:2: services.example.com.members[2]: 5 is no group (expected the settings of a member in braces)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( { server = \"x\"; }, { server = \"x\"; interface = \"a\"; } ); } );",
	    "t.conf:2: services.example.com.members[1]: x/a is a member already (expected each interface once)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( { server = \"x\"; interface = \"a\"; },\n"
	    " { server = \"x\"; interface = \"b\"; },\n"
	    " { server = \"x\"; interface = \"a\"; } ); } );",
	    "t.conf:4: services.example.com.members[2]: x/a is a member already (expected each interface once)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( { server = \"x\"; interface = \"b\"; } );\n"
	    " servers = [ \"x\", \"x\" ]; } );",
	    "t.conf:3: services.example.com.servers: x is a member already (expected each interface once)\n"
	    "t.conf:2: services.example.com.members[0]: x/b is a member already (expected each interface once)\n" },
	{ WITH_SERVER "services = ( { name = \"example.com\"; members = ( { server = \"x\"; interfac = \"b\"; } ); } );",
	    "t.conf:2: services.example.com.members[0].interfac: unknown setting (did you mean \"interface\"?)\n" },
	{ SERVICE("ttl = 604801; ttl_doubt = -1;"),
	    "t.conf:2: services.example.com.ttl: 604801 is out of range (expected 0..604800 seconds)\n"
	    "t.conf:2: services.example.com.ttl_doubt: -1 is out of range (expected 0..604800 seconds)\n" },
	{ SERVICE("ttl = \"1500ms\"; ttl_doubt = \"x\";"),
	    "t.conf:2: services.example.com.ttl: \"1500ms\" is no number of whole seconds (expected 0..604800)\n"
	    "t.conf:2: services.example.com.ttl_doubt: \"x\" is no number of whole seconds (expected 0..604800)\n" },
	{ SERVICE("ttl = 2; ttl_doubt = 3;"),
	    "t.conf:2: services.example.com.ttl_doubt: 3 is above the ttl, 2 (expected at most the ttl)\n" },
	{ SERVICE("spread = \"al\"; answers = -1; failback_delay = \"8d\";"),
	    "t.conf:2: services.example.com.spread: \"al\" is not known (expected \"all\" or \"rotate\")\n"
	    "t.conf:2: services.example.com.answers: -1 is out of range (expected 0..4096)\n"
	    "t.conf:2: services.example.com.failback_delay: \"8d\" is out of range (expected 0s..7d)\n" },
	{ SERVICE("checks = [ \"no-such\" ];"),
	    "t.conf:2: services.example.com.checks[0]: \"no-such\" is no check (expected the name of a check)\n" },
	{ SERVICE("spread = \"weighted\";"),
	    "t.conf:2: services.example.com.spread: \"weighted\" is not supported by this version (expected \"all\" or \"rotate\")\n" },
	{ SERVICE("spread = \"sticky\";"),
	    "t.conf:2: services.example.com.spread: \"sticky\" is not supported by this version (expected \"all\" or \"rotate\")\n" },
	{ SERVICE("affinity = \"prefer\";"),
	    "t.conf:2: services.example.com.affinity: \"prefer\" is not supported by this version (expected \"none\")\n" },
	{ SERVICE("affinity = \"only\";"),
	    "t.conf:2: services.example.com.affinity: \"only\" is not supported by this version (expected \"none\")\n" },
	{ SERVICE("all_down = \"last\";"),
	    "t.conf:2: services.example.com.all_down: \"last\" is not supported by this version (expected \"all\", \"empty\" or \"fallback\")\n" },
	{ SERVICE("min_up = 1;"),
	    "t.conf:2: services.example.com.min_up: 1 is not supported by this version (expected 0)\n" },
	{ SERVICE("min_up = \"50%\";"),
	    "t.conf:2: services.example.com.min_up: \"50%\" is not supported by this version (expected 0)\n" },
	{ SERVICE("failback = \"manual\";"),
	    "t.conf:2: services.example.com.failback: \"manual\" is not supported by this version (expected \"auto\")\n" },
	{ SERVICE("flap_limit = \"5m\";"),
	    "t.conf:2: services.example.com.flap_limit: not supported by this version (expected it left out)\n" },
	{ SERVICE("port = 5432;"),
	    "t.conf:2: services.example.com.port: not supported by this version (expected it left out)\n" },
	{ SERVICE("proto = \"tcp\";"),
	    "t.conf:2: services.example.com.proto: not supported by this version (expected it left out)\n" },
	{ SERVICE("srv = \"db\";"),
	    "t.conf:2: services.example.com.srv: not supported by this version (expected it left out)\n" },
	{ SERVICE("https = true;"),
	    "t.conf:2: services.example.com.https: true is not supported by this version (expected false)\n" },
	{ SERVICE("promise = \"3s\";"),
	    "t.conf:2: services.example.com.promise: not supported by this version (expected it left out)\n" },
	{ SERVICE("all_down = \"fallback\";"),
	    "t.conf:2: services.example.com.all_down: \"fallback\" without fallback (expected fallback = [ addresses ] with it)\n" },
	{ SERVICE("fallback = [ \"192.0.2.99\" ];"),
	    "t.conf:2: services.example.com.fallback: has no use (expected with all_down = \"fallback\")\n" },
	{ SERVICE("all_down = \"empty\"; fallback = [ \"192.0.2.99\" ];"),
	    "t.conf:2: services.example.com.fallback: has no use (expected with all_down = \"fallback\")\n" },
	{ SERVICE("all_down = [ \"192.0.2.99\" ]; fallback = [ \"192.0.2.98\" ];"),
	    "t.conf:2: services.example.com.fallback: all_down lists the addresses (expected one list of them)\n" },
	{ SERVICE("all_down = \"fallback\"; fallback = [ ];"),
	    "t.conf:2: services.example.com.fallback: an empty array (expected at least one value, or leave it out)\n" },
	{ SERVICE("all_down = [ \"0.0.0.0\", \"x\" ];"),
	    "t.conf:2: services.example.com.all_down[0]: \"0.0.0.0\" is the unspecified address (expected the address of one host)\n"
	    "t.conf:2: services.example.com.all_down[1]: \"x\" is no IP address (expected an IP address, such as \"192.0.2.1\" or \"2001:db8::1\")\n" },
	{ SERVICE("all_down = \"non\";"),
	    "t.conf:2: services.example.com.all_down: \"non\" is not known (expected \"all\", \"empty\" or \"fallback\")\n" },
	{ SERVICE("all_down = 5;"),
	    "t.conf:2: services.example.com.all_down: 5 is not known (expected \"all\", \"empty\" or \"fallback\")\n" },
};

START_TEST(test_mistake)
{
	char *mistakes = parse_bad(rows[_i].text, strlen(rows[_i].text));

	ck_assert_msg(strcmp(mistakes, rows[_i].mistakes) == 0, "%s\nis told as\n%sinstead of\n%s", rows[_i].text, mistakes,
	    rows[_i].mistakes);
	free(mistakes);
}
END_TEST

/* One run tells all of them, whatever group they are in. */
START_TEST(test_all_at_once)
{
	static const char text[] =
	    "server = { workers = 999; };\nfabrics = ( { name = 5; subnets = [ \"x\" ]; } );\n"
	    "checks = ( { name = \"web\"; type = \"ping\"; timeout = \"2s\"; } );\n"
	    "servers = ( { name = \"x\"; checks = [ \"wev\" ];\n interfaces = ( { name = \"a\"; address = \"1\"; } ); } );\n"
	    "zones = ( { name = \"\"; file = \"z\"; } );\nservices = ( { name = \"a.b\"; servers = [ \"x\" ]; ttl = -1; } );\n"
	    "more = 1;\n";
	char *mistakes = parse_bad(text, strlen(text));

	ck_assert_str_eq(mistakes,
	    "t.conf:8: more: unknown setting (expected one of the groups of the file, see homing.conf(5))\n"
	    "t.conf:1: server.workers: 999 is out of range (expected 0..256)\n"
	    "t.conf:2: fabrics[0].name: 5 is wrong (expected a name: 1 to 63 letters, digits, _ . -)\n"
	    "t.conf:2: fabrics[0].subnets[0]: \"x\" is no prefix (expected a prefix, such as \"10.1.0.0/16\" or \"2001:db8::/32\")\n"
	    "t.conf:3: checks.web.timeout: \"2s\" is above the interval, 1s (expected at most the interval)\n"
	    "t.conf:4: servers.x.checks[0]: \"wev\" is no check (expected the name of a check; did you mean \"web\"?)\n"
	    "t.conf:5: servers.x.interfaces.a.address: \"1\" is no IP address (expected an IP address, such as \"192.0.2.1\" or "
	    "\"2001:db8::1\")\n"
	    "t.conf:6: zones[0].name: \"\" is no domain name (expected labels of 1 to 63 bytes with dots between, 255 bytes in all)\n"
	    "t.conf:7: services.a.b.ttl: -1 is out of range (expected 0..604800 seconds)\n");
	free(mistakes);
}
END_TEST

START_TEST(test_nul)
{
	static const char text[] = "server = {\n workers = 1;\0 };";
	char *mistakes = parse_bad(text, sizeof(text) - 1);

	ck_assert_str_eq(mistakes, "t.conf:2: a NUL byte (expected text)\n");
	free(mistakes);
}
END_TEST

/* A broken file of any length makes DIAG_MAX messages at most. */
START_TEST(test_very_many)
{
	enum { MANY = 50000 };
	struct diag diag = { 0 };
	char *text = NULL;
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);

	fprintf(f, "checks = (");
	for (int i = 0; i < MANY; i++)
		fprintf(f, "%s { nme = 1; }", i > 0 ? "," : "");
	fprintf(f, ");");
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ptr_null(conf_parse(text, length, "t.conf", &diag));
	ck_assert_uint_eq(diag.count, DIAG_MAX);
	ck_assert_uint_eq(diag.count + diag.dropped, 3 * MANY);        /* unknown, no name, no type */
	diag_clear(&diag);
	free(text);
}
END_TEST

/* Messages are one line each, whatever a value holds. */
START_TEST(test_control_characters)
{
	static const char text[] = "server = { user = \"\"; workers = \"a\\nb\\x1b[2J\"; };";
	char *mistakes = parse_bad(text, strlen(text));

	ck_assert_str_eq(mistakes,
	    "t.conf:1: server.user: \"\" is wrong (expected a text in quotes that is not empty)\n"
	    "t.conf:1: server.workers: \"a?b?[2J\" is no whole number (expected 0..256)\n");
	free(mistakes);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf_mistakes");
	TCase *tests = tcase_create("mistakes");

	if (chdir("/") < 0)                    /* paths in messages are absolute */
		return 1;
	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, test_mistake, 0, (int)(sizeof(rows) / sizeof(*rows)));
	tcase_add_test(tests, test_all_at_once);
	tcase_add_test(tests, test_nul);
	tcase_add_test(tests, test_very_many);
	tcase_add_test(tests, test_control_characters);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
