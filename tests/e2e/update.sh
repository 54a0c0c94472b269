#!/bin/bash
# Dynamic updates with BIND's nsupdate: every prerequisite and every form of change, who may and who may not, over
# UDP and TCP, small and large; and what was acknowledged is there after a restart, a reload and a change of hands.
. "$(dirname "$0")/lib.sh"

secret=$(head -c 32 /dev/urandom | base64)
other=$(head -c 32 /dev/urandom | base64)

lab db1
backend db1 http 8080
# settings MORE: zones that may be updated by key, from an address, and not at all.
settings() {
	conf <<-END
		$fabrics
		keys = ( { name = "ddns"; algorithm = "hmac-sha256"; secret = "$secret"; },
		         { name = "other"; algorithm = "hmac-sha512"; secret = "$other"; } );
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1)
		zones = ( { name = "dyn.example"; type = "dynamic"; file = "dyn.zone"; update = [ "key:ddns" ];
		            transfer = [ "key:ddns" ]; notify_delay = "50ms"; $1 },
		          { name = "open.example"; type = "dynamic"; update = [ "10.1.0.0/24" ]; },
		          { name = "still.example"; file = "still.zone"; } );
		services = ( { name = "www.dyn.example"; servers = [ "db1" ]; } );
	END
}
zone dyn <<END
\$TTL 300
@ SOA ns1 hostmaster 1000 3600 900 604800 60
@ NS ns1
ns1 A 192.0.2.53
old A 192.0.2.1
old A 192.0.2.2
www TXT "beside a service"
END
zone still <<END
\$TTL 300
@ SOA ns1.dyn.example. hostmaster 1 3600 900 604800 60
@ NS ns1.dyn.example.
END
settings ''
daemon

# nsupdate_as KEY ZONE LINE...: what nsupdate says; nothing: NOERROR. KEY -: unsigned. flags: more of its options.
flags=
nsupdate_as() {
	local key=$1 zone=$2 sign=()

	shift 2
	case $key in
	ddns) sign=(-y "hmac-sha256:ddns:$secret") ;;
	other) sign=(-y "hmac-sha512:other:$other") ;;
	wrong) sign=(-y "hmac-sha256:ddns:$other") ;;
	stranger) sign=(-y "hmac-sha256:stranger:$other") ;;
	esac
	# shellcheck disable=SC2086
	printf '%s\n' "server $asked" "zone $zone" "$@" send | in_net client nsupdate $flags "${sign[@]}" 2>&1
}

update() {
	done_now
	same "nsupdate: $*" "$(nsupdate_as ddns dyn.example "$@")" ""
}

# refused RCODE LINE...
refused() {
	local rcode=$1

	shift
	same "nsupdate: $*" "$(nsupdate_as ddns dyn.example "$@")" "update failed: $rcode"
}

serial() {
	dig_at +short dyn.example SOA | cut -d ' ' -f 3
}

say "changes: add, delete a record, an RRset, a name"
first=$(serial)
update 'update add new.dyn.example 60 A 192.0.2.10' 'update add new.dyn.example 60 A 192.0.2.11' 'update add new.dyn.example 30 TXT "a b" "c"'
expect new.dyn.example A 192.0.2.10 192.0.2.11
expect new.dyn.example TXT '"a b" "c"'
until_true 2 eval '[ "$(serial)" != "$first" ]'
update 'update delete new.dyn.example A 192.0.2.10'
expect new.dyn.example A 192.0.2.11
update 'update delete new.dyn.example A'
expect new.dyn.example A nothing
expect new.dyn.example TXT '"a b" "c"'
update 'update delete new.dyn.example'
expect new.dyn.example TXT NXDOMAIN
update 'update delete never.dyn.example A 192.0.2.9' 'update delete never.dyn.example MX' 'update delete never.dyn.example'
expect old.dyn.example A 192.0.2.1 192.0.2.2

say "duplicates change nothing, another TTL changes all of an RRset"
update 'update add old.dyn.example 300 A 192.0.2.2'
expect old.dyn.example A 192.0.2.1 192.0.2.2
update 'update add old.dyn.example 17 A 192.0.2.3'
same "TTLs" "$(dig_at +noall +answer old.dyn.example A | awk '{ print $2 }' | sort -u)" 17

