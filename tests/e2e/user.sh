#!/bin/bash
# server.user: homingd becomes that user behind binding port 53, keeps the three capabilities that it needs and no
# other, and can still ping, keep overrides and take a new address below 1024 on reload.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] && [ "$(awk '{ print $3; exit }' /proc/self/uid_map)" -gt 1 ] || {
	say "skipped: this namespace has no other user"
	exit 0
}
# A namespace's own capabilities are all there is in it: the daemon must be able to reach its folder as nobody.
chmod 755 /run "$T"
lab db1 db2

chown nobody "$T"
user_conf() {
	cat >homing.conf <<-END
		server = { listen = [ $1 ]; state = "$T/state"; control = "$T/sock"; user = "nobody"; };
		$fabrics
		checks = ( $(quick alive 'type = "ping";') );
		$(servers '"alive"' db1 db2)
		services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
	END
}
user_conf '"0.0.0.0:53"'
daemon
expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12

status=/proc/$daemon_pid/status
same "its user" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "$status")" "$(for i in 1 2 3 4; do id -u nobody; done | xargs)"
# CAP_NET_BIND_SERVICE 10, CAP_NET_ADMIN 12, CAP_NET_RAW 13
same "what it may" "$(awk '/^CapEff:/ { print $2 }' "$status")" 0000000000003400
same "what it could" "$(awk '/^CapPrm:/ { print $2 }' "$status")" 0000000000003400
same "the state folder's owner" "$(stat -c %U state)" nobody

if_down db1 a
within 2s expect www.example.com A 10.1.0.12 10.2.0.11 10.2.0.12
homing drain db2/a >/dev/null || fail "an override is refused"
expect www.example.com A 10.2.0.11 10.2.0.12
homing release db2/a >/dev/null
user_conf '"0.0.0.0:53", "0.0.0.0:54"'
homing reload >/dev/null || fail "a privileged port is refused on reload"
same "the answer at port 54" "$(in_net client dig +short +time=1 -p 54 "@$asked" www.example.com A | sort | xargs)" "10.1.0.12 10.2.0.11 10.2.0.12"
kill -TERM "$daemon_pid"
daemon_gone "$daemon_pid" 0
daemon_pid=
