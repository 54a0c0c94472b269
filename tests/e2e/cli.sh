#!/bin/bash
# Every verb of the CLI against a real daemon: what it prints, what it changes, its exit status, and that
# --json is JSON. What operators do shows in dig's answers at once; wait returns when it is so.
. "$(dirname "$0")/lib.sh"

lab db1 db2
backend db1 http 8080
backend db2 http 8080
conf <<END
$fabrics
checks = ( $(quick web 'type = "http"; port = 8080;') );
$(servers '"web"' db1 db2)
services = (
  { name = "www.example.com"; servers = [ "db1", "db2" ]; ttl = 1; },
  { name = "one.example.com"; members = ( { server = "db1"; tier = 1; }, { server = "db2"; tier = 2; } ); failback_delay = 0; }
);
END

# exits STATUS HOMING-WORD...: with that status; what it printed is in $out and $err.
exits() {
	local want=$1 status

	shift
	out=$(homing "$@" 2>"$T/err")
	status=$?
	err=$(cat "$T/err")
	[ $status = "$want" ] || fail "homing $*: status $status, not $want
$out
$err"
}

# prints PATTERN...: every one is in $out; complains PATTERN...: in $err
prints() {
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" <<<"$out" || fail "no line like \"$pattern\" in:
$out"
	done
}
complains() {
	local pattern

	for pattern in "$@"; do
		grep -qE -- "$pattern" <<<"$err" || fail "no line like \"$pattern\" in:
$err"
	done
}

# json FILTER WANT HOMING-WORD...: jq's view of the --json answer
json() {
	local filter=$1 want=$2 seen

	shift 2
	homing --json "$@" >"$T/json" 2>/dev/null
	seen=$(jq -rc "$filter" "$T/json") || fail "homing --json $*: no JSON: $(cat "$T/json")"
	same "homing --json $* | jq '$filter'" "$seen" "$want"
}

all="10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12"

say "without a daemon: status 3, and what to do"
exits 3 status
complains "no daemon answers on $T/sock: is homingd running\?"
exits 3 version
prints '^homing [0-9]'
exits 3 wait --timeout 200ms
exits 3 wait --timeout 200ms www.example.com up
exits 3 watch
exits 3 stop
exits 3 --json services

say "usage: status 2"
exits 2 frobnicate
complains 'no verb "frobnicate"'
exits 2
complains '^usage: homing'
exits 2 drain
exits 2 drain db1 --count 3
complains 'drain does not take --count'
exits 2 drain db1 --for soon
complains '"soon" is no duration'
exits 2 force db1 sideways
exits 2 wait db1 sideways
exits 2 wait db1
exits 2 -c "$T/homing.conf" status
complains 'give one of them'
"$B/homing" -c "$T/nowhere.conf" status 2>err
same "a configuration that is not there" "$?" 2
grep -q nowhere.conf err || fail "it says: $(cat err)"
exits 0 help
prints '^usage: homing' '^  drain X \[--for D\] \[--why TEXT\] \[--wait\]'
exits 1 whatif --for 1s
complains 'not supported by this version'

say "wait is there before the daemon is"
homing wait --timeout 10s ready &
waiter=$!
sleep 0.1
daemon_start
wait $waiter || fail "wait ready ended with $?"
homing wait || fail "wait without words"
expect www.example.com A $all
(unset HOMING_SOCKET; "$B/homing" -c "$T/homing.conf" status >/dev/null) || fail "the socket of -c"
HOMING_SOCKET=$T/sock "$B/homing" status >/dev/null || fail "the socket of HOMING_SOCKET"

