#!/bin/bash
# A flap storm: the only check of a member flips every 50 ms for FLAP_S seconds: 20 by default, a minute in `make bench`.
# Every flip is answered at once, but serials and NOTIFYs come no faster than notify_delay lets them, the
# secondaries stay in step and well, and memory stays flat.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

fleet="ns1 ns2 ns3"
seconds=${FLAP_S:-20}
lab db1 db2 $fleet
backend db2 http 8080
printf '%s\n' '$TTL 300' '@ SOA ns hostmaster 1 3600 600 604800 60' '@ NS ns' 'ns A 10.1.0.1' | zone example.com
conf <<END
$fabrics
$fleet_keys
checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "10ms"; timeout = "10ms"; fast_interval = "10ms"; rise = 1; fall = 1; } );
servers = ( { name = "db1"; checks = [ "web" ]; interfaces = ( { name = "a"; address = "10.1.0.11"; } ); },
    { name = "db2"; interfaces = ( { name = "a"; address = "10.1.0.12"; } ); } );
zones = ( { name = "example.com"; file = "example.com.zone"; transfer = [ "key:xfer" ];
    notify = ( $(notify_to $fleet) ); notify_delay = "200ms"; } );
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; failback_delay = 0; } );
END

# flip SECONDS: listens for 50 ms, does not for 50 ms, ...
cat >flip.py <<'END'
import socket, sys, time
end, flips = time.monotonic() + float(sys.argv[1]), 0
while time.monotonic() < end:
    server = socket.create_server(("10.1.0.11", 8080), backlog=64)
    time.sleep(0.05)
    server.close()
    time.sleep(0.05)
    flips += 2
print(flips)
END

daemon
secondary ns1 nsd example.com
secondary ns2 knot example.com
secondary ns3 bind example.com
done_now
for host in $fleet; do asks "$host" within 5s expect www.example.com A 10.1.0.12; done

serial() { homing zone serial example.com; }
first=$(serial)
before=${EPOCHREALTIME/./}
start_in db1 /usr/bin/python3 flip.py "$seconds" >flips
flipper=$started
sleep $((seconds / 4))
early_kib=$(rss_kib)
early_cpu=$(awk '{ print $14 + $15 }' "/proc/$daemon_pid/stat")
wait "$flipper" || fail "the flipping ended early"
late_kib=$(rss_kib)
took_ms_flapping=$(((${EPOCHREALTIME/./} - before) / 1000))
cpu=$(($(awk '{ print $14 + $15 }' "/proc/$daemon_pid/stat") - early_cpu))
steps=$(($(serial) - first))
most=$((took_ms_flapping / 200 + 5))
say "$(cat flips) flips in $took_ms_flapping ms: $steps serials, memory $early_kib -> $late_kib KiB, CPU ${cpu} ticks in the last three quarters"
[ "$steps" -le "$most" ] || fail "$steps serials, at most $most expected"
[ "$steps" -ge $((seconds)) ] || fail "$steps serials only: the flips were not seen"
# 4 MiB in a minute; a sanitizer keeps what is freed.
[ $((late_kib - early_kib)) -le $((SLOW == 1 ? 4096 * seconds / 60 : 4096 * SLOW * SLOW)) ] || fail "memory grew from $early_kib to $late_kib KiB"

in_step() { [ "$(serial_of "$1" example.com)" = "$(serial)" ]; }
say "afterwards all are in step, and fit for the next failover"
done_now
within 2s expect www.example.com A 10.1.0.12
sleep 0.5
for host in $fleet; do
	done_now
	asks "$host" within 3s expect www.example.com A 10.1.0.12
	until_true 3 in_step "$host"           # the addresses may be those of the serial before
done
homing --json zones example.com | jq -e '[.secondaries[] | select(.configured)] | length == 3 and all(.behind == 0)' >/dev/null ||
    fail "not all are in step: $(homing --json zones example.com)"
start_service_again() { start_in db1 /usr/bin/python3 -c 'import socket,time; s = socket.create_server(("10.1.0.11", 8080)); time.sleep(600)'; }
done_now
start_service_again
for host in $fleet; do asks "$host" within 2s expect www.example.com A 10.1.0.11 10.1.0.12; done
kill "$started"
for host in $fleet; do secondary_stop "$host"; done
daemon_alive
