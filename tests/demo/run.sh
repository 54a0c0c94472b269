#!/bin/bash
# run.sh - the main job on one screen: homingd on loopback, with tests/demo/homing.conf.in and four real web
# servers; one is stopped, the answer changes; it returns, the answer does too. Needs no root.
#
# Environment: B, the build folder; ONCE=1 ends after the story, with status 0 only if all went as told.
set -u
cd "$(dirname "$0")/../.." || exit 2

B=${B:-build}
name=www.example.com
bold= dim= green= red= plain=
if [ -t 1 ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[m'
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/homing.XXXXXX") || exit 1
declare -A web=()                      # address -> pid of its web server
homingd= follower=

finish() {
	local status=$?

	trap - EXIT INT TERM
	[ -z "$homingd$follower" ] || kill $homingd $follower 2>/dev/null
	[ ${#web[@]} = 0 ] || kill "${web[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$folder"
	exit $status
}
trap finish EXIT
trap 'echo; exit 0' INT TERM

# ---- telling ----

start=${EPOCHREALTIME/./}
tell() {                               # tell WHO WHAT: with the seconds since the start
	local ms=$(((${EPOCHREALTIME/./} - start) / 1000))

	printf '%s%3d.%02d s%s  %s%-9s%s %s\n' "$dim" $((ms / 1000)) $((ms % 1000 / 10)) "$plain" "$bold" "$1" "$plain" "$2"
}

give_up() {
	printf '\n%sThis went wrong:%s %s\n' "$red" "$plain" "$*" >&2
	[ ! -s "$folder/log" ] || { echo "homingd's last lines:"; tail -n 15 "$folder/log"; } >&2
	exit 1
}

shown() {                              # shown COMMAND...: as typed, and what it prints
	printf '\n          %s$ %s%s\n' "$dim" "$*" "$plain"
	"$@" 2>&1 | sed 's/^/          /'
	[ "${PIPESTATUS[0]}" = 0 ] || give_up "$* failed"
	echo
}

# ---- doing ----

# A port from FIRST on that is free at all ADDRESSes, for UDP and TCP.
free_port() {
	python3 - "$@" <<-'END'
		import socket, sys

		def free(address, port):
		    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
		        with socket.socket(socket.AF_INET, kind) as s:
		            try:
		                s.bind((address, port))
		            except OSError:
		                return False
		    return True

		first = int(sys.argv[1])
		print(next(p for p in range(first, first + 500) if all(free(a, p) for a in sys.argv[2:])))
	END
}

web_start() {                          # web_start ADDRESS: a web server there; returns when it listens
	python3 -m http.server --bind "$1" --directory "$folder/site" "$http_port" >/dev/null 2>&1 &
	web[$1]=$!
	until (: <>"/dev/tcp/$1/$http_port") 2>/dev/null; do
		kill -0 "${web[$1]}" 2>/dev/null || give_up "no web server at $1:$http_port"
		sleep 0.01
	done
}

web_stop() {
	kill "${web[$1]}"
	wait "${web[$1]}" 2>/dev/null
	unset "web[$1]"
}

ask() {                                # the addresses in one line, as answered
	dig @127.0.0.1 -p "$dns_port" +short +norecurse +time=1 +tries=1 $name A | paste -sd ' '
}

# answer_becomes SINCE ADDRESS...: asks until that is the answer, and tells how long it took.
answer_becomes() {
	local since=$1 wanted seen deadline=$((SECONDS + 10))

	shift
	wanted="$*"
	until seen=$(ask) && [ "$seen" = "$wanted" ]; do
		[ $SECONDS -lt $deadline ] || give_up "ten seconds later the answer is \"$seen\", not \"$wanted\""
	done
	tell answer "$wanted  ${green}after $(((${EPOCHREALTIME/./} - since) / 1000)) ms${plain}"
}

# ---- the story ----

command -v dig >/dev/null && command -v python3 >/dev/null || give_up "needs dig and python3: make deps"
[ -x "$B/homingd" ] && [ -x "$B/homing" ] || give_up "$B/homingd is not built: make"

http_port=$(free_port 8080 127.0.1.1 127.0.1.2 127.0.2.1 127.0.2.2) || give_up "no free port for web servers"
dns_port=$(free_port 5300 127.0.0.1) || give_up "no free port for DNS"
sed -e "s/@DNS_PORT@/$dns_port/" -e "s/@HTTP_PORT@/$http_port/" tests/demo/homing.conf.in >"$folder/homing.conf"
mkdir "$folder/site"
echo "hello from $name" >"$folder/site/index.html"

cat <<END

  ${bold}$name${plain} is served by two servers, each with an interface on two networks:

                san-a        san-b
      web1      127.0.1.1    127.0.2.1
      web2      127.0.1.2    127.0.2.2

  homingd asks each for http://ADDRESS:$http_port/ every 500 ms, and answers with those that work.

END

for address in 127.0.1.1 127.0.2.1 127.0.1.2 127.0.2.2; do
	web_start $address
done
tell servers "four web servers are up"
"$B/homingd" -c "$folder/homing.conf" >"$folder/log" 2>&1 &
homingd=$!
"$B/homing" -c "$folder/homing.conf" wait --timeout 10s ready >/dev/null 2>&1 || give_up "homingd did not get ready"
tell homingd "ready, at 127.0.0.1 port $dns_port"

tell question "dig @127.0.0.1 -p $dns_port $name A"
seen=$(ask)
tell answer "$seen"
[ "$seen" = "127.0.1.1 127.0.2.1 127.0.1.2 127.0.2.2" ] || give_up "that should have been all four addresses"

echo
since=${EPOCHREALTIME/./}
web_stop 127.0.1.1
tell fault "the web server at 127.0.1.1 (web1, interface a) is stopped"
answer_becomes "$since" 127.0.2.1 127.0.1.2 127.0.2.2
shown "$B/homing" -c "$folder/homing.conf" explain $name

web_start 127.0.1.1
since=${EPOCHREALTIME/./}
tell mended "the web server at 127.0.1.1 is back"
answer_becomes "$since" 127.0.1.1 127.0.2.1 127.0.1.2 127.0.2.2
shown "$B/homing" -c "$folder/homing.conf" status

if [ -n "${ONCE:-}" ]; then
	kill "$homingd"
	wait "$homingd" || give_up "homingd ended with status $?"
	homingd=
	tell homingd "stopped; everything went as told"
	exit 0
fi

cat <<END
  It stays up until Ctrl-C. In another terminal, from this folder:

      dig @127.0.0.1 -p $dns_port $name
      $B/homing -c $folder/homing.conf watch
      $B/homing -c $folder/homing.conf drain web2 --why "new memory"
      $B/homing -c $folder/homing.conf release web2
      kill ${web[127.0.2.2]}             # the web server of web2, interface b
      $B/homing -c $folder/homing.conf explain $name

  What homingd says from here on:

END
tail -n 0 -f --pid="$homingd" "$folder/log" &
follower=$!
wait $follower                         # not in the foreground: a signal to this script is heard at once
give_up "homingd is gone"
