#!/bin/bash
# An ACME client proves names by DNS-01: the real lego, with a key that may change _acme-challenge names alone, an ACME
# server (pebble) that looks the challenges up here, and a certificate in the end.
. "$(dirname "$0")/lib.sh"

lab
zone dyn.example.com <<'END'
$TTL 300
@	SOA ns hostmaster 1 3600 900 86400 2
@	NS ns
ns	A 10.1.0.1
www	A 192.0.2.1
END
secret=$(openssl rand -base64 32)
conf <<END
keys = ( { name = "acme"; algorithm = "hmac-sha256"; secret = "$secret"; } );
zones = ( { name = "dyn.example.com"; type = "dynamic"; file = "dyn.example.com.zone";
    update_rules = ( { key = "acme"; names = [ "_acme-challenge.*" ]; types = [ "TXT" ]; } ); } );
END
daemon

# lego asks the zone's name servers by their names, as this machine resolves them.
echo "nameserver $asked" >resolv.conf
mount --bind resolv.conf /etc/resolv.conf || fail "no resolv.conf of our own"
certificate pebble localhost
cat >pebble.json <<END
{ "pebble": { "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "$T/pebble.pem", "privateKey": "$T/pebble.key", "httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "" } }
END
start_in client env PEBBLE_VA_NOSLEEP=1 pebble -config pebble.json -dnsserver $asked:53 >pebble.log 2>&1
pebble=$started
for ((i = 0; i < 500; i++)); do
	in_net client curl -sf --cacert ca.pem https://localhost:14000/dir >/dev/null && break
	kill -0 $pebble || fail "pebble: $(cat pebble.log)"
	sleep 0.02
done

# lego NAME...: a certificate for these names.
lego() {
	local name words=()

	for name in "$@"; do words+=(--domains "$name"); done
	in_net client env HOME="$T" LEGO_CA_CERTIFICATES="$T/ca.pem" RFC2136_NAMESERVER=$asked:53 RFC2136_TSIG_ALGORITHM=hmac-sha256. \
	    RFC2136_TSIG_KEY=acme RFC2136_TSIG_SECRET="$secret" RFC2136_POLLING_INTERVAL=1 RFC2136_SEQUENCE_INTERVAL=0 \
	    lego --server https://localhost:14000/dir --email ops@example.com --accept-tos --path "$T/lego" \
	    --dns rfc2136 --dns.resolvers $asked:53 "${words[@]}" run >lego.log 2>&1
}

lego www.dyn.example.com '*.dyn.example.com' || fail "lego: $(cat lego.log; tail -5 pebble.log)"
names=$(openssl x509 -in lego/certificates/www.dyn.example.com.crt -noout -ext subjectAltName | tail -1 | tr -d ' ' | tr , '\n' | sort | tr '\n' ' ')
same "the certificate's names" "$names" "DNS:*.dyn.example.com DNS:www.dyn.example.com "
expect _acme-challenge.www.dyn.example.com TXT NXDOMAIN        # lego cleans up behind itself
say "lego and pebble: a certificate for a name and a wildcard"

printf '%s\n' "server $asked" "zone dyn.example.com" "update add www.dyn.example.com 60 A 192.0.2.66" send |
    in_net client nsupdate -y "hmac-sha256:acme:$secret" >nsupdate.log 2>&1 && fail "the key of challenges changed an address"
grep -q REFUSED nsupdate.log || fail "nsupdate: $(cat nsupdate.log)"
expect www.dyn.example.com A 192.0.2.1
kill $pebble
daemon_alive
