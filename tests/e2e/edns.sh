#!/bin/bash
# EDNS and its options as dig and kdig send them and read them back: cookies, NSID, padding, keepalive, extended errors;
# what is malformed; and answers above the rate limit, with and without a cookie.
. "$(dirname "$0")/lib.sh"

py() {
	in_net client /usr/bin/python3 "$repo/tests/e2e/edns.py" "$asked" "$@"
}

# configure SETTINGS: of the server, besides those of the whole story.
secret=e5e973e5a6b2a43f48e7dc849e37bfcf
configure() {
	server_more="nsid = \"story\"; tcp_idle = \"12s\"; listen_tls = [ \"0.0.0.0:853\" ];
	    tls_certificate = \"dot.pem\"; tls_key = \"dot.key\"; $1"
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1)
		zones = ( { name = "example.com"; file = "example.com.zone"; } );
		services = ( { name = "www.example.com"; servers = [ "db1" ]; }, { name = "empty.example.com"; servers = [ "db1" ]; all_down = "empty"; } );
	END
}

lab db1
backend db1 http 8080
certificate dot dns.example.com
zone example.com <<'END'
$TTL 60
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 10.1.0.1
END
configure "cookie_secret = \"$secret\";"
daemon

# has WHAT PATTERN DIG-WORD...: the answer as dig prints it has such a line; lacks: none.
has() {
	local what=$1 pattern=$2 text

	shift 2
	text=$(dig_at "$@")
	grep -qE -- "$pattern" <<<"$text" || fail "$what: no line like \"$pattern\" in
$text"
}
lacks() {
	local what=$1 pattern=$2 text

	shift 2
	text=$(dig_at "$@")
	! grep -qE -- "$pattern" <<<"$text" || fail "$what: a line like \"$pattern\" in
$text"
}
www="www.example.com A"

# ---- versions, flags, what is unknown ----

has "EDNS" 'EDNS: version: 0, flags:; udp: 1232' $www
lacks "no EDNS, none back" 'EDNS' +noedns $www
has "DO comes back" 'EDNS: version: 0, flags: do;' +dnssec $www
has "no other flag does" 'EDNS: version: 0, flags:;' +ednsflags=0x4000 $www
has "version 1" 'status: BADVERS' +edns=1 +noednsneg $www
has "an unknown option" 'status: NOERROR' +ednsopt=65001:abcd $www
lacks "it is not sent back" 'OPT=65001' +ednsopt=65001:abcd $www
say "a small buffer is kept to: $(dig_at +bufsize=512 $www | grep -o 'MSG SIZE.*')"

# ---- NSID, CHAOS ----

has "NSID" 'NSID: .*"story"' +nsid $www
has "NSID of REFUSED" 'NSID: .*"story"' +nsid www.elsewhere.test
lacks "NSID unasked" 'NSID' $www
for name in id.server hostname.bind; do same $name "$(dig_at +short CH TXT $name)" '"story"'; done
for name in version.bind version.server; do same $name "$(dig_at +short CH TXT $name)" "\"$("$B/homing" version 2>/dev/null | head -n 1)\""; done

# ---- cookies ----

# cookie DIG-WORD...: the COOKIE that dig got.
cookie() {
	dig_at "$@" $www | sed -nE 's/^; COOKIE: ([0-9a-f]+) \(good\)$/\1/p'
}
first=$(cookie +cookie=2464c4abcf10c957)
[[ $first =~ ^2464c4abcf10c95701000000[0-9a-f]{24}$ ]] || fail "no server cookie of version 1: $first"
same "a young one is kept" "$(cookie +cookie=$first)" "$first"
same "by TCP too" "$(cookie +tcp +cookie=$first)" "$first"
forged=${first:0:46}$(printf %02x $((0x${first:46} ^ 1)))
same "a forged one is not, but answered" "$(cookie +cookie=$forged | cut -c 1-24)" 2464c4abcf10c95701000000
[ "$(cookie +cookie=$forged)" != "$forged" ] || fail "a forged cookie is kept"
in_net client kdig @$asked +cookie=2464c4abcf10c957 +nsid $www >kdig.out || fail "kdig: $(cat kdig.out)"
grep -q '^;; COOKIE: 2464C4ABCF10C95701000000' kdig.out || grep -qi 'COOKIE: 2464c4abcf10c95701000000' kdig.out || fail "kdig saw no cookie: $(cat kdig.out)"
grep -qi 'NSID.*story' kdig.out || fail "kdig saw no NSID: $(cat kdig.out)"
has "a cookie without a question" 'QUERY: 0, ANSWER: 0' +header-only +cookie=$first
has "which is good" 'status: NOERROR' +header-only +cookie=$first
has "or is not" 'status: BADCOOKIE' +header-only +nobadcookie +cookie=$forged
for size in 7 9 15 41; do
	has "a cookie of $size bytes" 'status: FORMERR' +nocookie +ednsopt=10:"$(printf '00%.0s' $(seq $size))" $www
done

# Another server of the same secret believes it; so does this one when the secret changes, in steps.
new=445536bcd2513298075a5d379663c962
configure "cookie_secret = [ \"$new\", \"$secret\" ];"
reload >/dev/null || fail "reload"
second=$(cookie +cookie=$first)
[[ $second =~ ^2464c4abcf10c957 && $second != "$first" ]] || fail "no cookie by the new secret: $second"
has "the old one is believed" 'status: NOERROR' +header-only +nobadcookie +cookie=$first
configure "cookie_secret = \"$new\";"
reload >/dev/null || fail "reload"
has "until its secret goes" 'status: BADCOOKIE' +header-only +nobadcookie +cookie=$first
same "the new one stays" "$(cookie +cookie=$second)" "$second"

