#!/bin/bash
# Within a second, whenever in the schedule it happens: a pulled cable and a killed service, ROUNDS of each, 10 by
# default, with interval and timeout at 100 ms and fall 2. Says how long it took; what that should be at best is
# measured by `make bench`, on a machine that has nothing else to do.
. "$(dirname "$0")/lib.sh"

pair
all="10.1.0.11 10.2.0.11 10.1.0.12 10.2.0.12"
rounds=${ROUNDS:-10}

# tell WHAT: of the milliseconds in the file `times`
tell() {
	say "$1: median $(sort -n times | sed -n "$(((rounds + 1) / 2))p") ms, worst $(sort -n times | tail -n 1) ms of $rounds"
}

home() {                               # calm again, at some moment of the schedule
	within 3s expect www.example.com A $all >/dev/null
	sleep "0.$((RANDOM % 200 + 100))"
}

: >times
for ((i = 0; i < rounds; i++)); do
	link_pull db1 a
	within 1s expect www.example.com A 10.2.0.11 10.1.0.12 10.2.0.12 >/dev/null
	echo "$took_ms" >>times
	link_plug db1 a
	home
done
tell "cable pulled"

: >times
for ((i = 0; i < rounds; i++)); do
	kill_service db2 8080
	within 1s expect www.example.com A 10.1.0.11 10.2.0.11 >/dev/null
	echo "$took_ms" >>times
	start_service db2 8080
	home
done
tell "service killed"
