#!/bin/bash
# Packets vanish without a word behind a good link, as behind a wrong firewall rule.
. "$(dirname "$0")/lib.sh"

pair
drop db2 a
within 500ms expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12
log_has 'db2/a.*down.*timed out'
holds 1s www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12
undrop db2 a
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
