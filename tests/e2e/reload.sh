#!/bin/bash
# Reload: services come and go, a zone's file changes, listeners move; verdicts and overrides of what
# stays are kept. A broken zone file keeps the old zone and is named with its line; a broken
# configuration lists every mistake and changes nothing. By the CLI and by SIGHUP.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
listen='"0.0.0.0:53", "[::]:53"'
serial=1
write_zone() {
	zone example.com <<-END
		\$TTL 60
		@ SOA ns hostmaster $serial 3600 900 86400 60
		@ NS ns
		ns A 10.1.0.1
		$*
	END
}
# write_conf SERVICE...
write_conf() {
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1 db2)
		zones = ( { name = "example.com"; file = "example.com.zone"; } );
		services = (
		$(comma=; for name in "$@"; do echo "$comma { name = \"$name.example.com\"; servers = [ \"db1\", \"db2\" ]; }"; comma=,; done)
		);
	END
}
write_zone 'one TXT "first"'
write_conf www
daemon
done_now
within 1s expect www.example.com A 10.1.0.11 10.2.0.11
homing drain db1/b --why "a story" >/dev/null || fail "drain"
within 1s expect www.example.com A 10.1.0.11
expect ftp.example.com A NXDOMAIN

say "a new service and a changed zone; db2 stays down and db1/b drained"
write_conf www ftp
serial=2 write_zone 'one TXT "second"
two A 192.0.2.2'
log_clear
reload || fail "reload"
expect ftp.example.com A 10.1.0.11
expect www.example.com A 10.1.0.11
expect one.example.com TXT '"second"'
expect two.example.com A 192.0.2.2
log_lacks '(db1|db2)/.*(->|up|unknown).*(down|up)'

say "a service is removed, by SIGHUP"
write_conf www
kill -HUP "$daemon_pid"
done_now
within 2s expect ftp.example.com A NXDOMAIN
expect www.example.com A 10.1.0.11

say "a broken zone file: the old zone stays"
write_zone 'one TXT "third"
three A 192.0.2.333'
log_clear
reload >out 2>&1 && fail "a broken zone was accepted: $(cat out)"
grep -q 'example.com.zone:6' out || fail "the zone's file and line are not named: $(cat out)"
log_has 'example.com.zone:6'
expect one.example.com TXT '"second"'
expect www.example.com A 10.1.0.11
"$B/homingd" -t -c homing.conf >out 2>&1 && fail "homingd -t accepts a broken zone"
grep -q 'example.com.zone:6' out || fail "homingd -t does not name the line: $(cat out)"

say "a broken configuration: every mistake is listed, nothing changes"
serial=3 write_zone 'one TXT "fourth"'
cp homing.conf good.conf
sed -e 's/type = "tcp"/type = "telepathy"/' -e 's/"10.1.0.11"/"10.1.0.999"/' -e 's/"10.2.0.12"/"10.2.0.11"/' \
    -e 's/name = "www.example.com";/&  colour = "blue";/' good.conf >homing.conf
reload >out 2>&1 && fail "a broken configuration was accepted"
for mistake in telepathy 10.1.0.999 10.2.0.11 colour; do
	grep -qE "homing.conf:[0-9]+: .*$mistake" out || fail "\"$mistake\" is not among the mistakes: $(cat out)"
	log_has "homing.conf:[0-9]+: .*$mistake"
done
"$B/homingd" -t -c homing.conf >out2 2>&1 && fail "homingd -t accepts it"
for mistake in telepathy 10.1.0.999 10.2.0.11 colour; do
	grep -qE "homing.conf:[0-9]+: .*$mistake" out2 || fail "homingd -t does not list \"$mistake\": $(cat out2)"
done
expect one.example.com TXT '"second"'
expect www.example.com A 10.1.0.11
cp good.conf homing.conf
"$B/homingd" -t -c homing.conf >out2 2>&1 || fail "homingd -t refuses a good configuration: $(cat out2)"
reload || fail "reload of the good one"
expect one.example.com TXT '"fourth"'

say "a listener is added, and removed"
listen='"10.1.0.1:53", "127.0.0.1:5300"'
write_conf www
reload || fail "reload"
same "at the new port" "$(in_net dns dig @127.0.0.1 -p 5300 +short +norec +time=2 +tries=1 www.example.com A)" 10.1.0.11
expect www.example.com A 10.1.0.11
listen='"10.1.0.1:53"'
write_conf www
reload || fail "reload"
in_net dns dig @127.0.0.1 -p 5300 +short +norec +time=1 +tries=1 www.example.com A >/dev/null && fail "the old port still answers"
expect www.example.com A 10.1.0.11

say "a listener that cannot be had refuses the reload"
listen='"10.1.0.1:53", "192.0.2.1:53"'
write_conf www ftp
reload >out 2>&1 && fail "a foreign address was accepted"
grep -q '192.0.2.1' out || fail "the address is not named: $(cat out)"
expect ftp.example.com A NXDOMAIN
expect www.example.com A 10.1.0.11
