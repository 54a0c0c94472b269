#!/bin/bash
# The answers of a zone beside those of a service in it, each as the RFCs want it:
# RCODE, flags, sections. Asked by dig, one line a question.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
zone example.com <<'END'
$ORIGIN example.com.
$TTL 300
@	3600 SOA ns hostmaster 2026010101 3600 900 604800 60
@	NS ns
@	NS ns.elsewhere.example.net.
@	MX 10 mail
ns	A 10.1.0.1
	AAAA fd00:1::1
mail	A 192.0.2.25
alias	CNAME www
chain	CNAME alias
out	CNAME www.example.net.
dead	CNAME nowhere
loop1	CNAME loop2
loop2	CNAME loop1
*.wild	TXT "anything"
*.wild	A 192.0.2.80
exact.wild A 192.0.2.81
deep.down.ent A 192.0.2.90
sub	NS ns.sub
sub	NS ns.elsewhere.example.net.
ns.sub	A 192.0.2.53
ns.sub	AAAA 2001:db8::53
below.sub A 192.0.2.54
odd	TYPE65400 \# 3 010203
www	TXT "beside the service"
$INCLUDE more.zone
END
echo 'included CAA 0 issue "ca.example.net"' >more.zone
server_more='nsid = "story";'
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
zones = ( { name = "example.com"; file = "example.com.zone"; } );
services = ( { name = "www.example.com"; servers = [ "db1" ]; ttl = 7; } );
END
daemon

# sections DIG-WORD...: RCODE and flags, then each record as "section: name ttl type rdata", sorted within sections. The serial is
# written SERIAL: it goes on while the service settles (serial.sh).
sections() {
	dig_at +noedns +norec "$@" | awk '
		/status:/   { match($0, /status: [A-Z0-9]+/); rcode = substr($0, RSTART + 8, RLENGTH - 8) }
		/^;; flags/ { sub(/^;; flags: /, ""); sub(/;.*/, ""); print rcode " " $0; next }
		/SECTION:/  { section = $2 == "ANSWER" ? "an" : $2 == "AUTHORITY" ? "au" : $2 == "ADDITIONAL" ? "ad" : "qu"; order++; next }
		/^[^;]/ && NF >= 5 { line = order section ": " $1 " " $2; for (i = 4; i <= NF; i++) line = line " " $i; print line | "sort" }
		' | sed 's/^[0-9]\(a[und]:\)/\1/; s/\( SOA [^ ]* [^ ]*\) [0-9]*/\1 SERIAL/'
}
asks() {
	same "dig $*" "$(sections "$@")" "$(cat)"
}
SOA="au: example.com. 60 SOA ns.example.com. hostmaster.example.com. SERIAL 3600 900 604800 60"

asks www.example.com A <<END
NOERROR qr aa
an: www.example.com. 7 A 10.1.0.11
an: www.example.com. 7 A 10.2.0.11
END
asks www.example.com TXT <<END
NOERROR qr aa
an: www.example.com. 300 TXT "beside the service"
END
asks www.example.com AAAA <<END
NOERROR qr aa
$SOA
END
asks chain.example.com A <<END
NOERROR qr aa
an: alias.example.com. 300 CNAME www.example.com.
an: chain.example.com. 300 CNAME alias.example.com.
an: www.example.com. 7 A 10.1.0.11
an: www.example.com. 7 A 10.2.0.11
END
asks alias.example.com CNAME <<END
NOERROR qr aa
an: alias.example.com. 300 CNAME www.example.com.
END
asks out.example.com A <<END
NOERROR qr aa
an: out.example.com. 300 CNAME www.example.net.
END
asks dead.example.com A <<END
NXDOMAIN qr aa
an: dead.example.com. 300 CNAME nowhere.example.com.
$SOA
END
asks nowhere.example.com A <<END
NXDOMAIN qr aa
$SOA
END
asks mail.example.com AAAA <<END
NOERROR qr aa
$SOA
END
asks a.b.wild.example.com TXT <<END
NOERROR qr aa
an: a.b.wild.example.com. 300 TXT "anything"
END
asks a.wild.example.com MX <<END
NOERROR qr aa
$SOA
END
asks exact.wild.example.com TXT <<END
NOERROR qr aa
$SOA
END
asks a.exact.wild.example.com A <<END
NXDOMAIN qr aa
$SOA
END
asks down.ent.example.com A <<END
NOERROR qr aa
$SOA
END
asks ent.example.com A <<END
NOERROR qr aa
$SOA
END
asks host.sub.example.com A <<END
NOERROR qr
au: sub.example.com. 300 NS ns.elsewhere.example.net.
au: sub.example.com. 300 NS ns.sub.example.com.
ad: ns.sub.example.com. 300 A 192.0.2.53
ad: ns.sub.example.com. 300 AAAA 2001:db8::53
END
asks ns.sub.example.com A <<END
NOERROR qr
au: sub.example.com. 300 NS ns.elsewhere.example.net.
au: sub.example.com. 300 NS ns.sub.example.com.
ad: ns.sub.example.com. 300 A 192.0.2.53
ad: ns.sub.example.com. 300 AAAA 2001:db8::53
END
asks sub.example.com DS <<END
NOERROR qr aa
$SOA
END
asks odd.example.com TYPE65400 <<END
NOERROR qr aa
an: odd.example.com. 300 TYPE65400 \\# 3 010203
END
asks included.example.com CAA <<END
NOERROR qr aa
an: included.example.com. 300 CAA 0 issue "ca.example.net"
END
asks www.example.org A <<END
REFUSED qr
END
same "SOA" "$(dig_at +short example.com SOA | cut -d" " -f 1,2,4-)" "ns.example.com. hostmaster.example.com. 3600 900 604800 60"
same "NS" "$(dig_at +short example.com NS | sort | xargs)" "ns.elsewhere.example.net. ns.example.com."
same "MX" "$(dig_at +short example.com MX)" "10 mail.example.com."
same "a CNAME loop ends, NOERROR or not" "$(sections loop1.example.com A | grep -c '^an: ')" 2
same "the question's case is kept" "$(dig_at +noall +question +answer wWw.EXAMPLE.cOm A | awk '{ print $1 }' | sort -u | xargs)" \
    ";wWw.EXAMPLE.cOm. wWw.EXAMPLE.cOm."
[ "$(dig_at +noall +comments +answer www.example.com ANY | grep -c 'status: NOERROR\|^[^;]')" -ge 2 ] || fail "ANY: $(dig_at www.example.com ANY)"
same "version.bind" "$(dig_at +short CH TXT version.bind)" "\"$("$B/homing" version 2>/dev/null | head -n 1)\""
dig_at +nsid www.example.com A | grep -q 'NSID.*story' || fail "no NSID"
dig_at +opcode=STATUS www.example.com A | grep -q 'status: NOTIMP' || fail "opcode STATUS: $(dig_at +opcode=STATUS www.example.com)"
dig_at +edns=1 +noednsneg www.example.com A | grep -q 'status: BADVERS' || fail "EDNS version 1: $(dig_at +edns=1 +noednsneg www.example.com)"
dig_at www.example.com AXFR | grep -q 'Transfer failed\|REFUSED\|NOTIMP' || fail "AXFR: $(dig_at www.example.com AXFR)"
