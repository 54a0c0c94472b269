#!/bin/bash
# What happened is kept, with who did it: over restarts, and over kill -9 but for the last second.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
secret=$(openssl rand -base64 32)
conf <<END
$fabrics
checks = ( $(quick web 'type = "tcp"; port = 8080;') );
$(servers '"web"' db1 db2)
keys = ( { name = "ddns"; secret = "$secret"; } );
zones = ( { name = "example.com"; type = "dynamic"; update = [ "key:ddns" ]; } );
services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
END
daemon

# past WANT [X] [OPTION...]: a line of the history is like that; says it.
past() {
	local want=$1 line

	shift
	line=$(homing history "$@" 2>&1 | grep -E -- "$want" | tail -n 1)
	[ -n "$line" ] || fail "homing history $* has no line like \"$want\":
$(homing history "$@" 2>&1 | tail -n 20)"
	say "$line"
}

past_lacks() {
	local want=$1

	shift
	! homing history "$@" | grep -E -- "$want" || fail "homing history $* has a line like \"$want\""
}

link_pull db1 a
within 2s expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
past ' target +db1/a web up -> down: ' db1              # before it is on disk
past ' state +db1/a up -> down' db1/a
link_plug db1 a
within 20s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

SUDO_USER=alice homing drain db2 --why 'new kernel' >drained || fail "no drain"
SUDO_USER=bob homing release db2 >released || fail "no release"
SUDO_USER=carol homing drain www.example.com:db2 --for 1h >drained || fail "no drain of a member"
past ' override +db2 .*alice' db2
past ' override +db2 .*bob' db2
past ' override +www.example.com:db2 .*carol' WWW.example.com.
past_lacks 'carol' db2

printf '%s\n' "server $asked" "zone example.com" "update add new.example.com 60 A 192.0.2.1" send |
    in_net client nsupdate -y "hmac-sha256:ddns:$secret" || fail "no update"
past ' update +zone example.com: updated by key ddns from 10.1.0.2' example.com
reload || fail "no reload"
past ' reload ' --since 1m
past_lacks ' update | override ' db1

# ---- oldest first on the terminal, newest first from the daemon; pages ----

homing history | awk '{ print $1, $2 }' >times
sort -c times || fail "not oldest first"
api() {
	curl -sS --unix-socket sock "http://homing/v1/history?$1"
}
all=$(api limit=1000 | jq -c '[.events[].id]')
paged=
next=
while [ "$next" != null ]; do
	page=$(api "limit=4${next:+&before=$next}")
	paged+=$(jq -r '.events[].id' <<<"$page")$'\n'
	next=$(jq .next <<<"$page")
done
same "pages" "$(jq -cs . <<<"$paged")" "$all"
same "newest first" "$(jq -c 'sort | reverse' <<<"$all")" "$all"
same "a kind" "$(api kind=reload | jq -r '.events[] | .kind, .to' | paste -sd ' ')" "reload done"
same "since a time" "$(api "since=$(date +%s%3N)" | jq -c '.events, .next' | paste -sd ' ')" "[] null"
for wrong in kind=nothing limit=0 limit=1001 since=yesterday before=x colour=red; do
	same "$wrong" "$(api "$wrong" | jq -r .error.code)" bad_request
done

# ---- a restart, and a death ----

daemon_stop
daemon
past ' target +db1/a web up -> down: ' db1
past ' stop +stopping'
past ' override +www.example.com:db2 .*carol' www.example.com
past ' update +zone example.com: updated by key ddns' example.com
same "ids go on" "$(api limit=1000 | jq '[.events[].id] | . == (unique | reverse)')" true

SUDO_USER=dave homing drain db1/b >drained || fail "no drain of an interface"
# On disk within a second, which the file itself tells.
kept() { [ "$(sqlite3 -readonly state/homing.db "SELECT count(*) FROM event WHERE text LIKE '%dave%'")" -ge 1 ]; }
until_true 3 kept
SUDO_USER=erin homing release db1/b >released || fail "no release of an interface"
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
daemon_pid=
daemon
past ' override +db1/b .*dave' db1
past ' override +www.example.com:db2 .*carol' www.example.com
say "kill -9: $(homing history db1/b | grep -c erin) of the last second's changes is there"

# ---- nothing is kept ----

sed -i 's/workers = 2;/workers = 2; history = { keep = 0; };/' homing.conf
reload || fail "no reload"
gone() { [ "$(sqlite3 -readonly state/homing.db 'SELECT count(*) FROM event')" = 0 ]; }
until_true 5 gone
SUDO_USER=frank homing release www.example.com:db2 >released || fail "no release"
same "nothing is kept" "$(homing history)" ""
