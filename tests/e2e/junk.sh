#!/bin/bash
# A million random and damaged packets, and two thousand TCP streams of the like, change
# nothing: good questions in between are answered, no answer is given to an answer, memory stays what it was.
. "$(dirname "$0")/lib.sh"

lab db1
backend db1 http 8080
zone example.com <<'END'
$TTL 60
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 10.1.0.1
*.wild A 192.0.2.1
alias CNAME www
sub NS ns.sub
ns.sub A 192.0.2.2
END
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
zones = ( { name = "example.com"; file = "example.com.zone"; } );
services = ( { name = "www.example.com"; members = ( { server = "db1"; interface = "a"; } ); } );
END
# What AddressSanitizer keeps back of freed memory would look like a leak.
export ASAN_OPTIONS="quarantine_size_mb=1:thread_local_quarantine_size_kb=64:$ASAN_OPTIONS"
daemon
seed=${SEED:-$RANDOM}
say "seed $seed (SEED=$seed repeats this)"
in_net client "$B/tools/junk" 20000 "$seed" $asked www.example.com 10.1.0.11 || fail "junk"
in_net client "$B/tools/junk" -t 100 "$seed" $asked www.example.com 10.1.0.11 || fail "junk -t"
before=$(rss_kib)
in_net client "$B/tools/junk" ${JUNK:-1000000} $((seed + 1)) $asked www.example.com 10.1.0.11 || fail "junk"
in_net client "$B/tools/junk" -t 2000 $((seed + 1)) $asked www.example.com 10.1.0.11 || fail "junk -t"
after=$(rss_kib)
say "resident: $before KiB before, $after KiB after"
[ $((after - before)) -le $((4096 * SLOW)) ] || fail "memory grew by $((after - before)) KiB"
expect www.example.com A 10.1.0.11
same "by TCP" "$(dig_at +tcp +short www.example.com A)" 10.1.0.11
homing status >/dev/null || fail "the control socket does not answer"