say "what is"
exits 0 status
prints '^All is well\.$' '2 services, 2 servers with 4 interfaces' 'quer(y|ies) answered \(UDP [0-9]+, TCP 0, TLS 0\)'
dig_at +tcp www.example.com A >/dev/null || fail "no answer over TCP"
json '.totals | [.queries_tcp, .queries_tls, .limited, .slipped, .transfers.under_way, .refusals.denied]' '[1,0,0,0,0,0]' status
exits 0 status
prints 'queries answered \(UDP [0-9]+, TCP 1, TLS 0\)'
[ "$(wc -l <<<"$out")" -le 3 ] || fail "status has much to say of nothing: $out"
exits 0 services
prints '^SERVICE ' '^www.example.com +up +1 +4/4 +10\.1\.0\.11'
exits 0 services WWW.example.COM.
prints '^www.example.com +up' '^db1/a +10\.1\.0\.11 +san-a +1 +up +up +answered' '^  db2/b web: up'
grep -qE '^    #+$' <<<"$out" || fail "no history bar in: $out"
exits 1 services nosuch
complains 'no service is named "nosuch"'
exits 0 servers
prints '^db2/b +10\.2\.0\.12 +san-b +up +up'
exits 0 servers db1
prints '^db1 +up' '^  db1/a web: up'
exits 1 servers nosuch
exits 0 fabrics
prints '^san-a +2/2'
exits 0 checks
prints '^web +http +8080 +100 ms +100 ms +2/2 +4 +0 +0'
exits 0 zones
prints '^www.example.com +[0-9]+'
exits 0 explain www.example.com --from 10.1.0.2
prints 'NOERROR' '10\.1\.0\.11' 'ttl 1: all is calm' 'db1/a.*answered'
exits 0 explain one.example.com
prints 'db2/a.*left out: a better tier is answered'
exits 0 explain nosuch.example.net --type AAAA
prints 'REFUSED'
exits 0 version
prints '^homing [0-9]' '^homingd [0-9]'
exits 0 check db1
prints '^db1/a web +10\.1\.0\.11 +ok +[0-9.]+ ms'
exits 1 check nosuch

json .ready true status
json .version "$("$B/homing" --version | cut -d ' ' -f 2)" status
json '.problems + .doubts + .overrides + .all_down | length' 0 status
json .totals.interfaces 4 status
json '[.services[].name]' '["www.example.com","one.example.com"]' services
json '[.members[] | .server + "/" + .interface]' '["db1/a","db1/b","db2/a","db2/b"]' services www.example.com
json '[.members[0].checks[0] | .verdict, .doubt, .reason, (.rtt_ms > 0), (.history | test("^[01]+$"))]' '["up",false,"ok",true,true]' \
    services www.example.com
json '.members[2] | [.tier, .answered, .fate]' '[2,false,"left out: a better tier is answered"]' services one.example.com
json .error.code no_such_service services nosuch
json '[.servers[].state]' '["up","up"]' servers
json '.interfaces[1].services' '["www.example.com","one.example.com"]' servers db2
json '[.fabrics[].subnets[0]]' '["10.1.0.0/24","10.2.0.0/24"]' fabrics
json '.checks[0] | [.name, .interval_ms, .targets.up]' '["web",100,4]' checks
json '[.zones[] | .serial > 0] | all' true zones
json '[.rcode, .found, (.answers | length), .ttl_reason.rule]' '["NOERROR","service",4,"ttl"]' explain www.example.com
json '[.failed, (.results | length)]' '[0,4]' check www.example.com
json '.client == .daemon' true version

say "what operators do shows at once"
homing watch --count 3 >watched &
watcher=$!
homing --json watch --count 3 >watched.json &
json_watcher=$!
sleep 0.2                              # both listen by now
exits 0 drain db1/a --why 'new kernel'
prints '^db1/a is drained until it is released' 'expires in 5 s'
expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12
expect one.example.com A 10.2.0.11
wait $watcher || fail "watch --count 3 ended with $?"
wait $json_watcher || fail "watch --json ended with $?"
grep -qE ' state +db1/a up -> drained: drained by [a-z]+: new kernel' watched || fail "watch saw: $(cat watched)"
same "each line is an event" "$(jq -r '[.kind, .subject] | join(" ")' watched.json | sort -u | grep -c '^[a-z]* [a-z0-9./]*$')" 3
exits 0 status
prints '^Not up:' 'db1/a +drained' 'new kernel' 'at release'
json '.interfaces[0] | [.verdict, .state, .override.state, .override.why, .override.owner]' \
    "[\"up\",\"drained\",\"drained\",\"new kernel\",\"$(id -un)\"]" servers db1
exits 0 services www.example.com
prints 'db1/a.*up +drained +left out: drained \(drained by'
exits 0 wait --timeout 1s db1/a drained
exits 1 wait --timeout 100ms db1/a up
complains 'db1/a is drained, not up'
exits 1 wait --timeout 5s nosuch up
complains 'nothing is named "nosuch"'
exits 0 release db1/a
expect www.example.com A $all
exits 1 release db1/a
complains 'no override on db1/a'
exits 1 release nosuch
exits 1 drain nosuch
complains '"nosuch" is nothing'
exits 1 drain db1 --why "$(printf 'two\nlines')"

