#!/bin/bash
# Twenty reloads, each with another set of services, zone data and listeners, under a steady
# stream of questions: not one is lost, not one answered wrongly.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
# generation N: what the files say then
generation() {
	zone example.com <<-END
		\$TTL 60
		@ SOA ns hostmaster $1 3600 900 86400 60
		@ NS ns
		ns A 10.1.0.1
		$(for i in $(seq 200); do echo "host$i A 192.0.2.$1"; done)
	END
	listen='"0.0.0.0:53", "[::]:53"'
	[ $(($1 % 2)) = 0 ] || listen="$listen, \"127.0.0.1:5$((300 + $1))\""
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1)
		zones = ( { name = "example.com"; file = "example.com.zone"; } );
		services = ( { name = "www.example.com"; servers = [ "db1" ]; },
		             { name = "extra$1.example.com"; servers = [ "db1" ]; } );
	END
}
generation 1
daemon
start_in client "$B/tools/flood" 3000 60 $asked www.example.com A 10.1.0.11 10.2.0.11 >flood 2>&1
flood=$started
sleep 0.3
for i in $(seq 2 21); do
	generation "$i"
	reload >out 2>&1 || fail "reload $i: $(cat out)"
	expect extra$i.example.com A 10.1.0.11 10.2.0.11
	expect extra$((i - 1)).example.com A NXDOMAIN
	expect host7.example.com A 192.0.2.$i
done
kill -TERM $flood
wait $flood || fail "$(cat flood)"
say "$(cat flood)"
