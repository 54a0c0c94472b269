#!/bin/bash
# run.sh SECONDS [NAME...] - builds the fuzzers (or those named: fuzz_NAME.c) with clang in
# build/fuzz and runs each for SECONDS, as many at a time as there are CPUs, on a copy of tests/fuzz/corpus/NAME; the copies stay
# in build/fuzz/corpus, so that a later run starts where this one ended. tests/fuzz/NAME.dict is its dictionary.
# What makes one fail is kept in build/fuzz/artifacts; the command that repeats it is printed.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
unset MAKEFLAGS MAKELEVEL

seconds=${1:?usage: tests/fuzz/run.sh SECONDS [NAME...]}
shift
B=build/fuzz
names=("$@")
if [ ${#names[@]} = 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		name=${source##*/fuzz_}
		names+=("${name%.c}")
	done
fi
make --no-print-directory -j"$(nproc)" B=$B CC=clang SAN=fuzzer-no-link,address,undefined \
    "${names[@]/#/$B/fuzz/}" || exit 1

mkdir -p $B/artifacts
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export B seconds

# One fuzzer; a line when it is done.
fuzz() {
	local name=$1 corpus="$B/corpus/$1" log="$B/$1.log" options=()

	mkdir -p "$corpus"
	[ ! -d "tests/fuzz/corpus/$name" ] || cp -u "tests/fuzz/corpus/$name"/* "$corpus/"
	[ ! -f "tests/fuzz/$name.dict" ] || options+=("-dict=tests/fuzz/$name.dict")
	if "$B/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    "${options[@]}" -artifact_prefix="$B/artifacts/$name-" "$corpus" >"$log" 2>&1; then
		printf '%-12s %9s inputs, %s covered edges, %s files\n' "$name" \
		    "$(awk '/number_of_executed_units/ { print $2 }' "$log")" \
		    "$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d ' ' -f 2)" \
		    "$(find "$corpus" -type f | wc -l)"
		return
	fi
	echo "$name FAILED:"
	grep -E -A 15 'ERROR: |runtime error:|ALARM|out-of-memory' "$log" | head -n 40
	grep -oE "$B/artifacts/[^ ]+" "$log" | sort -u | sed "s|^|repeat with: $B/fuzz/$name |"
	return 1
}
export -f fuzz
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I NAME bash -c 'fuzz NAME' || exit 1
