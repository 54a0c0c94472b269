#!/bin/bash
# 10,000 connections that are held open, over TCP and then over TLS: silent ones, some that write a byte a second, some
# that stop amid a frame or the handshake, some that ask for much and read nothing. UDP is answered and probes start
# on time, while the crowd comes and while it stays; what a connection costs is bounded; and new clients are served beside it.
. "$(dirname "$0")/lib.sh"

# A connection is a descriptor at either end, and probes, zones and the store want some too.
most=$(($(ulimit -Hn) - 1000))
crowd=$((10000 / (SLOW > 1 ? 4 : 1)))
[ $crowd -le $most ] || crowd=$most
[ $crowd -ge 2000 ] || fail "only $(ulimit -Hn) descriptors: not enough for a crowd"

lab db1
backend db1 http 8080
certificate dns dns.example.com
{
	printf '%s\n' '$TTL 60' '@ SOA ns hostmaster 1 3600 900 86400 60' '@ NS ns' 'ns A 10.1.0.1' 'page A 10.1.0.9'
	for i in $(seq 60); do echo "page TXT \"$i $(printf 'x%.0s' $(seq 180))\""; done
} | zone example.com
server_more='tcp_clients = 12000; tcp_idle = "10m"; listen_tls = [ "0.0.0.0:853" ]; tls_certificate = "dns.pem"; tls_key = "dns.key";'
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1)
zones = ( { name = "example.com"; file = "example.com.zone"; } );
services = ( { name = "www.example.com"; servers = [ "db1" ]; } );
END

# gather tcp|tls PORT MOST-KIB: a crowd comes, stays and goes.
gather() {
	local before after each asking crowding slowest late

	daemon
	before=$(rss_kib)
	start_in client "$B/tools/flood" 200 600 10.1.0.1 www.example.com A 10.1.0.11 10.2.0.11 >"flood-$1"
	asking=$started
	done_now
	mkfifo "stay-$1"
	exec 9<>"stay-$1"
	nsenter --net=/run/netns/client -- "$B/tools/crowd" "$crowd" "10.1.0.1:$2" "$1" page.example.com <&9 >"crowd-$1" 2>&1 &
	crowding=$!
	until_true 120 [ -s "crowd-$1" ]
	same "the crowd" "$(cat "crowd-$1")" open
	say "$crowd connections over ${1^^} within $(((${EPOCHREALTIME/./} / 1000 - since_ms) / 1000)) s"
	sleep 3
	after=$(rss_kib)
	each=$(((after - before) * 1024 / crowd))
	say "each costs $each bytes of memory"
	# A sanitizer's own memory is not the daemon's.
	[ "$SLOW" -gt 1 ] || [ $each -le $(($3 * 1024)) ] || fail "a connection costs $each bytes, more than $3 KiB"
	same "one more, over ${1^^}" "$(kdig @10.1.0.1 "+$1" +norec +short www.example.com A | xargs)" "10.1.0.11 10.2.0.11"
	kill -TERM $asking
	wait $asking || fail "questions beside the crowd: $(cat "flood-$1")"
	slowest=$(sed -n 's/.*slowest \([0-9]*\).*/\1/p' "flood-$1")
	late=$(homing --json status | jq '.checker.late_p99_ms | ceil')
	say "UDP beside it: slowest answer $slowest ms; probes p99 $late ms late"
	[ "$slowest" -le $((250 * SLOW)) ] || fail "an answer took $slowest ms"
	[ "$late" -le $((100 * SLOW)) ] || fail "probes were $late ms late"
	kill -TERM $crowding
	wait $crowding
	same "the crowd at its end" "$(tail -n 1 "crowd-$1")" "$crowd of $crowd still open"
	daemon_stop
	mv log "log-$1"
}

gather tcp 53 8
gather tls 853 40
