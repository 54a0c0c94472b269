#!/bin/bash
# Zones and who follows them, as the CLI and the API show them: serials, histories, secondaries in step, behind and
# failing; a zone as a master file, in pieces, to readers that are fast, slow, or leave.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

lab db1 db2 ns1
backend db1 http 8080
backend db2 http 8080
many=200000
zone example.com <<END
\$TTL 300
@ SOA ns hostmaster 7 3600 600 604800 60
@ NS ns
ns A 10.1.0.1
a-text TXT "one; \"two\"" "three"
*.wild MX 10 mail.example.net.
END
{
	printf '$TTL 300\n@ SOA ns.example.com. hostmaster.example.com. 1 3600 600 604800 60\n@ NS ns.example.com.\n'
	seq -f 'h%06.0f A 192.0.2.1' $many
} | zone big.example
conf <<END
$fabrics
$fleet_keys
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
zones = (
  { name = "example.com"; file = "example.com.zone"; transfer = [ "10.1.0.0/24 key:xfer" ];
    notify = ( $(notify_to ns1), { address = "10.1.0.2:5300"; } ); notify_delay = "100ms"; },
  { name = "big.example"; file = "big.example.zone"; }
);
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END

# exits STATUS HOMING-WORD...: with that status; what it printed is in $out and $err.
exits() {
	local want=$1 status

	shift
	out=$(homing "$@" 2>"$T/err")
	status=$?
	err=$(cat "$T/err")
	[ $status = "$want" ] || fail "homing $*: status $status, not $want
$out
$err"
}
prints() {
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" <<<"$out" || fail "no line like \"$pattern\" in:
$out"
	done
}
complains() {
	grep -qE -- "$1" <<<"$err" || fail "no line like \"$1\" in:
$err"
}
# json FILTER HOMING-WORD...: jq's view of the --json answer
json() {
	homing --json "${@:2}" 2>/dev/null | jq -rc "$1" || fail "homing --json ${*:2}: no JSON"
}
is_so() {
	[ "$(json "$1" zones example.com)" = true ]
}

# A stranger that is told, and says nothing.
start_in client /usr/bin/python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("10.1.0.2", 5300)); time.sleep(600)'
silent=$started
daemon

say "before anybody transferred anything"
exits 0 zones
prints '^ZONE +SERIAL +NUMBERED +NAMES +SECONDARIES +FROM' '^example.com +[0-9]+ +[0-9]+s +5 +2 ' "^big.example +[0-9]+ +[0-9]+s +$((many + 1)) +0 "
exits 0 zones EXAMPLE.com.
prints '^example.com  serial [0-9]+, for [0-9]+s' '^5 names, from .*example.com.zone' 'changes within 100 ms share one' '^10.1.0.13:53 +xfer +not seen +- +- '
serial=$(dig_at +short example.com SOA | awk '{ print $3 }')
exits 0 zone serial example.com
same "homing zone serial" "$out" "$serial"
exits 0 zone serial big.example.

say "names that are none"
exits 1 zones exmple.com
complains 'no zone is named "exmple.com" \(is it "example.com"\?\)'
exits 1 zone serial www.example.com
complains 'is it "example.com"'
exits 1 zone export nosuch
complains 'no zone is named "nosuch"$'
same "nothing exported" "$out" ""
exits 1 zones 'a..b'
exits 1 zone import example.com
complains 'make the zone dynamic'
exits 2 zone serial
complains 'usage: homing zone serial\|export\|import ZONE'
exits 2 zone empty example.com
complains 'expected serial, export or import'
exits 1 --json zones nosuch
same "the error as JSON" "$(jq -r .error.code <<<"$out")" no_such_zone
exits 0 complete zones
same "completion" "$(paste -sd ' ' <<<"$out")" "example.com big.example"
words=$(PATH=$B:$PATH bash -c '. "$0"; COMP_WORDS=(homing -s "$1" zone serial ex); COMP_CWORD=5; _homing; echo "${COMPREPLY[*]}"' "$repo/cli/homing.bash" "$T/sock")
same "bash" "$words" example.com

