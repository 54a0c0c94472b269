#!/bin/bash
# A fleet of ordinary secondaries: NSD, Knot DNS and BIND transfer the answer zone, signed, and follow its failovers.
# A cable is pulled: homing's answer loses the address, and each secondary's does, by NOTIFY and IXFR, within a
# second; it comes home likewise. The serial is the same everywhere, and what they hold is what homing exports.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

fleet="ns1 ns2 ns3"
lab db1 db2 $fleet
backend db1 http 8080
backend db2 http 8080
zone example.com <<END
\$TTL 300
@ SOA ns hostmaster 2026010100 3600 600 604800 60
@ NS ns
@ NS ns1
@ NS ns2
@ NS ns3
ns A 10.1.0.1
ns1 A $(address_of ns1)
ns2 A $(address_of ns2)
ns3 A $(address_of ns3)
*.wild TXT "a wildcard"
sub NS ns.sub
ns.sub A 192.0.2.1
END
conf <<END
$fabrics
$fleet_keys
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
zones = ( { name = "example.com"; file = "example.com.zone"; transfer = [ "10.1.0.0/24 key:xfer" ];
    notify = ( $(notify_to $fleet) ); notify_delay = "50ms"; } );
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
daemon
secondary ns1 nsd example.com
secondary ns2 knot example.com
secondary ns3 bind example.com

# all_serve LIMIT WANT...: every secondary answers the service with these addresses.
all_serve() {
	local host limit=$1

	shift
	for host in $fleet; do
		asks "$host" within "$limit" expect www.example.com A "$@"
	done
}

# in_step: every secondary has homing's serial.
in_step() {
	local serial host

	serial=$(dig_at +short example.com SOA | awk '{ print $3 }')
	same "homing zone serial" "$(homing zone serial example.com)" "$serial"
	for host in $fleet; do
		[ "$(serial_of "$host" example.com)" = "$serial" ] || return 1
	done
}

done_now
all_serve 5s 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
until_true 2 in_step

say "a cable is pulled and plugged again, three times"
for round in 1 2 3; do
	link_pull db1 b
	within 500ms expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.12
	all_serve 1s 10.1.0.11 10.1.0.12 10.2.0.12
	link_plug db1 b
	within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
	all_serve 3s 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
done
until_true 2 in_step

say "the service dies with its server"
kill_service db2 8080
within 500ms expect www.example.com A 10.1.0.11 10.2.0.11
all_serve 1s 10.1.0.11 10.2.0.11
until_true 2 in_step

say "what each holds is what homing has"
homing zone export example.com | ldns-read-zone -z /dev/stdin >export
dig @"$primary" -y "hmac-sha256:xfer:$secret" +onesoa +noall +answer example.com AXFR | ldns-read-zone -z /dev/stdin >transferred
same "what is exported, beside what is transferred" "$(cat export)" "$(cat transferred)"
for host in $fleet; do
	in_net client dig @"$(address_of "$host")" +norec +time=2 +tries=1 x.wild.example.com TXT +short | grep -q "a wildcard" ||
	    fail "$host does not answer the wildcard"
	in_net client dig @"$(address_of "$host")" +norec +time=2 +tries=1 x.sub.example.com A | grep -q "ns.sub.example.com" ||
	    fail "$host does not refer to the delegation"
done
[ -s export ] || fail "nothing was exported"

say "flips cost increments, not whole zones"
costly=$(secondary_log ns3 | sed -n 's/.*Transfer completed:.* \([0-9]*\) bytes.*/\1/p' | tail -n +2 | awk '$1 > 400')
[ -z "$costly" ] || fail "BIND needed $costly bytes for a flip"
homing zones example.com
for host in $fleet; do
	homing --json zones example.com | jq -e --arg a "$(address_of "$host")" \
	    '.secondaries[] | select(.address | startswith($a)) | .behind == 0 and .notify.acknowledged != null' >/dev/null ||
	    fail "homing does not see $host in step: $(homing --json zones example.com)"
done

say "a secondary that was away catches up when it is back, without waiting for its refresh timer"
secondary_stop ns2
link_pull db1 a
within 500ms expect www.example.com A 10.2.0.11
asks ns1 within 1s expect www.example.com A 10.2.0.11
secondary_resume ns2
asks ns2 within 20s expect www.example.com A 10.2.0.11
link_plug db1 a
all_serve 3s 10.1.0.11 10.2.0.11
for host in $fleet; do secondary_stop "$host"; done
