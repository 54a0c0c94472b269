#!/bin/bash
# The two planes of a dynamic zone: who signs with a key that may update it sees what is configured, all members with their TTL,
# whatever their health; everybody else, secondaries too, sees what works. Both have AXFR and IXFR, and one serial.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

py() {
	in_net client /usr/bin/python3 "$repo/tests/e2e/planes.py" "$asked" "$@"
}

lab db1 db2 db3 nsd knot bind
for host in db1 db2 db3; do
	backend $host http 8080
done
ddns=hmac-sha256:ddns:$(openssl rand -base64 32)
wrong=hmac-sha256:ddns:$(openssl rand -base64 32)
xfer=hmac-sha256:xfer:$secret
{
	printf '%s\n' '$TTL 300' '@ SOA ns hostmaster 7 3600 600 604800 60' '@ NS ns' 'ns A 10.1.0.1' 'www TXT "static"' \
	    '_db._tcp SRV 1 1 5432 www'
	printf 'other%d TXT "so that a step is smaller than the zone"\n' {1..50}
} | zone dyn.example
configured() {                         # configured MORE-MEMBERS
	conf <<-END
		$fabrics
		keys = ( { name = "xfer"; algorithm = "hmac-sha256"; secret = "$secret"; },
		    { name = "ddns"; algorithm = "hmac-sha256"; secret = "${ddns##*:}"; } );
		checks = ( { name = "web"; type = "tcp"; port = 8080; interval = "20ms"; timeout = "20ms"; rise = 1; fall = 1; } );
		$(servers '"web"' db1 db2 db3)
		zones = ( { name = "dyn.example"; type = "dynamic"; file = "dyn.example.zone"; update = [ "key:ddns" ];
		    transfer = [ "key:xfer", "key:ddns" ]; notify = ( $(notify_to nsd knot bind) ); notify_delay = "50ms"; } );
		services = ( { name = "www.dyn.example"; ttl = 7; ttl_doubt = 1; failback_delay = 0; all_down = "empty"; spread = "rotate"; answers = 3;
		    members = ( { server = "db1"; tier = 1; }, { server = "db2"; tier = 1; } $1 ); } );
	END
}
configured ''
all="10.1.0.11 10.1.0.12 10.2.0.11 10.2.0.12"

# seen DIG-WORD...: owner, TTL, type and data of all A and AAAA records of www that come back, sorted.
seen() {
	dig_at +noall +answer +additional "$@" | awk '$1 ~ /^www/ && ($4 == "A" || $4 == "AAAA") { print $2, $5 }' | sort | paste -sd ' '
}
with_ttl() {                           # with_ttl TTL ADDRESS...
	local ttl=$1

	shift
	printf "$ttl %s\n" "$@" | sort | paste -sd ' '
}
serial() { homing zone serial dyn.example; }
soa() { dig_at +short "$@" dyn.example SOA | awk '{ print $3 }'; }
settled() {                            # no window is open any more: the serial
	local before

	until before=$(serial); sleep $((SLOW * 2))e-1; [ "$(serial)" = "$before" ]; do :; done
	echo "$before"
}
has_addresses() { [ "$(seen www.dyn.example A | wc -w)" = "$((2 * $1))" ]; }   # with a TTL each
all_follow() {
	local host

	for host in nsd knot bind; do
		[ "$(serial_of $host dyn.example)" = "$(serial)" ] || return
	done
}
# steps KEY SERIAL: the records of IXFR from there, SOAs aside.
steps() {
	dig_at +tcp +noall +answer -y "$1" dyn.example IXFR="$2" | awk '/^[^;]/ && $4 != "SOA" && $4 != "TSIG" { print $4, $5 }' | sort | paste -sd ' '
}

daemon
for kind in nsd knot bind; do
	secondary $kind $kind dyn.example
done
until_true 5 all_follow

say "all are up: an updater sees all of them, others a window of three"
same "www, signed" "$(seen -y "$ddns" www.dyn.example A)" "$(with_ttl 7 $all)"
has_addresses 3 || fail "others see $(seen www.dyn.example A), not three addresses"
before=$(settled)

