#!/bin/bash
# layers.sh - every #include goes down the layers or stays in its folder, a foreign library
# shows only where the design lets it, and the checker and the zones meet in few files.
# Prints each offence as FILE:LINE: what; exit status 1 if there was one.
set -u -o pipefail
cd "${1:-$(dirname "$0")/..}" || exit 2

# Folder: the folders its files may include from.
declare -A below=(
	[base]="base"
	[conf]="conf base"
	[zones]="zones conf base"
	[checker]="checker conf base"
	[dnsd]="dnsd zones checker conf base"
	[api]="api dnsd zones checker conf base"
	[cli]="cli conf base"
)

# Library header: the folders, or single files, that may include it. A header that is in none
# of these rows is the C library's, or an offence.
declare -A only_in=(
	['ldns/*']="zones dnsd"
	['curl/*']="checker cli"
	['libconfig.h']="conf"
	['sqlite3.h']="dnsd/store.c dnsd/store_*.[ch]"
	['jansson.h']="api cli"
	['event2/*']="checker dnsd api"
	['urcu.h']="dnsd"
	['urcu/*']="dnsd"
	['urcu-*']="dnsd"
	['openssl/*']="checker dnsd/tsig.c dnsd/tls.c"
	['pcre2.h']="checker conf"
)
system='^((arpa|net|netinet|linux|sys)/[a-z0-9_-]+|assert|ctype|dirent|endian|errno|fcntl|fnmatch|getopt|glob|grp|ifaddrs|inttypes|langinfo|limits|locale|malloc|math|netdb|poll|pthread|pwd|regex|sched|semaphore|setjmp|signal|spawn|stdarg|stdatomic|stdbool|stdalign|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|threads|time|unistd|wchar)\.h$'

# The wiring: the only files that may include both checker/ and zones/ headers.
meeting="dnsd/fleet.c dnsd/stage.c dnsd/daemon.c dnsd/main.c"

offences=0
offence() {
	echo "$1"
	offences=$((offences + 1))
}

# among WORD LIST: a file is among its folder too. An entry may be a pattern.
among() {
	local entry entries

	read -ra entries <<<"$2"               # patterns as they stand, not the files that they match
	for entry in "${entries[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 == $entry ]] || [ "${1%%/*}" = "$entry" ] && return
	done
	return 1
}

own() {                                # own FILE LINE HEADER
	local layer=${1%%/*} target=${3%%/*}

	if [ -z "${below[$target]:-}" ]; then
		offence "$1:$2: \"$3\" is in no layer (headers are named from the root: \"base/log.h\")"
	elif ! among "$target" "${below[$layer]}"; then
		offence "$1:$2: $layer must not know \"$3\": it may use ${below[$layer]}"
	fi
}

foreign() {                            # foreign FILE LINE HEADER
	local pattern

	for pattern in "${!only_in[@]}"; do
		# shellcheck disable=SC2053
		[[ $3 == $pattern ]] || continue
		among "$1" "${only_in[$pattern]}" || offence "$1:$2: <$3> belongs to ${only_in[$pattern]} only"
		return
	done
	[[ $3 =~ $system ]] || offence "$1:$2: <$3> is no header that a folder was given"
}

files=$(find "${!below[@]}" -name '*.[ch]' 2>/dev/null | sort)
includes=0
while IFS=: read -r file line text; do
	[[ $text =~ ^[[:space:]]*#[[:space:]]*include[[:space:]]+([\"\<])([^\"\>]+) ]] || continue
	includes=$((includes + 1))
	if [ "${BASH_REMATCH[1]}" = '"' ]; then
		own "$file" "$line" "${BASH_REMATCH[2]}"
	else
		foreign "$file" "$line" "${BASH_REMATCH[2]}"
	fi
done < <(grep -HnE '^[[:space:]]*#[[:space:]]*include' $files)

for file in $(grep -lE '^#include "checker/' $files | xargs -r grep -lE '^#include "zones/'); do
	among "$file" "$meeting" || offence "$file: includes both checker/ and zones/; those meet in $meeting only"
done

[ "$includes" -gt 0 ] || offence "no #include found: this is not the source tree"
[ "$offences" = 0 ] || { echo "$offences offences"; exit 1; }
echo "$includes includes in $(wc -w <<<"$files") files keep to the layers"
