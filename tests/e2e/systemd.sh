#!/bin/bash
# systemd's Type=notify: READY=1 comes only after the first round of probes, RELOADING=1 with the
# monotonic time before a reload and READY=1 again after it, STOPPING=1 at the end.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
server_off db2
conf <<END
$fabrics
checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "400ms"; timeout = "400ms"; fall = 2; } );
$(servers '"web"' db1 db2)
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
"$B/tools/notified" "$T/notify" >>notes &
until_true 2 test -S notify
export NOTIFY_SOCKET="$T/notify"

noted() { grep -qE "$1" notes; }
start_ms=$(awk '{ printf "%.0f", $1 * 1000 }' /proc/uptime)
daemon_start
until_true 5 noted 'READY=1'
expect www.example.com A 10.1.0.11 10.2.0.11
ready_ms=$(awk '/READY=1/ { print $1; exit }' notes)
[ $((ready_ms - start_ms)) -ge 400 ] || fail "READY=1 after $((ready_ms - start_ms)) ms: db2 cannot have been judged"
say "READY=1 after $((ready_ms - start_ms)) ms, with the dead server found"

for how in "kill -HUP $daemon_pid" reload; do
	: >notes
	$how >/dev/null || fail "$how"
	until_true 3 noted 'READY=1'
	first=$(head -n 1 notes)
	[[ $first == *RELOADING=1* && $first =~ MONOTONIC_USEC=([0-9]+) ]] || fail "the first note of a reload: $first"
	now_us=$(awk '{ printf "%.0f", $1 * 1000000 }' /proc/uptime)
	age=$((now_us - BASH_REMATCH[1]))
	[ $age -ge -20000 ] && [ $age -le 5000000 ] || fail "MONOTONIC_USEC is $age us ago"
done

: >notes
echo 'nonsense' >>homing.conf
kill -HUP "$daemon_pid"
until_true 3 noted 'READY=1'           # a refused reload is over too, or systemctl would wait for ever

: >notes
daemon_stop
noted 'STOPPING=1' || fail "no STOPPING=1: $(cat notes)"
