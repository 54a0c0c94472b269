#!/bin/bash
# Answers to the letter: homingd, NSD and Knot DNS serve the same zones, with everything in them that name servers have ever
# disagreed on, and are asked the same thousands of questions. Every difference has a rule that explains it (compare/compare.py), or
# fails the story. Then a part of the same about zones that chance made up (compare/made_up.py): SEED=N makes others.
. "$(dirname "$0")/lib.sh"

compare=$repo/tests/e2e/compare
written="example.com child.example.com example.net 2.0.192.in-addr.arpa"
lab
for zone in $written; do cp "$compare/$zone.zone" .; done
made_up=$(/usr/bin/python3 "$compare/made_up.py" "$T" "${SEED:-1}") || fail "no zones were made up"
zones="$written $made_up"
listen='"127.0.0.1:5300"'
conf <<END
zones = ( $(for zone in $zones; do echo "{ name = \"$zone\"; file = \"$zone.zone\"; },"; done | sed '$ s/,$//') );
END
daemon

cat >nsd.conf <<END
server:
  ip-address: 127.0.0.1@5302
  server-count: 1
  database: ""
  username: ""
  zonesdir: "$T"
  xfrdir: "$T"
  xfrdfile: "$T/xfrd.state"
  zonelistfile: "$T/zone.list"
  pidfile: "$T/nsd.pid"
  rrl-ratelimit: 0
  ipv4-edns-size: 1232
remote-control:
  control-enable: no
$(for zone in $zones; do printf 'zone:\n  name: "%s"\n  zonefile: "%s.zone"\n' "$zone" "$zone"; done)
END
cat >knot.conf <<END
server:
  rundir: "$T"
  listen: 127.0.0.1@5303
  udp-max-payload: 1232
database:
  storage: "$T/knot"
template:
  - id: default
    storage: "$T"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
$(for zone in $zones; do printf '  - domain: %s\n    file: "%s.zone"\n' "$zone" "$zone"; done)
END
mkdir knot
start_in dns nsd -d -c nsd.conf >nsd.log 2>&1
nsd=$started
start_in dns knotd -c knot.conf >knot.log 2>&1
knot=$started
for port in 5302 5303; do
	until in_net dns dig @127.0.0.1 -p $port +time=1 +tries=1 +norec example.com SOA | grep -q "status: NOERROR"; do
		kill -0 "$nsd" && kill -0 "$knot" || fail "a peer ended: $(tail -n 20 nsd.log knot.log)"
		sleep 0.05
	done
done

# The share of the questions that is asked, of either kind: sanitizers find nothing more in the rest.
[ "$SLOW" = 1 ] && shares=(1 0.25) || shares=(0.25 0.05)
in_net dns /usr/bin/python3 "$compare/compare.py" "${shares[0]}" "$T" $written || fail "answers differ, see above"
in_net dns /usr/bin/python3 "$compare/compare.py" "${shares[1]}" "$T" $made_up || fail "answers differ, see above"
kill "$nsd" "$knot"
daemon_alive