say "a fabric, a member, a server; the most specific word holds"
exits 0 drain san-a
expect www.example.com A 10.2.0.11 10.2.0.12
exits 0 force www.example.com:db1 up
expect www.example.com A 10.1.0.11 10.2.0.11 10.2.0.12
exits 0 force db2 down
expect www.example.com A 10.1.0.11 10.2.0.11
json '[.overrides[].subject]' '["san-a","www.example.com:db1","db2"]' status
exits 0 release san-a
exits 0 release WWW.Example.com.:db1
exits 0 release db2
expect www.example.com A $all
json '.overrides' '[]' status

say "--for ends by itself, and wait sees it within 100 ms"
exits 0 drain db2 --for 500ms
prints '^db2 is drained until [0-9:]+$'
expect www.example.com A 10.1.0.11 10.2.0.11
exits 0 wait db2 up
expect www.example.com A $all

(
	sleep 0.4
	homing drain db2/b >/dev/null
	echo "${EPOCHREALTIME/./}" >drained_us
) &
exits 0 wait db2/b drained
now_us=${EPOCHREALTIME/./}
until_true 1 test -s drained_us
started_us=$(cat drained_us)
[ $((now_us - started_us)) -le $((100000 * SLOW)) ] || fail "wait returned $(((now_us - started_us) / 1000)) ms after the change"
say "wait returned $((now_us - started_us)) us after drain did"
exits 0 release db2/b

say "drain --wait returns when the last cached answer has expired"
started_us=${EPOCHREALTIME/./}
exits 0 drain www.example.com:db2 --wait
took=$(((${EPOCHREALTIME/./} - started_us) / 1000))
[ $took -ge 1000 ] && [ $took -lt $((1000 + 500 * SLOW)) ] || fail "it took $took ms, the TTL is 1 s"
exits 0 release www.example.com:db2

say "a fault shows, with its reason"
kill_service db1 8080
exits 0 wait --timeout 2s db1 down
exits 0 status
prints 'db1/a +down .*web: refused' '^  server +db1 +down'
exits 0 services one.example.com
prints 'db1/a.*down +down +left out: down \(web: refused' '^    #*\.+$'
exits 1 check db1
prints 'db1/a web +10\.1\.0\.11 +refused'
kill_service db2 8080
exits 0 wait --timeout 2s www.example.com down
exits 0 status
prints 'all_down = "all"'
json '[.all_down[].service]' '["www.example.com","one.example.com"]' status
start_service db1 8080
start_service db2 8080
exits 0 wait --timeout 5s www.example.com up
exits 0 wait --timeout 5s db1/a up
exits 0 wait --timeout 5s db1/b up
exits 0 wait --timeout 5s db2/a up
exits 0 wait --timeout 5s db2/b up

say "overrides survive kill -9, and wait looks for the next daemon"
exits 0 drain db1 --why 'kept' --for 1h
homing watch >/dev/null 2>watch.err &
watcher=$!
sleep 0.2
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2>/dev/null
wait $watcher
same "watch without its daemon" "$?" 3
grep -q 'ended the stream' watch.err || fail "watch says: $(cat watch.err)"
homing wait --timeout 10s db1 drained &
waiter=$!
sleep 0.1
daemon
wait $waiter || fail "wait ended with $?"
expect www.example.com A 10.1.0.12 10.2.0.12
json '[.overrides[] | .subject, .why, (.until != null)]' '["db1","kept",true]' status
exits 0 release db1

say "wait does not outwait a daemon that hangs"
kill -STOP "$daemon_pid"
started_us=${EPOCHREALTIME/./}
exits 3 wait --timeout 300ms db1 up
complains "homingd does not answer on $T/sock"
[ $(((${EPOCHREALTIME/./} - started_us) / 1000)) -lt $((1000 * SLOW)) ] || fail "it did"
kill -CONT "$daemon_pid"
exits 0 wait db1 up

say "reload: every mistake, and nothing changes"
cp homing.conf good.conf
sed -i 's/port = 8080/port = 808080/; s/servers = \[ "db1", "db2" \]/servers = [ "db1", "dbX" ]/; s/ttl = 1/tll = 1/' homing.conf
exits 1 reload
complains 'homing.conf:[0-9]+: checks.web.port: .*808080' '"dbX"' 'tll' '[3-9] mistakes' 'the configuration before serves on'
json '.error | [.code, (.mistakes | length > 2)]' '["bad_configuration",true]' reload
expect www.example.com A $all
sed 's/ttl = 1/ttl = 7/' good.conf >homing.conf
exits 0 reload
prints 'is in force: 2 services, 2 servers'
json .ttl 7 services www.example.com

