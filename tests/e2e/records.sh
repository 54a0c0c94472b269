#!/bin/bash
# Records of dynamic zones over HTTP and by the CLI: what is put is what is read back, by the API and by dig; changes
# are whole or nothing; two writers do not overwrite each other; nsupdate beside them sees the same; mistakes are told.
. "$(dirname "$0")/lib.sh"

secret=$(head -c 32 /dev/urandom | base64)
lab db1 db2
backend db1 http 8080
conf <<END
$fabrics
keys = ( { name = "ddns"; algorithm = "hmac-sha256"; secret = "$secret"; } );
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
zones = ( { name = "dyn.example"; type = "dynamic"; file = "dyn.zone"; update = [ "key:ddns" ]; transfer = [ "key:ddns" ]; notify_delay = "50ms"; },
          { name = "slow.example"; type = "dynamic"; notify_delay = "30s"; },
          { name = "still.example"; file = "still.zone"; } );
services = ( { name = "www.dyn.example"; servers = [ "db1", "db2" ]; ttl = 7; } );
END
zone dyn <<END
\$TTL 300
@ SOA ns1 hostmaster 1000 3600 900 604800 60
@ NS ns1
ns1 A 192.0.2.53
www TXT "beside a service"
END
zone still <<END
\$TTL 300
@ SOA ns1.dyn.example. hostmaster 1 3600 900 604800 60
@ NS ns1.dyn.example.
END
daemon

