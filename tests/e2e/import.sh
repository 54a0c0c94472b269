#!/bin/bash
# A dynamic zone by the CLI: records by hand, and a whole zone out as a master file and in again, whatever it holds and
# whoever writes beside it.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
zones() {
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1 db2)
		zones = ( { name = "dyn.example"; type = "dynamic"; file = "dyn.zone"; update = [ "10.1.0.0/24" ]; notify_delay = "50ms"; },
		          { name = "still.example"; file = "still.zone"; } );
		services = ( { name = "www.dyn.example"; servers = [ $1 ]; ttl = 7; } );
	END
}
zone dyn <<END
\$TTL 300
@ SOA ns1 hostmaster 1000 3600 900 604800 60
@ NS ns1
@ NS ns2
ns1 A 192.0.2.53
ns2 A 192.0.2.54
www TXT "beside a service"
END
zone still <<END
\$TTL 300
@ SOA ns1.dyn.example. hostmaster 1 3600 900 604800 60
@ NS ns1.dyn.example.
END
zones '"db1", "db2"'
daemon
z=dyn.example

# refused STATUS WORDS COMMAND...: it ends so, and says so
refused() {
	local status=0 said

	said=$("${@:3}" 2>&1) || status=$?
	same "the status of ${*:3}: $said" "$status" "$1"
	grep -qF -- "$2" <<<"$said" || fail "${*:3} says: $said
expected: $2"
}
listed() {
	same "record list $*" "$(homing --json record list $z "${@:1:$#-1}" | jq -rc '[.records[] | .name, .type, .ttl, .rdata[]] | join(" ")')" "${*: -1}"
}

say "records by hand"
homing record add $z host 60 A 192.0.2.1 192.0.2.2 >/dev/null || fail "add"
listed host A "host.$z A 60 192.0.2.1 192.0.2.2"
homing record add $z host A 192.0.2.3 >/dev/null || fail "add without a TTL"
listed host A "host.$z A 60 192.0.2.1 192.0.2.2 192.0.2.3"
homing record delete $z host A 192.0.2.2 >/dev/null || fail "delete one"
homing record set $z mail 5m MX 10 mx.example.net >/dev/null || fail "set MX"
listed mail "mail.$z MX 300 10 mx.example.net."
homing record set $z @ 60 TXT "v=spf1 -all" 'two "words"' >/dev/null || fail "set TXT"
listed @ TXT "$z TXT 60 \"v=spf1 -all\" \"two \\\"words\\\"\""
homing record set $z @ CAA 0 issue 'ca.example.net; policy=ev' >/dev/null || fail "set CAA"
listed @ CAA "$z CAA 300 0 issue \"ca.example.net; policy=ev\""
homing record list $z host | grep -qE '^host\.dyn\.example +60 +A +192\.0\.2\.1$' || fail "the table: $(homing record list $z host)"
homing record list $z | grep -q 'of its service' || fail "the service: $(homing record list $z)"
homing record delete $z host >/dev/null || fail "delete a name"
refused 1 "nothing is at host.$z" homing record list $z host
refused 0 "it is so already" homing record delete $z host
refused 1 "follows health" homing record delete $z www A
refused 1 'type = "dynamic"' homing record add still.example a A 192.0.2.1
refused 2 "usage: homing record add" homing record add $z a
refused 2 "usage: homing record delete" homing record delete $z a 60 A
refused 2 "nothing to be done with a record" homing record move $z a
refused 1 "is no rdata of A" homing record add $z a A 192.0.2
homing record add --why "a new site" $z a A 192.0.2.1 >/dev/null
log_has 'updated by api .* \(a new site\)'

say "out and in again: nothing changes"
homing zone export $z >out || fail "export"
grep -q "^; www.$z.*10\.1\.0\.12$" out || fail "members are not told as comments: $(cat out)"
homing zone export --plane answer $z | grep -q '10\.1\.0\.12' && fail "the answer plane has who is down"
refused 0 "nothing changes" homing zone import $z out
refused 0 "nothing changes" homing zone import $z <out

say "a file replaces it: what differs, before and after"
grep -v '^mail\|^a\.' out | sed 's/ns2/NS3/; s/"beside a service"/"still there"/' >new
printf '%s\n' 'new.dyn.example. 60 IN A 192.0.2.77' '*.wild.dyn.example. 60 IN TXT "\000"' >>new
homing zone import --dry-run $z new >dry || fail "dry run"
same "lines that come" "$(grep '^+' dry | sort)" "+ *.wild.$z 60 TXT \"\\000\"
+ $z 300 NS NS3.$z.
+ new.$z 60 A 192.0.2.77
+ ns3.$z 300 A 192.0.2.54
+ www.$z 300 TXT \"still there\""
same "lines that go" "$(grep -c '^-' dry)" 5
serial=$(homing zone serial $z)
same "the serial behind a dry run" "$(homing zone serial $z)" "$serial"
homing zone import $z new >said || fail "import"
grep -q "has the serial $((serial + 1)): 5 records more, 5 gone" said || fail "$(cat said)"
expect new.$z A 192.0.2.77
expect www.$z A 10.1.0.11 10.2.0.11
refused 0 "nothing changes" homing zone import $z new
sed 's/ 604800 60$/ 604800 30/' new >soa
homing zone import $z soa >/dev/null || fail "another SOA"
listed @ SOA "$z SOA 300 ns1.$z. hostmaster.$z. $((serial + 2)) 3600 900 604800 30"
sed "s/IN.SOA.*/IN SOA ns9.$z. hostmaster.$z. 5000 3600 900 604800 30/" new >soa
homing zone import $z soa >/dev/null || fail "a serial of its own"
same "the serial" "$(homing zone serial $z)" 5000
sed 's/^\(dyn\.example\.\).*NS.*ns1.*/\1 300 IN NS other.example.net./; /NS.*NS3/d' soa >ns
homing zone import $z ns >/dev/null || fail "all name servers are others"
same "name servers" "$(dig @$asked +short +norec $z NS)" other.example.net.

say "mistakes: all of them, with their lines, and nothing changes"
{ cat ns; echo 'bad.dyn.example. 60 IN A 192.0.2'; echo 'outside.example.org. 60 IN A 192.0.2.1'; } >bad
refused 1 "bad:$(($(wc -l <ns) + 1)):" homing zone import $z bad
refused 1 "bad:$(($(wc -l <ns) + 2)):" homing zone import $z bad
{ cat ns; echo 'www.dyn.example. 60 IN A 192.0.2.1'; } >bad
refused 1 "it follows health" homing zone import $z bad
refused 1 "2 mistakes" homing zone import $z /dev/null
refused 1 "cannot open" homing zone import $z nowhere
refused 1 'type = "dynamic"' homing zone import still.example ns
refused 2 "usage:" homing zone export $z ns
refused 0 "nothing changes" homing zone import $z ns

say "writers beside it lose nothing, and it loses nothing"
writers() {
	local i

	for ((i = 0; i < 60; i++)); do
		curl -sSf -o /dev/null --unix-socket sock -X PUT "http://x/v1/zones/$z/records/beside$i/A" -d '{"rdata":["192.0.2.1"]}' || echo lost >>lost
	done
}
writers & writer=$!
for ((i = 0; i < 8; i++)); do
	{ cat ns; echo "turn.dyn.example. 60 IN TXT $i"; } >turn
	homing zone import $z turn >/dev/null || fail "import beside writers"
done
wait $writer
[ ! -e lost ] || fail "a write beside an import was refused"
listed turn "turn.$z TXT 60 \"7\""

say "a service with other members: the export is taken back"
homing zone export $z >out
zones '"db1"'
homing reload >/dev/null || fail "reload"
refused 0 "nothing changes" homing zone import $z out

say "a large zone, while its service flips"
{ cat ns; seq 50000 | sed 's/.*/n&.dyn.example. 60 IN A 192.0.2.1/'; } >many
done_now
homing zone import $z many >/dev/null & import=$!
link_pull db1 a
within 2s expect www.$z A 10.2.0.11
wait $import || fail "import of many"
expect n50000.$z A 192.0.2.1
link_plug db1 a
daemon_stop
daemon
expect n1.$z A 192.0.2.1
refused 0 "nothing changes" homing zone import $z many
