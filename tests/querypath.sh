#!/bin/sh
# querypath.sh - proves that answering a query calls no allocator, no lock, no library and no system call.
#
# Reads the undefined symbols of every object on the query path: each must be defined by another of these
# objects, or be one of the few that the C compiler itself may call. B: the build folder (default: build),
# built without sanitizers.
set -eu
cd "$(dirname "$0")/.."
B=${B:-build}

# What a worker runs between receiving and sending.
PATH_OBJECTS="dnsd/answer dnsd/question dnsd/chain dnsd/chaos dnsd/reply dnsd/additional dnsd/compress dnsd/edns dnsd/cookie dnsd/limit
zones/find zones/node_read zones/trie_find zones/key base/siphash base/prefix"

# memcpy and its kind; the stack protector; a failed assertion, which ends the process.
ALLOWED="memcpy memmove memcmp memset __memcpy_chk __memmove_chk __memset_chk __stack_chk_fail __assert_fail _GLOBAL_OFFSET_TABLE_"

objects=
for o in $PATH_OBJECTS; do
	objects="$objects $B/$o.o"
done
make --no-print-directory B="$B" $objects >/dev/null

defined=$(nm --defined-only --extern-only -P $objects | awk 'NF >= 3 { print $1 }')
failed=0
for object in $objects; do
	for symbol in $(nm --undefined-only -P "$object" | awk '{ print $1 }'); do
		case " $ALLOWED $(echo $defined) " in
		*" $symbol "*) ;;
		*)
			echo "querypath: $object calls $symbol, which is not on the query path (expected: look-up and copy alone)" >&2
			failed=1
			;;
		esac
	done
done
[ $failed = 0 ] && echo "querypath: $(echo $PATH_OBJECTS | wc -w) objects, no allocator, lock, library or system call"
exit $failed
