#!/bin/bash
# run.sh [NAME...] - everything `make test` checks, cheapest first; with NAMEs (patterns as in "unit/*" or
# "e2e/link"), only the steps that match, and the builds those need.
#
#   layers, querypath, man, build/plain, build/clang
#   unit/...        the unit tests; asan/unit/... under ASan and UBSan, tsan/unit/... under TSan
#   fuzz            every fuzzer for 10 s: its corpus, and a little beyond (`make fuzz` takes its time)
#   e2e/...         the stories, one at a time since they time things; asan/e2e/..., tsan/e2e/... side by side,
#                   their limits are times SLOW
#
# A step is a line: name, seconds, verdict. Its output is in build/test/NAME.log and is shown
# when it failed. A failed step does not stop the others. The last line counts them.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 2
unset MAKEFLAGS MAKELEVEL MFLAGS

logs=build/test
jobs=$(nproc)
patterns=("$@")
passed=0 failed=0 skipped=0
ticker=
tty=
[ -t 1 ] && tty=1
mkdir -p $logs
rm -f $logs/*.log

red= green= plain=
[ -z "$tty" ] || { red=$'\e[31m' green=$'\e[32m' plain=$'\e[m'; }

wanted() {
	local pattern

	[ ${#patterns[@]} = 0 ] && return
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 == $pattern ]] && return
	done
	return 1
}

# On a terminal, while steps run: the newest one's name, the seconds so far, and the last line it wrote.
tick() {
	local start=$SECONDS

	while sleep 0.5; do
		printf '\r\e[K%-34s %4d s  %.*s' "$1" $((SECONDS - start)) $((${COLUMNS:-80} - 44)) \
		    "$(tail -n 1 "$2" 2>/dev/null | tr -cd '[:print:]')"
	done
}

quiet() {
	[ -n "$ticker" ] || return
	{ kill "$ticker"; wait "$ticker"; } 2>/dev/null
	ticker=
	printf '\r\e[K'
}
trap 'quiet; kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

log_of() {
	echo "$logs/${1//\//-}.log"
}

# begin NAME COMMAND...: starts a step.
declare -A running=() began=()           # by pid: its name, and when in microseconds
begin() {
	local name=$1 log

	shift
	log=$(log_of "$name")
	timeout -k 10 900 "$@" >"$log" 2>&1 </dev/null &
	running[$!]=$name
	began[$!]=${EPOCHREALTIME/./}
	quiet
	[ -z "$tty" ] || { tick "$name" "$log" & ticker=$!; }
}

# What matters of a failed step's log: a build's and a unit test's mistakes stand before what follows from them.
show_log() {
	local text

	text=$(grep -vE '^  (CC|LINK) |^Please specify at least one package' "$1")
	if [ "$(wc -l <<<"$text")" -gt 60 ]; then
		head -n 20 <<<"$text"
		echo "[...]"
		tail -n 40 <<<"$text"
	else
		echo "$text"
	fi | sed 's/^/    /'
}

# finish: waits for any one that runs, counts it, says how it went. Its status is the step's.
finish() {
	local pid status name took

	wait -n -p pid "${!running[@]}"
	status=$?
	name=${running[$pid]}
	took=$(((${EPOCHREALTIME/./} - began[$pid]) / 10000))
	unset "running[$pid]" "began[$pid]"
	quiet
	printf '%-34s %4d.%02d s  ' "$name" $((took / 100)) $((took % 100))
	if [ $status = 0 ]; then
		passed=$((passed + 1))
		echo "${green}ok${plain}"
	else
		failed=$((failed + 1))
		echo "${red}FAILED${plain} (status $status; all of it in $(log_of "$name"))"
		show_log "$(log_of "$name")"
	fi
	return $status
}

# step NAME COMMAND...: alone, from begin to end.
step() {
	finish_all
	begin "$@"
	finish
}

finish_all() {
	while [ ${#running[@]} -gt 0 ]; do finish; done
}

# beside MOST NAME COMMAND...: as soon as fewer than MOST steps run; its end is waited for later.
beside() {
	local most=$1

	shift
	while [ ${#running[@]} -ge "$most" ]; do finish; done
	begin "$@"
}

check() {                              # check NAME COMMAND...: a step, if it is wanted
	! wanted "$1" || step "$@"
}

# ---- builds: when the first step that is wanted needs one ----

declare -A built
build() {                              # build NAME: 0 if it is there
	local targets="units tools"        # -k: what does build is tested all the same

	[ -z "${built[$1]:-}" ] || return "${built[$1]}"
	case $1 in
	plain) step build/plain make -k -j"$jobs" B=build build/homingd build/homing $targets benches ;;
	clang) step build/clang make -k -j"$jobs" B=build/clang CC=clang build/clang/homingd build/clang/homing $targets benches ;;
	asan)  step build/asan make -k -j"$jobs" B=build/asan SAN=address,undefined build/asan/homingd build/asan/homing $targets ;;
	tsan)  step build/tsan make -k -j"$jobs" B=build/tsan SAN=thread build/tsan/homingd build/tsan/homing tools \
	           $(printf 'build/tsan/unit/%s\n' $(threaded)) ;;
	esac
	built[$1]=$?
	return "${built[$1]}"
}

# needs BUILD FILE NAME: a step whose program is not there has failed.
needs() {
	build "$1"
	[ -x "$2" ] && return
	failed=$((failed + 1))
	echo "$3: not run, $2 does not build"
	return 1
}

# ---- the steps ----

units() {                              # LAYER/test_NAME of those layers, all without any
	local source

	for source in tests/unit/*/test_*.c; do
		source=${source#tests/unit/}
		case " ${*:-${source%%/*}} " in
		*" ${source%%/*} "*) echo "${source%.c}" ;;
		esac
	done
}

