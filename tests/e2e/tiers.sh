#!/bin/bash
# Tiers: the standby is answered when the first tier is gone, and only then; the way
# home takes failback_delay of unbroken health, counted anew after a relapse.
. "$(dirname "$0")/lib.sh"

lab db1 db2 db3
for server in db1 db2 db3; do backend $server http 8080; done
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2 db3)
services = ( { name = "db.example.com"; failback_delay = "1s";
  members = ( { server = "db1"; tier = 1; }, { server = "db2"; tier = 2; interface = "a"; }, { server = "db3"; tier = 3; } ); } );
END
daemon
first="10.1.0.11 10.2.0.11" standby="10.1.0.12" third="10.1.0.13 10.2.0.13"
expect db.example.com A $first

say "half of tier 1 is gone: it still is the best tier"
link_pull db1 a
within 500ms expect db.example.com A 10.2.0.11
link_plug db1 a
within 1s expect db.example.com A $first

say "tier 1 is gone; then tier 2"
kill_service db1 8080
within 300ms expect db.example.com A $standby
kill_service db2 8080
within 300ms expect db.example.com A $third
start_service db2 8080
within 3s expect db.example.com A $standby
[ "$took_ms" -ge 1000 ] || fail "tier 2 came home after $took_ms ms, before failback_delay"

say "tier 1 recovers, relapses before the delay is over, and recovers"
start_service db1 8080
holds 700ms db.example.com A $standby
kill_service db1 8080
holds 700ms db.example.com A $standby
start_service db1 8080
within 3s expect db.example.com A $first
[ "$took_ms" -ge 1000 ] || fail "tier 1 came home after $took_ms ms, before failback_delay"
