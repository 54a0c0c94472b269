#!/bin/bash
# A catalog zone (RFC 9432): Knot DNS and BIND are told of the catalog alone, and serve every zone that homing lists in it; one that a
# reload adds comes to them, one that it takes away goes. Who may not transfer the catalog learns nothing of it.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

lab ns1 ns2
for name in one two three secret; do
	printf '%s\n' '$TTL 300' "@ SOA ns.$name.test. hostmaster 1 3600 600 604800 60" '@ NS ns' 'ns A 10.1.0.1' "www TXT \"zone $name\"" |
	    zone "$name.test"
done

# zones NAME...: the configuration with these; secret.test may be transferred by nobody and so is not listed.
zones() {
	local name tail

	tail="transfer = [ \"key:xfer\" ]; notify_delay = \"50ms\"; notify = ( $(notify_to ns1 ns2) );"
	conf <<-END
		$fleet_keys
		zones = ( { name = "catalog.test"; type = "catalog"; $tail }, { name = "secret.test"; file = "secret.test.zone"; }
		    $(for name in "$@"; do echo ", { name = \"$name.test\"; file = \"$name.test.zone\"; $tail }"; done) );
	END
}
zones one two
daemon

mkdir -p ns1 ns2
configure_knot "$T/ns1" "$(address_of ns1)"
cat >>ns1/knot.conf <<END
  - domain: catalog.test
    catalog-role: interpret
    catalog-template: default
END
secondary_kind[ns1]=knot
secondary_resume ns1
configure_bind "$T/ns2" "$(address_of ns2)" catalog.test
sed -i "s/request-ixfr yes;/request-ixfr yes; catalog-zones { zone \"catalog.test\" default-primaries { $primary key xfer; } in-memory yes; }; allow-new-zones yes;/" ns2/named.conf
secondary_kind[ns2]=bind
secondary_resume ns2

# all_serve LIMIT NAME WANT...: both secondaries.
all_serve() {
	local host limit=$1 name=$2

	shift 2
	for host in ns1 ns2; do
		until_serves "$host" "${limit%s}" "$name" "$@"
	done
}

until_serves() {
	local host=$1 limit=$2 name=$3 want=$4 i seen

	for ((i = 0; i < limit * 20 * SLOW; i++)); do
		seen=$(in_net client dig @"$(address_of "$host")" +norec +time=1 +tries=1 +noall +comments +answer "www.$name.test" TXT |
		    awk '/status:/ { match($0, /status: [A-Z]+/); rcode = substr($0, RSTART + 8, RLENGTH - 8) } /TXT/ { print "data"; exit }
		        END { if (rcode != "NOERROR") print rcode }')
		[ "$seen" = "$want" ] && return
		sleep 0.05
	done
	fail "$host (${secondary_kind[$host]}) answers www.$name.test with $seen, not $want: $(secondary_log "$host" | tail -n 20)"
}

all_serve 10s one data
all_serve 10s two data
all_serve 1s secret REFUSED
label() {
	dig_at -y "hmac-sha256:xfer:$secret" +noall +answer catalog.test AXFR +tcp | awk -v zone="$1.test." '$4 == "PTR" && $5 == zone { print $1 }'
}
one=$(label one)
[ -n "$one" ] || fail "the catalog does not list one.test: $(dig_at -y "hmac-sha256:xfer:$secret" +tcp catalog.test AXFR)"
same "secret.test in the catalog" "$(label secret)" ""

say "a zone comes and a zone goes"
zones one three
reload >/dev/null
all_serve 10s three data
all_serve 10s two REFUSED
all_serve 1s one data
same "the label of one.test" "$(label one)" "$one"

say "the catalog is nobody else's business"
status() { dig_at "$@" | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }
same "SOA, unsigned" "$(status catalog.test SOA)" REFUSED
same "PTR, unsigned" "$(status "$one" PTR)" REFUSED
same "SOA, signed" "$(status -y "hmac-sha256:xfer:$secret" catalog.test SOA)" NOERROR
dig_at +tcp catalog.test AXFR | grep -q PTR && fail "the catalog was transferred without a key"
dig_at -y "hmac-sha256:xfer:$secret" +noall +answer +onesoa +tcp catalog.test AXFR >catalog.txt
kzonecheck -o catalog.test catalog.txt >check.txt 2>&1 || fail "kzonecheck: $(cat check.txt catalog.txt)"

say "a restart makes no member a stranger"
daemon_stop
daemon
same "the label of one.test" "$(label one)" "$one"
sleep 1
all_serve 1s one data
all_serve 1s three data
secondary_log ns1 | tail -n 5
for host in ns1 ns2; do secondary_stop "$host"; done
daemon_alive
