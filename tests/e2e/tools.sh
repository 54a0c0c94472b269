#!/bin/bash
# The tools that write to a DNS server, as they do it: nsupdate and knsupdate themselves; external-dns, cert-manager, octoDNS and
# Terraform's provider message by message (tools.py). One member of a service in the zone is down all the time: who
# writes sees what is configured, everybody else what works.
. "$(dirname "$0")/lib.sh"

lab db1
certificate dns ns.dyn.example.com
server_more="listen_tls = [ \"0.0.0.0\" ]; tls_certificate = \"$T/dns.pem\"; tls_key = \"$T/dns.key\";"
backend db1 http 8080
zone dyn.example.com <<'END'
$TTL 300
@	SOA ns hostmaster 1 3600 900 86400 2
@	NS ns
ns	A 10.1.0.1
END
declare -A key
settings=
for algorithm in sha1 sha224 sha256 sha384 sha512; do
	secret=$(openssl rand -base64 32)
	key[$algorithm]=hmac-$algorithm:tools-$algorithm:$secret
	settings+="{ name = \"tools-$algorithm\"; algorithm = \"hmac-$algorithm\"; secret = \"$secret\"; },"
done
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
keys = ( ${settings%,} );
zones = ( { name = "dyn.example.com"; type = "dynamic"; file = "dyn.example.com.zone"; transfer = [ "10.0.0.0/8" ];
    update = [ $(printf '"key:tools-%s", ' "${!key[@]}" | sed 's/, $//') ]; } );
services = ( { name = "www.dyn.example.com"; servers = [ "db1" ]; ttl = 30; } );
END
daemon
link_pull db1 a
within 2s expect www.dyn.example.com A 10.2.0.11

# updates TOOL KEY LINE...: what the tool says of them.
updates() {
	local tool=$1 key=$2

	shift 2
	printf '%s\n' "server $asked" "$@" | in_net client "$tool" -y "$key" 2>&1
}

for tool in nsupdate knsupdate; do
	for algorithm in "${!key[@]}"; do
		same "$tool $algorithm" "$(updates $tool "${key[$algorithm]}" "zone dyn.example.com" "update add $tool-$algorithm.dyn.example.com. 60 A 192.0.2.7" send)" ""
		expect $tool-$algorithm.dyn.example.com A 192.0.2.7
	done
	same "$tool deletes" "$(updates $tool "${key[sha256]}" "zone dyn.example.com" "update delete $tool-sha1.dyn.example.com. A" send)" ""
	expect $tool-sha1.dyn.example.com A NXDOMAIN
	updates $tool "hmac-sha256:tools-sha256:$(openssl rand -base64 32)" "zone dyn.example.com" \
	    "update add bad.dyn.example.com. 60 A 192.0.2.8" send >bad.log
	grep -qiE "NOTAUTH|BADSIG|signature|verif|TSIG" bad.log || fail "$tool with a wrong secret: $(cat bad.log)"
	expect bad.dyn.example.com A NXDOMAIN
done
printf '%s\n' "server $asked" "update add found.dyn.example.com. 60 A 192.0.2.9" send | in_net client nsupdate -y "${key[sha256]}" >nsupdate.log 2>&1 ||
    fail "nsupdate does not find the zone by itself: $(cat nsupdate.log)"
expect found.dyn.example.com A 192.0.2.9
printf '%s\n' "server $asked" "update add overtcp.dyn.example.com. 60 A 192.0.2.9" send | in_net client nsupdate -v -y "${key[sha256]}" >nsupdate.log 2>&1 ||
    fail "nsupdate over TCP: $(cat nsupdate.log)"
expect overtcp.dyn.example.com A 192.0.2.9
say "nsupdate and knsupdate, with every algorithm"

in_net client /usr/bin/python3 "$repo/tests/e2e/tools.py" "$asked" "${key[sha256]}" "$T/ca.pem" >tools.log 2>&1 || fail "$(cat tools.log)"
sed 's/^/  /' tools.log
daemon_alive
