#!/bin/bash
# run.sh [NAME...] - everything `make test` checks, cheapest first; with NAMEs (patterns as in "unit/*" or
# "e2e/link"), only the steps that match, and the builds those need.
#
#   layers, querypath, man, build/plain, build/clang
#   unit/...        the unit tests; asan/unit/... under ASan and UBSan, tsan/unit/... under TSan
#   fuzz            every fuzzer for 20 s
#   e2e/...         the stories, one at a time since they time things; asan/e2e/..., tsan/e2e/...
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

# While a step runs on a terminal: its name, the seconds so far, and the last line it wrote.
tick() {
	local start=$SECONDS

	while sleep 0.5; do
		printf '\r\e[K%-34s %4d s  %.*s' "$1" $((SECONDS - start)) $((${COLUMNS:-80} - 44)) \
		    "$(tail -n 1 "$2" 2>/dev/null | tr -cd '[:print:]')"
	done
}

quiet() {
	[ -z "$ticker" ] || { kill "$ticker"; wait "$ticker"; } 2>/dev/null
	ticker=
}
trap 'quiet; kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

# step NAME COMMAND...: runs it, counts it, says how it went.
step() {
	local name=$1 log="$logs/${1//\//-}.log" before=${EPOCHREALTIME/./} status took

	shift
	if [ -n "$tty" ]; then
		tick "$name" "$log" &
		ticker=$!
	fi
	timeout -k 10 900 "$@" >"$log" 2>&1 </dev/null &
	wait $!
	status=$?
	quiet
	took=$(((${EPOCHREALTIME/./} - before) / 10000))
	[ -z "$tty" ] || printf '\r\e[K'
	if [ $status = 0 ]; then
		passed=$((passed + 1))
		printf '%-34s %4d.%02d s  %sok%s\n' "$name" $((took / 100)) $((took % 100)) "$green" "$plain"
	else
		failed=$((failed + 1))
		printf '%-34s %4d.%02d s  %sFAILED%s (status %d; all of it in %s)\n' "$name" $((took / 100)) $((took % 100)) \
		    "$red" "$plain" $status "$log"
		grep -vE '^  (CC|LINK) ' "$log" | tail -n 60 | sed 's/^/    /'
	fi
	return $status
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
	           $(printf 'build/tsan/unit/%s\n' $(units dnsd checker)) ;;
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

stories() {
	local story

	for story in tests/e2e/*.sh; do
		story=$(basename "$story" .sh)
		[ "$story" = lib ] || echo "$story"
	done
}

man_pages() {
	mandoc -T lint -W warning dnsd/homingd.8 conf/homing.conf.5 cli/homing.1
}
export -f man_pages

check layers tests/layers.sh
check man bash -c man_pages
wanted build/plain && build plain
wanted build/clang && build clang
wanted querypath && needs plain build/homingd querypath && step querypath env B=build tests/querypath.sh

# unit_steps PREFIX BUILD FOLDER UNITS...: each in namespaces of its own, where there are such: some make interfaces.
apart=tests/apart.sh
$apart true 2>/dev/null || apart=
unit_steps() {
	local prefix=$1 build=$2 folder=$3 unit

	shift 3
	for unit in "$@"; do
		wanted "${prefix}unit/$unit" && needs "$build" "$folder/unit/$unit" "${prefix}unit/$unit" &&
		    step "${prefix}unit/$unit" $apart "$folder/unit/$unit"
	done
}

unit_steps "" plain build $(units)

# The sanitizer watches the process that runs the test, and its leaks at exit: no forks.
export CK_FORK=no
unit_steps asan/ asan build/asan $(units)

# setarch -R: TSan cannot place its shadow under the widest address randomisation.
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
apart="setarch -R $apart"
unit_steps tsan/ tsan build/tsan $(units dnsd checker)
unset CK_FORK

check fuzz tests/fuzz/run.sh 20

story() {                              # story NAME BUILD FOLDER SLOW STORY
	wanted "$1" || return
	if [ "$apart" = "setarch -R " ] && [ -z "${CI:-}" ]; then
		skipped=$((skipped + 1))
		echo "$1: skipped, this user may make no network namespaces"
		return
	fi
	needs "$2" "$3/homingd" "$1" && step "$1" env B="$3" SLOW="$4" setarch -R "tests/e2e/$5.sh"
}

for name in $(stories); do
	story "e2e/$name" plain build 1 "$name"
done
for name in $(stories); do
	story "asan/e2e/$name" asan build/asan 3 "$name"
done
# Where the threads meet: publications, listeners and shutdown under questions.
for name in reload_flood service rotate stop tcp; do
	story "tsan/e2e/$name" tsan build/tsan 5 "$name"
done

[ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]
status=$?
echo
if [ $skipped -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
exit $status
