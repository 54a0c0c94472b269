#!/bin/bash
# Servers and members that come and go at run time, through the API: probed at once, answered once found well, there after
# kill -9, gone when deleted. What homing.conf has is changed there. A reload keeps them; what no longer fits is left out
# and shown. 600 changes in a row lose no question, give no wrong answer and leave nothing behind.
. "$(dirname "$0")/lib.sh"

lab db1 db2 db3
for server in db1 db2; do backend $server http 8080; done
zone dyn.example.com <<END
\$TTL 60
@ SOA ns hostmaster 1 3600 900 86400 60
@ NS ns
ns A 10.1.0.1
END
# write_conf [SERVER...]: besides db1
write_conf() {
	conf <<-END
		$fabrics
		keys = ( { name = "ddns"; secret = "TwX1cNH3Z+4kCNFdwiW8104nifRexZwxXEFwPoLcUVQ="; } );
		checks = ( $(quick web 'type = "tcp"; port = 8080;'), $(quick ${alive:-alive} 'type = "ping";') );
		$(servers '"web"' db1 "$@")
		zones = ( { name = "example.com"; }, { name = "dyn.example.com"; type = "dynamic"; file = "dyn.example.com.zone"; update = [ "key:ddns" ]; } );
		services = ( { name = "www.example.com"; servers = [ "db1" ]; },
		  { name = "app.dyn.example.com"; servers = [ "db1" ]; all_down = "empty"; } );
	END
}
write_conf
# call METHOD PATH [BODY]: the status in $status, the body in $body
call() {
	done_now
	status=$(curl -sS --max-time 20 --unix-socket sock -X "$1" -o body -w '%{http_code}' "http://x$2" ${3:+-d "$3"}) || fail "curl $*: status $?"
	body=$(cat body)
}
# is STATUS [JQ-FILTER WANT]
is() {
	[ "$status" = "$1" ] || fail "status $status, not $1: $body"
	[ $# = 1 ] || same "jq '$2' of $body" "$(jq -rc "$2" <<<"$body")" "$3"
}
# server NUMBER: the body of a server with its two interfaces
server() {
	echo '{"checks": ["web"], "owner": "ops", "interfaces": [{"name": "a", "address": "10.1.0.'"$1"'"}, {"name": "b", "address": "10.2.0.'"$1"'"}]}'
}
crash() {
	kill -KILL "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null
	daemon_pid=
}
daemon
expect www.example.com A 10.1.0.11 10.2.0.11

say "a server comes, and becomes a member"
call PUT /v1/servers/db2 "$(server 12)"
is 201 '[.name, .origin, .owner, .interfaces[1].address]' '["db2","run time","ops","10.2.0.12"]'
expect www.example.com A 10.1.0.11 10.2.0.11
call PUT /v1/services/www.example.com/members/db2 '{"owner": "ops"}'
is 201 '[.service, .members[0].origin, .members[0].owner]' '["www.example.com","run time","ops"]'
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
log_has 'member db2 of www.example.com added at run time by ops'
homing servers db2 | head -1 | grep -q '^db2  up, added at run time by ops$' || fail "the CLI does not tell: $(homing servers db2)"
call GET /v1/servers/db1; is 200 '[.origin, .owner]' '["configuration",null]'
call GET /v1/services/www.example.com; is 200 '[.members[].origin]' '["configuration","configuration","run time","run time"]'

say "one that is not well yet is not answered, until it is"
call PUT /v1/servers/db3 "$(server 13)"; is 201
call PUT /v1/services/WWW.example.com./members/db3 '{"interface": "b"}'; is 201
holds 500ms www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
backend db3 http 8080
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12 10.2.0.13

say "the configured plane has it at once, well or not"
kill_service db3 8080
call PUT /v1/services/app.dyn.example.com/members/db3 '{"interface": "b", "tier": 2}'; is 201
same "with the key" "$(answer app.dyn.example.com A -y hmac-sha256:ddns:TwX1cNH3Z+4kCNFdwiW8104nifRexZwxXEFwPoLcUVQ=)" \
    "10.1.0.11 10.2.0.11 10.2.0.13"
expect app.dyn.example.com A 10.1.0.11 10.2.0.11
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

say "kill -9 right behind the reply: it is there"
call PUT /v1/services/app.dyn.example.com/members/db2 '{"tier": 3, "owner": "night shift"}'
crash
is 201
daemon
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
call GET /v1/services/app.dyn.example.com
is 200 '[.members[] | "\(.server)/\(.interface) \(.tier) \(.origin) \(.owner)"]' \
    '["db1/a 1 configuration null","db1/b 1 configuration null","db2/a 3 run time night shift","db2/b 3 run time night shift","db3/b 2 run time "]'

say "mistakes are all told, and change nothing"
call PUT /v1/servers/db4 '{"colour": "blue", "checks": ["webb"], "interfaces": [{"name": "a", "address": "10.1.0.11"}, {"address": "10.2.0.999"}]}'
is 422 '.error.code' bad_configuration
for mistake in 'servers.db4.colour: unknown setting' 'checks\[0\]: "webb" is no check .*did you mean "web"' \
    'interfaces.a.address: "10.1.0.11" is the address of db1/a in line [0-9]+ too' 'interfaces\[1\].address: "10.2.0.999" is no IP address'; do
	jq -r '.error.mistakes[]' <<<"$body" | grep -qE "^run time: .*$mistake" || fail "not told: $mistake: $body"
done
call PUT /v1/servers/db4 '{"interfaces": [}';               is 400 .error.code bad_request
call PUT /v1/servers/db4 '{"interfaces": [], "a b": 1}';    is 400 .error.message 'unknown key "a b"'
call PUT /v1/servers/db4 "$(server 14 | sed 's/ops/a\\nb/')"; is 400 .error.key owner
call PUT /v1/servers/db4 '{"name": "db5"}';                 is 400 .error.code bad_request
call PUT '/v1/servers/d%22b' "$(server 14)";                is 422 .error.code bad_configuration
call PUT /v1/services/www.example.com/members/db4 '{}';     is 422 .error.code bad_configuration
call PUT /v1/services/ftp.example.com/members/db2 '{}';     is 404 .error.message 'no service is named "ftp.example.com"'
call POST /v1/servers/db2 "$(server 12)";                   is 409 .error.code refused
call DELETE /v1/servers/db4;                                is 404 .error.message 'there is no server db4'
call DELETE /v1/services/www.example.com/members/db4;       is 404 .error.code not_found
call GET /v1/servers;                                       is 200 '[.servers[].name]' '["db1","db2","db3"]'

say "what homing.conf has is changed there"
call PUT /v1/servers/db1 "$(server 11)"
is 409 .error.message "db1 is in $T/homing.conf, line $(grep -n '"db1"; checks' homing.conf | cut -d: -f1): change it there"
call DELETE /v1/servers/db1;                                is 409 .error.code refused
call DELETE /v1/services/www.example.com/members/db1;       is 409 .error.code refused
call DELETE /v1/servers/db2;                                is 409 .error.message 'db2 is a member of www.example.com (take it out there first)'

say "a replaced server is another one: its new address is answered when it was found well"
call PUT /v1/servers/db2 "$(server 19)"
is 200 '.interfaces[0].address' 10.1.0.19
expect www.example.com A 10.1.0.11 10.2.0.11
call PUT /v1/servers/db2 "$(server 12)"; is 200
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12

say "a reload keeps them; while homing.conf is being edited they come and go as it was"
echo 'half an edit = {' >>homing.conf
call PUT /v1/services/www.example.com/members/db2 '{"interface": "a"}'; is 200
within 1s expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12
reload >/dev/null 2>&1 && fail "half a configuration was accepted"
write_conf
reload >/dev/null || fail "reload"
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12

say "what does not fit is left out, shown and kept"
call PUT /v1/servers/db5 '{"checks": ["alive"], "interfaces": [{"name": "a", "address": "10.1.0.15"}]}'; is 201
call PUT /v1/services/www.example.com/members/db5 '{"tier": 9}'; is 201
alive=ping write_conf
"$B/homingd" -t -c homing.conf >out 2>&1 || fail "homingd -t refuses it: $(cat out)"
grep -q '^left out: server db5, added at run time: run time: servers.db5.checks\[0\]: "alive" is no check' out || fail "homingd -t: $(cat out)"
log_clear
reload >/dev/null || fail "reload"
log_has 'server db5, added at run time, is left out: run time: servers.db5.checks.*"alive" is no check'
log_has 'member db5 of www.example.com, added at run time, is left out:'
homing status | grep -qE 'server +db5 +left out +- +run time: servers.db5' || fail "status does not show it: $(homing status)"
expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12
crash
log_clear
daemon
log_has 'server db5, added at run time, is left out'
call GET /v1/servers/db5; is 404
write_conf
reload >/dev/null || fail "reload"
log_has 'server db5, added at run time, fits again'
call GET /v1/servers/db5; is 200 .origin 'run time'
call DELETE /v1/services/www.example.com/members/db5; is 200 .removed db5
call DELETE '/v1/servers/db5?owner=ops'; is 200 .removed db5
log_has 'server db5 removed at run time by ops'

say "homing.conf comes first"
write_conf db3
log_clear
reload >/dev/null || fail "reload"
log_has 'server db3, added at run time, is configured now: that holds'
call GET /v1/servers/db3; is 200 .origin configuration
call DELETE /v1/servers/db3; is 409
same "its member stays" "$(sqlite3 state/homing.db "select name from object where name like '%db3' order by name" | paste -sd,)" \
    "app.dyn.example.com db3,www.example.com db3"

say "600 changes in a row"
call DELETE /v1/services/www.example.com/members/db2; is 200
# plan N: as many rounds of six changes, over one connection
plan() {
	local i path='services/app.dyn.example.com/members/db7' flip='services/www.example.com/members/db2' body

	body=$(server 17)

	for ((i = 0; i < $1; i++)); do
		request PUT servers/db7 "$body"
		request PUT "$path" '{"tier": 9}'
		request DELETE "$path"
		request DELETE servers/db7
		request PUT "$flip" '{"interface": "a"}'
		request DELETE "$flip"
	done | sed '$d' >requests
}
# rounds N: plans and runs them; N planned: runs them
rounds() {
	local i wanted

	[ $# = 2 ] || plan "$1"
	curl -K requests >codes 2>curl.err || fail "curl: $(cat curl.err)"
	wanted=$(for ((i = 0; i < $1; i++)); do printf '201 201 200 200 201 200 '; done)
	same "the replies" "$(cat codes)" "$wanted"
}
request() {
	printf 'url = "http://x/v1/%s"\nrequest = "%s"\nunix-socket = "sock"\nmax-time = 20\noutput = "body"\nwrite-out = "%%{http_code} "\nsilent\nshow-error\n' "$2" "$1"
	[ $# = 2 ] || printf 'data = "%s"\n' "${3//\"/\\\"}"
	echo next
}
# asked_all_along NAME FILE: until there is a file called over
asked_all_along() {
	while [ ! -e over ]; do answer "$1" A; done | sort | uniq -c >"$2"
}
rounds 5
before=$(rss_kib)
asked_all_along www.example.com answers &
askers=$!
asked_all_along app.dyn.example.com answers2 &
askers+=" $!"
began_ms=$(date +%s%3N)
rounds 100
took=$(($(date +%s%3N) - began_ms))
touch over
wait $askers
say "600 changes in $took ms; $(awk '{ n += $1 } END { print n }' answers answers2) answers"
grep -vE '^ *[0-9]+ 10\.1\.0\.11 (10\.1\.0\.12 )?10\.2\.0\.11$' answers && fail "wrong answers: $(cat answers)"
grep -vE '^ *[0-9]+ 10\.1\.0\.11 10\.2\.0\.11$' answers2 && fail "wrong answers: $(cat answers2)"
if [ "$SLOW" = 1 ]; then
	say "memory: $before KiB before, $(rss_kib) KiB after"
	[ $(($(rss_kib) - before)) -lt 2048 ] || fail "it grew from $before KiB to $(rss_kib) KiB"
fi
same "nothing is left of them" "$(sqlite3 state/homing.db "select name from object order by name" | paste -sd,)" \
    "app.dyn.example.com db2,app.dyn.example.com db3,db2,www.example.com db3"

say "a reload in the middle of changes waits, and they for it"
rounds 5 &
for i in 1 2 3; do reload >out 2>&1 || fail "reload: $(cat out)"; done
wait $! || exit 1
call GET /v1/servers; is 200 '[.servers[].name]' '["db1","db3","db2"]'

say "a fault in the middle of changes is found as soon as ever"
start_service db3 8080
within 2s expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.13
plan 300
rounds 300 planned &
changing=$!
sleep 0.1
server_off db3
within 1s expect www.example.com A 10.1.0.11 10.2.0.11
kill -0 $changing 2>/dev/null || fail "the changes were over before"
wait $changing || exit 1

say "what homing.db does not take changes nothing, and keeps nobody waiting"
mkfifo hold
sqlite3 state/homing.db <hold >/dev/null &
exec 8>hold
printf '.timeout 10000\nbegin immediate;\n' >&8
is_locked() { ! sqlite3 state/homing.db 'begin immediate; rollback' 2>/dev/null; }
until_true 10 is_locked
curl -sS --unix-socket sock -X PUT -o late -w '%{http_code}' http://x/v1/servers/db8 -d "$(server 18)" >late_status &
changing=$!
holds 1s www.example.com A 10.1.0.11 10.2.0.11
homing status >/dev/null || fail "the daemon does not answer meanwhile"
wait $changing
same "the status" "$(cat late_status)" 500
grep -q 'locked' late || fail "the reason is not told: $(cat late)"
call GET /v1/servers/db8; is 404
echo 'rollback;' >&8
exec 8>&-
call PUT /v1/servers/db8 "$(server 18)"; is 201
