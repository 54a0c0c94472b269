#!/bin/bash
# A whole server disappears and comes back; then the other one; then both: the answer
# is never empty, since all_down is "all" by default.
. "$(dirname "$0")/lib.sh"

pair
server_off db1
within 500ms expect www.example.com A 10.1.0.12 10.2.0.12
server_on db1
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

server_off db2
within 500ms expect www.example.com A 10.1.0.11 10.2.0.11
server_off db1
log_has 'db1/b.*down'
within 500ms expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
holds 1s www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
server_on db2
within 2s expect www.example.com A 10.1.0.12 10.2.0.12
server_on db1
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
