#!/bin/bash
# The TTL is ttl while all is calm, and ttl_doubt from the first failed probe until the
# matter is settled, so that caches let go of an answer that is about to change.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
conf <<END
$fabrics
checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "300ms"; fast_interval = "300ms"; timeout = "100ms";
             rise = 4; fall = 6; } );
$(servers '"web"' db1 db2)
services = (
  { name = "www.example.com"; servers = [ "db1", "db2" ]; ttl = 60; ttl_doubt = 2; },
  { name = "calm.example.com"; servers = [ "db2" ]; ttl = 300; ttl_doubt = 2; }
);
END
daemon
ttl() { dig_at +noall +answer "$1" A | awk '{ print $2 }' | sort -u | paste -sd ' '; }
ttl_is() { [ "$(ttl www.example.com)" = "$1" ]; }

until_true 3 ttl_is 60                 # settled: rise successes each
drop db1 a
until_true 1 ttl_is 2
expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12
say "in doubt: TTL 2, and all are still answered"
within 4s expect www.example.com A 10.1.0.12 10.2.0.11 10.2.0.12
until_true 1 ttl_is 60
say "settled: TTL 60 without the dead one"

undrop db1 a
until_true 2 ttl_is 2
expect www.example.com A 10.1.0.12 10.2.0.11 10.2.0.12
within 4s expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12
until_true 2 ttl_is 60
same "another service's TTL" "$(ttl calm.example.com)" 300

say "a single lost probe costs a few short TTLs and nothing else"
drop db1 b
until_true 1 ttl_is 2
undrop db1 b
until_true 4 ttl_is 60
expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12
