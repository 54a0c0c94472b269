#!/bin/bash
# Signatures (RFC 8945) as real clients make and verify them: dig, kdig, drill and dnspython, with every algorithm;
# wrong keys, secrets, clocks and MACs; and who may transfer a zone.
. "$(dirname "$0")/lib.sh"

py() {
	in_net client /usr/bin/python3 "$repo/tests/e2e/signed.py" "$asked" "$@"
}

lab db1
backend db1 http 8080
declare -A key
settings=
for algorithm in sha1 sha224 sha256 sha384 sha512; do
	secret=$(openssl rand -base64 32)
	key[$algorithm]=hmac-$algorithm:Key-$algorithm:$secret
	settings+="{ name = \"key-$algorithm\"; algorithm = \"hmac-$algorithm\"; secret = \"$secret\"; },"
done
xfer=${key[sha256]}
other=${key[sha1]}
wrong=hmac-sha256:key-sha256:$(openssl rand -base64 32)
strange=hmac-sha256:nobody:$(openssl rand -base64 32)
wrong_algorithm=hmac-sha512:key-sha256:${xfer##*:}

{
	printf '%s\n' '$TTL 60' '@ SOA ns hostmaster 7 3600 900 86400 60' '@ NS ns' 'ns A 10.1.0.1'
	for i in $(seq 3000); do echo "n$i TXT \"$i $(printf 'x%.0s' $(seq 60))\""; done
} | zone example.com
for name in here away closed both; do
	printf '%s\n' '$TTL 60' '@ SOA ns hostmaster 3 3600 900 86400 60' '@ NS ns' 'ns A 10.1.0.1' | zone $name.test
done
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
keys = ( ${settings%,} );
zones = (
  { name = "example.com"; file = "example.com.zone"; transfer = [ "key:key-sha256", "key:key-sha512" ]; },
  { name = "here.test"; file = "here.test.zone"; transfer = [ "10.1.0.0/24" ]; },
  { name = "away.test"; file = "away.test.zone"; transfer = [ "10.77.0.0/16 key:key-sha256" ]; },
  { name = "both.test"; file = "both.test.zone"; transfer = [ "10.1.0.0/24 key:key-sha256" ]; },
  { name = "closed.test"; file = "closed.test.zone"; },
  { name = "catalog.test"; type = "catalog"; transfer = [ "key:key-sha256" ]; }
);
services = ( { name = "www.example.com"; servers = [ "db1" ]; ttl = 5; ttl_doubt = 5; } );
END
daemon

# once PATTERN: the log has one line of that kind since the last time. Ten refusals a second have one, no more.
once() {
	sleep 0.12
	log_has "$1"
	same "log lines like $1" "$(grep -cE -- "$1" "$T/log")" 1
	log_clear
}

# ---- every algorithm, every client ----

# signed DIG-WORD...: the answer's RCODE and first rdata, if dig has verified the signature.
signed() {
	dig_at "$@" >dig.out 2>&1
	! grep -qiE "couldn't verify|could not be validated|TSIG error|expected a TSIG" dig.out || fail "dig $*: $(cat dig.out)"
	grep -q "TSIG PSEUDOSECTION" dig.out || fail "dig $*: no signature: $(cat dig.out)"
	awk '/status:/ { sub(/.*status: /, ""); sub(/,.*/, ""); rcode = $0 } /^[^;]/ && NF >= 5 && $4 != "TSIG" && !n++ { what = " " $4 " " $5 }
	    END { print rcode what }' dig.out
}

for algorithm in "${!key[@]}"; do
	for transport in +notcp +tcp; do
		same "dig $algorithm $transport" "$(signed $transport -y "${key[$algorithm]}" www.example.com A)" "NOERROR A 10.1.0.11"
		same "dig SOA $algorithm $transport" "$(signed $transport -y "${key[$algorithm]}" nothing.example.com SOA)" \
		    "NXDOMAIN SOA ns.example.com."
	done
	kdig @$asked -y "${key[$algorithm]}" example.com SOA >kdig.out 2>&1 || fail "kdig $algorithm: $(cat kdig.out)"
	! grep -q WARNING kdig.out || fail "kdig $algorithm: $(cat kdig.out)"
	grep -q '^;; TSIG PSEUDOSECTION' kdig.out || fail "kdig $algorithm: no signature"
	same "dnspython $algorithm, truncated to its half" "$(py truncated example.com "${key[$algorithm]}" \
	    $(($(tr -dc 0-9 <<<"$algorithm" | sed 's/^1$/160/') / 16)))" \
	    "NOERROR $(($(tr -dc 0-9 <<<"$algorithm" | sed 's/^1$/160/') / 16)) byte MAC right"
done
same "drill" "$(in_net client drill -y "$(awk -F: '{ print tolower($2) ":" $3 ":" $1 }' <<<"$xfer")" @$asked example.com SOA |
    awk '/^example.com/ { print $4, $5 }')" "SOA ns.example.com."
say "dig, kdig, drill and dnspython believe every algorithm, over UDP and TCP"
log_lacks "REFUSED|NOTAUTH|FORMERR"

# ---- what is wrong with a signature ----

dig_says() {                           # dig_says DIG-WORD...: RCODE and TSIG error
	dig_at "$@" example.com SOA 2>&1 | awk '/status:/ { match($0, /status: [A-Z]+/); rcode = substr($0, RSTART + 8, RLENGTH - 8) }
	    $4 == "TSIG" { for (i = 5; i <= NF; i++) if ($i ~ /^BAD/) error = " " $i } END { print rcode error }'
}