say "a server dies: the answers leave it out, what is configured does not"
kill_service db1 8080
within 1s expect www.dyn.example A 10.1.0.12 10.2.0.12
for transport in +notcp +tcp; do
	same "www, signed by an updater" "$(seen $transport -y "$ddns" www.dyn.example A)" "$(with_ttl 7 $all)"
	same "www, signed by another" "$(seen $transport -y "$xfer" www.dyn.example A | awk '{ print $2, $4 }')" "10.1.0.12 10.2.0.12"
	same "SRV's addresses, signed by an updater" "$(seen $transport -y "$ddns" _db._tcp.dyn.example SRV)" "$(with_ttl 7 $all)"
done
same "a wrong signature" "$(dig_at -y "$wrong" www.dyn.example A 2>&1 | grep -o 'status: [A-Z]*')" "status: NOTAUTH"
same "dnspython, as Terraform reads back" "$(py read www.dyn.example "$ddns")" "7 $all"
settled >/dev/null
same "one serial" "$(soa) $(soa -y "$ddns") $(soa -y "$xfer")" "$(serial) $(serial) $(serial)"
same "www in AXFR for an updater" "$(seen +tcp -y "$ddns" dyn.example AXFR)" "$(with_ttl 7 $all)"
same "www in AXFR for others" "$(seen +tcp -y "$xfer" dyn.example AXFR | awk '{ print $2, $4 }')" "10.1.0.12 10.2.0.12"
same "records in both" "$(for key in "$ddns" "$xfer"; do dig_at +tcp +noall +answer +onesoa -y "$key" dyn.example AXFR | grep -cE 'SOA|NS|TXT|SRV'; done |
    xargs)" "54 54"
same "IXFR for an updater" "$(steps "$ddns" "$before")" ""
[[ $(steps "$xfer" "$before") == *10.1.0.11* ]] || fail "IXFR has not that 10.1.0.11 has gone: $(steps "$xfer" "$before")"
until_true 5 all_follow
for host in nsd knot bind; do
	asks $host expect www.dyn.example A 10.1.0.12 10.2.0.12
done

say "nobody is up: nothing is answered, and all is configured"
kill_service db2 8080
within 1s expect www.dyn.example A nothing
same "www, signed" "$(seen -y "$ddns" www.dyn.example A)" "$(with_ttl 7 $all)"
until_true 5 all_follow
for host in nsd knot bind; do
	asks $host expect www.dyn.example A nothing
done
start_service db1 8080
start_service db2 8080
until_true 2 has_addresses 3

say "links flip, and two secondaries of dnspython follow by IXFR, one in each plane"
(
	while :; do
		for override in "db1/a down" "db2 down" "db1/b down"; do
			homing force $override >/dev/null 2>&1
			sleep 0.03
		done
		for host in db1/a db2 db1/b; do
			homing release $host >/dev/null 2>&1
		done
		sleep 0.03
	done
) &
flipping=$!
py follow dyn.example "$xfer" "$ddns" 3 www "$all" >followed || fail "$(cat followed)"
kill "$flipping"
wait "$flipping" 2>/dev/null
for x in db1/a db2 db1/b; do
	homing release $x >/dev/null 2>&1
done
say "$(cat followed)"
until_true 5 all_follow

say "a member comes that nobody is answered yet: that is a serial too"
until_true 2 has_addresses 3
before=$(settled)
configured ', { server = "db3"; tier = 2; }'
reload >/dev/null
same "the serial" "$(serial)" $((before + 1))
same "IXFR for an updater" "$(steps "$ddns" "$before")" "A 10.1.0.13 A 10.2.0.13"
same "IXFR for others" "$(steps "$xfer" "$before")" ""
same "www, signed" "$(seen -y "$ddns" www.dyn.example A)" "$(with_ttl 7 $all 10.1.0.13 10.2.0.13)"
until_true 5 all_follow
# A step without records among all: none of them needs the zone whole again.
grep -E "AXFR .* to 10\.1\.0\.1[4-6] " log >whole
[ "$(wc -l <whole)" = 3 ] || fail "whole transfers by secondaries: $(cat whole)"

say "a restart with the same keeps the serial, and both histories; one with another member does not"
daemon_stop
daemon
same "the serial" "$(settled)" $((before + 1))
same "IXFR for an updater" "$(steps "$ddns" "$before")" "A 10.1.0.13 A 10.2.0.13"
same "IXFR for others" "$(steps "$xfer" "$before")" ""
daemon_stop
configured ''
daemon
same "the serial" "$(settled)" $((before + 2))
same "www, signed" "$(seen -y "$ddns" www.dyn.example A)" "$(with_ttl 7 $all)"
daemon_alive
