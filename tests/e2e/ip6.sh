#!/bin/bash
# IPv6 beside IPv4: AAAA follows health as A does; a cable takes both families of one
# fabric; a fault of IPv6 alone leaves A alone. Asked over IPv6 too.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
dual_stack=yes
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;'), $(quick alive 'type = "ping";') );
$(servers '"web", "alive"' db1 db2)
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
daemon
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
asked=fd00:2::1
expect www.example.com AAAA fd00:1::11 fd00:2::11 fd00:1::12 fd00:2::12

link_pull db1 a
within 500ms expect www.example.com AAAA fd00:2::11 fd00:1::12 fd00:2::12
within 500ms expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
holds 4s www.example.com AAAA fd00:2::11 fd00:1::12 fd00:2::12
link_plug db1 a
within 3s expect www.example.com AAAA fd00:1::11 fd00:2::11 fd00:1::12 fd00:2::12
within 3s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

say "only IPv6 is dropped"
done_now
in_net db2 nft 'add table ip6 story
add chain ip6 story in { type filter hook input priority 0; }
add rule ip6 story in iifname san-b drop'
within 500ms expect www.example.com AAAA fd00:1::11 fd00:2::11 fd00:1::12
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
in_net db2 nft delete table ip6 story
within 3s expect www.example.com AAAA fd00:1::11 fd00:2::11 fd00:1::12 fd00:2::12