say "a secondary comes, and is in step"
secondary ns1 nsd example.com
until_true 5 is_so '.secondaries[0] | .state == "in step" and .notify.acknowledged != null'
exits 0 zones example.com
prints "^10.1.0.13:53 +xfer +in step +$serial +[0-9]" 'AXFR [0-9]+s ago \([0-9]+ bytes, [0-9.]+ ms\)' '^10.1.0.2:5300 +- '
log_has 'zone example.com: AXFR [0-9]+ to 10.1.0.13 \(key xfer, tcp\): [0-9]+ records, [0-9]+ bytes, [0-9.]+ ms'
log_has '10.1.0.2:5300 does not acknowledge example.com [0-9]+ \(3 tries, timed out\)' 3
same "one that is silent is told of once" "$(grep -c '10.1.0.2:5300 does not' log)" 1
link_pull db2 b
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12
until_true 2 is_so '.secondaries[0] | .transfer.what == "IXFR" and .behind == 0 and .lag_s < 1'
[ "$(homing zone serial example.com)" -gt "$serial" ] || fail "the serial is $(homing zone serial example.com), was $serial"
same "what IXFR can go back to" "$(json '.history.steps >= 1 and .history.bytes > 30' zones example.com)" true
link_plug db2 b
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

say "somebody else transfers it, or may not"
key="hmac-sha256:xfer:$secret"
in_net db1 dig @10.1.0.1 +tcp -y "$key" example.com AXFR >axfr || fail "AXFR: $(cat axfr)"
until_true 1 is_so '.secondaries | length == 3 and (.[2] | .configured == false and .address == "10.1.0.11" and .key == "xfer" and .notify == null)'
in_net db1 dig @10.1.0.1 +tcp example.com AXFR >/dev/null 2>&1
in_net db1 dig @10.1.0.1 +tcp -y "hmac-sha256:xfer:AAAA" example.com AXFR >/dev/null 2>&1
in_net db1 dig @10.1.0.1 +tcp -y "hmac-sha256:nobody:$secret" example.com AXFR >/dev/null 2>&1
until_true 1 test "$(json '.totals.refusals | [.denied, .badsig, .badkey]' status)" = "[1,1,1]"
same "transfers" "$(json '.totals.transfers | [.axfr, .ixfr > 0, .broken_off, .under_way]' status)" '[2,true,0,0]'
exits 0 status
prints '^transfers: 2 AXFR, [0-9]+ IXFR' '^refused: 1 denied, 1 BADSIG, 1 BADKEY$'

say "status names who fails, and all the zones of it in one line"
exits 0 status
prints '^  secondary +10.1.0.2:5300 +failing +[0-9]+s +example.com: NOTIFY of [0-9]+: timed out'
kill "$silent"
wait "$silent" 2>/dev/null
start_in client /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.1.0.2", 5300))
while True:
    m, a = s.recvfrom(4096)
    s.sendto(m[:2] + bytes([m[2] | 0x80]) + m[3:], a)'
until_true 10 is_so '.secondaries[1].notify.acknowledged != null'
log_has '10.1.0.2:5300 acknowledges example.com [0-9]+, after [0-9]+s without'
exits 0 status
prints '^All is well'
listener=$started

say "a secondary that hears but does not transfer is behind"
in_net client dig @10.1.0.1 +tcp -y "$key" example.com AXFR >/dev/null || fail "AXFR"     # and never again
kill -STOP "${secondary_pid[ns1]}"
link_pull db2 b
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12
until_true 2 is_so '.secondaries[0].behind >= 1'
exits 0 zones example.com
prints '^10.1.0.13:53 +xfer +(behind|failing) +[0-9]+ \([0-9]+ behind\)'
kill -CONT "${secondary_pid[ns1]}"
until_true 10 is_so '.secondaries[0] | .behind == 0 and .state == "in step"'
link_plug db2 b
secondary_stop ns1
whole() { homing zone export example.com | grep -q '^www.example.com.*10.2.0.12'; }
until_true 3 whole