log_clear
same "wrong secret" "$(dig_says -y "$wrong")" "NOTAUTH BADSIG"
once "the signature is wrong"
same "wrong secret, TCP" "$(dig_says +tcp -y "$wrong")" "NOTAUTH BADSIG"
once "the signature is wrong"
same "unknown key" "$(dig_says -y "$strange")" "NOTAUTH BADKEY"
once "no key of that name"
same "another algorithm" "$(dig_says -y "$wrong_algorithm")" "NOTAUTH BADKEY"
once "the key's algorithm is another"
same "a clock that is 299 s slow" "$(py late example.com "$xfer" 299)" "NOERROR 32 byte MAC right at its time"
same "a clock that is 310 s slow" "$(py late example.com "$xfer" 310)" "NOTAUTH 32 byte MAC BADTIME right server time at our time"
once "clock differs"
same "a clock that is 310 s fast" "$(py late example.com "$xfer" -310)" "NOTAUTH 32 byte MAC BADTIME right server time at our time"
once "clock differs"
same "a MAC of 15 bytes" "$(py truncated example.com "$xfer" 15)" "FORMERR unsigned"
once "its MAC is longer or shorter"
same "a MAC of nothing" "$(py truncated example.com "$xfer" 0)" "FORMERR unsigned"
once "its MAC is longer or shorter"
same "two signatures" "$(py both example.com "$xfer")" "FORMERR unsigned"
log_lacks "REFUSED|NOTAUTH|FORMERR"
say "wrong secrets, keys, algorithms, clocks and MACs get their RCODEs and a log line each"

# ---- who may transfer ----

# transferred DIG-WORD...: how many records AXFR brings, or dig's word.
transferred() {
	dig @$asked +tcp +time=5 +tries=1 +noall +answer "$@" AXFR 2>&1 | awk '
		/Transfer failed/ { failed = 1 }
		/^[^;]/ && NF >= 5 && $4 != "TSIG" { n++ }
		/verify|validated|expected/ { bad = $0 }
		END { print bad != "" ? bad : failed ? "failed" : n + 0 }'
}

log_clear
same "AXFR with the key" "$(transferred -y "$xfer" example.com)" 3006
same "AXFR with another of the keys" "$(transferred -y "${key[sha512]}" example.com)" 3006
same "AXFR without a key" "$(transferred example.com)" failed
once "not without a key"
same "AXFR with a key for something else" "$(transferred -y "$other" example.com)" failed
once "not with this key"
same "AXFR with a wrong secret" "$(transferred -y "$wrong" example.com)" ";; Couldn't verify signature: tsig indicates error"
once "the signature is wrong"
same "AXFR by address" "$(transferred here.test)" 4
same "AXFR by address, signed" "$(transferred -y "$other" here.test)" 4
same "AXFR by address and key" "$(transferred -y "$xfer" both.test)" 4
same "AXFR by address without the key" "$(transferred both.test)" failed
once "not without a key"
same "AXFR from elsewhere" "$(transferred -y "$xfer" away.test)" failed
once "not from this address"
same "AXFR of a closed zone" "$(transferred -y "$xfer" closed.test)" failed
once "nobody may transfer this zone"
same "AXFR of no zone" "$(transferred -y "$xfer" www.example.com)" failed
once "not the apex of a zone of ours"
same "AXFR over UDP" "$(py datagram example.com "$xfer")" "REFUSED 32 byte MAC right"
once "AXFR over UDP"
say "who may transfer may, with and without keys; who may not is told so, once in the log each"
log_clear

same "a private zone, unsigned" "$(answer version.catalog.test TXT)" REFUSED
once "not without a key"
same "a private zone, another key" "$(answer -y "$other" version.catalog.test TXT)" REFUSED
once "not with this key"
same "a private zone, for one who may transfer it" "$(signed -y "$xfer" version.catalog.test TXT)" 'NOERROR TXT "2"'
same "its transfer" "$(dig @$asked +tcp +noall +answer +onesoa -y "$xfer" catalog.test AXFR | grep -c PTR)" 4
say "a catalog is seen by those who may transfer it, and by nobody else"

same "IXFR of what is current" "$(dig @$asked +noall +answer -y "$xfer" example.com IXFR=7 | awk '$4 == "SOA"' | wc -l)" 1
same "IXFR over UDP" "$(dig @$asked +notcp +noall +answer -y "$xfer" example.com IXFR=7 | awk '$4 == "SOA"' | wc -l)" 1
same "IXFR without a key" "$(dig @$asked +noall +answer example.com IXFR=7 | grep -c 'Transfer failed')" 1
once "not without a key"
same "IXFR of what is unknown" "$(dig @$asked +tcp +noall +answer -y "$xfer" example.com IXFR=1 | grep -c '^[^;].*IN')" 3006
same "dnspython, message by message" "$(py stream example.com "$xfer" | sed 's/^[0-9]* //')" "messages, all signed, 3006 records"
same "dnspython's own" "$(py copy example.com "$xfer" dnspython.zone)" "3003 names"
same "drill" "$(in_net client drill -y "$(awk -F: '{ print tolower($2) ":" $3 ":" $1 }' <<<"$xfer")" -t @$asked example.com AXFR 2>&1 |
    grep -c 'IN.TXT')" 3000
same "kdig" "$(kdig @$asked +tcp -y "$xfer" example.com AXFR 2>&1 | grep -c 'TXT')" 3000

dig @$asked +noall +answer +onesoa -y "$xfer" example.com AXFR | grep -v '^;' >dig.zone
for copy in dig.zone dnspython.zone; do
	named-checkzone -q example.com $copy || fail "named-checkzone $copy: $(named-checkzone example.com $copy 2>&1 | head)"
	kzonecheck -o example.com $copy >kzonecheck.out 2>&1 || fail "kzonecheck $copy: $(head kzonecheck.out)"
done
say "named-checkzone and kzonecheck accept what AXFR delivered"
daemon_alive
