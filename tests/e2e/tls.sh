#!/bin/bash
# DNS over TLS: one question, several on one connection, a zone, on IPv4 and IPv6; who looks at the certificate is content,
# and one that expects another name is not. The certificate is renewed by a reload: new connections see the
# new one, old ones go on. Files that will not do are refused with a message that says which and why, and nothing changes.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
certificate old dns.example.com
certificate new dns.example.com
cp old.pem dns.pem
cp old.key dns.key
zone example.com <<'END'
$TTL 60
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 10.1.0.1
END
tls_conf() {                           # tls_conf CERTIFICATE KEY
	server_more="listen_tls = [ \"0.0.0.0\", \"[::]:853\" ]; tls_certificate = \"$1\"; tls_key = \"$2\"; tcp_idle = \"30s\";"
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1)
		zones = ( { name = "example.com"; file = "example.com.zone"; transfer = [ "10.1.0.0/24" ]; } );
		services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
	END
}
tls_conf dns.pem dns.key
daemon

tls="+tls +norec +tls-ca=$T/ca.pem +tls-hostname=dns.example.com"
answers() { kdig "@$1" $tls +short "${@:2}" 2>&1 | grep -v '^;' | xargs; }
same "over IPv4" "$(answers 10.1.0.1 www.example.com A)" "10.1.0.11 10.2.0.11"
same "over IPv6" "$(answers fd00:1::1 www.example.com A)" "10.1.0.11 10.2.0.11"
same "several on one connection" "$(answers 10.2.0.1 +keepopen www.example.com A ns.example.com A nowhere.example.com A \
    www.example.com A)" "10.1.0.11 10.2.0.11 10.1.0.1 10.1.0.11 10.2.0.11"
kdig @10.1.0.1 +tls +norec +tls-ca="$T/ca.pem" +tls-hostname=other.example.com www.example.com A >wrong 2>&1 &&
    fail "a client that expects another name is content: $(cat wrong)"
same "a zone over TLS" "$(kdig @10.1.0.1 $tls example.com AXFR | awk '!/^;/ && NF { print $1, $4, $5 }' | sort -u | grep -v SOA | paste -sd, )" \
    "example.com. NS ns.example.com.,ns.example.com. A 10.1.0.1,www.example.com. A 10.1.0.11,www.example.com. A 10.2.0.11"

say "what it shows, and to whom"
s_client() { in_net client timeout 5 openssl s_client -connect 10.1.0.1:853 -CAfile "$T/ca.pem" "$@" </dev/null 2>&1; }
for version in 1_2 1_3; do
	s_client -tls$version -alpn dot >seen || fail "TLS $version: $(cat seen)"
	grep -q "ALPN protocol: dot" seen && grep -q "Verify return code: 0 (ok)" seen || fail "TLS $version: $(cat seen)"
done
s_client -tls1_1 -cipher ALL:@SECLEVEL=0 >seen && fail "TLS 1.1 is spoken: $(cat seen)"
s_client -alpn h2 >seen && fail "HTTP/2 is welcome: $(cat seen)"
s_client -tls1_2 -cipher AES128-SHA >seen && fail "a cipher without forward secrecy is welcome: $(cat seen)"

say "a new certificate; a connection goes on with the old one"
mkfifo ask
: >told
exec 9<>ask
nsenter --net=/run/netns/client -- openssl s_client -connect 10.1.0.1:853 -CAfile "$T/ca.pem" -quiet <ask >told 2>told.err &
held=$!
# www.example.com A with id 7, in its frame
ask() { printf '\0\041\0\007\0\0\0\001\0\0\0\0\0\0\003www\007example\003com\0\0\001\0\001' >&9; }
told() { [ "$(stat -c %s told)" -ge "$1" ]; }
ask
until_true 5 told 60
serial() { s_client >seen; openssl x509 -noout -serial <seen; }
serial_of() { openssl x509 -noout -serial -in "$1"; }
same "the certificate at first" "$(serial)" "$(serial_of old.pem)"
cp new.pem dns.pem
cp new.key dns.key
same "the certificate before the reload" "$(serial)" "$(serial_of old.pem)"
reload >/dev/null || fail "a new certificate is refused"
same "the certificate behind it" "$(serial)" "$(serial_of new.pem)"
size=$(stat -c %s told)
ask
until_true 5 told $((2 * size))
same "over the new one" "$(answers 10.1.0.1 www.example.com A)" "10.1.0.11 10.2.0.11"
same "two answers on the old connection" "$(stat -c %s told)" $((2 * size))
exec 9>&-
kill $held
wait $held 2>/dev/null

say "files that will not do"
refused() {                            # refused WHAT-IT-SAYS: a reload
	local said

	said=$(reload 2>&1) && fail "the reload is done: $said"
	grep -qF -- "$1" <<<"$said" || fail "the refusal lacks \"$1\": $said"
	same "the certificate behind a refusal" "$(serial)" "$(serial_of new.pem)"
}
cp old.key dns.key
refused "$T/dns.key: is not the key of the certificate in $T/dns.pem"
cp new.key dns.key
echo junk >dns.pem
refused "$T/dns.pem: holds no certificate"
openssl pkey -aes128 -passout pass:secret -in new.key -out dns.key
cp new.pem dns.pem
refused "$T/dns.key: holds no private key (expected PEM without a passphrase)"
tls_conf dns.pem missing.key
refused "missing.key"

say "without listen_tls nobody listens; with it again they do"
cp new.key dns.key
server_more=
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
END
reload >/dev/null || fail "listen_tls cannot go"
in_net client bash -c 'exec 3<>/dev/tcp/10.1.0.1/853' 2>/dev/null && fail "somebody still listens at port 853"
tls_conf dns.pem dns.key
reload >/dev/null || fail "listen_tls cannot come"
same "over TLS again" "$(answers 10.1.0.1 www.example.com A)" "10.1.0.11 10.2.0.11"
daemon_alive
daemon_stop

say "an expired certificate is served, and said"
certificate late dns.example.com -1
cp late.pem dns.pem
cp late.key dns.key
daemon
log_has "warning: $T/dns.pem: the certificate expired at 20"
same "over an expired one" "$(kdig @10.1.0.1 +tls +norec +short www.example.com A | xargs)" "10.1.0.11 10.2.0.11"
