#!/bin/bash
# NOTIFY on the wire: NSD, Knot DNS and BIND hear it signed and from the address configured; it is repeated at growing intervals until
# it is answered, to who comes late too; changes within notify_delay are one NOTIFY, and none if nothing remains of
# them; who refuses is told of once and left alone.
. "$(dirname "$0")/lib.sh"
. "$repo/tests/e2e/secondary.bash"

primary=10.1.0.99                      # not the address that the kernel would choose
fleet="ns1 ns2 ns3"
lab db1 db2 $fleet quiet
ip -n dns addr add $primary/24 dev san-a
backend db1 http 8080
backend db2 http 8080
zone_text='$TTL 300
@ SOA ns hostmaster 7 3600 600 604800 60
@ NS ns
ns A 10.1.0.1'
zone example.com <<<"$zone_text"
zone calm.example <<<"$zone_text"
write_conf() {
	conf <<-END
		$fabrics
		$fleet_keys
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1 db2)
		zones = (
		  { name = "example.com"; file = "example.com.zone"; transfer = [ "key:xfer" ];
		    notify = ( $(notify_to $fleet quiet) ); notify_delay = "$1"; },
		  { name = "calm.example"; file = "calm.example.zone"; transfer = [ "10.1.0.0/24" ]; notify = ( { address = "$(address_of quiet):5300"; } ); }
		);
		services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
	END
}

# hear.py ADDRESS PORT KEY-OR-EMPTY: says nothing; a line for each NOTIFY: its time in ms, zone, serial, source, whether the signature is good.
cat >hear.py <<'END'
import socket, sys, time
import dns.message, dns.opcode, dns.rdatatype, dns.flags, dns.tsigkeyring
address, port, secret = sys.argv[1:]
keyring = dns.tsigkeyring.from_text({"xfer": ("hmac-sha256", secret)})
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((address, int(port)))
while True:
    wire, source = s.recvfrom(4096)
    now = time.time()
    m = dns.message.from_wire(wire, keyring=keyring)
    assert m.opcode() == dns.opcode.NOTIFY and m.flags & dns.flags.AA and not m.flags & dns.flags.QR
    assert len(m.question) == 1 and m.question[0].rdtype == dns.rdatatype.SOA and m.edns < 0
    assert len(m.answer) == 1 and m.answer[0].name == m.question[0].name and not m.authority and not m.additional
    print(int(now * 1000), m.question[0].name.to_text(True), m.answer[0][0].serial, source[0], "signed" if m.had_tsig else "unsigned", flush=True)
END
# hear NAME PORT: to the file NAME
hear() {
	start_in quiet /usr/bin/python3 hear.py "$(address_of quiet)" "$2" "$secret" >"$1" 2>"$1.err"
	until_true 5 listens "$2"
}
listens() { in_net quiet ss -Hnul "sport = :$1" | grep -q .; }
heard() { [ "$(wc -l <"$1")" -ge "$2" ]; }
serial() { homing zone serial example.com; }
beyond() { [ "$(serial)" -gt "$1" ]; }