# ---- keepalive, padding ----

has "keepalive" 'TCP KEEPALIVE: 12.0 secs|TCP-KEEPALIVE: 12.0 secs' +tcp +keepalive $www
lacks "keepalive over UDP" 'KEEPALIVE' +keepalive $www
has "keepalive with a time" 'status: FORMERR' +tcp +ednsopt=11:0064 $www
has "which UDP has ignored" 'status: NOERROR' +ednsopt=11:0064 $www
has "padding over UDP is ignored" 'MSG SIZE  rcvd: [0-9]{2}$' +padding=128 +nocookie $www
has "over TCP too" 'MSG SIZE  rcvd: [0-9]{2}$' +tcp +padding=128 +nocookie $www
kdig @$asked +tls +padding $www >kdig.out || fail "kdig +tls: $(cat kdig.out)"
grep -qE '^;; Received 468 B' kdig.out || fail "not padded over TLS: $(cat kdig.out)"
kdig @$asked +tls $www >kdig.out || fail "kdig +tls: $(cat kdig.out)"
! grep -qE '^;; Received 468 B' kdig.out || grep -q PADDING kdig.out || fail "padded unasked: $(cat kdig.out)"

# ---- extended errors ----

has "outside our zones" 'EDE: 20 \(Not Authoritative\)' www.elsewhere.test
has "another class" 'EDE: 21 \(Not Supported\)' -c HS www.example.com
lacks "all is well" 'EDE' $www
kill_service db1 8080
within 1s expect empty.example.com A nothing
has "no member is up" 'EDE: 0 \(Other\): \(no member is up: answered as all_down says\)' $www
has "nor is one of an empty answer" 'EDE: 0 \(Other\): \(no member is up' empty.example.com A
lacks "only to clients with EDNS" 'EDE' +noedns $www
start_service db1 8080
within 5s expect empty.example.com A 10.1.0.11 10.2.0.11
lacks "all is well again" 'EDE' $www

# ---- malformed ----

question="0377777707 6578616d706c65 03636f6d 00 00010001"      # www.example.com A
one="0000 0001 0000 0000 00"           # flags and counts, but the lower byte of the additional section's
malformed() {
	same "$1" "$(py rcode "$2")" "$3"
}
malformed "an option longer than the OPT" "${one}01 $question 000029 04d0 00000000 0005 0003 0002 00" "1"
malformed "two OPTs" "${one}02 $question 000029 04d0 00000000 0000 000029 04d0 00000000 0000" "1"
malformed "an OPT not at the root" "${one}01 $question 0178 00 0029 04d0 00000000 0000" "1"
malformed "no question, no cookie" "0000 0000 0000 0000 0001 000029 04d0 00000000 0000" "1"
malformed "options of version 7 are not read" "${one}01 $question 000029 04d0 00070000 0001 ff" "16"

# ---- rate limits ----

configure "cookie_secret = \"$new\"; rate_limit = 40; rate_limit_slip = 2; rate_limit_exempt = [ \"10.2.0.0/24\" ];"
reload >/dev/null || fail "reload"

# poured NAME RATE SECONDS [OPTIONS]: sets answered, slipped, badcookie.
poured() {
	local seen

	sleep 1                        # what was asked before is another second's
	seen=$(py pour "$@") || fail "edns.py pour: $seen"
	eval "$seen"
	say "$2 a second for $3 s: $seen"
}
# between WHAT LOW SEEN HIGH
between() {
	[ "$3" -ge "$2" ] && [ "$3" -le "$4" ] || fail "$1: $3, not $2 to $4"
}
# At most one more second begins than passes.
poured www.example.com 400 3
between "answered at 40 a second" 110 "$answered" 161
between "every second of the others slipped" 510 "$slipped" 546
same "BADCOOKIE without a cookie" "$badcookie" 0
same "what homing has counted of it" "$(homing --json status | jq ".totals | [.slipped == $slipped, .limited == 1200 - $answered - $slipped]" -c)" '[true,true]'
homing status | grep -E "^rate limited: [0-9]+ dropped, $slipped told to come by TCP$" >/dev/null || fail "status says: $(homing status)"
poured www.example.com 15 2
same "below the limit" "$answered $slipped" "30 0"
asked=10.2.0.1 poured www.example.com 400 2
same "exempt" "$answered $slipped" "800 0"
poured www.example.com 400 2 000a00082464c4abcf10c957
between "answered with a client cookie" 72 "$answered" 121
same "slipped with a cookie" "$slipped" 0
between "BADCOOKIE" 330 "$badcookie" 365
poured www.example.com 400 2 "000a0018$(cookie +tcp +cookie=2464c4abcf10c957)"
same "answered with ours" "$answered $slipped $badcookie" "800 0 0"

# In the midst of a flood from its own network, a client with TCP or a cookie is answered.
start_in client /usr/bin/python3 "$repo/tests/e2e/edns.py" "$asked" pour www.example.com 400 120 >flood.out
flood=$started
sleep 0.5
for i in 1 2 3; do
	for way in +cookie +nocookie; do
		same "dig $way in a flood" "$(dig_at +short $way +tries=8 +time=1 $www | grep -v '^;;' | sort | xargs)" "10.1.0.11 10.2.0.11"
	done
done
kill -0 $flood 2>/dev/null || fail "the flood ended before the questions"
kill $flood
wait $flood 2>/dev/null
daemon_alive
