#!/bin/bash
# SIGTERM, SIGINT and `homing stop` end the daemon promptly with status 0, in the midst of questions and probes; the
# control socket is gone then, and the next daemon starts in its place.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
conf <<END
$fabrics
checks = ( { name = "web"; type = "http"; port = 8080; interval = "2s"; timeout = "2s"; fall = 1; } );
$(servers '"web"' db1 db2)
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
server_off db2                         # its probes hang

# ends HOW...: that ends a running daemon within a second, status 0
ends() {
	local before pid flood idler

	daemon_start
	daemon_wait
	expect www.example.com A 10.1.0.11 10.2.0.11
	start_in client "$B/tools/flood" 1000 30 $asked www.example.com A 10.1.0.11 10.2.0.11 >/dev/null 2>&1
	flood=$started
	start_in client bash -c "exec 3<>/dev/tcp/$asked/53; exec sleep 30"
	idler=$started
	sleep 0.2
	before=${EPOCHREALTIME/./}
	pid=$daemon_pid
	daemon_pid=
	"$@" "$pid"         # by_cli needs no pid
	daemon_gone "$pid" 0
	took=$(((${EPOCHREALTIME/./} - before) / 1000))
	say "$1 ${*:2}: gone after $took ms"
	[ $took -le $((1000 * SLOW)) ] || fail "it took $took ms to stop"
	[ ! -e sock ] || fail "the control socket is still there"
	kill "$flood" "$idler" 2>/dev/null
}
by_cli() { homing stop >/dev/null || fail "homing stop"; }
ends kill -TERM
ends kill -INT
ends by_cli
log_lacks 'error'