# What TSan may find something in: the others make no second thread (pthread_create() is never called, by libraries neither).
threaded() {
	units dnsd checker | grep -vE '/test_(answer|choice|compress|cookie|edns|notify|path|pattern|question|reply|sched|secondaries|store|update|update_model|update_read|updater|verdict)$'
}

stories() {
	local story

	for story in tests/e2e/*.sh; do
		story=$(basename "$story" .sh)
		[ "$story" = lib ] || echo "$story"
	done
}

man_pages() {
	mandoc -T lint -W warning dnsd/homingd.8 dnsd/homing.db.5 conf/homing.conf.5 cli/homing.1
}
export -f man_pages

check layers tests/layers.sh
check man bash -c man_pages
wanted build/plain && build plain
wanted build/clang && build clang
wanted querypath && needs plain build/homingd querypath && step querypath env B=build tests/querypath.sh

# unit_steps PREFIX BUILD FOLDER UNITS...: each in namespaces of its own, where there are such: some make interfaces.
# Side by side, but in the plain build the checker's time real probes and run alone.
apart=tests/apart.sh
$apart true 2>/dev/null || apart=
unit_steps() {
	local prefix=$1 build=$2 folder=$3 unit most

	shift 3
	for unit in "$@"; do
		wanted "${prefix}unit/$unit" && needs "$build" "$folder/unit/$unit" "${prefix}unit/$unit" || continue
		[[ $prefix$unit == checker/* ]] && most=1 || most=$jobs
		beside $most "${prefix}unit/$unit" $apart "$folder/unit/$unit"
		[ $most -gt 1 ] || finish
	done
	finish_all
}

unit_steps "" plain build $(units)

# The sanitizer watches the process that runs the test, and its leaks at exit: no forks.
export CK_FORK=no
unit_steps asan/ asan build/asan $(units)

# setarch -R: TSan cannot place its shadow under the widest address randomisation.
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
apart="setarch -R $apart"
unit_steps tsan/ tsan build/tsan $(threaded)
unset CK_FORK

check fuzz tests/fuzz/run.sh 10

story() {                              # story MOST NAME BUILD FOLDER SLOW STORY
	wanted "$2" || return
	if [ "$apart" = "setarch -R " ] && [ -z "${CI:-}" ]; then
		skipped=$((skipped + 1))
		echo "$2: skipped, this user may make no network namespaces"
		return
	fi
	needs "$3" "$4/homingd" "$2" && beside "$1" "$2" env B="$4" SLOW="$5" setarch -R "tests/e2e/$6.sh"
}

for name in $(stories); do
	story 1 "e2e/$name" plain build 1 "$name"
done
for name in $(stories); do
	story "$jobs" "asan/e2e/$name" asan build/asan 3 "$name"
done
# Where the threads meet: publications, listeners and shutdown under questions.
for name in reload_flood service rotate stop tcp tls; do
	story "$jobs" "tsan/e2e/$name" tsan build/tsan 5 "$name"
done
finish_all

[ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]
status=$?
echo
if [ $skipped -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
exit $status
