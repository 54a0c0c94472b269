#!/bin/bash
# Kill -9 at random moments, while 32 clients update as fast as they can: no acknowledged update is lost, none is there by
# half, and the serial never goes backwards. ROUNDS: how often (100 before a release).
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-4}
clients=32
secret=$(head -c 32 /dev/urandom | base64 -w 0)

lab
conf <<END
keys = ( { name = "ddns"; algorithm = "hmac-sha256"; secret = "$secret"; } );
zones = ( { name = "dyn.example"; type = "dynamic"; update = [ "key:ddns" ]; transfer = [ "key:ddns" ]; notify_delay = "20ms"; } );
END
daemon

serial() {
	dig_at +short dyn.example SOA | cut -d ' ' -f 3
}

# What the zone has: "c I N" and "d I N", a line each.
texts() {
	dig_at +noall +answer -y "hmac-sha256:ddns:$secret" dyn.example AXFR |
	    awk '$4 == "TXT" { gsub("\"", "", $5); print substr($1, 1, 1), substr($1, 2) + 0, $5 + 0 }'
}

# judge: the updater's word ("I ACKNOWLEDGED SENT" of each client) against the zone's. A client of whom nothing was acknowledged
# may have found what one of an earlier round has left.
judge() {
	texts >texts
	awk -v clients=$clients '
		FNR == NR { least[$1] = $2; most[$1] = $3; next }
		{ has[$1, $2] = $3 }
		END {
			for (i = 0; i < clients; i++) {
				c = has["c", i] + 0; d = has["d", i] + 0
				if (c != d) print "client " i ": half an update: c has " c ", d has " d
				if (c < least[i]) print "client " i ": " least[i] " was acknowledged, the zone has " c
				if (c > most[i] && least[i] > 0) print "client " i ": " most[i] " was sent, the zone has " c
				acknowledged += least[i]
			}
			if (acknowledged < clients) print "only " acknowledged + 0 " updates were acknowledged"
		}' last texts
}

highest=0
for round in $(seq "$rounds"); do
	start_in client "$B/tools/updater" "$asked" dyn.example "hmac-sha256:ddns:$secret" $clients 600 pairs last >said
	updater=$started
	sleep "0.$((RANDOM % 500 + 300))"
	[ $((round % 2)) = 1 ] || sleep "$((SLOW - 1))"
	seen=$(serial)
	[ "${seen:-0}" -ge "$highest" ] || fail "round $round: serial $seen behind $highest"
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
	kill -TERM "$updater"
	wait "$updater" || fail "the updater: $(cat said)"
	highest=$seen
	daemon
	seen=$(serial)
	[ "$seen" -ge "$highest" ] || fail "round $round: serial $seen behind $highest"
	highest=$seen
	wrong=$(judge)
	[ -z "$wrong" ] || fail "round $round: $(head -n 1 said)
$wrong"
	say "round $round: $(head -n 1 said)"
done
