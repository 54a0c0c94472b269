#!/bin/bash
# On a wildcard address every answer leaves from the address that was asked, whichever of
# several it is, v4 and v6, UDP and TCP; dig and kdig would refuse it otherwise. An address added while
# the daemon runs is served too.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
ip -n dns addr add 10.1.0.53/24 dev san-a
ip -n dns addr add 10.2.0.53/32 dev lo
ip -n dns addr add fd00:1::53/64 dev san-a nodad
ip -n client route add 10.2.0.53 via 10.1.0.1
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
END
daemon
ip -n dns addr add 10.2.0.54/24 dev san-b
ip -n dns addr add fd00:2::54/64 dev san-b nodad
for asked in 10.1.0.1 10.2.0.1 10.1.0.53 10.2.0.53 10.2.0.54 fd00:1::1 fd00:2::1 fd00:1::53 fd00:2::54; do
	for transport in notcp tcp; do
		same "dig +$transport @$asked" "$(dig_at +short +$transport www.example.com A | sort | xargs)" "10.1.0.11 10.2.0.11"
		same "kdig +$transport @$asked" \
		    "$(kdig @$asked +short +$transport +norec +time=2 +retry=0 www.example.com A | sort | xargs)" "10.1.0.11 10.2.0.11"
	done
done
# Link-local addresses mean nothing without their interface, which the answer must leave by.
for side in a b; do
	local_of="$(ip -n dns -6 -o addr show dev "san-$side" scope link | awk '{ sub("/.*", "", $4); print $4; exit }')%san-$side"
	for transport in notcp tcp; do
		same "dig +$transport @$local_of" "$(dig @"$local_of" +short +$transport +norec +time=2 +tries=1 www.example.com A | sort | xargs)" \
		    "10.1.0.11 10.2.0.11"
	done
done
for address in 127.0.0.1 127.0.0.2 ::1; do
	same "at home, @$address" "$(in_net dns dig @$address +short +norec +time=2 +tries=1 www.example.com A | sort | xargs)" \
	    "10.1.0.11 10.2.0.11"
done
