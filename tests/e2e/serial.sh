#!/bin/bash
# Serials: every visible change gets one, together within notify_delay; none ever goes back, however the daemon ends; and a
# restart or reload that changes nothing keeps it, so that no secondary transfers anything.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
master() {                             # master SERIAL LINE...: the zone's file
	local serial=$1

	shift
	printf '%s\n' '$TTL 300' "@ SOA ns hostmaster $serial 3600 600 604800 60" '@ NS ns' 'ns A 10.1.0.1' "$@" | zone example.com
}
master 100
conf <<END
$fabrics
checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "20ms"; timeout = "20ms"; rise = 1; fall = 1; } );
$(servers '"web"' db1 db2)
zones = ( { name = "example.com"; file = "example.com.zone"; transfer = [ "10.1.0.0/24" ]; notify_delay = "300ms"; } );
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; failback_delay = 0; },
    { name = "ftp.example.com"; servers = [ "db1", "db2" ]; failback_delay = 0; } );
END

serial() { homing zone serial example.com; }
asked_serial() { dig_at +short example.com SOA | awk '{ print $3 }'; }
# after A B: B comes after A (RFC 1982).
after() { [ "$1" != "$2" ] && [ $((($2 - $1) & 0x80000000)) = 0 ]; }
settled() {                            # no window is open any more
	local before

	until before=$(serial); sleep 0.4; [ "$(serial)" = "$before" ]; do :; done
	serial
}

daemon
same "the first serial" "$(settled)" 100

say "a member of two services dies: both change at once, and share the next serial"
kill_service db1 8080
within 1s expect www.example.com A 10.1.0.12 10.2.0.12
expect ftp.example.com A 10.1.0.12 10.2.0.12
same "the serial while changes are gathered" "$(asked_serial)" 100
same "the serial afterwards" "$(settled)" 101
same "the serial that is answered" "$(asked_serial)" 101

say "gone and back within notify_delay is no change"
start_service db1 8080
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
same "the serial" "$(settled)" 102
homing force db1 down >/dev/null
homing release db1 >/dev/null
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
same "the serial" "$(settled)" 102

say "IXFR has the step, and nothing but it"
homing force db1/a down >/dev/null
settled >/dev/null
same "IXFR from 102" "$(dig_at +tcp +noall +answer example.com IXFR=102 | awk '$4 == "A" { print $1, $5 }' | sort -u | xargs)" \
    "ftp.example.com. 10.1.0.11 www.example.com. 10.1.0.11"
homing release db1/a >/dev/null
last=$(settled)

say "a stop and a start with the same contents keep the serial"
daemon_stop
daemon
same "the serial after a restart" "$(settled)" "$last"
same "reload" "$(reload >/dev/null; settled)" "$last"

say "a master file changes: its serial is taken if it is greater, else the next one"
master 5000 'txt TXT "new"'
reload >/dev/null
same "the serial of a changed file" "$(settled)" 5000
same "IXFR over a reload" "$(dig_at +tcp +noall +answer example.com IXFR="$last" | grep -c TXT)" 1
master 7 'txt TXT "newer"'
reload >/dev/null
same "the serial of a file with an old one" "$(settled)" 5001
log_has 'example.com: .*example.com.zone has changed, and its serial is 7 \(expected a greater one than 5000\): 5001 is used'
daemon_stop
master 7 'txt TXT "while away"'
daemon
same "the serial of a file that changed while away" "$(settled)" 5002

rounds=$((SLOW == 1 ? 12 : 4))
say "kill -9 at random moments of a flapping service, $rounds times"
(
	while :; do
		homing force db1 down >/dev/null 2>&1
		sleep 0.05
		homing release db1 >/dev/null 2>&1
		sleep 0.06
	done
) &
flapping=$!
last=$(serial)
for ((round = 0; round < rounds; round++)); do
	began=$last
	for ((i = RANDOM % 60 + 5; i > 0; i--)); do
		now=$(asked_serial)
		[ -z "$now" ] || [ "$now" = "$last" ] || after "$last" "$now" || fail "the serial went from $last back to $now"
		last=${now:-$last}
	done
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon
	now=$(asked_serial)
	after "$last" "$now" || fail "after kill -9 the serial is $now; it had been $last"
	[ $((now - last)) -le 2000 ] || fail "after kill -9 the serial jumped from $last to $now"
	last=$now
done
kill "$flapping"
wait "$flapping" 2>/dev/null
say "from 5002 to $last"
daemon_alive
