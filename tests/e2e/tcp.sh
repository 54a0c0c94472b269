#!/bin/bash
# TCP: one question, several on one connection, hundreds in one segment; a UDP answer that does not
# fit says so (512 bytes without EDNS, 1232 with) and is whole over TCP. Idle connections are closed
# after tcp_idle; more than tcp_clients of them disturb nobody.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
server_more='tcp_clients = 20; tcp_idle = "1s";'
{
	printf '%s\n' '$TTL 60' '@ SOA ns hostmaster 1 3600 900 86400 60' '@ NS ns' 'ns A 10.1.0.1'
	for i in $(seq 4); do echo "middle TXT \"$i $(printf 'x%.0s' $(seq 180))\""; done
	for i in $(seq 20); do echo "large TXT \"$i $(printf 'x%.0s' $(seq 180))\""; done
} | zone example.com
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
zones = ( { name = "example.com"; file = "example.com.zone"; } );
services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
END
daemon

same "dig +tcp" "$(dig_at +tcp +short www.example.com A | xargs)" "10.1.0.11 10.2.0.11"
same "kdig +keepopen" "$(kdig @$asked +tcp +keepopen +short +norec www.example.com A ns.example.com A \
    nowhere.example.com A www.example.com A 2>&1 | grep -v '^;' | xargs)" "10.1.0.11 10.2.0.11 10.1.0.1 10.1.0.11 10.2.0.11"
same "pipelining" "$(in_net client "$B/tools/pipeline" 500 $asked www.example.com A 10.2.0.11)" "500 of 500 answered"

size() { dig_at "$@" | awk '/MSG SIZE/ { print $NF }'; }
flags() { dig_at +ignore "$@" | sed -n 's/^;; flags: \([a-z ]*\);.*/\1/p'; }
count() { dig_at "$@" | grep -c '^[^;].*TXT'; }
same "flags of 800 bytes without EDNS" "$(flags +noedns middle.example.com TXT)" "qr aa tc"
same "flags of 800 bytes with EDNS" "$(flags middle.example.com TXT)" "qr aa"
same "flags of 4000 bytes with EDNS" "$(flags +bufsize=4096 large.example.com TXT)" "qr aa tc"
[ "$(size +ignore +bufsize=4096 large.example.com TXT)" -le 1232 ] || fail "a UDP answer above 1232 bytes"
[ "$(size +ignore +noedns large.example.com TXT)" -le 512 ] || fail "a UDP answer above 512 bytes to a client without EDNS"
same "TXT records after truncation and TCP" "$(count large.example.com TXT)" 20
same "TXT records by kdig +tcp" "$(kdig @$asked +tcp +norec large.example.com TXT | grep -c '^[^;].*TXT')" 20

say "an idle connection is closed after tcp_idle (1 s)"
before=${EPOCHREALTIME/./}
in_net client timeout $((5 * SLOW)) bash -c "exec 3<>/dev/tcp/$asked/53; cat <&3" || fail "the connection stays open"
took=$(((${EPOCHREALTIME/./} - before) / 1000))
[ $took -ge 900 ] || fail "the connection was closed after $took ms already"

say "200 connections that say nothing; UDP is answered, and TCP again soon"
start_in client bash -c "for i in \$(seq 200); do eval \"exec \$((i + 10))<>/dev/tcp/$asked/53\" || break; done
    touch $T/open; sleep 3" 2>"$T/herd"
herd=$started
until_true 5 test -e open
done_now
holds 500ms www.example.com A 10.1.0.11 10.2.0.11
wait $herd
same "dig +tcp afterwards" "$(dig_at +tcp +short www.example.com A | xargs)" "10.1.0.11 10.2.0.11"
daemon_alive
