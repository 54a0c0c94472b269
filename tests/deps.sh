#!/bin/sh
# deps.sh SET: installs what is missing of a set of Debian packages: deps (to
# build and run), deps-test (to test), deps-bench (to compare). Asks the package
# database first, so that a machine that has everything needs neither root nor network.
set -eu

build="gcc make pkg-config libc6-dev libldns-dev libevent-dev libssl-dev libcurl4-openssl-dev libconfig-dev
 libsqlite3-dev liburcu-dev libjansson-dev libpcre2-dev ca-certificates"
run="python3 bind9-dnsutils"
test="check clang libclang-rt-14-dev knot-dnsutils nginx-light openssl iproute2 iputils-ping nftables jq sqlite3
 procps curl mandoc bind9 bind9-utils knot knot-dnssecutils nsd ldnsutils python3-dnspython lego pebble kea-dhcp-ddns-server"
bench="gdnsd dnsperf hyperfine linux-perf valgrind"

case "$1" in
deps)       want="$build $run" ;;
deps-test)  want="$test" ;;
deps-bench) want="$test $bench" ;;
*)          echo "usage: deps.sh deps|deps-test|deps-bench" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || {
	echo "deps: not a Debian system; install the equivalents of:" $want >&2
	exit 0
}
missing=
for package in $want; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# The name servers and nginx are wanted as programs to compare and test with, not
# as services of this machine: RUNLEVEL=1 keeps their packages from starting them.
$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get update -qq
$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
