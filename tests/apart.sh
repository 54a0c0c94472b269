#!/bin/bash
# apart.sh COMMAND... - runs it in network, mount and process namespaces of its own, with an empty /run
# and the loopback up: what it starts, makes or leaves behind is gone with it. Without root
# it is root of a user namespace. Where the kernel permits neither, status 125 and a word of why.
set -u

if [ "${APART:-}" != inside ]; then
	user=()
	[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
	unshare "${user[@]}" --net --mount --pid --fork true 2>/dev/null || {
		echo "this user may make no network namespaces here" >&2
		exit 125
	}
	APART=inside exec unshare "${user[@]}" --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
unset APART
mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up || exit 1
"$@"                                   # not exec: the first process of the namespace reaps, and ends the others