say "prerequisites"
update 'prereq yxdomain old.dyn.example' 'prereq nxdomain never.dyn.example' 'prereq yxrrset old.dyn.example A' \
    'prereq nxrrset old.dyn.example AAAA' 'update add met.dyn.example 60 A 192.0.2.20'
expect met.dyn.example A 192.0.2.20
update 'prereq yxrrset old.dyn.example A 192.0.2.3' 'prereq yxrrset old.dyn.example A 192.0.2.1' \
    'prereq yxrrset old.dyn.example A 192.0.2.2' 'update delete met.dyn.example'
expect met.dyn.example A NXDOMAIN
never='update add unmet.dyn.example 60 A 192.0.2.21'
refused NXDOMAIN 'prereq yxdomain never.dyn.example' "$never"
refused YXDOMAIN 'prereq nxdomain old.dyn.example' "$never"
refused NXRRSET 'prereq yxrrset old.dyn.example AAAA' "$never"
refused YXRRSET 'prereq nxrrset old.dyn.example A' "$never"
refused NXRRSET 'prereq yxrrset old.dyn.example A 192.0.2.1' "$never"
refused NOTZONE 'prereq yxdomain www.elsewhere.example' "$never"
expect unmet.dyn.example A NXDOMAIN

say "all or nothing"
refused NOTZONE "$never" 'update add www.elsewhere.example 60 A 192.0.2.1'
expect unmet.dyn.example A NXDOMAIN

say "what a service governs stays with it, and what is beside it does not"
refused REFUSED "$never" 'update add www.dyn.example 60 A 192.0.2.66'
refused REFUSED 'update delete www.dyn.example A'
expect www.dyn.example A 10.1.0.11 10.2.0.11
update 'update delete www.dyn.example TXT' 'update add www.dyn.example 60 TXT new'
expect www.dyn.example TXT '"new"'

say "wildcards, unknown types, CNAMEs, the apex"
update 'update add *.wild.dyn.example 60 A 192.0.2.30' 'update add raw.dyn.example 60 TYPE65280 \# 4 0a0b0c0d'
expect any.wild.dyn.example A 192.0.2.30
expect raw.dyn.example TYPE65280 '\# 4 0A0B0C0D'
update 'update delete *.wild.dyn.example A'
expect any.wild.dyn.example A NXDOMAIN
update 'update add alias.dyn.example 60 CNAME old.dyn.example.' 'update add old.dyn.example 60 CNAME new.dyn.example.'
same "the alias" "$(dig_at +short alias.dyn.example CNAME)" old.dyn.example.
expect old.dyn.example CNAME nothing
update 'update delete dyn.example NS ns1.dyn.example.' 'update delete dyn.example SOA'
same "the last name server stays" "$(dig_at +short dyn.example NS)" ns1.dyn.example.
before=$(serial)
update "update add dyn.example 300 SOA ns1.dyn.example. hostmaster.dyn.example. $((before + 1000)) 3600 900 604800 60"
until_true 2 eval '[ "$(serial)" = '$((before + 1000))' ]'
update 'update add dyn.example 300 SOA ns1.dyn.example. hostmaster.dyn.example. 5 3600 900 604800 60'
same "a serial never goes back" "$(serial)" $((before + 1000))

say "who may"
may_not() {
	local want=$1 key=$2 zone=$3

	same "$key updates $zone" "$(nsupdate_as "$key" "$zone" "update add x.$zone 60 A 192.0.2.66" | tail -n 1)" "$want"
}
may_not 'update failed: REFUSED' - dyn.example
may_not 'update failed: REFUSED' other dyn.example
may_not 'update failed: NOTAUTH(BADSIG)' wrong dyn.example
may_not 'update failed: NOTAUTH(BADKEY)' stranger dyn.example
may_not 'update failed: REFUSED' ddns still.example
may_not 'update failed: NOTAUTH' ddns old.dyn.example
may_not 'update failed: NOTAUTH' ddns elsewhere.example
may_not '' - open.example
may_not '' ddns open.example
expect x.dyn.example A NXDOMAIN
expect x.open.example A 192.0.2.66
asked=10.2.0.1 may_not 'update failed: REFUSED' - open.example
log_has 'gets REFUSED .*dyn.example'

