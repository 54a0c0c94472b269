#!/bin/bash
# A cable is pulled at the switch: that address leaves the answer, the server's
# other one stays, and it comes home when the cable does. Long after the pull, when
# the kernel has forgotten the neighbour and says "no route to host" by itself, nothing changes.
. "$(dirname "$0")/lib.sh"

pair
link_pull db1 a
within 500ms expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
log_has 'db1/a.*down'
holds 4s www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
log_lacks 'db1/b.*down|db2.*down'

link_plug db1 a
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

for round in 1 2 3; do
	link_pull db2 b
	within 500ms expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12
	link_plug db2 b
	within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
done
