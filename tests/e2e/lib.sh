# lib.sh - the words that stories are told in. Sourced by every story:
#
#   . "$(dirname "$0")/lib.sh"
#
# A story runs in namespaces of its own (network, mounts, processes), made by the
# line above before the story's first word. Whatever it starts or makes is gone with
# its shell, however that ends; two stories never meet (tests/apart.sh).
#
#            switch san-a                       switch san-b
#        10.1.0.0/24 fd00:1::/64            10.2.0.0/24 fd00:2::/64
#    dns  .1    client .2    db1 .11    the same on each; the Nth server of `lab` is .1N
#
# A host is a network namespace with an interface on either switch, named san-a and
# san-b like the switches; the switch's end of the cable has the host's name.
#
#   lab SERVER...                   builds all of this
#   backend SERVER http|https PORT  starts nginx there, answering 200 "ok"
#   conf <<END ... END              writes homing.conf: a `server` group is put before it
#   zone NAME <<END ... END         writes NAME.zone beside it
#   pair                            all of that for two servers behind www.example.com
#   daemon                          starts homingd in `dns` and waits until it answers
#   homing WORD...                  the CLI, speaking to it
#   link_pull, link_plug HOST a|b   the cable, at the switch
#   if_down, if_up HOST a|b         the interface, in the host
#   drop, undrop HOST a|b           packets vanish in the host
#   server_off, server_on HOST      both cables
#   kill_service, start_service SERVER PORT
#   expect NAME TYPE WANT...        dig's answer now; WANT: addresses in any order, nothing, NXDOMAIN, ...
#   within 1s expect ...            asks every 5 ms; says how long it took since the last of the words above
#   holds 2s NAME TYPE WANT...      asks every 5 ms; no other answer, and none missing, in all that time
#   log_has, log_lacks PATTERN      (extended regular expression) within a second; now
#   same WHAT SEEN WANTED           two texts are equal
#   say TEXT                        a line of the story
#
# Environment: B, the build folder; SLOW, a factor for time limits (sanitizers).

set -u -o pipefail
export LC_ALL=C

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=$(cd "$repo" && realpath "${B:-build}")
[ -x "$B/homingd" ] || { echo "$B/homingd is not built" >&2; exit 1; }
SLOW=${SLOW:-1}
story=$(basename "$0" .sh)
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY

[ -n "${HOMING_STORY:-}" ] || HOMING_STORY=1 exec "$repo/tests/apart.sh" bash "$0" "$@"
unset HOMING_STORY

T=/run/story
mkdir "$T"
cd "$T" || exit 1

since_ms=0                             # when the last thing was done to the lab
daemon_pid=
declare -A number_of backend_pid
export ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:${ASAN_OPTIONS:-}" UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"

# ---- telling and failing ----

say() {
	printf '  %s\n' "$*"
}

fail() {
	printf '\n%s:%s: %s\n' "$story.sh" "$(story_line)" "$*"
	if [ -s "$T/log" ]; then
		printf '%s\n' "--- homingd, its last lines:"
		tail -n 25 "$T/log"
	fi
	trap - EXIT
	exit 1
}

# The line of the story itself, not of these functions.
story_line() {
	local i

	for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
		case ${BASH_SOURCE[i]} in
		*/lib.sh) ;;
		*) echo "${BASH_LINENO[i - 1]}"; return ;;
		esac
	done
}

same() {
	[ "$2" = "$3" ] || fail "$1
  expected: $3
  seen:     $2"
}

# A sanitizer's report or an exit status of its own fails the story that was well otherwise.
story_end() {
	local status=$?

	[ "$status" = 0 ] || fail "ended with status $status"
	[ -z "$daemon_pid" ] || daemon_stop
	if grep -qE 'ERROR: (Address|Leak|Thread)Sanitizer|runtime error:|WARNING: ThreadSanitizer' "$T"/log* 2>/dev/null; then
		fail "a sanitizer spoke: $(grep -hE -A 20 'Sanitizer|runtime error:' "$T"/log* | head -40)"
	fi
}
trap story_end EXIT

