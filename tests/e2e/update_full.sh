#!/bin/bash
# A full disk: updates get SERVFAIL and leave no trace, questions and failovers go on, one line says so when it begins and
# one when it ends; nobody has to do anything but make room.
. "$(dirname "$0")/lib.sh"

secret=$(head -c 32 /dev/urandom | base64 -w 0)
lab db1 db2
backend db1 http 8080
backend db2 http 8080
mkdir state
mount -t tmpfs -o size=4m,mode=700 tmpfs state
conf <<END
$fabrics
keys = ( { name = "ddns"; algorithm = "hmac-sha256"; secret = "$secret"; } );
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
zones = ( { name = "dyn.example"; type = "dynamic"; update = [ "key:ddns" ]; transfer = [ "key:ddns" ]; notify_delay = "50ms"; } );
services = ( { name = "www.dyn.example"; servers = [ "db1", "db2" ]; } );
END
daemon

update() {
	printf '%s\n' "server $asked" "zone dyn.example" "$@" send | in_net client nsupdate -y "hmac-sha256:ddns:$secret" 2>&1
}

# A record of 40 KB: a disk without room cannot take it by chance, in place of what a log has done with.
large() {
	local i lines=()

	for i in $(seq 200); do lines+=("update add $1.dyn.example 60 TXT $i$(printf 'x%.0s' {1..200})"); done
	update "${lines[@]}"
}

same "with room" "$(update 'update add before.dyn.example 60 A 192.0.2.1')" ""
say "the disk is full"
dd if=/dev/zero of=state/filler bs=4k 2>/dev/null
same "an update" "$(large lost)" "update failed: SERVFAIL"
same "the next one" "$(large lost)" "update failed: SERVFAIL"
expect lost.dyn.example TXT NXDOMAIN
expect before.dyn.example A 192.0.2.1
homing status | grep -q 'updates are refused: homing.db cannot be written' || fail "status: $(homing status)"
kill_service db1 8080
within 1s expect www.dyn.example A 10.1.0.12 10.2.0.12

say "and then it is not"
rm state/filler
same "an update" "$(large kept)" ""
same "kept" "$(dig_at +tcp +noall +answer kept.dyn.example TXT | wc -l)" 200
log_has 'homing.db: .*: updates are refused \(SERVFAIL\) until it works again'
log_has 'homing.db: updates are stored again'
same "lines of the fault" "$(grep -c 'updates are refused' log)" 1
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
daemon
same "kept over kill -9" "$(dig_at +tcp +noall +answer kept.dyn.example TXT | wc -l)" 200
expect before.dyn.example A 192.0.2.1
expect lost.dyn.example TXT NXDOMAIN