# call METHOD PATH [BODY]: the status in $status, the body in $body
call() {
	local data=()

	[ $# = 2 ] || data=(--data-binary "$3")
	status=$(curl -sS --path-as-is --max-time 20 --unix-socket sock -X "$1" -o body -w '%{http_code}' "http://x/v1/zones/$2" "${data[@]}") ||
		fail "curl $*: status $?"
	body=$(cat body)
}
# is STATUS [JQ-FILTER WANT]: of the last call
is() {
	[ "$status" = "$1" ] || fail "status $status, expected $1: $body"
	[ $# = 1 ] || same "jq '$2' of $body" "$(jq -rc "$2" body)" "$3"
}
z=dyn.example
records='[.records[] | [.name, .type, .ttl, .rdata]]'

say "one RRset: put, read, replaced, taken away"
call PUT $z/records/host/A '{"ttl": 60, "rdata": ["192.0.2.1", "192.0.2.2"], "owner": "ops"}'
is 200 '[.zone, .changed]' '["dyn.example",1]'
call GET $z/records/host/A;            is 200 "$records" '[["host.dyn.example","A",60,["192.0.2.1","192.0.2.2"]]]'
expect host.dyn.example A 192.0.2.1 192.0.2.2
call PUT $z/records/host.dyn.example./TYPE1 '{"rdata": ["192.0.2.3"]}'; is 200 .changed 1
call GET $z/records/HOST.dyn.example;  is 200 "$records" '[["host.dyn.example","A",60,["192.0.2.3"]]]'
call PUT $z/records/host/A '{"rdata": ["192.0.2.3"]}';                  is 200 .changed 0
call PUT $z/records/host/AAAA '{"rdata": ["2001:db8::1"]}';             is 200
call GET $z/records/host;              is 200 '[.records[] | [.type, .ttl]]' '[["A",60],["AAAA",300]]'
call DELETE $z/records/host/A;         is 200 .changed 1
call DELETE $z/records/host/A;         is 200 .changed 0
call GET $z/records/host/A;            is 404 .error.code no_such_record
log_has 'zone dyn.example: updated by api ops'

say "what is put is what is read: 30 types"
# TYPE|RDATA as it is printed
while IFS='|' read -r type rdata; do
	jq -n --arg r "$rdata" '{ttl: 77, rdata: [$r]}' >put
	call PUT "$z/records/t-$type/$type" @put
	is 200 .changed 1
	call GET "$z/records/t-$type/$type"
	same "$type read back" "$(jq -r '.records[0].rdata[0]' body)" "$rdata"
	# A delegation is not answered from.
	[ "$type" = NS ] || [ "$(dig @$asked +short +norec "t-$type.$z" "$type" | wc -l)" -ge 1 ] || fail "dig has no $type"
	types=$((${types:-0} + 1))
done <<'END'
A|192.0.2.9
AAAA|2001:db8::9
CNAME|target.example.net.
DNAME|target.example.net.
MX|10 mail.example.net.
NS|ns.example.net.
PTR|host.example.net.
TXT|"a \"quoted\" text" "\195\188 and \000"
SPF|"v=spf1 -all"
SRV|1 2 5060 sip.example.net.
CAA|0 issue "ca.example.net"
SSHFP|4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
TLSA|3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
SMIMEA|3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
DS|60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118
NAPTR|100 10 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .
LOC|52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m
HINFO|"PC" "Linux"
RP|admin.example.net. info.example.net.
AFSDB|1 afs.example.net.
KX|10 kx.example.net.
CERT|PKIX 0 0 aGVsbG8gd29ybGQ=
URI|10 1 "https://example.net/"
OPENPGPKEY|aGVsbG8gd29ybGQ=
DHCID|AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
EUI48|00-00-5e-00-53-2a
EUI64|00-00-5e-ef-10-00-00-2a
SVCB|1 svc.example.net. port=8443
HTTPS|1 . alpn=h2,h3
TYPE65280|\# 4 00ff10fe
NID|10 0014:4fff:ff20:ee64
CDS|60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118
END
say "($types of them)"
[ "$types" -ge 30 ] || fail "only $types types"

say "names: the apex, odd bytes, wildcards, slashes, relative and absolute"
call PUT $z/records/@/TXT '{"rdata": ["apex"]}';                       is 200
call GET $z/records/dyn.example/TXT;   is 200 '.records[0].name' dyn.example
for name in 'a\000b' '\*' '*' '*.wild' 'a\.b' '0%2F25' 'sp\032ace' 'x\255y' 'under_score'; do
	call PUT "$z/records/${name//\\/%5C}/TXT" '{"rdata": ["x"]}';       is 200
	call GET "$z/records/${name//\\/%5C}/TXT";                          is 200 '.records[0].rdata[0]' '"x"'
done
call GET "$z/records/a%5C000b/TXT";    is 200 '.records[0].name' 'a\000b.dyn.example'
call PUT $z/records/www.example.org/TXT '{"rdata": ["x"]}';            is 200
call GET $z/records/www.example.org.dyn.example./TXT;                  is 200
call PUT $z/records/www.example.org./TXT '{"rdata": ["x"]}';           is 400 .error.code bad_request
call PUT $z/records/b%C3%BCcher/TXT '{"rdata": ["x"]}';                is 400
call PUT "$z/records/$(printf 'x%.0s' {1..64})/TXT" '{"rdata": ["x"]}'; is 400
call PUT $z/records/a..b/TXT '{"rdata": ["x"]}';                       is 400

say "mistakes, each with what is wrong"
call PUT $z/records/host/A '{"rdata": ["192.0.2"]}'
is 400 '.error | [.key, .message]' '["rdata","rdata[0]: \"192.0.2\" is no rdata of A (expected an IPv4 address)"]'
call PUT $z/records/host/A '{"rdata": []}';                            is 400 .error.key rdata
call PUT $z/records/host/A '{"rdata": [7]}';                           is 400 .error.key rdata
call PUT $z/records/host/A '{"ttl": -1, "rdata": ["192.0.2.1"]}';      is 400 .error.key ttl
call PUT $z/records/host/A '{"ttl": 2147483648, "rdata": ["192.0.2.1"]}'; is 400 .error.key ttl
call PUT $z/records/host/ANY '{"rdata": ["192.0.2.1"]}';               is 400 .error.key type
call PUT $z/records/host/NONSENSE '{"rdata": ["192.0.2.1"]}';          is 400 .error.key type
call PUT $z/records/host/A '{"rdata": ["192.0.2.1"], "x": 1}';         is 400 .error.code bad_request
call POST $z/changes '{"changes": [{"op": "add", "name": "a", "type": "A", "rdata": ["192.0.2.1"]}, {"op": "add", "name": "a", "type": "MX", "rdata": ["x"]}]}'
is 400 '.error | [.key, .message[0:20]]' '["changes","changes[1].rdata[0]:"]'
call POST $z/changes '{"changes": [{"op": "move", "name": "a", "type": "A"}]}'; is 400
call POST $z/changes '{"changes": {}}';                                is 400 .error.key changes
call GET $z/records/a;                                                 is 404
call PUT still.example/records/a/A '{"rdata": ["192.0.2.1"]}';         is 409 .error.code not_dynamic
grep -q 'type = \\"dynamic\\"' body || fail "$body"
call GET still.example/records/@/SOA;                                  is 200 '.records[0].rdata[0]' 'ns1.dyn.example. hostmaster.still.example. 1 3600 900 604800 60'
call PUT dyn.exampl/records/a/A '{"rdata": ["192.0.2.1"]}';            is 404 .error.code no_such_zone
call GET "$z/records?limit=0";                                         is 400
call GET "$z/records?after=x.example.org.";                            is 400

say "what would go without a word over the wire is refused here"
call PUT $z/records/t-A/CNAME '{"rdata": ["x.example.net"]}';          is 403 .error.code refused
call PUT $z/records/t-CNAME/A '{"rdata": ["192.0.2.1"]}';              is 403
call DELETE $z/records/@/SOA;                                          is 403
call DELETE $z/records/@/NS;                                           is 403
call PUT $z/records/@/SOA '{"rdata": ["ns1.dyn.example. hostmaster.dyn.example. 1 3600 900 604800 60"]}'; is 403
done_now
call PUT $z/records/@/SOA '{"rdata": ["ns1.dyn.example. hostmaster.dyn.example. 2000 3600 900 604800 30"]}'; is 200 .changed 1
serial_is() {
	[ "$(homing zone serial "$1")" = "$2" ]
}
within 2s serial_is $z 2000
call PUT $z/records/@/NS '{"rdata": ["ns1.dyn.example", "ns2.example.net."]}'; is 200
call PUT $z/records/@/NS '{"rdata": ["NS2.example.net"]}';             is 200
call GET $z/records/@/NS;                                              is 200 '[.records[0].rdata[] | ascii_downcase]' '["ns2.example.net."]'

say "what a service governs"
call GET $z/records/www
is 200 '[.records[] | [.type, .ttl, .governed, (.rdata | length)]]' '[["A",7,true,4],["TXT",300,false,1]]'
expect www.dyn.example A 10.1.0.11 10.2.0.11
call PUT $z/records/www/A '{"rdata": ["192.0.2.1"]}';                  is 403 .error.code refused
grep -q 'follows health' body || fail "$body"
call DELETE $z/records/www/AAAA;                                       is 403
call PUT $z/records/www/TXT '{"rdata": ["other"]}';                    is 200
call POST $z/changes '{"changes": [{"op": "add", "name": "innocent", "type": "A", "rdata": ["192.0.2.1"]}, {"op": "delete", "name": "www"}]}'; is 403
call GET $z/records/innocent;                                          is 404

say "lists of changes: whole, or not at all"
call POST $z/changes '{"owner": "deploy", "why": "blue to green", "prerequisites": [{"name": "green", "exists": false}, {"name": "ns1", "type": "A", "exists": true},
  {"name": "ns1", "type": "A", "exists": true, "rdata": ["192.0.2.53"]}, {"name": "ns1", "type": "TXT", "exists": false}],
  "changes": [{"op": "add", "name": "green", "type": "A", "ttl": 30, "rdata": ["192.0.2.10", "192.0.2.11"]}, {"op": "add", "name": "green", "type": "TXT", "ttl": 30, "rdata": ["one"]},
  {"op": "delete", "name": "green", "type": "A", "rdata": ["192.0.2.11"]}, {"op": "set", "name": "green", "type": "TXT", "rdata": ["two", "three"]}]}'
