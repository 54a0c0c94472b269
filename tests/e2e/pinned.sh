#!/bin/bash
# Probes of every type leave as the fabric says: with its mark (policy routing is the only way there), through
# its device (the better route ends in a drop), from its source (anybody else is dropped). Unpinned, the same
# probes fail: without a way there as a local failure, which is no evidence.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
in_net db1 ip address add 10.9.0.11/32 dev lo
in_net db1 ip address add 10.9.1.11/32 dev lo
in_net dns ip address add 10.1.0.77/24 dev san-a
in_net dns ip rule add fwmark 7 lookup 100
in_net dns ip route add 10.9.0.11 via 10.1.0.11 table 100
in_net dns ip route add 10.9.1.11 via 10.1.0.11 dev san-a metric 10
in_net dns ip route add 10.9.1.11 via 10.2.0.11 dev san-b metric 20
in_net db1 nft -f - <<'END'
table inet pinned {
	chain input {
		type filter hook input priority 0;
		iifname "san-a" ip daddr 10.9.1.11 drop
		ip daddr 10.1.0.11 ip saddr != 10.1.0.77 drop
	}
}
END

# pins MARK DEVICE SOURCE: the settings of the three fabrics
pins() {
	conf <<-END
		fabrics = (
		  { name = "marked"; subnets = [ "10.9.0.0/24" ]; $1 },
		  { name = "pinned"; subnets = [ "10.9.1.0/24" ]; $2 },
		  { name = "sourced"; subnets = [ "10.1.0.0/24" ]; $3 } );
		checks = ( $(quick ping 'type = "ping";'), $(quick tcp 'type = "tcp"; port = 8080;'),
		  $(quick http 'type = "http"; port = 8080;') );
		servers = ( { name = "db1"; interfaces = ( { name = "mark"; address = "10.9.0.11"; },
		  { name = "device"; address = "10.9.1.11"; }, { name = "source"; address = "10.1.0.11"; } ); } );
		services = ( { name = "ping.example.com"; servers = [ "db1" ]; checks = [ "ping" ]; },
		  { name = "tcp.example.com"; servers = [ "db1" ]; checks = [ "tcp" ]; },
		  { name = "http.example.com"; servers = [ "db1" ]; checks = [ "http" ]; } );
	END
}
pins 'mark = 7;' 'device = "san-b";' 'source = "10.1.0.77";'
daemon
for type in ping tcp http; do
	homing wait --timeout 3s "$type.example.com" up >/dev/null || fail "$type: nothing is up"
	expect $type.example.com A 10.1.0.11 10.9.0.11 10.9.1.11
done
homing check db1 >check || fail "a probe failed: $(cat check)"
daemon_stop

say "and unpinned"
pins '' '' ''
daemon
for type in ping tcp http; do within 2s expect $type.example.com A 10.9.0.11; done
homing check db1/mark >check
same "local failures" "$(grep -c 'local failure' check)" 3