say "over TCP, and large over both"
large=()
for i in $(seq 200); do large+=("update add large-$i.dyn.example 60 TXT $(printf 'x%.0s' {1..200})"); done
flags=-v
update 'update add tcp.dyn.example 60 A 192.0.2.40' "${large[@]}"
expect tcp.dyn.example A 192.0.2.40
expect large-200.dyn.example TXT "\"$(printf 'x%.0s' {1..200})\""
flags=

# 50 changes in one datagram without EDNS, as external-dns and others send them.
cat >batch.py <<END
import sys, dns.update, dns.query, dns.tsigkeyring, dns.tsig
u = dns.update.Update("dyn.example", keyring=dns.tsigkeyring.from_text({"ddns": "$secret"}), keyalgorithm=dns.tsig.HMAC_SHA256)
for i in range(50):
    u.delete(f"large-{i + 1}", "TXT")
    u.add(f"batch-{i}", 60, "TXT", "y" * 150)
assert 5000 < len(u.to_wire()), len(u.to_wire())
print(dns.query.udp(u, "$asked", timeout=10).rcode())
END
same "a large datagram" "$(in_net client /usr/bin/python3 batch.py)" 0
expect large-50.dyn.example TXT NXDOMAIN
expect large-51.dyn.example TXT "\"$(printf 'x%.0s' {1..200})\""
expect batch-49.dyn.example TXT "\"$(printf 'y%.0s' {1..150})\""

say "why not, as extended error; and a lease"
cat >why.py <<END
import struct, sys, time, dns.edns, dns.update, dns.query, dns.tsigkeyring, dns.tsig, dns.rcode
keyring = dns.tsigkeyring.from_text({"ddns": "$secret"})
def send(*options, change):
    u = dns.update.Update("dyn.example", keyring=keyring, keyalgorithm=dns.tsig.HMAC_SHA256)
    change(u)
    u.use_edns(0, options=list(options))
    return dns.query.udp(u, "$asked", timeout=10)
r = send(change=lambda u: u.add("www", 60, "A", "192.0.2.1"))
assert r.rcode() == dns.rcode.REFUSED, r
assert any(o.otype == dns.edns.EDE and o.text for o in r.options), r.options
lease = dns.edns.GenericOption(2, struct.pack("!I", int(sys.argv[1])))
r = send(lease, change=lambda u: u.add("leased", 60, "A", "192.0.2.50"))
assert r.rcode() == 0 and [o.data for o in r.options if o.otype == 2] == [lease.data], r.options
END
in_net client /usr/bin/python3 why.py $((2 * SLOW)) || fail "why.py"
expect leased.dyn.example A 192.0.2.50
within 10s expect leased.dyn.example A NXDOMAIN
log_has 'updated by lease'

say "a reload keeps it all, and the key's new secret counts"
update 'update add kept.dyn.example 60 A 192.0.2.60'
secret=$other
settings ''
reload >/dev/null || fail "reload"
expect kept.dyn.example A 192.0.2.60
update 'update add later.dyn.example 60 A 192.0.2.61'

say "a restart keeps it all"
whole() {
	dig_at +noall +answer -y "hmac-sha256:ddns:$secret" dyn.example AXFR | grep -v 'IN[[:space:]]SOA' | grep -v TSIG | sort
}
whole_has() {
	whole | grep -q "$1"
}
until_true 2 whole_has later.dyn      # its serial, and so the transfer, follows a little later
before=$(serial)
whole >before
[ "$(wc -l <before)" -gt 200 ] || fail "the transfer: $(cat before)"
daemon_stop
daemon
whole >after
diff before after >/dev/null || fail "a restart changed the zone: $(diff before after | head)"
[ "$(serial)" -ge "$before" ] || fail "serial $(serial) behind $before"
log_has 'zone dyn.example: updated by key ddns from 10.1.0.2: 1 change, 1 RRset differs'