is 200 .changed 2
log_has 'updated by api deploy \(blue to green\)'
call GET $z/records/green;             is 200 "$records" '[["green.dyn.example","A",30,["192.0.2.10"]],["green.dyn.example","TXT",300,["\"two\"","\"three\""]]]'
for wrong in '{"name": "green", "exists": false}' '{"name": "blue", "exists": true}' '{"name": "green", "type": "MX", "exists": true}' \
    '{"name": "green", "type": "A", "exists": true, "rdata": ["192.0.2.12"]}' '{"name": "green", "type": "A", "exists": false}'; do
	call POST $z/changes "{\"prerequisites\": [$wrong], \"changes\": [{\"op\": \"delete\", \"name\": \"green\"}]}"
	is 409 .error.code prerequisite
	jq -e '.error.serial > 2000' body >/dev/null || fail "no serial: $body"
done
call POST $z/changes '{"changes": [{"op": "delete", "name": "green"}]}'; is 200 .changed 2
call GET $z/records/green;             is 404
call POST $z/changes '{"changes": []}'; is 200 .changed 0

say "if_serial: of two writers one is told, though serials are given late"
serial=$(homing zone serial slow.example)
call POST slow.example/changes "{\"if_serial\": $serial, \"changes\": [{\"op\": \"add\", \"name\": \"a\", \"type\": \"A\", \"rdata\": [\"192.0.2.1\"]}]}"
is 200 '[.serial, .numbered]' "[$((serial + 1)),true]"
call POST slow.example/changes "{\"if_serial\": $serial, \"changes\": [{\"op\": \"add\", \"name\": \"b\", \"type\": \"A\", \"rdata\": [\"192.0.2.1\"]}]}"
is 409 '[.error.code, .error.serial]' "[\"other_serial\",$((serial + 1))]"
call PUT slow.example/records/c/A '{"rdata": ["192.0.2.1"]}';          is 200 '[.serial, .numbered]' "[$((serial + 1)),false]"
call PUT slow.example/records/d/A "{\"rdata\": [\"192.0.2.1\"], \"if_serial\": $((serial + 1))}"; is 409 .error.code other_serial
call DELETE "slow.example/records/c/A?if_serial=$((serial + 1))&owner=me"; is 409
call GET slow.example/records;         is 200 '[.numbered, ([.records[].name] | index("d.slow.example"))]' '[false,null]'
# Both read the same serial and add one to a counter, until each has done so twenty times: none is lost.
counter() {
	local n=0 serial value

	while ((n < 20)); do
		read -r serial value < <(curl -sS --unix-socket sock http://x/v1/zones/$z/records/counter/TXT | jq -r '"\(.serial) \(.records[0].rdata[0])"')
		value=${value//\"/}
		curl -sSf --unix-socket sock -X PUT "http://x/v1/zones/$z/records/counter/TXT" \
		    -d "{\"rdata\": [\"$((value + 1))\"], \"if_serial\": $serial}" >/dev/null 2>&1 && n=$((n + 1))
	done
}
call PUT $z/records/counter/TXT '{"rdata": ["0"]}';                    is 200
counter & first=$!
counter & second=$!
wait $first $second
call GET $z/records/counter/TXT;       is 200 '.records[0].rdata' '["\"40\""]'

say "nsupdate beside it"
nsupdate_lines() {
	printf '%s\n' "server $asked" "zone $z" "$@" send | in_net client nsupdate -y "hmac-sha256:ddns:$secret" || fail "nsupdate $*"
}
nsupdate_lines 'add n.dyn.example 60 MX 5 mail.example.net'
call GET $z/records/n/MX;              is 200 '.records[0].rdata' '["5 mail.example.net."]'
call PUT $z/records/n/MX '{"ttl": 60, "rdata": ["6 mail.example.net"]}'; is 200 .changed 1
nsupdate_lines 'prereq yxrrset n.dyn.example MX 6 mail.example.net' 'delete n.dyn.example MX'
call GET $z/records/n;                 is 404

say "pages: all of a zone, once"
jq -nc '{changes: [range(900) | {op: "add", name: "p\(.)", type: "A", ttl: 60, rdata: ["192.0.2.\(. % 250)"]}]}' >put
call POST $z/changes @put;             is 200 .changed 900
: >pages
next=
while [ "$next" != null ]; do
	call GET "$z/records?limit=100${next:+&after=$next}"; is 200
	jq -r '.records[] | .name + " " + .type' body >>pages
	next=$(jq -r '.next | @uri' body)
done
same "names that came twice" "$(sort pages | uniq -d | wc -l)" 0
same "the p's of the pages" "$(grep -c '^p[0-9]*\.' pages)" 900
call GET $z/records;                   is 200 '.records | length' 500

say "too much"
jq -nc '{changes: [range(20001) | {op: "add", name: "q\(.)", type: "A", ttl: 60, rdata: ["192.0.2.1"]}]}' >put
call POST $z/changes @put;             is 400
grep -q 'more than 20000 records' body || fail "$body"
jq -nc '{changes: [range(20000) | {op: "add", name: "q\(.)", type: "A", ttl: 60, rdata: ["192.0.2.1"]}]}' >put
done_now
call POST $z/changes @put;             is 200 .changed 20000
call GET $z/records/q19999/A;          is 200
head -c 9000000 /dev/zero >big
call POST $z/changes @big;             is 413 .error.code too_large

cat >hoard.py <<'END'
import socket
def begin(size):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect("sock")
    s.sendall(b"PUT /v1/zones/dyn.example/file HTTP/1.1\r\nHost: x\r\nContent-Length: 67000000\r\n\r\n")
    try:
        for _ in range(size >> 20):
            s.sendall(b" " * (1 << 20))
        s.settimeout(0.1)
        return s, s.recv(1) != b""
    except socket.timeout:
        return s, True
    except OSError:
        return s, False
kept = [begin(45 << 20) for _ in range(5)]
print(sum(1 for s, open_ in kept if open_), "of", len(kept))
END
same "halves of requests that are kept" "$(/usr/bin/python3 hoard.py)" "3 of 5"
log_has 'a request is cut off: all together have more than 160 MiB under way'
call GET $z/records/q1/A;              is 200

say "after a restart all is there"
call GET $z/records/t-NAPTR/NAPTR; before=$(jq -c .records body)
daemon_stop
daemon
call GET $z/records/t-NAPTR/NAPTR;     is 200 .records "$before"
call GET $z/records/q19999/A;          is 200
