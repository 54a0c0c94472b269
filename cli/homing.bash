# homing.bash - completion of homing(1) for bash. Names are asked from the daemon.

# _homing_ask WHAT: the names of that kind, a line each, from the daemon that the line so far names.
_homing_ask() {
	local i where=()

	for ((i = 1; i < ${#COMP_WORDS[@]} - 1; i++)); do
		case ${COMP_WORDS[i]} in
		-s | --socket | -c | --config) where=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}") ;;
		esac
	done
	homing "${where[@]}" complete "$1" 2>/dev/null | cut -f 1
}

# The verb and how many words follow it, the current one included.
_homing_verb() {
	local i

	verb=""
	place=0
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-s | --socket | -c | --config | --timeout | --for | --why | --from | --type | --count | --plane | --since) i=$((i + 1)) ;;
		-*) ;;
		*) [ -z "$verb" ] && verb=${words[i]} || place=$((place + 1)) ;;
		esac
	done
}

_homing_options() {
	case $1 in
	drain) echo --for --why --wait ;;
	force) echo --for --why ;;
	zone) echo --plane --dry-run --why ;;
	record) echo --why ;;
	explain) echo --from --type ;;
	wait | stop) echo --timeout ;;
	watch) echo --count ;;
	history) echo --since ;;
	esac
	echo --json --socket --config --help
}

_homing_words() {
	case $verb:$place in
	:*) _homing_ask verbs ;;
	services:0 | explain:0) _homing_ask services ;;
	servers:0) _homing_ask servers ;;
	zones:0 | zone:1 | record:1) _homing_ask zones ;;
	zone:0) echo serial export import ;;
	zone:2) compgen -f -- "$cur" ;;
	record:0) echo list add set delete ;;
	record:[3-5]) echo A AAAA CAA CNAME MX NS PTR SRV TXT ;;
	drain:0 | force:0) _homing_ask subjects ;;
	check:0) _homing_ask all ;;
	history:0) _homing_ask history ;;
	release:0) _homing_ask overrides ;;
	wait:0) echo ready; _homing_ask all ;;
	wait:1) [ "${words[cword - 1]}" = ready ] || echo up down unknown drained forced ;;
	force:1) echo up down ;;
	esac
}

_homing() {
	local cur prev words cword verb place

	COMPREPLY=()
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n : cur prev words cword
	else
		cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	fi
	case $prev in
	-s | --socket | -c | --config)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	--type)
		mapfile -t COMPREPLY < <(compgen -W 'A AAAA SOA NS TXT MX CNAME SRV CAA' -- "$cur")
		return ;;
	--plane)
		mapfile -t COMPREPLY < <(compgen -W 'configured answer' -- "$cur")
		return ;;
	--timeout | --for | --why | --from | --count | --since)
		return ;;
	esac
	_homing_verb
	case $cur in
	-*) mapfile -t COMPREPLY < <(compgen -W "$(_homing_options "$verb")" -- "$cur") ;;
	*) mapfile -t COMPREPLY < <(compgen -W "$(_homing_words)" -- "$cur") ;;
	esac
	! declare -F __ltrim_colon_completions >/dev/null || __ltrim_colon_completions "$cur"
}
complete -F _homing homing
