#!/bin/bash
# A second daemon that wants what the first one holds (its address, its control socket or its state folder)
# says which, ends with status 1, and the first one does not notice. So does one whose
# address is not this machine's. A socket left behind by a crash stops nobody.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
# written FILE LISTEN STATE SOCKET
written() {
	cat >"$1" <<-END
		server = { listen = [ $2 ]; state = "$3"; control = "$4"; };
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1)
		services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
	END
}
# refused FILE PATTERN: a daemon with that configuration says PATTERN and ends with 1
refused() {
	: >second
	daemon_launch "$T/second" "$B/homingd" -c "$T/$1"
	daemon_gone "$launched" 1
	grep -qE "$2" second || fail "$1: no line like \"$2\": $(cat second)"
	say "$(grep -E "$2" second | tail -n 1)"
	daemon_alive
	expect www.example.com A 10.1.0.11 10.2.0.11
	homing status >/dev/null || fail "the first daemon's control socket is gone"
}
written homing.conf '"0.0.0.0:53", "[::]:53"' "$T/state" "$T/sock"
daemon
expect www.example.com A 10.1.0.11 10.2.0.11

written address.conf '"0.0.0.0:53"' "$T/state2" "$T/sock2"
written socket.conf '"127.0.0.1:5301"' "$T/state2" "$T/sock"
written state.conf '"127.0.0.1:5301"' "$T/state" "$T/sock2"
written foreign.conf '"192.0.2.1:53"' "$T/state2" "$T/sock2"
written same.conf '"0.0.0.0:53", "[::]:53"' "$T/state" "$T/sock"
refused address.conf '0\.0\.0\.0:53'
refused socket.conf "$T/sock"
refused state.conf "$T/state"
refused foreign.conf '192\.0\.2\.1:53'
refused same.conf 'another|already|in use|lock'
echo '}' >>same.conf
refused same.conf 'same.conf:[0-9]+'
rm same.conf
refused same.conf 'same.conf'

say "after a crash the socket's file is still there, and in nobody's way"
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
[ -S sock ] || fail "the crash left no socket behind: this story proves nothing"
daemon
expect www.example.com A 10.1.0.11 10.2.0.11
