#!/bin/bash
# What is answered when nobody is left: everyone of the best tier, nothing, or the fallback
# addresses, each for as long as it lasts. One family that is gone is not the other's business.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
services = (
  { name = "all.example.com";      members = ( { server = "db1"; }, { server = "db2"; tier = 2; } ); all_down = "all"; },
  { name = "default.example.com";  servers = [ "db1" ]; },
  { name = "empty.example.com";    servers = [ "db1" ]; all_down = "empty"; },
  { name = "fallback.example.com"; servers = [ "db1" ]; all_down = "fallback"; fallback = [ "192.0.2.99" ]; }
);
END
daemon
up="10.1.0.11 10.2.0.11"
for name in all default empty fallback; do expect $name.example.com A $up; done

kill_service db2 8080
kill_service db1 8080
within 500ms expect empty.example.com A nothing
within 500ms expect fallback.example.com A 192.0.2.99
expect all.example.com A $up
expect default.example.com A $up
expect empty.example.com A nothing
expect all.example.com AAAA nothing
dig_at +noall +authority empty.example.com A | grep -q SOA || fail "NODATA without its SOA"

start_service db1 8080
within 2s expect empty.example.com A $up
within 2s expect fallback.example.com A $up