done_now() {
	since_ms=$((${EPOCHREALTIME/./} / 1000))
}

# 1s, 200ms, 1.5s -> milliseconds, times SLOW where it is a limit.
ms() {
	case $1 in
	*ms) echo "${1%ms}" ;;
	*s)  awk -v s="${1%s}" 'BEGIN { printf "%d\n", s * 1000 }' ;;
	*)   fail "$1 is no duration" >&2 ;;
	esac
}

# ---- the lab ----

# in_net HOST COMMAND...
in_net() {
	local host=$1

	shift
	nsenter --net="/run/netns/$host" -- "$@"
}

# start_in HOST COMMAND...: in the background; started is its own pid, not a subshell's.
start_in() {
	local host=$1

	shift
	nsenter --net="/run/netns/$host" -- "$@" &
	started=$!
}

# cable HOST NUMBER: plugs it into both switches, with all its addresses.
cable() {
	local host=$1 number=$2 fabric=0 side

	ip netns add "$host"
	ip -n "$host" link set lo up
	in_net "$host" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
	    net.ipv6.conf.default.keep_addr_on_down=1 net.ipv6.conf.all.keep_addr_on_down=1 \
	    net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.default.rp_filter=0 || fail "no sysctl in $host"
	for side in a b; do
		fabric=$((fabric + 1))
		ip -n "sw-$side" link add name "$host" type veth peer name "san-$side" netns "$host"
		ip -n "sw-$side" link set dev "$host" master br0 up
		ip -n "$host" link set dev "san-$side" up
		ip -n "$host" addr add "10.$fabric.0.$number/24" dev "san-$side"
		ip -n "$host" addr add "fd00:$fabric::$number/64" dev "san-$side" nodad
	done
}

lab() {
	local side host number=11

	for side in a b; do
		ip netns add "sw-$side"
		ip -n "sw-$side" link set lo up
		in_net "sw-$side" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
		ip -n "sw-$side" link add name br0 type bridge
		ip -n "sw-$side" link set dev br0 up
	done
	cable dns 1
	cable client 2
	for host in "$@"; do
		number_of[$host]=$number
		cable "$host" "$number"
		number=$((number + 1))
	done
}

link_pull() { done_now; ip -n "sw-$2" link set dev "$1" down; }
link_plug() { done_now; ip -n "sw-$2" link set dev "$1" up; }
if_down()   { done_now; ip -n "$1" link set dev "san-$2" down; }
if_up()     { done_now; ip -n "$1" link set dev "san-$2" up; }
server_off() { link_pull "$1" a; ip -n sw-b link set dev "$1" down; }
server_on()  { link_plug "$1" a; ip -n sw-b link set dev "$1" up; }

drop() {
	done_now
	in_net "$1" nft "add table inet story-$2
add chain inet story-$2 in { type filter hook input priority 0; }
add rule inet story-$2 in iifname san-$2 drop"
}

undrop() {
	done_now
	in_net "$1" nft "delete table inet story-$2"
}