say "what is exported is what AXFR gives, and what homing's own reader reads"
exits 0 zone export example.com
echo "$out" >export
ldns-read-zone -c export 2>err | sed 's/[ \t]\+/ /g' | sort -u >export.canonical
[ -s err ] && fail "ldns-read-zone: $(cat err)"
in_net db1 dig @10.1.0.1 +tcp -y "$key" +noall +answer example.com AXFR >axfr
grep -v TSIG axfr | ldns-read-zone -c /dev/stdin | sed 's/[ \t]\+/ /g' | sort -u >axfr.canonical
diff axfr.canonical export.canonical >diff || fail "they differ: $(cat diff)"
cp export again.zone
echo 'zones = ( { name = "example.com"; file = "again.zone"; } );' >again.conf
"$B/homingd" -t -c again.conf >err 2>&1 || fail "homingd -t of the export: $(cat err)"

say "a large one, in pieces: answers and probes go on beside it"
before=$(rss_kib)
log_clear
started_us=${EPOCHREALTIME/./}
homing zone export big.example >big &
exporter=$!
slowest=0
while kill -0 $exporter 2>/dev/null; do
	one_us=${EPOCHREALTIME/./}
	homing zone serial example.com >/dev/null || fail "serial beside an export"
	took=$((${EPOCHREALTIME/./} - one_us))
	[ $took -le $slowest ] || slowest=$took
done
wait $exporter || fail "export of the large zone"
say "$many names in $(((${EPOCHREALTIME/./} - started_us) / 1000)) ms; another request waited $((slowest / 1000)) ms at most, its process included"
same "lines of the large zone" "$(grep -c ' IN A ' <(tr '\t' ' ' <big))" "$many"
[ $slowest -lt $((200000 * SLOW)) ] || fail "a request waited $slowest us"
log_lacks '-> down'

say "status names who is behind for 5 s"
is_behind() { homing status | grep -E '^  secondary +10\.1\.0\.2:5300 +behind +[0-9]+s +example\.com: has [0-9]+: [0-9]+ behind$' >/dev/null; }
until_true 8 is_behind
kill "$listener"
wait "$listener" 2>/dev/null

say "readers that are slow, or leave"
cat >misuse.py <<'END'
import socket, sys, time
request = b"GET /v1/zones/big.example/file HTTP/1.1\r\nHost: x\r\n\r\n"
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect("sock")
    s.sendall(request)
    return s
slow = [connect() for _ in range(20)]
for i in range(40):                        # whoever leaves in the middle
    s = connect()
    s.recv(1000)
    time.sleep(0.003)
    s.close()
for s in slow:
    assert s.recv(100).startswith(b"HTTP/1.1 200")
print("slow", flush=True)
sys.stdin.readline()
first = slow.pop(0)
for s in slow:
    s.close()
got = 0
while part := first.recv(65536):
    got += part.count(b"\n")
print(got)
END
mkfifo go
python3 misuse.py <go >slow.out &
misuser=$!
exec 9>go
until_true 5 grep -q slow slow.out
grown=$(($(rss_kib) - before))
say "20 that do not read: the daemon grew by $grown KiB"
[ "$SLOW" != 1 ] || [ $grown -lt $((20 * 256 + 8192)) ] || fail "it grew by $grown KiB"       # a sanitizer keeps what is freed
sed 's/h000001 A 192.0.2.1/h000001 A 192.0.2.2/' big.example.zone >next && mv next big.example.zone
reload >/dev/null || fail "reload beside exports"
echo >&9
wait $misuser || fail "misuse.py"
exec 9>&-
[ "$(tail -n 1 slow.out)" -gt $many ] || fail "the slow one got $(tail -n 1 slow.out) lines"
daemon_alive
exits 0 zone export big.example
same "the next export is of the next version" "$(grep -c '192.0.2.2' <<<"$out")" 1

say "the API's bytes"
curl -sS --unix-socket sock -D head -o body http://x/v1/zones/EXAMPLE.com./file || fail curl
tr -d '\r' <head | grep -qi '^Content-Type: text/dns$' || fail "head: $(cat head)"
diff <(sort body) <(sort export) >/dev/null || [ -s body ] || fail "body: $(cat body)"
same "no such zone" "$(curl -sS --unix-socket sock -o body -w '%{http_code}' http://x/v1/zones/nosuch/file) $(jq -r .error.code body)" "404 no_such_zone"
same "not a method" "$(curl -sS --unix-socket sock -X POST -o body -w '%{http_code}' http://x/v1/zones/example.com/file)" 405
same "nothing there" "$(curl -sS --unix-socket sock -o body -w '%{http_code}' http://x/v1/zones/example.com/nothing)" 404