say "the socket moves with the configuration"
sed "s|$T/sock|$T/moved/sock|" good.conf >homing.conf
exits 0 reload
[ ! -e sock ] || fail "the old socket is still there"
"$B/homing" -c homing.conf status >/dev/null || fail "nobody answers on the new socket"
cp good.conf homing.conf
"$B/homing" -s "$T/moved/sock" reload >/dev/null || fail "reload back"
exits 0 status

say "a second daemon on the same socket"
sed "s|$T/state|$T/state2|; s|\"0.0.0.0:53\", \"\[::\]:53\"|\"127.0.0.1:5301\"|" homing.conf >second.conf
daemon_launch "$T/second" "$B/homingd" -c "$T/second.conf"
daemon_gone "$launched" 1
grep -q "another homingd answers on $T/sock" second || fail "it says: $(cat second)"
exits 0 status

say "completion asks the daemon"
same "subjects" "$(homing complete subjects | paste -sd ' ')" "db1 db1/a db1/b db2 db2/a db2/b san-a san-b"
same "verbs" "$(homing complete verbs | cut -f 1 | head -3 | paste -sd ' ')" "status services servers"
same "bash" "$(PATH=$B:$PATH bash -c '. "$0"; COMP_WORDS=(homing -s "$1" drain db2/); COMP_CWORD=4; _homing; echo "${COMPREPLY[*]}"' \
    "$repo/cli/homing.bash" "$T/sock")" "db2/a db2/b"

say "every verb is in the manual, in help, and in both shells' completions"
# verb_table: a line for each row of the CLI's table that is to be told of: NAME;ARGUMENTS
verb_table() {
	sed -n 's/^\t{ "\([a-z]*\)", *"\([^"]*\)", *"[^"]*",.*/\1;\2/p' "$repo/cli/main.c"
}
# offered WORD...: what bash offers for the last of them
offered() {
	PATH=$B:$PATH bash -c '. "$0"; COMP_WORDS=(homing -s "$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _homing; printf "%s\n" "${COMPREPLY[@]}"' \
	    "$repo/cli/homing.bash" "$T/sock" "$@"
}
[ "$(verb_table | wc -l)" -ge 18 ] || fail "the table of verbs is not read: $(verb_table)"
"$B/homing" help >help
homing drain db1/a >/dev/null || fail drain        # something to release
while IFS=';' read -r verb arguments <&3; do
	line=$(grep -E "^  $verb( |$)" help)
	options=$(grep -oE -- '--[a-z-]+' <<<"$line")
	manual=$(grep -E "^\.It Ic $verb( |$)" "$repo/cli/homing.1")
	zsh=$(sed -n "s/^\t$verb) *\(_arguments .*\)/\1/p" "$repo/cli/_homing")
	[ -n "$line" ] || fail "homing help lacks $verb"
	[ -n "$manual" ] || fail "homing(1) lacks $verb"
	offered "${verb:0:2}" | grep -x "$verb" >/dev/null || fail "bash does not offer $verb"
	grep -qE "^$verb"$'\t.' <(homing complete verbs) || fail "zsh is not told of $verb"
	[ -z "$arguments" ] || offered "$verb" '' | grep . >/dev/null || fail "bash offers nothing behind $verb"
	[ -z "$arguments$options" ] || [ -n "$zsh" ] || fail "zsh has no line for $verb"
	for option in $options; do
		grep -qF -- "Fl ${option#-}" <<<"$manual" || fail "homing(1): $verb lacks $option"
		offered "$verb" -- | grep -x -- "$option" >/dev/null || fail "bash does not offer $option behind $verb"
		grep -qF -- "$option" <<<"$zsh" || fail "zsh does not offer $option behind $verb"
	done
done 3< <(verb_table)
for what in serial export import; do
	grep -q "^\.It Ic zone Cm $what " "$repo/cli/homing.1" || fail "homing(1) lacks zone $what"
	offered zone '' | grep -x $what >/dev/null || fail "bash does not offer zone $what"
	grep -qE "^[[:space:]]zone\).*[( ]$what[ )]" "$repo/cli/_homing" || fail "zsh does not offer zone $what"
done
same "zones" "$(offered zones www.)$(offered zone export www.)" "www.example.comwww.example.com"
homing release db1/a >/dev/null || fail release

say "stop returns when the daemon is gone"
exits 0 stop
kill -0 "$daemon_pid" 2>/dev/null && [ "$(awk '/^State/ { print $2 }' "/proc/$daemon_pid/status")" != Z ] && fail "it is still there"
daemon_gone "$daemon_pid" 0
daemon_pid=
[ ! -e sock ] || fail "the socket is still there"
exits 3 status