# certificate NAME HOST: $T/NAME.pem and NAME.key, signed by $T/ca.pem, which is made at first.
certificate() {
	local days=${3:-30}

	{
		[ -s ca.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		    -subj "/CN=story CA" -keyout ca.key -out ca.pem
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
		    -keyout "$1.key" -out "$1.csr"
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$days" \
		    -extfile <(echo "subjectAltName=DNS:$2") -out "$1.pem"
	} >openssl.log 2>&1 || fail "openssl: $(cat openssl.log)"
}

# backend SERVER http PORT, or SERVER https PORT CERTIFICATE
backend() {
	local server=$1 kind=$2 port=$3 dir="$T/$1-$3" tls=

	mkdir -p "$dir/root"
	echo ok >"$dir/root/index.html"
	[ "$kind" = http ] || tls="ssl_certificate $T/$4.pem; ssl_certificate_key $T/$4.key;"
	cat >"$dir/nginx.conf" <<-END
		user root; worker_processes 1; daemon off; pid $dir/pid; error_log $dir/error.log;
		events { worker_connections 256; }
		http {
			access_log off; default_type text/plain;
			client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3;
			uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
			server {
				listen $port ${tls:+ssl}; listen [::]:$port ${tls:+ssl}; root $dir/root; $tls
				location /bad { return 503; }
			}
		}
	END
	start_service "$server" "$port"
}

start_service() {
	local dir="$T/$1-$2"

	done_now
	start_in "$1" nginx -c "$dir/nginx.conf" 2>"$dir/stderr"
	backend_pid[$1:$2]=$started
	until in_net "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/$2" 2>/dev/null; do
		kill -0 "${backend_pid[$1:$2]}" 2>/dev/null || fail "nginx on $1: $(cat "$dir"/*.log "$dir/stderr")"
		sleep 0.01
	done
}

# Fast shutdown: the listening socket closes at once, so that clients are refused.
kill_service() {
	done_now
	kill -TERM "${backend_pid[$1:$2]}"
	wait "${backend_pid[$1:$2]}" 2>/dev/null
}

# ---- the daemon ----

listen='"0.0.0.0:53", "[::]:53"'       # a story may set it before `conf`
server_more=

conf() {
	{
		echo "server = { listen = [ $listen ]; state = \"$T/state\"; control = \"$T/sock\"; workers = 2; $server_more };"
		cat
	} >"$T/homing.conf"
}

zone() {
	cat >"$T/$1.zone"
}

# The parts that nearly every configuration here has.
fabrics='
fabrics = (
  { name = "san-a"; subnets = [ "10.1.0.0/24", "fd00:1::/64" ]; source = [ "10.1.0.1", "fd00:1::1" ]; device = "san-a"; },
  { name = "san-b"; subnets = [ "10.2.0.0/24", "fd00:2::/64" ]; source = [ "10.2.0.1", "fd00:2::1" ]; device = "san-b"; }
);'

# quick NAME SETTINGS: a check at a tenth of a second.
quick() {
	echo "{ name = \"$1\"; interval = \"100ms\"; timeout = \"100ms\"; rise = 2; fall = 2; $2 }"
}

# servers CHECKS HOST...: the group of all of them, IPv4 interfaces a and b, with dual_stack set
# IPv6 ones too; CHECKS as in homing.conf, '' for none.
servers() {
	local checks=$1 host number comma=

	shift
	echo "servers = ("
	for host in "$@"; do
		number=${number_of[$host]}
		echo "$comma { name = \"$host\"; ${checks:+checks = [ $checks ];} interfaces = ("
		echo "    { name = \"a\"; address = \"10.1.0.$number\"; }, { name = \"b\"; address = \"10.2.0.$number\"; }"
		[ -z "${dual_stack:-}" ] ||
			echo "    , { name = \"a6\"; address = \"fd00:1::$number\"; }, { name = \"b6\"; address = \"fd00:2::$number\"; }"
		echo "); }"
		comma=,
	done
	echo ");"
}

# pair: what the stories of single faults share. Two servers behind www.example.com, a tcp check at 100 ms.
pair() {
	lab db1 db2
	backend db1 http 8080
	backend db2 http 8080
	conf <<-END
		$fabrics
		checks = ( $(quick web 'type = "tcp"; port = 8080;') );
		$(servers '"web"' db1 db2)
		services = ( { name = "www.example.com"; servers = [ "db1", "db2" ]; } );
	END
	daemon
	expect www.example.com A 10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12
}

daemon() {
	daemon_start
	daemon_wait
}

daemon_start() {
	done_now
	daemon_launch "$T/log" "$B/homingd" -c "$T/homing.conf"
	daemon_pid=$launched
}

# daemon_launch LOG COMMAND...: in `dns`; ip netns exec gives it that namespace's /sys too.
daemon_launch() {
	local log=$1

	shift
	ip netns exec dns "$@" >>"$log" 2>&1 &
	launched=$!
}

daemon_wait() {
	sleep 0.02
	daemon_alive
	homing wait --timeout 10s ready >"$T/wait" 2>&1 || fail "homingd is not ready: $(cat "$T/wait")"
}

# daemon_gone PID WANTED: it ends by itself, soon, with that status.
daemon_gone() {
	local status i

	for ((i = 0; i < 500 * SLOW; i++)); do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.01
	done
	kill -0 "$1" 2>/dev/null && fail "homingd (pid $1) did not end within $((5 * SLOW)) s"
	wait "$1"
	status=$?
	[ "$status" = "$2" ] || fail "homingd ended with status $status, not $2"
}

daemon_stop() {
	local pid=$daemon_pid

	daemon_pid=
	done_now
	kill -TERM "$pid" 2>/dev/null || fail "homingd was gone already: $(wait "$pid"; echo "status $?")"
	daemon_gone "$pid" 0
}

daemon_alive() {
	kill -0 "$daemon_pid" 2>/dev/null || fail "homingd is gone: $(wait "$daemon_pid"; echo "status $?")"
}

homing() {
	"$B/homing" -s "$T/sock" "$@"
}

# reload: tells the daemon to and waits until it has; prints what it says.
reload() {
	done_now
	homing reload
}

rss_kib() {
	awk '/^VmRSS/ { print $2 }' "/proc/$daemon_pid/status"
}

# log_has PATTERN [SECONDS]
log_has() {
	local i

	for ((i = 0; i < 100 * ${2:-1} * SLOW; i++)); do
		grep -qE -- "$1" "$T/log" && return
		sleep 0.01
	done
	fail "the log has no line like: $1"
}

log_lacks() {
	! grep -qE -- "$1" "$T/log" || fail "the log has a line like \"$1\": $(grep -E -- "$1" "$T/log" | head -3)"
}

log_clear() {
	: >"$T/log"
}

# ---- questions ----

asked=10.1.0.1                         # the server's address that the client asks

dig() {
	in_net client dig "$@"
}

kdig() {
	in_net client kdig "$@"
}

# dig_at DIG-WORD...: the server of this story, no recursion, nothing but the answer's lines.
dig_at() {
	dig @"$asked" +norec +time=2 +tries=1 "$@"
}

# The answer in one line: sorted RDATA, "nothing", or the RCODE.
answer() {
	dig_at +noall +comments +answer "$@" | awk '
		/status:/ { match($0, /status: [A-Z]+/); rcode = substr($0, RSTART + 8, RLENGTH - 8) }
		/^[^;]/ && NF >= 5 { text = ""; for (i = 5; i <= NF; i++) text = text (i > 5 ? " " : "") $i; print text; n++ }
		END { if (rcode == "") print "no answer"; else if (rcode != "NOERROR") print rcode; else if (!n) print "nothing" }' |
	    sort | paste -sd ' '
}

expect() {
	local name=$1 type=$2

	shift 2
	same "$name $type, asked of $asked" "$(answer "$name" "$type")" "$(printf '%s\n' "$@" | sort | paste -sd ' ')"
}

# await WORD LIMIT_MS NAME TYPE WANT...: the tool of that name, from the client.
await() {
	local mode=$1 limit=$2

	shift 2
	in_net client "$B/tools/await" "$mode" "$limit" "$since_ms" "$asked" "$@"
}

# within 1s expect NAME TYPE WANT...
took_ms=
within() {
	local limit seen

	limit=$(($(ms "$1") * SLOW))
	shift 2
	seen=$(await until "$limit" "$@") || fail "$1 $2 within $limit ms
  expected: ${*:3}
  seen:     $seen"
	took_ms=${seen%% *}
	say "$1 $2 -> ${*:3} after $took_ms ms"
}

holds() {
	local length seen

	length=$(ms "$1")
	shift
	seen=$(await while "$length" "$@") || fail "$1 $2 did not stay for $length ms
  expected: ${*:3}
  seen:     $seen"
}

# until_true SECONDS COMMAND...: polls a command that says nothing.
until_true() {
	local i seconds=$1

	shift
	for ((i = 0; i < 100 * seconds * SLOW; i++)); do
		"$@" && return
		sleep 0.01
	done
	fail "not within $((seconds * SLOW)) s: $*"
}
