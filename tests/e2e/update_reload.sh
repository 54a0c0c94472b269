#!/bin/bash
# Reloads, one after the other, while 32 clients update as fast as they can, and one adds name after name: none that was
# acknowledged is lost, none is there by half, the serial never goes backwards; and what a restart reads from homing.db is what was
# served.
. "$(dirname "$0")/lib.sh"

clients=32
secret=$(head -c 32 /dev/urandom | base64 -w 0)

lab
written() {                            # written TTL: the service's, so that each reload changes something
	conf <<-END
	keys = ( { name = "ddns"; algorithm = "hmac-sha256"; secret = "$secret"; } );
	zones = ( { name = "dyn.example"; type = "dynamic"; update = [ "key:ddns" ]; transfer = [ "key:ddns" ]; notify_delay = "20ms"; } );
	servers = ( { name = "db1"; interfaces = ( { name = "a"; address = "10.1.0.11"; } ); } );
	services = ( { name = "www.dyn.example"; servers = [ "db1" ]; ttl = $1; ttl_doubt = 1; } );
	END
}
written 5
daemon

serial() {
	dig_at +short dyn.example SOA | cut -d ' ' -f 3
}

# All of the zone but the SOA, whose serial a restart may leave behind.
records() {
	dig_at +noall +answer -y "hmac-sha256:ddns:$secret" dyn.example AXFR | awk '$4 != "SOA" { $1 = $1; print }' | sort
}

# adds: m1, m2, ... a message each, until there is a file `enough`; how many at the end.
adds() {
	local i=0

	printf '%s\n' "server $asked" "zone dyn.example" "key hmac-sha256:ddns $secret"
	while [ ! -e enough ]; do
		i=$((i + 1))
		printf 'update add m%d.dyn.example 60 A 192.0.2.1\nsend\n' "$i"
	done
	echo "$i" >added
}

say "reloads under load"
adds > >(in_net client nsupdate >refused 2>&1; echo "$?" >status) &
adder=$!
start_in client "$B/tools/updater" "$asked" dyn.example "hmac-sha256:ddns:$secret" $clients 600 pairs last >said
updater=$started
highest=0
for round in 1 2 3 4 5 6 7 8; do
	written $((5 + round))
	homing reload >/dev/null || fail "the reload was refused"
	expect_ttl=$(dig_at +noall +answer www.dyn.example A | awk '{ print $2 }')
	same "the TTL after reload $round" "$expect_ttl" $((5 + round))
	seen=$(serial)
	[ "${seen:-0}" -ge "$highest" ] || fail "reload $round: serial $seen behind $highest"
	highest=$seen
done
touch enough
wait "$adder"
for ((try = 0; try < 100 * SLOW; try++)); do
	[ -e status ] && break
	sleep 0.1
done
same "nsupdate's status, and words" "$(cat status refused)" 0
kill -TERM "$updater"
wait "$updater" || fail "the updater: $(cat said)"
say "$(cat said); names added: $(cat added)"

# A transfer follows an update by notify_delay, and the last messages may be on their way: until nothing changes any more.
records >served
for ((try = 0; try < 50; try++)); do
	sleep "$(awk "BEGIN { print 0.1 * $SLOW }")"
	records >again
	cmp -s served again && break
	cp again served
done

say "every acknowledged update is there, and whole"
awk -v clients=$clients '
	FNR == NR { least[$1] = $2; most[$1] = $3; next }
	$4 == "TXT" { gsub("\"", "", $5); has[substr($1, 1, 1), substr($1, 2) + 0] = $5 + 0 }
	END {
		for (i = 0; i < clients; i++) {
			c = has["c", i] + 0; d = has["d", i] + 0
			if (c != d) print "client " i ": half an update: c has " c ", d has " d
			if (c < least[i]) print "client " i ": " least[i] " was acknowledged, the zone has " c
			if (c > most[i]) print "client " i ": " most[i] " was sent, the zone has " c
			acknowledged += least[i]
		}
		if (acknowledged < clients) print "only " acknowledged + 0 " updates were acknowledged"
	}' last served >wrong
same "what is wrong" "$(cat wrong)" ""
same "how many names were added" "$(grep -c '^m[0-9]*[.]' served)" "$(cat added)"

say "homing.db has what was served"
homing stop >/dev/null
wait "$daemon_pid" 2>/dev/null
daemon_pid=
daemon
records >again
same "the zone after a restart" "$(cat again)" "$(cat served)"
