#!/bin/bash
# run.sh [SECTION...] - homing beside gdnsd, NSD and Knot DNS, in one run on this machine.
#
#   answers    questions a second and CPU time per answer, one worker on one CPU
#   load       a zone of 1,000,000 names: time to the first answer, memory
#   failover   link pulled, service killed: time to the changed answer, against gdnsd at its fastest
#   probes     10,000 tcp and 20,000 ping checks a second: lateness, CPU per probe
#   verdicts   a verdict that changes 1,000 services: time to publication
#   transfers  AXFR of 1,000,000 names, beside NSD and Knot DNS
#   updates    durable dynamic updates a second, beside BIND and Knot DNS
#   fleet      from homing's changed answer to that of NSD, Knot DNS and BIND as its secondaries
#
# All of them by default, about 12 minutes; QUICK=1 takes about 4. Each section runs in namespaces of its own (network,
# mounts, processes): its ports meet nobody, and whatever it starts is gone when it ends, however that is. Works in
# $B/bench.tmp; the table goes to standard output and to $B/bench.md.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
export B=${B:-build} LC_ALL=C PYTHONDONTWRITEBYTECODE=1

sections=("$@")
[ $# -gt 0 ] || sections=(answers load failover probes verdicts transfers updates fleet)
for section in "${sections[@]}"; do
	case $section in
	answers | load | failover | probes | verdicts | transfers | updates | fleet) ;;
	*) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done

alone=(unshare --net --mount --pid --fork --kill-child --mount-proc)
[ "$(id -u)" = 0 ] || alone=(unshare --user --map-root-user "${alone[@]:1}")
mkdir -p "$B/bench.tmp"
status=0
child=
trap '[ -z "$child" ] || kill -KILL "$child"; exit 130' INT TERM
for section in "${sections[@]}"; do
	echo "== $section"
	rm -rf "$B/bench.tmp/$section" "$B/bench.tmp/$section.json"
	"${alone[@]}" sh -c 'mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && exec python3 "$1"' \
	    sh "tests/bench/$section.py" &
	child=$!
	wait $child || status=1
	child=
done
python3 tests/bench/report.py || status=1
exit $status
