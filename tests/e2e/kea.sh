#!/bin/bash
# A DHCP server's names (RFC 4703): the real kea-dhcp-ddns, told of leases as the DHCP server would, writes addresses, DHCIDs
# and reverse names; another client does not get a name that is taken.
. "$(dirname "$0")/lib.sh"

lab
for name in dhcp.example.com 7.168.192.in-addr.arpa; do
	zone $name <<-'END'
		$TTL 300
		@ SOA ns.dhcp.example.com. hostmaster.dhcp.example.com. 1 3600 900 86400 2
		@ NS ns.dhcp.example.com.
	END
done
echo 'ns A 10.1.0.1' >>dhcp.example.com.zone
secret=$(openssl rand -base64 32)
conf <<END
keys = ( { name = "kea"; algorithm = "hmac-sha256"; secret = "$secret"; } );
zones = (
  { name = "dhcp.example.com"; type = "dynamic"; file = "dhcp.example.com.zone"; update = [ "key:kea" ]; },
  { name = "7.168.192.in-addr.arpa"; type = "dynamic"; file = "7.168.192.in-addr.arpa.zone"; update = [ "10.1.0.0/24 key:kea" ]; }
);
END
daemon

# digest-bits: a truncated MAC (RFC 8945, 5.2.2.1).
cat >d2.json <<END
{ "DhcpDdns": { "ip-address": "127.0.0.1", "port": 53001, "dns-server-timeout": 500,
  "tsig-keys": [ { "name": "kea", "algorithm": "HMAC-SHA256", "digest-bits": 128, "secret": "$secret" } ],
  "forward-ddns": { "ddns-domains": [ { "name": "dhcp.example.com.", "key-name": "kea", "dns-servers": [ { "ip-address": "$asked" } ] } ] },
  "reverse-ddns": { "ddns-domains": [ { "name": "7.168.192.in-addr.arpa.", "key-name": "kea", "dns-servers": [ { "ip-address": "$asked" } ] } ] },
  "loggers": [ { "name": "kea-dhcp-ddns", "severity": "DEBUG", "output_options": [ { "output": "stdout" } ] } ] } }
END
mkdir -p /run/kea /run/lock/kea
start_in client env KEA_PIDFILE_DIR="$T" KEA_LOCKFILE_DIR="$T" kea-dhcp-ddns -c d2.json >d2.log 2>&1
d2=$started

# soon NAME TYPE WANT: within seconds.
soon() {
	local i

	for ((i = 0; i < 100 * SLOW; i++)); do
		[ "$(answer "$1" "$2")" != "$3" ] || return 0
		sleep 0.05
	done
	expect "$@"
}

# lease add|remove NAME LAST-BYTE CLIENT: what the DHCP server sends, a request by UDP (its length and JSON).
lease() {
	in_net client /usr/bin/python3 - "$@" <<'END'
import hashlib, json, socket, sys
what, name, last, client = sys.argv[1:]
fqdn = name + ".dhcp.example.com."
wire = b"".join(bytes([len(l)]) + l.encode() for l in fqdn.split("."))
identity = b"\x01" + client.encode()
dhcid = "00%02X%02X" % (1, 1) + hashlib.sha256(identity + wire).hexdigest().upper()
body = json.dumps({"change-type": 0 if what == "add" else 1, "forward-change": True, "reverse-change": True, "fqdn": fqdn,
    "ip-address": "192.168.7." + last, "dhcid": dhcid, "lease-expires-on": "20361121000000", "lease-length": 1200,
    "use-conflict-resolution": True}).encode()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(len(body).to_bytes(2, "big") + body, ("127.0.0.1", 53001))
END
}

for ((i = 0; i < 500; i++)); do
	in_net client ss -Hunl 'sport = :53001' | grep -q . && break
	kill -0 "$d2" || fail "kea-dhcp-ddns: $(cat d2.log)"
	sleep 0.02
done
lease add laptop 21 alice
soon laptop.dhcp.example.com A 192.168.7.21
soon 21.7.168.192.in-addr.arpa PTR laptop.dhcp.example.com.
same "a DHCID" "$(dig_at +short laptop.dhcp.example.com DHCID | wc -l)" 1
say "a lease's name, DHCID and reverse name"

lease add laptop 22 alice              # the same client, another address
soon laptop.dhcp.example.com A 192.168.7.22
lease add laptop 23 mallory            # another client
for ((i = 0; i < 100 * SLOW; i++)); do grep -q DHCP_DDNS_ADD_FAILED d2.log && break; sleep 0.05; done
grep -q DHCP_DDNS_ADD_FAILED d2.log || fail "kea-dhcp-ddns does not say that the name is taken: $(tail -5 d2.log)"
expect laptop.dhcp.example.com A 192.168.7.22
say "the same client moves, another does not get the name"

lease remove laptop 22 alice
soon laptop.dhcp.example.com A NXDOMAIN
kill "$d2"
daemon_alive
