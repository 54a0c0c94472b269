#!/bin/bash
# Answers to the letter: homingd, NSD and Knot DNS serve the same zones, with everything in them that name servers have ever
# disagreed on, and are asked the same thousands of questions. Every difference has a rule that explains it (compare/compare.py), or
# fails the story.
. "$(dirname "$0")/lib.sh"

zones="example.com child.example.com example.net 2.0.192.in-addr.arpa"
lab
for zone in $zones; do cp "$repo/tests/e2e/compare/$zone.zone" .; done
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

in_net dns /usr/bin/python3 "$repo/tests/e2e/compare/compare.py" "$T" $zones || fail "answers differ, see above"
kill "$nsd" "$knot"
daemon_alive
