#!/bin/bash
# The service on a server is killed: connections are refused, which is hard evidence, so both
# addresses leave much sooner than a silence would allow. Restarted, both return.
. "$(dirname "$0")/lib.sh"

pair
kill_service db1 8080
within 300ms expect www.example.com A 10.1.0.12 10.2.0.12
log_has 'db1/a.*down.*refused'
log_has 'db1/b.*down.*refused'
holds 1s www.example.com A 10.1.0.12 10.2.0.12
start_service db1 8080
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
