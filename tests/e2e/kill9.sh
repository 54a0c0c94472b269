#!/bin/bash
# Kill -9 at any moment: an override that was acknowledged is there after the restart, with owner and
# reason; a released one is not; an expired one neither.
. "$(dirname "$0")/lib.sh"

lab db1 db2 db3
for server in db1 db2 db3; do backend $server http 8080; done
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2 db3)
services = ( { name = "www.example.com"; servers = [ "db1", "db2", "db3" ]; } );
END
crash() {
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
}
daemon
homing drain db1 --why "new memory" >/dev/null || fail "drain db1"
crash
daemon
expect www.example.com A 10.1.0.12 10.2.0.12 10.1.0.13 10.2.0.13
homing status | grep -q 'new memory' || fail "the reason is lost: $(homing status)"

homing force db2/a down >/dev/null || fail "force db2/a down"
homing release db1 >/dev/null || fail "release db1"
homing drain db3 --for 1s >/dev/null || fail "drain db3"
crash
sleep 1.2
daemon
expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12 10.1.0.13 10.2.0.13

say "ten times, right behind the acknowledgement"
for i in $(seq 10); do
	if [ $((i % 2)) = 1 ]; then
		homing drain db3/b --why "round $i" >/dev/null && crash
		daemon
		expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12 10.1.0.13
	else
		homing release db3/b >/dev/null && crash
		daemon
		expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12 10.1.0.13 10.2.0.13
	fi
done
same "the database is whole" "$(sqlite3 state/homing.db 'pragma integrity_check')" ok
