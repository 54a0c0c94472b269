#!/bin/bash
# What fails is our own side: no carrier on our interface, then the interface taken down (no
# route), then the source address gone (bind fails). None of it is evidence about the servers: no verdict changes, the
# answer stays. A server that dies meanwhile on the other fabric is still found.
. "$(dirname "$0")/lib.sh"

pair
asked=10.2.0.1
all="10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12"

say "our cable to san-a is pulled"
link_pull dns a
holds 1500ms www.example.com A $all
log_lacks 'db[12]/a.*-> down'

kill_service db1 8080
within 500ms expect www.example.com A 10.1.0.11 10.1.0.12 10.2.0.12
start_service db1 8080
within 1s expect www.example.com A $all
link_plug dns a
holds 1s www.example.com A $all

say "our interface on san-a is down"
if_down dns a
holds 1s www.example.com A $all
if_up dns a
holds 1s www.example.com A $all

say "our address on san-a is gone"
ip -n dns addr del 10.1.0.1/24 dev san-a
holds 1s www.example.com A $all
log_lacks 'db[12]/a.*-> down'
ip -n dns addr add 10.1.0.1/24 dev san-a

say "all is well again, and a real fault on san-a counts again"
holds 1s www.example.com A $all
link_pull db1 a
within 500ms expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