# waits FILE SERIAL: the milliseconds between the NOTIFYs of that serial
waits() {
	awk -v serial="$2" '$3 == serial { if (last) printf "%d ", $1 - last; last = $1 }' "$1"
}
# near SEEN WANTED...: each as long, or a little longer
near() {
	local seen=$1 wait

	shift
	for wait in $seen; do
		[ $# -gt 0 ] || return 0
		[ "$wait" -ge $(($1 - 10)) ] && [ "$wait" -le $(($1 + 150 * SLOW)) ] || return 1
		shift
	done
	[ $# = 0 ]
}

write_conf 100ms
hear heard 53
hear calm 5300
daemon

say "at a start every zone is told of, signed where a key is configured, from the source"
until_true 2 heard heard 1
until_true 2 heard calm 1
same "to the quiet one" "$(head -n 1 heard | cut -d ' ' -f 2-)" "example.com $(serial) $primary signed"
same "of the other zone" "$(head -n 1 calm | cut -d ' ' -f 2-)" "calm.example 7 10.1.0.1 unsigned"

say "250 ms, 500 ms, 1 s, 2 s: without an answer it is sent again"
until_true 6 heard calm 5
say "after $(waits calm 7)ms"
near "$(waits calm 7)" 250 500 1000 2000 || fail "the waits were $(waits calm 7)"
log_has "$(address_of quiet):5300 does not acknowledge calm.example 7 \(3 tries, timed out\)"

say "real secondaries hear it, and come for the zone"
secondary ns1 nsd example.com
secondary ns2 knot example.com
secondary ns3 bind example.com
in_step() {
	local host

	for host in $fleet; do
		[ "$(serial_of "$host" example.com)" = "$(serial)" ] || return 1
	done
}
until_true 8 in_step
before=$(serial)
homing drain db2 >/dev/null || fail drain
until_true 2 beyond "$before"
until_true 3 in_step
for host in $fleet; do secondary_log "$host"; done | grep -iE "notif" | sed 's/^/    /'

say "changes within notify_delay are one serial and one NOTIFY"
sed -i 's/notify_delay = "100ms"/notify_delay = "1500ms"/' homing.conf
reload >/dev/null || fail reload
sleep 0.3
before=$(serial)
for i in 1 2 3 4 5 6 7 8 9 10; do
	homing release db2 >/dev/null && homing drain db2/a >/dev/null && homing release db2/a >/dev/null && homing drain db2 >/dev/null || fail "flip $i"
done
homing release db2 >/dev/null
until_true 4 grep -q "example.com $((before + 1)) " heard
sleep 1.6
same "serials for 41 changes" "$(($(serial) - before))" 1
same "first NOTIFYs of them" "$(awk -v s="$before" '$3 > s { print $3 }' heard | sort -u | wc -l)" 1

say "what cancels out is no change"
before=$(serial)
homing drain db1/a >/dev/null && homing release db1/a >/dev/null || fail "drain, release"
sleep 2
same "the serial" "$(serial)" "$before"

say "a secondary that comes back late hears what it missed"
sed -i 's/notify_delay = "1500ms"/notify_delay = "50ms"/' homing.conf
reload >/dev/null || fail reload
secondary_stop ns2
homing drain db1/b >/dev/null || fail drain
log_has '10.1.0.14:53 does not acknowledge example.com [0-9]+ \(3 tries, (port unreachable|timed out)\)' 4
homing --json zones example.com | jq -e '.secondaries[1] | .state == "failing" and .notify.tries >= 3 and .notify.error != null' >/dev/null ||
    fail "homing says: $(homing --json zones example.com)"
homing status >status
grep -qE '^  secondary +10\.1\.0\.14:53 +failing +[0-9]+s +example\.com: NOTIFY of [0-9]+: ' status || fail "status says: $(cat status)"
secondary_resume ns2
: >ns2/log
until_true 10 in_step
until_true 10 grep -qi notify ns2/log
log_has '10.1.0.14:53 acknowledges example.com [0-9]+, after [0-9]+s without' 10

say "a reload in the midst of repeats begins nothing anew"
waiting=$(homing --json zones calm.example | jq .secondaries[0].notify.tries)
[ "$waiting" -ge 5 ] || fail "$waiting tries"
reload >/dev/null || fail reload
sleep 0.5
[ "$(homing --json zones calm.example | jq .secondaries[0].notify.tries)" -le $((waiting + 1)) ] || fail "it began anew"

say "who refuses is told of once, and left alone"
secondary_stop ns1
secondary_stop ns3
sed -i 's/allow-notify: .*/allow-notify: 192.0.2.1 NOKEY/' ns1/nsd.conf
sed -i 's/type secondary;/type secondary; allow-notify { none; };/; s/primaries { [^}]*}/primaries { 192.0.2.1; }/' ns3/named.conf
secondary_resume ns1
secondary_resume ns3
homing release db1/b >/dev/null || fail release
for address in 10.1.0.13 10.1.0.15; do
	log_has "$address:53 refuses to be told of example.com [0-9]+ \(it answers REFUSED\)" 5
done
sleep 1
same "tries" "$(homing --json zones example.com | jq -c '[.secondaries[0, 2].notify | .tries, .error]')" \
    '[1,"it answers REFUSED",1,"it answers REFUSED"]'
homing zones example.com
daemon_alive
for host in $fleet; do secondary_stop "$host"; done
for errors in heard.err calm.err; do [ ! -s $errors ] || fail "hear.py: $(cat $errors)"; done
